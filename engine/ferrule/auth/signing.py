"""What the kinds share that sign requests: a signature covers a request as it goes on the wire, so it is the last thing put there.

A `Draft` is such a request, encoded, with the moment it is signed at. It is written when the request's turn
has come and anew at each try, so that no signature grows old waiting and no nonce is used twice.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable
from urllib.parse import parse_qsl, urlsplit

from ferrule.auth.grant import Grant, Scope
from ferrule.escapes import text_of
from ferrule.http import Request
from ferrule.secret import reveal
from ferrule.templates import Template, TemplateFailure

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Draft:
    """A request with nothing missing but its signature. `time` is Unix time in seconds."""

    request: Request
    content: bytes | None
    content_type: str | None
    time: float

    @cached_property
    def nonce(self) -> str:
        """A text that no other draft has, and that nobody can guess."""
        return fresh_nonce()

    @cached_property
    def url(self) -> str:
        """The whole address, secrets opened."""
        return self.request.wire_url

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the address, decoded, in its order."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        """The fields of a form in the body, decoded, in its order; nothing where the body is no form."""
        is_form = (self.content_type or "").partition(";")[0].strip().lower() == FORM
        return parse_qsl((self.content or b"").decode(), keep_blank_values=True) if is_form else []


@runtime_checkable
class Signer(Protocol):
    """An auth that signs. Its `apply` may put on the request what is to be signed with it."""

    def sign(self, draft: Draft, scope: Scope, grant: Grant | None) -> Request:
        """The request of the draft, signed. Every value put on it is a `Secret`: one that is different each time must not tell
        one recording from another. Raises `TemplateFailure` as `Auth.apply` does, and `ValueError` where the request cannot be
        signed."""


def fresh_nonce() -> str:
    """128 bits of chance."""
    return secrets.token_hex(16)


def rendered(template: Template, scope: Scope) -> str:
    """What a template of a signature writes, opened. Raises `TemplateFailure` where it writes no text."""
    value: Any = reveal(template.render(scope))
    try:
        return text_of(value)
    except TypeError as error:
        raise TemplateFailure(str(error), template.text) from None
