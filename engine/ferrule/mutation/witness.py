"""A cassette as a witness: which of its calls can tell a broken spec from the real one, and what they tell.

A call that came to what was recorded, and that a change does not reach, comes to it again. What one call can leave behind for
a later one is small: a session, and the time that went by. Calls that leave something are made in any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from ferrule.compile import compile_spec
from ferrule.compile.compiler import Names, SpecCompiler
from ferrule.diagnostics import Span, SpecError
from ferrule.errors import BadInput, FerruleError
from ferrule.expressions import Expression
from ferrule.http import Request, Response
from ferrule.plan import Plan
from ferrule.replay import ReplayClock, playing, replay_call
from ferrule.source import Table
from ferrule.spec.load import load
from ferrule.wire.cassette import CassetteWire, Key, key_of
from ferrule.wire.cassette_file import Cassette


@dataclass(frozen=True, slots=True)
class Reach:
    """What a change can reach. None stands for everything."""

    capabilities: frozenset[str] | None = None
    places: frozenset[Span] | None = None
    """Expressions of which one has to be asked before the change makes any difference."""


@dataclass(frozen=True)
class Witness:
    """A cassette, and for each of its calls what is asked on the way and whether it leaves something behind."""

    cassette: Cassette
    asked: tuple[frozenset[Span], ...]
    leaves: tuple[bool, ...]

    def calls(self, reach: Reach) -> list[int]:
        """Those that can tell, and those before them that leave something behind."""
        found = [number for number in range(len(self.asked)) if self._reached(number, reach)]
        return [number for number in range(found[-1] + 1) if self.leaves[number] or number in found] if found else []

    def _reached(self, number: int, reach: Reach) -> bool:
        if reach.capabilities is not None and self.cassette.ferrule.calls[number].capability not in reach.capabilities:
            return False
        return reach.places is None or not reach.places.isdisjoint(self.asked[number])

    def tells(self, plan: Plan, reach: Reach) -> str | None:
        """The first thing that is not as recorded, or None."""
        numbers = self.calls(reach)
        return asyncio.run(self._tells(plan, numbers)) if numbers else None

    async def _tells(self, plan: Plan, numbers: list[int]) -> str | None:
        try:
            async with playing(plan, self.cassette, _PreparedWire(self)) as (instance, wire):
                for number in numbers:
                    call = self.cassette.ferrule.calls[number]
                    report = await replay_call(instance, wire, number, call)
                    if not report.passed:
                        return f"{call.capability}: {next(iter((*report.slips, *report.unasked)))}"
        except (FerruleError, SpecError) as error:
            return str(error)
        return None

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """What each recorded request is found by."""
        return tuple(key_of(each.request) for each in self.cassette.interactions)


class _PreparedWire(CassetteWire):
    """Plays a cassette whose keys are known."""

    def __init__(self, witness: Witness) -> None:
        super().__init__(witness.cassette)
        self._keys = witness.keys

    def key(self, number: int) -> Key:
        return self._keys[number]


def witnesses(tree: Table, file: str, cassettes: list[Cassette]) -> list[Witness]:
    """The cassettes of a spec, the shortest first. Raises `BadInput` where one does not fit the spec as it is."""
    asked: set[Span] = set()
    plan = compile_spec(load(tree), tree, file, partial(_Noting, asked))
    logins = frozenset(request.origin for auth in plan.auths.values() for request in auth.requests)
    shared = plan.http.throttle is not None or bool(plan.http.budgets)
    found = [asyncio.run(_heard(plan, cassette, asked, logins)) for cassette in cassettes]
    # Where requests are counted, each one is felt by those after it.
    found = [replace(each, leaves=tuple(True for _ in each.leaves)) if shared else each for each in found]
    return sorted(found, key=lambda witness: len(witness.cassette.interactions))


async def _heard(plan: Plan, cassette: Cassette, asked: set[Span], logins: frozenset[Span]) -> Witness:
    places, leaves = [], []
    clock, wire = ReplayClock(cassette.ferrule.date), _NotingWire(cassette)
    async with playing(plan, cassette, wire, clock) as (instance, _):
        for number, call in enumerate(cassette.ferrule.calls):
            asked.clear()
            wire.origins.clear()
            before = clock.monotonic()
            report = await replay_call(instance, wire, number, call)
            if not report.passed:
                slip = next(iter((*report.slips, *report.unasked)))
                raise BadInput(
                    f"the cassettes of `{plan.app_id}` do not fit the spec: {call.capability}: {slip}", hint="see `ferrule test`"
                )
            places.append(frozenset(asked))
            leaves.append(clock.monotonic() != before or not logins.isdisjoint(wire.origins))
    return Witness(cassette, tuple(places), tuple(leaves))


class _Noting(SpecCompiler):
    """A compiler whose expressions over answers note that they are asked."""

    def __init__(self, asked: set[Span], names: Names) -> None:
        super().__init__(names)
        self.asked = asked

    def expression(self, text: Any) -> Expression:
        made = super().expression(text)

        def find(current: Any, scope: Mapping[str, Any]) -> Any:
            self.asked.add(made.text.span)
            return made.find(current, scope)

        return replace(made, find=find)


class _NotingWire(CassetteWire):
    """Plays a cassette, and notes what asked for each request."""

    def __init__(self, cassette: Cassette) -> None:
        super().__init__(cassette)
        self.origins: set[Span] = set()

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        self.origins.add(request.origin)
        return await super().send(request, content, content_type)


def reach_of(before: Table, after: Table) -> Reach:
    """What the change from one tree to the other can reach: capabilities, by themselves or by a record or a pagination that
    they name; answers that an error rule judged, or whose words were read."""
    changed = {str(key): _changed(before[key], after[key]) for key in before if after[key] is not before[key]}
    if changed.keys() == {"http"}:
        return Reach(places=_judged(before["http"], after["http"]))
    if not changed.keys() <= {"capabilities", "records", "pagers"}:
        return Reach()
    named = {("record", name) for name in changed.get("records", ())} | {("pages", name) for name in changed.get("pagers", ())}
    capabilities = before["capabilities"].items()
    users = frozenset(str(name) for name, value in capabilities if named and not named.isdisjoint(_named(value)))
    return Reach(users | changed.get("capabilities", frozenset()))


def _changed(before: Table, after: Table) -> frozenset[str]:
    return frozenset(str(name) for name in before if after.get(name) is not before[name])


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Every text in a capability with its key: `record: account` among them."""
    if isinstance(value, Table):
        yield from ((str(key), str(inner)) for key, inner in value.items() if isinstance(inner, str))
    for inner in value.values() if isinstance(value, Table) else value if isinstance(value, list) else ():
        yield from _named(inner)


def _judged(before: Table, after: Table) -> frozenset[Span] | None:
    """The expressions of `http:` that are asked before the change makes a difference: rules are asked in order, so what is
    done to one, or behind it, is noticed where it is asked. None where more was changed than rules and words."""
    changed = _changed(before, after)
    if not changed or not changed <= {"errors", "error_message", "error_code"}:
        return None
    places = {before[key].span for key in changed if key != "errors"}
    if "errors" in changed:
        rules, others = before["errors"], after.get("errors", [])
        first = next((number for number, rule in enumerate(rules) if number >= len(others) or others[number] is not rule), None)
        if first is None:
            return None
        places.add(rules[first]["when"].span)
    return frozenset(places)
