"""Test cases as files: written for others to read, and read strictly, all of them or none."""

import json
from collections.abc import Mapping
from typing import Any

from engine.authoring.tree.edit_refused import EditRefused
from webapp.store.people import audit
from webapp.store.rules import test_cases
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection

CASES_MAX = 200
NAME_LENGTH_MAX = 120
FACTS_MAX = 200
TEXT_LENGTH_MAX = 500
PATH_LENGTH_MAX = 200
BYTES_MAX = 262_144


def to_json(cases: list[TestCase]) -> list[dict[str, Any]]:
    """Test cases as plain JSON: name, event, facts, and whether the rule shall match."""
    return [
        {
            "name": case.name,
            "event": case.given.get("event", ""),
            "facts": case.given.get("facts", {}),
            "expected": case.expected,
        }
        for case in cases
    ]


def import_test_cases(conn: Connection, key: str, body: bytes, by: str) -> tuple[int, int]:
    """Keep the test cases of a file; those whose names are known are replaced. Gives how many are new, and changed."""
    found = parse_file(body)
    known = {case.name: case for case in test_cases.cases_of(conn, key)}
    if len({*known, *(each["name"] for each in found)}) > CASES_MAX:
        raise EditRefused(f"A rule has at most {CASES_MAX} test cases")
    for each in found:
        given = {"event": each["event"], "facts": each["facts"]}
        if each["name"] in known:
            test_cases.change(conn, known[each["name"]], each["name"], given, expected=each["expected"])
        else:
            test_cases.add(conn, key, each["name"], given, expected=each["expected"], by=by)
    changed = sum(each["name"] in known for each in found)
    audit.note(conn, by, "test_cases.imported", key, after={"new": len(found) - changed, "changed": changed})
    return len(found) - changed, changed


def parse_file(body: bytes) -> list[dict[str, Any]]:
    """The test cases of a file. Raises `Refused` with the place of the first mistake."""
    if len(body) > BYTES_MAX:
        raise EditRefused(f"The file is longer than {BYTES_MAX // 1024} KiB")
    try:
        raw = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise EditRefused("This is no JSON") from None
    if not isinstance(raw, list) or len(raw) > CASES_MAX:
        raise EditRefused(f"A file holds a list of at most {CASES_MAX} test cases")
    found = [parse_test_case(each, f"Test case {index}") for index, each in enumerate(raw, 1)]
    if len({each["name"] for each in found}) < len(found):
        raise EditRefused("A name stands twice in this file")
    return found


def _no_number(text: str) -> float:
    raise ValueError(text)


def parse_test_case(raw: Any, called: str = "This test case") -> dict[str, Any]:
    """One test case as it is kept. Raises `Refused` for what is none, or too large."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("expected"), bool):
        raise EditRefused(f"{called} needs a name, facts, and expected: true or false")
    event = raw.get("event") or ""
    if not isinstance(event, str) or not _is_text(event):
        raise EditRefused(f"{called} has an event that is no name")
    return {
        "name": parse_name(raw.get("name")),
        "event": event,
        "facts": _facts(raw.get("facts"), called),
        "expected": raw["expected"],
    }


def parse_name(name: Any) -> str:
    """A name as it is kept. Raises `Refused` for none and for one that is too long."""
    if not isinstance(name, str) or not name.strip():
        raise EditRefused("A test case needs a name")
    if len(name.strip()) > NAME_LENGTH_MAX or not _is_text(name):
        raise EditRefused(f"A name has at most {NAME_LENGTH_MAX} characters")
    return name.strip()


def _facts(raw: Any, called: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or len(raw) > FACTS_MAX:
        raise EditRefused(f"{called} needs facts: an object of at most {FACTS_MAX}")
    for path, value in raw.items():
        if len(path) > PATH_LENGTH_MAX or not _is_text(path) or not _is_value(value):
            raise EditRefused(f"{called}: {path[:60]!r} has no value that a fact can have")
    return dict(raw)


def _is_value(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= FACTS_MAX and all(_is_one(each) for each in value)
    return _is_one(value)


def _is_one(value: Any) -> bool:
    if isinstance(value, (int, float)):
        return abs(value) <= 2**53  # a truth value is 0 or 1
    return isinstance(value, str) and _is_text(value)


def _is_text(text: str) -> bool:
    return len(text) <= TEXT_LENGTH_MAX and "\x00" not in text and text.isprintable()
