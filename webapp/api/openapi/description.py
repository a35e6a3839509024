"""The API description: OpenAPI 3.1 of all routes under `/v1`, each with its permission and its schemas."""

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
from webapp.api.openapi.operation import Operation, PageOf, Parameter, Schema
from webapp.api.openapi.operations import OPERATION_IDS, OPERATIONS, UNDESCRIBED
from webapp.http.access import Permission, permission_of, settings_of
from webapp.http.problems import ProblemDetails

FALLBACK = "v1_fallback.reject_unrouted"
SCHEMA_REFERENCE = "#/components/schemas/{name}"
TIMES, DAYS = frozenset({"at", "as_of", "until"}), frozenset({"last_day"})
_PATH_PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")


def describe(app: Flask) -> dict[str, Any]:
    """The whole description as plain JSON values, in reading order."""
    paths: dict[str, dict[str, Any]] = {}
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")}
    for endpoint, operation in OPERATIONS.items():
        rule = rules[endpoint]
        path = _PATH_PARAMETER.sub(r"{\g<name>}", rule.rule)
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        paths.setdefault(path, {})[method.lower()] = _operation(app, rule, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Laurel", "version": "1", "description": responses.ABOUT},
        "servers": [{"url": settings_of(app).public_url}],
        "tags": [{"name": area} for area in dict.fromkeys(operation.area for operation in OPERATIONS.values())],
        "paths": paths,
        "components": _components(),
    }


def undescribed_endpoints(app: Flask) -> set[str]:
    """Routes of the API that are not described; a test requires that there are none."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")}
    return endpoints - OPERATIONS.keys() - UNDESCRIBED.keys() - {FALLBACK}


def _operation(app: Flask, rule: Rule, operation: Operation) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    permission = permission_of(view)
    assert permission is not None, rule.endpoint
    summary, _, rest = (inspect.getdoc(view) or "").partition("\n\n")
    members: dict[str, Any] = {
        "operationId": OPERATION_IDS[rule.endpoint],
        "tags": [operation.area],
        "summary": " ".join(summary.split()).rstrip("."),
        "description": " ".join(rest.split()),
        "parameters": [*_path_parameters(rule), *map(_parameter, operation.parameters)],
        "responses": _responses(rule, operation, permission),
    }
    if permission.scope:
        members |= {"security": [{"key": []}], "x-scope": permission.scope}
    if operation.bodies:
        members["requestBody"] = _request_body(operation)
    return {name: value for name, value in members.items() if value}


def _path_parameters(rule: Rule) -> Iterable[dict[str, Any]]:
    for match in _PATH_PARAMETER.finditer(rule.rule):
        schema: Schema = {"type": "string", "minLength": 1}
        if match["converter"] == "uuid":
            schema = {"type": "string", "format": "uuid"}
        elif match["converter"] is None:
            schema |= {"maxLength": 128, "pattern": "^[^/]+$"}
        yield {"name": match["name"], "in": "path", "required": True, "schema": schema}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _request_body(operation: Operation) -> dict[str, Any]:
    schemas = [_reference(shape) for shape in operation.bodies]
    content: dict[str, Any] = {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
    if operation.example is not None:
        content["example"] = operation.example
    return {"required": True, "content": {"application/json": content}}


def _responses(rule: Rule, operation: Operation, permission: Permission) -> dict[str, Any]:
    described: dict[str, Any] = {}
    for status, shape in operation.answers.items():
        schema = None if shape is None else _answer_schema(shape)
        described[str(status)] = responses.success_response(status, schema)
    statuses = responses.error_statuses(
        operation, needs_key=bool(permission.scope), has_path_parameter="<" in rule.rule
    )
    for status in statuses:
        described[str(status)] = responses.error_response(status, operation)
    return described


def _answer_schema(shape: type[Any] | PageOf) -> Schema:
    if isinstance(shape, PageOf):
        rows = {"type": "array", "items": _reference(shape.shape)}
        properties = {"data": rows, "next_cursor": {"type": ["string", "null"]}}
        return {"type": "object", "required": ["data", "next_cursor"], "properties": properties}
    return _reference(shape)


def _reference(shape: Any) -> Schema:
    """The reference to the schema of a shape; for a union, to any of its schemas."""
    if isinstance(shape, UnionType):
        return {"anyOf": [_reference(member) for member in shape.__args__]}
    return {"$ref": SCHEMA_REFERENCE.format(name=shape)} if isinstance(shape, str) else _schemas()[0][shape]


@cache
def _schemas() -> tuple[dict[type[Any], Schema], dict[str, Schema]]:
    """The reference to the schema of each shape, and the schemas by name."""
    shapes = list(dict.fromkeys([shape for operation in OPERATIONS.values() for shape in _shapes_of(operation)]))
    shapes.append(ProblemDetails)
    references, schemas = msgspec.json.schema_components(shapes, ref_template=SCHEMA_REFERENCE)
    return dict(zip(shapes, references, strict=True)), schemas


def _shapes_of(operation: Operation) -> list[type[Any]]:
    answers = [answer.shape if isinstance(answer, PageOf) else answer for answer in operation.answers.values()]
    shapes = [member for shape in (*operation.bodies, *answers) for member in getattr(shape, "__args__", (shape,))]
    return [shape for shape in shapes if shape is not None and not isinstance(shape, str)]


@cache
def _components() -> dict[str, Any]:
    key = {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer KEY`."}
    return {
        "securitySchemes": {"key": key},
        "headers": responses.HEADERS,
        "schemas": {**_with_formats(_schemas()[1]), **rule_schemas.schemas()},
    }


def _with_formats(schema: Any) -> Any:
    """The same schemas, in which texts whose name is that of a time say that they are one."""
    if not isinstance(schema, dict):
        return [_with_formats(inner) for inner in schema] if isinstance(schema, list) else schema
    formatted = {name: _with_formats(inner) for name, inner in schema.items()}
    properties = formatted.get("properties")
    if isinstance(properties, dict):
        for name, member in properties.items():
            if name in TIMES or name.endswith("_at"):
                _add_format(member, "date-time")
            elif name in DAYS:
                _add_format(member, "date")
    return formatted


def _add_format(schema: Schema, name: str) -> None:
    for option in (schema, *schema.get("anyOf", ())):
        if option.get("type") == "string":
            option.setdefault("format", name)
