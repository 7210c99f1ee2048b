"""YAML values that know where they were written, and what a plain scalar means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrule.diagnostics import SpecError
from ferrule.source import Text, key_span, locate, plain, read

LITERAL = "a: |\n  first\n  second\nb: {c: 'it''s', d: [x, 'y', 5]}\n"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("007", "007"),
        ("-0", "-0"),
        ("1_000", "1_000"),
        ("0o7", "0o7"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("1.50", "1.50"),
        (".5", ".5"),
        ("5.", "5."),
        ("no", "no"),
        ("off", "off"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("=", "="),
        ("'5'", "5"),
        ('"null"', "null"),
        ("'true'", "true"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_a_plain_scalar_means(written, value):
    found = read(f"v: {written}\n", "x.yaml")["v"]
    assert (found, type(found) if not isinstance(found, Text) else str) == (value, type(value))


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff\x85\u2028\u2029")))
def test_quoted_text_is_what_was_written(value):
    quoted = "'" + value.replace("'", "''") + "'"
    assert read(f"v: {quoted}\n", "x.yaml")["v"] == value


def test_every_value_knows_its_place():
    tree = read(LITERAL, "x.yaml")
    assert str(tree["a"].span) == "x.yaml:1:4"
    assert str(tree["a"].at(0)) == "x.yaml:2:3"
    assert str(tree["a"].at(8)) == "x.yaml:3:5"
    assert str(tree["b"]["d"][0].at(0)) == "x.yaml:4:21"
    assert str(tree["b"]["d"][1].at(0)) == "x.yaml:4:25"
    assert str(tree["b"]["c"].at(3)) == "x.yaml:4:13"
    assert str(locate(tree, ("b", "d", 2))) == "x.yaml:4:29"
    assert str(key_span(tree, ("b", "c"))) == "x.yaml:4:5"


def test_union_tags_are_stepped_over():
    tree = read("pages:\n  kind: cursor\n  next: x\n", "x.yaml")
    assert str(locate(tree, ("pages", "mapping", "cursor", "next"))) == "x.yaml:3:9"


def test_boolean_and_number_keys_never_meet():
    tree = read("m: {true: a, 1: b, '1': c, null: d}\n", "x.yaml")["m"]
    assert [str(key) for key in tree] == ["true", "1", "1", "null"]
    assert list(tree.values()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2\n", "Y102"),
        ("a: {<<: {b: 1}}\n", "Y103"),
        ("a: !!binary aGk=\n", "Y103"),
        ("a: !own x\n", "Y103"),
        ("a: [1\n", "Y101"),
        ("", "Y101"),
        ("- a\n", "Y101"),
        ("a: 1\n---\nb: 2\n", "Y103"),
        ("a:\n\t- b\n", "Y101"),
        ("? [a]\n: b\n", "Y103"),
    ],
)
def test_what_a_spec_does_not_use_is_refused(text, code):
    with pytest.raises(SpecError) as refused:
        read(text, "x.yaml")
    assert {d.code.id for d in refused.value.diagnostics} == {code}


def test_aliases_that_multiply_are_bounded():
    rows = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"] + [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 10)]
    with pytest.raises(SpecError) as refused:
        read("\n".join(rows), "x.yaml")
    assert {d.code.id for d in refused.value.diagnostics} == {"Y104"}


def test_an_alias_of_itself_is_refused():
    with pytest.raises(SpecError):
        read("a: &a [*a]\n", "x.yaml")


def test_anchors_and_aliases_work():
    assert plain(read("a: &x {b: 1}\nc: *x\n", "x.yaml")) == {"a": {"b": 1}, "c": {"b": 1}}
