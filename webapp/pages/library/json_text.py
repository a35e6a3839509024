"""JSON as somebody types it: read strictly, with the place in the text of every value, so that flaws can be shown."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.problem import Problem, pointer

NUMBER_MAX = 2**53
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
SPACE = re.compile(r"[ \t\r\n]*")
STRING_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"')
PLAIN_TOKEN = re.compile(r"[^\s,\]}]+")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class JsonFlaw:
    """Something wrong at a place of the text: `start` and `end` count UTF-16 units, as browsers do; lines from 1."""

    message: str
    pointer: str
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class JsonText:
    """What a text says, or why it says nothing; `places` maps JSON pointers to where their values stand."""

    source: str
    value: Any
    places: dict[str, Span]
    flaws: tuple[JsonFlaw, ...] = ()

    def marked(self, problems: Sequence[Problem]) -> list[JsonFlaw]:
        """The problems as flaws at their places; one whose place is not in the text stands at what would hold it."""
        return [_flaw(self.source, each.message, each.path, self._span(each.path)) for each in problems]

    def _span(self, path: str) -> Span:
        while path and path not in self.places:
            path = path.rpartition("/")[0]
        return self.places.get(path, (0, len(self.source)))


def parse_json(source: str, length_max: int = 1_000_000) -> JsonText:
    """Read a text; a name that stands twice, NaN, and what no rule can keep are flaws as much as bad JSON."""
    if len(source) > length_max:
        told = f"This is longer than {length_max:,} characters"
        return JsonText(source, None, {}, (_flaw(source, told, "", (0, 0)),))
    try:
        value = json.loads(source, object_pairs_hook=_once, parse_constant=_no_number)
        places = _places(source)
    except json.JSONDecodeError as error:
        span = (min(error.pos, max(0, len(source) - 1)), min(error.pos + 1, len(source)))
        return JsonText(source, None, {}, (_flaw(source, f"This is no JSON: {_plain(error.msg)}", "", span),))
    except (RecursionError, ValueError) as error:
        told = "It is nested too deeply" if isinstance(error, RecursionError) else str(error)
        return JsonText(source, None, {}, (_flaw(source, told, "", (0, len(source))),))
    text = JsonText(source, value, places)
    return JsonText(source, value, places, tuple(text.marked(_unkeepable(value, ""))))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number that a rule can hold")


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]


def _unkeepable(value: Any, at: str) -> list[Problem]:
    if isinstance(value, str):
        return [Problem(at, "This text has signs that cannot be kept")] if UNKEEPABLE.search(value) else []
    if isinstance(value, dict):
        names = [Problem(pointer(at, name), "This name has signs") for name in value if UNKEEPABLE.search(name)]
        return names + [flaw for name, each in value.items() for flaw in _unkeepable(each, pointer(at, name))]
    if isinstance(value, list):
        return [flaw for index, each in enumerate(value) for flaw in _unkeepable(each, pointer(at, index))]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and (not math.isfinite(value) or abs(value) > NUMBER_MAX):
        return [Problem(at, "This number is too large to be exact")]
    return []


def _flaw(source: str, message: str, path: str, span: Span) -> JsonFlaw:
    start, end = (len(source[:at].encode("utf-16-le", "surrogatepass")) // 2 for at in span)
    return JsonFlaw(message, path, start, end, source.count("\n", 0, span[0]) + 1)


def _places(source: str) -> dict[str, Span]:
    """Pointer → where the value stands in a text that is JSON."""
    found: dict[str, Span] = {}
    _place(source, _skip(source, 0), "", found)
    return found


def _skip(source: str, at: int) -> int:
    match = SPACE.match(source, at)
    assert match is not None
    return match.end()


def _place(source: str, at: int, path: str, found: dict[str, Span]) -> int:
    """Note the value that begins here and all in it; gives where it ends."""
    if source[at] in "{[":
        end = _inside(source, at, path, found)
    else:
        match = (STRING_TOKEN if source[at] == '"' else PLAIN_TOKEN).match(source, at)
        assert match is not None
        end = match.end()
    found[path] = (at, end)
    return end


def _inside(source: str, at: int, path: str, found: dict[str, Span]) -> int:
    """Note the members of an object or a list, after its opening sign."""
    names, index, at = source[at] == "{", 0, _skip(source, at + 1)
    while source[at] not in "]}":
        step: str | int = index
        if names:
            match = STRING_TOKEN.match(source, at)
            assert match is not None
            step = json.loads(match[0])
            at = _skip(source, _skip(source, match.end()) + 1)
        at = _skip(source, _place(source, at, pointer(path, step), found))
        at, index = _skip(source, at + 1) if source[at] == "," else at, index + 1
    return at + 1
