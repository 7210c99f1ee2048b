"""Requests and answers as plain frozen values. Nothing here opens a socket."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from ferrule.diagnostics import NOWHERE, Span
from ferrule.secret import Secret, reveal

Value = str | Secret
Pairs = tuple[tuple[str, Value], ...]
BodyKind = Literal["none", "json", "form", "xml", "text", "ldap"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A client certificate with its chain, and the key that it is proven with, both in PEM."""

    certificate: str
    private_key: Secret
    passphrase: Secret | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request before it is put on the wire: of HTTP, or of LDAP, where the method is the operation, the address ends in the
    name of the entry (RFC 4516), and the body says the rest.

    `url` is absolute and already encoded, without the parameters of `query`; `body` is still a structure that `kind`
    says how to encode, so that pagination and auth can add to it. `origin` is the place in the spec that described it.
    """

    method: str
    url: str
    query: Pairs = ()
    headers: Pairs = ()
    body: Any = None
    kind: BodyKind = "none"
    origin: Span = NOWHERE
    safe: bool = True
    """Sending it twice does no more than sending it once, so it may be retried after an unclear failure."""
    identity: Identity | None = field(default=None, repr=False)
    """The client certificate that its connection is opened with."""

    def with_query(self, name: str, value: Value) -> Request:
        """The request with query parameter `name` set to `value`, in place of any before it."""
        return self._with(query=(*[pair for pair in self.query if pair[0] != name], (name, value)))

    def with_header(self, name: str, value: Value) -> Request:
        """The request with header `name` set to `value`, in place of any before it."""
        check_header(name, reveal(value))
        key = name.lower()
        return self._with(headers=(*[pair for pair in self.headers if pair[0].lower() != key], (name, value)))

    def with_body(self, path: tuple[str, ...], value: Any) -> Request:
        """The request with `value` at `path` of its body, which is a structure; missing levels are made."""
        return replace(self, body=_put(self.body, path, value), kind=self.kind if self.kind != "none" else "json")

    def _with(self, query: Pairs | None = None, headers: Pairs | None = None) -> Request:
        """The request with other parameters or headers: twice as fast as `replace`, and every request goes this way."""
        query, headers = self.query if query is None else query, self.headers if headers is None else headers
        return Request(self.method, self.url, query, headers, self.body, self.kind, self.origin, self.safe, self.identity)

    @property
    def wire_url(self) -> str:
        """The URL with its query as it goes on the wire, secrets opened."""
        return self._url(lambda value: quote(reveal(value), safe=""))

    @property
    def shown_url(self) -> str:
        """The URL with its query for a person to read, secrets masked."""
        return self._url(lambda value: str(value) if isinstance(value, Secret) else quote(value, safe=""))

    def _url(self, text: Callable[[Value], str]) -> str:
        if not self.query:
            return self.url
        pairs = "&".join(f"{quote(k, safe=_QUERY_KEY)}={text(v)}" for k, v in self.query)
        return f"{self.url}{'&' if '?' in self.url else '?'}{pairs}"


_QUERY_KEY = "[]$.:@"
"""Characters of a parameter's name that vendors write raw: `page[size]`, `$count`."""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response as it came: header names in lower case, the body still bytes (transfer and content encoding
    removed). `url` is the address that answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with its body decoded: what expressions see as `status`, `headers` and `body`.

    Where `whole` is given, `body` holds only what the plan reads of it, and `whole()` is all of it.
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    url: str = ""
    request: Request | None = field(default=None, compare=False)
    whole: Callable[[], Any] | None = field(default=None, compare=False, repr=False)

    def opened(self) -> Answer:
        """The answer with all of its body."""
        return self if self.whole is None else replace(self, body=self.whole(), whole=None)

    def names(self) -> dict[str, Any]:
        """The answer as the root value of an expression."""
        return {"status": self.status, "headers": self.headers, "body": self.body}


_ADDRESS = re.compile(r"(?:http|ldap)s?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?][^\x00-\x1f\x7f#]*)?", re.IGNORECASE)


_PORTS = {"http": 80, "https": 443, "ldap": 389, "ldaps": 636}


def is_address(text: str) -> bool:
    """Whether this is an address without user name and fragment, its host in ASCII: so narrow that no two parsers can
    disagree about the host."""
    return _ADDRESS.fullmatch(text) is not None


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of `url`, normalised, for comparing where two addresses lead (RFC 6454, section 4)."""
    before = _BEFORE_PATH.match(url)
    return _origin(before[0] if before else url)


_BEFORE_PATH = re.compile(r"[^/?#\s]*//[^/?#\s]*(?=[/?#]|\Z)")
"""What comes before the path: a walk has a hundred thousand addresses with the same."""


@lru_cache(maxsize=1024)
def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme, 0)


def shown_origin(of: tuple[str, str, int]) -> str:
    """An origin as an address shows it: the port only where it is not the usual one."""
    scheme, host, port = of
    return f"{scheme}://{host}" if port == _PORTS.get(scheme) else f"{scheme}://{host}:{port}"


_BREAKS = frozenset("\r\n\0")


def check_header(name: str, value: str) -> None:
    """Raise `ValueError` where a header's name or value could break out of its line (RFC 9110, section 5.5)."""
    if not _BREAKS.isdisjoint(name) or not _BREAKS.isdisjoint(value):
        raise ValueError(f"header `{name}` would contain a line break")


def _put(body: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    inner = body if isinstance(body, dict) else {}
    return {**inner, path[0]: _put(inner.get(path[0]), path[1:], value)}
