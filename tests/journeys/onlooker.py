"""An onlooker who reads the budget and the outcomes all the time, and remembers everything that should not be."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self

import psycopg

from webapp.config import Settings

BUDGETS = """
SELECT p.id, p.initial, p.available, p.reserved, p.issued, p.redeemed, p.expired, p.voided,
  (SELECT count(*) FROM coupon c WHERE c.pool = p.id),
  (SELECT count(*) FROM coupon c WHERE c.pool = p.id AND c.state IN ('reserved', 'issued', 'redeemed', 'expired')),
  (SELECT count(*) FROM play WHERE coupon IN (SELECT id FROM coupon c WHERE c.pool = p.id))
FROM coupon_pool p
"""
OUTCOMES = "SELECT number, status, reason, coupon FROM play WHERE status <> 'queued'"


@dataclass
class Onlooker:
    """Looks until it is left; `amiss` names every committed state that broke the law of the budget."""

    settings: Settings
    amiss: list[str] = field(default_factory=list)
    looks: int = 0
    seen: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    _is_over: bool = False
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        assert self._thread is not None
        self._thread.join(30)

    def _look_on(self) -> None:
        while not self._is_over:
            try:
                with psycopg.connect(self.settings.database_url, autocommit=True) as conn:
                    while not self._is_over:
                        self._look(conn)
                        time.sleep(0.02)
            except psycopg.Error:
                time.sleep(0.2)

    def _look(self, conn: psycopg.Connection[Any]) -> None:
        for pool, initial, *states, rows, gone, won in conn.execute(BUDGETS):
            if initial != sum(states) or rows != initial or gone > initial or won > gone:
                self.amiss.append(f"pool {pool}: {initial} = {states}? {rows} rows, {gone} given, {won} won")
        for number, *outcome in conn.execute(OUTCOMES):
            if self.seen.setdefault(number, tuple(outcome)) != tuple(outcome):
                self.amiss.append(f"play {number} was {self.seen[number]} and is {outcome}")
        self.looks += 1
