"""What a login finds out for itself, at the seams: a new refresh token is never lost, however the rest of the login goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app import AppWire, Asked, answer
from ferrule.errors import CallError
from ferrule.exchange import Exchange
from ferrule.http import Response
from ferrule.interpret import Call
from ferrule.login import Kept
from ferrule.secret import Secret
from oauth_app import connector
from virtual_time import Clock, run

DISCOVER = {"request": {"get": "/me"}, "save": {"site": "body.site"}}


class App:
    """An app whose refresh tokens serve once, which tells its site only while it is `well`."""

    def __init__(self) -> None:
        self.well = True
        self.good = {"r0"}
        self.tokens: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, asked: Asked) -> Response:
        self.asked.append(asked.path)
        if asked.path == "/token":
            spent = dict(pair.split("=") for pair in asked.body.decode().split("&"))["refresh_token"]
            if spent not in self.good:
                self.good.clear()
                return answer({"error": "invalid_grant"}, 400)
            number = len(self.tokens) + 1
            self.good = {f"r{number}"}
            self.tokens.add(f"t{number}")
            return answer({"access_token": f"t{number}", "refresh_token": f"r{number}", "expires_in": 3600})
        if asked.headers["authorization"].removeprefix("Bearer ") not in self.tokens:
            return answer({"message": "expired"}, 401)
        if asked.path == "/me":
            return answer({"site": "s1"}) if self.well else answer({"message": "down"}, 400)
        return answer([{"id": asked.path}])


class Store:
    """Keeps what it is given, while there is room."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str | None, dict[str, Any]]] = []
        self.last = Kept()
        self.room = 100

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield

    async def load(self) -> Kept:
        return self.last

    async def save(self, kept: Kept) -> None:
        if self.room == 0:
            raise OSError("the disk is full")
        self.room -= 1
        self.last, grant = kept, kept.grant
        if grant is not None and not kept.spending:
            assert grant.refresh_token is not None
            self.kept.append((grant.token.reveal(), grant.refresh_token.reveal(), dict(grant.variables)))


def exchange(app: App, store: Store | None = None, **credential: str) -> tuple[Exchange, Call]:
    """One tenant, and a request of it."""
    plan = connector({"discover": DISCOVER}).plan
    operation = plan.operation("list_accounts")
    request = operation.parts[0].loops[0].request
    assert request is not None
    given = {"access_token": None, "refresh_token": Secret("r0"), "client_id": "c", "client_secret": None}
    scope = {"settings": {}, "credential": given | {name: Secret(value) for name, value in credential.items()}, "inputs": {}}
    return Exchange(plan.http, plan.auths["person"], AppWire(app), scope, clock=Clock(), store=store), Call(request, scope)


def test_a_new_refresh_token_is_kept_before_the_discovery_is_made():
    app, store = App(), Store()

    async def main() -> None:
        one, call = exchange(app, store)
        app.well = False
        with pytest.raises(CallError, match="down"):
            await one.send(call)
        assert store.kept == [("t1", "r1", {})]
        with pytest.raises(CallError, match="down"):
            await one.send(call)
        app.well = True
        await one.send(call)
        await one.send(call)

    run(main())
    assert app.asked == ["/token", "/me", "/me", "/me", "/users", "/users"], "the token that is there is asked with, not renewed"
    assert store.kept == [("t1", "r1", {}), ("t1", "r1", {"site": "s1"})]


def test_a_store_that_fails_loses_nothing():
    app, store = App(), Store()

    async def main() -> None:
        one, call = exchange(app, store)
        store.room = 0
        with pytest.raises(OSError, match="full"):
            await one.send(call)
        assert app.asked == [], "what cannot be kept is not asked for"
        store.room = 1
        for _ in range(2):
            with pytest.raises(OSError, match="full"):
                await one.send(call)
        assert app.asked == ["/token"]
        store.room = 100
        await one.send(call)

    run(main())
    assert app.asked == ["/token", "/me", "/users"]
    assert store.kept == [("t1", "r1", {}), ("t1", "r1", {"site": "s1"})]


def test_a_discovery_that_is_refused_renews_a_given_token_once():
    app, store = App(), Store()

    async def main() -> None:
        one, call = exchange(app, store, access_token="old")
        await asyncio.gather(*(one.send(call) for _ in range(5)))
        app.tokens.clear()
        app.tokens.add("t2-to-be")
        await one.send(call)

    run(main())
    assert app.asked[:3] == ["/me", "/token", "/me"]
    assert app.asked.count("/me") == 2, "what was found out holds over a refresh"
    assert app.asked[-3:] == ["/users", "/token", "/users"]
    assert store.kept[-1][2] == {"site": "s1"}


def test_a_token_that_ends_while_the_discovery_fails_is_renewed():
    app = App()

    async def main() -> None:
        one, call = exchange(app)
        app.well = False
        with pytest.raises(CallError, match="down"):
            await one.send(call)
        app.well = True
        app.tokens.clear()
        app.tokens |= {"t0", "x"}
        await one.send(call)

    run(main())
    assert app.asked == ["/token", "/me", "/me", "/token", "/me", "/users"]
