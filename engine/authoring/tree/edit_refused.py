"""The refusal of an edit that cannot be made."""


class EditRefused(Exception):  # noqa: N818 — a plain "no", with its reason in words for the author
    """An edit cannot be made; the message says why in plain words and nothing has changed."""
