"""Schemas of rule documents, from the forms that authors fill in, the operators and the facts."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.documents.fields import Field, all_fields, steps
from engine.kinds import KINDS
from engine.language.operators import OPERATORS
from engine.vocabulary.fact import Catalogue, Fact
from webapp.api.openapi.operation import Schema

EXAMPLES_WITH_FACTS = [
    {"kind": kind.key, "key": "KEY", "name": f"the {kind.name}"} for kind in KINDS.values() if kind.has_facts
]
"""One document of each kind that brings facts, so that their paths can be listed; KEY stands for its key."""

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
"""Widget → what its member is; a text where none is named."""


def schemas() -> dict[str, Schema]:
    """The schema of a list of documents, of each kind, and of what stands in them."""
    kinds = {kind: _document(kind) for kind in KINDS}
    names = {kind: f"{kind.title().replace('_', '')}Document" for kind in kinds}
    return {
        "Documents": {
            "type": "array",
            "items": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names.values()]},
            "description": "Rule documents, applied as a whole or not at all.",
        },
        **{names[kind]: schema for kind, schema in kinds.items()},
        "Condition": _condition(),
        "Amount": {
            "description": "An amount: a number, or a formula (JsonLogic) over facts.",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "object"}],
        },
    }


def facts() -> list[Fact]:
    """Every fact that there is without any rule, and those that a rule brings, with KEY in the place of its key."""
    return Catalogue.from_documents(EXAMPLES_WITH_FACTS).facts()


def _condition() -> Schema:
    paths = ", ".join(f"`{fact.path}`" for fact in facts())
    return {
        "description": "JsonLogic in the safe profile; null always holds. Operators: "
        f"{', '.join(f'`{name}`' for name in OPERATORS)}. Facts: {paths}, "
        "`event.properties.NAME`, `player.attributes.NAME`, `metric.KEY.last_N_days` (N from 1 to 90).",
        "type": ["object", "array", "boolean", "string", "number", "null"],
    }


def _document(kind: str) -> Schema:
    fields = list(all_fields(KINDS[kind].form))
    schema = _object(fields)
    schema["properties"] = {"kind": {"const": kind}} | schema["properties"]
    for section in KINDS[kind].form:
        if section.tree:
            schema["properties"][steps(section.tree)[0]] = TYPES["logic"]
    schema["required"] = ["kind", *schema.get("required", [])]
    return schema


def _object(fields: Iterable[Field]) -> Schema:
    """An object whose members are these fields; a pointer of several steps leads into objects of its own."""
    root: Schema = {"type": "object", "properties": {}}
    for field in fields:
        *way, last = steps(field.pointer) or [""]
        place = root
        for step in way:
            place = place["properties"].setdefault(step, {"type": "object", "properties": {}})
        if last:
            place["properties"][last] = _member(field)
            if field.is_required and not way:
                place.setdefault("required", []).append(last)
    return root


def _member(field: Field) -> Schema:
    said = {name: each for name, each in _said(field).items() if each not in (None, "")}
    if field.widget == "table":
        return said | {"type": "array", "items": _object(field.columns)}
    if field.widget == "mapping":
        return said | {"type": "object", "additionalProperties": _object(field.columns)}
    schema = TYPES.get(field.widget, {"type": "string"})
    if "$ref" in schema:
        return said | schema
    return said | _bounded(field, schema)


def _said(field: Field) -> dict[str, Any]:
    return {"title": field.label, "description": field.help, "default": field.default}


def _bounded(field: Field, schema: Schema) -> Schema:
    is_text = schema["type"] == "string"
    least, most = ("minLength", "maxLength") if is_text else ("minimum", "maximum")
    bounds = {least: field.least, most: field.most}
    found = {**schema, **{name: int(bound) for name, bound in bounds.items() if bound is not None}}
    if field.choices:
        allowed = [value for value, _ in field.choices]
        found |= {"items": {"enum": allowed}} if schema["type"] == "array" else {"enum": allowed}
    return found if field.is_required else {**found, "type": [schema["type"], "null"], **_nullable(found)}


def _nullable(found: Schema) -> Schema:
    return {"enum": [*found["enum"], None]} if "enum" in found and None not in found["enum"] else {}
