"""The first steps: from nothing to the first badge, each ticked off by what is there."""

from dataclasses import dataclass

from webapp.services.onboarding.first_steps import are_first_steps_dismissed
from webapp.store.system import monitoring
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Step:
    """One step, done or not; the first that is not is the open one."""

    name: str
    text: str
    is_done: bool
    is_open: bool = False


def are_shown(conn: Connection) -> bool:
    """Whether Home is still the list of first steps: until an event is here, or they were put away."""
    return not (monitoring.beginnings(conn).has_event or are_first_steps_dismissed(conn))


def all_steps(conn: Connection) -> list[Step]:
    """The steps in their order; exactly one of those that are not done is open."""
    there = monitoring.beginnings(conn)
    found = [
        ("Sign in", "", True),
        ("Publish rules", "A pack brings badges, missions and a leaderboard.", there.has_rules),
        ("Create a key", "Apps send events with it.", there.has_key),
        (
            "Send your first event",
            "Run the example anywhere; the page moves on by itself as soon as it arrives.",
            there.has_event,
        ),
        ("Invite a colleague", "One writes rules, another puts them live.", there.has_colleague),
    ]
    first_open = next((index for index, each in enumerate(found) if not each[2]), None)
    return [Step(*each, is_open=index == first_open) for index, each in enumerate(found)]
