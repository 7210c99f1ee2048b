"""What the engine costs: a walk against an application on this machine, and where its time goes.

The application runs in a process of its own, so that its work is not counted. The stages of a page are timed one after the other,
over and over on the same page; what the walk took beyond all of them is the engine around them.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ferrule import interpret
from ferrule.bench.application import PER_PAGE, TOKEN
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import FerruleError
from ferrule.http import Request
from ferrule.instance import Instance
from ferrule.plan import Plan
from ferrule.wire.live import LiveWire

SPEC = Path(__file__).with_name("bench.yaml")
APPLICATION = Path(__file__).with_name("application.py")
LISTS = {"accounts": "list_accounts", "associations": "find_entitlement_associations"}
ROUNDS = 200
"""How often a stage is timed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one walk took. Times in seconds, memory in MB."""

    what: str
    """The list that was walked, one of `LISTS`."""
    records: int
    pages: int
    requests: int
    wall: float
    cpu: float
    peak_memory: float
    """Of the whole process, so far."""
    stages: dict[str, float]
    """What each stage takes of one page, on the processor. All but the last are timed by themselves."""

    @property
    def records_per_second(self) -> float:
        """Records that came in a second."""
        return self.records / self.wall

    @property
    def pages_per_second(self) -> float:
        """Pages that came in a second."""
        return self.pages / self.wall


def connector(concurrency: int = 10) -> Connector:
    """The connector of the application that is measured; a spec says how many requests at once its app takes."""
    text = SPEC.read_text("utf-8").replace("concurrency: 10", f"concurrency: {concurrency}")
    return Connector(compile_text(text, str(SPEC)))


def measure(what: str, records: int, *, latency: float = 0.0, concurrency: int = 10, tell: Callable[[str], None] = print) -> Figures:
    """Walk `records` records, as many pages of a hundred as that takes, and measure it. `what` is one of `LISTS`; `latency` is
    what the application waits before each answer, in seconds. `tell` is told how far it is."""
    pages = max(1, -(-records // PER_PAGE))
    with application(pages, latency) as address:
        bound = connector(concurrency)
        with bound.instance({"token": TOKEN}, {"base_url": address}) as tenant:
            next(iter(tenant.walk(LISTS[what], page_size=PER_PAGE)), None)  # what is done once is not counted
        with bound.instance({"token": TOKEN}, {"base_url": address}) as tenant:
            count, walked, wall, cpu = _walked(tenant, LISTS[what], tell)
        stages = _stages(bound.plan, LISTS[what], address)
    inner = walked if what == "accounts" else walked + -(-walked // (2 * PER_PAGE))
    stages["everything else"] = max(0.0, cpu / walked - sum(stages.values()))
    return Figures(what, count, walked, inner, wall, cpu, _peak_memory(), stages)


def _walked(tenant: Instance, capability: str, tell: Callable[[str], None]) -> tuple[int, int, float, float]:
    records = pages = 0
    wall, cpu = time.perf_counter(), time.process_time()
    for page in tenant.walk(capability, page_size=PER_PAGE):
        records, pages = records + len(page.records), pages + 1
        if pages % 100 == 0:
            tell(f"{records:,} records")
    return records, pages, time.perf_counter() - wall, time.process_time() - cpu


def _stages(plan: Plan, capability: str, address: str) -> dict[str, float]:
    """Seconds of the processor that each stage takes of one page."""
    operation = plan.operations[capability]
    part = operation.parts[0]
    loop = part.loops[-1]
    path = "/users" if part.loops == (loop,) else "/groups/g0/members"
    asked = Request("GET", address + path, (("limit", str(PER_PAGE)),), (("Authorization", f"Bearer {TOKEN}"),))
    assert loop.sieve is not None
    sieve, made, validate = loop.sieve, loop.sieve.rows, operation.capability.validate_many
    scope = {"group": {"id": "g0"}}

    async def timed() -> dict[str, float]:
        wire, spent = LiveWire(plan.http, proxies={}), dict.fromkeys(("wire", "decode", "map", "validate"), 0.0)
        await wire.send(asked, None, None)
        for _ in range(ROUNDS):
            moments = [time.process_time()]
            response = await wire.send(asked, None, None)
            moments.append(time.process_time())
            body = sieve.read(response.content, "application/json", None)
            moments.append(time.process_time())
            rows = interpret.rows(part, interpret.Page(body["data"], None, made, list), scope)
            moments.append(time.process_time())
            validate(rows)
            moments.append(time.process_time())
            for stage, (before, after) in zip(spent, pairwise(moments), strict=True):
                spent[stage] += (after - before) / ROUNDS
        await wire.close()
        return spent

    return asyncio.run(timed())


@contextmanager
def application(pages: int, latency: float) -> Iterator[str]:
    """The application in a process of its own, until the end of the block. It ends as well when this process does."""
    command = [sys.executable, str(APPLICATION), str(pages), str(latency)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise FerruleError("the application that is measured did not start", code="internal_error")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def _peak_memory() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
