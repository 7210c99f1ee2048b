"""What a cassette keeps of an exchange: nothing secret, and nothing that changes from one recording to the next.

Four rules find secrets, and each masks them with `***`:

- by type: whatever is a `Secret` in a request, each at its place;
- by value: every text known to be secret, wherever it stands, as written and as URLs, base64, JSON and XML write it;
- by name: the value of whatever is called like a secret (`password`, `access_token`, `X-Api-Key`, …) in a header, a query,
  a form, a JSON or an XML body. Cursors such as `next_token` and `pageToken` are not;
- by form: private keys, JSON Web Tokens, and tokens that begin as their vendor marks them, wherever they stand.

A request that is replayed goes through the same rules, so that both sides come to the same text.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from email.message import Message
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from pydantic import Field

from ferrule.contract.base import mask
from ferrule.encoding import encode
from ferrule.http import Request, Response
from ferrule.refusal import secrets_of
from ferrule.secret import MASK, Secret, is_secret_name, redact
from ferrule.shape import SpecModel
from ferrule.spec.model import ConnectorSpec

Headers = dict[str, list[str]]

ALWAYS_KEPT = frozenset({"content-type", "link", "location", "retry-after"})
"""Response headers that the engine reads of its own accord. What else is kept, the spec reads."""


class KeptRequest(SpecModel):
    """A request as a cassette has it, in vcrpy's words."""

    method: str
    """The method, in upper case."""
    uri: str
    """The whole address with its query."""
    headers: Headers = {}
    """What the spec and the auth put there. Values of credentials are masked."""
    body: str | bytes | None = None
    """What was sent."""

    @property
    def content_type(self) -> str:
        """What the body is."""
        return _content_type(self.headers)


class Status(SpecModel):
    """The status of a response."""

    code: int
    """The number."""
    message: str = ""
    """Its name."""


class Body(SpecModel):
    """The body of a response."""

    string: str | bytes = ""
    """Text where the bytes are UTF-8, bytes otherwise."""


class KeptResponse(SpecModel):
    """A response as a cassette has it, in vcrpy's words."""

    status: Status
    headers: Headers = {}
    body: Body = Field(default_factory=Body)

    @property
    def content_type(self) -> str:
        """What the body is."""
        return _content_type(self.headers)

    def response(self, url: str) -> Response:
        """The response as a wire gives it; `url` is the address that was asked."""
        headers = {name.lower(): ("\n" if name.lower() == "set-cookie" else ", ").join(values) for name, values in self.headers.items()}
        text = self.body.string
        return Response(self.status.code, headers, text.encode() if isinstance(text, str) else text, url)


def _content_type(headers: Headers) -> str:
    return next((values[0] for name, values in headers.items() if name.lower() == "content-type" and values), "")


class Redaction:
    """The texts that are known to be secret. There are more and more of them while a recording goes on."""

    def __init__(self, secrets: Iterable[str] = (), spared: Iterable[str] = ()) -> None:
        """`spared` are texts of the credential that are not secret: a user name is sent as a secret all the same."""
        self._forms: set[str] = set()
        self._spared = frozenset(spared)
        self.know(secrets)

    def know(self, secrets: Iterable[str]) -> None:
        """Mask these from now on, in every form that a body may give them."""
        for secret in set(secrets) - self._spared:
            in_json = json.dumps(secret)[1:-1]
            self._forms |= {secret, in_json, in_json.replace("/", "\\/"), escape(secret, {'"': "&quot;"})}

    def learn(self, request: Request) -> None:
        """Know every secret that `request` carries."""
        self.know({*secrets_of(_body_secrets(request.body), request=request), *_cookies(request)})

    def text(self, text: str) -> str:
        """`text` with every secret masked."""
        text = _OF_A_FORM.sub(MASK, _by_name(text))
        text = _ESCAPED.sub(self._unescaped, text) if "\\" in text else text
        return redact(text, self._forms).replace(_ENCODED_MASK, MASK)

    def address(self, url: str) -> str:
        """A URL, a form, or text that quotes one, with every secret masked."""
        return self.text(_PAIR.sub(lambda found: f"{found[1]}={MASK}" if is_secret_name(found[1]) else found[0], url))

    def value(self, value: Any) -> Any:
        """A structure with every secret below it masked."""
        if isinstance(value, Mapping):
            return {key: self._named(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return self.text(str(value)) if isinstance(value, str | Secret) else value

    def _unescaped(self, found: re.Match[str]) -> str:
        """A string of JSON: what it says is looked at, and not only how it is written."""
        try:
            said = json.loads(found[0])
        except ValueError:
            return found[0]
        masked = redact(_OF_A_FORM.sub(MASK, said), self._forms)
        return found[0] if masked == said else json.dumps(masked)

    def _named(self, name: Any, value: Any) -> Any:
        return MASK if isinstance(value, str) and value and is_secret_name(name) else self.value(value)


_ENCODED_MASK = "%2A%2A%2A"
"""The mask where it was written into a path or a form."""


def kept_request(request: Request, content_type: str | None, redaction: Redaction) -> KeptRequest:
    """What is kept of a request. `content_type` is that of its encoded body."""
    headers: Headers = {}
    for name, value in request.headers:
        masked = isinstance(value, Secret) or is_secret_name(name)
        headers.setdefault(name, []).append(MASK if masked else redaction.address(str(value)))
    if content_type and all(name.lower() != "content-type" for name in headers):
        headers["Content-Type"] = [content_type]
    content, _ = encode(replace(request, body=mask(request.body)))
    body = _body(content, content_type or "", redaction) if content is not None else None
    return KeptRequest(method=request.method, uri=redaction.address(request.shown_url), headers=headers, body=body)


def kept_response(response: Response, wanted: frozenset[str], redaction: Redaction) -> KeptResponse:
    """What is kept of a response: of its headers those in `wanted`."""
    headers = {name: _header(name, value, redaction) for name, value in sorted(response.headers.items()) if name in wanted}
    body = Body(string=_body(response.content, response.headers.get("content-type", ""), redaction))
    with suppress(ValueError):
        return KeptResponse(status=Status(code=response.status, message=HTTPStatus(response.status).phrase), headers=headers, body=body)
    return KeptResponse(status=Status(code=response.status), headers=headers, body=body)


def headers_read(spec: ConnectorSpec) -> frozenset[str]:
    """The response headers that matter to a connector: those the engine reads, and those that its spec names."""
    return ALWAYS_KEPT | {name.lower() for name in _headers_named(spec.model_dump())}


_READ = re.compile(r"""\bheaders\s*\.\s*(?:"([^"]+)"|(\w+))""")


def _headers_named(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        for quoted, plain in _READ.findall(value):
            yield quoted or plain
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "header" and isinstance(item, str):
                yield item
            yield from _headers_named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _headers_named(item)


def _header(name: str, value: str, redaction: Redaction) -> list[str]:
    if name == "set-cookie":
        return [redaction.text(re.sub(r"^\s*([^=;]+)=[^;]*", rf"\1={MASK}", line)) for line in value.split("\n")]
    return [MASK] if is_secret_name(name) else [redaction.address(value)]


def _body(content: bytes, content_type: str, redaction: Redaction) -> str | bytes:
    """A body without its secrets, otherwise untouched: text where its bytes are UTF-8, as vcrpy has it, else bytes."""
    text, charset = _decoded(content, content_type)
    masked = redaction.address(text) if _is_form(content_type) else redaction.text(text)
    return _as_text(content if masked == text else masked.encode(charset))


def opened_body(body: str | bytes | None, content_type: str) -> tuple[str, Callable[[str], str | bytes]]:
    """The text of a body as a cassette has it, that of a gzip file too; and what makes such a body of another text."""
    if not isinstance(body, bytes):
        return body or "", lambda text: text
    if body.startswith(_GZIP):
        try:
            inner, packed = opened_body(gzip.decompress(body), "")
        except (OSError, EOFError, zlib.error):
            return body.decode("latin-1"), lambda text: text.encode("latin-1")
        return inner, lambda text: gzip.compress(_as_bytes(packed(text)), mtime=0)
    text, charset = _decoded(body, content_type)
    return text, lambda text: _as_text(text.encode(charset))


_GZIP = b"\x1f\x8b"


def _as_bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body


def _as_text(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _decoded(content: bytes, content_type: str) -> tuple[str, str]:
    """The body as text, and the charset that gives the same bytes back: the declared one, UTF-8, or one character a byte."""
    for charset in (_charset(content_type), "utf-8"):
        try:
            text = content.decode(charset)
            if text.encode(charset) == content:
                return text, charset
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1"), "latin-1"


def _charset(content_type: str) -> str:
    message = Message()
    message["content-type"] = content_type
    return message.get_content_charset("utf-8")


def _is_form(content_type: str) -> bool:
    return "x-www-form-urlencoded" in content_type.lower()


_OF_A_FORM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|\b(?:gh[oprsu]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|[rs]k_live_|whsec_|syt_)[A-Za-z0-9_+/=-]{10,}"
    r"|(?<=://hooks\.slack\.com/services/)[A-Za-z0-9/]{10,}",
    re.DOTALL,
)
"""Private keys (RFC 7468), JSON Web Tokens (RFC 7519), and tokens of GitHub, GitLab, Slack, Stripe and Synapse."""

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_ESCAPED = re.compile(_STRING, re.DOTALL)
_JSON_STRING = re.compile(rf"({_STRING})(?:(\s*+:\s*+)({_STRING}|\[(?:[\s,]*+{_STRING})++\s*+\]))?+", re.DOTALL)
"""A string; where it is a key, with the string or the strings that it holds."""
_ELEMENT = re.compile(r"<([\w.:-]+)((?:\s[^<>]*)?)>([^<]+)</\1\s*>")
_PAIR = re.compile(r"(?<![^?&;<\s])([^=&?;<>\s\"]+)=([^&;#<>\s\"]+)")


def _by_name(text: str) -> str:
    """`text` with the values masked that its own names call secrets."""
    if '"' in text:
        text = _JSON_STRING.sub(_json_masked, text)
    return _ELEMENT.sub(_element_masked, text) if "</" in text else text


def _json_masked(found: re.Match[str]) -> str:
    key, colon, value = found.groups()
    if colon is None or value == '""' or not is_secret_name(key):
        return found[0]
    return f"{key}{colon}{re.sub(_STRING, json.dumps(MASK), value)}"


def _element_masked(found: re.Match[str]) -> str:
    name, attributes, _ = found.groups()
    return f"<{name}{attributes}>{MASK}</{name}>" if is_secret_name(name.rpartition(":")[2]) else found[0]


def _body_secrets(body: Any) -> Any:
    return body if isinstance(body, dict | list | tuple | Secret) else None


def _cookies(request: Request) -> Iterable[str]:
    """The values of the cookies that a request carries, each by itself."""
    for name, value in request.headers:
        if name.lower() == "cookie" and isinstance(value, Secret):
            for pair in value.reveal().split(";"):
                yield pair.partition("=")[2].strip()
