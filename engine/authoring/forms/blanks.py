"""A rule document as a sentence with blanks for its numbers, to be filled in before the rule is adopted.

Every whole number in the document that its sentence contains exactly once becomes a blank. To find them, the sentence
is built again with a different number in each place, and cut where these numbers appear.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.authoring.tree.edit_result import EditRefused
from engine.documents.fields import with_member
from engine.language.words.wording import value_text
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import pointer

_PROBES = range(9_001, 10_000)
"""Short enough to be written without separators; those that the sentence contains anyway are skipped."""
_ABOUT = ("examples", "properties", "description", "why")
_FIRST_PLURAL = re.compile(r"^( \w+)s\b")
AMOUNT_MAX = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SentenceBlank:
    """A number of the document: its pointer, and its value as long as nobody fills it in."""

    pointer: str
    value: int


def sentence_parts(document: Mapping[str, Any], catalogue: Catalogue) -> list[str | SentenceBlank]:
    """The sentence cut into text and blanks, in order; without blanks it is one text."""
    plain_text = rule_sentence(document, catalogue)
    standing = _numbers({name: member for name, member in document.items() if name not in _ABOUT}, "")
    free = (str(number) for number in _PROBES if str(number) not in plain_text)
    probes = dict(zip(free, standing, strict=False))
    marked: Any = dict(document)
    for probe, blank in probes.items():
        marked = with_member(marked, blank.pointer, int(probe))
    text = rule_sentence(marked, catalogue)
    for probe, blank in list(probes.items()):
        if text.count(probe) != 1:
            text = text.replace(probe, value_text(blank.value))
            del probes[probe]
    return _with_singulars(_cut(text, probes), plain_text)


def _with_singulars(parts: list[str | SentenceBlank], plain_text: str) -> list[str | SentenceBlank]:
    """The parts with the word behind a blank in the singular where the sentence itself has it so: `1 coin`."""
    result: list[str | SentenceBlank] = []
    at = 0
    for part in parts:
        if isinstance(part, SentenceBlank):
            at += len(value_text(part.value))
            result.append(part)
            continue
        text = part if plain_text.startswith(part, at) else _FIRST_PLURAL.sub(r"\1", part, count=1)
        at += len(text)
        result.append(text)
    return result


def fill_blanks(document: Mapping[str, Any], values: Mapping[str, int], catalogue: Catalogue) -> dict[str, Any]:
    """The document with other numbers in its blanks, by pointer; examples that no longer fit are left out.

    Raises `EditRefused` for a pointer that is not one of its blanks, or a number out of range.
    """
    known = {
        blank.pointer: blank.value for blank in sentence_parts(document, catalogue) if isinstance(blank, SentenceBlank)
    }
    changed: Any = dict(document)
    for at, value in values.items():
        if at not in known or not 0 <= value <= AMOUNT_MAX:
            raise EditRefused(f"{value} does not fit in this sentence")
        if value != known[at]:
            changed = with_member(changed, at, value)
    if changed != document:
        changed.pop("examples", None)
    return dict(changed)


def _numbers(value: Any, at: str) -> Iterator[SentenceBlank]:
    if type(value) is int:
        yield SentenceBlank(at, value)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _numbers(member, pointer(at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(item, pointer(at, index))


def _cut(text: str, blanks: Mapping[str, SentenceBlank]) -> list[str | SentenceBlank]:
    pieces: list[str | SentenceBlank] = []
    for probe, blank in sorted(blanks.items(), key=lambda pair: text.index(pair[0])):
        before, _, text = text.partition(probe)
        pieces += [before, blank] if before else [blank]
    return [*pieces, text] if text else pieces
