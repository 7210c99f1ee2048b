"""How fast a tenant may be asked: the clock, budgets, pauses, and how long to wait before another try.

Each budget has a gate. Requests pass it in the order they came, when the window has room, no pause is on, and a slot is
free. All walks of a tenant share its gates, so what one of them is told, all of them heed.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from ferrule.expressions import ExpressionFailure
from ferrule.outcome import seconds_of
from ferrule.plan import Budget, Retry, Throttle
from ferrule.templates import Scope

Random = Callable[[], float]
"""A number from 0 up to 1."""

NEVER = float("-inf")


class Clock(Protocol):
    """What tells the time and lets it pass."""

    def time(self) -> float:
        """Unix time, in seconds."""

    def monotonic(self) -> float:
        """Seconds from some moment on, never set back. Deadlines are moments of it."""

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""


class _System:
    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


SYSTEM: Clock = _System()
"""The clock of this machine."""


class TooLate(Exception):
    """The deadline comes before a request may be sent: nothing was sent.

    `wait` is how long it would have to wait, where that is known; `asked` says that it was the app who asked for it.
    """

    def __init__(self, wait: float | None, asked: bool = False) -> None:
        super().__init__(f"the wait is {wait} s")
        self.wait, self.asked = wait, asked


class Window:
    """A sliding window: at most `requests` of them in any `per` seconds. It remembers when the last ones were sent."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.sent: deque[float] = deque(maxlen=budget.requests)

    def due(self, ahead: int, now: float) -> float:
        """The moment at which the request behind `ahead` others may be sent, if each is sent as soon as it may."""
        rounds, place = divmod(ahead, self.budget.requests)
        oldest = len(self.sent) + place - self.budget.requests
        first = now if oldest < 0 else max(now, self.sent[oldest] + self.budget.per)
        return first + rounds * self.budget.per

    def take(self, now: float) -> None:
        """Note that a request is sent."""
        self.sent.append(now)


class Gate:
    """Where the requests of one budget pass, first come, first served."""

    def __init__(self, budget: Budget | None, slots: asyncio.Semaphore, clock: Clock) -> None:
        self.window = Window(budget) if budget else None
        self.slots, self.clock = slots, clock
        self.head = asyncio.Lock()
        self.waiting = 0
        self.paused_until = NEVER

    def pause(self, seconds: float) -> None:
        """Let nobody pass for so long. A longer pause that is on already stays."""
        self.paused_until = max(self.paused_until, self.clock.monotonic() + seconds)

    @asynccontextmanager
    async def turn(self, deadline: float | None) -> AsyncIterator[None]:
        """Wait for the turn of one request and hold a slot while it is under way. Raises `TooLate`."""
        await self._enter(deadline)
        try:
            yield
        finally:
            self.slots.release()

    async def _enter(self, deadline: float | None) -> None:
        self._wait(self.waiting, deadline)  # whoever would wait past the deadline is told at once
        self.waiting += 1
        try:
            async with asyncio.timeout(None if deadline is None else deadline - self.clock.monotonic()), self.head:
                await self._slot(deadline)
                if self.window:
                    self.window.take(self.clock.monotonic())
        except TimeoutError:
            raise TooLate(None) from None
        finally:
            self.waiting -= 1

    async def _slot(self, deadline: float | None) -> None:
        """Take a slot at a moment when the gate is open. It may close again while the slot is waited for."""
        while True:
            while (wait := self._wait(0, deadline)) > 0:
                await self.clock.sleep(wait)
            await self.slots.acquire()
            if self._due(0, self.clock.monotonic()) <= self.clock.monotonic():
                return
            self.slots.release()

    def _wait(self, ahead: int, deadline: float | None) -> float:
        now = self.clock.monotonic()
        wait = self._due(ahead, now) - now
        if deadline is not None and now + wait >= deadline:
            raise TooLate(wait, asked=self.paused_until - now >= wait > 0)
        return wait

    def _due(self, ahead: int, now: float) -> float:
        return max(now, self.paused_until, self.window.due(ahead, now) if self.window else now)


class Gates:
    """The gates of one tenant, by budget. What names no budget passes the one called `default`."""

    def __init__(self, budgets: Mapping[str, Budget], concurrency: int, clock: Clock) -> None:
        self._budgets, self._clock = budgets, clock
        self._slots = asyncio.Semaphore(concurrency)
        self._gates: dict[str, Gate] = {}

    def of(self, name: str | None) -> Gate:
        """The gate of a budget. One that sets no number of requests has a gate as well: the app may ask for a pause."""
        name = name or "default"
        if name not in self._gates:
            self._gates[name] = Gate(self._budgets.get(name), self._slots, self._clock)
        return self._gates[name]


def backoff(retry: Retry, failed: int, random: Random) -> float:
    """Seconds before the next try, when `failed` tries have failed and the app names no time.

    Exponential with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): any
    moment up to a bound that doubles, so that those who failed together do not come back together.
    """
    bound: float = min(retry.max_backoff, retry.backoff * 2.0 ** min(failed - 1, 60))
    return random() * bound


def patience(retry: Retry, failed: int, asked: float | None, random: Random) -> float:
    """Seconds before the next try. The time that the app asks for is kept, never shortened; a little is added to it, up to
    a tenth and up to a second, so that not everybody comes at once."""
    if not asked:
        return backoff(retry, failed, random)
    return asked + random() * min(1.0, asked / 10)


def breather(throttle: Throttle, names: Mapping[str, Any], scope: Scope, now: float) -> float | None:
    """Seconds to pause after an answer that tells of too small a rest of the budget, or None. `now` is Unix time."""
    try:
        left = seconds_of(throttle.remaining.find(names, scope), "s", now)
        if left is None or left >= throttle.low:
            return None
        found = next((wait for each in throttle.waits if (wait := each.read(names, scope, now)) is not None), None)
        rate = seconds_of(throttle.restore.find(names, scope), "s", now) if throttle.restore and found is None else None
    except ExpressionFailure:
        return None
    return (throttle.low - left) / rate if rate else found
