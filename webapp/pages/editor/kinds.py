"""The kinds of rules to begin with, each with its purpose, under the question that it answers."""

from dataclasses import dataclass

from engine.kinds import GROUPS, Kind


@dataclass(frozen=True, slots=True)
class KindCard:
    """One kind to begin with."""

    kind: str
    name: str
    text: str
    icon: str


def kind_cards() -> list[tuple[str, list[KindCard]]]:
    """The kinds under their headings."""
    return [(title, [_card(kind) for kind in kinds]) for title, kinds in GROUPS.items()]


def _card(kind: Kind) -> KindCard:
    return KindCard(kind.key, kind.name.capitalize(), kind.purpose, kind.icon)
