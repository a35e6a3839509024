"""The forms on a campaign's pages."""

from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from webapp.http.form_base import Form

COUPONS_MAX = 1_000_000


class TopUpForm(Form):
    """Add coupons of a brand."""

    brand = SelectField("Brand")
    count = IntegerField(
        "Coupons",
        [DataRequired("Enter a number."), NumberRange(1, COUPONS_MAX, f"Between 1 and {COUPONS_MAX:,}.")],
        default=50,
    )
    pattern = StringField("Code pattern", [Length(max=60)], default="")


class VoidForm(Form):
    """Void coupons of a brand that nobody has."""

    brand = SelectField("Brand")
    count = IntegerField("Coupons", [DataRequired("Enter a number."), NumberRange(1, COUPONS_MAX)])


class UploadForm(Form):
    """Upload a file of codes for one brand."""

    brand = SelectField("Brand")
    file = FileField("CSV file of codes", [FileRequired("Choose a file.")])
