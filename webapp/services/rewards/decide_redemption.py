"""Decides redemptions: each by what the player has, and by what those before it in the same transaction have left."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.coupons.reward import OUT_OF_STOCK, RedemptionFacts, RewardRefusal, cost_of, refusal
from engine.kinds.reward import REWARD
from engine.scoring.rulebook.rulebook import RuleVersion
from engine.vocabulary import entry as kinds
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.services.plays import eligibility
from webapp.store.campaigns import coupons, pools, rewards
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.pools import CouponPool
from webapp.store.campaigns.rewards import Redemption, RedemptionRows
from webapp.store.players.player_states import PlayerRow
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection

COINS = "player.coins"


class RewardNotRedeemed(Exception):  # noqa: N818  (whoever asked for it is told)
    """Nothing was debited, and why."""

    def __init__(self, no: RewardRefusal) -> None:
        super().__init__(no.detail)
        self.no = no


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


def load(conn: Connection, rows: RedemptionRows, requests: Sequence[RedemptionRequest]) -> SharedRedemptions:
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


def decide_request(shared: SharedRedemptions, request: RedemptionRequest) -> RedemptionOutcome:
    """The outcome of a request where nothing has to be written for it; None for one that was accepted."""
    known = shared.rows.known.get(request.key)
    if known is not None:
        return _same_redemption(known, request)
    try:
        shared.decide(request)
    except (RewardNotRedeemed, UnknownPlayerError) as error:
        return error
    return None


def _same_redemption(known: Redemption, request: RedemptionRequest) -> RedemptionOutcome:
    if (known.reward, known.player) != (request.reward, request.player):
        return RewardNotRedeemed(RewardRefusal("conflict", "this redemption_id was used for another player or reward"))
    return Redeemed(known, is_new=False)


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
