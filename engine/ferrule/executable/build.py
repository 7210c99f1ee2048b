"""One file that is a connector: it runs wherever the Python is that it was built for, with nothing else installed.

It is an archive that Python can start, `start.py` first (https://docs.python.org/3/library/zipapp.html). The same environment and the same
spec give the same bytes. `about.json` in it says what it holds: each package with its version, each file with its hash.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ferrule.compile import compile_text, read_file
from ferrule.errors import BadInput
from ferrule.executable.contents import contents

_START = Path(__file__).with_name("start.py")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can name. When a file was made is not in it."""


@dataclass(frozen=True, slots=True)
class Built:
    """A file that was built."""

    app: str
    file: Path
    size: int
    python: str
    """The version of Python that it runs with, such as `3.13`."""
    packages: dict[str, str]
    """What it holds, and in which version."""


def build(spec: Path, file: Path | None = None) -> Built:
    """Write the connector of `spec` as an executable file, in place of what is there: `<app>.pyz` where none is named.

    Raises `SpecError` with every finding of a broken spec, `BadInput` where a package is not installed, or the file
    cannot be written.
    """
    text, name = read_file(spec)
    plan = compile_text(text, name)
    file = file or Path(f"{plan.app_id}.pyz")
    used = {type(auth).__module__ for auth in (*plan.auths.values(), *plan.spec.auth.values())}
    found = contents(used | ({"ferrule.wire.ldap"} if plan.http.ldap else set()))
    files = {f"packages/{name}": path.read_bytes() for name, path in found.files.items()}
    files[f"spec/{spec.name}"] = text.encode()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    about: dict[str, Any] = {
        "app": plan.app_id,
        "version": plan.spec.app.version,
        "spec": f"spec/{spec.name}",
        "python": python,
        "modules": EXTENSION_SUFFIXES[0],
        "packages": found.packages,
        "files": {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()},
    }
    head = {"__main__.py": _START.read_bytes(), "about.json": json.dumps(about, indent=1).encode()}
    try:
        size = _write(file, {**head, **files}, python)
    except OSError as error:
        raise BadInput(f"`{file}` cannot be written: {error.strerror}") from error
    return Built(plan.app_id, file, size, python, found.packages)


def _write(file: Path, members: dict[str, bytes], python: str) -> int:
    """The size of the file. It is made aside, so that nobody starts half of it."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as made:
        path = Path(made.name)
        try:
            made.write(f"#!/usr/bin/env python{python}\n".encode())
            _archive(made, members)
            size = made.tell()
            made.close()
            path.chmod(0o755)
            path.replace(file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return size


def _archive(made: IO[bytes], members: dict[str, bytes]) -> None:
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = ZipInfo(name, _EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o100644 << 16
            archive.writestr(entry, content)
