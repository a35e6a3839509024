"""Before what cannot be undone: the first press asks for a name, and only typing it does the deed.

A route that does so calls `ask_for_name` and returns what it gives, if anything. The form that led there needs nothing
for it: what it sent is carried on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import render_template, request
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., Any])
FIELD = "confirmed"
NOT_CARRIED = frozenset({"csrf_token", FIELD})


def irreversible(view: View) -> View:
    """Mark a route as one that asks; a test looks whether every route that should does."""
    view.__irreversible__ = True  # type: ignore[attr-defined]  # mypy knows of no attributes on functions
    return view


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What somebody has to confirm, by typing a `name`. `back` is where they go who would rather not."""

    name: str
    title: str
    consequence: str
    button: str
    back: str


def ask_for_name(confirmation: Confirmation) -> ResponseReturnValue | None:
    """The page that asks for a name, until it was typed as it is; None once it was."""
    typed = request.form.get(FIELD, "").strip()
    if typed == confirmation.name.strip():
        return None
    return confirmation_page(confirmation, is_wrong=bool(typed)), 422


def confirmation_page(confirmation: Confirmation, *, is_wrong: bool = False) -> str:
    """The page that asks; its form sends on what led to it, to the same address."""
    fields = [(key, value) for key, value in request.form.items(multi=True) if key not in NOT_CARRIED]
    return render_template("confirmation/page.html", confirmation=confirmation, fields=fields, is_wrong=is_wrong)
