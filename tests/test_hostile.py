"""The engine against a server that lies, stalls, repeats, truncates and redirects. Real sockets, real time, all of it bounded.

Whatever the server does, the outcome is an answer or a typed error that names the line of the spec, and no secret of the
credential gets into it or into a log.
"""

import asyncio
import gzip
import logging
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import brotli
import pytest
from backports import zstd

from ferrule.diagnostics import Span
from ferrule.errors import CallError, FerruleError, RateLimited, UnexpectedAnswer
from ferrule.exchange import Exchange
from ferrule.expressions import compile_expression
from ferrule.http import Answer, Request
from ferrule.outcome import ErrorRule, Verdicts
from ferrule.plan import HttpPlan, Retry
from ferrule.request import Call, RequestPlan
from ferrule.secret import Secret
from ferrule.source import Text
from ferrule.templates import compile_template
from ferrule.wire.live import LiveWire
from hostile_server import Reply, Server, cut, reply, then_nothing, without_end

LINE = Span("acme.yaml", 7, 12, 6)
SECRET = "hunter2-very-secret"
COOKIE = "session-cookie-value"
MIB = 1024 * 1024
BOUND = 5.0
"""Seconds that any of this may take."""


class Key:
    """Auth by a header and a query parameter."""

    kind = "test"
    fields = origins = ()
    credential_kind: Any = "token"

    def login(self, scope: Any, grant: Any, now: float) -> Any:
        return None

    def apply(self, request: Request, scope: Any, grant: Any) -> Request:
        key = scope["credential"]["token"]
        return request.with_header("Authorization", Secret(f"Bearer {key.reveal()}")).with_query("key", key)


def plan(url: str, **more: Any) -> HttpPlan:
    usual: dict[str, Any] = {"timeout": 2.0, "max_body": MIB, "retry": Retry(attempts=2, backoff=0.01)}
    return HttpPlan(compile_template(Text(url)), **{**usual, **more})


def call(method: str = "GET", path: str = "/users", **more: Any) -> Call:
    return Call(RequestPlan(method, compile_template(Text(path, LINE), "path"), safe=method == "GET", origin=LINE, **more), {})


def expression(text: str) -> Any:
    return compile_expression(Text(text, LINE))


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG):
        yield
    logged = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    assert "selector" in logged, "what is logged below the wire is seen here"
    assert SECRET not in logged
    assert COOKIE not in logged


def ask(*replies: Reply, method: str = "GET", calls: int = 1, deadline: float | None = None, **more: Any) -> tuple[Server, list[Any]]:
    """What comes of `calls` requests, one after the other, to a server that gives these replies."""
    server = Server(*replies)

    async def main() -> list[Any]:
        async with server:
            http = plan(server.url, **more)
            exchange = Exchange(http, Key(), LiveWire(http, proxies={}), {"settings": {}, "credential": {"token": Secret(SECRET)}})
            outcomes: list[Any] = []
            try:
                for _ in range(calls):
                    try:
                        outcomes.append(await exchange.send(call(method), deadline and time.monotonic() + deadline))
                    except FerruleError as error:
                        outcomes.append(error)
            finally:
                await exchange.close()
            return outcomes

    begin = time.monotonic()
    outcomes = asyncio.run(main())
    assert time.monotonic() - begin < BOUND
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            told = "".join(traceback.format_exception(outcome)) + repr(outcome) + repr(vars(outcome))
            assert SECRET not in told
    return server, outcomes


def answer(*replies: Reply, **more: Any) -> Answer:
    _, (outcome,) = ask(*replies, **more)
    assert isinstance(outcome, Answer), outcome
    return outcome


def error(*replies: Reply, **more: Any) -> CallError:
    _, (outcome,) = ask(*replies, **more)
    assert isinstance(outcome, CallError), outcome
    assert str(LINE) in str(outcome)
    return outcome


# bodies that are not what they should be


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"<!DOCTYPE html><title>Please sign in</title>", "text/html", "an HTML page titled `Please sign in`"),
        (b"<html><title>Please sign in</title>", "application/json", "an HTML page titled `Please sign in`"),
        (b'{"users": [{"id": 1}, {"id"', "application/json", "not JSON"),
        (b'{"users": [\xff\xfe]}', "application/json", "not UTF-8 text at byte 11"),
        (b"[" * 100_000, "application/json", "not JSON"),
        (b'{"n": 1e999}', "application/json", "not JSON"),
        (b'{"users": []}{"users": []}', "application/json", "not JSON"),
        (b'{"users": []}', "application/xml", "not"),
        (b"id,name\n1,ann", "application/json", "not JSON"),
        (b"hello", "image/png", "not JSON"),
        (b'{"users": []}', "application/json; charset=klingon", "charset `klingon`"),
    ],
)
def test_a_success_that_is_none(body: bytes, content_type: str, words: str):
    failure = error(reply(body, content_type=content_type))
    assert type(failure) is UnexpectedAnswer
    assert words in str(failure)


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", None, "nonsense; ;;", "application/json, application/json"])
def test_json_under_another_name_is_json_all_the_same(content_type: str | None):
    assert answer(reply(b'{"users": []}', content_type=content_type)).body == {"users": []}


def test_an_error_in_a_200_has_the_vendors_words():
    rule = ErrorRule(expression("body.ok == `false`"), "permission_denied", message=expression("body.error"), origin=LINE)
    failure = error(reply(f'{{"ok": false, "error": "no access for {SECRET}"}}'.encode()), verdicts=Verdicts((rule,)))
    assert (failure.code.name, failure.app_message) == ("permission_denied", "no access for ***")


def test_an_error_page_is_an_error_of_its_status():
    failure = error(reply(b"<html><title>Bad Gateway</title>", 502, content_type="text/html"))
    assert (failure.code.name, failure.status) == ("bad_gateway", 502)
    assert "Bad Gateway" in (failure.hint or "")


# bodies that break off, or do not end


@pytest.mark.parametrize(
    "data",
    [
        reply(b'{"users": []}').replace(b"Length: 13", b"Length: 500"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
    ],
    ids=["too short", "chunk cut", "head cut", "nothing"],
)
def test_a_connection_that_closes_too_soon(data: bytes):
    server, (failure,) = ask(cut(data))
    assert failure.code.name == "connection_closed"
    assert len(server.requests) == 2, "a read is tried again"
    server, (failure,) = ask(cut(data), method="POST")
    assert len(server.requests) == 1, "a write is not: it may have been done"
    server, (outcome,) = ask(cut(data), reply(b'{"users": []}'))
    assert outcome.body == {"users": []}


@pytest.mark.parametrize(
    "stall",
    [
        then_nothing(),
        then_nothing(b"HTTP/1.1 200 OK\r\nContent-"),
        then_nothing(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,"),
        without_end(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ", pause=0.05),
        without_end(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", pause=0.05),
        without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01),
    ],
    ids=["no head", "half a head", "half a body", "drip of body", "drip of headers", "continue for ever"],
)
def test_a_server_that_does_not_get_to_the_end(stall: Reply):
    failure = error(stall, timeout=0.3)
    assert failure.code.name == "request_timeout"
    assert "`GET /users` was not answered within 0.3 s" in str(failure)


def test_the_deadline_ends_a_stall():
    begin = time.monotonic()
    failure = error(then_nothing(), timeout=60.0, deadline=0.3)
    assert failure.code.name == "request_timeout"
    assert time.monotonic() - begin < 2


def test_a_body_without_end_is_left():
    endless = without_end(b"HTTP/1.1 200 OK\r\n\r\n[", b"1," * 30_000)
    failure = error(endless)
    assert type(failure) is UnexpectedAnswer
    assert "the answer is larger than 1 MiB" in str(failure)


def test_an_error_without_end_is_still_the_error_it_says_it_is():
    long = then_nothing(b"HTTP/1.1 403 No\r\nContent-Type: text/plain\r\n\r\n" + b"no! " * 300_000)
    failure = error(long, max_body=64 * MIB)
    assert failure.code.name == "permission_denied", "nobody waits for what follows the first MiB"
    assert (failure.app_message or "").startswith("no! no!")


# packing


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", lambda: bomb(64 * MIB)),
        ("br", lambda: brotli.compress(bytes(64 * MIB), quality=1)),
        ("zstd", lambda: zstd.compress(bytes(64 * MIB))),
    ],
)
def test_a_bomb_is_not_unpacked(encoding: str, pack: Any):
    packed = pack()
    assert len(packed) < 70_000
    tracemalloc.start()
    try:
        failure = error(reply(packed, 200, f"Content-Encoding: {encoding}"))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "the answer is larger than 1 MiB" in str(failure)
    assert most < 8 * MIB


PAGE = b'{"users": [%s]}' % b",".join(b'{"id": %d}' % i for i in range(5000))


def gzipped(content: bytes) -> bytes:
    """The same bytes at any time of day: cases are named for them."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzipped(PAGE)),
        ("x-gzip", gzipped(PAGE)),
        ("GZIP, identity", gzipped(PAGE)),
        ("gzip", gzipped(PAGE[:20_000]) + gzipped(PAGE[20_000:])),
        ("gzip", gzipped(PAGE) + bytes(512)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstd.compress(PAGE)),
        ("zstd", zstd.compress(PAGE[:20_000]) + zstd.compress(PAGE[20_000:])),
        ("identity", PAGE),
        ("", PAGE),
    ],
    ids=[
        *("gzip", "x-gzip", "with identity", "two members", "padded", "deflate", "raw deflate", "brotli", "zstd", "two frames"),
        *("identity", "empty"),
    ],
)
def test_packing_that_is_honest(encoding: str, packed: bytes):
    assert len(answer(reply(packed, 200, f"Content-Encoding: {encoding}")).body["users"]) == 5000


@pytest.mark.parametrize(
    ("encoding", "packed", "words"),
    [
        ("gzip", b'{"users": []}', "is not the gzip it says it is"),
        ("gzip", gzipped(PAGE)[:-100], "breaks off in the middle of its gzip"),
        ("gzip", gzipped(PAGE)[:12], "breaks off in the middle of its gzip"),
        ("deflate", zlib.compress(PAGE)[:-100], "breaks off in the middle of its deflate"),
        ("gzip", gzipped(PAGE) + b"more", "is not the gzip it says it is"),
        ("deflate", b"\xff\xff\xff\xff", "is not the deflate it says it is"),
        ("br", b"whatever what", "is not the br it says it is"),
        ("br", brotli.compress(PAGE)[:-10], "breaks off in the middle of its br"),
        ("zstd", b"whatever what", "is not the zstd it says it is"),
        ("zstd", zstd.compress(PAGE)[:-10], "breaks off in the middle of its zstd"),
        ("compress", b"whatever", "is packed in a way that was not asked for"),
        ("gzip, gzip", gzipped(gzipped(PAGE)), "is packed in a way that was not asked for"),
    ],
)
def test_packing_that_is_not(encoding: str, packed: bytes, words: str):
    failure = error(reply(packed, 200, f"Content-Encoding: {encoding}"))
    assert type(failure) is UnexpectedAnswer
    assert words in str(failure)
    assert error(reply(packed, 503, f"Content-Encoding: {encoding}")).code.name == "service_error"


def test_an_answer_without_a_body_may_say_that_it_is_packed():
    assert answer(b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n").body is None
    assert answer(reply(b"", 200, "Content-Encoding: gzip")).body is None


# heads


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Odd: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % i for i in range(50_000)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 500_000 + b"\r\n\r\n",
    ],
    ids=["another protocol", "status", "header", "nul", "two lengths", "negative", "chunk size", "headers", "header size"],
)
def test_what_is_not_http(data: bytes):
    failure = error(cut(data))
    assert failure.code.name == "bad_gateway"
    assert "what `127.0.0.1:" in failure.message
    assert "is not HTTP" in failure.message


def test_a_thousand_headers_are_read():
    found = answer(reply(b"{}", 200, *(f"X-{i}: {i}" for i in range(1000)))).headers
    assert (found["x-0"], found["x-999"]) == ("0", "999")


def test_headers_with_odd_bytes():
    found = answer(reply(b"{}", 200, b"X-Utf8: caf\xc3\xa9", b"X-Latin: caf\xe9", b"X-Many: 1", b"x-many: 2", b"X-Empty:")).headers
    assert (found["x-utf8"], found["x-latin"], found["x-many"], found["x-empty"]) == ("café", "café", "1, 2", "")


def test_a_cookie_is_never_sent_back():
    cookies = [f"Set-Cookie: sid={COOKIE}; Path=/; Expires=Fri, 15 Jan 2027 08:00:00 GMT", "Set-Cookie: b=2; Domain=127.0.0.1"]
    odd = f"Set-Cookie: {COOKIE} {{1}}=1"  # no name of a cookie: a client that reads it complains of it in its log
    assert answer(reply(b"{}", 200, odd)).headers["set-cookie"] == odd.partition(": ")[2]
    server, outcomes = ask(reply(b"{}", 200, *cookies), calls=2)
    assert outcomes[0].headers["set-cookie"] == f"sid={COOKIE}; Path=/; Expires=Fri, 15 Jan 2027 08:00:00 GMT\nb=2; Domain=127.0.0.1"
    assert b"cookie" not in server.requests[1].lower()


# elsewhere


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_nowhere(status: int):
    elsewhere = Server(reply(b'{"users": ["stolen"]}'))

    async def main() -> Any:
        async with elsewhere, Server(reply(b"", status, f"Location: {elsewhere.url}/take?me=1")) as server:
            http = plan(server.url)
            exchange = Exchange(http, Key(), LiveWire(http, proxies={}), {"settings": {}, "credential": {"token": Secret(SECRET)}})
            try:
                with pytest.raises(UnexpectedAnswer) as caught:
                    await exchange.send(call())
                to_elsewhere = replace(call(), place=lambda request: replace(request, url=f"{elsewhere.url}/next"))
                with pytest.raises(UnexpectedAnswer, match="which the spec does not name; nothing was sent"):
                    await exchange.send(to_elsewhere)
            finally:
                await exchange.close()
            return caught.value

    failure = asyncio.run(main())
    assert elsewhere.connections == 0
    assert f"is redirected to `http://127.0.0.1`: {status}" in str(failure)
    assert (failure.status, failure.origin) == (status, LINE)


# waits


def test_a_503_that_passes():
    server, (outcome,) = ask(reply(b"{}", 503), reply(b'{"users": []}'))
    assert outcome.body == {"users": []}
    assert len(server.requests) == 2


def test_a_wait_in_seconds_is_kept():
    begin = time.monotonic()
    _, (outcome,) = ask(reply(b"{}", 429, "Retry-After: 1"), reply(b'{"users": []}'))
    assert outcome.body == {"users": []}
    assert 1 <= time.monotonic() - begin < 2


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (lambda: "120", 120, 120),
        (lambda: formatdate(time.time() + 100, usegmt=True), 97, 101),
        (lambda: "99999999999999999999", 86400, 86400),
        (lambda: "Fri, 31 Dec 9999 23:59:59 GMT", 86400, 86400),
    ],
    ids=["seconds", "date", "absurd", "absurd date"],
)
def test_a_wait_longer_than_there_is_time(value: Any, least: float, most: float):
    failure = error(reply(b'{"error": "slow down"}', 429, f"Retry-After: {value()}"), deadline=1.0)
    assert type(failure) is RateLimited
    assert least <= (failure.retry_after or 0) <= most
    assert failure.app_message == "slow down"


@pytest.mark.parametrize("value", ["soon", "", "-1", "1e400", "NaN", "Mon, 99999999999999999999 Nov 2026 10:00:00 GMT", "2026-13-45"])
def test_a_wait_that_is_none(value: str):
    _, (outcome,) = ask(reply(b"{}", 429, f"Retry-After: {value}"), reply(b'{"users": []}'), deadline=1.0)
    assert outcome.body == {"users": []}
