"""What an entry says of the player: the time zone and the attributes, before anything is judged."""

from engine.scoring import streaks
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import local_time
from engine.scoring.state.memory import State
from engine.scoring.state.player_state import ATTRIBUTES_BYTES_MAX, encode
from engine.vocabulary.entry import PROFILE, Entry

CUT_DAYS_MIN = 7


def apply_profile(state: State, entry: Entry) -> bool:
    """Set the zone and merge attributes by key; null removes. False where the attributes would become too big.

    Then none of the entry's attributes is taken: the document of a player has a fixed size.
    """
    zone, attributes = entry.timezone, entry.attributes
    if entry.type == PROFILE:
        zone = zone or entry.properties.get("timezone")
        attributes = attributes or entry.properties.get("attributes")
    if zone is not None:
        state["tz"] = zone
    if not attributes:
        return True
    merged = {**state.get("attributes", {}), **attributes}
    kept = {name: value for name, value in merged.items() if value is not None}
    if len(encode(kept)) > ATTRIBUTES_BYTES_MAX:
        return False
    state["attributes"] = kept
    if not kept:
        del state["attributes"]
    return True


def skip_cut_day(state: State, entry: Entry, book: Rulebook, before: str | None) -> None:
    """A move east may skip the rest of a day: daily streaks pass over it as over a pause, once in seven days.

    `before` is the zone that the player had until now.
    """
    if before is None or before == state.get("tz") or "streaks" not in state:
        return
    old, new = (local_time(entry.occurred_at, book.zone(zone)).day for zone in (before, state.get("tz")))
    if new <= old or old - state.get("cut", old - CUT_DAYS_MIN) < CUT_DAYS_MIN:
        return
    state["cut"] = old
    for key, record in state["streaks"].items():
        if key in book.streaks and book.streaks[key].every == "day":
            streaks.add_pause(record, old, new - 1)
