"""`/v1/rules`: rule documents as code."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from webapp.access import actor, allow, settings
from webapp.api.pages_of_lists import listed
from webapp.api.problems import Flaw, Refused, refuse_flawed
from webapp.jobs import publish
from webapp.store import rules
from webapp.store.connection import connect
from webapp.store.rules import Rule

blueprint = Blueprint("v1_rules", __name__, url_prefix="/v1")


@blueprint.get("/rules")
@allow(scope="rules:read")
def every() -> Response:
    """All rules, by name."""
    with connect(settings().database_url) as conn:
        found = rules.all_rules(conn, kind=request.args.get("kind"), status=request.args.get("status"))
    return listed([_told(each) for each in found], None)


@blueprint.get("/rules/<key>")
@allow(scope="rules:read")
def show(key: str) -> Response:
    """One rule with its document."""
    return jsonify(_told(_rule(key)))


def _rule(key: str) -> Rule:
    with connect(settings().database_url) as conn:
        found = rules.rule(conn, key)
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
        "document": rule.document,
    }


@blueprint.post("/rules")
@allow(scope="rules:write")
def apply() -> tuple[Response, int]:
    """Keep a list of documents as drafts, or with `?publish=true` make them live; all of it or nothing."""
    body = request.get_json(silent=True)
    if body is None:
        raise refuse_flawed([Flaw("", "must be a JSON list of rule documents", "invalid_json")])
    is_published = request.args.get("publish") in {"true", "1", "yes"}
    with connect(settings().database_url) as conn:
        applied = publish.apply_documents(conn, body, actor(), publish=is_published)
        if applied.problems:
            raise refuse_flawed([Flaw(each.path, each.message) for each in applied.problems])
        conn.commit()
    return jsonify({"versions": applied.versions, "rulebook": applied.rulebook}), 201


@blueprint.put("/rules/<key>/pause")
@allow(scope="rules:write")
def pause(key: str) -> Response:
    """Take a rule out of force from each shard's next batch on."""
    return _moved(key, publish.pause)


@blueprint.delete("/rules/<key>/pause")
@allow(scope="rules:write")
def resume(key: str) -> Response:
    """Put a paused rule back into force."""
    return _moved(key, publish.resume)


def _moved(key: str, move: Any) -> Response:
    rule = _rule(key)
    if rule.live_version is None:
        raise Refused(409, "conflict", f"{key} has never been live")
    with connect(settings().database_url) as conn:
        number = move(conn, key, actor())
        conn.commit()
    return jsonify({"key": key, "rulebook": number})
