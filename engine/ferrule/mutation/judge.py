"""What becomes of a broken spec: it does not compile, its cassettes tell, the linter tells, or nobody notices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ferrule.compile import compile_spec
from ferrule.diagnostics import Diagnostic, Span, SpecError
from ferrule.errors import BadInput, FerruleError
from ferrule.lint import lint as lint_spec
from ferrule.mutation.mutators import MUTATORS
from ferrule.mutation.tree import Change, Site, applied, sites
from ferrule.plan import Plan
from ferrule.replay import cassettes_of, playing, replay_call
from ferrule.source import Table, read
from ferrule.spec.load import load
from ferrule.wire.cassette_file import Cassette, load_cassette

Killer = Literal["compile", "replay", "lint"]
Lint = Callable[[Plan, Table, str], Iterable[Diagnostic]]
"""Finds what is wrong with a plan, given the tree it was compiled from and the text of its file."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spec broken in one place."""

    mutator: str
    site: Site
    change: Change

    @property
    def span(self) -> Span:
        """Where it was broken."""
        return self.change.span


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant. `killed` says by what; None where it survived."""

    mutator: str
    span: Span
    words: str
    killed: Killer | None
    reason: str = ""
    """What gave it away."""

    def __str__(self) -> str:
        return f"{self.span}: {self.mutator}: {self.words}{'' if self.killed is None else f' ({self.killed}: {self.reason})'}"


@dataclass(frozen=True, slots=True)
class Score:
    """All mutants of a spec."""

    app: str
    file: str
    verdicts: tuple[Verdict, ...]

    @property
    def survivors(self) -> list[Verdict]:
        """Those that nobody noticed."""
        return [verdict for verdict in self.verdicts if verdict.killed is None]

    @property
    def percent(self) -> float:
        """How many were noticed."""
        return 100 * (1 - len(self.survivors) / len(self.verdicts)) if self.verdicts else 100.0

    @property
    def by_mutator(self) -> dict[str, tuple[int, int]]:
        """For each mutator that had anything to break: how many of its mutants were noticed, and how many there were."""
        counted: dict[str, tuple[int, int]] = {}
        for name in MUTATORS:
            killed = [verdict.killed is not None for verdict in self.verdicts if verdict.mutator == name]
            if killed:
                counted[name] = sum(killed), len(killed)
        return counted


def mutants(tree: Table) -> Iterator[Mutant]:
    """Every mutant of a spec: mutator by mutator, each in the order of the file."""
    found = list(sites(tree))
    for name, mutator in MUTATORS.items():
        seen: set[tuple[Span, str]] = set()
        for site in found:
            for change in mutator(site):
                if (change.span, change.words) not in seen:
                    seen.add((change.span, change.words))
                    yield Mutant(name, site, change)


class Court:
    """A spec and its cassettes, before which its mutants are brought."""

    def __init__(self, text: str, file: str, cassettes: Iterable[Cassette], lint: Lint | None = lint_spec) -> None:
        self.tree, self.file, self.text, self.lint = read(text, file), file, text, lint
        self.plan = self._compiled(self.tree)
        self.cassettes = sorted(cassettes, key=lambda cassette: len(cassette.interactions))
        for cassette in self.cassettes:
            if slip := asyncio.run(_differs(self.plan, cassette, None)):
                raise BadInput(f"the cassettes of `{self.plan.app_id}` do not fit the spec: {slip}", hint="see `ferrule test`")

    @cached_property
    def mutants(self) -> list[Mutant]:
        """All of them."""
        return list(mutants(self.tree))

    @cached_property
    def _known(self) -> set[tuple[str, Span]]:
        """What the linter finds in the spec as it is: of what is known already, no mutant dies."""
        return {(each.code.id, each.span) for each in self.lint(self.plan, self.tree, self.text)} if self.lint else set()

    def judge(self, mutant: Mutant) -> Verdict:
        """What becomes of one mutant."""
        change = mutant.change
        tree = applied(self.tree, mutant.site.value if change.text is None else change.text, change.value)
        told = Verdict(mutant.mutator, mutant.span, mutant.change.words, None)
        affected = self._affected(tree)
        try:
            plan = self._compiled(tree) if affected is None else self._recompiled(tree, affected)
        except SpecError as error:
            return replace(told, killed="compile", reason=error.diagnostics[0].message)
        for cassette in self._ordered(affected):
            if slip := asyncio.run(_differs(plan, cassette, affected)):
                return replace(told, killed="replay", reason=slip)
        if self.lint is not None and (new := self._linted(replace(plan, spec=load(tree)), tree)):
            return replace(told, killed="lint", reason=new)
        return told

    def _compiled(self, tree: Table) -> Plan:
        return compile_spec(load(tree), tree, self.file)

    def _affected(self, tree: Table) -> frozenset[str] | None:
        """The capabilities that differ, by themselves or by a record or a pagination that they name; None where more does."""
        changed = {key: _changed(self.tree[key], tree[key]) for key in self.tree if tree[key] is not self.tree[key]}
        if not changed.keys() <= {"capabilities", "records", "pagers"}:
            return None
        named = {("record", name) for name in changed.get("records", ())} | {("pages", name) for name in changed.get("pagers", ())}
        capabilities = self.tree["capabilities"].items()
        users = frozenset(str(name) for name, value in capabilities if named and not named.isdisjoint(_named(value)))
        return users | changed.get("capabilities", frozenset())

    def _recompiled(self, tree: Table, affected: frozenset[str]) -> Plan:
        """The plan with these capabilities compiled anew. The others come to what they were."""
        capabilities: Table = tree["capabilities"]
        few = Table({name: value for name, value in capabilities.items() if str(name) in affected}, capabilities.span)
        small = self._compiled(Table({**tree, "capabilities": few}, tree.span))
        return replace(self.plan, operations={**self.plan.operations, **{name: small.operations[name] for name in affected}})

    def _ordered(self, affected: frozenset[str] | None) -> list[Cassette]:
        """The cassettes that can tell, the shortest first."""
        return [c for c in self.cassettes if affected is None or any(call.capability in affected for call in c.ferrule.calls)]

    def _linted(self, plan: Plan, tree: Table) -> str | None:
        """The first finding that the spec itself does not have."""
        assert self.lint is not None
        found = self.lint(plan, tree, self.text)
        return next((f"{each.code.id} {each.message}" for each in found if (each.code.id, each.span) not in self._known), None)


def _changed(before: Table, after: Table) -> frozenset[str]:
    return frozenset(str(name) for name in before if after.get(name) is not before[name])


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Every text in a capability with its key: `record: account` among them."""
    if isinstance(value, Table):
        yield from ((str(key), str(inner)) for key, inner in value.items() if isinstance(inner, str))
    for inner in value.values() if isinstance(value, Table) else value if isinstance(value, list) else ():
        yield from _named(inner)


async def _differs(plan: Plan, cassette: Cassette, affected: frozenset[str] | None) -> str | None:
    """The first thing that is not as recorded, or None. Calls behind the last one that is affected are left out."""
    calls = cassette.ferrule.calls
    last = max((n for n, call in enumerate(calls) if affected is None or call.capability in affected), default=-1)
    try:
        async with playing(plan, cassette) as (instance, wire):
            for number, call in enumerate(calls[: last + 1]):
                report = await replay_call(instance, wire, number, call)
                if not report.passed:
                    return f"{call.capability}: {next(iter((*report.slips, *report.unasked)))}"
    except (FerruleError, SpecError) as error:
        return str(error)
    return None


def score(spec: Path, *, jobs: int = 1, lint: Lint | None = lint_spec, told: Callable[[int, int], Any] = lambda done, of: None) -> Score:
    """The mutants of the spec at `spec`, and who noticed them. `told` is called on the way: so many of so many are judged.

    Raises `SpecError` for a broken spec or cassette, `BadInput` where the cassettes do not even fit the spec as it is.
    """
    court = _court(spec, lint)
    count = len(court.mutants)
    verdicts: list[Verdict] = []
    if jobs > 1:
        with ProcessPoolExecutor(jobs, initializer=_open, initargs=(spec, lint)) as pool:
            for verdict in pool.map(_judge, range(count), chunksize=8):
                verdicts.append(verdict)
                told(len(verdicts), count)
    else:
        for mutant in court.mutants:
            verdicts.append(court.judge(mutant))
            told(len(verdicts), count)
    return Score(court.plan.app_id, court.file, tuple(verdicts))


def _court(spec: Path, lint: Lint | None) -> Court:
    file = str(spec.relative_to(Path.cwd()) if spec.is_relative_to(Path.cwd()) else spec)
    return Court(spec.read_bytes().decode("utf-8-sig"), file, [load_cassette(path) for path in cassettes_of(spec)], lint)


_OPEN: list[Court] = []
"""The court of a process that judges for another one."""


def _open(spec: Path, lint: Lint | None) -> None:
    _OPEN[:] = [_court(spec, lint)]


def _judge(number: int) -> Verdict:
    court = _OPEN[0]
    return court.judge(court.mutants[number])
