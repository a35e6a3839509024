"""A brand has the name that people know it by, wherever it is written."""

from typing import Any

from engine.coupons.brand_names import brand_names


def game(key: str, **names: str | None) -> dict[str, Any]:
    return {"key": key, "budgets": [{"brand": brand, "brand_name": name} for brand, name in names.items()]}


def test_a_name_that_one_game_writes_is_known_in_the_others() -> None:
    games = [game("one", zz="Zed Shop"), game("two", zz=None)]
    for key in ("one", "two", None):
        assert brand_names(games, {}, key) == brand_names(games[::-1], {}, key) == {"zz": "Zed Shop"}


def test_each_game_may_have_its_own_name() -> None:
    games = [game("one", zz="Zed"), game("two", zz="Zed Shop")]
    assert [brand_names(games, {}, key)["zz"] for key in ("one", "two", None)] == ["Zed", "Zed Shop", "Zed"]


def test_the_brands_own_document_names_it_where_its_game_does_not() -> None:
    games = [game("one", acme=None), game("two", acme="ACME at Christmas")]
    assert [brand_names(games, {"acme": "Acme"}, key)["acme"] for key in ("one", "two", None)] == [
        "Acme",
        "ACME at Christmas",
        "Acme",
    ]


def test_without_any_name_the_key_is_read_as_words() -> None:
    assert brand_names([game("one", corner_shop=None)], {}) == {"corner_shop": "corner shop"}
