"""`laurel status`: the state of an installation on one screen."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import psycopg
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine import compiled
from engine.scoring.fold import ENGINE_VERSION
from webapp import projections
from webapp.config import Settings
from webapp.projections.redis import RedisError
from webapp.queue.server_state import QueueState, queue_state
from webapp.store.campaigns import campaign_rows, pools
from webapp.store.system import monitoring, status_summary
from webapp.store.system.connection import Connection, connect
from webapp.store.system.failing_chores import FailingChore, failing_chores
from webapp.store.system.status_summary import StatusSummary
from webapp.supervisor import records


@click.command()
def command() -> None:
    """Show processes, lag, backlog and versions; exit 1 if a server is unavailable."""
    settings, console = Settings.from_environment(), Console()
    console.print(table("Processes", processes(settings.data_dir)))
    try:
        with connect(settings.database_url) as conn:
            now = status_summary.summary(conn)
            budgets = budget_lines(conn)
            failing = failing_chores(conn)
            is_protected = monitoring.is_history_protected(conn)
    except psycopg.Error as error:
        console.print(f"Postgres is unavailable: {error}")
        sys.exit(1)
    queue, is_redis_up = redis_line(settings)
    console.print(table("Work", work_lines(now)))
    if failing:
        console.print(table("Failing background jobs", failing_lines(failing)))
    if budgets:
        console.print(table("Budgets", budgets))
    versions = [
        ("engine", f"{ENGINE_VERSION}, {compiled.describe()}"),
        ("Postgres", postgres_line(now.postgres, is_protected=is_protected)),
        ("Redis", queue),
    ]
    console.print(table("Versions", versions))
    sys.exit(0 if is_redis_up else 1)


def table(title: str, rows: list[tuple[str, Any]]) -> Table:
    """A small table of names and values."""
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for name, value in rows:
        table.add_row(name, str(value))
    return table


def processes(data_dir: Path) -> list[tuple[str, str]]:
    """The processes that the supervisor recorded, and whether they are alive."""
    pids_by_role = records.pids_by_role(data_dir)
    if not pids_by_role:
        return [("laurel up", "not running in this folder")]
    return [
        (role, ", ".join(f"{pid}{'' if is_alive(pid) else ' (dead)'}" for pid in pids))
        for role, pids in pids_by_role.items()
    ]


def is_alive(pid: int) -> bool:
    """Whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def work_lines(now: StatusSummary) -> list[tuple[str, str]]:
    """What is waiting, what was done, and what is parked."""
    beat = f"{now.beat_holder}, lease until {now.beat_at:%H:%M:%S} UTC" if now.beat_holder and now.beat_at else "none"
    return [
        ("backlog", f"{now.pending} entries, the oldest waiting for {now.oldest_pending:.1f} s"),
        ("outbox", f"{now.outbox} batches, the oldest waiting for {now.oldest_outbox:.1f} s"),
        ("plays", f"{now.plays_waiting} waiting to be decided, {now.claims_waiting} coupon claims waiting"),
        ("wins", f"{now.wins_waiting} waiting for a provider, the oldest for {now.oldest_win:.1f} s"),
        (
            "redemptions",
            f"{now.redemptions_by_hand} to be fulfilled by hand, {now.redemptions_by_webhook} waiting for a webhook",
        ),
        ("webhooks", webhook_line(now)),
        ("applied", f"{now.applied} entries, {now.applied_last_minute} in the last minute"),
        ("players", str(now.players)),
        ("rules", f"{now.live_rules} live in rulebook {now.rulebook}, {now.counting_rules} counting history"),
        ("parked", f"{now.parked} entries, {now.faults_last_hour} rule faults in the last hour"),
        ("slow jobs", str(now.jobs_open)),
        ("beat", beat),
    ]


def postgres_line(version: str, *, is_protected: bool) -> str:
    """The server's version, and whether it keeps history from being rewritten."""
    return version if is_protected else f"{version}; this role may rewrite history (see LAUREL_OWNER_URL in README)"


def failing_lines(failing: Sequence[FailingChore]) -> list[tuple[str, str]]:
    """The chores of the beat that fail, and why."""
    return [
        (chore.name, f"failed {chore.failures} times since {chore.since:%Y-%m-%d %H:%M:%S} UTC: {escape(chore.error)}")
        for chore in failing
    ]


def webhook_line(now: StatusSummary) -> str:
    """The backlog of webhooks."""
    put_off = f"{now.messages_put_off} postponed, {now.messages_failed} given up"
    return f"{now.messages_due} due, the oldest for {now.oldest_message:.1f} s; {put_off}"


def budget_lines(conn: Connection) -> list[tuple[str, str]]:
    """What is left of each budget of the campaigns that have not ended."""
    return [
        (f"{campaign.key} {pool.game} {pool.brand}", f"{pool.available:,} of {pool.initial:,} coupons left")
        for campaign in campaign_rows.campaigns(conn)
        if campaign.ended_at is None and campaign.seed_published_at is None
        for pool in pools.pools_of_campaign(conn, campaign.key)
    ]


def redis_line(settings: Settings) -> tuple[str, bool]:
    """The queue's server in words, and whether it is up."""
    state = queue_state(settings)
    if not isinstance(state, QueueState):
        return f"unavailable: {state}", False
    try:
        current = "projections current" if projections.is_current(settings) else "projections are being rebuilt"
    except RedisError as error:
        return f"unavailable: {error}", False
    return f"{state.version}, {current}", True
