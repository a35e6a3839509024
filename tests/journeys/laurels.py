"""A running Laurel as the law tests want it: rules published, its settings, and a check of all laws at the end."""

import json
import time
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from tests.journeys.checks import RULES, broken_laws, rows
from tests.running import RunningLaurel, wait_until
from webapp.config import Settings

SCOPES = ("events:write", "players:read", "players:write", "players:grant", "players:erase", "leaderboards:read")


def settings_of(laurel: RunningLaurel) -> Settings:
    return Settings.from_environment(laurel.environment)


def apply_rules(laurel: RunningLaurel, documents: list[dict[str, Any]] | None = None) -> None:
    file = laurel.data_dir / "rules.json"
    file.write_text(json.dumps(documents or RULES))
    laurel.laurel("rules", "apply", str(file), "--publish")


def crash_tokens(folder: Path, points: Iterable[str]) -> dict[str, Path]:
    """By crash point the file that, once it is there, kills the next process which comes to that point."""
    return {point: folder / point for point in points}


def failpoints(tokens: Mapping[str, Path]) -> str:
    """The tokens as `LAUREL_FAILPOINTS` takes them."""
    return ",".join(f"{point}={file}" for point, file in tokens.items())


def settle(laurel: RunningLaurel) -> None:
    """Wait until everything is applied and told, as `laurel settle` does."""
    laurel.laurel("settle", "--timeout", "120")


def wait_until_applied(laurel: RunningLaurel) -> None:
    """Wait until nothing is pending; for a Laurel without Redis, whose boards cannot be current."""
    settings = settings_of(laurel)
    wait_until(lambda: rows(settings, "SELECT count(*) FROM inbox") == [(0,)], "entries stay pending", laurel.log)


def assert_all_laws(laurel: RunningLaurel, acknowledged: AbstractSet[str], *, with_board: bool = True) -> None:
    broken = broken_laws(settings_of(laurel), acknowledged, with_board=with_board)
    assert not broken, broken


def state_hash(laurel: RunningLaurel) -> str:
    """The last word of what `laurel verify` prints."""
    return laurel.laurel("verify").stdout.split()[-1]


def breathe(seconds: float) -> None:
    """Let the load go on for a moment."""
    time.sleep(seconds)
