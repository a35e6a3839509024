"""The `laurel` command: each subcommand is a module of `webapp.commands`, imported when it is called."""

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "up": "Start everything and serve.",
    "operator": "Invite and list operators.",
    "key": "Create, list and revoke API keys.",
    "rules": "Apply, export, pause and archive rules.",
    "pack": "List and install packs of ready-made rules.",
    "events": "Import events in bulk.",
    "settle": "Wait until every accepted event is applied.",
    "verify": "Recompute all derived state from the log and compare.",
    "rebuild": "Rebuild projections and derived state.",
    "campaigns": "List, close and audit campaigns.",
    "webhooks": "Show the secrets that webhooks are signed with.",
    "status": "Show processes, lag, backlog and versions.",
    "demo": "Start and stop the demo's stream of events.",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click passes it)
        """All command names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click passes it)
        """Import the command's module; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"webapp.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a database that does not answer is reported in one line."""
        from psycopg import OperationalError

        try:
            return super().invoke(ctx)
        except OperationalError as error:
            reason = str(error).strip().splitlines()[0] if str(error) else "no answer"
            raise click.ClickException(f"Postgres does not answer. Is Laurel running? ({reason})") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="laurel", prog_name="laurel")
def main() -> None:
    """Laurel: a self-hosted gamification rule engine."""


if __name__ == "__main__":
    main()
