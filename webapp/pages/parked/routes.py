"""Parked work: grouped by what failed, each group with its one button."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.http.numbers import whole_number
from webapp.pages.layout import database, may
from webapp.pages.outcome_lines import RuleLabels, outcome_lines
from webapp.pages.parked.view_models import DryRunPage, DryRunRow, FailingRule, ParkedGroup, ParkedPage
from webapp.services.pipeline.replay_parked import dry_run, replay
from webapp.store.events import fault_log, parked_entries
from webapp.store.events.parked_entries import ParkedEntry
from webapp.store.system.side_bar_counts import side_bar_counts

blueprint = Blueprint("parked", __name__, url_prefix="/parked")
TRIED_MAX = 100


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """What waits for a decision; with `?settled=yes` what was replayed."""
    is_settled = request.args.get("settled") == "yes"
    with database() as conn:
        view = ParkedPage(
            groups=_groups(parked_entries.list_parked(conn, is_settled=is_settled)),
            failing_rules=[FailingRule(rule) for rule in fault_log.faulty_rules(conn)],
            is_settled=is_settled,
            waiting=side_bar_counts(conn).parked,
            settled=parked_entries.replayed_count(conn),
            by_day=parked_entries.parked_by_day(conn),
            may_replay=may(Role.PUBLISHER),
        )
    return render_template("parked/page.html", view=view)


@blueprint.post("/replays")
@allow(role=Role.PUBLISHER)
def make_replays() -> ResponseReturnValue:
    """Queue the named entries again, each as a new one."""
    seqs = [seq for text in request.form.getlist("seq") if (seq := whole_number(text)) is not None]
    queued = sum(replay(settings(), seq, actor()) for seq in seqs)
    if queued:
        flash(f"{queued} of {len(seqs)} queued again. The current live rules decide.", "good")
    else:
        flash("Nothing to replay: already replayed, or the player was erased.", "message")
    return redirect(url_for(".show"), 303)


@blueprint.get("/dry-run")
@allow(role=Role.VIEWER)
def show_dry_run() -> ResponseReturnValue:
    """What a replay of each waiting entry would do now; nothing is written."""
    with database() as conn:
        waiting = parked_entries.list_parked(conn, is_settled=False, limit=TRIED_MAX)
        results = dry_run(conn, [entry.seq for entry in waiting])
        labels = RuleLabels.of(conn)
    rows = [DryRunRow(result, outcome_lines(result.outcome or {}, labels)) for result in results]
    return render_template("parked/dry_run.html", view=DryRunPage(rows, may_replay=may(Role.PUBLISHER)))


def _groups(entries: Sequence[ParkedEntry]) -> list[ParkedGroup]:
    """The entries by event type, reason and detail, in the order in which the groups' newest ones come."""
    groups: dict[tuple[str, str, str], list[ParkedEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.type, entry.reason, entry.detail), []).append(entry)
    return [
        ParkedGroup(f"{event_type}, {reason.replace('_', ' ')}", detail, members)
        for (event_type, reason, detail), members in groups.items()
    ]
