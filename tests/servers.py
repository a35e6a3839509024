"""A PostgreSQL and a Valkey of the test session's own, and a real `laurel up` for the tests that kill."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from tests.database import DATABASE, TEMPLATE, Database
from webapp import migrations
from webapp.runtime.secrets_file import secret
from webapp.supervisor import paths as grounds
from webapp.supervisor import postgres, valkey
from webapp.supervisor.child import Child, Program

Copy = tuple["redis.Redis", bytes, bytes]  # in which database, under which name, as Valkey dumps it


@dataclass(frozen=True)
class Servers:
    """Both servers, running. `admin_url` may do anything, `owner_url` owns the tables, `database_url` is Laurel's."""

    admin_url: str
    owner_url: str
    database_url: str
    queue_url: str
    cache_url: str
    database: Database
    valkey: "redis.Redis"
    valkey_cache: "redis.Redis"
    copies: "dict[str, list[Copy]]" = field(default_factory=dict)

    def renew(self) -> None:
        """Give the next test a database as the migrations left it, and an empty Valkey."""
        self.valkey.flushall()
        self.database.renew()

    def stage(self, world: str, build: Callable[[], None]) -> None:
        """Give this test what `build` makes of a fresh database and Valkey: built once, and copied from then on."""
        self.renew()
        if self.database.restore(world):
            for database, name, value in self.copies[world]:
                database.restore(name, 0, value)
        else:
            build()
            self.database.save(world)
            self.copies[world] = [*_copies(self.valkey), *_copies(self.valkey_cache)]


def _copies(database: "redis.Redis") -> "list[Copy]":
    """Every key with its value as Valkey dumps it."""
    names = list(database.scan_iter())
    assert all(database.ttl(name) < 0 for name in names), "no world holds a key that expires"
    return [(database, name, database.dump(name)) for name in names]


@contextmanager
def running_servers(folder: Path) -> Iterator[Servers]:
    """Start both in a folder, quick rather than safe, migrate a template once, and end both."""
    folder.chmod(0o755)
    ground = grounds.prepare_paths(folder / "data", folder / "servers")
    children = _start(ground, folder)
    try:
        servers = _provided(ground, folder / "data", children)
        with closing(servers.database):
            yield servers
    finally:
        for child in reversed(children):
            child.ask_to_stop()
            child.stop()
        shutil.rmtree(ground.home, ignore_errors=True)


def _start(ground: grounds.InstallationPaths, folder: Path) -> list[Child]:
    postgres.make_cluster(ground, secret(folder / "data", postgres.ADMIN))
    words = {"postgres": postgres.command(ground, is_quick=True), "valkey": valkey.command(ground)}
    children = [
        Child(Program(role, w, dict(os.environ), folder / f"{role}.log", ground.account, stop_signal=signal.SIGINT))
        for role, w in words.items()
    ]
    for child in children:
        child.start()
    return children


def _provided(ground: grounds.InstallationPaths, data: Path, children: list[Child]) -> Servers:
    def url(role: str, database: str) -> str:
        return postgres.connection_url(ground, role, secret(data, role), database)

    admin = url(postgres.ADMIN, "postgres")
    _wait_until(
        lambda: postgres.is_reachable(admin) and valkey.is_reachable(valkey.connection_url(ground, 0)), children
    )
    postgres.provision(admin, data)
    with psycopg.connect(admin, autocommit=True) as conn:
        words = sql.SQL("CREATE DATABASE {} OWNER {}")
        conn.execute(words.format(sql.Identifier(TEMPLATE), sql.Identifier(postgres.OWNER)))
    migrations.upgrade(url(postgres.OWNER, TEMPLATE))
    return Servers(
        admin_url=admin,
        owner_url=url(postgres.OWNER, DATABASE),
        database_url=url(postgres.RUN_TIME, DATABASE),
        queue_url=valkey.connection_url(ground, 0),
        cache_url=valkey.connection_url(ground, 1),
        database=Database(admin, url(postgres.ADMIN, DATABASE)),
        valkey=redis.from_url(valkey.connection_url(ground, 0)),
        valkey_cache=redis.from_url(valkey.connection_url(ground, 1)),
    )


def _wait_until(is_reached: Callable[[], bool], children: list[Child]) -> None:
    while not is_reached():
        assert all(child.is_alive() for child in children)
        time.sleep(0.05)
