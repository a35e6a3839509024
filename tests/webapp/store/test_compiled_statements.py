"""A compiled statement says what a session would say, in the transaction of whoever runs it."""

import psycopg
import pytest
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from webapp.models import AppRow, DraftRow, WebhookDeliveryRow
from webapp.store.system.compiled_statements import CompiledStatement, binds
from webapp.store.system.orm import session

TREE = ConditionGroup(rows=(ConditionRow("c1", "player.level", ">=", 3),), made=1)
DRAFT = {"key": "k", "kind": "badge", "document": {"n": None}, "tree": TREE, "hash": b"\0\1", "created_by": "ada"}
ADD = CompiledStatement(insert(DraftRow).values(**binds(*DRAFT), updated_by="ada").returning(DraftRow.id))


def test_rows_have_the_types_of_their_models(conn):
    assert ADD.first(conn, **DRAFT) is not None
    query = select(DraftRow.document, DraftRow.tree, DraftRow.hash, DraftRow.base_version, DraftRow.updated_by)
    with session(conn) as orm:
        by_session = orm.execute(query).one()
    assert CompiledStatement(query).rows(conn) == [tuple(by_session)] == [({"n": None}, TREE, b"\0\1", None, "ada")]


def test_an_id_of_a_message_is_text(conn):
    added = insert(WebhookDeliveryRow).values(**binds("url", "content"), kind="coupon.released", signer="game")
    row = CompiledStatement(added.returning(WebhookDeliveryRow.id)).first(conn, url="http://here", content={"a": [1]})
    assert conn.execute("SELECT id::text, content FROM webhook_delivery").fetchall() == [(row[0], {"a": [1]})]


def test_a_value_is_given_with_each_run_and_the_statements_own_values_stay(conn):
    rename = CompiledStatement(
        update(AppRow).where(AppRow.key == bindparam("old"), func.length(AppRow.key) == 4).values(binds("name"))
    )
    conn.execute("INSERT INTO app (key, name) VALUES ('shop', 'Shop'), ('kiosk', 'Kiosk')")
    rename.run(conn, old="kiosk", name="too long")
    rename.run(conn, old="shop", name="Stall")
    with pytest.raises(psycopg.ProgrammingError, match="name"):
        rename.run(conn, old="shop")
    names = CompiledStatement(select(AppRow.name).where(AppRow.key.like("%o%")).order_by(AppRow.key))
    assert [name for (name,) in names.rows(conn)][-2:] == ["Kiosk", "Stall"]


def test_it_belongs_to_the_callers_transaction(conn):
    ADD.run(conn, **DRAFT)
    conn.rollback()
    assert CompiledStatement(select(DraftRow.id)).first(conn) is None
