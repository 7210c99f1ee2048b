"""`ferrule serve` in a process of its own, on real sockets: who it lets in, what it says, how it ends."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from app import Asked, answer
from ferrule.errors import BadInput
from ferrule.http import Response
from ferrule.server.listen import check_callers, hosts_of, is_loopback
from served import served
from served_api import Running, refused, running
from test_server import ENVELOPE, GOOD, NEXT, SPEC


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("serve")
    (made / "acme.yaml").write_text(SPEC % ("acme", "polish_doors"))
    (made / "keys").write_text(f"platform:{GOOD}\n")
    (made / "broken.yaml").write_text("ferrule: 1\napp: {}\n")
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    with running(folder, "acme.yaml") as made:
        yield made


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


# beginning


def test_it_says_where_and_what(server: Running):
    assert server.line == f"ferrule serves acme at {server.url} (this machine only)"
    assert httpx.get(f"{server.url}/readyz").json() == {"status": "ready", "connectors": 1}
    assert httpx.get(f"{server.url}/readyz", headers={"Host": "any.example"}).status_code == 421


def test_every_app_where_none_is_named(folder: Path):
    with running(folder, "--host", "localhost") as made:
        assert "jupyterhub" in httpx.post(f"{made.url}/list-connector-app-ids").json()["response"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_nobody_else_without_a_word_on_who(folder: Path, host: str):
    ran = refused(folder, "acme.yaml", "--host", host)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"`{host}` is reached by others than this machine, and nothing says who may call" in ran.stderr
    assert "--api-keys FILE" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nope"], 1, "there is no connector `nope`"),
        (["broken.yaml"], 1, "broken.yaml:2"),
        (["acme.yaml", "acme.yaml"], 1, "two of the connectors are called `acme`"),
        (["acme.yaml", "--api-keys", "nope"], 1, "cannot be read"),
        (["acme.yaml", "--tls-key", "keys"], 2, "--tls-cert"),
        (["acme.yaml", "--client-ca", "keys"], 2, "--tls-cert"),
        (["acme.yaml", "--tls-cert", "keys"], 1, "the certificate `keys` cannot be used"),
        (["acme.yaml", "--host", "no.such.host.invalid"], 1, "there is no address"),
        (["acme.yaml", "--max-concurrency", "0"], 2, "--max-concurrency"),
        (["acme.yaml", "--port", "70000"], 2, "--port"),
    ],
)  # fmt: skip
def test_it_does_not_begin(folder: Path, arguments: list[str], status: int, words: str):
    ran = refused(folder, *arguments)
    assert (ran.returncode, ran.stdout) == (status, "")
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_port_in_use(folder: Path, server: Running):
    port = server.url.rpartition(":")[2]
    ran = refused(folder, "acme.yaml", "--port", port)
    assert ran.returncode == 1
    assert f"`127.0.0.1` port {port} cannot be listened at: Address already in use" in ran.stderr


def test_which_addresses_are_this_machine():
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.0.2.1"))
    assert hosts_of("0.0.0.0") is None
    assert "localhost" in (hosts_of("127.0.0.1") or [])
    with pytest.raises(BadInput):
        check_callers("0.0.0.0", None, None)
    check_callers("127.0.0.1", None, None)


# who may call


def test_keys_and_their_rotation(folder: Path):
    keys = folder / "rotating"
    keys.write_text(f"old:{GOOD}\n")
    with running(folder, "acme.yaml", "--host", "0.0.0.0", "--api-keys", keys) as made:
        assert "(1 API key)" in made.line
        url = made.url.replace("0.0.0.0", "127.0.0.1")

        def status(key: str) -> int:
            return httpx.post(f"{url}/list-connector-app-ids", headers={"Authorization": f"Bearer {key}"}).status_code

        assert (status(GOOD), status(NEXT)) == (200, 401)
        keys.write_text(f"new:{NEXT}\n")
        deadline = time.monotonic() + 10
        while status(NEXT) != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert (status(GOOD), status(NEXT)) == (401, 200)
        assert httpx.get(f"{url}/healthz", headers={"Host": "anything.example"}).status_code == 200
    log = made.log.read_text()
    assert "credentials pass this port in the clear" in log
    assert GOOD not in log
    assert NEXT not in log
    assert any(line.get("message") == "the API keys were read again: new" for line in map(json.loads, log.splitlines()[1:]))


def test_keys_of_the_environment(folder: Path):
    with running(folder, "acme.yaml", environment={"FERRULE_API_KEYS": f"a:{GOOD},b:{NEXT}"}) as made:
        assert "(2 API keys)" in made.line
        assert httpx.get(f"{made.url}/metrics").status_code == 401
        assert httpx.get(f"{made.url}/metrics", headers={"X-Api-Key": NEXT, "Host": "any.example"}).status_code == 200


def test_client_certificates(folder: Path):
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    authority.issue_cert("agent@acme.example", common_name="agent").private_key_and_cert_chain_pem.write_to_path(folder / "agent.pem")
    stranger.issue_cert("agent@acme.example").private_key_and_cert_chain_pem.write_to_path(folder / "stranger.pem")
    with running(folder, "acme.yaml", "--host", "0.0.0.0", "--tls-cert", "server.pem", "--client-ca", "ca.pem") as made:
        assert made.line.endswith("(client certificates)")
        url = made.url.replace("0.0.0.0", "127.0.0.1")
        assert url.startswith("https://")

        def status(certificate: str | None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> int:
            context = ssl.create_default_context(cafile=folder / "ca.pem")
            context.maximum_version = newest
            if certificate:
                context.load_cert_chain(folder / certificate)
            with httpx.Client(verify=context) as client:
                return client.post(f"{url}/acme/info").status_code

        assert status("agent.pem") == 200
        assert status("agent.pem", ssl.TLSVersion.TLSv1_2) == 200
        for certificate in (None, "stranger.pem"):
            with pytest.raises((httpx.ReadError, httpx.ConnectError, httpx.RemoteProtocolError)):
                status(certificate)
    assert [line.get("caller") for line in lines(made.log)] == ["agent", "agent"]


# callers that misbehave


def said(url: str, *parts: bytes, pause: float = 0.0, seconds: float = 30.0) -> bytes:
    """What a server answers to raw bytes until it closes the connection."""
    host, _, port = url.partition("//")[2].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as made:
        for part in parts:
            made.sendall(part)
            time.sleep(pause)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := made.recv(65536):
                found += chunk
        return found


HEAD = b"POST /acme/info HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
RAW = {
    "no HTTP": (b"\x16\x03\x01 hello\r\n\r\n", 400),
    "two lengths": (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "a length and chunks": (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200),
    "a length below nothing": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "another coding": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "a bad chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "a folded header": (HEAD + b"X-A: 1\r\n b\r\n\r\n", 200),
    "a bare line feed in a header": (HEAD + b"X-A: 1\nX-Evil: 1\r\n\r\n", 200),
    "NUL in a header": (HEAD + b"X-Request-Id: a\x00b\r\n\r\n", 400),
    "no host": (b"POST /acme/info HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"POST /acme/info HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "HTTP/1.0": (b"POST /acme/info HTTP/1.0\r\n\r\n", 200),
    "a whole address": (HEAD.replace(b" /", b" http://evil.example/") + b"\r\n", 404),
    "a long address": (b"POST /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 404),
    "many headers": (HEAD + b"".join(b"X-%d: %s\r\n" % (number, b"v" * 1000) for number in range(200)) + b"\r\n", 400),
    "an upgrade": (HEAD.replace(b"close", b"upgrade") + b"Upgrade: websocket\r\n\r\n", 200),
}  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_raw_bytes(server: Running, name: str):
    content, status = RAW[name]
    if name == "an upgrade":
        content += HEAD.replace(b"info", b"nope!") + b"\r\n"
    found = said(server.url, content)
    assert found.startswith(b"HTTP/1.1 "), found
    assert int(found[9:12]) == status
    assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_a_body_without_end_is_cut_off(server: Running):
    host, _, port = server.url.partition("//")[2].rpartition(":")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    sent = 0
    with socket.create_connection((host, int(port)), timeout=30) as made:
        made.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(ConnectionError):
            while True:
                made.sendall(chunk)
                sent += len(chunk)
    assert sent < 100 * 1024 * 1024


def test_the_answer_to_a_large_body_arrives(server: Running):
    got = httpx.post(f"{server.url}/acme/list_accounts", content=b"x" * (5 * 1024 * 1024)).json()
    assert got["error"]["error_code"] == "bad_request"


def test_a_head_that_does_not_end_is_cut_off(folder: Path):
    """The times are the server's own, made short by a program that starts it."""
    program = folder / "short.py"
    program.write_text(
        "from ferrule.server import listen\nlisten.HEAD_SECONDS, listen.IDLE_SECONDS = 0.3, 1\n"
        "from ferrule.cli import main\nimport sys\nsys.argv[0] = 'ferrule'\nmain()\n"
    )
    with running(folder, "acme.yaml", program=program) as made:
        began = time.monotonic()
        assert said(made.url) == b""
        assert said(made.url, b"POST /acme", b"/in", pause=0.05) == b""
        request = HEAD.replace(b"close", b"keep-alive") + b"\r\n"
        assert said(made.url, request, b"POST ", pause=0.2).count(b"HTTP/1.1 200") == 1
        assert said(made.url, request).count(b"HTTP/1.1 200") == 1
        assert time.monotonic() - began < 15


# the end


def slow(asked: Asked) -> Response:
    BEGUN.set()
    time.sleep(1.5 if "quick" in asked.url else 20)
    return answer({"users": [], "total": 0})


BEGUN = threading.Event()


@contextlib.contextmanager
def calling(url: str, app: str) -> Iterator[list[Any]]:
    """A call in a thread; what comes of it."""
    found: list[Any] = []
    BEGUN.clear()

    def call() -> None:
        found.append(httpx.post(f"{url}/acme/list_accounts", json={**ENVELOPE, "settings": {"base_url": app}}, timeout=60).json())

    thread = threading.Thread(target=call)
    thread.start()
    assert BEGUN.wait(20)
    yield found
    thread.join(40)


def test_calls_under_way_end_before_the_server(folder: Path):
    with served(slow) as app, running(folder, "acme.yaml") as made, calling(made.url, f"{app.url}/quick") as found:
        assert made.end() == 0
    assert found == [{"response": []}]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_server_without_calls_ends_at_once(folder: Path, sign: signal.Signals):
    with running(folder, "acme.yaml") as made:
        began = time.monotonic()
        assert made.end(sign) == 0
        assert time.monotonic() - began < 5
    assert made.log.read_text() == ""


def test_calls_that_take_too_long_are_told(folder: Path):
    with served(slow) as app, running(folder, "acme.yaml", "--grace", "1") as made, calling(made.url, app.url) as found:
        began = time.monotonic()
        assert made.end() == 0
        assert time.monotonic() - began < 10
    assert found[0]["error"]["error_code"] == "connection_closed"
    assert found[0]["error"]["message"] == "the server was stopped before the call was done"
    assert "Traceback" not in made.log.read_text()


def test_every_line_of_the_log_is_json(server: Running):
    for content in (b"{", b"\xff"):
        httpx.post(f"{server.url}/acme/info", content=content)
    said(server.url, b"\x00\r\n\r\n")
    assert any(line.get("logger") == "uvicorn.error" for line in lines(server.log))
