"""Publishing: documents are checked together, stored as versions, and made live by a new rulebook.

New rules that count (metrics, streaks, leaderboards) go into a first rulebook with the status `counting`. A job counts
their history; only then does a second rulebook make the rules live that read them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.documents.document import Document
from engine.kinds import KINDS
from engine.kinds.leaderboard import LEADERBOARD
from engine.rules.document_problems import key_problems
from engine.rules.parse_documents import parse_documents
from engine.vocabulary.problem import Problem
from webapp.runtime.zones import ZONES
from webapp.services.campaigns import launch_campaign
from webapp.services.drafts import run_test_cases
from webapp.services.publishing import version_handover
from webapp.services.publishing.publication_gate import engine_disagreements
from webapp.store.events import seen_properties
from webapp.store.people import audit
from webapp.store.rules import publication_facts, rule_versions
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import Connection

FROM_NOW, AWARD_SILENTLY, AWARD = PASTS = ("from_now", "award_silently", "award")


@dataclass(frozen=True, slots=True)
class PublicationResult:
    """What became of a list of documents; if there are problems, nothing was changed.

    `job` is the job that continues the publication after the commit, if history has to be counted or awarded.
    `scheduled` has the rules whose live version stays in force until the new one starts, with that moment.
    """

    problems: list[Problem] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    rulebook: int | None = None
    job: str | None = None
    scheduled: dict[str, datetime] = field(default_factory=dict)


def apply_documents(conn: Connection, raw: Any, by: str, *, publish: bool, past: str = FROM_NOW) -> PublicationResult:
    """Check all documents together and save them as drafts, or publish them: all or none. The caller commits.

    If the result names a job, the caller starts it after the commit (`finish_publication.finish_now`, or
    `slow_jobs.enqueue_job`).
    """
    assert past in PASTS
    rule_versions.lock(conn)
    problems, documents = check_documents(conn, raw, publish=publish)
    if publish and not problems:
        problems = _failing_test_cases(conn, documents)
    if problems:
        return PublicationResult(problems)
    versions = {document.key: rule_versions.store_version(conn, document.raw, by) for document in documents}
    if not publish:
        rule_versions.keep_as_drafts(conn, list(versions))
        note(conn, by, "rule.saved", versions)
        return PublicationResult([], versions)
    return go_live(conn, documents, versions, by, past)


def check_documents(conn: Connection, raw: Any, *, publish: bool) -> tuple[list[Problem], list[Document]]:
    """Every reason to refuse the documents, and the documents; for publication both engines are compared, too."""
    problems, documents = validate_documents(conn, raw, publish=publish)
    if publish and not problems:
        live = rule_versions.live_documents(conn)
        problems = engine_disagreements(conn, [document.raw for document in documents], live)
    return problems, documents


def validate_documents(conn: Connection, raw: Any, *, publish: bool) -> tuple[list[Problem], list[Document]]:
    """Every mistake in the documents themselves, and the documents.

    They are validated beside the live documents; drafts beside the newest version of every rule in use.
    """
    beside = rule_versions.documents_beside(conn, with_drafts=not publish)
    parsed = parse_documents(raw, beside, seen=seen_properties.seen(conn), zones=ZONES)
    documents = [document for document in parsed if isinstance(document, Document)]
    problems = [problem for problem in parsed if isinstance(problem, Problem)] or _taken_keys(conn, raw)
    if not problems:
        problems = launch_campaign.launch_problems(conn, [document.raw for document in documents])
    return problems, documents


def _failing_test_cases(conn: Connection, documents: Sequence[Document]) -> list[Problem]:
    """A problem for each test case that fails, at its document."""
    return [
        Problem(f"/{index}", f"the test case {name!r} fails")
        for index, document in enumerate(documents)
        for name in run_test_cases.failing_case_names(conn, document.raw)
    ]


def _taken_keys(conn: Connection, raw: list[dict[str, Any]]) -> list[Problem]:
    """A key belongs to one kind for ever, even if its rule is paused or archived."""
    rules = [{"key": rule.key, "kind": rule.kind} for rule in rule_versions.all_rules(conn)]
    return [problem for index, document in enumerate(raw) for problem in key_problems(document, f"/{index}", rules)]


def go_live(
    conn: Connection, documents: Sequence[Document], versions: Mapping[str, int], by: str, past: str
) -> PublicationResult:
    """Make stored versions live: now, or on their start date if an older version is in force until then."""
    later = version_handover.later_starts(conn, documents)
    note(conn, by, "rule.scheduled", {key: versions[key] for key in later})
    version_handover.schedule_versions(conn, later, versions, by, past)
    due = [document for document in documents if document.key not in later]
    result = go_live_now(conn, due, {document.key: versions[document.key] for document in due}, by, past)
    return replace(result, versions=dict(versions), scheduled=later)


def go_live_now(
    conn: Connection, documents: Sequence[Document], versions: Mapping[str, int], by: str, past: str
) -> PublicationResult:
    """Make stored versions live: at once, or by a job if history has to be counted or awarded first."""
    has_history = publication_facts.has_history(conn)
    uncounted = publication_facts.uncounted(conn, versions) if has_history else set()
    counting = {
        document.key: versions[document.key]
        for document in documents
        if KINDS[document.kind].is_counted and document.key in uncounted
    }
    awards_past = has_history and past != FROM_NOW
    awarding = [document.key for document in documents if awards_past and KINDS[document.kind].awards_past]
    if not counting and not awarding:
        return PublicationResult([], dict(versions), take_up(conn, versions, by))

    note(conn, by, "rule.counting", counting)
    rule_versions.make_live(conn, counting, by, status="counting")
    number = rule_versions.write_rulebook(conn)
    boards = [document.key for document in documents if document.key in counting and document.kind == LEADERBOARD.key]
    params = {
        "versions": dict(versions),
        "counting": counting,
        "recounting": sorted({*boards, *publication_facts.ranked_by(conn, counting)}),
        "since": number,
        "awarding": awarding,
        "past": past,
    }
    return PublicationResult([], dict(versions), number, slow_job_rows.start(conn, "publish", params, by))


def take_up(conn: Connection, versions: Mapping[str, int], by: str) -> int:
    """Make versions live, launch their campaigns, and return the number of the rulebook that holds them."""
    note(conn, by, "rule.published", versions)
    rule_versions.make_live(conn, versions, by)
    launch_campaign.launch_documents(conn, versions)
    return rule_versions.write_rulebook(conn)


def note(conn: Connection, by: str, action: str, versions: Mapping[str, int]) -> None:
    """Audit which versions somebody saves or publishes, each with the one in force until then.

    Called before the change, while the live version is still the old one.
    """
    for key, version in versions.items():
        rule = rule_versions.rule(conn, key)
        live_version = rule.live_version if rule else None
        before = None
        if live_version is not None and live_version != version:
            before = _audit_version(conn, key, live_version)
        audit.note(conn, by, action, key, before=before, after=_audit_version(conn, key, version))


def _audit_version(conn: Connection, key: str, version: int) -> dict[str, Any]:
    return {"version": version, "document": rule_versions.document(conn, key, version)}


def roll_back(conn: Connection, key: str, version: int, by: str) -> PublicationResult:
    """Publish an older version as the newest one; what it reads must still be there.

    Test cases are not run: they were written for the version that is taken back.
    """
    rule_versions.lock(conn)
    problems, documents = check_documents(conn, [rule_versions.document(conn, key, version)], publish=True)
    if problems:
        return PublicationResult(problems)
    versions = {key: rule_versions.store_version(conn, documents[0].raw, by)}
    return go_live(conn, documents, versions, by, FROM_NOW)


def pause(conn: Connection, key: str, by: str) -> int:
    """Take a rule out of the next rulebook: each shard's next batch runs without it. The caller commits.

    Returns the number of the live rulebook. A rule that is not in force is left as it is.
    """
    return _take_out_of_force(conn, key, "paused", by)


def archive(conn: Connection, key: str, by: str) -> int:
    """Archive a rule, live or not; what players got from it stays. Returns the number of the live rulebook."""
    return _take_out_of_force(conn, key, "archived", by)


def _take_out_of_force(conn: Connection, key: str, status: str, by: str) -> int:
    rule_versions.lock(conn)
    before = rule_versions.rule(conn, key)
    may_leave = before is not None and (before.status in {"live", "counting"} or status == "archived")
    if before is None or before.status == status or not may_leave:
        return rule_versions.live_number(conn)
    rule_versions.set_status(conn, key, status, by)
    launch_campaign.stop_campaign(conn, key, status)
    audit.note(conn, by, f"rule.{status}", key, before={"status": before.status}, after={"status": status})
    return rule_versions.write_rulebook(conn)


def resume(conn: Connection, key: str, by: str) -> PublicationResult:
    """Put a paused rule back into force if it still fits the live rules; what it counts is counted again first.

    A rule that is not paused is left as it is.
    """
    rule_versions.lock(conn)
    rule = rule_versions.rule(conn, key)
    if rule is None or rule.live_version is None or rule.status != "paused":
        return PublicationResult(rulebook=rule_versions.live_number(conn))
    problems, documents = check_documents(conn, [rule.document], publish=True)
    if problems:
        return PublicationResult(problems)
    return go_live(conn, documents, {key: rule.live_version}, by, FROM_NOW)


def dependent_rules(conn: Connection, key: str) -> list[str]:
    """The live rules that need this one: they read it, rank by it or require it."""
    live = rule_versions.live_documents(conn)
    others = [document for document in live if document["key"] != key]
    if len(others) == len(live):
        return []
    refused_without = _refused_keys(conn, others)
    refused_anyway = _refused_keys(conn, live) if refused_without else []
    return [refused for refused in refused_without if refused not in refused_anyway]


def _refused_keys(conn: Connection, documents: list[dict[str, Any]]) -> list[str]:
    """The keys of documents that are refused together; some may have gone live under laxer checks."""
    indexes = {int(problem.path.split("/")[1]) for problem in _problems(conn, documents)}
    return [documents[index]["key"] for index in sorted(indexes)]


def _problems(conn: Connection, documents: list[dict[str, Any]]) -> list[Problem]:
    parsed = parse_documents(documents, (), seen=seen_properties.seen(conn), zones=ZONES)
    return [problem for problem in parsed if isinstance(problem, Problem)]
