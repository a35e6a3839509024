"""The HTML of a tree's rows, remembered: an edit changes one row, and the page shows all of them again."""

from dataclasses import dataclass, field
from functools import lru_cache

import msgspec
from flask import Flask
from jinja2.runtime import Macro
from markupsafe import Markup

from webapp.pages.editor.view_models import NodeView

ROWS_MAX = 1_000  # some 4 KiB each; ten authors of rules with fifty rows, whose rows have a mark or none
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A macro and the view that it draws; two are the same if their views have the same content."""

    macro: Macro
    content: bytes
    node: NodeView = field(compare=False)


def set_up(app: Flask) -> None:
    """Give the templates `drawn_once(macro, node)`: what the macro makes of a node, from which alone it must draw."""
    rows = lru_cache(ROWS_MAX)(lambda drawing: drawing.macro(drawing.node))

    def drawn_once(macro: Macro, node: NodeView) -> Markup:
        drawn: Markup = rows(_Drawing(macro, _encode(node), node))
        return drawn

    app.jinja_env.globals["drawn_once"] = drawn_once
