"""htmx-flask behind one module: which requests want a fragment, and responses that say where they go."""

from typing import Any

from flask import Flask, Response, redirect, render_template
from htmx_flask import Htmx, make_response, request
from werkzeug.wrappers import Response as BaseResponse

SWAPS = frozenset(
    ("innerHTML", "outerHTML", "beforebegin", "afterbegin", "beforeend", "afterend", "delete", "none", "morph")
)


def set_up(app: Flask) -> None:
    """Make requests aware of htmx, and tell caches that a page and its fragment differ."""
    Htmx(app)
    app.after_request(_vary)


def wants_fragment() -> bool:
    """Whether htmx requests a part of a page; false where it restores a whole page from its history."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def render(page: str, fragment: str, **values: Any) -> str:
    """The fragment for htmx, otherwise the page that includes it."""
    return render_template(fragment if wants_fragment() else page, **values)


def fragment_response(
    body: str, *, swap: str | None = None, into: str | None = None, announce: str | None = None
) -> Response:
    """A response for htmx that may change how (`swap`) and where (`into`) it lands, or trigger an event in the page.

    htmx-flask 0.1.0 refuses `beforebegin`, `afterbegin` and every modifier, so the swap's header is set here.
    """
    response: Response = make_response(body, retarget=into, trigger=announce)
    if swap is not None:
        assert swap.split()[0].split(":")[0] in SWAPS, swap
        response.headers["HX-Reswap"] = swap
    return response


def redirect_browser(address: str) -> BaseResponse:
    """Send the whole browser to another page, whether it requested a page or a fragment."""
    if not request.htmx:
        return redirect(address, 303)
    response: Response = make_response("", 204, redirect=address)
    return response


def _vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response
