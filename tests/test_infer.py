"""What lint knows of a value before there is one is true of every value there can be.

The engine finds the value of an expression; what `infer` says of it, knowing all, some or nothing of what the expression reads,
must allow for that value. Where `infer` says that an expression always fails, it fails.
"""

from __future__ import annotations

import re
from functools import reduce
from itertools import product
from typing import Any

import pytest
from hypothesis import assume as given_that
from hypothesis import given, settings
from hypothesis import strategies as st

from ferrule.contract.accounts import FoundAccountData
from ferrule.contract.fields import fields_of
from ferrule.expressions import ExpressionError, ExpressionFailure, compile_expression
from ferrule.functions import Type, type_of
from ferrule.lint.assumed import assume, implied
from ferrule.lint.infer import infer
from ferrule.lint.known import ANSWER, ANYTHING, BOOLEAN, NULL, NUMBER, TEXT, Known, either, is_empty, of_field, one_of
from ferrule.lint.logic import parts, reads
from ferrule.lint.misfits import misfit
from ferrule.source import Text

NAMES = ("team", "inputs")

TEXTS = st.sampled_from(["", "a", "b", "true", "2020-01-31", "x,y"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from([0.5, 1.0]), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c", "team"]), inner, max_size=3),
    max_leaves=8,
)

RECORDS = st.fixed_dictionaries({"a": VALUES, "b": VALUES, "c": st.lists(VALUES, max_size=3)})

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "@",
        "team",
        "team.a",
        "inputs.b",
        "@.team",
        "`1`",
        "`null`",
        "`true`",
        "`[]`",
        "'a'",
        "''",
        '`{"a": [1, "x"]}`',
        "`[[1], 2]`",
    ]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(["a", "b", "team"])).map(lambda p: f"({p[0]}).{p[1]}"),
        inner.map(lambda e: f"({e})[0]"),
        inner.map(lambda e: f"({e})[-1]"),
        inner.map(lambda e: f"({e})[1:]"),
        inner.map(lambda e: f"({e})[]"),
        inner.map(lambda e: f"({e})[].a"),
        inner.map(lambda e: f"({e})[*].b"),
        inner.map(lambda e: f"({e}).*"),
        pair.map(lambda p: f"({p[0]})[?{p[1]}]"),
        pair.map(lambda p: f"({p[0]}) | {p[1]}"),
        pair.map(lambda p: f"({p[0]}) && ({p[1]})"),
        pair.map(lambda p: f"({p[0]}) || ({p[1]})"),
        inner.map(lambda e: f"!({e})"),
        st.tuples(inner, st.sampled_from(["==", "!=", "<", ">="]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        pair.map(lambda p: f"[{p[0]}, {p[1]}]"),
        pair.map(lambda p: f"{{a: {p[0]}, c: {p[1]}}}"),
        st.tuples(
            st.sampled_from(["length", "keys", "values", "type", "to_string", "to_array", "as_list", "not_null", "unique", "reverse"]),
            inner,
        ).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["lower", "entries", "to_text", "to_number", "sort", "max", "split_", "lines"]), inner).map(
            lambda p: f"split({p[1]}, ',')" if p[0] == "split_" else f"{p[0]}({p[1]})"
        ),
        st.tuples(st.sampled_from(["contains", "null_if", "merge", "lookup", "join", "starts_with", "not_null"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
        inner.map(lambda e: f"map(&{e}, c)"),
    )


EXPRESSIONS = st.recursive(ATOMS, _grown, max_leaves=4)


def allows(known: Known, value: Any) -> bool:
    """Whether what is known of a value allows for this one."""
    kind = type_of(value)
    if kind is None or kind not in known.types or (known.holds and is_empty(value)):
        return False
    if known.values is not None:
        return any(type(value) is type(other) and value == other for other in known.values)
    if isinstance(value, list) and known.item is not None:
        return all(allows(known.item, item) for item in value)
    if isinstance(value, dict):
        return all(allows(known.member(name), item) for name, item in value.items()) and all(
            name in value or Type.NULL in member.types for name, member in (known.members or {}).items()
        )
    return True


@st.composite
def some_of(draw: st.DrawFn, value: Any) -> Known:
    """Something that is known of a value, as much or as little as it happens."""
    choice = draw(st.integers(0, 4))
    if choice == 0:
        return ANYTHING
    if choice == 1:
        return one_of([value])
    if choice == 2:
        return either(one_of([value]), draw(st.sampled_from([NULL, TEXT, NUMBER, BOOLEAN, ANYTHING])))
    kind = type_of(value)
    assert kind is not None
    if isinstance(value, dict):
        return Known(kind, members={name: draw(some_of(item)) for name, item in value.items()}, closed=draw(st.booleans()))
    if isinstance(value, list) and value:
        item = draw(some_of(value[0]))
        for other in value[1:]:
            item = either(item, draw(some_of(other)))
        return Known(kind, item=item)
    return Known(kind)


@given(EXPRESSIONS, RECORDS, RECORDS, RECORDS, st.data())
@settings(max_examples=1000, derandomize=True)
def test_what_is_inferred_is_true(text: str, value: Any, team: Any, inputs: Any, data: st.DataObject):
    try:
        expression = compile_expression(Text(text), NAMES)
    except ExpressionError:
        given_that(False)
        return
    known = {"team": data.draw(some_of(team)), "inputs": data.draw(some_of(inputs))}
    told = infer(text, data.draw(some_of(value)), known)
    try:
        found = expression.find(value, {"team": team, "inputs": inputs})
    except ExpressionFailure:
        return
    assert told.types, f"`{text}` is said to fail always, and gives {found!r}"
    assert allows(told, found), f"`{text}` gives {found!r}, which is not {told}"
    assert (not is_empty(found)) in told.truths


FORMS = """\
a && b | b && 'x' | a || b | b || 'x' | !a | !(a && b) | a == b | a != b | a == `1` | b < `2` | a.b | a.a.b | a[0]
c[-1] | c[1:] | c[] | c[*].a | c[?@] | c[?a == b].a | a.* | [a, b] | {a: a, c: b} | {a: a}.a | [a, b][0] | a && [b]
team.a | @.team | c[].team | c | [0] | @ | team || a | length(c) | keys(@) | values(@) | type(a) | to_string(b)
to_array(a) | as_list(a) | not_null(a, b) | not_null(a, 'x') | null_if(a, b) | reverse(c) | unique(c) | sort(c)
map(&a, c) | map(&[@, team], c) | entries(@) | lookup(@, 'a') | lookup(`{"a": 1}`, b) | merge(@, `{"a": 1}`)
contains(c, b) | contains(`[]`, b) | join(',', c) | split(b, ',') | lines(b) | lower(b) | to_text(a) | to_number(b)
max(c) | max_by(c, &a) | starts_with(b, 'x') | from_pairs(entries(@)[].[key, value]) | to_epoch(b) | c[?team.a == a]
a[?b] || b"""
RECORD_CASES: list[dict[str, Any]] = [
    {"a": None, "b": "x", "c": []},
    {"a": False, "b": "", "c": [None, 1, "x"]},
    {"a": {"a": {"b": 1}, "b": "y"}, "b": "2020-01-31", "c": [{"a": 1, "b": 1}, {"a": 2}]},
    {"a": [{"b": True}, {"b": None}], "b": "x,y", "c": ["x", "y"]},
    {"a": 1, "b": 1, "c": [2, 1]},
    {"a": {}, "b": None, "c": [[1], []], "team": {"a": 1}},
    {"a": "x", "b": "1", "c": [1.5]},
]


def levels(value: Any) -> list[Known]:
    """All that can be known of a value, its types with those of what is within, and nothing."""
    kind = type_of(value)
    assert kind is not None
    within = Known(kind)
    if isinstance(value, dict):
        within = Known(kind, members={name: levels(item)[1] for name, item in value.items()}, closed=True)
    elif isinstance(value, list) and value:
        within = Known(kind, item=reduce(either, (levels(item)[1] for item in value)))
    return [one_of([value]), within, ANYTHING]


@pytest.mark.parametrize("text", [form.strip() for form in re.split(r" \| (?!\[0\])|\n", FORMS)])
def test_each_form(text: str):
    expression = compile_expression(Text(text), NAMES)
    for value in RECORD_CASES:
        for team in RECORD_CASES[2:5]:
            try:
                found = expression.find(value, {"team": team, "inputs": {}})
            except ExpressionFailure:
                continue
            for known, of_team in product(levels(value), levels(team)):
                told = infer(text, known, {"team": of_team, "inputs": ANYTHING})
                assert allows(told, found), f"of {value} it gives {found!r}, which is not {told}"
                assert (not is_empty(found)) in told.truths


@given(EXPRESSIONS)
@settings(max_examples=1000, derandomize=True)
def test_what_is_read_is_what_the_engine_reads(text: str):
    try:
        expression = compile_expression(Text(text), NAMES)
    except ExpressionError:
        given_that(False)
        return
    found = reads(text, NAMES)
    assert {name for name in found if not name.startswith("@")} == set(expression.names)
    assert {name.removeprefix("@.") for name in found - {"@"}} == set(expression.reads)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("status == '403'", "false"),
        ("body.locked && 'SUSPENDED' || 'ACTIVE'", '"SUSPENDED" or "ACTIVE"'),
        ("length(body.users)", "number"),
        ("lower(length(body.users))", "no value"),
        ("split(body.tags, ',')[0]", "any value"),
        ("[{type: 'role', id: 'admin'}]", '[{"type": "role", "id": "admin"}]'),
        ("[{type: 'role', id: body.id}][].type | [0]", '"role" or null'),
        ('lookup(`{"a": 1}`, body.x)', "1 or null"),
        ('headers."x-count"', "string or null"),
        ("sort_by(values(body), &name)", "array"),
    ],
)
def test_what_is_known_of_an_answer(text: str, shown: str):
    assert str(infer(text, ANSWER, {})) == shown


FIELDS = fields_of(FoundAccountData)


@pytest.mark.parametrize(
    ("field", "known", "slip"),
    [
        ("email", TEXT, None),
        ("email", NUMBER, None),
        ("email", BOOLEAN, "is text, and this gives false or true"),
        ("email", NULL, "is always null"),
        ("email", one_of([None, "a"]), None),
        ("user_status", one_of(["ACTIVE", "GONE"]), 'this may give "GONE"'),
        ("user_status", either(ANYTHING, one_of(["GONE"])), 'this may give "GONE"'),
        ("user_status", ANYTHING, None),
        ("extra_data", Known(Type.ARRAY), "is map of any, and this gives array"),
    ],
)
def test_what_does_not_fit_a_field(field: str, known: Known, slip: str | None):
    told = misfit(known, FIELDS[field])
    assert told is None if slip is None else told is not None and slip in told


INPUTS = {"inputs": Known(Type.OBJECT, members={"email": either(TEXT, NULL), "kind": TEXT})}


def test_what_a_condition_tells():
    assert assume([Text("inputs.email")], INPUTS)["inputs"].member("email").types == Type.STRING
    assert assume([Text("inputs.kind == 'role' && inputs.email != `null`")], INPUTS)["inputs"].member("kind") == one_of(["role"])
    assert assume([Text("inputs.kind || inputs.email")], INPUTS) == INPUTS


@pytest.mark.parametrize(
    ("wanted", "whens", "holds"),
    [
        ("inputs.kind == 'role'", "inputs.kind == 'role' && inputs.email", True),
        ("inputs.kind == 'role'", "'role' == inputs.kind", True),
        ("contains(['role', 'licence'], inputs.kind)", "inputs.kind == 'licence'", True),
        ("contains(['role', 'licence'], inputs.kind)", "inputs.kind == 'team'", False),
        ("inputs.kind == 'role'", "inputs.email", False),
    ],
)
def test_what_a_condition_implies(wanted: str, whens: str, holds: bool):
    assert implied([Text(wanted)], [Text(whens)], INPUTS) is holds


def test_the_contract_is_known():
    assert of_field(FIELDS["integration_specific_id"]) == TEXT
    assert of_field(FIELDS["email"]) == either(TEXT, NULL)
    assert of_field(FIELDS["user_status"]).values[:2] == ("ACTIVE", "INACTIVE")  # type: ignore[index]


def test_parts_are_the_same_however_they_are_written():
    assert parts("a == `1` && b") == parts("b && `1` == a")
    assert parts("a == `1`") != parts("a == '1'")
