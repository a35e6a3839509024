"""The demo: imports what has happened, plays the rest, stops when told, and sends nothing twice."""

from itertools import islice

import pytest

from rules_library import demo as library
from tests.webapp.services.drains import ask
from webapp.services.demo import demo_events
from webapp.services.pipeline import bulk_import
from webapp.store.people import apps

SUBMISSIONS = list(islice(library.submissions(), 1200))


@pytest.fixture
def begun(settings, database, monkeypatch):
    """A demo of 1,200 events, 1,190 of them past, that plays without pauses; gives its app's number."""
    monkeypatch.setattr(library, "submissions", lambda weeks=0: iter(SUBMISSIONS))
    monkeypatch.setattr(bulk_import, "room", lambda rate: 10_000)  # nobody drains here
    monkeypatch.setattr(library, "pauses", lambda moments: [0.0] * len(moments))
    app = apps.ensure_app(database, demo_events.APP)
    demo_events.save_demo_state(database, weeks=0, since="2014-01-01", sent=0, past=1190, total=1200, faster=100.0)
    database.commit()
    return app


def test_everything_is_sent_once_and_the_demo_is_done(settings, begun, laurel):
    demo_events.send_demo_events(settings, begun)
    assert ask(settings, "SELECT count(*) FROM entry") == 1200
    assert laurel("demo", "status").stdout.startswith("demo: done, 1,200 of 1,200 events sent")


def test_past_events_keep_their_moment_and_the_rest_happens_now(settings, begun):
    demo_events.send_demo_events(settings, begun)
    assert ask(settings, "SELECT count(*) FROM entry WHERE occurred_at = received_at") == 10


def test_a_demo_killed_before_it_noted_what_it_sent_sends_nothing_twice(settings, begun, database):
    demo_events.send_demo_events(settings, begun)
    demo_events.save_demo_state(database, sent=500)
    database.commit()
    demo_events.send_demo_events(settings, begun)
    assert ask(settings, "SELECT count(*) FROM entry") == 1200


def test_a_stopped_demo_sends_nothing_until_it_is_started_again(settings, begun, laurel, monkeypatch):
    laurel("demo", "stop")
    looks = []
    monkeypatch.setattr(demo_events.time, "sleep", lambda seconds: looks.append(laurel("demo", "start").stdout))
    demo_events.send_demo_events(settings, begun)
    pace = "the last 10 are replayed about 100 times as fast as they happened"
    assert looks == [f"demo: importing, 0 of 1,200 events sent, shifted by 0 weeks; {pace}\n"]


def test_before_the_first_start_the_demo_has_no_state(laurel):
    assert laurel("demo", "status").stdout == "demo: not begun\n"
    assert laurel("demo", "stop").stdout == "demo: stopped\n"


def test_who_stopped_and_started_the_demo_is_audited(settings, laurel):
    laurel("demo", "stop")
    demo_events.start_demo(settings, "ada@campus.example")
    noted = "SELECT string_agg(actor || ': ' || action, ', ' ORDER BY id) FROM audit_entry"
    assert ask(settings, noted) == "command line: demo.stop, ada@campus.example: demo.go-on"


def test_the_first_start_fixes_how_far_the_data_moves(settings, database):
    demo_events._begin(settings)
    before = demo_events.demo_state(database)
    demo_events._begin(settings)
    assert demo_events.demo_state(database) == before
    assert before["status"] == "importing"
    assert before["total"] == 49_018
