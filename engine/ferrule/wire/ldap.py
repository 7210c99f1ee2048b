"""The LDAP wire: operations over the network, on connections that are kept, in threads.

What it gives is a response like any other: the status that HTTP has for the result, and the answer as JSON. So a cassette
holds it, and everything above the wire is the same as for HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

import orjson

from ferrule.errors import BadInput, CallError, FerruleError, UnexpectedAnswer
from ferrule.http import Request, Response, origin
from ferrule.ldap import STATUS
from ferrule.plan import HttpPlan
from ferrule.secret import Secret, reveal

if TYPE_CHECKING:
    from ferrule.wire.ldap_connection import Connection, Way

T = TypeVar("T")

CONNECT = 10.0
"""Seconds for a connection, TLS and bind included."""

KEPT = 16
"""Connections that wait for the next page of a search, or for anything at all. The one that has waited longest goes first."""

IDLE = 120.0
"""Seconds after which a connection is not used again. Servers close those that are idle: Active Directory after 15 minutes."""

REFUSED = 30.0
"""Seconds for which a bind that was refused is not tried again: a wrong password, tried for each request, locks an account."""


class LdapWire:
    """Connections of one tenant or of all tenants of a connector, each used by one operation at a time. How many operations are
    under way at once is decided by who sends them.

    Certificates are always checked, and the name in them. Referrals are never followed.
    """

    def __init__(self, http: HttpPlan) -> None:
        self._timeout, self._max_body = http.timeout, http.max_body
        self._kept: list[tuple[float, Connection]] = []
        self._refused: dict[Way, tuple[float, dict[str, Any]]] = {}
        self._binding: dict[Way, asyncio.Lock] = {}
        self._threads: ThreadPoolExecutor | None = None

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`."""
        told = orjson.loads(content or b"{}")
        way, name = _way(request), unquote(urlsplit(request.url).path[1:])
        connection = await self._connection(way, told.get("cursor"), request)
        if isinstance(connection, dict):
            return self._response(connection, request, {})
        came = await self._done(connection, lambda: connection.perform(request.method, name, told), request)
        self._keep(connection)
        return self._response(came, request, told.get("syntaxes", {}))

    async def close(self) -> None:
        """Close all connections."""
        kept, self._kept = self._kept, []
        for _, connection in kept:
            await self._in_thread(connection.close)
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    async def _connection(self, way: Way, cursor: str | None, request: Request) -> Connection | dict[str, Any]:
        """A connection that is bound: the one that stands at the page wanted, one that is free, or a new one. Where the server
        refuses the bind, what it says."""
        for taken in [each for each in self._kept if time.monotonic() - each[0] > IDLE]:
            self._kept.remove(taken)
            await self._in_thread(taken[1].close)
        ours = [each for each in self._kept if each[1].way == way]
        found = next((each for each in ours if cursor is not None and str(each[1].place) == cursor), None)
        found = found or next((each for each in ours if each[1].place is None), None)
        if found is not None:
            self._kept.remove(found)
            return found[1]
        async with self._binding.setdefault(way, asyncio.Lock()):
            since, refusal = self._refused.get(way, (-REFUSED, {}))
            if time.monotonic() - since < REFUSED:
                return refusal
            connection: Connection = _library().Connection(way, min(CONNECT, self._timeout), self._timeout)
            told = await self._done(connection, connection.open, request)
            if told is None:
                return connection
            await self._in_thread(connection.close)
            if told["code"] == 49:
                self._refused[way] = time.monotonic(), told
            return told

    def _keep(self, connection: Connection) -> None:
        self._kept.append((time.monotonic(), connection))
        while len(self._kept) > KEPT:
            _, oldest = self._kept.pop(0)
            self._pool.submit(oldest.close)

    async def _done(self, connection: Connection, work: Callable[[], T], request: Request) -> T:
        """What `work` gives, done in a thread. One that nobody waits for any more is cut short."""
        try:
            return await self._in_thread(lambda: connection.whole(work))
        except FerruleError as error:
            failure = error
        except asyncio.CancelledError:
            connection.cut()
            raise
        except Exception as error:  # noqa: BLE001 - ldap3 has a hundred kinds
            failure = _failure(error, request)
        raise failure  # outside of `except`: the library's own words may quote what was sent

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    @property
    def _pool(self) -> ThreadPoolExecutor:
        self._threads = self._threads or ThreadPoolExecutor(64, "ldap")
        return self._threads

    def _response(self, told: dict[str, Any], request: Request, syntaxes: dict[str, str]) -> Response:
        content = orjson.dumps(_library().plain(told, syntaxes))
        if len(content) > self._max_body:
            raise UnexpectedAnswer("the answer is larger than what is taken", origin=request.origin)
        headers = {"content-type": "application/json"}
        if told.get("referrals"):
            headers["location"] = told["referrals"][0]
        return Response(STATUS.get(told["code"], 500), headers, content, request.url)


def _library() -> Any:
    """What knows ldap3, imported when it is first needed."""
    try:
        from ferrule.wire import ldap_connection
    except ImportError:
        pass
    else:
        return ldap_connection
    raise BadInput("LDAP needs a library that is not installed", code="unsupported_operation", hint="pip install 'ferrule[ldap]'")


def _way(request: Request) -> Way:
    scheme, host, port = origin(request.url)
    named = dict(request.headers)
    name, password = named.get("bind-name"), named.get("bind-password")
    start_tls = str(reveal(named.get("start-tls", "true"))).lower()
    if start_tls not in ("true", "false"):
        raise BadInput("`ldap.start_tls` is true or false", code="invalid_value")
    authority = named.get("certificate-authority")
    way: Way = _library().Way(
        host=host.strip("[]"),
        port=port,
        ldaps=scheme == "ldaps",
        start_tls=scheme == "ldap" and start_tls == "true",
        authority=reveal(authority) if authority else None,
        name=name if isinstance(name, Secret) else None,
        password=password if isinstance(password, Secret) else None,
    )
    return way


def _failure(error: Exception, request: Request) -> FerruleError:
    """The contract's error for one of ldap3's, by its class. Its own words come along only where they are about the connection."""
    host, kind, words = urlsplit(request.url).netloc, type(error).__name__, str(error)
    if "CERTIFICATE_VERIFY" in words or "certificate verify failed" in words:
        hint = "give the authority's own certificate: `ldap.certificate_authority`, or SSL_CERT_FILE"
        message = f"the certificate of `{host}` is not one that can be trusted: {words[:300]}"
        return CallError(message, code="connection_rejected", origin=request.origin, hint=hint)
    if kind in ("LDAPSocketOpenError", "LDAPStartTLSError", "LDAPSSLConfigurationError") or isinstance(error, ConnectionRefusedError):
        code = "connection_timeout" if "timed out" in words else "connection_rejected"
        return CallError(f"there is no connection to `{host}`: {words[:300]}", code=code, origin=request.origin)
    if kind in ("LDAPSocketReceiveError", "LDAPResponseTimeoutError") and "timed out" in words:
        return CallError(f"`{host}` did not answer in time", code="request_timeout", origin=request.origin)
    if kind.startswith(("LDAPSocket", "LDAPSession", "LDAPCommunication", "LDAPResponse")) or isinstance(error, OSError):
        message = f"`{host}` closed the connection before its answer was complete"
        return CallError(message, code="connection_closed", origin=request.origin)
    if kind in _OURS:
        return BadInput(_OURS[kind], code="invalid_value", hint=f"see the request at {request.origin}")
    return CallError(f"what `{host}` answered is not LDAP ({kind})", code="bad_gateway", origin=request.origin)


_OURS = {
    "LDAPInvalidFilterError": "the filter is none that LDAP knows (RFC 4515)",
    "LDAPObjectClassError": "a new entry has an `objectClass`",
    "LDAPInvalidValueError": "a value does not fit its attribute",
    "LDAPInvalidDnError": "the name is no distinguished name",
    "LDAPUserNameIsMandatoryError": "a bind has a name",
    "LDAPPasswordIsMandatoryError": "a bind has a password",
}
