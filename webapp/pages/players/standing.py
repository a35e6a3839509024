"""Where a player stands: the level bar, badges that are held or locked, streaks, and ranks on leaderboards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.scoring.rulebook.levels import CompiledLevels
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.views.player_profile import ProfileView, StreakView
from engine.vocabulary.fact import humanise
from engine.vocabulary.prospect import ObstacleReason, Prospect
from webapp.http.access import settings
from webapp.pages import icons
from webapp.pages.charts.streak_calendar import StreakCalendar, streak_calendar
from webapp.projections import leaderboard_views
from webapp.projections.epoch import ProjectionsRebuilding
from webapp.projections.leaderboard_views import LeaderboardQuery
from webapp.projections.redis import RedisError
from webapp.runtime import clock
from webapp.services.players import rule_standings
from webapp.services.players.rule_standings import RuleStanding
from webapp.store.players import player_lists, player_profiles
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.rules import badge_pictures
from webapp.store.system.connection import Connection

DAYS_SHOWN = 85
SHORT_OBSTACLES = {
    ObstacleReason.REVOKED: "revoked",
    ObstacleReason.ENDED: "no longer awarded",
    ObstacleReason.NOT_STARTED: "not yet awarded",
}
TIERS = ("legendary", "platinum", "gold", "silver", "bronze")


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge as a disc: held, or locked with how far it is."""

    key: str
    name: str
    tier: str
    icon: str
    note: str
    is_held: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LevelBar:
    """The level bar: from this level's first XP to the next one's; `ceiling` is None on the highest level."""

    number: int
    name: str
    floor: int
    ceiling: int | None
    next_name: str
    has_name: bool

    @property
    def span(self) -> int:
        """How many XP this level takes; 1 on the highest, whose bar is full."""
        return self.ceiling - self.floor if self.ceiling else 1

    def gained(self, xp: int) -> int:
        """How many of them a player with this much XP has."""
        return xp - self.floor if self.ceiling else self.span

    def label(self, xp: int) -> str:
        """The bar in words, for those who cannot see it."""
        return f"{self.gained(xp)} of {self.span} XP towards {self.next_name}" if self.ceiling else "The highest level"


@dataclass(frozen=True, slots=True)
class PlayerStreak:
    """A streak as of now; streaks of days also have a calendar."""

    name: str
    every: str
    now: StreakView
    calendar: StreakCalendar | None

    @property
    def unit(self) -> str:
        """What its length is counted in: `day`, or `days` unless it is one."""
        return self.every if self.now["current"] == 1 else f"{self.every}s"


@dataclass(frozen=True, slots=True)
class BoardRank:
    """A player's place on one leaderboard."""

    board: str
    name: str
    rank: int


def level_bar(xp: int, levels: CompiledLevels | None) -> LevelBar | None:
    """The bar for this much XP; None where there are no levels."""
    if levels is None:
        return None
    number, last = levels.level_at(xp), len(levels.thresholds)
    ceiling = levels.thresholds[number] if number < last else None
    following = levels.name_of(number + 1) or f"level {number + 1}" if number < last else ""
    name = levels.name_of(number)
    return LevelBar(
        number, name or f"Level {number}", levels.thresholds[number - 1], ceiling, following, has_name=name is not None
    )


def player_badges(conn: Connection, record: PlayerRecord, book: Rulebook) -> list[Badge]:
    """Every live badge and every held one: held first, rarer tiers first, then those that are nearest."""
    rarity, chosen = player_profiles.rarities(conn), badge_pictures.icons_by_badge(conn)
    held = {badge.badge: badge for badge in player_profiles.badges(conn, record.number)}
    live = [rule.key for rule in book.badges]
    standings = rule_standings.standings(conn, record, book, [key for key in live if key not in held])
    badges = []
    for key in dict.fromkeys([*held, *live]):
        rule, award = book.rules.get(key), held.get(key)
        tier = (award and award.tier) or (rule.tier if rule else "bronze")
        share = _percentage(rarity.get(key, 0.0))
        badges.append(
            Badge(
                key=key,
                name=rule.name if rule else award.name if award else key,
                tier=tier,
                icon=icons.of_badge(key, chosen.get(key)),
                note=f"{tier.capitalize()} · {share}" if award else _progress(standings.get(key)),
                is_held=award is not None,
                at=award.at if award else None,
            )
        )
    return sorted(badges, key=lambda badge: (not badge.is_held, TIERS.index(badge.tier), badge.name))


def _progress(standing: RuleStanding | None) -> str:
    """How far a player is from a badge, in a few words."""
    if standing is None:
        return "no longer awarded"
    obstacles = standing.expectation.obstacles
    if obstacles and obstacles[0].reason in SHORT_OBSTACLES:
        return SHORT_OBSTACLES[obstacles[0].reason]
    trace = standing.trace
    if trace is not None and not trace.verdict:
        return trace.root.progress or trace.missing
    return "with the next event" if standing.expectation.prospect is Prospect.YES else "depends on the next event"


def _percentage(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.01 or share == 0 else "under 1 %"


def player_streaks(
    conn: Connection, record: PlayerRecord, book: Rulebook, profile: ProfileView, names: Mapping[str, str]
) -> list[PlayerStreak]:
    """Every live streak; those of days with the last twelve weeks."""
    zone = profile["timezone"]
    today = clock.now().astimezone(book.zone(zone)).date()
    has_days = any(streak.every == "day" for streak in book.streaks.values())
    counts = player_lists.active_days(conn, record.number, zone, DAYS_SHOWN) if has_days else {}
    streaks = []
    for key, streak in book.streaks.items():
        calendar = streak_calendar(counts, today, _frozen_days(record, key)) if streak.every == "day" else None
        streaks.append(PlayerStreak(names.get(key) or humanise(key), streak.every, profile["streaks"][key], calendar))
    return sorted(streaks, key=lambda streak: streak.every)


def _frozen_days(record: PlayerRecord, key: str) -> frozenset[date]:
    runs = record.player.state.get("streaks", {}).get(key, {}).get("runs", [])
    return frozenset(date(1970, 1, 1) + timedelta(days=day) for run in runs for day in run[2])


def board_ranks(conn: Connection, record: PlayerRecord, book: Rulebook) -> list[BoardRank]:
    """The player's current ranks; none while leaderboards are being rebuilt."""
    ranks = []
    for board in book.boards.values():
        try:
            view = leaderboard_views.read_leaderboard(settings(), conn, board, LeaderboardQuery(around=record.id))
        except (ProjectionsRebuilding, RedisError):
            return []
        row = next((ranked for ranked in view.rows if ranked.player == record.id), None)
        if row is not None:
            ranks.append(BoardRank(board.key, board.name, row.rank))
    return ranks
