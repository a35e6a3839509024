"""A game simulated with all four strategies and many seeds, in processes; asked for by a page, done by a slow job."""

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
from webapp.store.system.slow_job_rows import Job

PROCESSES = 2
LOOK_SECONDS = 0.5


def simulation_params(
    game: dict[str, Any], traffic: dict[str, Any], coupons: int, seeds: tuple[int, int]
) -> dict[str, Any]:
    """The parameters of a simulation as its job keeps them; `seeds` are the first seed and how many follow it."""
    first, runs = seeds
    return {"game": game, "traffic": traffic, "coupons": coupons, "seed": first, "runs": runs}


def run_simulation_job(settings: Settings, job: Job) -> dict[str, Any]:
    """Simulate each strategy with every seed; the job's progress counts plays of all of them.

    Of each strategy the first seed's run is kept whole, and the worst of all.
    """
    params, began = job.params, monotonic()
    seeds = range(int(params["seed"]), int(params["seed"]) + int(params["runs"]))
    wanted = [(strategy, seed) for seed in seeds for strategy in STRATEGIES]
    total = len(wanted) * int(params["traffic"]["plays"])
    # Workers have threads of their own: a fresh process starts clean, a forked one might not.
    with Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as crowd:
        done, stop = manager.dict(dict.fromkeys(wanted, 0)), manager.Event()
        running = {each: crowd.submit(_simulate, each, params, done, stop) for each in wanted}
        for _ in _until_done(list(running.values())):
            with connect(settings.database_url) as conn:
                if not slow_job_rows.progress(conn, job.id, sum(done.values()), total):
                    stop.set()
                conn.commit()
        runs = {name: [running[name, seed].result() for seed in seeds] for name in STRATEGIES}
    first = {name: its[0].to_json() for name, its in runs.items()}
    worst = {name: worst_case(its).to_json() for name, its in runs.items()}
    return {"simulations": first, "worst": worst, "seconds": round(monotonic() - began, 1)}


def _until_done(running: list[Future[Simulation]]) -> Iterator[None]:
    while wait(running, LOOK_SECONDS).not_done:
        yield


def _simulate(which: tuple[str, int], params: dict[str, Any], done: Any, stop: Any) -> Simulation:
    strategy, seed = which

    def on_progress(plays: int) -> bool:
        done[which] = plays
        return not stop.is_set()

    raw = params["game"]
    chance = raw.get("chance") or min(1.0, params["coupons"] / max(1, params["traffic"]["plays"]))
    pacing = (raw.get("pacing") or {}) | {"strategy": strategy}
    pacing |= {"chance": pacing.get("chance") or chance}
    game = Game.from_document(raw | {"pacing": pacing})
    traffic = msgspec.convert(params["traffic"], SimulatedTraffic)
    zone, limits = ZONES[params.get("timezone") or "UTC"], PlayLimits.from_document(params.get("limits"))
    stock = split_stock(raw, params["coupons"])
    found = simulate(game, stock, traffic, str(seed).encode(), limits=limits, zone=zone, on_progress=on_progress)
    done[which] = traffic.plays
    return found


def split_stock(raw: dict[str, Any], coupons: int) -> dict[str, int]:
    """So many coupons, divided among a game's brands as its document divides them."""
    wanted = [int(((each.get("coupons") or {}).get("generate") or {}).get("count") or 1) for each in raw["budgets"]]
    whole, given, stock = sum(wanted), 0, {}
    for budget, count in zip(raw["budgets"], wanted, strict=True):
        upto = coupons * (given + count) // whole - coupons * given // whole
        stock[budget["brand"]] = upto
        given += count
    return stock
