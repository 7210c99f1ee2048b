"""OAuth 2 client credentials: the app knows the connector by an id and a secret of its own (RFC 6749, section 4.4)."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.fields import names
from ferrule.auth.grant import CredentialField
from ferrule.auth.oauth import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, OAuth, TokenSpec
from ferrule.request import Constant
from ferrule.shape import Compiler

FIELDS = (CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN, CredentialField("scopes", "Scopes", secret=False, required=False, many=True))


class ClientCredentialsSpec(TokenSpec):
    """Ask for an access token with client id and secret."""

    kind: Literal["oauth2_client_credentials"]
    grant_type: str = "client_credentials"
    """The grant's name, where the app has one of its own (Zoom: `account_credentials`)."""

    def compile(self, compiler: Compiler) -> OAuth:
        with compiler.within(names(FIELDS)):
            request = self.token_request({"grant_type": Constant(self.grant_type)}, compiler, repeatable=True, scoped=True)
            return self.oauth("oauth_client_credentials", FIELDS, ("client_id", "client_secret"), request, compiler)
