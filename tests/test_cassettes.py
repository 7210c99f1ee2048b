"""A cassette is one of vcrpy's files, its requests answer for exactly what was asked, and a recording is given only once it replays."""

from __future__ import annotations

import asyncio
import datetime
import json
import random
import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr
from hypothesis import given
from hypothesis import strategies as st

import pages
import virtual_time
from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.diagnostics import SpecError, render
from ferrule.encoding import encode
from ferrule.errors import CallError
from ferrule.http import Request, Response
from ferrule.record import Question, Unrepeatable, reads, save
from ferrule.replay import ReplayClock, replay
from ferrule.secret import Secret
from ferrule.wire.canned import CannedWire
from ferrule.wire.cassette import CassetteWire, UnmatchedRequest
from ferrule.wire.cassette_file import Cassette, CassetteCall, Expected, Header, Interaction, load_cassette, written
from ferrule.wire.kept import Body, KeptRequest, KeptResponse, Redaction, Status, kept_request, kept_response
from tape import ACCOUNTS, BASE, MEMBERS, PLAN, SPEC, USERS, Acme, recorded

# The file


def test_a_recording_is_written_and_read_back(tmp_path: Path):
    cassette = recorded(*reads(PLAN))
    assert save(cassette, tmp_path / "acme" / "reads.yaml")
    assert load_cassette(tmp_path / "acme" / "reads.yaml") == cassette
    calls = {call.capability: call for call in cassette.ferrule.calls}
    assert calls.keys() == {"list_accounts", "get_account", "find_entitlement_associations"}
    assert calls["list_accounts"].expect.records == [{"integration_specific_id": u["id"], "email": u["email"]} for u in USERS]
    assert calls["get_account"].inputs == {"account_id": "u0"}
    assert (calls["list_accounts"].requests, calls["get_account"].requests) == (3, 1)


def test_the_file_that_the_docs_show_is_one(tmp_path: Path):
    page = (Path(__file__).parents[1] / "docs" / "testing.md").read_text()
    (shown,) = [block.text for block in pages.blocks(page) if block.words == ("yaml", "other")]
    (path := tmp_path / "acme.yaml").write_text(shown)
    assert [call.requests for call in load_cassette(path).ferrule.calls] == [1, 1]


def test_vcrpy_plays_the_same_file(tmp_path: Path):
    save(recorded(ACCOUNTS), path := tmp_path / "acme.yaml")
    with vcr.VCR().use_cassette(str(path), record_mode="none") as tape, httpx.Client() as client:
        first = client.get(f"{BASE}/users?limit=3")
        second = client.get(f"{BASE}/users?limit=3&after=3")
        assert [each["id"] for page in (first, second) for each in page.json()["items"]] == ["u0", "u1", "u2", "u3", "u4", "u5"]
        assert (first.status_code, first.headers["content-type"]) == (200, "application/json")
        assert (tape.play_count, len(tape)) == (2, 3)


def test_recording_an_unchanged_app_again_changes_nothing(tmp_path: Path):
    path = tmp_path / "acme.yaml"
    assert save(recorded(ACCOUNTS, MEMBERS), path)
    before = path.read_text()
    later = recorded(ACCOUNTS, MEMBERS)
    later = later.model_copy(update={"ferrule": later.ferrule.model_copy(update={"date": datetime.date(2027, 1, 1)})})
    assert not save(later, path)
    assert path.read_text() == before
    assert save(recorded(ACCOUNTS), path)
    assert path.read_text() != before


@pytest.mark.parametrize("seed", range(4))
def test_the_file_does_not_depend_on_what_answers_first(seed: int):
    chance = random.Random(seed)

    class Slow(AppWire):
        async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
            await asyncio.sleep(chance.random() * 0.01)
            return await super().send(request, content, content_type)

    assert written(recorded(MEMBERS, ACCOUNTS, wire=Slow(Acme()))) == written(recorded(MEMBERS, ACCOUNTS))


text = st.text(st.characters(exclude_categories=["Cs"]))


@given(content=st.binary() | text.map(str.encode) | st.lists(text).map(lambda lines: "\n".join(lines).encode()))
def test_a_body_without_secrets_is_kept_to_the_byte(content: bytes):
    response = Response(200, {"content-type": "text/plain; charset=latin-1"}, content)
    kept = kept_response(response, frozenset({"content-type"}), Redaction(["not to be found"]))
    exchange = Interaction(request=KeptRequest(method="GET", uri="https://acme.example/"), response=kept)
    cassette = Cassette(ferrule=_header([_call(1)]), interactions=[exchange])
    assert _reread(cassette).interactions[0].response.response("") == response


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
        lambda inner: st.lists(inner) | st.dictionaries(text, inner),
        max_leaves=8,
    )
)
def test_records_are_kept_as_they_are(value: Any):
    cassette = Cassette(ferrule=_header([_call(0, Expected(records=[{"v": value}]))]), interactions=[])
    assert _reread(cassette) == cassette


def test_every_value_is_written_out():
    twice = {"a": [1]}
    cassette = Cassette(ferrule=_header([_call(0, Expected(records=[twice, twice]))]), interactions=[])
    assert "&" not in written(cassette)
    assert "*" not in written(cassette)


@pytest.mark.parametrize("word", ["off", "no", "007", "1_000", "2026-01-31", "1:30", "null", "~", "true", "1e3", "0o7", "", " ", "=", "<<"])
def test_text_stays_text(word: str):
    call = CassetteCall(capability="get_account", inputs={"account_id": word}, expect=Expected(record={"id": word}))
    cassette = _reread(Cassette(ferrule=_header([call]), interactions=[]))
    assert cassette.ferrule.calls == [call]


def _header(calls: list[CassetteCall], **more: Any) -> Header:
    return Header(provenance="recorded", application="Acme", date=datetime.date(2026, 1, 31), command="-", calls=calls, **more)


def _call(requests: int, expect: Expected | None = None) -> CassetteCall:
    return CassetteCall(capability="list_accounts", requests=requests, expect=expect or Expected(records=[]))


def _reread(cassette: Cassette) -> Cassette:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_text(written(cassette), encoding="utf-8")
        return load_cassette(path)


@pytest.mark.parametrize(
    ("slip", "place", "words"),
    [
        (("calls:", "cals:"), (5, 3), "ferrule.cals"),
        (("date: 2026-01-31", "date: yesterday"), (4, 3), "ferrule.date"),
        (("command: x", "source: x"), (1, 1), "names its `command`"),
        (("walk: true", "walk: yes"), (7, 5), "ferrule.calls.0.walk"),
        (("requests: 1", "requests: 2"), (1, 1), "the calls take 2 exchanges"),
        (("uri: https", "url: https"), (14, 5), "interactions.0.request.url: there is no such key"),
        (("    uri: https://acme.example/\n", ""), (12, 3), "interactions.0.request.uri: it is missing"),
        (("version: 1", "version: ["), (19, 1), "not a cassette"),
    ],
)
def test_a_broken_cassette_is_named_with_its_line(tmp_path: Path, slip: tuple[str, str], place: tuple[int, int], words: str):
    whole = textwrap.dedent("""\
        ferrule:
          provenance: recorded
          application: Acme
          date: 2026-01-31
          calls:
          - capability: list_accounts
            walk: true
            requests: 1
            expect: {records: []}
          command: x
        interactions:
        - request:
            method: GET
            uri: https://acme.example/
          response:
            status: {code: 200, message: OK}
            body: {string: ''}
        version: 1
        """)
    path = tmp_path / "acme.yaml"
    path.write_text(whole)
    load_cassette(path)
    path.write_text(whole.replace(*slip))
    with pytest.raises(SpecError) as raised:
        load_cassette(path)
    found = [d for d in raised.value.diagnostics if words in d.message]
    assert [(d.span.line, d.span.column) for d in found] == [place], "\n".join(render(d, whole) for d in raised.value.diagnostics)


# What answers for what


def ask(wire: CassetteWire, request: Request) -> Response:
    content, content_type = encode(request)
    return asyncio.run(wire.send(request, content, content_type))


def playing(*kept: tuple[KeptRequest, str]) -> CassetteWire:
    exchanges = [
        Interaction(request=request, response=KeptResponse(status=Status(code=200), body=Body(string=text))) for request, text in kept
    ]
    wire = CassetteWire(Cassette(ferrule=_header([_call(len(exchanges))]), interactions=exchanges))
    wire.turn_to(0)
    return wire


REQUEST = Request(
    "POST",
    f"{BASE}/users",
    (("limit", "3"), ("key", Secret("k"))),
    (("Authorization", Secret("x")), ("Accept", "a/b")),
    {"a": [1, {"b": None}]},
    "json",
)


def kept(request: Request) -> KeptRequest:
    return kept_request(request, encode(request)[1], Redaction())


@pytest.mark.parametrize(
    "same",
    [
        REQUEST,
        replace(REQUEST, query=REQUEST.query[::-1]),
        replace(REQUEST, headers=(("ACCEPT", "a/b"), ("authorization", Secret("another one")))),
        REQUEST.with_query("key", Secret("another one")),
    ],
)
def test_a_request_that_is_the_same(same: Request):
    assert ask(playing((kept(REQUEST), "yes")), same).content == b"yes"


def test_the_order_of_keys_in_json_does_not_count():
    request = replace(REQUEST, body={"a": 1, "b": {"c": 2, "d": 3}})
    assert ask(playing((kept(request), "yes")), replace(REQUEST, body={"b": {"d": 3, "c": 2}, "a": 1})).content == b"yes"


def test_the_order_of_values_of_one_name_counts():
    both = replace(REQUEST, query=(("id", "1"), ("id", "2")))
    with pytest.raises(UnmatchedRequest, match=r"query parameter `id`: asked `\[\"2\",\"1\"\]`, recorded"):
        ask(playing((kept(both), "")), replace(both, query=(("id", "2"), ("id", "1"))))


FORM = replace(REQUEST, body={"a": "1 2", "b": "3"}, kind="form")


@pytest.mark.parametrize(
    ("held", "asked", "differences"),
    [
        (REQUEST, REQUEST.with_query("limit", "50"), ("query parameter `limit`: asked `50`, recorded `3`",)),
        (REQUEST, REQUEST.with_query("x", "1"), ("query parameter `x`: asked `1`, recorded without it",)),
        (REQUEST, replace(REQUEST, query=REQUEST.query[:1]), ("query parameter `key`: asked without it, recorded `***`",)),
        (REQUEST, replace(REQUEST, url=f"{BASE}/user"), ("path: asked `/api/user`, recorded `/api/users`",)),
        (REQUEST, replace(REQUEST, url="http://acme.example/api/users"), ("address: asked `http://acme.example`, recorded `https://acme.example`",)),
        (REQUEST, replace(REQUEST, method="PUT"), ("method: asked `PUT`, recorded `POST`",)),
        (REQUEST, REQUEST.with_header("Accept", "c/d"), ("header `accept`: asked `c/d`, recorded `a/b`",)),
        (REQUEST, replace(REQUEST, headers=REQUEST.headers[1:]), ("header `authorization`: asked without it, recorded `***`",)),
        (REQUEST, REQUEST.with_body(("a",), [1, {"b": 0}]), ("body at `$.a[1].b`: asked `0`, recorded `null`",)),
        (REQUEST, REQUEST.with_body(("a",), [1.0, {"b": None}]), ("body at `$.a[0]`: asked `1.0`, recorded `1`",)),
        (REQUEST, REQUEST.with_body(("c",), "x"), ("body at `$.c`: asked `x`, recorded without it",)),
        (FORM, replace(FORM, body={"a": "1 2", "b": "4"}), ('body at `$[1]`: asked `["b","4"]`, recorded `["b","3"]`',)),
        (replace(REQUEST, body="x", kind="text"), replace(REQUEST, body="y", kind="text"), ("body at `$`: asked `y`, recorded `x`",)),
        (
            REQUEST,
            replace(REQUEST, body=None, kind="none"),
            ("header `content-type`: asked without it, recorded `application/json`", "body: asked `none`, recorded `json`"),
        ),
    ],
)  # fmt: skip
def test_a_request_that_is_another_is_told_from_the_nearest(held: Request, asked: Request, differences: tuple[str, ...]):
    other = kept(Request("GET", f"{BASE}/elsewhere"))
    with pytest.raises(UnmatchedRequest) as raised:
        ask(playing((other, ""), (kept(held), "")), asked)
    assert raised.value.differences == differences
    assert raised.value.nearest == kept(held)


def test_requests_that_are_the_same_are_answered_in_recorded_order_and_no_more_often():
    wire = playing(*((kept(REQUEST), str(i)) for i in range(3)))
    assert [ask(wire, REQUEST).content for _ in range(3)] == [b"0", b"1", b"2"]
    with pytest.raises(UnmatchedRequest, match="asked more often than it was recorded"):
        ask(wire, REQUEST)


def test_the_nearest_is_one_that_still_waits():
    first, second = (REQUEST.with_query("limit", limit) for limit in ("3", "40"))
    wire = playing((kept(first), ""), (kept(second), ""))
    ask(wire, first)
    with pytest.raises(UnmatchedRequest) as raised:
        ask(wire, REQUEST.with_query("limit", "4"))
    assert raised.value.nearest == kept(second)


def test_a_call_that_has_no_requests_gives_none():
    with pytest.raises(UnmatchedRequest, match="this call has no more requests"):
        ask(playing(), REQUEST)


# Recording


def test_those_who_wait_at_the_same_time_wait_together():
    clock = ReplayClock(datetime.date(2026, 1, 31))

    async def wait() -> None:
        await asyncio.gather(*(clock.sleep(seconds) for seconds in (10, 30, 20)))
        await clock.sleep(5)

    start = clock.time()
    asyncio.run(wait())
    assert (clock.time() - start, clock.monotonic()) == (35, 35)
    assert datetime.datetime.fromtimestamp(start, datetime.UTC).isoformat() == "2026-01-31T00:00:00+00:00"


def test_polling_is_replayed_without_waiting(tmp_path: Path):
    account = {"email": "a@acme.example", "password": "s3cret-s3cret", "entitlements": []}
    save(recorded(Question("create_account", account), run=virtual_time.run), path := tmp_path / "a.yaml")
    report = replay(PLAN, path)
    assert report.passed
    assert report.calls[0].requests == 4
    assert report.seconds < 5, "three waits of five seconds were recorded"


def test_a_pause_that_the_app_asked_for_takes_no_time(tmp_path: Path):
    cassette = recorded(ACCOUNTS)
    first = cassette.interactions[0]
    refused = KeptResponse(status=Status(code=429), headers={"retry-after": ["3600"]})
    (call,) = cassette.ferrule.calls
    header = cassette.ferrule.model_copy(update={"calls": [call.model_copy(update={"requests": 4})]})
    refusal = Interaction(request=first.request, response=refused)
    save(Cassette(ferrule=header, interactions=[refusal, *cassette.interactions]), path := tmp_path / "a.yaml")
    report = replay(PLAN, path)
    assert report.passed, report
    assert report.seconds < 60


def test_a_refusal_is_recorded_as_what_is_expected(tmp_path: Path):
    save(recorded(Question("get_account", {"account_id": "nobody"})), path := tmp_path / "a.yaml")
    (call,) = load_cassette(path).ferrule.calls
    assert call.expect.model_dump(exclude_none=True) == {
        "more": False,
        "error": {"code": "not_found", "status": 404, "app_message": "no such user"},
    }
    assert replay(PLAN, path).passed


def test_an_app_out_of_reach_is_no_cassette():
    failure = CallError("there is no connection", code="connection_rejected")
    with pytest.raises(CallError, match="there is no connection"):
        recorded(ACCOUNTS, wire=CannedWire([failure] * 9), run=virtual_time.run)


def test_a_call_that_ends_early_is_replayed(tmp_path: Path):
    save(
        recorded(Question("list_accounts", {}, page_size=3), Question("find_entitlement_associations", {}, page_size=2)),
        path := tmp_path / "a.yaml",
    )
    accounts, members = load_cassette(path).ferrule.calls
    assert (accounts.requests, accounts.expect.more, len(accounts.expect.records or ())) == (1, True, 3)
    assert members.expect.more
    assert replay(PLAN, path).passed


def test_what_cannot_be_replayed_is_not_given():
    """A cursor that is called `token` is masked, so the next page cannot be asked for."""
    plan = compile_text(SPEC.replace("body.next,", "body.token,"))

    def app(asked: Asked) -> Response:
        body = json.loads(Acme()(asked).content)
        return answer({"items": body["items"], "token": body["next"]})

    with pytest.raises(Unrepeatable, match="the recording of `list_accounts` cannot be replayed"):
        recorded(ACCOUNTS, wire=AppWire(app), plan=plan)


def test_a_question_without_inputs_is_left_out():
    empty = AppWire(lambda asked: answer({"items": [], "next": None}))
    assert [call.capability for call in recorded(*reads(PLAN), wire=empty).ferrule.calls] == [
        "list_accounts",
        "find_entitlement_associations",
    ]


def test_a_cassette_that_was_not_recorded_names_its_source():
    cassette = recorded(ACCOUNTS, provenance="described", source="https://acme.example/openapi.json")
    assert (cassette.ferrule.provenance, cassette.ferrule.source) == ("described", "https://acme.example/openapi.json")
    with pytest.raises(ValueError, match="names its `source`"):
        recorded(ACCOUNTS, provenance="documented")
