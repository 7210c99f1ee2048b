"""The HTTP API for tests: in this process without a socket, or as `ferrule serve` in a process of its own."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ferrule.server import Application
from sessions import ENGINE, FERRULE

ADDRESS = "http://127.0.0.1"
_NUMBERS = itertools.count()


def ask(app: Any, method: str, path: str, *, content: bytes | None = None, json: Any = None, headers: Any = None) -> httpx.Response:
    """One request to an application in this process."""

    async def asking() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
            return await client.request(method, path, content=content, json=json, headers=headers)

    return asyncio.run(asking())


def call(app: Application, path: str, envelope: Any = None, **more: Any) -> dict[str, Any]:
    """The envelope that answers a call, whose status is always 200."""
    found = ask(app, "POST", path, json=envelope, **more)
    assert (found.status_code, found.headers["content-type"]) == (200, "application/json"), found.text
    answer: dict[str, Any] = found.json()
    return answer


@dataclass
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    line: str
    """What it said when it began."""
    log: Path

    def end(self, sign: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """Send a signal and wait for its end; its exit code."""
        self.process.send_signal(sign)
        return self.process.wait(seconds)


@contextmanager
def running(
    folder: Path, *arguments: object, environment: Mapping[str, str] | None = None, program: Path | None = None
) -> Iterator[Running]:
    """`ferrule serve` on a free port until the end of the block. Its log is a file in `folder`."""
    log = folder / f"serve-{next(_NUMBERS)}.log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FERRULE_")}
    words = [sys.executable, *([str(program)] if program else ["-c", FERRULE]), "serve", "--port", "0", *map(str, arguments)]
    with log.open("w") as errors:
        process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder,
            env={**clean, "PYTHONPATH": str(ENGINE), **(environment or {})},
        )  # fmt: skip
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert " at http" in line, log.read_text()
            yield Running(process, line.split(" at ")[1].split()[0], line.strip(), log)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def refused(folder: Path, *arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`ferrule serve` that does not begin: what it says."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FERRULE_")}
    return subprocess.run(
        [sys.executable, "-c", FERRULE, "serve", "--port", "0", *map(str, arguments)],
        capture_output=True, text=True, cwd=folder, timeout=60, check=False,
        env={**clean, "PYTHONPATH": str(ENGINE), "COLUMNS": "300", **(environment or {})},
    )  # fmt: skip
