"""Tokens in a folder: what a login gave, kept for the processes of one machine and for the time after them.

Each tenant has a file, which nobody but its owner can read. It is replaced whole, and one process at a time logs in: however many
race for a new token, a refresh token is sent once. With a key of one's own the files are encrypted (AES-SIV, RFC 5297).
"""

from __future__ import annotations

import asyncio
import hmac
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ferrule.auth.grant import Grant
from ferrule.errors import CallError, FerruleError
from ferrule.login import Kept
from ferrule.secret import Secret, reveal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

PATIENCE = 120.0
"""Seconds to wait for another process that logs in."""


class FileTokens:
    """A folder in which tokens are kept, for the processes of one machine and for the time after them. Where there is none, it is made.

    `key` is any text; with one, the files are encrypted.
    """

    def __init__(self, folder: str | Path, key: str | None = None) -> None:
        self.folder = Path(folder)
        self.key = Secret(key) if key else None

    def of(self, app: str, tenant: str) -> FileEntry:
        """See `TokenStore.of`."""
        return FileEntry(self.folder / f"{app}-{sha256(tenant.encode()).hexdigest()[:32]}.json", self.key)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One tenant's file, with a lock beside it."""

    path: Path
    key: Secret | None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """See `GrantStore.turn`. The lock is one of the operating system, which ends with its process."""
        import filelock  # only who keeps tokens pays for it

        lock = filelock.AsyncFileLock(self.path.with_suffix(".lock"), timeout=PATIENCE, mode=0o600)
        try:
            await asyncio.to_thread(self.path.parent.mkdir, 0o700, parents=True, exist_ok=True)
            await lock.acquire()
        except filelock.Timeout:
            raise CallError("another process logs in, and has not come to an end", code="request_timeout") from None
        except OSError as error:
            raise self._failure("locked", error) from None
        try:
            yield
        finally:
            await lock.release()

    async def load(self) -> Kept:
        """See `GrantStore.load`. Raises `FerruleError` for a file that cannot be read: another key, damage."""
        return await asyncio.to_thread(self._load)

    async def save(self, kept: Kept) -> None:
        """See `GrantStore.save`."""
        await asyncio.to_thread(self._save, kept)

    def _load(self) -> Kept:
        from cryptography.exceptions import InvalidTag

        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Kept()
        except OSError as error:
            raise self._failure("read", error) from None
        try:
            if not content.startswith(b"{"):
                content = self._cipher().decrypt(content, None)
            return _read(orjson.loads(content))
        except (InvalidTag, ValueError, KeyError, TypeError):
            hint = "is `FERRULE_TOKEN_KEY` the one it was written with? Without the file, the credential as it was given counts"
            raise FerruleError(f"the tokens in {self.path} cannot be read", code="internal_error", hint=hint) from None

    def _save(self, kept: Kept) -> None:
        content = orjson.dumps(_written(kept))
        if self.key is not None:
            content = self._cipher().encrypt(content, None)
        try:
            _replace(self.path, content)
        except OSError as error:
            raise self._failure("written", error) from None

    def _cipher(self) -> AESSIV:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # loading it takes longer than many a call

        key = self.key.reveal() if self.key is not None else ""
        return AESSIV(hmac.digest(b"ferrule tokens", key.encode(), "sha512"))

    def _failure(self, what: str, error: OSError) -> FerruleError:
        return FerruleError(f"the tokens in {self.path} cannot be {what}: {error.strerror}", code="internal_error")


def _replace(path: Path, content: bytes) -> None:
    """Put `content` in place of a file, readable by its owner alone. It is on the disk before it is in its place."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _written(kept: Kept) -> dict[str, Any]:
    grant = kept.grant
    held = None if grant is None else {name: reveal(getattr(grant, name)) for name in _PARTS}
    until = None if kept.renew_at == float("inf") else kept.renew_at
    return {"grant": held, "renew_at": until, "spending": kept.spending, "rotates": kept.rotates, "settings": kept.settings}


_PARTS = ("token", "variables", "expires_at", "refresh_token")


def _read(held: Mapping[str, Any]) -> Kept:
    grant = held["grant"]
    if grant is not None:
        token, refresh = grant["token"], grant["refresh_token"]
        grant = Grant(Secret(token), grant["variables"], grant["expires_at"], None if refresh is None else Secret(refresh))
    until = held["renew_at"]
    return Kept(grant, float("inf") if until is None else until, held["spending"], held["rotates"], held["settings"])
