"""Every file under cases/lint marks what lint reports, and each rule's page shows what is reported and what is fine.

A case is a few keys of a spec, completed by `lint_cases.py`; `marks.py` says how findings are marked. The set is exact, for all
rules together: a rule that sees more than the case says fails it.
"""

import re
from pathlib import Path

import pytest

import ferrule.lint
from ferrule.compile import compile_text
from ferrule.diagnostics import Code, render
from ferrule.lint import CODES, FIXES, PAGES, RULES, diagnose, fixed, lint
from ferrule.source import read
from lint_cases import examples, whole
from marks import marks, reported

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases" / "lint").glob("*.yaml"))
SPECS = sorted((HERE.parent / "specs").glob("*.yaml"))
DOCS = HERE.parent / "docs" / "lint.md"
GENERATED = "<!-- written by `pytest tests/test_lint.py --write-docs` -->\n"
OF_IGNORES = {"L498", "L499"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_exactly_what_is_marked_is_reported(path: Path):
    case = path.read_text("utf-8")
    spec = whole(case)
    found, expected = diagnose(spec, path.name), marks(case)
    assert expected
    assert all(column is not None for _, _, column in expected), "a mark of a case names its column"
    assert reported(found, expected) == expected, "\n".join(render(finding, spec) for finding in found)


def test_every_rule_has_a_case():
    assert CODES - {code for path in CASES for _, code, _ in marks(path.read_text("utf-8"))} == set()


@pytest.mark.parametrize("code", PAGES, ids=lambda code: code.id)
def test_a_page_shows_what_is_reported_and_what_is_fine(code: Code):
    shown = examples(PAGES[code])
    assert shown.keys() == {"Reported", "Fine"}
    assert marks(shown["Reported"])
    assert not marks(shown["Fine"])
    for example in shown.values():
        lines = len(example.splitlines())
        found = [d for d in diagnose(whole(example), codes=_with(code)) if d.span.line <= lines]
        assert reported(found, marks(example)) == marks(example), "\n".join(map(str, found))


def _with(code: Code) -> set[str] | None:
    """The codes to look for: an ignore is judged by what the other rules find."""
    return None if code.id in OF_IGNORES else {code.id}


@pytest.mark.parametrize("code", PAGES, ids=lambda code: code.id)
def test_a_page_is_short_prose(code: Code):
    title, _, rest = PAGES[code].partition("\n\n")
    assert re.fullmatch(r"[A-Z`][^\n]*\.", title), "the first line is one sentence"
    assert rest.partition("Reported:")[0].strip(), "and says why"
    assert all(len(line) <= 140 for line in PAGES[code].splitlines())


def test_the_registry_is_complete_and_in_order():
    modules = {
        path.stem for path in Path(ferrule.lint.__file__).parent.glob("*.py") if re.search(r"^CODE = ", path.read_text(), re.MULTILINE)
    }
    registered = {rule.__name__.rpartition(".")[2] for rule in RULES} | {"idle_ignore", "ignore_without_reason"}  # type: ignore[attr-defined]
    assert modules == registered
    assert [code.id for code in PAGES] == sorted(code.id for code in PAGES)
    assert {rule.CODE.name.replace("-", "_") for rule in RULES} | {"idle_ignore", "ignore_without_reason"} == registered


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_bundled_specs_are_clean(path: Path):
    assert [str(finding) for finding in diagnose(path.read_text("utf-8"), path.name)] == []


def test_codes_choose_what_is_looked_for():
    text = whole("settings: {region: {default: us}}\nhttp: {base_url: http://api.acme.example}\n")
    assert [d.code.id for d in diagnose(text)] == ["L451", "L462"]
    assert [d.code.id for d in diagnose(text, codes={"L462"})] == ["L462"]
    tree = read(text, "a.yaml")
    assert [str(d.span) for d in lint(compile_text(text, "a.yaml"), tree, text, {"L451"})] == ["a.yaml:1:12"]


def test_an_ignore_is_not_idle_where_its_rule_is_not_asked():
    text = whole("http: {base_url: https://api.acme.example}  # ferrule: ignore[L462] for the test\n")
    assert [d.code.id for d in diagnose(text)] == ["L499"]
    assert diagnose(text, codes={"L451", "L499"}) == []


def test_an_ignore_of_a_description_is_left_to_it():
    assert diagnose(whole("http: {base_url: https://api.acme.example}  # ferrule: ignore[A601] not described\n")) == []


def test_nothing_is_linted_that_does_not_compile():
    found = diagnose(whole("http: {base_url: http://api.acme.example, bse: 1}\n"))
    assert [d.code.id for d in found] == ["S201"]


def test_a_secret_is_not_repeated():
    secret = "9fQ2mZ7xK4vT1bN8cR5wY3sL6dH0jP"
    (found,) = diagnose(whole(f"http: {{base_url: https://api.acme.example, headers: {{X-Api-Key: {secret}}}}}\n"))
    assert found.code.id == "L461"
    assert secret[:8] not in f"{found} {found.hint}"


FIXED = {
    "a header in lower case": (
        'http:\n  base_url: https://api.acme.example\n  wait: {from: headers."Retry-After"}\n',
        'http:\n  base_url: https://api.acme.example\n  wait: {from: headers."retry-after"}\n',
    ),
    "an ignore of its own line": (
        "http: {base_url: https://api.acme.example}  # ferrule: ignore[L462] no more\n",
        "http: {base_url: https://api.acme.example}\n",
    ),
    "an ignore alone on a line": (
        "# one\n# ferrule: ignore[L462] no more\nhttp: {base_url: https://api.acme.example}\n",
        "# one\nhttp: {base_url: https://api.acme.example}\n",
    ),
    "one code of several": (
        "http: {base_url: http://api.acme.example}  # ferrule: ignore[L451, L462, L464] a lift\n",
        "http: {base_url: http://api.acme.example}  # ferrule: ignore[L462] a lift\n",
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_fix(name: str):
    before, after = (whole(case) for case in FIXED[name])
    found = diagnose(before)
    assert {finding.code for finding in found} <= FIXES.keys()
    assert fixed(before, found) == after
    assert diagnose(after) == []


def test_a_fix_leaves_other_findings_alone():
    text = whole("http: {base_url: http://api.acme.example}\n")
    assert fixed(text, diagnose(text)) == text


def test_windows_line_ends_stay():
    text = whole("http: {base_url: https://api.acme.example}  # ferrule: ignore[L462] no more\n").replace("\n", "\r\n")
    after = fixed(text, diagnose(text))
    assert after.startswith("http: {base_url: https://api.acme.example}\r\n")


# the page of the documentation


def section(code: Code) -> str:
    """A manual page as a section of the documentation."""
    title, _, rest = PAGES[code].partition("\n\n")
    body = re.sub(r"^((?:Reported|Fine):)\n\n((?:    .*\n|\n)+)", _block, f"{rest}\n", flags=re.MULTILINE)
    return f"### {code.id} {code.name}\n\n{title[:-1]} ({code.severity}).\n\n{body.strip()}\n"


def _block(found: re.Match[str]) -> str:
    lines = [line.removeprefix("    ") for line in found[2].strip("\n").splitlines()]
    return "\n".join([found[1], "", "```yaml other", *lines, "```", "", ""])


def test_the_page_is_what_the_rules_say(request: pytest.FixtureRequest):
    text = DOCS.read_text("utf-8")
    intro, mark, _ = text.partition(GENERATED)
    real = intro + mark + "\n" + "\n".join(map(section, PAGES))
    if request.config.getoption("--write-docs"):
        DOCS.write_text(real, encoding="utf-8")
    else:
        assert mark
        assert text == real, "`pytest tests/test_lint.py --write-docs` writes it"
