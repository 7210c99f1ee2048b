"""The HTTP API, in this process: routes, envelopes, who may come in, what is logged and counted, and whatever is sent to it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import connector as published
import httpx
import pytest
import yaml
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.routing import Mount

from app import AppWire, Asked, answer
from ferrule.capabilities import CAPABILITIES
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.contract.envelope import ErrorEnvelope
from ferrule.errors import BadInput
from ferrule.http import Response
from ferrule.server import Application, Keys, Limits, asgi, read_keys
from ferrule.server.callers import Key
from ferrule.server.calls import written
from served_api import ask, call

SPEC = """\
ferrule: 1
app: {id: %s, name: "Acme <b>", vendor_domain: acme.example, description: "<script>alert(1)</script>"}
settings: {base_url: {type: url}}
auth: {key: {kind: bearer}}
http: {base_url: "{{ settings.base_url }}", retry: {attempts: 1}}
pagers:
  counted: {kind: offset, param: skip, size_param: limit, size: 2, total: body.total}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: counted
    records: body.users
    record: {integration_specific_id: id, username: name, extra_data: extra}
  create_account:
    request: {post: /users, json: {name: "{{ inputs.username }}"}}
    record: {id: id, status: {value: ACTIVE}}
  %s:
    request: {post: /own}
    record: {done: done}
"""
SECRET = "s3cret-that-nobody-may-see"
ENVELOPE = {"auth": {"token": {"token": SECRET}}, "settings": {"base_url": "https://acme.example"}, "request": {}}
MAKE = {**ENVELOPE, "request": {"username": "ann", "entitlements": []}}
USERS = [{"id": f"u{number}", "name": None if number else "ann", "extra": {"kept": None}} for number in range(5)]


def acme(asked: Asked) -> Response:
    """The app of these tests."""
    if asked.headers.get("authorization") != f"Bearer {SECRET}":
        return answer({"error": "no"}, 401)
    if asked.method == "POST":
        return answer({"id": "u9", "done": True})
    start, size = int(asked.one("skip", "0")), int(asked.one("limit", "2"))
    return answer({"users": USERS[start : start + size], "total": len(USERS)})


def made(app_id: str = "acme", own: str = "polish_doors") -> Connector:
    return Connector(compile_text(SPEC % (app_id, own)))


@pytest.fixture
def app() -> Application:
    return asgi([made(), made("other", "wash_windows")], wires={"acme": AppWire(acme), "other": AppWire(acme)})


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """The lines of the access log, as they come."""
    found: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(record.getMessage()))

    kept, log = Kept(), logging.getLogger("ferrule.access")
    log.addHandler(kept)
    level = log.level
    log.setLevel(logging.INFO)
    yield found
    log.setLevel(level)
    log.removeHandler(kept)


# calls


def test_a_walk(app: Application):
    found, token = [], None
    while True:
        page = {"size": 2, **({"token": token} if token else {})}
        got = call(app, "/acme/list_accounts", {**ENVELOPE, "page": page})
        found += [record["integration_specific_id"] for record in got["response"]]
        if "page" not in got:
            break
        token = got["page"]["token"]
    assert found == ["u0", "u1", "u2", "u3", "u4"]


def test_a_write(app: Application):
    got = call(app, "/acme/create_account", MAKE)
    assert got["response"] == {"id": "u9", "status": "ACTIVE", "created": True}
    assert got["execution_summary"]["effect"] == {"kind": "created"}


def test_a_capability_of_the_app_s_own(app: Application):
    assert call(app, "/acme/polish_doors", ENVELOPE)["response"] == {"done": True}


def test_no_null_that_is_ours_and_every_one_that_is_the_app_s(app: Application):
    got = call(app, "/acme/list_accounts", ENVELOPE)
    assert got["response"][0] == {"integration_specific_id": "u0", "username": "ann", "extra_data": {"kept": None}}
    assert set(got) == {"response"}
    raw = call(app, "/acme/list_accounts", {**ENVELOPE, "include_raw_data": True})["raw_data"]
    assert None in [
        user["name"] for body in raw.values() for page in (body if isinstance(body, list) else [body]) for user in page["users"]
    ]


def test_the_ids_of_all_connectors(app: Application):
    for content in (b"", b"{", b"[]", b'{"request": {}}'):
        assert ask(app, "POST", "/list-connector-app-ids", content=content).json() == {"response": ["acme", "other"]}


def test_info_needs_no_body(app: Application):
    assert call(app, "/acme/info")["response"]["app_id"] == "acme"


@pytest.mark.parametrize(
    ("path", "envelope", "code", "words"),
    [
        ("/acm/list_accounts", ENVELOPE, "not_found", "there is no connector `acm`"),
        ("/a%2fb/list_accounts", None, "not_found", "there is no connector `a%2Fb`"),
        ("/acm/list_accounts", None, "not_found", "there is no connector `acm`"),
        ("/acme/delete_account", ENVELOPE, "unsupported_operation", "delete_account"),
        ("/acme/wash_windows", ENVELOPE, "unsupported_operation", "wash_windows"),
        ("/acme/list_acounts", ENVELOPE, "unsupported_operation", "list_acounts"),
        ("/acme/list_accounts", None, "bad_request", "expected JSON"),
        ("/acme/list_accounts", [], "bad_request", "expected JSON"),
        ("/acme/list_accounts", {}, "bad_request", "`request`"),
        ("/acme/list_accounts", {"request": {}}, "bad_request", "Missing auth"),
        ("/acme/list_accounts", {**ENVELOPE, "settings": {}}, "bad_request", "Missing required settings: base_url"),
        ("/acme/list_accounts", {**ENVELOPE, "auth": {"token": {"token": "x"}}}, "unauthorized", ""),
        ("/acme/list_accounts", {**ENVELOPE, "page": {"token": "x"}}, "invalid_page_token", ""),
    ],
)  # fmt: skip
def test_an_error_is_an_envelope(app: Application, path: str, envelope: Any, code: str, words: str):
    got = call(app, path, envelope)
    assert (got["is_error"], got["error"]["error_code"]) == (True, code)
    assert words in got["error"]["message"]
    ErrorEnvelope.model_validate(got)
    assert "null" not in json.dumps(got)


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/acme/list_accounts", 405, "POST"),
        ("PUT", "/acme/list_accounts", 405, "POST"),
        ("OPTIONS", "/acme/list_accounts", 405, "POST"),
        ("GET", "/list-connector-app-ids", 405, "POST"),
        ("POST", "/healthz", 405, "GET, HEAD"),
        ("GET", "/", 404, None),
        ("POST", "/acme", 404, None),
        ("POST", "/acme/list_accounts/", 404, None),
        ("POST", "/acme/list-accounts", 404, None),
        ("POST", "/acme/list_connector_app_ids", 404, None),
        ("POST", "/acme/list_accounts/more", 404, None),
        ("POST", "/acme%2Flist_accounts", 404, None),
    ],
)
def test_what_is_about_http_and_no_call(app: Application, method: str, path: str, status: int, allow: str | None):
    found = ask(app, method, path, json=ENVELOPE)
    assert found.status_code == status
    assert set(found.json()) == {"detail"}
    assert ", ".join(sorted(found.headers.get("allow", "").split(", "))) == (allow or "")


def test_two_connectors_of_one_name():
    with pytest.raises(BadInput, match="two of the connectors are called `acme`"):
        asgi([made(), made()])


# whatever is sent

DEEP = b'{"request": ' + b'{"a": ' * 900 + b"1" + b"}" * 900 + b"}"
BODIES = {
    "no text": b"\xff\xfe\x00\x01",
    "bad UTF-8 in a string": b'{"request": {"username": "\xc3\x28"}}',
    "half a surrogate pair": b'{"request": {"username": "\\ud800"}}',
    "NUL": b'{"request": {"username": "\\u0000"}, "settings": {"base_url": "https://a\\u0000"}}',
    "deep": DEEP,
    "deeper": b"[" * 100_000,
    "an integer of many digits": b'{"request": {}, "page": {"size": ' + b"9" * 400 + b"}}",
    "a size past 64 bits": b'{"request": {}, "page": {"size": 18446744073709551616}}',
    "a size below nothing": b'{"request": {}, "page": {"size": -5}}',
    "NaN": b'{"request": NaN}',
    "infinity": b'{"request": {}, "rate_limit": {"max_execution_time": 1e400}}',
    "a key twice": b'{"request": 1, "request": {}}',
    "two documents": b"{}{}",
    "a BOM": b'\xef\xbb\xbf{"request": {}}',
    "UTF-16": '{"request": {}}'.encode("utf-16"),
    "text": b'"request"',
    "null": b"null",
    "a form": b"request=%7B%7D",
    "nothing": b"",
    "a template": b'{"request": {"username": "{{ credential.token }}", "entitlements": []}}',
    "a line break for a header": json.dumps({**ENVELOPE, "auth": {"token": {"token": "a\r\nX-Evil: 1"}}}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("capability", ["list_accounts", "create_account", "info"])
def test_any_body_has_an_envelope(app: Application, name: str, capability: str):
    found = ask(app, "POST", f"/acme/{capability}", content=BODIES[name], headers={"content-type": "application/json"})
    assert found.status_code == 200
    got = found.json()
    if capability != "info" or got.get("is_error"):
        assert got["error"]["error_code"] in ("bad_request", "invalid_value", "unauthorized"), got


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "application/json; charset=utf-7", "", "?"])
def test_the_type_of_the_body_is_not_asked_for(app: Application, kind: str):
    content = json.dumps(ENVELOPE).encode()
    assert "response" in ask(app, "POST", "/acme/list_accounts", content=content, headers={"content-type": kind}).json()


PATHS = [
    "/%2e%2e/list_accounts", "/..%2flist_accounts", "//list_accounts", "/acme//list_accounts", "/acme/%00", "/acme/%ff", "/%E2%80%AE/info",
    "/acme/info%0d%0aX-Evil:%201", "/acme/info;a=1", "/acme/INFO", "/acme/__class__", "/acme/_called", "/acme/%69nfo", "/acme%2finfo",
    "/" + "a" * 5000 + "/list_accounts", "/acme/" + "a" * 5000, "/%3Cscript%3E/info", "/ac%6de/info?x=%00", "/acme/infoé",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_any_path_has_an_answer(app: Application, path: str):
    found = ask(app, "POST", path, json=ENVELOPE)
    assert found.status_code in (200, 404)
    assert found.headers["content-type"] == "application/json"
    assert "x-evil" not in found.headers
    assert len(found.content) < 100_000
    if found.status_code == 200 and found.json().get("is_error"):
        assert found.json()["error"]["error_code"] in ("not_found", "unsupported_operation")


def test_a_body_that_is_too_large():
    app = asgi([made()], limits=Limits(body=100))
    got = call(app, "/acme/list_accounts", {"request": {"a": "x" * 200}})
    assert got["error"]["error_code"] == "bad_request"
    assert got["error"]["message"] == "the request is larger than 100 bytes"


def test_a_body_that_does_not_end():
    """It is read on for a little after the answer is known, and not for longer."""
    app, given = asgi([made()], limits=Limits(body=1000)), 0

    async def receive() -> dict[str, Any]:
        nonlocal given
        given += 1
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    start, body = asyncio.run(raw(app, receive))
    assert start["status"] == 200
    assert (b"connection", b"close") in start["headers"]
    assert json.loads(body)["error"]["error_code"] == "bad_request"
    assert given < 30


def test_a_body_that_does_not_come():
    app = asgi([made()], limits=Limits(body_seconds=0.05))

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    start, body = asyncio.run(raw(app, receive))
    assert json.loads(body)["error"]["error_code"] == "request_timeout"
    assert (b"connection", b"close") in start["headers"]


async def raw(app: Application, receive: Any, path: str = "/acme/list_accounts") -> tuple[dict[str, Any], bytes]:
    """The messages of one answer to one request that no client would send."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
    }
    await app(scope, receive, send)
    return sent[0], b"".join(message.get("body", b"") for message in sent[1:])


def test_what_orjson_does_not_write():
    assert json.loads(written({"a": 2**70, "b": float("inf"), "c": ["\ud800"], "d": ()})) == {
        "a": 2**70,
        "b": None,
        "c": ["\ud800"],
        "d": [],
    }


# limits


class Slow:
    """A wire whose app answers when it is let."""

    def __init__(self) -> None:
        self.begun, self.go, self.done = asyncio.Event(), asyncio.Event(), 0

    async def send(self, request: Any, content: Any, content_type: Any) -> Response:
        self.begun.set()
        await self.go.wait()
        self.done += 1
        return answer({"users": [], "total": 0, "id": "u1"})

    async def close(self) -> None:
        """Nothing is open."""


def test_one_call_too_many_is_told_to_come_again():
    async def run() -> None:
        wire = Slow()
        app = asgi([made()], wires={"acme": wire}, limits=Limits(concurrency=1))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            first = asyncio.create_task(client.post("/acme/list_accounts", json=ENVELOPE))
            await wire.begun.wait()
            second = (await client.post("/acme/list_accounts", json=ENVELOPE)).json()
            assert second["error"]["error_code"] == "rate_limit"
            assert (
                second["error"]["error_metadata"] | {"retryable": True, "throttled": True, "retry_after_seconds": 1}
                == second["error"]["error_metadata"]
            )
            assert (await client.get("/healthz")).status_code == 200
            assert "ferrule_calls_in_flight 1.0" in (await client.get("/metrics")).text
            wire.go.set()
            assert (await first).json() == {"response": []}
            assert (await client.post("/acme/list_accounts", json=ENVELOPE)).json() == {"response": []}

    asyncio.run(run())


def test_a_call_ends_in_the_server_s_time_whatever_its_caller_asks_for():
    async def run() -> dict[str, Any]:
        app = asgi([made()], wires={"acme": Slow()}, limits=Limits(seconds=0.2))
        envelope = {**MAKE, "rate_limit": {"max_execution_time": 9999}}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            return dict((await client.post("/acme/create_account", json=envelope)).json())

    assert asyncio.run(run())["error"]["error_code"] == "request_timeout"


@pytest.mark.parametrize(("capability", "envelope", "done"), [("list_accounts", ENVELOPE, 0), ("create_account", MAKE, 1)])
def test_a_caller_that_goes(capability: str, envelope: Any, done: int, lines: list[dict[str, Any]]):
    """A read is given up, a write is brought to its end."""

    async def run() -> int:
        wire, left = Slow(), asyncio.Event()
        app = asgi([made()], wires={"acme": wire})
        messages = [{"type": "http.request", "body": json.dumps(envelope).encode(), "more_body": False}]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        answering = asyncio.create_task(raw(app, receive, f"/acme/{capability}"))
        await wire.begun.wait()
        left.set()
        await asyncio.sleep(0.05)
        wire.go.set()
        await answering
        return wire.done

    assert asyncio.run(run()) == done
    assert lines[-1]["status"] == (200 if done else 499)


# who may come in

GOOD, NEXT = "k" * 40, "n" * 40


@pytest.fixture
def guarded(tmp_path: Path) -> Application:
    file = tmp_path / "keys"
    file.write_text(f"# ours\nplatform: {GOOD}\n")
    return asgi([made()], keys=Keys(file=file), wires={"acme": AppWire(acme)})


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {GOOD}"}, {"authorization": f"bearer  {GOOD}"}, {"X-Api-Key": GOOD}])
def test_a_key_opens(guarded: Application, headers: dict[str, str], lines: list[dict[str, Any]]):
    assert "response" in call(guarded, "/acme/list_accounts", ENVELOPE, headers=headers)
    assert lines[-1]["caller"] == "platform"


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer"}, {"Authorization": f"Basic {GOOD}"}, {"X-Api-Key": GOOD[:-1]}, {"X-Api-Key": "é"},
     {"X-Api-Key": ""}, {"Cookie": f"key={GOOD}"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/acme/list_accounts", "/list-connector-app-ids", "/metrics", "/docs", "/openapi.json", "/nope"])
def test_nothing_opens_without(guarded: Application, headers: dict[str, str], path: str):
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    for method in ("GET", "POST"):
        found = ask(guarded, method, path, json=ENVELOPE if method == "POST" else None, headers=sent)
        assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer")
        assert set(found.json()) == {"detail"}


def test_a_balancer_needs_no_key(guarded: Application):
    assert ask(guarded, "GET", "/healthz").json() == {"status": "ok"}
    assert ask(guarded, "GET", "/readyz").json() == {"status": "ready", "connectors": 1}


def test_keys_are_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    file, now = tmp_path / "keys", [0.0]
    file.write_text(f"old:{GOOD}\n")
    keys = Keys([Key("fixed", hashlib.sha256(b"f" * 40).digest())], file, clock=lambda: now[0])
    assert (keys.caller(GOOD), keys.caller("f" * 40), keys.caller(NEXT)) == ("old", "fixed", None)
    file.write_text(f"new : {NEXT}\nold:{GOOD}\n")
    assert keys.caller(NEXT) is None, "it looks once a second"
    now[0] += 1
    assert (keys.caller(NEXT), keys.caller(GOOD)) == ("new", "old")
    file.with_name("next").write_text(f"new:{NEXT}\n")
    file.with_name("next").replace(file)
    now[0] += 1
    assert (keys.caller(NEXT), keys.caller(GOOD), keys.caller("f" * 40)) == ("new", None, "fixed")
    for broken in ("", "short:abc", "nameless"):
        file.write_text(broken)
        now[0] += 1
        assert keys.caller(NEXT) == "new", "what is broken changes nothing"
    file.unlink()
    now[0] += 1
    assert keys.caller(NEXT) == "new"
    assert GOOD not in caplog.text
    assert "the API keys are those from before" in caplog.text


def test_keys_of_the_environment_and_their_hashes(monkeypatch: pytest.MonkeyPatch):
    hashed = hashlib.sha256(NEXT.encode()).hexdigest()
    monkeypatch.setenv("FERRULE_API_KEYS", f"one:{GOOD}, two:sha256:{hashed}")
    keys = read_keys()
    assert keys is not None
    assert (keys.caller(GOOD), keys.caller(NEXT), keys.caller(hashed), len(keys)) == ("one", "two", None, 2)
    monkeypatch.delenv("FERRULE_API_KEYS")
    assert read_keys() is None


@pytest.mark.parametrize(
    "text", [GOOD, f":{GOOD}", "a:short", f"a b:{GOOD}", "a:" + "é" * 40, f"a:{GOOD} {GOOD}", f"a:{GOOD}\nb:{GOOD}", "# none"]
)
def test_keys_that_are_none(tmp_path: Path, text: str):
    file = tmp_path / "keys"
    file.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_keys(file)
    assert GOOD not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8000", 200), ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:8000", 200), ("localhost.", 200), ("evil.example", 421),
     ("127.0.0.1.evil.example:8000", 421), ("localhost@evil.example", 421), ("[", 421), ("10.0.0.1", 421)],
)  # fmt: skip
def test_a_server_for_this_machine_answers_for_no_other_name(host: str, status: int):
    app = asgi([made()], hosts=["localhost", "127.0.0.1", "::1"])
    assert ask(app, "POST", "/acme/info", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1"}, 403), ({"Origin": "http://127.0.0.1"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200), ({"Sec-Fetch-Site": "none"}, 200), ({}, 200),
    ],
)  # fmt: skip
def test_pages_of_other_sites_do_not_call(app: Application, headers: dict[str, str], status: int):
    found = ask(app, "POST", "/acme/info", headers={"Host": "127.0.0.1", **headers})
    assert found.status_code == status
    assert "access-control-allow-origin" not in found.headers


# what is logged and counted


def test_the_line_of_a_call(app: Application, lines: list[dict[str, Any]]):
    headers = {
        "X-Request-Id": "run-1:2/3",
        "X-Lumos-Observability-flows_v2_execution_id": "flow 7",
        "X-Lumos-Observability-dagster.run_id": "d" * 500,
    }
    found = ask(app, "POST", "/acme/list_accounts", json={**ENVELOPE, "settings": {"base_url": "https://q.example?q=1"}}, headers=headers)
    line = lines[-1]
    assert found.headers["x-request-id"] == line["id"] == "run-1:2/3"
    assert line["observability"] == {"flows_v2_execution_id": "flow 7", "dagster.run_id": "d" * 128}
    expected = {
        "method": "POST",
        "route": "/{connector_id}/{capability}",
        "connector": "acme",
        "capability": "list_accounts",
        "status": 200,
    }
    assert {name: line[name] for name in expected} == expected
    assert (line["bytes_in"], line["bytes_out"]) == (len(found.request.content), len(found.content))
    assert line["duration_ms"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


@pytest.mark.parametrize("given", ["", "a b", "a\x7f", "é", "x" * 129, "-a", '"'])
def test_an_id_that_is_no_word_is_not_taken(app: Application, given: str, lines: list[dict[str, Any]]):
    found = ask(app, "GET", "/healthz", headers={b"x-request-id": given.encode()})
    assert re.fullmatch(r"[0-9a-f]{32}", found.headers["x-request-id"])
    assert found.headers["x-request-id"] == lines[-1]["id"]


def test_no_secret_in_log_metrics_or_answers(
    app: Application, guarded: Application, lines: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="httpx")  # the client of this test tells addresses
    said = ""
    bad = {**ENVELOPE, "auth": {"token": {"token": SECRET, "more": SECRET}}, "settings": {"base_url": f"https://{SECRET}.example"}}
    for envelope in (
        ENVELOPE,
        MAKE,
        bad,
        {"request": SECRET},
        {"auth": SECRET, "request": {}},
        {"auth": {"oauth": {"token": SECRET}}, "request": {}},
    ):
        said += ask(app, "POST", "/acme/create_account", json=envelope, headers={"Authorization": f"Bearer {GOOD}"}).text
    said += ask(app, "POST", "/acme/list_accounts", content=b'{"request": "' + SECRET.encode()).text
    for path in (f"/acme/{SECRET}", f"/{SECRET}?key={SECRET}", f"/acme/info?key={SECRET}", f"/docs?{SECRET}"):
        ask(app, "GET", path)
        ask(guarded, "POST", path, headers={"Authorization": f"Bearer {SECRET}", "X-Api-Key": GOOD})
    logged = json.dumps(lines) + caplog.text + ask(app, "GET", "/metrics").text + said
    assert len(lines) > 10
    assert SECRET not in logged
    assert GOOD not in logged


def test_what_callers_make_up_does_not_make_the_metrics_grow(app: Application):
    ask(app, "POST", "/acme/list_accounts", json=ENVELOPE)
    ask(app, "POST", "/acme/list_accounts", content=b"{")
    ask(app, "POST", "/acme/info")
    before = ask(app, "GET", "/metrics").text
    for number in range(30):
        ask(app, "POST", f"/made_up_{number}/list_accounts", json=ENVELOPE)
        ask(app, "POST", f"/acme/made_up_{'x' * number}", json=ENVELOPE)
        ask(app, "POST", f"/nowhere/{number}", json=ENVELOPE)
    found = ask(app, "GET", "/metrics").text
    assert 'ferrule_calls_total{capability="list_accounts",connector="acme",outcome="ok"} 1.0' in found
    assert 'ferrule_calls_total{capability="list_accounts",connector="acme",outcome="bad_request"} 1.0' in found
    assert 'ferrule_calls_total{capability="list_accounts",connector="-",outcome="not_found"} 30.0' in found
    assert 'ferrule_calls_total{capability="-",connector="acme",outcome="unsupported_operation"} 30.0' in found
    assert 'ferrule_call_seconds_count{capability="list_accounts",connector="acme"} 2.0' in found
    assert len(found.splitlines()) - len(before.splitlines()) < 80
    assert "made_up" not in found


# what it says of itself


def test_the_document(app: Application):
    document = ask(app, "GET", "/openapi.json").json()
    validate(document)
    folder = Path(published.__file__).parent
    theirs = yaml.load((folder / "spec" / "openapi.yaml").read_text(), yaml.CSafeLoader)["paths"]
    own = {"/{connector_id}/polish_doors", "/{connector_id}/wash_windows"}
    assert set(document["paths"]) == set(theirs) | own
    assert len(theirs) == 53
    for path, item in document["paths"].items():
        assert set(item) == {"post"}
        if path in theirs:
            assert ("requestBody" in theirs[path]["post"]) == item["post"].get("requestBody", {}).get("required", False), path
    assert "security" not in document


def test_the_document_where_keys_are_needed(guarded: Application):
    document = ask(guarded, "GET", "/openapi.json", headers={"X-Api-Key": GOOD}).json()
    validate(document)
    assert document["security"] == [{"bearer": []}, {"header": []}]
    assert all("401" in item["post"]["responses"] for item in document["paths"].values())


def test_the_page(app: Application):
    found = ask(app, "GET", "/docs")
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    policy = found.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "script" not in policy
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?://|\son\w+=", found.text)
    assert "&lt;script&gt;alert(1)" in found.text
    assert "Acme &lt;b&gt;" in found.text
    for name in CAPABILITIES:
        assert (f'id="{name}"' in found.text) == (name != "list_connector_app_ids")
    assert 'id="polish_doors"' in found.text


# as a part of another application


def test_under_a_prefix(guarded: Application, app: Application):
    outer = Starlette(routes=[Mount("/connectors", app), Mount("/closed", guarded)])
    assert call(outer, "/connectors/acme/list_accounts", ENVELOPE)["response"]
    assert ask(outer, "POST", "/connectors/list-connector-app-ids").json() == {"response": ["acme", "other"]}
    assert ask(outer, "GET", "/connectors/docs").status_code == 200
    assert ask(outer, "GET", "/connectors/nope").json() == {"detail": "Not Found"}
    assert ask(outer, "GET", "/closed/healthz").status_code == 200
    assert ask(outer, "GET", "/closed/metrics").status_code == 401


def test_the_outer_application_closes_it():
    """The first block of Python in docs/serve.md."""
    closed: list[str] = []

    class Closing(AppWire):
        async def close(self) -> None:
            closed.append("the app's")

    inner = asgi([made()], wires={"acme": Closing(acme)})

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await inner.aclose()

    outer = Starlette(routes=[Mount("/connectors", inner)], lifespan=lifespan)
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def run() -> None:
        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await outer({"type": "lifespan"}, receive, send)

    asyncio.run(run())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [], "a wire that was given is its giver's"


def test_a_websocket_and_a_lifespan(app: Application):
    sent: list[dict[str, Any]] = []

    async def run(kind: str, *messages: dict[str, Any]) -> None:
        left = list(messages)

        async def receive() -> dict[str, Any]:
            return left.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await app({"type": kind, "path": "/", "headers": []}, receive, send)

    asyncio.run(run("websocket", {"type": "websocket.connect"}))
    asyncio.run(run("lifespan", {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))
    assert [message["type"] for message in sent] == ["websocket.close", "lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_slip_of_ours_is_no_trace(app: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    def broken(*_: object, **__: object) -> bytes:
        raise ValueError(SECRET)

    monkeypatch.setattr("ferrule.server.application.page", broken)
    found = ask(app, "GET", "/docs")
    assert (found.status_code, found.json()) == (500, {"detail": "Internal Server Error"})
    assert "ValueError at " in caplog.text
    assert SECRET not in caplog.text
