"""Expressions: declared names, what they read, slips on their column, failures in words, and code that holds no spec text."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jmespath.parser import Parser

import pages
from ferrule.diagnostics import Code, SpecError
from ferrule.expressions import Expression, ExpressionError, ExpressionFailure, compile_expression, compile_row, ready
from ferrule.expressions import parse as parsing
from ferrule.expressions.writer import RECORD, Source, Writer
from ferrule.source import Text, read

PAGE = Path(__file__).parents[1] / "docs" / "expressions.md"


def compiled(text: str, *names: str) -> Expression:
    return compile_expression(Text(text), names)


def found(text: str, over: Any = None, **scope: Any) -> Any:
    return compiled(text, *scope).find(over, scope)


# the documentation


def shown() -> list[Any]:
    """Every example of the page: the expression, the value and names it is over, the result."""
    cases = []
    for block in pages.blocks(PAGE.read_text()):
        if block.language != "expressions":
            continue
        given: dict[str, Any] = {"over": None, "with": {}}
        for number, line in enumerate(block.text.splitlines(), block.line):
            head, _, rest = line.partition(" ")
            if head in given:
                given[head] = json.loads(rest)
            elif line:
                expression, result = map(str.strip, line.split("→"))
                cases.append(pytest.param(expression, given["over"], given["with"], result, id=f"line {number}"))
    return cases


def test_the_page_has_examples():
    assert len(shown()) > 50


@pytest.mark.parametrize(("expression", "over", "scope", "result"), shown())
def test_examples_of_the_page(expression: str, over: Any, scope: dict[str, Any], result: str):
    if not result.startswith("error"):
        assert repr(found(expression, over, **scope)) == repr(json.loads(result))
    elif result == "error":
        with pytest.raises(ExpressionFailure):
            found(expression, over, **scope)
    else:
        with pytest.raises(ExpressionError) as slip:
            found(expression, over, **scope)
        assert [f"error {d.code.id}" for d in slip.value.diagnostics] == [result]


def test_the_page_has_every_code():
    codes = [code for code in vars(parsing).values() if isinstance(code, Code)]
    rows = re.findall(r"^\| (C\d+) `([\w-]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((code.id, code.name) for code in codes)


# names

NAMES = ("team", "page")


@pytest.mark.parametrize(
    ("text", "reads", "names"),
    [
        ("id", {"id"}, set()),
        ("team", {"team"}, {"team"}),
        ("team.id", {"team"}, {"team"}),
        ("@.team", {"team"}, set()),
        ("@ | team", {"team"}, set()),
        ("(team).id", {"team"}, {"team"}),
        ("a.team", {"a"}, set()),
        ("a | team", {"a"}, set()),
        ("a | !team", {"a"}, set()),
        ("a | team == page", {"a", "page"}, {"page"}),
        ("a | (team || page)", {"a", "page"}, {"page"}),
        ("a[0].team", {"a"}, set()),
        ("a[].team[0]", {"a"}, set()),
        ("a.*.team", {"a"}, set()),
        ("team[0]", {"team"}, {"team"}),
        ("team[*].id", {"team"}, {"team"}),
        ("team[].id", {"team"}, {"team"}),
        ("team.*", {"team"}, {"team"}),
        ("team[?id == page.id]", {"team", "page"}, {"team", "page"}),
        ("[?team]", {"team"}, {"team"}),
        ("a[?b == team].team", {"a", "team"}, {"team"}),
        ("a[?@.team].id", {"a"}, set()),
        ("{team: id}", {"id"}, set()),
        ("a.{x: team, y: b}", {"a", "team"}, {"team"}),
        ("a.[team, b]", {"a", "team"}, {"team"}),
        ("a.length(team)", {"a", "team"}, {"team"}),
        ("length(a)", {"a"}, set()),
        ("sort_by(a, &team.id)", {"a", "team"}, {"team"}),
        ("sort_by(a, &id)", {"a"}, set()),
        ("map(&map(&[x, page], y), z)", {"z", "page"}, {"page"}),
        ("team || id", {"team", "id"}, {"team"}),
        ("id || team", {"team", "id"}, {"team"}),
        ("!team && !id", {"team", "id"}, {"team"}),
        ("`1`", set(), set()),
        ("team == @.team", {"team"}, {"team"}),
        ("[[[[[[[[[[[[[[[[[id, team, a.b]]]]]]]]]]]]]]]]]", {"id", "team", "a"}, {"team"}),
    ],
)
def test_reads_and_names(text: str, reads: set[str], names: set[str]):
    expression = compiled(text, *NAMES)
    assert (set(expression.reads), set(expression.names)) == (reads, names)


def test_a_declared_name_that_is_absent_is_null():
    assert compiled("team.id || 'none'", "team").find({"team": {"id": 1}}, {}) == "none"


def test_the_scope_is_read_at_every_call():
    find = compiled("sort_by(@, &not_null(team.by, id))[0].id", "team").find
    assert find([{"id": 2}, {"id": 1}], {}) == 1
    assert find([{"id": 2}, {"id": 1}], {"team": {"by": 0}}) == 2


def test_declared_names_are_reached_from_within_nested_arguments():
    find = compiled("map(&map(&[x, team.id], y), z)", "team").find
    assert find({"z": [{"y": [{"x": 1}]}]}, {"team": {"id": 7}}) == [[[1, 7]]]


def test_expressions_are_equal_where_they_read_alike():
    assert compiled("team.id", "team") == compiled("team.id", "team", "other")
    assert compiled("team.id", "team") != compiled("team.id")
    assert hash(compiled("id")) == hash(compiled("id"))
    assert "function" not in repr(compiled("id"))


# slips

SLIPS = [
    ("", 0, "C310", "the expression is empty", "`@`"),
    ("a.", 2, "C310", "ends too early", None),
    ("a.b c", 4, "C310", "`c` is not expected", None),
    ("a = 'x'", 2, "C310", "`=` is not expected", "`==`"),
    ("a == 7", 5, "C310", "`7` is not expected", "backticks"),
    ("a > -7", 4, "C310", "`-` is not expected", "backticks"),
    ("user-name", 4, "C310", "`-` is not expected", '`"user-name"`'),
    ("$.a", 0, "C310", "`$` is not expected", "`$.`"),
    ("a + b", 2, "C310", "`+` is not expected", "calculate"),
    ("a.b]", 3, "C310", "`]` is not expected", None),
    ("a == 'x", 5, "C310", "`'` is not closed", None),
    ("a == `x", 5, "C310", "not closed", None),
    ("a == 'x || b == `y`", 5, "C310", "`'` is not closed", None),
    ('"a\n"', 0, "C310", "JSON text", None),
    ("a == `True`", 5, "C310", "this is none", "`true`"),
    ("a == `on`", 5, "C310", "this is none", "'on'"),
    ("a == `007`", 5, "C310", "this is none", "'007'"),
    ("a == `NaN`", 5, "C310", "this is none", "'NaN'"),
    ("a == '`' || b == `x`", 17, "C310", "this is none", "'x'"),
    ("{{ a }}", 0, "C310", "not a template", "braces"),
    ('a || "length"(b)', 5, "C310", "without quotes", None),
    ("a || &b", 5, "C310", "`&` stands only before", None),
    ("a[1:2:0]", 3, "C310", "step of 0", None),
    ("a" * 10_001, 0, "C310", "10001 characters", None),
    ("(" * 2_000 + "a" + ")" * 2_000, 0, "C310", "nested too deeply", "names"),
    ("!" * 2_000 + "a", 0, "C310", "nested too deeply", "names"),
    ("!" * 200 + "a", 0, "C310", "nested too deeply", "names"),
    ("a[" + "1" * 5_000 + "]", 0, "C310", "too long", None),
    ("a.lenght(b)", 2, "C311", "no function `lenght`", "did you mean `length`?"),
    ("a[?lowre(b)].lower(c, d)", 3, "C311", "no function `lowre`", "did you mean `lower`?"),
    ("now()", 0, "C311", "no function `now`", None),
    ("a || length()", 5, "C312", "`length` takes 1 argument, and here are 0", "`length(value)`"),
    ("date(a, 'x', b)", 0, "C312", "`date` takes 1 to 2 arguments, and here are 3", "`date(text, layout?)`"),
    ("merge()", 0, "C312", "`merge` takes 1 or more arguments", "`merge(object, …)`"),
    ("a | sort_by(@, id)", 4, "C314", "`expression` of `sort_by` is an expression for each item", "`&`"),
    ("length(&a)", 0, "C314", "a value, not an expression", "leave out"),
    ("[lower(`7`)]", 1, "C314", "`text` of `lower` is string or null, not number", None),
    ("matches(a, b)", 0, "C314", "`pattern` of `matches` is a literal", "quotes"),
    ("matches(a, '(')", 0, "C314", "`pattern` of `matches`: not a pattern", None),
    ("a && !b.c", 5, "C315", "`!a.b` is read as `(!a).b`", "`!(a.b)`"),
    ("a != b && !c[?d]", 10, "C315", "always null", "parentheses"),
    ("!a[].b", 0, "C315", "always null", "parentheses"),
    ("date(a, '%Q')", 0, "C314", "`layout` of `date`: `%Q` is not a layout", None),
]


@pytest.mark.parametrize(("text", "offset", "code", "message", "hint"), SLIPS, ids=[f"{s[0][:24]!r}" for s in SLIPS])
@pytest.mark.parametrize("style", ["'", "|"])
def test_slips_are_found_on_their_column(text: str, offset: int, code: str, message: str, hint: str | None, style: str):
    """In a quoted scalar and in a literal block, whose columns count differently."""
    value = in_yaml(text, style)
    style = "'" if value.quoted else "|"
    with pytest.raises(ExpressionError, match=re.escape(message)) as slip:
        compile_expression(value)
    first = slip.value.diagnostics[0]
    before = text[:offset]
    line, column = (2, 8 + offset) if style == "'" else (3 + before.count("\n"), 5 + offset)
    assert (first.code.id, first.span.file, first.span.line, first.span.column) == (code, "a.yaml", line, column)
    assert hint is None or hint in (first.hint or "")
    assert isinstance(slip.value, SpecError)


def in_yaml(text: str, style: str = "'") -> Text:
    """The text as a spec holds it: quoted, or in a literal block where quotes or lines would need an escape."""
    block = (style == "|" and text) or "'" in text or "\n" in text
    written = "|-\n    " + text.replace("\n", "\n    ") if block else f"'{text}'"
    value = read(f"ferrule: 1\nwhen: {written}\n", "a.yaml")["when"]
    assert value == text
    assert isinstance(value, Text)
    return value


def test_the_last_column_of_a_plain_scalar():
    with pytest.raises(ExpressionError) as slip:
        compile_expression(read("when: a.b.\n", "a.yaml")["when"])
    assert slip.value.diagnostics[0].span.column == 11


def test_every_wrong_call_is_found_each_on_its_column():
    with pytest.raises(ExpressionError) as slip:
        compile_expression(in_yaml("a[?lenght(b) > `1`].lenght(c) || lower()"))
    assert [(d.code.id, d.span.column) for d in slip.value.diagnostics] == [("C311", 11), ("C311", 28), ("C312", 41)]


def test_wrong_calls_of_one_function_are_told_apart():
    """The condition of a filter is written before what follows it, and stands after it in the tree."""
    with pytest.raises(ExpressionError) as slip:
        compile_expression(in_yaml("a[?lower()].lower(b, c) || lower(d, e, f)"))
    found = [(d.message[-1], d.span.column) for d in slip.value.diagnostics]
    assert found == [("0", 11), ("2", 20), ("3", 35)]


def test_the_span_covers_the_word():
    with pytest.raises(ExpressionError) as slip:
        compile_expression(in_yaml("a || lenght(b)"))
    assert slip.value.diagnostics[0].span.length == 6


@given(st.text(alphabet="ab.[]{}()|&!=<>*?:@,-`'\"\\01 \n$é", max_size=24))
def test_any_text_compiles_or_is_refused_in_words(text: str):
    try:
        find = compiled(text, "a").find
    except ExpressionError as error:
        assert all(d.message and d.span.column >= 1 for d in error.diagnostics)
        return
    try:
        find({"b": [{"a": 1}]}, {"a": {"b": "x"}})
    except ExpressionFailure as failure:
        assert failure.expression == text


# bounds


def test_the_longest_and_deepest_that_are_allowed():
    chain = " || ".join(["a"] * 140)
    assert found(chain, {"a": 1}) == 1
    nested = "[" * 120 + "a" + "]" * 120
    result = found(nested, {"a": 1})
    for _ in range(120):
        (result,) = result
    assert result == 1
    loops = "a" + "[*].a" * 120
    value: Any = 1
    for _ in range(120):
        value = {"a": [value]}
    assert found(loops, {"a": [value]}) is not None
    wide = "{" + ", ".join(f"k{n}: a" for n in range(1_000)) + "}"
    assert len(found(wide, {"a": 1})) == 1_000


def test_a_literal_as_deep_as_python_can_read_it():
    """How deep that is differs by version of Python."""
    try:
        result = found("`" + "[" * 4_000 + "]" * 4_000 + "`")
    except ExpressionError as error:
        assert "nested too deeply" in str(error)
    else:
        assert len(result) == 1


def test_values_nested_too_deeply_are_a_failure():
    value: Any = []
    other: Any = []
    for _ in range(20_000):
        value, other = [value], [other]
    with pytest.raises(ExpressionFailure, match="nested too deeply"):
        found("a == b", {"a": value, "b": other})
    while value:
        value, other = value[0], other[0]


# failures


@pytest.mark.parametrize(
    ("text", "over", "words"),
    [
        ("length(a)", {"a": 5}, "`length` takes string or array or object, not number, in `length(a)`"),
        ("sum(a)", {"a": ["private"]}, "`sum` takes array of number, not str, in `sum(a)`"),
        ("lower(a)", {"a": ["private"]}, "`lower` takes string or null, not array, in `lower(a)`"),
        ("join(',', a)", {"a": [1]}, "`join` takes array of string, not int, in `join(',', a)`"),
        ("a < `5`", {"a": "x"}, "'<' not supported between instances of 'str' and 'int', in `a < `5``"),
        ("map(&lower(@), a)", {"a": [1]}, "`lower` takes string or null, not number"),
        ("ceil(a)", {"a": float("inf")}, "cannot convert float infinity to integer"),
    ],
)
def test_failures_name_function_type_and_expression(text: str, over: Any, words: str):
    with pytest.raises(ExpressionFailure, match=re.escape(words)) as failure:
        found(text, over)
    assert failure.value.expression is not None
    assert "private" not in str(failure.value)


def test_a_failure_knows_the_place_of_its_expression():
    text = read("ferrule: 1\nwhen: length(a)\n", "a.yaml")["when"]
    with pytest.raises(ExpressionFailure) as failure:
        compile_expression(text).find({"a": 1}, {})
    assert str(failure.value.expression.span) == "a.yaml:2:7"


def test_a_negation_may_be_handed_to_a_function_or_a_multiselect():
    assert found("(!a).to_text(@)", {}) == "true"
    assert found("(!a).{no: @}", {"a": 1}) == {"no": False}
    assert found("(!a).[@]", {"a": 1}) == [False]


def test_what_is_no_json_is_read_as_the_interpreter_reads_it():
    class Headers:
        def get(self, name: str) -> str | None:
            return {"a": "1"}.get(name)

    assert found("a", Headers()) == "1"
    assert found("h.a", {"h": Headers()}) == "1"
    assert found("h.*", {"h": Headers()}) is None
    assert found("a", 7) is None


# rows


def test_a_row_is_what_its_fields_find():
    row = compile_row(
        {
            "id": compiled("id"),
            "email": compiled("profile.email"),
            "login": (compiled("profile.login"), lambda value: value and value.upper()),
            "team": compiled("team.id", "team"),
            "own team": compiled("team"),
            "all": (compiled("@"), len),
            "kind": "user",
            "tags": ["a"],
            "none": None,
            "made": lambda record, scope: (record["id"], scope["team"]["id"]),
        }
    )
    record = {"id": 7, "profile": {"login": "ann"}, "team": "red"}
    expected = {
        "id": 7,
        "email": None,
        "login": "ANN",
        "team": "t1",
        "own team": "red",
        "all": 3,
        "kind": "user",
        "tags": ["a"],
        "none": None,
        "made": (7, "t1"),
    }
    assert row(record, {"team": {"id": "t1"}}) == expected
    assert list(row(record, {"team": {"id": "t1"}})) == list(expected)


@pytest.mark.parametrize("record", [None, 7, "x", [{"id": 1}], []])
def test_a_row_of_what_is_no_object_is_full_of_nulls(record: Any):
    assert compile_row({"id": compiled("id"), "b": compiled("a.b"), "k": 1})(record, {}) == {"id": None, "b": None, "k": 1}


def test_a_failing_row_names_the_expression():
    row = compile_row({"id": compiled("id"), "size": compiled("length(a)"), "size2": compiled("length(b)")})
    assert row({"id": 1, "a": "x", "b": []}, {}) == {"id": 1, "size": 1, "size2": 0}
    with pytest.raises(ExpressionFailure) as failure:
        row({"id": 1, "a": "x", "b": 3}, {})
    assert failure.value.expression == "length(b)"
    assert failure.value.__context__ is not None
    assert isinstance(failure.value.__cause__, ValueError)


def test_what_a_function_of_a_row_raises_comes_through():
    def refuse(value: Any) -> Any:
        raise KeyError("unknown state")

    with pytest.raises(KeyError, match="unknown state"):
        compile_row({"state": (compiled("state"), refuse)})({"state": "x"}, {})


# what is written


VARIABLE = re.compile(r"[fikvxs]\d*|find|row")
CALLED = {"type", "isinstance", "len", "is_false", "comparable", "flatten", "members", "expref", "field", "dict", "list", "bool", "Number"}


def written(text: str, *names: str) -> str:
    writer = Writer(names)
    value = writer.visit(parsing.parse(Text(text)), RECORD)
    return writer.source("def find(x, s):", *writer.lines, f"    return {value}").text


def assert_harmless(source: str) -> None:
    """No name but our own, no attribute but `get` and `append`, nothing but functions at the top; text as constants alone."""
    assert source.isascii()
    tree = ast.parse(source)
    assert {type(node) for node in tree.body} <= {ast.FunctionDef, ast.Assign}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            assert node.id in CALLED or VARIABLE.fullmatch(node.id), node.id
        elif isinstance(node, ast.Attribute):
            assert node.attr in ("get", "append")
        elif isinstance(node, (ast.FunctionDef, ast.arg)):
            assert VARIABLE.fullmatch(node.name if isinstance(node, ast.FunctionDef) else node.arg)
        assert not isinstance(node, (ast.Import, ast.ImportFrom, ast.Lambda, ast.ClassDef, ast.Global, ast.JoinedStr))


@given(
    name=st.text(min_size=1, max_size=12).filter(lambda name: name not in "ab"),
    key=st.text(min_size=1, max_size=12),
    value=st.text(max_size=12),
)
def test_text_of_a_spec_gets_into_code_as_text_only(name: str, key: str, value: str):
    quoted, literal = json.dumps(name), json.dumps(value).replace("`", "\\`")
    for declared in ((), (name,)):
        text = f"a[?{quoted} == `{literal}`].{{{json.dumps(key)}: {quoted}.b, c: `[{literal}]`}}"
        assert_harmless(written(text, *declared))
        scope = {name: {"b": value}} if declared else {}
        result = compile_expression(Text(text), declared).find({"a": [{name: value, "b": 1}]}, scope)
        assert result == ([] if declared else [{key: None, "c": [value], **({"c": [value]} if key == "c" else {})}])


@pytest.mark.parametrize(
    "name",
    [
        "__class__",
        "__builtins__",
        "x",
        "s",
        "k1",
        "find",
        "'",
        '"',
        "'''",
        '"""',
        "\\",
        "\n",
        "\r\n    import os",
        "#",
        "{x}",
        "{0}",
        "\x00",
        "\u2028",
        "\ud800",
        "é",
        "😀",
        "'); exit('",
        "%s",
    ],
)
def test_names_that_would_break_out(name: str):
    quoted = json.dumps(name)
    expression = compile_expression(Text(f"{quoted}.{quoted}"))
    assert_harmless(written(f"{quoted}.{quoted}"))
    assert expression.find({name: {name: 7}}, {}) == 7
    assert expression.find({}, {}) is None
    assert compile_expression(Text(quoted), [name]).find({}, {name: 8}) == 8
    assert compile_row({name: compile_expression(Text(quoted))})({name: 9}, {}) == {name: 9}


def test_attributes_of_python_are_out_of_reach():
    for name in ("__class__", "__dict__", "keys", "get", "append"):
        assert found(f"a.{name}", {"a": "text"}) is None
        assert found(f"a.{name}", {"a": {}}) is None
        assert found(f"a.{name}.{name}", {"a": []}) is None


def test_written_code_has_no_builtins():
    find = ready(compiled("a").find)
    assert find.__globals__["__builtins__"] == {}


# what is read


@pytest.mark.parametrize(
    ("text", "reads", "used"),
    [
        ("team.id", {"team"}, {"team"}),
        ("@.team", {"team"}, set()),
        ("a.team", {"a"}, set()),
        ("@ | team", {"team"}, set()),
        ("users[?id == team.id].[name, team]", {"users", "team"}, {"team"}),
        ("map(&[x, team], items)", {"items", "team"}, {"team"}),
        ("{a: b, c: team} || team[0] && !d", {"b", "team", "d"}, {"team"}),
        ("a.{b: team, c: d}", {"a", "team"}, {"team"}),
        ("a.*.team", {"a"}, set()),
        ("team[].id", {"team"}, {"team"}),
        ("a == team", {"a", "team"}, {"team"}),
        ("'team'", set(), set()),
    ],
)
def test_the_names_an_expression_reads(text: str, reads: set[str], used: set[str]):
    expression = compiled(text, "team")
    assert (expression.reads, expression.names) == (reads, used)


def test_nothing_is_written_before_it_is_called(monkeypatch: pytest.MonkeyPatch):
    calls: list[str] = []
    load = Source.load
    monkeypatch.setattr(Source, "load", lambda self, name, **constants: calls.append(name) or load(self, name, **constants))
    expression = compiled("a.b")
    row = compile_row({"id": expression})
    assert calls == []
    assert [expression.find({"a": {"b": n}}, {}) for n in (1, 2)] == [1, 2]
    assert [row({"a": {"b": n}}, {}) for n in (1, 2)] == [{"id": 1}, {"id": 2}]
    assert calls == ["find", "row"]


def test_what_is_deep_is_written_at_once(monkeypatch: pytest.MonkeyPatch):
    def deep(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(Writer, "visit_not_expression", deep)
    with pytest.raises(ExpressionError, match="nested too deeply"):
        compiled("!" * 40 + "a")


DOTTED = st.from_regex(r"[a-z_][a-z0-9_]{0,3}|\"[a-z0-9-]{1,4}\"", fullmatch=True)


@given(st.lists(DOTTED, min_size=1, max_size=5))
def test_a_dotted_name_is_read_as_the_package_reads_it(names: list[str]):
    assert parsing.parse(Text(".".join(names))) == Parser().parse(".".join(names)).parsed
