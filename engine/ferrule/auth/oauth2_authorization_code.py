"""OAuth 2 authorization code: a person is sent to the app, allows access, and comes back with a code (RFC 6749, section 4.1).

The person's part is done by the contract's OAuth capabilities, which every connector with this kind has:
`get_authorization_url`, `handle_authorization_callback`, `refresh_access_token`. What they give is the credential of every other
call. One that holds a refresh token too, and the client it belongs to, is renewed here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from ferrule.auth.address import split
from ferrule.auth.fields import names
from ferrule.auth.grant import CredentialField
from ferrule.auth.oauth import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, OAuth, TokenSpec
from ferrule.auth.reading import Source, reading
from ferrule.request import Build, Constant, RequestPlan, RequestSpec, leaf
from ferrule.shape import Compiler, Flag
from ferrule.source import Text

FIELDS = (
    replace(ACCESS_TOKEN, required=True, unless="refresh_token"),
    *(replace(field, required=False) for field in (REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET)),
)
_CODE = (*FIELDS, *(CredentialField(name, name) for name in ("code", "redirect_uri", "code_verifier")))


class AuthorizationCodeSpec(TokenSpec):
    """Send a person to the app, and exchange the code they come back with."""

    kind: Literal["oauth2_authorization_code"]
    authorization_url: Text
    """Template of the address that a person is sent to: an absolute address, or a path below the connector's `base_url`."""
    authorization_params: dict[str, Any] = {}
    """Further parameters of that address: `{access_type: offline, prompt: consent}`."""
    pkce: Flag = True
    """Whether the exchange is proven with a code verifier (RFC 7636, method S256)."""
    refresh_token: Source = Text("body.refresh_token")
    """Where the answer has a refresh token, if it brings one."""

    def compile(self, compiler: Compiler) -> OAuth:
        needs = ("refresh_token", "client_id", *(("client_secret",) if self.client_auth == "basic" else ()))
        with compiler.within(names(FIELDS)):
            refresh = self.refresh_request(self.refresh_token, compiler, scoped=False)
        with compiler.within(names(_CODE)):
            parameters: dict[str, Build] = {"grant_type": Constant("authorization_code")}
            for name in ("code", "redirect_uri", "code_verifier"):
                parameters[name] = leaf(Text(f"{{{{ credential.{name} }}}}"), compiler)
            code = self.token_request(parameters, compiler, repeatable=False, scoped=False)
            code = replace(code, refresh_token=reading(self.refresh_token, compiler))
        with compiler.within(names(FIELDS)):
            made = self.oauth("oauth", FIELDS, needs, refresh, compiler)
        return replace(
            made,
            code=code,
            authorization=self._authorization(compiler),
            pkce=self.pkce,
            scopes=tuple(compiler.template(scope) for scope in self.scopes),
            scope_separator=self.scope_separator,
        )

    def _authorization(self, compiler: Compiler) -> RequestPlan:
        base_url, path = split(self.authorization_url, compiler)
        plan = RequestSpec.model_validate({"get": path, "query": self.authorization_params}).compile(compiler)
        return replace(plan, base_url=base_url, origin=self.authorization_url.span)
