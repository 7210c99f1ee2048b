"""Who may call: API keys, each with a name that the log tells.

A key is written `name:key`, one a line in a file, or several in `FERRULE_API_KEYS` with commas between. In place of the key
its SHA-256 may stand, `name:sha256:<64 hex digits>`, so that the file opens nothing to who reads it. No key is kept here
but as its hash. A hash without salt and without stretching is right for keys: they are random, and long enough that
nobody tries them all, which is why a short one is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ferrule.errors import BadInput

log = logging.getLogger(__name__)

VARIABLE = "FERRULE_API_KEYS"
SHORTEST = 32
"""Characters of a key, at least: 128 bits where each is a hex digit."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HASHED = re.compile(r"sha256:([0-9a-fA-F]{64})")
_FORM = "each is `name:key`, such as `platform:` and what `openssl rand -hex 32` prints"


@dataclass(frozen=True, slots=True)
class Key:
    """One key that opens the server, as its hash."""

    name: str
    digest: bytes


class Keys:
    """The keys that open the server. Those of a file are read again when it changes, at most once a second.

    A file that is gone, or cannot be read as keys, changes nothing: the log says so and the keys from before stay. To let
    nobody in any more, stop the server.
    """

    def __init__(self, fixed: Iterable[Key] = (), file: Path | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fixed, self._file, self._clock = tuple(fixed), file, clock
        self._stamp = _stamp(file) if file is not None else None
        self._keys = (*self._fixed, *(_from_file(file) if file is not None else ()))
        self._looked = clock()
        _check(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def caller(self, presented: str) -> str | None:
        """The name of the key, or None. Every key is compared, each in constant time: how long it takes tells nothing."""
        self._look()
        digest, found = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).digest(), None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key.name
        return found

    def _look(self) -> None:
        now = self._clock()
        if self._file is None or now - self._looked < 1:
            return
        self._looked = now
        stamp = _stamp(self._file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            keys = (*self._fixed, *_from_file(self._file))
            _check(keys)
        except BadInput as error:
            log.error("the API keys are those from before: %s", error.message)
        else:
            self._keys = keys
            log.warning("the API keys were read again: %s", ", ".join(key.name for key in keys))


def read_keys(file: Path | None = None) -> Keys | None:
    """The keys of a file and of `FERRULE_API_KEYS`; None where neither is given. Raises `BadInput`, which quotes no key."""
    variable = os.environ.get(VARIABLE, "")
    fixed = _keys(re.split(r"[,\n]", variable), VARIABLE)
    return Keys(fixed, file) if fixed or file is not None else None


def _from_file(file: Path) -> list[Key]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadInput(f"the file of API keys cannot be read: {reason}", hint=f"the file is `{file}`") from None
    found = _keys(lines, str(file))
    if not found:
        raise BadInput(f"there is no API key in `{file}`", hint=_FORM)
    return found


def _keys(lines: Iterable[str], place: str) -> list[Key]:
    found = []
    for number, line in enumerate((line.strip() for line in lines), 1):
        if not line or line.startswith("#"):
            continue
        name, _, key = (part.strip() for part in line.partition(":"))
        if not _NAME.fullmatch(name) or not key:
            raise BadInput(f"API key {number} in {place} has no name", hint=_FORM)
        hashed = _HASHED.fullmatch(key)
        if hashed is None and (len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key):
            hint = f"it has {SHORTEST} characters or more, none of them blank; make one with `openssl rand -hex 32`"
            raise BadInput(f"API key `{name}` in {place} is too easy to guess, or cannot be sent", hint=hint)
        found.append(Key(name, bytes.fromhex(hashed[1]) if hashed else hashlib.sha256(key.encode()).digest()))
    return found


def _check(keys: tuple[Key, ...]) -> None:
    """A key that two names have would be logged as either."""
    owners: dict[bytes, str] = {}
    for key in keys:
        if owners.setdefault(key.digest, key.name) != key.name:
            raise BadInput(f"`{owners[key.digest]}` and `{key.name}` have the same API key", hint="give each a key of its own")


def _stamp(file: Path) -> tuple[int, ...] | None:
    """What changes when the file does, also where it is put in place by renaming or is a link that is turned."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
