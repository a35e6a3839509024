"""`laurel settle`: waits until everything accepted is applied and projections are current."""

import sys
import time

import click
import psycopg

from webapp import projections
from webapp.config import Settings
from webapp.projections.redis import RedisError
from webapp.store.system import status_summary
from webapp.store.system.connection import connect

POLL_SECONDS = 0.1


@click.command()
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Maximum number of seconds to wait.",
)
def command(timeout: float) -> None:
    """Wait until every accepted event and play is applied and projections are current; exit 1 on time-out."""
    settings, ends = Settings.from_environment(), time.monotonic() + timeout
    while reason := unsettled(settings):
        if time.monotonic() >= ends:
            click.echo(f"not settled after {timeout:g} s: {reason}", err=True)
            sys.exit(1)
        time.sleep(POLL_SECONDS)


def unsettled(settings: Settings) -> str:
    """Why Laurel is not settled, in words; empty if it is."""
    try:
        with connect(settings.database_url) as conn:
            if not status_summary.is_settled(conn):
                now = status_summary.summary(conn)
                plays = f"{now.plays_waiting} plays and {now.claims_waiting} claims to decide"
                plays += f", {now.wins_waiting} wins waiting for a provider's coupon"
                return f"{now.pending} entries waiting to be applied, {plays}, {now.outbox} batches to project"
        return "" if projections.is_current(settings) else "projections are being rebuilt"
    except (psycopg.Error, RedisError) as error:
        return f"a server is unavailable: {error}".strip()
