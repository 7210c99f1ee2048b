"""Specs as tests: `pytest --ferrule specs/` has an item for what lint finds in a spec, and one for each call of its cassettes.

    specs/acme.yaml::lint
    specs/acme.yaml::reads::1 list_accounts
    specs/acme.yaml::reads::2 get_account

A cassette is replayed once, with all its calls in order, when the first of its items runs: a call may need what those before
it left behind, such as a login. So an item comes to the same alone, in any order, and in any process.

pytest imports this module in every project where ferrule is installed. It imports the engine only with the option.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TracebackStyle

    from ferrule.plan import Plan
    from ferrule.replay import CallReport
    from ferrule.source import Table
    from ferrule.wire.cassette_file import Cassette as Exchanges
    from ferrule.wire.cassette_file import CassetteCall

_IS_SPEC = re.compile(rb"""^(ferrule["']?[ \t]*:[ \t]*[^\s#{]|capabilities["']?[ \t]*:)""", re.MULTILINE)
"""What a spec has and no other YAML: the version of the language, or capabilities. A cassette has a mapping under `ferrule:`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    group = parser.getgroup("ferrule", "ferrule: connectors as YAML")
    group.addoption("--ferrule", action="store_true", help="collect specs too: lint each, and replay each call of its cassettes")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Spec | None:
    """A spec, where specs are asked for: a file that is named, or one in a folder that begins as a spec does."""
    if not parent.config.getoption("--ferrule") or file_path.suffix != ".yaml":
        return None
    if not parent.session.isinitpath(file_path) and not _IS_SPEC.search(file_path.read_bytes()):
        return None
    made: Spec = Spec.from_parent(parent, path=file_path)
    return made


class Failed(Exception):
    """An item that did not pass. Its text is all there is to say: where the engine noticed helps nobody."""


class Spec(pytest.File):
    """A spec's file."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The lint of the spec, and its cassettes."""
        from ferrule.replay import cassettes_of

        yield Lint.from_parent(self, name="lint")
        for path in cassettes_of(self.path):
            yield Cassette.from_parent(self, name=path.stem, path=path)

    @cached_property
    def tree(self) -> Table | None:
        """What is written; None where it cannot be read."""
        from ferrule.compile import read_file
        from ferrule.diagnostics import SpecError
        from ferrule.source import read

        try:
            return read(*read_file(self.path))
        except SpecError:
            return None

    @cached_property
    def plan(self) -> Plan:
        """The spec, compiled. Raises `Failed`."""
        from ferrule.compile import compile_file
        from ferrule.diagnostics import SpecError

        try:
            return compile_file(self.path)
        except SpecError as error:
            raise Failed(f"the spec does not compile: {error.diagnostics[0]}") from None

    def line_of(self, capability: str) -> int | None:
        """The line that a capability begins on, counted from 1."""
        from ferrule.source import key_span

        place = None if self.tree is None else key_span(self.tree, ("capabilities", capability))
        return place.line if place and place.line > 0 else None


class Cassette(pytest.Collector):
    """A cassette of a spec."""

    parent: Spec

    def collect(self) -> Iterator[pytest.Item]:
        """Its calls."""
        for number, call in enumerate(self.exchanges.ferrule.calls):
            yield Call.from_parent(self, name=f"{number + 1} {call.capability}", number=number)

    @cached_property
    def exchanges(self) -> Exchanges:
        """What it holds."""
        from ferrule.diagnostics import SpecError
        from ferrule.wire.cassette_file import load_cassette

        try:
            return load_cassette(self.path)
        except SpecError as error:
            raise self.CollectError(_clean(error)) from None

    @cached_property
    def outcome(self) -> tuple[CallReport, ...] | str:
        """What became of each call; the reason where none could be replayed."""
        from ferrule.diagnostics import SpecError
        from ferrule.errors import FerruleError
        from ferrule.replay import replay_cassette

        try:
            return asyncio.run(replay_cassette(self.parent.plan, self.exchanges, self.path)).calls
        except (Failed, SpecError, FerruleError) as error:
            return str(error)


class _Item(pytest.Item):
    """A test that is no Python function."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.funcargs: dict[str, Any] = {}
        """None. Other plugins look here for their own without asking what kind of test it is, as pytest-lsp does."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None) -> Any:
        """The text of what failed, without a traceback."""
        return _clean(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, style)


class Lint(_Item):
    """What `ferrule lint` finds in a spec."""

    def runtest(self) -> None:
        """Fails with every finding, a warning as well as an error."""
        from ferrule.compile import read_file
        from ferrule.diagnostics import SpecError, render
        from ferrule.lint import diagnose, secret_in_spec

        try:
            text, name = read_file(self.path)
        except SpecError as error:
            raise Failed(str(error)) from None
        found = diagnose(text, name)
        if found:  # the line of a secret holds the secret
            raise Failed("\n".join(render(each, None if each.code is secret_in_spec.CODE else text) for each in found))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file, and what is looked for."""
        return self.path, None, f"{self.path.name} lint"


class Call(_Item):
    """A call of a cassette."""

    parent: Cassette

    def __init__(self, *, number: int, **more: Any) -> None:
        super().__init__(**more)
        self.number = number

    @property
    def call(self) -> CassetteCall:
        """What is asked."""
        return self.parent.exchanges.ferrule.calls[self.number]

    def runtest(self) -> None:
        """Fails with every difference, as `ferrule test` tells it."""
        outcome = self.parent.outcome
        if isinstance(outcome, str):
            raise Failed(outcome)
        report = outcome[self.number]
        if not report.passed:
            left = [f"recorded, but not asked any more: {unasked}" for unasked in report.unasked]
            raise Failed(
                "\n".join(
                    [f"{self._place}: `{self.call.capability}` is not as recorded in {_shown(self.parent.path)}"]
                    + [f"  {line}" for slip in (*report.slips, *left) for line in slip.splitlines()]
                )
            )

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the spec speaks of the capability, and the call."""
        line = self.parent.parent.line_of(self.call.capability)
        return self.parent.parent.path, None if line is None else line - 1, f"{self.parent.parent.path.name} {self.parent.name} {self.name}"

    @property
    def _place(self) -> str:
        spec = self.parent.parent
        line = spec.line_of(self.call.capability)
        return _shown(spec.path) + (f":{line}" if line is not None else "")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _clean(words: object) -> str:
    from ferrule.cli.output import clean

    return clean(words)
