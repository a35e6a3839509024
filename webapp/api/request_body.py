"""The one reader of request bodies: strict JSON into structs. What two parsers could read differently is rejected."""

import json
import math
import re
import zlib
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header

from webapp.api.body_flaws import NO_CHECKS, Check, InvalidValue, all_flaws, type_error_of
from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.messages import LoopRequest
from webapp.http.problems import ApiProblem, unprocessable

DEPTH_MAX = 8
"""How many objects and arrays may be nested in the free-form members of an event or a player."""

BODY_DEPTH_MAX = DEPTH_MAX + 2
NUMBER_MAX = 2**53
GZIP = "gzip"
UNSUPPORTED = "unsupported_media_type"

T = TypeVar("T")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME_END = b'":'
_SPACED_NAME_END = re.compile(rb'"\s+:')


def read_body(shape: type[T], checks: Mapping[str, Check] = NO_CHECKS) -> T:
    """Read the body of this request into a struct; `checks` look at members, by name, whose types are right.

    Raises ApiProblem: 415 for another content type, 413 for a body that is too long, 400 for invalid JSON, 422 with a
    pointer for everything that does not fit.
    """
    return body_as(body_bytes(), shape, checks)


def body_as(body: bytes, shape: type[T], checks: Mapping[str, Check] = NO_CHECKS) -> T:
    """Read a body into a struct. Raises ApiProblem like `read_body`."""
    value = plain_json(body)
    try:
        normalize(value, BODY_DEPTH_MAX)
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None
    return convert_body(value, shape, checks)


def read_json_body() -> Any:
    """Read the body of this request as plain JSON values, whatever they mean. Raises ApiProblem like `read_body`."""
    return plain_json(body_bytes())


def plain_json(body: bytes) -> Any:
    """Read a body as plain JSON values, whatever they mean. Raises ApiProblem like `read_body`."""
    value = parse_json(body)
    try:
        reject_ambiguous(value)
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None
    return value


def convert_body(value: Any, shape: type[T], checks: Mapping[str, Check] = NO_CHECKS) -> T:
    """Convert a body that was read already into a struct. Raises ApiProblem (422) with a pointer to every flaw."""
    try:
        return convert(value, shape, checks)
    except InvalidValue as invalid:
        raise unprocessable([error.field_error() for error in all_flaws(invalid, value, shape, checks)]) from None


def convert(value: Any, shape: type[T], checks: Mapping[str, Check] = NO_CHECKS) -> T:
    """Convert plain JSON values into a struct. Raises InvalidValue for the first flaw."""
    try:
        converted = msgspec.convert(value, type=shape)
    except msgspec.ValidationError as error:
        raise type_error_of(error) from None
    for name, check in checks.items():
        check(getattr(converted, name))
    return converted


def decode(text: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode JSON text straight into a struct: the fast path for events.

    Raises InvalidValue; ApiProblem (400) for invalid JSON. Unlike `read_body` it neither normalizes free-form members
    nor notices duplicate keys: see `normalize` and `reject_duplicate_keys`.
    """
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reject_ambiguous(parse_json(text))
        raise type_error_of(error) from None


def reject_duplicate_keys(text: bytes, key_count: int) -> None:
    """Raise InvalidValue if a key occurs twice in a JSON text that was decoded into `key_count` keys.

    Nearly always without a second parse: as long as no blank precedes a colon, the text contains at least as many `":`
    as keys, and where it contains no more than were decoded, none of them was a duplicate.
    """
    if text.count(_NAME_END) != key_count or _SPACED_NAME_END.search(text):
        reject_ambiguous(parse_json(text))


def body_bytes() -> bytes:
    """The body of this request, decompressed. Raises ApiProblem (415, 413) unless it is JSON of bearable size."""
    encoding = checked_encoding(request.mimetype, request.headers.get("Content-Encoding", ""))
    bytes_max = request.max_content_length
    assert bytes_max is not None
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise _too_large(bytes_max) from None
    return decompressed(body, bytes_max) if encoding == GZIP else body


async def loop_body_bytes(request: LoopRequest) -> bytes:
    """The same for a request on the event loop."""
    mimetype = parse_options_header(request.headers.get("content-type", ""))[0].lower()
    encoding = checked_encoding(mimetype, request.headers.get("content-encoding", ""))
    bytes_max = request.app.config["MAX_CONTENT_LENGTH"]
    try:
        body = await request.read_body()
    except RequestEntityTooLarge:
        raise _too_large(bytes_max) from None
    return await in_thread(decompressed, body, bytes_max) if encoding == GZIP else body


def checked_encoding(mimetype: str, encoding: str) -> str:
    """How a body is encoded. Raises ApiProblem (415) unless it is JSON, plain or in gzip."""
    if mimetype != "application/json" and not mimetype.endswith("+json"):
        raise ApiProblem(415, UNSUPPORTED, "Content-Type must be application/json")
    normal = encoding.strip().lower() or "identity"
    if normal not in {"identity", GZIP}:
        detail = "a request body is sent as it is, or in gzip"
        raise ApiProblem(415, UNSUPPORTED, detail, headers={"Accept-Encoding": GZIP})
    return normal


def decompressed(body: bytes, bytes_max: int) -> bytes:
    """The text in a gzip body; never makes more than `bytes_max` of it. Raises ApiProblem (400, 413)."""
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = reader.decompress(body, bytes_max + 1)
    except zlib.error:
        raise ApiProblem(400, "invalid", "the body is not valid gzip") from None
    if len(text) > bytes_max:
        raise _too_large(bytes_max)
    if not reader.eof or reader.unused_data:
        raise ApiProblem(400, "invalid", "the body is not one complete gzip stream")
    return text


def _too_large(bytes_max: int) -> ApiProblem:
    return ApiProblem(413, "too_large", f"request body exceeds {bytes_max} bytes")


class ObjectWithDuplicate(dict[str, Any]):
    """A JSON object in which the key `duplicate_key` occurred twice."""

    duplicate_key: str = ""


def _object_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    flagged = ObjectWithDuplicate(members)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            flagged.duplicate_key = key
            break
        seen.add(key)
    return flagged


def parse_json(body: bytes) -> Any:
    """Parse JSON without hiding anything: duplicate keys stay visible, NaN and infinities become floats.

    Raises ApiProblem (400) for invalid JSON. `reject_ambiguous` then reports what is wrong in the result.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_object_of_pairs)
    except UnicodeDecodeError as error:
        raise ApiProblem(400, "invalid_json", f"invalid UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise ApiProblem(400, "invalid_json", detail) from None
    except ValueError:  # Python refuses to convert a number of thousands of digits
        raise ApiProblem(400, "invalid_json", "a number has too many digits") from None
    except RecursionError:
        raise ApiProblem(400, "invalid_json", "nested too deeply") from None


def reject_ambiguous(value: Any) -> None:
    """Raise InvalidValue for the first thing in parsed JSON that no body may contain, whatever it is for."""
    try:
        _reject_ambiguous(value)
    except RecursionError:
        raise InvalidValue("nested too deeply", "too_large") from None


def _reject_ambiguous(value: Any) -> None:
    match value:
        case ObjectWithDuplicate():
            raise InvalidValue(f"duplicate key {value.duplicate_key!r}", "duplicate_key").inside(value.duplicate_key)
        case dict():
            for key, inner in value.items():
                _reject_surrogates(key)
                _reject_ambiguous_at(key, inner)
        case list():
            for index, inner in enumerate(value):
                _reject_ambiguous_at(index, inner)
        case str():
            _reject_surrogates(value)
        case float() if not math.isfinite(value):
            raise InvalidValue("NaN and infinite numbers are not allowed")
        case _:
            pass


def _reject_ambiguous_at(step: str | int, inner: Any) -> None:
    try:
        _reject_ambiguous(inner)
    except InvalidValue as invalid:
        raise invalid.inside(step) from None


def _reject_surrogates(text: str) -> None:
    if _SURROGATE.search(text):
        raise InvalidValue("lone surrogates are not allowed")


def normalize(value: Any, depth: int) -> tuple[Any, int]:
    """Bring a JSON value into its one form (1.0 becomes 1), in place; return it and how many keys it contains.

    `depth` is how many levels of objects and arrays it may still open. Raises InvalidValue for what is nested too
    deeply, for numbers beyond ±2^53 and for NUL characters.
    """
    kind = type(value)
    if kind is str:
        _reject_nul(value)
        return value, 0
    if kind is int or kind is float:
        return _normalize_number(value), 0
    if kind is dict or kind is list:
        if depth == 0:
            raise InvalidValue("nested too deeply", "too_large")
        return _normalize_object(value, depth - 1) if kind is dict else _normalize_array(value, depth - 1)
    return value, 0


def _reject_nul(text: str) -> None:
    if "\0" in text:
        raise InvalidValue("NUL characters are not allowed")


def _normalize_number(value: float) -> float:
    if not -NUMBER_MAX <= value <= NUMBER_MAX:
        raise InvalidValue("numbers beyond ±2^53 are not allowed")
    return int(value) if value == int(value) else value


def _normalize_object(value: dict[str, Any], depth: int) -> tuple[dict[str, Any], int]:
    count = len(value)
    for key, inner in value.items():
        try:
            _reject_nul(key)
            value[key], inner_count = normalize(inner, depth)
        except InvalidValue as invalid:
            raise invalid.inside(key) from None
        count += inner_count
    return value, count


def _normalize_array(value: list[Any], depth: int) -> tuple[list[Any], int]:
    count = 0
    for index, inner in enumerate(value):
        try:
            value[index], inner_count = normalize(inner, depth)
        except InvalidValue as invalid:
            raise invalid.inside(index) from None
        count += inner_count
    return value, count
