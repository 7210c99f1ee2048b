"""Where a credential goes on a request, and the auth that needs no more than that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.fields import TOKEN, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Lasting, Scope
from ferrule.escapes import text_of
from ferrule.http import Request
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template, TemplateFailure

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"


def _is_token(text: str) -> str:
    if not re.fullmatch(_TOKEN, text):
        raise PydanticCustomError("token", "`{text}` is not one word as HTTP has it: letters, digits and no spaces", {"text": text})
    return text


TokenText = Annotated[str, AfterValidator(_is_token), Field(json_schema_extra={"pattern": f"^{_TOKEN}$"})]
"""A token of HTTP: the name of a header or a cookie, an authentication scheme (RFC 9110, section 5.6.2)."""
ParamName = Annotated[str, Field(min_length=1)]
Where = Literal["header", "query", "cookie"]


@dataclass(frozen=True, slots=True)
class Place:
    """One value and the place it goes to."""

    where: Where
    name: str
    value: Template

    def put(self, request: Request, scope: Scope) -> Request:
        """The request with the value on it. Raises `TemplateFailure` where the value is missing or cannot stand there."""
        text = reveal(self.value.render(scope))
        try:
            value = Secret(text_of(text))
        except TypeError as error:
            raise TemplateFailure(str(error), self.value.text) from None
        if self.where == "query":
            return request.with_query(self.name, value)
        _check(value.reveal(), self)
        return request.with_header(self.name, value) if self.where == "header" else _with_cookie(request, self.name, value)


def _check(value: str, place: Place) -> None:
    """Refuse what would break out of its place (RFC 9110, section 5.5; RFC 6265, section 4.1.1), or cannot be written there."""
    if not value.isascii() or not value.isprintable():
        raise TemplateFailure(f"the value holds a character that a {place.where} cannot carry", place.value.text)
    if place.where == "cookie" and ";" in value:
        raise TemplateFailure("a cookie's value may not hold a semicolon", place.value.text)


def _with_cookie(request: Request, name: str, value: Secret) -> Request:
    """The request with the cookie beside those it has: a request has one Cookie header (RFC 6265, section 5.4)."""
    present = [part.strip() for key, text in request.headers if key.lower() == "cookie" for part in reveal(text).split(";")]
    kept = [part for part in present if part and part.partition("=")[0] != name]
    return request.with_header("Cookie", Secret("; ".join([*kept, f"{name}={value.reveal()}"])))


class PlaceSpec(SpecModel):
    """Where a value goes: one of `header`, `query` and `cookie`, and what is written there."""

    header: TokenText | None = None
    """Name of a header."""
    query: ParamName | None = None
    """Name of a query parameter."""
    cookie: TokenText | None = None
    """Name of a cookie."""
    value: Text = Text("{{ session.token }}")
    """Template of the value."""

    @model_validator(mode="after")
    def _one_place(self) -> PlaceSpec:
        if sum(name is not None for name in (self.header, self.query, self.cookie)) != 1:
            raise PydanticCustomError("place", "a value goes to one place: `header`, `query` or `cookie`")
        return self

    def compile(self, compiler: Compiler) -> Place:
        """The place with its template compiled."""
        if self.header is not None:
            return place("header", self.header, self.value, compiler)
        if self.query is not None:
            return place("query", self.query, self.value, compiler)
        assert self.cookie is not None
        return place("cookie", self.cookie, self.value, compiler)


def listed(value: Any) -> Any:
    """One place, written as a list of it."""
    return value if isinstance(value, list) else [value]


_List = Annotated[list[PlaceSpec], Field(min_length=1)]
Places = Annotated[_List, BeforeValidator(listed, json_schema_input_type=PlaceSpec | _List)]
"""The type of `apply:`: one place, or a list of them."""


def place(where: Where, name: str, value: Text, compiler: Compiler) -> Place:
    """A value and its place, the template compiled for it."""
    return Place(where, name, compiler.template(value, "header" if where == "header" else "leaf"))


@dataclass(frozen=True, slots=True)
class Key(Lasting):
    """Auth without a login: values of the credential, each at its place."""

    kind: str
    fields: tuple[CredentialField, ...]
    places: tuple[Place, ...]

    @property
    def credential_kind(self) -> CredentialKind:
        return credential_kind(self.fields)

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        return put_all(self.places, request, scope)


class ValueSpec(SpecModel):
    """A kind that writes one value, made from the credential, to one place."""

    value: Text | None = None
    """Template of the value: `Token token={{ credential.token }}`. By default the credential's only field as it is."""
    fields: Fields = {}
    """What the credential holds. By default `token`."""

    @model_validator(mode="after")
    def _clear_value(self) -> ValueSpec:
        if self.value is None and len(self.fields) > 1:
            raise PydanticCustomError("value", "the credential has several fields: say with `value` what is sent")
        return self

    def key(self, kind: str, where: Where, name: str, compiler: Compiler) -> Key:
        """The compiled auth that puts the value there."""
        fields = fields_of(self.fields, TOKEN)
        value = self.value if self.value is not None else Text(f"{{{{ credential.{fields[0].name} }}}}")
        with compiler.within(names(fields)):
            return Key(kind, fields, (place(where, name, value, compiler),))


def put_all(places: tuple[Place, ...], request: Request, scope: Scope) -> Request:
    """The request with every value at its place."""
    for each in places:
        request = each.put(request, scope)
    return request
