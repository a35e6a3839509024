"""The form that invites an operator."""

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Regexp

from webapp.http.access import Role
from webapp.http.form_base import Form, TextLineField


class InviteForm(Form):
    """An operator to be."""

    email = TextLineField("E-mail", longest=254)
    role = SelectField("Role", choices=[SelectChoice(role.value) for role in Role], default=Role.VIEWER.value)

    def validate_email(self, field: TextLineField) -> None:
        """Just enough of an address to tell a slip."""
        Regexp(r"[^\s@]+@[^\s@]+\Z", message="This is not an e-mail address.")(self, field)
