"""The forms of the door."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from webapp.http.form_base import Form, TextLineField
from webapp.store.people.sign_ins import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN


class PasswordForm(Form):
    """E-mail and password."""

    email = TextLineField("E-mail", longest=254)
    password = PasswordField("Password", validators=[InputRequired("Password is missing.")])


class NewPasswordForm(Form):
    """A password to be."""

    password = PasswordField(
        "New password",
        validators=[
            InputRequired("Password is missing."),
            Length(PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX, f"At least {PASSWORD_LENGTH_MIN} characters."),
        ],
    )
