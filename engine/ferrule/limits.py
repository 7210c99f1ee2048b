"""How fast a tenant may be asked: the clock, budgets, pauses, and how long to wait before another try.

Each budget has a gate. Requests pass it in the order they came, when the window has room, no pause is on, and a slot is
free. All walks of a tenant share its gates, so what one of them is told, all of them heed. What a gate knows can be told
to the caller and comes back with the next call, in the contract's own form.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from ferrule.contract.envelope import RateLimitMode, RateLimitState
from ferrule.expressions import Expression, ExpressionFailure
from ferrule.outcome import MAX_WAIT, seconds_of
from ferrule.plan import Budget, Retry, Throttle
from ferrule.templates import Scope

Random = Callable[[], float]
"""A number from 0 up to 1."""

NEVER = float("-inf")
MAX_DELAY = 60.0
"""Seconds that a delay which the caller brings along is kept, where it names no end of it."""
MOST = 2**53
"""No number that is told is larger: every reader of JSON has this one exactly (RFC 8259, section 6)."""


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


@dataclass(frozen=True, slots=True)
class Mode:
    """What one call does about limits. `tried` is how often its caller has tried already."""

    budgets: bool = True
    """Wait before the app has to refuse: for the spec's own budgets, and where little is left."""
    pauses: bool = True
    """Wait as long as the app asked for when it refused."""
    retries: bool = True
    """Try again what was refused."""
    tried: int = 0

    def attempts(self, retry: Retry) -> int:
        """Tries in all. Those of the caller count, so that two who are patient do not multiply."""
        return max(1, retry.attempts - max(self.tried, 0)) if self.retries else 1


ENFORCE = Mode()


def mode_of(name: RateLimitMode | None, level: str, tried: int = 0) -> Mode:
    """The mode of that name; unless one is named, a read waits for limits and a write does not, as in the published SDK."""
    name = name or ("enforce" if level == "read" else "retry_only")
    ahead, bypass = name in ("enforce", "enforce_no_retry"), name == "bypass"
    return Mode(budgets=ahead, pauses=not bypass, retries=name in ("enforce", "retry_only"), tried=min(max(tried, 0), 20))


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

    def inside(self, now: float) -> list[float]:
        """When those were sent that count now."""
        return [moment for moment in self.sent if moment > now - self.budget.per]

    def fill(self, used: int, oldest: float, now: float) -> None:
        """Take it that so many requests were sent, evenly from `oldest` on. Those that are known of are among them."""
        known = self.inside(now)
        missing = min(used, self.budget.requests) - len(known)
        if missing > 0:
            spread = [oldest + (now - oldest) * i / missing for i in range(missing)]
            self.sent = deque(sorted([*known, *spread]), maxlen=self.budget.requests)


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer tells of the app's own limit. `reset` is Unix time, `pause` how long to hold back where little is left."""

    remaining: float
    limit: float | None = None
    reset: float | None = None
    pause: float | None = None


class Gate:
    """Where the requests of one budget pass, first come, first served."""

    def __init__(self, budget: Budget | None, slots: asyncio.Semaphore, clock: Clock, low: float = 1.0) -> None:
        self.window = Window(budget) if budget else None
        self.slots, self.clock, self.low = slots, clock, low
        self.head = asyncio.Lock()
        self.waiting = 0
        self.held_up = 0
        """How many of them wait for the gate, not for a slot."""
        self.paused_until = NEVER
        """The app refused, and asked for it."""
        self.held_until = NEVER
        """Little is left: the app need not refuse."""
        self.told: Told | None = None

    def pause(self, seconds: float) -> None:
        """Let nobody pass for so long. A longer pause that is on already stays."""
        self.paused_until = max(self.paused_until, self.clock.monotonic() + seconds)

    def hold(self, seconds: float) -> None:
        """Let nobody pass for so long who waits for budgets."""
        self.held_until = max(self.held_until, self.clock.monotonic() + seconds)

    def tell(self, told: Told) -> None:
        """Heed what an answer tells of the limit."""
        self.told = told
        if told.pause:
            self.hold(told.pause)

    async def enter(self, deadline: float | None, mode: Mode = ENFORCE) -> None:
        """Wait for the turn of one request and take a slot, to be held while it is under way. Raises `TooLate`."""
        self._wait(self.waiting, deadline, mode)  # whoever would wait past the deadline is told at once
        self.waiting += mode.budgets
        try:
            if deadline is None:
                await self._next(deadline, mode)
            else:
                async with asyncio.timeout(deadline - self.clock.monotonic()):
                    await self._next(deadline, mode)
        except TimeoutError:
            raise TooLate(None) from None
        finally:
            self.waiting -= mode.budgets

    def leave(self) -> None:
        """Give the slot back."""
        self.slots.release()

    async def _next(self, deadline: float | None, mode: Mode) -> None:
        """Be the next in the queue, take a slot and note it.

        The slots have a queue of their own, and mostly a slot is all that is waited for. Who has one and finds the gate closed, or
        others waiting for it to open, gives it back and waits behind them: in the order in which the slots came.
        """
        if self.window is None and mode.budgets:
            await self.slots.acquire()
            now = self.clock.monotonic()
            if not self.held_up and self._due(0, now, mode) <= now:
                return
            self.slots.release()
        self.held_up += mode.budgets
        try:
            async with self.head if mode.budgets else nullcontext():
                await self._slot(deadline, mode)
                if self.window:
                    self.window.take(self.clock.monotonic())
        finally:
            self.held_up -= mode.budgets

    async def _slot(self, deadline: float | None, mode: Mode) -> None:
        """Take a slot at a moment when the gate is open. It may close again while the slot is waited for."""
        while True:
            while (wait := self._wait(0, deadline, mode)) > 0:
                await self.clock.sleep(wait)
            await self.slots.acquire()
            if self._due(0, self.clock.monotonic(), mode) <= self.clock.monotonic():
                return
            self.slots.release()

    def _wait(self, ahead: int, deadline: float | None, mode: Mode) -> float:
        now = self.clock.monotonic()
        wait = self._due(ahead, now, mode) - now
        if deadline is not None and now + wait >= deadline:
            raise TooLate(wait, asked=max(self.paused_until, self.held_until) - now >= wait > 0)
        return wait

    def _due(self, ahead: int, now: float, mode: Mode) -> float:
        paused = self.paused_until if mode.pauses else NEVER
        if not mode.budgets:
            return max(now, paused)
        return max(now, paused, self.held_until, self.window.due(ahead, now) if self.window else now)

    def state(self) -> RateLimitState | None:
        """What is known of this limit, None where nothing is. While a pause is on that the app asked for, nothing is left."""
        now, unix = self.clock.monotonic(), self.clock.time()
        told = self.told if self.told is not None and (self.told.reset is None or self.told.reset > unix) else None
        paused = self.paused_until - now
        if paused > 0:
            told = Told(0, told.limit if told else None, unix + paused)
        delay = _count(math.ceil(max(paused, self.held_until - now, 0.0)))
        budget = self.window.budget if self.window else None
        per = math.ceil(budget.per) if budget else None
        if told is not None:
            limit = told.limit if told.limit is not None else budget.requests if budget else None
            return RateLimitState(
                remaining=_count(told.remaining), limit=_count(limit), reset=_count(told.reset, math.ceil),
                window_seconds=per, current_delay=delay, source="api_headers",
            )  # fmt: skip
        if self.window is None or budget is None:
            return None
        sent = self.window.inside(now)
        return RateLimitState(
            remaining=budget.requests - len(sent), limit=budget.requests, window_seconds=per, current_delay=delay,
            reset=_count(unix + sent[0] + budget.per - now, math.ceil) if sent else None, source="sdk_counter",
        )  # fmt: skip

    def heed(self, state: RateLimitState) -> None:
        """Go on where the answer before left off. What is past, or is more than a day ahead, says nothing: no value that a
        caller brings along can stop its calls for good."""
        unix, now = self.clock.time(), self.clock.monotonic()
        if state.reset is not None and state.reset <= unix:
            return
        ahead = state.reset - unix if state.reset is not None and state.reset <= unix + MAX_WAIT else None
        if state.current_delay is not None and state.current_delay > 0:
            self.hold(min(state.current_delay, MAX_DELAY if ahead is None else ahead))
        if state.remaining is None:
            return
        if self.window is not None and state.source != "api_headers":
            per, limit = self.window.budget.per, self.window.budget.requests if state.limit is None else state.limit
            oldest = now if ahead is None else min(now, now + ahead - per)
            self.window.fill(min(limit - max(state.remaining, 0), self.window.budget.requests), oldest, now)
        elif ahead is not None:
            limits = _count(state.limit)
            self.tell(Told(_count(state.remaining), limits, state.reset, ahead if state.remaining < self.low else None))


class Gates:
    """The gates of one tenant, by budget. What names no budget passes the one called `default`."""

    def __init__(self, budgets: Mapping[str, Budget], concurrency: int, clock: Clock, throttle: Throttle | None = None) -> None:
        self._budgets, self._clock, self._throttle = budgets, clock, throttle
        self._slots = asyncio.Semaphore(concurrency)
        self._gates: dict[str, Gate] = {}

    def of(self, name: str | None) -> Gate:
        """The gate of a budget. One that sets no number of requests has a gate as well: the app may ask for a pause."""
        name = name or "default"
        if name not in self._gates:
            low = self._throttle.low if self._throttle else 1.0
            self._gates[name] = Gate(self._budgets.get(name), self._slots, self._clock, low)
        return self._gates[name]

    @property
    def names(self) -> list[str]:
        """The limits that the spec speaks of."""
        return [*self._budgets, *(["default"] if self._throttle is not None and "default" not in self._budgets else [])]

    def states(self) -> dict[str, RateLimitState]:
        """What is known of each limit that the spec speaks of."""
        return {name: state for name in self.names if (state := self.of(name).state()) is not None}

    def heed(self, states: Mapping[str, RateLimitState]) -> None:
        """Go on where `states` left off. Names that the spec does not know are passed over."""
        for name in self.names:
            if name in states:
                self.of(name).heed(states[name])


def _count(value: float | None, whole: Callable[[float], int] = int) -> Any:
    """A number as the contract tells it."""
    return None if value is None else whole(min(max(value, 0), MOST))


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


def told_by(throttle: Throttle, names: Mapping[str, Any], scope: Scope, now: float) -> Told | None:
    """What an answer tells of the app's limit, or None where it says nothing. `now` is Unix time."""
    try:
        left = _number(throttle.remaining, names, scope)
        if left is None:
            return None
        limit = _number(throttle.limit, names, scope)
        waits = ((each, each.read(names, scope, now)) for each in throttle.waits)
        by, wait = next(((each, wait) for each, wait in waits if wait is not None), (None, None))
        rate = _number(throttle.restore, names, scope) if by is None else None
    except ExpressionFailure:
        return None
    reset = now + wait if wait is not None and by is not None and by.value is not None else None
    if rate and rate > 0:
        wait = max(0.0, throttle.low - left) / rate
        reset = now + max(0.0, limit - left) / rate if limit is not None else None
    return Told(left, limit, reset, wait if left < throttle.low else None)


def _number(expression: Expression | None, names: Mapping[str, Any], scope: Scope) -> float | None:
    return seconds_of(expression.find(names, scope), "s", 0.0) if expression is not None else None
