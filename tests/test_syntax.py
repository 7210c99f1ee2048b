"""libyaml and PyYAML itself read the same in every text: the same values at the same places, or the same finding.

Where libyaml is not there, both are PyYAML, and nothing here can fail.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrule import source, syntax
from ferrule.diagnostics import SpecError
from ferrule.source import Scalar, Series, Table, Text, read

HERE = Path(__file__).parent
FILES = sorted([*(HERE.parent / "specs").glob("*.yaml"), *(HERE / "cases").rglob("*.yaml"), *(HERE.parent / "cassettes").rglob("*.yaml")])
PIECES = (
    *("a: b", "k", ": ", "- ", "? ", "?", "[", "]", "{", "}", ", ", "\n", "\n  ", "\n    ", " ", "\t", "\r\n", "\x85", "\u2028", "\ufeff"),
    *("'", '"', "|", ">", "|-\n", "|#", "&x ", "*x", "!t ", "!!str ", "!", "%YAML 1.1\n", "---\n", "...\n", "#", " #", "@", "`", "<<: "),
    *("\\", "\\n", "\\x41", "\\ud800", "\\U00110000", "\x07", "\ud800", "é", "😀", "~", "007", "1.5", "{{ a }}", "x" * 1030),
)


def described(value: Any) -> Any:
    """A tree with all that is known of places."""
    if isinstance(value, Text):
        return str(value), value.span, value.quoted, value.rows
    if isinstance(value, Scalar):
        return value, value.span
    if isinstance(value, Table):
        return value.span, [(described(key), described(item)) for key, item in value.items()]
    if isinstance(value, Series):
        return value.span, value.spans, [described(item) for item in value]
    return type(value), value


def outcome(text: str, file: str) -> Any:
    try:
        return described(read(text, file))
    except SpecError as error:
        return error.diagnostics


def assert_same(text: str, file: str = "a.yaml") -> None:
    with pytest.MonkeyPatch.context() as patch:
        quick = outcome(text, file)
        patch.setattr(source, "parse", syntax.parse_plainly)
        assert quick == outcome(text, file)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(HERE.parent).as_posix())
def test_both_read_the_same_in_a_file(path: Path):
    assert_same(path.read_text("utf-8-sig"), path.name)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_both_read_the_same_in_any_text(text: str):
    assert_same(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: [b?c]",
        "a: {b: c? }",
        "a: {? }",
        "a: {b:: }",
        "a: {b: , c: [, d]}",
        "a: b\t",
        "a:\n\t- b",
        "a: |# no comment\n  b",
        "\ufeffa: b",
        "a: b\ufeffc\nd: [e]",
        "!key:!!str  t ",
        "a: &x b\nc: &x d",
        "a: *x",
        "- - ",
        "-",
        "a: b\n---\nc: d",
        "# nothing",
    ],
)
def test_both_read_the_same_where_they_are_known_to_part(text: str):
    assert_same(text)


@pytest.mark.skipif(syntax.libyaml is None, reason="PyYAML was built without libyaml")
def test_the_bundled_specs_are_read_by_libyaml(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(syntax, "parse_plainly", lambda text, depth: pytest.fail("PyYAML itself was asked"))
    for path in sorted((HERE.parent / "specs").glob("*.yaml")):
        read(path.read_text("utf-8"), path.name)
