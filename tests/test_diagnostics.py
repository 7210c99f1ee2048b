"""A broken spec is told of on its line and in its column, in plain words, and never ends in a traceback.

Every file under cases/diagnostics is a broken spec that marks what is reported, as `marks.py` says. What a file of text
cannot hold, and what comes of text that nobody thought of, is below.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ferrule
from ferrule.capabilities import CAPABILITIES
from ferrule.compile import compile_file, compile_text
from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, nearest, render
from ferrule.misfit import PATTERNS
from ferrule.spec.schema import schema
from marks import framed, marks, reported

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases" / "diagnostics").glob("*.yaml"))
SPECS = sorted((HERE.parent / "specs").glob("*.yaml"))
PAGE = HERE.parent / "docs" / "diagnostics.md"
STAGES = {"Y": "1", "S": "2", "C": "3"}
ELSEWHERE = {"Y105": "test_a_file_that_is_not_utf_8", "Y106": "test_a_file_that_cannot_be_read", "S290": "test_cassettes.py"}
"""Codes that no file of text can report, and the tests that do."""
NOT_OUR_WORDS = re.compile(
    r"\bInput should|\bString should|\bValue error|\bNone\b|\bNoneType|\bdict\b|\bstr\b|\bint\b|\bobject has|\btoken\b"
    r"|<[a-z ]+>|instance of|Traceback"
)
"""Words of Python, pydantic, PyYAML and Jinja that an author need not know."""


def codes() -> list[Code]:
    """Every code of reading, loading and compiling a spec."""
    modules = [importlib.import_module(found.name) for found in pkgutil.walk_packages(ferrule.__path__, "ferrule.")]
    found = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, Code)}
    return [code for code in found.values() if code.id[0] in STAGES]


def findings(text: str, file: str = "a.yaml") -> tuple[Diagnostic, ...]:
    """What is found in a spec; nothing, where it is a good one. Anything but `SpecError` fails the test."""
    try:
        compile_text(text, file)
    except SpecError as error:
        assert error.diagnostics
        return error.diagnostics
    return ()


def check(found: tuple[Diagnostic, ...], text: str) -> None:
    """Every finding stands in the file, once, and can be shown."""
    assert len(set(found)) == len(found)
    assert "<memory>" not in {diagnostic.span.file for diagnostic in found}
    rows = len(text.splitlines()) + 1
    for diagnostic in found:
        assert 1 <= diagnostic.span.line <= rows and diagnostic.span.column >= 1 and diagnostic.span.length >= 1, diagnostic
        assert diagnostic.message and str(diagnostic) in render(diagnostic, text)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_exactly_what_is_marked_is_reported(path: Path):
    text = path.read_text("utf-8")
    spec, lines, columns = framed(text)
    expected = marks(text)
    found = findings(spec, path.name)
    check(found, spec)
    shown = "\n".join(render(diagnostic, spec) for diagnostic in found)
    assert reported(found, expected, lines, columns) == expected, shown
    assert path.stem[:4] in {code for _, code, _ in expected}, "a case is named after the code it is about"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_messages_are_in_words_of_the_language(path: Path):
    spec, _, _ = framed(path.read_text("utf-8"))
    for diagnostic in findings(spec, path.name):
        words = re.sub(r"`[^`]*`", "", f"{diagnostic.message} {diagnostic.hint or ''}")
        assert not NOT_OUR_WORDS.search(words), diagnostic
        assert diagnostic.message[-1] not in ".!?" and "\n" not in diagnostic.message, diagnostic


def test_every_code_has_a_case():
    shown = {code for path in CASES for _, code, _ in marks(path.read_text("utf-8"))}
    assert {code.id for code in codes()} - ELSEWHERE.keys() - shown == set()


def test_codes_are_unique_and_numbered_by_stage():
    found = codes()
    assert len({code.id for code in found}) == len(found)
    assert len({code.name for code in found}) == len(found)
    assert all(re.fullmatch(rf"{code.id[0]}{STAGES[code.id[0]]}\d\d", code.id) for code in found)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code.name) for code in found)


def test_every_code_has_its_heading_in_the_docs():
    headings = re.findall(r"^### (\w\d{3}) ([a-z-]+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    known = sorted((code.id, code.name) for code in codes())
    assert headings == [heading for stage in STAGES for heading in known if heading[0][0] == stage]


def test_every_code_has_an_example_in_the_docs():
    sections = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    lacking = [section[:4] for section in sections if f"<!-- expect: {section[:4]}" not in section]
    assert set(lacking) == ELSEWHERE.keys()


# what a file of text cannot hold


def test_a_file_that_is_not_utf_8(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_bytes("ferrule: 1\napp: {name: Café}\n".encode("latin-1"))
    with pytest.raises(SpecError) as refused:
        compile_file(path)
    (found,) = refused.value.diagnostics
    assert (found.code.id, found.span.line, found.span.column) == ("Y105", 2, 16)


def test_a_byte_order_mark_is_no_part_of_a_spec(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SPECS[0].read_bytes())
    assert compile_file(path).app_id == SPECS[0].stem


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str):
    with pytest.raises(SpecError) as refused:
        compile_file(tmp_path / name)
    (found,) = refused.value.diagnostics
    assert found.code.id == "Y106"
    assert "No such file" in found.message or "directory" in found.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "Y101"),
        ("\n\n", "Y101"),
        ("\ufeff", "Y101"),
        ("a: \0", "Y101"),
        ("a: \x07", "Y101"),
        ("a: \ud800", "Y101"),
        ("[" * 10_000, "Y104"),
        ("a: " + "[" * 10_000 + "]" * 10_000, "Y104"),
        ("{a: " * 10_000 + "}" * 10_000, "Y104"),
        ("? " * 10_000, "Y104"),
        ("- " * 10_000 + "a", "Y104"),
        ("\n".join(" " * depth + "a:" for depth in range(1_000)), "Y104"),
        ("a: !" * 10_000, "Y101"),
        ("a: &x " * 10_000, "Y101"),
        ("x" * 5_000_001, "Y104"),
        ("a: " + "'" * 10_001, "Y101"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else value,
)
def test_hostile_text(text: str, code: str):
    start = time.process_time()
    found = findings(text)
    assert time.process_time() - start < 5
    check(found, text)
    assert [d.code.id for d in found] == [code]


DEEP = {
    "parentheses": "a: '" + "(" * 3_000 + "a" + ")" * 3_000 + "'",
    "filters": "a: " + "a[?" * 1_000 + "b" + "]" * 1_000,
    "negations": "a: '" + "!" * 9_000 + "a'",
    "templates": "a: {value: '" + "{{ a" * 2_000 + "'}",
    "conditions": "a: {value: '" + "{% if settings.size %}" * 500 + "x" + "{% endif %}" * 500 + "'}",
    "brackets": "a: {value: '{{ " + "[" * 2_000 + "]" * 2_000 + " }}'}",
    "length": "a: '" + "a." * 100_000 + "a'",
}


@pytest.mark.parametrize("name", DEEP)
def test_hostile_expressions_and_templates(name: str):
    spec, _, _ = framed(f"# frame: capabilities\nreset_password:\n  request: {{post: /reset}}\n  record:\n    {DEEP[name]}\n")
    start = time.process_time()
    check(findings(spec), spec)
    assert time.process_time() - start < 10


def test_every_slip_of_a_file_is_reported_at_once():
    spec, _, _ = framed((HERE / "cases" / "diagnostics" / "C304_unknown_names.yaml").read_text("utf-8"))
    assert len(findings(spec)) == 17


# text that nobody thought of

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=200) | st.text("ab:-?[]{},&*!|>'\"%@`#\n \t\\~=<.0", max_size=120)


@given(TEXT)
def test_any_text_is_refused_in_words(text: str):
    check(findings(text), text)


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused_in_words(tmp_path: Path, content: bytes):
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(SpecError):
        compile_file(path)


SMALL = """ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example, categories: [DEVELOPERS]}
settings:
  region: {enum: [us, eu], default: us}
auth:
  api_token: {kind: header, name: Authorization, value: "Token token={{ credential.token }}"}
  session:
    kind: session
    login: {post: /login, json: {user: "{{ credential.username }}", password: "{{ credential.password }}"}}
    token: body.token
    apply: {header: X-Token}
http:
  base_url: "https://{{ settings.region }}.api.acme.example/v2"
  errors:
    - {when: "status == `403` && body.error.reason == 'quota'", code: rate_limit, wait: {from: body.wait, unit: ms}}
  budgets: {reports: {requests: 10, per: 60}}
pagers:
  counted: {kind: offset, param: offset, size_param: limit, total: body.total}
records:
  account:
    integration_specific_id: id
    user_status: {from: state, map: {live: ACTIVE, off: SUSPENDED}, else: PENDING}
    custom_attributes: {team: "join(',', teams || `[]`)"}
capabilities:
  list_accounts:
    request: {get: /users, query: {limit: "{{ page.size }}", since: {value: x, when: settings.region == 'us'}}}
    pages: {kind: cursor, next: body.meta.next, param: cursor}
    records: >-
      body.users
      | [?active]
    record: account
    dedupe: id
  find_entitlement_associations:
    each:
      - {as: org, request: {get: /orgs}, pages: counted, records: body.orgs}
      - {as: team, request: {get: "/orgs/{{ org.id }}/teams"}, records: body.teams}
    request: {get: "/teams/{{ team.id }}/members", budget: reports}
    records: body.members
    explode: {list: "roles || `[]`", as: role}
    record:
      account_id: user.id
      integration_specific_entitlement_id: role
      integration_specific_resource_id: team.id
  assign_entitlement:
    steps:
      - request: {get: "/teams/{{ inputs.resource_integration_specific_id }}"}
        already: contains(body.members, inputs.account_integration_specific_id)
        save: {version: body.version}
      - request:
          put: "/teams/{{ inputs.resource_integration_specific_id }}"
          headers: {If-Match: "{{ version }}"}
        repeat: {until: "status == `200`", every: 2}
        undo: {delete: "/teams/{{ inputs.resource_integration_specific_id }}"}
    verify: {request: {get: /teams}, until: "status == `200`"}
"""


@st.composite
def mutated(draw: Callable[..., str], text: str) -> str:
    """A spec with a few lines deleted, doubled, replaced, moved in or out, or cut."""
    rows = text.splitlines()
    words = st.sampled_from(sorted(set(re.findall(r"[\w.]+|[^\w\s]", text))))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(rows) - 1))
        change = draw(st.sampled_from(["delete", "double", "text", "line", "word", "in", "out", "cut"]))
        if change == "delete":
            del rows[at]
        elif change == "double":
            rows.insert(at, rows[at])
        elif change == "text":
            rows[at] = draw(st.text(max_size=30))
        elif change == "line":
            rows[at] = rows[draw(st.integers(0, len(rows) - 1))]
        elif change == "word":
            parts = re.split(r"(\W+)", rows[at])
            parts[draw(st.integers(0, len(parts) - 1))] = draw(words)
            rows[at] = "".join(parts)
        elif change == "cut":
            rows[at] = rows[at][: draw(st.integers(0, len(rows[at])))]
        else:
            rows[at] = f"  {rows[at]}" if change == "in" else rows[at].removeprefix("  ")
        rows = rows or [""]
    return "\n".join(rows) + "\n"


def test_the_small_spec_is_a_good_one():
    assert findings(SMALL) == ()


@given(mutated(SMALL))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_a_spec_with_slips_compiles_or_is_refused_in_words(text: str):
    check(findings(text), text)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_bundled_spec_with_slips_compiles_or_is_refused_in_words(path: Path, data: st.DataObject):
    text = data.draw(mutated(path.read_text("utf-8")))
    check(findings(text), text)


KEYS = sorted({key for found in [schema(), *schema()["$defs"].values()] for key in found.get("properties", {})})
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 1_000),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from(
        ["", "id", "body.users", "cursor", "header", "{{ settings.region }}", "{{ inputs", "a[", "https://a.example", "ACTIVE"]
    ),
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "email", "x-1", "5"]), inner, max_size=5),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*CAPABILITIES, "reset_password"]), VALUE, min_size=1, max_size=3), VALUE, VALUE, VALUE)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_values_under_the_right_keys_are_refused_in_words(capabilities: object, http: object, auth: object, pages: object):
    made = yaml.safe_load(SMALL)
    made["capabilities"] = capabilities
    made["http"]["errors"], made["auth"]["other"], made["pagers"]["other"], made["records"]["other"] = http, auth, pages, pages
    text = yaml.safe_dump(made, allow_unicode=True)
    check(findings(text), text)


# how a finding is shown and hinted at


def test_a_finding_as_it_is_shown():
    found = Diagnostic(Code("X001", "example"), Span("a.yaml", 2, 3, 4), "what is wrong", "what to do")
    assert render(found, "one\n  word here\n") == (
        "a.yaml:2:3: X001 what is wrong [example]\n    2 |   word here\n      |   ^~~~\n   hint: what to do"
    )
    assert render(found, None) == "a.yaml:2:3: X001 what is wrong [example]\n   hint: what to do"


def test_a_long_line_is_shown_around_the_finding():
    text = "x" * 5_000 + "HERE" + "x" * 5_000
    shown = render(Diagnostic(Code("X001", "example"), Span("a.yaml", 1, 5_001, 4), "long"), text).splitlines()
    assert max(map(len, shown)) < 250
    assert shown[1][shown[2].index("^") :].startswith("HERE")


@pytest.mark.parametrize(
    ("word", "known"), [("parm", "param"), ("App", "app"), ("listAccounts", "list_accounts"), ("vendor", "vendor_domain"), ("zzz", None)]
)
def test_the_nearest_word(word: str, known: str | None):
    assert nearest(word, ["app", "auth", "param", "list_accounts", "vendor_domain"]) == known


def test_every_pattern_of_a_name_has_its_words():
    text = str(schema())
    patterns = {found.replace("\\\\", "\\") for found in re.findall(r"'pattern': '(.*?)'[,}]", text)}
    tokens = {pattern for pattern in patterns if pattern.startswith("^[!#$%&")}
    assert patterns - tokens == set(PATTERNS), "`place.py` has words of its own for the tokens of HTTP"
