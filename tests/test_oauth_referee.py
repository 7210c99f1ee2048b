"""The OAuth capabilities beside those of the contract's own SDK, against one endpoint: the same requests, the same answers.

Compared are the request on the wire, the answer, and of an error its code and its metadata but for the hint. The tests
after `test_the_same_errors` are where Ferrule differs on purpose; `docs/contract.md` tells it to users.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from connector.oai.integration import DescriptionData, Integration
from connector.oai.modules.oauth_module_types import (
    ClientAuthenticationMethod,
    OAuthFlowType,
    OAuthRequest,
    OAuthSettings,
    RequestDataType,
    RequestMethod,
)
from connector_sdk_types.generated import OAuthClientCredential, OAuthCredential

from app import Asked, answer
from ferrule.connector import Connector
from ferrule.dispatch import adispatch
from ferrule.http import Response
from oauth_app import BACK, CLIENT, LOGIN, URL, connector, machine
from served import Served, served

TOKEN = {"access_token": "t0ken-1", "token_type": "bearer", "expires_in": 3600, "scope": "users", "instance_url": "https://eu.example"}
ROTATED = {**TOKEN, "refresh_token": "r3fresh-1"}
REQUESTS = {
    "handle_authorization_callback": {**CLIENT, "redirect_uri_with_code": BACK, "code_verifier": "v3rifier-0"},
    "refresh_access_token": {**CLIENT, "refresh_token": "r3fresh-0"},
    "handle_client_credentials_request": {**CLIENT, "scopes": ["users", "groups"]},
}


class App:
    """A token endpoint that answers all the same."""

    def __init__(self, served_: Served) -> None:
        self.served = served_
        self.response = answer(TOKEN)

    def asked(self) -> Asked:
        """The last request."""
        return self.served.asked[-1]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[App]:
    held: list[App] = []

    def respond(asked: Asked) -> Response:
        return held[0].response

    with served(respond) as made:
        held.append(App(made))
        yield held[0]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The SDK writes every answer and every error to standard output."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def both(endpoint: App, capability: str, **keys: Any) -> tuple[Integration, Connector]:
    """A connector of the SDK and one of Ferrule that say the same. `keys` are those of a spec."""
    token_url = f"{endpoint.served.url}/token"
    alone = capability == "handle_client_credentials_request"
    formats = {"form": RequestDataType.FORMDATA, "json": RequestDataType.JSON, "query": RequestDataType.QUERY}
    settings = OAuthSettings(
        authorization_url=f"{LOGIN}/authorize",
        token_url=token_url,
        flow_type=OAuthFlowType.CLIENT_CREDENTIALS if alone else OAuthFlowType.CODE_FLOW,
        scopes={str(n): scope for n, scope in enumerate(keys["scopes"])} if "scopes" in keys else None,
        client_auth=ClientAuthenticationMethod[f"CLIENT_SECRET_{keys.get('client_auth', 'post').upper()}"],
        request_type=OAuthRequest(method=RequestMethod[keys.get("method", "post").upper()], data=formats[keys.get("format", "form")]),
        pkce=keys.get("pkce", True),
    )
    sdk = Integration(
        app_id="acme",
        version="1.0.0",
        exception_handlers=[],
        description_data=DescriptionData(user_friendly_name="Acme", categories=[]),
        auth=OAuthClientCredential if alone else OAuthCredential,
        oauth_settings=settings,
    )
    return sdk, machine(**keys, token_url=token_url) if alone else connector({**keys, "token_url": token_url})


def called(sdk: Integration, ours: Connector, capability: str, request: dict[str, Any], **envelope: Any) -> tuple[Any, Any]:
    """What the SDK answers, and what Ferrule does."""
    envelope = {"request": request, **envelope}
    theirs = json.loads(asyncio.run(sdk.dispatch(capability, json.dumps(envelope))))
    return theirs, asyncio.run(adispatch(ours, capability, envelope))


def on_the_wire(asked: Asked) -> tuple[str, str, str, dict[str, Any], str]:
    """What counts of a token request."""
    body = asked.body if isinstance(asked.body, dict) else dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
    kind = asked.headers.get("content-type", "").partition(";")[0] if body else ""
    query = urlsplit(asked.url).query
    return asked.method, asked.path, kind, {**body, **dict(parse_qsl(query))}, asked.headers.get("authorization", "")


@pytest.mark.parametrize("capability", REQUESTS)
@pytest.mark.parametrize("client_auth", ["post", "basic"])
@pytest.mark.parametrize(("method", "format_"), [("post", "form"), ("post", "json"), ("post", "query"), ("get", "query")])
def test_the_same_request_goes_out_and_the_same_answer_comes_back(
    endpoint: App, capability: str, client_auth: str, method: str, format_: str
):
    endpoint.response = answer(ROTATED if capability != "handle_client_credentials_request" else TOKEN)
    sdk, ours = both(endpoint, capability, client_auth=client_auth, method=method, format=format_)
    before = len(endpoint.served.asked)
    theirs, found = called(sdk, ours, capability, REQUESTS[capability], include_raw_data=True)
    first, second = endpoint.served.asked[before:]
    assert on_the_wire(second) == on_the_wire(first)
    assert found == theirs


@pytest.mark.parametrize("scopes", [[], ["users"], ["users", "groups"]])
@pytest.mark.parametrize("pkce", [True, False])
def test_the_same_authorization_url(endpoint: App, scopes: list[str], pkce: bool):
    sdk, ours = both(endpoint, "get_authorization_url", pkce=pkce, scopes=["base"])
    theirs, found = called(sdk, ours, "get_authorization_url", {**URL, "scopes": scopes, "state": "st te&/+"}, include_raw_data=True)
    addresses = [envelope["response"].pop("authorization_url") for envelope in (theirs, found)]
    verifiers = [envelope["response"].pop("code_verifier") for envelope in (theirs, found)]
    assert found == theirs
    queries = [dict(parse_qsl(urlsplit(address).query, keep_blank_values=True)) for address in addresses]
    challenges = [query.pop("code_challenge", None) for query in queries]
    assert queries[1] == queries[0]
    assert addresses[1].partition("?")[0] == addresses[0].partition("?")[0]
    for pair in (verifiers, challenges):
        assert [value and len(value) for value in pair] == ([43, 43] if pkce else [None, None])


STATUSES = [(status, error) for status in (400, 401, 403, 404, 422, 429, 500, 502, 503) for error in
            ("invalid_grant", "invalid_client", "invalid_request", "access_denied", "unauthorized_client", None)]  # fmt: skip


@pytest.mark.parametrize("capability", REQUESTS)
@pytest.mark.parametrize(("status", "error"), STATUSES)
def test_the_same_errors(endpoint: App, capability: str, status: int, error: str | None):
    endpoint.response = answer({"error": error} if error else {"message": "no"}, status)
    theirs, found = called(*both(endpoint, capability), capability, REQUESTS[capability])
    expected, told = (_told(envelope) for envelope in (theirs, found))
    if (status, error) == (403, "invalid_grant"):  # Auth0 refuses an old refresh token so: a new login helps, and no more rights
        assert (expected["error_code"], told["error_code"]) == ("permission_denied", "authentication_expired")
    else:
        assert told == expected


def _told(envelope: dict[str, Any]) -> dict[str, Any]:
    """What counts of an error."""
    assert envelope["is_error"] is True
    metadata = {name: value for name, value in envelope["error"]["error_metadata"].items() if name != "hint"}
    return {"error_code": envelope["error"]["error_code"], "app_id": envelope["error"]["app_id"], **metadata}


@pytest.mark.parametrize(
    ("response", "sdk_says", "ferrule_says"),
    [
        (answer("<html>"), "invalid_response", "invalid_response"),
        (answer({"expires_in": 60}), "internal_error", "invalid_response"),
        (answer([]), "internal_error", "invalid_response"),
        (answer({"error": "invalid_code"}), "internal_error", "unauthorized"),
        (answer({"error": "invalid_grant"}), "internal_error", "authentication_expired"),
        (answer({}, 302, {"Location": "/"}), "unauthorized", "invalid_response"),
        (answer({}, 408), "unauthorized", "request_timeout"),
    ],
)
def test_answers_that_ferrule_reads_better(endpoint: App, response: Response, sdk_says: str, ferrule_says: str):
    """Where they differ, the SDK fails over an answer that it did not foresee."""
    endpoint.response = response
    theirs, found = called(*both(endpoint, "refresh_access_token"), "refresh_access_token", REQUESTS["refresh_access_token"])
    assert (theirs["error"]["error_code"], found["error"]["error_code"]) == (sdk_says, ferrule_says)


def test_requests_that_ferrule_does_not_send(endpoint: App):
    """The SDK exchanges an empty code where the person came back with an error, or with nothing."""
    endpoint.response = answer({"error": "invalid_grant"}, 400)
    for query, code in (("error=access_denied", "permission_denied"), ("", "integration_missing_parameter")):
        before = len(endpoint.served.asked)
        request = {**CLIENT, "redirect_uri_with_code": f"https://platform.example/callback?{query}"}
        theirs, found = called(*both(endpoint, "handle_authorization_callback"), "handle_authorization_callback", request)
        assert (theirs["error"]["error_code"], found["error"]["error_code"]) == ("authentication_expired", code)
        (asked,) = endpoint.served.asked[before:]
        assert on_the_wire(asked)[3]["code"] == ""


def test_what_ferrule_says_more(endpoint: App):
    """The state of the request comes back; `form_data` reaches the address; a token that is `Bearer` stays so in `raw_data`."""
    endpoint.response = answer({**TOKEN, "token_type": "Bearer"})
    request = {**REQUESTS["refresh_access_token"], "state": "st4te"}
    theirs, found = called(*both(endpoint, "refresh_access_token"), "refresh_access_token", request, include_raw_data=True)
    assert (theirs["response"]["state"], found["response"]["state"]) == (None, "st4te")
    assert (theirs["raw_data"]["token_type"], found["raw_data"]["token_type"]) == ("bearer", "Bearer")
    theirs, found = called(*both(endpoint, "x"), "get_authorization_url", {**URL, "form_data": {"login_hint": "ann"}})
    assert ["login_hint=ann" in each["response"]["authorization_url"] for each in (theirs, found)] == [False, True]


def test_an_unknown_credential_id(endpoint: App):
    request = {**REQUESTS["refresh_access_token"], "credential_id": "other"}
    theirs, found = called(*both(endpoint, "refresh_access_token"), "refresh_access_token", request)
    assert _told(found) == _told(theirs)


def test_nobody_there():
    """The SDK takes every failure to connect for a time that ran out."""
    elsewhere = both(App(Served("http://127.0.0.1:1")), "refresh_access_token")
    theirs, found = called(*elsewhere, "refresh_access_token", REQUESTS["refresh_access_token"])
    assert (theirs["error"]["error_code"], found["error"]["error_code"]) == ("connection_timeout", "connection_rejected")
    assert [each["error"]["error_metadata"]["retryable"] for each in (theirs, found)] == [True, True]


def test_the_same_capabilities(endpoint: App):
    for capability in ("refresh_access_token", "handle_client_credentials_request"):
        sdk, ours = both(endpoint, capability)
        oauth = {name for name, operation in ours.plan.operations.items() if operation.capability.level == "oauth"}
        assert oauth == {*sdk.capabilities} - {"app_info", "probe_integration"}
