"""How answers become JSON: routes answer with msgspec structs, from which the API description is made too."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from flask.json.provider import DefaultJSONProvider
from msgspec import Meta, Struct

from webapp.http.event_loop.messages import JSON, Answer
from webapp.runtime import clock


def one_of(*values: str) -> Meta:
    """The values that a text from the store may have, for the description."""
    return Meta(extra_json_schema={"enum": list(values)})


class StructJSONProvider(DefaultJSONProvider):
    """Flask's JSON, which also writes structs, and times in UTC; unset members of a struct are left out."""

    @staticmethod
    def default(value: Any) -> Any:
        """Called for whatever the standard library cannot serialize."""
        if isinstance(value, Struct):
            return msgspec.to_builtins(value, builtin_types=(datetime,))
        if isinstance(value, datetime):
            return clock.utc_text(value)
        return DefaultJSONProvider.default(value)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer of a route on the event loop, written as `flask.jsonify` writes it."""
    text = json.dumps(value, default=StructJSONProvider.default, sort_keys=True, separators=(",", ":"))
    return Answer(status, f"{text}\n".encode(), {"Content-Type": JSON, **(headers or {})})
