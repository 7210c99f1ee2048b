"""Walks: pages after pages, parts after parts, inner walks concurrently and in order.

A walk hands out chunks. Each chunk has rows and the position behind them, a small JSON value from which the walk goes on,
here or in another process, as if it had never stopped. Children of a fan-out run ahead of the one being read, within a
window, and are read in their order, so that a position is always one place in one sequence.

    position of a whole read   {"part": which part, "at": position in it, "saved": names from `prepare`, "seen": keys for `dedupe`}
    position before the parts  {"part": 0, "at": None, "saved": names so far, "step": how many steps of `prepare` are done}
    position of a loop         {"page": page position, "i": which record of that page, "f": its fingerprint, "in": position inside}
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson

from ferrule import interpret
from ferrule.ahead import Ahead, key_of
from ferrule.errors import InvalidPageToken
from ferrule.plan import Dedupe, Loop, Operation, Part
from ferrule.request import Call
from ferrule.templates import Scope

Send = Callable[[Any], Awaitable[Any]]
"""Sends a `Call` and gives its `Answer`, or waits out a `Sleep`."""
Position = dict[str, Any]

WINDOW = 16
"""Children of one walk that run ahead of the one being read, at least; twice as many as may ask at once, where that is more."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one page, and the position behind them; None at the end. Without a part, it tells that a step before the parts
    is done."""

    part: Part | None
    rows: list[dict[str, Any]]
    position: Position | None
    says: Mapping[str, Any] = field(default_factory=dict)
    """What the page has for fields of the contract's answer that are no lists."""


async def walk(
    operation: Operation, scope: Scope, send: Send, position: Position | None, size: int | None, at_once: int = 1, ahead: bool = False
) -> AsyncGenerator[Chunk, None]:
    """Every chunk of an operation's parts, from `position` on. `at_once` is how many requests may be under way; `ahead` says
    that all of it will be read, so that pages may be asked for before their turn. Raises `InvalidPageToken` where the position fits
    no place here."""
    start, inner, saved = _enter(operation, position)
    for number in range(_prepared(operation, position), len(operation.prepare)):
        saved = {**saved, **await drive(interpret.prepare(operation.prepare[number], {**scope, **saved}), send)}
        yield Chunk(None, [], {"part": 0, "at": None, "saved": saved, "step": number + 1})
    scope = {**scope, **saved}
    seen = Seen(position.get("seen") if position else None) if operation.dedupe else None
    for index in range(start, len(operation.parts)):
        part = operation.parts[index]
        last = index == len(operation.parts) - 1
        if not interpret.holds(part, scope):
            inner = None
            if last:
                yield Chunk(part, [], None)
            continue
        runner = _Runner(part, send, size, at_once, ahead and len(part.loops) == 1)
        async with aclosing(runner.level(0, scope, inner)) as steps:
            async for rows, at, says in steps:
                following = {"part": index, "at": at} if at is not None else None if last else {"part": index + 1, "at": None}
                if operation.prepare:
                    following = following and {**following, "saved": saved}
                if seen is not None and operation.dedupe is not None:
                    rows = seen.new(rows, operation.dedupe, scope)
                    following = following and {**following, "seen": seen.snapshot()}
                yield Chunk(part, rows, following, says)
        inner = None


class Seen:
    """The keys of rows that were given already, as digests of eight bytes."""

    def __init__(self, text: Any) -> None:
        try:
            data = base64.b64decode(text or "", validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise InvalidPageToken("the page token does not fit this connector any more") from None
        self.order = [data[i : i + 8] for i in range(0, len(data), 8)]
        self.keys = set(self.order)

    def new(self, rows: list[dict[str, Any]], dedupe: Dedupe, scope: Scope) -> list[dict[str, Any]]:
        """The rows that were not there before: in the whole walk, or on the page before this one."""
        digests = [blake2b(orjson.dumps(dedupe.key.find(row, scope), default=str), digest_size=8).digest() for row in rows]
        fresh = []
        here: dict[bytes, None] = {}
        for row, digest in zip(rows, digests, strict=True):
            if digest not in self.keys and digest not in here:
                here[digest] = None
                fresh.append(row)
        if dedupe.whole_walk:
            self.order += here
            self.keys.update(here)
        elif rows:
            self.order, self.keys = list(dict.fromkeys(digests)), set(digests)
        return fresh

    def snapshot(self) -> Snapshot:
        """The keys as they are now, written out only when a token is made of them."""
        return Snapshot(self.order, len(self.order))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The first `count` of a growing list of digests."""

    order: list[bytes]
    count: int

    def __str__(self) -> str:
        return base64.b64encode(b"".join(self.order[: self.count])).decode()


def _enter(operation: Operation, position: Position | None) -> tuple[int, Position | None, dict[str, Any]]:
    """The part, the position in it, and what was saved before the parts."""
    if position is None:
        return 0, None, {}
    try:
        part, at, saved = position["part"], position["at"], position.get("saved", {})
    except (KeyError, TypeError, AttributeError):
        part, at, saved = None, None, None
    fits = isinstance(part, int) and 0 <= part < len(operation.parts) and isinstance(at, (dict, type(None)))
    if not fits or not isinstance(saved, dict) or bool(operation.prepare) < bool(saved):
        raise InvalidPageToken("the page token does not fit this connector any more")
    return part, at, saved


def _prepared(operation: Operation, position: Position | None) -> int:
    """How many steps before the parts are done. A position behind them has what they saved, and no number."""
    whole = len(operation.prepare)
    done = (position or {}).get("step", whole if position and "saved" in position else 0)
    if isinstance(done, int) and 0 <= done <= whole:
        return done
    raise InvalidPageToken("the page token does not fit this connector any more")


Step = tuple[list[dict[str, Any]], Position | None, Mapping[str, Any]]
"""Rows, the position behind them, and what their page says besides."""
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """One record of a page, and the position that the page was asked from."""

    page: interpret.Page
    position: Any
    index: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """That of one record, found only when a token is made of it."""

    inner: Loop
    scope: Scope
    name: str
    record: Any

    def __str__(self) -> str:
        return interpret.fingerprint(self.inner, {**self.scope, self.name: self.record}) or ""


class _Runner:
    """Walks one part. Holds no state of the walk: positions do."""

    def __init__(self, part: Part, send: Send, size: int | None, at_once: int, ahead: bool) -> None:
        self.part, self.send, self.size, self.at_once, self.ahead = part, send, size, at_once, ahead

    async def level(self, depth: int, scope: Scope, position: Position | None) -> AsyncGenerator[Step, None]:
        """Rows of the loop at `depth` and all inside it, with the position behind each."""
        loop = self.part.loops[depth]
        if depth == len(self.part.loops) - 1:
            async with aclosing(self.pages(loop, scope, position)) as pages:
                async for page, _ in pages:
                    following = {"page": page.next} if page.next is not None else None
                    yield interpret.rows(self.part, page, scope), following, page.says
            return
        fresh = True
        async for step in _in_order(self.children(depth, scope, position), max(WINDOW, 2 * self.at_once)):
            fresh = False
            yield step
        if fresh:
            yield [], None, _NOTHING

    async def pages(self, loop: Loop, scope: Scope, position: Position | None) -> AsyncGenerator[tuple[interpret.Page, Any], None]:
        """The pages of one loop, each with the position it was asked from."""
        if loop.request is None:
            _page_position(position)
            yield interpret.Page(interpret.local(loop, scope), None), None
            return
        says = self.part.answer if loop is self.part.loops[-1] else _NOTHING
        here, ahead = _page_position(position), Ahead(self.send)
        try:
            while True:
                send = ahead.answer(key_of(loop.pager.state(here))) if self.ahead and loop.pager else self.send
                page = await drive(interpret.page(loop, scope, here, self.size, says), send)
                if self.ahead and page.next is not None:
                    await ahead.ask(self.following(loop, scope, page.next))
                yield page, here
                if page.next is None:
                    return
                here = page.next
        finally:
            ahead.close()

    def following(self, loop: Loop, scope: Scope, position: Position) -> dict[bytes, Call]:
        """The requests for the next pages."""
        assert loop.pager is not None
        size = interpret.page_size(loop, self.size)
        return {key_of(state): interpret.request(loop, scope, state, size) for state in loop.pager.ahead(position, size, self.at_once)}

    async def children(self, depth: int, scope: Scope, position: Position | None) -> AsyncIterator[AsyncIterator[Step]]:
        """One walk per record of this loop, each giving positions as seen from this loop."""
        loop, inner = self.part.loops[depth], self.part.loops[depth + 1]
        assert loop.name is not None
        resume = position
        name = loop.name
        async for page, here in self.pages(loop, scope, position):
            index = _index(page.records, resume, lambda record: interpret.fingerprint(inner, {**scope, name: record}))
            inside = resume.get("in") if resume else None
            resume = None
            for i in range(index, len(page.records)):
                yield self.child(depth, scope, Place(page, here, i), inside)
                inside = None

    async def child(self, depth: int, scope: Scope, place: Place, inside: Position | None) -> AsyncIterator[Step]:
        """The walk of one record, its positions made those of the loop around it."""
        inner, name = self.part.loops[depth + 1], self.part.loops[depth].name
        page, i = place.page, place.index
        assert name is not None

        def at_record(index: int) -> Position:
            mark = Fingerprint(inner, scope, name, page.records[index]) if inner.request is not None else None
            return {"page": place.position, "i": index, "f": mark}

        async for rows, at, says in self.level(depth + 1, {**scope, name: page.records[i]}, inside):
            if at is not None:
                yield rows, {**at_record(i), "in": at}, says
            elif i + 1 < len(page.records):
                yield rows, at_record(i + 1), says
            else:
                yield rows, {"page": page.next} if page.next is not None else None, says


def _page_position(position: Position | None) -> Any:
    if position is None:
        return None
    here = position.get("page")
    if here is not None and not (isinstance(here, dict) and isinstance(here.get("s"), dict) and {"n", "r", "d", "t"} <= here.keys()):
        raise InvalidPageToken("the page token does not fit this connector any more")
    return here


def _index(records: list[Any], position: Position | None, mark: Callable[[Any], str | None]) -> int:
    """Which record a position stands at. The list may have changed since: the record is found again by its fingerprint,
    and where it is gone the walk must start anew rather than leave something out."""
    if position is None or "i" not in position:
        return 0
    index, wanted = position["i"], position.get("f")
    if isinstance(index, int) and 0 <= index < len(records) and mark(records[index]) == wanted:
        return index
    found = next((i for i, record in enumerate(records) if wanted is not None and mark(record) == wanted), None)
    if found is None:
        raise InvalidPageToken("what the page token stands at is gone from the app")
    return found


async def drive(generator: Generator[Any, Any, Any], send: Send) -> Any:
    """Run a generator of the interpreter to its end, each call sent, each failure thrown into it."""
    try:
        wanted = next(generator)
        while True:
            try:
                answer = await send(wanted)
            except Exception as error:  # noqa: BLE001 - the generator may know what to do, or lets it pass
                wanted = generator.throw(error)
            else:
                wanted = generator.send(answer)
    except StopIteration as end:
        return end.value


_END = object()


async def _in_order(children: AsyncIterator[AsyncIterator[Step]], window: int) -> AsyncIterator[Step]:
    """The steps of all children in order, while those behind the first already run.

    Each child runs in a task of its own and waits when it is a page ahead; at most `window` of them wait to be read.
    """
    queue: asyncio.Queue[Any] = asyncio.Queue(window)
    tasks: set[asyncio.Task[None]] = set()

    def start(job: Any) -> None:
        task = asyncio.create_task(job)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def feed() -> None:
        try:
            async for child in children:
                lane: asyncio.Queue[Any] = asyncio.Queue(1)
                start(_pump(child, lane))
                await queue.put(lane)
            await queue.put(_END)
        except Exception as error:  # noqa: BLE001 - handed to the reader, who raises it in its turn
            await queue.put(error)

    start(feed())
    try:
        while (lane := await queue.get()) is not _END:
            if isinstance(lane, Exception):
                raise lane
            while (step := await lane.get()) is not _END:
                if isinstance(step, Exception):
                    raise step
                yield step
    finally:
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(child: AsyncIterator[Step], lane: asyncio.Queue[Any]) -> None:
    try:
        async for step in child:
            await lane.put(step)
        await lane.put(_END)
    except Exception as error:  # noqa: BLE001 - as above
        await lane.put(error)
