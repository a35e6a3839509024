"""Seeding: the values that a metric, streak or board would have if its document had existed from the first event.

`laurel.seeded` carries what folding the player's history through the documents produced, up to its own `n`:
`{"versions": {key: version}, "state": {total, days, weeks, months, streaks, boards}, "keys": [[set, hex], …],
"past": [[series, bucket, value]]}`. It replaces whatever the player has under these keys, so that folding on from
there is the same as having folded everything. A key whose document is of another version by then is left alone.
"""

from collections.abc import Iterable
from typing import Any

from engine.scoring import metrics
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledStreak
from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from engine.scoring.state import generations, scores
from engine.scoring.state.memory import Memory, Player, belongs_to_key
from engine.scoring.state.series import FIRST, SPILLED, VALUES, new_days, put_day
from engine.vocabulary.outcome import BoardChange

Content = dict[str, Any]
SeedableRule = CompiledMetric | CompiledStreak | CompiledLeaderboard
_COPIED_SECTIONS = ("total", "weeks", "months", "streaks")
_SEEDED_SECTIONS = (*_COPIED_SECTIONS, "days", "boards")


def seeded_content(player: Player, versions: dict[str, int]) -> Content:
    """What a seeded entry has to carry for these documents, taken from a player folded through them."""
    sections = {name: _selected(player.state.get(name, {}), versions) for name in _SEEDED_SECTIONS}
    memory = player.memory
    members = sorted([name, member.hex()] for name, member in memory.keys if _belongs_to_any(name, versions))
    past = [
        [series, bucket, value]
        for (series, bucket), value in sorted(memory.past.items(), key=_address)
        if value is not None and _belongs_to_any(series, versions)
    ]
    state = {name: values for name, values in sections.items() if values}
    return {"versions": versions, "state": state, "keys": members, "past": past}


def _belongs_to_any(name: str, keys: Iterable[str]) -> bool:
    return any(belongs_to_key(name, key) for key in keys)


def _address(bucket: tuple[tuple[str, int], Any]) -> tuple[str, int]:
    return bucket[0]


def has_values(state: dict[str, Any], keys: Iterable[str]) -> bool:
    """Whether a state holds values of any of these metrics, streaks and boards."""
    return any(key in state.get(section, ()) for key in keys for section in generations.STATE_SECTIONS)


def _selected(values: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in keys if key in values}


def apply_seeded(context: EvaluationContext, content: Content) -> None:
    """Replace what the player has under the seeded keys with the seeded values."""
    seeded = Player(0, content.get("state") or {}, _memory(content))
    for key, version in sorted((content.get("versions") or {}).items()):
        rule = _rule(context, key)
        if rule is None or rule.version != version:
            continue
        _clear(context.player, key)
        _copy_values(context.player, rule, seeded)
        generations.record_generation(context.state, rule)
        if isinstance(rule, CompiledLeaderboard):
            _report_scores(context, rule)


def _rule(context: EvaluationContext, key: str) -> SeedableRule | None:
    book = context.book
    return book.metrics.get(key) or book.streaks.get(key) or book.boards.get(key)


def _memory(content: Content) -> Memory:
    keys = {(name, bytes.fromhex(member)) for name, member in content.get("keys") or ()}
    past = {(series, bucket): value for series, bucket, value in content.get("past") or ()}
    return Memory(keys, past)


def _clear(player: Player, key: str) -> None:
    for section in generations.STATE_SECTIONS:
        values = player.state.get(section)
        if values is not None and values.pop(key, None) is not None and not values:
            del player.state[section]
    player.memory.forget(key)


def _copy_values(player: Player, rule: SeedableRule, seeded: Player) -> None:
    key = rule.key
    for section in _COPIED_SECTIONS:
        if key in seeded.state.get(section, {}):
            player.state.setdefault(section, {})[key] = seeded.state[section][key]
    _copy_memory(player, key, seeded.memory)
    if isinstance(rule, CompiledMetric) and key in seeded.state.get("days", {}):
        _put_days(player, rule, seeded)
    if isinstance(rule, CompiledLeaderboard):
        for period, (score, reached) in sorted(_scores_by_run(seeded, rule).items()):
            scores.put(player, rule, period, score, reached)


def _copy_memory(player: Player, key: str, memory: Memory) -> None:
    for name, member in sorted(member for member in memory.keys if belongs_to_key(member[0], key)):
        player.memory.add(name, member)
    for (series, bucket), value in memory.past.items():
        # Days and scores are put one by one instead, since the player's rulebook may keep fewer of them in the state.
        if belongs_to_key(series, key) and not series.startswith(("m:", "b:")):
            player.memory.put(series, bucket, value)


def _put_days(player: Player, metric: CompiledMetric, seeded: Player) -> None:
    """Put each day in its place, oldest first: as many stay in the state as the player's own rulebook keeps."""
    source, days = seeded.state["days"][metric.key], new_days()
    series, empty = metric.retention.series, metric.retention.empty
    values = {day: value for (name, day), value in seeded.memory.past.items() if name == series}
    values |= {day: value for day, value in enumerate(source[VALUES], start=source[FIRST]) if value != empty}
    for day, value in sorted(values.items()):
        put_day(days, day, value, metric.retention, player.memory)
    player.state.setdefault("days", {})[metric.key] = days
    assert days[SPILLED] is None or days[SPILLED] <= days[0], "what was moved out lies at or before the edge"


def _scores_by_run(player: Player, board: CompiledLeaderboard) -> dict[int, list[Any]]:
    """The scores of a board by the ordinal of the run, from the memory and the state."""
    series = board.retention.series
    scores_by_run = {
        run: value for (name, run), value in player.memory.past.items() if name == series and value is not None
    }
    for run, value in player.state.get("boards", {}).get(board.key, {}).items():
        scores_by_run[int(run)] = value
    return scores_by_run


def _report_scores(context: EvaluationContext, board: CompiledLeaderboard) -> None:
    """Report every score as it is now. Runs that lost their score disappear when the projections are rebuilt."""
    segment = context.state.get("seg", {}).get(board.key)
    aggregate = context.book.metrics[board.metric].aggregate if board.metric else None
    for period, (score, reached) in sorted(_scores_by_run(context.player, board).items()):
        shown_score = metrics.as_fact(aggregate, score) if aggregate else score
        change = BoardChange(board.key, board.run(period).id, segment, segment, shown_score, reached)
        context.outcome.boards.append(change)
