"""One tenant's login: done when a request first needs it, and once, however many requests wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from ferrule.auth.grant import Auth, Grant, Login
from ferrule.errors import CallError
from ferrule.http import Answer
from ferrule.limits import Clock
from ferrule.refusal import twin
from ferrule.request import Call
from ferrule.templates import Scope

AHEAD = 60.0
"""Seconds before its end at which a grant is renewed; a tenth of its life where that is less."""

Perform = Callable[[Call, "float | None"], Awaitable[Answer]]


class GrantStore(Protocol):
    """Where grants are kept beyond this process."""

    async def save(self, grant: Grant) -> None:
        """Keep `grant`. It is used only once this has returned: a server that rotates refresh tokens has spent the one
        before, and a new one that is lost locks the tenant out (RFC 9700, section 4.14.2)."""


class Grants:
    """The grant that one tenant's requests are sent with."""

    def __init__(self, auth: Auth | None, scope: Scope, perform: Perform, clock: Clock, store: GrantStore | None) -> None:
        self.auth, self.scope, self.perform, self.clock, self.store = auth, scope, perform, clock, store
        self.grant: Grant | None = None
        self.before: Grant | None = None
        """The grant before this one. Answers may still quote its token."""
        self._renew_at = 0.0
        self._none_needed = auth is None
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
        assert self.auth is not None
        now = self.clock.time()
        if self._unsaved is not None:
            await self._keep(*self._unsaved)
            if now < self._renew_at:
                return
        login = self.auth.login({**self.scope, "session": self.grant.session if self.grant else {}}, self.grant, now)
        if login is None:
            self._none_needed = self.grant is None
            return
        grant = await self._driven(login, deadline)
        await self._keep(grant, renew_at(grant, now))

    async def _keep(self, grant: Grant, until: float) -> None:
        """Store a grant, and then use it until it is to be renewed."""
        self._unsaved = grant, until
        if self.store is not None:
            await self.store.save(grant)
        if self.grant is None or self.grant.token != grant.token:
            self.before = self.grant
        self.grant, self._renew_at, self._unsaved = grant, until, None

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
                    answer = await self.perform(wanted, deadline)
                except CallError as error:
                    wanted = login.throw(error)
                else:
                    wanted = login.send(answer)
        except StopIteration as end:
            grant: Grant = end.value
            return grant


def renew_at(grant: Grant, now: float) -> float:
    """The Unix time from which `grant`, given at `now`, is renewed before it is used. A grant that had ended when it was
    given is used until it is refused: the app's clock is wrong, or it means no end."""
    life = (grant.expires_at or now) - now
    return now + life - min(AHEAD, life / 10) if life > 0 else float("inf")


def _seen(task: asyncio.Task[None]) -> None:
    """Take note of a failure that nobody waited for any more."""
    if not task.cancelled():
        task.exception()
