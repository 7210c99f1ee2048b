"""The few names a program uses: load a connector, bind it to an instance, call, walk, plan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from ferrule import interpret
from ferrule.auth.credential import Credential, open_credential
from ferrule.capabilities import Capability
from ferrule.compile import compile_file
from ferrule.diagnostics import Span, did_you_mean
from ferrule.errors import BadInput, CallError, FerruleError, UnexpectedAnswer
from ferrule.exchange import Exchange
from ferrule.http import Answer
from ferrule.inputs import open_inputs, open_settings
from ferrule.library import find_spec
from ferrule.limits import SYSTEM, Clock
from ferrule.page_token import seal, unseal
from ferrule.plan import Operation, Plan
from ferrule.preview import PlannedRequest, preview
from ferrule.request import Call
from ferrule.walk import Chunk, Position, drive, walk
from ferrule.wire import Wire

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a read, and the token to go on from behind them; None at the end."""

    records: list[Any]
    token: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a call came to.

    `response` is a list of the contract's records, or one of them. `changed` says of a write whether it changed anything:
    False where the app was in the wanted state already, None for a read. `error` is what cut a read short after some of
    its records; calling again with `page_token` goes on there.
    """

    response: Any
    page_token: str | None = None
    changed: bool | None = None
    error: CallError | None = None
    answers: list[Answer] = field(default_factory=list, repr=False)


def load(app: str | Path) -> Connector:
    """The connector of a spec file, or of a bundled app's id.

    Raises `SpecError` with every finding of a broken spec, `BadInput` where there is no such app.
    """
    return Connector(compile_file(find_spec(app)))


@dataclass(frozen=True, slots=True)
class Connector:
    """One app's connector, bound to nobody. It may serve any number of instances."""

    plan: Plan

    @property
    def id(self) -> str:
        """The connector's id."""
        return self.plan.app_id

    @property
    def capabilities(self) -> list[str]:
        """What it can do."""
        return sorted(self.plan.operations)

    def operation(self, capability: str) -> Operation:
        """How it does one capability. Raises `BadInput` where it does not."""
        found = self.plan.operations.get(capability)
        if found is None:
            hint = did_you_mean(capability, self.plan.operations) or f"it can {', '.join(self.capabilities)}"
            raise BadInput(f"`{self.id}` has no capability `{capability}`", code="unsupported_operation", hint=hint)
        return found

    def instance(
        self,
        credential: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        auth: str | None = None,
        wire: Wire | None = None,
        clock: Clock = SYSTEM,
    ) -> Instance:
        """The connector bound to one customer's tenant.

        `credential` is a flat mapping of fields or the contract's own shape; `auth` names one of several ways in; `wire`
        carries requests (live HTTP by default); `clock` is what waits, budgets and deadlines go by. Raises `BadInput`.
        """
        name, opened = _let_in(self.plan, auth, credential or {})
        scope = {"settings": open_settings(self.plan.spec.settings, settings or {}), "credential": opened}
        return Instance(self, name, scope, wire, clock)


def _in_loop() -> bool:
    """Whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _let_in(plan: Plan, auth: str | None, credential: Mapping[str, Any]) -> tuple[str, Credential]:
    """The way in that `auth` names, or the first that the credential fits, and the credential opened for it."""
    if auth is not None and auth not in plan.auths:
        raise BadInput(f"`{plan.app_id}` has no auth `{auth}`", hint=did_you_mean(auth, plan.auths) or f"it has {', '.join(plan.auths)}")
    refused: list[BadInput] = []
    for name in [auth] if auth is not None else plan.auths:
        try:
            return name, open_credential(plan.auths[name], credential)
        except BadInput as error:
            refused.append(error)
    raise refused[0]


class Instance:
    """One tenant of an app: calls and walks. Use it as a context manager, or `close` it."""

    def __init__(self, connector: Connector, auth: str, scope: dict[str, Any], wire: Wire | None, clock: Clock = SYSTEM) -> None:
        self.connector = connector
        self.plan = connector.plan
        self.auth_name = auth
        self._auth, self._scope, self._wire, self._clock = connector.plan.auths[auth], scope, wire, clock
        self._exchange: Exchange | None = None
        self._runner: asyncio.Runner | None = None

    def plan_call(self, capability: str, inputs: Mapping[str, Any] | None = None) -> list[PlannedRequest]:
        """The requests that a call would send, secrets masked. Sends none."""
        operation = self.connector.operation(capability)
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
    ) -> Result:
        """Do one capability. A read gives about `page_size` records, at least one page of the app, and the token behind them.

        When `max_seconds` are over, a read gives what it has and the token to go on. Raises `BadInput` before anything is
        sent and `CallError` where the app fails; a read that fails after some records gives those, with `error` set.
        """
        operation = self.connector.operation(capability)
        if operation.derive is not None:
            return Result(operation.derive())
        scope = {**self._scope, "inputs": open_inputs(operation.capability, inputs or {})}
        if operation.parts:
            return await self._read(operation, scope, page_token, page_size, max_seconds)
        if page_token is not None:
            raise BadInput(f"`{capability}` gives one object and takes no page token")
        deadline = self._clock.monotonic() + max_seconds if max_seconds else None
        outcome = await drive(interpret.steps(operation, scope), self._sender(deadline))
        record = _object(operation, outcome.record)
        return Result(record, changed=outcome.changed if operation.capability.level == "write" else None, answers=outcome.answers)

    async def awalk(
        self, capability: str, inputs: Mapping[str, Any] | None = None, *, page_token: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[Page]:
        """Every page of a read, from `page_token` on. A `CallError` has the token to go on in its `page_token`."""
        operation = self.connector.operation(capability)
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
                    records = validated(operation.capability, chunk) if chunk.rows else []
                    position = chunk.position
                    yield Page(records, seal(position, bound) if position is not None else None)
        except CallError as error:
            error.page_token = seal(position or _START, bound)
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
    ) -> Result:
        """`acall` for a program without an event loop."""
        return self._run(self.acall(capability, inputs, page_token=page_token, page_size=page_size, max_seconds=max_seconds))

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
            return self._runner.run(work)
        work.close()
        raise FerruleError("an event loop is running here", code="internal_error", hint="await `acall` or iterate `awalk` instead")

    def _sender(self, deadline: float | None) -> Any:
        if self._exchange is None:
            self._exchange = Exchange(self.plan.http, self._auth, self._wire or _live(self.plan), self._scope, clock=self._clock)
        exchange = self._exchange

        async def send(wanted: Call | interpret.Sleep) -> Answer | None:
            if isinstance(wanted, interpret.Sleep):
                await exchange.clock.sleep(wanted.seconds)
                return None
            answer: Answer = await exchange.send(wanted, deadline)
            return answer

        return send

    def _binding(self, operation: Operation, scope: Mapping[str, Any]) -> dict[str, Any]:
        return {"app": self.plan.app_id, "capability": operation.capability.name, "inputs": scope["inputs"], "settings": scope["settings"]}

    async def _read(
        self, operation: Operation, scope: dict[str, Any], page_token: str | None, size: int | None, max_seconds: float | None
    ) -> Result:
        bound = self._binding(operation, scope)
        position: Position | None = unseal(page_token, bound) if page_token else None
        found = Records(operation)
        enough = size or 100
        try:
            async with asyncio.timeout(max_seconds), aclosing(walk(operation, scope, self._sender(None), position, size)) as chunks:
                async for chunk in chunks:
                    found.add(chunk)
                    position = chunk.position
                    if position is None or (operation.capability.paged and found.count >= enough):
                        break
                else:
                    position = None
        except TimeoutError:
            return Result(found.response(), seal(position or _START, bound))
        except CallError as error:
            error.page_token = seal(position or _START, bound)
            if not found.count:
                raise
            return Result(found.response(), error.page_token, error=error)
        return Result(found.response(), seal(position, bound) if position is not None else None)


_START: Position = {"part": 0, "at": None}


def _live(plan: Plan) -> Wire:
    from ferrule.wire.live import LiveWire  # only a live call pays for importing the HTTP client

    return LiveWire(plan.http)


class Records:
    """The records of one call as they come in: a list, or an object of lists where the contract answers so."""

    def __init__(self, operation: Operation) -> None:
        self.capability = operation.capability
        self.lists: dict[str | None, list[Any]] = {name: [] for name in self.capability.lists} or {None: []}

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, self.lists.values()))

    def add(self, chunk: Chunk) -> list[Any]:
        """The rows of a chunk as the contract's records, kept here too."""
        records = validated(self.capability, chunk) if chunk.rows else []
        self.lists[chunk.part.into] += records
        return records

    def response(self) -> Any:
        """The contract's answer."""
        return self.lists[None] if None in self.lists else self.capability.validate(self.lists)


def validated(capability: Capability, chunk: Chunk) -> list[Any]:
    """The rows of a chunk as the contract's records, in one call; a value that does not fit is named with its line."""
    into = chunk.part.into
    try:
        if into is None:
            return capability.validate_many(chunk.rows)
        found: list[Any] = getattr(capability.validate({**{name: [] for name in capability.lists}, into: chunk.rows}), into)
        return found
    except ValidationError as error:
        raise _unfit(error, 1 if into is None else 2, "a record", chunk.part.fields, chunk.part.origin) from None


def _object(operation: Operation, record: dict[str, Any]) -> Any:
    """The answer that is one object, as the contract's model."""
    try:
        return operation.capability.validate(record)
    except ValidationError as error:
        raise _unfit(error, 0, "the answer", operation.fields, operation.origin) from None


def _unfit(error: ValidationError, depth: int, what: str, fields: Mapping[str, Span], origin: Span) -> UnexpectedAnswer:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][depth]) if len(first["loc"]) > depth else ""
    slip = "is missing" if first["type"] == "missing" or first["input"] is None else f"does not fit: {first['msg']}"
    hint = "the contract wants it; look at what the app really answers"
    return UnexpectedAnswer(f"`{name}` of {what} {slip}", origin=fields.get(name, origin), hint=hint)


__all__ = ["Connector", "Instance", "Page", "Result", "load"]
