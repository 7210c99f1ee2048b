"""What a body becomes on the wire, and that nothing is changed on the way there."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrule.decoding import decode
from ferrule.decoding.xml import XmlDecoder
from ferrule.encoding import build_xml, encode
from ferrule.escapes import LANDINGS
from ferrule.http import BodyKind, Pairs, Request
from ferrule.secret import Secret
from ferrule.source import Text, plain, read
from ferrule.templates import compile_template
from pages import blocks

PROJECT = Path(__file__).parents[1]
SECRET = Secret('p&<ss "1"')


def sent(kind: BodyKind, body: Any, headers: Pairs = ()) -> tuple[bytes | None, str | None]:
    return encode(Request("POST", "https://acme.example/", headers=headers, body=body, kind=kind))


def content(kind: BodyKind, body: Any) -> bytes:
    found, _ = sent(kind, body)
    assert found is not None
    return found


def xml(value: Any) -> str:
    """The document below its declaration."""
    head, _, rest = build_xml(value).partition("\n")
    assert head == '<?xml version="1.0" encoding="utf-8"?>'
    return rest


# ------------------------------------------------------------------------------------------------ all kinds


@pytest.mark.parametrize("kind", ["none", "json", "form", "xml", "text"])
def test_no_body_is_no_content(kind: BodyKind):
    assert sent(kind, None) == (None, None)


def test_a_body_without_a_kind_is_not_dropped():
    with pytest.raises(TypeError, match="nothing says how to write it"):
        sent("none", "x")


def test_each_kind_has_its_usual_content_type():
    types = {kind: sent(kind, body)[1] for kind, body in {"json": {}, "form": {}, "xml": {"a": ""}, "text": ""}.items()}  # type: ignore[arg-type]
    assert types == {
        "json": "application/json",
        "form": "application/x-www-form-urlencoded",
        "xml": "application/xml; charset=utf-8",
        "text": "text/plain; charset=utf-8",
    }


def test_a_content_type_of_the_request_s_own_is_kept():
    assert sent("json", {}, (("Content-Type", "application/scim+json"),)) == (b"{}", "application/scim+json")


def test_an_empty_body_is_sent():
    assert [content(kind, body) for kind, body in (("json", {}), ("form", {}), ("text", ""))] == [b"{}", b"", b""]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("json", {"a": [SECRET], "b": None}, b'{"a":["p&<ss \\"1\\""],"b":null}'),
        ("json", {"a": SECRET, "n": 2**64}, b'{"a":"p&<ss \\"1\\"","n":18446744073709551616}'),
        ("form", {"a": SECRET, "b": [SECRET]}, b"a=p%26%3Css+%221%22&b=p%26%3Css+%221%22"),
        ("xml", {"a": {"@k": SECRET, "#text": SECRET}}, b'<a k=\'p&amp;&lt;ss "1"\'>p&amp;&lt;ss "1"</a>'),
        ("xml", Secret("<a/>"), b"<a/>"),
        ("text", SECRET, b'p&<ss "1"'),
    ],
)
def test_secrets_are_opened(kind: BodyKind, body: Any, expected: bytes):
    assert content(kind, body).removeprefix(b'<?xml version="1.0" encoding="utf-8"?>\n') == expected


@pytest.mark.parametrize("body", [{"a": "\ud800"}, {"a": "\ud800", "b": 2**64}])
@pytest.mark.parametrize("kind", ["json", "form"])
def test_half_a_character_is_refused(kind: BodyKind, body: Any):
    with pytest.raises(TypeError, match="half a character"):
        sent(kind, body)


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_endless_nesting_is_refused(kind: BodyKind):
    body: Any = "x"
    for _ in range(100_000):
        body = {"a": body}
    with pytest.raises(TypeError, match="nested too deeply"):
        sent(kind, body)


def test_an_error_shows_no_secret():
    class Strange:
        pass

    body = {"password": SECRET, "other": Strange()}
    for kind in ("json", "form", "xml"):
        with pytest.raises(TypeError) as caught:
            sent(kind, {"a": body})
        assert SECRET.reveal() not in str(caught.value)


# ------------------------------------------------------------------------------------------------ json


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": "007", "on": "true", "n": 7, "x": None}, b'{"id":"007","on":"true","n":7,"x":null}'),
        ({"a": 10**30, "b": "\xe9\u20ac"}, '{"a":1000000000000000000000000000000,"b":"é€"}'.encode()),
        ({"a": -(2**63) - 1}, b'{"a":-9223372036854775809}'),
        ({Text("a"): Text("b")}, b'{"a":"b"}'),
        ([], b"[]"),
        (0, b"0"),
        (False, b"false"),
    ],
)
def test_json(body: Any, expected: bytes):
    assert content("json", body) == expected


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_json_has_no_such_number(number: float):
    with pytest.raises(TypeError, match="no JSON form: Out of range float"):
        sent("json", {"a": [1, number]})


def test_json_has_no_such_value():
    with pytest.raises(TypeError, match="type object has no JSON form"):
        sent("json", {"a": object()})


# ------------------------------------------------------------------------------------------------ form


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"a": "x y&z=1", "b": ["1", "2"], "c": True, "d": 1.5, "e": None}, b"a=x+y%26z%3D1&b=1&b=2&c=true&d=1.5"),
        ({"page[size]": "é", "empty": "", "none": []}, b"page%5Bsize%5D=%C3%A9&empty="),
        ({"a": ["x", None, False]}, b"a=x&a=false"),
        ({"id": "007", "line": "a\r\nb+c"}, b"id=007&line=a%0D%0Ab%2Bc"),
    ],
)
def test_form(body: Any, expected: bytes):
    assert content("form", body) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"a": {"b": 1, "c": 2}}, "form field `a` holds an object with 2 keys; a form has one level"),
        ({"a": [["x"]]}, "form field `a` holds a list"),
        (["a"], "a form is a mapping of names to values, not a list"),
        ("a=b", "not a plain value"),
    ],
)
def test_form_refuses(body: Any, message: str):
    with pytest.raises(TypeError, match=re.escape(message)):
        sent("form", body)


# ------------------------------------------------------------------------------------------------ xml


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": {"b": ["1", "2"], "c": True, "d": 7}}, "<a><b>1</b><b>2</b><c>true</c><d>7</d></a>"),
        ({"a": {"c": "1", "@k": "v", "b": "2"}}, '<a k="v"><c>1</c><b>2</b></a>'),
        ({"a": {"@k": "x\"'<&>\n\t", "#text": "<&>]]>\r\n"}}, '<a k="x&quot;\'&lt;&amp;&gt;&#10;&#9;">&lt;&amp;&gt;]]&gt;&#13;\n</a>'),
        ({"a": {"b": None, "@k": None, "#text": None, "c": [None, "x"]}}, "<a><c>x</c></a>"),
        ({"a": {"b": "", "c": {}, "d": []}}, "<a><b/><c/></a>"),
        ({"a": ""}, "<a/>"),
        (
            {"s:Envelope": {"@xmlns:s": "http://schemas.xmlsoap.org/soap/envelope/", "s:Body": {"Größe": "1"}}},
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Größe>1</Größe></s:Body></s:Envelope>',
        ),
    ],
)
def test_xml(value: Any, expected: str):
    assert xml(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "one root element, not an object with 0 keys"),
        ({"a": 1, "b": 2}, "one root element, not an object with 2 keys"),
        (["a"], "one root element, not a list"),
        ({"a": ["1"]}, "one root element; `a` is a list"),
        ({"a": None}, "one root element; `a` is null"),
        ({"#text": "a"}, "one root element; `#text` is a plain value"),
        ({"a b": "1"}, "`a b` is not a name in XML"),
        ({"a": {"><script>": "1"}}, "`><script>` is not a name in XML"),
        ({"a": {"": "1"}}, "`` is not a name in XML"),
        ({"a": {"@": "1"}}, "`` is not a name in XML"),
        ({"a": {"1st": "1"}}, "`1st` is not a name in XML"),
        ({"a": {"#cdata": "1"}}, "`#cdata` in element `a` is neither"),
        ({"a": {"@k": ["1"]}}, "`@k` is text in XML, not a list"),
        ({"a": {"#text": {"b": 1}}}, "`a` is text in XML, not an object with 1 keys"),
        ({"a": {"b": [["1"]]}}, "element `b` is a list of lists"),
        ({"a": {"b": "x\x00"}}, "XML cannot hold the character U+0000, at position 1"),
        ({"a": {"@b": "\x1f"}}, "XML cannot hold the character U+001F, at position 0"),
        ({"a": "\ufffe"}, "XML cannot hold the character U+FFFE"),
        ({"a": "\ud800"}, "XML cannot hold the character U+D800"),
    ],
)
def test_xml_refuses(value: Any, message: str):
    with pytest.raises(TypeError, match=re.escape(message)):
        build_xml(value)


def test_a_template_is_sent_as_it_is():
    assert content("xml", "<a>é &amp; <b/></a>") == "<a>é &amp; <b/></a>".encode()


def test_a_template_with_a_forbidden_character_is_refused():
    with pytest.raises(TypeError, match=re.escape("U+000B, at position 3")):
        sent("xml", "<a>\x0b</a>")


# ------------------------------------------------------------------------------------------------ text


@pytest.mark.parametrize(("body", "expected"), [("a\r\n é", "a\r\n é".encode()), (7, b"7"), (True, b"true")])
def test_text(body: Any, expected: bytes):
    assert content("text", body) == expected


def test_a_structure_is_no_text():
    with pytest.raises(TypeError, match="an object has no text form"):
        sent("text", {"a": 1})


# ------------------------------------------------------------------------------------------------ what survives

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
LEGAL = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n\r&<>\"']"))
NAMES = st.from_regex(r"[A-Za-z_é][A-Za-z0-9_.é-]{0,5}", fullmatch=True)
ATTRIBUTES = st.dictionaries(NAMES.filter(lambda n: n != "xmlns").map("@{}".format), LEGAL)


def elements(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An element with something inside: attributes and children, or attributes and text."""
    children = st.dictionaries(NAMES, inner | st.lists(inner, min_size=2, max_size=3), min_size=1)
    with_children = st.builds(lambda a, c: {**a, **c}, ATTRIBUTES, children)
    with_text = st.builds(lambda a, t: {**a, "#text": t}, ATTRIBUTES.filter(bool), LEGAL.filter(bool))
    return with_children | with_text


@given(value=VALUES.filter(lambda value: value is not None))
def test_any_json_value_survives(value: Any):
    assert json.dumps(decode(content("json", value), "application/json")) == json.dumps(value)


@given(pairs=st.dictionaries(st.text(), st.lists(st.text(), min_size=1)))
def test_any_form_survives(pairs: dict[str, list[str]]):
    expected = [(name, item) for name, items in pairs.items() for item in items]
    assert parse_qsl(content("form", pairs).decode("ascii"), keep_blank_values=True, strict_parsing=bool(expected)) == expected


@given(name=NAMES, value=st.recursive(LEGAL, elements, max_leaves=12))
def test_any_xml_that_can_be_said_survives(name: str, value: Any):
    assert decode(build_xml({name: value}).encode(), "text/xml") == {name: value}


@given(prefix=NAMES.filter(lambda name: not name.lower().startswith("xml")), name=NAMES, text=LEGAL)
def test_a_namespace_that_is_declared_is_the_one_that_is_read(prefix: str, name: str, text: str):
    made = build_xml({f"{prefix}:{name}": {f"@xmlns:{prefix}": "urn:acme", "#text": text}})
    found = XmlDecoder(prefixes={"urn:acme": "a"}).decode(made.encode(), "")
    assert found == {f"a:{name}": text}


@given(text=st.text())
def test_any_text_is_written_as_it_is_or_refused_in_xml(text: str):
    try:
        made = build_xml({"a": text})
    except TypeError:
        assert any((ord(c) < 32 and c not in "\t\n\r") or c in "\ufffe\uffff" for c in text)
    else:
        assert decode(made.encode(), "text/xml") == {"a": text}


@given(text=LEGAL)
def test_a_value_in_an_xml_template_is_one_text(text: str):
    escape: Callable[[str], str] = LANDINGS["xml"]
    found: Any = decode(content("xml", f"<a><b>{escape(text)}</b></a>"), "text/xml")
    assert lines(found["a"]["b"]) == lines(text)


def lines(text: str) -> str:
    """`text` with its line breaks as an XML reader gives them (XML 1.0, section 2.11)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(text=st.text())
def test_any_text_survives(text: str):
    assert content("text", text).decode() == text


# ------------------------------------------------------------------------------------------------ the chapter

INPUTS = {"inputs": {"email": "jo@acme.example", "given_name": "Jo & Co"}}


def rendered(value: Any, landing: Any = "leaf") -> Any:
    if isinstance(value, dict):
        return {key: rendered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rendered(item) for item in value]
    return compile_template(Text(value), landing).render(INPUTS) if isinstance(value, str) else value


def examples() -> list[tuple[Any, str, str]]:
    """From docs/decoding.md: each request with the content type and the body that are shown after it."""
    shown = blocks((PROJECT / "docs" / "decoding.md").read_text("utf-8"))
    return [
        (plain(read(spec.text, "decoding.md"))["request"], " ".join(body.words[1:]), body.text)
        for spec, body in pairwise(shown)
        if spec.words == ("yaml", "part:", "encoding")
    ]


def test_the_chapter_shows_every_kind():
    """But for an LDAP operation, which has a page of its own."""
    assert {kind for request, *_ in examples() for kind in request if kind in BodyKind.__args__} == {*BodyKind.__args__} - {"none", "ldap"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("request_", "content_type", "shown"), examples())
def test_the_chapter_shows_what_is_sent(request_: dict[str, Any], content_type: str, shown: str):
    (kind,) = request_.keys() - {"post", "content_type"}
    body = rendered(request_[kind], "xml" if kind == "xml" and isinstance(request_[kind], str) else "leaf")
    own = (("content-type", request_["content_type"]),) if "content_type" in request_ else ()
    assert sent(kind, body, own) == (shown.removesuffix("\n").encode(), content_type)
