"""Nothing grows beyond what one screen and one head can hold."""

import pytest

from tests.house_rules.tree import functions, modules, named

FUNCTION_LINES_MAX, MODULE_LINES_MAX = 40, 250


def lines(text: str) -> int:
    return len(text.splitlines())


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_module_fits_its_budget(path):
    assert lines(path.read_text()) <= MODULE_LINES_MAX


@pytest.mark.parametrize("path", modules(), ids=named)
def test_every_function_fits_its_budget(path):
    long = [f.name for f in functions(path) if f.end_lineno - f.lineno >= FUNCTION_LINES_MAX]
    assert long == []
