"""Lists as parameters: what Postgres reads is what was in the list, whoever packed it."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

BIGINTS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
COLUMNS = [("bigint", BIGINTS), ("text", TEXTS), ("bytea", st.binary())]


@pytest.mark.parametrize(("kind", "values"), COLUMNS)
def test_a_list_arrives_as_it_was(conn, kind, values):
    @trying(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)
    @given(st.lists(st.none() | values))
    def arrives(column: list[Any]) -> None:
        statement = f"SELECT value FROM unnest(%s::{kind}[]) WITH ORDINALITY AS t (value, n) ORDER BY n"
        rows = conn.execute(statement, (column,), binary=kind == "bytea").fetchall()
        assert [row[0] for row in rows] == column

    arrives()


@pytest.mark.parametrize("kind", ["smallint", "int", "bigint"])
def test_integers_are_read_as_the_statement_says(conn, kind):
    assert conn.execute(f"SELECT %s::{kind}[], pg_typeof(%s::{kind}[])::text", ([1, None], [1])).fetchone() == (
        [1, None],
        "smallint[]" if kind == "smallint" else "integer[]" if kind == "int" else "bigint[]",
    )


def test_what_is_no_plain_column_is_left_to_psycopg(conn):
    moment = datetime(2026, 11, 29, tzinfo=UTC)
    row = conn.execute("SELECT %s::bool[], %s::timestamptz[], %s::int[]", ([True, None], [moment], [[1, 2], [3, 4]]))
    assert row.fetchone() == ([True, None], [moment], [[1, 2], [3, 4]])


def test_a_number_beyond_bigint_is_out_of_range_as_postgres_says_it(conn):
    with pytest.raises(psycopg.errors.NumericValueOutOfRange) as raised:
        conn.execute("SELECT %s::bigint[]", ([2**63],))
    assert raised.value.sqlstate == "22003"
