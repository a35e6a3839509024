"""Writes `engine/language/CONFORMANCE.md`: which cases agree, which are refused and why, which are read differently.

`python -m tests.engine.language.conformance_page` writes it again; a test compares it with the cases.
"""

import json
import re
from collections import defaultdict
from pathlib import Path

from tests.engine.language.cases import Case, cases, is_same, outcome, refusal

PAGE = Path(__file__).parents[3] / "engine" / "language" / "CONFORMANCE.md"

REASONS = (
    (
        r"unknown operator",
        "operators outside the profile",
        (
            "Text building (`cat`, `substr`), list building (`map`, `reduce`, `merge`, which can double what they "
            "are given at each step), `missing_some`, `?:` (write `if`), and the proposals `val` and `preserve`."
        ),
    ),
    (
        r"takes \d|exactly one operator",
        "another number of operands",
        (
            "Each operator takes the number of values that its table row says; JsonLogic fills up, ignores or "
            "wraps. An empty object is no operation."
        ),
    ),
    (
        r"must be a condition",
        "plain values as conditions",
        "A number, text or null where something must hold is a slip of an author; JsonLogic passes it through.",
    ),
    (
        r"must be a number|divides by zero",
        "texts, booleans, lists or null in calculations, and written divisions by zero",
        "Text is never read as a number and a boolean is none.",
    ),
    (
        r"is a number, .* is a text|is a text, |compares|cannot compare|of one type|numbers only or texts only",
        "comparisons across types",
        "`==` and `!=` are strict, `<` compares numbers or dates, the items of a list are of one kind.",
    ),
    (
        r"name a fact|default must be",
        "calculated, numeric or empty fact names",
        "A rule names its facts as text, so that one can tell beforehand what it reads.",
    ),
    (
        r"plain values only|reads a list|inside another",
        "calculated lists and lists in lists",
        "Iterators go through a fact or a written list of plain values, once.",
    ),
)

DIFFERENCES = (
    (
        r'"var": "\d',
        "a number as a step into a list",
        "Lists are not entered by position; such a fact is missing. Use `some`, `all` or `in`.",
    ),
)


def sorted_out() -> tuple[int, dict[str, list[Case]], dict[str, list[Case]]]:
    """How many cases are alike, and by heading those that are refused and those that are read differently."""
    alike, refused, different = 0, defaultdict(list), defaultdict(list)
    for case in cases():
        why = refusal(case.rule)
        if why:
            refused[_heading(why, REASONS)].append(case)
        elif is_same(outcome(case), case.expected):
            alike += 1
        else:
            different[_heading(json.dumps(case.rule), DIFFERENCES)].append(case)
    return alike, refused, different


def _heading(text: str, table: tuple[tuple[str, str, str], ...]) -> str:
    for pattern, heading, _ in table:
        if re.search(pattern, text):
            return heading
    raise AssertionError(f"no reason is written down for: {text}")


def page() -> str:
    """The page as it should stand."""
    alike, refused, different = sorted_out()
    total = alike + sum(map(len, refused.values())) + sum(map(len, different.values()))
    return TEMPLATE.format(
        total=total,
        alike=alike,
        refused=sum(map(len, refused.values())),
        different=sum(map(len, different.values())),
        reasons=_table(refused, REASONS),
        differences=_table(different, DIFFERENCES),
    )


def _table(cases_by_heading: dict[str, list[Case]], table: tuple[tuple[str, str, str], ...]) -> str:
    rows = [
        f"| {heading} | {len(cases_by_heading[heading])} | `{_example(cases_by_heading[heading])}` | {why} |"
        for _, heading, why in table
        if cases_by_heading[heading]
    ]
    return "\n".join(["| What | Cases | For example | Why |", "|---|--:|---|---|", *rows])


def _example(listed_cases: list[Case]) -> str:
    operations = [json.dumps(case.rule) for case in listed_cases if isinstance(case.rule, dict) and case.rule]
    return min(operations or [json.dumps(listed_cases[0].rule)], key=len).replace("|", "\\|")


TEMPLATE = """# Conformance with JsonLogic

Written by `python -m tests.engine.language.conformance_page` from the public cases in
`tests/engine/language/conformance/`; a test fails when it is out of date. Each case goes through the checker (every
fact known, of unknown type; as a condition, a formula or an operand), and if admitted through the compiled rule and
through json-logic-qubit.

| | Cases |
|---|--:|
| admitted, and of the same value as in JsonLogic, compiled and by the reference | {alike} |
| refused by the safe profile | {refused} |
| admitted, and read differently | {different} |
| all | {total} |

The value is the same if it is equal, booleans apart from numbers, decimals alike to 6 places. A case that expects an
error is met by `MissingFact`.

## What the safe profile refuses, and why

{reasons}

## What is admitted and read differently

{differences}

## Where our operators are stricter than JsonLogic's

The cases above hardly touch these, because the checker refuses what would need coercion as soon as it can tell. Facts
whose type nobody knows can still bring any value; then:

- **Equality.** `==` is `===` and `!=` is `!==`. Numbers are equal by their decimal value (`1` and `1.0`; the result of
  `0.1 + 0.2` and `0.3`). A boolean is no number. Values of different types, or missing ones, are neither equal nor
  different: `===` and `!==` are both false of them, so an absent property never satisfies a rule by being "not X".
- **Order.** Two numbers, or two texts by code points (dates such as `2026-11-20`). Anything else is false, also
  `null < 1`, which JavaScript finds true.
- **Arithmetic** is decimal: whole numbers exactly, others with 40 digits, and one rounding to 6 places of a whole
  calculation (halves away from zero), so that `1 / 3 * 3` is 1. An operand that is missing or no number, a division by
  zero and any step beyond ±10^15 have no result: the rule does not match, with that reason. `%` has the sign of its
  first operand. Facts within ±2^53 are compared as they are.
- **Truth.** false, null, 0, empty text, an empty list and an empty object are false. (JavaScript takes `{{}}` as true.)
- **`in`** compares strictly: `1` is not in `[true]` nor in `["1"]`. In a text only text is found; the keys of an
  object are not looked at. Nothing is in a list of more than 1,000 items.
- **`var`**: the default stands for a fact that is missing or null; in JsonLogic only for a missing one. Objects are
  entered by name, lists are not entered.
- **Iterators** see the item alone: `""` is the item, `price` its part. `all`, `some` and `none` over something that is
  no list, or a list of more than 200 items, are all false and `filter` is empty; in JsonLogic `none` is true then.
  `some` and `none` stop early unless the body calculates.
- **`missing`** takes written names and answers with those that are missing, null or empty text, as JsonLogic does.
- **`if`** needs at least a test and a result.
"""

if __name__ == "__main__":
    PAGE.write_text(page())
