"""The cassette wire: plays the exchanges of a cassette, and nothing but them.

A request matches a recorded one when method, address, headers and body are the same. The order of query parameters with
different names, of headers and of JSON keys does not count. Requests are found by a key and not by searching, and each
exchange is played once: requests that are the same get their responses in recorded order.
"""

from __future__ import annotations

import json
from collections import deque
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ferrule.errors import FerruleError
from ferrule.http import Request, Response
from ferrule.wire.cassette_file import Cassette
from ferrule.wire.difference import NOTHING, canonical, differences
from ferrule.wire.kept import KeptRequest, Redaction, kept_request


class UnmatchedRequest(FerruleError):
    """A request that the cassette does not hold. `differences` tells it from the nearest one that is held."""

    def __init__(self, request: KeptRequest, nearest: KeptRequest | None, slips: tuple[str, ...]) -> None:
        name = f"`{request.method} {request.uri}`"
        if nearest is None:
            message = f"{name} was not due: this call has no more requests"
        elif slips:
            message = f"{name} is not recorded; nearest is `{nearest.method} {nearest.uri}`:\n" + "\n".join(f"  {slip}" for slip in slips)
        else:
            message = f"{name} is asked more often than it was recorded"
        super().__init__(message, code="internal_error", hint="record it again where the change is meant")
        self.request, self.nearest, self.differences = request, nearest, slips


class CassetteWire:
    """Plays a cassette, one call at a time: `turn_to` says which."""

    def __init__(self, cassette: Cassette) -> None:
        self.cassette = cassette
        self.played: list[int] = []
        """The numbers of the exchanges that were played, in order."""
        self._call = 0
        self._waiting: dict[Key, deque[int]] = {}
        self._redaction = Redaction()

    def turn_to(self, call: int) -> None:
        """From now on, play the exchanges of this call."""
        self._call = call
        self._waiting = {}
        for number in self.cassette.belonging(call):
            self._waiting.setdefault(self.key(number), deque()).append(number)

    def key(self, number: int) -> Key:
        """What an exchange is found by."""
        return key_of(self.cassette.interactions[number].request)

    @property
    def unplayed(self) -> list[KeptRequest]:
        """The requests of the current call that nobody asked for, in recorded order."""
        left = sorted(number for numbers in self._waiting.values() for number in numbers)
        return [self.cassette.interactions[number].request for number in left]

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """The recorded response. Raises `UnmatchedRequest`."""
        asked = kept_request(request, content_type, self._redaction)
        numbers = self._waiting.get(key_of(asked))
        if not numbers:
            raise self._unmatched(asked)
        self.played.append(numbers.popleft())
        return self.cassette.interactions[self.played[-1]].response.response(request.url)

    async def close(self) -> None:
        """Nothing is held."""

    def _unmatched(self, asked: KeptRequest) -> UnmatchedRequest:
        held = [self.cassette.interactions[number].request for number in self.cassette.belonging(self._call)]
        same = next((each for each in held if key_of(each) == key_of(asked)), None)
        nearest = same or max(self.unplayed or held, key=lambda each: _likeness(asked, each), default=None)
        return UnmatchedRequest(asked, nearest, tuple(slips(asked, nearest)) if nearest and not same else ())


Key = tuple[Any, ...]


def key_of(request: KeptRequest) -> Key:
    """What two requests have in common when one answers for the other."""
    address, query = _split(request.uri)
    headers = tuple(sorted((name.lower(), tuple(values)) for name, values in request.headers.items()))
    return request.method.upper(), address, tuple(sorted(query, key=lambda pair: pair[0])), headers, canonical_body(request)


def canonical_body(request: KeptRequest) -> str | bytes | None:
    """One form for all writings of the same body: JSON by its structure, a form by its pairs, anything else as it is."""
    kind, value = _body(request)
    return canonical([kind, value]) if kind in ("json", "form") else value


def slips(asked: KeptRequest, recorded: KeptRequest) -> list[str]:
    """Where the two requests differ, a line each."""
    (address, query), (address_then, query_then) = _split(asked.uri), _split(recorded.uri)
    kind, body = _body(asked)
    kind_then, body_then = _body(recorded)
    compared: list[tuple[str, Any, Any]] = [
        ("method", asked.method, recorded.method),
        ("address", _part(address, 0), _part(address_then, 0)),
        ("path", _part(address, 1), _part(address_then, 1)),
        *_named("query parameter", query, query_then),
        *_named("header", _pairs(asked), _pairs(recorded)),
    ]
    found = [(name, left, right) for name, left, right in compared if left != right]
    if kind != kind_then:
        found.append(("body", kind, kind_then))
    elif canonical_body(asked) != canonical_body(recorded):
        found += [(f"body at `{each.path}`", each.left, each.right) for each in differences(_shown(body), _shown(body_then))]
    return [f"{name}: asked {_quoted(left)}, recorded {_quoted(right)}" for name, left, right in found]


def _likeness(asked: KeptRequest, recorded: KeptRequest) -> tuple[bool, float, int]:
    path, path_then = urlsplit(asked.uri).path, urlsplit(recorded.uri).path
    alike = 1.0 if path == path_then else SequenceMatcher(None, path, path_then).ratio()
    return asked.method == recorded.method, alike, -len(slips(asked, recorded))


def _split(uri: str) -> tuple[str, list[tuple[str, str]]]:
    address, _, query = uri.partition("?")
    pairs = [part.partition("=") for part in query.split("&") if part]
    return address, [(name, value) for name, _, value in pairs]


def _part(address: str, index: int) -> str:
    parts = urlsplit(address)
    return (f"{parts.scheme}://{parts.netloc}", parts.path)[index]


def _pairs(request: KeptRequest) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, values in request.headers.items() for value in values]


def _named(what: str, left: list[tuple[str, str]], right: list[tuple[str, str]]) -> list[tuple[str, Any, Any]]:
    """Each name that either side has, with its values on both."""
    names = dict.fromkeys(name for name, _ in (*left, *right))
    return [(f"{what} `{name}`", _values(name, left), _values(name, right)) for name in names]


def _values(name: str, pairs: list[tuple[str, str]]) -> Any:
    found = [value for key, value in pairs if key == name]
    return NOTHING if not found else found[0] if len(found) == 1 else found


def _body(request: KeptRequest) -> tuple[str, Any]:
    """The kind of a body, and the body as that kind's structure."""
    text = request.body
    kind = next((values[0] for name, values in request.headers.items() if name.lower() == "content-type" and values), "").lower()
    if text is None or isinstance(text, bytes):
        return ("none" if text is None else "bytes"), text
    if "json" in kind:
        try:
            return "json", json.loads(text)
        except ValueError:
            return "text", text
    if "x-www-form-urlencoded" in kind:
        return "form", sorted(parse_qsl(text, keep_blank_values=True), key=lambda pair: pair[0])
    return "text", text


def _shown(body: Any) -> Any:
    return repr(body) if isinstance(body, bytes) else body


def _quoted(value: Any) -> str:
    if value is NOTHING:
        return "without it"
    text = value if isinstance(value, str) else canonical(value)
    return f"`{text if len(text) <= 200 else text[:199] + '…'}`"
