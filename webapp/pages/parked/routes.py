"""Parked work: grouped by what broke, each group with its one button."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.pages import outcome_lines
from webapp.pages.document_text import readable, written
from webapp.pages.layout import database, may
from webapp.pages.parked.suggested_fixes import likely_fix
from webapp.services.pipeline.replay_parked import DryRun, dry_run, replay
from webapp.store.events import fault_log, parked_entries
from webapp.store.events.parked_entries import ParkedEntry
from webapp.store.system import page_counts

blueprint = Blueprint("parked", __name__, url_prefix="/parked")
SHOWN_PLAYERS = 3
TRIED_MAX = 100


@dataclass(frozen=True, slots=True)
class Heap:
    """Parked entries that broke for the same reason, the newest first."""

    title: str
    detail: str
    asides: list[ParkedEntry]

    @property
    def first(self) -> ParkedEntry:
        return self.asides[0]

    @property
    def fix(self) -> str:
        """What most likely helps."""
        return likely_fix(self.detail)

    @property
    def who(self) -> str:
        """The first players by name, the others by number."""
        names = list(dict.fromkeys(each.player or "an erased player" for each in self.asides))
        rest = len(names) - SHOWN_PLAYERS
        return ", ".join(names[:SHOWN_PLAYERS]) + (f" and {rest} more" if rest > 0 else "")

    @property
    def event(self) -> str:
        """The newest of the events as JSON."""
        sent: dict[str, Any] = {"id": self.first.event_id, "type": self.first.type, "player": self.first.player}
        sent["properties"] = readable(self.first.payload)
        return written(sent)


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """What waits for a person; with `?settled=yes` what was replayed."""
    is_settled = request.args.get("settled") == "yes"
    with database() as conn:
        heaps = _heaps(parked_entries.list_parked(conn, is_settled=is_settled))
        values = {
            "faulty": fault_log.faulty_rules(conn),
            "settled": parked_entries.replayed_count(conn),
            "a_day": parked_entries.parked_by_day(conn),
            "waiting": page_counts.counts(conn).parked,
            "fix_of": likely_fix,
        }
    return render_template(
        "parked/page.html", heaps=heaps, is_settled=is_settled, may_replay=may(Role.PUBLISHER), **values
    )


@blueprint.post("/replays")
@allow(role=Role.PUBLISHER)
def make_replays() -> ResponseReturnValue:
    """Queue the named entries again, each as a new one."""
    asked = [int(seq) for seq in request.form.getlist("seq") if seq.isdecimal()]
    done = sum(replay(settings(), seq, actor()) for seq in asked)
    if done:
        flash(f"{done} of {len(asked)} queued again; each is judged by the rules that are live now.", "good")
    else:
        flash("Nothing to replay: it was done before, or the player was erased.", "message")
    return redirect(url_for(".show"), 303)


@blueprint.get("/dry-run")
@allow(role=Role.VIEWER)
def show_dry_run() -> ResponseReturnValue:
    """What a replay of each waiting entry would come to now; nothing is written."""
    with database() as conn:
        waiting = parked_entries.list_parked(conn, is_settled=False, limit=TRIED_MAX)
        tried = dry_run(conn, [each.seq for each in waiting])
        known = outcome_lines.Known.of(conn)
    told = [(each, outcome_lines.lines(each.outcome or {}, known)) for each in tried]
    passing = [each.seq for each in tried if _would_do(each)]
    return render_template("parked/dry_run.html", told=told, passing=passing, may_replay=may(Role.PUBLISHER))


def _would_do(tried: DryRun) -> bool:
    return tried.outcome is not None and not tried.error


def _heaps(found: list[ParkedEntry]) -> list[Heap]:
    heaps: dict[tuple[str, str, str], list[ParkedEntry]] = {}
    for aside in found:
        heaps.setdefault((aside.type, aside.reason, aside.detail), []).append(aside)
    return [Heap(f"{kind}, {reason.replace('_', ' ')}", detail, each) for (kind, reason, detail), each in heaps.items()]
