"""All routes of the library."""

from webapp.pages.library import json_tab
from webapp.pages.library.blueprint import blueprint

__all__ = ["blueprint", "json_tab"]
