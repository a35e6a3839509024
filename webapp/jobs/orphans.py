"""Processes beside a job end with it: a job that is killed cannot end them itself."""

import os
from threading import Thread
from time import sleep

LOOKS_EVERY_SECONDS = 1.0


def end_with_parent(parent: int) -> None:
    """Let this process end, wherever it is, soon after its parent has; it must hold nothing that others wait for."""
    Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(LOOKS_EVERY_SECONDS)
    os._exit(1)
