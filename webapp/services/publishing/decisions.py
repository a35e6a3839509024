"""What people decide about a draft: send it for approval, send it back, let it go live, return to an older version.

Each raises `Refused` with the reason where it may not be; the caller commits, or rolls back what was begun.
"""

from dataclasses import dataclass

from engine.authoring.tree.conditions import trees_of
from engine.authoring.tree.edit_refused import EditRefused
from webapp.services.drafts import draft_editing
from webapp.services.publishing import publish, review
from webapp.services.publishing.publish import FROM_NOW, PASTS, PublicationResult
from webapp.services.publishing.review import Review
from webapp.store.people import audit
from webapp.store.rules import drafts, rule_versions, submissions, version_notes
from webapp.store.rules.drafts import Draft
from webapp.store.rules.version_notes import VersionNote, note_version
from webapp.store.system.connection import Connection

COMMENT_LENGTH_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody says with a decision: about exactly the content with this hash.

    `starts_at` and `ends_at` are as typed; None leaves the draft's dates as they are, an empty text takes them away.
    """

    hash: str
    comment: str
    past: str = FROM_NOW
    starts_at: str | None = None
    ends_at: str | None = None


def send_for_approval(conn: Connection, draft_id: int, said: Decision, by: str) -> None:
    """Send a draft for approval, in the place of what was sent before."""
    draft = _with_dates(conn, _lock_unchanged(conn, draft_id, said), said, by)
    seen = review.review_draft(conn, draft)
    if not seen.may_be_sent:
        raise EditRefused(_first([each.text for each in seen.gates if each.is_for_sending and each.state != "good"]))
    told = (said.comment, said.past, by)
    submissions.send(conn, draft.key, draft.base_version, draft.content, told)
    audit.note(
        conn,
        by,
        "rule.sent_for_approval",
        draft.key,
        before=_live_version(seen),
        after=_decided_content(seen, said.comment),
    )


def withdraw(conn: Connection, draft_id: int, by: str) -> None:
    """Take back what waits for approval."""
    draft = draft_editing.locked(conn, draft_id)
    sent = submissions.last(conn, draft.key)
    if sent is None or not sent.is_open:
        raise EditRefused("Nothing waits for approval")
    submissions.withdraw(conn, draft.key, by)
    audit.note(conn, by, "rule.withdrawn", draft.key, before={"hash": sent.hash.hex(), "sent_by": sent.sent_by})


def send_back(conn: Connection, draft_id: int, reply: str, by: str) -> None:
    """Give a draft back to whoever sent it, with what is to be done."""
    draft = draft_editing.locked(conn, draft_id)
    sent = submissions.last(conn, draft.key)
    if not reply:
        raise EditRefused("Say what is to be changed")
    if sent is None or not submissions.decide(conn, sent.id, "returned", by, reply):
        raise EditRefused("Nothing waits for approval")
    after = {"comment": reply, "hash": sent.hash.hex()}
    audit.note(conn, by, "rule.sent_back", draft.key, before={"sent_by": sent.sent_by}, after=after)


def publish_draft(conn: Connection, draft_id: int, said: Decision, by: str) -> PublicationResult:
    """Publish a draft: what was sent by approving it, anything else where nobody else has to look at it.

    The draft is gone then; where the answer names a job, the caller calls it after the commit.
    """
    draft = _lock_unchanged(conn, draft_id, said)
    rule_versions.lock(conn)  # so that no other version goes live between the look and the publication
    seen = review.review_draft(conn, draft)
    if not seen.is_waiting:
        draft = _with_dates(conn, draft, said, by)
        seen = review.review_draft(conn, draft)
    if blockers := seen.blockers(by):
        raise EditRefused(_first(blockers))
    past = seen.sent.past if seen.is_waiting and seen.sent else said.past
    applied = publish.apply_documents(conn, [seen.document], by, publish=True, past=past)
    if applied.problems:
        raise EditRefused(applied.problems[0].message)
    _close(conn, seen, applied.versions[draft.key], said.comment, by)
    return applied


def _close(conn: Connection, seen: Review, version: int, comment: str, by: str) -> None:
    draft, sent = seen.draft, seen.sent
    if sent is not None and seen.is_waiting:
        submissions.decide(conn, sent.id, "approved", by, comment)
        sender, words = sent.sent_by, sent.comment
    else:
        submissions.withdraw(conn, draft.key, by)
        sender, words = by, comment
    tree = version_notes.tree_json(draft.tree, trees_of(draft.document))
    note_version(conn, draft.key, VersionNote(version, tree, words, sender, by))
    drafts.end(conn, draft.id)
    after = {**_decided_content(seen, comment), "version": version, "sent_by": sender}
    audit.note(conn, by, "rule.approved", draft.key, before=_live_version(seen), after=after)


def roll_back(conn: Connection, key: str, version: int, reason: str, by: str) -> PublicationResult:
    """Publish an older version as the newest. One publisher may: it was approved when it first went live."""
    rule = rule_versions.rule(conn, key)
    if rule is None or rule.live_version is None or not 1 <= version <= rule.latest_version:
        raise EditRefused("There is no such version to return to")
    if version == rule.live_version and rule.status == "live":
        raise EditRefused(f"v{version} is live already")
    tree = version_notes.tree_of_version(conn, key, version)
    applied = publish.roll_back(conn, key, version, by)
    if applied.problems:
        raise EditRefused(f"v{version} no longer fits what is live: {applied.problems[0].message}")
    raw = None if tree is None else version_notes.tree_json(tree, version_notes.rows_of_version(conn, key, version))
    note_version(conn, key, VersionNote(applied.versions[key], raw, reason, by, by))
    after = {"version": applied.versions[key], "same_as": version, "reason": reason}
    audit.note(conn, by, "rule.rolled_back", key, before={"version": rule.live_version}, after=after)
    return applied


def archive(conn: Connection, key: str, by: str) -> None:
    """Take a rule out of use, unless a live one needs it."""
    rule_versions.lock(conn)  # so that nothing that needs it goes live in between
    if needing := publish.dependent_rules(conn, key):
        raise EditRefused(f"It is needed by {', '.join(needing)}")
    publish.archive(conn, key, by)


def _lock_unchanged(conn: Connection, draft_id: int, said: Decision) -> Draft:
    """The draft under its lock, if it still says what the decision is about."""
    draft = draft_editing.locked(conn, draft_id)
    if draft.hash.hex() != said.hash:
        raise EditRefused(f"{draft.updated_by} changed this draft meanwhile: look at it again")
    if said.past not in PASTS:
        raise EditRefused("Choose what to do with the past")
    if len(said.comment) > COMMENT_LENGTH_MAX:
        raise EditRefused(f"A comment has at most {COMMENT_LENGTH_MAX} characters")
    return draft


def _with_dates(conn: Connection, draft: Draft, said: Decision, by: str) -> Draft:
    """The draft with the dates that were typed beside the decision: they are part of what is approved."""
    for pointer, text in (("/starts_at", said.starts_at), ("/ends_at", said.ends_at)):
        if text is not None:
            edit = {"op": "set_field", "pointer": pointer, "texts": text}
            draft = draft_editing.edit(conn, draft.id, draft.revision, edit, by).draft
    return draft


def _live_version(seen: Review) -> dict[str, object] | None:
    if seen.rule is None or seen.live_version is None:
        return None
    return {"version": seen.live_version, "document": seen.rule.document}


def _decided_content(seen: Review, comment: str) -> dict[str, object]:
    return {"document": seen.document, "hash": seen.draft.hash.hex(), "comment": comment}


def _first(reasons: list[str]) -> str:
    return reasons[0] if reasons else "Nothing differs from what is live"
