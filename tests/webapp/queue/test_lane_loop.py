"""The loop of every lane: drain while there is work, look once more after the flag is down, and work without Redis."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

import pytest

from tests.webapp.services.drains import lose_the_database
from webapp.config import Settings
from webapp.queue import lane_loop, wakeups
from webapp.queue.lane_loop import LaneLoop, run_lane


class Work:
    """Rounds that finish so much each, and looks that find so much each."""

    def __init__(self, rounds: Sequence[int], looks: Sequence[list[str]]) -> None:
        self.rounds, self.looks, self.hinted = list(rounds), list(looks), list[str]()

    def loop(self) -> LaneLoop[None, str]:
        return LaneLoop("plays-0", nullcontext, self.drain_round, lambda _: self.looks.pop(0), self.hinted.extend)

    def drain_round(self, _opened: None) -> int:
        return self.rounds.pop(0)


def test_a_lane_is_drained_while_there_is_work_and_its_flag_dropped(settings: Settings) -> None:
    work = Work(rounds=[3, 2, 0], looks=[[]])
    run_lane(settings, work.loop())
    assert (work.rounds, work.hinted) == ([], [])
    assert not wakeups.is_flagged(settings, "plays-0")


def test_what_arrives_after_the_last_round_is_hinted(settings: Settings) -> None:
    work = Work(rounds=[0], looks=[["wheel"]])
    run_lane(settings, work.loop())
    assert work.hinted == ["wheel"]


def test_without_redis_a_lane_polls_for_more(settings: Settings) -> None:
    away = replace(settings, queue_url="redis://127.0.0.1:9/0")
    work = Work(rounds=[1, 0, 0], looks=[["wheel"], *[[]] * 200])
    run_lane(away, work.loop())
    assert work.rounds == []


def test_a_database_that_is_away_ends_the_run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(rounds=[], looks=[[]])
    monkeypatch.setattr(work, "drain_round", lose_the_database)
    run_lane(settings, work.loop())
    assert not wakeups.is_flagged(settings, "plays-0")


def test_a_run_ends_after_its_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_loop, "RUN_SECONDS", 0.0)
    work = Work(rounds=[1], looks=[[]])
    run_lane(settings, work.loop())
    assert work.rounds == [1]
