"""The forms of the account page."""

from wtforms import PasswordField
from wtforms.validators import InputRequired

from webapp.http.form_base import Form


class ChangePasswordForm(Form):
    """The current password and the new one."""

    present = PasswordField("Current password", validators=[InputRequired("Enter your current password.")])
    wished = PasswordField("New password", validators=[InputRequired("Enter a new password.")])
