"""What the OAuth 2 grants share: the request to the token endpoint, its answer, its errors (RFC 6749, sections 3.2, 5).

An error that names a cause (section 5.2) is final and is never tried again. A token endpoint that is overloaded or out of
order is judged like any other answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote_plus

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.address import split
from ferrule.auth.basic import basic
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.place import Place, Places, PlaceSpec, put_all
from ferrule.auth.reading import Expiry, Reading, Readings, Save, Source, kept, reading, readings
from ferrule.escapes import text_of
from ferrule.http import Request
from ferrule.outcome import ErrorRuleSpec
from ferrule.request import ABSENT, Build, Call, Constant, RequestPlan, RequestSpec, leaf
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template

CLIENT_ID = CredentialField("client_id", "Client ID", secret=False, unless="access_token")
CLIENT_SECRET = CredentialField("client_secret", "Client secret", unless="access_token")
ACCESS_TOKEN = CredentialField("access_token", "Access token", required=False)
REFRESH_TOKEN = CredentialField("refresh_token", "Refresh token", unless="access_token")


class DiscoverySpec(SpecModel):
    """What is asked once, when there is a token, because requests need to know it."""

    request: RequestSpec
    """The request. The token goes on it as on any other; `base_url` names its host, where it is not the connector's own."""
    save: Save
    """Names for values of the answer, read as `session.<name>` by every request: `{cloud_id: "body[0].id"}`."""


class TokenSpec(SpecModel):
    """How an access token is asked for, and where it goes."""

    token_url: Text
    """Template of the token endpoint: an absolute address, or a path below the connector's `base_url`."""
    client_auth: Literal["post", "basic"] = "post"
    """Where client id and secret go: among the parameters, or in an Authorization header (RFC 6749, section 2.3.1)."""
    format: Literal["form", "json", "query"] = "form"
    """How the parameters are sent. `form` is the standard's."""
    method: Literal["post", "get"] = "post"
    """Method of the token request. GET goes with `format: query`."""
    scopes: list[Text] = []
    """Scopes to ask for, as templates. None sends no `scope`."""
    scope_separator: str = Field(" ", min_length=1)
    """What stands between two scopes."""
    params: dict[str, Any] = {}
    """Further parameters: `{audience: "https://{{ settings.domain }}/api/v2/"}`."""
    headers: dict[str, Any] = {}
    """Further headers of the token request."""
    token: Source = Text("body.access_token")
    """Where the answer has the access token."""
    expires_in: Source = Text("body.expires_in")
    """Where the answer says how many seconds it holds."""
    save: Save = {}
    """Names for further values of the answer, read as `session.<name>` by every request: `{site: body.instance_url}`."""
    discover: DiscoverySpec | None = None
    """What else has to be found out after the login: which of several sites the token is for, say."""
    apply: Places = [PlaceSpec(header="Authorization", value=Text("Bearer {{ session.token }}"))]
    """Where the token goes on every request."""
    errors: list[ErrorRuleSpec] = []
    """Error rules of the token request, tried before those of the standard."""

    @model_validator(mode="after")
    def _get_has_no_body(self) -> TokenSpec:
        if self.method == "get" and self.format != "query":
            raise PydanticCustomError("oauth", "a token request by GET has no body: write `format: query`")
        return self

    def oauth(
        self, kind: CredentialKind, fields: tuple[CredentialField, ...], needs: tuple[str, ...], request: TokenRequest, compiler: Compiler
    ) -> OAuth:
        """The compiled kind, which logs in by `request` where the credential holds what it `needs`."""
        places = tuple(place.compile(compiler) for place in self.apply)
        discovery = _discovery(self.discover, compiler) if self.discover is not None else None
        return OAuth(self.kind, kind, fields, needs, request, places, discovery)  # type: ignore[attr-defined]

    def refresh_request(self, source: Source, compiler: Compiler, *, scoped: bool = True) -> TokenRequest:
        """The token request that exchanges a refresh token; `source` is where its answer has a new one."""
        parameters: dict[str, Build] = {
            "grant_type": Constant("refresh_token"),
            "refresh_token": leaf(Text("{{ credential.refresh_token }}"), compiler),
        }
        request = self.token_request(parameters, compiler, repeatable=False, scoped=scoped)
        return replace(request, refresh_token=reading(source, compiler))

    def token_request(self, grant: Mapping[str, Build], compiler: Compiler, *, repeatable: bool, scoped: bool = True) -> TokenRequest:
        """The compiled token request. `grant` are the parameters of the grant itself; the names of what it saves are declared.
        Not `scoped`, it asks for what was granted before."""
        base_url, path = split(self.token_url, compiler)
        headers = {"Accept": "application/json", **self.headers}
        errors = [*self.errors, *_standard_errors(self.token_url)]
        request = RequestSpec.model_validate({self.method: path, "headers": headers, "errors": errors, "repeatable": repeatable})
        plan = replace(request.compile(compiler), origin=self.token_url.span)
        params = dict(grant)
        if self.client_auth == "basic":
            plan = replace(plan, headers=(*plan.headers, ("Authorization", _client_basic)))
        else:
            params |= {name: leaf(f"{{{{ credential.{name} }}}}", compiler) for name in ("client_id", "client_secret")}
        if scoped:
            params["scope"] = _scope(self, compiler)
        params |= {name: leaf(value, compiler) for name, value in self.params.items()}
        if self.format == "query":
            plan = replace(plan, query=tuple(params.items()))
        else:
            plan = replace(plan, body=_object(params), kind=self.format)
        saved = readings(self.save, compiler)
        compiler.declare(["token", *self.save])
        return TokenRequest(plan, base_url, reading(self.token, compiler), Expiry(reading(self.expires_in, compiler)), saved)


def _client_basic(scope: Scope) -> Secret:
    """Client id and secret as user name and password, form-encoded first (RFC 6749, section 2.3.1 and appendix B)."""
    credential = scope["credential"]
    return basic(quote_plus(reveal(credential["client_id"]) or ""), quote_plus(reveal(credential["client_secret"]) or ""))


def _scope(spec: TokenSpec, compiler: Compiler) -> Build:
    """The scopes of the credential where it names some, or those of the spec."""
    usual = [compiler.template(scope) for scope in spec.scopes]

    def build(scope: Scope) -> Any:
        named = scope["credential"].get("scopes") or [text_of(template.render(scope)) for template in usual]
        return spec.scope_separator.join(named) if named else ABSENT

    return build


def _object(params: Mapping[str, Build]) -> Build:
    return lambda scope: {name: value for name, build in params.items() if (value := build(scope)) is not ABSENT}


def _standard_errors(at: Text) -> list[ErrorRuleSpec]:
    """What the errors of RFC 6749, section 5.2, mean in the contract's words; by these codes none is tried again. Some
    endpoints answer 200 with an `error`."""
    codes = {
        "body.error == 'invalid_grant'": "authentication_expired",
        "body.error == 'access_denied' || body.error == 'unauthorized_client' || status == `403`": "permission_denied",
        "status < `300` && body.error || status >= `400` && status < `500` && status != `408` && status != `429`": "unauthorized",
    }
    app_code = Text("body.error", at.span)
    return [ErrorRuleSpec(when=Text(when, at.span), code=code, app_code=app_code) for when, code in codes.items()]


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A compiled request to a token endpoint, and how its answer is read."""

    plan: RequestPlan
    base_url: Template | None
    token: Reading
    expiry: Expiry
    save: Readings
    refresh_token: Reading | None = None

    @property
    def origins(self) -> tuple[Template, ...]:
        """The address of the endpoint, where it is not the connector's own."""
        return (self.base_url,) if self.base_url is not None else ()

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        """The request, with its address."""
        return (replace(self.plan, base_url=self.base_url),)

    def send(self, scope: Scope, now: float, refresh_token: Secret | None = None) -> Login:
        """Ask for a token. `refresh_token` is the one that stays in use when the answer brings no other."""
        names = {**scope, "session": {}}
        answer = yield Call(self.plan, names, base_url=self.base_url)
        token = self.token.token(answer, names)
        rotated = self.refresh_token.token_or_none(answer, names) if self.refresh_token is not None else None
        return Grant(token, kept(self.save, answer, names), self.expiry.read(answer, names, now), rotated or refresh_token)


@dataclass(frozen=True, slots=True)
class Discovery:
    """A compiled discovery."""

    plan: RequestPlan
    save: Readings

    def ask(self, places: tuple[Place, ...], grant: Grant, scope: Scope) -> Login:
        """The grant with what the answer tells."""
        names = {**scope, "session": grant.session}
        answer = yield Call(self.plan, names, lambda request: put_all(places, request, names))
        return replace(grant, variables={**grant.variables, **kept(self.save, answer, names)})


def _discovery(spec: DiscoverySpec, compiler: Compiler) -> Discovery:
    plan = spec.request.compile(compiler)
    saved = readings(spec.save, compiler)
    compiler.declare(spec.save)
    return Discovery(plan, saved)


@dataclass(frozen=True, slots=True)
class OAuth:
    """A compiled OAuth kind. `needs` are the fields of the credential without which there is no token request."""

    kind: str
    credential_kind: CredentialKind
    fields: tuple[CredentialField, ...]
    needs: tuple[str, ...]
    request: TokenRequest
    places: tuple[Place, ...]
    discovery: Discovery | None = None
    code: TokenRequest | None = None
    """The exchange of an authorization code, where a person is asked."""
    authorization: RequestPlan | None = None
    """The address that a person is sent to; its query is what the kind itself says."""
    pkce: bool = False
    """Whether the exchange proves that it comes from who sent the person (RFC 7636)."""
    scopes: tuple[Template, ...] = ()
    """What a person is asked to allow, where the caller does not say."""
    scope_separator: str = " "

    @property
    def origins(self) -> tuple[Template, ...]:
        """See `Auth.origins`."""
        found = (*self.request.origins, *(self.code.origins if self.code is not None else ()))
        if self.discovery is not None and self.discovery.plan.base_url is not None:
            return (*found, self.discovery.plan.base_url)
        return found

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        """See `Auth.requests`."""
        found = (*self.request.requests, *(self.code.requests if self.code is not None else ()))
        return (*found, self.discovery.plan) if self.discovery is not None else found

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        """A token that was given serves first, unless the answer to a token request has values to save."""
        credential = scope["credential"]
        current = (grant.refresh_token if grant is not None else None) or credential.get("refresh_token")
        credential = {**credential, "refresh_token": current}
        able = all(credential.get(name) for name in self.needs)
        token = credential.get("access_token")
        if grant is None and token and not (able and self.request.save):
            return self._discovered(given(token, current), None, scope)
        if not able:
            return None
        return self._discovered(self.request.send({**scope, "credential": credential}, now, current), grant, scope)

    def _discovered(self, login: Login, before: Grant | None, scope: Scope) -> Login:
        """The login, and after it the discovery, which is made once: what a grant before found out still holds."""
        grant = yield from login
        if self.discovery is None:
            return grant
        if before is not None:
            return replace(grant, variables={**before.variables, **grant.variables})
        return (yield from self.discovery.ask(self.places, grant, scope))

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        """See `Auth.apply`."""
        return put_all(self.places, request, {**scope, "session": grant.session if grant else {}})


def given(token: Secret, refresh_token: Secret | None = None) -> Login:
    """A login that asks nobody: the credential holds an access token already."""
    yield from ()
    return Grant(token, refresh_token=refresh_token)
