"""One tenant's login: done when a request first needs it, and once, however many requests wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

import orjson

from ferrule.auth.grant import Auth, Grant, Login
from ferrule.errors import CallError, FerruleError, UnexpectedAnswer
from ferrule.http import Answer
from ferrule.limits import Clock
from ferrule.refusal import UNPROCESSED, twin
from ferrule.request import Call
from ferrule.secret import Secret, reveal
from ferrule.templates import Scope

AHEAD = 60.0
"""Seconds before its end at which a grant is renewed; a tenth of its life where that is less."""

Perform = Callable[[Call, "float | None"], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store has of a login."""

    grant: Grant | None = None
    renew_at: float = 0.0
    """The Unix time from which the grant is renewed before it is used."""
    spending: bool = False
    """A refresh token was sent, and what came of it is not known: whoever sent it ended before its answer was kept."""
    rotates: bool | None = None
    """Whether the app gives a new refresh token for each that is used, as far as that was seen."""
    settings: str = ""
    """The `digest` of the settings that the grant was found out with."""


class GrantStore(Protocol):
    """Where the grant of one tenant is kept beyond this process, and beyond its end."""

    def turn(self) -> AbstractAsyncContextManager[object]:
        """The right to log in, which one of all processes has at a time. It ends with its process."""

    async def load(self) -> Kept:
        """What was saved last."""

    async def save(self, kept: Kept) -> None:
        """Keep it in place of what was there, whole or not at all. A grant is used only once this has returned: a server
        that rotates refresh tokens has spent the one before, and a new one that is lost locks the tenant out (RFC 9700,
        section 4.14.2)."""


class TokenStore(Protocol):
    """Where the grants of any number of tenants are kept."""

    def of(self, app: str, tenant: str) -> GrantStore:
        """The place of one tenant. `tenant` tells the way in, settings and credentials apart, and says nothing of them."""


class Grants:
    """The grant that one tenant's requests are sent with."""

    def __init__(self, auth: Auth | None, scope: Scope, perform: Perform, clock: Clock, store: GrantStore | None) -> None:
        self.auth, self.scope, self.perform, self.clock, self.store = auth, scope, perform, clock, store
        self.grant: Grant | None = None
        self.before: Grant | None = None
        """The grant before this one. Answers may still quote its token."""
        self._renew_at = 0.0
        self._none_needed = auth is None
        self._settings = digest(reveal(scope["settings"])) if store is not None else ""
        self._kept = Kept()
        """What the store has."""
        self._spent: Secret | None = None
        """The refresh token that was sent, until what it brought is stored."""
        self._unsaved: tuple[Grant, float] | None = None
        """One that could not be stored, and when it is to be renewed."""
        self._task: asyncio.Task[None] | None = None

    async def current(self, deadline: float | None) -> Grant | None:
        """The grant to send the next request with, after a login where one is due; None where the auth needs none."""
        if not self._none_needed and (self.grant is None or self.clock.time() >= self._renew_at):
            await self._log_in_once(deadline)
        return self.grant

    async def renewed(self, used: Grant | None, deadline: float | None) -> bool:
        """Whether there is now another grant than the one `used`, which the app refused. A login is done unless another
        request has done it meanwhile."""
        if self.grant is used and not self._none_needed:
            await self._log_in_once(deadline)
        return self.grant is not used

    async def close(self, seconds: float) -> None:
        """Let a login that is under way end, for so long: cut off in the middle, it may spend a refresh token for nothing."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)
            self._task.cancel()

    async def _log_in_once(self, deadline: float | None) -> None:
        """Do the login, or wait for the one under way. Whoever waits shares its outcome, a failure too.

        It runs in a task of its own, so that a caller that is cancelled does not cut it off.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._log_in(deadline))
            self._task.add_done_callback(_seen)
        try:
            async with asyncio.timeout(None if deadline is None else deadline - self.clock.monotonic()) as limit:
                await asyncio.shield(self._task)
        except TimeoutError:
            if not limit.expired():
                raise
            late = CallError("the login was not done before the deadline", code="request_timeout")
            late.late = True
            raise late from None
        except CallError as error:
            shared = error
        else:
            return
        raise twin(shared)  # each of those who share it writes its own page token on it

    async def _log_in(self, deadline: float | None) -> None:
        if self.store is None:
            await self._renew(self.grant, deadline)
            return
        async with self.store.turn():
            if self._unsaved is None:
                self._kept = self._fitting(await self.store.load())
                if self._take(self._kept):
                    return
            await self._renew(self._kept.grant or self.grant, deadline)

    def _fitting(self, kept: Kept) -> Kept:
        """What is kept, without what was found out with other settings: it is then asked for anew."""
        if kept.grant is None or kept.settings == self._settings:
            return kept
        return replace(kept, grant=replace(kept.grant, variables={}), renew_at=0.0)

    def _take(self, kept: Kept) -> bool:
        """Whether what is kept serves: another process logged in meanwhile, or a process before this one."""
        grant = kept.grant
        if grant is None or (self.grant is not None and grant.token == self.grant.token) or self.clock.time() >= kept.renew_at:
            return False
        self._use(grant, kept.renew_at)
        return True

    async def _renew(self, grant: Grant | None, deadline: float | None) -> None:
        """A new grant in place of `grant`."""
        assert self.auth is not None
        now = self.clock.time()
        if self._unsaved is not None:
            await self._keep(*self._unsaved)
            if now < self._renew_at:
                return
            grant = self.grant
        login = self.auth.login({**self.scope, "session": grant.session if grant else {}}, grant, now)
        if login is None:
            self._none_needed = self.grant is None
            return
        new = await self._driven(login, deadline)
        await self._keep(new, renew_at(new, now))

    async def _keep(self, grant: Grant, until: float) -> None:
        """Store a grant, and then use it until it is to be renewed."""
        self._unsaved = grant, until
        if self.store is not None:
            kept = Kept(grant, until, rotates=self._rotation(grant), settings=self._settings)
            await self.store.save(kept)
            self._kept, self._spent = kept, None
        self._use(grant, until)

    def _use(self, grant: Grant, until: float) -> None:
        if self.grant is None or self.grant.token != grant.token:
            self.before = self.grant
        self.grant, self._renew_at, self._unsaved = grant, until, None

    def _rotation(self, grant: Grant) -> bool | None:
        """What is known now of whether the app rotates refresh tokens."""
        if self._spent is None or self._kept.rotates:
            return self._kept.rotates
        return grant.refresh_token != self._spent

    async def _driven(self, login: Login, deadline: float | None) -> Grant:
        """The grant that a login ends with, its calls made one by one. One that it tells on its way is kept, and no request is
        sent with it: the next login begins with it, should this one fail."""
        try:
            wanted = next(login)
            while True:
                if isinstance(wanted, Grant):
                    await self._keep(wanted, 0.0)
                    wanted = next(login)
                    continue
                try:
                    answer = await self._made(wanted, deadline)
                except CallError as error:
                    wanted = login.throw(error)
                else:
                    wanted = login.send(answer)
        except StopIteration as end:
            grant: Grant = end.value
            return grant

    async def _made(self, call: Call, deadline: float | None) -> Answer:
        """The answer to a call of a login. That a refresh token is about to be sent is kept before: where nobody is left to keep
        what comes of it, it is never sent again."""
        if self.store is None or not call.spends:
            return await self.perform(call, deadline)
        if self._kept.spending and self._kept.rotates is not False:
            raise CallError(_UNKNOWN, code="authentication_expired", origin=call.plan.origin, hint=_AGAIN)
        before, self._kept = self._kept, replace(self._kept, spending=True)
        await self.store.save(self._kept)
        try:
            answer = await self.perform(call, deadline)
        except FerruleError as error:
            if not _unclear(error):
                await self.store.save(before)
                self._kept = before
            raise
        self._spent = call.scope["credential"].get("refresh_token")
        return answer


_UNKNOWN = "a refresh token was sent before, and what came of it was lost: it may be spent, and is not sent again"
_AGAIN = "let a person allow access anew, and give the tokens that come of it"


def _unclear(error: FerruleError) -> bool:
    """Whether a refresh token may be spent although it brought nothing: it was sent, and no answer, or none that can be read,
    came back."""
    if not isinstance(error, CallError) or error.code.name in UNPROCESSED:
        return False
    return error.status is None or (isinstance(error, UnexpectedAnswer) and error.status < 300)


def digest(value: Any) -> str:
    """A name for a value as JSON has it, which tells it from others and says nothing of it."""
    return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def renew_at(grant: Grant, now: float) -> float:
    """The Unix time from which `grant`, given at `now`, is renewed before it is used. A grant that had ended when it was
    given is used until it is refused: the app's clock is wrong, or it means no end."""
    life = (grant.expires_at or now) - now
    return now + life - min(AHEAD, life / 10) if life > 0 else float("inf")


def _seen(task: asyncio.Task[None]) -> None:
    """Take note of a failure that nobody waited for any more."""
    if not task.cancelled():
        task.exception()
