"""One line of JSON per thing worth knowing, on standard error; for people when a terminal looks on."""

import logging
import os
import sys

import structlog


def set_up() -> None:
    """Send our own lines and those of the libraries the same way. LAUREL_LOG_LEVEL, default info."""
    level = logging.getLevelNamesMapping().get(os.environ.get("LAUREL_LOG_LEVEL", "info").upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    is_watched = sys.stderr.isatty()
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if is_watched else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    shape = "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=max(level, logging.WARNING), format=shape, stream=sys.stderr)
