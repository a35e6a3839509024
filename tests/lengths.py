"""How long the slowest laws are tried: briefly in `make test`, at length in `make test-long`."""

import os
from typing import TypeVar

Value = TypeVar("Value")
IS_LONG = os.environ.get("LAUREL_TEST_LENGTH") == "long"


def brief_or_long(brief: Value, long: Value) -> Value:
    """The one of two values, such as a number of examples, that this run asks for."""
    return long if IS_LONG else brief
