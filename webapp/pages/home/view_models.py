"""What Home shows: what happens now, or the first steps that lead there."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.pages.home.attention import Attention
from webapp.pages.home.first_steps import Step
from webapp.pages.home.health import HealthLine
from webapp.pages.home.live_figures import FeedLine, LiveFigures


@dataclass(frozen=True, slots=True)
class HomePage:
    """What happens now, live: figures, the latest awards, and what needs attention."""

    figures: LiveFigures
    feed: Sequence[FeedLine]
    attention: Attention


@dataclass(frozen=True, slots=True)
class FirstStepsPage:
    """The steps to the first badge."""

    steps: Sequence[Step]
    health: Sequence[HealthLine]
    may_change: bool

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.is_done for step in self.steps)


@dataclass(frozen=True, slots=True)
class FirstEventPage:
    """Waiting for the first event of an app; `event` is None until it has arrived."""

    event: FeedLine | None
    app: str
    event_id: str
