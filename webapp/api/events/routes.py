"""`/v1/events`: events come in, one or a thousand at a time; nothing is answered 2xx that is not in the log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from webapp.api.backpressure import refuse_when_behind
from webapp.api.events.event_batch import Rejected, Sent, sent_in
from webapp.api.long_poll import await_verdicts, wished_seconds
from webapp.api.problems import Flaw, Refused, refuse_flawed
from webapp.api.request_body import Wrong, raw_body
from webapp.config import Settings
from webapp.http.access import allow, current_key, settings
from webapp.http.request_batcher import RequestBatcher
from webapp.queue.wakeups import hint
from webapp.store.events import event_verdicts
from webapp.store.events.event_log import TOLERANCE_SECONDS, Appended, NewEvent, Status, append
from webapp.store.events.event_verdicts import Verdict
from webapp.store.players.granted_coupons import with_claims
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_events", __name__, url_prefix="/v1")

UNCHANGED: dict[str, Any] = {
    "xp": 0,
    "coins": 0,
    "badges": [],
    "level": None,
    "missions": [],
    "streaks": {},
    "not_awarded": [],
}


@blueprint.post("/events")
@allow(scope="events:write")
def accept() -> tuple[Response, int]:
    """Append what is good, say what is not, and wait for the outcomes where that is wished."""
    refuse_when_behind()
    sent = sent_in(raw_body())
    if sent.rejected and not sent.is_batch:
        raise refuse_flawed([sent.rejected[0].flaw])
    appended = _append(sent)
    problems = _problems(sent, appended)
    if problems and not sent.is_batch:
        _refuse_alone(problems[0])
    return _answer(sent, appended, problems)


def _append(sent: Sent) -> Appended:
    if not sent.events:
        return Appended([], [], frozenset())
    if sent.is_batch:
        return _written(settings(), current_key().app_id, sent.events)
    return _event_batcher(current_key().app_id).submit(sent.events[0])


def _event_batcher(app_id: int) -> RequestBatcher[NewEvent, Appended]:
    """Where this process gathers the single events of an app."""
    made = RequestBatcher(partial(_each_written, settings(), app_id))
    found: RequestBatcher[NewEvent, Appended] = current_app.extensions.setdefault(f"laurel.events:{app_id}", made)
    return found


def _each_written(its: Settings, app_id: int, events: Sequence[NewEvent]) -> list[Appended]:
    appended = _written(its, app_id, events)
    stood = zip(appended.statuses, appended.seqs, strict=True)
    return [Appended([status], [seq], appended.shards) for status, seq in stood]


def _written(its: Settings, app_id: int, events: Sequence[NewEvent]) -> Appended:
    with connect(its.database_url, autocommit=True) as conn:
        appended = append(conn, app_id, events)
    hint(its, appended.shards)
    return appended


def _problems(sent: Sent, appended: Appended) -> list[dict[str, Any]]:
    found = [_problem("rejected", rejected) for rejected in sent.rejected]
    for event, place, status in zip(sent.events, sent.places, appended.statuses, strict=True):
        if status is Status.CONFLICT:
            wrong = Wrong("this id was used for another event", "conflict").inside("id")
            found.append(_problem("conflict", Rejected(place, event.id, sent.flaw(place, wrong))))
        elif status is Status.FUTURE:
            wrong = Wrong(f"more than {TOLERANCE_SECONDS // 60} minutes in the future").inside("occurred_at")
            found.append(_problem("rejected", Rejected(place, event.id, sent.flaw(place, wrong))))
    return sorted(found, key=lambda problem: int(problem["index"]))


def _problem(status: str, rejected: Rejected) -> dict[str, Any]:
    flaw = rejected.flaw
    return {
        "index": rejected.index,
        "id": rejected.id,
        "status": status,
        "code": flaw.code,
        "pointer": flaw.pointer,
        "detail": flaw.detail,
    }


def _refuse_alone(problem: dict[str, Any]) -> None:
    flaw = Flaw(problem["pointer"], problem["detail"], problem["code"])
    if problem["status"] == "conflict":
        raise Refused(409, flaw.code, flaw.detail, [flaw])
    raise refuse_flawed([flaw])


def _answer(sent: Sent, appended: Appended, problems: list[dict[str, Any]]) -> tuple[Response, int]:
    statuses = Counter(appended.statuses)
    body: dict[str, Any] = {
        "accepted": statuses[Status.ACCEPTED],
        "duplicate": statuses[Status.DUPLICATE],
        "conflict": statuses[Status.CONFLICT],
        "rejected": len(sent.rejected) + statuses[Status.FUTURE],
        "problems": problems,
    }
    seconds = wished_seconds()
    outcomes = _outcomes(sent, appended, seconds) if seconds else None
    if outcomes is None:
        return jsonify(body), 202
    answer = jsonify(body | {"outcomes": outcomes})
    answer.headers["Preference-Applied"] = f"wait={seconds}"
    return answer, 200


def _outcomes(sent: Sent, appended: Appended, seconds: int) -> list[dict[str, Any]] | None:
    """What each accepted or repeated event came to, in the order of the request; None where waiting was in vain."""
    named = [
        (place, event.id, seq)
        for place, event, seq, status in zip(sent.places, sent.events, appended.seqs, appended.statuses, strict=True)
        if status in {Status.ACCEPTED, Status.DUPLICATE}
    ]
    decided = await_verdicts([seq for _, _, seq in named], seconds)
    if decided is None:
        return None
    if any((each.outcome or {}).get("claims") for each in decided.values()):
        decided = _with_claims(decided)
    return [{"index": place, "id": event, **_told(decided[seq])} for place, event, seq in named]


def _with_claims(decided: dict[int, Verdict]) -> dict[int, Verdict]:
    with connect(settings().database_url) as conn:
        told = with_claims(conn, {seq: each.outcome for seq, each in decided.items() if each.outcome})
    return {seq: replace(each, outcome=told.get(seq)) for seq, each in decided.items()}


def _told(verdict: Verdict) -> dict[str, Any]:
    if verdict.status == "parked":
        return {"status": verdict.status, "reason": verdict.reason, "detail": verdict.detail}
    return {"status": verdict.status, **UNCHANGED, **(verdict.outcome or {})}


@blueprint.get("/events/<whole:event_id>")
@allow(scope="events:write")
def show(event_id: str) -> Response:
    """Where one event of this key's app stands: pending, applied with its outcome, or parked with the reason."""
    with connect(settings().database_url) as conn:
        event = event_verdicts.accepted(conn, current_key().app_id, event_id)
        if event is None:
            raise Refused(404, "not_found", "this app has sent no event of that id")
        verdict = event_verdicts.verdicts(conn, [event.seq])[event.seq]
        outcome = with_claims(conn, {verdict.seq: verdict.outcome or {}})[verdict.seq]
    body: dict[str, Any] = {
        "id": event_id,
        "type": event.type,
        "player": event.player,
        "occurred_at": event.occurred_at.isoformat(),
        "received_at": event.received_at.isoformat(),
        "status": verdict.status,
    }
    if verdict.status == "applied":
        body["outcome"] = UNCHANGED | outcome
    elif verdict.status == "parked":
        body |= {"reason": verdict.reason, "detail": verdict.detail}
    return jsonify(body)
