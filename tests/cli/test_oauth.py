"""The commands and the OAuth capabilities: they need no credential, and what they reach is told like anything else."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from typer.testing import CliRunner, Result

from app import Asked, answer
from ferrule.cli.main import app
from ferrule.http import Response
from served import Served, served

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {login_url: {type: url}}
auth:
  person:
    kind: oauth2_authorization_code
    authorization_url: "{{ settings.login_url }}/authorize"
    token_url: "{{ settings.login_url }}/token"
    discover: {request: {get: /me}, save: {site: body.site}}
  machine: {kind: oauth2_client_credentials, token_url: /oauth/token, client_auth: basic}
http: {base_url: https://api.acme.example, headers: {X-Version: "3"}}
capabilities:
  list_accounts:
    scopes: [users]
    request: {get: "/{{ session.site }}/users"}
    records: body
    record: {integration_specific_id: id}
"""
EXCHANGE = {
    "credential_id": "person",
    "client_id": "c-1",
    "client_secret": "s3cret-client",
    "redirect_uri_with_code": "https://p.example/?code=c0de-1",
}
URL = ["get_authorization_url", "credential_id=person", "client_id=c-1", "redirect_uri=https://p.example/", "state=s", "scopes="]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "acme.yaml").write_text(SPEC)
    (tmp_path / "exchange.json").write_text(json.dumps(EXCHANGE))

    def run(command: str, *words: str) -> Result:
        return CliRunner().invoke(app, [command, str(tmp_path / "acme.yaml"), *words])

    return run


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    def respond(asked: Asked) -> Response:
        return answer({"access_token": "t0ken-1", "refresh_token": "r3fresh-1"})

    with served(respond) as made:
        yield made


def test_the_address_is_asked_for_without_a_credential(run: Run):
    done = run("call", *URL, "--set", "login_url=https://login.acme.example", "--json")
    assert done.exit_code == 0, done.output
    response = json.loads(done.stdout)["response"]
    assert parse_qs(urlsplit(response["authorization_url"]).query)["scope"] == ["users"]
    assert len(response["code_verifier"]) == 43


def test_a_code_is_exchanged(run: Run, live: Served, tmp_path: Path):
    done = run("call", "handle_authorization_callback", "-i", str(tmp_path / "exchange.json"), "--set", f"login_url={live.url}", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["response"]["access_token"] == "t0ken-1"
    assert live.asked[-1].path == "/token"


def test_other_capabilities_want_a_credential_as_ever(run: Run):
    done = run("call", "list_accounts", "--set", "login_url=https://login.acme.example")
    assert (done.exit_code, "no credential was given" in done.output) == (1, True)


def test_a_plan_shows_what_would_be_sent(run: Run, tmp_path: Path):
    setting = ("--set", "login_url=https://login.acme.example")
    done = run("plan", "handle_authorization_callback", "-i", str(tmp_path / "exchange.json"), *setting, "--json")
    (request,) = json.loads(done.stdout)
    assert (request["method"], request["url"]) == ("POST", "https://login.acme.example/token")
    assert request["headers"] == {"accept": "application/json"}, "what all requests to the app share does not go elsewhere"
    assert request["body"].keys() == {"grant_type", "code", "redirect_uri", "client_id", "client_secret"}
    assert not {"s3cret-client", "c0de-1"} & {*request["body"].values()}
    (tmp_path / "refresh.json").write_text(
        json.dumps({"credential_id": "machine", "client_id": "c", "client_secret": "s3cret", "refresh_token": "r"})
    )
    done = run("plan", "refresh_access_token", "-i", str(tmp_path / "refresh.json"), *setting, "--json")
    (request,) = json.loads(done.stdout)
    assert request["url"] == "https://api.acme.example/oauth/token"
    assert request["headers"] == {"accept": "application/json", "authorization": "***", "x-version": "3"}
    assert run("plan", *URL, *setting, "--json").stdout.strip() == "[]"


def test_permissions_name_every_token_request_and_where_people_are_sent(run: Run):
    assert run("permissions").stdout.splitlines() == [
        "host https://api.acme.example",
        "host {{ settings.login_url }}",
        "auth machine: POST /oauth/token (log in)",
        "auth person: GET /me (log in)",
        "auth person: POST /token (log in)",
        "handle_authorization_callback: POST /token",
        "handle_client_credentials_request: POST /oauth/token",
        "list_accounts: GET /{{ session.site }}/users",
        "refresh_access_token: POST /oauth/token",
        "refresh_access_token: POST /token",
        "list_accounts: scope users",
        "people are sent to {{ settings.login_url }}/authorize",
    ]
    assert json.loads(run("permissions", "--json").stdout)["visits"] == ["{{ settings.login_url }}/authorize"]


def test_the_long_form_is_that_of_the_auths(run: Run):
    text = run("explain", "handle_client_credentials_request").stdout
    long = yaml.safe_load(text)
    assert long["auth"] == {"machine": {"kind": "oauth2_client_credentials", "token_url": "/oauth/token", "client_auth": "basic"}}
    assert "follows from `auth`" in text
    assert run("explain").exit_code == 0


def test_info_tells_the_capabilities(run: Run):
    shown = run("info").stdout
    for name in ("get_authorization_url", "handle_authorization_callback", "handle_client_credentials_request", "refresh_access_token"):
        assert name in shown
    assert "credential by person (oauth2_authorization_code)" in shown
