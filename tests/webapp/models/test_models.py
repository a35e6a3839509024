"""The models say what the migrations made: they cannot drift apart unnoticed."""

import pytest
from sqlalchemy import create_engine, inspect, select

from webapp.http.database import db
from webapp.models import AuditRow, Base
from webapp.store.people import audit
from webapp.store.system.connection import sqlalchemy_url


@pytest.fixture
def tables(settings):
    engine = create_engine(sqlalchemy_url(settings.owner_url))
    yield inspect(engine)
    engine.dispose()


def spelled(columns, dialect):
    return {(c["name"], c["type"].compile(dialect), c["nullable"]) for c in columns}


def described(table, dialect):
    return {(c.name, c.type.compile(dialect), c.nullable) for c in table.columns}


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_a_model_has_the_columns_of_its_table(tables, name):
    dialect = tables.bind.dialect
    assert described(Base.metadata.tables[name], dialect) == spelled(tables.get_columns(name), dialect)


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_a_model_has_the_keys_of_its_table(tables, name):
    table = Base.metadata.tables[name]
    assert [c.name for c in table.primary_key] == tables.get_pk_constraint(name)["constrained_columns"]
    ours = {(key.parent.name, key.column.table.name) for key in table.foreign_keys}
    theirs = [key for key in tables.get_foreign_keys(name) if key["referred_table"] in Base.metadata.tables]
    assert ours == {(column, key["referred_table"]) for key in theirs for column in key["constrained_columns"]}


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_a_model_has_the_defaults_of_its_table(tables, name):
    ours = {column.name for column in Base.metadata.tables[name].columns if column.server_default is not None}
    theirs = {column["name"] for column in tables.get_columns(name) if column["default"] or column.get("identity")}
    assert ours == theirs


def test_the_pages_session_is_bounded_like_every_other(app):
    with app.app_context():
        assert db.session.connection().exec_driver_sql("SHOW statement_timeout").scalar() == "5s"


def test_uncommitted_changes_are_rolled_back_with_the_request(app, conn):
    with app.app_context():
        db.session.add(AuditRow(actor="ada", action="rule.paused", subject="first-steps"))
        db.session.flush()
    assert audit.entries(conn) == []


def test_committed_changes_stay(app, conn):
    with app.app_context():
        db.session.add(AuditRow(actor="ada", action="rule.paused", subject="first-steps", after={"on": False}))
        db.session.commit()
        assert db.session.scalars(select(AuditRow)).one().after == {"on": False}
    assert [entry.subject for entry in audit.entries(conn)] == ["first-steps"]
