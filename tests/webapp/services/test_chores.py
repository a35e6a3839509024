"""The beat's chores: ten minutes of them with data in everything, and what is seen of one that fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from tests import presets
from tests.outside_server import THIS_MACHINE, OutsideServer, outside_server
from tests.webapp.campaigns.friday_weekend import HOUR, budget, friday, moment
from tests.webapp.campaigns.friday_weekend import publish as publish_documents
from tests.webapp.pages.conftest import signed_in_browser
from tests.webapp.services.drains import RULES, ask, assert_true_to_the_log, drain, lesson, post
from webapp.commands import status
from webapp.config import Settings
from webapp.projections.redis import RedisError
from webapp.queue.poll_loop import PollLoop
from webapp.runtime.clock import now_micros
from webapp.services.campaigns import synthetic_traffic
from webapp.services.pipeline.apply_batch import DrainConnections
from webapp.store.events.event_log import NewEvent
from webapp.store.system.connection import Connection, connect
from webapp.store.system.failing_chores import FailingChore, failing_chores
from webapp.workers import beat as beats
from webapp.workers import chores
from webapp.workers.beat import Beat, run_round
from webapp.workers.chores import Chore

SOAK_SECONDS, ROUND_SECONDS = 600, 15
REWARD = {"kind": "reward", "key": "mug", "name": "Mug", "cost": {"coins": 1}}
POOL = {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers", "coupons": {"codes": ["V-1", "V-2"]}}
VOUCHER = {
    "kind": "earning",
    "key": "visit",
    "name": "A voucher",
    "trigger": {"events": ["lesson_completed"]},
    "grant": {"coupon_pool": "vouchers"},
}


@dataclass
class Clock:
    """The time that the beat sees pass."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def beat(settings: Settings, clock: Clock) -> Beat:
    return Beat(settings, monotonic=clock)


def do_round(beat: Beat) -> None:
    with DrainConnections.open(beat.settings) as connections:
        run_round(beat, connections)


def planted(monkeypatch: pytest.MonkeyPatch, *runs: Callable[[Settings], object]) -> None:
    """Let the beat have these chores only, each due in every round."""
    monkeypatch.setattr(chores, "CHORES", tuple(Chore(f"chore_{n}", 0.5, run) for n, run in enumerate(runs)))


def fail(_: Settings) -> None:
    raise psycopg.errors.NotNullViolation("null value in column kinds")


def failing(settings: Settings) -> list[FailingChore]:
    with connect(settings.database_url) as conn:
        return failing_chores(conn)


@pytest.fixture
def server() -> Iterator[OutsideServer]:
    with outside_server() as server:
        server.answer = lambda _: (200, {"code": f"OUT-{len(server.requests)}"})
        yield server


def test_ten_minutes_of_chores_with_data_in_everything_fail_never(
    beat: Beat, conn: Connection, server: OutsideServer, client: FlaskClient, api_key: Callable[..., str]
) -> None:
    """Whatever only fails at its second look, or beside something else, shows here."""
    settings, clock = beat.settings, beat.monotonic
    assert isinstance(clock, Clock)
    beat.settings = replace(settings, webhook_networks=THIS_MACHINE)
    reward = REWARD | {"fulfilment": {"by": "webhook", "url": server.url}}
    brands = [budget("coffee", 40), budget("bikes", 9, provider={"url": server.url})]
    over = friday(game={"key": "sprint", "starts_at": moment(-HOUR), "ends_at": moment(-HOUR / 60)}) | {"key": "gone"}
    later = friday(game={"key": "later", "starts_at": moment(HOUR), "ends_at": moment(2 * HOUR)}) | {"key": "soon"}
    campaign = friday(game={"budgets": brands})
    publish_documents(conn, *RULES, *presets.lifecycle(), POOL, VOUCHER, reward, campaign, over, later)
    synthetic_traffic.start_traffic(conn, "friday", 2)
    conn.commit()
    headers = {"Authorization": f"Bearer {api_key('rewards:redeem')}"}
    begun: dict[str, int] = dict.fromkeys((chore.name for chore in chores.CHORES), 0)
    with capture_logs() as logs:
        for number in range(SOAK_SECONDS // ROUND_SECONDS):
            post(settings, [bare(number), lesson(number, f"player-{number % 3}", at=now_micros(), extra=number)])
            redemption = {"player": f"player-{number % 3}", "redemption_id": f"r{number}"}
            client.post("/v1/rewards/mug/redemptions", json=redemption, headers=headers)
            do_round(beat)
            for name, at in beat.begun_at.items():
                begun[name] += at == clock.seconds
            clock.seconds += ROUND_SECONDS
        clock.seconds += 3_600
        do_round(beat)
    assert [line for line in logs if line["log_level"] in {"error", "warning"}] == []
    assert failing(settings) == []
    assert {name: count for name, count in begun.items() if count < 2} == {"partitions": 1, "hours": 1}
    assert ask(settings, "SELECT value FROM setting WHERE key = 'noticed'") == ask(
        settings, "SELECT max(seq) FROM entry WHERE type NOT LIKE 'laurel.%%'"
    )
    drain(settings)
    assert_true_to_the_log(settings)


def bare(number: int) -> NewEvent:
    """An event without properties."""
    return NewEvent(f"bare-{number}", "opened", "ada", now_micros(), b"{}", None)


def test_a_chore_that_fails_is_shown_and_stops_no_other(
    beat: Beat, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    planted(monkeypatch, fail, lambda _: done.append(1))
    do_round(beat)
    assert done == [1]
    (chore,) = failing(settings)
    assert (chore.name, chore.failures) == ("chore_0", 1)
    assert chore.error == "NotNullViolation: null value in column kinds"
    planted(monkeypatch, lambda _: None)
    beat.begun_at.clear()
    do_round(beat)
    assert failing(settings) == []


def test_a_chore_that_fails_for_ever_is_logged_ever_more_rarely(
    beat: Beat, clock: Clock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(monkeypatch, fail)
    with capture_logs() as logs:
        for _ in range(100):
            do_round(beat)
            clock.seconds += 1
    assert [line.get("failures", 1) for line in logs] == [1, 2, 4, 8, 16, 32, 64]
    assert failing(settings)[0].failures > 60


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (psycopg.OperationalError("server closed the connection"), True),
        (psycopg.errors.AdminShutdown("shutting down"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (psycopg.errors.LockNotAvailable("lock timeout"), False),
        (psycopg.errors.QueryCanceled("statement timeout"), False),
        (psycopg.errors.NotNullViolation("null"), False),
        (RedisError("away"), False),
        (ZeroDivisionError("bug"), False),
    ],
)
def test_only_a_database_that_is_away_ends_the_round(
    beat: Beat, monkeypatch: pytest.MonkeyPatch, error: Exception, *, is_away: bool
) -> None:
    done: list[int] = []

    def raise_it(_: Settings) -> None:
        raise error

    planted(monkeypatch, raise_it, lambda _: done.append(1))
    if is_away:
        with pytest.raises(type(error)):
            do_round(beat)
    else:
        do_round(beat)
    assert done == ([] if is_away else [1])


def test_a_database_that_stays_away_is_logged_ever_more_rarely(beat: Beat, monkeypatch: pytest.MonkeyPatch) -> None:
    def be_away(_: Settings) -> None:
        raise psycopg.OperationalError("away")

    monkeypatch.setattr(beats.DrainConnections, "open", be_away)
    with capture_logs() as logs:
        assert [beats._beat(beat) for _ in range(20)] == [False] * 20
    assert [line["rounds"] for line in logs] == [1, 2, 4, 8, 16]


def test_what_a_chore_started_in_a_thread_fails_with_the_chore(settings: Settings) -> None:
    loop = PollLoop("work", "nowhere.work", fail)
    loop.waiting_since = 0
    assert loop.fall_back(settings, is_waiting=True)
    assert loop.fallback is not None
    loop.fallback.join(20)
    with pytest.raises(psycopg.errors.NotNullViolation):
        loop.look_after(settings, is_waiting=True)
    loop.look_after(settings, is_waiting=False)


def test_a_failing_chore_is_seen_on_home_by_status_and_by_monitoring(
    beat: Beat, settings: Settings, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    planted(monkeypatch, fail)
    do_round(beat)
    page = signed_in_browser(client.application, settings, "vera", "viewer").open("/home/care").text
    assert "chore_0" in page
    assert "NotNullViolation" in page
    assert "chore_0" in CliRunner().invoke(status.command).output
    assert "laurel_failing_chores 1.0" in client.get("/metrics").text
