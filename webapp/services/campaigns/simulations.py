"""Simulates a game with all four strategies and many seeds, in processes: a slow job.

`start_simulation` is a module of its own because each spawned process imports this one.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing import Manager, get_context
from time import monotonic
from typing import Any

import msgspec

from engine.coupons.game import Game, PlayLimits
from engine.coupons.pacing import STRATEGIES
from engine.coupons.simulation.simulate import Simulation, simulate
from engine.coupons.simulation.traffic import SimulatedTraffic
from engine.coupons.simulation.worst_case import worst_case
from webapp.config import Settings
from webapp.runtime.zones import ZONES
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect
from webapp.store.system.slow_job_rows import SlowJob

PROCESSES = 2
PROGRESS_SECONDS = 0.5


def run_simulation_job(settings: Settings, job: SlowJob) -> dict[str, Any]:
    """Simulate each strategy with every seed; the job's progress counts the plays of all of them.

    The result holds the first seed's run of each strategy as a whole, and the worst of all its runs.
    """
    params, began_at = job.params, monotonic()
    seeds = range(int(params["seed"]), int(params["seed"]) + int(params["runs"]))
    runs = [(strategy, seed) for seed in seeds for strategy in STRATEGIES]
    total_plays = len(runs) * int(params["traffic"]["plays"])
    # Spawned, not forked: workers have threads of their own, and a forked process might inherit a lock they hold.
    with Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as processes:
        plays_done, stop = manager.dict(dict.fromkeys(runs, 0)), manager.Event()
        futures = {run: processes.submit(_simulate, run, params, plays_done, stop) for run in runs}
        for _ in _until_done(list(futures.values())):
            with connect(settings.database_url) as conn:
                if not slow_job_rows.progress(conn, job.id, sum(plays_done.values()), total_plays):
                    stop.set()
                conn.commit()
        by_strategy = {name: [futures[name, seed].result() for seed in seeds] for name in STRATEGIES}
    return {
        "simulations": {name: simulations[0].to_json() for name, simulations in by_strategy.items()},
        "worst": {name: worst_case(simulations).to_json() for name, simulations in by_strategy.items()},
        "seconds": round(monotonic() - began_at, 1),
    }


def _until_done(futures: list[Future[Simulation]]) -> Iterator[None]:
    while wait(futures, PROGRESS_SECONDS).not_done:
        yield


def _simulate(run: tuple[str, int], params: dict[str, Any], plays_done: Any, stop: Any) -> Simulation:
    """Simulate one strategy with one seed. Raises `Stopped` soon after `stop` is set."""
    strategy, seed = run

    def on_progress(plays: int) -> bool:
        plays_done[run] = plays
        return not stop.is_set()

    raw = params["game"]
    traffic = msgspec.convert(params["traffic"], SimulatedTraffic)
    fair_chance = min(1.0, params["coupons"] / max(1, traffic.plays))
    pacing = (raw.get("pacing") or {}) | {"strategy": strategy}
    pacing["chance"] = pacing.get("chance") or raw.get("chance") or fair_chance
    simulation = simulate(
        Game.from_document(raw | {"pacing": pacing}),
        split_stock(raw, params["coupons"]),
        traffic,
        str(seed).encode(),
        limits=PlayLimits.from_document(params.get("limits")),
        zone=ZONES[params.get("timezone") or "UTC"],
        on_progress=on_progress,
    )
    plays_done[run] = traffic.plays
    return simulation


def split_stock(game: dict[str, Any], coupons: int) -> dict[str, int]:
    """Divide so many coupons among a game's brands in the proportion of its document."""
    shares = [
        int(((budget.get("coupons") or {}).get("generate") or {}).get("count") or 1) for budget in game["budgets"]
    ]
    total, given, stock = sum(shares), 0, {}
    for budget, share in zip(game["budgets"], shares, strict=True):
        # The difference of two rounded sums: the parts add up to `coupons` exactly.
        stock[budget["brand"]] = coupons * (given + share) // total - coupons * given // total
        given += share
    return stock
