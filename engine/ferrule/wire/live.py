"""The live wire: HTTP over the network, by httpx. The only module that knows httpx.

It uses httpx's transport and not its client. A client does more than carry a request: it logs every address, query
included, at INFO (httpx issue 2760), keeps cookies from one request to the next, takes user names out of addresses,
and can follow redirects. None of that may happen to a credential. What is wanted of a client, proxies from the
environment, is done here.

Header names come in lower case. A header that is repeated is joined with `, ` (RFC 9110, section 5.3), `Set-Cookie`
with a line break, since a comma is part of its grammar (RFC 6265, section 3).
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from ferrule.errors import BadInput, CallError, FerruleError, UnexpectedAnswer
from ferrule.http import Request, Response
from ferrule.plan import HttpPlan
from ferrule.secret import reveal
from ferrule.wire.unpack import Broken, Unpacker

CONNECT = 10.0
"""Seconds for a connection, TLS included. Kept apart from the time of an answer: whoever was not reached did nothing."""

POOL = 16
"""Requests at once in one pool of connections. The time that httpcore takes for each grows with the square of them."""

ROUTES = 1000
"""Origins of which a wire remembers the way. One that serves anybody meets any number of them."""

ERROR_BODY = 1024 * 1024
"""Bytes read of an answer that is no success. Its words are at its start, and it must not cost more than they are worth."""

_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection"})
"""Headers that belong to the wire: one that a spec writes could make one request look like two (RFC 9112, section 11.2)."""

_sending: ContextVar[bool] = ContextVar("sending", default=False)
# httpcore logs the headers of each response at DEBUG, session cookies among them.
logging.getLogger("httpcore.http11").addFilter(lambda record: not _sending.get())


class LiveWire:
    """Connections, kept open between requests, of one tenant or of all tenants of a connector. Bound to the event loop it is
    first used in. How many requests are under way at once is decided by who sends them.

    Nothing but connections is kept: no cookie, no credential, no login. A connection goes to one origin, and one whose
    answer was cut short, or has more to say than was asked, is closed and not used again.

    A proxy is used where the environment names one (`HTTPS_PROXY`, `NO_PROXY`, …). Certificates are always checked,
    against `SSL_CERT_FILE` or `SSL_CERT_DIR` where one of them is set.
    """

    def __init__(self, http: HttpPlan, *, proxies: Mapping[str, str] | None = None) -> None:
        self.max_body = http.max_body
        self._timeouts = httpx.Timeout(http.timeout, connect=min(CONNECT, http.timeout)).as_dict()
        self._proxies = getproxies() if proxies is None else dict(proxies)
        self._routes: dict[tuple[str, str], str | None] = {}
        self._pools: dict[str | None, list[_Pool]] = {}

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`. An answer longer than `max_body`, or packed in a way nobody asked for, is an `UnexpectedAnswer`."""
        token = _sending.set(True)
        try:
            async with self._pool(request.url) as transport:
                response = await transport.handle_async_request(self._outgoing(request, content, content_type))
                try:
                    body = await self._body(response, request)
                finally:
                    assert isinstance(response.stream, httpx.AsyncByteStream)
                    await response.stream.aclose()
            return Response(response.status_code, _joined(response.headers.raw), body, request.url)
        except (httpx.TransportError, httpx.InvalidURL, UnicodeEncodeError) as error:
            failure = _failure(error, request)
        finally:
            _sending.reset(token)
        raise failure  # outside of `except`: httpx's own words may quote a header

    async def close(self) -> None:
        """Close all connections."""
        pools = [pool for found in self._pools.values() for pool in found]
        self._routes.clear()
        self._pools.clear()
        for pool in pools:
            await pool.transport.aclose()

    @asynccontextmanager
    async def _pool(self, url: str) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """The first pool with room for a request. Of those at the end that have nothing to do, one stays open."""
        proxy = self._proxy(url)
        pools = self._pools.setdefault(proxy, [])
        pool = next((pool for pool in pools if pool.busy < POOL), None)
        if pool is None:
            pool = _Pool(_opened(proxy))
            pools.append(pool)
        pool.busy += 1
        try:
            yield pool.transport
        finally:
            pool.busy -= 1
            while len(pools) > 1 and not pools[-1].busy and not pools[-2].busy:
                await pools.pop().transport.aclose()

    def _proxy(self, url: str) -> str | None:
        parts = urlsplit(url)
        route = (parts.scheme, parts.netloc)
        if route not in self._routes:
            if len(self._routes) >= ROUTES:
                self._routes.clear()
            self._routes[route] = None if proxy_bypass(parts.netloc) else self._proxies.get(parts.scheme) or self._proxies.get("all")
        return self._routes[route]

    def _outgoing(self, request: Request, content: bytes | None, content_type: str | None) -> httpx.Request:
        headers = [(name.encode(), reveal(value).strip().encode()) for name, value in request.headers]
        headers = [pair for pair in headers if pair[0].lower() not in _FRAMING]
        named = {name.lower() for name, _ in headers}
        usual = {b"user-agent": _agent(), b"accept": b"*/*", b"accept-encoding": b"gzip, deflate"}
        if content is not None and content_type is not None:
            usual[b"content-type"] = content_type.encode()
        headers += [pair for pair in usual.items() if pair[0] not in named]
        return httpx.Request(request.method, request.wire_url, headers=headers, content=content, extensions={"timeout": self._timeouts})

    async def _body(self, response: httpx.Response, request: Request) -> bytes:
        """The body, unpacked. Of an answer that is no success, as much as its words may need."""
        success = 200 <= response.status_code < 300
        limit = self.max_body if success else min(self.max_body, ERROR_BODY)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        try:
            unpacker = Unpacker(response.headers.get("content-encoding", ""))
            parts, size = [], 0
            async for chunk in response.stream:
                parts.append(unpacker.feed(chunk, limit + 1 - size))
                size += len(parts[-1])
                if size > limit:
                    break
            else:
                unpacker.finish()
        except Broken as broken:
            problem = str(broken)
        else:
            if size <= limit or not success:
                return b"".join(parts)[:limit]
            problem = f"is larger than {_size(limit)}"
        if not success:
            return b""
        raise UnexpectedAnswer(f"the answer {problem}", origin=request.origin, status=response.status_code)


@dataclass(eq=False, slots=True)
class _Pool:
    """Connections of which so many are at work."""

    transport: httpx.AsyncHTTPTransport
    busy: int = 0


def _opened(proxy: str | None) -> httpx.AsyncHTTPTransport:
    address = proxy if proxy is None or "://" in proxy else f"http://{proxy}"
    try:
        return httpx.AsyncHTTPTransport(
            verify=_trust(), trust_env=False, http2=False, limits=httpx.Limits(max_keepalive_connections=POOL), proxy=address
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        pass
    raise BadInput("the proxy that the environment names cannot be used", hint="it is an `http://` or `https://` address")


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that are trusted. Read once: building a context takes longer than a request."""
    return httpx.create_ssl_context()


@cache
def _agent() -> bytes:
    try:
        return f"ferrule/{version('ferrule')}".encode()
    except PackageNotFoundError:
        return b"ferrule"


def _joined(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), _text(value)
        glue = "\n" if key == "set-cookie" else ", "
        headers[key] = f"{headers[key]}{glue}{text}" if key in headers else text
    return headers


def _text(value: bytes) -> str:
    """A header's value: UTF-8 where it is that, else each byte a character, as HTTP had it (RFC 9110, section 5.5)."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _size(count: int) -> str:
    return f"{count // (1024 * 1024)} MiB" if count >= 1024 * 1024 else f"{count} bytes"


def _failure(error: Exception, request: Request) -> FerruleError:
    """The contract's error for one of httpx. Its own words come along only where they are about the connection."""
    host = urlsplit(request.url).netloc
    if isinstance(error, (httpx.LocalProtocolError, UnicodeEncodeError)):
        message = "the address or a header holds a character that HTTP does not carry"
        return BadInput(message, code="invalid_value", hint=f"see the request at {request.origin}")
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return UnexpectedAnswer("the address is longer than 64 kB, or is none", origin=request.origin)
    code, message = _words(error, host)
    hint = "set SSL_CERT_FILE to a file with your own authority's certificate" if "CERTIFICATE_VERIFY" in str(error) else None
    return CallError(message, code=code, origin=request.origin, hint=hint)


def _words(error: Exception, host: str) -> tuple[str, str]:
    reason = f": {error}" if str(error) else ""
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "connection_timeout", f"`{host}` did not take the connection in time"
        case httpx.TimeoutException():
            return "request_timeout", f"`{host}` did not answer in time"
        case httpx.ConnectError():
            return "connection_rejected", f"there is no connection to `{host}`{reason}"
        case httpx.ProxyError():
            return "connection_rejected", f"the proxy gives no connection to `{host}`{reason}"
        case httpx.RemoteProtocolError() if "disconnected" not in reason and "closed" not in reason:
            return "bad_gateway", f"what `{host}` answered is not HTTP, or its head is larger than 100 kB"
        case _:
            return "connection_closed", f"`{host}` closed the connection before its answer was complete"
