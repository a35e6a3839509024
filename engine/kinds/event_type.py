"""Event type: what an app declares about the events of one type, so that conditions can offer their properties."""

from collections.abc import Iterator
from typing import Any

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import Field, Section, words
from engine.documents.shape import choice, listing, members, optional, required, text
from engine.kinds.kind import Kind
from engine.kinds.shared_parts import ABOUT, document
from engine.language.words.clauses import Clauses
from engine.language.words.wording import listing as listed
from engine.vocabulary.fact import FactType, humanise, is_valid_name
from engine.vocabulary.problem import Problem

_PROPERTY_NAME = text(150)
_DECLARATION = members(
    {
        "type": required(choice(*[known for known in FactType if known is not FactType.UNKNOWN])),
        "label": optional(text(120)),
        "unit": optional(text(40)),
        "choices": optional(listing(shape.plain, 1, 200)),
        "example": optional(shape.free),
    }
)


def _property_name(value: Any, at: str) -> Iterator[Problem]:
    """The name of a property as rules speak it: steps with dots between them."""
    if isinstance(value, str) and not is_valid_name(value):
        yield Problem(at, f"{value!r:.60} is not a property: every part between the dots needs a name")
    yield from _PROPERTY_NAME(value, at)


_SHAPE = document({"type": optional(shape.event), "properties": optional(shape.mapping(_property_name, _DECLARATION))})
_FACT_TYPES = words(
    "number=Number", "text=Text", "boolean=Yes or no", "date=Date", "texts=List of texts", "list=List of objects"
)
_FORM = (
    Section(
        "then",
        "What the event carries",
        (
            Field("/type", "text", "Event type", "As apps send it. If empty: the key.", most=64),
            Field(
                "/properties",
                "mapping",
                "Properties",
                columns=(
                    Field("/type", "choice", "Type", choices=_FACT_TYPES, default="text", is_required=True),
                    Field("/label", "text", "Label", "How conditions refer to it.", most=120),
                    Field("/unit", "text", "Unit", most=40),
                    Field("/choices", "texts", "Choices", "If empty: any value."),
                    Field("/example", "text", "Example"),
                ),
            ),
        ),
    ),
    ABOUT,
)


def _sentence(raw: Raw, _say: Clauses) -> str:
    names = [humanise(str(name)) for name in raw.get("properties") or {}]
    event = humanise(str(raw.get("type") or raw.get("key")))
    return f"the event {event} carries {listed(names, 'and')}" if names else f"the event {event}"


EVENT_TYPE = Kind(
    key="event_type",
    icon="brackets",
    purpose="What an event carries, with types and units",
    shape=_SHAPE,
    form=_FORM,
    first_members={"properties": {}},
    sentence=_sentence,
)
