"""What a campaign's publication makes: the campaign, its games, their budgets and the first of their coupons."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.coupons.game_state import GameState
from engine.kinds.campaign import CAMPAIGN
from engine.kinds.coupon_pool import COUPON_POOL
from engine.kinds.reward import REWARD
from engine.vocabulary.problem import Problem
from webapp.config import Settings
from webapp.services.coupons import code_uploads, stock
from webapp.store.campaigns import campaign_rows, coupons, pools, rewards
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import Connection, connect

MADE_AT_ONCE = 10_000


def launch_problems(conn: Connection, documents: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Why campaigns, pools and rewards cannot be launched beside what was launched before."""
    found: list[Problem] = []
    taken: dict[str, str] = {}
    for place, document in enumerate(documents):
        if document["kind"] == CAMPAIGN.key:
            found += _campaign_problems(conn, document, f"/{place}")
            found += _game_problems(conn, document, f"/{place}", taken)
        elif document["kind"] == COUPON_POOL.key:
            found += _count_problems(pools.shared_pool(conn, document["key"]), document, f"/{place}")
        elif document["kind"] == REWARD.key:
            found += _stock_problems(conn, document, f"/{place}")
    return found


def _campaign_problems(conn: Connection, document: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """What was launched may not be left out unseen: it would go on, or its coupons would be planned and never given."""
    known = campaign_rows.campaign(conn, document["key"])
    if known is not None and known.is_closed and known.document != document:
        yield Problem(at, "this campaign is over and its seed is public: launch it anew under another key")
        return
    told = {each["key"]: {budget["brand"] for budget in each["budgets"]} for each in document["games"]}
    for pool in pools.pools_of_campaign(conn, document["key"]):
        where, unused = f"{at}/games", pool.available + pool.reserved
        if pool.game not in told:
            yield Problem(where, f"the game {pool.game} was launched and cannot be left out; let it end instead")
        elif pool.brand not in told[pool.game] and unused:
            said = f"{pool.brand} has {unused:,} coupons in {pool.game}; take them out before its budget goes"
            yield Problem(where, said)


def _game_problems(conn: Connection, document: Mapping[str, Any], at: str, taken: dict[str, str]) -> Iterator[Problem]:
    for place, game in enumerate(document["games"]):
        where, key = f"{at}/games/{place}", game["key"]
        owner = campaign_rows.campaign_of_game(conn, key) or taken.setdefault(key, document["key"])
        if owner != document["key"]:
            yield Problem(f"{where}/key", f"{key!r} is already a game of the campaign {owner}")
        budgets = pools.pools_of_game(conn, key)
        for row, budget in enumerate(game["budgets"]):
            yield from _count_problems(budgets.get(budget["brand"]), budget, f"{where}/budgets/{row}")


def _count_problems(pool: CouponPool | None, budget: Mapping[str, Any], at: str) -> Iterator[Problem]:
    if pool is not None and stock.wanted_count(budget) and stock.wanted_count(budget) < pool.generated:
        said = f"{pool.generated:,} coupons were made already; void those that are not to be given"
        yield Problem(f"{at}/coupons/generate/count", said)


def _stock_problems(conn: Connection, document: Mapping[str, Any], at: str) -> Iterator[Problem]:
    stock, taken = document.get("stock"), rewards.taken_count(conn, document["key"])
    if stock is not None and stock < taken:
        yield Problem(f"{at}/stock", f"{taken:,} were redeemed already; the stock cannot be less")


def launch_documents(conn: Connection, versions: Mapping[str, int]) -> None:
    """Launch the campaigns, pools and rewards among these versions, or let their newer documents be in force."""
    for document, version in campaign_rows.launchable_documents(conn, versions):
        if document["kind"] == CAMPAIGN.key:
            _launch_campaign(conn, document, version)
        elif document["kind"] == REWARD.key:
            rewards.set_stock(conn, document["key"], document.get("stock"))
        else:
            pool = pools.ensure_pool(conn, document["key"], document.get("brand"), document)
            _stock_first(conn, pool, document)


def stop_campaign(conn: Connection, key: str, status: str) -> None:
    """A campaign's rule was paused, or archived: it takes no more plays, for now or for ever."""
    if status == "archived":
        campaign_rows.end_campaign(conn, key)
    else:
        campaign_rows.set_paused(conn, key, paused=True)


def _launch_campaign(conn: Connection, document: Mapping[str, Any], version: int) -> None:
    """A campaign whose seed is public stays as it is: whoever knows the seed would foresee every draw."""
    key = document["key"]
    known = campaign_rows.campaign(conn, key)
    if known is not None and known.is_closed:
        return
    if not campaign_rows.insert_campaign(conn, key, version, document):
        campaign_rows.update_campaign(conn, key, version, document)
        campaign_rows.set_paused(conn, key, paused=False)
    for raw in document["games"]:
        if campaign_rows.campaign_of_game(conn, raw["key"]) is None:
            _open(conn, key, raw)
        else:
            _rule_anew(conn, document, raw)


def _stock_first(conn: Connection, pool: CouponPool, document: Mapping[str, Any]) -> int:
    """The coupons that a document brings: its codes, and the first of those to be made. The beat makes the others."""
    given = document.get("coupons") or {}
    return coupons.add_codes(conn, pool.id, given.get("codes") or []) + stock.make_missing_coupons(
        conn, pool, MADE_AT_ONCE
    )


def _open(conn: Connection, campaign: str, raw: Mapping[str, Any]) -> None:
    campaign_rows.insert_game(conn, campaign, raw)
    left = {}
    for budget in raw["budgets"]:
        pool = pools.ensure_game_pool(conn, raw["key"], budget["brand"], budget)
        left[budget["brand"]] = _stock_first(conn, pool, budget)
    held = campaign_rows.lock_game(conn, raw["key"])
    assert held is not None
    held.state = GameState.opening(left, held.game.starts_at, held.game.ends_at)
    limits = held.campaign.document.get("limits")
    campaign_rows.save_game(conn, held, [("opened", None, {"left": left, "game": dict(raw), "limits": limits})])


def _rule_anew(conn: Connection, document: Mapping[str, Any], raw: Mapping[str, Any]) -> None:
    """Another document of a game that is open: from now on it is judged by that. Coupons follow as a top-up."""
    held = campaign_rows.lock_game(conn, raw["key"])
    assert held is not None
    for budget in raw["budgets"]:
        pool = pools.ensure_game_pool(conn, raw["key"], budget["brand"], budget)
        _list_more(conn, pool, (budget.get("coupons") or {}).get("codes") or [])
    campaign_rows.update_game(conn, raw)
    held.state.replan_from = held.now
    content = {"at": held.now, "game": dict(raw), "limits": document.get("limits")}
    campaign_rows.save_game(conn, held, [("ruled", None, content)])


def _list_more(conn: Connection, pool: CouponPool, codes: Sequence[str]) -> None:
    """Codes that a newer document lists beside those it listed before."""
    known = coupons.known_codes(conn, codes) if codes else set()
    if fresh := [code for code in codes if code not in known]:
        code_uploads.take_codes(conn, pool.id, "codes of the campaign's document", fresh, "laurel")


def fill_coupon_pools(settings: Settings) -> int:
    """Make the coupons that documents ask for and that are not made yet, some thousands at a time; gives how many."""
    with connect(settings.database_url) as conn:
        behind = pools.unfilled_pools(conn)
        conn.rollback()
        filled = 0
        for pool in behind:
            filled += stock.make_missing_locked(conn, settings, pool, MADE_AT_ONCE)
            conn.commit()
    return filled
