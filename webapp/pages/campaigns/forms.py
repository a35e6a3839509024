"""The forms of a campaign's pages."""

from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from webapp.http.form_base import Form

COUPONS_MAX = 1_000_000


class TopUpForm(Form):
    """So many more coupons of a brand."""

    brand = SelectField("Brand")
    count = IntegerField(
        "Coupons",
        [DataRequired("Say how many."), NumberRange(1, COUPONS_MAX, f"Between 1 and {COUPONS_MAX:,}.")],
        default=50,
    )
    pattern = StringField("Pattern of the codes", [Length(max=60)], default="")


class VoidForm(Form):
    """So many fewer coupons of a brand; only what nobody has."""

    brand = SelectField("Brand")
    count = IntegerField("Coupons", [DataRequired("Say how many."), NumberRange(1, COUPONS_MAX)])


class UploadForm(Form):
    """A file of codes for one brand."""

    brand = SelectField("Brand")
    file = FileField("File of codes, CSV", [FileRequired("Choose a file.")])
