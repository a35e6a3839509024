"""Every module can be imported where nothing is installed but what the lock files pin."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.house_rules.tree import PACKAGES, ROOT, named

LOCKS = dict.fromkeys(PACKAGES, "requirements.lock") | {"tests": "requirements-dev.lock"}
RUN_BY_ITS_PATH = {"webapp/migrations/env.py"}  # Alembic runs it in a context of its own
SERVERS = {
    "LAUREL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "LAUREL_OWNER_URL": "postgresql://nobody@127.0.0.1:1/none",
    "LAUREL_QUEUE_URL": "redis://127.0.0.1:1",
    "LAUREL_CACHE_URL": "redis://127.0.0.1:1",
}
IMPORT_ALL = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


def modules_of(package):
    return sorted(path for path in (ROOT / package).rglob("*.py") if named(path) not in RUN_BY_ITS_PATH)


def pinned(lock):
    """The names of the distributions that a lock file pins."""
    return {normal(name) for name in re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(), re.MULTILINE)}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(text):
    """The packages that a module imports, wherever in it that is; neither our own nor the standard library's."""
    nodes = list(ast.walk(ast.parse(text)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - LOCKS.keys()


@cache
def distributions():
    """Which distributions bring each package that is installed here."""
    return packages_distributions()


def unpinned(package, lock_names):
    """The imports of a package that no pinned distribution brings, with the modules in which they stand."""
    return {
        (named(path), name)
        for path in modules_of(package)
        for name in imported(path.read_text())
        if lock_names.isdisjoint(map(normal, distributions().get(name, [])))
    }


@pytest.mark.parametrize(("package", "lock"), LOCKS.items())
def test_every_import_is_brought_by_a_pinned_distribution(package, lock):
    assert unpinned(package, pinned(lock)) == set()


def test_an_import_that_is_pinned_nowhere_would_be_found():
    assert imported("def late():\n    from orjson.some import thing") == {"orjson"}
    assert ("webapp/api/events/event_body.py", "msgspec") in unpinned(
        "webapp", pinned("requirements.lock") - {"msgspec"}
    )


def test_every_module_can_be_imported(tmp_path):
    """In a process of its own: what serves changes its process when it is imported."""
    names = [named(path).removesuffix(".py").removesuffix("/__init__") for p in LOCKS for path in modules_of(p)]
    words = [sys.executable, "-c", IMPORT_ALL, *(name.replace("/", ".") for name in names)]
    environment = os.environ | SERVERS | {"LAUREL_DATA_DIR": str(tmp_path)}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
