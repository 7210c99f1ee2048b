"""OAuth 2 refresh: a person has let the connector in before, and a refresh token keeps it in (RFC 6749, section 6).

A server may give a new refresh token with each access token and refuse the old one from then on (RFC 9700, section 4.14).
The new one then stands in the grant. A refresh is therefore not repeated after an unclear failure: the old token may be
spent, and using it again makes careful servers revoke the whole family.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ferrule.auth.fields import names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.oauth import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, TokenRequest, TokenSpec, given
from ferrule.auth.place import Place, put_all
from ferrule.auth.reading import Source, reading
from ferrule.http import Request
from ferrule.request import Build, Constant, RequestPlan, leaf
from ferrule.shape import Compiler
from ferrule.source import Text
from ferrule.templates import Template


class RefreshSpec(TokenSpec):
    """Exchange a refresh token for an access token."""

    kind: Literal["oauth2_refresh"]
    refresh_token: Source = Text("body.refresh_token")
    """Where the answer has a new refresh token, if it brings one."""

    def compile(self, compiler: Compiler) -> Refresh:
        secret = CLIENT_SECRET if self.client_auth == "basic" else replace(CLIENT_SECRET, required=False)
        fields = (CredentialField("refresh_token", "Refresh token", unless="access_token"), CLIENT_ID, secret, ACCESS_TOKEN)
        with compiler.within(names(fields)):
            parameters: dict[str, Build] = {
                "grant_type": Constant("refresh_token"),
                "refresh_token": leaf(Text("{{ credential.refresh_token }}"), compiler),
            }
            request = self.token_request(parameters, compiler, repeatable=False)
            request = replace(request, refresh_token=reading(self.refresh_token, compiler))
            return Refresh(request, tuple(place.compile(compiler) for place in self.apply), fields)


@dataclass(frozen=True, slots=True)
class Refresh:
    """Compiled refresh."""

    request: TokenRequest
    places: tuple[Place, ...]
    fields: tuple[CredentialField, ...]

    @property
    def kind(self) -> str:
        return "oauth2_refresh"

    @property
    def credential_kind(self) -> CredentialKind:
        return "oauth"

    @property
    def origins(self) -> tuple[Template, ...]:
        return self.request.origins

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        return self.request.requests

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        """A token that was given serves first, unless the answer to a token request has values to save."""
        credential = scope["credential"]
        current = (grant.refresh_token if grant is not None else None) or credential.get("refresh_token")
        due = [field.name for field in self.fields if field.required and field.name != "refresh_token"]
        able = bool(current) and all(credential.get(name) for name in due)
        token = credential.get("access_token")
        if grant is None and token and not (able and self.request.save):
            return given(token, current)
        return self.request.send({**scope, "credential": {**credential, "refresh_token": current}}, now, current) if able else None

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        return put_all(self.places, request, {**scope, "session": grant.session if grant else {}})
