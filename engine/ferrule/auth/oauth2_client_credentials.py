"""OAuth 2 client credentials: the app knows the connector by an id and a secret of its own (RFC 6749, section 4.4)."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.fields import SCOPES, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialKind
from ferrule.auth.oauth import ACCESS_TOKEN, OAuth, TokenSpec
from ferrule.request import Constant
from ferrule.shape import Compiler


class ClientCredentialsSpec(TokenSpec):
    """Ask for an access token in the client's own name."""

    kind: Literal["oauth2_client_credentials"]
    grant_type: str = "client_credentials"
    """The grant's name, where the app has one of its own (Zoom: `account_credentials`)."""
    fields: Fields = {}
    """What the credential holds besides what the client proves itself with: `params` send it."""

    @model_validator(mode="after")
    def _somebody(self) -> ClientCredentialsSpec:
        if self.client_auth == "none" and not self.fields:
            raise PydanticCustomError("oauth", "a client that proves nothing brings something else: name it under `fields`")
        return self

    def compile(self, compiler: Compiler) -> OAuth:
        client = self.client_fields()
        kind: CredentialKind = "key_pair" if self.client_auth == "private_key_jwt" else "oauth_client_credentials"
        fields = (*client, ACCESS_TOKEN, SCOPES)
        if self.fields:
            client = fields = self.with_client(fields_of(self.fields, ()))
            kind = credential_kind(fields)
        with compiler.within(names(fields)):
            request = self.token_request({"grant_type": Constant(self.grant_type)}, compiler, repeatable=True, scoped=True)
            return self.oauth(kind, fields, tuple(field.name for field in client if field.required), request, compiler)
