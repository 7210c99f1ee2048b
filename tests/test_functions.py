"""Every function does what its manual says, refuses what does not fit, and stands in the documentation.

`pytest tests/test_functions.py --write-docs` writes the tables of functions into docs/expressions.md.
"""

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrule.expressions import ExpressionError, ExpressionFailure, compile_expression
from ferrule.functions import FUNCTIONS, STANDARD, Function, Type, patterns, type_of
from ferrule.source import Text

PAGE = Path(__file__).parents[1] / "docs" / "expressions.md"
EXAMPLE = re.compile(r"^>>> (?P<expression>.+?)(?:  # (?P<over>.+?)(?: with (?P<scope>\{.+))?)?\n(?P<result>.+)$", re.MULTILINE)


def find(expression: str, over: Any = None, scope: dict[str, Any] | None = None) -> Any:
    return compile_expression(Text(expression), scope or ()).find(over, scope or {})


def examples(function: Function) -> list[re.Match[str]]:
    return list(EXAMPLE.finditer(function.doc))


def description(function: Function) -> str:
    return " ".join(function.doc.split("\n\n>>> ")[0].split())


CASES = [pytest.param(example, id=f"{name}-{n}") for name, function in FUNCTIONS.items() for n, example in enumerate(examples(function))]


@pytest.mark.parametrize("example", CASES)
def test_examples_of_the_manual(example: re.Match[str]):
    over = json.loads(example["over"] or "null")
    scope = json.loads(example["scope"] or "{}")
    assert same(find(example["expression"], over, scope), json.loads(example["result"]))


def same(a: Any, b: Any) -> bool:
    """Equal, and `1`, `1.0` and `true` told apart, in their order."""
    return repr(a) == repr(b)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_description_and_an_example_of_itself(name: str):
    function = FUNCTIONS[name]
    assert description(function).endswith(".")
    assert ">>>" not in description(function)
    assert len(examples(function)) == function.doc.count(">>>") > 0
    assert any(f"{name}(" in example["expression"] for example in examples(function))


def test_no_function_of_our_own_hides_a_standard_one():
    names = [f.name for f in STANDARD]
    assert [n for n in FUNCTIONS if n in names] == names
    assert all(FUNCTIONS[f.name] is f for f in STANDARD)


SAMPLES: dict[Type, list[Any]] = {
    Type.STRING: ["", "a", "7", "2024-01-31", "é"],
    Type.NUMBER: [0, -1, 3, 1.5],
    Type.BOOLEAN: [True, False],
    Type.ARRAY: [[], [1, "a", None], ["a", "b"]],
    Type.OBJECT: [{}, {"a": 1}],
    Type.NULL: [None],
}
OWN = [f for f in FUNCTIONS.values() if f not in STANDARD]


@pytest.mark.parametrize("function", OWN, ids=lambda f: f.name)
def test_arguments_of_another_type_are_refused_by_name(function: Function):
    """Each argument in turn gets a value of each type its signature does not take."""
    fitting = [_fitting(p) for p in function.signature]
    for index, parameter in enumerate(function.signature):
        if parameter.prepare:
            continue
        for type_, values in SAMPLES.items():
            if type_ not in parameter.type:
                arguments = [*fitting]
                arguments[index] = "@"
                with pytest.raises(ExpressionFailure, match=rf"`{function.name}` takes .*, not {type_}"):
                    find(f"{function.name}({', '.join(arguments)})", values[0])


def _fitting(parameter: Any) -> str:
    if parameter.prepare:
        return "'%Y'"
    value = next(v for t, values in SAMPLES.items() if t in parameter.type for v in values if v != "")
    return f"`{json.dumps(value)}`"


@pytest.mark.parametrize("function", OWN, ids=lambda f: f.name)
def test_results_have_the_type_of_the_signature(function: Function):
    """Whatever fits the signature gives a value of the type it promises, or a failure; never another exception."""
    seen = 0
    first, *others = function.signature
    for value in [v for t, values in SAMPLES.items() if t in first.type for v in values]:
        for fit in ([p for p in others if p.required], others):
            try:
                result = find(f"{function.name}({', '.join(['@', *map(_fitting, fit)])})", value)
            except ExpressionFailure:
                continue
            seen += 1
            type_ = type_of(result)
            assert type_ is not None
            assert type_ in function.returns
    assert seen


@pytest.mark.parametrize("function", [f for f in OWN if Type.NULL in f.signature[0].type and f.name != "as_list"], ids=lambda f: f.name)
def test_null_gives_null(function: Function):
    assert find(f"{function.name}({', '.join(['@', *[_fitting(p) for p in function.signature[1:] if p.required]])})", None) is None


@pytest.mark.parametrize(
    ("expression", "over", "result"),
    [
        ("lower(@)", "ÄÖ", "äö"),
        ("split(@, ', ')", "a, b", ["a", "b"]),
        ("split(@, ',')", ",", ["", ""]),
        ("substring(@, `1`, `3`)", "abcd", "bc"),
        ("substring(@, `9`)", "abcd", ""),
        ("before(@, ':')", "a:b:c", "a"),
        ("after(@, ':')", "a:b:c", "b:c"),
        ("before(@, ':')", "", None),
        ("capture(@, 'b+')", "abbc", "bb"),
        ("capture(@, '(x)?b')", "ab", None),
        ("matches(@, 'B')", "abc", False),
        ("matches(@, '(?i)B')", "abc", True),
        ("url_path_decode(@)", "a%20b%2Fc+d", "a b/c+d"),
        ("base64_decode(@)", "YW5u\n", "ann"),
        ("base64_decode(@)", "8J-Yig", "😊"),
        ("to_text(@)", 1e16, "10000000000000000"),
        ("to_text(@)", 7.0, "7"),
        ("to_text(@)", 0.1, "0.1"),
        ("to_text(@)", 1e-7, "0.0000001"),
        ("to_text(@)", 2**64 + 1, "18446744073709551617"),
        ("to_text(@)", "007", "007"),
        ("as_list(@)", [1], [1]),
        ("as_list(@)", False, [False]),
        ("null_if(@, '')", "", None),
        ("null_if(@, `0`)", False, False),
        ("null_if(@, `1`)", True, True),
        ("null_if(@, `1`)", 1.0, None),
        ("null_if(@, `[]`)", [], None),
        (
            "unique(@)",
            [1, True, "1", 1.0, None, None, [1], [1], {"a": 1, "b": 2}, {"b": 2, "a": 1}],
            [1, True, "1", None, [1], {"a": 1, "b": 2}],
        ),
        ("from_pairs(@)", [{"key": "a", "value": 1}, {"key": "a"}], {"a": None}),
        ("lookup(@, 'b', `1`)", {"a": 2}, 1),
        ("lookup(@, 'b', `1`)", {"b": None}, None),
        ("lookup(@, `true`)", {"true": "yes"}, "yes"),
        ("lookup(@, `1.0`)", {"1": "one"}, "one"),
        ("has_bit(@, `6`)", 2, False),
        ("has_bit(@, `6`)", 7.0, True),
        ("has_bit(@, `-2147483648`)", "-2147483646", True),
        ("clear_bit(@, `2`)", "512", 512),
        ("date(@)", "2024-01-31", "2024-01-31T00:00:00Z"),
        ("date(@)", "2024-01-31 12:00:00", "2024-01-31T12:00:00Z"),
        ("date(@)", "2024-01-31t12:00:00z", "2024-01-31T12:00:00Z"),
        ("date(@)", "2024-01-31T12:00:00.1234567Z", "2024-01-31T12:00:00.123456Z"),
        ("date(@)", "2024-01-31T12:00:00,5+0530", "2024-01-31T06:30:00.500Z"),
        ("date(@)", "2024-01-31 12:00:00 +0100", "2024-01-31T11:00:00Z"),
        ("date(@)", "20240131T120000Z", "2024-01-31T12:00:00Z"),
        ("date(@)", " ", None),
        ("date(@)", "0001-01-01T00:00:00", None),
        ("date(@)", "0001-01-01T00:00:00+05:00", None),
        ("date(@, '%Y%m%d%H%M%S.0Z')", "20240131120000.0Z", "2024-01-31T12:00:00Z"),
        ("date(@, '%a %b %d %H:%M:%S %z %Y')", "Wed Jan 31 12:00:00 +0200 2024", "2024-01-31T10:00:00Z"),
        ("to_epoch(@)", "1969-12-31T23:59:59.5Z", -1),
        ("from_epoch(@)", 0, "1970-01-01T00:00:00Z"),
        ("from_epoch(@)", "", None),
        ("from_epoch(@)", 1700000000.0, "2023-11-14T22:13:20Z"),
        ("from_epoch(@)", "1355517523.000005", "2012-12-14T20:38:43.000005Z"),
        ("from_epoch(@)", -1, "1969-12-31T23:59:59Z"),
        ("from_filetime(@)", 0, None),
        ("from_filetime(@)", 9223372036854775807, None),
        ("from_filetime(@)", 116444736000000000, "1970-01-01T00:00:00Z"),
    ],
)
def test_corners(expression: str, over: Any, result: Any):
    assert same(find(expression, over), result)


@pytest.mark.parametrize(
    ("expression", "over", "words"),
    [
        ("split(@, '')", "a", "empty separator"),
        ("before(@, '')", "a", "empty separator"),
        ("replace(@, '', 'x')", "a", "no text to replace"),
        ("substring(@, `0.5`)", "a", "no place in a text"),
        ("url_path_decode(@)", "%ff", "not UTF-8"),
        ("base64_decode(@)", "!", "not UTF-8 text in base64"),
        ("base64_decode(@)", "_-8=", "not UTF-8 text in base64"),
        ("base64_decode(@)", "abcde", "not UTF-8 text in base64"),
        ("parse_json(@)", "{", "not JSON"),
        ("parse_json(@)", "NaN", "not JSON"),
        ("parse_json(@)", "[" * 100_000, "not JSON"),
        ("to_text(@)", float("inf"), "inf is not a number that has digits"),
        ("zip(@, `[1]`)", ["a", "b"], "a row of 1 values does not fit 2 columns"),
        ("zip(@, `[1]`)", [1], "the name of a column is not text"),
        ("from_pairs(@)", [{"name": "a"}], "no pair of a text `key` and a `value`"),
        ("from_pairs(@)", [["a"]], "no pair"),
        ("from_pairs(@)", ["ab"], "no pair"),
        ("has_bit(@, `2`)", "0x2", "not an integer"),
        ("has_bit(@, `2`)", 1.5, "not an integer"),
        ("date(@)", "31/01/2024", "`31/01/2024` is not a time ISO 8601"),
        ("date(@)", "2024-02-30", "is not a time"),
        ("date(@)", "2024-01-31x12:00", "is not a time"),
        ("date(@)", "2024-01-31T12345678", "is not a time"),
        ("date(@)", "٢٠٢٤-01-31", "is not a time"),
        ("date(@)", "9999-12-31T23:00:00-05:00", "is not a time"),
        ("date(@, '%Y')", "24", "is not a time written as `%Y`"),
        ("from_epoch(@)", "soon", "`soon` is not a number that counts time"),
        ("from_epoch(@)", 1e300, "is not a number that counts time"),
        ("from_epoch(@)", "9" * 20, "out of the range of times"),
        ("from_epoch_ms(@)", 10**17, "out of the range of times"),
    ],
)
def test_values_that_cannot_be_used_are_failures(expression: str, over: Any, words: str):
    with pytest.raises(ExpressionFailure, match=re.escape(words)) as failure:
        find(expression, over)
    assert failure.value.expression == expression
    assert str(failure.value).endswith(f"in `{expression}`")


@given(st.integers(-(10**40), 10**40))
def test_an_integer_keeps_its_digits(number: int):
    assert find("to_text(@)", number) == str(number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_reads_back_as_the_same_number(number: float):
    text = find("to_text(@)", number)
    assert float(text) == number
    assert "e" not in text.lower()


@given(st.datetimes())
def test_times_go_to_utc_and_stay_the_same_time(moment: Any):
    if moment.year > 1:
        text = find("date(@)", moment.isoformat())
        assert text.endswith("Z")
        assert find("date(@)", text) == text
        assert find("from_epoch(to_epoch(@))", text)[:19] == text[:19]


@pytest.mark.parametrize(
    "source",
    [
        "(a+)+$",
        r"^(\w|\d)*$",
        "(a|a){20}b",
        "(a?)*b",
        "((a+))*",
        "(a{1,9})+",
        r"(a)\1",
        "(?=a+)b",
        "(?P<x>a)(?P=x)",
        "(?>a)",
        "(?x) a",
        "x*" * 8,
        "[",
        "a{2,1}",
        "(?:x.*)?" * 3,
    ],
)
def test_patterns_that_could_be_slow_are_refused(source: str):
    with pytest.raises(ValueError, match=r"pattern|repeats"):
        patterns.read(source)


@pytest.mark.parametrize(
    "source",
    [
        r"^[^@]+@(.+)$",
        r"\d{1,3}\.\d{1,3}",
        r"([a-z]{2}:){5}",
        r"(?P<x>a|b)c?",
        r"[]a]+[^]]*",
        r"a{,3}",
        r"\{x\}",
        "a{}",
        r"(?:ab)+?",
        r"\[(\w+)\]",
        "(?i)x",
    ],
)
def test_patterns_that_people_write_are_taken(source: str):
    assert patterns.read(source).longest >= patterns.SHORTEST


@pytest.mark.parametrize(
    ("source", "longest"),
    [
        ("abc", 10_000),
        ("a+b", 7_071),
        ("a{1,100}b", 7_071),
        ("^a+b", 10_000),
        (r"\Aa+b+", 7_071),
        ("a?b+", 5_000),
        ("(a|b)c+", 5_000),
        ("a|b|c|d+", 3_535),
        ("^a|b+", 5_000),
        ("((a|b)c|d)e+", 3_535),
        ("a{2,5}b+", 3_535),
        ("a+b+", 368),
    ],
)
def test_how_long_a_text_a_pattern_may_look_at(source: str, longest: int):
    assert patterns.read(source).longest == longest


SLOW = [
    ".*a.*b",
    "(.*)(.*)x",
    r"^(.*),(.*),(.*)x$",
    r"\s*\s*$",
    r"\d{1,60}\d{1,60}\d{1,60}x",
    "a?" * 12 + "a" * 12,
    "(a|ab|b)" * 4 + ".*x",
    ".*?.*?x",
]


@pytest.mark.parametrize("source", SLOW)
@pytest.mark.parametrize("piece", ["a", "ab", ",a", " ", "1", "aab"])
def test_no_text_makes_a_search_slow(source: str, piece: str):
    pattern = patterns.read(source)
    text = (piece * pattern.longest)[: pattern.longest]
    before = time.process_time()
    pattern.search(text)
    assert time.process_time() - before < 5  # takes 0.2 s at most where this was written; without the guard, minutes


def test_a_text_too_long_for_its_pattern_is_a_failure():
    assert find("matches(@, 'a.*b')", "a" * patterns.read("a.*b").longest) is False
    with pytest.raises(ExpressionFailure, match="longer than the 7071 that this pattern may look at"):
        find("matches(@, 'a.*b')", "a" * 7072)


@pytest.mark.parametrize("layout", ["%Q", "%", "%Y %Y"])
def test_bad_layouts_are_found_when_the_spec_is_compiled(layout: str):
    with pytest.raises(ExpressionError, match="is not a layout of a time"):
        compile_expression(Text(f"date(@, '{layout}')"))


# the tables of the documentation


def table(functions: Sequence[Function]) -> str:
    rows = ["| Function | Gives | Examples |", "|---|---|---|"]
    for function in functions:
        shown = "<br>".join(_shown(example) for example in examples(function))
        gives = description(function).replace("|", r"\|")
        rows.append(f"| `{function}` | {gives} | {shown} |")
    return "\n".join(rows)


def _shown(example: re.Match[str]) -> str:
    over = f" over {_code(example['over'])}" if example["over"] else ""
    scope = f" with {_code(example['scope'])}" if example["scope"] else ""
    return f"{_code(example['expression'])}{over}{scope} → {_code(example['result'])}"


def _code(text: str) -> str:
    """Text as code in a cell of a table."""
    fence = "`` {} ``" if "`" in text else "`{}`"
    return fence.format(text.replace("|", r"\|"))


def with_tables(page: str) -> str:
    for name, functions in (("own", OWN), ("standard", STANDARD)):
        start, end = f"<!-- functions: {name} -->\n", "<!-- functions: end -->"
        before, _, rest = page.partition(start)
        _, _, after = rest.partition(end)
        page = f"{before}{start}\n{table(sorted(functions, key=lambda f: f.name))}\n\n{end}{after}"
    return page


def test_the_documentation_has_every_function(request: pytest.FixtureRequest):
    page = PAGE.read_text()
    if request.config.getoption("--write-docs"):
        PAGE.write_text(with_tables(page))
    assert PAGE.read_text() == with_tables(page)
