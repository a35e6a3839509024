"""`laurel operator`: invites and lists the people who may sign in."""

import click
from email_validator import EmailNotValidError, validate_email

from webapp.commands.parameters import ACTOR
from webapp.config import Settings
from webapp.services.people.invitations import OperatorDisabled, invite_operator
from webapp.store.people import operators
from webapp.store.system.connection import connect

ROLES = ("viewer", "author", "publisher", "admin")


@click.group()
def command() -> None:
    """Invite and list operators."""


@command.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="Each role includes the ones before it.")
def new(email: str, role: str) -> None:
    """Let EMAIL sign in: print a link that works once, for a day.

    A known operator gets a new link, and the given role.
    """
    settings = Settings.from_environment()
    address = _valid_address(email)
    try:
        link = invite_operator(settings, address, role, ACTOR)
    except OperatorDisabled:
        raise click.ClickException(f"{address} is disabled; an admin can enable them in the browser") from None
    click.echo(f"{settings.public_url}/sign-in/{link.token}")


def _valid_address(email: str) -> str:
    try:
        return operators.spelled(validate_email(email, check_deliverability=False, test_environment=True).normalized)
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="EMAIL") from None


@command.command("list")
def list_operators() -> None:
    """List who may sign in: e-mail, role, state."""
    with connect(Settings.from_environment().database_url) as conn:
        for operator in operators.all_operators(conn):
            click.echo("\t".join((operator.email, operator.role, _state(operator))))


def _state(operator: operators.Operator) -> str:
    if operator.disabled_at:
        return f"disabled {operator.disabled_at:%Y-%m-%d}"
    return "has a password" if operator.has_password else "invited"
