"""Every file under cases/decoding gives an answer and says what it becomes: `body`, or `error`.

content       the answer's text; written in `charset` (UTF-8), packed with gzip if `gzip`, its last `cut` bytes lost
content_type  its media type
decode        what the spec says under `decode:`; without it the media type decides
body          the value, as YAML; `body_json` as JSON text, where YAML has no such number
error, hint   a part of the message, and the hint; a case without `hint` has none
"""

import csv
import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ferrule.decoding import DecodeError, Decoder, Decoding, Kind, decode, decoder_for
from ferrule.decoding.decoder import excerpt
from ferrule.decoding.gzip import unpacked
from ferrule.decoding.json import has_long_numbers
from ferrule.source import Text, plain, read
from pages import blocks

PROJECT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "cases" / "decoding"
CASES = sorted(FOLDER.glob("*/*.yaml"))
KEYS = {"about", "content", "content_type", "charset", "gzip", "cut", "decode", "body", "body_json", "error", "hint"}
SPEC: TypeAdapter[Any] = TypeAdapter(Decoding)


def decoder(spec: Any) -> Decoder:
    compiled: Decoder = SPEC.validate_python(spec).compile()
    return compiled


def exact(value: Any) -> str:
    """`value` so that true is not 1, and 1 not 1.0."""
    return json.dumps(value, sort_keys=True)


def content_of(case: dict[str, Any]) -> bytes:
    content = case["content"].encode(case.get("charset", "utf-8"))
    content = gzip.compress(content, mtime=0) if case.get("gzip") else content
    return content[: len(content) - case.get("cut", 0)]


def outcome(case: dict[str, Any]) -> Any:
    return decode(content_of(case), case["content_type"], decoder(case["decode"]) if "decode" in case else None)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_answer_becomes_what_its_case_says(path: Path):
    source = read(path.read_text("utf-8"), path.name)
    case = {**plain(source), **({"decode": source["decode"]} if "decode" in source else {})}
    assert set(case) <= KEYS
    assert len({"body", "body_json", "error"} & set(case)) == 1
    if "error" not in case:
        expected = json.loads(case["body_json"]) if "body_json" in case else case["body"]
        assert exact(outcome(case)) == exact(expected)
        return
    with pytest.raises(DecodeError) as caught:
        outcome(case)
    assert case["error"] in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint == case.get("hint")


def test_every_kind_has_cases():
    assert {path.name for path in FOLDER.iterdir()} == {*get_args(Kind), "gzip"}


# ------------------------------------------------------------------------------------------------ the spec side


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_bare_word_is_short_for_its_kind(kind: str):
    assert SPEC.validate_python(Text(kind)) == SPEC.validate_python({"kind": kind})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("cvs", "does not match any of the expected tags: 'csv', 'json', 'ndjson', 'text', 'xml'"),
        ({"kind": "text", "charset": "x"}, "Extra inputs are not permitted"),
        ({"kind": "csv", "delimiter": ";;"}, "at most 1 character"),
        ({"kind": "csv", "delimiter": '"'}, "two different characters"),
        ({"kind": "csv", "quote": "\n"}, "two different characters"),
        ({"kind": "csv", "header": "no"}, "valid boolean"),
        ({"kind": "csv", "columns": []}, "at least one column"),
        ({"kind": "csv", "columns": ["id", "id"]}, "each once"),
        ({"kind": "xml", "lists": ["a/b/c"]}, "`a/b/c` is neither"),
        ({"kind": "xml", "lists": ["/b"]}, "`/b` is neither"),
    ],
)
def test_a_slip_is_refused(spec: Any, message: str):
    with pytest.raises(ValidationError, match=message):
        SPEC.validate_python(spec)


def test_the_schema_offers_the_words_and_the_long_forms():
    schema = SPEC.json_schema()
    assert schema["anyOf"][-1]["enum"] == list(get_args(Kind))
    assert {name for choice in schema["anyOf"][:-1] for name in choice.values()} >= {f"#/$defs/{k.title()}Decoding" for k in get_args(Kind)}


# ------------------------------------------------------------------------------------------------ the media type


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/scim+json", "json"),
        ("application/vnd.api+json", "json"),
        ("application/x-ndjson", "ndjson"),
        ("application/jsonl", "ndjson"),
        ("text/csv; charset=utf-8; header=present", "csv"),
        ("text/xml", "xml"),
        ("application/xml", "xml"),
        ("application/soap+xml; charset=utf-8", "xml"),
        ("text/plain", "json"),
        ("text/html", "json"),
        ("", "json"),
    ],
)
def test_the_media_type_picks_the_decoder(content_type: str, kind: str):
    assert decoder_for(content_type) == decoder(kind)


@given(charset=st.text(min_size=1) | st.sampled_from(["\0", "idna", "utf-7", "zlib", "mbcs", "../x", "undefined"]))
def test_any_charset_is_read_or_refused(charset: str):
    try:
        assert decode(b"x", f"text/plain; charset={charset}", decoder("text"))
    except DecodeError as error:
        assert "charset" in error.message or "not UTF" in error.message


def test_no_byte_is_null_whatever_the_kind():
    assert [decode(b"", "", decoder(kind)) for kind in get_args(Kind)] == [None] * len(get_args(Kind))


# ------------------------------------------------------------------------------------------------ gzip


def test_members_in_a_row_are_one_file_and_zeros_after_it_are_padding():
    assert unpacked(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + b"\0" * 512) == b"one two"


def test_a_large_file_is_unpacked_piece_by_piece():
    text = b"".join(b"%d," % n for n in range(200_000))
    assert unpacked(gzip.compress(text)) == text


def test_a_bomb_is_refused_by_its_ratio():
    bomb = gzip.compress(b"\0" * 20_000_000)
    with pytest.raises(DecodeError, match=f"of {len(bomb)} bytes unpacks to more than {200 * len(bomb)} bytes"):
        decode(bomb, "application/gzip", decoder("text"))


def test_a_small_file_may_have_any_ratio():
    assert unpacked(gzip.compress(b" " * 1_000_000)) == b" " * 1_000_000


def test_a_file_is_refused_by_its_size():
    packed = gzip.compress(b"abcdefgh" * 100)
    assert len(unpacked(packed, max_size=800)) == 800
    with pytest.raises(DecodeError, match="more than 799 bytes"):
        unpacked(packed, max_size=799)


def test_several_members_share_one_bound():
    with pytest.raises(DecodeError, match="more than 15 bytes"):
        unpacked(gzip.compress(b"a" * 10) * 2, max_size=15)


@pytest.mark.parametrize("lost", range(1, 30))
def test_a_file_that_is_cut_off_anywhere_is_an_error(lost: int):
    packed = gzip.compress(b'{"id": 1}\n')
    assert len(packed) == 30
    if len(packed) - lost >= 3:
        with pytest.raises(DecodeError, match="the gzip file is cut off"):
            decode(packed[:-lost], "application/x-ndjson")
    else:
        with pytest.raises(DecodeError, match="not JSON"):
            decode(packed[:-lost], "application/x-ndjson")


def test_a_damaged_file_is_an_error():
    packed = bytearray(gzip.compress(b"hello", mtime=0))
    packed[-6] ^= 1  # in the checksum
    with pytest.raises(DecodeError, match="damaged"):
        unpacked(bytes(packed))


def test_bytes_after_the_end_are_an_error():
    with pytest.raises(DecodeError, match="other bytes after its end, at byte 25"):
        unpacked(gzip.compress(b"hello") + b"more")


def test_deflate_is_not_gzip():
    packed = zlib.compress(b"hello")
    assert unpacked(packed) == packed


# ------------------------------------------------------------------------------------------------ bounds, and what errors show


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"[" * 100_000, "application/json"),
        (b"[18446744073709551616," + b"[" * 100_000 + b"]" * 100_001, "application/json"),
        (b"9" * 5_000, "application/json"),
        (b"<a>" * 100_000, "text/xml"),
        (b"<a>" * 201 + b"</a>" * 201, "text/xml"),
        (b"<a " + b" ".join(b"k%d='1'" % n for n in range(9)) + b">", "text/xml"),
        (b"a\n" + b'"' + b"x" * 200_000 + b'"', "text/csv"),
        (b"\xff\xfe<", "text/xml"),
        (b"\xef\xbb\xbf", "text/csv"),
    ],
)
def test_hostile_content_is_a_decode_error(content: bytes, content_type: str):
    with pytest.raises(DecodeError):
        decode(content, content_type)


MEDIA_TYPES = ["application/json", "application/x-ndjson", "text/csv", "text/xml", "text/xml; charset=utf-16", ""]


def test_xml_may_be_200_elements_deep():
    assert decode(b"<a>" * 200 + b"</a>" * 200, "text/xml")


@given(content=st.binary(), content_type=st.sampled_from(MEDIA_TYPES))
def test_any_bytes_decode_or_are_a_decode_error(content: bytes, content_type: str):
    try:
        decode(content, content_type)
    except DecodeError as error:
        assert error.message


SECRET = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_/+=.@\\", min_size=6, max_size=60).filter(str.strip)


@given(secret=SECRET, name=st.sampled_from(["token", "password"]), deep=st.integers(0, 3))
def test_an_error_shows_no_member_of_a_json_object(secret: str, name: str, deep: int):
    whole = '{"a": ' * deep + json.dumps({name: secret, "list": [secret]})
    for cut in range(1, len(whole)):
        with pytest.raises(DecodeError) as caught:
            decode(whole[:cut].encode() + b"\x01", "application/json")
        assert secret not in caught.value.message
        assert json.dumps(secret)[1:-1] not in caught.value.message


@given(secret=st.text("abcXYZ012 ", min_size=6, max_size=60).filter(str.strip))
def test_an_error_shows_no_text_of_an_xml_element(secret: str):
    whole = f"<r a='{secret}' b=\"{secret}\"><token>{secret}</token><b>"
    for cut in range(len(whole)):
        with pytest.raises(DecodeError) as caught:
            decode(whole[:cut].encode() + b"<", "text/xml")
        assert secret not in caught.value.message


def test_an_excerpt_shows_no_long_run_of_letters_and_digits():
    assert excerpt("Denied: eyJhbGciOiJIUzI1NiJ9.e30.Zw from 10.0.0.1", 8) == "`Denied: *** from 10.0.0.1`"


def test_an_excerpt_is_short_and_on_one_line():
    shown = excerpt("a b\n\x00\t" * 100, 300)
    assert len(shown) <= 62
    assert shown.isprintable()


def test_an_excerpt_keeps_the_names_of_members():
    text = '{"user": {"email": "jane@acme.example", "n": 1, "x'
    assert excerpt(text, len(text)) == '`{"user": {"email": ***, "n": 1, ***`'


# ------------------------------------------------------------------------------------------------ what survives

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
CHARSETS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])


def label(charset: str) -> str:
    """The charset as a media type names it; a byte order mark speaks for itself."""
    return "" if charset in ("utf-8", "utf-8-sig", "utf-16") else f"; charset={charset}"


@given(value=VALUES, charset=CHARSETS, ascii_only=st.booleans())
def test_any_json_value_survives(value: Any, charset: str, ascii_only: bool):
    content = json.dumps(value, ensure_ascii=ascii_only).encode(charset)
    assert exact(decode(content, "application/json" + label(charset))) == exact(value)


def test_only_numbers_make_the_slow_reader_necessary():
    assert not has_long_numbers(b'{"id": "108177935421894763210", "n": 123456789012345678}')
    assert has_long_numbers(b'{"id": 1081779354218947632}')


@given(values=st.lists(VALUES, min_size=1))
def test_any_lines_survive(values: list[Any]):
    content = "\n".join(json.dumps(value, ensure_ascii=False) for value in values).encode()
    assert exact(decode(content, "application/x-ndjson")) == exact(values)


CELLS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)


@given(rows=st.lists(CELLS, min_size=1), charset=CHARSETS, ending=st.sampled_from(["\n", "\r\n"]), mark=st.sampled_from(",;\t|"))
def test_any_cell_survives(rows: list[list[str]], charset: str, ending: str, mark: str):
    file = io.StringIO()
    csv.writer(file, delimiter=mark, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    found = decode(file.getvalue().encode(charset), "text/csv" + label(charset), decoder({"kind": "csv", "delimiter": mark}))
    assert found == [dict(zip("ab", row, strict=True)) for row in rows]


@given(text=st.text(), charset=CHARSETS)
def test_any_text_survives(text: str, charset: str):
    assert decode(f"x{text}".encode(charset), "text/plain" + label(charset), decoder("text")) == f"x{text}"


# ------------------------------------------------------------------------------------------------ the chapter


def sections() -> list[tuple[str, Any, str, Any]]:
    """From docs/decoding.md: each YAML block with the answer and the body that are shown after it."""
    shown = blocks((PROJECT / "docs" / "decoding.md").read_text("utf-8"))
    found = []
    for spec, answer, body in zip(shown, shown[1:], shown[2:], strict=False):
        if spec.language == "yaml" and body.words[1:2] == ("body",):
            request = plain(read(spec.text, "decoding.md"))["request"]
            found.append((answer.language, request["decode"], answer.text, json.loads(body.text)))
    return found


def test_the_chapter_shows_every_kind():
    assert {language for language, *_ in sections()} == set(get_args(Kind))


@pytest.mark.parametrize(("language", "spec", "answer", "body"), sections())
def test_the_chapter_shows_what_happens(language: str, spec: Any, answer: str, body: Any):
    assert exact(decode(answer.removesuffix("\n").encode(), "", decoder(spec))) == exact(body)
    assert SPEC.validate_python(spec).kind == language
