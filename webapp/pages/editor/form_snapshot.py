"""What the controls of a page show, encoded as its form would submit it: a later form is compared with it."""

from collections.abc import Iterator
from urllib.parse import urlencode

from webapp.pages.editor.fields import FieldView
from webapp.pages.editor.view import BuildPage
from webapp.pages.editor.view_models import GroupView, NodeView, RowView


def form_snapshot(page: BuildPage) -> str:
    """Names and texts of all controls, URL-encoded; refused texts are left out, so that they are submitted again."""
    pairs = [pair for section in page.sections for field in section.fields for pair in _field(field)]
    every = [*(_node(page.tree) if page.tree else ()), *pairs]
    return urlencode([(name, text) for name, text in every if name not in page.query.typed])


def _node(node: NodeView) -> Iterator[tuple[str, str]]:
    if node.head.is_noting:
        yield f"{node.head.id}.note", node.head.note
    if isinstance(node, GroupView):
        yield f"{node.head.id}.mode", node.group.mode
        yield f"{node.head.id}.count", str(node.group.count)
        for row in node.rows:
            yield from _node(row)
    if isinstance(node, RowView):
        yield from _row(node)


def _row(row: RowView) -> Iterator[tuple[str, str]]:
    yield f"{row.head.id}.operator", row.row.operator or ""
    yield f"{row.head.id}.days", str(row.days)
    yield f"{row.head.id}.fact", row.row.fact or ""
    yield f"{row.head.id}.other", row.other.path if row.other else ""
    for value in row.values:
        if not value.name.startswith("drop:"):
            yield value.name, value.text


def _field(field: FieldView) -> Iterator[tuple[str, str]]:
    if field.tree:
        yield from _node(field.tree)
        return
    for row in field.rows:
        for cell in row.fields:
            yield from _field(cell)
    for term in field.terms or ():
        yield from ((factor.name, factor.text) for factor in term)
    if field.field.widget == "amount":
        yield f"factor:{field.name}:most", field.most
    elif field.field.widget == "yes_no":
        yield from ((field.name, text) for text in ("no", *(("yes",) if field.text == "yes" else ())))
    else:
        yield field.name, field.text
