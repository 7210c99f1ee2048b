"""One customer's tenant of an app: what a program calls and walks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar

from ferrule import interpret, results
from ferrule.errors import BadInput, CallError, FerruleError, InvalidPageToken
from ferrule.exchange import Exchange
from ferrule.http import Answer
from ferrule.inputs import open_inputs
from ferrule.limits import SYSTEM, Clock
from ferrule.page_token import seal, unseal
from ferrule.plan import Operation, Plan
from ferrule.preview import PlannedRequest, preview
from ferrule.request import Call
from ferrule.results import Page, Result
from ferrule.walk import Position, drive, walk
from ferrule.wire import Wire

T = TypeVar("T")


class Instance:
    """One tenant of an app: calls and walks. Use it as a context manager, or `close` it."""

    def __init__(self, plan: Plan, auth: str, scope: dict[str, Any], wire: Wire | None, clock: Clock = SYSTEM) -> None:
        self.plan = plan
        self.auth_name = auth
        self._auth, self._scope, self._wire, self._clock = plan.auths[auth], scope, wire, clock
        self._exchange: Exchange | None = None
        self._runner: asyncio.Runner | None = None

    def plan_call(self, capability: str, inputs: Mapping[str, Any] | None = None) -> list[PlannedRequest]:
        """The requests that a call would send, secrets masked. Sends none."""
        operation = self.plan.operation(capability)
        return preview(self.plan, self._auth, operation, {**self._scope, "inputs": open_inputs(operation.capability, inputs or {})})

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
    ) -> Result:
        """Do one capability. A read gives about `page_size` records, at least one page of the app, and the token behind them.

        When `max_seconds` are over, a read gives what it has and the token to go on. Raises `BadInput` before anything is
        sent and `CallError` where the app fails; a read that fails after some records gives those, with `error` set.
        `keep_answers` has the result hold what the app answered, in order.
        """
        operation = self.plan.operation(capability)
        if operation.derive is not None:
            return Result(operation.derive())
        scope = {**self._scope, "inputs": open_inputs(operation.capability, inputs or {})}
        answers: list[Answer] | None = [] if keep_answers else None
        deadline = self._clock.monotonic() + max_seconds if max_seconds else None
        if operation.parts:
            return await self._read(operation, scope, page_token, page_size, max_seconds, answers)
        if page_token is not None:
            raise BadInput(f"`{capability}` gives one object and takes no page token")
        if operation.log_in is not None:
            login = operation.log_in(scope, self._clock.time())
            told = await drive(login, self._sender(deadline, answers, login=True))
            return Result(results.one(operation, told), answers=answers or [])
        outcome = await drive(interpret.steps(operation, scope), self._sender(deadline, answers))
        record = results.one(operation, outcome.record)
        changed = outcome.changed if operation.capability.level == "write" else None
        return Result(record, changed=changed, answers=answers or [])

    async def awalk(
        self, capability: str, inputs: Mapping[str, Any] | None = None, *, page_token: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[Page]:
        """Every page of a read, from `page_token` on. A `CallError` has the token to go on in its `page_token`."""
        operation = self.plan.operation(capability)
        if operation.derive is not None:
            derived = operation.derive()
            yield Page(derived if isinstance(derived, list) else [derived], None)
            return
        if not operation.parts:
            raise BadInput(f"`{capability}` gives one object", hint="call it instead of walking it")
        scope = {**self._scope, "inputs": open_inputs(operation.capability, inputs or {})}
        bound = self._binding(operation, scope)
        position = unseal(page_token, bound) if page_token else None
        try:
            async with aclosing(walk(operation, scope, self._sender(None), position, page_size)) as chunks:
                async for chunk in chunks:
                    records = results.many(operation.capability, chunk)
                    position = chunk.position
                    yield Page(records, seal(position, bound) if position is not None else None)
        except CallError as error:
            error.page_token = _resumable(error, position, bound)
            raise

    async def aclose(self) -> None:
        """Let go of sockets."""
        if self._exchange is not None:
            await self._exchange.close()
            self._exchange = None

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
    ) -> Result:
        """`acall` for a program without an event loop."""
        call = self.acall(
            capability, inputs, page_token=page_token, page_size=page_size, max_seconds=max_seconds, keep_answers=keep_answers
        )
        return self._run(call)

    def walk(
        self, capability: str, inputs: Mapping[str, Any] | None = None, *, page_token: str | None = None, page_size: int | None = None
    ) -> Iterator[Page]:
        """`awalk` for a program without an event loop. One left halfway may be let go of anywhere, also inside a loop: what it
        still holds ends when the instance is closed."""
        pages = self.awalk(capability, inputs, page_token=page_token, page_size=page_size)

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

    def _sender(self, deadline: float | None, answers: list[Answer] | None = None, *, login: bool = False) -> Any:
        """What carries out the calls of a walk, or of a login. Every answer is put into `answers`, where there is such a list."""
        if self._exchange is None:
            self._exchange = Exchange(self.plan.http, self._auth, self._wire or _live(self.plan), self._scope, clock=self._clock)
        exchange = self._exchange

        async def send(wanted: Call | interpret.Sleep) -> Answer | None:
            if isinstance(wanted, interpret.Sleep):
                await exchange.clock.sleep(wanted.seconds)
                return None
            answer: Answer = await (exchange.log_in if login else exchange.send)(wanted, deadline)
            if answers is not None:
                answers.append(answer)
            return answer

        return send

    def _binding(self, operation: Operation, scope: Mapping[str, Any]) -> dict[str, Any]:
        return {"app": self.plan.app_id, "capability": operation.capability.name, "inputs": scope["inputs"], "settings": scope["settings"]}

    async def _read(
        self,
        operation: Operation,
        scope: dict[str, Any],
        page_token: str | None,
        size: int | None,
        max_seconds: float | None,
        answers: list[Answer] | None,
    ) -> Result:
        bound = self._binding(operation, scope)
        position: Position | None = unseal(page_token, bound) if page_token else None
        found = results.Records(operation)
        enough = size or 100
        try:
            async with (
                asyncio.timeout(max_seconds),
                aclosing(walk(operation, scope, self._sender(None, answers), position, size)) as chunks,
            ):
                async for chunk in chunks:
                    found.add(chunk)
                    position = chunk.position
                    if position is None or (operation.capability.paged and found.count >= enough):
                        break
                else:
                    position = None
        except TimeoutError:
            return Result(found.response(), seal(position or _START, bound), answers=answers or [])
        except CallError as error:
            error.page_token = _resumable(error, position, bound)
            if not found.count:
                raise
            return Result(found.response(), error.page_token, error=error, answers=answers or [])
        return Result(found.response(), seal(position, bound) if position is not None else None, answers=answers or [])


_START: Position = {"part": 0, "at": None}


def _resumable(error: CallError, position: Position | None, bound: Mapping[str, Any]) -> str | None:
    """The token to go on from after a failure; None where nothing was read yet, or the token itself was the fault."""
    return None if position is None or isinstance(error, InvalidPageToken) else seal(position, bound)


def _in_loop() -> bool:
    """Whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _live(plan: Plan) -> Wire:
    from ferrule.wire.live import LiveWire  # only a live call pays for importing the HTTP client

    return LiveWire(plan.http)
