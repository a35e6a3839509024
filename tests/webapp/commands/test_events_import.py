"""`laurel events import`: everything good, once; everything bad, named."""

import gzip
import json

import pytest

from tests.webapp.api.events import an_event
from webapp.services.pipeline import bulk_import


@pytest.fixture(autouse=True)
def nobody_drains(monkeypatch):
    """Nothing is applied in these tests, so the import must not wait for it."""
    monkeypatch.setattr(bulk_import, "room", lambda rate: 10**9)


@pytest.fixture
def lines(tmp_path):
    def write(*events, name="events.jsonl"):
        text = b"".join(e if isinstance(e, bytes) else json.dumps(e).encode() + b"\n" for e in events)
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_imports_every_line(laurel, lines, conn, name):
    done = laurel("events", "import", lines(*(an_event(id=f"ev-{n}") for n in range(1203)), name=name))
    assert (done.exit_code, done.stdout) == (0, "1203 imported, 0 already there, 0 left out\n")
    assert conn.execute("SELECT count(*) FROM inbox").fetchone() == (1203,)


def test_a_mark_at_the_beginning_costs_no_event(laurel, lines):
    done = laurel("events", "import", lines(b"\xef\xbb\xbf", an_event(id="ev-1"), an_event(id="ev-2")))
    assert done.stdout == "2 imported, 0 already there, 0 left out\n"


def test_importing_again_imports_nothing_twice(laurel, lines, conn):
    file = lines(*(an_event(id=f"ev-{n}") for n in range(5)))
    laurel("events", "import", file)
    assert laurel("events", "import", file).stdout == "0 imported, 5 already there, 0 left out\n"
    assert conn.execute("SELECT count(*) FROM entry").fetchone() == (5,)


def test_names_invalid_lines_and_leaves_them_out(laurel, lines):
    file = lines(
        an_event(),
        b"\n",
        b"{nonsense\n",
        an_event(id="b", player="a/b"),
        an_event(type="other"),
        b"\xff\n",
        an_event(id="c"),
    )
    done = laurel("events", "import", file)
    assert (done.exit_code, done.stdout) == (1, "2 imported, 0 already there, 4 left out\n")
    named = {line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("line ")}
    assert named == {"line 3", "line 4", "line 5", "line 6"}
    assert "/player: a player id must not contain /" in done.stderr


def test_a_line_without_an_end_is_left_out(laurel, lines):
    done = laurel("events", "import", lines(b"x" * 3_000_000 + b"\n", an_event()))
    assert done.stdout == "1 imported, 0 already there, 1 left out\n"


@pytest.mark.parametrize(
    "damage", [lambda packed: packed[:-100], lambda packed: packed[:100] + b"\xff" * 9 + packed[109:]]
)
def test_a_truncated_or_damaged_compressed_file_says_so(laurel, lines, damage):
    file = lines(*(an_event(id=f"ev-{n}") for n in range(2000)), name="e.jsonl.gz")
    file.write_bytes(damage(file.read_bytes()))
    done = laurel("events", "import", file)
    assert done.exit_code == 1
    assert "cannot be decompressed" in done.stderr


def test_events_belong_to_the_named_app(laurel, lines, conn):
    laurel("events", "import", lines(an_event()), "--app", "shop")
    assert conn.execute("SELECT a.key FROM entry e JOIN app a ON a.id = e.app_id").fetchone() == ("shop",)


def test_is_noted(laurel, lines, conn):
    laurel("events", "import", lines(an_event()))
    row = conn.execute("SELECT action, subject, after->>'result' FROM audit_entry").fetchone()
    assert row == ("events.imported", "events.jsonl", "1 imported, 0 already there, 0 left out")
