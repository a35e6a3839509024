"""The forms of one's own account."""

from wtforms import PasswordField
from wtforms.validators import InputRequired

from webapp.http.form_base import Form


class ChangePasswordForm(Form):
    """The present password and the one to be."""

    present = PasswordField("Present password", validators=[InputRequired("The present password is missing.")])
    wished = PasswordField("New password", validators=[InputRequired("The new password is missing.")])
