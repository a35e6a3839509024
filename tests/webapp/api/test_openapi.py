"""The description says what the routes, the permissions and the forms say, and nothing that is not there."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.kinds import KINDS
from engine.language.operators import OPERATORS
from webapp.api.openapi.description import undescribed_endpoints
from webapp.api.openapi.operations import OPERATIONS
from webapp.http.access import permission_of


@pytest.fixture
def told(client: FlaskClient) -> Any:
    return client.get("/v1/openapi.json").json


def operations(told: Any) -> list[dict[str, Any]]:
    return [operation for methods in told["paths"].values() for operation in methods.values()]


def test_every_route_is_described_once(app: Flask, told: Any) -> None:
    assert undescribed_endpoints(app) == set()
    assert len({each["operationId"] for each in operations(told)}) == len(OPERATIONS)


def test_every_operation_names_the_scope_that_its_route_asks_for(app: Flask, told: Any) -> None:
    asked = {name: permission_of(app.view_functions[name]).scope for name in OPERATIONS}
    said = {f"v1_{each['operationId']}": each["x-scope"] for each in operations(told)}
    assert said == {name.replace(".", "_"): scope for name, scope in asked.items()}


def test_every_reference_leads_somewhere(told: Any) -> None:
    def referred(value: Any) -> set[str]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        own = {value["$ref"]} if isinstance(value, dict) and "$ref" in value else set()
        return own.union(*map(referred, inner))

    missing = [each for each in referred(told) if each.rsplit("/", 1)[1] not in told["components"][each.split("/")[2]]]
    assert missing == []


def test_every_kind_of_rule_has_its_schema(told: Any) -> None:
    kinds = {
        each["properties"]["kind"]["const"]
        for name, each in told["components"]["schemas"].items()
        if name.endswith("Document")
    }
    assert kinds == set(KINDS)


def test_conditions_are_told_with_every_operator_and_fact(told: Any) -> None:
    says = told["components"]["schemas"]["Condition"]["description"]
    assert [name for name in OPERATORS if f"`{name}`" not in says] == []
    assert "`metric.KEY.this_week`" in says
    assert "`player.xp`" in says
