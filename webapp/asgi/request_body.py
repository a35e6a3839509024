"""Bodies as they arrive: bounded in length, in time, and in how much of this process they occupy together."""

import asyncio
from collections.abc import Mapping

from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout, ServiceUnavailable

from webapp.asgi.types import Receive
from webapp.http.event_loop.messages import ClientGone

GRACE_SECONDS = 10.0  # for the first bytes; each further one must come at the slowest rate that is borne
BYTES_PER_SECOND_MIN = 16 * 1024
TOGETHER_BYTES_MAX = 256 * 1024 * 1024


class BodyReader:
    """Reads the bodies of one process."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes_held = 0

    async def read(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """The whole body of a request.

        Raises RequestEntityTooLarge, RequestTimeout for one that drips, ServiceUnavailable while others fill the
        memory, and ClientGone.
        """
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._bytes_max:
            raise RequestEntityTooLarge
        loop = asyncio.get_running_loop()
        began, received, parts = loop.time(), 0, list[bytes]()
        try:
            async with asyncio.timeout_at(began + GRACE_SECONDS) as deadline:
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    if part := message.get("body", b""):
                        received += len(part)
                        self._hold(len(part), received)
                        parts.append(part)
                    if not message.get("more_body"):
                        return parts[0] if len(parts) == 1 else b"".join(parts)
                    deadline.reschedule(began + GRACE_SECONDS + received / BYTES_PER_SECOND_MIN)
        except TimeoutError:
            raise RequestTimeout("the body of this request comes too slowly") from None
        finally:
            self._bytes_held -= received

    def _hold(self, more: int, received: int) -> None:
        self._bytes_held += more
        if received > self._bytes_max:
            raise RequestEntityTooLarge
        if self._bytes_held > TOGETHER_BYTES_MAX:
            raise ServiceUnavailable("too many long bodies at once", retry_after=1)
