"""The pages' session: Flask-SQLAlchemy over the models, by the same bounded connections as everything else."""

import atexit
import os
from functools import cache
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, create_engine

from webapp.config import Settings
from webapp.models import Base
from webapp.store.system.connection import POOL_WAIT_SECONDS_MAX, open_connection, sqlalchemy_url


class Database(SQLAlchemy):
    """Shares one engine between all applications of a process that use one database."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:  # noqa: ARG002  (its form is the library's)
        settings: Settings = app.config["LAUREL"]
        return _engine(os.getpid(), settings.database_url, settings.pool_size)


@cache  # never thrown away: a fork must not close its parent's connections
def _engine(pid: int, database_url: str, size: int) -> Engine:
    made = create_engine(
        sqlalchemy_url(database_url),
        creator=lambda: open_connection(database_url),
        pool_size=size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=POOL_WAIT_SECONDS_MAX,
    )
    atexit.register(lambda: made.dispose(close=os.getpid() == pid))
    return made


db = Database(model_class=Base)


def set_up(app: Flask, settings: Settings) -> None:
    """Give each request a session of its own; what is not committed when it ends is rolled back."""
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlalchemy_url(settings.database_url)
    db.init_app(app)
