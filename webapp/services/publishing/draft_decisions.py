"""What people decide about a draft: send it for approval, send it back, publish it, return to an older version.

Each function is one transaction, committed here. It raises `EditRefused` with the reason if the decision is not
allowed; then the caller rolls back.
"""

from dataclasses import dataclass

from engine.authoring.tree.conditions import trees_of
from engine.authoring.tree.edit_result import EditRefused
from webapp.services.drafts import draft_editing
from webapp.services.publishing import publish, review
from webapp.services.publishing.publish import FROM_NOW, PASTS, PublicationResult
from webapp.services.publishing.review import GOOD, Review
from webapp.store.people import audit
from webapp.store.rules import drafts, rule_versions, submissions, version_notes
from webapp.store.rules.drafts import Draft
from webapp.store.rules.version_notes import VersionNote, note_version
from webapp.store.system.connection import Connection

COMMENT_LENGTH_MAX = 2_000


@dataclass(frozen=True, slots=True)
class DraftDecision:
    """A decision about exactly the draft content with this hash.

    `starts_at` and `ends_at` are as typed; None leaves the draft's dates unchanged, an empty text removes them.
    """

    hash: str
    comment: str
    past: str = FROM_NOW
    starts_at: str | None = None
    ends_at: str | None = None


def send_for_approval(conn: Connection, draft_id: int, decision: DraftDecision, by: str) -> None:
    """Send a draft for approval; this replaces an earlier submission."""
    draft = _with_dates(conn, _lock_unchanged(conn, draft_id, decision), decision, by)
    reviewed = review.review_draft(conn, draft)
    if not reviewed.may_be_sent:
        unmet = [gate.text for gate in reviewed.gates if gate.is_for_sending and gate.state != GOOD]
        raise EditRefused(_first(unmet))
    submissions.send(conn, draft, comment=decision.comment, past=decision.past, by=by)
    audit.note(
        conn,
        by,
        "rule.sent_for_approval",
        draft.key,
        before=_live_version(reviewed),
        after=_decided_content(reviewed, decision.comment),
    )
    conn.commit()


def withdraw(conn: Connection, draft_id: int, by: str) -> None:
    """Withdraw the submission that waits for approval."""
    draft = draft_editing.locked(conn, draft_id)
    submission = submissions.last(conn, draft.key)
    if submission is None or not submission.is_open:
        raise EditRefused("Nothing is waiting for approval")
    submissions.withdraw(conn, draft.key, by)
    before = {"hash": submission.hash.hex(), "sent_by": submission.sent_by}
    audit.note(conn, by, "rule.withdrawn", draft.key, before=before)
    conn.commit()


def send_back(conn: Connection, draft_id: int, reply: str, by: str) -> None:
    """Return a draft to whoever sent it, with what has to change."""
    draft = draft_editing.locked(conn, draft_id)
    submission = submissions.last(conn, draft.key)
    if not reply:
        raise EditRefused("Say what needs to change")
    if submission is None or not submissions.decide(conn, submission.id, "returned", by, reply):
        raise EditRefused("Nothing is waiting for approval")
    after = {"comment": reply, "hash": submission.hash.hex()}
    audit.note(conn, by, "rule.sent_back", draft.key, before={"sent_by": submission.sent_by}, after=after)
    conn.commit()


def publish_draft(conn: Connection, draft_id: int, decision: DraftDecision, by: str) -> PublicationResult:
    """Publish a draft: by approving its submission, or directly if nobody else has to review it.

    The draft is gone afterwards. If the result names a job, the caller starts it.
    """
    draft = _lock_unchanged(conn, draft_id, decision)
    rule_versions.lock(conn)  # so that no other version goes live between the review and the publication
    reviewed = review.review_draft(conn, draft)
    if not reviewed.is_waiting:
        draft = _with_dates(conn, draft, decision, by)
        reviewed = review.review_draft(conn, draft)
    if blockers := reviewed.blockers(by):
        raise EditRefused(_first(blockers))
    past = reviewed.sent.past if reviewed.is_waiting and reviewed.sent else decision.past
    result = publish.apply_documents(conn, [reviewed.document], by, publish=True, past=past)
    if result.problems:
        raise EditRefused(result.problems[0].message)
    _close_draft(conn, reviewed, result.versions[draft.key], decision.comment, by)
    conn.commit()
    return result


def _close_draft(conn: Connection, reviewed: Review, version: int, comment: str, by: str) -> None:
    """Settle the submission, note where the version came from, delete the draft, and audit the approval."""
    draft, submission = reviewed.draft, reviewed.sent
    if submission is not None and reviewed.is_waiting:
        submissions.decide(conn, submission.id, "approved", by, comment)
        sent_by, version_comment = submission.sent_by, submission.comment
    else:
        submissions.withdraw(conn, draft.key, by)
        sent_by, version_comment = by, comment
    tree = version_notes.tree_json(draft.tree, trees_of(draft.document))
    note_version(conn, draft.key, VersionNote(version, tree, version_comment, sent_by, by))
    drafts.delete(conn, draft.id)
    after = {**_decided_content(reviewed, comment), "version": version, "sent_by": sent_by}
    audit.note(conn, by, "rule.approved", draft.key, before=_live_version(reviewed), after=after)


def roll_back(conn: Connection, key: str, version: int, reason: str, by: str) -> PublicationResult:
    """Publish an older version as the newest. One publisher is enough: it was approved when it first went live."""
    rule = rule_versions.rule(conn, key)
    if rule is None or rule.live_version is None or not 1 <= version <= rule.latest_version:
        raise EditRefused("There is no such version to return to")
    if version == rule.live_version and rule.status == "live":
        raise EditRefused(f"v{version} is already live")
    tree = version_notes.tree_of_version(conn, key, version)
    result = publish.roll_back(conn, key, version, by)
    if result.problems:
        raise EditRefused(f"v{version} no longer fits the live rules: {result.problems[0].message}")
    raw = None if tree is None else version_notes.tree_json(tree, version_notes.rows_of_version(conn, key, version))
    note_version(conn, key, VersionNote(result.versions[key], raw, reason, by, by))
    after = {"version": result.versions[key], "same_as": version, "reason": reason}
    audit.note(conn, by, "rule.rolled_back", key, before={"version": rule.live_version}, after=after)
    conn.commit()
    return result


def _lock_unchanged(conn: Connection, draft_id: int, decision: DraftDecision) -> Draft:
    """The locked draft, if it still has the content that the decision is about."""
    draft = draft_editing.locked(conn, draft_id)
    if draft.hash.hex() != decision.hash:
        raise EditRefused(f"{draft.updated_by} changed this draft in the meantime: review it again")
    if decision.past not in PASTS:
        raise EditRefused("Choose what to do about the past")
    if len(decision.comment) > COMMENT_LENGTH_MAX:
        raise EditRefused(f"A comment has at most {COMMENT_LENGTH_MAX} characters")
    return draft


def _with_dates(conn: Connection, draft: Draft, decision: DraftDecision, by: str) -> Draft:
    """The draft with the dates that were typed beside the decision: they are part of what is approved."""
    for pointer, text in (("/starts_at", decision.starts_at), ("/ends_at", decision.ends_at)):
        if text is not None:
            operation = {"op": "set_field", "pointer": pointer, "texts": text}
            draft = draft_editing.edit(conn, draft.id, draft.revision, operation, by).draft
    return draft


def _live_version(reviewed: Review) -> dict[str, object] | None:
    """What was in force before the decision, for the audit log."""
    if reviewed.rule is None or reviewed.live_version is None:
        return None
    return {"version": reviewed.live_version, "document": reviewed.rule.document}


def _decided_content(reviewed: Review, comment: str) -> dict[str, object]:
    return {"document": reviewed.document, "hash": reviewed.draft.hash.hex(), "comment": comment}


def _first(reasons: list[str]) -> str:
    return reasons[0] if reasons else review.NO_CHANGE
