"""The kinds of rules that can be begun, each with what it is for, under the question that it answers."""

from dataclasses import dataclass

from webapp.pages import icons

GROUPS = {
    "Players get something": {
        "badge": "A mark of honour, once or again and again",
        "mission": "A goal to reach, in a day, a week or ever",
        "earning": "XP and coins for what players do",
        "reward": "Something to redeem for coins",
        "campaign": "Games with coupons, from a moment to a moment",
        "boost": "More XP or coins for a while",
    },
    "Something is counted": {
        "metric": "How often, how much, how many different",
        "streak": "Days, weeks or months in a row",
        "leaderboard": "Who is ahead, today or ever",
        "levels": "Names for how far XP have carried",
    },
    "Players and what they bring": {
        "segment": "Players who have something in common",
        "lifecycle": "New, active, at risk, gone: and what leads there",
        "player_limits": "How much is too much for one player",
        "event_type": "What an event carries, with types and units",
        "brand": "Whose coupons they are",
        "coupon_pool": "Codes that rules may hand out",
    },
}


@dataclass(frozen=True, slots=True)
class Card:
    """One kind to begin with."""

    kind: str
    name: str
    text: str
    icon: str


def cards() -> list[tuple[str, list[Card]]]:
    """The kinds under their headings."""
    return [(title, [_card(kind, text) for kind, text in each.items()]) for title, each in GROUPS.items()]


def _card(kind: str, text: str) -> Card:
    return Card(kind, kind.replace("_", " ").capitalize(), text, icons.of_kind(kind))
