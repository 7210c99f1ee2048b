"""The log: one line of JSON for each request, and for each thing that is said besides.

`ferrule.access` has a line for each request, its message JSON already, so that a program that mounts the API can send it
where its own logs go. `to_stderr` is what `ferrule serve` does: everything, also what libraries say, as JSON lines.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from ferrule.server.visit import Visit, request_id

access = logging.getLogger("ferrule.access")


def write(visit: Visit) -> None:
    """Write the line of a request."""
    if access.isEnabledFor(logging.INFO):
        access.info("%s", json.dumps({"time": _now(), **visit.line()}, ensure_ascii=False))


def to_stderr() -> None:
    """Have all logging go to standard error as JSON lines. What libraries say goes there from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    access.setLevel(logging.INFO)
    access.propagate = True


class _Lines(logging.Formatter):
    """A record as one line of JSON. Of an exception its kind and its places are told, and not its words, which may quote a secret."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == access.name:
            return record.getMessage()
        told: dict[str, Any] = {
            "time": _now(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().strip().split("\n", 1)[0],
            "id": request_id.get(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["exception"] = record.exc_info[0].__name__
            told["at"] = places(record.exc_info[1])
        return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def places(error: BaseException | None, most: int = 6) -> list[str]:
    """Where an exception was raised, the innermost last: module and line."""
    found = []
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        found.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-most:]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
