"""Logs of the long-running processes: to stderr, for people on a terminal, else JSON lines.

Only codes, names and ids are logged; never a data value, never the text of an error that
came from data.
"""

from __future__ import annotations

import sys

import structlog

__all__ = ["configure"]


def configure() -> None:
    """Set structlog up for this process."""
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
