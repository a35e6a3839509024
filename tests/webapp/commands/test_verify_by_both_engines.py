"""What one form of the engine applied, the other finds true to the log, with the same hash of the state."""

import os
import subprocess
import sys

import pytest

from engine import compiled
from tests.webapp.services.drains import drain, lessons, post, publish
from webapp.config import Settings


def verify_by(engine: str, settings: Settings) -> str:
    """The last line of `laurel verify` in a process of its own."""
    servers = {
        "LAUREL_DATABASE_URL": settings.database_url,
        "LAUREL_OWNER_URL": settings.owner_url,
        "LAUREL_QUEUE_URL": settings.queue_url,
        "LAUREL_CACHE_URL": settings.cache_url,
        "LAUREL_DATA_DIR": str(settings.data_dir),
    }
    done = subprocess.run(
        [sys.executable, "-m", "webapp.cli", "verify"],
        env={**os.environ, **servers, compiled.CHOICE: engine},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


@pytest.mark.skipif(compiled.describe() != "compiled", reason=f"the engine is {compiled.describe()}")
def test_both_engines_verify_the_same_history_to_the_same_state(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(60))
    drain(settings)
    lines = [verify_by(engine, settings) for engine in ("pure", "compiled")]
    assert lines[0].startswith("clean: 60 entries")
    assert lines[0] == lines[1]
