"""What a browser recorded: the exchanges of a HAR file (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/).

Of a request only names are kept, and of its query the values, which are compared and never written anywhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from ferrule.diagnostics import Code, Diagnostic, Span, SpecError

UNREADABLE = Code("N701", "unreadable-recording")
NO_ANSWERS = Code("N702", "recording-without-answers")
MAX_LENGTH = 512 * 1024 * 1024
"""Bytes of a recording."""

_SCHEMES = {
    "bearer": "Bearer",
    "basic": "Basic",
    "token": "token",
    "ssws": "SSWS",
    "apikey": "ApiKey",
    "geniekey": "GenieKey",
    "bot": "Bot",
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One GET whose answer is JSON."""

    origin: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    url: str
    headers: frozenset[str]
    """Names of the request's headers, in small letters."""
    scheme: str
    """The word before the credential in `Authorization`, where it is one that everybody uses; `?` for another, empty for none."""
    cookies: frozenset[str]
    status: int
    body: Any
    links: bool
    """The answer has a `Link` header, RFC 8288, with a next page."""


def read_har(path: Path) -> list[Exchange]:
    """The exchanges of a recording that tell something of an API. Raises `SpecError`, on the line, for a file that is no recording,
    and for one without a single answer in JSON."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _refused(UNREADABLE, path, f"the recording cannot be read: {error.strerror or error}") from error
    if len(raw) > MAX_LENGTH:
        raise _refused(UNREADABLE, path, f"the recording has more than {MAX_LENGTH // 2**20} MiB")
    try:
        content = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _refused(UNREADABLE, path, "the recording is no JSON from here on", line=error.lineno, column=error.colno) from error
    log = content.get("log") if isinstance(content, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        hint = "a browser writes one from its network tab: `Save all as HAR with content`"
        raise _refused(UNREADABLE, path, "this is no recording in the HAR format: it needs `log` with `entries`", hint)
    found = [made for entry in entries if (made := _exchange(entry)) is not None]
    if not found:
        raise _refused(NO_ANSWERS, path, _why_none(entries), "record again, and save `with content`: some browsers leave the answers out")
    return found


def _refused(code: Code, path: Path, message: str, hint: str | None = None, *, line: int = 1, column: int = 1) -> SpecError:
    return SpecError([Diagnostic(code, Span(str(path), max(line, 1), max(column, 1)), message, hint)])


def _why_none(entries: list[Any]) -> str:
    bodies = sum(1 for entry in entries if _dict(_dict(_dict(entry).get("response")).get("content")).get("text"))
    if not entries:
        return "the recording is empty"
    if not bodies:
        return f"the recording has {len(entries)} requests and the body of none of their answers"
    return f"the recording has {len(entries)} requests, and none is a GET whose answer is whole JSON"


def _exchange(entry: Any) -> Exchange | None:
    """One entry; None for what is no GET with an answer in JSON, or is not as the format has it."""
    request, response = _dict(_dict(entry).get("request")), _dict(_dict(entry).get("response"))
    if str(request.get("method", "")).upper() != "GET":
        return None
    url = str(request.get("url", ""))
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    status = response.get("status")
    if parts.scheme not in ("http", "https") or not parts.hostname or not isinstance(status, int):
        return None
    body = _json(_dict(response.get("content")))
    if not isinstance(body, (dict, list)):
        return None
    headers = {name.lower(): value for name, value in _pairs(request.get("headers"))}
    cookies = {name for name, _ in _pairs(request.get("cookies"))} | _cookie_names(headers.get("cookie", ""))
    word = headers.get("authorization", "").partition(" ")[0].lower()
    told = {name.lower(): value for name, value in _pairs(response.get("headers"))}
    return Exchange(
        f"{parts.scheme}://{parts.hostname}{port}",
        tuple(unquote(part) for part in parts.path.split("/") if part),
        tuple(_query(parts.query)),
        url,
        frozenset(headers),
        _SCHEMES.get(word, "?") if "authorization" in headers else "",
        frozenset(cookies),
        status,
        body,
        re.search(r"rel=\"?next\b", told.get("link", "")) is not None,
    )


def _json(content: Mapping[str, Any]) -> Any:
    """The JSON of an answer's content, base64 or not; None where it is none, or not whole."""
    text = content.get("text")
    if not isinstance(text, str) or "json" not in str(content.get("mimeType", "json")).lower():
        return None
    try:
        raw = base64.b64decode(text, validate=True) if content.get("encoding") == "base64" else text.encode()
        return orjson.loads(raw)
    except (binascii.Error, ValueError):
        return None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield item["name"], str(item.get("value", ""))


def _cookie_names(header: str) -> set[str]:
    return {pair.partition("=")[0].strip() for pair in header.split(";") if "=" in pair}


def _query(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            yield unquote(name), unquote(value.replace("+", " "))
