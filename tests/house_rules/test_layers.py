"""Each side effect has its place: SQL in the store, Redis in projections and queue, commits in services.

Rows of the ordinary tables are written through their models.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house_rules.tree import ROOT, breaches, modules
from webapp.models import Base

SQL_STATEMENT = re.compile(
    r"\s*(SELECT\s|INSERT INTO\s|UPDATE \S+ (\w+ )?SET\s|DELETE FROM\s|WITH (RECURSIVE )?\w+ AS|TRUNCATE\s|GRANT\s"
    r"|(CREATE|ALTER|DROP) (OR REPLACE |UNIQUE )?(TABLE|INDEX|ROLE|DATABASE|FUNCTION|SCHEMA|SEQUENCE|VIEW)\s|REVOKE\s"
    r"|LOCK TABLE\s|SET (LOCAL|TRANSACTION|SESSION)\s)"
)
EXECUTORS = frozenset(("execute", "executemany", "copy", "stream"))
REDIS_PACKAGES = frozenset(("redis", "rq"))
CONNECTIONS = "webapp.projections.redis"
MAY_HOLD_SQL = ("webapp/store/", "webapp/migrations/")
MAY_CALL_REDIS = ("webapp/projections/", "webapp/queue/")
MAY_IMPORT_REDIS = (*MAY_CALL_REDIS, "webapp/workers/", "webapp/supervisor/valkey.py")
MAY_WRITE_ROWS_BY_HAND = (
    "webapp/store/rules/rule_versions.py",  # publishing changes many rules in one statement
    "webapp/store/rules/test_cases.py",  # one statement stores any number of verdicts
    "webapp/migrations/",  # models are of today, migrations of the day they were written
)
MAY_COMMIT = ("webapp/services/", "webapp/queue/", "webapp/workers/", "webapp/migrations/")


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call of an attribute, with the attribute's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, node.func.attr


def sql(text: str) -> list[str]:
    """Where a statement is written down or executed; a call without arguments executes no SQL."""
    tree = ast.parse(text)
    statements = [
        f"line {node.lineno}: {node.value.strip()[:30]!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_STATEMENT.match(node.value)
    ]
    return statements + [
        f"line {call.lineno}: .{name}(" for call, name in calls(tree) if name in EXECUTORS and call.args
    ]


WRITTEN_BY_HAND = re.compile(rf"\b(INSERT INTO|UPDATE|DELETE FROM)\s+({'|'.join(Base.metadata.tables)})\b")


def rows_by_hand(text: str) -> list[str]:
    """Where SQL by hand writes to a table that has a model."""
    return [
        f"line {node.lineno}: {statement[0]}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for statement in WRITTEN_BY_HAND.finditer(node.value)
    ]


def imports(text: str) -> Iterator[tuple[int, str, str]]:
    """Every import: its line, the module, and the name that is taken from it, empty where it is the module itself."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, node.module or "", alias.name) for alias in node.names)


def redis_imports(text: str) -> list[str]:
    """Where a client of Redis is imported."""
    return [f"line {line}: {module}" for line, module, _ in imports(text) if module.partition(".")[0] in REDIS_PACKAGES]


def redis_connections(text: str) -> list[str]:
    """Where our own connections to Redis are taken; everybody may catch what they raise."""
    return [
        f"line {line}: {name or module}"
        for line, module, name in imports(text)
        if name != "RedisError" and CONNECTIONS in (module, f"{module}.{name}")
    ]


def commits(text: str) -> list[str]:
    """Where a transaction is committed."""
    return [f"line {call.lineno}" for call, name in calls(ast.parse(text)) if name == "commit"]


def outside(places: tuple[str, ...]) -> list[Path]:
    """The modules that stand in none of these folders and are none of these files."""
    return [path for path in modules() if not str(path.relative_to(ROOT)).startswith(places)]


@pytest.mark.parametrize(
    ("find", "places"),
    [
        (sql, MAY_HOLD_SQL),
        (rows_by_hand, MAY_WRITE_ROWS_BY_HAND),
        (redis_imports, MAY_IMPORT_REDIS),
        (redis_connections, MAY_CALL_REDIS),
        (commits, MAY_COMMIT),
    ],
)
def test_each_side_effect_stays_in_its_place(find: Callable[[str], list[str]], places: tuple[str, ...]) -> None:
    assert breaches(outside(places), find) == {}


@pytest.mark.parametrize(
    ("find", "planted"),
    [
        (sql, "conn.execute(statement, values)"),
        (sql, 'rows = read("SELECT number FROM player")'),
        (sql, 'TEXT = """\nWITH due AS (SELECT 1) SELECT * FROM due"""'),
        (sql, 'run(f"UPDATE player SET {column} = 1")'),
        (sql, "cursor.executemany(statement, rows)"),
        (rows_by_hand, 'conn.execute("UPDATE draft SET step = 1")'),
        (rows_by_hand, 'ADD = f"WITH old AS (DELETE FROM webhook_delivery) INSERT INTO inbox {columns}"'),
        (redis_imports, "import redis"),
        (redis_imports, "from rq.job import Job"),
        (redis_connections, "from webapp.projections.redis import RedisError, cache_redis"),
        (redis_connections, "from webapp.projections import redis"),
        (commits, "with database() as conn:\n    conn.commit()"),
    ],
)
def test_a_breach_is_found(find: Callable[[str], list[str]], planted: str) -> None:
    assert len(find(planted)) == 1


@pytest.mark.parametrize(
    ("find", "innocent"),
    [
        (sql, 'pipe.execute()\nlabel = "Select a rule"\ntext = "Update the rule set"'),
        (rows_by_hand, 'conn.execute("UPDATE rulebook SET members = NULL")'),
        (redis_imports, "from webapp.projections.redis import RedisError"),
        (redis_connections, "from webapp.projections.redis import RedisError"),
        (commits, "commit(conn)"),
    ],
)
def test_code_that_only_looks_like_a_breach_passes(find: Callable[[str], list[str]], innocent: str) -> None:
    assert find(innocent) == []
