"""OAuth 2 with a user's own name and password (RFC 6749, section 4.3), for apps that know nothing better: RFC 9700 forbids new ones."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.fields import PASSWORD, Fields, credential_kind, fields_of, names
from ferrule.auth.oauth import OAuth, TokenSpec
from ferrule.request import Build, Constant, leaf
from ferrule.shape import Compiler
from ferrule.source import Text


class PasswordSpec(TokenSpec):
    """Exchange user name and password for an access token."""

    kind: Literal["oauth2_password"]
    username: Text = Text("{{ credential.username }}")
    """Template of the user name."""
    password: Text = Text("{{ credential.password }}")
    """Template of the password: `{{ credential.password }}{{ credential.security_token }}`, where the app wants a token at its end."""
    fields: Fields = {}
    """What the credential holds besides what the client proves itself with. By default `username` and `password`."""

    def compile(self, compiler: Compiler) -> OAuth:
        fields = self.with_client(fields_of(self.fields, PASSWORD))
        with compiler.within(names(fields)):
            grant: dict[str, Build] = {
                "grant_type": Constant("password"),
                "username": leaf(self.username, compiler),
                "password": leaf(self.password, compiler),
            }
            request = self.token_request(grant, compiler, repeatable=True, scoped=True)
            needs = tuple(field.name for field in fields if field.required)
            return self.oauth(credential_kind(fields), fields, needs, request, compiler)
