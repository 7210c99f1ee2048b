"""The live wire: what goes over the network, and what comes back."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ferrule.diagnostics import Span
from ferrule.errors import BadInput, CallError, FerruleError, UnexpectedAnswer
from ferrule.http import Request, Response
from ferrule.plan import HttpPlan
from ferrule.secret import Secret
from ferrule.source import Text
from ferrule.templates import compile_template
from ferrule.wire import live
from ferrule.wire.live import LiveWire
from ferrule.wire.unpack import ACCEPTED
from hostile_server import Server, cut, reply, then_nothing

LINE = Span("acme.yaml", 7, 12, 6)


def http(**more: Any) -> HttpPlan:
    return HttpPlan(compile_template(Text("http://127.0.0.1")), **{"timeout": 2.0, **more})


async def exchange(server: Server, *requests: Request, wire: LiveWire | None = None, content: bytes | None = None) -> list[Response]:
    """The responses to `requests`, one after the other; their addresses are paths of the server."""
    wire = wire or LiveWire(http(), proxies={})
    try:
        return [await wire.send(at(server, request), content, "application/json" if content is not None else None) for request in requests]
    finally:
        await wire.close()


def at(server: Server, request: Request) -> Request:
    return Request(request.method, server.url + request.url, request.query, request.headers, origin=LINE)


def get(path: str = "/users", *headers: tuple[str, Any], query: tuple[tuple[str, Any], ...] = ()) -> Request:
    return Request("GET", path, query, headers)


def sent(request: Request, content: bytes | None = None) -> tuple[str, list[str], bytes]:
    """Request line, headers and body of what goes over the network."""

    async def main() -> bytes:
        async with Server(reply()) as server:
            await exchange(server, request, content=content)
            return server.requests[0]

    head, _, body = asyncio.run(main()).partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    return line, [header for header in headers if not header.startswith(("Host: ", "host: "))], body


def test_a_request_as_it_goes_over_the_network():
    line, headers, body = sent(
        get(
            "/a%2Fb/%2E%2E/c",
            ("X-Key", Secret("s3cret")),
            ("X-Name", "Renée "),
            query=(("page[size]", "5"), ("q", "a b&c"), ("key", Secret("k/1"))),
        )
    )
    assert line == "GET /a%2Fb/%2E%2E/c?page[size]=5&q=a%20b%26c&key=k%2F1 HTTP/1.1"
    assert headers == [
        "X-Key: s3cret",
        "X-Name: Renée",
        f"user-agent: {live._agent()}",
        "accept: */*",
        f"accept-encoding: {ACCEPTED}",
    ]
    assert body == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_body_goes_with_its_type_and_length(method: str):
    line, headers, body = sent(Request(method, "/users"), b'{"a": 1}')
    assert line == f"{method} /users HTTP/1.1"
    assert headers[3:] == ["content-type: application/json", "Content-Length: 8"]
    assert body == b'{"a": 1}'


def test_an_empty_post_says_that_it_is_empty():
    _, headers, _ = sent(Request("POST", "/users"))
    assert "Content-Length: 0" in headers


def test_headers_of_the_request_win_but_framing_is_the_wires():
    own = [
        ("User-Agent", "acme/1"),
        ("ACCEPT", "text/csv"),
        ("Content-Type", "application/x"),
        ("Content-Length", "1"),
        ("Transfer-Encoding", "chunked"),
    ]
    _, headers, body = sent(Request("POST", "/", (), tuple(own)), b"abc")
    assert headers == [
        "User-Agent: acme/1",
        "ACCEPT: text/csv",
        "Content-Type: application/x",
        f"accept-encoding: {ACCEPTED}",
        "Content-Length: 3",
    ]
    assert body == b"abc"


@pytest.mark.parametrize(
    "request_",
    [
        get("/", ("X-A", "a\r\nX-B: b")),
        get("/", ("X-A", "a\0b")),
        get("/", ("X A", "b")),
        get("/", ("X-A", "\ud800")),
        get(query=(("q", "\ud800"),)),
    ],
)
def test_what_http_cannot_carry_is_not_sent(request_: Request):
    async def main() -> tuple[FerruleError, Server]:
        async with Server(reply()) as server:
            with pytest.raises(BadInput) as caught:
                await exchange(server, request_)
            return caught.value, server

    error, server = asyncio.run(main())
    assert error.code.name == "invalid_value"
    assert error.hint == f"see the request at {LINE}"
    assert error.__context__ is None, "the client's own error quotes the value"
    assert not server.requests


def test_an_address_of_unusual_length():
    async def main() -> None:
        async with Server(reply()) as server:
            with pytest.raises(UnexpectedAnswer, match="longer than 64 kB"):
                await exchange(server, get("/" + "a" * 70_000))

    asyncio.run(main())


def test_a_connection_is_kept_and_one_that_was_closed_is_replaced():
    async def main() -> list[int]:
        counts = []
        for first in (reply(), cut(reply())):
            async with Server(first, reply()) as server:
                wire = LiveWire(http(), proxies={})
                await wire.send(at(server, get()), None, None)
                await asyncio.sleep(0.05)
                await wire.send(at(server, get()), None, None)
                await wire.close()
                counts.append(server.connections)
        return counts

    assert asyncio.run(main()) == [1, 2]


def test_a_connection_with_more_to_say_than_was_asked_is_not_used_again():
    async def main() -> tuple[int, Response]:
        async with Server(reply(b"[1]") + reply(b"[2]"), reply(b"[3]")) as server:
            wire = LiveWire(http(), proxies={})
            await wire.send(at(server, get()), None, None)
            await asyncio.sleep(0.05)
            second = await wire.send(at(server, get()), None, None)
            await wire.close()
            return server.connections, second

    connections, second = asyncio.run(main())
    assert (connections, second.content) == (2, b"[3]")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_wire_sends_nothing_twice_by_itself(method: str):
    async def main() -> list[bytes]:
        async with Server(reply(), cut(b"")) as server:
            wire = LiveWire(http(), proxies={})
            await wire.send(at(server, get()), None, None)
            with pytest.raises(CallError, match="closed the connection"):
                await wire.send(at(server, Request(method, "/users")), None, None)
            await wire.close()
            return server.requests

    assert len(asyncio.run(main())) == 2


def test_an_address_is_encoded_where_it_must_be():
    line, _, _ = sent(get('/a b"<é>/%2F?next=x y&z={1}|\\'))
    assert line == "GET /a%20b%22%3C%C3%A9%3E/%2F?next=x%20y&z=%7B1%7D%7C%5C HTTP/1.1"


def test_the_wire_waits_for_no_leave_to_send_a_body():
    _, headers, body = sent(Request("POST", "/", (), (("Expect", "100-continue"),)), b"abc")
    assert body == b"abc" and not [header for header in headers if header.startswith("Expect")]


def test_a_request_that_is_cancelled_gives_its_connection_back():
    async def main() -> Response:
        async with Server(then_nothing(), reply()) as server:
            wire = LiveWire(http(concurrency=1), proxies={})
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await wire.send(at(server, get()), None, None)
            response = await wire.send(at(server, get()), None, None)
            await wire.close()
            return response

    assert asyncio.run(main()).status == 200


def test_whom_the_response_came_from_and_what_it_holds():
    async def main() -> list[Response]:
        async with Server(reply(b"[1]", 404, "X-One: 1", "x-one: 2")) as server:
            return await exchange(server, get(query=(("key", Secret("hidden")),)))

    (response,) = asyncio.run(main())
    assert (response.status, response.content, response.headers["x-one"]) == (404, b"[1]", "1, 2")
    assert response.url.endswith("/users"), "the query may hold a credential, and is left out"


# ways not to get there


def refused(coroutine: Coroutine[Any, Any, Any]) -> CallError:
    with pytest.raises(CallError) as caught:
        asyncio.run(coroutine)
    return caught.value


async def from_(url: str, **more: Any) -> None:
    wire = LiveWire(http(), **{"proxies": {}, **more})
    try:
        await wire.send(Request("GET", url, headers=(("Authorization", Secret("Bearer s3cret")),), origin=LINE), None, None)
    finally:
        await wire.close()


def test_a_port_that_nobody_listens_on():
    async def main() -> None:
        async with Server() as server:
            pass
        await from_(server.url)

    error = refused(main())
    assert error.code.name == "connection_rejected"
    assert error.message.startswith("there is no connection to `127.0.0.1:")
    assert str(error).endswith(f"({LINE})")


KEY = aiohttp.client_reqrep.ConnectionKey("acme.test", 443, True, True, None, None, None)
ASKED = aiohttp.RequestInfo(URL("https://acme.test/?key=s3cret"), "GET", CIMultiDictProxy(CIMultiDict()))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (aiohttp.ConnectionTimeoutError(""), "connection_timeout"),
        (aiohttp.SocketTimeoutError(""), "request_timeout"),
        (TimeoutError(""), "request_timeout"),
        (aiohttp.ClientConnectorError(KEY, OSError("Connect call failed")), "connection_rejected"),
        (aiohttp.ClientConnectorDNSError(KEY, OSError("Name or service not known")), "connection_rejected"),
        (aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("expired")), "connection_rejected"),
        (aiohttp.ClientConnectorSSLError(KEY, OSError("wrong version number")), "connection_rejected"),
        (aiohttp.ClientProxyConnectionError(KEY, OSError("Connect call failed")), "connection_rejected"),
        (aiohttp.ClientHttpProxyError(ASKED, (), status=407, message="Proxy Authentication Required"), "connection_rejected"),
        (aiohttp.ClientOSError("reset by peer"), "connection_closed"),
        (ConnectionResetError("reset by peer"), "connection_closed"),
        (aiohttp.ServerDisconnectedError(), "connection_closed"),
        (aiohttp.ClientConnectionResetError("Cannot write to closing transport"), "connection_closed"),
        (aiohttp.ClientPayloadError("Response payload is not completed"), "connection_closed"),
        (aiohttp.ClientResponseError(ASKED, (), message="Invalid header: b's3cret'"), "bad_gateway"),
        (ValueError("s3cret"), "invalid_value"),
    ],
)
def test_every_failure_has_its_code(error: Exception, code: str):
    failure = live._failure(error, get())
    assert failure.code.name == code
    assert "s3cret" not in failure.message + (failure.hint or "")


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acme test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "acme.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


async def over_tls(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with Server(reply(), tls=context) as server:
        await from_(server.url + "/users")


def test_a_certificate_that_nobody_vouches_for(certificate: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    live._trust.cache_clear()
    error = refused(over_tls(certificate))
    assert error.code.name == "connection_rejected"
    assert "CERTIFICATE_VERIFY_FAILED" in error.message
    assert "SSL_CERT_FILE" in (error.hint or "")
    live._trust.cache_clear()


def test_an_authority_of_ones_own(certificate: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    live._trust.cache_clear()
    asyncio.run(over_tls(certificate))
    live._trust.cache_clear()


# proxies


def test_a_proxy_of_the_environment_carries_requests(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    async def main() -> tuple[list[bytes], list[bytes]]:
        async with Server(reply()) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://ann:pw@"))
            await from_("http://acme.test/users?a=1", proxies=None)
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            async with Server(reply()) as direct:
                await from_(direct.url + "/direct", proxies=None)
            return proxy.requests, direct.requests

    through, direct = asyncio.run(main())
    assert through[0].startswith(b"GET http://acme.test/users?a=1 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic YW5uOnB3" in through[0]
    assert len(through) == 1
    assert direct[0].startswith(b"GET /direct HTTP/1.1\r\n")


@pytest.mark.parametrize("address", ["gopher://proxy.test", "socks9://proxy.test:1", "http://proxy.test:port"])
def test_a_proxy_that_cannot_be_used(address: str):
    with pytest.raises(BadInput, match="the proxy that the environment names cannot be used") as caught:
        asyncio.run(from_("http://acme.test/", proxies={"http": address}))
    assert caught.value.__context__ is None, "an address of a proxy may hold a password"


def test_no_credential_comes_from_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    file = tmp_path / ".netrc"
    file.write_text("machine 127.0.0.1\nlogin ann\npassword pw\n")
    monkeypatch.setenv("NETRC", str(file))
    monkeypatch.setenv("HOME", str(tmp_path))
    _, headers, _ = sent(get())
    assert not [header for header in headers if header.lower().startswith("authorization")]
