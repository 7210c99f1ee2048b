"""Templates write text into requests: types kept, values escaped for where they land, nothing called."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrule.diagnostics import SpecError
from ferrule.escapes import text_of
from ferrule.secret import Secret
from ferrule.source import Text
from ferrule.template_tree import _names_alone, parsed
from ferrule.templates import FILTERS, TemplateFailure, compile_template

SCOPE = {"a": {"b": 5, "c": None, "items": "own", "d": [1, 2]}, "text": "x/y z", "flag": True, "credential": {"token": Secret("hush-hush")}}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        ("{{ a.b }}", 5),
        ("{{ a.c }}", None),
        ("{{ a.c.deeper }}", None),
        ("{{ a.items }}", "own"),
        ("{{ a['b'] }}", 5),
        ("{{ a.d }}", [1, 2]),
        ("{{ a.d[1] }}", 2),
        ("{{ flag }}", True),
        ("{{ flag }}!", "true!"),
        ("n{{ a.b }}", "n5"),
        ("{{ a.c | default('none') }}", "none"),
        ("{{ missing | default('none') }}", "none"),
        ("{% if flag %}yes{% else %}no{% endif %}", "yes"),
        ("{{ 'Add' if flag else 'add' }}", "Add"),
        ("{{ a.d | join('+') }}", "1+2"),
        ("{{ text | upper }}", "X/Y Z"),
        ("{{ '007' }}", "007"),
        ("{{ a.b }}\n", "5\n"),
        ("{% for x in a.d %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", "1, 2"),
        (
            "{% for x in a.d %}{{ loop.index }}/{{ loop.length }} {{ loop['index0'] }} {{ loop.first }};{% endfor %}",
            "1/2 0 true;2/2 1 false;",
        ),
        ("{% for x in a.d if x == 2 %}{{ loop.index }}{{ loop.last }}{% endfor %}", "1true"),
        ("{% for x in a.d %}{% for y in a.d if loop.first %}{{ x }}{{ y }}{{ loop.last }} {% endfor %}{% endfor %}", "11false 12true "),
        ("{% for x in a.d if x == 9 %}{% else %}{{ a.b }}{% endfor %}", "5"),
    ],
)
def test_a_template_gives(template, value):
    made = compile_template(Text(template)).render(SCOPE)
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ a", "C301"),
        ("{% if a %}", "C301"),
        ("{{ a | uppper }}", "C302"),
        ("{{ a.upper() }}", "C303"),
        ("{{ a + 1 }}", "C303"),
        ("{{ 2 ** 99 }}", "C303"),
        ("{% set x = 1 %}", "C303"),
        ("{% macro m() %}{% endmacro %}", "C303"),
        ("{% include 'x' %}", "C303"),
        ("{{ a is mapping }}", "C303"),
        ("{{ a[1:2] }}", "C303"),
        ("{{ {'a': 1} }}", "C303"),
        ("{% for x in a.d %}{{ loop }}{% endfor %}", "C303"),
        ("{% for x in a.d %}{{ loop.previtem }}{% endfor %}", "C303"),
        ("{% for x in a.d %}{{ loop._iterable }}{% endfor %}", "C303"),
        ("{% for x in a.d %}{{ loop[x] }}{% endfor %}", "C303"),
        ("{% for x in a.d %}{{ loop.cycle('a', 'b') }}{% endfor %}", "C303"),
        ("{% for x in a.d %}{% for y in loop %}{{ y }}{% endfor %}{% endfor %}", "C303"),
    ],
)
def test_what_templates_do_not_do_is_found_when_they_are_compiled(template, code):
    with pytest.raises(SpecError) as refused:
        compile_template(Text(template))
    assert [d.code.id for d in refused.value.diagnostics] == [code]


@pytest.mark.parametrize(
    "template",
    ["{{ missing }}", "x{{ missing }}", "{{ a.nope }}", "{{ a.__class__ }}", "{{ text.upper }}", "x{{ a.c }}", "x{{ a.d }}", "x{{ a }}"],
)
def test_what_is_not_there_or_has_no_text_form_is_a_failure(template):
    with pytest.raises(TemplateFailure):
        compile_template(Text(template)).render(SCOPE)


@given(st.text())
def test_a_path_value_is_one_segment(value):
    made = compile_template(Text("/a/{{ v }}/b"), "path").render({"v": value})
    assert made.count("/") == 3
    assert not {"?", "#", " ", "\n"} & set(made)
    assert made.split("/")[2] not in (".", "..")
    assert unquote(made.split("/")[2]) == value


@given(st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",), exclude_characters="\ufffe\uffff")))
def test_a_value_in_xml_is_text_and_never_structure(value):
    made = compile_template(Text('<u name="{{ v }}">{{ v }}</u>'), "xml").render({"v": value})
    element = ElementTree.fromstring(made)
    assert (element.text or "", element.attrib["name"], len(element)) == (value, value, 0)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_a_header_value_stays_on_its_line(value):
    with pytest.raises(TemplateFailure, match="line break"):
        compile_template(Text("v={{ v }}"), "header").render({"v": value})


def test_what_reads_a_credential_is_a_secret():
    template = compile_template(Text("Bearer {{ credential.token }}"), "header")
    made = template.render(SCOPE)
    assert template.secret
    assert isinstance(made, Secret)
    assert made.reveal() == "Bearer hush-hush"
    assert "hush" not in f"{made} {made!r} {[made]}"


def test_reads_are_the_dotted_names_without_loop_variables():
    template = compile_template(Text("{% for x in a.d %}{{ x }}{{ loop.index }}{{ text }}{% endfor %}{{ a.b }}"))
    assert template.reads == {("a", "d"), ("text",), ("a", "b")}


def test_a_loop_is_no_name_where_it_has_no_turn():
    """What chooses the items, and what stands where there are none."""
    template = compile_template(Text("{% for x in a.d if loop.first %}{{ x }}{% else %}{{ loop.last }}{% endfor %}"))
    assert template.reads == {("a", "d"), ("loop", "first"), ("loop", "last")}


@given(st.one_of(st.text(), st.booleans(), st.integers()))
def test_a_single_name_keeps_its_value(value):
    made = compile_template(Text("{{ v }}")).render({"v": value})
    assert (made, type(made)) == (value, type(value))


def test_numbers_and_booleans_in_text_are_as_json_writes_them():
    assert [text_of(v) for v in (True, False, 12, 1.5, "007")] == ["true", "false", "12", "1.5", "007"]


def test_every_filter_is_in_the_docs():
    from pathlib import Path

    page = (Path(__file__).parents[1] / "docs" / "spec.md").read_text()
    assert all(f"`{name}`" in page for name in FILTERS)


@pytest.mark.parametrize(
    ("filter_", "value", "made"),
    [
        ("scim_string", 'we"ird\\x', '"we\\"ird\\\\x"'),
        ("sql_string", "O'Neil", "'O''Neil'"),
        ("soql_string", "O'Ne\\il", "'O\\'Ne\\\\il'"),
        ("datetime", "2024-01-31T14:00:00.5+02:00", "2024-01-31T12:00:00.500Z"),
        ("base64", "a:b", "YTpi"),
        ("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sha256('base64')", "abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        (
            "sha512('hex') | upper",
            "",
            "CF83E1357EEFB8BDF1542850D66D8007D620E4050B5715DC83F4A921D36CE9CE47D0D13C5D85F2B0FF8318D2877EEC2F63B931BD47417A81A538327AF927DA3E",
        ),
        ("trim", "  x ", "x"),
        ("lower", "ÄB", "äb"),
        ("replace('a', 'b')", "banana", "bbnbnb"),
        ("json", "x", '"x"'),
    ],
)
def test_a_filter_makes(filter_, value, made):
    assert compile_template(Text(f"{{{{ v | {filter_} }}}}")).render({"v": value}) == made


@pytest.mark.parametrize("value", ["now OR Id != ''", "", "0001-01-01T00:00:00Z", None, 7])
def test_what_is_no_time_is_refused(value):
    with pytest.raises(TemplateFailure):
        compile_template(Text("since {{ v | datetime }}")).render({"v": value})


def test_values_are_joined_as_texts():
    """Jinja's own `~` writes `None` for null, `True` for true, and of a secret what it shows."""
    scope = {"credential": {"name": "ann", "password": Secret("s3cret"), "pin": None}, "on": True}
    made = compile_template(Text("{{ (credential.name ~ ':' ~ credential.password) | base64 }}")).render(scope)
    assert made == Secret("YW5uOnMzY3JldA==")
    assert compile_template(Text("x{{ credential.name ~ 1 ~ on }}")).render(scope) == Secret("xann1true")
    with pytest.raises(TemplateFailure, match="null has no text form"):
        compile_template(Text("{{ credential.name ~ credential.pin }}")).render(scope)


def test_raw_goes_past_the_escaping_of_its_place():
    assert compile_template(Text("/{{ v | raw }}"), "path").render({"v": "a/b"}) == "/a/b"


# trees

NAMES = st.sampled_from(["a", "a.b", "settings.region", "not", "true", "x.none", "is.a", "_a1.B", "é", "a.1", "self", "loop.index"])
PIECES = st.one_of(
    NAMES.map("{{{{ {} }}}}".format),
    NAMES.map("{{{{{}}}}}".format),
    NAMES.map("{{{{- {} -}}}}".format),
    st.text(st.sampled_from("ab /?&{}%#'\n\r\t\\é"), max_size=6),
)


@given(st.lists(PIECES, max_size=5).map("".join))
def test_a_template_of_names_alone_has_the_tree_that_jinja_gives(text: str):
    quick = _names_alone(text)
    assert quick is None or quick == parsed(text)


def test_names_alone_are_seen():
    assert _names_alone("/users/{{ inputs.account_id }}/{{x}}?a=}") is not None


def test_what_may_have_no_room_in_python_is_written_at_once():
    with pytest.raises(SpecError, match="nested too deeply"):
        compile_template(Text("{% if a %}" * 120 + "x" + "{% endif %}" * 120))
