"""How pages say what programs know by other names."""

import pytest

from webapp.pages.formats import browser_name, granted_amounts, unit

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown browser"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} FxiOS/131.0 Safari/605.1.15",
            "Firefox on iPhone",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) {WEBKIT} CriOS/131.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPad",
        ),
    ],
)
def test_a_browser_is_named_as_people_know_it(user_agent, name):
    assert browser_name(user_agent) == name


@pytest.mark.parametrize(
    ("value", "currency", "name"),
    [(1, "xp", "XP"), (60, "xp", "XP"), (1, "coins", "coin"), (-1, "coins", "coin"), (0, "coins", "coins")],
)
def test_one_coin_is_no_coins(value, currency, name):
    assert unit(value, currency) == name


def test_a_grant_is_said_without_what_it_has_none_of():
    assert granted_amounts({"xp": 1_284, "coins": 1}) == ["1,284 XP", "1 coin"]
    assert granted_amounts({"xp": 0, "coins": None}) == []
