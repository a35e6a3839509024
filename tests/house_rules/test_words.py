"""Modules say what they are, only pages, api and jobs commit, and pins name no address."""

import ast
import re

import pytest

from tests.house_rules.tree import ROOT, modules, named

NEVER_COMMIT = ("engine/", "rules_library/", "webapp/store/", "webapp/projections/", "webapp/models/")
ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|git\+|file:")


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_module_begins_with_a_sentence(path):
    sentence = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0]
    assert sentence.endswith((".", "?"))


@pytest.mark.parametrize("path", [p for p in modules() if named(p).startswith(NEVER_COMMIT)], ids=named)
def test_what_remembers_leaves_the_commit_to_its_caller(path):
    assert ".commit(" not in path.read_text()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_pins_hold_names_versions_and_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    assert ADDRESS.search(text) is None
    assert all(re.search(r"==.*\\$", line) for line in text.splitlines() if re.match(r"\w", line))


def test_what_runs_is_pinned_alike_for_tests():
    pins = [
        set(re.findall(r"^(\S+==\S+)", (ROOT / n).read_text(), re.MULTILINE))
        for n in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]
