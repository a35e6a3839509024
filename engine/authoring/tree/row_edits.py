"""Edits of one node: its fact, operator and value, its mode, its note, and whether it takes part."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.authoring.forms.row_options import (
    DAYS_MAX,
    days_of,
    operator_words,
    operators_for,
    takes_other_fact,
    widget,
    with_days,
)
from engine.authoring.forms.typed_values import one_value, other_fact_value, parse_value
from engine.authoring.tree.comparisons import COMPARISONS, Takes, other_fact
from engine.authoring.tree.edit_result import (
    EditRefused,
    EditResult,
    capitalised,
    group_of,
    node_label,
    node_of,
    position,
    row_of,
)
from engine.authoring.tree.nodes import MODES, NOTE_LENGTH_MAX, ConditionGroup, ConditionRow, Node, Tree, replaced
from engine.vocabulary.fact import PATH_LENGTH_MAX, Catalogue, Fact
from engine.vocabulary.known_facts import lower_first_word

_MODE_WORDS = {"all": "all of these", "any": "any of these", "none": "none of these", "at_least": "at least some"}


def mute(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, to mute or unmute; the root cannot be muted."""
    node = node_of(tree, operation)
    if node.id == tree.id:
        raise EditRefused("Mute single conditions or groups, not all of them")
    edited = _with(tree, replace(node, is_muted=not node.is_muted))
    label = f"{'Unmuted' if node.is_muted else 'Muted'} {node_label(tree, node)}"
    return EditResult(edited, label, f"{node.id}-menu", None, label)


def note(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, and `text`, what colleagues should know about it; empty for none."""
    node, text = node_of(tree, operation), str(operation.get("text") or "").strip()
    if len(text) > NOTE_LENGTH_MAX:
        raise EditRefused(f"A note has at most {NOTE_LENGTH_MAX} characters")
    label = f"{'Changed' if text else 'Removed'} the note of {node_label(tree, node)}"
    return EditResult(_with(tree, replace(node, note=text)), label, f"{node.id}-note", f"{node.id}-note")


def set_mode(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `group`, `mode`, and `count` for "at_least" (without it the count stays, or becomes 2)."""
    group, mode = group_of(tree, operation.get("group") or operation.get("id")), str(operation.get("mode"))
    if mode not in MODES:
        raise EditRefused("Choose all, any, none or at least some")
    count = group.count
    if mode == "at_least":
        if operation.get("count") not in (None, ""):
            count = position(operation, "count", 100)
        else:
            count = count or min(2, max(1, len(group.rows)))
    words = f"at least {count} of these" if mode == "at_least" else _MODE_WORDS[mode]
    edited = _with(tree, replace(group, mode=mode, count=count if mode == "at_least" else None))
    is_counted = mode == "at_least" and group.mode == mode
    control = "count" if is_counted else "mode"
    label = capitalised(f"{node_label(tree, group)}: {words}")
    return EditResult(edited, label, f"{group.id}-{control}", f"{group.id}-count" if is_counted else None, label)


def set_fact(tree: Tree, operation: Mapping[str, Any], catalogue: Catalogue) -> EditResult:
    """Members: `id`, `fact`. The operator and the value stay if they still fit the type of the new fact."""
    row, path = row_of(tree, operation), str(operation.get("fact") or "")
    fact = catalogue.fact(path)
    if path and fact is None:
        raise EditRefused(f"There is no fact {path[:PATH_LENGTH_MAX]!r}")
    operator, value = None, None
    if path:
        offered = [comparison.key for comparison in operators_for(fact)]
        operator = row.operator if row.operator in offered else offered[0]
        value = _value_for_fact(row, fact, operator, catalogue)
    edited = _with(tree, replace(row, fact=path or None, operator=operator, value=value))
    label = (
        f"Set {node_label(tree, row)} to {lower_first_word(fact.label)}" if fact else f"Cleared {node_label(tree, row)}"
    )
    return EditResult(edited, label, f"{row.id}-fact", None, label)


def set_days(tree: Tree, operation: Mapping[str, Any], catalogue: Catalogue) -> EditResult:
    """Members: `id`, and `days`, the N of "in the last N days"."""
    row, days = row_of(tree, operation), position(operation, "days", 1000)
    if days_of(row.fact) is None or not 1 <= days <= DAYS_MAX:
        raise EditRefused(f"Choose 1 to {DAYS_MAX} days")
    path = with_days(str(row.fact), days)
    label = f"{node_label(tree, row)} counts {days} days"
    if catalogue.fact(path) is None:
        raise EditRefused(f"There is no fact {path!r}")
    return EditResult(_with(tree, replace(row, fact=path)), capitalised(label), f"{row.id}-days", f"{row.id}-days")


def set_operator(tree: Tree, operation: Mapping[str, Any], catalogue: Catalogue) -> EditResult:
    """Members: `id`, `operator`. The value is carried over as far as it fits."""
    row, key = row_of(tree, operation), str(operation.get("operator"))
    fact = catalogue.fact(row.fact) if row.fact else None
    if key not in COMPARISONS or key not in [comparison.key for comparison in operators_for(fact, row.operator)]:
        raise EditRefused("This comparison is not offered for this fact")
    value = _value_for_operator(row.value, row.operator, key)
    edited = _with(tree, replace(row, operator=key, value=value))
    label = f"Set {node_label(tree, row)} to “{operator_words(fact, key)}”"
    return EditResult(edited, label, f"{row.id}-operator", None, label)


def set_source(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, and `source`: "fact" to compare with another fact, "value" to compare with a value."""
    row, to_fact = row_of(tree, operation), operation.get("source") == "fact"
    if to_fact and not takes_other_fact(row.operator):
        raise EditRefused("This comparison cannot use another fact")
    blank = other_fact_value("") if to_fact else None
    is_fact = other_fact(row.value) is not None
    value = row.value if is_fact == to_fact else blank
    label = f"Compare {node_label(tree, row)} with {'another fact' if to_fact else 'a value'}"
    return EditResult(_with(tree, replace(row, value=value)), label, f"{row.id}-value", None, label)


def set_value(tree: Tree, operation: Mapping[str, Any], catalogue: Catalogue) -> EditResult:
    """Members: `id`, and `text` or `texts` as typed; `index` for one of two fields; or `fact` for another fact."""
    row = row_of(tree, operation)
    fact = catalogue.fact(row.fact) if row.fact else None
    if "fact" in operation:
        value: Any = _other_fact_value(row, str(operation.get("fact") or ""), catalogue)
    elif operation.get("index") is not None:
        value = _one_of_two(row, fact, operation)
    else:
        texts = operation.get("texts")
        value = parse_value(fact, row.operator, texts if isinstance(texts, list) else str(operation.get("text") or ""))
    control = "value1" if str(operation.get("index")) == "1" else "value"
    label = f"Changed the value of {node_label(tree, row)}"
    return EditResult(_with(tree, replace(row, value=value)), label, f"{row.id}-{control}", f"{row.id}-{control}")


def _other_fact_value(row: ConditionRow, path: str, catalogue: Catalogue) -> dict[str, str]:
    if not takes_other_fact(row.operator):
        raise EditRefused("This comparison cannot use another fact")
    if path and catalogue.fact(path) is None:
        raise EditRefused(f"There is no fact {path[:PATH_LENGTH_MAX]!r}")
    return other_fact_value(path)


def _one_of_two(row: ConditionRow, fact: Fact | None, operation: Mapping[str, Any]) -> list[Any] | None:
    pair = list(row.value) if isinstance(row.value, list) and len(row.value) == 2 else [None, None]
    pair[position(operation, "index", 1)] = one_value(fact, str(operation.get("text") or ""))
    return None if pair == [None, None] else pair


def _value_for_fact(row: ConditionRow, fact: Fact | None, operator: str | None, catalogue: Catalogue) -> Any:
    """The old value, if it can be one for the new fact, too."""
    before = catalogue.fact(row.fact) if row.fact else None
    if before is None or fact is None or before.type is not fact.type or row.operator != operator:
        return None
    has_same_field = widget(fact, operator) == widget(before, operator)
    means_same = before.choices == fact.choices and before.unit == fact.unit
    return row.value if has_same_field and means_same else None


def _value_for_operator(value: Any, before: str | None, after: str) -> Any:
    """A value for the new operator: a single one becomes the first of several, of several the first remains."""
    old, new = COMPARISONS.get(before or ""), COMPARISONS[after]
    if old is None or new.takes is Takes.NOTHING or value is None:
        return None
    if old.takes is new.takes:
        return value
    if isinstance(value, list):
        if new.takes is Takes.ONE:
            return value[0]
        return [*value, None][:2] if new.takes is Takes.TWO else _without_gaps(value)
    if isinstance(value, dict):
        return None
    return [value, None] if new.takes is Takes.TWO else [value]


def _without_gaps(values: list[Any]) -> list[Any] | None:
    return [value for value in values if value is not None] or None


def _with(tree: Tree, node: Node) -> Tree:
    edited = replaced(tree, node.id, lambda _: (node,))
    assert isinstance(edited, ConditionGroup)
    return edited
