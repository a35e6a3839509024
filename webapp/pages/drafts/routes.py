"""The pages from a draft to a live rule, as one blueprint."""

from webapp.pages.drafts import review, test_cases, versions
from webapp.pages.drafts.blueprint import blueprint

__all__ = ["blueprint", "review", "test_cases", "versions"]
