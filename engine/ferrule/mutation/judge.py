"""What becomes of a broken spec: it does not compile, its cassettes tell, the linter tells, or nobody notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

from ferrule.compile import compile_spec
from ferrule.diagnostics import Diagnostic, Span, SpecError
from ferrule.lint import lint as lint_spec
from ferrule.mutation.mutators import MUTATORS
from ferrule.mutation.tree import Change, Site, applied, sites
from ferrule.mutation.witness import Witness, reach_of, witnesses
from ferrule.plan import Plan
from ferrule.replay import cassettes_of
from ferrule.source import Table, read
from ferrule.spec.load import load
from ferrule.wire.cassette_file import load_cassette

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

    def __init__(self, text: str, file: str, heard: list[Witness], lint: Lint | None = lint_spec) -> None:
        self.tree, self.file, self.text, self.lint, self.witnesses = read(text, file), file, text, lint, heard
        self.plan = self._compiled(self.tree)

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
        reach = reach_of(self.tree, tree)
        try:
            plan = self._compiled(tree) if reach.capabilities is None else self._recompiled(tree, reach.capabilities)
        except SpecError as error:
            return replace(told, killed="compile", reason=error.diagnostics[0].message)
        for witness in self.witnesses:
            if slip := witness.tells(plan, reach):
                return replace(told, killed="replay", reason=slip)
        if self.lint is not None and (new := self._linted(replace(plan, spec=load(tree)), tree)):
            return replace(told, killed="lint", reason=new)
        return told

    def _compiled(self, tree: Table) -> Plan:
        return compile_spec(load(tree), tree, self.file)

    def _recompiled(self, tree: Table, affected: frozenset[str]) -> Plan:
        """The plan with these capabilities compiled anew. The others come to what they were."""
        capabilities: Table = tree["capabilities"]
        few = Table({name: value for name, value in capabilities.items() if str(name) in affected}, capabilities.span)
        small = self._compiled(Table({**tree, "capabilities": few}, tree.span))
        return replace(self.plan, operations={**self.plan.operations, **{name: small.operations[name] for name in affected}})

    def _linted(self, plan: Plan, tree: Table) -> str | None:
        """The first finding that the spec itself does not have."""
        assert self.lint is not None
        found = self.lint(plan, tree, self.text)
        return next((f"{each.code.id} {each.message}" for each in found if (each.code.id, each.span) not in self._known), None)


def court(spec: Path, lint: Lint | None = lint_spec) -> Court:
    """The court of the spec at `spec` and its cassettes. Raises `SpecError` for a broken one of these, `BadInput` where the
    cassettes do not even fit the spec as it is."""
    file = str(spec.relative_to(Path.cwd()) if spec.is_relative_to(Path.cwd()) else spec)
    text = spec.read_bytes().decode("utf-8-sig")
    return Court(text, file, witnesses(read(text, file), file, [load_cassette(path) for path in cassettes_of(spec)]), lint)


def score(spec: Path, *, jobs: int = 1, lint: Lint | None = lint_spec, told: Callable[[int, int], Any] = lambda done, of: None) -> Score:
    """The mutants of the spec at `spec`, and who noticed them. `told` is called on the way: so many of so many are judged.

    Raises `SpecError` for a broken spec or cassette, `BadInput` where the cassettes do not even fit the spec as it is.
    """
    opened = court(spec, lint)
    count = len(opened.mutants)
    verdicts: list[Verdict] = []
    if jobs > 1:
        given = (opened.text, opened.file, opened.witnesses, lint)
        with ProcessPoolExecutor(jobs, get_context("spawn"), _open, given) as pool:  # a fork would copy whoever shows the progress
            for verdict in pool.map(_judge, range(count), chunksize=8):
                verdicts.append(verdict)
                told(len(verdicts), count)
    else:
        for mutant in opened.mutants:
            verdicts.append(opened.judge(mutant))
            told(len(verdicts), count)
    return Score(opened.plan.app_id, opened.file, tuple(verdicts))


_OPEN: list[Court] = []
"""The court of a process that judges for another one."""


def _open(text: str, file: str, heard: list[Witness], lint: Lint | None) -> None:
    _OPEN[:] = [Court(text, file, heard, lint)]


def _judge(number: int) -> Verdict:
    return _OPEN[0].judge(_OPEN[0].mutants[number])
