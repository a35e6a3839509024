"""The database's history is one line, its functions come from files, and all of its SQL is in the package."""

import re
import tomllib

from alembic.script import ScriptDirectory

from tests.house_rules.tree import ROOT
from webapp import migrations
from webapp.store.system.sql_functions import function_files

FUNCTIONS = """
SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') ORDER BY proname
"""
CREATES = re.compile(r"CREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE)", re.IGNORECASE)


def functions_in_database(conn):
    return [name for (name,) in conn.execute(FUNCTIONS)]


def test_there_is_one_newest_migration():
    assert len(ScriptDirectory.from_config(migrations.configuration("")).get_heads()) == 1


def test_every_function_in_the_database_has_its_own_file(conn):
    assert functions_in_database(conn) == sorted(function_files())


def test_a_function_without_a_file_would_be_noticed(owner_conn):
    owner_conn.execute("CREATE FUNCTION hidden_in_a_migration() RETURNS int RETURN 1")
    assert set(functions_in_database(owner_conn)) - set(function_files()) == {"hidden_in_a_migration"}


def test_a_file_creates_the_one_function_that_it_is_named_after():
    for name, path in function_files().items():
        text = path.read_text("utf-8")
        assert text.count("CREATE OR REPLACE FUNCTION ") == 1, path
        assert f"CREATE OR REPLACE FUNCTION {name}(" in text, path


def test_no_migration_creates_a_function():
    for path in (ROOT / "webapp" / "migrations").rglob("*.*"):
        if path.suffix in {".py", ".sql"}:
            assert not CREATES.search(path.read_text("utf-8")), path


def test_all_sql_and_every_migration_is_in_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["webapp"]
    packaged = {path for pattern in patterns for path in (ROOT / "webapp").glob(pattern)}
    assert {*ROOT.glob("webapp/**/*.sql"), *ROOT.glob("webapp/migrations/versions/*.py")} <= packaged
