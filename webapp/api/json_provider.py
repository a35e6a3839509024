"""How answers become JSON: routes answer with msgspec structs, from which the API description is made too."""

from datetime import datetime
from typing import Any

import msgspec
from flask.json.provider import DefaultJSONProvider
from msgspec import Meta, Struct


def one_of(*values: str) -> Meta:
    """The values that a text from the store may have, for the description."""
    return Meta(extra_json_schema={"enum": list(values)})


class StructJSONProvider(DefaultJSONProvider):
    """Flask's JSON, which also writes structs and datetimes; unset members of a struct are left out."""

    @staticmethod
    def default(value: Any) -> Any:
        """Called for whatever the standard library cannot serialize."""
        if isinstance(value, Struct):
            return msgspec.to_builtins(value, builtin_types=(datetime,))
        if isinstance(value, datetime):
            return value.isoformat()
        return DefaultJSONProvider.default(value)
