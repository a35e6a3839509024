"""`laurel campaigns`: what every outcome followed from, and the end of a campaign."""

import sys

import click

from webapp.config import Settings
from webapp.services.campaigns.campaign_audit import AuditReport, audit_campaign
from webapp.services.campaigns.close_campaign import close_campaign
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import connect

SHOWN_MAX = 50


@click.group()
def command() -> None:
    """Campaigns: list, close, audit."""


@command.command("list")
def list_() -> None:
    """List launched campaigns with the hash of each seed."""
    with connect(Settings.from_environment().database_url) as conn:
        for each in campaign_rows.campaigns(conn):
            word = "ended" if each.ended_at else "paused" if each.paused_at else "launched"
            click.echo(f"{each.key}\t{word}\t{each.document['name']}\t{each.seed_hash or ''}")


@command.command("close")
@click.argument("key")
def close(key: str) -> None:
    """End a campaign for good and publish its seed."""
    seed = close_campaign(Settings.from_environment(), key, "command line")
    if seed is None:
        raise click.ClickException(f"there is no campaign {key}")
    click.echo(seed)


@command.command("audit")
@click.argument("key")
def audit(key: str) -> None:
    """Derive every outcome again from the seed and the log; exit 1 with the differences where there are any."""
    report = audit_campaign(Settings.from_environment(), key)
    if report is None:
        raise click.ClickException(f"there is no campaign {key}")
    for difference in report.differences[:SHOWN_MAX]:
        click.echo(difference)
    if len(report.differences) > SHOWN_MAX:
        click.echo(f"… and {len(report.differences) - SHOWN_MAX} more")
    click.echo(told(report))
    sys.exit(1 if report.differences else 0)


def told(report: AuditReport) -> str:
    """The last line: what was found, and by which seed."""
    word = f"{len(report.differences)} differences" if report.differences else "clean"
    seed = f"seed {report.seed}" if report.seed else f"the seed is published at the close; its hash {report.commitment}"
    games = f"{report.games} {'game' if report.games == 1 else 'games'}"
    return f"{word}: {report.plays} plays of {games}, {seed}"
