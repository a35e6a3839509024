"""Templates compile, say what they need, and hold no script or style of their own."""

import ast
import re

import pytest
from jinja2 import Environment, TemplateSyntaxError

from tests.house_rules.tree import ROOT, breaches, modules, templates

INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style[\s>]|\sstyle\s*=|\son[a-z]+\s*=|\shx-on[:-]|javascript:", re.IGNORECASE
)
TEMPLATE_NAME = re.compile(r"[a-z_]+(?:/[a-z_]+)+\.html")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
# `post` makes a form; a browser ends the paragraph where a form begins, and the rest of it stands outside.
FORM_IN_PARAGRAPH = re.compile(r"<p\b[^>]*>(?:(?!</p>).)*?(?:<form\b|\{\{-? post\()", re.DOTALL)


def test_every_template_is_well_formed():
    assert breaches(templates(), syntax_error) == {}


def syntax_error(text):
    try:
        Environment(autoescape=True).parse(text)
    except TemplateSyntaxError as error:
        return str(error)
    return None


def test_every_template_that_python_names_exists():
    assert breaches(modules(), missing_templates) == {}


def missing_templates(source):
    """The template names among a module's strings whose files do not exist."""
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    names = {text for text in texts if isinstance(text, str) and TEMPLATE_NAME.fullmatch(text)}
    return sorted(name for name in names if not (ROOT / "templates" / name).exists())


def test_a_template_name_without_a_file_is_found():
    assert missing_templates('render("campaigns/page.html", "campaigns/_no_such.html")') == ["campaigns/_no_such.html"]


def test_no_template_holds_an_inline_script_or_style():
    assert breaches(templates(), inline) == {}


def inline(text):
    return INLINE.findall(COMMENT.sub("", text))


def test_no_paragraph_holds_a_form():
    assert breaches(templates(), FORM_IN_PARAGRAPH.findall) == {}


@pytest.mark.parametrize("planted", ["<p>\n<form></form>\n</p>", '<p class="a">{{ post("/x", "Go") }}</p>'])
def test_a_planted_form_in_a_paragraph_would_be_found(planted):
    assert FORM_IN_PARAGRAPH.search(planted)


def test_a_form_after_a_paragraph_is_not_inside_it():
    assert not FORM_IN_PARAGRAPH.search("<p>text</p>\n<form></form>")


def test_every_part_says_what_it_needs():
    parts = [path for path in templates() if path.name.startswith("_")]
    assert breaches(parts, lambda text: not re.match(r"\{#-? needs: ", text)) == {}


@pytest.mark.parametrize(
    "planted", ["<script>x</script>", '<p style="top:0">', "<a onclick='x'>", '<b hx-on:click="x">']
)
def test_a_planted_inline_script_would_be_found(planted):
    assert inline(planted)


def test_a_planted_syntax_error_would_be_found():
    assert syntax_error("{% if %}")
