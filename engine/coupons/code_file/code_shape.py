"""The shape that the codes of a file share, so that those of another shape are seen."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


def letter_shape(text: str) -> str:
    """A text with every digit as `#` and every letter as `A` or `a`: BOLT-0001 and FERN-9999 have one shape."""
    return "".join(
        "#" if letter.isdigit() else ("A" if letter == letter.upper() else "a") if letter.isalpha() else letter
        for letter in text
    )


@dataclass(frozen=True, slots=True)
class CodeShape:
    """The shape that nearly all codes share: `pattern` as people read it, such as `BOLT-####`."""

    pattern: str
    key: str
    are_letters_alike: bool

    def fits(self, code: str) -> bool:
        """Whether a code has this shape."""
        return _shape_key(code, are_letters_alike=self.are_letters_alike) == self.key


def common_shape(codes: Sequence[str]) -> CodeShape | None:
    """The shape of at least four fifths of the codes; None where they have none in common."""
    if len(codes) < 2:
        return None
    for are_letters_alike in (False, True):
        keys = [_shape_key(code, are_letters_alike=are_letters_alike) for code in codes]
        key, count = Counter(keys).most_common(1)[0]
        if count >= 0.8 * len(codes):
            same = [code for code, its_key in zip(codes, keys, strict=True) if its_key == key]
            return CodeShape(_pattern(same), key, are_letters_alike)
    return None


def _shape_key(code: str, *, are_letters_alike: bool) -> str:
    shape = letter_shape(code)
    return re.sub(r"[Aa#]", "#", shape) if are_letters_alike else shape


def _pattern(codes: Sequence[str]) -> str:
    """The letters that all these codes share, with `#` for what differs from code to code."""
    return "".join(
        letters[0] if len(set(letters)) == 1 and not letters[0].isdigit() else "#"
        for letters in zip(*codes, strict=True)
    )
