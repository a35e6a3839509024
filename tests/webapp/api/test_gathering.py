"""Single events that come at once are written together, and each request hears of its own event alone."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
from flask import Flask

from tests.webapp.api.events import an_event
from tests.webapp.services.drains import ask, lesson
from webapp.config import Settings
from webapp.http.request_batcher import Gathering
from webapp.store.events.event_log import NewEvent


class Log:
    """Writes what it is given, slowly the first time, so that others arrive meanwhile."""

    def __init__(self, refused: str = "", away: str = "") -> None:
        self.groups: list[list[str]] = []
        self.refused, self.away = refused, away
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()

    def write(self, events: Sequence[NewEvent]) -> list[int]:
        ids = [event.id for event in events]
        self.groups.append(ids)
        if len(self.groups) == 1:
            self.has_begun.set()
            assert self.may_go_on.wait(20)
        if self.refused in ids:
            raise psycopg.DataError("no")
        if self.away in ids:
            raise psycopg.OperationalError("away")
        return [int(each.removeprefix("ev-")) for each in ids]


def append_at_once(log: Log, numbers: Sequence[int]) -> dict[int, object]:
    """The first one is being written when the others come; gives what each heard: its number, or its error."""
    gathering, heard = Gathering(log.write), {}

    def append(number: int) -> None:
        try:
            heard[number] = gathering.ask(lesson(number))
        except psycopg.Error as error:
            heard[number] = type(error)

    with ThreadPoolExecutor(len(numbers)) as pool:
        pool.submit(append, numbers[0])
        assert log.has_begun.wait(20)
        for number in numbers[1:]:
            pool.submit(append, number)
        while len(gathering._arrived) < len(numbers) - 1:
            threading.Event().wait(0.005)
        log.may_go_on.set()
    return heard


def test_those_that_arrive_while_one_is_written_are_written_together() -> None:
    log = Log()
    assert append_at_once(log, range(1, 7)) == {number: number for number in range(1, 7)}
    assert [len(group) for group in log.groups] == [1, 5]


def test_an_event_that_the_database_refuses_harms_nobody_else() -> None:
    heard = append_at_once(Log(refused="ev-3"), range(1, 6))
    assert heard == {1: 1, 2: 2, 3: psycopg.DataError, 4: 4, 5: 5}


def test_with_the_database_away_nobody_is_told_anything_else() -> None:
    heard = append_at_once(Log(away="ev-3"), range(1, 6))
    assert heard == {1: 1} | dict.fromkeys(range(2, 6), psycopg.OperationalError)


def test_those_that_arrive_while_calls_keep_apart_go_with_the_next() -> None:
    """Eight ask one after the other's call has begun; the next call rests until all of them are there."""
    groups: list[list[int]] = []
    gathering = Gathering[int, int](lambda asked: groups.append(list(asked)) or list(asked), apart_seconds=2)
    assert gathering.ask(0) == 0
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(gathering.ask, range(1, 9))) == list(range(1, 9))
    assert [sorted(group) for group in groups] == [[0], list(range(1, 9))]


def test_everybody_is_answered_once_however_many_ask() -> None:
    groups: list[list[int]] = []
    gathering = Gathering[int, int](lambda asked: groups.append(list(asked)) or [-each for each in asked])
    with ThreadPoolExecutor(30) as pool:
        assert list(pool.map(gathering.ask, range(3000))) == [-number for number in range(3000)]
    assert sorted(number for group in groups for number in group) == list(range(3000))


def test_requests_at_once_are_each_answered_with_their_own_event(app: Flask, settings: Settings, key: str) -> None:
    """Each of twenty ids is sent three times, the third time with another player."""

    def send(number: int) -> str:
        event = an_event(id=f"ev-{number % 20}", player="grace" if number >= 40 else "ada")
        answer = app.test_client().post("/v1/events", json=event, headers={"Authorization": f"Bearer {key}"})
        return "conflict" if answer.status_code == 409 else "duplicate" if answer.json["duplicate"] else "accepted"

    with ThreadPoolExecutor(12) as pool:
        heard = Counter(pool.map(send, range(60)))
    assert heard["accepted"] == ask(settings, "SELECT count(*) FROM inbox") == 20
    assert heard["conflict"] + heard["duplicate"] == 40
    assert 20 <= heard["conflict"] <= 40
