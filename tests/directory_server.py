"""A directory that answers from a script, over the network: it reads LDAP messages (RFC 4511) and writes those that a function gives.

What it cannot be made to do by real software on loopback is tried on it: to give values in ranges, to be slow, to refer elsewhere.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Reply = tuple[int, bytes]
"""The tag of an operation and its content."""

TAGS = dict(
    [
        *((0x60, "bind"), (0x42, "unbind"), (0x63, "search"), (0x66, "modify"), (0x68, "add")),
        *((0x4A, "delete"), (0x6C, "modify_dn"), (0x6E, "compare"), (0x77, "extended")),
    ]
)
PAGED = b"1.2.840.113556.1.4.319"


@dataclass(frozen=True)
class Asked:
    """One request: the operation, the name it is about, and of a search the attributes and the page."""

    operation: str
    name: str
    connection: int
    attributes: tuple[str, ...] = ()
    size: int | None = None
    cookie: bytes = b""
    content: bytes = b""


@dataclass
class DirectoryServer:
    """A server on a port of its own. `answer` gives the replies to each request; an empty list hangs up."""

    answer: Callable[[Asked], Iterable[Reply]]
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> DirectoryServer:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        for each in (self._listening, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    @property
    def address(self) -> str:
        return f"{'ldaps' if self.tls else 'ldap'}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(client)
            number += 1
            threading.Thread(target=self._serve, args=(client, number), daemon=True).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        with suppress(OSError, EOFError):
            if self.tls is not None:
                client = self.tls.wrap_socket(client, server_side=True)
                self._open.append(client)
            while True:
                _, message = message_of(client)
                (_, identity), (tag, content), *controls = list(parts(message))
                asked = read(TAGS[tag], content, controls[0][1] if controls else b"", number)
                if asked.operation == "unbind":
                    return
                self.asked.append(asked)
                replies = [done(0x61)] if asked.operation == "bind" and not self._judges_binds else list(self.answer(asked))
                for reply, inner in replies:
                    # a page's control stands behind the operation; it comes within `inner` with a mark
                    operation, _, control = inner.partition(MARK)
                    client.sendall(tlv(0x30, tlv(0x02, identity) + tlv(reply, operation) + control))
                if not replies:
                    client.shutdown(socket.SHUT_RDWR)
                    return

    @property
    def _judges_binds(self) -> bool:
        return getattr(self.answer, "judges_binds", False)


MARK = b"\0\0control\0\0"


def judging_binds(answer: Callable[[Asked], Iterable[Reply]]) -> Callable[[Asked], Iterable[Reply]]:
    """An answer that is asked of binds too; otherwise each is welcome."""
    answer.judges_binds = True  # type: ignore[attr-defined]
    return answer


# what a server says


def entry(name: str, **attributes: Iterable[str | bytes]) -> Reply:
    """An entry of a search."""
    return entry_of(name, attributes)


def entry_of(name: str, attributes: Mapping[str, Iterable[str | bytes]]) -> Reply:
    """The same, for attributes whose names are no names in Python."""
    listed = b"".join(tlv(0x30, octets(key) + tlv(0x31, b"".join(octets(value) for value in values))) for key, values in attributes.items())
    return 0x64, octets(name) + tlv(0x30, listed)


def reference(address: str) -> Reply:
    """A reference of a search to another server."""
    return 0x73, octets(address)


def done(tag: int = 0x65, code: int = 0, words: str = "", *, cookie: bytes | None = None, referrals: Iterable[str] = ()) -> Reply:
    """The end of an operation."""
    content = tlv(0x0A, bytes([code])) + octets("") + octets(words)
    if referrals:
        content += tlv(0xA3, b"".join(map(octets, referrals)))
    if cookie is not None:
        value = tlv(0x30, tlv(0x02, b"\0") + octets(cookie))
        content += MARK + tlv(0xA0, tlv(0x30, octets(PAGED) + octets(value)))
    return tag, content


# BER (ITU-T X.690), as much as LDAP uses


def tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def octets(value: str | bytes) -> bytes:
    return tlv(0x04, value.encode() if isinstance(value, str) else value)


def message_of(client: socket.socket) -> tuple[int, bytes]:
    tag, first = exactly(client, 2)
    length = int.from_bytes(exactly(client, first & 0x7F), "big") if first & 0x80 else first
    return tag, exactly(client, length)


def exactly(client: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = client.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def parts(content: bytes) -> Iterable[tuple[int, bytes]]:
    """Each element of a sequence."""
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(content[at : at + size], "big"), at + size
        yield tag, content[at : at + length]
        at += length


def read(operation: str, content: bytes, controls: bytes, connection: int) -> Asked:
    """A request, as far as scripts want to know it."""
    if operation == "delete":
        return Asked(operation, content.decode(), connection)
    fields: list[Any] = list(parts(content)) if operation != "unbind" else []
    if operation in ("unbind", "extended"):
        return Asked(operation, "", connection, content=content)
    if operation == "bind":
        return Asked(operation, fields[1][1].decode(), connection, content=fields[2][1])
    if operation != "search":
        return Asked(operation, fields[0][1].decode(), connection, content=content)
    size, cookie = None, b""
    for _, control in parts(controls):
        (_, oid), *_, (_, value) = parts(control)
        if oid == PAGED:
            (_, page) = next(iter(parts(value)))
            (_, number), (_, cookie) = parts(page)
            size = int.from_bytes(number, "big")
    attributes = tuple(name.decode() for _, name in parts(fields[7][1]))
    return Asked("search", fields[0][1].decode(), connection, attributes, size, cookie, fields[6][1])
