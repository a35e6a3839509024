"""`/v1/rules`: rule documents as code."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from webapp.api.paging import listed, page_by_key
from webapp.api.problems import Flaw, Refused, refuse_flawed
from webapp.api.request_body import Wrong, inspect, raw_body, read
from webapp.http.access import actor, allow, settings
from webapp.queue import slow_jobs
from webapp.services.publishing import publish
from webapp.services.publishing.publish import FROM_NOW, PASTS, Applied
from webapp.store.rules import publication_facts, rule_versions
from webapp.store.rules.rule_versions import Rule
from webapp.store.system.connection import Connection, connect

blueprint = Blueprint("v1_rules", __name__, url_prefix="/v1")
YES, NO = ("true", "1"), ("false", "0")


@blueprint.get("/rules")
@allow(scope="rules:read")
def list_rules() -> Response:
    """All rules by key, perhaps of one kind or status, a page at a time."""
    with connect(settings().database_url) as conn:
        found = rule_versions.all_rules(conn, kind=request.args.get("kind"), status=request.args.get("status"))
    page, after = page_by_key(found, lambda each: each.key)
    return listed([_told(each) for each in page], after)


@blueprint.get("/rules/<key>")
@allow(scope="rules:read")
def show_rule(key: str) -> Response:
    """One rule with its document."""
    with connect(settings().database_url) as conn:
        return jsonify(_told(_rule(conn, key)))


def _rule(conn: Connection, key: str) -> Rule:
    found = rule_versions.rule(conn, key)
    if found is None:
        raise Refused(404, "not_found", f"there is no rule {key!r}")
    return found


def _told(rule: Rule) -> dict[str, Any]:
    return {
        "key": rule.key,
        "kind": rule.kind,
        "name": rule.name,
        "status": rule.status,
        "live_version": rule.live_version,
        "latest_version": rule.latest_version,
        "updated_at": rule.updated_at.isoformat(),
        "updated_by": rule.updated_by,
        "document": rule.document,
    }


@blueprint.post("/rules")
@allow(scope="rules:write")
def apply_rules() -> tuple[Response, int]:
    """Keep a list of documents as drafts, or publish them with `?publish=true`; all of it or nothing.

    Where a rule is live and its new version starts later, the live one goes on until then: `scheduled` says when.
    200 when that is done. 202 when history has to be counted or awarded first: `publication` says where to ask.
    """
    body = read(raw_body())
    try:
        inspect(body)
    except Wrong as wrong:
        raise refuse_flawed([wrong.flaw()]) from None
    is_published, past = _wishes()
    with connect(settings().database_url) as conn:
        applied = publish.apply_documents(conn, body, actor(), publish=is_published, past=past)
        _refuse_problems(applied)
        conn.commit()
    return _answer(applied)


def _wishes() -> tuple[bool, str]:
    """What the address asks for: whether to publish, and what to do with the past."""
    wish, past = request.args.get("publish", NO[0]), request.args.get("past", FROM_NOW)
    if wish not in (*YES, *NO):
        raise refuse_flawed([Flaw("/publish", "must be true or false")])
    if past not in PASTS:
        raise refuse_flawed([Flaw("/past", f"must be one of {', '.join(PASTS)}")])
    if past != FROM_NOW and wish not in YES:
        raise refuse_flawed([Flaw("/past", "needs publish=true: drafts award nothing")])
    return wish in YES, past


def _refuse_problems(applied: Applied) -> None:
    if applied.problems:
        raise refuse_flawed([Flaw(each.path, each.message) for each in applied.problems])


def _answer(applied: Applied) -> tuple[Response, int]:
    told: dict[str, Any] = {"versions": applied.versions, "rulebook": applied.rulebook}
    if applied.scheduled:
        told["scheduled"] = {key: starts_at.isoformat() for key, starts_at in applied.scheduled.items()}
    if applied.job is None:
        return jsonify(told), 200
    slow_jobs.call(settings(), applied.job)
    return jsonify(told | {"publication": f"/v1/publications/{applied.job}"}), 202


@blueprint.get("/publications/<uuid:number>")
@allow(scope="rules:read")
def show_publication(number: Any) -> Response:
    """How far a publication is that counts or awards history."""
    with connect(settings().database_url) as conn:
        found = publication_facts.publication(conn, str(number))
    if found is None:
        raise Refused(404, "not_found", f"there is no publication {number}")
    return jsonify(found)


@blueprint.put("/rules/<key>/pause")
@allow(scope="rules:write")
def pause_rule(key: str) -> Response:
    """Take a rule out of force from each shard's next batch on; what it gave stays."""
    with connect(settings().database_url) as conn:
        if _rule(conn, key).live_version is None:
            raise Refused(409, "conflict", f"{key} was never published")
        _refuse_needed(conn, key)
        publish.pause(conn, key, actor())
        conn.commit()
        return jsonify(_told(_rule(conn, key)))


@blueprint.delete("/rules/<key>/pause")
@allow(scope="rules:write")
def resume_rule(key: str) -> tuple[Response, int]:
    """Put a paused rule back into force, if it still fits the others."""
    with connect(settings().database_url) as conn:
        _rule(conn, key)
        applied = publish.resume(conn, key, actor())
        if applied.problems:
            flaws = [Flaw(each.path, each.message) for each in applied.problems]
            raise Refused(409, "conflict", f"{key} no longer fits what is live: {flaws[0].detail}", flaws)
        conn.commit()
    return _answer(applied)


@blueprint.delete("/rules/<key>")
@allow(scope="rules:write")
def archive_rule(key: str) -> tuple[str, int]:
    """Take a rule out of use; what it gave, and its versions, stay."""
    with connect(settings().database_url) as conn:
        _rule(conn, key)
        _refuse_needed(conn, key)
        publish.archive(conn, key, actor())
        conn.commit()
    return "", 204


def _refuse_needed(conn: Connection, key: str) -> None:
    rule_versions.lock(conn)
    if needing := publish.needed_by(conn, key):
        raise Refused(409, "conflict", f"{key} is needed by {', '.join(needing)}")
