"""The last step of every answer: a tag that saves sending what the client has, and compression."""

import gzip
from collections.abc import Mapping
from hashlib import blake2b

from werkzeug.http import parse_accept_header, unquote_etag

from webapp.http.event_loop.messages import JSON, Answer

GZIP_BYTES_MIN = 1_000
GZIP_LEVEL = 4
COMPRESSED_TYPES = frozenset(
    {JSON, "application/problem+json", "text/css", "text/csv", "text/javascript", "text/html", "image/svg+xml"}
)
ETAG_BYTES = 12


def tagged(answer: Answer, method: str, request_headers: Mapping[str, str]) -> Answer:
    """An answer in JSON to a GET with an ETag of its content; without its body (304) if the client has just that."""
    if method not in {"GET", "HEAD"} or answer.status != 200 or _type_of(answer) != JSON or "ETag" in answer.headers:
        return answer
    tag = blake2b(answer.body, digest_size=ETAG_BYTES).hexdigest()
    # Weak: the same text may be sent compressed or not.
    headers = answer.headers | {"ETag": f'W/"{tag}"'}
    headers.setdefault("Cache-Control", "private, no-cache")
    if _has_tag(request_headers.get("if-none-match", ""), tag):
        return Answer(304, b"", {name: value for name, value in headers.items() if name != "Content-Type"})
    return Answer(answer.status, answer.body, headers)


def _has_tag(if_none_match: str, tag: str) -> bool:
    candidates = [candidate.strip() for candidate in if_none_match.split(",")]
    return "*" in candidates or any(unquote_etag(candidate)[0] == tag for candidate in candidates if candidate)


def may_compress(answer: Answer, request_headers: Mapping[str, str]) -> bool:
    """Whether an answer is worth compressing, and may be.

    A page that a session sees is sent as it is: it holds a secret (the CSRF token) beside what others may have chosen,
    and compressed lengths would give the secret away (BREACH).
    """
    kind = _type_of(answer)
    is_secret = kind == "text/html" and "cookie" in request_headers
    is_worth_it = kind in COMPRESSED_TYPES and len(answer.body) >= GZIP_BYTES_MIN
    return is_worth_it and not is_secret and "Content-Encoding" not in answer.headers and answer.status != 206


def accepts_gzip(request_headers: Mapping[str, str]) -> bool:
    """Whether the client accepts gzip; one that says nothing does not."""
    return parse_accept_header(request_headers.get("accept-encoding")).quality("gzip") > 0


def compressed(answer: Answer) -> Answer:
    """The same answer in gzip."""
    headers = answer.headers | {"Content-Encoding": "gzip"}
    if headers.get("ETag", "").startswith('"'):
        headers["ETag"] = f"W/{headers['ETag']}"
    return Answer(answer.status, gzip.compress(answer.body, GZIP_LEVEL, mtime=0), headers)


def varies_by_encoding(answer: Answer) -> Answer:
    """The same answer, which tells caches that there is a compressed one."""
    vary = [answer.headers["Vary"]] if "Vary" in answer.headers else []
    return Answer(answer.status, answer.body, answer.headers | {"Vary": ", ".join([*vary, "Accept-Encoding"])})


def _type_of(answer: Answer) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
