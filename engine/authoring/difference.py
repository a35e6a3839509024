"""What changed between two versions of a rule: row by row, field by field, and word by word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from engine.authoring.forms.formula import lift_formula
from engine.authoring.rule_sentence import row_text
from engine.authoring.tree.conditions import DraftCondition, draft_conditions, without_trees
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree, parent_of, walk
from engine.documents.fields import Field, all_fields, get
from engine.kinds import KINDS
from engine.language.words.clauses import Clauses
from engine.language.words.conditions import Conditions
from engine.language.words.wording import Words, listing, plain
from engine.vocabulary.fact import Catalogue

Version = tuple[Mapping[str, Any], Tree]
"""A document without its condition, and the condition as a tree."""
_MODES = {"all": "all of these", "any": "any of these", "none": "none of these"}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a diff. `sign` is "+" (added), "-" (removed), "~" (changed), "∅" (muted or not), " " (as it was).

    `number` is that of the row, or the label of the field; of an added or changed row as it stands now.
    """

    sign: str
    number: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WordRun:
    """A run of words that stayed ("same"), went ("del") or came ("ins")."""

    kind: str
    text: str


def difference(before: Version | None, after: Version, catalogue: Catalogue) -> list[Change]:
    """Every row of both versions in the order of the page, then the fields that changed; all added without `before`."""
    old = before or ({"kind": after[0].get("kind")}, ConditionGroup())
    rows = [change for pair in _pairs(old, after, catalogue) for change in _rows(*pair)]
    return [*rows, *_fields(without_trees(old[0]), without_trees(after[0]), catalogue)]


def _pairs(before: Version, after: Version, catalogue: Catalogue) -> Iterator[tuple[DraftCondition, DraftCondition]]:
    """Each condition before and after; one that stood or stands nowhere asks nothing."""
    sides = [{part.at: part for part in draft_conditions(*each, catalogue)} for each in (before, after)]
    for at in dict.fromkeys([*sides[1], *sides[0]]):
        part = sides[1].get(at) or sides[0][at]
        nothing = replace(part, tree=replace(part.tree, rows=()))
        yield sides[0].get(at, nothing), sides[1].get(at, nothing)


def word_difference(before: str, after: str) -> list[WordRun]:
    """The two sentences as one, with what went and what came."""
    old, new = before.split(" "), after.split(" ")
    found: list[WordRun] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(WordRun("same", " ".join(old[i:j])))
            continue
        found += [WordRun(kind, " ".join(part)) for kind, part in (("del", old[i:j]), ("ins", new[k:m])) if part]
    return found


def _rows(old_part: DraftCondition, new_part: DraftCondition) -> Iterator[Change]:
    """Rows by their ids: those of the new tree in its order, each removed one where it stood."""
    before, after = old_part.tree, new_part.tree
    texts = _Texts(old_part), _Texts(new_part)
    old = {node.id: node for node in walk(before)}
    new = {node.id for node in walk(after)}
    left = [node for node in walk(before) if node.id not in new]
    for node in walk(after):
        yield from _line(old.get(node.id), node, before, texts)
        gone = [each for each in left if _stood_after(before, each, node.id)]
        yield from (Change("-", texts[0].numbers[each.id], texts[0].of(each), "") for each in gone)
        left = [each for each in left if each not in gone]
    yield from (Change("-", texts[0].numbers[each.id], texts[0].of(each), "") for each in left)


def _line(old: Node | None, node: Node, before: Tree, texts: "tuple[_Texts, _Texts]") -> Iterator[Change]:
    number, text = texts[1].numbers[node.id], texts[1].of(node)
    if old is None:
        yield Change("+", number, "", text)
        return
    was, is_root = texts[0].of(old), node.id == texts[1].tree.id
    has_moved = not is_root and _home(before, node.id) != _home(texts[1].tree, node.id)
    if old.is_muted != node.is_muted:
        yield Change("∅", number, was, f"{text} (muted)" if node.is_muted else text)
    elif was != text or old.note != node.note or has_moved:
        yield Change("~", number, _noted(was, old), _noted(text, node) if not has_moved else f"{text} (moved)")
    elif not is_root or any(row.id == node.id for row in texts[1].tree.rows):
        yield Change(" ", number, was, text)


def _noted(text: str, node: Node) -> str:
    return f"{text} — {node.note}" if node.note else text


def _home(tree: Tree, node_id: str) -> str:
    parent = parent_of(tree, node_id)
    return parent.id if parent else ""


def _stood_after(before: Tree, gone: Node, node_id: str) -> bool:
    """Whether a removed row stood right behind this node, or first in it; behind other removed rows too."""
    order = [each.id for each in walk(before)]
    return node_id in order and order.index(gone.id) == order.index(node_id) + 1


class _Texts:
    """The rows of one tree in words."""

    def __init__(self, part: DraftCondition) -> None:
        self.tree, self.catalogue, self.numbers = part.tree, part.catalogue, part.numbers

    def of(self, node: Node) -> str:
        """One row, or what a group asks of its rows."""
        if isinstance(node, ConditionGroup):
            return _MODES.get(node.mode) or f"at least {node.count} of these"
        assert isinstance(node, ConditionRow | LogicBlock)
        return row_text(node, self.catalogue)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Change]:
    clauses = Clauses(Conditions(Words(catalogue)))
    for field in all_fields(KINDS[str(after["kind"])].form):
        old, new = (get(each, field.pointer) for each in (before, after))
        if old != new:
            sign = "+" if old is None else "-" if new is None else "~"
            yield Change(sign, field.label, shown_value(field, old, clauses), shown_value(field, new, clauses))


def shown_value(field: Field, value: Any, clauses: Clauses) -> str:
    """The value of a field as people read it; empty for none."""
    if value is None:
        return ""
    if field.widget == "amount":
        return clauses.amount(value) if lift_formula(value) is not None else "a formula of its own"
    if field.widget == "yes_no":
        return "yes" if value else "no"
    if isinstance(value, (list, Mapping)):
        return _many(field, value, clauses)
    chosen = next((text for known, text in field.choices if known == value), None)
    return chosen or (value if isinstance(value, str) else f"{plain(value)} {field.unit}".strip())


def _many(field: Field, values: Sequence[Any] | Mapping[str, Any], clauses: Clauses) -> str:
    if isinstance(values, list) and any(isinstance(each, Mapping) for each in values):
        return listing([_name(each) for each in values], "and")
    if isinstance(values, list):
        return listing([shown_value(field, each, clauses) for each in values], "and")
    return listing([str(each) for each in values], "and")


def _name(row: Any) -> str:
    return str(row.get("name") or row.get("to") or "…") if isinstance(row, Mapping) else str(row)
