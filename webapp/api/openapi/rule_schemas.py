"""Schemas of rule documents, from the forms that authors fill in, the operators and the facts."""

from collections.abc import Iterable, Mapping

from engine.documents.fields import FormField, all_fields, pointer_steps
from engine.kinds import KINDS
from engine.language.operators import OPERATORS
from engine.vocabulary.fact import Catalogue, Fact
from webapp.api.openapi.operation import Schema

EXAMPLES_WITH_FACTS = [
    {"kind": kind.key, "key": "KEY", "name": f"the {kind.name}"} for kind in KINDS.values() if kind.has_facts
]
"""One document of each kind that provides facts, so that their paths can be listed; KEY stands for its key."""

TYPES: Mapping[str, Schema] = {
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "yes_no": {"type": "boolean"},
    "moment": {"type": "string", "format": "date-time"},
    "choices": {"type": "array", "items": {"type": "string"}},
    "texts": {"type": "array", "items": {"type": "string"}},
    "amount": {"$ref": "#/components/schemas/Amount"},
    "logic": {"$ref": "#/components/schemas/Condition"},
}
"""Widget → the schema of its member; a string where none is named."""


def schemas() -> dict[str, Schema]:
    """The schemas of a list of documents, of each kind, and of what they contain."""
    kinds = {kind: _document(kind) for kind in KINDS}
    names = {kind: f"{kind.title().replace('_', '')}Document" for kind in kinds}
    return {
        "Documents": {
            "type": "array",
            "items": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names.values()]},
            "description": "Rule documents, applied all together or not at all.",
        },
        **{names[kind]: schema for kind, schema in kinds.items()},
        "Condition": _condition(),
        "Amount": {
            "description": "An amount: a number, or a formula (JsonLogic) over facts.",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "object"}],
        },
    }


def facts() -> list[Fact]:
    """The facts that exist without any rule, and those that a rule provides, with KEY in place of its key."""
    return Catalogue.from_documents(EXAMPLES_WITH_FACTS).facts()


def _condition() -> Schema:
    paths = ", ".join(f"`{fact.path}`" for fact in facts())
    return {
        "description": "JsonLogic in the safe profile; null always holds. Operators: "
        f"{', '.join(f'`{name}`' for name in OPERATORS)}. Facts: {paths}, "
        "`event.properties.NAME`, `player.attributes.NAME`, `metric.KEY.last_N_days` (N from 1 to 90).",
        "type": ["object", "array", "boolean", "string", "number", "null"],
        "items": {},
    }


def _document(kind: str) -> Schema:
    fields = list(all_fields(KINDS[kind].form))
    schema = _object(fields)
    schema["properties"] = {"kind": {"const": kind}} | schema["properties"]
    for section in KINDS[kind].form:
        if section.tree:
            schema["properties"][pointer_steps(section.tree)[0]] = TYPES["logic"]
    schema["required"] = ["kind", *schema.get("required", [])]
    return schema


def _object(fields: Iterable[FormField]) -> Schema:
    """An object with these fields as members; a pointer of several steps leads into nested objects."""
    root: Schema = {"type": "object", "properties": {}}
    for field in fields:
        *parents, name = pointer_steps(field.pointer) or [""]
        schema = root
        for step in parents:
            schema = schema["properties"].setdefault(step, {"type": "object", "properties": {}})
        if name:
            schema["properties"][name] = _member(field)
            if field.is_required and not parents:
                schema.setdefault("required", []).append(name)
    return root


def _member(field: FormField) -> Schema:
    texts = {"title": field.label, "description": field.help, "default": field.default}
    annotations = {name: value for name, value in texts.items() if value not in (None, "")}
    if field.widget == "table":
        return annotations | {"type": "array", "items": _object(field.columns)}
    if field.widget == "mapping":
        return annotations | {"type": "object", "additionalProperties": _object(field.columns)}
    schema = TYPES.get(field.widget, {"type": "string"})
    if "$ref" in schema:
        return annotations | schema
    return annotations | _bounded(field, schema)


def _bounded(field: FormField, schema: Schema) -> Schema:
    is_text = schema["type"] == "string"
    minimum, maximum = ("minLength", "maxLength") if is_text else ("minimum", "maximum")
    bounds = {minimum: field.least, maximum: field.most}
    bounded = {**schema, **{name: int(bound) for name, bound in bounds.items() if bound is not None}}
    if field.choices:
        allowed = [value for value, _ in field.choices]
        bounded |= {"items": {"enum": allowed}} if schema["type"] == "array" else {"enum": allowed}
    return bounded if field.is_required else {**bounded, "type": [schema["type"], "null"], **_nullable(bounded)}


def _nullable(schema: Schema) -> Schema:
    return {"enum": [*schema["enum"], None]} if "enum" in schema and None not in schema["enum"] else {}
