"""The names of brands as people know them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.vocabulary.fact import humanise


def brand_names(
    games: Sequence[Mapping[str, Any]], documents: Mapping[str, str], game: str | None = None
) -> dict[str, str]:
    """Brand → its name, for every brand of a campaign's `games`, as raw documents.

    What the budgets of `game` write comes first, then the name in the brand's own document (`documents` by key), then
    what any other budget writes, and last its key in words.
    """
    own = {brand: name for key, brand, name in _budgets(games) if key == game and name}
    written = {brand: name for _, brand, name in reversed([*_budgets(games)]) if name}
    return {
        brand: own.get(brand) or documents.get(brand) or written.get(brand) or humanise(brand)
        for _, brand, _ in _budgets(games)
    }


def _budgets(games: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Game, brand and the name that the budget writes, of each budget."""
    for raw in games:
        for budget in raw["budgets"]:
            yield str(raw["key"]), str(budget["brand"]), str(budget.get("brand_name") or "")
