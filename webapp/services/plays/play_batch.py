"""One batch of a game: the plays that wait, decided in their order and written in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.coupons import allocate
from engine.coupons.allocate import Decision
from engine.coupons.audit import lowest_terms
from engine.coupons.game import SECOND
from engine.coupons.issue import expires_at
from engine.coupons.play import WON, Counts, Day, Play, day_of
from engine.documents.typed_documents import moment
from webapp.config import Settings
from webapp.runtime.failpoints import failpoint
from webapp.runtime.zones import ZONES
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.services.plays import eligibility
from webapp.store.campaigns import campaign_rows, coupons, plays, pools, reservations
from webapp.store.campaigns.campaign_rows import LockedGame
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.plays import PlayerTotals, QueuedPlay
from webapp.store.campaigns.pools import CouponPool
from webapp.store.campaigns.reservations import Reservation
from webapp.store.system.connection import Connection

DAYS_KEPT = 3


@dataclass(slots=True)
class PlayBatch:
    """A game at which plays are decided: what its players had, and what the batch came to so far."""

    held: LockedGame
    seed: bytes
    games: list[str]
    had: dict[tuple[int, str], PlayerTotals]
    verdicts: Mapping[int, eligibility.EligibilityVerdict]
    decided: list[tuple[QueuedPlay, Play, Decision]] = field(default_factory=list)
    day: Day = field(default_factory=lambda: Day(0, 0, 0))

    def play(self, queued: QueuedPlay) -> Play:
        """The play with all that its decision depends on."""
        if not self.day.starts_at <= queued.received_at < self.day.ends_at:
            zone = ZONES[self.held.campaign.document.get("timezone") or "UTC"]
            self.day = day_of(self.held.game, queued.received_at, zone)
        mine = self.had.get((queued.player, self.held.game.key), PlayerTotals())
        in_game = self._counts([mine], mine.brands)
        in_campaign = self._counts(
            [self.had[queued.player, each] for each in self.games if (queued.player, each) in self.had]
        )
        is_eligible = self.verdicts[queued.player].holds
        return Play(queued.name, queued.received_at, self.day, is_eligible, in_game, in_campaign)

    def _counts(self, had: Sequence[PlayerTotals], brands: Mapping[str, int] | None = None) -> Counts:
        today = [each.days.get(str(self.day.number), (0, 0)) for each in had]
        plays_, wins = sum(each.plays for each in had), sum(each.wins for each in had)
        return Counts(plays_, sum(day[0] for day in today), wins, sum(day[1] for day in today), dict(brands or {}))

    def count(self, queued: QueuedPlay, decision: Decision) -> None:
        """Remember that the player played, and what was won."""
        mine = self.had.setdefault((queued.player, self.held.game.key), PlayerTotals())
        day = mine.days.setdefault(str(self.day.number), [0, 0])
        mine.plays += 1
        day[0] += 1
        if decision.brand is not None:
            mine.wins += 1
            day[1] += 1
            mine.brands[decision.brand] = mine.brands.get(decision.brand, 0) + 1
        for old in sorted(mine.days, key=int)[:-DAYS_KEPT]:
            del mine.days[old]


def decide_batch(conn: Connection, settings: Settings, game: str, limit: int) -> list[QueuedPlay]:
    """Decide up to `limit` plays that wait and commit; gives those that now have an outcome.

    Raises `psycopg.Error` after which nothing of the batch stands.
    """
    held = campaign_rows.lock_game(conn, game)
    waiting = plays.queued_plays(conn, game, limit) if held else []
    if held is None or not waiting:
        conn.rollback()
        return []
    table = _sit(conn, settings, held, waiting)
    for queued in waiting:
        _decide(table, queued)
    _write(conn, table)
    failpoint("plays_before_commit")
    conn.commit()
    failpoint("plays_after_commit")
    return waiting


def _sit(conn: Connection, settings: Settings, held: LockedGame, waiting: Sequence[QueuedPlay]) -> PlayBatch:
    games = [held.game.key]
    if held.campaign.is_limited:
        games = [each.key for each in campaign_rows.games_of(conn, held.campaign.key)]
    players = {queued.player for queued in waiting}
    had = plays.player_totals(conn, players, games)
    verdicts = eligibility.judge_players(conn, held, players)
    return PlayBatch(held, seed_of(conn, settings, held.campaign), games, had, verdicts)


def _decide(table: PlayBatch, queued: QueuedPlay) -> None:
    held = table.held
    play = table.play(queued)
    if held.now > queued.received_at + held.game.decide_within:
        decision = allocate.expired()
    else:
        decision = allocate.decide(held.game, held.stand, table.seed, play, held.campaign.limits)
        table.count(queued, decision)
    table.decided.append((queued, play, decision))


def _write(conn: Connection, table: PlayBatch) -> None:
    held = table.held
    budgets = pools.pools_of_game(conn, held.game.key)
    given = _take(conn, table, budgets)
    asked = {queued.number for queued, _, it in table.decided if it.brand and held.game.by_key[it.brand].is_asked}
    coupons.assign(conn, [each for number, each in given.items() if number not in asked])
    coupon_of = {number: each.coupon for number, each in given.items()}
    records = {queued.number: _record(table, queued, play, it, coupon_of) for queued, play, it in table.decided}
    _reserve(conn, held, {number: given[number] for number in asked}, records)
    rows = [(queued.number, it.outcome, it.reason, coupon_of.get(queued.number)) for queued, _, it in table.decided]
    plays.save_outcomes(conn, [row for row in rows if row[0] not in asked])
    plays.remove_from_inbox(conn, held.game.key, [queued.number for queued, _, _ in table.decided])
    mine = {(queued.player, held.game.key) for queued, _, it in table.decided}
    plays.save_player_totals(conn, {place: table.had[place] for place in mine if place in table.had})
    kinds = {number: "reserved" if number in asked else "decided" for number in records}
    campaign_rows.save_game(conn, held, [(kinds[number], number, content) for number, content in records.items()])


def _reserve(
    conn: Connection, held: LockedGame, given: Mapping[int, Assignment], records: Mapping[int, dict[str, Any]]
) -> None:
    """Wins whose coupon an outside provider issues: they stay queued until it has, and their coupons are reserved."""
    coupons.assign(conn, list(given.values()), reserve_seconds=held.game.decide_within // SECOND)
    rows = [
        Reservation(number, held.game.key, each.pool, each.coupon, 0, records[number]) for number, each in given.items()
    ]
    reservations.insert_reservations(conn, rows, [each.decision["at"] + held.game.decide_within for each in rows])


def _take(conn: Connection, table: PlayBatch, budgets: Mapping[str, CouponPool]) -> dict[int, Assignment]:
    """A coupon for each play that won, brands in the order of their pools."""
    given: dict[int, Assignment] = {}
    for brand, pool in budgets.items():
        won = [queued for queued, _, it in table.decided if it.outcome == WON and it.brand == brand]
        taken = coupons.lock_available(conn, pool.id, len(won)) if won else []
        assert len(taken) == len(won), f"{brand} promised {len(won)} coupons and has {len(taken)}"
        until = expires_at(
            table.held.now, moment(pool.document.get("expires_at")), pool.document.get("expires_after_days")
        )
        for queued, (coupon, _) in zip(won, taken, strict=True):
            given[queued.number] = Assignment(coupon, pool.id, queued.player, play=queued.number, expires_at=until)
    return given


def _record(
    table: PlayBatch, queued: QueuedPlay, play: Play, decision: Decision, coupon_of: Mapping[int, int]
) -> dict[str, Any]:
    return {
        "name": play.name,
        "at": play.received_at,
        "day": [play.day.number, play.day.starts_at, play.day.ends_at],
        "eligible": play.is_eligible,
        "facts": table.verdicts[queued.player].facts,
        "game": _told(play.in_game),
        "campaign": _told(play.in_campaign),
        "outcome": decision.outcome,
        "reason": decision.reason,
        "brand": decision.brand,
        "chance": list(lowest_terms(decision.chance)),
        "draw": decision.draw,
        "cause": decision.cause,
        "coupon": coupon_of.get(queued.number),
    }


def _told(counts: Counts) -> list[Any]:
    return [counts.plays, counts.plays_today, counts.wins, counts.wins_today, dict(counts.by_brand)]
