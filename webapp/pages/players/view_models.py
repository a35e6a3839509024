"""What the pages about players show: the list, one player, the ledger, the timeline, and why a rule granted nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.scoring.award import MANUAL_SOURCE
from engine.scoring.views.player_profile import ProfileView
from webapp.pages.outcome_lines import OutcomeLine, RuleLabels
from webapp.pages.players.explanation import PlayerExplanation
from webapp.pages.players.standing import Badge, BoardRank, LevelBar, PlayerStreak
from webapp.store.campaigns.coupons import Coupon
from webapp.store.campaigns.rewards import Redemption
from webapp.store.players.player_lists import ListedPlayer
from webapp.store.players.player_profiles import LedgerLine, PlayerRecord

STATE_MARKS = {"ACTIVE": "live", "ONBOARDING": "scheduled", "AT_RISK": "review", "DORMANT": "draft"}


@dataclass(frozen=True, slots=True)
class PlayerListRow:
    """A player of the list; `level` is empty where no rule makes levels."""

    player: ListedPlayer
    level: str


@dataclass(frozen=True, slots=True)
class PlayersPage:
    """A page of the players whose ids start with `prefix`; `next_address` is empty on the last page."""

    rows: Sequence[PlayerListRow]
    prefix: str
    next_address: str


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """A rule that can be explained."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class WhyPanel:
    """Why, or why not yet: one rule explained for one player, and the rules that can be chosen, by kind."""

    player: PlayerRecord
    explanation: PlayerExplanation | None
    choices: Mapping[str, Sequence[RuleChoice]]


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """What happened to a player at a moment, the most important line first; `note` says by what, whom and why."""

    at: datetime
    note: str
    lines: Sequence[OutcomeLine]

    @property
    def others(self) -> Sequence[str]:
        """What else was awarded or gained, beside the first line."""
        return [line.what for line in self.lines[1:] if line.is_award or line.is_gain]


@dataclass(frozen=True, slots=True)
class PlayerPage:
    """One player: standing, badges, why not yet, missions, streaks, prizes, and the newest lines of the timeline."""

    player: PlayerRecord
    profile: ProfileView
    level: LevelBar | None
    badges: Sequence[Badge]
    labels: RuleLabels
    why: WhyPanel
    streaks: Sequence[PlayerStreak]
    ranks: Sequence[BoardRank]
    coupons: Sequence[Coupon]
    may_reveal: bool
    redemptions: Sequence[Redemption]
    timeline: Sequence[TimelineLine]

    @property
    def held_badges(self) -> int:
        """How many of the badges the player holds."""
        return sum(badge.is_held for badge in self.badges)

    @property
    def state_mark(self) -> str:
        """The mark beside the state of the life cycle."""
        return STATE_MARKS.get(self.profile["state"] or "", "live")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A line of the ledger, by what and whom, how its amount came about, and the level it led to; each may be empty."""

    line: LedgerLine
    note: str
    origin: str
    level: str

    @property
    def is_by_hand(self) -> bool:
        """Whether no rule is behind it: its note says all."""
        return self.line.rule == MANUAL_SOURCE


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of a player's ledger, the newest first."""

    player: PlayerRecord
    rows: Sequence[LedgerRow]
    labels: RuleLabels
    older_address: str


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of a player's timeline, the newest first."""

    player: PlayerRecord
    timeline: Sequence[TimelineLine]
    older_address: str
