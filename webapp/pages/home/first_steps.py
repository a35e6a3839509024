"""The first steps: from nothing to the first badge, each ticked off by what is there."""

from dataclasses import dataclass

from webapp.store.system.connection import Connection

DISMISSED = "first_steps_dismissed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, done or not; the first that is not is the open one."""

    name: str
    text: str
    is_done: bool
    is_open: bool = False


LOOK = """
SELECT EXISTS (SELECT FROM rule WHERE status = 'live'), EXISTS (SELECT FROM api_key),
  EXISTS (SELECT FROM entry e JOIN app a ON a.id = e.app_id WHERE a.key <> 'laurel'),
  (SELECT count(*) > 1 FROM operator), EXISTS (SELECT FROM setting WHERE key = %s)
"""


def are_shown(conn: Connection) -> bool:
    """Whether Home is still the list of first steps: until an event is here, or they were put away."""
    row = conn.execute(LOOK, (DISMISSED,)).fetchone()
    assert row is not None
    return not (row[2] or row[4])


def all_steps(conn: Connection) -> list[Step]:
    """The steps in their order; exactly one of those that are not done is open."""
    row = conn.execute(LOOK, (DISMISSED,)).fetchone()
    assert row is not None
    has_rules, has_key, has_event, has_colleague, _ = row
    found = [
        ("Sign in", "", True),
        ("Put rules live", "A pack brings badges, missions and a leaderboard.", has_rules),
        ("Make a key", "Apps send events with it.", has_key),
        (
            "Send your first event",
            "Run the example anywhere; the page moves on by itself as soon as it arrives.",
            has_event,
        ),
        ("Invite a colleague", "One writes rules, another puts them live.", has_colleague),
    ]
    first_open = next((index for index, each in enumerate(found) if not each[2]), None)
    return [Step(*each, is_open=index == first_open) for index, each in enumerate(found)]
