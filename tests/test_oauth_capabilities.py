"""The four OAuth capabilities of the contract, as they follow from the kinds under `auth:`, through `dispatch`."""

import asyncio
import base64
import hashlib
import logging
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app import AppWire, answer
from ferrule.compile.logins import code_challenge
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError
from ferrule.dispatch import adispatch
from ferrule.errors import CODES, call_error
from ferrule.http import Request, Response
from hostile_server import Server, cut, reply, then_nothing
from oauth_app import BACK, CLIENT, LOGIN, URL, Endpoint, call, connector, machine, query_of

TOKEN = {"access_token": "t0ken-1", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r3fresh-1", "scope": "users"}
ALL = ("get_authorization_url", "handle_authorization_callback", "handle_client_credentials_request", "refresh_access_token")
REFRESH = {**CLIENT, "refresh_token": "r3fresh-0"}
CALLBACK = {**CLIENT, "redirect_uri_with_code": BACK}


def error_of(envelope: dict[str, Any]) -> dict[str, Any]:
    assert envelope["is_error"] is True
    assert "response" not in envelope
    error: dict[str, Any] = envelope["error"]
    return error


def token_request(endpoint: Endpoint, capability: str = "handle_authorization_callback", **keys: Any) -> Any:
    """The one request of a capability, of a spec with these keys."""
    request = {"handle_authorization_callback": CALLBACK, "refresh_access_token": REFRESH}.get(capability, {**CLIENT, "scopes": []})
    app = machine(**keys) if capability == "handle_client_credentials_request" else connector(keys)
    assert call(app, capability, request, endpoint)["response"]["access_token"] == "t0ken-1"
    (asked,) = endpoint.asked
    return asked


# which capabilities there are


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["bearer"], []),
        (["oauth2_authorization_code"], ["get_authorization_url", "handle_authorization_callback", "refresh_access_token"]),
        (["oauth2_client_credentials"], ["handle_client_credentials_request", "refresh_access_token"]),
        (["oauth2_refresh"], ["refresh_access_token"]),
        (["bearer", "oauth2_client_credentials", "oauth2_authorization_code"], list(ALL)),
    ],
)
def test_they_follow_from_the_kinds(kinds: list[str], expected: list[str]):
    more = {"bearer": {}, "oauth2_authorization_code": {"authorization_url": "/a", "token_url": "/t"}}
    app = connector(auths={f"way{n}": {"kind": kind, **more.get(kind, {"token_url": "/t"})} for n, kind in enumerate(kinds)})
    assert [name for name in ALL if name in app.capabilities] == expected
    info = call(app, "info", {})["response"]
    assert [name for name in ALL if name in info["capabilities"]] == expected
    for name in {*ALL} - {*expected}:
        assert error_of(call(app, name, {}))["error_code"] == "unsupported_operation"


def test_one_that_the_spec_writes_wins():
    own = {
        "request": {"post": "/own/token", "form": {"code": "{{ inputs.redirect_uri_with_code }}", "secret": "{{ inputs.client_secret }}"}},
        "record": {"access_token": "key", "token_type": {"value": "bearer"}},
    }
    app = connector(capabilities={"handle_authorization_callback": own})
    endpoint = Endpoint(answer({"key": "t0ken-own"}))
    found = call(app, "handle_authorization_callback", CALLBACK, endpoint)
    assert found["response"] == {"access_token": "t0ken-own", "token_type": "bearer", "refresh_token": None, "state": None}
    assert endpoint.sent == {"code": BACK, "secret": "s3cret-client"}
    assert endpoint.asked[0].url == "https://api.acme.example/own/token"
    assert "authorization" not in endpoint.asked[0].headers, "there is no credential yet"
    assert query_of(call(app, "get_authorization_url", URL)), "the others follow from the kind as before"


@pytest.mark.parametrize("capability", ALL)
def test_no_credential_is_needed_and_one_that_comes_is_not_looked_at(capability: str):
    app = connector() if "authorization" in capability or capability == "refresh_access_token" else machine()
    request = {**URL, **CLIENT, "redirect_uri_with_code": BACK, "refresh_token": "r3fresh-0"}
    known = {name: value for name, value in request.items() if name in app.plan.operation(capability).capability.inputs}
    for auth in ({}, {"auth": {"oauth": {"access_token": "any"}}}, {"credentials": [{"id": "other", "token": {"token": "x"}}]}):
        assert "response" in call(app, capability, known, Endpoint(answer(TOKEN)), **auth)


# the authorization URL


def test_the_url_of_a_code_challenge():
    found = call(connector(), "get_authorization_url", URL)
    verifier = found["response"]["code_verifier"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert found["response"]["authorization_url"].startswith(f"{LOGIN}/authorize?")
    assert query_of(found) == {
        "response_type": ["code"],
        "client_id": ["client-1"],
        "redirect_uri": ["https://platform.example/callback"],
        "state": ["st4te"],
        "code_challenge": [challenge],
        "code_challenge_method": ["S256"],
    }
    assert (found["page"], found["raw_data"], found["execution_summary"]) == (None, None, None)


def test_the_vector_of_rfc_7636():
    """Appendix B."""
    assert code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifiers_are_long_enough_and_never_the_same():
    """RFC 7636, section 4.1: 43 to 128 unreserved characters."""
    found = {call(connector(), "get_authorization_url", URL)["response"]["code_verifier"] for _ in range(20)}
    assert len(found) == 20
    assert all(43 <= len(each) <= 128 and each.replace("-", "").replace("_", "").isalnum() for each in found)


def test_without_pkce_there_is_no_verifier():
    found = call(connector({"pkce": False}), "get_authorization_url", URL)
    assert found["response"]["code_verifier"] is None
    assert not [name for name in query_of(found) if name.startswith("code_")]


WITH_SCOPES = {
    name: {**operation, "scopes": scopes}
    for name, operation, scopes in [
        ("list_accounts", {"request": {"get": "/u"}, "records": "body", "record": {"integration_specific_id": "id"}}, ["users", "base"]),
        ("delete_account", {"request": {"delete": "/u/{{ inputs.account_id }}"}}, ["users", "write"]),
    ]
}


@pytest.mark.parametrize(
    ("asked", "auth", "expected"),
    [
        (["a", "b"], {"scopes": ["c"]}, "a b"),
        ([], {"scopes": ["c", "{{ settings.tenant }}/.default"]}, "c t1/.default"),
        ([], {}, "users base write"),
        ([], {"scope_separator": ","}, "users,base,write"),
        (["a:b", "c&d"], {"scope_param": "user_scope", "scope_separator": ","}, "a:b,c&d"),
    ],
)
def test_scopes_are_those_of_the_request_of_the_auth_or_of_all_capabilities(asked: list[str], auth: dict[str, Any], expected: str):
    app = connector(auth, capabilities=WITH_SCOPES, settings={"tenant": {"default": "t1"}})
    found = query_of(call(app, "get_authorization_url", {**URL, "scopes": asked}))
    assert found.get(auth.get("scope_param", "scope")) == [expected]
    assert len([name for name in found if "scope" in name]) == 1


def test_nothing_to_ask_for_sends_no_scope():
    assert "scope" not in query_of(call(connector(), "get_authorization_url", URL))


@pytest.mark.parametrize(
    ("address", "settings", "start"),
    [
        ("https://login.acme.example/authorize?tenant=t1&x=", {}, "https://login.acme.example/authorize?tenant=t1&x=&response_type=code&"),
        ("/oauth/authorize", {}, "https://api.acme.example/oauth/authorize?response_type=code&"),
        ("https://{{ settings.region }}.acme.example/a", {"region": "eu"}, "https://eu.acme.example/a?response_type=code&"),
        ("https://acme.example/{{ settings.region }}/a", {"region": "a b/?&"}, "https://acme.example/a%20b%2F%3F%26/a?response_type=code&"),
        ("{{ settings.region }}/a", {"region": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080/a?response_type=code&"),
    ],
)
def test_the_address_of_the_url(address: str, settings: dict[str, str], start: str):
    app = connector({"authorization_url": address}, settings={"region": {"required": False}})
    found = call(app, "get_authorization_url", URL, settings=settings)
    assert found["response"]["authorization_url"].startswith(start)


@pytest.mark.parametrize("region", ["javascript:alert(1)//", "//evil.example", "https://user@evil.example", "https://ev il", "", None])
def test_settings_that_make_no_address_are_refused(region: str | None):
    app = connector({"authorization_url": "{{ settings.region }}/a"}, settings={"region": {"required": False}})
    error = error_of(call(app, "get_authorization_url", URL, settings={"region": region}))
    assert error["error_code"] == "invalid_value"


def test_missing_settings_are_named():
    app = connector(settings={"region": {}})
    error = error_of(call(app, "get_authorization_url", URL))
    assert (error["error_code"], error["message"]) == ("bad_request", "Missing required settings: region")


def test_parameters_of_the_spec_and_of_the_caller_are_added():
    app = connector(
        {"authorization_params": {"access_type": "offline", "prompt": "{{ settings.prompt }}"}}, settings={"prompt": {"required": False}}
    )
    found = query_of(call(app, "get_authorization_url", {**URL, "form_data": {"login_hint": "ann&bob", "empty": ""}}))
    assert (found["access_type"], found["login_hint"], found["empty"]) == (["offline"], ["ann&bob"], [""])
    assert "prompt" not in found, "a setting that is not given leaves its parameter out"


@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "state", "response_type", "code_challenge", "code_challenge_method", "scope", "access_type"]
)
def test_form_data_cannot_set_what_the_connector_sets(name: str):
    app = connector({"authorization_params": {"access_type": "offline"}, "scopes": ["users"]})
    error = error_of(call(app, "get_authorization_url", {**URL, "form_data": {name: "evil"}}))
    assert (error["error_code"], error["message"]) == ("invalid_value", f"`form_data` cannot set `{name}`")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "response_type", "code_challenge", "code_challenge_method"])
def test_a_spec_cannot_set_what_each_call_sets(name: str):
    with pytest.raises(SpecError, match=f"each call sets `{name}` itself"):
        connector({"authorization_params": {name: "x"}})


@pytest.mark.parametrize("missing", ["client_id", "scopes", "redirect_uri", "state"])
def test_what_the_contract_requires_is_required(missing: str):
    error = error_of(call(connector(), "get_authorization_url", {name: value for name, value in URL.items() if name != missing}))
    assert error["error_code"] == "bad_request"
    assert f"`{missing}`" in error["message"]


# the callback


def test_a_code_is_exchanged():
    endpoint = Endpoint(answer(TOKEN))
    found = call(connector(), "handle_authorization_callback", {**CALLBACK, "state": "st4te", "code_verifier": "v3rifier"}, endpoint)
    assert endpoint.asked[0].url == f"{LOGIN}/token"
    assert endpoint.sent == {
        "grant_type": "authorization_code",
        "code": "c0de-1",
        "redirect_uri": "https://platform.example/callback",
        "code_verifier": "v3rifier",
        **CLIENT,
    }
    assert found == {
        "response": {"access_token": "t0ken-1", "refresh_token": "r3fresh-1", "token_type": "bearer", "state": "st4te"},
        "raw_data": None,
        "page": None,
        "rate_limit": None,
        "execution_summary": None,
    }


def test_raw_data_is_the_answer_of_the_token_endpoint_word_for_word():
    more = {**TOKEN, "instance_url": "https://eu.acme.example", "sites": [{"id": 7}]}
    found = call(connector(), "handle_authorization_callback", CALLBACK, Endpoint(answer(more)), include_raw_data=True)
    assert found["raw_data"] == more
    assert call(connector(), "get_authorization_url", URL, include_raw_data=True)["raw_data"] is None


@pytest.mark.parametrize(
    ("address", "redirect_uri", "code"),
    [
        ("https://platform.example/callback?code=c1", "https://platform.example/callback", "c1"),
        ("https://platform.example:8443/a/b/?state=s&code=c%2F1%2B%3D&iss=x", "https://platform.example:8443/a/b/", "c/1+="),
        ("http://127.0.0.1:8000/cb?code=first&code=second", "http://127.0.0.1:8000/cb", "first"),
        ("https://platform.example?code=c1#_=_", "https://platform.example", "c1"),
        ("com.example.app:/done?code=c1", "com.example.app:/done", "c1"),
    ],
)
def test_the_redirect_uri_is_what_the_person_came_back_to(address: str, redirect_uri: str, code: str):
    endpoint = Endpoint(answer(TOKEN))
    call(connector(), "handle_authorization_callback", {**CLIENT, "redirect_uri_with_code": address}, endpoint)
    assert (endpoint.sent["redirect_uri"], endpoint.sent["code"]) == (redirect_uri, code)


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("error=access_denied&error_description=The+user+said+no", "permission_denied", "The user said no"),
        ("error=unauthorized_client", "permission_denied", "unauthorized_client"),
        ("error=invalid_scope", "unauthorized", "invalid_scope"),
        ("error=server_error", "bad_gateway", "server_error"),
        ("error=temporarily_unavailable", "bad_gateway", "temporarily_unavailable"),
        ("error=access_denied&code=c1", "permission_denied", "access_denied"),
    ],
)
def test_a_person_who_was_not_let_in_comes_back_with_an_error(query: str, code: str, words: str):
    error = error_of(
        call(connector(), "handle_authorization_callback", {**CLIENT, "redirect_uri_with_code": f"https://p.example/?{query}"})
    )
    assert (error["error_code"], error["app_error_code"]) == (code, parse_qs(query)["error"][0])
    assert error["message"] == f"the app sent the person back without a code: {words}"
    assert_final(error)


@pytest.mark.parametrize(
    ("address", "state", "code"),
    [
        ("https://p.example/callback", None, "integration_missing_parameter"),
        ("https://p.example/callback?code=", None, "integration_missing_parameter"),
        ("", None, "integration_missing_parameter"),
        ("https://p.example/callback?code=c0de-1&state=other", "st4te", "bad_request"),
        ("https://p.example/callback?error=access_denied&state=other", "st4te", "bad_request"),
        ("https://[p.example/callback?code=c0de-1", None, "invalid_value"),
    ],
)
def test_an_address_that_is_no_answer_is_refused_and_nothing_is_sent(address: str, state: str | None, code: str):
    error = error_of(call(connector(), "handle_authorization_callback", {**CLIENT, "redirect_uri_with_code": address, "state": state}))
    assert error["error_code"] == code
    assert "c0de-1" not in str(error)


def test_a_state_that_the_app_did_not_hand_back_is_the_callers_to_judge():
    request = {**CLIENT, "redirect_uri_with_code": "https://p.example/?code=c1", "state": "st4te"}
    assert call(connector(), "handle_authorization_callback", request, Endpoint(answer(TOKEN)))["response"]["state"] == "st4te"


# client credentials and refresh


@pytest.mark.parametrize(
    ("asked", "keys", "expected"),
    [
        ([], {}, None),
        ([], {"scopes": ["api"]}, "api"),
        (["a", "b"], {"scopes": ["api"]}, "a b"),
        (["a", "b"], {"scope_separator": ","}, "a,b"),
    ],
)
def test_client_credentials(asked: list[str], keys: dict[str, Any], expected: str | None):
    endpoint = Endpoint(answer({"access_token": "t0ken-1"}))
    found = call(machine(**keys), "handle_client_credentials_request", {**CLIENT, "scopes": asked}, endpoint)
    assert endpoint.sent == {"grant_type": "client_credentials", **CLIENT, **({"scope": expected} if expected else {})}
    assert found["response"] == {"access_token": "t0ken-1", "refresh_token": None, "token_type": "bearer", "state": None}


def test_client_credentials_with_a_grant_and_parameters_of_the_apps_own():
    endpoint = Endpoint(answer(TOKEN))
    app = machine(grant_type="account_credentials", params={"account_id": "a-1"}, headers={"X-Version": "2"})
    assert call(app, "handle_client_credentials_request", {**CLIENT, "scopes": []}, endpoint)["response"]["refresh_token"] == "r3fresh-1"
    assert endpoint.sent == {"grant_type": "account_credentials", "account_id": "a-1", **CLIENT}
    assert endpoint.asked[0].headers["x-version"] == "2"


@pytest.mark.parametrize("app", [connector(), machine(), connector(auths={"r": {"kind": "oauth2_refresh", "token_url": f"{LOGIN}/token"}})])
@pytest.mark.parametrize("rotated", [{}, {"refresh_token": "r3fresh-1"}])
def test_a_refresh(app: Connector, rotated: dict[str, str]):
    endpoint = Endpoint(answer({"access_token": "t0ken-2", "expires_in": 60, **rotated}))
    found = call(app, "refresh_access_token", {**REFRESH, "state": "st4te"}, endpoint)
    assert endpoint.sent == {"grant_type": "refresh_token", "refresh_token": "r3fresh-0", **CLIENT}
    expected = {"access_token": "t0ken-2", "refresh_token": rotated.get("refresh_token"), "token_type": "bearer", "state": "st4te"}
    assert found["response"] == expected


def test_a_client_without_a_secret_sends_none():
    endpoint = Endpoint(answer(TOKEN))
    call(connector(), "refresh_access_token", {**REFRESH, "client_secret": ""}, endpoint)
    assert endpoint.sent == {"grant_type": "refresh_token", "refresh_token": "r3fresh-0", "client_id": "client-1"}


# how a token request is sent, and its answer read

WAYS = ("handle_authorization_callback", "handle_client_credentials_request", "refresh_access_token")


@pytest.mark.parametrize("capability", WAYS)
@pytest.mark.parametrize(("method", "format_"), [("post", "form"), ("post", "json"), ("post", "query"), ("get", "query")])
def test_methods_and_formats(capability: str, method: str, format_: str):
    endpoint = Endpoint(answer(TOKEN))
    asked = token_request(endpoint, capability, method=method, format=format_)
    assert asked.method == method.upper()
    assert {**CLIENT}.items() <= endpoint.sent.items()
    kind = {"form": "application/x-www-form-urlencoded", "json": "application/json", "query": None}[format_]
    assert (asked.headers.get("content-type") or "").startswith(kind or "") if format_ == "query" else True
    assert isinstance(asked.body, {"form": bytes, "json": dict, "query": type(None)}[format_])
    assert bool(asked.query) == (format_ == "query")


@pytest.mark.parametrize("capability", WAYS)
def test_the_client_in_a_header(capability: str):
    endpoint = Endpoint(answer(TOKEN))
    asked = token_request(endpoint, capability, client_auth="basic")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"client-1:s3cret-client").decode()
    assert not CLIENT.keys() & endpoint.sent.keys()


def test_the_client_in_a_header_is_encoded_first():
    """RFC 6749, section 2.3.1."""
    endpoint = Endpoint(answer(TOKEN))
    request = {**REFRESH, "client_id": "a:b", "client_secret": "c d%"}
    call(connector({"client_auth": "basic"}), "refresh_access_token", request, endpoint)
    assert base64.b64decode(endpoint.asked[0].headers["authorization"].removeprefix("Basic ")) == b"a%3Ab:c+d%25"


def test_nested_tokens():
    endpoint = Endpoint(answer({"ok": True, "access_token": "b0t", "authed_user": {"access_token": "us3r", "refresh": "r3"}}))
    app = connector({"token": "body.authed_user.access_token", "refresh_token": "body.authed_user.refresh"})
    found = call(app, "handle_authorization_callback", CALLBACK, endpoint)["response"]
    assert (found["access_token"], found["refresh_token"]) == ("us3r", "r3")


def test_the_token_address_is_made_of_settings_and_may_stand_below_base_url():
    endpoint = Endpoint(answer(TOKEN))
    app = connector({"token_url": "https://{{ settings.site }}.acme.example/{{ settings.site }}/token"}, settings={"site": {}})
    call(app, "refresh_access_token", REFRESH, endpoint, settings={"site": "eu"})
    call(connector({"token_url": "/oauth/token"}), "refresh_access_token", REFRESH, endpoint)
    assert [asked.url for asked in endpoint.asked] == ["https://eu.acme.example/eu/token", "https://api.acme.example/oauth/token"]


# several credentials in one spec

SEVERAL = {
    "key": {"kind": "bearer"},
    "person": {"kind": "oauth2_authorization_code", "authorization_url": "https://one.example/a", "token_url": "https://one.example/t"},
    "admin": {"kind": "oauth2_authorization_code", "authorization_url": "https://two.example/a", "token_url": "https://two.example/t"},
    "robot": {"kind": "oauth2_client_credentials", "token_url": "https://three.example/t"},
}


@pytest.mark.parametrize(("credential_id", "host"), [("person", "one"), ("admin", "two"), ("robot", "three")])
def test_the_credential_id_says_which_is_meant(credential_id: str, host: str):
    endpoint = Endpoint(answer(TOKEN))
    app = connector(auths=SEVERAL)
    assert "response" in call(app, "refresh_access_token", {**REFRESH, "credential_id": credential_id}, endpoint)
    assert endpoint.asked[0].url == f"https://{host}.example/t"
    if credential_id != "robot":
        found = call(app, "get_authorization_url", {**URL, "credential_id": credential_id})
        assert urlsplit(found["response"]["authorization_url"]).netloc == f"{host}.example"


@pytest.mark.parametrize(
    ("capability", "credential_id", "words"),
    [
        ("get_authorization_url", None, "`credential_id` is missing: there are several"),
        ("get_authorization_url", "robot", "there is no OAuth credential `robot`"),
        ("get_authorization_url", "key", "there is no OAuth credential `key`"),
        ("handle_client_credentials_request", "person", "there is no OAuth credential `person`"),
        ("refresh_access_token", "", "there is no OAuth credential ``"),
    ],
)
def test_a_credential_id_that_is_none_is_refused(capability: str, credential_id: str | None, words: str):
    request = {**URL, **CLIENT, "refresh_token": "r", "credential_id": credential_id}
    app = connector(auths=SEVERAL)
    known = app.plan.operation(capability).capability.inputs
    error = error_of(call(app, capability, {name: value for name, value in request.items() if name in known}))
    assert (error["error_code"], error["message"]) == ("integration_missing_parameter", words)


def test_where_there_is_one_it_need_not_be_named():
    endpoint = Endpoint(answer(TOKEN))
    assert "response" in call(connector(auths=SEVERAL), "handle_client_credentials_request", {**CLIENT, "scopes": []}, endpoint)
    assert endpoint.asked[0].url == "https://three.example/t"


def test_an_instance_with_a_credential_of_its_own_serves_all_of_them():
    endpoint = Endpoint(answer(TOKEN))
    instance = connector(auths=SEVERAL).instance({"token": "k3y"}, auth="key", wire=endpoint.wire)
    for name in ("person", "robot"):
        asyncio.run(instance.acall("refresh_access_token", {**REFRESH, "credential_id": name}))
    assert [asked.url for asked in endpoint.asked] == ["https://one.example/t", "https://three.example/t"]
    assert all("authorization" not in asked.headers for asked in endpoint.asked)


# what goes wrong

NAMED = [
    (400, {"error": "invalid_grant"}, "authentication_expired"),
    (403, {"error": "invalid_grant"}, "authentication_expired"),
    (400, {"error": "invalid_client"}, "unauthorized"),
    (401, {"error": "invalid_client"}, "unauthorized"),
    (400, {"error": "invalid_request"}, "unauthorized"),
    (404, {"message": "no such tenant"}, "unauthorized"),
    (400, {"error": "access_denied"}, "permission_denied"),
    (400, {"error": "unauthorized_client"}, "permission_denied"),
    (403, {"error": "invalid_scope"}, "permission_denied"),
    (429, {"error": "slow_down"}, "rate_limit"),
    (408, None, "request_timeout"),
    (500, {"error": "invalid_grant"}, "bad_gateway"),
    (502, "<html>Bad gateway</html>", "bad_gateway"),
    (503, {"error": "access_denied"}, "bad_gateway"),
    (200, {"ok": False, "error": "invalid_code"}, "unauthorized"),
    (200, {"error": "invalid_grant"}, "authentication_expired"),
    (200, "<html>Log in</html>", "invalid_response"),
    (200, {"expires_in": 60}, "invalid_response"),
    (200, {"access_token": ""}, "invalid_response"),
    (200, {"access_token": {"a": 1}}, "invalid_response"),
    (200, {"access_token": "t0ken-1\r\nX: y"}, "invalid_response"),
    (200, [], "invalid_response"),
    (200, None, "invalid_response"),
]


def assert_final(error: dict[str, Any]) -> None:
    metadata = error["error_metadata"]
    assert not (metadata["retryable"] or metadata["throttled"] or metadata["refreshable"])
    known = CODES[error["error_code"]]
    assert (metadata["fault"], metadata["category"]) == (known.fault, known.category)


@pytest.mark.parametrize("capability", WAYS)
@pytest.mark.parametrize(("status", "body", "code"), NAMED)
def test_what_an_endpoint_answers_is_final(capability: str, status: int, body: Any, code: str):
    endpoint = Endpoint(answer(body, status))
    request = {"handle_authorization_callback": CALLBACK, "refresh_access_token": REFRESH}.get(capability, {**CLIENT, "scopes": []})
    app = machine() if capability == "handle_client_credentials_request" else connector()
    error = error_of(call(app, capability, request, endpoint))
    assert (error["error_code"], error["status_code"]) == (code, status)
    assert len(endpoint.asked) == 1, "it is not tried again"
    assert_final(error)


def test_a_time_to_wait_is_told_all_the_same():
    error = error_of(call(connector(), "refresh_access_token", REFRESH, Endpoint(answer({}, 429, {"Retry-After": "30"}))))
    assert error["error_metadata"]["retry_after_seconds"] == 30
    assert_final(error)


@pytest.mark.parametrize("code", ["connection_timeout", "connection_rejected", "connection_closed", "request_timeout"])
def test_an_app_that_cannot_be_reached_may_be_tried_again_by_the_caller(code: str):
    sent: list[Request] = []

    class Lost(AppWire):
        async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
            sent.append(request)
            raise call_error("nobody is there", code)

    found = asyncio.run(adispatch(connector(), "refresh_access_token", {"request": REFRESH}, wire=Lost(lambda asked: answer())))
    error = error_of(found)
    assert (error["error_code"], error["error_metadata"]["retryable"]) == (code, True)
    assert len(sent) == 1, "a caller may, but the connector does not: the refresh token may be spent"


def test_errors_of_the_spec_come_first():
    rules = [{"when": "body.error == 'invalid_grant' && body.sub == 'revoked'", "code": "creds_revoked"}]
    error = error_of(
        call(
            connector({"errors": rules}),
            "refresh_access_token",
            REFRESH,
            Endpoint(answer({"error": "invalid_grant", "sub": "revoked"}, 400)),
        )
    )
    assert error["error_code"] == "creds_revoked"
    assert_final(error)


# over real sockets


def over_a_socket(*replies: Any, **envelope: Any) -> tuple[dict[str, Any], int]:
    """What a refresh comes to against a server that answers so, and how often it was asked."""

    async def main() -> tuple[dict[str, Any], int]:
        async with Server(*replies) as server:
            app = connector({"token_url": f"{server.url}/token"})
            app = Connector(replace(app.plan, http=replace(app.plan.http, max_body=100_000)))
            return await adispatch(app, "refresh_access_token", {"request": REFRESH, **envelope}), len(server.requests)

    return asyncio.run(main())


def test_a_real_answer():
    found, asked = over_a_socket(reply(b'{"access_token": "t0ken-1", "token_type": "bearer"}'))
    assert (found["response"]["access_token"], asked) == ("t0ken-1", 1)


@pytest.mark.parametrize(
    ("answered", "code"),
    [
        (reply(b'{"access_token": "' + b"x" * 200_000 + b'"}'), "invalid_response"),
        (reply(b"<html>" + b"x" * 200_000, 502, content_type="text/html"), "bad_gateway"),
        (reply(b"", 302, "Location: https://evil.example/token"), "invalid_response"),
        (cut(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "connection_closed"),
        (cut(b""), "connection_closed"),
    ],
)
def test_servers_that_misbehave(answered: Any, code: str):
    found, asked = over_a_socket(answered)
    assert (error_of(found)["error_code"], asked) == (code, 1)


def test_the_callers_time_is_kept():
    found, asked = over_a_socket(then_nothing(), rate_limit={"max_execution_time": 1})
    assert (error_of(found)["error_code"], asked) == ("request_timeout", 1)


def test_nobody_there():
    app = connector({"token_url": "http://127.0.0.1:1/token"})
    error = error_of(asyncio.run(adispatch(app, "refresh_access_token", {"request": REFRESH})))
    assert (error["error_code"], error["error_metadata"]["retryable"]) == ("connection_rejected", True)


# secrets

SECRETS = ("s3cret-client", "r3fresh-0", "c0de-1", "v3rifier-0")
QUOTED = {
    "error": "invalid_grant",
    "error_description": f"not {' '.join(SECRETS)} nor {base64.b64encode(b'client-1:s3cret-client').decode()}",
}


@pytest.mark.parametrize("keys", [{}, {"client_auth": "basic"}, {"format": "query"}, {"format": "json"}])
@pytest.mark.parametrize(
    "answered", [answer(QUOTED, 400), answer(QUOTED), answer("s3cret-client c0de-1 r3fresh-0"), answer({"access_token": ["s3cret-client"]})]
)
@pytest.mark.parametrize("capability", ["handle_authorization_callback", "refresh_access_token"])
def test_an_error_holds_no_secret(capability: str, answered: Response, keys: dict[str, str], caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    request = {**CALLBACK, "code_verifier": "v3rifier-0"} if capability == "handle_authorization_callback" else REFRESH
    own = {value for value in (*request.values(), "c0de-1") if value in SECRETS or value == "c0de-1"}
    found = str(call(connector(keys), capability, request, Endpoint(answered), include_raw_data=True)) + caplog.text
    sent = own if capability == "handle_authorization_callback" else own - {"c0de-1"}
    assert [secret for secret in sent if secret in found] == []
    assert base64.b64encode(b"client-1:s3cret-client").decode() not in found or keys != {"client_auth": "basic"}


def test_a_result_shows_no_token():
    instance = connector().unauthenticated(wire=Endpoint(answer(TOKEN)).wire)
    result = asyncio.run(instance.acall("refresh_access_token", REFRESH))
    assert result.response.access_token == "t0ken-1"
    assert "t0ken-1" not in repr(result)
    assert "r3fresh-1" not in f"{result}"
