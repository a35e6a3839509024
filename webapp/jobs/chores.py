"""What the beat does beside waking drains: each chore with how often, in seconds."""

from collections.abc import Callable
from typing import Final

from webapp import projections
from webapp.config import Settings
from webapp.jobs import slow
from webapp.jobs.deliveries import call_due
from webapp.jobs.dues import renew_dues
from webapp.jobs.finalise import finalise
from webapp.jobs.games.claims import fill_all
from webapp.jobs.games.close import publish_seeds_of_the_past
from webapp.jobs.games.drain import drain_old
from webapp.jobs.games.launch import fill_pools
from webapp.jobs.games.providers import tend
from webapp.jobs.games.redeem import expire_overdue
from webapp.jobs.games.seeds import draw_missing
from webapp.jobs.games.traffic import obey
from webapp.jobs.notice import notice_events
from webapp.jobs.ranks_then import keep_ranks
from webapp.jobs.relay import relay
from webapp.jobs.scheduled import publish_due
from webapp.jobs.ticks import append_ticks
from webapp.store import entries, pulse, work
from webapp.store.connection import connect

RELAY_ROWS = 500
STALE_JOBS_MAX = 20


def relay_leftovers(settings: Settings) -> None:
    """Take out what a drain left in the outbox."""
    relay(settings, RELAY_ROWS)


def make_partitions(settings: Settings) -> None:
    """Make the log's partitions ahead."""
    with connect(settings.database_url) as conn:
        entries.make_partitions(conn)
        conn.commit()


def forget_hours(settings: Settings) -> None:
    """Throw away how often rules matched longer ago than any list shows."""
    with connect(settings.database_url) as conn:
        pulse.forget_hours(conn)
        conn.commit()


def rebuild_projections(settings: Settings) -> None:
    """Rebuild what Redis lost: without the epoch key nothing there may be believed."""
    if not projections.is_current(settings):
        projections.rebuild(settings)


def call_stale_jobs(settings: Settings) -> None:
    """Queue slow jobs again whose worker has not been heard of since its lease ran out."""
    with connect(settings.database_url) as conn:
        stale = work.take_stale(conn, STALE_JOBS_MAX)
        conn.commit()
    for job_id in stale:
        slow.call(settings, job_id)


CHORES: Final[tuple[tuple[str, float, Callable[[Settings], object]], ...]] = (
    ("relay", 0.5, relay_leftovers),
    ("plays", 0.5, drain_old),
    ("claims", 0.5, fill_all),
    ("traffic", 0.5, obey),
    ("seeds", 2.0, draw_missing),
    ("coupons", 2.0, fill_pools),
    ("scheduled", 1.0, publish_due),
    ("deliveries", 1.0, call_due),
    ("providers", 1.0, tend),
    ("expiry", 10.0, expire_overdue),
    ("closed_seeds", 10.0, publish_seeds_of_the_past),
    ("epoch", 1.0, rebuild_projections),
    ("dues", 2.0, renew_dues),
    ("ticks", 2.0, append_ticks),
    ("notice", 3.0, notice_events),
    ("finalise", 10.0, finalise),
    ("ranks", 30.0, keep_ranks),
    ("stale_jobs", 10.0, call_stale_jobs),
    ("partitions", 3600.0, make_partitions),
    ("hours", 3600.0, forget_hours),
)
