"""A process beside a backtest: it has a lens of its own and looks through one shard after another."""

import os
from threading import Thread
from time import sleep

from webapp.services.backtest.backtest_context import Draft, Lens
from webapp.services.backtest.shard_backtest import Found, look_through
from webapp.store.system.connection import connect

LOOKS_EVERY_SECONDS = 1.0
_own: list[tuple[str, Lens]] = []


def begin(parent: int, database_url: str, draft: Draft) -> None:
    """Make the lens. The process ends soon after its parent has: one that was killed cannot end it itself."""
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    with connect(database_url) as conn:
        _own.append((database_url, Lens.of(conn, draft)))


def look(shard: int) -> Found:
    """What one shard says."""
    database_url, lens = _own[0]
    with connect(database_url) as conn:
        return look_through(conn, lens, shard)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        sleep(LOOKS_EVERY_SECONDS)
    os._exit(1)
