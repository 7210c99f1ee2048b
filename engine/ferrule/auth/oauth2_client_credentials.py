"""OAuth 2 client credentials: the app knows the connector by an id and a secret of its own (RFC 6749, section 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ferrule.auth.fields import names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.oauth import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, TokenRequest, TokenSpec, given
from ferrule.auth.place import Place, put_all
from ferrule.http import Request
from ferrule.request import Constant, RequestPlan
from ferrule.shape import Compiler
from ferrule.templates import Template

FIELDS = (CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN, CredentialField("scopes", "Scopes", secret=False, required=False, many=True))


class ClientCredentialsSpec(TokenSpec):
    """Ask for an access token with client id and secret."""

    kind: Literal["oauth2_client_credentials"]
    grant_type: str = "client_credentials"
    """The grant's name, where the app has one of its own (Zoom: `account_credentials`)."""

    def compile(self, compiler: Compiler) -> ClientCredentials:
        with compiler.within(names(FIELDS)):
            request = self.token_request({"grant_type": Constant(self.grant_type)}, compiler, repeatable=True)
            return ClientCredentials(request, tuple(place.compile(compiler) for place in self.apply))


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Compiled client credentials."""

    request: TokenRequest
    places: tuple[Place, ...]

    @property
    def kind(self) -> str:
        return "oauth2_client_credentials"

    @property
    def credential_kind(self) -> CredentialKind:
        return "oauth_client_credentials"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return FIELDS

    @property
    def origins(self) -> tuple[Template, ...]:
        return self.request.origins

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        return self.request.requests

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        """A token that was given serves first, unless the answer to a token request has values to save."""
        credential = scope["credential"]
        able = bool(credential.get("client_id") and credential.get("client_secret"))
        token = credential.get("access_token")
        if grant is None and token and not (able and self.request.save):
            return given(token)
        return self.request.send(scope, now) if able else None

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        return put_all(self.places, request, {**scope, "session": grant.session if grant else {}})
