"""One customer's tenant of an app: what a program calls and walks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from ferrule import interpret, results
from ferrule.arbitrary import fulfil
from ferrule.auth.combined import outlives
from ferrule.auth.credential import Credential
from ferrule.contract.envelope import RateLimitMode, RateLimitState
from ferrule.credential_config import tried
from ferrule.errors import BadInput, CallError, FerruleError, InvalidPageToken
from ferrule.exchange import Exchange
from ferrule.http import Answer
from ferrule.inputs import open_inputs
from ferrule.limits import SYSTEM, Clock, Gates, Mode, mode_of
from ferrule.login import GrantStore, TokenStore, digest
from ferrule.misfit import told
from ferrule.page_token import seal, unseal
from ferrule.plan import Operation, Plan
from ferrule.preview import PlannedRequest, preview
from ferrule.probe import probe
from ferrule.request import Call
from ferrule.results import Page, Result
from ferrule.secret import reveal
from ferrule.walk import Position, drive, walk
from ferrule.wire import Lent, Wire

T = TypeVar("T")

GRACE = 8.0
"""Seconds beyond its time, or half of that where it is less, that a write has to take back what it did."""


def grace(max_seconds: float) -> float:
    """How much longer than `max_seconds` a call may take that has to take something back."""
    return min(GRACE, max_seconds / 2)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one call does about limits, until when it may send requests, and until when it may take back what it did."""

    mode: Mode
    named: RateLimitMode | None = None
    """The mode that the caller named."""
    seconds: float | None = None
    deadline: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class _Asker:
    """A tenant that is asked on the terms of one call."""

    plan: Plan
    acall: Callable[..., Coroutine[Any, Any, Result]]


class Instance:
    """One tenant of an app: calls and walks. Use it as a context manager, or `close` it."""

    def __init__(
        self, plan: Plan, auth: str, scope: dict[str, Any], wire: Wire | None, clock: Clock = SYSTEM, tokens: TokenStore | None = None
    ) -> None:
        self.plan = plan
        self.auth_name = auth
        self._auth, self._scope, self._wire, self._clock = plan.auths[auth], scope, wire, clock
        self._tokens = tokens
        self._exchanges: dict[str | None, Exchange] = {}
        self._known_gates: Gates | None = None
        self._runner: asyncio.Runner | None = None

    def plan_call(self, capability: str, inputs: Mapping[str, Any] | None = None) -> list[PlannedRequest]:
        """The requests that a call would send, secrets masked. Sends none."""
        operation = self.plan.operation(capability)
        auth = None if operation.capability.level == "oauth" else self._auth
        return preview(self.plan, auth, operation, {**self._scope, "inputs": open_inputs(operation.capability, inputs or {})})

    @property
    def limits(self) -> dict[str, RateLimitState]:
        """What is known now of the limits that the spec speaks of, by the names of its budgets."""
        return self._gates.states()

    def heed(self, limits: Mapping[str, RateLimitState | Mapping[str, Any]]) -> None:
        """Go on where an earlier call left the limits off, here or in another process, from where they come as JSON has them.
        Names that the spec does not know, and moments that are past, are passed over. Raises `BadInput`."""
        try:
            self._gates.heed({name: RateLimitState.model_validate(state) for name, state in limits.items()})
        except ValidationError as error:
            slip = error.errors(include_url=False)[0]
            raise BadInput(f"`{'.'.join(map(str, slip['loc']))}` of a limit {told(slip)}") from None

    # asynchronous

    async def acall(
        self,
        capability: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        page_token: str | None = None,
        page_size: int | None = None,
        max_seconds: float | None = None,
        keep_answers: bool = False,
        mode: RateLimitMode | None = None,
        tried: int = 0,
    ) -> Result:
        """Do one capability. A read gives about `page_size` records, at least one page of the app, and the token behind them.

        When `max_seconds` are over, a read gives what it has and the token to go on; it does not begin a wait that is longer.
        Raises `BadInput` before anything is sent and `CallError` where the app fails; a read that fails after some records
        gives those, with `error` set. `keep_answers` has the result hold what the app answered, in order. `mode` says what is
        done about limits (docs/errors.md); `tried` is how often the caller has tried this already.
        """
        operation = self.plan.operation(capability)
        if operation.derive is not None:
            return Result(operation.derive(self._scope["settings"]))
        scope = {**self._scope, "inputs": open_inputs(operation.capability, inputs or {})}
        answers: list[Answer] | None = [] if keep_answers else None
        terms = self._terms(mode_of(mode, operation.capability.level, tried), max_seconds, mode)
        if operation.parts:
            result = await self._read(operation, scope, page_token, page_size, terms, answers)
        elif page_token is not None:
            raise BadInput(f"`{capability}` gives one object and takes no page token")
        else:
            result = await self._one(operation, scope, terms, answers)
        return result if mode == "bypass" or operation.capability.level == "oauth" else replace(result, limits=self.limits)

    async def _one(self, operation: Operation, scope: dict[str, Any], terms: _Terms, answers: list[Answer] | None) -> Result:
        """What gives one object."""
        if operation.composed:
            return await self._composed(operation, scope, terms, answers)
        if operation.log_in:
            way = operation.way(scope["inputs"]["credential_id"])
            sender = self._sender(terms, answers, auth=way, login=True)
            told = await drive(operation.log_in[way].run(scope, self._clock.time()), sender)
            return Result(results.one(operation, told), answers=answers or [])
        auth = None if operation.capability.level == "oauth" else self.auth_name
        outcome = await drive(interpret.steps(operation, scope), self._sender(terms, answers, auth=auth))
        record = results.one(operation, outcome.record)
        changed = outcome.changed if operation.capability.level == "write" else None
        return Result(record, changed=changed, answers=answers or [])

    async def awalk(
        self, capability: str, inputs: Mapping[str, Any] | None = None, *, page_token: str | None = None,
        page_size: int | None = None, ahead: bool = True,
    ) -> AsyncIterator[Page]:  # fmt: skip
        """Every page of a read, from `page_token` on. A `CallError` has the token to go on in its `page_token`. Unless it is
        told not to, it asks for pages `ahead`: the next one while this one is read, and as many as the spec allows at once
        where the app counts its pages and names their total."""
        operation = self.plan.operation(capability)
        if operation.derive is not None:
            derived = operation.derive(self._scope["settings"])
            yield Page(derived if isinstance(derived, list) else [derived], None)
            return
        if not operation.parts:
            raise BadInput(f"`{capability}` gives one object", hint="call it instead of walking it")
        scope = {**self._scope, "inputs": open_inputs(operation.capability, inputs or {})}
        bound = self._binding(operation, scope)
        position = unseal(page_token, bound) if page_token else None
        sender = self._sender(_Terms(Mode()), auth=self.auth_name)
        try:
            async with aclosing(walk(operation, scope, sender, position, page_size, self.plan.http.concurrency, ahead)) as chunks:
                async for chunk in chunks:
                    records = results.many(operation.capability, chunk)
                    position = chunk.position
                    if chunk.part is None:
                        continue
                    says = results.said(operation.capability, chunk)
                    yield Page(records, partial(seal, position, bound) if position is not None else None, says)
        except CallError as error:
            error.page_token = _resumable(error, position, bound)
            raise

    async def aclose(self, seconds: float | None = None) -> None:
        """Let go of sockets. A login that is under way is given `seconds` to end; without them, as long as a request has."""
        while self._exchanges:
            await self._exchanges.popitem()[1].close(seconds)
        self._known_gates = None

    # synchronous

    def call(
        self,
        capability: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        page_token: str | None = None,
        page_size: int | None = None,
        max_seconds: float | None = None,
        keep_answers: bool = False,
        mode: RateLimitMode | None = None,
        tried: int = 0,
    ) -> Result:
        """`acall` for a program without an event loop."""
        call = self.acall(
            capability, inputs, page_token=page_token, page_size=page_size, max_seconds=max_seconds, keep_answers=keep_answers,
            mode=mode, tried=tried,
        )  # fmt: skip
        return self._run(call)

    def walk(
        self, capability: str, inputs: Mapping[str, Any] | None = None, *, page_token: str | None = None,
        page_size: int | None = None, ahead: bool = True,
    ) -> Iterator[Page]:  # fmt: skip
        """`awalk` for a program without an event loop. One left halfway may be let go of anywhere, also inside a loop: what it
        still holds ends when the instance is closed."""
        pages = self.awalk(capability, inputs, page_token=page_token, page_size=page_size, ahead=ahead)

        async def following() -> Page | None:
            return await anext(pages, None)

        async def stop() -> None:
            await pages.aclose()  # type: ignore[attr-defined]

        try:
            while (page := self._run(following())) is not None:
                yield page
        finally:
            if self._runner is not None and not _in_loop():
                self._run(stop())

    def close(self) -> None:
        """Let go of sockets and of the event loop."""
        if self._runner is not None:
            self._runner.run(self.aclose())
            self._runner.close()
            self._runner = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # inside

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if not _in_loop():
            self._runner = self._runner or asyncio.Runner()
            # `Runner.run` sets a signal handler each time, and Python prints the whole result to find that it has no name.
            return self._runner.get_loop().run_until_complete(work)
        work.close()
        raise FerruleError("an event loop is running here", code="internal_error", hint="await `acall` or iterate `awalk` instead")

    @property
    def _gates(self) -> Gates:
        """What all of the tenant's requests pass, whatever they log in with."""
        http = self.plan.http
        self._known_gates = self._known_gates or Gates(http.budgets, http.concurrency, self._clock, http.throttle)
        return self._known_gates

    def _exchange(self, auth: str | None) -> Exchange:
        """The exchange with one of the auths; with None, that of requests which need no credential."""
        if auth not in self._exchanges:
            found, wire = None if auth is None else self.plan.auths[auth], self._wire or _live(self.plan)
            store = self._store(auth) if found is not None and found.requests and outlives(found) else None
            self._exchanges[auth] = Exchange(self.plan.http, found, wire, self._scope, clock=self._clock, store=store, gates=self._gates)
        return self._exchanges[auth]

    def _store(self, auth: str | None) -> GrantStore | None:
        """Where what a login gives is kept: apart for each way in, settings and credential. A refresh token is one and the same,
        whatever comes with it: another client secret or another setting must not have it sent once more."""
        if self._tokens is None:
            return None
        settings, credential = reveal(self._scope["settings"]), reveal(self._scope["credential"])
        told = credential.get("refresh_token") or [settings, credential]
        return self._tokens.of(self.plan.app_id, digest([self.plan.app_id, auth, told]))

    def _terms(self, mode: Mode, max_seconds: float | None, named: RateLimitMode | None) -> _Terms:
        if max_seconds is None:
            return _Terms(mode, named)
        deadline = self._clock.monotonic() + max_seconds
        return _Terms(mode, named, max_seconds, deadline, deadline + grace(max_seconds))

    def _sender(self, terms: _Terms, answers: list[Answer] | None = None, *, auth: str | None, login: bool = False) -> Any:
        """What carries out the calls of a walk, or of a login. Every answer is put into `answers`, where there is such a list."""
        exchange = self._exchange(auth)

        async def send(wanted: Call | interpret.Sleep) -> Answer | None:
            if isinstance(wanted, interpret.Sleep):
                await self._sleep(wanted.seconds, terms.deadline)
                return None
            until = terms.end if wanted.undoes else terms.deadline
            answer = await (exchange.log_in(wanted, until) if login else exchange.send(wanted, until, terms.mode))
            if answers is not None:
                answers.append(answer.opened())
            return answer

        return send

    async def _sleep(self, seconds: float, deadline: float | None) -> None:
        """Wait for the app to be done with something, if there is time for it."""
        if deadline is not None and self._clock.monotonic() + seconds >= deadline:
            late = CallError("the app was not done before the deadline", code="request_timeout")
            late.late = True
            raise late
        await self._clock.sleep(seconds)

    async def _composed(self, operation: Operation, scope: dict[str, Any], terms: _Terms, answers: list[Answer] | None) -> Result:
        """What is made of other capabilities, or asked in the caller's own words."""
        inputs = scope["inputs"]
        if operation.reach is not None:
            send = self._sender(terms, answers, auth=self.auth_name)
            told = await fulfil(operation.reach, self.plan.http, scope, send, self._clock)
        elif operation.capability.name == "probe_integration":
            asker = _Asker(self.plan, partial(self.acall, mode=terms.named, tried=terms.mode.tried))
            told = await probe(asker, inputs, self._clock, terms.seconds)
        else:
            told = await tried(self.plan.auths, inputs["credential"], partial(self._try, terms))
        return Result(operation.capability.validate(told), answers=answers or [])

    async def _try(self, terms: _Terms, auth: str, credential: Credential) -> Result | None:
        """What the connector says of another credential for the same tenant; None where it says nothing."""
        if "validate_credentials" not in self.plan.operations:
            return None
        wire = Lent(self._wire) if self._wire is not None else None
        other = Instance(self.plan, auth, {**self._scope, "credential": credential}, wire, self._clock)
        try:
            return await other.acall("validate_credentials", max_seconds=terms.seconds, mode=terms.named, tried=terms.mode.tried)
        finally:
            await other.aclose(terms.seconds and grace(terms.seconds))

    def _binding(self, operation: Operation, scope: Mapping[str, Any]) -> dict[str, Any]:
        return {"app": self.plan.app_id, "capability": operation.capability.name, "inputs": scope["inputs"], "settings": scope["settings"]}

    async def _read(
        self,
        operation: Operation,
        scope: dict[str, Any],
        page_token: str | None,
        size: int | None,
        terms: _Terms,
        answers: list[Answer] | None,
    ) -> Result:
        bound = self._binding(operation, scope)
        position: Position | None = unseal(page_token, bound) if page_token else None
        found = results.Records(operation)
        sender = self._sender(terms, answers, auth=self.auth_name)
        enough = size or 100
        try:
            async with (
                asyncio.timeout(None if terms.deadline is None else terms.deadline - self._clock.monotonic()),
                aclosing(walk(operation, scope, sender, position, size, self.plan.http.concurrency)) as chunks,
            ):
                async for chunk in chunks:
                    found.add(chunk)
                    position = chunk.position
                    if position is None or (operation.capability.paged and found.count >= enough):
                        break
                else:
                    position = None
        except (TimeoutError, CallError) as error:
            if isinstance(error, TimeoutError) or error.late:
                return Result(found.response(), seal(position or _START, bound), answers=answers or [])
            error.page_token = _resumable(error, position, bound)
            if not found.count:
                raise
            return Result(found.response(), error.page_token, error=error, answers=answers or [])
        return Result(found.response(), seal(position, bound) if position is not None else None, answers=answers or [])


_START: Position = {"part": 0, "at": None}


def _resumable(error: CallError, position: Position | None, bound: Mapping[str, Any]) -> str | None:
    """The token to go on from after a failure; None where the walk had better start anew: nothing was read yet, what comes
    before the parts failed for good, or the token itself was the fault. Whoever only has to wait gets one in any case."""
    if error.code.throttled:
        return seal(position or _START, bound)
    if position is None or isinstance(error, InvalidPageToken) or ("step" in position and not error.code.retryable):
        return None
    return seal(position, bound)


def _in_loop() -> bool:
    """Whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _live(plan: Plan) -> Wire:
    from ferrule.wire.network import network  # only a live call pays for importing the HTTP client

    return network(plan.http)
