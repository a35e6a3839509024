"""Streaks: runs of consecutive periods with something in them. The choices are told in STREAKS.md.

A run is [first, last, frozen]: ordinals of periods, both ends included, and the list of those in between that
a freeze or a pause covered. A streak of a player is {"runs", "longest", "freezes", "pauses", "more"}.
"""

from typing import Any

from engine.earning.ruled import Streak
from engine.earning.state import Player

RUNS_MAX = 30
Run = list[Any]
Record = dict[str, Any]


def record_of(player: Player, streak: Streak) -> Record:
    """The player's record of a streak, made at first use with the freezes that everybody begins with."""
    records = player.state.setdefault("streaks", {})
    if streak.key not in records:
        records[streak.key] = {"runs": [], "longest": 0, "freezes": streak.initial}
    found: Record = records[streak.key]
    return found


def length(run: Run) -> int:
    """How many active periods a run has."""
    return int(run[1] - run[0] + 1 - len(run[2]))


def pass_time(record: Record, period: int) -> bool:
    """Let all periods before `period` be over: each missed one takes a freeze, the oldest first, while there are any.

    Paused periods are covered without a freeze. Gives whether anything changed.
    """
    if not record["runs"]:
        return False
    run, changed = record["runs"][-1], False
    for missed in range(run[1] + 1, period):
        if not _is_paused(record, missed):
            if record["freezes"] <= 0:
                break
            record["freezes"] -= 1
        run[1] = missed
        run[2].append(missed)
        changed = True
    return changed


def _is_paused(record: Record, period: int) -> bool:
    return any(first <= period <= last for first, last in record.get("pauses", ()))


def mark(player: Player, streak: Streak, period: int) -> bool:
    """Mark a period as active; gives whether it was not before. A late period heals the runs around it."""
    record = record_of(player, streak)
    runs: list[Run] = record["runs"]
    if runs and runs[-1][1] == period and period not in runs[-1][2]:
        return False
    if not runs or period > runs[-1][1]:
        pass_time(record, period)
        return _extend(player, record, streak, period)
    return _heal(player, record, streak, period)


def _extend(player: Player, record: Record, streak: Streak, period: int) -> bool:
    runs: list[Run] = record["runs"]
    if runs and runs[-1][1] == period - 1:
        runs[-1][1] = period
    else:
        runs.append([period, period, []])
        _keep_newest(player, record, streak.key)
    _earn(record, streak, length(runs[-1]) - 1, length(runs[-1]))
    record["longest"] = max(record["longest"], length(runs[-1]))
    return True


def _heal(player: Player, record: Record, streak: Streak, period: int) -> bool:
    """A late period: an unneeded freeze comes back, neighbouring runs join; nothing ever gets smaller."""
    runs: list[Run] = record["runs"]
    if record.get("more") and period < runs[0][0]:
        runs[:0] = _older(player, streak.key)
    before = length(runs[-1])
    inside = next((run for run in runs if run[0] <= period <= run[1]), None)
    if inside is None:
        runs.append([period, period, []])
        runs.sort(key=lambda run: int(run[0]))
        _join(runs)
    elif period in inside[2]:
        inside[2].remove(period)
        if not _is_paused(record, period):
            record["freezes"] = max(record["freezes"], min(streak.most, record["freezes"] + 1))
    else:
        return False
    _earn(record, streak, before, length(runs[-1]))
    record["longest"] = max(record["longest"], *(length(run) for run in runs))
    _keep_newest(player, record, streak.key)
    return True


def _join(runs: list[Run]) -> None:
    index = 1
    while index < len(runs):
        left, right = runs[index - 1], runs[index]
        if left[1] + 1 < right[0]:
            index += 1
            continue
        left[1], left[2] = max(left[1], right[1]), sorted(left[2] + right[2])
        del runs[index]


def _earn(record: Record, streak: Streak, before: int, after: int) -> None:
    """One freeze for each full `earn_every` active periods that the newest run gained."""
    if streak.earn_every:
        earned = after // streak.earn_every - before // streak.earn_every
        record["freezes"] = max(record["freezes"], min(streak.most, record["freezes"] + max(0, earned)))


def _keep_newest(player: Player, record: Record, key: str) -> None:
    runs: list[Run] = record["runs"]
    while len(runs) > RUNS_MAX:
        first, last, frozen = runs.pop(0)
        player.memory.put(f"s:{key}", first, [last, frozen])
        record["more"] = 1


def _older(player: Player, key: str) -> list[Run]:
    """Take the runs that left the document back into it; the keeper of the newest puts the rest away again."""
    series = f"s:{key}"
    found = sorted(
        (first, kept) for (name, first), kept in player.memory.past.items() if name == series and kept is not None
    )
    for first, _ in found:
        player.memory.put(series, first, None)
    return [[first, kept[0], list(kept[1])] for first, kept in found]


def current(record: Record) -> int:
    """The active periods of the newest run."""
    return length(record["runs"][-1]) if record["runs"] else 0


def seen_at(record: Record, period: int) -> tuple[int, int, bool]:
    """What a reader sees in a period: the current streak (0 once broken), the freezes left, whether it is at risk."""
    copy: Record = {**record, "runs": [[run[0], run[1], list(run[2])] for run in record["runs"][-1:]]}
    pass_time(copy, period)
    if not copy["runs"] or copy["runs"][-1][1] < period - 1:
        return 0, copy["freezes"], False
    run = copy["runs"][-1]
    return length(run), copy["freezes"], run[1] == period - 1


def add_pause(record: Record, first: int, last: int) -> None:
    """Let periods be covered without freezes, from one to another, both included."""
    record.setdefault("pauses", []).append([first, last])


def active_periods(record: Record, first: int, last: int) -> dict[int, bool]:
    """The periods from one to another that stand in runs: True where active, False where frozen."""
    found: dict[int, bool] = {}
    for run in record["runs"]:
        for period in range(max(first, run[0]), min(last, run[1]) + 1):
            found[period] = period not in run[2]
    return found
