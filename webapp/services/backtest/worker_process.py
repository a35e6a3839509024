"""One of the processes of a backtest: builds the context once, then replays one shard after another."""

import os
from threading import Thread
from time import sleep

from webapp.services.backtest.backtest_context import BacktestContext, BacktestDraft
from webapp.services.backtest.shard_replay import ShardResult, backtest_shard
from webapp.store.system.connection import connect

CHECKS_PARENT_EVERY_SECONDS = 1.0
_context: list[tuple[str, BacktestContext]] = []
"""The database's address and the context of this process; empty until `begin`."""


def begin(parent: int, database_url: str, draft: BacktestDraft) -> None:
    """Build the context. The process ends soon after its parent: a parent that was killed cannot end it itself."""
    Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    with connect(database_url) as conn:
        _context.append((database_url, BacktestContext.build(conn, draft)))


def run_shard(shard: int) -> ShardResult:
    """The result of one shard."""
    database_url, context = _context[0]
    with connect(database_url) as conn:
        return backtest_shard(conn, context, shard)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        sleep(CHECKS_PARENT_EVERY_SECONDS)
    os._exit(1)
