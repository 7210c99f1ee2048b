"""The long form says the same as the shorthand: it compiles, it replays, and its own long form is itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ferrule.bundled import specs
from ferrule.compile import compile_file, compile_text
from ferrule.long_form import explain
from ferrule.plan import Plan
from ferrule.replay import cassettes_of, replay
from ferrule.source import plain, read

SPECS = sorted(specs().glob("*.yaml"))


def longhand(path: Path, plan: Plan) -> str:
    """The spec with every capability in its long form."""
    written = plain(read(path.read_text(), path.name))
    for name in written["capabilities"]:
        written["capabilities"][name] = yaml.safe_load(explain(plan, name))[name]
    return yaml.safe_dump(written, sort_keys=False, allow_unicode=True)


def forms(plan: Plan) -> dict[str, str]:
    return {name: explain(plan, name).split("\n", 2)[2] for name in plan.spec.capabilities}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_long_form_is_its_own_long_form(path):
    plan = compile_file(path)
    again = compile_text(longhand(path, plan), path.name)
    assert forms(again) == forms(plan)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_long_form_replays_every_cassette(path):
    plan = compile_text(longhand(path, compile_file(path)), path.name)
    for cassette in cassettes_of(path):
        report = replay(plan, cassette)
        assert report.passed, [call for call in report.calls if not call.passed]
