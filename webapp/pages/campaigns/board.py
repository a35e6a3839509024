"""The budget of one game as its page shows it: where every coupon is, the burn-down, the rates, what to worry about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from engine.coupons.issue import STATES
from webapp.pages.campaigns.burn import Burn, burn_down
from webapp.pages.words import humane, until
from webapp.store import campaigns, games, plays, pools
from webapp.store.campaigns import Campaign
from webapp.store.connection import Connection
from webapp.store.pools import Pool
from webapp.zones import ZONES

SAYS = {
    "available": "still in the pool",
    "reserved": "a provider is asked",
    "issued": "sent to a player",
    "redeemed": "used in a shop",
    "expired": "not used in time",
    "voided": "taken back by hand",
}
COLOURS = {"available": "c-3", "reserved": "c-2", "issued": "c-1", "redeemed": "c-6", "expired": "c-4", "voided": "c-5"}
AHEAD_POINTS = 10
RATE_SECONDS = 60
WINNERS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Part:
    """One state of coupons: its share of the bar in per cent, and where that begins."""

    name: str
    count: int
    says: str
    colour: str
    begins: float
    share: float


@dataclass(frozen=True, slots=True)
class BrandRow:
    """One brand's budget against the plan, in per cent."""

    brand: str
    name: str
    pool: Pool
    used: int
    plan: int

    @property
    def word(self) -> str:
        """How it stands against its plan."""
        off = self.used - self.plan
        return "ahead" if off > AHEAD_POINTS else "behind" if -off > AHEAD_POINTS else ""


@dataclass(frozen=True, slots=True)
class Rates:
    """What happens now: winners a minute, plays a second, the share that wins, seconds that the oldest play waits."""

    winners: float
    plays: float
    win_rate: float
    waiting: int
    wait: float
    winners_series: tuple[int, ...]
    plays_series: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page of one game."""

    game: dict[str, Any]
    starts_at: datetime
    ends_at: datetime
    state: str
    total: dict[str, int]
    parts: tuple[Part, ...]
    brands: tuple[BrandRow, ...]
    burn: Burn
    rates: Rates
    winners: list[tuple[datetime, str | None, str, str | None]]
    zone: str
    term: str

    @property
    def is_conserved(self) -> bool:
        """Whether every coupon stands somewhere."""
        return self.total["initial"] == sum(self.total[state] for state in STATES)


def state_of(campaign: Campaign, starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Where a game stands: ended, paused, scheduled or running."""
    if campaign.ended_at is not None or now >= ends_at:
        return "ended"
    if campaign.paused_at is not None:
        return "paused"
    return "scheduled" if now < starts_at else "running"


def chosen(raw_games: Sequence[Mapping[str, Any]], asked: str, now: datetime) -> Mapping[str, Any]:
    """The game that is asked for, else the one that runs, else the next, else the last."""
    by_key = {each["key"]: each for each in raw_games}
    if asked in by_key:
        return by_key[asked]
    ordered = sorted(raw_games, key=lambda each: str(each["starts_at"]))
    open_ = [each for each in ordered if moment(each["ends_at"]) > now]
    return open_[0] if open_ else ordered[-1]


def moment(text: str) -> datetime:
    """A moment of a document."""
    return datetime.fromisoformat(text).astimezone(UTC)


def zone_of(document: Mapping[str, Any]) -> tzinfo:
    """The zone of a campaign, UTC where it names none."""
    return ZONES[document.get("timezone") or "UTC"]


def in_zone(zone: tzinfo, start: datetime, end: datetime, now: datetime) -> tuple[datetime, datetime, datetime]:
    """Three moments as clocks of the zone show them."""
    return start.astimezone(zone), end.astimezone(zone), now.astimezone(zone)


def names_of(raw: Mapping[str, Any]) -> dict[str, str]:
    """The brands of a game by key, as people know them."""
    return {each["brand"]: each.get("brand_name") or humane(each["brand"]) for each in raw["budgets"]}


def term(times: tuple[datetime, datetime, datetime], zone: tzinfo) -> str:
    """When a game ends, or has ended, or begins: "until 23:00, 2 h 33 min left"."""
    starts_at, ends_at, now = times
    if now >= ends_at:
        return f"ended {ends_at.astimezone(zone):%-d %b, %H:%M}"
    if now < starts_at:
        return f"begins {starts_at.astimezone(zone):%-d %b, %H:%M}"
    form = "%H:%M" if ends_at - now < timedelta(hours=24) else "%-d %b, %H:%M"
    return f"until {ends_at.astimezone(zone):{form}}, {until(ends_at, now).removeprefix('in ')} left"


def board(conn: Connection, campaign: Campaign, raw: Mapping[str, Any], now: datetime) -> Board:
    """Look at one game."""
    key, starts_at, ends_at = raw["key"], moment(raw["starts_at"]), moment(raw["ends_at"])
    names = names_of(raw)
    budgets = pools.pools_of_game(conn, key)
    total = _total(budgets.values())
    elapsed = min(1.0, max(0.0, (now - starts_at) / (ends_at - starts_at)))
    rows = tuple(_brand(pool, names.get(brand, brand), elapsed) for brand, pool in budgets.items())
    minutes = games.winners_by_minute(conn, [key], starts_at)
    rates = _rates(conn, key, now, minutes)
    zone = zone_of(campaign.document)
    burn = burn_down(in_zone(zone, starts_at, ends_at, now), total["initial"], total["available"], minutes)
    winners = [(*each[:3], names.get(each[3] or "", each[3])) for each in plays.winners(conn, [key], WINNERS_SHOWN)]
    return Board(
        dict(raw), starts_at, ends_at, state_of(campaign, starts_at, ends_at, now), total, _parts(total), rows, burn,
        rates, winners, str(zone), term((starts_at, ends_at, now), zone),
    )  # fmt: skip


def _parts(total: Mapping[str, int]) -> tuple[Part, ...]:
    parts, begins = [], 0.0
    for state in STATES:
        share = 100 * total[state] / max(1, total["initial"])
        parts.append(Part(state, total[state], SAYS[state], COLOURS[state], round(begins, 2), round(share, 2)))
        begins += share
    return tuple(parts)


def _brand(pool: Pool, name: str, elapsed: float) -> BrandRow:
    used = pool.initial - pool.available
    return BrandRow(pool.brand or "", name, pool, round(100 * used / max(1, pool.initial)), round(100 * elapsed))


def _rates(conn: Connection, key: str, now: datetime, minutes: Sequence[tuple[datetime, int]]) -> Rates:
    seconds = games.plays_by_second(conn, [key], RATE_SECONDS)
    waiting, wait = games.waits(conn, [key])
    sent, won = sum(each[1] for each in seconds), sum(each[2] for each in seconds)
    by_second = {at.replace(microsecond=0): count for at, count, _ in seconds}
    by_minute = dict(minutes)
    last_minutes = [now.replace(second=0, microsecond=0) - timedelta(minutes=back) for back in range(24, -1, -1)]
    last_seconds = [now.replace(microsecond=0) - timedelta(seconds=back) for back in range(RATE_SECONDS - 1, -1, -1)]
    winners = tuple(by_minute.get(minute, 0) for minute in last_minutes)
    recent = winners[-6:-1]
    return Rates(
        sum(recent) / len(recent), sent / RATE_SECONDS, 100 * won / sent if sent else 0.0, waiting, wait, winners,
        tuple(by_second.get(second, 0) for second in last_seconds),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whole:
    """All games of a campaign together: how many there are, and where their coupons are."""

    games: int
    total: dict[str, int]

    @property
    def is_conserved(self) -> bool:
        """Whether every coupon stands somewhere."""
        return self.total["initial"] == sum(self.total[state] for state in STATES)

    @property
    def states(self) -> tuple[int, ...]:
        """The counts that have to add up, in the order of a coupon's life."""
        return tuple(self.total[state] for state in STATES)


def whole(conn: Connection, campaign: Campaign) -> Whole | None:
    """The budgets of all games; None where there is only one."""
    count = len(games_of(campaign))
    return Whole(count, _total(pools.pools_of_campaign(conn, campaign.key))) if count > 1 else None


def _total(budgets: Iterable[Pool]) -> dict[str, int]:
    counts = [pool.counts() for pool in budgets]
    return {name: sum(each[name] for each in counts) for name in ("initial", *STATES)}


def games_of(campaign: Campaign) -> list[dict[str, Any]]:
    """The games of a campaign's document."""
    return list(campaign.document["games"])


def listed(conn: Connection, now: datetime) -> list[tuple[Campaign, str, dict[str, int], Mapping[str, Any]]]:
    """Every campaign with its state, its coupons in all, and the game that its page opens with."""
    found = []
    for campaign in campaigns.campaigns(conn):
        total = _total(pools.pools_of_campaign(conn, campaign.key))
        game = chosen(games_of(campaign), "", now)
        found.append(
            (campaign, state_of(campaign, moment(game["starts_at"]), moment(game["ends_at"]), now), total, game)
        )
    return found
