"""What an entry says about the player: the time zone and the attributes, before anything is judged."""

from engine.scoring import streaks
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import local_time
from engine.scoring.state.memory import State
from engine.scoring.state.player_state import ATTRIBUTES_BYTES_MAX, encode
from engine.vocabulary.entry import PROFILE, Entry

CUT_DAYS_MIN = 7


def apply_profile(state: State, entry: Entry) -> bool:
    """Set the zone and merge attributes by key; null removes one. False if the attributes would become too big.

    Then none of the entry's attributes is taken: a player's document has a maximum size.
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
    present = {name: value for name, value in merged.items() if value is not None}
    if len(encode(present)) > ATTRIBUTES_BYTES_MAX:
        return False
    state["attributes"] = present
    if not present:
        del state["attributes"]
    return True


def skip_cut_day(state: State, entry: Entry, book: Rulebook, zone_before: str | None) -> None:
    """A move east may skip the rest of a day: daily streaks treat it like a pause, at most once in seven days.

    `zone_before` is the zone that the player had until now. Without the limit, moving to and fro would keep a streak
    alive without any activity.
    """
    if zone_before is None or zone_before == state.get("tz") or "streaks" not in state:
        return
    old_day = local_time(entry.occurred_at, book.zone(zone_before)).day
    new_day = local_time(entry.occurred_at, book.zone(state.get("tz"))).day
    # Moving west repeats a day instead of skipping one, and needs no help.
    if new_day <= old_day or old_day - state.get("cut", old_day - CUT_DAYS_MIN) < CUT_DAYS_MIN:
        return
    state["cut"] = old_day
    for key, record in state["streaks"].items():
        if key in book.streaks and book.streaks[key].every == "day":
            streaks.add_pause(record, old_day, new_day - 1)
