"""Streaks: runs of consecutive periods with activity. STREAKS.md explains the choices.

A run is [first, last, covered, more]: ordinals of periods, both ends included; the periods in between that a freeze or
a pause covered; and how many older covered ones are no longer listed. A player's record of a streak is {"runs",
"longest", "freezes", "done" newest period that is over, "pauses" spans of paused periods, in order and apart,
"spilled" newest run that left the state}.
"""

from typing import Any

from engine.scoring.rulebook.compiled_rules import CompiledStreak
from engine.scoring.state.memory import Player

# What a player's document holds; older runs are moved out of it, older covered periods are only counted.
RUNS_MAX = 20
COVERED_MAX = 40
PAUSES_MAX = 40
FIRST, LAST, COVERED, MORE = 0, 1, 2, 3
Run = list[Any]
Record = dict[str, Any]


def record_for(player: Player, streak: CompiledStreak) -> Record:
    """The player's record of a streak, created at first use with the freezes that everybody begins with."""
    records = player.state.setdefault("streaks", {})
    if streak.key not in records:
        records[streak.key] = {"runs": [], "longest": 0, "freezes": streak.initial_freezes}
    record: Record = records[streak.key]
    return record


def length(run: Run) -> int:
    """How many active periods a run has."""
    return int(run[LAST] - run[FIRST] + 1 - len(run[COVERED]) - run[MORE])


def pass_time(record: Record, period: int) -> bool:
    """Let all periods before `period` be over: each missed one uses a freeze, the oldest first, while there are any.

    Paused periods are covered without a freeze. A period is over once: freezes granted later do not save what was lost
    before. Returns whether a reader sees a difference.
    """
    runs: list[Run] = record["runs"]
    if not runs:
        return False
    run = runs[-1]
    newest_over = int(record["done"] if "done" in record else run[LAST])
    if period - 1 <= newest_over:
        return False
    if run[LAST] < newest_over:  # the run was already broken
        record["done"] = period - 1
        return False
    covered_before = len(run[COVERED])
    _cover(record, run, period)
    record["done"] = period - 1
    return len(run[COVERED]) > covered_before


def _cover(record: Record, run: Run, period: int) -> None:
    for missed in range(run[LAST] + 1, period):
        if not is_paused(record, missed):
            if record["freezes"] <= 0:
                break
            record["freezes"] -= 1
        run[LAST] = missed
        run[COVERED].append(missed)
    _forget_oldest_covered(run)


def _forget_oldest_covered(run: Run) -> None:
    """Count the oldest covered periods of a run instead of listing them, where there are too many."""
    excess = len(run[COVERED]) - COVERED_MAX
    if excess > 0:
        del run[COVERED][:excess]
        run[MORE] += excess


def is_paused(record: Record, period: int) -> bool:
    """Whether a pause covers a period."""
    return is_span_paused(record, period, period)


def is_span_paused(record: Record, first: int, last: int) -> bool:
    """Whether pauses cover all these periods: pauses that touch are one."""
    return any(start <= first and last <= end for start, end in record.get("pauses", ()))


def mark_active(player: Player, streak: CompiledStreak, period: int) -> bool:
    """Mark a period as active; returns whether it was not before. A late period heals the runs around it."""
    record = record_for(player, streak)
    runs: list[Run] = record["runs"]
    if runs and _ends_active_in(runs[-1], period):
        return False
    pass_time(record, period)
    if not runs or period > runs[-1][LAST]:
        _extend(player, record, streak, period)
        return True
    return _heal(player, record, streak, period)


def _ends_active_in(run: Run, period: int) -> bool:
    """Whether a period is the last one of a run and active: true for nearly every event after the first of a day."""
    covered = run[COVERED]
    return bool(run[LAST] == period and (not covered or covered[-1] != period))


def _extend(player: Player, record: Record, streak: CompiledStreak, period: int) -> None:
    runs: list[Run] = record["runs"]
    if runs and runs[-1][LAST] == period - 1:
        runs[-1][LAST] = period
    else:
        runs.append([period, period, [], 0])
        _join(record)
        _spill_oldest(player, record, streak.key)
    _cover_paused_end(record)
    newest_length = length(runs[-1])
    _earn_freezes(record, streak, newest_length - 1, newest_length)
    record["longest"] = max(record["longest"], newest_length)


def _heal(player: Player, record: Record, streak: CompiledStreak, period: int) -> bool:
    """A late period: a freeze that was not needed comes back, neighbouring runs join; nothing ever gets smaller."""
    _recall(player, record, streak.key, period)
    runs: list[Run] = record["runs"]
    length_before = length(runs[-1])
    around = next((run for run in runs if run[FIRST] <= period <= run[LAST]), None)
    if around is None:
        runs.append([period, period, [], 0])
        runs.sort(key=_first)
        _join(record)
    elif period in around[COVERED]:
        around[COVERED].remove(period)
        if not is_paused(record, period):
            add_freezes(record, streak, 1)
    else:  # active already
        _spill_oldest(player, record, streak.key)
        return False
    _earn_freezes(record, streak, length_before, length(runs[-1]))
    record["longest"] = max(record["longest"], *(length(run) for run in runs))
    _spill_oldest(player, record, streak.key)
    return True


def _first(run: Run) -> int:
    return int(run[FIRST])


def _join(record: Record) -> None:
    """Join runs between which no period was missed, but for paused ones."""
    runs: list[Run] = record["runs"]
    index = 1
    while index < len(runs):
        left, right = runs[index - 1], runs[index]
        first, last = left[LAST] + 1, right[FIRST] - 1
        if first <= last and not is_span_paused(record, first, last):
            index += 1
            continue
        left[LAST] = max(left[LAST], right[LAST])
        left[COVERED] = sorted({*left[COVERED], *range(first, last + 1), *right[COVERED]})
        left[MORE] += right[MORE]
        _forget_oldest_covered(left)
        del runs[index]


def _cover_paused_end(record: Record) -> None:
    """Let the newest run go on over paused periods that are over already."""
    run = record["runs"][-1]
    newest_over = int(record.get("done", run[LAST]))
    while run[LAST] < newest_over and is_paused(record, run[LAST] + 1):
        run[LAST] += 1
        run[COVERED].append(run[LAST])
    _forget_oldest_covered(run)


def _earn_freezes(record: Record, streak: CompiledStreak, length_before: int, length_after: int) -> None:
    """One freeze for each full `earn_every` active periods that the newest run gained."""
    if streak.earn_every:
        add_freezes(record, streak, length_after // streak.earn_every - length_before // streak.earn_every)


def add_freezes(record: Record, streak: CompiledStreak, count: int) -> None:
    """Add freezes up to the maximum; a player who has more already keeps them."""
    record["freezes"] = max(record["freezes"], min(streak.max_freezes, record["freezes"] + max(0, count)))


def _spill_oldest(player: Player, record: Record, key: str) -> None:
    runs: list[Run] = record["runs"]
    while len(runs) > RUNS_MAX:
        first, *rest = runs.pop(0)
        player.memory.put(f"s:{key}", first, rest)
        record["spilled"] = max(first, record.get("spilled", first))


def needs_older(record: Record | None, period: int) -> bool:
    """Whether runs that left the state are needed to mark this period."""
    return bool(record and "spilled" in record and period < record["runs"][0][FIRST])


def may_need_older(record: Record | None, period: int, entries: int) -> bool:
    """Whether runs that left the state may be needed for this period while so many entries are folded in a row.

    Those before it in the batch may move further runs out of the state, which it then needs together with all others.
    """
    if not record or "spilled" not in record:
        return False
    return bool(period < record["runs"][-1][FIRST]) or entries >= RUNS_MAX


def _recall(player: Player, record: Record, key: str, period: int) -> None:
    """Take the runs that left the state back into it; `_spill_oldest` moves out again what is too much."""
    if not needs_older(record, period):
        return
    series = f"s:{key}"
    older = [
        [first, rest[0], list(rest[1]), rest[2]]
        for (name, first), rest in player.memory.past.items()
        if name == series and rest is not None
    ]
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
    newest = record["runs"][-1]
    # Time passes on a copy: reading must not change what the fold will see.
    run = [newest[FIRST], newest[LAST], list(newest[COVERED]), newest[MORE]]
    preview: Record = {**record, "runs": [run]}
    pass_time(preview, period)
    if run[LAST] < period - 1:
        return 0, preview["freezes"], False
    is_at_risk = run[LAST] == period - 1 and not is_paused(record, period)
    return length(run), preview["freezes"], is_at_risk


def summary(record: Record) -> dict[str, int]:
    """A streak as an outcome reports it."""
    return {"current": current_length(record), "longest": record["longest"], "freezes": record["freezes"]}


def next_period_at_risk(record: Record) -> int | None:
    """The next period that will use a freeze once it is over without activity; None if none will.

    Paused periods before it are skipped: they are covered together with it.
    """
    runs: list[Run] = record["runs"]
    if not runs or record["freezes"] <= 0:
        return None
    last = int(runs[-1][LAST])
    if last < record.get("done", last):  # broken already
        return None
    missed = last + 1
    for first_paused, last_paused in sorted(record.get("pauses", ())):
        if first_paused <= missed <= last_paused:
            missed = last_paused + 1
    return missed


def add_pause(record: Record, first: int, last: int) -> None:
    """Let periods be covered without freezes, both bounds included; of too many pauses the oldest are dropped."""
    record["pauses"] = _with_pause(record, first, last)[-PAUSES_MAX:]


def _with_pause(record: Record, first: int, last: int) -> list[list[int]]:
    """The pauses and one more, in order; those that overlap or touch become one."""
    merged: list[list[int]] = []
    for start, end in sorted([*record.get("pauses", ()), [first, last]]):
        if merged and start <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def pause(player: Player, record: Record, streak: CompiledStreak, span: tuple[int, int], period: int) -> bool:
    """Pause the periods of `span`, both bounds included, also those that are over by now, in `period`.

    Then it is as if the pause had been known: freezes that were used for these periods come back, and runs that they
    had parted join. Returns False, and changes nothing, if more than `PAUSES_MAX` pauses would lie ahead.
    """
    pauses = _with_pause(record, *span)
    if sum(last >= period for _, last in pauses) > PAUSES_MAX:
        return False
    _recall(player, record, streak.key, span[0])
    runs: list[Run] = record["runs"]
    frozen = [at for run in runs for at in run[COVERED] if span[0] <= at <= span[1] and not is_paused(record, at)]
    record["pauses"] = pauses
    if runs:
        length_before = length(runs[-1])
        _join(record)
        _cover_paused_end(record)
        add_freezes(record, streak, len(frozen))
        _earn_freezes(record, streak, length_before, length(runs[-1]))
        record["longest"] = max(record["longest"], *(length(run) for run in runs))
        record["freezes"] -= _cover_missed_end(record, period, record["freezes"])
        _spill_oldest(player, record, streak.key)
    record["pauses"] = pauses[-PAUSES_MAX:]
    return True


def give_freezes(record: Record, streak: CompiledStreak, count: int, period: int) -> bool:
    """Give freezes by hand, and return whether that changes anything.

    If the newest run is broken and they are enough for all that was missed since, they are used for that first. Of the
    rest, no more than the maximum are kept.
    """
    before = record["freezes"]
    used = _cover_missed_end(record, period, before + count) if record["runs"] else 0
    rest = before + count - used
    record["freezes"] = rest if rest <= before else max(before, min(streak.max_freezes, rest))
    return bool(used) or record["freezes"] > before


def _cover_missed_end(record: Record, period: int, freezes: int) -> int:
    """Let the newest run reach up to a period if so many freezes cover what was missed; return how many it took."""
    run = record["runs"][-1]
    missed = 0
    for over in range(run[LAST] + 1, period):
        if not is_paused(record, over):
            missed += 1
        if missed > freezes:
            return 0
    if run[LAST] < period - 1:
        run[COVERED] += range(run[LAST] + 1, period)
        run[LAST] = period - 1
        record["done"] = max(period - 1, record.get("done", period - 1))
        _forget_oldest_covered(run)
    return missed


def newest_break(record: Record, period: int) -> tuple[int, int] | None:
    """The periods, both included, whose absence has broken the streak last: before `period`, or before the newest run.

    None if nothing is missing.
    """
    runs: list[Run] = record["runs"]
    if runs and runs[-1][LAST] < period - 1:
        return runs[-1][LAST] + 1, period - 1
    return (runs[-2][LAST] + 1, runs[-1][FIRST] - 1) if len(runs) > 1 else None


def restore(player: Player, record: Record, streak: CompiledStreak, period: int) -> bool:
    """Excuse the newest break, as a pause of its periods would; returns False if there is none."""
    if len(record["runs"]) == 1:
        _recall(player, record, streak.key, record["runs"][0][FIRST] - 1)
    gap = newest_break(record, period)
    return gap is not None and pause(player, record, streak, gap, period)


def newest_active(run: Run) -> int:
    """The newest active period of a run."""
    covered = set(run[COVERED])
    newest_first = range(run[LAST], run[FIRST] - 1, -1)
    return next((period for period in newest_first if period not in covered), int(run[FIRST]))
