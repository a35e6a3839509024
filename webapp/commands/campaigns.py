"""`laurel campaigns`: lists, closes and audits campaigns."""

import sys

import click

from webapp.commands.parameters import ACTOR
from webapp.config import Settings
from webapp.services.campaigns.campaign_audit import AuditReport, audit_campaign
from webapp.services.campaigns.close_campaign import close_campaign
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import connect

SHOWN_MAX = 50


@click.group()
def command() -> None:
    """List, close and audit campaigns."""


@command.command("list")
def list_() -> None:
    """List launched campaigns with the hash of each seed."""
    with connect(Settings.from_environment().database_url) as conn:
        for campaign in campaign_rows.campaigns(conn):
            status = "ended" if campaign.ended_at else "paused" if campaign.paused_at else "launched"
            click.echo(f"{campaign.key}\t{status}\t{campaign.document['name']}\t{campaign.seed_hash or ''}")


@command.command("close")
@click.argument("key")
def close(key: str) -> None:
    """End a campaign for good and publish its seed."""
    seed = close_campaign(Settings.from_environment(), key, ACTOR)
    if seed is None:
        raise click.ClickException(f"no such campaign: {key}")
    click.echo(seed)


@command.command("audit")
@click.argument("key")
def audit(key: str) -> None:
    """Recompute every outcome from the seed and the log; exit 1 and list the differences if there are any."""
    report = audit_campaign(Settings.from_environment(), key)
    if report is None:
        raise click.ClickException(f"no such campaign: {key}")
    for difference in report.differences[:SHOWN_MAX]:
        click.echo(difference)
    if len(report.differences) > SHOWN_MAX:
        click.echo(f"… and {len(report.differences) - SHOWN_MAX} more")
    click.echo(summary_line(report))
    sys.exit(1 if report.differences else 0)


def summary_line(report: AuditReport) -> str:
    """The last line: the result, and the seed it rests on."""
    result = f"{len(report.differences)} differences" if report.differences else "clean"
    seed = (
        f"seed {report.seed}"
        if report.seed
        else f"seed not published before the close, its hash is {report.commitment}"
    )
    games = f"{report.games} {'game' if report.games == 1 else 'games'}"
    return f"{result}: {report.plays} plays of {games}, {seed}"
