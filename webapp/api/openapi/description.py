"""The description itself: OpenAPI 3.1 of all routes under `/v1`, each with its permission and its shapes."""

import inspect
import re
from collections.abc import Iterable
from functools import cache
from types import UnionType
from typing import Any

import msgspec
from flask import Flask
from werkzeug.routing import Rule

from webapp.api.openapi import responses, rule_schemas
from webapp.api.openapi.operation import Ask, Listed, Operation, Schema
from webapp.api.openapi.operations import OPERATIONS
from webapp.api.openapi.prize_shapes import Problem
from webapp.http.access import Permission, permission_of

UNDESCRIBED = ("v1_nowhere.answer_nowhere", "v1_openapi.show")
REF = "#/components/schemas/{name}"
_QUALIFIED = re.compile(r"webapp\.(?:\w+\.)*(\w+)\.(\w+)")
_CONVERTED = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


def describe(app: Flask) -> dict[str, Any]:
    """The whole description as plain JSON values; the order is the one in which people read."""
    paths: dict[str, dict[str, Any]] = {}
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")}
    for name, operation in OPERATIONS.items():
        rule = rules[name]
        path = _CONVERTED.sub(r"{\g<name>}", rule.rule)
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        paths.setdefault(path, {})[method.lower()] = _operation(app, rule, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Laurel", "version": "1", "description": responses.ABOUT},
        "tags": [{"name": area} for area in dict.fromkeys(each.area for each in OPERATIONS.values())],
        "paths": paths,
        "components": _components(),
    }


def undescribed(app: Flask) -> set[str]:
    """Routes of the API of which nothing is said; a test wants none."""
    found = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")}
    return found - OPERATIONS.keys() - set(UNDESCRIBED)


def _operation(app: Flask, rule: Rule, operation: Operation) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    permission = permission_of(view)
    assert permission is not None, rule.endpoint
    summary, _, rest = (inspect.getdoc(view) or "").partition("\n\n")
    told: dict[str, Any] = {
        "operationId": rule.endpoint.removeprefix("v1_").replace(".", "_"),
        "tags": [operation.area],
        "summary": " ".join(summary.split()).rstrip("."),
        "description": " ".join(rest.split()),
        "parameters": [*_path_parameters(rule), *(_asked(ask) for ask in operation.asks)],
        "responses": _responses(rule, operation, permission),
    }
    if permission.scope:
        told |= {"security": [{"key": []}], "x-scope": permission.scope}
    if operation.body:
        told["requestBody"] = _body(operation)
    return {name: each for name, each in told.items() if each}


def _path_parameters(rule: Rule) -> Iterable[dict[str, Any]]:
    for found in _CONVERTED.finditer(rule.rule):
        schema: Schema = {"type": "string", "minLength": 1}
        if found["kind"] == "uuid":
            schema = {"type": "string", "format": "uuid"}
        elif found["kind"] is None:
            schema |= {"maxLength": 128, "pattern": "^[^/]+$"}
        yield {"name": found["name"], "in": "path", "required": True, "schema": schema}


def _asked(ask: Ask) -> dict[str, Any]:
    return {"name": ask.name, "in": ask.place, "description": ask.says, "schema": ask.schema}


def _body(operation: Operation) -> dict[str, Any]:
    shapes = [_reference(shape) for shape in operation.body]
    told: dict[str, Any] = {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes}}
    if operation.example is not None:
        told["example"] = operation.example
    return {"required": True, "content": {"application/json": told}}


def _responses(rule: Rule, operation: Operation, permission: Permission) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for status, shape in operation.answers.items():
        said[str(status)] = responses.success(status, None if shape is None else _answered(shape))
    for status in responses.refusals(operation, is_asked=bool(permission.scope), names_one="<" in rule.rule):
        said[str(status)] = responses.refusal(status, operation)
    return said


def _answered(shape: type[Any] | Listed) -> Schema:
    if isinstance(shape, Listed):
        rows = {"type": "array", "items": _reference(shape.shape)}
        properties = {"data": rows, "next_cursor": {"type": ["string", "null"]}}
        return {"type": "object", "required": ["data", "next_cursor"], "properties": properties}
    return _reference(shape)


def _reference(shape: Any) -> Schema:
    """How a shape is referred to; a union of shapes is any of them."""
    if isinstance(shape, UnionType):
        return {"anyOf": [_reference(each) for each in shape.__args__]}
    return {"$ref": REF.format(name=shape)} if isinstance(shape, str) else _shapes()[0][shape]


@cache
def _shapes() -> tuple[dict[type[Any], Schema], dict[str, Schema]]:
    """How each shape is referred to, and the schemas by name; shapes of one name get that of their module before it."""
    shapes = list(dict.fromkeys([shape for each in OPERATIONS.values() for shape in _shapes_of(each)] + [Problem]))
    told = msgspec.json.schema_components(shapes, ref_template=REF)
    text = msgspec.json.encode(told).decode()
    references, schemas = msgspec.json.decode(_QUALIFIED.sub(lambda found: found[1].title() + found[2], text))
    return dict(zip(shapes, references, strict=True)), schemas


def _shapes_of(operation: Operation) -> list[type[Any]]:
    told = [shape.shape if isinstance(shape, Listed) else shape for shape in operation.answers.values()]
    every = [each for shape in (*operation.body, *told) for each in getattr(shape, "__args__", (shape,))]
    return [shape for shape in every if shape is not None and not isinstance(shape, str)]


@cache
def _components() -> dict[str, Any]:
    key = {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer KEY`."}
    return {
        "securitySchemes": {"key": key},
        "headers": responses.HEADERS,
        "schemas": {**_shapes()[1], **rule_schemas.schemas()},
    }
