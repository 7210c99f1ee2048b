"""Tokens in a folder: processes that race for a new one, a process that dies in between, and what is in the files.

The server is as strict as the best practice lets it be (RFC 9700, section 4.14.2): a refresh token serves once, and one that comes
a second time ends all that came of it.
"""

import asyncio
import json
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

import racing
from app import AppWire, Asked, answer
from ferrule.auth.grant import Grant
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import CallError, FerruleError, call_error
from ferrule.http import Response
from ferrule.login import Kept
from ferrule.secret import Secret
from ferrule.tokens import FileTokens
from served import served
from virtual_time import Clock

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {address: {type: url}}
auth: {person: {kind: oauth2_refresh, token_url: "{{ settings.address }}/token"}}
http: {base_url: "{{ settings.address }}", retry: {attempts: 1}, timeout: 30}
capabilities:
  list_accounts: {request: {get: /users}, records: body, record: {integration_specific_id: id}}
"""
CONNECTOR = Connector(compile_text(SPEC))
CREDENTIAL = {"refresh_token": "r0", "client_id": "client-1"}
HERE = {"address": "https://acme.example"}


class Strict:
    """An authorization server whose refresh tokens serve once."""

    def __init__(self, *, rotates: bool = True) -> None:
        self.rotates, self.number, self.revoked = rotates, 0, False
        self.refresh, self.access = "r0", set[str]()
        self.redeemed: list[str] = []
        self.spent_seen = 0
        self.lock = threading.Lock()

    def token(self, refresh: str) -> tuple[int, object]:
        with self.lock:
            self.redeemed.append(refresh)
            if self.revoked or refresh != self.refresh:
                self.spent_seen += refresh != self.refresh
                self.revoked = True
                self.access.clear()
                return 400, {"error": "invalid_grant"}
            self.number += 1
            self.access.add(f"t{self.number}")
            if self.rotates:
                self.refresh = f"r{self.number}"
            return 200, {"access_token": f"t{self.number}", "expires_in": 3600} | ({"refresh_token": self.refresh} if self.rotates else {})

    def users(self, authorization: str) -> tuple[int, object]:
        with self.lock:
            good = authorization.removeprefix("Bearer ") in self.access
        return (200, [{"id": "u1"}]) if good else (401, {"message": "no such token"})

    def __call__(self, asked: Asked) -> Response:
        if asked.path == "/token":
            time.sleep(0.05)
            status, body = self.token(parse_qs(asked.body.decode())["refresh_token"][0])
        else:
            status, body = self.users(asked.headers["authorization"])
        return answer(body, status)


@pytest.fixture
def server() -> Iterator[tuple[Strict, str]]:
    app = Strict()
    with served(app) as there:
        yield app, there.url


def race(address: str, folder: Path, count: int, mode: str = "") -> list[str]:
    """What so many processes come to."""
    job = {"spec": SPEC, "capability": "list_accounts", "credential": CREDENTIAL, "settings": {"address": address}}
    return racing.race(job, folder, count, mode)


GOOD = '[{"integration_specific_id": "u1"}]'


def test_fifty_processes_redeem_a_refresh_token_once(server: tuple[Strict, str], tmp_path: Path):
    app, address = server
    assert Counter(race(address, tmp_path, 50)) == {GOOD: 50}
    assert app.redeemed == ["r0"]
    app.access.clear()
    assert Counter(race(address, tmp_path, 20)) == {GOOD: 20}
    assert app.redeemed == ["r0", "r1"], "the app refused the token that was kept; one process got another, with the new refresh token"
    assert not app.revoked


@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_refresh_token_that_may_be_spent_is_never_sent_again(server: tuple[Strict, str], tmp_path: Path, mode: str):
    """A process died between the redemption and the store. Nobody knows the new token; the old one would end the family."""
    app, address = server
    assert race(address, tmp_path, 1, mode) == ["died"]
    told = race(address, tmp_path, 3)
    assert all(each.startswith("authentication_expired: a refresh token was sent before") for each in told), told
    assert app.redeemed == ([] if mode == "before" else ["r0"])
    assert not app.revoked


def test_tokens_in_use_outlive_a_process_that_died(server: tuple[Strict, str], tmp_path: Path):
    """It died over the second refresh: the first access token serves for as long as the app takes it."""
    app, address = server
    assert race(address, tmp_path, 1) == [GOOD]
    app.access.add("t1")
    (file,) = tmp_path.glob("*.json")
    held = json.loads(file.read_bytes())
    file.write_text(json.dumps({**held, "spending": True}))
    assert race(address, tmp_path, 2) == [GOOD] * 2
    assert app.redeemed == ["r0"]


def test_an_app_that_does_not_rotate_is_asked_again(server: tuple[Strict, str], tmp_path: Path):
    app, address = server
    app.rotates = False
    assert race(address, tmp_path, 1) == [GOOD]
    app.access.clear()
    assert race(address, tmp_path, 1, "after") == ["died"]
    app.access.clear()
    assert race(address, tmp_path, 2) == [GOOD] * 2
    assert app.redeemed == ["r0"] * 3


# what the app answers


def once(tokens: FileTokens, app: Callable[[Asked], Response]) -> str:
    with CONNECTOR.instance(CREDENTIAL, HERE, wire=AppWire(app), clock=RealTime(), tokens=tokens) as tenant:
        try:
            tenant.call("list_accounts")
        except CallError as error:
            return error.code.name
        return "good"


class RealTime(Clock):
    """A clock that does not sleep."""

    def time(self) -> float:
        """Unix time."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """No time passes."""


def failing(how: Callable[[], Response]) -> tuple[Callable[[Asked], Response], list[str]]:
    asked: list[str] = []

    def app(request: Asked) -> Response:
        asked.append(request.path)
        return how() if request.path == "/token" else answer([])

    return app, asked


def lost(code: str) -> Response:
    raise call_error("the wire failed", code)


@pytest.mark.parametrize(
    ("how", "first", "again"),
    [
        (lambda: answer({"error": "invalid_grant"}, 400), "authentication_expired", True),
        (lambda: answer({"error": "temporarily_unavailable"}, 503), "bad_gateway", True),
        (lambda: lost("connection_rejected"), "connection_rejected", True),
        (lambda: lost("connection_closed"), "connection_closed", False),
        (lambda: answer("<html>welcome</html>"), "invalid_response", False),
        (lambda: answer({"tokens": []}), "invalid_response", False),
    ],
)
def test_a_token_is_sent_again_where_it_certainly_was_not_spent(how: Callable[[], Response], first: str, again: bool, tmp_path: Path):
    tokens = FileTokens(tmp_path)
    app, asked = failing(how)
    assert once(tokens, app) == first
    sent = asked.count("/token")
    assert sent == 1
    assert once(tokens, app) == (first if again else "authentication_expired")
    assert asked.count("/token") == (2 if again else 1)


# the files

KEPT = Kept(Grant(Secret("t0ken-1"), {"site": "s1"}, 1000.0, Secret("r3fresh-1")), 900.0, spending=True, rotates=False)


def kept(tokens: FileTokens, name: str = "one") -> Kept:
    return asyncio.run(tokens.of("acme", name).load())


def keep(tokens: FileTokens, what: Kept = KEPT, name: str = "one") -> None:
    async def main() -> None:
        entry = tokens.of("acme", name)
        async with entry.turn():
            await entry.save(what)

    asyncio.run(main())


@pytest.mark.parametrize("key", [None, "a key of my own"])
@pytest.mark.parametrize("what", [KEPT, Kept(), Kept(Grant(Secret("t")), float("inf"))])
def test_what_is_kept_comes_back(key: str | None, what: Kept, tmp_path: Path):
    tokens = FileTokens(tmp_path / "a" / "b", key)
    assert kept(tokens) == Kept()
    keep(tokens, what)
    keep(tokens, Kept(), "two")
    assert kept(tokens) == what


def test_nobody_else_can_read_it(tmp_path: Path):
    keep(FileTokens(tmp_path / "tokens"))
    paths = [tmp_path / "tokens", *(tmp_path / "tokens").iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in paths} == {0}
    assert not any(path.name.startswith(".") for path in paths)


def test_with_a_key_a_file_tells_nothing(tmp_path: Path):
    keep(FileTokens(tmp_path, "a key of my own"))
    (file,) = tmp_path.glob("*.json")
    assert not any(word in file.read_bytes() for word in (b"t0ken-1", b"r3fresh-1", b"s1", b"token"))
    for other in (None, "another key"):
        with pytest.raises(FerruleError, match="cannot be read"):
            kept(FileTokens(tmp_path, other))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{}", b'{"grant": 1, "renew_at": 1, "spending": false, "rotates": null, "settings": ""}', b"\x00\xff"]
)
def test_a_file_that_is_damaged_is_an_error_and_not_a_tenant_without_tokens(content: bytes, tmp_path: Path):
    tokens = FileTokens(tmp_path)
    keep(tokens)
    tokens.of("acme", "one").path.write_bytes(content)
    with pytest.raises(FerruleError, match="cannot be read"):
        kept(tokens)


def test_a_folder_that_cannot_be_one_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FerruleError, match="cannot be locked"):
        keep(FileTokens(tmp_path / "file"))


def test_each_credential_has_a_file(tmp_path: Path):
    tokens = FileTokens(tmp_path)
    app, asked = failing(lambda: answer({"access_token": "t"}))
    for number in (1, 2, 1):
        with CONNECTOR.instance({**CREDENTIAL, "refresh_token": f"r{number}"}, HERE, wire=AppWire(app), tokens=tokens) as tenant:
            tenant.call("list_accounts")
    assert len([*tmp_path.glob("acme-*.json")]) == 2
    assert asked.count("/token") == 2


@pytest.mark.parametrize(
    ("credential", "settings"),
    [({"client_secret": "another"}, HERE), ({"access_token": "t0"}, HERE), ({}, {"address": "https://elsewhere.example"})],
)
def test_a_refresh_token_is_the_same_whatever_comes_with_it(credential: dict[str, str], settings: dict[str, str], tmp_path: Path):
    """Nothing that is changed beside it has a spent one sent again."""
    app = Strict()
    for more, where in (({}, HERE), (credential, settings), ({}, HERE)):
        with CONNECTOR.instance({**CREDENTIAL, **more}, where, wire=AppWire(app), tokens=FileTokens(tmp_path)) as tenant:
            tenant.call("list_accounts")
    assert not app.revoked
    assert app.redeemed[0] == "r0"
    assert len({*app.redeemed}) == len(app.redeemed)


DISCOVERY = SPEC.replace('/token"}', '/token", discover: {request: {get: /users}, save: {first: "body[0].id"}}}')


def test_what_was_found_out_with_other_settings_is_found_out_anew(tmp_path: Path):
    app, connector = Strict(), Connector(compile_text(DISCOVERY))
    wire = AppWire(app)
    for where in (HERE, HERE, {"address": "https://elsewhere.example"}):
        with connector.instance(CREDENTIAL, where, wire=wire, tokens=FileTokens(tmp_path)) as tenant:
            tenant.call("list_accounts")
    assert [asked.url for asked in wire.asked] == [
        "https://acme.example/token", "https://acme.example/users", "https://acme.example/users",
        "https://acme.example/users",
        "https://elsewhere.example/users", "https://elsewhere.example/users",
    ]  # fmt: skip
