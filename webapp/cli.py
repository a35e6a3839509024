"""The `laurel` command: each subcommand is a module of `webapp.commands`, loaded when it is called."""

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "up": "Start everything and serve.",
    "operator": "Let people sign in.",
    "key": "Make, list and revoke API keys.",
    "rules": "Apply and export rule documents.",
    "pack": "List and install ready-made rules.",
    "events": "Import events in bulk.",
    "settle": "Wait until every accepted event is applied.",
    "verify": "Recompute everything from the log and compare.",
    "rebuild": "Rebuild what can be derived.",
    "campaigns": "List, close and audit campaigns.",
    "webhooks": "Show the secrets that signed messages are checked with.",
    "status": "Show processes, lag, backlog and versions.",
    "demo": "Start and stop the demo's trickle of events.",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click hands it in)
        """All names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click hands it in)
        """Import the module of that name; None for a name that is no command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"webapp.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a database that does not answer is said in one line."""
        from psycopg import OperationalError

        try:
            return super().invoke(ctx)
        except OperationalError as error:
            reason = str(error).strip().splitlines()[0] if str(error) else "no answer"
            raise click.ClickException(f"Postgres does not answer; is Laurel running? ({reason})") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click hands it in)
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="laurel", prog_name="laurel")
def main() -> None:
    """Laurel: a gamification rule engine that you run yourself."""


if __name__ == "__main__":
    main()
