"""What the docs show is true: every block of YAML is judged by the engine, every command is run and its output compared.

How a page says what a block is stands in `pages.py`. `pytest tests/test_docs.py --write-docs` writes the real output
where a page shows another; a shown line `…` that agrees is kept.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

import pages
from sessions import is_session, judge

PROJECT = Path(__file__).parents[1]
FRAMES = PROJECT / "tests" / "frames"
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
BLOCKS = [(page, block) for page in PAGES for block in pages.blocks(page.read_text())]


def name(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def of_language(language: str) -> list[Any]:
    return [pytest.param(page, block, id=f"{name(page)}:{block.line}") for page, block in BLOCKS if block.language == language]


def with_sessions(*, live: bool) -> list[Any]:
    found = dict.fromkeys(page for page, block in BLOCKS if is_session(block) and ("live" in block.notes) == live)
    return [pytest.param(page, id=name(page)) for page in found]


@pytest.mark.parametrize("page", [pytest.param(page, id=name(page)) for page in PAGES])
def test_notes_are_known(page: Path):
    for block in pages.blocks(page.read_text()):
        unknown = block.notes.keys() - pages.NOTES
        assert not unknown, f"{name(page)}:{block.line}: nothing reads {', '.join(sorted(unknown))}"


@pytest.mark.parametrize(("page", "block"), of_language("yaml"))
def test_yaml(page: Path, block: pages.Block):
    """A whole spec, or a part of one in its frame, compiles or reports the codes that the page names."""
    spec = whole_spec(block)
    if spec is None:
        assert list(yaml.safe_load_all(block.text)), "a block of YAML that is no spec is YAML all the same"
        return
    from ferrule.compile import compile_text
    from ferrule.diagnostics import SpecError, render

    found, shown = set(), "nothing"
    try:
        compile_text(spec, name(page))
    except SpecError as error:
        found = {diagnostic.code.id for diagnostic in error.diagnostics}
        shown = "\n".join(render(diagnostic, spec) for diagnostic in error.diagnostics)
    assert found == set(block.notes.get("expect", "").split()), f"the block at {name(page)}:{block.line} reports\n{shown}"


def whole_spec(block: pages.Block) -> str | None:
    """The spec that a block of YAML shows, or None where it says that it shows something else."""
    match block.words:
        case ("yaml",) if block.text.startswith("ferrule:"):
            return block.text
        case ("yaml", "part:", frame):
            return pages.in_frame((FRAMES / f"{frame}.yaml").read_text(), block.text)
        case ("yaml", "other"):
            return None
    words = " ".join(block.words)
    raise ValueError(f"`{words}`: a spec is `yaml` and starts with `ferrule:`, a part is `yaml part: FRAME`, the rest is `yaml other`")


@pytest.mark.parametrize("page", with_sessions(live=False))
def test_commands(page: Path, tmp_path: Path, request: pytest.FixtureRequest):
    check(page, tmp_path, request, live=False)


@pytest.mark.live
@pytest.mark.parametrize("page", with_sessions(live=True))
def test_live_commands(page: Path, tmp_path: Path, request: pytest.FixtureRequest):
    check(page, tmp_path, request, live=True)


def check(page: Path, folder: Path, request: pytest.FixtureRequest, *, live: bool) -> None:
    write = request.config.getoption("--write-docs")
    text = page.read_text()
    found = judge(text, folder, lambda block: live or "live" not in block.notes)
    if write and found.text != text:
        page.write_text(found.text)
    wrong = found.failed if write else [*found.failed, *found.untrue]
    if wrong:
        pytest.fail(f"{name(page)}, " + "\n".join(wrong), pytrace=False)


@pytest.mark.parametrize(("page", "block"), of_language("console"))
def test_output_is_only_shown_of_commands_that_are_run(page: Path, block: pages.Block):
    shown = pages.commands(block.text)
    assert is_session(block) or not any(command.output for command in shown), f"{name(page)}:{block.line}: no test runs these commands"
