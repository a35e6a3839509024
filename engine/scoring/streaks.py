"""Streaks: runs of consecutive periods with something in them. The choices are told in STREAKS.md.

A run is [first, last, covered, more]: ordinals of periods, both ends included; those in between that a freeze or a
pause covered; and how many older covered ones are no longer listed. A streak of a player is {"runs", "longest",
"freezes", "done" newest period that is over, "pauses", "spilled" newest run that left the state}.
"""

from typing import Any

from engine.scoring.rulebook.compiled_rules import CompiledStreak
from engine.scoring.state.memory import Player

RUNS_MAX = 20
COVERED_MAX = 40
PAUSES_MAX = 10
FIRST, LAST, COVERED, MORE = 0, 1, 2, 3
Run = list[Any]
Record = dict[str, Any]


def record_for(player: Player, streak: CompiledStreak) -> Record:
    """The player's record of a streak, made at first use with the freezes that everybody begins with."""
    records = player.state.setdefault("streaks", {})
    if streak.key not in records:
        records[streak.key] = {"runs": [], "longest": 0, "freezes": streak.initial_freezes}
    found: Record = records[streak.key]
    return found


def length(run: Run) -> int:
    """How many active periods a run has."""
    return int(run[LAST] - run[FIRST] + 1 - len(run[COVERED]) - run[MORE])


def pass_time(record: Record, period: int) -> bool:
    """Let all periods before `period` be over: each missed one takes a freeze, the oldest first, while there are any.

    Paused periods are covered without a freeze. A period is over once: what is granted later saves nothing that was
    lost before. Gives whether a reader sees a difference.
    """
    runs: list[Run] = record["runs"]
    if not runs:
        return False
    run = runs[-1]
    over = int(record["done"] if "done" in record else run[LAST])
    if period - 1 <= over:
        return False
    if run[LAST] < over:
        record["done"] = period - 1
        return False
    covered = len(run[COVERED])
    _cover(record, run, period)
    record["done"] = period - 1
    return len(run[COVERED]) > covered


def _cover(record: Record, run: Run, period: int) -> None:
    for missed in range(run[LAST] + 1, period):
        if not is_paused(record, missed):
            if record["freezes"] <= 0:
                break
            record["freezes"] -= 1
        run[LAST] = missed
        run[COVERED].append(missed)
    while len(run[COVERED]) > COVERED_MAX:
        run[COVERED].pop(0)
        run[MORE] += 1


def is_paused(record: Record, period: int) -> bool:
    """Whether a pause covers a period."""
    return any(first <= period <= last for first, last in record.get("pauses", ()))


def mark_active(player: Player, streak: CompiledStreak, period: int) -> bool:
    """Mark a period as active; gives whether it was not before. A late period heals the runs around it."""
    record = record_for(player, streak)
    runs: list[Run] = record["runs"]
    if runs and runs[-1][LAST] == period and (not runs[-1][COVERED] or runs[-1][COVERED][-1] != period):
        return False
    pass_time(record, period)
    if not runs or period > runs[-1][LAST]:
        _extend(player, record, streak, period)
        return True
    return _heal(player, record, streak, period)


def _extend(player: Player, record: Record, streak: CompiledStreak, period: int) -> None:
    runs: list[Run] = record["runs"]
    if runs and runs[-1][LAST] == period - 1:
        runs[-1][LAST] = period
    else:
        runs.append([period, period, [], 0])
        _keep_newest(player, record, streak.key)
    _earn(record, streak, length(runs[-1]) - 1, length(runs[-1]))
    record["longest"] = max(record["longest"], length(runs[-1]))


def _heal(player: Player, record: Record, streak: CompiledStreak, period: int) -> bool:
    """A late period: a freeze that was not needed comes back, neighbouring runs join; nothing ever gets smaller."""
    _recall(player, record, streak.key, period)
    runs: list[Run] = record["runs"]
    before = length(runs[-1])
    inside = next((run for run in runs if run[FIRST] <= period <= run[LAST]), None)
    if inside is None:
        runs.append([period, period, [], 0])
        runs.sort(key=_first)
        _join(runs)
    elif period in inside[COVERED]:
        inside[COVERED].remove(period)
        if not is_paused(record, period):
            record["freezes"] = max(record["freezes"], min(streak.max_freezes, record["freezes"] + 1))
    else:
        _keep_newest(player, record, streak.key)
        return False
    _earn(record, streak, before, length(runs[-1]))
    record["longest"] = max(record["longest"], *(length(run) for run in runs))
    _keep_newest(player, record, streak.key)
    return True


def _first(run: Run) -> int:
    return int(run[FIRST])


def _join(runs: list[Run]) -> None:
    index = 1
    while index < len(runs):
        left, right = runs[index - 1], runs[index]
        if left[LAST] + 1 < right[FIRST]:
            index += 1
            continue
        left[LAST] = max(left[LAST], right[LAST])
        left[COVERED] = sorted({*left[COVERED], *right[COVERED]})
        left[MORE] += right[MORE]
        del runs[index]


def _earn(record: Record, streak: CompiledStreak, before: int, after: int) -> None:
    """One freeze for each full `earn_every` active periods that the newest run gained."""
    if streak.earn_every:
        earned = max(0, after // streak.earn_every - before // streak.earn_every)
        record["freezes"] = max(record["freezes"], min(streak.max_freezes, record["freezes"] + earned))


def _keep_newest(player: Player, record: Record, key: str) -> None:
    runs: list[Run] = record["runs"]
    while len(runs) > RUNS_MAX:
        first, *rest = runs.pop(0)
        player.memory.put(f"s:{key}", first, rest)
        record["spilled"] = max(first, record.get("spilled", first))


def needs_older(record: Record | None, period: int) -> bool:
    """Whether runs that left the state must be loaded before this period can be marked."""
    return bool(record and "spilled" in record and period < record["runs"][0][FIRST])


def _recall(player: Player, record: Record, key: str, period: int) -> None:
    """Take the runs that left the state back into it; the keeper of the newest puts the rest away again."""
    if not needs_older(record, period):
        return
    series = f"s:{key}"
    kept = [(place, rest) for place, rest in player.memory.past.items() if place[0] == series and rest is not None]
    older = [[first, rest[0], list(rest[1]), rest[2]] for (_, first), rest in kept]
    for run in older:
        player.memory.put(series, run[FIRST], None)
    record["runs"][:0] = sorted(older, key=_first)
    del record["spilled"]


def current_length(record: Record) -> int:
    """The active periods of the newest run."""
    return length(record["runs"][-1]) if record["runs"] else 0


def status_at(record: Record, period: int) -> tuple[int, int, bool]:
    """What a reader sees in a period: the current streak (0 once broken), the freezes left, whether it is at risk."""
    if not record["runs"]:
        return 0, record["freezes"], False
    run = record["runs"][-1]
    copy: Record = {**record, "runs": [[*run[:COVERED], list(run[COVERED]), run[MORE]]]}
    pass_time(copy, period)
    run = copy["runs"][0]
    if run[LAST] < period - 1:
        return 0, copy["freezes"], False
    return length(run), copy["freezes"], run[LAST] == period - 1 and not is_paused(record, period)


def summary(record: Record) -> dict[str, int]:
    """A streak as an outcome tells it."""
    return {"current": current_length(record), "longest": record["longest"], "freezes": record["freezes"]}


def next_period_at_risk(record: Record) -> int | None:
    """The period that will take a freeze, or be covered by a pause before one does, once it is over; None for none."""
    runs: list[Run] = record["runs"]
    if not runs or record["freezes"] <= 0 or runs[-1][LAST] < record.get("done", runs[-1][LAST]):
        return None
    missed = int(runs[-1][LAST]) + 1
    for first, last in sorted(record.get("pauses", ())):
        if first <= missed <= last:
            missed = last + 1
    return missed


def add_pause(record: Record, first: int, last: int) -> None:
    """Let periods be covered without freezes, from one to another, both included; the newest few pauses are kept."""
    pauses = sorted([*record.get("pauses", ()), [first, last]])
    record["pauses"] = pauses[-PAUSES_MAX:]


def newest_active(run: Run) -> int:
    """The newest period of a run with something in it."""
    covered = set(run[COVERED])
    return next((each for each in range(run[LAST], run[FIRST] - 1, -1) if each not in covered), int(run[FIRST]))


def active_periods(record: Record, first: int, last: int) -> dict[int, bool]:
    """The periods from one to another that stand in runs: True where active, False where covered."""
    found: dict[int, bool] = {}
    for run in record["runs"]:
        for period in range(max(first, run[FIRST]), min(last, run[LAST]) + 1):
            found[period] = period not in run[COVERED]
    return found
