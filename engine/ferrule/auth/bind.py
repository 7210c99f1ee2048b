"""Name and password of an LDAP bind (RFC 4513)."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


class BindSpec(SpecModel):
    """A simple bind, on every connection, before anything is asked on it."""

    kind: Literal["bind"]
    username: Text = Text("{{ credential.username }}")
    """Template of the name: a distinguished name, or what the directory takes in its place, such as `user@domain` in Active
    Directory."""
    password: Text = Text("{{ credential.password }}")
    """Template of the password. An empty one is refused: a server takes it for no bind at all (RFC 4513, section 5.1.2)."""
    fields: Fields = {}
    """What the credential holds. By default `username` and `password`."""

    @model_validator(mode="after")
    def _clear_parts(self) -> BindSpec:
        for part in ("username", "password"):
            if self.fields and part not in self.fields and part not in self.model_fields_set:
                raise PydanticCustomError("value", "the credential has no field `{part}`: say with `{part}` what is sent", {"part": part})
        return self

    def compile(self, compiler: Compiler) -> Bind:
        fields = fields_of(self.fields, PASSWORD)
        with compiler.within(names(fields)):
            return Bind(fields, compiler.template(self.username), compiler.template(self.password))


@dataclass(frozen=True, slots=True)
class Bind(Lasting):
    """A compiled bind."""

    fields: tuple[CredentialField, ...]
    username: Template
    password: Template

    @property
    def kind(self) -> str:
        return "bind"

    @property
    def credential_kind(self) -> CredentialKind:
        return credential_kind(self.fields)

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        made = tuple((f"bind-{part}", _part(template, scope)) for part, template in (("name", self.username), ("password", self.password)))
        return replace(request, headers=(*request.headers, *made))


def _part(template: Template, scope: Scope) -> Secret:
    """Name or password, neither of them empty."""
    try:
        text = text_of(reveal(template.render(scope)))
    except TypeError as error:
        raise TemplateFailure(str(error), template.text) from None
    if not text:
        raise TemplateFailure("an empty value is no bind: the server would let anybody in, as nobody", template.text)
    return Secret(text)
