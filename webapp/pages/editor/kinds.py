"""The kinds of rules that can be begun, each with what it is for, under the question that it answers."""

from dataclasses import dataclass

from engine.kinds import GROUPS, Kind


@dataclass(frozen=True, slots=True)
class Card:
    """One kind to begin with."""

    kind: str
    name: str
    text: str
    icon: str


def cards() -> list[tuple[str, list[Card]]]:
    """The kinds under their headings."""
    return [(title, [_card(kind) for kind in kinds]) for title, kinds in GROUPS.items()]


def _card(kind: Kind) -> Card:
    return Card(kind.key, kind.name.capitalize(), kind.purpose, kind.icon)
