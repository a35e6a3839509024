"""The pages from a draft to a live rule, as one blueprint."""

from webapp.pages.drafts import cases, review, versions
from webapp.pages.drafts.area import blueprint

__all__ = ["blueprint", "cases", "review", "versions"]
