"""Lays out style sheets and scripts: `python -m tests.formatting` names the files that differ, `--fix` rewrites them.

The formatters of css-beautify and js-beautify are called from here because their commands cannot only check.
Templates are laid out by djlint, Python by ruff. `make check` and `make fix` run all of them.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cssbeautifier
import jsbeautifier

STATIC = Path(__file__).parent.parent / "static"


def laid_out(path: Path) -> str:
    """The text of a style sheet or script as it should be; the formatter goes by the file's suffix."""
    return FORMATTERS[path.suffix](path.read_text())


def laid_out_css(text: str) -> str:
    """One declaration a line, one selector a line, an empty line between rules."""
    options = cssbeautifier.default_options()
    options.indent_size = 2
    options.end_with_newline = True
    options.newline_between_rules = True
    options.space_around_combinator = True
    options.max_preserve_newlines = 2
    return cssbeautifier.beautify(text, options)


def laid_out_js(text: str) -> str:
    """Indentation and spaces; where lines break is left to whoever writes them, up to the width that a test holds."""
    options = jsbeautifier.default_options()
    options.indent_size = 2
    options.end_with_newline = True
    options.brace_style = "collapse,preserve-inline"
    options.operator_position = "before-newline"
    options.space_after_anon_function = True
    options.max_preserve_newlines = 2
    options.templating = ["none"]
    return jsbeautifier.beautify(text, options)


FORMATTERS: dict[str, Callable[[str], str]] = {".css": laid_out_css, ".js": laid_out_js}


def assets() -> list[Path]:
    """Our own style sheets and scripts; `static/vendor` stays as it came."""
    return sorted([*(STATIC / "css").rglob("*.css"), *(STATIC / "js").rglob("*.js")])


def main(arguments: list[str]) -> int:
    """Name the files that are not laid out, or lay them out; 1 says that some were only named."""
    differing = [path for path in assets() if laid_out(path) != path.read_text()]
    for path in differing:
        if "--fix" in arguments:
            path.write_text(laid_out(path))
        else:
            print(f"{path.relative_to(STATIC.parent)} is not laid out; `make fix` does it")
    return 1 if differing and "--fix" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
