"""A SQLAlchemy session lives in the transaction of whoever lent it the connection."""

import psycopg
import pytest
from sqlalchemy import select

from webapp.models import AppRow, AuditRow
from webapp.store.people import apps, audit
from webapp.store.system import settings as store
from webapp.store.system.connection import connect
from webapp.store.system.orm import session


def test_writes_of_a_session_are_rolled_back_by_the_caller(conn):
    apps.ensure_app(conn, "shop")
    conn.rollback()
    assert apps.app_id(conn, "shop") is None


def test_writes_of_a_session_are_committed_by_the_caller_alone(conn, settings):
    apps.ensure_app(conn, "shop")
    with connect(settings.database_url) as other_conn:
        assert apps.app_id(other_conn, "shop") is None
        conn.commit()
        assert apps.app_id(other_conn, "shop") is not None


def test_sessions_and_plain_statements_see_one_transaction(conn):
    conn.execute("INSERT INTO app (key, name) VALUES ('shop', 'Shop')")
    with session(conn) as orm:
        assert orm.scalars(select(AppRow).where(AppRow.key == "shop")).one().name == "Shop"


def test_an_error_of_the_database_is_the_one_that_psycopg_raises(conn):
    with pytest.raises(psycopg.errors.UniqueViolation), session(conn) as orm:
        orm.add_all([AppRow(key="shop", name="Shop"), AppRow(key="shop", name="Shop")])
    conn.rollback()
    assert apps.ensure_app(conn, "shop") > 0


def test_no_value_before_is_null_and_not_the_json_null(conn):
    with session(conn) as orm:
        orm.add(AuditRow(actor="ada", action="a", subject="s", before=None, after={"n": 1}))
    assert conn.execute("SELECT before IS NULL FROM audit_entry").fetchone() == (True,)
    assert audit.entries(conn, subject="s")[0].after == {"n": 1}


def test_a_setting_is_written_merged_and_read(conn):
    store.write(conn, "demo", value={"weeks": 3})
    store.merge(conn, "demo", {"sent": 5})
    assert store.read(conn, "demo") == {"weeks": 3, "sent": 5}
    assert store.read(conn, "unknown") is None
