"""Strict JSON parsing that records where every value is in the text, so that flaws can be shown in place."""

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
    """A mistake at a place in the text: `start` and `end` count UTF-16 units, as browsers do; lines count from 1."""

    message: str
    pointer: str
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class JsonText:
    """The value of a text, or its flaws; `places` maps JSON pointers to where their values are in the text."""

    source: str
    value: Any
    places: dict[str, Span]
    flaws: tuple[JsonFlaw, ...] = ()

    def marked(self, problems: Sequence[Problem]) -> list[JsonFlaw]:
        """The problems as flaws at their places; one whose place is missing in the text appears at its parent."""
        return [_flaw(self.source, problem.message, problem.path, self._span(problem.path)) for problem in problems]

    def _span(self, path: str) -> Span:
        while path and path not in self.places:
            path = path.rpartition("/")[0]
        return self.places.get(path, (0, len(self.source)))


def parse_json(source: str, length_max: int = 1_000_000) -> JsonText:
    """Parse a text; duplicate keys, NaN, and values that cannot be stored are flaws, just like invalid JSON."""
    if len(source) > length_max:
        message = f"This is longer than {length_max:,} characters"
        return JsonText(source, None, {}, (_flaw(source, message, "", (0, 0)),))
    try:
        value = json.loads(source, object_pairs_hook=_unique_members, parse_constant=_refuse_constant)
        places = _places(source)
    except json.JSONDecodeError as error:
        span = (min(error.pos, max(0, len(source) - 1)), min(error.pos + 1, len(source)))
        return JsonText(source, None, {}, (_flaw(source, f"Invalid JSON: {_plain(error.msg)}", "", span),))
    except (RecursionError, ValueError) as error:
        message = "Nested too deeply" if isinstance(error, RecursionError) else str(error)
        return JsonText(source, None, {}, (_flaw(source, message, "", (0, len(source))),))
    text = JsonText(source, value, places)
    return JsonText(source, value, places, tuple(text.marked(_storage_problems(value, ""))))


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"Duplicate key: {twice!r}")
    return members


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a valid number")


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]


def _storage_problems(value: Any, at: str) -> list[Problem]:
    if isinstance(value, str):
        return [Problem(at, "This text contains characters that cannot be stored")] if UNKEEPABLE.search(value) else []
    if isinstance(value, dict):
        names = [
            Problem(pointer(at, name), "This name contains characters that cannot be stored")
            for name in value
            if UNKEEPABLE.search(name)
        ]
        return names + [flaw for name, member in value.items() for flaw in _storage_problems(member, pointer(at, name))]
    if isinstance(value, list):
        return [flaw for index, member in enumerate(value) for flaw in _storage_problems(member, pointer(at, index))]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and (not math.isfinite(value) or abs(value) > NUMBER_MAX):
        return [Problem(at, "This number is too large to be exact")]
    return []


def _flaw(source: str, message: str, path: str, span: Span) -> JsonFlaw:
    start, end = (len(source[:at].encode("utf-16-le", "surrogatepass")) // 2 for at in span)
    return JsonFlaw(message, path, start, end, source.count("\n", 0, span[0]) + 1)


def _places(source: str) -> dict[str, Span]:
    """Pointer → where the value is in the text, which must be valid JSON."""
    spans: dict[str, Span] = {}
    _note_value(source, _skip(source, 0), "", spans)
    return spans


def _skip(source: str, at: int) -> int:
    match = SPACE.match(source, at)
    assert match is not None
    return match.end()


def _note_value(source: str, at: int, path: str, spans: dict[str, Span]) -> int:
    """Record the span of the value that begins here, and of everything in it; returns where it ends."""
    if source[at] in "{[":
        end = _note_members(source, at, path, spans)
    else:
        match = (STRING_TOKEN if source[at] == '"' else PLAIN_TOKEN).match(source, at)
        assert match is not None
        end = match.end()
    spans[path] = (at, end)
    return end


def _note_members(source: str, at: int, path: str, spans: dict[str, Span]) -> int:
    """Record the members of the object or list that opens here; returns where it ends."""
    is_object, index, at = source[at] == "{", 0, _skip(source, at + 1)
    while source[at] not in "]}":
        member: str | int = index
        if is_object:
            match = STRING_TOKEN.match(source, at)
            assert match is not None
            member = json.loads(match[0])
            at = _skip(source, _skip(source, match.end()) + 1)
        at = _skip(source, _note_value(source, at, pointer(path, member), spans))
        at, index = _skip(source, at + 1) if source[at] == "," else at, index + 1
    return at + 1
