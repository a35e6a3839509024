"""What the page of a player shows: standing, badges, streaks, missions, and where to look for reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.language.explain import Explanation
from engine.scoring.rulebook.levels import CompiledLevels
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.views.player_profile import player_profile
from webapp.http.access import settings
from webapp.pages import icons
from webapp.pages.charts.streak_calendar import StreakCalendar, streak_calendar
from webapp.projections import views
from webapp.projections.epoch import ProjectionsRebuilding
from webapp.projections.redis import RedisError
from webapp.projections.views import LeaderboardQuery
from webapp.runtime import clock
from webapp.services.players import explanations
from webapp.store.players import player_lists, player_profiles
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.rules import badge_pictures
from webapp.store.system.connection import Connection

DAYS_SHOWN = 85
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
    """The level bar: from this level's first XP to the next one's."""

    number: int
    name: str
    floor: int
    ceiling: int | None
    next_name: str


@dataclass(frozen=True, slots=True)
class StreakSeen:
    """One streak with its picture; only days have one."""

    name: str
    every: str
    now: dict[str, Any]
    picture: StreakCalendar | None


@dataclass(frozen=True, slots=True)
class Rank:
    """Where the player stands on one board."""

    board: str
    name: str
    rank: int


def standing(found: PlayerRecord, book: Rulebook) -> dict[str, Any]:
    """The player profile with its level bar."""
    body = player_profile(found.player, book, clock.now_micros())
    return {**body, "bar": bar(body["xp"], book.levels)}


def bar(xp: int, levels: CompiledLevels | None) -> LevelBar | None:
    """The bar for this much XP; None where there are no levels."""
    if levels is None:
        return None
    number, last = levels.level_at(xp), len(levels.thresholds)
    ceiling = levels.thresholds[number] if number < last else None
    following = levels.name_of(number + 1) or f"level {number + 1}" if number < last else ""
    return LevelBar(
        number, levels.name_of(number) or f"Level {number}", levels.thresholds[number - 1], ceiling, following
    )


def badges(conn: Connection, found: PlayerRecord, book: Rulebook) -> list[Badge]:
    """Every live badge and every held one: held first, rarer tiers first, then those that are nearest."""
    rarity, chosen = player_profiles.rarities(conn), badge_pictures.icons_by_badge(conn)
    held = {each.badge: each for each in player_profiles.badges(conn, found.number)}
    live = [rule.key for rule in book.badges]
    missing = explanations.traces(conn, found, book, [key for key in live if key not in held])
    shown = []
    for key in dict.fromkeys([*held, *live]):
        rule, own = book.rules.get(key), held.get(key)
        tier = (own and own.tier) or (rule.tier if rule else "bronze")
        note = f"{tier.capitalize()} · {_share(rarity.get(key, 0.0))}" if own else _progress(missing.get(key))
        name = rule.name if rule else key
        icon = icons.of_badge(key, chosen.get(key))
        shown.append(Badge(key, name, tier, icon, note, own is not None, own.at if own else None))
    return sorted(shown, key=lambda badge: (not badge.is_held, TIERS.index(badge.tier), badge.name))


def _progress(trace: Explanation | None) -> str:
    return (trace.root.progress or trace.missing or "ready for the next event") if trace else "for the first event"


def _share(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.01 or share == 0 else "under 1 %"


def streaks(
    conn: Connection, found: PlayerRecord, book: Rulebook, body: dict[str, Any], names: Mapping[str, str]
) -> list[StreakSeen]:
    """Every live streak; days with their last twelve weeks."""
    zone = body["timezone"]
    today = clock.now().astimezone(book.zone(zone)).date()
    seen = []
    for key, streak in book.streaks.items():
        counts = player_lists.active_days(conn, found.number, zone, DAYS_SHOWN) if streak.every == "day" else {}
        picture = streak_calendar(counts, today, _frozen(found, key)) if streak.every == "day" else None
        seen.append(StreakSeen(names.get(key, key), streak.every, body["streaks"][key], picture))
    return sorted(seen, key=lambda each: each.every)


def _frozen(found: PlayerRecord, key: str) -> frozenset[date]:
    runs = found.player.state.get("streaks", {}).get(key, {}).get("runs", [])
    return frozenset(date(1970, 1, 1) + timedelta(days=day) for run in runs for day in run[2])


def ranks(conn: Connection, found: PlayerRecord, book: Rulebook) -> list[Rank]:
    """The player's present places, as far as boards can be read now."""
    seen = []
    for board in book.boards.values():
        try:
            view = views.read_leaderboard(settings(), conn, board, LeaderboardQuery(around=found.id))
        except (ProjectionsRebuilding, RedisError):
            return []
        row = next((each for each in view.rows if each.player == found.id), None)
        if row is not None:
            seen.append(Rank(board.key, board.name, row.rank))
    return seen
