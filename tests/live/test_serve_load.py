"""`ferrule serve` under many callers of many tenants, and killed in the middle of a call.

The app is a server of this file on 127.0.0.1. It knows a tenant by the token and puts the tenant's name on everything it
answers, so that an answer that reaches another tenant is seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from served_api import Running, running
from test_server import SPEC

CALLERS, CALLS, TENANTS = 200, 50, 25
USERS, PAGE = 40, 20
FLAT = 24 * 1024
"""KiB that the server may grow by, once it has answered a tenth of the calls."""


class App:
    """The app: `USERS` users for each tenant, in pages. `slow` has it wait before it answers from that user on."""

    def __init__(self) -> None:
        self.connections, self.requests, self.cookies = 0, 0, 0
        self.slow, self.waiting = USERS, asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests."""
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
                self.requests += 1
                self.cookies += "cookie" in headers
                tenant = headers["authorization"].removeprefix("Bearer ")
                query = parse_qs(urlsplit(head[0].split()[1]).query)
                start, size = int(query.get("skip", ["0"])[0]), int(query.get("limit", ["20"])[0])
                if start >= self.slow:
                    self.waiting.set()
                    await asyncio.sleep(60)
                users = [{"id": f"{tenant}-{number}", "name": tenant} for number in range(start, min(start + size, USERS))]
                body = json.dumps({"users": users, "total": USERS}).encode()
                told = f"Content-Type: application/json\r\nSet-Cookie: tenant={tenant}; Path=/\r\nContent-Length: {len(body)}"
                writer.write(f"HTTP/1.1 200 OK\r\n{told}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """The app's address."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1000)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme.yaml").write_text((SPEC % ("acme", "polish_doors")).replace("size: 2", f"size: {PAGE}"))
    return tmp_path


def envelope(app: str, tenant: str, token: str | None = None, size: int = PAGE) -> dict[str, Any]:
    page = {"size": size, **({"token": token} if token else {})}
    return {"auth": {"token": {"token": tenant}}, "settings": {"base_url": app}, "request": {}, "page": page}


def resident(server: Running) -> int:
    """KiB of memory that the server holds."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def test_many_callers_of_many_tenants(folder: Path, capsys: pytest.CaptureFixture[str]):
    async def caller(server: Running, app: str, number: int, seen: Counter[str], warm: asyncio.Event) -> None:
        tenant, token = f"tenant{number % TENANTS:02}", None
        async with httpx.AsyncClient(base_url=server.url, timeout=120, verify=False) as client:  # no TLS here: nothing to verify
            for _ in range(CALLS):
                found = await client.post("/acme/list_accounts", json=envelope(app, tenant, token))
                assert found.status_code == 200
                got = found.json()
                assert "error" not in got, got
                assert len(got["response"]) == PAGE, got
                for record in got["response"]:
                    assert record["username"] == tenant
                    assert record["integration_specific_id"].startswith(f"{tenant}-")
                token = got.get("page", {}).get("token")
                seen["calls"] += 1
                seen["records"] += len(got["response"])
                if seen["calls"] == CALLERS * CALLS // 10:
                    warm.set()

    async def run(server: Running) -> tuple[Counter[str], int, int, App, float]:
        app, seen, warm = App(), Counter[str](), asyncio.Event()
        async with app.listening() as address:
            began = time.monotonic()
            callers = asyncio.gather(*(caller(server, address, number, seen, warm) for number in range(CALLERS)))
            await asyncio.wait({callers, asyncio.ensure_future(warm.wait())}, return_when=asyncio.FIRST_COMPLETED)
            before = resident(server)
            await callers
            return seen, before, resident(server), app, time.monotonic() - began

    with running(folder, "acme.yaml") as server:
        seen, before, after, app, seconds = asyncio.run(run(server))
        lines = [json.loads(line) for line in server.log.read_text().splitlines()]
        assert server.end() == 0
    with capsys.disabled():
        print(
            f"\n{seen['calls']} calls by {CALLERS} callers of {TENANTS} tenants in {seconds:.1f} s, {seen['calls'] / seconds:.0f} a second;"
        )
        print(
            f"{app.requests} requests on {app.connections} connections to the app; {before // 1024} MiB before, {after // 1024} MiB after"
        )
    assert seen == {"calls": CALLERS * CALLS, "records": CALLERS * CALLS * PAGE}
    assert app.requests == CALLERS * CALLS
    assert app.cookies == 0, "what the app tells one tenant is not sent on"
    assert app.connections < app.requests / 5, "connections are kept open"
    assert {(line["status"], line.get("error_code")) for line in lines} == {(200, None)}
    assert len({line["id"] for line in lines}) == CALLERS * CALLS
    assert after - before < FLAT


def test_killed_in_the_middle_of_a_call(folder: Path):
    """The next server goes on with the token of the last answer: nothing is lost, nothing comes twice, nothing is left behind."""

    async def ask(server: Running, body: dict[str, Any]) -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=60) as client:
            found: dict[str, Any] = (await client.post(f"{server.url}/acme/list_accounts", json=body)).json()
            return found

    async def run() -> None:
        app = App()
        async with app.listening() as address:
            with running(folder, "acme.yaml") as server:
                first = await ask(server, envelope(address, "t1"))
                app.slow = PAGE
                cut = asyncio.create_task(ask(server, envelope(address, "t1", first["page"]["token"])))
                await asyncio.wait_for(app.waiting.wait(), 20)
                os.kill(server.process.pid, signal.SIGKILL)
                with pytest.raises(httpx.TransportError):
                    await cut
            app.slow = USERS
            with running(folder, "acme.yaml") as server:
                rest = await ask(server, envelope(address, "t1", first["page"]["token"]))
        ids = [record["integration_specific_id"] for record in first["response"] + rest["response"]]
        assert ids == [f"t1-{number}" for number in range(USERS)]
        assert "page" not in rest

    asyncio.run(run())
    assert [file.name for file in folder.iterdir() if not file.name.startswith("serve-")] == ["acme.yaml"]
