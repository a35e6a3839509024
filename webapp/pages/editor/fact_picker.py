"""The facts to pick from, in groups, each with its unit and an example."""

from itertools import groupby

from engine.authoring.forms import forms
from engine.authoring.forms.row_options import facts_offered
from engine.authoring.tree.conditions import catalogue_in, parse_page_id
from engine.vocabulary.fact import EVENT_PROPERTY, PLAYER_ATTRIBUTE, Catalogue, Fact
from webapp.store.rules.drafts import Draft

FILTERED = ("event.", PLAYER_ATTRIBUTE)
"""What a filter may read: it decides what counts, before anything is counted."""


def fact_groups(draft: Draft, known: Catalogue) -> list[tuple[str, list[Fact]]]:
    """The facts that a rule of this kind may ask about, under their headings."""
    is_filter = forms.tree_pointer(draft.kind) == "/filter"
    found = [fact for fact in facts_offered(known) if not is_filter or fact.path.startswith(FILTERED)]
    own = [fact for fact in found if not fact.path.startswith(EVENT_PROPERTY) or _is_carried(fact, known)]
    return [(group.value, list(facts)) for group, facts in groupby(own, key=lambda fact: fact.group)]


def catalogue_at(draft: Draft, control: str, known: Catalogue) -> Catalogue:
    """The facts for a control, such as `transitions-0-condition-c4.fact`: in a row, those of its events."""
    at, _node = parse_page_id(control.partition(".")[0])
    return catalogue_in(draft.document, at, known) if at else known


def _is_carried(fact: Fact, known: Catalogue) -> bool:
    """Whether the events of the rule are known to carry this property."""
    name = fact.path.removeprefix(EVENT_PROPERTY)
    asked = known.events or tuple(known.properties)
    return any(name in known.properties.get(event, {}) for event in asked)
