"""The API description agrees with routes, permissions and forms, and describes nothing that does not exist."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.kinds import KINDS
from engine.language.operators import OPERATORS
from webapp.api.openapi.description import undescribed_endpoints
from webapp.api.openapi.operations import OPERATION_IDS, OPERATIONS
from webapp.http.access import permission_of


@pytest.fixture
def description(client: FlaskClient) -> Any:
    return client.get("/v1/openapi.json").json


def operations(description: Any) -> list[dict[str, Any]]:
    return [operation for methods in description["paths"].values() for operation in methods.values()]


def test_every_route_is_described_once(app: Flask, description: Any) -> None:
    assert undescribed_endpoints(app) == set()
    assert len({operation["operationId"] for operation in operations(description)}) == len(OPERATIONS)


def test_every_operation_names_the_scope_that_its_route_requires(app: Flask, description: Any) -> None:
    scopes = {OPERATION_IDS[name]: permission_of(app.view_functions[name]).scope for name in OPERATIONS}
    described = {operation["operationId"]: operation["x-scope"] for operation in operations(description)}
    assert described == scopes


def test_every_reference_leads_somewhere(description: Any) -> None:
    def referred(value: Any) -> set[str]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        own = {value["$ref"]} if isinstance(value, dict) and "$ref" in value else set()
        return own.union(*map(referred, inner))

    missing = [
        operation
        for operation in referred(description)
        if operation.rsplit("/", 1)[1] not in description["components"][operation.split("/")[2]]
    ]
    assert missing == []


def test_every_kind_of_rule_has_its_schema(description: Any) -> None:
    kinds = {
        operation["properties"]["kind"]["const"]
        for name, operation in description["components"]["schemas"].items()
        if name.endswith("Document")
    }
    assert kinds == set(KINDS)


def test_conditions_are_described_with_every_operator_and_fact(description: Any) -> None:
    says = description["components"]["schemas"]["Condition"]["description"]
    assert [name for name in OPERATORS if f"`{name}`" not in says] == []
    assert "`metric.KEY.this_week`" in says
    assert "`player.xp`" in says
