"""The compiled engine and the pure one are the same engine; how one of them is chosen."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import compiled

ROOT = Path(__file__).parents[2]
MEANING = ("language/test_conformance.py", "language/test_arithmetic.py")
LAWS = ("scoring/test_batches.py", "scoring/test_size.py", "scoring/test_step_budget.py")


def run(engine: str, *command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python with an engine of choice."""
    environment = {**os.environ, compiled.CHOICE: engine, "PYTHONPATH": str(cwd)}
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


needs_compiled = pytest.mark.skipif(compiled.describe() != "compiled", reason=f"the engine is {compiled.describe()}")


@needs_compiled
def test_both_engines_come_to_the_same_state_and_the_same_outcomes() -> None:
    pure, fast = (run(engine, "-m", "tests.engine.folded_sample") for engine in ("pure", "compiled"))
    assert (pure.stderr, fast.stderr) == ("", "")
    (pure_engine, pure_digest), (fast_engine, fast_digest) = json.loads(pure.stdout), json.loads(fast.stdout)
    assert (pure_engine, fast_engine) == ("pure (LAUREL_ENGINE=pure)", "compiled")
    assert pure_digest == fast_digest


@needs_compiled
@pytest.mark.timeout(600)
def test_conformance_laws_and_planted_bugs_hold_on_the_pure_engine_too() -> None:
    files = [f"tests/engine/{file}" for file in (*MEANING, *LAWS)]
    tested = run("pure", "-m", "pytest", "-q", "-p", "no:xdist", "--timeout=500", "-k", "not ten_thousand", *files)
    assert tested.returncode == 0, tested.stdout[-3000:]


def described(cwd: Path, engine: str = "") -> str:
    """Which engine the sources in a folder would use."""
    code = "from engine import compiled; print(compiled.describe())"
    asked = run(engine, "-c", code, cwd=cwd)
    return asked.stdout.strip() or asked.stderr.splitlines()[-1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Other sources of the engine, equal to ours so far."""
    shutil.copytree(ROOT / "engine", tmp_path / "engine", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    return tmp_path


@needs_compiled
def test_a_compiled_copy_is_used_for_the_same_sources_only(checkout: Path) -> None:
    assert described(checkout) == "compiled"
    _change_a_source(checkout)
    assert described(checkout) == "pure (the sources have changed since it was compiled)"


def _change_a_source(checkout: Path) -> None:
    with (checkout / "engine/vocabulary/moment.py").open("a") as source:
        source.write("\nAND_MORE = 1\n")


def test_the_choice_is_obeyed_or_refused(checkout: Path) -> None:
    _change_a_source(checkout)
    assert described(checkout, "pure") == "pure (LAUREL_ENGINE=pure)"
    assert described(checkout, "compiled") == (
        "ImportError: LAUREL_ENGINE=compiled, but these sources are not compiled: run `make setup`"
    )
    assert described(checkout, "fast") == "ImportError: LAUREL_ENGINE must be pure or compiled, not 'fast'"
