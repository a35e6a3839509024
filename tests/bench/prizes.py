"""The part `plays` of the bench: plays, outcomes, idle streams, redemptions, and the textbook way beside them."""

import json
import os

from tests.bench import idle, naive_plays, plays, redeeming
from tests.bench.figures import percentile, show, spread
from tests.bench.naive import Servers
from tests.bench.running import Running
from webapp.config import Settings

COUNT = int(os.environ.get("LAUREL_BENCH_PLAYS", "20000"))
STREAMS = int(os.environ.get("LAUREL_BENCH_STREAMS", "10000"))
STEADY_SECONDS = 10
RATES = (100, 1_000)
SINGLES, REDEMPTIONS = 5_000, 2_000
NAIVE_PLAYS = {"rq.worker.SimpleWorker": 3_000, "rq.worker.Worker": 150}
GAMES = {"one": 1, "ten": 10}


def measure(running: Running, settings: Settings) -> None:
    """Measure everything on one installation; the campaigns and the reward are published first."""
    rules = running.data_dir / "prizes.json"
    campaigns = [plays.campaign(name, games) for name, games in GAMES.items()]
    rules.write_text(json.dumps([*campaigns, *redeeming.DOCUMENTS]))
    running.laurel("rules", "apply", str(rules), "--publish")
    key = plays.key_of(running)
    decided = _floods(running, settings, key)
    _steady(running, key)
    _idle(running, key)
    _redemptions(running, key)
    _naive(settings, decided)


def _floods(running: Running, settings: Settings, key: str) -> float:
    rows, best = [], 0.0
    for name, games in GAMES.items():
        waiting = plays.backlog(settings, name, games, COUNT)
        best = best or waiting
        many, sent = plays.flood(running, key, name, games, COUNT, each=100)
        single, _ = plays.flood(running, key, name, games, SINGLES, each=1)
        cells = [f"{rate:,.0f}" for rate in (waiting, *many.rates, *single.rates)]
        rows.append([f"{games} game{'s' if games > 1 else ''}", *cells, str(sum(sent.statuses.values()) - sent.good)])
    heads = [
        "",
        "backlog decided/s",
        "100 a POST: accepted/s",
        "decided/s",
        "1 a POST: accepted/s",
        "decided/s",
        "refused",
    ]
    show("Plays a second, each decided for good and on disk", heads, rows)
    return best


def _steady(running: Running, key: str) -> None:
    rows = []
    for rate in RATES:
        measured = plays.steady(running, key, "one", rate, STEADY_SECONDS)
        rows.append([f"{rate}/s", *spread(measured.posted), *spread(measured.told), f"{measured.behind:.1f} s"])
    heads = ["plays", "POST p50", "p95", "p99", "outcome p50", "p95", "p99", "behind"]
    show("From POST to 202, and to the outcome", heads, rows)


def _idle(running: Running, key: str) -> None:
    measured = idle.idle(running, key, ("ten_9", "one_0"), STREAMS)
    pushed = [f"{percentile(measured.pushed_seconds, share) * 1000:,.0f} ms" for share in (0.5, 0.95)]
    cells = [f"{measured.streams:,}", f"{measured.opened_seconds:.1f} s", f"{measured.kib_each:.1f} KiB", *pushed]
    show("Live streams that wait", ["streams", "opened in", "memory each", "POST to push p50", "p95"], [cells])


def _redemptions(running: Running, key: str) -> None:
    redeeming.give_coins(running)
    rows = []
    for rewards in (1, redeeming.REWARD_COUNT):
        sent = redeeming.redemptions(running, key, REDEMPTIONS, rewards)
        name = "one reward" if rewards == 1 else f"{rewards} rewards"
        rate = f"{REDEMPTIONS / sent.took:,.0f}"
        rows.append([name, rate, *spread(sent.seconds), str(REDEMPTIONS - sent.good)])
    heads = ["", "in a second", "p50", "p95", "p99", "refused"]
    show(f"Redemptions over HTTP, {redeeming.LINES} at once", heads, rows)


def _naive(settings: Settings, decided: float) -> None:
    servers, rows = Servers(settings.owner_url, settings.queue_url), []
    for worker, count in NAIVE_PLAYS.items():
        rate = naive_plays.plays_per_second(servers, count, worker=worker)
        rows.append([worker.rpartition(".")[2], f"{rate:,.0f}", f"{decided / rate:,.0f} ×"])
    show("One job a play, a counter in Redis, 2 workers", ["RQ worker", "plays/s", "Laurel is"], rows)
