"""The contract's OAuth capabilities, as they follow from the ways in of a spec.

They are carried out for a caller who keeps the tokens: what a call needs, the client included, comes with it as its inputs, and
what it gives is an answer and no session of ours. A request is sent once. What an app answers is final, as the contract has it:
a code is spent by the first try, and a person waits.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ferrule.auth import Auth, Grant
from ferrule.auth.oauth import Consent, OAuth, TokenRequest
from ferrule.auth.oauth2_authorization_code import OURS
from ferrule.capabilities import CAPABILITIES
from ferrule.errors import BadInput, CallError, call_error
from ferrule.http import Answer, is_address
from ferrule.plan import HttpPlan, LogIn, Operation
from ferrule.request import Call
from ferrule.secret import Secret, reveal
from ferrule.spec.model import ConnectorSpec
from ferrule.templates import Scope, Template, TemplateFailure

_KEPT = ("oauth", "oauth_client_credentials")
"""The contract's kinds of credential whose tokens a caller keeps."""
Flow = Generator[Call, Answer, Mapping[str, Any]]


def logins(spec: ConnectorSpec, auths: Mapping[str, Auth], http: HttpPlan) -> dict[str, Operation]:
    """The operations that the OAuth kinds of a spec bring."""
    known = {name: auth for name, auth in auths.items() if isinstance(auth, OAuth) and auth.credential_kind in _KEPT}
    persons = {name: auth.consent for name, auth in known.items() if auth.consent is not None}
    alone = {name: auth for name, auth in known.items() if auth.kind == "oauth2_client_credentials"}
    usual = tuple(dict.fromkeys(scope for operation in spec.capabilities.values() for scope in operation.scopes))
    found = {
        "get_authorization_url": {name: _authorization(consent, http, usual) for name, consent in persons.items()},
        "handle_authorization_callback": {name: _callback(consent) for name, consent in persons.items()},
        "handle_client_credentials_request": {name: _exchange(auth.request) for name, auth in alone.items()},
        "refresh_access_token": {name: _exchange(auth.refresh) for name, auth in known.items()},
    }
    return {name: Operation(CAPABILITIES[name], log_in=ways) for name, ways in found.items() if ways}


def _authorization(consent: Consent, http: HttpPlan, usual: tuple[str, ...]) -> LogIn:
    address = consent.address.base_url or http.base_url

    def run(scope: Scope, now: float) -> Flow:
        yield from ()
        try:
            return authorization_url(consent, address, {"session": {}, **scope, "credential": {}}, usual)
        except TemplateFailure as failure:
            message = f"the authorization URL cannot be written: {failure}"
            raise BadInput(message, code="invalid_value", hint=f"see {failure.text.span}") from None

    return LogIn(run, visits=replace(consent.address, base_url=address))


def authorization_url(consent: Consent, address: Template, scope: Scope, usual: tuple[str, ...]) -> dict[str, Any]:
    """Where to send a person (RFC 6749, section 4.1.1), and the code verifier that proves the exchange (RFC 7636)."""
    inputs, scopes = scope["inputs"], consent.scopes
    verifier = secrets.token_urlsafe(32) if consent.pkce else None
    values = (
        "code", inputs["client_id"], inputs["redirect_uri"], inputs["state"],
        code_challenge(verifier) if verifier else None, "S256" if verifier else None,
    )  # fmt: skip
    base = reveal(address.render(scope))
    if not isinstance(base, str) or not is_address(base):
        raise BadInput(f"`{address.text}` makes no address", code="invalid_value", hint=f"see {address.text.span}")
    request = consent.address.render(base, scope)
    own = {**dict(zip(OURS, values, strict=True)), scopes.param: scopes.text(inputs["scopes"], scope, usual), **dict(request.query)}
    more = inputs["form_data"] or {}
    if taken := sorted({*own} & {*more}):
        raise BadInput(f"`form_data` cannot set `{taken[0]}`", code="invalid_value", hint="the connector sets it")
    query = tuple((name, value) for name, value in {**own, **more}.items() if value is not None)
    return {"authorization_url": replace(request, query=query).wire_url, "code_verifier": verifier}


def code_challenge(verifier: str) -> str:
    """The challenge of a code verifier by the method S256 (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _callback(consent: Consent) -> LogIn:
    """The person is back: exchange the code (RFC 6749, section 4.1.3)."""

    def more(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        given, redirect_uri = _came_back(reveal(inputs["redirect_uri_with_code"]))
        if inputs["state"] is not None and given.get("state", inputs["state"]) != inputs["state"]:
            raise BadInput("the `state` in `redirect_uri_with_code` is not the one that was sent", hint="somebody else began this login")
        if given.get("error"):
            raise _refused(given, consent)
        if not given.get("code"):
            raise BadInput("`redirect_uri_with_code` has no `code`", code="integration_missing_parameter")
        return {"code": Secret(given["code"]), "redirect_uri": redirect_uri}

    return _exchange(consent.code, more)


def _came_back(address: str) -> tuple[dict[str, str], str]:
    """What an address says that a person came back to, and the address without it. What it says twice counts once."""
    try:
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        raise BadInput("`redirect_uri_with_code` is no address", code="invalid_value") from None
    return dict(reversed(pairs)), urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


_REFUSALS = {
    "access_denied": "permission_denied",
    "unauthorized_client": "permission_denied",
    "server_error": "bad_gateway",
    "temporarily_unavailable": "bad_gateway",
}


def _refused(given: Mapping[str, str], consent: Consent) -> CallError:
    """The app sent the person back with an error (RFC 6749, section 4.1.2.1)."""
    return call_error(
        "the app sent the person back without a code",
        _REFUSALS.get(given["error"], "unauthorized"),
        origin=consent.address.origin,
        app_code=given["error"][:100],
        app_message=given.get("error_description", given["error"])[:500],
    )


def _nothing(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def _exchange(request: TokenRequest, more: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _nothing) -> LogIn:
    """A token request whose client is that of the inputs, with what else is made of them. What is empty is not sent: a client
    without a secret is a public one (RFC 6749, section 2.1)."""

    def run(scope: Scope, now: float) -> Flow:
        inputs = scope["inputs"]
        try:
            credential = {name: value or None for name, value in {**inputs, **more(inputs)}.items()}
            grant: Grant = yield from request.send({**scope, "credential": credential}, now, once=True)
        except CallError as error:
            if error.status is not None or error.app_code is not None:
                error.code = replace(error.code, retryable=False, throttled=False, refreshable=False)
            raise
        told = {"access_token": grant.token, "refresh_token": grant.refresh_token, "state": inputs.get("state")}
        return {"token_type": "bearer", **{name: reveal(value) for name, value in told.items() if value is not None}}

    return LogIn(run, (request.plan,))
