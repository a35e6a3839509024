"""What `make fix` lays out stays laid out, and no line of code is wider than a screen."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.formatting import assets, laid_out
from tests.house_rules.tree import ROOT, breaches, modules, templates

WIDTH = 120


def sources() -> list[Path]:
    """Everything that is written by hand: Python, templates, style sheets, scripts."""
    tests = sorted((ROOT / "tests").rglob("*.py"))
    return [*modules(), *tests, *templates(), *assets()]


def wide_lines(text: str) -> list[str]:
    """The lines beyond the width, each with its number."""
    lines = enumerate(text.splitlines(), start=1)
    return [f"{number}: {len(line)} columns" for number, line in lines if len(line) > WIDTH]


def djlint(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Ask djlint, in the project's settings, whether templates are laid out."""
    command = [sys.executable, "-m", "djlint", "--check", "--quiet", "--configuration", str(ROOT / "pyproject.toml")]
    return subprocess.run([*command, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False)


def test_no_line_is_wider_than_120_columns():
    wide = breaches(sources(), wide_lines)
    assert not wide, "\n".join(f"{name}: {lines}" for name, lines in wide.items())


def test_a_planted_wide_line_is_found():
    assert wide_lines("short\n" + "x" * 120 + "\n" + "x" * 121) == ["3: 121 columns"]


def test_style_sheets_and_scripts_are_laid_out():
    assert [path.name for path in assets() if laid_out(path) != path.read_text()] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("packed.css", ".a { color: red; margin: 0; }\n"),
        ("joined.css", ".a {\n  margin: 0;\n} .b {\n  margin: 0;\n}\n"),
        ("spaced.js", "const a  = 1;\n"),
        ("indented.js", "function a() {\n      return 1;\n}\n"),
    ],
)
def test_a_planted_untidy_asset_is_found(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert laid_out(tmp_path / name) != text


def test_templates_are_laid_out():
    done = djlint(ROOT / "templates")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "<div><p>One</p><p>Two</p></div>\n",
        '<div>\n<p class="a">One</p>\n</div>\n',
        "{% if a %}\n<p>One</p>\n{% endif %}\n",
    ],
)
def test_a_planted_untidy_template_is_found(tmp_path, text):
    (tmp_path / "untidy.html").write_text(text)
    assert djlint(tmp_path / "untidy.html").returncode == 1
