"""Which passwords are guessed first: common words, runs of keys, years, repetitions, and the person's own name.

A list of known passwords would be long and never complete. Those of twelve characters and more are nearly all made of
few parts: so whatever such parts a password has is taken away, and what remains has to be long enough by itself.
"""

import re
from pathlib import Path

REMAINDER_MIN = 6
RUN_MIN = 3
NAME_LENGTH_MIN = 3
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm")
COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "q1w2e3r4t5y6", "1q2w3e4r5t6y", "qazwsxedcrfv")
LOOK_ALIKES = str.maketrans("013457@$!", "oleastasi")

WORDS = tuple(Path(__file__).with_name("common_words.txt").read_text("utf-8").split())


def is_easy_to_guess(password: str, email: str = "") -> bool:
    """Whether hardly more than common parts is left of a password."""
    lowered = password.lower()
    own = [part for part in re.split(r"[\W_]+", email.lower()) if len(part) >= NAME_LENGTH_MIN]
    spellings = {lowered, lowered.translate(LOOK_ALIKES)}
    return min(len(_remainder(spelling, own)) for spelling in spellings) < REMAINDER_MIN


def _remainder(text: str, own: list[str]) -> str:
    """What is left without runs, repetitions, years, words and the person's own name; parts that touch count once.

    At each place the longest part is taken away: `default` as a word, and not `def` as a run of the alphabet.
    """
    words = sorted({*WORDS, *own}, key=len, reverse=True)
    known = re.compile("|".join([*map(re.escape, words), r"(?:19|20)\d\d"]))
    sequences = [*ROWS, *COLUMNS]
    sequences += [sequence[::-1] for sequence in sequences]
    remaining, at = "", 0
    while at < len(text):
        match = known.match(text, at)
        run = _run_length(text[at:], sequences)
        length = max(match.end() - at if match else 0, run if run >= RUN_MIN else 0)
        remaining += text[at] if length == 0 else ""
        at += length or 1
    return re.sub(r"(.+?)\1+", r"\1", re.sub(r"[\W_]+", "", remaining))


def _run_length(text: str, sequences: list[str]) -> int:
    longest = 1
    for sequence in sequences:
        while len(text) > longest and text[: longest + 1] in sequence:
            longest += 1
    return longest
