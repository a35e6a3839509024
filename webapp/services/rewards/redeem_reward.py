"""Redeems rewards: coins, stock, coupon and the redemption itself change together, or nothing does.

Requests that come at the same moment share a transaction. Each is decided by what those before it have left, and
answered by itself; one that is refused changes nothing for the others.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from engine.coupons.reward import RewardRefusal
from engine.vocabulary import entry as kinds
from engine.vocabulary.entry import Entry
from engine.vocabulary.shard import shard_of
from webapp.services.pipeline.apply_batch import LockedShard, encode_json, fold_shards, save
from webapp.services.rewards.decide_redemption import (
    AcceptedRequest,
    Redeemed,
    RedemptionOutcome,
    RedemptionRequest,
    RewardNotRedeemed,
    SharedRedemptions,
    decide_request,
    load,
)
from webapp.store.campaigns import coupons, rewards
from webapp.store.campaigns.rewards import NewRedemption, Redemption, RedemptionRows
from webapp.store.events import event_log, rule_activity, shards
from webapp.store.events.event_log import SYSTEM_APP_KEY, SystemEntry
from webapp.store.players.player_states import PlayerRow
from webapp.store.rules import rulebooks
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import Connection, is_unavailable


class RedemptionIdTaken(Exception):  # noqa: N818  (the requests are tried again, one by one)
    """Another transaction has just used the id of a redemption, so that none of this one is written."""


def redeem(conn: Connection, requests: Sequence[RedemptionRequest], *, waits: bool = False) -> list[RedemptionOutcome]:
    """Redeem rewards for players whose shards nobody else holds; commits, and returns an outcome for each request.

    A known id returns its first result again. With `waits` the shard of the first request is waited for, at most 2 s.
    Whatever goes wrong is the outcome of those requests that it concerns: where that is not known, each is tried alone.
    """
    if waits and (error := _lock_first(conn, requests)):
        first = shard_of(requests[0].player)
        return [error if shard_of(request.player) == first else None for request in requests]
    outcomes: list[RedemptionOutcome] = [None] * len(requests)
    rounds = [list(range(len(requests)))]
    while rounds:
        places = rounds.pop()
        try:
            results, waiting = _redeem_round(conn, [requests[place] for place in places])
        except Exception as error:  # noqa: BLE001  (answered to whom it concerns, which may have to be found out)
            if len(places) == 1 or not _roll_back(conn) or _concerns_all(error):
                results, waiting = [error] * len(places), []
                _roll_back(conn)
            else:
                rounds += [[place] for place in reversed(places)]
                continue
        for place, outcome in zip(places, results, strict=True):
            outcomes[place] = outcome
        if waiting:
            rounds.append([places[position] for position in waiting])
    return outcomes


def _lock_first(conn: Connection, requests: Sequence[RedemptionRequest]) -> Exception | None:
    """Wait for the lock of the first request's shard; returns the error where that takes too long."""
    try:
        shards.lock(conn, shard_of(requests[0].player))
    except psycopg.errors.LockNotAvailable as error:
        conn.rollback()
        return error
    return None


def _roll_back(conn: Connection) -> bool:
    """Roll back; false where the connection is gone."""
    try:
        conn.rollback()
    except psycopg.Error:
        return False
    return True


def _concerns_all(error: Exception) -> bool:
    """Whether none of the requests would fare better by itself: the database is away, or a stock is locked."""
    return is_unavailable(error) and not isinstance(error, psycopg.errors.DeadlockDetected)


def _redeem_round(conn: Connection, requests: Sequence[RedemptionRequest]) -> tuple[list[RedemptionOutcome], list[int]]:
    """One transaction: the outcomes so far, and the places of requests that have to wait for the next one.

    Raises `RedemptionIdTaken` and whatever the database and folding raise; then nothing is committed.
    """
    rows = _lock_and_read(conn, requests)
    locked = [place for place, request in enumerate(requests) if shard_of(request.player) in rows.last_n]
    shared = load(conn, rows, [requests[place] for place in locked])
    outcomes: list[RedemptionOutcome] = [None] * len(requests)
    waiting = []
    for place in locked:
        if shared.must_wait(requests[place]):
            waiting.append(place)
        else:
            outcomes[place] = decide_request(shared, requests[place])
    try:
        made = _write(conn, shared) if shared.accepted else {}
    except RedemptionIdTaken:
        if len(requests) > 1:
            raise
        conn.rollback()
        no = RewardRefusal("conflict", "this redemption_id is being used for another player")
        return [RewardNotRedeemed(no)], []
    conn.commit()
    for place in locked:
        if outcomes[place] is None and place not in waiting:
            outcomes[place] = Redeemed(made[requests[place].key], is_new=True)
    return outcomes, waiting


def _lock_and_read(conn: Connection, requests: Sequence[RedemptionRequest]) -> RedemptionRows:
    """Lock and read under a compiled rulebook: nobody waits for a compilation."""
    while True:
        rows = rewards.lock_and_read(
            conn,
            {shard_of(request.player) for request in requests},
            {request.key for request in requests},
            {request.player for request in requests},
            {request.reward for request in requests},
        )
        if rulebooks.is_compiled(rows.rulebook, rows.rulebook_at):
            return rows
        conn.rollback()
        rulebooks.rulebook(conn, rows.rulebook, rows.rulebook_at)
        conn.rollback()


def _write(conn: Connection, shared: SharedRedemptions) -> dict[tuple[int, str], Redemption]:
    """Write the redemptions, debit the coins by entries, take from the stocks, and owe the webhooks.

    Returns what was made. Raises `RedemptionIdTaken`, after which the caller rolls back.
    """
    accepted = list(shared.accepted.values())
    coupons.assign(conn, [one.assignment for one in accepted if one.assignment is not None])
    numbers = rewards.insert_redemptions(conn, [_new_redemption(one) for one in accepted])
    if len(numbers) < len(accepted):
        raise RedemptionIdTaken
    _debit(conn, shared.rows, accepted)
    with conn.pipeline():
        rewards.change_taken(conn, Counter(one.reward.key for one in accepted))
        for one in accepted:
            if one.fulfilled_by == "webhook":
                url = one.reward.document["fulfilment"]["url"]
                webhook_deliveries.queue_message(
                    conn, webhook_deliveries.MADE, url, one.reward.key, numbers[one.request.key][0]
                )
    return {one.request.key: _redemption(one, *numbers[one.request.key]) for one in accepted}


def _new_redemption(accepted: AcceptedRequest) -> NewRedemption:
    return NewRedemption(
        accepted.request.app_id,
        accepted.request.redemption_id,
        accepted.reward.key,
        accepted.reward.version,
        accepted.player.number,
        accepted.cost,
        accepted.balance,
        accepted.fulfilled_by,
        accepted.status,
        accepted.assignment.coupon if accepted.assignment else None,
    )


def _redemption(accepted: AcceptedRequest, number: int, created_at: datetime) -> Redemption:
    """A redemption as it was written just now."""
    return Redemption(
        number,
        accepted.request.app_id,
        accepted.request.redemption_id,
        accepted.reward.key,
        accepted.reward.version,
        accepted.request.player,
        accepted.player.number,
        accepted.cost,
        accepted.balance,
        accepted.fulfilled_by,
        accepted.status,
        accepted.assignment.coupon if accepted.assignment else None,
        accepted.code,
        created_at,
        closed_at=None,
        closed_by=None,
        note=None,
    )


def _debit(conn: Connection, rows: RedemptionRows, accepted: Sequence[AcceptedRequest]) -> None:
    """Append the entries that debit the coins, each at the next n of its shard, and apply them."""
    own_entries = [_system_entry(one) for one in accepted]
    appended = event_log.append_system_entries(conn, own_entries, queued=False)
    assert len(appended) == len(accepted), "an entry of a redemption exists, but no redemption"
    entries: dict[int, list[Entry]] = {}
    players: dict[int, dict[int, PlayerRow]] = {}
    for one, own in zip(accepted, own_entries, strict=True):
        seq, received_at = appended[own.event_id]
        of_shard = entries.setdefault(own.shard, [])
        n = rows.last_n[own.shard] + len(of_shard) + 1
        of_shard.append(
            Entry(seq, n, own.player, own.type, own.event_id, SYSTEM_APP_KEY, received_at, received_at, _content(one))
        )
        players.setdefault(own.shard, {})[own.player] = one.player
    locked = [
        LockedShard(shard, rows.last_n[shard], rows.rulebook, of_shard, players[shard], rows.rulebook_at)
        for shard, of_shard in entries.items()
    ]
    batches = list(zip(locked, fold_shards(conn, locked), strict=True))
    assert not any(outcome.not_awarded for _, folded in batches for _, outcome in folded.outcomes), (
        "the coins were there under the same lock"
    )
    save(conn, batches)
    # All under one shard, whose number only keeps writers apart: a statement for each took a quarter of the time.
    rule_activity.count(conn, locked[0].number, sum((folded.matches for _, folded in batches), Counter[str]()))


def _system_entry(accepted: AcceptedRequest) -> SystemEntry:
    shard = shard_of(accepted.request.player)
    content = encode_json(_content(accepted))
    return SystemEntry(accepted.player.number, shard, kinds.REDEMPTION, accepted.event_id, content)


def _content(accepted: AcceptedRequest) -> dict[str, Any]:
    """What the entry says."""
    return {
        "reward": accepted.reward.key,
        "version": accepted.reward.version,
        "coins": accepted.cost,
        "redemption": accepted.request.redemption_id,
    }
