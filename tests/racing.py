"""Many processes, each a program of its own that reads one list: `python racing.py ADDRESS FOLDER COUNT MODE`.

Prints a line for each: the ids it read, or the error. `MODE` is what goes wrong in them: nothing, `before` (the process dies when a
refresh token is about to be sent) or `after` (it dies when the new one is about to be kept).
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import FerruleError
from ferrule.login import Kept
from ferrule.tokens import FileEntry, FileTokens
from ferrule.wire import live  # noqa: F401 - loaded once, and not by each process

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {address: {type: url}}
auth: {person: {kind: oauth2_refresh, token_url: "{{ settings.address }}/token"}}
http: {base_url: "{{ settings.address }}", retry: {attempts: 1}, timeout: 30}
capabilities:
  list_accounts: {request: {get: /users}, records: body, record: {integration_specific_id: id}}
"""
CONNECTOR = Connector(compile_text(SPEC))
CREDENTIAL = {"refresh_token": "r0", "client_id": "client-1"}


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


def read(address: str, folder: Path, **more: Any) -> str:
    """What one program comes to."""
    with CONNECTOR.instance(CREDENTIAL, {"address": address}, tokens=Tokens(folder), **more) as tenant:
        try:
            return json.dumps([record.integration_specific_id for page in tenant.walk("list_accounts") for record in page.records])
        except FerruleError as error:
            return f"{error.code.name}: {error.message}"


def main(address: str, folder: str, count: str, mode: str) -> None:
    """Begin so many processes at once, and say what each came to."""
    Dying.mode = mode
    ends = []
    for _ in range(int(count)):
        here, there = os.pipe()
        if os.fork() == 0:
            os.close(here)
            os.write(there, read(address, Path(folder)).encode())
            os._exit(0)
        os.close(there)
        ends.append(here)
    for here in ends:
        with os.fdopen(here) as end:
            print(end.read() or "died", flush=True)
    for _ in ends:
        os.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
