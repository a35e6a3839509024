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
    """What is left without runs, repetitions, years, words and the person's own name; parts that touch count once."""
    without_runs = _without_runs(text)
    words = sorted({*WORDS, *own}, key=len, reverse=True)
    left = re.sub("|".join(map(re.escape, words)), "", without_runs)
    left = re.sub(r"(19|20)\d\d", "", left)
    left = re.sub(r"[\W_]+", "", left)
    return re.sub(r"(.+?)\1+", r"\1", left)


def _without_runs(text: str) -> str:
    """The text without runs of at least three keys along a row or a column of a keyboard, or along the alphabet."""
    sequences = [*ROWS, *COLUMNS]
    sequences += [sequence[::-1] for sequence in sequences]
    kept = ""
    while text:
        length = _run_length(text, sequences)
        if length < RUN_MIN:
            kept += text[0]
            length = 1
        text = text[length:]
    return kept


def _run_length(text: str, sequences: list[str]) -> int:
    longest = 1
    for sequence in sequences:
        while len(text) > longest and text[: longest + 1] in sequence:
            longest += 1
    return longest
