"""The facts to pick from, in groups."""

from dataclasses import dataclass
from itertools import groupby

from engine.authoring.forms import forms
from engine.authoring.forms.row_options import example_words, facts_offered
from engine.authoring.tree.conditions import catalogue_in, parse_page_id
from engine.vocabulary.fact import EVENT_PROPERTY, PLAYER_ATTRIBUTE, Catalogue, Fact
from webapp.store.rules.drafts import Draft

FILTERED = ("event.", PLAYER_ATTRIBUTE)
"""What a filter may read: it decides what counts, so nothing that was counted exists yet."""


@dataclass(frozen=True, slots=True)
class PickableFact:
    """A fact to pick: how it is called, its unit, and in words a value that it may have; empty for none."""

    path: str
    label: str
    unit: str
    example: str


def fact_groups(draft: Draft, catalogue: Catalogue) -> list[tuple[str, list[PickableFact]]]:
    """The facts that a rule of this kind may use, under their headings."""
    offered = [fact for fact in facts_offered(catalogue) if _is_readable(fact, draft)]
    carried = [fact for fact in offered if not fact.path.startswith(EVENT_PROPERTY) or _is_carried(fact, catalogue)]
    return [
        (group.value, [_pickable(fact, catalogue) for fact in facts])
        for group, facts in groupby(carried, key=lambda fact: fact.group)
    ]


def unreadable_facts(draft: Draft, catalogue: Catalogue) -> list[PickableFact]:
    """The facts that there are and that a rule of this kind cannot read."""
    return [_pickable(fact, catalogue) for fact in facts_offered(catalogue) if not _is_readable(fact, draft)]


def _is_readable(fact: Fact, draft: Draft) -> bool:
    return forms.tree_pointer(draft.kind) != "/filter" or fact.path.startswith(FILTERED)


def catalogue_at(draft: Draft, control: str, catalogue: Catalogue) -> Catalogue:
    """The facts for a control such as `transitions-0-condition-c4.fact`: in a table row, those of its events."""
    at, _node = parse_page_id(control.partition(".")[0])
    return catalogue_in(draft.document, at, catalogue) if at else catalogue


def _pickable(fact: Fact, catalogue: Catalogue) -> PickableFact:
    return PickableFact(fact.path, fact.label, fact.unit or "", example_words(fact, catalogue))


def _is_carried(fact: Fact, catalogue: Catalogue) -> bool:
    """Whether the events of the rule are known to carry this property."""
    name = fact.path.removeprefix(EVENT_PROPERTY)
    events = catalogue.events or tuple(catalogue.properties)
    return any(name in catalogue.properties.get(event, {}) for event in events)
