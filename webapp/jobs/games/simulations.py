"""A game simulated with all four strategies, each in a process of its own; asked for by a page, done by a slow job."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing import Manager, get_context
from time import monotonic
from typing import Any

import msgspec

from engine.coupons.game import Game, PlayLimits
from engine.coupons.pacing import STRATEGIES
from engine.coupons.simulate import Simulation, Stopped, simulate
from engine.coupons.traffic import Traffic
from webapp.config import Settings
from webapp.store import work
from webapp.store.connection import connect
from webapp.store.work import Job
from webapp.zones import ZONES

PROCESSES = 2
LOOK_SECONDS = 0.5


def asked(game: dict[str, Any], traffic: dict[str, Any], coupons: int, seed: int) -> dict[str, Any]:
    """The parameters of a simulation as its job keeps them."""
    return {"game": game, "traffic": traffic, "coupons": coupons, "seed": seed}


def run_job(settings: Settings, job: Job) -> dict[str, Any]:
    """Simulate each strategy; the job's progress counts plays of all of them."""
    params, began = job.params, monotonic()
    total = len(STRATEGIES) * int(params["traffic"]["plays"])
    # Workers have threads of their own: a fresh process starts clean, a forked one might not.
    with Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as crowd:
        done = manager.dict(dict.fromkeys(STRATEGIES, 0))
        stop = manager.Event()
        running = {name: crowd.submit(_simulate, name, params, done, stop) for name in STRATEGIES}
        for _ in _until_done(list(running.values())):
            with connect(settings.database_url) as conn:
                if not work.progress(conn, job.id, sum(done.values()), total):
                    stop.set()
                conn.commit()
        found = {name: each.result().to_json() for name, each in running.items()}
    return {"simulations": found, "seconds": round(monotonic() - began, 1)}


def _until_done(running: list[Future[Simulation]]) -> Iterator[None]:
    while wait(running, LOOK_SECONDS).not_done:
        yield


def _simulate(strategy: str, params: dict[str, Any], done: Any, stop: Any) -> Simulation:
    def on_progress(plays: int) -> bool:
        done[strategy] = plays
        return not stop.is_set()

    raw = params["game"]
    chance = raw.get("chance") or min(1.0, params["coupons"] / max(1, params["traffic"]["plays"]))
    pacing = (raw.get("pacing") or {}) | {"strategy": strategy}
    pacing |= {"chance": pacing.get("chance") or chance}
    game = Game.of(raw | {"pacing": pacing})
    traffic = msgspec.convert(params["traffic"], Traffic)
    zone, limits = ZONES[params.get("timezone") or "UTC"], PlayLimits.of(params.get("limits"))
    seed = str(params["seed"]).encode()
    return simulate(
        game, stock_of(raw, params["coupons"]), traffic, seed, limits=limits, zone=zone, on_progress=on_progress
    )


def stock_of(raw: dict[str, Any], coupons: int) -> dict[str, int]:
    """So many coupons, divided among a game's brands as its document divides them."""
    wanted = [int(((each.get("coupons") or {}).get("generate") or {}).get("count") or 1) for each in raw["budgets"]]
    whole, given, stock = sum(wanted), 0, {}
    for budget, count in zip(raw["budgets"], wanted, strict=True):
        upto = coupons * (given + count) // whole - coupons * given // whole
        stock[budget["brand"]] = upto
        given += count
    return stock


__all__ = ["Stopped", "asked", "run_job", "stock_of"]
