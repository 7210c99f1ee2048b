"""OAuth 2 authorization code: a person is sent to the app, allows access, and comes back with a code (RFC 6749, section 4.1).

The person's part is done by the contract's OAuth capabilities, which every connector with this kind has:
`get_authorization_url`, `handle_authorization_callback`, `refresh_access_token`. What they give is the credential of every other
call. One that holds a refresh token too, and the client it belongs to, is renewed here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.address import split
from ferrule.auth.fields import names
from ferrule.auth.grant import CredentialField
from ferrule.auth.oauth import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, Consent, OAuth, TokenRequest, TokenSpec
from ferrule.request import Build, Constant, RequestPlan, RequestSpec, leaf
from ferrule.shape import Compiler, Flag
from ferrule.source import Text

FIELDS = (
    replace(ACCESS_TOKEN, required=True, unless="refresh_token"),
    *(replace(field, required=False) for field in (REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET)),
)
_CODE = (*FIELDS, *(CredentialField(name, name) for name in ("code", "redirect_uri", "code_verifier")))
OURS = ("response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")
"""Parameters of the address that a call fills in (RFC 6749, section 4.1.1; RFC 7636, section 4.3)."""


def _none_of_ours(name: str) -> str:
    if name in OURS:
        raise PydanticCustomError("reserved", "each call sets `{name}` itself", {"name": name})
    return name


class AuthorizationCodeSpec(TokenSpec):
    """Send a person to the app, and exchange the code they come back with."""

    kind: Literal["oauth2_authorization_code"]
    authorization_url: Text
    """Template of the address that a person is sent to: an absolute address, or a path below the connector's `base_url`."""
    authorization_params: dict[Annotated[str, AfterValidator(_none_of_ours)], Any] = {}
    """Further parameters of that address: `{access_type: offline, prompt: consent}`."""
    pkce: Flag = True
    """Whether the exchange is proven with a code verifier (RFC 7636, method S256)."""

    @model_validator(mode="after")
    def _known_client(self) -> AuthorizationCodeSpec:
        if self.client_auth in ("none", "private_key_jwt"):
            raise PydanticCustomError("oauth", "who exchanges the code brings the client's secret: `post`, `basic` or `client_secret_jwt`")
        return self

    def compile(self, compiler: Compiler) -> OAuth:
        needs = ("refresh_token", "client_id", *(("client_secret",) if self.client_auth != "post" else ()))
        with compiler.within(names(_CODE)):
            code = self._code(compiler)
        with compiler.within(names(FIELDS)):
            consent = Consent(self._address(compiler), self.asked_scopes(compiler), code, self.pkce)
            request = self.refresh_request(compiler, scoped=False)
            return replace(self.oauth("oauth", FIELDS, needs, request, compiler), consent=consent)

    def _code(self, compiler: Compiler) -> TokenRequest:
        """The exchange of the code (RFC 6749, section 4.1.3)."""
        parameters: dict[str, Build] = {"grant_type": Constant("authorization_code")}
        for name in ("code", "redirect_uri", "code_verifier"):
            parameters[name] = leaf(Text(f"{{{{ credential.{name} }}}}"), compiler)
        return self.token_request(parameters, compiler, repeatable=False, scoped=False)

    def _address(self, compiler: Compiler) -> RequestPlan:
        base_url, path = split(self.authorization_url, compiler)
        plan = RequestSpec.model_validate({"get": path, "query": self.authorization_params}).compile(compiler)
        return replace(plan, base_url=base_url, origin=self.authorization_url.span)
