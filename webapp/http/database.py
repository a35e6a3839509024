"""The SQLAlchemy session of pages: Flask-SQLAlchemy over the models, on connections opened like all others."""

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

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:  # noqa: ARG002
        settings: Settings = app.config["LAUREL"]
        return _engine(os.getpid(), settings.database_url, settings.pool_size)


@cache  # never discarded: a fork must not close its parent's connections
def _engine(pid: int, database_url: str, size: int) -> Engine:
    engine = create_engine(
        sqlalchemy_url(database_url),
        creator=lambda: open_connection(database_url),
        pool_size=size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=POOL_WAIT_SECONDS_MAX,
    )
    atexit.register(lambda: engine.dispose(close=os.getpid() == pid))
    return engine


db = Database(model_class=Base)


def set_up(app: Flask, settings: Settings) -> None:
    """Give each request its own session; whatever is not committed when the request ends is rolled back."""
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlalchemy_url(settings.database_url)
    db.init_app(app)
