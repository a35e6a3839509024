"""Seeding: the values that a metric, streak or board would have, had its document stood from the first event.

`laurel.seeded` carries what folding the player's history through the documents came to, up to its own `n`:
`{"versions": {key: version}, "state": {total, days, weeks, months, streaks, boards}, "keys": [[set, hex], …],
"past": [[series, bucket, value]]}`. It replaces whatever the player has under these keys, so folding on from there is
the same as having folded everything. A key whose document is of another version by then is left alone.
"""

from collections.abc import Iterable
from typing import Any

from engine.scoring import metrics
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.board import CompiledLeaderboard
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledStreak
from engine.scoring.state import generations, scores
from engine.scoring.state.memory import Memory, Player, belongs_to_key
from engine.scoring.state.series import FIRST, SPILLED, VALUES, new_days, put_day
from engine.vocabulary.outcome import BoardChange

Content = dict[str, Any]
Seeded = CompiledMetric | CompiledStreak | CompiledLeaderboard
_AS_THEY_ARE = ("total", "weeks", "months", "streaks")
_PARTS = (*_AS_THEY_ARE, "days", "boards")


def seeded_content(player: Player, versions: dict[str, int]) -> Content:
    """What a seeded entry has to carry for these documents, from a player folded through them."""
    state = {part: _of(player.state.get(part, {}), versions) for part in _PARTS}
    state = {part: values for part, values in state.items() if values}
    memory = player.memory
    members = sorted([name, member.hex()] for name, member in memory.keys if _is_among(name, versions))
    past = [[*place, value] for place, value in sorted(memory.past.items(), key=_place) if value is not None]
    mine = [each for each in past if _is_among(each[0], versions)]
    return {"versions": versions, "state": state, "keys": members, "past": mine}


def _is_among(name: str, keys: Iterable[str]) -> bool:
    return any(belongs_to_key(name, key) for key in keys)


def _place(kept: tuple[tuple[str, int], Any]) -> tuple[str, int]:
    return kept[0]


def has_values(state: dict[str, Any], keys: Iterable[str]) -> bool:
    """Whether a state holds values of any of these metrics, streaks and boards."""
    return any(key in state.get(part, ()) for key in keys for part in generations.STATE_SECTIONS)


def _of(values: dict[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in wanted if key in values}


def apply_seeded(context: EvaluationContext, content: Content) -> None:
    """Put seeded values in the place of what the player has under their keys."""
    seeded = Player(0, content.get("state") or {}, _memory(content))
    for key, version in sorted((content.get("versions") or {}).items()):
        found = _document(context, key)
        if found is None or found.version != version:
            continue
        _clear(context.player, key)
        _take(context.player, found, seeded)
        generations.record_generation(context.state, found)
        if isinstance(found, CompiledLeaderboard):
            _tell(context, found)


def _document(context: EvaluationContext, key: str) -> Seeded | None:
    book = context.book
    return book.metrics.get(key) or book.streaks.get(key) or book.boards.get(key)


def _memory(content: Content) -> Memory:
    keys = {(name, bytes.fromhex(member)) for name, member in content.get("keys") or ()}
    return Memory(keys, {(series, bucket): value for series, bucket, value in content.get("past") or ()})


def _clear(player: Player, key: str) -> None:
    for part in generations.STATE_SECTIONS:
        values = player.state.get(part)
        if values is not None and values.pop(key, None) is not None and not values:
            del player.state[part]
    player.memory.forget(key)


def _take(player: Player, found: Seeded, seeded: Player) -> None:
    key = found.key
    for part in _AS_THEY_ARE:
        if key in seeded.state.get(part, {}):
            player.state.setdefault(part, {})[key] = seeded.state[part][key]
    _take_memory(player, key, seeded.memory)
    if isinstance(found, CompiledMetric) and key in seeded.state.get("days", {}):
        _take_days(player, found, seeded)
    if isinstance(found, CompiledLeaderboard):
        for period, (score, reached) in sorted(_runs(seeded, found).items()):
            scores.put(player, found, period, score, reached)


def _take_memory(player: Player, key: str, memory: Memory) -> None:
    for name, member in sorted(each for each in memory.keys if belongs_to_key(each[0], key)):
        player.memory.add(name, member)
    for (series, bucket), value in memory.past.items():
        if belongs_to_key(series, key) and not series.startswith(("m:", "b:")):
            player.memory.put(series, bucket, value)


def _take_days(player: Player, metric: CompiledMetric, seeded: Player) -> None:
    """Put each day in its place, oldest first: as many stay in the state as the player's own rulebook keeps."""
    source, days = seeded.state["days"][metric.key], new_days()
    past = {day: value for (name, day), value in seeded.memory.past.items() if name == metric.retention.series}
    kept = {source[FIRST] + at: value for at, value in enumerate(source[VALUES]) if value != metric.retention.empty}
    for day, value in sorted({**past, **kept}.items()):
        put_day(days, day, value, metric.retention, player.memory)
    player.state.setdefault("days", {})[metric.key] = days
    assert days[SPILLED] is None or days[SPILLED] <= days[0], "what was moved out lies at or before the edge"


def _runs(player: Player, found: Seeded) -> dict[int, list[Any]]:
    """The scores of a board by the ordinal of the run, as far as they are at hand; nothing for all else."""
    if not isinstance(found, CompiledLeaderboard):
        return {}
    series = found.retention.series
    past = {run: value for (name, run), value in player.memory.past.items() if name == series and value is not None}
    return {**past, **{int(run): value for run, value in player.state.get("boards", {}).get(found.key, {}).items()}}


def _tell(context: EvaluationContext, board: CompiledLeaderboard) -> None:
    """Every score as it now is. Runs in which there is none any more are left to whoever rebuilds what people read."""
    segment = context.state.get("seg", {}).get(board.key)
    for period, (score, reached) in sorted(_runs(context.player, board).items()):
        shown = metrics.as_fact(context.book.metrics[board.metric].aggregate, score) if board.metric else score
        change = BoardChange(board.key, board.run(period).id, segment, segment, shown, reached)
        context.outcome.boards.append(change)
