"""The forms of apps and keys."""

from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.http.form_base import Form, TextLineField
from webapp.store.people.apps import SCOPES

MEANINGS = {
    "events:write": "send events",
    "players:read": "read players",
    "players:write": "change profiles, give freezes, pause streaks",
    "players:grant": "grant and revoke XP, coins and badges",
    "players:erase": "erase players for good",
    "leaderboards:read": "read leaderboards",
    "plays:write": "play games for players, read outcomes",
    "campaigns:read": "read budgets of campaigns",
    "coupons:read": "read the coupon codes of players",
    "coupons:redeem": "redeem coupons",
    "rewards:redeem": "redeem rewards for players",
    "rules:read": "read rules",
    "rules:write": "write and publish rules",
    "admin": "everything",
}


class KeyForm(Form):
    """A key to be: its name, its app and what it may do."""

    name = TextLineField("Name", longest=80)
    app = SelectField("App")
    scopes = SelectMultipleField(
        "Permissions",
        choices=[SelectChoice(scope, f"{MEANINGS[scope]} ({scope})") for scope in SCOPES],
        default=["events:write"],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def validate_scopes(self, field: SelectMultipleField) -> None:
        """At least one; asked here because a required box would mean that very box."""
        if not field.data:
            raise ValidationError("Choose at least one.")


class AppForm(Form):
    """An app to be; its fields stand on one page with those of a key."""

    name = TextLineField("Name", longest=80, id="app-name")
    key = TextLineField("Key", longest=40, id="app-key")

    def validate_key(self, field: TextLineField) -> None:
        """Keys of apps stand in commands and addresses."""
        Regexp(r"[a-z][a-z0-9_]*\Z", message="Lower-case letters, digits and _, beginning with a letter.")(self, field)
