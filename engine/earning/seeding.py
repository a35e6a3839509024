"""Seeding: the values that a new metric, streak or board would have had, put into a player's state.

`laurel.seeded` carries what folding the player's history through the new documents came to:
`{"state": {total, days, weeks, months, streaks, boards}, "keys": [[set, hex], …], "past": [[series, bucket, value]]}`.
Putting it in first and folding on is the same as having folded everything; where entries were counted meanwhile, both
are put together.
"""

from collections.abc import Iterable
from typing import Any

from engine.earning import metrics, scores, streaks
from engine.earning.board import Board
from engine.earning.memory import Memory, Player
from engine.earning.ruled import Metric
from engine.earning.scene import Scene
from engine.earning.series import FIRST, VALUES
from engine.vocabulary.outcome import BoardChange

Content = dict[str, Any]
_PARTS = ("total", "days", "weeks", "months", "streaks", "boards")
_PREFIXES = ("m:", "s:", "b:", "t:", "d:", "w:", "n:")


def extract(player: Player, keys: Iterable[str]) -> Content | None:
    """What a seeded entry has to carry for these documents, from a player folded through them; None for nothing."""
    wanted = set(keys)
    state = {part: _of(player.state.get(part, {}), wanted) for part in _PARTS}
    state = {part: values for part, values in state.items() if values}
    memory = player.memory
    members = sorted([name, member.hex()] for name, member in memory.keys if _belongs(name, wanted))
    past = sorted([*place, value] for place, value in memory.past.items() if _belongs(place[0], wanted))
    return {"state": state, "keys": members, "past": past} if state else None


def _of(values: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key in wanted}


def _belongs(name: str, wanted: set[str]) -> bool:
    return name.startswith(_PREFIXES) and name.split(":")[1] in wanted


def merge(scene: Scene, content: Content) -> None:
    """Put seeded values into the player's state. For a player who has none of them yet they are simply taken over."""
    seeded = Player(0, content.get("state") or {}, _memory(content))
    _take_memory(scene, content, seeded)
    for key in seeded.state.get("total", {}):
        metric = scene.book.metrics.get(key)
        if metric is not None:
            _merge_metric(scene.player, metric, seeded)
    for key, record in seeded.state.get("streaks", {}).items():
        known = scene.state.setdefault("streaks", {})
        streak = scene.book.streaks.get(key)
        if streak is not None:
            known[key] = streaks.merge(record, known[key], streak.most) if key in known else record
    for key in seeded.state.get("boards", {}):
        board = scene.book.boards.get(key)
        if board is not None:
            _merge_board(scene, board, seeded)


def _memory(content: Content) -> Memory:
    keys = {(name, bytes.fromhex(member)) for name, member in content.get("keys") or ()}
    return Memory(keys, {(series, bucket): value for series, bucket, value in content.get("past") or ()})


def _take_memory(scene: Scene, content: Content, seeded: Player) -> None:
    """Take over sets and buckets of what the player does not have yet; the rest is put together value by value."""
    own = {*scene.state.get("total", {}), *scene.state.get("boards", {})}
    memory = scene.player.memory
    for name, member in sorted(seeded.memory.keys):
        if name.split(":")[1] not in own:
            memory.add(name, member)
    for series, bucket, value in content.get("past") or ():
        if series.split(":")[1] not in own:
            memory.put(series, bucket, value)


def _merge_metric(player: Player, metric: Metric, seeded: Player) -> None:
    key, state = metric.key, player.state
    if key not in state.get("total", {}):
        for part in ("total", "days", "weeks", "months"):
            if key in seeded.state.get(part, {}):
                state.setdefault(part, {})[key] = seeded.state[part][key]
    elif metric.aggregate == "distinct":
        prefix = f"d:{key}:"
        for name, member in sorted(each for each in seeded.memory.keys if each[0].startswith(prefix)):
            metrics.update(player, metric, member, metrics.day_of_set(name))
    else:
        totals = state["total"]
        totals[key] = metrics.combine(metric.aggregate, seeded.state["total"][key], totals[key])
        for day, value in seeded_days(seeded, metric.keeping.series, key):
            metrics.update_day(player, metric, value, day)


def seeded_days(seeded: Player, series: str, key: str) -> list[tuple[int, Any]]:
    """Every day of a metric with its value, oldest first."""
    days = seeded.state["days"][key]
    past = [(day, value) for (name, day), value in seeded.memory.past.items() if name == series]
    return sorted([*past, *((days[FIRST] + at, value) for at, value in enumerate(days[VALUES]) if value is not None)])


def _merge_board(scene: Scene, board: Board, seeded: Player) -> None:
    past = {run: value for (name, run), value in seeded.memory.past.items() if name == board.keeping.series}
    now = {int(run): value for run, value in seeded.state["boards"][board.key].items()}
    for period, value in sorted({**past, **now}.items()):
        before = scores.read(scene.player, board, period)
        score, reached = value if before is None else _both(scene, board, value, before)
        scores.put(scene.player, board, period, score, reached)
        _tell(scene, board, period, [score, reached])


def _both(scene: Scene, board: Board, older: list[Any], newer: list[Any]) -> list[Any]:
    if board.metric is None:
        return [older[0] + newer[0], newer[1]]
    metric = scene.book.metrics[board.metric]
    score = metrics.combine(metric.aggregate, older[0], newer[0])
    return [score, older[1] if score == older[0] else newer[1]]


def _tell(scene: Scene, board: Board, period: int, score: list[Any]) -> None:
    segment = scene.state.get("seg", {}).get(board.key)
    shown = metrics.shown(scene.book.metrics[board.metric].aggregate, score[0]) if board.metric else score[0]
    change = BoardChange(board.key, board.run(period).id, segment, segment, shown, score[1])
    scene.outcome.boards.append(change)
