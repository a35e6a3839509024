"""Rows of conditions are drawn once, and drawn again as soon as they would show something else."""

from dataclasses import replace

import pytest
from markupsafe import Markup

from webapp.pages.editor.view_models import BlockView, NodeHead

BLOCK = BlockView(NodeHead("block", "c1", "1", "Block 1", None, (), False, "", False, "ab"), "score is odd", "{}")


@pytest.fixture
def drawn_once(app):
    return app.jinja_env.globals["drawn_once"]


@pytest.fixture
def macro():
    """A macro that draws a block and counts how often it did."""

    def draw(node):
        draw.times += 1
        return Markup(node.text)

    draw.times = 0
    return draw


def test_a_row_with_the_same_content_is_drawn_once(drawn_once, macro):
    assert drawn_once(macro, BLOCK) == drawn_once(macro, replace(BLOCK)) == "score is odd"
    assert macro.times == 1


def test_a_row_is_drawn_again_once_it_shows_something_else(drawn_once, macro):
    drawn_once(macro, BLOCK)
    assert drawn_once(macro, replace(BLOCK, text="score is even")) == "score is even"


def test_a_number_and_a_truth_value_are_no_same_content(drawn_once, macro):
    drawn_once(macro, replace(BLOCK, logic=1))
    drawn_once(macro, replace(BLOCK, logic=True))
    assert macro.times == 2


def test_two_macros_draw_the_same_row_differently(drawn_once, macro):
    drawn_once(macro, BLOCK)
    assert drawn_once(lambda _: Markup("locked"), BLOCK) == "locked"
