"""What is refused as a password: whatever is made of what everybody guesses first, not only what is on some list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.runtime.passwords import ROWS, WORDS, is_easy_to_guess

COMMON = """
password1234 Password123! passwordpassword qwertyuiop12 123456789012 administrator1 Welcome2024!! Summer2026Summer
iloveyou12345 trustno1trustno1 1q2w3e4r5t6y qazwsxedcrfv abcdefghijkl aaaaaaaaaaaa abcabcabcabc P@ssw0rd2025
letmeinletmein changeme1234 administrator adminadmin123 laurellaurel laurel123456 qwerty123456 asdfghjkl123
zxcvbnm12345 987654321098 football12345 12341234123412 Passw0rd!Passw0rd! 111111222222 princess12345 1qaz2wsx3edc
""".split()  # noqa: SIM905  (words are easier to read without quotes)
GOOD = (
    "laurel wreath and a mug",
    "correct horse battery staple",
    "k7Jq93mZpW2x",
    "837194650284",
    "meine oma fährt motorrad",
)


@pytest.mark.parametrize("password", COMMON)
def test_a_common_password_is_easy_to_guess(password: str) -> None:
    assert is_easy_to_guess(password)


@pytest.mark.parametrize("password", GOOD)
def test_a_few_words_or_chance_is_not(password: str) -> None:
    assert not is_easy_to_guess(password)


def test_ones_own_name_is_easy_to_guess() -> None:
    assert is_easy_to_guess("Lovelace-ada-99", "ada.lovelace@campus.example")
    assert not is_easy_to_guess("Lovelace-ada-99", "grace@campus.example")


PARTS = st.sampled_from(WORDS) | st.sampled_from(ROWS) | st.from_regex(r"(19|20)[0-9]{2}", fullmatch=True)


@settings(max_examples=40)
@given(st.lists(PARTS, min_size=1, max_size=4), st.sampled_from(["", "!", "?!", "1", "12", "123"]))
def test_common_parts_in_any_order_and_spelling_are_easy_to_guess(parts: list[str], ending: str) -> None:
    assert is_easy_to_guess("-".join(parts).title() + ending)
