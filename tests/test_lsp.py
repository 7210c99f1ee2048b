"""The language server in a session of a real client, over standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from typer.testing import CliRunner

import lint_cases
from editor import Editor, applied, marked
from ferrule.bundled import cassettes, specs
from ferrule.cli.main import app
from ferrule.functions import FUNCTIONS
from ferrule.lint import diagnose
from ferrule.lsp.positions import Positions
from ferrule.templates import FILTERS
from small_app import GET, LIST, SPEC, small

CASES = sorted((Path(__file__).parent / "cases" / "lint").glob("*.yaml"))


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    session = Editor()
    yield session
    assert session.close() == 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "specs" / "small.yaml"


def places(found: list[lsp.Diagnostic]) -> list[tuple[Any, ...]]:
    return [(d.code, d.range.start.line, d.range.start.character, d.range.end.line, d.range.end.character) for d in found]


def at(text: str, words: str, within: int = 0) -> lsp.Position:
    """The place of words in a text, or of a character of theirs."""
    return marked(text.replace(words, words[:within] + "§" + words[within:], 1))[1]


# Findings


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_what_lint_finds_is_published(editor: Editor, file: Path, case: Path):
    text = lint_cases.whole(case.read_text())
    wanted = diagnose(text, "small.yaml")
    found = editor.findings(editor.open(file, text))
    assert [(d.code, d.range.start.line + 1, d.range.start.character + 1) for d in found] == [
        (d.code.id, d.span.line, d.span.column) for d in wanted
    ]
    assert [d.message for d in found] == [d.message + (f"\nhint: {d.hint}" if d.hint else "") for d in wanted]
    assert [d.severity for d in found] == [lsp.DiagnosticSeverity[d.code.severity.capitalize()] for d in wanted]


def test_what_is_never_used_is_faded(editor: Editor, file: Path):
    found = editor.findings(editor.open(file, SPEC.replace("settings: {", "settings: {region: {}, ")))
    assert [(d.code, *d.tags) for d in found if d.tags] == [("L451", lsp.DiagnosticTag.Unnecessary)]


def test_a_syntax_error_is_published_and_goes_when_it_is_mended(editor: Editor, file: Path):
    broken = SPEC.replace('until: "status == `404`"}', 'until: "status == `404`}')
    uri = editor.open(file, broken)
    assert [d.code for d in editor.findings(uri)] == ["Y101"]
    editor.change(uri, SPEC, 2)
    assert places(editor.findings(uri, 2)) == places_of(SPEC)


def places_of(text: str) -> list[tuple[Any, ...]]:
    """What lint finds in a text without characters beyond the first plane."""
    found = [(d.code.id, d.span.line - 1, d.span.column - 1, d.span.length) for d in diagnose(text)]
    return [(code, line, column, line, column + length) for code, line, column, length in found]


def test_a_finding_has_its_length(editor: Editor, file: Path):
    text = SPEC.replace("body.total", "boy.total")
    found = editor.findings(editor.open(file, text))
    assert ("C313", *place_of(text, "boy")) in places(found)


def place_of(text: str, words: str) -> tuple[int, int, int, int]:
    start = at(text, words)
    return start.line, start.character, start.line, start.character + len(words)


def test_a_cassette_and_other_files_are_left_alone(editor: Editor, file: Path, tmp_path: Path):
    others = [next(cassettes().glob("*/*.yaml")).read_text(), "kind: Deployment\nspec: {replicas: 2}\n", "a: [\n"]
    uris = [editor.open(tmp_path / f"{number}.yaml", text) for number, text in enumerate(others)]
    editor.findings(editor.open(file, SPEC))
    assert not [each for each in editor.published if each.uri in uris]
    assert [editor.complete(uri, lsp.Position(1, 0)) for uri in uris] == [[], [], []]
    assert [editor.hover(uri, lsp.Position(0, 1)) for uri in uris] == [None, None, None]


def test_a_spec_stays_one_while_its_first_line_is_written(editor: Editor, file: Path):
    uri = editor.open(file, SPEC)
    editor.change(uri, SPEC.replace("ferrule: 1", "ferrul"), 2)
    assert editor.findings(uri, 2)


def test_a_closed_document_has_no_findings(editor: Editor, file: Path):
    uri = editor.open(file, "ferrule: 1\n")
    assert editor.findings(uri)
    editor.shut(uri)
    assert editor.findings(uri, None) == []
    editor.change(uri, SPEC, 2)  # nobody has it open
    assert editor.complete(uri, lsp.Position(0, 0)) == []
    editor.open(file, SPEC, 3)
    editor.findings(uri, 3)
    assert not [each for each in editor.published if each.uri == uri and each.version == 2]


def test_a_burst_of_changes_costs_few_runs_and_ends_with_the_last(editor: Editor, file: Path):
    uri = editor.open(file, SPEC)
    editor.findings(uri)
    word = "x" * 60
    for count in range(1, len(word) + 1):
        editor.change(uri, SPEC.replace("name: Small", f"name: Small, {word[:count]}: 1"), 1 + count)
    found = editor.findings(uri, 1 + len(word))
    assert [d.message.partition("`")[2].partition("`")[0] for d in found if d.code == "S201"] == [word]
    assert len([each for each in editor.published if each.uri == uri]) < len(word) / 2
    assert [each.version for each in editor.published if each.uri == uri][-1] == 1 + len(word)


# Places


def test_columns_count_in_utf_16(editor: Editor, file: Path):
    text = SPEC.replace("{id: small, name: Small", '{id: small, description: "🦀 né", nme: Small')
    found = editor.findings(editor.open(file, text))
    slip = next(d for d in found if d.code == "S201")
    row = text.splitlines()[slip.range.start.line].encode("utf-16-le")
    assert row[slip.range.start.character * 2 : slip.range.end.character * 2].decode("utf-16-le") == "nme"


def test_a_question_behind_wide_characters_is_understood(editor: Editor, file: Path):
    text, place = marked(SPEC.replace("{kind: bearer}", '{prefix: "🦀🦀", kind: be§arer}'))
    assert "Write the credential's `token` into" in (editor.hover(editor.open(file, text), place) or "")


def test_lines_end_as_windows_ends_them(editor: Editor, file: Path):
    text = SPEC.replace("body.total", "boy.total").replace("\n", "\r\n")
    uri = editor.open(file, text)
    assert ("C313", *place_of(text, "boy")) in places(editor.findings(uri))
    change, place = marked(SPEC.replace("    pages: paged\n", "    pages: §\n").replace("\n", "\r\n"))
    editor.change(uri, change, 2)
    assert "paged" in labels(editor, uri, place)
    assert editor.definition(uri, at(SPEC, "pages: paged", 8)) is None  # nothing is written there any more


@pytest.mark.parametrize("text", ["a: 1\nb: 2", "a: '\u2028'\nb: x", "\ufeffa: 🦀\r\nb: x\rc: y\n", "", "é\n"])
def test_every_offset_has_a_place_of_its_own(text: str):
    for encoding in ("utf-8", "utf-16", "utf-32"):
        positions = Positions(text, encoding)
        for offset in range(len(text) + 1):
            if text[offset - 1 : offset + 1] != "\r\n":
                assert positions.offset(*positions.place(offset)) == min(offset, positions.offset(positions.place(offset)[0], 10**9))


def test_lines_that_only_yaml_ends_are_lines_of_findings_alone():
    text = "ferrule: 1\n# a\u2028# b\nnme: x\n"
    finding = next(d for d in diagnose(text) if d.code.id == "S201")
    positions = Positions(text)
    start, end = positions.range_of(finding.span)
    assert (finding.span.line, text[start:end], positions.place(start)) == (4, "nme", (2, 0))


# Completion


def labels(editor: Editor, uri: str, place: lsp.Position) -> list[str]:
    return [item.label for item in editor.complete(uri, place)]


HEAD = SPEC.partition("capabilities:")[0]
TYPES = "resource_types: {team: {label: Team}, site: {label: Site}}\nentitlement_types: {member: {label: M, resource_type: team}}\n"
COMPLETIONS = {
    "keys of the file, required first": ("ferrule: 1\n§", ["app", "auth", "http", "capabilities", "settings"]),
    "keys below a key": ("ferrule: 1\napp:\n  §\n", ["id", "name", "vendor_domain", "categories"]),
    "keys of a mapping that is not closed": ("ferrule: 1\napp: {id: x, §", ["name", "vendor_domain", "categories"]),
    "keys of a mapping that runs over lines": ("ferrule: 1\napp: {id: x,\n  §\nhttp: {}\n", ["name", "vendor_domain"]),
    "keys while a word is typed": (HEAD + "capabilities:\n  list_accounts:\n    req§\n", ["request", "pages", "records"]),
    "keys of what a kind has": (HEAD + "  other:\n    kind: cursor\n    §\n", ["next", "in", "param"]),
    "keys of an item": (HEAD + "capabilities:\n  create_account:\n    steps:\n      - §\n", ["request", "when", "each", "save"]),
    "keys next to a quote that is not closed": ('ferrule: 1\nhttp:\n  base_url: "https://x\n  §\n', ["headers", "query", "hosts"]),
    "kinds": ("ferrule: 1\nauth: {token: {kind: §", ["basic", "bearer", "cookie", "header"]),
    "kinds while one is typed": ("ferrule: 1\nauth: {token: {kind: hea§}}", ["header", "headers"]),
    "words of an enumeration": (HEAD + "settings:\n  a:\n    type: §\n", ["string", "integer", "boolean", "url"]),
    "items of an enumeration": ("ferrule: 1\napp: {categories: [§]}", ["DEVELOPERS", "HR_AND_LEARNING"]),
    "true and false": (HEAD + "capabilities:\n  list_accounts:\n    request: {get: /u, authenticated: §}\n", ["true", "false"]),
    "codes of errors": (SPEC.replace("code: conflict", "code: §"), ["rate_limit", "not_found"]),
    "capabilities": (HEAD + "capabilities:\n  §\n", ["list_accounts", "assign_entitlement"]),
    "fields of a record": (SPEC.replace("account_type: {value: user}", "§"), ["email", "username", "account_type", "extra_data"]),
    "fields of a named record": (HEAD + "records:\n  a:\n    §\n" + "capabilities: {list_accounts: {record: a}}\n", ["email", "username"]),
    "values of a field": (SPEC.replace("{value: user}", "{value: §}"), ["user", "service"]),
    "values of a map": (SPEC.replace("false: SUSPENDED", "false: §"), ["SUSPENDED", "INACTIVE"]),
    "names of pagers": (SPEC.replace("pages: paged", "pages: §"), ["paged", "{kind: cursor}"]),
    "names of records": (HEAD + "records: {user: {email: m}}\ncapabilities: {list_accounts: {record: §}}\n", ["user"]),
    "names of budgets": (
        HEAD.replace("pagers:", "  budgets: {slow: {requests: 1}}\npagers:")
        + "capabilities: {list_accounts: {request: {get: /u, budget: §}}}\n",
        ["slow"],
    ),
    "names of resource types": (HEAD + TYPES.replace("resource_type: team", "resource_type: §"), ["team", "site"]),
    "names of types in a record": (SPEC.replace("account_type: {value: user}", "resource_type: {value: §}") + TYPES, ["team", "site"]),
    "anchors": (SPEC.replace("{get: /users}", "&all {get: /users}").replace("request: {delete:", "request: *§ #{delete:"), ["all"]),
    "names of a template": (SPEC.replace("{{ settings.base_url }}", "{{ §"), ["settings", "credential", "session"]),
    "settings": (SPEC.replace("{{ settings.base_url }}", "{{ settings.§ }}"), ["base_url"]),
    "fields of the credential": (SPEC.replace("{kind: bearer}", 'x: {kind: header, name: X, value: "{{ credential.§"}'), ["token"]),
    "inputs": (SPEC.replace('delete: "/users/{{ inputs.account_id }}"', 'delete: "/users/{{ inputs.§'), ["account_id"]),
    "filters": (SPEC.replace("{{ settings.base_url }}", "{{ settings.base_url | §"), list(FILTERS)),
    "what an answer has": (SPEC.replace("records: body.items", "records: §"), ["status", "headers", "body", "sort_by"]),
    "functions": (SPEC.replace("username: name", "username: low§"), [*FUNCTIONS]),
    "names of a fan-out": (SPEC.replace("records: body.items", "each: {as: team, values: inputs.x}\n    records: §"), ["team", "body"]),
    "what a step saved": (
        HEAD + "capabilities:\n  create_account:\n    steps:\n      - {request: {get: /a}, save: {found: body.id}}\n      - when: §\n",
        ["found", "inputs"],
    ),
}


@pytest.mark.parametrize("name", COMPLETIONS)
def test_what_may_be_written_is_proposed(editor: Editor, file: Path, name: str):
    text, wanted = COMPLETIONS[name]
    text, place = marked(text)
    found = labels(editor, editor.open(file, text), place)
    assert [label for label in wanted if label not in found] == []


NOT_PROPOSED = {
    "what is written already": (SPEC.replace("  list_accounts:\n", "  list_accounts:\n    §\n", 1), ["request", "records", "record"]),
    "what a step saves later": (
        HEAD + "capabilities:\n  create_account:\n    steps:\n      - when: §\n      - {request: {get: /a}, save: {found: body.id}}\n",
        ["found"],
    ),
    "a credential in an expression": (SPEC.replace("records: body.items", "records: §"), ["credential", "session"]),
    "settings in a record": (SPEC.replace("username: name", "username: §"), ["settings"]),
    "names within a text": (SPEC.replace("body.state == 'gone'", "body.state == '§gone'"), ["body", "status", "settings"]),
    "anything in a comment": (SPEC.replace("pages: paged", "pages: paged  # §"), ["paged", "settings"]),
    "anything outside of the braces": (SPEC.replace("get: /users}", "get: /us§ers}"), ["settings", "inputs"]),
    "kinds of another thing": ("ferrule: 1\nauth: {token: {kind: §", ["cursor", "offset"]),
}


@pytest.mark.parametrize("name", NOT_PROPOSED)
def test_what_may_not_be_written_is_not_proposed(editor: Editor, file: Path, name: str):
    text, unwanted = NOT_PROPOSED[name]
    text, place = marked(text)
    found = labels(editor, editor.open(file, text), place)
    assert [label for label in unwanted if label in found] == []


@pytest.mark.parametrize(
    ("text", "label", "after"),
    [
        ("ferrule: 1\nap§\n", "app", "ferrule: 1\napp:\n"),
        ("ferrule: 1\napp:\n  na§\n", "name", "ferrule: 1\napp:\n  name: \n"),
        ("ferrule: 1\napp: {i§d: x}\n", "name", "ferrule: 1\napp: {name: x}\n"),
        (SPEC.replace("pages: paged", "pages: pa§"), "paged", SPEC),
        (SPEC.replace("settings.base_url", "settings.ba§"), "base_url", SPEC),
        (SPEC.replace("body.items", "sort_§"), "sort_by", SPEC.replace("body.items", "sort_by(")),
        (SPEC.replace("value: user", "value: 'us§'"), "user", SPEC.replace("value: user", "value: 'user'")),
    ],
)
def test_a_proposal_replaces_what_is_typed(editor: Editor, file: Path, text: str, label: str, after: str):
    text, place = marked(text)
    uri = editor.open(file, text)
    edit = next(item.text_edit for item in editor.complete(uri, place) if item.label == label)
    assert isinstance(edit, lsp.TextEdit)
    assert applied(text, edit) == after


def test_a_client_that_can_do_little_gets_plain_text_and_the_columns_it_counts(tmp_path: Path):
    editor = Editor(name=None, encodings=["utf-8"])
    assert editor.capabilities.position_encoding == "utf-8"
    text = SPEC.replace("{id: small, name: Small", '{id: small, description: "🦀 né", nme: Small')
    uri = editor.open(tmp_path / "small.yaml", text)
    slip = next(d for d in editor.findings(uri) if d.code == "S201")
    row = text.splitlines()[slip.range.start.line].encode()
    text, place = marked(SPEC.replace("settings: {", "settings: {region: {}, ").replace("pages: paged", "pages: §"))
    editor.change(uri, text, 2)
    tags = [d.tags for d in editor.findings(uri, 2)]
    docs = [item.documentation for item in editor.complete(uri, place)]
    told = editor.hover(uri, at(text, "pages:", 1))
    assert editor.close() == 0
    assert row[slip.range.start.character : slip.range.end.character] == b"nme"
    assert tags
    assert not any(tags)
    assert {type(doc) for doc in docs} == {str}
    assert told is not None


def test_an_empty_file_begins_with_its_version(editor: Editor, file: Path):
    assert labels(editor, editor.open(file, ""), lsp.Position(0, 0))[0] == "ferrule"


# Hover, definition, symbols, remedies

HOVERS = {
    "a key": (SPEC.replace("pages: paged", "pa§ges: paged"), "How further pages are asked for"),
    "a field of a record": (SPEC.replace("username: name", "user§name: name"), "The name it signs in with"),
    "a capability": (SPEC.replace("  delete_account:", "  delete§_account:"), "Remove an account for good"),
    "a kind": (SPEC.replace("kind: offset", "kind: off§set"), "Skip what was read."),
    "a function": (SPEC.replace("username: name", "username: up§per(name)"), FUNCTIONS["upper"].doc.splitlines()[0]),
    "a filter": (SPEC.replace("settings.base_url }}", "settings.base_url | tr§im }}"), FILTERS["trim"][0]),
    "a setting": (SPEC.replace("{type: url}", "{type: url, title: Where}").replace("s.base_url", "s.base§_url"), "A setting (url). Where"),
    "a field of the credential": (
        SPEC.replace("{kind: bearer}", '{kind: header, name: X, value: "{{ credential.to§ken }}"}'),
        "a field of the credential of `token`",
    ),
    "an input": (SPEC.replace("inputs.account_id", "inputs.acc§ount_id"), "The account's id"),
    "a pager": (SPEC.replace("pages: paged", "pages: pa§ged"), "size_param: limit"),
    "an anchor": (
        SPEC.replace("{get: /users}", "&all {get: /users}").replace("delete_account:\n", "x: *a§ll\n  delete_account:\n"),
        "get: /users",
    ),
    "a code in an ignore": (SPEC.replace("pages: paged", "pages: paged  # ferrule: ignore[L433, L4§22] why"), "L422"),
    "a key of a file that is no YAML": (SPEC.replace("pages: paged", "pa§ges: paged").replace("bearer}}", "bearer"), "How further pages"),
}


@pytest.mark.parametrize("name", HOVERS)
def test_what_is_to_be_known_is_told(editor: Editor, file: Path, name: str):
    text, wanted = HOVERS[name]
    text, place = marked(text)
    assert wanted in (editor.hover(editor.open(file, text), place) or "")


def test_nothing_is_told_of_nothing(editor: Editor, file: Path):
    text, place = marked(SPEC.replace("capabilities:\n", "\n§\ncapabilities:\n"))
    assert editor.hover(editor.open(file, text), place) is None


def test_an_expression_has_the_value_that_a_cassette_shows(editor: Editor, tmp_path: Path):
    uri = editor.open(small(tmp_path, LIST, GET), SPEC)
    records = editor.value(uri, at(SPEC, "body.items", 7))
    assert "`body.items` gave" in records
    assert "in `list_accounts` of the cassette `reads`" in records
    assert '"id": "u1"' in records
    assert '"u1"' in editor.value(uri, at(SPEC, "integration_specific_id: id", 25))
    template = editor.value(uri, at(SPEC, '"/users/{{ inputs.account_id }}"}\n    record', 20))
    assert "in `get_account`" in template
    assert '"/users/u1"' in template
    assert "gave" not in (editor.hover(uri, at(SPEC, "body.state", 7)) or "")  # no call came there


def test_the_beginning_of_a_path_has_a_value_of_its_own(editor: Editor, tmp_path: Path):
    text = SPEC.replace("records: body.items", "records: body.items[*]")
    shown = editor.value(editor.open(small(tmp_path, LIST), text), at(text, "body.items[", 1))
    assert "`body` gave" in shown
    assert '"total": 3' in shown


def test_a_value_follows_the_text(editor: Editor, tmp_path: Path):
    uri = editor.open(small(tmp_path, LIST), SPEC)
    assert "`body.items` gave" in editor.value(uri, at(SPEC, "body.items", 7))
    after = SPEC.replace("records: body.items", "records: body.items[?active]")
    editor.change(uri, after, 2)
    shown = editor.value(uri, at(after, "[?active]", 4))
    assert "`body.items[?active]` gave" in shown
    assert '"u3"' not in shown
    broken = after.replace("vendor_domain", "vendor_doman")
    editor.change(uri, broken, 3)
    assert "gave" not in (editor.hover(uri, at(broken, "[?active]", 4)) or "")


def test_no_value_shows_a_credential(editor: Editor, tmp_path: Path):
    spec = SPEC.replace("{kind: bearer}", '{kind: header, name: X, value: "t {{ credential.token }}"}')
    shown = editor.value(editor.open(small(tmp_path, LIST, spec=spec), spec), at(spec, "credential.token", 12))
    assert '"***"' in shown


def test_fields_of_a_recorded_answer_are_proposed(editor: Editor, tmp_path: Path):
    uri = editor.open(small(tmp_path, LIST), SPEC)
    editor.value(uri, at(SPEC, "body.items", 7))
    text, place = marked(SPEC.replace("body.items", "body.§"))
    editor.change(uri, text, 2)
    assert labels(editor, uri, place) == ["items", "total", "more", "next"]
    text, place = marked(SPEC.replace("{value: user}", "{value: user}\n      username: §"))
    editor.change(uri, text, 3)
    assert {"id", "active", "name"} <= {*labels(editor, uri, place)}


DEFINITIONS = {
    "a pager": (SPEC.replace("pages: paged", "pages: pa§ged"), "paged: {kind"),
    "a setting": (SPEC.replace("{{ settings.base_url", "{{ settings.base§_url"), "base_url: {type: url}"),
    "a field of the credential": (
        SPEC.replace("{kind: bearer}", '{kind: header, name: X, fields: {key: Key}, value: "{{ credential.ke§y }}"}'),
        "key: Key",
    ),
    "the way in whose field it is": (
        SPEC.replace("{kind: bearer}", '{kind: header, name: X, value: "{{ credential.to§ken }}"}'),
        "token: {kind",
    ),
    "a record": (HEAD + "records: {user: {email: m}}\ncapabilities: {list_accounts: {record: us§er}}\n", "user: {email"),
    "a resource type": (HEAD + TYPES.replace("resource_type: team", "resource_type: te§am"), "team: {label"),
    "an entitlement type": (SPEC.replace("account_type: {value: user}", "entitlement_type: {value: mem§ber}") + TYPES, "member: {label"),
    "an anchor": (
        SPEC.replace("{get: /users}", "&all {get: /users}").replace("request: {delete:", "request: *a§ll #{delete:"),
        "&all {get",
    ),
    "a name of a fan-out": (
        SPEC.replace("records: body.items", "each: {as: team, values: inputs.x}\n    records: te§am.x"),
        "team, values",
    ),
    "what a step saved": (
        SPEC.replace("    already:", "    save: {was: body.id}\n    already:").replace('status == `404`"}', 'wa§s"}'),
        "was: body",
    ),
    "a custom attribute": (
        SPEC.replace("{value: user}", "{value: user}\n      custom_attributes: {ti§tle: t}")
        + "custom_attributes: [{of: account, name: title}]\n",
        "title}]",
    ),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_name_leads_to_where_it_is_defined(editor: Editor, file: Path, name: str):
    text, wanted = DEFINITIONS[name]
    text, place = marked(text)
    uri = editor.open(file, text)
    found = editor.definition(uri, place)
    assert found is not None
    assert found.uri == uri
    assert text.splitlines()[found.range.start.line][found.range.start.character :].startswith(wanted)


def test_what_is_no_name_leads_nowhere(editor: Editor, file: Path):
    uri = editor.open(file, SPEC)
    assert [editor.definition(uri, at(SPEC, words, 2)) for words in ("name: Small", "/users}", "body.total", "offset")] == [None] * 4


def test_the_symbols_are_the_sections_and_what_they_define(editor: Editor, file: Path):
    uri = editor.open(file, SPEC)
    found = editor.do(editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(uri))))
    assert [each.name for each in found] == ["ferrule", "app", "settings", "auth", "http", "pagers", "capabilities"]
    assert [each.name for each in found[-1].children] == ["list_accounts", "get_account", "delete_account"]
    one = found[-1].children[1]
    assert (one.range.start.line, one.range.end.line) == (21, 23)


REMEDIES = [
    (SPEC.replace("total: body.total", 'total: headers."X-Total"'), SPEC.replace("total: body.total", 'total: headers."x-total"')),
    (SPEC.replace("pages: paged", "pages: paged  # ferrule: ignore[L433] no"), SPEC),
    (SPEC.replace("records: body", "recods: body"), SPEC),
    (SPEC.replace("inputs.account_id", "inputs.acount_id", 1), SPEC),
    (SPEC.replace("pages: paged", "pages: pagd"), SPEC),
]


@pytest.mark.parametrize(("text", "after"), REMEDIES)
def test_what_is_mechanical_is_mended(editor: Editor, file: Path, text: str, after: str):
    uri = editor.open(file, text)
    mended = []
    for finding in editor.findings(uri):
        for action in editor.actions(uri, finding.range):
            assert action.edit is not None
            assert action.edit.changes is not None
            mended += [applied(text, edit) for edit in action.edit.changes[uri]]
    assert mended == [after]


def test_there_is_no_remedy_where_nothing_was_found(editor: Editor, file: Path):
    uri = editor.open(file, SPEC.replace("pages: paged", "pages: pagd"))
    editor.findings(uri)
    assert editor.actions(uri, lsp.Range(lsp.Position(0, 0), lsp.Position(2, 0))) == []


# What is no question


def test_the_server_outlives_whatever_it_is_sent(editor: Editor, file: Path):
    uri = editor.open(file, SPEC)
    for place in (lsp.Position(10**6, 0), lsp.Position(0, 10**6), lsp.Position(2**31 - 1, 2**31 - 1)):
        editor.complete(uri, place)
        editor.hover(uri, place)
        assert editor.definition(uri, place) is None
    for unknown in ("file:///nowhere/else.yaml", "untitled:Untitled-1", "", "no address at all"):
        assert editor.complete(unknown, lsp.Position(0, 0)) == []
        assert editor.hover(unknown, lsp.Position(0, 0)) is None
        editor.shut(unknown)
        editor.change(unknown, SPEC, 7)
        editor.open(unknown, SPEC)
        assert "app" in labels(editor, unknown, lsp.Position(1, 0))
        editor.shut(unknown)
    editor.open("http://[bad/", SPEC)
    assert editor.complete("http://[bad/", lsp.Position(1, 0)) == []
    assert places(editor.findings(uri)) == places_of(SPEC)


def test_a_request_that_cannot_be_read_is_refused(editor: Editor, file: Path):
    uri = editor.open(file, SPEC)
    wrong = [
        ("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": "one", "character": 0}}),
        ("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": -1, "character": 0}}),
        ("textDocument/completion", {}),
        ("textDocument/completion", [1, 2]),
        ("textDocument/nothing", {"a": 1}),
        ("workspace/executeCommand", {"command": "rm"}),
    ]
    for number, (method, params) in enumerate(wrong):
        answer = raw(editor, {"jsonrpc": "2.0", "id": f"wrong-{number}", "method": method, "params": params})
        assert isinstance(answer, Exception), (method, params, answer)
    send(editor, b'Content-Length: 9\r\n\r\n{"json": ')
    send(editor, b"Content-Length: 2\r\n\r\n[]")
    send(editor, b"X-Nothing: 1\r\nContent-Length: 4\r\n\r\nnull")
    assert editor.hover(uri, at(SPEC, "pages: paged", 1))
    assert editor.messages == []  # nobody is interrupted


def send(editor: Editor, content: bytes) -> None:
    assert editor.client.protocol.writer is not None
    editor.client.protocol.writer.write(content)


def raw(editor: Editor, message: dict[str, Any]) -> Any:
    """What a message is answered with: the failure, where it is one."""
    protocol = editor.client.protocol

    async def answer() -> Any:
        future: Future[Any] = Future()
        protocol._request_futures[message["id"]] = future
        content = json.dumps(message).encode()
        send(editor, b"Content-Length: %d\r\n\r\n" % len(content) + content)
        try:
            return await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - whatever it is
            return error

    return editor.do(answer())


def test_a_question_that_is_taken_back_stops_nothing(editor: Editor, tmp_path: Path):
    uri = editor.open(small(tmp_path, LIST), SPEC)
    place = {"line": 15, "character": 20}
    question = {"jsonrpc": "2.0", "id": "back", "method": "textDocument/hover", "params": {"textDocument": {"uri": uri}, "position": place}}
    content = json.dumps(question).encode()
    cancel = json.dumps({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "back"}}).encode()
    send(editor, b"Content-Length: %d\r\n\r\n%s" % (len(content), content) + b"Content-Length: %d\r\n\r\n%s" % (len(cancel), cancel))
    assert "`body.items` gave" in editor.value(uri, at(SPEC, "body.items", 7))


# The whole of it


def test_the_bundled_specs_have_no_findings(editor: Editor):
    for path in sorted(specs().glob("*.yaml")):
        assert editor.findings(editor.open(path, path.read_text(encoding="utf-8"))) == []


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    monkeypatch.delitem(sys.modules, "ferrule.lsp.server", raising=False)
    result = CliRunner().invoke(app, ["lsp"])
    assert result.exit_code == 2
    assert "pip install 'ferrule[lsp]'" in result.stderr
