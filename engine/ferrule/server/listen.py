"""The application on a socket: TLS, who may reach it at all, and an end that lets calls under way finish."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ferrule.errors import BadInput
from ferrule.server import journal
from ferrule.server.application import Application
from ferrule.server.callers import Keys
from ferrule.server.doors import CERTIFICATE

HEAD_SECONDS = 20.0
"""Seconds in which the head of a request must have arrived, once its connection is there."""
HEAD_BYTES = 64 * 1024
"""Bytes of the head of a request, at most."""
IDLE_SECONDS = 65
"""Seconds that a connection without a request stays open: longer than balancers keep theirs, so that it is them who end it."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The server's certificate, and whose certificates its callers must have."""

    certificate: Path
    key: Path | None = None
    client_ca: Path | None = None

    def context(self) -> ssl.SSLContext:
        """The context of all connections. Raises `BadInput` where a file is not what it should be."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            made.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            hint = "`--tls-cert` is a PEM file with the chain, `--tls-key` one with its key and without a password"
            raise BadInput(f"the certificate `{self.certificate}` cannot be used: {_reason(error)}", hint=hint) from None
        if self.client_ca is not None:
            try:
                made.load_verify_locations(self.client_ca)
            except (OSError, ssl.SSLError) as error:
                raise BadInput(f"the authority `{self.client_ca}` cannot be used: {_reason(error)}", hint="it is a PEM file") from None
            made.verify_mode = ssl.CERT_REQUIRED
        return made


def _reason(error: OSError) -> str:
    return error.strerror if error.strerror and not isinstance(error, ssl.SSLError) else getattr(error, "reason", None) or "it is no PEM"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at `host`. Raises `BadInput` for a name that is none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise BadInput(
            f"there is no address `{host}` to listen at", hint="`127.0.0.1` is this machine alone, `0.0.0.0` every network"
        ) from None
    return all(ipaddress.ip_address(str(address[4][0]).partition("%")[0]).is_loopback for address in found)


def check_callers(host: str, keys: Keys | None, tls: Tls | None) -> None:
    """Raise `BadInput` where anybody on a network could call."""
    if is_loopback(host) or keys is not None or (tls is not None and tls.client_ca is not None):
        return
    hint = "give `--api-keys FILE` (or FERRULE_API_KEYS), or `--tls-cert`, `--tls-key` and `--client-ca`; see docs/serve.md"
    raise BadInput(f"`{host}` is reached by others than this machine, and nothing says who may call", hint=hint)


def hosts_of(host: str) -> list[str] | None:
    """The names that a server on loopback answers for; None, any, for another.

    A page that a browser has open can have its own name lead to 127.0.0.1 (DNS rebinding); its requests carry that name.
    """
    return sorted({"localhost", "127.0.0.1", "::1", host.lower()}) if is_loopback(host) else None


def listener(host: str, port: int) -> socket.socket:
    """The socket, bound. Raises `BadInput` where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        hint = "another program listens there; `--port 0` takes any that is free" if error.errno in (48, 98) else None
        raise BadInput(f"`{host}` port {port} cannot be listened at: {error.strerror}", code="conflict", hint=hint) from None


def serve(
    app: Application, bound: socket.socket, *, tls: Tls | None = None, grace: int = 30, began: Callable[[], None] | None = None
) -> None:
    """Answer requests on a socket until SIGTERM or SIGINT; calls under way have `grace` seconds to end."""
    journal.to_stderr()
    context = tls.context() if tls is not None else None
    config = uvicorn.Config(
        app,
        http=_Connection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=grace,
        ssl_context_factory=(lambda _config, _default: context) if context is not None else None,
    )
    server = uvicorn.Server(config)
    # uvicorn listens to signals once it runs, and raises them again when all is done, for whoever had them before. That is us:
    # one that comes too early is not lost, and the end that one asked for is a good end.
    before = {sign: signal.signal(sign, server.handle_exit) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        if began is not None:
            began()
        server.run(sockets=[bound])
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


class _Connection(H11Protocol):
    """uvicorn's connection, with a time for the head of a request, which uvicorn lets take forever, and the caller's certificate."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        name = _common_name(transport.get_extra_info("peercert"))
        if name is not None:
            self.app_state = {**self.app_state, CERTIFICATE: name}
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget_head()
        elif self._head is None and self.conn.trailing_data[0]:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


def _common_name(certificate: dict[str, Any] | None) -> str | None:
    """The name that a client's certificate says it is."""
    subject = {name: value for part in (certificate or {}).get("subject", ()) for name, value in part}
    found = subject.get("commonName")
    return found[:64] if isinstance(found, str) and found.isprintable() else None
