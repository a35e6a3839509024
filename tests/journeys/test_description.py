"""What the API says of itself, asked of a running Laurel: every answer has a status and a shape that it promises."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks

from tests.journeys.laurels import settle
from tests.running import RunningLaurel, running_laurel
from webapp.api.openapi.operations import OPERATION_IDS, OPERATIONS
from webapp.store.people.apps import SCOPES

TRIES = 10
PROMISES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
PARTLY_TAKEN = {"send_events", "play"}  # of a batch what is good is taken: it is answered 202 although a part is wrong
KNOWN = {"player": "ada", "event_id": "ev-1", "streak": "daily", "rule": "first_step"}
BOARD = {"key": "weekly_xp"}
NAMES = {OPERATION_IDS[name]: bool(operation.bodies) for name, operation in OPERATIONS.items()}


@pytest.fixture(scope="module")
def laurel() -> Iterator[RunningLaurel]:
    """A Laurel with rules and a player who has done something."""
    with running_laurel(1) as running:
        running.laurel("pack", "install", "assessments", "--publish")
        with running.client(running.key("events:write")) as app:
            event = {"id": "ev-1", "type": "assessment_submitted", "player": "ada", "properties": {"score": 91}}
            assert app.post("/v1/events", json=event).status_code == 202
        settle(running)
        yield running


@pytest.fixture(scope="module")
def key(laurel: RunningLaurel) -> str:
    return laurel.key(*SCOPES)


@pytest.fixture(scope="module")
def described(laurel: RunningLaurel) -> Any:
    return schemathesis.openapi.from_url(f"{laurel.url}/v1/openapi.json")


def ask(strategy: Any, key: str, promises: list[Any]) -> None:
    @trying(max_examples=TRIES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def asked(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=promises)

    asked()


@pytest.mark.parametrize("name", NAMES)
def test_valid_requests_are_answered_as_described(described: Any, key: str, name: str) -> None:
    operation = described.find_operation_by_id(name)
    ask(operation.as_strategy(), key, PROMISES)
    known = {parameter.name for parameter in operation.path_parameters} & (KNOWN | BOARD).keys()
    if known and operation.method != "delete":
        ask(
            operation.as_strategy(path_parameters={parameter: (KNOWN | BOARD)[parameter] for parameter in known}),
            key,
            PROMISES,
        )


@pytest.mark.parametrize("name", [name for name, has_body in NAMES.items() if has_body])
def test_invalid_requests_are_refused_as_described(described: Any, key: str, name: str) -> None:
    operation = described.find_operation_by_id(name)
    also = [] if name in PARTLY_TAKEN else [checks.negative_data_rejection]
    fixed = {parameter.name: (KNOWN | BOARD).get(parameter.name, "unknown") for parameter in operation.path_parameters}
    strategy = operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=fixed, query={}, headers={})
    ask(strategy.filter(has_invalid_body), key, [*PROMISES, *also])


def has_invalid_body(case: Any) -> bool:
    """Whether the body is what is wrong: a parameter that the description does not name is ignored."""
    component = case.meta.components.get(ParameterLocation.BODY)
    return component is not None and component.mode is GenerationMode.NEGATIVE
