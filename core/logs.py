"""Lines of the log: one line each, in UTC, with the number of the request and nothing that names a person."""

from __future__ import annotations

import datetime as dt
import json
import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")

FIELDS = ("method", "route", "status", "ms", "actor")


class JsonFormatter(logging.Formatter):
    """One JSON object per line; line breaks in a message cannot forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.entry(record), default=str)

    def entry(self, record: logging.LogRecord) -> dict:
        entry = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.text(record),
            "request": request_id.get(),
        }
        entry |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return {name: value for name, value in entry.items() if value not in ("", None)}

    def text(self, record: logging.LogRecord) -> str:
        """The message; for a request that failed its pattern, because the address may hold the key of a link."""
        if record.name == "django.request" and hasattr(record, "request"):
            from core.middleware import route_of

            return f"{record.request.method} {route_of(record.request)} failed"
        return record.getMessage()


class PlainFormatter(JsonFormatter):
    """The same line for eyes: time, level, logger, message, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        entry = self.entry(record)
        traceback = entry.pop("traceback", "")
        head = " ".join(f"{entry.pop(name)}" for name in ("at", "level", "logger", "message"))
        tail = " ".join(f"{name}={value}" for name, value in entry.items())
        line = "".join(ch if ch.isprintable() else " " for ch in f"{head} {tail}".rstrip())
        return f"{line}\n{traceback}" if traceback else line
