"""`laurel operator`: let people sign in."""

import click
from email_validator import EmailNotValidError, validate_email

from webapp.commands.shared import BY
from webapp.config import Settings
from webapp.store.people import audit, operators
from webapp.store.system.connection import Connection, connect

ROLES = ("viewer", "author", "publisher", "admin")


@click.group()
def command() -> None:
    """Let people sign in."""


@command.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="Each may do all that the ones before it may.")
def new(email: str, role: str) -> None:
    """Let EMAIL sign in, and print a link that works once, for a day.

    For somebody who is known already it is a new link, and the role is changed to the one given.
    """
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        number = _invited(conn, _checked(email), role)
        token = operators.new_link(conn, number)
        conn.commit()
    click.echo(f"{settings.web_url}/sign-in/{token}")


@command.command("list")
def list_operators() -> None:
    """List who may sign in: e-mail, role, state."""
    with connect(Settings.from_environment().database_url) as conn:
        for each in operators.all_operators(conn):
            click.echo("\t".join((each.email, each.role, _state(each))))


def _state(each: operators.Operator) -> str:
    if each.disabled_at:
        return f"disabled {each.disabled_at:%Y-%m-%d}"
    return "has a password" if each.has_password else "invited"


def _checked(email: str) -> str:
    try:
        return operators.spelled(validate_email(email, check_deliverability=False, test_environment=True).normalized)
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="EMAIL") from None


def _invited(conn: Connection, email: str, role: str) -> int:
    number = operators.new_operator(conn, email, role)
    if number is not None:
        audit.note(conn, BY, "operator.invited", email, after={"role": role})
        return number
    known = operators.operator_of_email(conn, email)
    assert known is not None
    if known.disabled_at:
        raise click.ClickException(f"{email} is disabled; an admin can enable them in the browser")
    if known.role != role:
        operators.set_role(conn, known.id, role)
        audit.note(conn, BY, "operator.role_changed", email, before={"role": known.role}, after={"role": role})
    audit.note(conn, BY, "operator.link_made", email)
    return known.id
