"""OAuth 2 refresh: a person has let the connector in before, and a refresh token keeps it in (RFC 6749, section 6).

A server may give a new refresh token with each access token and refuse the old one from then on (RFC 9700, section 4.14).
The new one then stands in the grant. A refresh is therefore not repeated after an unclear failure: the old token may be
spent, and using it again makes careful servers revoke the whole family.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ferrule.auth.fields import names
from ferrule.auth.oauth import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, OAuth, TokenSpec
from ferrule.shape import Compiler


class RefreshSpec(TokenSpec):
    """Exchange a refresh token for an access token."""

    kind: Literal["oauth2_refresh"]

    def compile(self, compiler: Compiler) -> OAuth:
        client = (CLIENT_ID, replace(CLIENT_SECRET, required=False)) if self.client_auth == "post" else self.client_fields()
        fields = (REFRESH_TOKEN, *client, ACCESS_TOKEN)
        with compiler.within(names(fields)):
            request = self.refresh_request(compiler, scoped=True)
            return self.oauth("oauth", fields, tuple(field.name for field in fields if field.required), request, compiler)
