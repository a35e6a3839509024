"""What tests read of a page: its markup with white space as a browser takes it, wherever templates break lines."""

import re
from typing import Any

from flask import Response
from flask.testing import FlaskClient

VERBATIM = re.compile(r"(<pre\b.*?</pre>|<textarea\b.*?</textarea>)", re.DOTALL)
BLOCK = (
    "address|article|aside|blockquote|body|caption|col|colgroup|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure"
    "|footer|form|h1|h2|h3|h4|h5|h6|head|header|hr|html|legend|li|link|main|meta|nav|noscript|ol|optgroup|option|p"
    "|script|section|select|summary|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
AT_A_BLOCK = re.compile(rf"\s*(</?(?:{BLOCK})\b(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>)\s*")


def as_read(markup: str) -> str:
    """Runs of white space as one space, and none beside the tags of blocks; `pre` and `textarea` as they are."""
    parts = VERBATIM.split(markup)
    parts[::2] = [_collapsed(part) for part in parts[::2]]
    return "".join(parts)


def _collapsed(markup: str) -> str:
    one_space = re.sub(r" (?=/?>)", "", re.sub(r"\s+", " ", markup))
    return AT_A_BLOCK.sub(r"\1", one_space)


class PageResponse(Response):
    """An answer whose text is what a browser reads; its data are the bytes that were sent."""

    def get_data(self, as_text: bool = False) -> Any:
        content = super().get_data(as_text=as_text)
        return as_read(content) if as_text and self.mimetype == "text/html" else content


class PageClient(FlaskClient):
    """A client whose answers are read as pages."""

    def __init__(self, application: Any, response_wrapper: Any, **more: Any) -> None:
        super().__init__(application, PageResponse, **more)
