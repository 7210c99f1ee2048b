"""User name and password in the Authorization header (RFC 7617)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.fields import PASSWORD, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Lasting, Scope
from ferrule.escapes import text_of
from ferrule.http import Request
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template, TemplateFailure


class BasicSpec(SpecModel):
    """Send user name and password with every request, as UTF-8."""

    kind: Literal["basic"]
    username: Text = Text("{{ credential.username }}")
    """Template of the user name: `{{ credential.username }}/token`, or the key where an app takes one here."""
    password: Text = Text("{{ credential.password }}")
    """Template of the password; may be empty."""
    fields: Fields = {}
    """What the credential holds. By default `username` and `password`."""

    @model_validator(mode="after")
    def _clear_parts(self) -> BasicSpec:
        for part in ("username", "password"):
            if self.fields and part not in self.fields and part not in self.model_fields_set:
                raise PydanticCustomError("value", "the credential has no field `{part}`: say with `{part}` what is sent", {"part": part})
        return self

    def compile(self, compiler: Compiler) -> Basic:
        fields = fields_of(self.fields, PASSWORD)
        with compiler.within(names(fields)):
            return Basic(fields, compiler.template(self.username), compiler.template(self.password))


@dataclass(frozen=True, slots=True)
class Basic(Lasting):
    """Compiled Basic auth."""

    fields: tuple[CredentialField, ...]
    username: Template
    password: Template

    @property
    def kind(self) -> str:
        return "basic"

    @property
    def credential_kind(self) -> CredentialKind:
        return credential_kind(self.fields)

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        username, password = _part(self.username, scope), _part(self.password, scope)
        if ":" in username:
            raise TemplateFailure("a user name for Basic may not hold a colon", self.username.text)
        return request.with_header("Authorization", basic(username, password))


def basic(username: str, password: str) -> Secret:
    """The value of an Authorization header for Basic."""
    return Secret("Basic " + base64.b64encode(f"{username}:{password}".encode()).decode())


def _part(template: Template, scope: Scope) -> str:
    """User name or password. Control characters have no place in either (RFC 7617, section 2)."""
    try:
        text = text_of(reveal(template.render(scope)))
    except TypeError as error:
        raise TemplateFailure(str(error), template.text) from None
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise TemplateFailure("the value holds a control character", template.text)
    return text
