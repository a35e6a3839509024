"""Launches what a publication holds: campaigns with their games, budgets and first coupons, pools, and rewards."""

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

COUPONS_AT_ONCE = 10_000


def launch_problems(conn: Connection, documents: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Why campaigns, pools and rewards cannot be launched beside what was launched before."""
    problems: list[Problem] = []
    campaign_of_new_game: dict[str, str] = {}
    for index, document in enumerate(documents):
        path = f"/{index}"
        if document["kind"] == CAMPAIGN.key:
            problems += _campaign_problems(conn, document, path)
            problems += _game_problems(conn, document, path, campaign_of_new_game)
        elif document["kind"] == COUPON_POOL.key:
            problems += _count_problems(pools.shared_pool(conn, document["key"]), document, path)
        elif document["kind"] == REWARD.key:
            problems += _stock_problems(conn, document, path)
    return problems


def _campaign_problems(conn: Connection, document: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Nothing launched may be left out silently: it would go on, or its coupons would be planned and never issued."""
    known = campaign_rows.campaign(conn, document["key"])
    if known is not None and known.is_closed and known.document != document:
        yield Problem(path, "this campaign is over and its seed is public: launch it again under another key")
        return
    brands_of_game = {game["key"]: {budget["brand"] for budget in game["budgets"]} for game in document["games"]}
    for pool in pools.pools_of_campaign(conn, document["key"]):
        unused = pool.available + pool.reserved
        if pool.game not in brands_of_game:
            detail = f"the game {pool.game} has been launched and cannot be removed; let it end instead"
            yield Problem(f"{path}/games", detail)
        elif pool.brand not in brands_of_game[pool.game] and unused:
            detail = f"{pool.brand} has {unused:,} coupons in {pool.game}; void them before you remove its budget"
            yield Problem(f"{path}/games", detail)


def _game_problems(
    conn: Connection, document: Mapping[str, Any], path: str, campaign_of_new_game: dict[str, str]
) -> Iterator[Problem]:
    for index, game in enumerate(document["games"]):
        game_path, key = f"{path}/games/{index}", game["key"]
        owner = campaign_rows.campaign_of_game(conn, key) or campaign_of_new_game.setdefault(key, document["key"])
        if owner != document["key"]:
            yield Problem(f"{game_path}/key", f"{key!r} is already a game of the campaign {owner}")
        pool_of_brand = pools.pools_of_game(conn, key)
        for row, budget in enumerate(game["budgets"]):
            yield from _count_problems(pool_of_brand.get(budget["brand"]), budget, f"{game_path}/budgets/{row}")


def _count_problems(pool: CouponPool | None, budget: Mapping[str, Any], path: str) -> Iterator[Problem]:
    wanted = stock.wanted_count(budget)
    if pool is not None and wanted and wanted < pool.generated:
        detail = f"{pool.generated:,} coupons have been generated already; void those you do not need"
        yield Problem(f"{path}/coupons/generate/count", detail)


def _stock_problems(conn: Connection, document: Mapping[str, Any], path: str) -> Iterator[Problem]:
    reward_stock, taken = document.get("stock"), rewards.taken_count(conn, document["key"])
    if reward_stock is not None and reward_stock < taken:
        yield Problem(f"{path}/stock", f"{taken:,} have been redeemed already; the stock cannot be smaller")


def launch_documents(conn: Connection, versions: Mapping[str, int]) -> None:
    """Launch the campaigns, pools and rewards among these versions, or put their newer documents in force."""
    for document, version in campaign_rows.launchable_documents(conn, versions):
        if document["kind"] == CAMPAIGN.key:
            _launch_campaign(conn, document, version)
        elif document["kind"] == REWARD.key:
            rewards.set_stock(conn, document["key"], document.get("stock"))
        else:
            pool = pools.ensure_pool(conn, document["key"], document.get("brand"), document)
            _add_first_coupons(conn, pool, document)


def stop_campaign(conn: Connection, key: str, status: str) -> None:
    """Take no more plays: for now where the campaign's rule was paused, for good where it was archived."""
    if status == "archived":
        campaign_rows.end_campaign(conn, key)
    else:
        campaign_rows.set_paused(conn, key, paused=True)


def _launch_campaign(conn: Connection, document: Mapping[str, Any], version: int) -> None:
    key = document["key"]
    known = campaign_rows.campaign(conn, key)
    if known is not None and known.is_closed:
        return  # its seed is public: whoever knows it could foresee every draw
    if not campaign_rows.insert_campaign(conn, key, version, document):
        campaign_rows.update_campaign(conn, key, version, document)
        campaign_rows.set_paused(conn, key, paused=False)
    for game in document["games"]:
        if campaign_rows.campaign_of_game(conn, game["key"]) is None:
            _open_game(conn, key, game)
        else:
            _change_game(conn, document, game)


def _add_first_coupons(conn: Connection, pool: CouponPool, document: Mapping[str, Any]) -> int:
    """Add the codes that a document lists, and the first of those to be generated; the beat generates the others."""
    listed = (document.get("coupons") or {}).get("codes") or []
    return coupons.add_codes(conn, pool.id, listed) + stock.make_missing_coupons(conn, pool, COUPONS_AT_ONCE)


def _open_game(conn: Connection, campaign: str, game: Mapping[str, Any]) -> None:
    campaign_rows.insert_game(conn, campaign, game)
    left = {}
    for budget in game["budgets"]:
        pool = pools.ensure_game_pool(conn, game["key"], budget["brand"], budget)
        left[budget["brand"]] = _add_first_coupons(conn, pool, budget)
    locked = campaign_rows.lock_game(conn, game["key"])
    assert locked is not None
    locked.state = GameState.opening(left, locked.game.starts_at, locked.game.ends_at)
    limits = locked.campaign.document.get("limits")
    record = {"left": left, "game": dict(game), "limits": limits}
    campaign_rows.save_game(conn, locked, [("opened", None, record)])


def _change_game(conn: Connection, document: Mapping[str, Any], game: Mapping[str, Any]) -> None:
    """Put another document of an open game in force; more coupons follow as a top-up."""
    locked = campaign_rows.lock_game(conn, game["key"])
    assert locked is not None
    for budget in game["budgets"]:
        pool = pools.ensure_game_pool(conn, game["key"], budget["brand"], budget)
        _add_new_codes(conn, pool, (budget.get("coupons") or {}).get("codes") or [])
    campaign_rows.update_game(conn, game)
    locked.state.replan_from = locked.now
    record = {"at": locked.now, "game": dict(game), "limits": document.get("limits")}
    campaign_rows.save_game(conn, locked, [("ruled", None, record)])


def _add_new_codes(conn: Connection, pool: CouponPool, codes: Sequence[str]) -> None:
    """Take the codes that a newer document lists and an older one did not."""
    known = coupons.known_codes(conn, codes) if codes else set()
    if new_codes := [code for code in codes if code not in known]:
        code_uploads.take_codes(conn, pool.id, "codes of the campaign's document", new_codes, "laurel")


def fill_coupon_pools(settings: Settings) -> int:
    """Generate coupons that documents ask for and that are missing, some thousands of each; returns how many."""
    with connect(settings.database_url) as conn:
        unfilled = pools.unfilled_pools(conn)
        conn.rollback()
        generated = 0
        for pool in unfilled:
            generated += stock.make_missing_locked(conn, settings, pool, COUPONS_AT_ONCE)
            conn.commit()
    return generated
