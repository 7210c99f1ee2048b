"""RabbitMQ asked directly, by a second client that shares nothing with the engine: plain httpx, and a few frames of AMQP."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx


@dataclass
class Broker:
    """The broker, asked directly."""

    url: str
    credential: dict[str, str]
    client: httpx.Client

    def get(self, *path: str) -> Any:
        answer = self.client.get(self.address(*path))
        answer.raise_for_status()
        return answer.json()

    def put(self, *path: str, **body: Any) -> None:
        self.client.put(self.address(*path), json=body).raise_for_status()

    def delete(self, *path: str) -> int:
        return self.client.delete(self.address(*path)).status_code

    def address(self, *path: str) -> str:
        return "/".join([self.url, *(quote(part, safe="") for part in path)])

    def status(self, *path: str) -> int:
        return self.client.get(self.address(*path)).status_code

    def triple(self, vhost: str, user: str) -> tuple[str, str, str] | None:
        """The user's three patterns on the vhost; None where it has no permission there."""
        found = [p for p in self.get("permissions") if (p["user"], p["vhost"]) == (user, vhost)]
        return (found[0]["configure"], found[0]["write"], found[0]["read"]) if found else None

    def tags(self, user: str) -> set[str]:
        return set(self.get("users", user)["tags"])

    def held(self) -> set[tuple[str, str, str]]:
        """Account, entitlement and vhost, as the spec's header describes them."""
        found = {(user["name"], tag, "") for user in self.get("users") for tag in user["tags"]}
        for permission in self.get("permissions"):
            user, vhost = permission["user"], permission["vhost"]
            found.add((user, "access", vhost))
            for kind in ("configure", "write", "read"):
                if permission[kind] not in ("", "^$"):
                    found.add((user, f"{kind}:{permission[kind]}", vhost))
        return found


def connected(broker: Broker, user: str, password: str) -> socket.socket:
    """An open AMQP 0-9-1 connection (specification, sections 2.2.4 and 4.2.3). The target's AMQP port is the next one."""

    def short(text: str) -> bytes:
        return bytes([len(text)]) + text.encode()

    login = f"\0{user}\0{password}".encode()
    line = socket.create_connection(("127.0.0.1", (urlsplit(broker.url).port or 0) + 1), timeout=20)
    line.sendall(b"AMQP\x00\x00\x09\x01")
    frame(line, (10, 10))
    send(line, (10, 11), struct.pack(">I", 0) + short("PLAIN") + struct.pack(">I", len(login)) + login + short("en_US"))
    tune = frame(line, (10, 30))
    send(line, (10, 31), tune[:6] + b"\x00\x00")
    send(line, (10, 40), short("/") + short("") + b"\x00")
    frame(line, (10, 41))
    return line


def hang_up(line: socket.socket) -> bytes:
    """Wait until the broker closes the connection, and agree. Gives the reason it told."""
    reason = frame(line, (10, 50))
    send(line, (10, 51), b"")
    return reason


def send(line: socket.socket, method: tuple[int, int], arguments: bytes) -> None:
    payload = struct.pack(">HH", *method) + arguments
    line.sendall(struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce")


def frame(line: socket.socket, wanted: tuple[int, int]) -> bytes:
    """The arguments of the next method frame, which must be the wanted method."""
    _, _, size = struct.unpack(">BHI", received(line, 7))
    payload = received(line, size + 1)
    assert struct.unpack(">HH", payload[:4]) == wanted
    return payload[4:-1]


def received(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = line.recv(size - len(data))
        assert more, "the broker hung up"
        data += more
    return data
