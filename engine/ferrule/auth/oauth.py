"""What the OAuth 2 grants share: the request to the token endpoint, its answer, its errors (RFC 6749, sections 3.2, 5).

An error that names a cause (section 5.2) is final and is never tried again. A token endpoint that is overloaded or out of
order is judged like any other answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote_plus

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.address import split
from ferrule.auth.basic import basic
from ferrule.auth.fields import KEY_ID, KEY_PAIR, names
from ferrule.auth.grant import Asking, CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.place import ParamName, Place, Places, PlaceSpec, put_all
from ferrule.auth.reading import Expiry, Reading, Readings, Save, Source, kept, reading, readings
from ferrule.auth.signed_token import SignedToken, SignedTokenSpec, Usual
from ferrule.errors import CallError
from ferrule.escapes import text_of
from ferrule.http import Request
from ferrule.outcome import ErrorRule, ErrorRuleSpec
from ferrule.request import ABSENT, Build, Call, Constant, RequestPlan, RequestSpec, leaf
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template

CLIENT_ID = CredentialField("client_id", "Client ID", secret=False, unless="access_token")
CLIENT_SECRET = CredentialField("client_secret", "Client secret", unless="access_token")
ACCESS_TOKEN = CredentialField("access_token", "Access token", required=False)
REFRESH_TOKEN = CredentialField("refresh_token", "Refresh token", unless="access_token")
ClientAuth = Literal["post", "basic", "none", "client_secret_jwt", "private_key_jwt"]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


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
    client_auth: ClientAuth = "post"
    """How the client proves itself: its id and secret among the parameters, or in an Authorization header (RFC 6749, section
    2.3.1); by a token that it signs with its secret or with a private key (RFC 7523, section 2.2); or not at all."""
    client_assertion: SignedTokenSpec | None = None
    """The token by which the client proves itself, where it signs one. By default it is for the `token_url`, and has an id of its own."""
    format: Literal["form", "json", "query"] = "form"
    """How the parameters are sent. `form` is the standard's."""
    method: Literal["post", "get"] = "post"
    """Method of the token request. GET goes with `format: query`."""
    scopes: list[Text] = []
    """Scopes to ask for, as templates. None sends no `scope`."""
    scope_separator: str = Field(" ", min_length=1)
    """What stands between two scopes."""
    scope_param: ParamName = "scope"
    """The parameter that carries the scopes, where the app has a name of its own for it (Slack: `user_scope`)."""
    params: dict[str, Any] = {}
    """Further parameters: `{audience: "https://{{ settings.domain }}/api/v2/"}`."""
    headers: dict[str, Any] = {}
    """Further headers of the token request."""
    token: Source = Text("body.access_token")
    """Where the answer has the access token."""
    expires_in: Source = Text("body.expires_in")
    """Where the answer says how many seconds it holds."""
    refresh_token: Source = Text("body.refresh_token")
    """Where the answer has a refresh token, if it brings one."""
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

    @model_validator(mode="after")
    def _client_signs(self) -> TokenSpec:
        if not self.client_auth.endswith("_jwt"):
            if self.client_assertion is not None:
                raise PydanticCustomError("oauth", "who signs a `client_assertion` says so: write `client_auth: private_key_jwt`")
            return self
        audience(self.token_url, self._assertion)
        if self.client_auth == "private_key_jwt" and "iss" not in self._assertion.claims:
            raise PydanticCustomError("oauth", "a client says who it is: write `claims: {iss: …}` under `client_assertion`")
        return self

    @property
    def _assertion(self) -> SignedTokenSpec:
        return self.client_assertion or SignedTokenSpec()

    def client_fields(self) -> tuple[CredentialField, ...]:
        """What the client proves itself with."""
        if self.client_auth == "private_key_jwt":
            return tuple(replace(field, unless="access_token") for field in KEY_PAIR)
        return () if self.client_auth == "none" else (CLIENT_ID, CLIENT_SECRET)

    def with_client(self, fields: tuple[CredentialField, ...]) -> tuple[CredentialField, ...]:
        """The fields, and those of the client that are not among them."""
        return (*fields, *(field for field in self.client_fields() if field.name not in {each.name for each in fields}))

    def oauth(
        self, kind: CredentialKind, fields: tuple[CredentialField, ...], needs: tuple[str, ...], request: TokenRequest, compiler: Compiler
    ) -> OAuth:
        """The compiled kind, which logs in by `request` where the credential holds what it `needs`."""
        refresh = request
        if "refresh_token" not in needs:
            with compiler.within(names((*fields, REFRESH_TOKEN))):
                refresh = self.refresh_request(compiler, scoped=False)
        places = tuple(place.compile(compiler) for place in self.apply)
        discovery = _discovery(self.discover, compiler) if self.discover is not None else None
        return OAuth(self.kind, kind, fields, needs, request, refresh, places, discovery)  # type: ignore[attr-defined]

    def refresh_request(self, compiler: Compiler, *, scoped: bool) -> TokenRequest:
        """The token request that exchanges a refresh token."""
        parameters: dict[str, Build] = {
            "grant_type": Constant("refresh_token"),
            "refresh_token": leaf(Text("{{ credential.refresh_token }}"), compiler),
        }
        return self.token_request(parameters, compiler, repeatable=False, scoped=scoped)

    def token_request(self, grant: Mapping[str, Build], compiler: Compiler, *, repeatable: bool, scoped: bool) -> TokenRequest:
        """The compiled token request. `grant` are the parameters of the grant itself; the names of what it saves are declared.
        Not `scoped`, it asks for what was granted before."""
        base_url, path = split(self.token_url, compiler)
        headers = {"Accept": "application/json", **self.headers}
        request = RequestSpec.model_validate({self.method: path, "headers": headers, "errors": self.errors, "repeatable": repeatable})
        plan = request.compile(compiler)
        sent: dict[str, Any] = {"errors": (*plan.errors, *_standard_errors(self.token_url, compiler))}
        params = dict(grant)
        if self.client_auth == "basic":
            sent["headers"] = (*plan.headers, ("Authorization", _client_basic))
        elif self.client_auth == "post":
            params |= {name: leaf(f"{{{{ credential.{name} }}}}", compiler) for name in ("client_id", "client_secret")}
        elif self.client_auth != "none":
            params |= {"client_assertion_type": Constant(ASSERTION_TYPE), "client_assertion": self._signed_by_client(compiler).build}
        if scoped:
            params[self.scope_param] = _scope(self.asked_scopes(compiler))
        params |= {name: leaf(value, compiler) for name, value in self.params.items()}
        if self.format == "query":
            sent["query"] = tuple(params.items())
        else:
            sent |= {"body": _object(params), "kind": self.format}
        plan = replace(plan, base_url=base_url, origin=self.token_url.span, **sent)
        rotated, saved = reading(self.refresh_token, compiler), readings(self.save, compiler)
        compiler.declare(["token", *self.save])
        return TokenRequest(plan, reading(self.token, compiler), rotated, Expiry(reading(self.expires_in, compiler)), saved)

    def _signed_by_client(self, compiler: Compiler) -> SignedToken:
        """The client's own assertion (RFC 7523, sections 2.2 and 3)."""
        claims = {**audience(self.token_url, self._assertion), "jti": "{{ random }}"}
        if self.client_auth == "private_key_jwt":
            usual = Usual(header=KEY_ID, claims={**claims, "sub": self._assertion.claims["iss"]})
        else:
            client = "{{ credential.client_id }}"
            usual = Usual(claims={**claims, "iss": client, "sub": client}, key="{{ credential.client_secret }}", algorithm="HS256")
        return self._assertion.signed_token(compiler, usual)

    def asked_scopes(self, compiler: Compiler) -> Scopes:
        """How scopes are asked for."""
        return Scopes(self.scope_param, self.scope_separator, tuple(compiler.template(scope) for scope in self.scopes))


def audience(token_url: Text, token: SignedTokenSpec) -> dict[str, str]:
    """The claim that says whom a token is for: who issues access tokens, unless the spec says it (RFC 7523, section 3)."""
    if "aud" in token.claims:
        return {}
    if token_url.startswith("/"):
        raise PydanticCustomError("oauth", "a token says whom it is for: write `claims: {aud: …}`, or the whole address in `token_url`")
    return {"aud": str(token_url)}


def _client_basic(scope: Scope) -> Secret:
    """Client id and secret as user name and password, form-encoded first (RFC 6749, section 2.3.1 and appendix B)."""
    credential = scope["credential"]
    return basic(quote_plus(reveal(credential["client_id"]) or ""), quote_plus(reveal(credential["client_secret"]) or ""))


@dataclass(frozen=True, slots=True)
class Scopes:
    """How scopes are asked for: the parameter that carries them, what stands between two, and those that are usual."""

    param: str
    separator: str
    usual: tuple[Template, ...]

    def text(self, named: Sequence[str], scope: Scope, otherwise: Sequence[str] = ()) -> str | None:
        """The scopes that are `named`, or the usual ones, or those `otherwise`, as they are sent; None where there are none."""
        wanted = named or [text_of(template.render(scope)) for template in self.usual] or otherwise
        return self.separator.join(wanted) or None


def _scope(scopes: Scopes) -> Build:
    """The scopes of the credential where it names some, or those of the spec."""

    def build(scope: Scope) -> Any:
        text = scopes.text(scope["credential"].get("scopes") or (), scope)
        return ABSENT if text is None else text

    return build


def _object(params: Mapping[str, Build]) -> Build:
    return lambda scope: {name: value for name, build in params.items() if (value := build(scope)) is not ABSENT}


def _standard_errors(at: Text, compiler: Compiler) -> list[ErrorRule]:
    """What the errors of RFC 6749, section 5.2, mean in the contract's words; by these codes none is tried again. Some
    endpoints answer 200 with an `error`. A grant that has ended is told first: there are those that refuse it with 403."""
    codes = {
        "status >= `500`": "bad_gateway",
        "status != `429` && body.error == 'invalid_grant'": "authentication_expired",
        "status != `429` && contains(['access_denied', 'unauthorized_client'], body.error) || status == `403`": "permission_denied",
        "status < `300` && body.error || status >= `400` && status != `408` && status != `429`": "unauthorized",
    }
    app_code = compiler.expression(Text("body.error", at.span))
    return [ErrorRule.usual(compiler.expression(Text(when, at.span)), code, app_code=app_code) for when, code in codes.items()]


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A compiled request to a token endpoint, and how its answer is read."""

    plan: RequestPlan
    token: Reading
    refresh_token: Reading
    expiry: Expiry
    save: Readings

    def send(self, scope: Scope, now: float, refresh_token: Secret | None = None, *, once: bool = False) -> Asking:
        """Ask for a token. `refresh_token` is the one that stays in use when the answer brings no other; `once` is that of `Call`."""
        names = {**scope, "session": {}, "now": now}
        answer = yield Call(self.plan, names, once=once, spends=not self.plan.safe)
        token = self.token.token(answer, names)
        rotated = self.refresh_token.token_or_none(answer, names)
        return Grant(token, kept(self.save, answer, names), self.expiry.read(answer, names, now), rotated or refresh_token)


@dataclass(frozen=True, slots=True)
class Discovery:
    """A compiled discovery."""

    plan: RequestPlan
    save: Readings

    def knows(self, grant: Grant) -> bool:
        """Whether a grant has what is to be found out."""
        return all(name in grant.variables for name, _ in self.save)

    def ask(self, places: tuple[Place, ...], grant: Grant, scope: Scope) -> Asking:
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
class Consent:
    """How a person is asked: where they are sent, for which scopes, and how the code they bring back is exchanged."""

    address: RequestPlan
    """Its query is what the kind itself says."""
    scopes: Scopes
    code: TokenRequest
    pkce: bool
    """Whether the exchange proves that it comes from who sent the person (RFC 7636)."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """A compiled OAuth kind. `needs` are the fields of the credential without which there is no token request."""

    kind: str
    credential_kind: CredentialKind
    fields: tuple[CredentialField, ...]
    needs: tuple[str, ...]
    request: TokenRequest
    """What a login sends."""
    refresh: TokenRequest
    """What exchanges a refresh token for a caller who keeps it."""
    places: tuple[Place, ...]
    discovery: Discovery | None = None
    consent: Consent | None = None
    """Where a person is asked."""

    @property
    def origins(self) -> tuple[Template, ...]:
        """See `Auth.origins`."""
        return tuple(request.base_url for request in self.requests if request.base_url is not None)

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        """See `Auth.requests`. All token requests go to one address."""
        return (self.request.plan, self.discovery.plan) if self.discovery is not None else (self.request.plan,)

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        """A token that was given serves first, unless the answer to a token request has values to save."""
        credential = scope["credential"]
        current = (grant.refresh_token if grant is not None else None) or credential.get("refresh_token")
        scope = {**scope, "credential": {**credential, "refresh_token": current}}
        able = all(scope["credential"].get(name) for name in self.needs)
        given = credential.get("access_token")
        if grant is None and given and not (able and self.request.save):
            return self._taken(Grant(given, refresh_token=current), scope, now, able=able)
        if grant is not None and self.discovery is not None and not self.discovery.knows(grant):
            return self._taken(grant, scope, now, able=able)
        return self._asked(scope, now, grant) if able else None

    def _taken(self, grant: Grant, scope: Scope, now: float, *, able: bool) -> Login:
        """A grant that is there, with what is still to be found out. Where that is refused, the token is an old one."""
        try:
            return (yield from self._discovered(grant, scope))
        except CallError as error:
            if not able or not error.code.refreshable:
                raise
        return (yield from self._asked(scope, now, None))

    def _asked(self, scope: Scope, now: float, before: Grant | None) -> Login:
        """A new grant. What a grant before it found out still holds. A refresh token that is new is told before anything else
        is asked: the one before it is spent."""
        grant = yield from self.request.send(scope, now, scope["credential"]["refresh_token"])
        if before is not None:
            return replace(grant, variables={**before.variables, **grant.variables})
        if self.discovery is not None:
            yield grant
        return (yield from self._discovered(grant, scope))

    def _discovered(self, grant: Grant, scope: Scope) -> Asking:
        """The grant with what there is to find out."""
        yield from ()
        return grant if self.discovery is None else (yield from self.discovery.ask(self.places, grant, scope))

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        """See `Auth.apply`."""
        return put_all(self.places, request, {**scope, "session": grant.session if grant else {}})
