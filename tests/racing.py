"""Many processes, each a program of its own that makes the same call with the same tokens: `python racing.py FOLDER COUNT MODE < JOB`.

Prints a line for each: what it got, or the error. `MODE` is what goes wrong in them: nothing, `before` (the process dies when a
refresh token is about to be sent) or `after` (it dies when the new one is about to be kept). The job is JSON: `spec`, `capability`, and
what an instance takes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import FerruleError
from ferrule.login import Kept
from ferrule.replay import plain
from ferrule.tokens import FileEntry, FileTokens
from ferrule.wire import live  # noqa: F401 - loaded once, and not by each process


class Dying(FileEntry):
    """A place to keep tokens, and a process that dies at the worst moment."""

    mode = ""

    async def save(self, kept: Kept) -> None:
        """Keep, or die."""
        if self.mode == "after" and not kept.spending:
            os._exit(1)
        await super().save(kept)
        if self.mode == "before":
            os._exit(1)


class Tokens(FileTokens):
    """The same for all tenants."""

    def of(self, app: str, tenant: str) -> FileEntry:
        """See `TokenStore.of`."""
        entry = super().of(app, tenant)
        return Dying(entry.path, entry.key)


def came_to(connector: Connector, folder: Path, job: dict[str, Any]) -> str:
    """What one program comes to."""
    with connector.instance(job["credential"], job["settings"], auth=job.get("auth"), tokens=Tokens(folder)) as tenant:
        try:
            return json.dumps(plain(tenant.call(job["capability"]).response))
        except FerruleError as error:
            return f"{error.code.name}: {error.message}"


def main(folder: str, count: str, mode: str) -> None:
    """Begin so many processes at once, and say what each came to."""
    Dying.mode, job = mode, json.load(sys.stdin)
    connector = Connector(compile_text(job["spec"]))
    ends = []
    for _ in range(int(count)):
        here, there = os.pipe()
        if os.fork() == 0:
            os.close(here)
            os.write(there, came_to(connector, Path(folder), job).encode())
            os._exit(0)
        os.close(there)
        ends.append(here)
    for here in ends:
        with os.fdopen(here) as end:
            print(end.read() or "died", flush=True)
    for _ in ends:
        os.wait()


def race(job: dict[str, Any], folder: Path, count: int, mode: str = "") -> list[str]:
    """What so many processes come to."""
    command = [sys.executable, __file__, str(folder), str(count), mode]
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parent / "engine"), str(here)])}
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=90, env=environment, check=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    main(*sys.argv[1:])
