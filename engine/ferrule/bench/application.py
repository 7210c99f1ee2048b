"""The application that is measured: users on pages of a hundred, and groups with two pages of members each, as JSON over HTTP on
loopback. It knows so much of HTTP as the measurement needs, and costs as little as can be.

    python application.py PAGES LATENCY

It prints its port, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

PER_PAGE = 100
TOKEN = "bench-token"
DIFFERENT = 50
"""Pages that are made; those behind them are the same again."""

_ASKED = re.compile(rb"GET /(users|groups)(?:/(\w+)/members)?\?(?:\S*&)?cursor=c(\d+)\S* |GET /(users|groups)(?:/(\w+)/members)?\?\S* ")
_ALLOWED = b"\r\nauthorization: bearer " + TOKEN.encode()


class Application(asyncio.Protocol):
    """One connection."""

    def __init__(self, pages: int, latency: float) -> None:
        self.pages, self.latency = pages, latency
        self.head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.head += data
        while b"\r\n\r\n" in self.head:
            head, _, self.head = self.head.partition(b"\r\n\r\n")
            reply = self.reply(head)
            if self.latency:
                asyncio.get_running_loop().call_later(self.latency, self.transport.write, reply)
            else:
                self.transport.write(reply)

    def reply(self, head: bytes) -> bytes:
        """The answer to a request."""
        asked = _ASKED.match(head)
        if asked is None or _ALLOWED not in head.lower():
            return b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
        group, number = asked[2] or asked[5], int(asked[3] or 1)
        if group is not None:
            items, last = _members((number - 1) % DIFFERENT), 2
        elif (asked[1] or asked[4]) == b"users":
            items, last = _users((number - 1) % DIFFERENT), self.pages
        else:
            groups = -(-self.pages // 2)  # each has two pages of members
            items, last = _groups(number, groups), -(-groups // PER_PAGE)
        following = f'"c{number + 1}"' if number < last else "null"
        more = "true" if number < last else "false"
        body = b'{"data":%b,"paging":{"has_more":%b,"next_cursor":%b}}' % (items, more.encode(), following.encode())
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def _user(number: int) -> dict[str, Any]:
    login = f"ann.doe{number}@bench.example"
    return {
        "id": f"u{number:07}",
        "status": "SUSPENDED" if number % 10 == 9 else "ACTIVE",
        "created": "2021-03-09T08:30:00.000Z",
        "activated": "2021-12-09T09:00:00.000Z",
        "statusChanged": "2022-01-09T09:00:00.000Z",
        "lastLogin": None if number % 11 == 0 else "2026-04-09T17:45:00.000Z",
        "lastUpdated": "2026-10-09T10:10:10.000Z",
        "passwordChanged": "2026-02-09T10:10:10.000Z",
        "type": {"id": "oty1tc4xk5", "name": "user"},
        "profile": {
            "firstName": "Ann",
            "lastName": "Doe",
            "displayName": "Ann Doe",
            "email": login,
            "login": login,
            "secondEmail": None,
            "mobilePhone": f"+1-555-{number % 10000:04}",
            "title": "Senior Engineer",
            "department": "Engineering",
            "costCenter": f"CC-{number % 40}",
            "employeeNumber": str(100000 + number),
            "locale": "en_US",
            "timezone": "America/Los_Angeles",
        },
        "manager": {"id": f"u{number // 10:07}", "email": f"manager{number // 10}@bench.example", "displayName": "The Manager"},
        "credentials": {"provider": {"type": "BENCH", "name": "BENCH"}, "emails": [{"value": login, "status": "VERIFIED"}]},
        "roles": [{"id": f"r{role}", "type": "USER", "status": "ACTIVE"} for role in range(1 + number % 3)],
        "mfaEnabled": number % 2 == 1,
        "_links": {"self": {"href": f"https://bench.example/api/v1/users/u{number:07}"}},
    }


def _written(items: list[dict[str, Any]]) -> bytes:
    return json.dumps(items, separators=(",", ":")).encode()


_USERS: dict[int, bytes] = {}
_MEMBERS: dict[int, bytes] = {}


def _users(page: int) -> bytes:
    if page not in _USERS:
        _USERS[page] = _written([_user(page * PER_PAGE + each) for each in range(PER_PAGE)])
    return _USERS[page]


def _members(page: int) -> bytes:
    if page not in _MEMBERS:
        users = [_user(page * PER_PAGE + each) for each in range(PER_PAGE)]
        _MEMBERS[page] = _written([{key: user[key] for key in ("id", "status", "created", "manager")} for user in users])
    return _MEMBERS[page]


def _groups(page: int, count: int) -> bytes:
    on_page = range((page - 1) * PER_PAGE, min(page * PER_PAGE, count))
    return _written([{"id": f"g{each}", "name": f"group {each}"} for each in on_page])


async def _serve(pages: int, latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Application(pages, latency), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
