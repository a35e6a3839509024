"""What all forms of the pages share: the CSRF token, stripped text, and errors that are said under the field."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length


class Form(FlaskForm):
    """A form whose CSRF token is checked with its fields."""

    def refuse(self, field: Field, message: str) -> None:
        """Say under a field what the store, not the form, found wrong."""
        field.errors = (*field.errors, message)


class Button(Form):
    """The form of a button: nothing but its CSRF token."""


class Line(StringField):
    """One required line of text, without the blanks around it."""

    def __init__(self, label: str, *, longest: int, **kwargs: Any) -> None:
        asks = DataRequired(f"{label} is missing.")
        bounds = Length(max=longest, message=f"At most {longest} characters.")
        super().__init__(label, validators=[asks, bounds], filters=[_stripped], **kwargs)


def choices(names: Mapping[str, str]) -> list[SelectChoice]:
    """What a list offers: values and how people call them."""
    return [SelectChoice(value, name) for value, name in names.items()]


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value
