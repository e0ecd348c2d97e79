"""The log of the server: plain or JSON lines, and warnings limited to one a second of each kind."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from backend.web.observation import REQUEST_LOG

PLAIN, UNNAMED = "%(levelname)s %(name)s: %(message)s", "%(levelname)s: %(message)s"
EVERY_S = 1.0
MAX_KINDS = 1_000
_KIND_LENGTH = 60


class RateLimitFilter(logging.Filter):
    """Limits warnings and errors to one a second of each kind; the next one says how many were left out.

    The kind is the logger, the level and the start of the message template, before arguments are inserted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], tuple[float, int]] = {}
        """when each kind was last written, and how many were left out since"""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if record.levelno < logging.WARNING:
            return True
        kind = (record.name, record.levelno, str(record.msg)[:_KIND_LENGTH].split("\n")[0])
        now_s = self._clock()
        at_s, left_out = self._kinds.get(kind, (now_s - EVERY_S, 0))
        if now_s - at_s < EVERY_S:
            self._kinds[kind] = (at_s, left_out + 1)
            return False
        if len(self._kinds) >= MAX_KINDS:
            self._kinds.clear()
        self._kinds[kind] = (now_s, 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out:,} more of this kind were left out)", ()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, the fields of a request, and `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainFormatter(logging.Formatter):
    """Level, logger and message; without the logger for requests and for messages of the HTTP server."""

    def __init__(self) -> None:
        super().__init__(PLAIN)
        self._unnamed = logging.Formatter(UNNAMED)

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline."""
        is_unnamed = record.levelno == logging.INFO and (record.name == REQUEST_LOG or record.name.startswith("uvicorn"))
        return self._unnamed.format(record) if is_unnamed else super().format(record)


def set_up_log(*, as_json: bool) -> None:
    """Write the log of this process, uvicorn's too, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if as_json else PlainFormatter())
    handler.addFilter(RateLimitFilter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
