"""The kinds of rules to begin with, each with its purpose, under the question that it answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kinds import GROUPS, Kind


@dataclass(frozen=True, slots=True)
class KindCard:
    """One kind to begin with; `existing` is the key of its rule if there is one and there may be no other."""

    kind: str
    name: str
    text: str
    icon: str
    existing: str


def kind_cards(only_rules: Mapping[str, tuple[str, str]]) -> list[tuple[str, list[KindCard]]]:
    """The kinds under their headings; `only_rules` has key and name of the rules that are the only ones of theirs."""
    return [(title, [_card(kind, only_rules.get(kind.key)) for kind in kinds]) for title, kinds in GROUPS.items()]


def _card(kind: Kind, only_rule: tuple[str, str] | None) -> KindCard:
    if only_rule is None:
        return KindCard(kind.key, kind.name.capitalize(), kind.purpose, kind.icon, "")
    key, name = only_rule
    return KindCard(kind.key, f"Edit {name}", "One for all players, which you can edit.", kind.icon, key)
