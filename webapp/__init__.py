"""The shell: HTTP, queue and database around the engine. `create_app` assembles the web application."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.config import Settings


def create_app(settings: "Settings") -> "Flask":
    """Build the web application; workers and commands import this package without importing Flask."""
    from webapp.application import build

    return build(settings)
