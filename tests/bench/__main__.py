"""`make bench`: measures one running Laurel on this machine and prints a table for each question.

`python -m tests.bench flow latency` measures only these parts: flow, latency, memory, naive, boards, backtest,
plays, editor.
"""

import os
import sys
from dataclasses import dataclass

import psycopg
import redis

from tests.bench import backtest, boards, cpu, editor, latency, memory, naive, prizes
from tests.bench.crowded import BOARD, fill
from tests.bench.figures import console, show, spread
from tests.bench.latency import Steady, Watch
from tests.bench.naive import Servers
from tests.bench.running import Running, laurel_up
from tests.bench.throughput import Flow, flow
from tests.bench.world import TYPES, Crowd, documents, events, history
from webapp.config import Settings
from webapp.projections import epoch
from webapp.projections import leaderboards as stored

CROWD = Crowd(1_000)
EVENTS = int(os.environ.get("LAUREL_BENCH_EVENTS", "40000"))
STEADY_SECONDS = 10
RATES = (200, 1_000)
SIZES = (1_000, int(os.environ.get("LAUREL_BENCH_PLAYERS", "1000000")))
HISTORY = int(os.environ.get("LAUREL_BENCH_HISTORY", "1000000"))
NAIVE_EVENTS = {"rq.worker.SimpleWorker": 1_500, "rq.worker.Worker": 150}


@dataclass
class Bench:
    """The installation that is measured, and what one part found that another compares itself with."""

    running: Running
    settings: Settings
    applied_per_second: float = float("nan")


def main(parts: list[str]) -> None:
    """Run the named parts, or every one: most one after the other on one installation, some on one of their own."""
    chosen = parts or [*PARTS, *ALONE]
    if together := [part for part in chosen if part not in ALONE]:
        with laurel_up(documents()) as running:
            bench = Bench(running, Settings.from_environment(running.environment))
            for part in together:
                PARTS[part](bench)
    for part in chosen:
        if part in ALONE:
            ALONE[part]()


def measure_flow(bench: Bench) -> None:
    """Heavy players' history first, then the measured events."""
    past = flow(bench.running, history(CROWD))
    before = cpu.seconds(bench.running)
    now = flow(bench.running, events(CROWD, EVENTS, seed=1))
    spent = cpu.seconds(bench.running) - before
    rows = [_flow_row("history of heavy players", past), _flow_row("all players, 5 % late", now)]
    show("Events in batches of 500 over HTTP, 50 live rules", ["", "events", "accepted/s", "applied/s", "429s"], rows)
    role_rows = [[role, f"{used:.1f} s", f"{used / now.events * 1e6:,.0f} µs"] for role, used in spent.most_common()]
    show("Where the processors' time went, all players", ["role", "in all", "an event"], role_rows)
    bench.applied_per_second = now.applied_per_second


def _flow_row(name: str, measured: Flow) -> list[str]:
    rates = (measured.accepted_per_second, measured.applied_per_second)
    return [name, f"{measured.events:,}", *(f"{rate:,.0f}" for rate in rates), str(measured.refused)]


def measure_latency(bench: Bench) -> None:
    running, rows = bench.running, []
    for rate in RATES:
        players = latency.watched(rate, STEADY_SECONDS)
        first_events = ({"id": f"first-{player}", "type": TYPES[0], "player": player} for player in players)
        flow(running, ({**event, "properties": {"thing": "first", "score": 90, "weight": 1}} for event in first_events))
        watch = _watch(bench.settings, players)
        rows.append(_steady_row(latency.steady(running, watch, rate=rate, seconds=STEADY_SECONDS)))
    heads = ["single events", "POST p50", "p95", "p99", "visible p50", "p95", "p99", "unseen", "behind"]
    show("From POST to 202, and to visible on a leaderboard", heads, rows)


def _steady_row(run: Steady) -> list[str]:
    return [f"{run.rate}/s", *spread(run.posted), *spread(run.visible), str(run.unseen), f"{run.behind:.1f} s"]


def _watch(settings: Settings, players: list[str]) -> Watch:
    cache = redis.Redis.from_url(settings.cache_url)
    name = epoch.current(cache)
    assert name is not None
    with psycopg.connect(settings.database_url) as db:
        rows = db.execute("SELECT id, number FROM player WHERE id = ANY(%s)", (players,)).fetchall()
    return Watch(cache, stored.hash_key(name, "xp_all_time", "all"), dict(rows))


def measure_memory(bench: Bench) -> None:
    memory_by_role = memory.by_role(bench.running).items()
    rows = [[role, str(n), f"{most:,.0f} MiB", f"{every:,.0f} MiB"] for role, (n, most, every) in memory_by_role]
    show("Memory that each process holds for itself", ["role", "processes", "largest", "together"], rows)


def measure_naive(bench: Bench) -> None:
    servers, rows = Servers(bench.settings.owner_url, bench.settings.queue_url), []
    for worker, count in NAIVE_EVENTS.items():
        sample = list(events(CROWD, count, seed=3))
        rate = naive.events_per_second(servers, sample, worker=worker)
        rows.append([worker.rpartition(".")[2], f"{rate:,.0f}", f"{bench.applied_per_second / rate:,.0f} ×"])
    show("The naive design with the same rules, 2 workers", ["RQ worker", "events/s", "Laurel is"], rows)


def measure_boards(bench: Bench) -> None:
    rows: list[list[str]] = []
    for size in SIZES:
        crowded = fill(bench.settings, size)
        console.print(f"rebuilt the leaderboards of {size:,} players in {crowded.rebuilt_seconds:.1f} s")
        cache = redis.Redis.from_url(bench.settings.cache_url)
        reads = boards.in_redis(cache, crowded.key, crowded.members)
        rows += [["Redis", read.kind, f"{read.players:,}", *spread(read.seconds)] for read in reads]
        with bench.running.client() as client:
            reads = boards.over_http(client, BOARD, crowded.players, size)
        rows += [["HTTP", read.kind, f"{read.players:,}", *spread(read.seconds)] for read in reads]
    show("Reading leaderboards", ["through", "what", "players", "p50", "p95", "p99"], rows)


def measure_plays(bench: Bench) -> None:
    prizes.measure(bench.running, bench.settings)


def measure_backtests(bench: Bench) -> None:
    backtest.fill(bench.settings, HISTORY)
    replays = [backtest.replayed(bench.settings, name) for name in backtest.DRAFTS]
    rows = [
        [
            replay.name,
            f"{replay.entries:,}",
            f"{replay.players:,}",
            f"{replay.seconds:.1f} s",
            f"{replay.entries / replay.seconds:,.0f}",
        ]
        for replay in replays
    ]
    show("Replaying all of history against a draft", ["a draft", "entries", "players", "took", "entries/s"], rows)


PARTS = {
    "flow": measure_flow,
    "latency": measure_latency,
    "memory": measure_memory,
    "naive": measure_naive,
    "boards": measure_boards,
    "backtest": measure_backtests,
    "plays": measure_plays,
}
ALONE = {"editor": editor.measure}

if __name__ == "__main__":
    main(sys.argv[1:])
