"""Law 1: text reaches the wire and the records as it was written, and no value is guessed out of it.

The oracle is written here: what a plain scalar means stands in `docs/decisions/0001-scalars.md`; a quoted one is text.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app import AppWire, Asked, answer
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
    request: {get: "/users/{{ inputs.account_id }}"}
    record:
      integration_specific_id: id
      username:
        value: TEXT
      custom_attributes:
        kept:
          value: TEXT
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
  activate_account:
    request:
      post: /query
      query:
        whole: SCALAR
        several:
          - SCALAR
          - SCALAR
        beside: "{{ inputs.account_id }}"
  deactivate_account:
    request:
      post: /header
      headers:
        X-Leaf: HEADER
        X-Beside: "<{{ inputs.account_id }}>"
"""

LOOK_LIKE_VALUES = (
    "478", "007", "None", "null", "true", "True", "yes", "no", "off", "1_000", "1e3", "0x10", "0o7", "1:30",
    "2020-01-01", "2020-01-01T00:00:00Z", "~", "=", "<<", "-0", "+1", "1.", ".5", "1.50", "NaN", ".inf", "",
)  # fmt: skip
LOOK_LIKE_STRUCTURE = (
    " ", "a b", " a ", "%2F", "/", "..", "?", "#", "&", "+", "{", "}", "{ {x} }", "}}", "%}", "'", '"', "\\", "\\n",
    "!x", "*x", "&x", "- x", "x: y", "@", "`", "é", "😀", "\u2028", "\ufeff", "\x85", "\t", "\n", "a\n", "\r\n", "{\r\n", "\x00",
)  # fmt: skip
WORDS = LOOK_LIKE_VALUES + LOOK_LIKE_STRUCTURE
NUMBERS = ("0", "-7", "1.5", "-0.25", "123456789012345678", "1234567890123456789", "false")

TEMPLATE = re.compile(r"\{[{%#]")
texts = st.one_of(st.sampled_from(WORDS), st.text())
PLAIN = re.compile(r"[A-Za-z0-9~=./+_é😀-][A-Za-z0-9~=./%+_é😀 -]*")


def quoted(text: str, style: str) -> str:
    """The text as a quoted scalar of YAML. Single quotes hold no line breaks and no control characters as they are."""
    line = yaml.dump(text, default_style=style, allow_unicode=True, width=10**6).removesuffix("\n")
    if style == "'" and (len(re.split(r"[\n\r\x85\u2028\u2029]", line)) > 1 or not line.startswith("'")):
        return quoted(text, '"')
    return line


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


def called(capability: str, inputs: dict[str, Any], *, scalar: str = "x", text: str = "x", header: str = "x") -> tuple[Asked, Result]:
    """One call of a spec with the scalars in it: the request on the wire and the answer."""
    spec = SPEC.replace("SCALAR", scalar).replace("TEXT", text).replace("HEADER", header)
    wire = AppWire(app)
    with Connector(compile_text(spec, "acme.yaml")).instance({}, wire=wire) as tenant:
        result = tenant.call(capability, inputs)
    (asked,) = wire.asked
    return asked, result


def form(asked: Asked) -> dict[str, list[str]]:
    """The fields of a form."""
    return parse_qs(asked.body.decode(), keep_blank_values=True, strict_parsing=True)


def check_everywhere(scalar: str, value: Any) -> None:
    """The scalar means `value` in each place that a request and a record have."""
    asked, _ = called("activate_account", {"account_id": "u1"}, scalar=scalar)
    assert asked.query == {"beside": ["u1"], **({} if value is None else {"whole": [written(value)], "several": [written(value)] * 2})}
    asked, _ = called("delete_account", {"account_id": "u1"}, scalar=scalar)
    assert typed(asked.body) == typed({"leaf": value, "list": [value], "deep": {"leaf": value}, "beside": "u1"})
    asked, _ = called("update_account", {"id": "u1"}, scalar=scalar)
    assert form(asked) == {"beside": ["u1"], **({} if value is None else {"leaf": [written(value)]})}
    if isinstance(value, str):
        _, result = called("get_account", {"account_id": "u1"}, text=scalar)
        assert (result.response.username, result.response.custom_attributes) == (value, {"kept": value})


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


@pytest.mark.parametrize("scalar", [*NUMBERS, *(word for word in WORDS if PLAIN.fullmatch(word) and word != "- x")])
def test_a_plain_word_is_what_it_looks_like(scalar: str):
    check_everywhere(scalar, meant(scalar.strip()))


@given(scalar=st.from_regex(PLAIN, fullmatch=True).map(str.strip))
@example(scalar="1e400")
@example(scalar="-")
def test_a_plain_scalar_is_what_it_looks_like(scalar: str):
    assume(not re.match(r"-( |$)", scalar))  # an item of a list
    check_everywhere(scalar, meant(scalar))


@given(before=texts, after=texts, value=texts, style=st.sampled_from(["'", '"']))
@example(before="a\r\n", after="\r", value="\r\n", style='"')
def test_text_around_a_template_stays(before: str, after: str, value: str, style: str):
    assume(not TEMPLATE.search(before + "{" + after) and not before.endswith("{") and not after.startswith("}"))
    scalar = quoted(f"{before}{{{{ inputs.account_id }}}}{after}", style)
    asked, _ = called("delete_account", {"account_id": value}, scalar=scalar)
    whole = f"{before}{value}{after}"
    assert asked.body == {"leaf": whole, "list": [whole], "deep": {"leaf": whole}, "beside": value}


@given(text=texts)
def test_a_value_of_the_caller_is_one_segment_of_the_path(text: str):
    asked, _ = called("get_account", {"account_id": text})
    path = urlsplit(asked.url).path
    assert path.count("/") == 2
    segment = path.removeprefix("/users/")
    assert unquote(segment) == text
    assert segment not in (".", "..")
    assert re.fullmatch(r"[A-Za-z0-9._~%-]*", segment)


@given(text=texts)
def test_a_value_of_the_caller_reaches_query_json_form_and_header(text: str):
    asked, _ = called("delete_account", {"account_id": text})
    assert asked.body["beside"] == text
    asked, _ = called("activate_account", {"account_id": text})
    assert asked.query["beside"] == [text]
    asked, _ = called("update_account", {"id": text})
    assert form(asked)["beside"] == [text]
    assume(not re.search(r"[\r\n\0]", text))
    asked, _ = called("deactivate_account", {"account_id": text})
    assert asked.headers["x-beside"] == f"<{text}>"


@given(text=texts, style=st.sampled_from(["'", '"']))
def test_a_quoted_scalar_reaches_a_header(text: str, style: str):
    assume(not TEMPLATE.search(text) and not re.search(r"[\r\n\0]", text))
    asked, _ = called("deactivate_account", {"account_id": "u1"}, header=quoted(text, style))
    assert asked.headers["x-leaf"] == text
