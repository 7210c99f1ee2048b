"""Replaying cassettes: the calls of each are made again without a network, and must come to what was recorded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ferrule.compile import compile_file
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError
from ferrule.errors import CallError, FerruleError
from ferrule.instance import Instance
from ferrule.library import apps as known_apps
from ferrule.library import find_spec
from ferrule.plan import Plan
from ferrule.wire.cassette import CassetteWire, UnmatchedRequest
from ferrule.wire.cassette_file import Cassette, CassetteCall, Expected, ExpectedError, Header, load_cassette
from ferrule.wire.difference import differences
from ferrule.wire.kept import Redaction

MOST_SLIPS = 20
"""Differences that are told of one call; how many more there are is said."""


@dataclass(frozen=True, slots=True)
class CallReport:
    """What became of one call of a cassette."""

    capability: str
    requests: int
    """Exchanges that were played for it."""
    records: int
    """Records that came."""
    slips: tuple[str, ...]
    """What was not as recorded, a line or more each."""
    unasked: tuple[str, ...]
    """Requests that were recorded, and are not asked any more."""

    @property
    def passed(self) -> bool:
        """All was as recorded."""
        return not self.slips and not self.unasked


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one cassette."""

    app: str
    path: Path
    header: Header | None
    """Where the cassette comes from; None where it, or its spec, cannot be read."""
    calls: tuple[CallReport, ...]
    slips: tuple[str, ...]
    """Why nothing could be replayed."""
    seconds: float

    @property
    def passed(self) -> bool:
        """All was as recorded."""
        return not self.slips and all(call.passed for call in self.calls)


def cassettes_of(spec: Path) -> list[Path]:
    """The cassettes of a spec: `cassettes/<app>/*.yaml`, in the folder `cassettes` beside the one the spec is in."""
    return sorted(cassette_folder(spec).glob("*.yaml"))


def cassette_folder(spec: Path) -> Path:
    """The folder that holds the cassettes of a spec."""
    return spec.resolve().parent.parent / "cassettes" / spec.stem


def replay_all(apps: Iterable[str | Path] = (), specs: Iterable[Path] = ()) -> Iterator[Report]:
    """A report for each cassette of each of `apps`, or of all there are. `specs` are folders of a user's own.

    An app without cassettes gives no report. Raises `BadInput` where there is no such app.
    """
    extra = list(specs)
    for spec in [find_spec(app, extra) for app in apps] or known_apps(extra).values():
        paths = cassettes_of(spec)
        if not paths:
            continue
        try:
            plan = compile_file(spec)
        except SpecError as error:
            yield from (_unreadable(spec.stem, path, error) for path in paths)
            continue
        for path in paths:
            try:
                yield replay(plan, path)
            except (SpecError, FerruleError) as error:
                yield _unreadable(spec.stem, path, error)


def replay(plan: Plan, path: Path) -> Report:
    """The calls of the cassette at `path`, made again. Raises `SpecError` for a broken cassette, `BadInput` where its
    settings or its credential do not fit the spec any more."""
    return asyncio.run(replay_cassette(plan, load_cassette(path), path))


async def replay_cassette(plan: Plan, cassette: Cassette, path: Path, wire: CassetteWire | None = None) -> Report:
    """`replay` of a cassette that is loaded; `path` is where it is from. `wire` plays it, where one of the usual kind will not do."""
    start = time.perf_counter()
    calls = []
    async with playing(plan, cassette, wire) as (instance, wire):
        for number, call in enumerate(cassette.ferrule.calls):
            calls.append(await replay_call(instance, wire, number, call))
    return Report(plan.app_id, path, cassette.ferrule, tuple(calls), (), time.perf_counter() - start)


@asynccontextmanager
async def playing(
    plan: Plan, cassette: Cassette, wire: CassetteWire | None = None, clock: ReplayClock | None = None
) -> AsyncIterator[tuple[Instance, CassetteWire]]:
    """An instance of the connector, bound to what the cassette says, on a wire that plays it."""
    header, wire, clock = cassette.ferrule, wire or CassetteWire(cassette), clock or ReplayClock(cassette.ferrule.date)
    instance = Connector(plan).instance(header.credential, header.settings, auth=header.auth, wire=wire, clock=clock)
    try:
        yield instance, wire
    finally:
        await instance.aclose()


class ReplayClock:
    """A clock that starts at the day of the recording and goes on only when something waits, which takes no time.

    So a token that was good when it was recorded is good in every replay, and no `Retry-After` slows one down.
    """

    def __init__(self, day: date) -> None:
        self._start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        self._passed = 0.0

    def time(self) -> float:
        """Unix time."""
        return self._start + self._passed

    def monotonic(self) -> float:
        """Seconds that were waited for."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Let others go first, then it is later. Those who wait at the same time wait together."""
        moment = self._passed + seconds
        await asyncio.sleep(0)
        self._passed = max(self._passed, moment)


@dataclass(frozen=True, slots=True)
class Came:
    """What a call came to. `response` is the contract's records, or one of them; None where it failed before any."""

    response: Any = None
    more: bool = False
    changed: bool | None = None
    error: FerruleError | None = None

    @property
    def expected(self) -> Expected:
        """The same in the form that a cassette has it."""
        error = _failure(self.error) if self.error else None
        if isinstance(self.response, list):
            return Expected(records=plain(self.response), more=self.more, error=error)
        return Expected(record=plain(self.response), more=self.more, changed=self.changed, error=error)


async def came_to(
    instance: Instance, capability: str, inputs: Mapping[str, Any], *, page_size: int | None = None, walk: bool = False
) -> Came:
    """What a call comes to, failures included. Raises `UnmatchedRequest`."""
    records: list[Any] = []
    try:
        if walk:
            async for page in instance.awalk(capability, inputs, page_size=page_size):
                records += page.records
            return Came(records)
        result = await instance.acall(capability, inputs, page_size=page_size)
    except UnmatchedRequest:
        raise
    except FerruleError as error:
        return Came(records or None, error=error)
    return Came(result.response, result.page_token is not None and result.error is None, result.changed, result.error)


def _failure(error: FerruleError) -> ExpectedError:
    if not isinstance(error, CallError):
        return ExpectedError(code=error.code.name)
    return ExpectedError(code=error.code.name, status=error.status, app_message=error.app_message, app_code=error.app_code)


def plain(value: Any) -> Any:
    """A record, or a list of them, as JSON has it, without the fields that are null."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return [plain(item) for item in value] if isinstance(value, list) else value


async def replay_call(instance: Instance, wire: CassetteWire, number: int, call: CassetteCall) -> CallReport:
    """One call of the cassette that `wire` plays, made again. The calls before it were made already."""
    wire.turn_to(number)
    before = len(wire.played)
    records, slips = 0, []
    try:
        came = await came_to(instance, call.capability, call.inputs, page_size=call.page_size, walk=call.walk)
    except UnmatchedRequest as unmatched:
        slips.append(str(unmatched))
    else:
        records = len(came.response) if isinstance(came.response, list) else 0
        if came.error and not call.expect.error:
            slips.append(f"it failed: {came.error}")
        slips += told(masked(came.expected, Redaction()), call.expect)
        slips += _out_of_order(instance.plan, call.capability, wire, before)
        if (came.more or came.error) and _runs_ahead(instance.plan, call.capability):
            return CallReport(call.capability, len(wire.played) - before, records, tuple(_some(slips)), ())
    unasked = [f"{request.method} {request.uri}" for request in wire.unplayed]
    return CallReport(call.capability, len(wire.played) - before, records, tuple(_some(slips)), tuple(_some(unasked)))


def _out_of_order(plan: Plan, capability: str, wire: CassetteWire, before: int) -> Iterator[str]:
    """Steps that were taken in another order than when they were recorded. What walks ask has no order: they ask at the same time."""
    operation = plan.operations.get(capability)
    for earlier, later in pairwise(wire.played[before:] if operation is not None and operation.steps else ()):
        if later < earlier:
            sent, due = (wire.cassette.interactions[number].request for number in (earlier, later))
            yield f"`{sent.method} {sent.uri}` was sent before `{due.method} {due.uri}`, and was recorded behind it"


def _runs_ahead(plan: Plan, capability: str) -> bool:
    """Walks inside a walk run ahead of what is read. How far they came when a call ends early is no part of what it promises."""
    operation = plan.operations.get(capability)
    return operation is not None and any(part.fans_out for part in operation.parts)


def masked(came: Expected, redaction: Redaction) -> Expected:
    """The same without secrets."""
    return Expected.model_validate(redaction.value(came.model_dump(exclude_defaults=True)))


def told(came: Expected, wanted: Expected) -> list[str]:
    """Where what came differs from what was expected, a line each."""
    left, right = (each.model_dump(exclude_none=True) for each in (came, wanted))
    return [each.told("came", "expected") for each in differences(left, right)]


def _some(slips: list[str]) -> list[str]:
    more = len(slips) - MOST_SLIPS
    return slips if more <= 0 else [*slips[:MOST_SLIPS], f"… and {more} more"]


def _unreadable(app: str, path: Path, error: Exception) -> Report:
    return Report(app, path, None, (), (str(error),), 0.0)
