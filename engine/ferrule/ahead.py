"""Pages that are asked for while the one before them is still being read.

The next page always: its place is known. Where the app counts, and has named its total, those behind it too, as many as may be
asked for at once. Whether a page asked for ahead is the one that comes next is decided when its turn has come: one that is not,
since the app gave fewer records than it was asked for, is thrown away and the right one asked for. So what is read, and in
which order, is the same as without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from ferrule.pagination.pager import State
from ferrule.request import Call

Send = Callable[[Any], Awaitable[Any]]


class Ahead:
    """The requests under way for pages whose turn comes later."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.tasks: dict[bytes, asyncio.Task[Any]] = {}

    async def ask(self, calls: Mapping[bytes, Call]) -> None:
        """Have these requests under way, and no others. They are sent before this returns, where nothing holds them back."""
        for key in self.tasks.keys() - calls.keys():
            self._drop(key)
        for key, call in calls.items():
            if key not in self.tasks:
                self.tasks[key] = asyncio.create_task(self._sent(call))
        await asyncio.sleep(0)

    def answer(self, key: bytes) -> Send:
        """What gives the answer of the page at `key`: the one under way, or that of a request sent now."""

        async def send(wanted: Any) -> Any:
            task = self.tasks.pop(key, None)
            return await (self.send(wanted) if task is None else task)

        return send

    def close(self) -> None:
        """Let go of all that are under way."""
        for key in [*self.tasks]:
            self._drop(key)

    async def _sent(self, call: Call) -> Any:
        return await self.send(call)

    def _drop(self, key: bytes) -> None:
        task = self.tasks.pop(key)
        task.cancel()
        task.add_done_callback(_seen)


def key_of(state: State | None) -> bytes:
    """What tells one state of a pager from another."""
    return orjson.dumps(state, option=orjson.OPT_SORT_KEYS, default=str)


def _seen(task: asyncio.Task[Any]) -> None:
    """Take note of a failure that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
