"""Real applications on loopback, started for these tests and ended after them.

`../shared/targets/<name>/start.sh <port>` beside the checkout installs, starts and seeds one; a few have theirs in `targets/`
here. Each is started on a port of its own, so that one already running for another purpose is left alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TARGETS = Path(__file__).resolve().parents[3] / "shared" / "targets"
HERE = Path(__file__).resolve().parent / "targets"
PORTS = {
    "jupyterhub": 18700,
    "rabbitmq": 18710,
    "synapse": 18720,
    "scim2server": 18740,
    "mlflow": 18745,
    "moto": 18767,
    "slapd": 18750,
    "samba": 389,
}


@pytest.fixture(scope="session")
def target() -> Iterator[Any]:
    """A function that starts an application by name, once for each port, and gives what its start script printed. Further names
    are variables of the script's environment."""
    started: dict[tuple[str, int], dict[str, Any]] = {}

    def start(name: str, port: int | None = None, **more: str) -> dict[str, Any]:
        key = name, port or PORTS[name]
        if key not in started:
            script = (HERE if (HERE / name).is_dir() else TARGETS) / name / "start.sh"
            if not script.is_file():
                pytest.skip(f"the applications are not beside the checkout: {script} is missing")
            _forget(*key)
            done = subprocess.run(
                ["bash", str(script), str(key[1])], capture_output=True, text=True, timeout=420, check=False,
                env={**os.environ, "PYTHONHASHSEED": "0", **more},  # the order of keys in the answers of those that run on Python
            )  # fmt: skip
            if done.returncode:
                pytest.fail(f"{name} did not start: {done.stderr[-2000:]}")
            started[key] = json.loads(done.stdout.strip().splitlines()[-1])
        return started[key]

    yield start
    for key in started:
        _stop(*key)


def _folder(name: str, port: int) -> Path:
    home = os.environ.get("FERRULE_TARGETS_DIR", str(Path.home() / ".cache" / "ferrule-targets"))
    return Path(home) / name / f"run-{port}"


def _forget(name: str, port: int) -> None:
    """Start from the seed: what an earlier run on this port left behind goes."""
    _stop(name, port)
    subprocess.run(["rm", "-rf", str(_folder(name, port))], check=True)


def _stop(name: str, port: int) -> None:
    """End the processes whose ids the start script wrote, and no others."""
    for file in _folder(name, port).glob("*.pid"):
        pid = int(file.read_text().strip() or 0)
        if pid <= 1:
            continue
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(pid, sign)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and _alive(pid):
                time.sleep(0.1)
            if not _alive(pid):
                break
        file.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True
