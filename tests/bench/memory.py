"""How much memory each process holds for itself (USS: what would be free if it ended)."""

from collections import defaultdict

import psutil

from tests.bench.running import Running


def by_role(running: Running) -> dict[str, tuple[int, float, float]]:
    """Give per role: processes, the largest one's own MiB, and the MiB of all together."""
    sizes: dict[str, list[float]] = defaultdict(list)
    for role, process in running.processes():
        try:
            sizes[role].append(process.memory_full_info().uss / 2**20)
        except psutil.NoSuchProcess:
            continue
    return {role: (len(values), max(values), sum(values)) for role, values in sorted(sizes.items())}
