"""Laws L1, L2, L4 to L7 while processes are killed under load: nothing acknowledged is lost or counted twice."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from tests.journeys.laurels import (
    SCOPES,
    apply_rules,
    assert_all_laws,
    breathe,
    crash_tokens,
    failpoints,
    settings_of,
    settle,
    wait_until_applied,
)
from tests.journeys.senders import Load, answers
from tests.running import RunningLaurel, running_laurel

pytestmark = [pytest.mark.laws, pytest.mark.timeout(400), pytest.mark.xdist_group("laws")]
CRASH_POINTS = ("batch_before_commit", "batch_after_commit")
ROLES = ("web", "worker", "beat", "valkey", "postgres")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return crash_tokens(tmp_path_factory.mktemp("tokens"), CRASH_POINTS)


@pytest.fixture(scope="module")
def laurel(tokens: dict[str, Path]) -> Iterator[RunningLaurel]:
    """One Laurel for all tests here; each must leave it ready and lawful."""
    with ExitStack() as stack:
        running = stack.enter_context(running_laurel(workers=2, LAUREL_FAILPOINTS=failpoints(tokens)))
        apply_rules(running)
        yield running


def load(laurel: RunningLaurel, count: int, seed: int) -> Load:
    return Load(laurel.client(laurel.key(*SCOPES)), answers(count, seed=seed), pause_seconds=0.02)


@pytest.mark.parametrize("role", ROLES)
def test_a_process_killed_under_load_costs_time_and_nothing_else(laurel: RunningLaurel, role: str) -> None:
    with load(laurel, 1500, ROLES.index(role) + 10) as sent:
        for share in (0.2, 0.5):
            sent.wait_for(share)
            killed = laurel.kill(role)
            laurel.wait_until_replaced(role, killed)
    settle(laurel)
    assert_all_laws(laurel, sent.acknowledged)


def test_the_supervisor_killed_under_load_resumes_where_it_was(laurel: RunningLaurel) -> None:
    with load(laurel, 1500, 20) as sent:
        sent.wait_for(0.3)
        laurel.kill("supervisor")
        laurel.restart()
    settle(laurel)
    assert_all_laws(laurel, sent.acknowledged)


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_a_drain_that_dies_at_its_commit_applies_everything_once(
    laurel: RunningLaurel, tokens: dict[str, Path], point: str
) -> None:
    with load(laurel, 1000, CRASH_POINTS.index(point) + 30) as sent:
        for share in (0.1, 0.3, 0.5, 0.7):
            sent.wait_for(share)
            tokens[point].touch()
            breathe(0.3)
    settle(laurel)
    assert_all_laws(laurel, sent.acknowledged)


def test_a_wiped_valkey_is_rebuilt_and_nothing_is_lost(laurel: RunningLaurel) -> None:
    with load(laurel, 1500, 40) as sent:
        for share in (0.2, 0.4, 0.6):
            sent.wait_for(share)
            redis.from_url(settings_of(laurel).queue_url).flushall()
    settle(laurel)
    assert_all_laws(laurel, sent.acknowledged)


def test_everything_goes_on_without_redis() -> None:
    nobody = "redis://127.0.0.1:1"
    with running_laurel(workers=1, LAUREL_QUEUE_URL=nobody, LAUREL_CACHE_URL=nobody) as laurel:
        apply_rules(laurel)
        with load(laurel, 600, 50) as sent:
            pass
        wait_until_applied(laurel)
        assert_all_laws(laurel, sent.acknowledged, with_board=False)
