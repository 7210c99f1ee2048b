"""The contract's OAuth capabilities, as they follow from the ways in of a spec.

They are carried out for a caller who keeps the tokens: what a call needs, the client included, comes with it as its inputs, and
what it gives is an answer and no session of ours.
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
from ferrule.auth.oauth import OAuth, TokenRequest
from ferrule.capabilities import CAPABILITIES
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput, CallError
from ferrule.escapes import text_of
from ferrule.http import Answer
from ferrule.plan import HttpPlan, LogIn, Operation
from ferrule.request import Call
from ferrule.secret import Secret, reveal
from ferrule.spec.model import ConnectorSpec
from ferrule.templates import Scope

Flow = Callable[[OAuth, Scope, float], Generator[Call, Answer, Mapping[str, Any]]]


def logins(spec: ConnectorSpec, auths: Mapping[str, Auth], http: HttpPlan) -> dict[str, Operation]:
    """The operations that the OAuth kinds of a spec bring."""
    known = {name: auth for name, auth in auths.items() if isinstance(auth, OAuth)}
    with_person = {name: auth for name, auth in known.items() if auth.code is not None}
    renewable = {name: auth for name, auth in known.items() if auth.request.refresh_token is not None}
    alone = {name: auth for name, auth in known.items() if auth.kind == "oauth2_client_credentials"}
    usual = tuple(dict.fromkeys(scope for operation in spec.capabilities.values() for scope in operation.scopes))

    def authorize(auth: OAuth, scope: Scope, now: float) -> Generator[Call, Answer, Mapping[str, Any]]:
        yield from ()
        return authorization_url(auth, http, scope, usual)

    flows: dict[str, tuple[Mapping[str, OAuth], Flow]] = {
        "get_authorization_url": (with_person, authorize),
        "handle_authorization_callback": (with_person, _callback),
        "handle_client_credentials_request": (alone, _client_credentials),
        "refresh_access_token": (renewable, _refresh),
    }
    return {
        name: Operation(CAPABILITIES[name], log_in=_chosen(ways, flow), ways=tuple(ways)) for name, (ways, flow) in flows.items() if ways
    }


def _chosen(ways: Mapping[str, OAuth], flow: Flow) -> LogIn:
    """The flow of the way in that `credential_id` names, or of the only one."""

    def log_in(scope: Scope, now: float) -> Generator[Call, Answer, Mapping[str, Any]]:
        inputs = scope["inputs"]
        named = inputs.get("credential_id") or next(iter(ways))
        if named not in ways:
            hint = did_you_mean(named, ways) or f"the credentials for this are {', '.join(ways)}"
            raise BadInput(f"there is no OAuth credential `{named}`", code="integration_missing_parameter", hint=hint)
        return (yield from flow(ways[named], {"session": {}, **scope, "credential": dict(inputs)}, now))

    return log_in


def authorization_url(auth: OAuth, http: HttpPlan, scope: Scope, usual: tuple[str, ...]) -> dict[str, Any]:
    """Where to send a person (RFC 6749, section 4.1.1), and the code verifier that proves the exchange (RFC 7636)."""
    assert auth.authorization is not None
    inputs = scope["inputs"]
    scopes = inputs["scopes"] or [text_of(each.render(scope)) for each in auth.scopes] or usual
    verifier = secrets.token_urlsafe(32) if auth.pkce else None
    asked: dict[str, Any] = {
        "response_type": "code",
        "client_id": inputs["client_id"],
        "redirect_uri": inputs["redirect_uri"],
        "scope": auth.scope_separator.join(scopes) or None,
        "state": inputs["state"],
        "code_challenge": code_challenge(verifier) if verifier else None,
        "code_challenge_method": "S256" if verifier else None,
    }
    base = text_of(reveal((auth.authorization.base_url or http.base_url).render(scope)))
    request = auth.authorization.render(base, scope)
    own = {**asked, **dict(request.query)}
    if taken := sorted({*own} & {*(inputs["form_data"] or {})}):
        raise BadInput(f"`form_data` cannot set `{taken[0]}`", code="invalid_value", hint="the connector sets it")
    query = tuple((name, value) for name, value in {**own, **(inputs["form_data"] or {})}.items() if value is not None)
    return {"authorization_url": replace(request, query=query).wire_url, "code_verifier": verifier}


def code_challenge(verifier: str) -> str:
    """The challenge of a code verifier by the method S256 (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _callback(auth: OAuth, scope: Scope, now: float) -> Generator[Call, Answer, Mapping[str, Any]]:
    """The person is back: exchange the code (RFC 6749, section 4.1.3)."""
    assert auth.code is not None
    inputs = scope["inputs"]
    parts = urlsplit(reveal(inputs["redirect_uri_with_code"]))
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if given.get("error"):
        raise _refused(given, auth)
    if not given.get("code"):
        raise BadInput("`redirect_uri_with_code` has no `code`", code="integration_missing_parameter")
    if inputs["state"] is not None and given.get("state", inputs["state"]) != inputs["state"]:
        raise BadInput("the `state` in `redirect_uri_with_code` is not the one that was sent", hint="the login was begun by somebody else")
    credential = {
        **scope["credential"],
        "code": Secret(given["code"]),
        "redirect_uri": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
    }
    return (yield from _tokens(auth.code, {**scope, "credential": credential}, now))


def _refused(given: Mapping[str, str], auth: OAuth) -> CallError:
    """The app sent the person back with an error (RFC 6749, section 4.1.2.1)."""
    denied = given["error"] in ("access_denied", "unauthorized_client")
    code = "permission_denied" if denied else "service_error" if given["error"] == "temporarily_unavailable" else "unauthorized"
    origin = auth.authorization.origin if auth.authorization is not None else None
    words = given.get("error_description")
    return CallError("the app did not let the person allow access", code=code, origin=origin, app_code=given["error"], app_message=words)


def _client_credentials(auth: OAuth, scope: Scope, now: float) -> Generator[Call, Answer, Mapping[str, Any]]:
    return (yield from _tokens(auth.request, scope, now))


def _refresh(auth: OAuth, scope: Scope, now: float) -> Generator[Call, Answer, Mapping[str, Any]]:
    """One that brings no new refresh token leaves the old one in use."""
    return (yield from _tokens(auth.request, scope, now))


def _tokens(request: TokenRequest, scope: Scope, now: float) -> Generator[Call, Answer, Mapping[str, Any]]:
    """What the contract says of a token, without the nulls."""
    grant: Grant = yield from request.send(scope, now)
    told = {"access_token": grant.token, "refresh_token": grant.refresh_token, "state": scope["inputs"].get("state")}
    return {"token_type": "bearer", **{name: reveal(value) for name, value in told.items() if value is not None}}
