"""The OAuth capabilities against authorization servers that are real: oidc-provider, and JupyterHub as a provider of its own.

Everything is done twice: by a call in this process, and through the HTTP API.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.dispatch import adispatch
from ferrule.server import asgi
from live.consent import allowed, said
from racing import race

pytestmark = pytest.mark.live

Carrier = Callable[..., dict[str, Any]]
PORT_OF_PROVIDER, PORT_OF_HUB = 18770, 18760

PERSON = """
    kind: oauth2_authorization_code
    authorization_url: "{{ settings.issuer }}/auth"
    authorization_params: {prompt: consent}
    token_url: "{{ settings.issuer }}/token"
    scopes: [openid, email, offline_access]"""
PROVIDER = f"""
ferrule: 1
app: {{id: provider, name: Provider, vendor_domain: example.com}}
settings: {{issuer: {{type: url}}}}
auth:
  web: {PERSON}
    client_auth: basic
  web_post: {PERSON}
  plain: {PERSON}
    pkce: false
  machine: {{kind: oauth2_client_credentials, token_url: "{{{{ settings.issuer }}}}/token", client_auth: basic, scopes: ["api:read"]}}
  machine_post: {{kind: oauth2_client_credentials, token_url: /token, scopes: ["api:read"]}}
http: {{base_url: "{{{{ settings.issuer }}}}"}}
capabilities:
  validate_credentials:
    request: {{get: /me}}
    record: {{valid: true, unique_tenant_id: email}}
"""

HUB = """
ferrule: 1
app: {id: hub, name: JupyterHub, vendor_domain: jupyter.org}
settings: {address: {type: url}}
auth:
  person:
    kind: oauth2_authorization_code
    authorization_url: /oauth2/authorize
    token_url: /oauth2/token
    scopes: [self]
    discover: {request: {get: /user}, save: {user: body.name}}
http: {base_url: "{{ settings.address }}"}
capabilities:
  list_accounts:
    request: {get: "/users/{{ session.user }}"}
    records: "[body]"
    record: {integration_specific_id: name, username: name, user_status: {value: ACTIVE}}
"""


def call(connector: Connector, capability: str, envelope: dict[str, Any]) -> dict[str, Any]:
    """A call in this process."""
    return asyncio.run(adispatch(connector, capability, envelope))


def post(connector: Connector, capability: str, envelope: dict[str, Any]) -> dict[str, Any]:
    """A call through the HTTP API."""

    async def main() -> dict[str, Any]:
        app = asgi([connector])
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
                response = await client.post(f"/{connector.id}/{capability}", json=envelope, timeout=60)
                assert response.status_code == 200
                answered: dict[str, Any] = response.json()
                return answered
        finally:
            await app.aclose()

    return asyncio.run(main())


@pytest.fixture(params=[call, post], ids=["in_process", "http_api"])
def carrier(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def provider(target: Any) -> dict[str, Any]:
    started: dict[str, Any] = target("oidcprov", PORT_OF_PROVIDER)
    return started


@pytest.fixture
def ask(provider: dict[str, Any], carrier: Carrier) -> Carrier:
    """A call of a capability of the provider's connector."""
    connector = Connector(compile_text(PROVIDER, "provider.yaml"))

    def ask(capability: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
        return carrier(connector, capability, {"request": request, "settings": {"issuer": provider["base_url"]}, **more})

    return ask


def client(provider: dict[str, Any], name: str) -> dict[str, str]:
    return {"client_id": name, "client_secret": provider["credential"][name] or ""}


def sent_back(provider: dict[str, Any], ask: Carrier, name: str, way: str, user: str = "user07") -> tuple[str, str | None]:
    """A person is sent to the provider and comes back: to this address, for this code verifier."""
    redirect_uri = provider["redirect_uri"]
    request = {"credential_id": way, "client_id": name, "scopes": [], "redirect_uri": redirect_uri, "state": f"state of {user}"}
    answered = ask("get_authorization_url", request)["response"]
    back = allowed(answered["authorization_url"], redirect_uri, {"login": user, "password": "any"})
    assert said(back)["state"] == f"state of {user}"
    return back, answered.get("code_verifier")


def tokens(provider: dict[str, Any], ask: Carrier, name: str, way: str) -> dict[str, Any]:
    """The tokens of a person who has let a client in."""
    back, verifier = sent_back(provider, ask, name, way)
    request = {"credential_id": way, **client(provider, name), "redirect_uri_with_code": back, "code_verifier": verifier}
    answered = ask("handle_authorization_callback", request, include_raw_data=True)
    assert answered["raw_data"]["access_token"] == answered["response"]["access_token"]
    assert answered["raw_data"]["expires_in"] > 0
    found: dict[str, Any] = answered["response"]
    return found


def code_of(answered: dict[str, Any]) -> str:
    """The code of an error that is final."""
    metadata = answered["error"]["error_metadata"]
    assert not (metadata["retryable"] or metadata["throttled"] or metadata["refreshable"])
    code: str = answered["error"]["error_code"]
    return code


def who(ask: Carrier, token: str, way: str = "web") -> dict[str, Any]:
    return ask("validate_credentials", {}, credentials=[{"id": way, "oauth": {"access_token": token}}])


@pytest.mark.parametrize(("name", "way"), [("web", "web"), ("web-post", "web_post"), ("spa", "web_post")])
def test_a_person_lets_a_client_in(provider: dict[str, Any], ask: Carrier, name: str, way: str):
    """With the client in a header, in the form, and without a secret."""
    found = tokens(provider, ask, name, way)
    assert found["token_type"] == "bearer"
    assert found["refresh_token"]
    assert who(ask, found["access_token"], way)["response"] == {"valid": True, "unique_tenant_id": "user07@example.test"}


def test_a_refresh_token_rotates_and_an_old_one_ends_the_login(provider: dict[str, Any], ask: Carrier):
    first = tokens(provider, ask, "web", "web")
    refresh = {"credential_id": "web", **client(provider, "web")}
    second = ask("refresh_access_token", {**refresh, "refresh_token": first["refresh_token"], "state": "s"})["response"]
    assert second["state"] == "s"
    assert second["refresh_token"] not in (None, first["refresh_token"])
    assert who(ask, second["access_token"])["response"]["valid"] is True
    assert code_of(ask("refresh_access_token", {**refresh, "refresh_token": first["refresh_token"]})) == "authentication_expired"
    assert code_of(ask("refresh_access_token", {**refresh, "refresh_token": second["refresh_token"]})) == "authentication_expired", (
        "the provider takes the second use of a token for theft"
    )


def test_a_code_serves_once(provider: dict[str, Any], ask: Carrier):
    back, verifier = sent_back(provider, ask, "web", "web")
    request = {"credential_id": "web", **client(provider, "web"), "redirect_uri_with_code": back, "code_verifier": verifier}
    assert "response" in ask("handle_authorization_callback", request)
    again = ask("handle_authorization_callback", request)
    assert code_of(again) == "authentication_expired"
    assert again["error"]["app_error_code"] == "invalid_grant"
    assert said(back)["code"] not in str(again)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code_verifier": "v" * 43}, "authentication_expired"),
        ({"code_verifier": None}, "authentication_expired"),
        ({"client_secret": "not-the-secret"}, "unauthorized"),
        ({"client_id": "nobody"}, "unauthorized"),
    ],
)
def test_an_exchange_that_is_not_the_one_that_was_begun(provider: dict[str, Any], ask: Carrier, wrong: dict[str, Any], code: str):
    back, verifier = sent_back(provider, ask, "web", "web")
    request = {"credential_id": "web", **client(provider, "web"), "redirect_uri_with_code": back, "code_verifier": verifier, **wrong}
    answered = ask("handle_authorization_callback", request)
    assert code_of(answered) == code
    assert answered["error"]["status_code"] in (400, 401)
    assert "not-the-secret" not in str(answered)


def test_the_provider_wants_a_code_challenge(provider: dict[str, Any], ask: Carrier):
    """Without one the person comes back with an error, which is what the callback tells."""
    back, verifier = sent_back(provider, ask, "web", "plain")
    assert verifier is None
    answered = ask("handle_authorization_callback", {"credential_id": "plain", **client(provider, "web"), "redirect_uri_with_code": back})
    assert code_of(answered) == "unauthorized"
    assert answered["error"]["app_error_code"] == "invalid_request"
    assert "PKCE" in answered["error"]["message"]


def test_client_credentials(provider: dict[str, Any], ask: Carrier):
    request = {"credential_id": "machine", **client(provider, "m2m")}
    for asked, granted in (([], "api:read"), (["api:read", "api:write"], "api:read api:write")):
        answered = ask("handle_client_credentials_request", {**request, "scopes": asked}, include_raw_data=True)
        assert answered["response"].get("refresh_token") is None
        assert answered["raw_data"]["scope"] == granted
        assert introspected(provider, answered["response"]["access_token"])["scope"] == granted
    assert code_of(ask("handle_client_credentials_request", {**request, "scopes": [], "client_secret": "no"})) == "unauthorized"


def test_client_credentials_in_the_form(provider: dict[str, Any], ask: Carrier):
    registered = httpx.post(
        f"{provider['base_url']}/reg",
        headers={"authorization": f"Bearer {provider['credential']['initial_access_token']}"},
        json={
            "grant_types": ["client_credentials"],
            "response_types": [],
            "redirect_uris": [],
            "scope": "api:read",
            "token_endpoint_auth_method": "client_secret_post",
        },
    ).json()
    request = {"credential_id": "machine_post", "scopes": [], **{name: registered[name] for name in ("client_id", "client_secret")}}
    token = ask("handle_client_credentials_request", request)["response"]["access_token"]
    assert introspected(provider, token) == {"active": True, "client_id": registered["client_id"], "scope": "api:read"}
    assert code_of(ask("handle_client_credentials_request", {**request, "client_secret": "no"})) == "unauthorized"


def introspected(provider: dict[str, Any], token: str) -> dict[str, Any]:
    """What the provider itself says of a token (RFC 7662)."""
    address = f"{provider['base_url']}/token/introspection"
    told: dict[str, Any] = httpx.post(address, data={"token": token}, auth=("m2m", provider["credential"]["m2m"])).json()
    return {name: told[name] for name in ("active", "client_id", "scope") if name in told}


def test_a_connector_renews_its_own_token(provider: dict[str, Any], ask: Carrier):
    """With the refresh token in the credential, a call whose token is refused goes on with a new one, and so do its walks."""
    found = tokens(provider, ask, "web", "web")
    credential = {**client(provider, "web"), "access_token": "none-of-yours", "refresh_token": found["refresh_token"]}
    connector = Connector(compile_text(PROVIDER, "provider.yaml"))
    with connector.instance(credential, {"issuer": provider["base_url"]}, auth="web") as tenant:
        assert tenant.call("validate_credentials").response.valid is True
        assert tenant.call("validate_credentials").response.valid is True
    refused = ask("refresh_access_token", {"credential_id": "web", **client(provider, "web"), "refresh_token": found["refresh_token"]})
    assert code_of(refused) == "authentication_expired", "it was rotated, once"


def test_processes_that_race_for_a_token_do_not_end_the_login(provider: dict[str, Any], ask: Carrier, tmp_path: Path):
    """Each begins with an access token that is refused. One of them gets another; none sends the refresh token a second time."""
    found = tokens(provider, ask, "web", "web")
    credential = {**client(provider, "web"), "access_token": "none-of-yours", "refresh_token": found["refresh_token"]}
    job = {"spec": PROVIDER, "capability": "validate_credentials", "auth": "web", "credential": credential}
    job["settings"] = {"issuer": provider["base_url"]}
    assert Counter(race(job, tmp_path, 20)) == {'{"valid": true, "unique_tenant_id": "user07@example.test"}': 20}
    assert Counter(race(job, tmp_path, 5)) == {'{"valid": true, "unique_tenant_id": "user07@example.test"}': 5}
    (file,) = tmp_path.glob("*.json")
    kept = json.loads(file.read_bytes())["grant"]["refresh_token"]
    assert kept != found["refresh_token"]
    refresh = {"credential_id": "web", **client(provider, "web"), "refresh_token": kept}
    assert "response" in ask("refresh_access_token", refresh), "the login goes on with the token that was kept"


# JupyterHub


@pytest.fixture(scope="module")
def hub(target: Any) -> dict[str, Any]:
    started: dict[str, Any] = target("jupyterhub", PORT_OF_HUB)
    return started


@pytest.fixture
def ask_hub(hub: dict[str, Any], carrier: Carrier) -> Carrier:
    connector = Connector(compile_text(HUB, "hub.yaml"))

    def ask(capability: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
        return carrier(connector, capability, {"request": request, "settings": {"address": hub["base_url"]}, **more})

    return ask


def test_a_person_lets_a_service_of_the_hub_in(hub: dict[str, Any], ask_hub: Carrier):
    """From the address to the answer of a capability, whose path holds what the connector found out after the login."""
    oauth = hub["oauth"]
    asked = {"client_id": oauth["client_id"], "redirect_uri": oauth["redirect_uri"], "scopes": ["self"], "state": f"{time.time()}"}
    answered = ask_hub("get_authorization_url", asked)["response"]
    assert answered["authorization_url"].startswith(f"{oauth['authorize']}?")
    back = allowed(answered["authorization_url"], oauth["redirect_uri"], {"username": "user05", "password": "pw"})
    request = {
        "client_id": oauth["client_id"],
        "client_secret": oauth["client_secret"],
        "redirect_uri_with_code": back,
        "state": asked["state"],
        "code_verifier": answered["code_verifier"],
    }
    wrong = ask_hub("handle_authorization_callback", {**request, "state": "of somebody else"})
    assert code_of(wrong) == "bad_request", "nothing was sent, so the code is still good"
    token = ask_hub("handle_authorization_callback", request)["response"]
    accounts = ask_hub("list_accounts", {}, auth={"oauth": {"access_token": token["access_token"]}})
    assert [account["integration_specific_id"] for account in accounts["response"]] == ["user05"]
    refused = ask_hub("handle_authorization_callback", request)
    assert code_of(refused) == "authentication_expired"


def test_a_token_that_the_hub_never_gave_shows_at_the_discovery(ask_hub: Carrier):
    refused = ask_hub("list_accounts", {}, auth={"oauth": {"access_token": "none-of-yours"}})
    assert refused["error"]["error_code"] in ("unauthorized", "permission_denied")
    assert "none-of-yours" not in str(refused)
