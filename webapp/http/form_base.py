"""What all forms share: the CSRF token, stripped text, and errors shown under the field."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length


class Form(FlaskForm):
    """A form whose CSRF token is validated with its fields."""

    def add_error(self, field: Field, message: str) -> None:
        """Show an error under a field that the store found, not the form's own validators."""
        field.errors = (*field.errors, message)


class ButtonForm(Form):
    """The form around a button: only a CSRF token."""


class TextLineField(StringField):
    """One required line of text, stripped of surrounding blanks."""

    def __init__(self, label: str, *, longest: int, **kwargs: Any) -> None:
        required = DataRequired(f"{label} is missing.")
        length = Length(max=longest, message=f"At most {longest} characters.")
        super().__init__(label, validators=[required, length], filters=[_stripped], **kwargs)


def choices(labels: Mapping[str, str]) -> list[SelectChoice]:
    """The options of a select: values and the labels people see."""
    return [SelectChoice(value, label) for value, label in labels.items()]


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value
