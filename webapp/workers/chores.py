"""What the beat does besides hinting drains: each chore with how often it is due."""

from collections.abc import Callable
from typing import Final, NamedTuple

from webapp import projections
from webapp.config import Settings
from webapp.projections import day_ranks
from webapp.queue import slow_jobs
from webapp.runtime import clock
from webapp.services.campaigns.campaign_seeds import draw_missing_seeds
from webapp.services.campaigns.close_campaign import publish_due_seeds
from webapp.services.campaigns.launch_campaign import fill_coupon_pools
from webapp.services.campaigns.synthetic_traffic import run_synthetic_traffic
from webapp.services.coupons.fill_claims import fill_all_claims
from webapp.services.coupons.issued_coupons import expire_overdue_coupons
from webapp.services.coupons.poll_providers import poll_providers
from webapp.services.leaderboards.finalise_runs import finalise
from webapp.services.pipeline.relay_outbox import relay
from webapp.services.pipeline.ticks import append_ticks, renew_due_times
from webapp.services.plays.drain_games import drain_old
from webapp.services.publishing.publish_on_schedule import publish_due
from webapp.services.webhooks.send_deliveries import look_after_deliveries
from webapp.store.events import event_log, rule_activity, seen_properties
from webapp.store.rules import rulebooks
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect

STALE_JOBS_MAX = 20


def notice_properties(settings: Settings) -> int:
    """Note which properties the newest events carry, for the fact catalogue; of many events, a sample."""
    with connect(settings.database_url) as conn:
        noticed = seen_properties.notice(conn)
        conn.commit()
    return noticed


def make_partitions(settings: Settings) -> None:
    """Make the log's partitions ahead."""
    with connect(settings.database_url) as conn:
        event_log.make_partitions(conn)
        conn.commit()


def forget_hours(settings: Settings) -> None:
    """Delete counts of matches that are older than any list shows."""
    with connect(settings.database_url) as conn:
        rule_activity.forget_hours(conn)
        conn.commit()


def rebuild_projections(settings: Settings) -> None:
    """Rebuild projections that Redis lost: without the epoch key nothing there can be trusted."""
    projections.rebuild_if_lost(settings)


def keep_opening_ranks(settings: Settings) -> int:
    """Keep the ranks with which today began, where they are missing, so that pages can show who rose and who fell.

    Returns of how many boards, 0 while boards are rebuilt.
    """
    with connect(settings.database_url, autocommit=True) as conn:
        boards = rulebooks.live(conn).boards.values()
    return day_ranks.keep_opening_ranks(settings, boards, clock.now_micros())


def enqueue_stale_jobs(settings: Settings) -> None:
    """Queue slow jobs again that were never started, or whose worker let their lease run out."""
    with connect(settings.database_url) as conn:
        stale = slow_job_rows.take_stale(conn, STALE_JOBS_MAX)
        conn.commit()
    for job_id in stale:
        slow_jobs.enqueue_job(settings, job_id)


class Chore(NamedTuple):
    """A chore, and how often it is due."""

    name: str
    every_seconds: float
    run: Callable[[Settings], object]


CHORES: Final = (
    Chore("relay", 0.5, relay),
    Chore("plays", 0.5, drain_old),
    Chore("claims", 0.5, fill_all_claims),
    Chore("traffic", 0.5, run_synthetic_traffic),
    Chore("seeds", 2.0, draw_missing_seeds),
    Chore("coupons", 2.0, fill_coupon_pools),
    Chore("scheduled", 1.0, publish_due),
    Chore("deliveries", 1.0, look_after_deliveries),
    Chore("providers", 1.0, poll_providers),
    Chore("expiry", 10.0, expire_overdue_coupons),
    Chore("closed_seeds", 10.0, publish_due_seeds),
    Chore("epoch", 1.0, rebuild_projections),
    Chore("dues", 2.0, renew_due_times),
    Chore("ticks", 2.0, append_ticks),
    Chore("notice", 3.0, notice_properties),
    Chore("finalise", 10.0, finalise),
    Chore("ranks", 30.0, keep_opening_ranks),
    Chore("stale_jobs", 10.0, enqueue_stale_jobs),
    Chore("partitions", 3600.0, make_partitions),
    Chore("hours", 3600.0, forget_hours),
)
