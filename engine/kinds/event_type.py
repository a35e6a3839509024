"""Event type: what an app declares about the events of one type, so that conditions can offer their properties."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import choice, list_of, object_with, optional, required, text
from engine.kinds.kind import Kind
from engine.kinds.shared_parts import ABOUT, document
from engine.language.words.clauses import GAP, ClauseWords
from engine.language.words.wording import word_list
from engine.vocabulary.fact import FactType, humanise, is_valid_name
from engine.vocabulary.problem import Problem

_PROPERTY_NAME = text(150)
_DECLARATION = object_with(
    {
        "type": required(choice(*[known for known in FactType if known is not FactType.UNKNOWN])),
        "label": optional(text(120)),
        "unit": optional(text(40)),
        "choices": optional(list_of(shape.scalar, 1, 200)),
        "example": optional(shape.any_json),
    }
)


def _property_name(value: Any, at: str) -> Iterator[Problem]:
    """The name of a property as rules write it: names with dots between them."""
    if isinstance(value, str) and not is_valid_name(value):
        yield Problem(at, f"{value!r:.60} is not a property: every part between the dots needs a name")
    yield from _PROPERTY_NAME(value, at)


_SHAPE = document(
    {"type": optional(shape.event_type), "properties": optional(shape.mapping_of(_property_name, _DECLARATION))}
)
_FACT_TYPES = choice_pairs(
    "number=Number", "text=Text", "boolean=Yes or no", "date=Date", "texts=List of texts", "list=List of objects"
)
_FORM = (
    FormSection(
        "then",
        "What the event carries",
        (
            FormField("/type", "text", "Event type", "As apps send it. If empty: the key.", most=64),
            FormField(
                "/properties",
                "mapping",
                "Properties",
                columns=(
                    FormField("/type", "choice", "Type", choices=_FACT_TYPES, default="text", is_required=True),
                    FormField("/label", "text", "Label", "How conditions refer to it.", most=120),
                    FormField("/unit", "text", "Unit", most=40),
                    FormField("/choices", "texts", "Choices", "If empty: any value."),
                    FormField("/example", "text", "Example"),
                ),
            ),
        ),
    ),
    ABOUT,
)


def _label(declaration: Any) -> str:
    return str(declaration.get("label") or "") if isinstance(declaration, Mapping) else ""


def _sentence(raw: Raw, _say: ClauseWords) -> str:
    properties = raw.get("properties")
    declared = properties.items() if isinstance(properties, Mapping) else ()
    names = [_label(shape) or humanise(str(name)) for name, shape in declared]
    event = humanise(str(raw.get("type") or raw.get("key") or GAP))
    return f"the event {event} carries {word_list(names, 'and')}" if names else f"the event {event}"


EVENT_TYPE = Kind(
    key="event_type",
    icon="brackets",
    purpose="What an event carries, with types and units",
    shape=_SHAPE,
    form=_FORM,
    first_members={"properties": {}},
    sentence=_sentence,
)
