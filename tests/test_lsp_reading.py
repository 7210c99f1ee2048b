"""How the language server reads a text that may not be YAML yet, held against what reads it when it is."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import pages
from ferrule.bundled import specs
from ferrule.compile import compile_spec
from ferrule.compile.compiler import Names, SpecCompiler
from ferrule.diagnostics import NOWHERE, Span, SpecError
from ferrule.escapes import Landing
from ferrule.expressions import Expression
from ferrule.lsp.complete import complete
from ferrule.lsp.cursor import cursor
from ferrule.lsp.goto import definition
from ferrule.lsp.hover import hover
from ferrule.lsp.language import Role, role
from ferrule.lsp.more import symbols
from ferrule.lsp.names import names_at
from ferrule.lsp.outline import outline
from ferrule.lsp.positions import Positions
from ferrule.lsp.spot import Page
from ferrule.lsp.tree import Node, nodes
from ferrule.source import Text, read
from ferrule.spec.load import load
from ferrule.templates import Template
from small_app import SPEC

HERE = Path(__file__).parent
FILES = sorted([*specs().glob("*.yaml"), *(HERE / "cases").rglob("*.yaml"), *(HERE / "frames").glob("*.yaml")])
TEXTS = {"/".join(path.parts[-2:]): path.read_bytes().decode("utf-8-sig", "replace") for path in FILES}
"""Named alike in every checkout: what is typed into a text is drawn by its name."""
TEXTS |= {
    f"{path.name}:{block.line}": block.text
    for path in sorted((HERE.parent / "docs").glob("*.md"))
    for block in pages.blocks(path.read_text(encoding="utf-8"))
    if block.language == "yaml"
}
SPECS = {name: text for name, text in TEXTS.items() if re.search(r"^ferrule: 1$", text, re.MULTILINE)}


class _Words(yaml.SafeLoader):
    """Reads every scalar as text."""

    yaml_implicit_resolvers: dict[str, Any] = {}


def keys(value: Any, within: tuple[int, ...] = ()) -> Any:
    """The keys and the items of a value, whatever its scalars say."""
    if isinstance(value, (dict, list)) and id(value) in within:
        return "itself"
    if isinstance(value, dict):
        return {str(key): keys(inner, (*within, id(value))) for key, inner in value.items()}
    return [keys(inner, (*within, id(value))) for inner in value] if isinstance(value, list) else None


def seen(node: Node | None, anchors: dict[str, Node], within: tuple[str, ...] = ()) -> Any:
    if node is None or node.kind == "scalar":
        return None
    if node.kind == "alias":
        return "itself" if node.text in within else seen(anchors.get(node.text), anchors, (*within, node.text))
    within = (*within, node.anchor) if node.anchor else within
    if node.kind == "mapping":
        return {entry.name: seen(entry.value, anchors, within) for entry in node.entries}
    return [seen(entry.value, anchors, within) for entry in node.entries]


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_yaml_is_read_as_yaml_reads_it(name: str):
    text = TEXTS[name]
    try:
        wanted = yaml.load(text, _Words)
    except (yaml.YAMLError, OverflowError, ValueError):
        wanted = None
    root = outline(text)
    if isinstance(wanted, dict):
        assert seen(root, {node.anchor: node for node in nodes(root) if node.anchor}) == keys(wanted)


def test_most_texts_are_yaml():
    """The test above holds something."""
    assert len(SPECS) > 30
    assert len(TEXTS) > 300


# Roles and names


class Noting(SpecCompiler):
    """A compiler that notes what each text is compiled as, and the names in scope there."""

    def __init__(self, written: str, noted: dict[Span, list[tuple[Role, dict[str, Any]]]], names: Names) -> None:
        super().__init__(names)
        self.lines, self.noted = [*written.splitlines(), ""], noted

    def note(self, text: Text, role: Role, hidden: tuple[str, ...] = ()) -> None:
        if not text.rows and text not in self.lines[text.span.line - 1]:
            return  # what a kind says by itself, at the place that it belongs to: the errors of a token endpoint
        scope = {name: None if below is None else {*below} for name, below in self.names.items() if name not in hidden}
        self.noted.setdefault(text.span, []).append((role, scope))

    def template(self, text: Text, landing: Landing = "leaf") -> Template:
        self.note(text, "template")
        return super().template(text, landing)

    def expression(self, text: Text) -> Expression:
        self.note(text, "answer", ("credential", "session", "page"))
        return super().expression(text)

    def record_expression(self, text: Text) -> Expression:
        self.note(text, "record", ("credential", "session", "page", "settings"))
        return super().record_expression(text)

    def scope_expression(self, text: Text) -> Expression:
        self.note(text, "scope", ("credential", "session"))
        return super().scope_expression(text)


def compiled(text: str) -> dict[Span, list[tuple[Role, dict[str, Any]]]]:
    """What the compiler makes of each text of a spec; of one that does not compile nothing."""
    noted: dict[Span, list[tuple[Role, dict[str, Any]]]] = {}
    try:
        tree = read(text, "x")
        compile_spec(load(tree), tree, "x", partial(Noting, text, noted))
    except SpecError:
        return {}
    return {span: held for span, held in noted.items() if span != NOWHERE}


@pytest.mark.parametrize("name", SPECS)
def test_roles_and_names_are_those_of_the_compiler(name: str):
    text = SPECS[name]
    root, positions = outline(text), Positions(text)
    for span, held in compiled(text).items():
        entry = cursor(root, text, positions.range_of(span)[0]).entry
        assert entry is not None, span
        assert role(entry) in {role for role, _ in held}, (span, entry.path)
        if entry.path[0] == "pagers":
            continue  # the capabilities that use it decide what is in scope, and nobody knows which is meant
        wanted = [scope for _, scope in held]
        found = {each: {*known.members} for each, known in names_at(root, entry, held[0][0]).items()}
        if entry.path[0] == "records":
            assert {*found} - {"status", "headers", "body"} <= {each for scope in wanted for each in scope} | {"page"}, span
        else:
            assert any(agree(scope, found) for scope in wanted), (span, entry.path, wanted, found)


def agree(scope: dict[str, set[str] | None], found: dict[str, set[str]]) -> bool:
    """Whether the names of the compiler are those that were found. Names below one are compared where they are known to both;
    what a login saves is in scope from the login on, and is found everywhere."""
    own = {name: below for name, below in found.items() if name not in ("status", "headers", "body")}
    return {*own} == {*scope} and all(below is None or name == "session" or own[name] == below for name, below in scope.items())


# Whatever is typed

_TYPED = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "|",
    ">",
    ":",
    ": ",
    "- ",
    "&a ",
    "*",
    "#",
    "!",
    " ",
    "\n",
    "\r\n",
    "\t",
    "{{ ",
    " }}",
    "ö",
    "🦀",
    "\u2028",
]


def spoilt(text: str, dice: random.Random) -> Iterator[str]:
    """The text with a piece taken out, and with something typed into it."""
    start, end = sorted(dice.randrange(len(text) + 1) for _ in range(2))
    yield text[:start] + text[end:]
    yield text[:start] + dice.choice(_TYPED) + text[start:]
    yield text[:start]


@pytest.mark.parametrize("name", sorted(SPECS))
def test_no_place_of_a_spoilt_spec_is_a_question_without_an_answer(name: str):
    dice = random.Random(name)
    for _ in range(3):
        for text in spoilt(SPECS[name], dice):
            page, offset = Page(text), dice.randrange(len(text) + 1)
            for item in complete(page, offset):
                assert 0 <= item.start <= item.end <= len(text)
                assert "\n" not in text[item.start : item.end]
            for found in (hover(page, offset), definition(page, offset)):
                assert found is None or 0 <= found[-2] <= found[-1] <= len(text)
            assert all(each.start <= each.key[0] <= each.key[1] <= each.end <= len(text) for each in symbols(page.root))


def test_what_runs_over_several_lines_becomes_no_key():
    text = "%YAML 2.0\n---\nferru"
    assert not complete(Page(text), len(text))


def test_before_the_star_of_an_alias_its_name_is_proposed_behind_it():
    text = "app: &app {id: acme}\nhttp:\n  <<: *"
    assert {(item.label, item.start, item.end) for item in complete(Page(text), len(text) - 1)} == {("app", len(text), len(text))}


def test_behind_an_alias_its_name_is_proposed_for_the_name():
    text = "app: &app {id: acme}\nhttp:\n  <<: *app  # the app\n &a "
    assert {text[item.start : item.end] for item in complete(Page(text), len(text))} == {"app"}


def test_a_way_in_that_shares_its_scopes_has_its_fields():
    text = """\
auth:
  one: {kind: oauth2_client_credentials, token_url: /token, scopes: &scopes [read]}
  other: {kind: oauth2_client_credentials, token_url: /token, scopes: *scopes, fields: {pin: Pin}, params: {pin: "{{ credential."""
    assert {"pin", "client_id"} <= {item.label for item in complete(Page(text), len(text))}


def test_a_word_ends_with_its_line():
    text = 'http: {base_url: "{{settings\n "'
    offset = text.index("\n") + 1
    assert {text[item.start : item.end] for item in complete(Page(text), offset)} == {""}


@given(st.text(alphabet="ab:{}[]'\"|>-&*!#, \n\r\t?%@`\\🦀\u2028é", max_size=60), st.integers(0, 60))
def test_no_text_is_too_odd_to_be_read(text: str, place: int):
    page = Page(text)
    offset = min(place, len(text))
    complete(page, offset)
    hover(page, offset)
    definition(page, offset)
    for node in nodes(page.root):
        assert 0 <= node.start <= node.end <= len(text)


@pytest.mark.parametrize("text", ["[" * 5000, "- " * 3000, "a: {b: " * 2000, "{" * 200 + "a: 1", "'" * 999, "a:\n" * 2000, "? " * 500])
def test_what_is_nested_too_deeply_is_read_all_the_same(text: str):
    page = Page(text)
    complete(page, len(text))
    assert page.root.kind == "mapping"


def test_every_prefix_of_a_spec_is_known_by_its_keys():
    """While the file is typed from its beginning to its end, the last key that was finished is always known."""
    for end in range(SPEC.index("capabilities:"), len(SPEC)):
        text = SPEC[:end]
        finished = re.findall(r"(\w+):(?= )", text)[-1]
        names = {entry.name for node in nodes(outline(text)) for entry in node.entries}
        assert finished in names, text[-60:]
