"""Structured logs on standard error: one line of JSON per event, or readable text on a terminal."""

import logging
import os
import sys

import structlog


def set_up() -> None:
    """Configure our own logs and those of libraries. The level is LAUREL_LOG_LEVEL, by default info."""
    level = logging.getLevelNamesMapping().get(os.environ.get("LAUREL_LOG_LEVEL", "info").upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    is_terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    line_format = "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=max(level, logging.WARNING), format=line_format, stream=sys.stderr)
