"""Drafts of every kind as authors make them: new ones, and all that one edit of the form makes of them."""

from engine.authoring.forms.choices import choices_of
from engine.authoring.forms.forms import add_to_table, blank_document, is_shown, read_field
from engine.documents.fields import TABLE_WIDGETS, all_fields, member_at, with_member
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue
from tests.engine.language import rules

NAMED = {
    "coupon_pool": "Fern Books vouchers",
    "segment": "Night people",
    "metric": "Books read",
    "earning": "Reading pays",
    "badge": "Owl",
    "brand": "Fern and Sons",
}
OTHERS = [
    *rules.CONTRACT,
    rules.EVENT_TYPE,
    *({"kind": kind, "key": f"zq_{kind}", "name": name} for kind, name in NAMED.items()),
]
CATALOGUE = Catalogue.from_documents(OTHERS)
TYPED = {
    "text": "Some text",
    "lines": "Some text",
    "key": "some_key",
    "url": "https://shop.example/x",
    "whole": "3",
    "number": "1",
    "yes_no": "yes",
    "texts": "One, Two",
    "moment": "2026-12-04 18:00",
    "zone": "player",
    "amount": "5",
    "icon": "heart-handshake",
}


def drafts_of(kind):
    """A new draft of a kind, and all that one edit of its form makes of it, in a row of each table, too."""
    fresh = blank_document(kind, key="some_key")
    yield fresh
    tables = [field.pointer for field in all_fields(KINDS[kind].form) if field.widget in TABLE_WIDGETS]
    grown = fresh
    for at in tables:
        grown = add_to_table(grown, at, "new_one")
        yield grown
    for at, field in fields_of(kind, grown):
        for text in texts_of(field, grown):
            yield read_field(grown, at, text)
        yield with_member(grown, at, None)


def fields_of(kind, document, fields=None, row=""):
    """Every field of a form that is shown, with its pointer; those of tables in each row."""
    for field in all_fields(KINDS[kind].form) if fields is None else fields:
        at, rows = row + field.pointer, member_at(document, row + field.pointer)
        if field.widget in TABLE_WIDGETS:
            for name in rows if isinstance(rows, dict) else range(len(rows or ())):
                yield from fields_of(kind, document, field.columns, f"{at}/{name}")
        elif field.widget != "logic" and is_shown(field, document, row):
            yield at, field


def texts_of(field, document):
    if field.widget in ("choice", "choices"):
        return [value for value, _ in choices_of(field, document, OTHERS, CATALOGUE)]
    return [TYPED[field.widget]]


def tables_of(document, fields, row=""):
    for table in (field for field in fields if field.widget in TABLE_WIDGETS):
        at, rows = row + table.pointer, member_at(document, row + table.pointer)
        yield at
        for name in rows if isinstance(rows, dict) else range(len(rows or ())):
            yield from tables_of(document, table.columns, f"{at}/{name}")
