"""OAuth 2 with an assertion that the connector signs, a JSON Web Token (RFC 7523, section 2.1): the app trusts the key, and the
token says in whose name the connector acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.fields import KEY_ID, KEY_PAIR, SERVICE_ACCOUNT, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialKind
from ferrule.auth.oauth import ClientAuth, OAuth, Scopes, TokenSpec, audience
from ferrule.auth.signed_token import SignedTokenSpec, Usual
from ferrule.request import Build, Constant
from ferrule.shape import Compiler

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_OF_A_KEY_PAIR = Usual(header=KEY_ID)
_OF_A_SERVICE_ACCOUNT = Usual(
    header={"kid": "{{ credential.key.private_key_id | default(none) }}"},
    claims={"iss": "{{ credential.key.client_email }}", "sub": "{{ credential.impersonation_email }}"},
    key="{{ credential.key.private_key }}",
)
"""The names are those of Google's key files."""


class JwtBearerSpec(TokenSpec):
    """Exchange a signed assertion for an access token."""

    kind: Literal["oauth2_jwt_bearer"]
    client_auth: ClientAuth = "none"
    """How the client proves itself besides, where the app asks for that."""
    assertion: SignedTokenSpec | None = None
    """The assertion. By default it is for the `token_url`, and has an id of its own."""
    scope_claim: str | None = None
    """The claim that carries the scopes, where they are no parameter (Google: `scope`)."""
    credential: Literal["key_pair", "service_account"] = "key_pair"
    """The contract's kind of credential: a key pair, or the key file of a service account."""
    fields: Fields = {}
    """What the credential holds besides what the client proves itself with. By default what the contract's kind holds."""

    @model_validator(mode="after")
    def _complete(self) -> JwtBearerSpec:
        if "iss" not in self._signed.claims and (self.credential != "service_account" or self.fields):
            raise PydanticCustomError("oauth", "an assertion says who makes it: write `claims: {iss: …}` under `assertion`")
        audience(self.token_url, self._signed)
        return self

    @property
    def _signed(self) -> SignedTokenSpec:
        return self.assertion or SignedTokenSpec()

    def compile(self, compiler: Compiler) -> OAuth:
        account = self.credential == "service_account"
        fields = self.with_client(fields_of(self.fields, SERVICE_ACCOUNT if account else KEY_PAIR))
        usual = Usual() if self.fields else _OF_A_SERVICE_ACCOUNT if account else _OF_A_KEY_PAIR
        kind: CredentialKind = credential_kind(fields) if self.fields or self.client_auth != "none" else self.credential
        with compiler.within(names(fields)):
            claims = {**audience(self.token_url, self._signed), "jti": "{{ random }}", **usual.claims}
            scopes = ((self.scope_claim, _claimed(self.asked_scopes(compiler))),) if self.scope_claim is not None else ()
            token = self._signed.signed_token(compiler, replace(usual, claims=claims), scopes)
            grant: dict[str, Build] = {"grant_type": Constant(GRANT_TYPE), "assertion": token.build}
            request = self.token_request(grant, compiler, repeatable=True, scoped=self.scope_claim is None)
            return self.oauth(kind, fields, tuple(field.name for field in fields if field.required), request, compiler)


def _claimed(scopes: Scopes) -> Build:
    return lambda scope: scopes.text(scope["credential"].get("scopes") or (), scope)
