"""`/v1/events`: ingestion, one event or a thousand at a time; nothing is answered 2xx unless it is in the log."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, Literal, cast

from flask import Blueprint

from webapp.api.backpressure import reject_when_backlogged
from webapp.api.body_flaws import InvalidValue
from webapp.api.events.event_batch import ParsedRequest, RejectedEvent, parse_events
from webapp.api.events.responses import UNCHANGED, EventProblem, EventStatus, NumberedOutcomeView, OutcomeView, Receipt
from webapp.api.json_provider import json_answer
from webapp.api.long_poll import await_verdicts, requested_wait_seconds
from webapp.api.request_body import loop_body_bytes
from webapp.config import Settings
from webapp.http.access import allow
from webapp.http.event_loop.loop_batcher import in_thread, shared_batcher
from webapp.http.event_loop.messages import Answer, LoopRequest, checks_key_late, on_loop
from webapp.http.problems import ApiProblem, FieldError, ProblemError, unprocessable
from webapp.http.refused_credentials import revoked_key
from webapp.queue.wakeups import hint
from webapp.store.campaigns.claims import with_claims
from webapp.store.events import event_status
from webapp.store.events.event_log import TOLERANCE_SECONDS, Appended, NewEvent, Status, append
from webapp.store.events.event_status import EventVerdict
from webapp.store.people.apps import live_among
from webapp.store.players.grant_records import with_grants
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_events", __name__, url_prefix="/v1")

INLINE_BYTES_MAX = 32 * 1024  # a longer body is parsed in a thread, so that it holds nobody else up


@blueprint.post("/events")
@allow(scope="events:write")
@on_loop
@checks_key_late
async def accept(request: LoopRequest) -> Answer:
    """Append what is good, report what is not, and wait for the outcomes if asked to."""
    await reject_when_backlogged(request)
    body = await loop_body_bytes(request)
    parsed = await in_thread(parse_events, body) if len(body) > INLINE_BYTES_MAX else parse_events(body)
    if parsed.rejected and not parsed.is_batch:
        raise unprocessable(parsed.rejected[0].errors)
    appended = await _append(request, parsed)
    problems = _problems(parsed, appended)
    if problems and not parsed.is_batch:
        _reject_single(problems[0])
    return await _answer(request, parsed, appended, problems)


@dataclass(frozen=True, slots=True)
class SentEvents:
    """The events of one request, with the number of the key that sent them."""

    key_id: int
    events: Sequence[NewEvent]


async def _append(request: LoopRequest, parsed: ParsedRequest) -> Appended:
    """Append a batch by itself; single events share a transaction with others of this moment."""
    if not parsed.events:
        return Appended([], [], frozenset())
    assert request.key is not None
    sent = SentEvents(request.key.id, parsed.events)
    if parsed.is_batch:
        (appended,) = await in_thread(_append_for_live_keys, request.settings, request.app_id, [sent])
    else:
        append_together = partial(_append_for_live_keys, request.settings, request.app_id)
        batcher = shared_batcher(request.app.extensions, f"laurel.events:{request.app_id}", append_together)
        appended = await batcher.submit(sent)
    if appended is None:
        raise revoked_key()
    request.is_key_unchecked = False
    return appended


def _append_for_live_keys(settings: Settings, app_id: int, requests: Sequence[SentEvents]) -> list[Appended | None]:
    """Append in one transaction what live keys have sent, and hint its shards; None for a request whose key is not."""
    with connect(settings.database_url, autocommit=True) as conn:
        live_keys = live_among(conn, {request.key_id for request in requests})
        events = [event for request in requests if request.key_id in live_keys for event in request.events]
        appended = append(conn, app_id, events)
    hint(settings, appended.shards)
    results = iter(zip(appended.statuses, appended.seqs, strict=True))
    return [
        _next_appended(results, len(request.events), appended.shards) if request.key_id in live_keys else None
        for request in requests
    ]


def _next_appended(results: Iterator[tuple[Status, int]], count: int, shards: frozenset[int]) -> Appended:
    own = list(islice(results, count))
    return Appended([status for status, _ in own], [seq for _, seq in own], shards)


def _problems(parsed: ParsedRequest, appended: Appended) -> list[EventProblem]:
    """The events that were not accepted, in the order of the request."""
    problems = [_problem("rejected", rejected) for rejected in parsed.rejected]
    for event, index, status in zip(parsed.events, parsed.indexes, appended.statuses, strict=True):
        if status is Status.CONFLICT:
            invalid = InvalidValue("this id was already used for a different event", "conflict", ("id",))
            problems.append(_problem("conflict", RejectedEvent(index, event.id, [parsed.field_error(index, invalid)])))
        elif status is Status.FUTURE:
            detail = f"more than {TOLERANCE_SECONDS // 60} minutes in the future"
            invalid = InvalidValue(detail, path=("occurred_at",))
            problems.append(_problem("rejected", RejectedEvent(index, event.id, [parsed.field_error(index, invalid)])))
    return sorted(problems, key=lambda problem: problem.index)


def _problem(status: Literal["conflict", "rejected"], rejected: RejectedEvent) -> EventProblem:
    error = rejected.errors[0]
    return EventProblem(
        index=rejected.index,
        id=rejected.id,
        status=status,
        code=error.code,
        pointer=error.pointer,
        detail=error.detail,
        errors=[ProblemError(flaw.pointer, flaw.detail) for flaw in rejected.errors],
    )


def _reject_single(problem: EventProblem) -> None:
    errors = [FieldError(error.pointer, error.detail, problem.code) for error in problem.errors]
    if problem.status == "conflict":
        raise ApiProblem(409, problem.code, problem.detail, errors)
    raise unprocessable(errors)


async def _answer(
    request: LoopRequest, parsed: ParsedRequest, appended: Appended, problems: list[EventProblem]
) -> Answer:
    statuses = Counter(appended.statuses)
    receipt = Receipt(
        accepted=statuses[Status.ACCEPTED],
        duplicate=statuses[Status.DUPLICATE],
        conflict=statuses[Status.CONFLICT],
        rejected=len(parsed.rejected) + statuses[Status.FUTURE],
        problems=problems,
    )
    seconds = requested_wait_seconds(request.headers.get("prefer", ""))
    outcomes = await _outcomes(request, parsed, appended, seconds) if seconds else None
    if outcomes is None:
        return json_answer(receipt, 202)
    receipt.outcomes = outcomes
    return json_answer(receipt, 200, {"Preference-Applied": f"wait={seconds}"})


async def _outcomes(
    request: LoopRequest, parsed: ParsedRequest, appended: Appended, seconds: int
) -> list[NumberedOutcomeView] | None:
    """The outcome of each accepted or duplicate event, in the order of the request; None if waiting was in vain."""
    in_log = [
        (index, event.id, seq)
        for index, event, seq, status in zip(
            parsed.indexes, parsed.events, appended.seqs, appended.statuses, strict=True
        )
        if status in {Status.ACCEPTED, Status.DUPLICATE}
    ]
    verdicts = await await_verdicts(request, [seq for _, _, seq in in_log], seconds)
    if verdicts is None:
        return None
    if any((verdict.outcome or {}).get("claims") for verdict in verdicts.values()):
        verdicts = await in_thread(_with_claims, request.settings, verdicts)
    return [_numbered(index, event_id, verdicts[seq]) for index, event_id, seq in in_log]


def _with_claims(settings: Settings, verdicts: dict[int, EventVerdict]) -> dict[int, EventVerdict]:
    with connect(settings.database_url) as conn:
        outcomes = with_claims(conn, {seq: verdict.outcome for seq, verdict in verdicts.items() if verdict.outcome})
    return {seq: replace(verdict, outcome=outcomes.get(seq)) for seq, verdict in verdicts.items()}


def _numbered(index: int, event_id: str, verdict: EventVerdict) -> NumberedOutcomeView:
    answer: dict[str, Any] = {"index": index, "id": event_id, "status": verdict.status}
    if verdict.status == "parked":
        answer |= {"reason": verdict.reason, "detail": verdict.detail}
    else:
        answer |= _full_outcome(verdict.outcome)
    return cast("NumberedOutcomeView", answer)


def _full_outcome(outcome: dict[str, Any] | None) -> OutcomeView:
    """An outcome as it is stored, which leaves out what did not change, with the main parts filled in."""
    return cast("OutcomeView", UNCHANGED | (outcome or {}))


@blueprint.get("/events/<text:event_id>")
@allow(scope="events:write")
@on_loop
async def show(request: LoopRequest) -> Answer:
    """The status of one event of this key's app: pending, applied with its outcome, or parked with the reason."""
    event_id = request.arguments["event_id"]
    return json_answer(await in_thread(_status, request.settings, request.app_id, event_id))


def _status(settings: Settings, app_id: int, event_id: str) -> EventStatus:
    with connect(settings.database_url) as conn:
        event = event_status.accepted_event(conn, app_id, event_id)
        if event is None:
            raise ApiProblem(404, "not_found", "this app has sent no event with this id")
        verdict = event_status.verdicts(conn, [event.seq])[event.seq]
        outcomes = with_grants(conn, with_claims(conn, {verdict.seq: verdict.outcome or {}}))
    answer = EventStatus(
        id=event_id,
        type=event.type,
        player=event.player,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        status=verdict.status,
    )
    if verdict.status == "applied":
        answer.outcome = _full_outcome(outcomes[verdict.seq])
    elif verdict.status == "parked":
        answer.reason, answer.detail = verdict.reason or "", verdict.detail
    return answer
