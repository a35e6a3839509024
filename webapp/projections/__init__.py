"""Everything in Redis that people read: disposable, rebuilt from Postgres, and never shown in part."""

from webapp.projections.epoch import is_current
from webapp.projections.rebuild import rebuild, rebuild_if_lost

__all__ = ["is_current", "rebuild", "rebuild_if_lost"]
