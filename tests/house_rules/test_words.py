"""Modules say what they are, only pages, api and jobs commit, and pins name no address."""

import ast
import re

import pytest

from tests.house_rules.tree import ROOT, breaches, modules, named

NEVER_COMMIT = ("engine/", "rules_library/", "webapp/store/", "webapp/projections/", "webapp/models/")
ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|git\+|file:")


def test_every_module_begins_with_a_sentence():
    assert breaches(modules(), lacks_a_sentence) == {}


def lacks_a_sentence(text):
    sentence = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0]
    return not sentence.endswith((".", "?"))


@pytest.mark.parametrize("planted", ["import os", '"""No full stop"""'])
def test_a_module_without_a_sentence_would_be_found(planted):
    assert lacks_a_sentence(planted)


def test_the_store_leaves_the_commit_to_its_caller():
    remembering = [path for path in modules() if named(path).startswith(NEVER_COMMIT)]
    assert breaches(remembering, lambda text: ".commit(" in text) == {}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_pins_contain_names_versions_and_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    assert ADDRESS.search(text) is None
    assert all(re.search(r"==.*\\$", line) for line in text.splitlines() if re.match(r"\w", line))


def test_runtime_pins_are_the_same_for_tests():
    pins = [
        set(re.findall(r"^(\S+==\S+)", (ROOT / n).read_text(), re.MULTILINE))
        for n in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]
