"""Templates compile, say what they need, and hold no script or style of their own."""

import re

import pytest
from jinja2 import Environment

from tests.house_rules.tree import named, templates

INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style[\s>]|\sstyle\s*=|\son[a-z]+\s*=|\shx-on[:-]|javascript:", re.IGNORECASE
)
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
PARTS = [path for path in templates() if path.name.startswith("_")]


@pytest.mark.parametrize("path", templates(), ids=named)
def test_a_template_is_well_formed(path):
    Environment(autoescape=True).parse(path.read_text())


@pytest.mark.parametrize("path", templates(), ids=named)
def test_a_template_holds_no_inline_script_or_style(path):
    assert INLINE.findall(COMMENT.sub("", path.read_text())) == []


@pytest.mark.parametrize("path", PARTS, ids=named)
def test_a_part_says_what_it_needs(path):
    assert re.match(r"\{#-? needs: ", path.read_text())


@pytest.mark.parametrize(
    "planted", ["<script>x</script>", '<p style="top:0">', "<a onclick='x'>", '<b hx-on:click="x">']
)
def test_a_planted_inline_script_would_be_found(planted):
    assert INLINE.search(planted)
