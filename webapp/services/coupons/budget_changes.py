"""What operators do to the budget of a game: each function is one transaction, noted in the audit log."""

from engine.coupons.issue import PLACEHOLDER, pattern_problem
from webapp.config import Settings
from webapp.services.coupons import stock
from webapp.services.coupons.stock import NoSuchBudget
from webapp.store.campaigns import pools
from webapp.store.people import audit
from webapp.store.system.connection import connect

RANDOM_PLACES = 10


class PatternTooShort(ValueError):  # noqa: N818  (it says what is wrong)
    """A pattern of codes allows too few of them; the text is for whoever typed it."""


def top_up_budget(settings: Settings, game: str, brand: str, pattern: str, count: int, by: str) -> int:
    """Add coupons of a brand, before the game or while it runs, and return how many were added.

    Without a pattern, codes are the brand in capitals and ten random places. Raises NoSuchBudget and PatternTooShort.
    """
    with connect(settings.database_url) as conn:
        pool = pools.pools_of_game(conn, game).get(brand)
        if pool is None:
            raise NoSuchBudget(f"{brand} has no budget in the game {game}")
        codes = pattern.strip() or default_pattern(brand)
        if problem := pattern_problem(codes, count + pool.initial):
            raise PatternTooShort(f"The pattern {codes} {problem}.")
        added = stock.top_up_by_pattern(conn, settings, pool, codes, count).changed
        audit.note(conn, by, "coupons.top_up", f"{game}/{brand}", after={"added": added})
        conn.commit()
    return added


def default_pattern(brand: str) -> str:
    """The brand in capitals, then ten random places."""
    return f"{brand}-".upper().replace("_", "-") + PLACEHOLDER * RANDOM_PLACES


def void_from_budget(settings: Settings, game: str, brand: str, count: int, by: str) -> int:
    """Void coupons that nobody has, `count` or all there are, and return how many. Raises NoSuchBudget."""
    with connect(settings.database_url) as conn:
        voided = stock.void_available(conn, settings, game, brand, count).changed
        audit.note(conn, by, "coupons.void", f"{game}/{brand}", after={"voided": voided})
        conn.commit()
    return voided
