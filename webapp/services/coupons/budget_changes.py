"""What operators do to the budget of a game: each function is one transaction, noted in the audit log."""

from collections.abc import Mapping
from typing import Any

from engine.coupons.issue import pattern_problem
from webapp.config import Settings
from webapp.services.coupons import stock
from webapp.services.coupons.stock import NoSuchBudget
from webapp.store.campaigns import pools
from webapp.store.people import audit
from webapp.store.system.connection import connect


class PatternTooShort(ValueError):  # noqa: N818  (it says what is wrong)
    """A pattern of codes allows too few of them; the text is for whoever typed it."""


class PatternMissing(ValueError):  # noqa: N818  (it says what is wrong)
    """Codes that Laurel makes up would not be known to the shop; the text is for whoever asked for them."""


def top_up_budget(settings: Settings, game: str, brand: str, pattern: str, count: int, by: str) -> int:
    """Add coupons of a brand, before the game or while it runs, and return how many were added.

    Without a pattern, codes are made as the budget's document says. Raises NoSuchBudget, PatternTooShort, and
    PatternMissing for a brand whose codes come from elsewhere.
    """
    with connect(settings.database_url) as conn:
        pool = pools.pools_of_game(conn, game).get(brand)
        if pool is None:
            raise NoSuchBudget(f"{brand} has no budget in the game {game}")
        codes = pattern.strip() or own_pattern(pool.document)
        if not codes:
            raise PatternMissing(
                "This brand's codes come from its shop. Upload a file of them, or enter a pattern that the shop knows."
            )
        if problem := pattern_problem(codes, count + pool.initial):
            raise PatternTooShort(f"The pattern {codes} {problem}.")
        added = stock.top_up_by_pattern(conn, settings, pool, codes, count).changed
        audit.note(conn, by, "coupons.top_up", f"{game}/{brand}", after={"added": added})
        conn.commit()
    return added


def own_pattern(budget: Mapping[str, Any]) -> str:
    """The pattern by which the document of a budget has its codes made; empty where they come from elsewhere."""
    return str(((budget.get("coupons") or {}).get("generate") or {}).get("pattern") or "")


def void_from_budget(settings: Settings, game: str, brand: str, count: int, by: str) -> int:
    """Void coupons that nobody has, `count` or all there are, and return how many. Raises NoSuchBudget."""
    with connect(settings.database_url) as conn:
        voided = stock.void_available(conn, settings, game, brand, count).changed
        audit.note(conn, by, "coupons.void", f"{game}/{brand}", after={"voided": voided})
        conn.commit()
    return voided
