"""What was told of a spec before, kept on disk: to tell it again costs no engine.

A thing is told again only of the very same text by the very same engine. Nothing of a tenant is ever kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ferrule.cli.output import plain

VARIABLE = "FERRULE_CACHE"
"""The folder; nothing is kept where it is empty."""


def remembered(file: Path, what: str, make: Callable[[], Any]) -> Any:
    """What `make()` gives, as JSON types; or what it gave the last time, of the same text and engine. `what` names it."""
    folder = _folder()
    engine = _engine()
    if folder is None or engine is None:
        return plain(make())
    try:
        of = hashlib.sha256(engine + file.read_bytes()).hexdigest()
    except OSError:
        return plain(make())
    place = folder / f"{file.stem}-{what}-{hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:16]}.json"
    try:
        kept = json.loads(place.read_bytes())
        if kept["of"] == of:
            return kept["value"]
    except (OSError, ValueError, KeyError, TypeError):  # not there, or not what we wrote
        pass
    value = plain(make())
    _keep(place, {"of": of, "value": value})
    return value


def _folder() -> Path | None:
    """Where the user's programs keep what they can make anew."""
    if (named := os.environ.get(VARIABLE)) is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    else:  # XDG Base Directory Specification 0.8
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - a user without a home is no error
    return Path(base) / "ferrule" if base and Path(base).is_absolute() else None


@cache
def _engine() -> bytes | None:
    """A mark of the engine's code: other code, another mark. None where its files cannot be seen."""
    mark = hashlib.sha256(sys.version.encode())
    files = 0
    for folder, folders, names in os.walk(Path(__file__).parents[1]):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", "_bundled"))
        for name in sorted(names):
            state = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - three hundred of them, on every start
            mark.update(f"{folder}/{name} {state.st_size} {state.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
            files += 1
    return mark.digest() if files else None


def _keep(place: Path, value: Any) -> None:
    """Write a file whole or not at all. What cannot be kept is made anew the next time."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False, encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False)
        Path(file.name).replace(place)
    except OSError:
        pass
