"""The live wire: HTTP over the network, by aiohttp. The only module that knows aiohttp.

Of its session what carries a request is used, and nothing else: it keeps no cookie, follows no redirect, reads neither `.netrc`
nor the environment, unpacks nothing, and sends nothing a second time by itself. What is wanted of the environment, proxies and
trusted certificates, is read here. `docs/decisions/0011-aiohttp.md` says why it is aiohttp.

Header names come in lower case. A header that is repeated is joined with `, ` (RFC 9110, section 5.3), `Set-Cookie`
with a line break, since a comma is part of its grammar (RFC 6265, section 3).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.http_exceptions import BadHttpMessage
from yarl import URL

from ferrule.errors import BadInput, CallError, FerruleError, UnexpectedAnswer
from ferrule.http import Identity, Request, Response
from ferrule.plan import HttpPlan
from ferrule.secret import reveal
from ferrule.wire.trust import presenting, trusting
from ferrule.wire.unpack import ACCEPTED, Broken, Unpacker

CONNECT = 10.0
"""Seconds for a connection, TLS included. Kept apart from the time of an answer: whoever was not reached did nothing."""

IDLE = 5.0
"""Seconds that a connection with nothing to do stays open. Servers close theirs from 5 seconds on, and may do so just as it is used."""

ROUTES = 1000
"""Origins of which a wire remembers the way. One that serves anybody meets any number of them."""

ERROR_BODY = 1024 * 1024
"""Bytes read of an answer that is no success. Its words are at its start, and it must not cost more than they are worth."""

PIECE = 256 * 1024
"""Bytes of an answer that may wait to be read before the server has to wait."""

HEAD_LINE, HEAD_LINES = 32 * 1024, 1500
"""The longest line in the head of an answer, and how many there may be."""

LONGEST = 65536
"""Characters of an address."""

_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "expect"})
"""Headers that belong to the wire: one that a spec writes could make one request look like two (RFC 9112, section 11.2)."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name (RFC 9110, section 5.6.2)."""
_UNSAFE = re.compile(r"[^!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]")
"""What an address cannot hold (RFC 3986, section 2)."""
_SAFE = "!#$%&'()*+,/:;=?@[]~"


class LiveWire:
    """Connections, kept open between requests, of one tenant or of all tenants of a connector. Bound to the event loop it is
    first used in. How many requests are under way at once, and how long an answer may take, is decided by who sends them.

    Nothing but connections is kept: no cookie, no credential, no login. A connection goes to one origin, and one whose
    answer was cut short, or has more to say than was asked, is closed and not used again.

    A proxy is used where the environment names one (`HTTPS_PROXY`, `NO_PROXY`, …). Certificates are always checked,
    against `SSL_CERT_FILE` or `SSL_CERT_DIR` where one of them is set.
    """

    def __init__(self, http: HttpPlan, *, proxies: Mapping[str, str] | None = None) -> None:
        self.max_body = http.max_body
        connect = min(CONNECT, http.timeout)
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect)
        self._proxies = getproxies() if proxies is None else dict(proxies)
        self._routes: dict[tuple[str, str], URL | None] = {}
        self._session: aiohttp.ClientSession | None = None
        self._contexts: dict[Identity, ssl.SSLContext] = {}

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`. An answer longer than `max_body`, or packed in a way nobody asked for, is an `UnexpectedAnswer`."""
        address, headers = _address(request), _headers(request, content, content_type)
        proxy, session, trust = self._proxy(address), self._opened(), self._context(request)
        try:
            async with session.request(
                request.method, address, headers=headers, data=content, proxy=proxy, ssl=trust, allow_redirects=False
            ) as response:
                body = await self._body(response, request)
            return Response(response.status, _joined(response.raw_headers), body, request.url)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            failure = _failure(error, request)
        raise failure  # outside of `except`: aiohttp's own words may quote a header

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        self._routes.clear()
        self._contexts.clear()
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=_trust(), limit=0, keepalive_timeout=IDLE),
                cookie_jar=_NoCookies(),
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                timeout=self._timeout,
                auto_decompress=False,
                read_bufsize=PIECE,
                max_line_size=HEAD_LINE,
                max_field_size=HEAD_LINE,
                max_headers=HEAD_LINES,
            )
            # Whether a request may be sent again is in the plan, and decided where that is known.
            self._session._retry_connection = False
        return self._session

    def _context(self, request: Request) -> ssl.SSLContext:
        """What a connection is opened with: no two client certificates share one."""
        identity = request.identity
        if identity is None:
            return _trust()
        if identity not in self._contexts:
            if len(self._contexts) >= ROUTES:
                self._contexts.clear()
            self._contexts[identity] = presenting(identity)
        return self._contexts[identity]

    def _proxy(self, address: URL) -> URL | None:
        route = (address.scheme, address.raw_authority)
        if route not in self._routes:
            if len(self._routes) >= ROUTES:
                self._routes.clear()
            scheme, host = route
            named = None if proxy_bypass(host) else self._proxies.get(scheme) or self._proxies.get("all")
            self._routes[route] = _proxy_address(named) if named else None
        return self._routes[route]

    async def _body(self, response: aiohttp.ClientResponse, request: Request) -> bytes:
        """The body, unpacked. Of an answer that is no success, as much as its words may need."""
        success = 200 <= response.status < 300
        limit = self.max_body if success else min(self.max_body, ERROR_BODY)
        try:
            unpacker = Unpacker(", ".join(response.headers.getall("content-encoding", ())))
            parts, size = [], 0
            async for chunk in response.content.iter_any():
                parts.append(unpacker.feed(chunk, limit + 1 - size))
                size += len(parts[-1])
                if size > limit:
                    response.close()
                    break
            else:
                unpacker.finish()
        except Broken as broken:
            problem = str(broken)
        else:
            if size <= limit or not success:
                return b"".join(parts)[:limit]
            problem = f"is larger than {_size(limit)}"
        response.close()
        if not success:
            return b""
        raise UnexpectedAnswer(f"the answer {problem}", origin=request.origin, status=response.status)


class _NoCookies(aiohttp.DummyCookieJar):
    """Keeps no cookie, and does not look at any: aiohttp logs the names of those that it cannot read."""

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        """Nothing is kept."""


def _address(request: Request) -> URL:
    """The address as it was written; what an address cannot hold is encoded. Nothing else of it is changed."""
    failure: FerruleError | None = None
    try:
        text = request.wire_url
        url = URL(quote(text, _SAFE) if _UNSAFE.search(text) else text, encoded=True)
        if url.scheme in ("http", "https") and url.host and len(text) <= LONGEST:
            return url
    except UnicodeEncodeError:
        failure = _unsendable(request)
    except ValueError:
        pass
    # Outside of `except`: what was caught may quote a value.
    raise failure or UnexpectedAnswer("the address is longer than 64 kB, or is none", origin=request.origin)


def _headers(request: Request, content: bytes | None, content_type: str | None) -> list[tuple[str, str]]:
    headers = [(name, reveal(value).strip()) for name, value in request.headers]
    headers = [pair for pair in headers if pair[0].lower() not in _FRAMING]
    named = {name.lower() for name, _ in headers}
    usual = {"user-agent": _agent(), "accept": "*/*", "accept-encoding": ACCEPTED}
    if content is not None and content_type is not None:
        usual["content-type"] = content_type
    headers += [pair for pair in usual.items() if pair[0] not in named]
    if not all(_NAME.fullmatch(name) and _is_line(value) for name, value in headers):
        raise _unsendable(request)
    return headers


def _is_line(value: str) -> bool:
    """Whether a header's value stays within its line, and has bytes."""
    return (value.isascii() and value.isprintable()) or not re.search("[\0\r\n\ud800-\udfff]", value)


def _unsendable(request: Request) -> BadInput:
    message = "the address or a header holds a character that HTTP does not carry"
    return BadInput(message, code="invalid_value", hint=f"see the request at {request.origin}")


def _proxy_address(named: str) -> URL:
    """The address of a proxy. Raises `BadInput`, without it: it may hold a password."""
    try:
        url = URL(named if "://" in named else f"http://{named}")
        if url.scheme in ("http", "https") and url.host:
            return url
    except ValueError:
        pass
    raise BadInput("the proxy that the environment names cannot be used", hint="it is an `http://` or `https://` address")


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that are trusted. Read once: building a context takes longer than a request."""
    return trusting()


@cache
def _agent() -> str:
    try:
        return f"ferrule/{version('ferrule')}"
    except PackageNotFoundError:
        return "ferrule"


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
    """The contract's error for one of aiohttp. Its own words come along only where they are about the connection."""
    code, message = _words(error, urlsplit(request.url).netloc)
    if not code:
        return _unsendable(request)
    hint = "set SSL_CERT_FILE to a file with your own authority's certificate" if "CERTIFICATE_VERIFY" in message else None
    return CallError(message, code=code, origin=request.origin, hint=hint)


def _words(error: Exception, host: str) -> tuple[str, str]:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return "connection_timeout", f"`{host}` did not take the connection in time"
        case TimeoutError():
            return "request_timeout", f"`{host}` did not answer in time"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            told = error.os_error if isinstance(error, aiohttp.ClientProxyConnectionError) else f"{error.status} {error.message}"
            return "connection_rejected", f"the proxy gives no connection to `{host}`: {told}"
        case aiohttp.ClientConnectorCertificateError():
            return "connection_rejected", f"there is no connection to `{host}`: {error.certificate_error}"
        case aiohttp.ClientConnectorError():
            return "connection_rejected", f"there is no connection to `{host}`: {error.os_error}"
        case aiohttp.ClientResponseError():
            return "bad_gateway", f"what `{host}` answered is not HTTP, or its head is too large"
        case aiohttp.ClientPayloadError() if isinstance(error.__cause__, BadHttpMessage) and "Not enough data" not in str(error):
            return "bad_gateway", f"what `{host}` answered is not HTTP, or its head is too large"
        case aiohttp.ClientError() | OSError():
            return "connection_closed", f"`{host}` closed the connection before its answer was complete"
        case _:
            return "", ""
