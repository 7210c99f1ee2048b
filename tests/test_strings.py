"""Law 1: text reaches the wire and the records as it was written, and no value is guessed out of it.

The oracle is written here: what a plain scalar means stands in `docs/decisions/0001-scalars.md`; a quoted one is text.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml
from app import AppWire, Asked, answer
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.results import Result

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {nobody: {kind: none}}
http: {base_url: "https://acme.example"}
capabilities:
  get_account:
    request:
      get: "/users/{{ inputs.account_id }}"
      query:
        whole: SCALAR
        several:
          - SCALAR
          - SCALAR
    record:
      integration_specific_id: id
      username:
        value: SCALAR
      email: "'x'"
      custom_attributes:
        kept:
          value: SCALAR
  delete_account:
    request:
      post: /delete
      json:
        leaf: SCALAR
        list:
          - SCALAR
        deep:
          leaf: SCALAR
        beside: "{{ inputs.account_id }}"
  update_account:
    request:
      put: /update
      form:
        leaf: SCALAR
        beside: "{{ inputs.id }}"
    record: {id: id}
  deactivate_account:
    request:
      post: /header
      headers:
        X-Leaf: HEADER
        X-Beside: "<{{ inputs.account_id }}>"
"""

WORDS = (
    "478", "007", "None", "null", "true", "True", "yes", "no", "off", "1_000", "1e3", "0x10", "0o7", "1:30", "2020-01-01", "2020-01-01T00:00:00Z",
    "~", "=", "<<", "-0", "+1", "1.", ".5", "1.50", "NaN", ".inf", "", " ", "a b", " a ", "%2F", "/", "..", "?", "#", "&", "+", "é", "😀", "\u2028",
    "\ufeff", "\x85", "{", "}", "{ {x} }", "}}", "%}", "'", '"', "\\", "\\n", "\t", "\n", "a\n", "\r\n", "{\r\n", "\x00", "!x", "*x", "&x", "- x", "x: y", "@", "`",
)  # fmt: skip

TEMPLATE = re.compile(r"\{[{%#]")
texts = st.one_of(st.sampled_from(WORDS), st.text())
PLAIN = re.compile(r"[A-Za-z0-9~=./%+_é😀-][A-Za-z0-9~=./%+_é😀 -]*")


def quoted(text: str, style: str) -> str:
    """The text as a quoted scalar of YAML, on one line."""
    line = yaml.dump(text, default_style=style, allow_unicode=True, width=10**6).removesuffix("\n")
    return line if "\n" not in line else yaml.dump(text, default_style='"', allow_unicode=False, width=10**6).removesuffix("\n")


def meant(scalar: str) -> Any:
    """What a plain scalar stands for."""
    if scalar == "~":
        return None
    try:
        value = json.loads(scalar, parse_constant=lambda word: word)
    except ValueError:
        return scalar
    whole = isinstance(value, int) and len(scalar.lstrip("-")) > 18
    return scalar if isinstance(value, str) or whole or json.dumps(value) != scalar else value


def written(value: Any) -> str:
    """A scalar where only text goes: decimal digits, JSON's words."""
    return value if isinstance(value, str) else json.dumps(value)


def app(asked: Asked) -> Any:
    return answer({"id": "u1"})


def called(scalar: str, capability: str, inputs: dict[str, Any], header: str = "x") -> tuple[Asked, bytes | None, Result]:
    """One call of a spec with the scalar in it: the request on the wire, its path and query still encoded, and the answer."""
    spec = SPEC.replace("SCALAR", scalar).replace("HEADER", header)
    wire = AppWire(app)
    with Connector(compile_text(spec, "acme.yaml")).instance({}, wire=wire) as tenant:
        result = tenant.call(capability, inputs)
    (asked,) = wire.asked
    return asked, asked.body if isinstance(asked.body, bytes) else None, result


def check_everywhere(scalar: str, value: Any) -> None:
    """The scalar means `value` in each place that a request and a record have."""
    absent = value is None
    asked, _, result = called(scalar, "get_account", {"account_id": "u1"})
    assert asked.query == ({} if absent else {"whole": [written(value)], "several": [written(value)] * 2})
    if isinstance(value, str):
        assert result.response.username == value
        assert result.response.custom_attributes == {"kept": value}
    asked, _, _ = called(scalar, "delete_account", {"account_id": "u1"})
    assert typed(asked.body) == typed({"leaf": value, "list": [value], "deep": {"leaf": value}, "beside": "u1"})
    _, body, _ = called(scalar, "update_account", {"id": "u1"})
    assert body is not None
    form = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True)
    assert form == {"beside": ["u1"], **({} if absent else {"leaf": [written(value)]})}


def typed(value: Any) -> str:
    """`value` so that true is not 1, and 1 not 1.0."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("style", ["'", '"'])
@pytest.mark.parametrize("text", WORDS)
def test_a_quoted_word_is_text(text: str, style: str):
    check_everywhere(quoted(text, style), text)


@given(text=texts, style=st.sampled_from(["'", '"']))
def test_a_quoted_scalar_is_text(text: str, style: str):
    assume(not TEMPLATE.search(text))
    check_everywhere(quoted(text, style), text)


@pytest.mark.parametrize("scalar", [word for word in WORDS if PLAIN.fullmatch(word)] + ["false", "0", "-7", "1.5", "-0.25", "123456789012345678", "1234567890123456789"])
def test_a_plain_word_is_what_it_looks_like_and_nothing_else(scalar: str):
    check_everywhere(scalar, meant(scalar.strip()))


@given(scalar=st.from_regex(PLAIN, fullmatch=True).map(str.strip))
@example(scalar="1e400")
@example(scalar="-")
def test_a_plain_scalar_is_what_it_looks_like_and_nothing_else(scalar: str):
    assume(not re.match(r"-( |$)", scalar))  # an item of a list
    check_everywhere(scalar, meant(scalar))


@given(text=texts)
def test_a_value_of_the_caller_is_one_segment_of_the_path(text: str):
    asked, _, _ = called("x", "get_account", {"account_id": text})
    path = urlsplit(asked.url).path
    assert path.count("/") == 2
    segment = path.removeprefix("/users/")
    assert unquote(segment) == text
    assert segment not in (".", "..")
    assert re.fullmatch(r"[A-Za-z0-9._~%-]*", segment)


@given(text=texts)
def test_a_value_of_the_caller_reaches_json_form_and_header(text: str):
    asked, _, _ = called("x", "delete_account", {"account_id": text})
    assert asked.body["beside"] == text
    _, body, _ = called("x", "update_account", {"id": text})
    assert body is not None
    assert parse_qs(body.decode(), keep_blank_values=True)["beside"] == [text]
    assume(not re.search(r"[\r\n\0]", text))
    asked, _, _ = called("x", "deactivate_account", {"account_id": text})
    assert asked.headers["x-beside"] == f"<{text}>"


@given(text=texts, style=st.sampled_from(["'", '"']))
def test_a_quoted_scalar_reaches_a_header(text: str, style: str):
    assume(not TEMPLATE.search(text) and not re.search(r"[\r\n\0]", text))
    asked, _, _ = called("x", "deactivate_account", {"account_id": "u1"}, quoted(text, style))
    assert asked.headers["x-leaf"] == text
