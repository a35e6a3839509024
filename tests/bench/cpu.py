"""Where the processors' time went: seconds that each role has run for, between two looks."""

from collections import Counter

import psutil

from tests.bench.running import Running


def seconds(running: Running) -> Counter[str]:
    """Seconds of processor time by role until now, the bench itself included as its sender."""
    spent: Counter[str] = Counter()
    for role, process in [*running.processes(), ("the sender", psutil.Process())]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent[role] += times.user + times.system
    return spent
