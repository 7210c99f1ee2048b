"""`fulfill_arbitrary_endpoint`: what the spec names is asked, and nothing else leaves the machine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import published
from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError
from ferrule.dispatch import adispatch
from ferrule.errors import BadInput, CallError
from ferrule.http import Request, Response
from ferrule.manifest import lines, permissions

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {base_url: {type: url, default: "https://acme.example/api/v2"}}
auth:
  token: {kind: bearer}
  key: {kind: query, name: key}
  login:
    kind: session
    login: {post: /login, json: {user: "{{ credential.username }}", password: "{{ credential.password }}"}}
    token: body.session
    apply: {header: X-Session}
http: {base_url: "{{ settings.base_url }}", headers: {X-Version: "2"}, query: {lang: en}}
arbitrary_endpoint:
  get: [/users, "/users/*", /reports/**, "/a+b@c"]
  post: {/graphql: application/json}
  headers: [Accept, X-Trace]
capabilities: {}
"""
CONNECTOR = Connector(compile_text(SPEC))
TOKEN = "tok-0123456789abcdef"
CREDENTIALS: dict[str, dict[str, Any]] = {
    "token": {"id": "token", "token": {"token": TOKEN}},
    "key": {"id": "key", "token": {"token": TOKEN}},
    "login": {"id": "login", "basic": {"username": "admin", "password": TOKEN}},
}


def app(asked: Asked) -> Response:
    match asked.path.removeprefix("/api/v2"):
        case "/login":
            return answer({"session": f"s-{TOKEN}"})
        case "/users/gone":
            return answer({"message": "no such user"}, 404)
        case "/users/busy":
            return answer({"message": "later"}, 429, {"Retry-After": "7"})
        case "/users/me":
            return answer({"message": "who?"}, 401)
        case "/users/moved":
            return answer({}, 302, {"Location": "https://evil.example/"})
        case "/users/bytes":
            return Response(200, {"content-type": "image/png"}, b"\x89PNG\xff")
        case "/users/echo":
            told = {"Set-Cookie": f"sid={TOKEN}", "X-Echo": asked.headers.get("authorization", ""), "X-Auth-Token": "other"}
            return answer({"sent": asked.headers, "url": asked.url}, headers=told)
    return answer({"path": asked.path, "query": asked.query, "body": asked.body}, headers={"X-Kind": "plain"})


def fulfilled(request: dict[str, Any], way: str = "token", wire: Any = None, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    envelope = {"credentials": [CREDENTIALS[way]], "request": request, "settings": settings}
    told = asyncio.run(adispatch(CONNECTOR, "fulfill_arbitrary_endpoint", envelope, wire=wire or AppWire(app)))
    published.read("fulfill_arbitrary_endpoint", told)
    return told


ASKED = [
    ({"url": "/users"}, "https://acme.example/api/v2/users?lang=en"),
    ({"url": "users"}, "https://acme.example/api/v2/users?lang=en"),
    ({"url": "/users/"}, "https://acme.example/api/v2/users/?lang=en"),
    ({"url": "/users?limit=1&x=%2F"}, "https://acme.example/api/v2/users?limit=1&x=%2F&lang=en"),
    ({"url": "/users", "query": {"q": ["a b", "ü"], "lang": ["de"]}}, "https://acme.example/api/v2/users?q=a%20b&q=%C3%BC&lang=de"),
    ({"url": "/users/u%201"}, "https://acme.example/api/v2/users/u%201?lang=en"),
    ({"url": "/%75sers"}, "https://acme.example/api/v2/%75sers?lang=en"),
    ({"url": "/reports"}, "https://acme.example/api/v2/reports?lang=en"),
    ({"url": "/reports/2026/..a/1.5.csv"}, "https://acme.example/api/v2/reports/2026/..a/1.5.csv?lang=en"),
    ({"url": "/a+b@c"}, "https://acme.example/api/v2/a+b@c?lang=en"),
    ({"url": "https://acme.example/api/v2/users"}, "https://acme.example/api/v2/users?lang=en"),
    ({"url": "HTTPS://ACME.example:443/api/v2/users?x=1", "query": {"y": ["2"]}}, "https://acme.example/api/v2/users?x=1&lang=en"),
    ({"url": "/graphql", "method": "POST", "body": '{"query": "{a}"}'}, "https://acme.example/api/v2/graphql?lang=en"),
]


@pytest.mark.parametrize(("request_", "url"), ASKED, ids=[str(each[0]) for each in ASKED])
def test_what_is_named_is_asked(request_: dict[str, Any], url: str):
    wire = AppWire(app)
    told = fulfilled(request_, wire=wire)["response"]
    (asked,) = wire.asked
    assert asked.url == url
    assert asked.headers["authorization"] == f"Bearer {TOKEN}" and asked.headers["x-version"] == "2"
    assert (told["ok"], told["status_code"], told["error"], told["resolved_url"]) == (True, 200, None, url)
    assert told["content_type"] == "application/json" and told["headers"]["x-kind"] == "plain"


REFUSED = [
    "/admin", "/users/u1/tokens", "/", "", "?x=1", "/Users",
    "/users/..", "/users/../admin", "/users/%2e%2e/admin", "/users/%2E./admin", "/users/.", "/users/..;/admin", "/users/%2e%2e%3b/x",
    "/users/.%20./x",
    "/reports/%252e%252e/admin", "/reports/%25%32%65", "/reports/a%2fb", "/reports/a%2Fb", "/reports/a%5cb", "/reports/a\\b",
    "/reports\\..\\admin",
    "/reports//admin", "//evil.example/users", "///evil.example/users", "/\\evil.example/users", "\\\\evil.example\\users",
    "/reports/\uff0e\uff0e/admin", "/reports/\u2025", "/users/\u00fc", "/users\t", " /users",
    "/users\n", "/users\r\nHost: evil.example", "/users\x00",
    "/reports/%00", "/reports/%0d%0ax",
    "/reports/%ff%fe", "/users#x", "http://acme.example/api/v2/users", "https://acme.example:444/api/v2/users", "https://evil.example/api/v2/users",
    "https://acme.example.evil.example/api/v2/users", "https://acme.example@evil.example/api/v2/users", "https://user:pw@acme.example/api/v2/users",
    "https://acme.example%2eevil.example/users", "https://acme.example\\@evil.example/api/v2/users", "https:/acme.example/api/v2/users",
    "https:acme.example/api/v2/users", "https://acme.example/users", "https://acme.example/api/v2/../users", "https://acme.example/api/v20/users",
    "https://acme.example", "https:///users", "https://\u0430cme.example/api/v2/users", "ftp://acme.example/api/v2/users", "file:///etc/passwd",
    "javascript:alert(1)", "users:1/x", "https://[::1/users", "https://acme.example:99999999/api/v2/users", "https://acme.example/api/v2/reports/..%2f..%2fadmin",
]  # fmt: skip


@pytest.mark.parametrize("way", ["token", "login"])
@pytest.mark.parametrize("url", REFUSED)
def test_what_is_not_named_is_refused_before_anything_is_sent(url: str, way: str):
    wire = AppWire(app)
    told = fulfilled({"url": url}, way, wire)["response"]
    assert wire.asked == []
    assert (told["ok"], told["status_code"], told["body"], told["resolved_url"]) == (False, None, None, url)
    assert told["error"]


@pytest.mark.parametrize(
    "request_",
    [
        {"url": "/users", "method": "POST", "body": "{}"},
        {"url": "/graphql"},
        {"url": "/users", "body": "x"},
        {"url": "/graphql/x", "method": "POST"},
        {"url": "/users", "headers": {"Authorization": "Bearer other"}},
        {"url": "/users", "headers": {"Cookie": "a=b"}},
        {"url": "/users", "headers": {"Host": "evil.example"}},
        {"url": "/users", "headers": {"X-Trace": "a\r\nHost: evil.example"}},
        {"url": "/users", "headers": {"X-Trace\r\nHost": "evil.example"}},
    ],
    ids=str,
)
def test_other_methods_bodies_and_headers_are_refused(request_: dict[str, Any]):
    wire = AppWire(app)
    told = fulfilled(request_, wire=wire)["response"]
    assert wire.asked == [] and not told["ok"] and told["error"]


def test_headers_and_bodies_that_are_named_are_sent():
    wire = AppWire(app)
    fulfilled({"url": "/graphql", "method": "POST", "body": '{"a": "{{ 1 }}"}', "headers": {"x-trace": "t"}}, wire=wire)
    (asked,) = wire.asked
    assert (asked.method, asked.headers["content-type"], asked.headers["x-trace"]) == ("POST", "application/json", "t")
    assert asked.body == {"a": "{{ 1 }}"}


@pytest.mark.parametrize(("path", "status", "wait"), [("/users/gone", 404, None), ("/users/busy", 429, 7.0), ("/users/moved", 302, None)])
def test_a_refusal_of_the_app_is_an_answer_and_is_asked_once(path: str, status: int, wait: float | None):
    wire = AppWire(app)
    told = fulfilled({"url": path}, wire=wire)["response"]
    assert (told["ok"], told["status_code"], told["error"], told["retry_after_seconds"]) == (False, status, None, wait)
    assert len(wire.asked) == 1 and told["body"]


def test_a_refused_credential_is_an_error():
    error = fulfilled({"url": "/users/me"})["error"]
    assert (error["error_code"], error["status_code"], error["error_metadata"]["refreshable"]) == ("unauthorized", 401, True)


def test_a_login_is_made_and_renewed_once():
    wire = AppWire(app)
    assert fulfilled({"url": "/users/me"}, "login", wire)["error"]["error_code"] == "unauthorized"
    assert [asked.path for asked in wire.asked] == ["/api/v2/login", "/api/v2/users/me"] * 2


@pytest.mark.parametrize("code", ["connection_timeout", "connection_rejected", "request_timeout"])
def test_an_app_out_of_reach_is_an_answer_too(code: str):
    class Broken:
        async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
            raise CallError("no way there", code=code)

        async def close(self) -> None: ...

    told = fulfilled({"url": "/users"}, wire=Broken())["response"]
    assert (told["ok"], told["status_code"], told["headers"]) == (False, None, {}) and "no way there" in told["error"]


@pytest.mark.parametrize("way", ["token", "key", "login"])
def test_no_credential_comes_back(way: str):
    told = fulfilled({"url": "/users/echo"}, way)
    assert TOKEN not in str(told)
    assert not {"set-cookie", "x-auth-token"} & told["response"]["headers"].keys()


def test_bytes_come_as_text():
    assert fulfilled({"url": "/users/bytes"})["response"]["body"] == "\ufffdPNG\ufffd"


def test_settings_say_the_host():
    wire = AppWire(app)
    fulfilled({"url": "http://127.0.0.1:8080/users"}, wire=wire, settings={"base_url": "http://127.0.0.1:8080/"})
    assert wire.asked[0].url == "http://127.0.0.1:8080/users?lang=en"


def test_a_preview_sends_nothing():
    with CONNECTOR.instance({"token": TOKEN}, auth="token") as tenant:
        (planned,) = tenant.plan_call("fulfill_arbitrary_endpoint", {"url": "/users/u1"})
        assert (planned.method, planned.url) == ("GET", "https://acme.example/api/v2/users/u1?lang=en")
        with pytest.raises(BadInput, match="none that the connector may read"):
            tenant.plan_call("fulfill_arbitrary_endpoint", {"url": "/admin"})


def test_the_permissions_name_it():
    told = lines(permissions(CONNECTOR.plan))
    assert "fulfill_arbitrary_endpoint: GET /reports/** (as a caller asks)" in told
    assert "fulfill_arbitrary_endpoint: POST /graphql (as a caller asks)" in told


def test_a_connector_without_the_section_lacks_the_capability():
    plain = Connector(compile_text(SPEC[: SPEC.index("arbitrary_endpoint")] + "capabilities: {}\n"))
    told = asyncio.run(
        adispatch(plain, "fulfill_arbitrary_endpoint", {"credentials": [CREDENTIALS["token"]], "request": {"url": "/users"}})
    )
    assert told["error"]["error_code"] == "unsupported_operation"


@pytest.mark.parametrize(
    "section",
    ["{get: [users]}", "{get: [/a/../b]}", "{get: [/**/b]}", "{get: ['/a?b=c']}", "{get: ['/{{ x }}']}", "{get: []}", "{}",
     "{get: ['//a']}",
     "{get: [/a], headers: [Authorization]}", "{get: [/a], headers: [cookie]}", "{get: [/a], headers: ['a b']}", "{get: [/a], put: [/a]}"],
)  # fmt: skip
def test_a_section_that_says_nothing_clear_is_refused(section: str):
    text = SPEC[: SPEC.index("arbitrary_endpoint")] + f"arbitrary_endpoint: {section}\ncapabilities: {{}}\n"
    with pytest.raises(SpecError) as raised:
        compile_text(text)
    assert {found.span.line for found in raised.value.diagnostics} == {text[: text.index("arbitrary_endpoint")].count("\n") + 1}
