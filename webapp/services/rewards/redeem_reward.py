"""Redeems rewards: coins, stock, coupon and the redemption itself change together, or nothing does.

Requests that come at the same moment share a transaction. Each is decided by what those before it have left, and
answered by itself; one that is refused changes nothing for the others.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from engine.coupons.reward import OUT_OF_STOCK, RedemptionFacts, RewardRefusal, cost_of, refusal
from engine.kinds.reward import REWARD
from engine.scoring.rulebook.rulebook import RuleVersion
from engine.vocabulary import entry as kinds
from engine.vocabulary.entry import Entry
from engine.vocabulary.shard import shard_of
from webapp.services.pipeline.apply_batch import LockedShard, encode_json, fold_shards, save
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.services.plays import eligibility
from webapp.store.campaigns import coupons, pools, rewards
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.pools import CouponPool
from webapp.store.campaigns.rewards import NewRedemption, Redemption, RedemptionRows
from webapp.store.events import event_log, rule_activity, shards
from webapp.store.events.event_log import SYSTEM_APP_KEY, SystemEntry
from webapp.store.players.player_states import PlayerRow
from webapp.store.rules import rulebooks
from webapp.store.system import deliveries
from webapp.store.system.connection import Connection

COINS = "player.coins"


class RewardNotRedeemed(Exception):  # noqa: N818  (whoever asked for it is told)
    """Nothing was debited, and why."""

    def __init__(self, no: RewardRefusal) -> None:
        super().__init__(no.detail)
        self.no = no


class RedemptionIdTaken(Exception):  # noqa: N818  (the requests are tried again, one by one)
    """Another transaction has just used the id of a redemption, so that none of this one is written."""


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """Who wants to redeem which reward, under the id that the app chose."""

    app_id: int
    redemption_id: str
    reward: str
    player: str

    @property
    def key(self) -> tuple[int, str]:
        """What makes two requests the same redemption."""
        return self.app_id, self.redemption_id


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption, and whether this request has made it."""

    redemption: Redemption
    is_new: bool


RedemptionOutcome = Redeemed | Exception | None
"""What became of a request: an exception says why nothing was debited; None: another holds the player's shard."""


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """A request that is granted: what it costs, the coins that are left, and the coupon that is issued, if one is."""

    request: RedemptionRequest
    reward: RuleVersion
    player: PlayerRow
    balance: int
    assignment: Assignment | None
    code: str | None

    @property
    def fulfilled_by(self) -> str:
        """`coupon_pool`, `webhook` or `hand`."""
        return fulfilled_by(self.reward.document)

    @property
    def cost(self) -> int:
        return cost_of(self.reward.document)

    @property
    def status(self) -> str:
        """A coupon is handed over at once; whatever else there is takes its time."""
        return "fulfilled" if self.fulfilled_by == "coupon_pool" else "pending"

    @property
    def event_id(self) -> str:
        """The id of the entry that debits the coins."""
        return f"{kinds.REDEMPTION}:{self.request.app_id}:{self.request.redemption_id}"


def fulfilled_by(document: dict[str, Any]) -> str:
    """How a reward comes to whoever redeems it: `coupon_pool`, `webhook` or `hand`."""
    return str((document.get("fulfilment") or {}).get("by") or "hand")


@dataclass(slots=True)
class SharedRedemptions:
    """What the requests of one transaction are decided by; each request that is granted leaves less to the next one.

    `redeemed` counts by player and reward, `coupons` are those of each pool that are still free.
    """

    rows: RedemptionRows
    rewards: dict[str, RuleVersion]
    verdicts: dict[tuple[int, str], eligibility.EligibilityVerdict]
    redeemed: dict[tuple[int, str], int]
    pools: dict[str, CouponPool]
    coupons: dict[str, list[tuple[int, str]]]
    coins: dict[int, int] = field(default_factory=dict)
    accepted: dict[tuple[int, str], AcceptedRequest] = field(default_factory=dict)

    def decide(self, request: RedemptionRequest) -> AcceptedRequest:
        """Grant a request whose id is new. Raises RewardNotRedeemed and UnknownPlayerError."""
        reward = self.rewards.get(request.reward)
        if reward is None:
            raise RewardNotRedeemed(RewardRefusal("not_found", f"there is no live reward {request.reward}"))
        player = self.rows.players.get(request.player)
        if player is None:
            raise UnknownPlayerError(request.player)
        verdict = self.verdicts[player.number, reward.key]
        coins = self.coins.get(player.number, _coins(verdict))
        redeemed, left = self.redeemed.get((player.number, reward.key), 0), self.rows.left.get(reward.key)
        no = refusal(reward.document, RedemptionFacts(verdict.now, coins, verdict.holds, redeemed, left))
        if no is not None:
            raise RewardNotRedeemed(no)
        accepted = self._with_coupon(request, reward, player, coins - cost_of(reward.document))
        self.coins[player.number] = accepted.balance
        self.redeemed[player.number, reward.key] = redeemed + 1
        if left is not None:
            self.rows.left[reward.key] = left - 1
        self.accepted[request.key] = accepted
        return accepted

    def _with_coupon(
        self, request: RedemptionRequest, reward: RuleVersion, player: PlayerRow, balance: int
    ) -> AcceptedRequest:
        """The granted request with a coupon of the reward's pool, unless it is fulfilled in another way."""
        pool_key = pool_key_of(reward.document)
        if pool_key is None:
            return AcceptedRequest(request, reward, player, balance, None, None)
        if not self.coupons.get(pool_key):
            raise RewardNotRedeemed(RewardRefusal(OUT_OF_STOCK, "no coupon is left for this reward"))
        coupon, code = self.coupons[pool_key].pop(0)
        pool = self.pools[pool_key]
        assignment = Assignment(
            coupon,
            pool.id,
            player.number,
            claim=f"redemption:{request.app_id}:{request.redemption_id}",
            expires_at=pool.coupon_expiry(self.rows.now),
        )
        return AcceptedRequest(request, reward, player, balance, assignment, code)

    def must_wait(self, request: RedemptionRequest) -> bool:
        """Whether a request can be decided only once a redemption of this transaction is written.

        Either it is the same redemption, or what its condition reads of the player may have changed.
        """
        if request.key in self.accepted:
            return True
        reward, player = self.rewards.get(request.reward), self.rows.players.get(request.player)
        has_changed = player is not None and player.number in self.coins
        return has_changed and reward is not None and reward.document.get("condition") is not None


def pool_key_of(document: dict[str, Any]) -> str | None:
    """The pool that a reward's coupons come from; None where it is fulfilled in another way."""
    if fulfilled_by(document) != "coupon_pool":
        return None
    return str(document["fulfilment"].get("coupon_pool") or document["key"])


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
    is_away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return is_away and not isinstance(error, psycopg.errors.DeadlockDetected)


def _redeem_round(conn: Connection, requests: Sequence[RedemptionRequest]) -> tuple[list[RedemptionOutcome], list[int]]:
    """One transaction: the outcomes so far, and the places of requests that have to wait for the next one.

    Raises `RedemptionIdTaken` and whatever the database and folding raise; then nothing is committed.
    """
    rows = _lock_and_read(conn, requests)
    locked = [place for place, request in enumerate(requests) if shard_of(request.player) in rows.last_n]
    shared = _load(conn, rows, [requests[place] for place in locked])
    outcomes: list[RedemptionOutcome] = [None] * len(requests)
    waiting = []
    for place in locked:
        if shared.must_wait(requests[place]):
            waiting.append(place)
        else:
            outcomes[place] = _decide(shared, requests[place])
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


def _decide(shared: SharedRedemptions, request: RedemptionRequest) -> RedemptionOutcome:
    """The outcome of a request where nothing has to be written for it; None for one that was accepted."""
    known = shared.rows.known.get(request.key)
    if known is not None:
        return _same_redemption(known, request)
    try:
        shared.decide(request)
    except (RewardNotRedeemed, UnknownPlayerError) as error:
        return error
    return None


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


def _load(conn: Connection, rows: RedemptionRows, requests: Sequence[RedemptionRequest]) -> SharedRedemptions:
    """What these requests are decided by, their players' shards and their rewards' stocks being locked."""
    wanted = {request.reward for request in requests}
    live = {
        version.key: version
        for version in rulebooks.versions(conn, rows.rulebook, rows.rulebook_at)
        if version.key in wanted and version.document["kind"] == REWARD.key
    }
    asking = {
        (rows.players[request.player].number, request.reward): rows.players[request.player]
        for request in requests
        if request.reward in live and request.player in rows.players
    }
    limited = {reward for reward in live if (live[reward].document.get("limits") or {}).get("per_player") is not None}
    counted = {player for player, reward in asking if reward in limited}
    pools_by_key, available = _lock_coupons(
        conn, [live[request.reward] for request in requests if request.reward in live]
    )
    return SharedRedemptions(
        rows,
        live,
        _judge(conn, rows, live, asking),
        rewards.redeemed_counts_of(conn, counted, sorted(limited)) if counted else {},
        pools_by_key,
        available,
    )


def _judge(
    conn: Connection,
    rows: RedemptionRows,
    live: dict[str, RuleVersion],
    asking: dict[tuple[int, str], PlayerRow],
) -> dict[tuple[int, str], eligibility.EligibilityVerdict]:
    """Whether each reward's condition holds for the player who asks for it, with the player's coins."""
    rewards_of: dict[int, list[str]] = {}
    for player, reward in asking:
        rewards_of.setdefault(player, []).append(reward)
    judged = eligibility.judge_loaded(
        conn,
        {row.number: row for row in asking.values()},
        {player: [live[reward].document.get("condition") for reward in keys] for player, keys in rewards_of.items()},
        rulebooks.rulebook(conn, rows.rulebook, rows.rulebook_at),
        rows.now,
        [COINS],
    )
    return {
        (player, reward): verdict
        for player, keys in rewards_of.items()
        for reward, verdict in zip(keys, judged[player], strict=True)
    }


def _lock_coupons(
    conn: Connection, requested: Iterable[RuleVersion]
) -> tuple[dict[str, CouponPool], dict[str, list[tuple[int, str]]]]:
    """Lock the pools of these rewards, and as many available coupons of each as are requested."""
    counts = Counter(key for reward in requested if (key := pool_key_of(reward.document)) is not None)
    locked = pools.lock_shared_pools(conn, sorted(counts)) if counts else {}
    return locked, {key: coupons.lock_available(conn, pool.id, counts[key]) for key, pool in locked.items()}


def reward_refusals(conn: Connection, documents: Sequence[dict[str, Any]], number: int) -> list[RewardRefusal | None]:
    """Why a player may not redeem each of these rewards now; None where nothing is against it."""
    conditions = [document.get("condition") for document in documents]
    verdicts = eligibility.judge_conditions(conn, conditions, [number], [COINS])[number]
    redeemed, left = rewards.redeemed_counts(conn, number), rewards.stock_left(conn)
    return [
        refusal(
            document,
            RedemptionFacts(
                verdict.now,
                _coins(verdict),
                verdict.holds,
                redeemed.get(document["key"], 0),
                left.get(document["key"]),
            ),
        )
        for document, verdict in zip(documents, verdicts, strict=True)
    ]


def _coins(verdict: eligibility.EligibilityVerdict) -> int:
    return int(verdict.facts[COINS] or 0)


def _same_redemption(known: Redemption, request: RedemptionRequest) -> RedemptionOutcome:
    if (known.reward, known.player) != (request.reward, request.player):
        return RewardNotRedeemed(RewardRefusal("conflict", "this redemption_id was used for another player or reward"))
    return Redeemed(known, is_new=False)


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
                deliveries.queue_message(conn, deliveries.MADE, url, one.reward.key, numbers[one.request.key][0])
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
