"""The database's history is one line."""

from alembic.script import ScriptDirectory

from webapp import migrations


def test_there_is_one_newest_migration():
    assert len(ScriptDirectory.from_config(migrations.configuration("")).get_heads()) == 1
