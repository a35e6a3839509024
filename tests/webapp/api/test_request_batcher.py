"""Single events that arrive together are written together, and each request gets the result of its own event."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
from flask import Flask

from tests.webapp.api.events import an_event
from tests.webapp.services.drains import ask, lesson
from webapp.config import Settings
from webapp.http.request_batcher import RequestBatcher
from webapp.store.events.event_log import NewEvent


class Log:
    """Writes what it is given, slowly the first time, so that others arrive meanwhile."""

    def __init__(self, rejected: str = "", away: str = "") -> None:
        self.groups: list[list[str]] = []
        self.rejected, self.away = rejected, away
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()

    def write(self, events: Sequence[NewEvent]) -> list[int]:
        ids = [event.id for event in events]
        self.groups.append(ids)
        if len(self.groups) == 1:
            self.has_begun.set()
            assert self.may_go_on.wait(20)
        if self.rejected in ids:
            raise psycopg.DataError("no")
        if self.away in ids:
            raise psycopg.OperationalError("away")
        return [int(event_id.removeprefix("ev-")) for event_id in ids]


def append_at_once(log: Log, numbers: Sequence[int]) -> dict[int, object]:
    """The first one is being written when the others come; returns the result of each: its number, or its error."""
    batcher, results = RequestBatcher(log.write), {}

    def append(number: int) -> None:
        try:
            results[number] = batcher.submit(lesson(number))
        except psycopg.Error as error:
            results[number] = type(error)

    with ThreadPoolExecutor(len(numbers)) as pool:
        pool.submit(append, numbers[0])
        assert log.has_begun.wait(20)
        for number in numbers[1:]:
            pool.submit(append, number)
        while len(batcher._queue) < len(numbers) - 1:
            threading.Event().wait(0.005)
        log.may_go_on.set()
    return results


def test_events_that_arrive_during_a_write_share_the_next_one() -> None:
    log = Log()
    assert append_at_once(log, range(1, 7)) == {number: number for number in range(1, 7)}
    assert [len(group) for group in log.groups] == [1, 5]


def test_an_event_that_the_database_rejects_affects_no_other() -> None:
    results = append_at_once(Log(rejected="ev-3"), range(1, 6))
    assert results == {1: 1, 2: 2, 3: psycopg.DataError, 4: 4, 5: 5}


def test_without_the_database_every_request_fails() -> None:
    results = append_at_once(Log(away="ev-3"), range(1, 6))
    assert results == {1: 1} | dict.fromkeys(range(2, 6), psycopg.OperationalError)


def test_requests_within_the_interval_share_the_next_call() -> None:
    """Eight requests arrive after a call; the next call waits for its interval until all of them are there."""
    groups: list[list[int]] = []
    batcher = RequestBatcher[int, int](
        lambda numbers: groups.append(list(numbers)) or list(numbers), interval_seconds=2
    )
    assert batcher.submit(0) == 0
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(batcher.submit, range(1, 9))) == list(range(1, 9))
    assert [sorted(group) for group in groups] == [[0], list(range(1, 9))]


def test_every_request_is_answered_once_under_load() -> None:
    groups: list[list[int]] = []
    batcher = RequestBatcher[int, int](lambda numbers: groups.append(list(numbers)) or [-n for n in numbers])
    with ThreadPoolExecutor(30) as pool:
        assert list(pool.map(batcher.submit, range(3000))) == [-number for number in range(3000)]
    assert sorted(number for group in groups for number in group) == list(range(3000))


def test_concurrent_requests_are_answered_with_their_own_events(app: Flask, settings: Settings, key: str) -> None:
    """Each of twenty ids is sent three times, the third time with another player."""

    def send(number: int) -> str:
        event = an_event(id=f"ev-{number % 20}", player="grace" if number >= 40 else "ada")
        answer = app.test_client().post("/v1/events", json=event, headers={"Authorization": f"Bearer {key}"})
        return "conflict" if answer.status_code == 409 else "duplicate" if answer.json["duplicate"] else "accepted"

    with ThreadPoolExecutor(12) as pool:
        results = Counter(pool.map(send, range(60)))
    assert results["accepted"] == ask(settings, "SELECT count(*) FROM inbox") == 20
    assert results["conflict"] + results["duplicate"] == 40
    assert 20 <= results["conflict"] <= 40
