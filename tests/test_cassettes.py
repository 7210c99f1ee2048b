"""What is recorded holds no secret, is one of vcrpy's files, and answers for exactly what was asked."""

from __future__ import annotations

import asyncio
import base64
import datetime
import random
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
import vcr
import virtual_time
from app import AppWire, Asked, answer
from hypothesis import given
from hypothesis import strategies as st

from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError, render
from ferrule.errors import CallError
from ferrule.http import Request, Response
from ferrule.record import Question, RecordingWire, Unrepeatable, reads, record, save
from ferrule.replay import replay
from ferrule.secret import MASK, Secret
from ferrule.wire import Wire
from ferrule.wire.canned import CannedWire
from ferrule.wire.cassette import CassetteWire, UnmatchedRequest
from ferrule.wire.cassette_file import Cassette, CassetteCall, Expected, Header, Interaction, load_cassette, written
from ferrule.wire.kept import KeptRequest, KeptResponse, Redaction, is_secret_name, kept_request, kept_response

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {base_url: {type: url}}
auth:
  token: {kind: bearer}
  basic: {kind: basic}
  key: {kind: query, name: key}
  cookie: {kind: cookie, name: sid}
  login:
    kind: session
    login: {post: /login, json: {user: "{{ credential.username }}", password: "{{ credential.password }}"}}
    token: body.session
    apply: {header: X-Session}
  form_login:
    kind: session
    login: {post: /login, form: {user: "{{ credential.username }}", password: "{{ credential.password }}"}}
    token: capture(headers."set-cookie", 'sid=([^;]+)')
    apply: {cookie: sid}
http: {base_url: "{{ settings.base_url }}", retry: {attempts: 3}}
pagers:
  paged: {kind: cursor, next: body.next, param: after, size_param: limit, size: 3}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: paged
    records: body.items
    record: {integration_specific_id: id, email: email}
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, email: email}
  find_entitlement_associations:
    each: {as: team, request: {get: /teams}, pages: paged, records: body.items}
    request: {get: "/teams/{{ team.id }}/members"}
    pages: paged
    records: body.items
    record: {account_id: id, integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: team.id}
  create_account:
    steps:
      - request: {post: /users, json: {email: "{{ inputs.email }}", password: "{{ inputs.password }}"}}
        save: {job: body.job}
      - request: {get: "/jobs/{{ job }}"}
        repeat: {until: body.state == 'done', every: 5}
    record: {id: body.id, status: {value: ACTIVE}}
"""
PLAN = compile_text(SPEC)
BASE = "https://acme.example/api"
USERS = [{"id": f"u{i}", "email": f"u{i}@acme.example"} for i in range(8)]
TEAMS = [{"id": f"t{i}"} for i in range(7)]
PASSWORD = 'p/w "ä&+ 0123456789'
TOKEN = "tok-0123456789abcdef"
CREDENTIALS: dict[str, dict[str, str]] = {
    "token": {"token": TOKEN},
    "basic": {"username": "admin", "password": PASSWORD},
    "key": {"token": PASSWORD},
    "cookie": {"token": TOKEN},
    "login": {"username": "admin", "password": PASSWORD},
    "form_login": {"username": "admin", "password": PASSWORD},
}


def paged(items: list[Any], asked: Asked) -> Response:
    start, size = int(asked.one("after", "0")), int(asked.one("limit"))
    following = start + size
    return answer({"items": items[start:following], "next": str(following) if following < len(items) else None}, headers={"Date": "now", "Set-Cookie": "x=1"})


class Acme:
    """A small app that remembers its jobs."""

    def __init__(self) -> None:
        self.polls = 0

    def __call__(self, asked: Asked) -> Response:
        match asked.method, asked.path.removeprefix("/api/").split("/"):
            case "POST", ["login"]:
                return answer({"session": f"s/{TOKEN}"}, headers={"Set-Cookie": f"sid={TOKEN}; Path=/\ntheme=dark-0815-dark"})
            case "GET", ["users"]:
                return paged(USERS, asked)
            case "GET", ["users", wanted]:
                found = next((user for user in USERS if user["id"] == wanted), None)
                return answer(found) if found else answer({"message": "no such user"}, 404)
            case "GET", ["teams"]:
                return paged(TEAMS, asked)
            case "GET", ["teams", team, "members"]:
                return paged(USERS[: int(team[1:])], asked)
            case "POST", ["users"]:
                return answer({"job": "j1", "password": asked.body["password"]}, 202)
            case "GET", ["jobs", _]:
                self.polls += 1
                return answer({"state": "done" if self.polls == 3 else "running", "id": "u9" if self.polls == 3 else None})
        return answer({"message": "no such path"}, 404)


def recorded(*questions: Question, wire: Wire | None = None, auth: str = "token", plan: Any = PLAN, run: Callable[..., Any] = asyncio.run, **more: Any) -> Cassette:
    cassette: Cassette = run(
        record(
            Connector(plan), questions, application="Acme", application_version="1.2", command="ferrule record acme", auth=auth,
            credential=CREDENTIALS.get(auth), settings={"base_url": BASE}, date=datetime.date(2026, 1, 31), wire=wire or AppWire(Acme()), **more,
        )
    )  # fmt: skip
    return cassette


ACCOUNTS = Question("list_accounts", {}, walk=True)
MEMBERS = Question("find_entitlement_associations", {}, walk=True)


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


def test_vcrpy_plays_the_same_file(tmp_path: Path):
    save(recorded(ACCOUNTS), path := tmp_path / "acme.yaml")
    with vcr.VCR().use_cassette(str(path), record_mode="none", match_on=["method", "uri", "body"]) as tape, httpx.Client() as client:
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


@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=8))
def test_records_are_kept_as_they_are(value: Any):
    cassette = Cassette(ferrule=_header([_call(0, Expected(records=[{"v": value}]))]), interactions=[])
    assert _reread(cassette) == cassette


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
    import tempfile

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
        (("uri: https", "url: https"), (13, 5), "interactions.0.request.uri"),
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
