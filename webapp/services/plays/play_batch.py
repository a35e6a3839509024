"""One batch of a game: the plays that wait, decided in their order and written in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.coupons import decide_play
from engine.coupons.audit import lowest_terms
from engine.coupons.decide_play import Decision
from engine.coupons.game import SECOND, PlayLimits
from engine.coupons.play import WON, GameDay, Play, PlayCounts, game_day
from webapp.config import Settings
from webapp.runtime.failpoints import failpoint
from webapp.runtime.zones import ZONES
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.services.plays import eligibility
from webapp.services.plays.eligibility import EligibilityVerdict
from webapp.store.campaigns import campaign_rows, coupons, plays, pools, reservations
from webapp.store.campaigns.campaign_rows import LockedGame
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.plays import PlayerTotals, QueuedPlay
from webapp.store.campaigns.reservations import Reservation
from webapp.store.system.connection import Connection

NO_PLAYS = PlayCounts()
DAYS_KEPT = 3  # a play that is decided late counts on the day it was received


@dataclass(frozen=True, slots=True)
class DecidedPlay:
    """A play of the batch, what its decision depended on, and the decision."""

    queued: QueuedPlay
    play: Play
    decision: Decision


@dataclass(slots=True)
class PlayBatch:
    """A locked game whose plays are decided: its players' totals and verdicts, and what was decided so far."""

    locked: LockedGame
    seed: bytes
    games: list[str]
    totals: dict[tuple[int, str], PlayerTotals]
    verdicts: Mapping[int, EligibilityVerdict]
    decided: list[DecidedPlay] = field(default_factory=list)
    day: GameDay = field(default_factory=lambda: GameDay(0, 0, 0))
    campaign_limits: PlayLimits = field(init=False)

    def __post_init__(self) -> None:
        self.campaign_limits = self.locked.campaign.limits

    def play(self, queued: QueuedPlay) -> Play:
        """The play with all that its decision depends on."""
        if not self.day.starts_at <= queued.received_at < self.day.ends_at:
            zone = ZONES[self.locked.campaign.document.get("timezone") or "UTC"]
            self.day = game_day(self.locked.game, queued.received_at, zone)
        is_eligible = self.verdicts[queued.player].holds
        counts = counts_before(self.totals, queued.player, self.locked.game.key, self.games, self.day.number)
        return Play(queued.name, queued.received_at, self.day, is_eligible, *counts)

    def count(self, queued: QueuedPlay, decision: Decision) -> None:
        """Add the play, and what was won, to the player's totals."""
        totals = self.totals.setdefault((queued.player, self.locked.game.key), PlayerTotals())
        day = totals.days.setdefault(str(self.day.number), [0, 0])
        totals.plays += 1
        day[0] += 1
        if decision.brand is not None:
            totals.wins += 1
            day[1] += 1
            totals.brands[decision.brand] = totals.brands.get(decision.brand, 0) + 1
        if len(totals.days) > DAYS_KEPT:
            for old_day in sorted(totals.days, key=int)[:-DAYS_KEPT]:
                del totals.days[old_day]

    def is_provided(self, decision: Decision) -> bool:
        """Whether an outside provider issues what was won."""
        return bool(decision.brand and self.locked.game.by_key[decision.brand].has_provider)


def counts_before(
    totals: Mapping[tuple[int, str], PlayerTotals], player: int, game: str, games: Sequence[str], day: int
) -> tuple[PlayCounts, PlayCounts]:
    """What a player had before a play on this day: in the game, and in all of the campaign's games."""
    in_game = _counts_in(totals.get((player, game)), day)
    in_campaign = PlayCounts(in_game.plays, in_game.plays_today, in_game.wins, in_game.wins_today)
    for other in games:
        if other != game:
            in_campaign = _sum(in_campaign, _counts_in(totals.get((player, other)), day))
    return in_game, in_campaign


def _counts_in(totals: PlayerTotals | None, day: int) -> PlayCounts:
    if totals is None:
        return NO_PLAYS
    plays_today, wins_today = totals.days.get(str(day), (0, 0))
    return PlayCounts(totals.plays, plays_today, totals.wins, wins_today, dict(totals.brands))


def _sum(counts: PlayCounts, others: PlayCounts) -> PlayCounts:
    """Both together, without the brands: they differ from game to game."""
    return PlayCounts(
        counts.plays + others.plays,
        counts.plays_today + others.plays_today,
        counts.wins + others.wins,
        counts.wins_today + others.wins_today,
    )


def decide_batch(
    conn: Connection, settings: Settings, game: str, limit: int, *, waits: bool = True
) -> list[QueuedPlay]:
    """Decide up to `limit` waiting plays under the game's lock, commit, and return the plays that were decided.

    Raises `psycopg.Error`, after which nothing of the batch is committed; without `waits` also, at once, where another
    transaction holds the lock.
    """
    locked = campaign_rows.lock_game(conn, game, waits=waits)
    waiting = plays.queued_plays(conn, game, limit) if locked else []
    if locked is None or not waiting:
        conn.rollback()
        return []
    batch = _load_batch(conn, settings, locked, waiting)
    for queued in waiting:
        _decide(batch, queued)
    _write(conn, batch)
    failpoint("plays_before_commit")
    conn.commit()
    failpoint("plays_after_commit")
    return waiting


def _load_batch(conn: Connection, settings: Settings, locked: LockedGame, waiting: Sequence[QueuedPlay]) -> PlayBatch:
    games = [locked.game.key]
    if locked.campaign.is_limited:
        games = [game.key for game in campaign_rows.games_of(conn, locked.campaign.key)]
    players = {queued.player for queued in waiting}
    totals = plays.player_totals(conn, players, games)
    verdicts = eligibility.judge_players(conn, locked, players)
    return PlayBatch(locked, seed_of(conn, settings, locked.campaign), games, totals, verdicts)


def _decide(batch: PlayBatch, queued: QueuedPlay) -> None:
    locked = batch.locked
    play = batch.play(queued)
    if locked.now > queued.received_at + locked.game.decide_within:
        decision = decide_play.expired_decision()  # not counted: it uses up none of the player's limits
    else:
        decision = decide_play.decide(locked.game, locked.state, batch.seed, play, batch.campaign_limits)
        batch.count(queued, decision)
    batch.decided.append(DecidedPlay(queued, play, decision))


def _write(conn: Connection, batch: PlayBatch) -> None:
    """Assign coupons, write outcomes and the game's log. Wins of providers' coupons are reserved and stay queued."""
    locked = batch.locked
    assignments = _lock_coupons(conn, batch)
    provided = {decided.queued.number for decided in batch.decided if batch.is_provided(decided.decision)}
    own = [assignment for number, assignment in assignments.items() if number not in provided]
    coupon_of = {number: assignment.coupon for number, assignment in assignments.items()}
    records = {decided.queued.number: _log_record(batch, decided, coupon_of) for decided in batch.decided}
    outcomes = [
        (number, decided.decision.outcome, decided.decision.reason, coupon_of.get(number))
        for decided in batch.decided
        if (number := decided.queued.number) not in provided
    ]
    changed = {(decided.queued.player, locked.game.key) for decided in batch.decided}
    kinds = {number: "reserved" if number in provided else "decided" for number in records}
    with conn.pipeline():
        coupons.assign(conn, own)
        _reserve(conn, locked, {number: assignments[number] for number in provided}, records)
        plays.save_outcomes(conn, outcomes)
        plays.remove_from_inbox(conn, locked.game.key, list(records))
        plays.save_player_totals(conn, {key: batch.totals[key] for key in changed if key in batch.totals})
        campaign_rows.save_game(conn, locked, [(kinds[number], number, record) for number, record in records.items()])


def _reserve(
    conn: Connection,
    locked: LockedGame,
    assignments: Mapping[int, Assignment],
    records: Mapping[int, dict[str, Any]],
) -> None:
    """Reserve the coupons that an outside provider issues; their plays stay queued until it has."""
    coupons.assign(conn, list(assignments.values()), reserve_seconds=locked.game.decide_within // SECOND)
    rows = [
        Reservation(number, locked.game.key, assignment.pool, assignment.coupon, 0, records[number])
        for number, assignment in assignments.items()
    ]
    deadlines = [reservation.decision["at"] + locked.game.decide_within for reservation in rows]
    reservations.insert_reservations(conn, rows, deadlines)


def _lock_coupons(conn: Connection, batch: PlayBatch) -> dict[int, Assignment]:
    """A coupon for each play that won, by the play's number; pools are locked in the order of their ids."""
    assignments: dict[int, Assignment] = {}
    for brand, pool in pools.pools_of_game(conn, batch.locked.game.key).items():
        won = [
            decided.queued
            for decided in batch.decided
            if decided.decision.outcome == WON and decided.decision.brand == brand
        ]
        available = coupons.lock_available(conn, pool.id, len(won)) if won else []
        assert len(available) == len(won), f"{brand} promised {len(won)} coupons and has {len(available)}"
        expiry = pool.coupon_expiry(batch.locked.now)
        for queued, (coupon, _) in zip(won, available, strict=True):
            assignments[queued.number] = Assignment(
                coupon, pool.id, queued.player, play=queued.number, expires_at=expiry
            )
    return assignments


def _log_record(batch: PlayBatch, decided: DecidedPlay, coupon_of: Mapping[int, int]) -> dict[str, Any]:
    """What the game's log says of a play: enough to derive its outcome again from the seed."""
    queued, play, decision = decided.queued, decided.play, decided.decision
    return {
        "name": play.name,
        "at": play.received_at,
        "day": [play.day.number, play.day.starts_at, play.day.ends_at],
        "eligible": play.is_eligible,
        "facts": batch.verdicts[queued.player].facts,
        "game": _counts_json(play.in_game),
        "campaign": _counts_json(play.in_campaign),
        "outcome": decision.outcome,
        "reason": decision.reason,
        "brand": decision.brand,
        "chance": list(lowest_terms(decision.chance)),
        "draw": decision.draw,
        "cause": decision.cause,
        "coupon": coupon_of.get(queued.number),
    }


def _counts_json(counts: PlayCounts) -> list[Any]:
    return [counts.plays, counts.plays_today, counts.wins, counts.wins_today, dict(counts.by_brand)]
