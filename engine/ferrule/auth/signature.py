"""A signature of the app's own making: a text made of the request, and its HMAC or digest.

The request that templates read as `request` is the one that goes out, with its page, its body and the headers that are there.
Examples are Duo's HMAC over date, method, host, path and parameters, and the digest of a password that WSSE sends.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.fields import PASSWORD, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Lasting, Scope
from ferrule.auth.place import Place, PlaceSpec, listed, put_all
from ferrule.auth.signing import Draft, rendered
from ferrule.http import Request
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template

Algorithm = Literal["hmac-sha1", "hmac-sha256", "hmac-sha512", "sha1", "sha256", "sha512"]
READS = {
    "request": ["method", "url", "host", "path", "query", "form", "body", "headers"],
    "now": ["unix", "unix_ms", "iso", "http", "rfc2822"],
    "nonce": [],
}
"""What templates of a signature read besides the credential and the settings."""


class SignedPlaceSpec(PlaceSpec):
    """Where the signature goes, or what is sent with it: one of `header`, `query` and `cookie`, and what is written there."""

    value: Text = Text("{{ signature }}")
    """Template of the value."""


_List = Annotated[list[SignedPlaceSpec], Field(min_length=1)]
SignedPlaces = Annotated[_List, BeforeValidator(listed, json_schema_input_type=SignedPlaceSpec | _List)]


class SignatureSpec(SpecModel):
    """Sign each request with an HMAC, or prove a password with a digest."""

    kind: Literal["signature"]
    algorithm: Algorithm
    """How it is computed. Those without `hmac` are a digest, and have no key."""
    key: Text | None = None
    """Template of the HMAC's key: `{{ credential.secret_key }}`."""
    text: Text
    """Template of what is signed. It reads `request`, `now` and `nonce`."""
    encoding: Literal["hex", "base64"] = "hex"
    """How the result is written, in `{{ signature }}`."""
    apply: SignedPlaces
    """Where the signature goes, and what goes with it: a place, or a list of them."""
    fields: Fields = {}
    """What the credential holds. By default `username` and `password`."""

    @model_validator(mode="after")
    def _key_of_hmac(self) -> SignatureSpec:
        if self.algorithm.startswith("hmac") and self.key is None:
            raise PydanticCustomError("signature", "an HMAC has a key: write `key`")
        if not self.algorithm.startswith("hmac") and self.key is not None:
            raise PydanticCustomError(
                "signature", "a digest has no key: write `{hmac}`, or the key into `text`", {"hmac": f"hmac-{self.algorithm}"}
            )
        return self

    def compile(self, compiler: Compiler) -> Signature:
        fields = fields_of(self.fields, PASSWORD)
        with compiler.within({**names(fields), **READS}):
            key = compiler.template(self.key) if self.key is not None else None
            text = compiler.template(self.text)
            with compiler.within({"signature": []}):
                places = tuple(place.compile(compiler) for place in self.apply)
        return Signature(fields, self.algorithm, key, text, self.encoding, places)


@dataclass(frozen=True, slots=True)
class Signature(Lasting):
    """A compiled signature."""

    fields: tuple[CredentialField, ...]
    algorithm: Algorithm
    key: Template | None
    text: Template
    encoding: Literal["hex", "base64"]
    places: tuple[Place, ...]

    @property
    def kind(self) -> str:
        return "signature"

    @property
    def credential_kind(self) -> CredentialKind:
        return credential_kind(self.fields)

    def sign(self, draft: Draft, scope: Scope, grant: Grant | None) -> Request:
        """The request with the signature and what goes with it."""
        known = {"credential": scope["credential"], "settings": scope["settings"], **_told(draft)}
        made = self._computed(rendered(self.text, known), rendered(self.key, known) if self.key is not None else None)
        text = made.hex() if self.encoding == "hex" else base64.b64encode(made).decode()
        return put_all(self.places, draft.request, {**known, "signature": Secret(text)})

    def _computed(self, text: str, key: str | None) -> bytes:
        name = self.algorithm.removeprefix("hmac-")
        return hashlib.new(name, text.encode()).digest() if key is None else hmac.digest(key.encode(), text.encode(), name)


def _told(draft: Draft) -> Mapping[str, Any]:
    """The names in `READS`."""
    address, moment = urlsplit(draft.url), datetime.fromtimestamp(draft.time, UTC)
    headers = {name.lower(): reveal(value) for name, value in draft.request.headers}
    if draft.content_type is not None:
        headers["content-type"] = draft.content_type
    port = f":{address.port}" if address.port not in (None, {"http": 80, "https": 443}.get(address.scheme)) else ""
    request = {
        "method": draft.request.method,
        "url": draft.url,
        "host": f"{(address.hostname or '').lower()}{port}",
        "path": address.path or "/",
        "query": _sorted(draft.query),
        "form": _sorted(draft.form),
        "body": (draft.content or b"").decode(),
        "headers": headers,
    }
    now = {
        "unix": str(int(draft.time)),
        "unix_ms": str(int(draft.time * 1000)),
        "iso": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "http": formatdate(draft.time, usegmt=True),
        "rfc2822": formatdate(draft.time),
    }
    return {"request": request, "now": now, "nonce": draft.nonce}


def _sorted(pairs: list[tuple[str, str]]) -> str:
    """Parameters in one form for both sides: encoded (RFC 3986, section 2.3), sorted, and joined."""
    return "&".join(
        f"{name}={value}" for name, value in sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    )
