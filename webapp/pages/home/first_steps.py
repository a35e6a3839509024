"""The first steps: from nothing to the first badge, each ticked off by what exists."""

from dataclasses import dataclass, replace

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
    """Whether Home is still the list of first steps: until an event has arrived, or they were dismissed."""
    return not (monitoring.beginnings(conn).has_event or are_first_steps_dismissed(conn))


def all_steps(conn: Connection) -> list[Step]:
    """The steps in their order; the first that is not done is open."""
    beginnings = monitoring.beginnings(conn)
    steps = [
        Step("Sign in", "", is_done=True),
        Step("Publish rules", "A pack contains badges, missions and a leaderboard.", beginnings.has_rules),
        Step("Create a key", "Apps need one to send events.", beginnings.has_key),
        Step(
            "Send your first event",
            "Run the example on any machine. This page updates as soon as the event arrives.",
            beginnings.has_event,
        ),
        Step("Invite a colleague", "One writes rules, another publishes them.", beginnings.has_colleague),
    ]
    first_open = next((step for step in steps if not step.is_done), None)
    return [replace(step, is_open=step is first_open) for step in steps]
