"""`/v1/rules`: rule documents as code."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from msgspec import UNSET, Struct, UnsetType

from engine.kinds import KINDS
from engine.vocabulary.problem import Problem
from webapp.api.paging import page_of_sorted, page_response
from webapp.api.request_body import read_json_body
from webapp.http.access import actor, allow, settings
from webapp.http.problems import ApiProblem, FieldError, unprocessable
from webapp.queue import slow_jobs
from webapp.services.publishing import rule_changes
from webapp.services.publishing.publish import FROM_NOW, PASTS, PublicationResult
from webapp.services.publishing.rule_changes import RuleNeeded, UnknownRule
from webapp.store.rules import publication_facts, rule_versions
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection, connect

blueprint = Blueprint("v1_rules", __name__, url_prefix="/v1")
STATUSES = ("draft", "counting", "live", "paused", "archived")
YES, NO = ("true", "1"), ("false", "0")


class Rule(Struct, kw_only=True):
    """A rule with the document of its live version, or of its newest one if none is live."""

    key: str
    kind: str
    name: str
    status: str
    live_version: int | None
    latest_version: int
    updated_at: datetime
    updated_by: str | None
    document: dict[str, Any]


class AppliedRules(Struct, kw_only=True):
    """The version of each rule, and the rulebook in which they are live.

    `publication` is where to follow a publication that first has to go through history; `scheduled` has the rules that
    replace a live version later, and when.
    """

    versions: dict[str, int]
    rulebook: int | None
    scheduled: dict[str, datetime] | UnsetType = UNSET
    publication: str | UnsetType = UNSET


class Publication(Struct, kw_only=True):
    """The progress of a publication that goes through history."""

    id: str
    status: str
    done: int
    total: int | None
    versions: dict[str, int] | None
    result: Any
    detail: str | None


@blueprint.get("/rules")
@allow(scope="rules:read")
def list_rules() -> Response:
    """All rules by key, optionally of one kind or status, a page at a time."""
    kind, status = _choice("kind", tuple(KINDS)), _choice("status", STATUSES)
    with connect(settings().database_url) as conn:
        rules = rule_versions.all_rules(conn, kind=kind, status=status)
    page, after = page_of_sorted(rules, lambda rule: rule.key)
    return page_response([_rule_answer(rule) for rule in page], after)


def _choice(name: str, allowed: Sequence[str]) -> str | None:
    """A parameter that has one of some values; None where it is left out. Raises ApiProblem (422)."""
    value = request.args.get(name)
    if value is not None and value not in allowed:
        raise unprocessable([FieldError(f"/{name}", f"must be one of {', '.join(allowed)}")])
    return value


@blueprint.get("/rules/<key>")
@allow(scope="rules:read")
def show_rule(key: str) -> Response:
    """One rule with its document."""
    with connect(settings().database_url) as conn:
        return jsonify(_rule_answer(_rule(conn, key)))


def _rule(conn: Connection, key: str) -> StoredRule:
    rule = rule_versions.rule(conn, key)
    if rule is None:
        raise _unknown_rule(key)
    return rule


def _unknown_rule(key: str) -> ApiProblem:
    return ApiProblem(404, "not_found", f"no such rule: {key!r}")


def _rule_answer(rule: StoredRule) -> Rule:
    return Rule(
        key=rule.key,
        kind=rule.kind,
        name=rule.name,
        status=rule.status,
        live_version=rule.live_version,
        latest_version=rule.latest_version,
        updated_at=rule.updated_at,
        updated_by=rule.updated_by,
        document=rule.document,
    )


@blueprint.post("/rules")
@allow(scope="rules:write")
def apply_rules() -> tuple[Response, int]:
    """Save a list of documents as drafts, or publish them with `?publish=true`: all of them or none.

    Where a rule is live and its new version starts later, the live one stays in force until then: `scheduled` says
    when. 200 when everything is done. 202 when history has to be counted or awarded first: follow `publication`.
    """
    documents = read_json_body()
    is_published, past = _publish_parameters()
    applied = rule_changes.save_rules(settings(), documents, actor(), is_published=is_published, past=past)
    if applied.problems:
        raise unprocessable(_field_errors(applied.problems))
    return _applied_answer(applied)


def _publish_parameters() -> tuple[bool, str]:
    """The query: whether to publish, and what to do with the past."""
    publish_text, past = request.args.get("publish", NO[0]), request.args.get("past", FROM_NOW)
    if publish_text not in (*YES, *NO):
        raise unprocessable([FieldError("/publish", "must be true or false")])
    if past not in PASTS:
        raise unprocessable([FieldError("/past", f"must be one of {', '.join(PASTS)}")])
    if past != FROM_NOW and publish_text not in YES:
        raise unprocessable([FieldError("/past", "requires publish=true: drafts award nothing")])
    return publish_text in YES, past


def _field_errors(problems: list[Problem]) -> list[FieldError]:
    return [FieldError(problem.path, problem.message) for problem in problems]


def _applied_answer(applied: PublicationResult) -> tuple[Response, int]:
    answer = AppliedRules(versions=applied.versions, rulebook=applied.rulebook)
    if applied.scheduled:
        answer.scheduled = applied.scheduled
    if applied.job is None:
        return jsonify(answer), 200
    slow_jobs.enqueue_job(settings(), applied.job)
    answer.publication = f"/v1/publications/{applied.job}"
    return jsonify(answer), 202


@blueprint.get("/publications/<publication_id>")
@allow(scope="rules:read")
def show_publication(publication_id: str) -> Response:
    """The progress of a publication that counts or awards history, by the id that publishing has answered."""
    publication = None
    with connect(settings().database_url) as conn, suppress(ValueError):
        publication = publication_facts.publication_progress(conn, str(UUID(publication_id)))
    if publication is None:
        raise ApiProblem(404, "not_found", f"no such publication: {publication_id!r}")
    return jsonify(Publication(**publication))


@blueprint.put("/rules/<key>/pause")
@allow(scope="rules:write")
def pause_rule(key: str) -> Response:
    """Pause a rule, effective with each shard's next batch; what it has awarded remains."""
    with connect(settings().database_url) as conn:
        if _rule(conn, key).live_version is None:
            raise ApiProblem(409, "conflict", f"{key} was never published")
    with _as_problems():
        rule_changes.pause_rule(settings(), key, actor())
    return show_rule(key)


@blueprint.delete("/rules/<key>/pause")
@allow(scope="rules:write")
def resume_rule(key: str) -> tuple[Response, int]:
    """Put a paused rule back into force, if it still fits the other rules."""
    with _as_problems():
        applied = rule_changes.resume_rule(settings(), key, actor())
    if applied.problems:
        errors = _field_errors(applied.problems)
        raise ApiProblem(409, "conflict", f"{key} no longer fits the live rules: {errors[0].detail}", errors)
    return _applied_answer(applied)


@blueprint.delete("/rules/<key>")
@allow(scope="rules:write")
def archive_rule(key: str) -> tuple[str, int]:
    """Archive a rule; what it has awarded and its versions remain."""
    with _as_problems():
        rule_changes.archive_rule(settings(), key, actor())
    return "", 204


@contextmanager
def _as_problems() -> Iterator[None]:
    """Answer what the services refuse with the contract's codes."""
    try:
        yield
    except UnknownRule as error:
        raise _unknown_rule(str(error)) from None
    except RuleNeeded as error:
        raise ApiProblem(409, "conflict", str(error)) from None
