"""Publishing: documents are checked as a whole, kept as versions, and made live by a new rulebook.

What counts (metrics, streaks, leaderboards) and is new goes into a first rulebook, with the status `counting`; a job
counts its history, and only then a second rulebook takes up the rules that read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.documents.document import Document
from engine.kinds import KINDS
from engine.kinds.leaderboard import LEADERBOARD
from engine.rules.parse_documents import parse_documents
from engine.vocabulary.problem import Problem
from webapp.runtime.zones import ZONES
from webapp.services.campaigns import launch_campaign
from webapp.services.drafts import run_test_cases
from webapp.services.publishing import handover
from webapp.services.publishing.publication_gate import engine_disagreements
from webapp.store.events import seen_properties
from webapp.store.people import audit
from webapp.store.rules import publication_facts, rule_versions
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import Connection

FROM_NOW, AWARD_SILENTLY, AWARD = PASTS = ("from_now", "award_silently", "award")


@dataclass(frozen=True, slots=True)
class PublicationResult:
    """What applying a list of documents came to; with problems nothing was changed.

    `job` is the publication that goes on after the commit, where history is counted or awarded. `scheduled` are those
    of the rules whose live version goes on until the new one starts, with that moment.
    """

    problems: list[Problem] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    rulebook: int | None = None
    job: str | None = None
    scheduled: dict[str, datetime] = field(default_factory=dict)


def apply_documents(conn: Connection, raw: Any, by: str, *, publish: bool, past: str = FROM_NOW) -> PublicationResult:
    """Check all documents together and keep them as drafts, or publish them; all or nothing. The caller commits.

    Where the answer names a job, the caller calls it after the commit (`publication.finish`, or `slow.call`).
    """
    assert past in PASTS
    rule_versions.lock(conn)
    problems, documents = check_documents(conn, raw, publish=publish)
    if publish and not problems:
        problems = _unproved(conn, documents)
    if problems:
        return PublicationResult(problems)
    versions = {each.key: rule_versions.store_version(conn, each.raw, by) for each in documents}
    if not publish:
        rule_versions.keep_as_drafts(conn, list(versions))
        note(conn, by, "rule.saved", versions)
        return PublicationResult([], versions)
    return go_live(conn, documents, versions, by, past)


def check_documents(conn: Connection, raw: Any, *, publish: bool) -> tuple[list[Problem], list[Document]]:
    """Every reason why the documents are refused, or the documents; for publication the reference is asked too."""
    problems, documents = validate_documents(conn, raw, publish=publish)
    if publish and not problems:
        problems = engine_disagreements(conn, [each.raw for each in documents], rule_versions.live_documents(conn))
    return problems, documents


def validate_documents(conn: Connection, raw: Any, *, publish: bool) -> tuple[list[Problem], list[Document]]:
    """What the documents themselves say wrong, beside the live ones or, for drafts, beside all; or the documents."""
    beside = rule_versions.documents_beside(conn, with_drafts=not publish)
    parsed = parse_documents(raw, beside, seen=seen_properties.seen(conn), zones=ZONES)
    problems = [each for each in parsed if isinstance(each, Problem)] or _taken_keys(conn, raw)
    documents = [each for each in parsed if isinstance(each, Document)]
    if not problems:
        problems = launch_campaign.launch_problems(conn, [each.raw for each in documents])
    return problems, documents


def _unproved(conn: Connection, documents: Sequence[Document]) -> list[Problem]:
    """The test cases that fail, at their documents."""
    return [
        Problem(f"/{index}", f"the test case {name!r} fails")
        for index, each in enumerate(documents)
        for name in run_test_cases.failing_case_names(conn, each.raw)
    ]


def _taken_keys(conn: Connection, raw: list[dict[str, Any]]) -> list[Problem]:
    """A key belongs to one kind for ever, also where its rule is paused or archived."""
    kinds = {each.key: each.kind for each in rule_versions.all_rules(conn)}
    return [
        Problem(f"/{index}/key", f"{each['key']!r} is already the key of a {kinds[each['key']]}")
        for index, each in enumerate(raw)
        if kinds.get(each["key"], each["kind"]) != each["kind"]
    ]


def go_live(
    conn: Connection, documents: Sequence[Document], versions: Mapping[str, int], by: str, past: str
) -> PublicationResult:
    """Make stored versions live: on their start date where an older one is live until then, else now."""
    later = handover.later_starts(conn, documents)
    note(conn, by, "rule.scheduled", {key: versions[key] for key in later})
    handover.schedule_versions(conn, later, versions, by, past)
    due = [each for each in documents if each.key not in later]
    applied = go_live_now(conn, due, {each.key: versions[each.key] for each in due}, by, past)
    return replace(applied, versions=dict(versions), scheduled=later)


def go_live_now(
    conn: Connection, documents: Sequence[Document], versions: Mapping[str, int], by: str, past: str
) -> PublicationResult:
    """Make stored versions live: at once, or in a job where history has to be counted or awarded first."""
    history = publication_facts.has_history(conn)
    new = publication_facts.uncounted(conn, versions) if history else set()
    counting = {each.key: versions[each.key] for each in documents if KINDS[each.kind].is_counted and each.key in new}
    awarding = [each.key for each in documents if history and past != FROM_NOW and KINDS[each.kind].awards_past]
    if not counting and not awarding:
        return PublicationResult([], dict(versions), take_up(conn, versions, by))
    note(conn, by, "rule.counting", counting)
    rule_versions.make_live(conn, counting, by, status="counting")
    number = rule_versions.write_rulebook(conn)
    boards = [each.key for each in documents if each.key in counting and each.kind == LEADERBOARD.key]
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
    """Make versions live, launch what is to be launched, and give the number of the rulebook that holds them."""
    note(conn, by, "rule.published", versions)
    rule_versions.make_live(conn, versions, by)
    launch_campaign.launch_documents(conn, versions)
    return rule_versions.write_rulebook(conn)


def note(conn: Connection, by: str, action: str, versions: Mapping[str, int]) -> None:
    """Write down for each rule which version somebody saves or publishes, and which one was in force; called before."""
    for key, version in versions.items():
        known = rule_versions.rule(conn, key)
        old = known.live_version if known else None
        before = None if old is None or old == version else _audit_version(conn, key, old)
        audit.note(conn, by, action, key, before=before, after=_audit_version(conn, key, version))


def _audit_version(conn: Connection, key: str, version: int) -> dict[str, Any]:
    return {"version": version, "document": rule_versions.document(conn, key, version)}


def roll_back(conn: Connection, key: str, version: int, by: str) -> PublicationResult:
    """Let a version that was live become the newest one and go live; what it reads must still be there.

    Test cases are not asked: they were written for what is taken back.
    """
    rule_versions.lock(conn)
    problems, documents = check_documents(conn, [rule_versions.document(conn, key, version)], publish=True)
    if problems:
        return PublicationResult(problems)
    versions = {key: rule_versions.store_version(conn, documents[0].raw, by)}
    return go_live(conn, documents, versions, by, FROM_NOW)


def pause(conn: Connection, key: str, by: str) -> int:
    """Take a rule out of the next rulebook: each shard's next batch goes on without it. The caller commits.

    Gives the number of the live rulebook. A rule that is not in force is left as it is.
    """
    return _leave(conn, key, "paused", by)


def archive(conn: Connection, key: str, by: str) -> int:
    """Take a rule out of use, live or not; what it gave stays."""
    return _leave(conn, key, "archived", by)


def _leave(conn: Connection, key: str, status: str, by: str) -> int:
    rule_versions.lock(conn)
    before = rule_versions.rule(conn, key)
    leaves = before is not None and (before.status in {"live", "counting"} or status == "archived")
    if before is None or before.status == status or not leaves:
        return rule_versions.live_number(conn)
    rule_versions.set_status(conn, key, status, by)
    launch_campaign.stop_campaign(conn, key, status)
    audit.note(conn, by, f"rule.{status}", key, before={"status": before.status}, after={"status": status})
    return rule_versions.write_rulebook(conn)


def resume(conn: Connection, key: str, by: str) -> PublicationResult:
    """Put a paused rule's version back into force, if it still fits what is live; a metric is counted anew first."""
    rule_versions.lock(conn)
    known = rule_versions.rule(conn, key)
    if known is None or known.live_version is None or known.status != "paused":
        return PublicationResult(rulebook=rule_versions.live_number(conn))
    problems, documents = check_documents(conn, [known.document], publish=True)
    if problems:
        return PublicationResult(problems)
    return go_live(conn, documents, {key: known.live_version}, by, FROM_NOW)


def dependent_rules(conn: Connection, key: str) -> list[str]:
    """The live rules that could not be live without this one: they read it, rank by it or need it."""
    live = rule_versions.live_documents(conn)
    rest = [each for each in live if each["key"] != key]
    if len(rest) == len(live):
        return []
    broken = _broken(conn, rest)
    known = _broken(conn, live) if broken else []
    return [each for each in broken if each not in known]


def _broken(conn: Connection, documents: list[dict[str, Any]]) -> list[str]:
    """The keys of those that are not admitted together; what went live under laxer checks may be among them."""
    found = {int(problem.path.split("/")[1]) for problem in _problems(conn, documents)}
    return [documents[index]["key"] for index in sorted(found)]


def _problems(conn: Connection, documents: list[dict[str, Any]]) -> list[Problem]:
    parsed = parse_documents(documents, (), seen=seen_properties.seen(conn), zones=ZONES)
    return [each for each in parsed if isinstance(each, Problem)]
