"""`make check`, part by part: style, types, import contracts, templates, assets."""

import subprocess

import pytest

from tests.house_rules.tree import ROOT


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", ["style", "types", "imports", "templates", "assets"])
def test_check_finds_nothing(part):
    done = subprocess.run(["make", "--no-print-directory", part], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
