"""Test cases as files: exported as plain JSON, and imported strictly, all of them or none."""

import json
from collections.abc import Mapping
from typing import Any

from engine.authoring.tree.edit_result import EditRefused
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
EXACT_NUMBER_MAX = 2**53  # beyond it, JSON readers round


def to_json(cases: list[TestCase]) -> list[dict[str, Any]]:
    """Test cases as plain JSON: name, event, facts, and whether the rule is expected to match."""
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
    """Store the test cases of a file and return how many are new, and how many changed.

    A case with the name of an existing one replaces it. Raises `EditRefused` for a bad file; the caller commits.
    """
    imported = parse_file(body)
    existing = {case.name: case for case in test_cases.cases_of(conn, key)}
    if len({*existing, *(case["name"] for case in imported)}) > CASES_MAX:
        raise EditRefused(f"A rule has at most {CASES_MAX} test cases")
    for case in imported:
        name, given = case["name"], {"event": case["event"], "facts": case["facts"]}
        if name in existing:
            test_cases.change(conn, existing[name], name, given, expected=case["expected"])
        else:
            test_cases.add(conn, key, name, given, expected=case["expected"], by=by)
    changed = sum(case["name"] in existing for case in imported)
    new = len(imported) - changed
    audit.note(conn, by, "test_cases.imported", key, after={"new": new, "changed": changed})
    return new, changed


def parse_file(body: bytes) -> list[dict[str, Any]]:
    """The test cases of a file. Raises `EditRefused` with the place of the first mistake."""
    if len(body) > BYTES_MAX:
        raise EditRefused(f"The file is larger than {BYTES_MAX // 1024} KiB")
    try:
        raw = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise EditRefused("Invalid JSON") from None
    if not isinstance(raw, list) or len(raw) > CASES_MAX:
        raise EditRefused(f"The file must contain a list of at most {CASES_MAX} test cases")
    cases = [parse_test_case(raw_case, f"Test case {number}") for number, raw_case in enumerate(raw, 1)]
    if len({case["name"] for case in cases}) < len(cases):
        raise EditRefused("Two test cases in this file have the same name")
    return cases


def _refuse_constant(text: str) -> float:
    """NaN and Infinity: Python reads them, JSON does not have them."""
    raise ValueError(text)


def parse_test_case(raw: Any, label: str = "This test case") -> dict[str, Any]:
    """One test case as it is stored. Raises `EditRefused`, naming it by `label`, if it is malformed or too large."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("expected"), bool):
        raise EditRefused(f"{label} needs a name, facts, and expected: true or false")
    event = raw.get("event") or ""
    if not isinstance(event, str) or not _is_text(event):
        raise EditRefused(f"{label} has an invalid event type")
    return {
        "name": parse_name(raw.get("name")),
        "event": event,
        "facts": _parse_facts(raw.get("facts"), label),
        "expected": raw["expected"],
    }


def parse_name(name: Any) -> str:
    """A name as it is stored, without outer spaces. Raises `EditRefused` if it is empty or too long."""
    if not isinstance(name, str) or not name.strip():
        raise EditRefused("A test case needs a name")
    if len(name.strip()) > NAME_LENGTH_MAX or not _is_text(name):
        raise EditRefused(f"A name has at most {NAME_LENGTH_MAX} characters, all of them printable")
    return name.strip()


def _parse_facts(raw: Any, label: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or len(raw) > FACTS_MAX:
        raise EditRefused(f"{label} needs facts: an object with at most {FACTS_MAX} members")
    for path, value in raw.items():
        if len(path) > PATH_LENGTH_MAX or not _is_text(path) or not _is_fact_value(value):
            raise EditRefused(f"{label}: {path[:60]!r} has a value that no fact can have")
    return dict(raw)


def _is_fact_value(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= FACTS_MAX and all(_is_scalar(member) for member in value)
    return _is_scalar(value)


def _is_scalar(value: Any) -> bool:
    if isinstance(value, (int, float)):  # true and false count as 1 and 0
        return abs(value) <= EXACT_NUMBER_MAX
    return isinstance(value, str) and _is_text(value)


def _is_text(text: str) -> bool:
    return len(text) <= TEXT_LENGTH_MAX and "\x00" not in text and text.isprintable()
