"""Secrets and people that are planted in an app never come out where they may not: no cassette, log, error, trace or token.

The same over real applications: `tests/live/test_canaries.py`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

import ferrule
from app import Asked, answer
from canary import all_traces, forms, packed_forms, traces
from ferrule.http import Response
from ferrule.page_token import seal, unseal
from ferrule.record import reads, record
from ferrule.wire.cassette_file import written
from flight import Flight, Left, fly
from served import Served, served

TOKEN = "canary-t0ken/+&=%25-0123456789"
WRONG = "canary-wr0ng/+&=%25-0123456789"
PASSWORD = 'canary-pa55/word "ä&+'
HOOK = "whsec_canary0123456789abcdefgh"
SECRETS = [TOKEN, WRONG, PASSWORD, HOOK]
PEOPLE = [
    ("canary.ann+a@canary-corp.com", "Annalotta", "Löwenberg-Canary", "+49 170 5550777", "canary-annalotta"),
    ("canary.bo@canary-corp.com", "Bogdán", "O'Canary", "+1 (415) 867-5309", "bogcanary"),
    ("canary_cy@mail.canary-corp.com", "Cyrilla", "Canarysson", "+442079460000", "cyrcanary7"),
]
PRIVATE = [text for person in PEOPLE for text in person]
SPEC = """
ferrule: 1
app: {id: aviary, name: Aviary, vendor_domain: aviary.example}
settings: {base_url: {type: url}}
auth: {token: {kind: bearer}}
http: {base_url: "{{ settings.base_url }}", error_message: body.message, retry: {attempts: 1}}
records:
  person:
    integration_specific_id: id
    email: email
    username: login
    given_name: name.first
    family_name: name.last
    user_status: {value: ACTIVE}
    extra_data: {phone: phone, note: note}
capabilities:
  validate_credentials:
    request: {get: /me}
    record: {unique_tenant_id: tenant}
  list_accounts:
    request: {get: /people}
    pages: {kind: keyset, key: email, param: after, size_param: limit, size: 2}
    records: body.people
    record: person
  get_account:
    request: {get: "/people/{{ inputs.account_id }}"}
    record: person
  get_last_activity:
    each: {as: account, values: inputs.account_ids}
    request: {get: /seen, query: {who: "{{ account }}"}}
    records: "[body]"
    record: {account_id: id, event_type: {value: last_login}, happened_at: at}
  list_resources:
    request: {get: /nests}
    pages: {kind: cursor, next: body.next, param: cursor}
    records: body.nests
    record: {integration_specific_id: id, label: label, resource_type: {value: nest}, extra_data: {keeper: keeper}}
  list_activity_records:
    request: {get: /people}
    records: body.people
    record: {id: id, activity_type: {value: seen}, timestamp: date(email), actor: {account_id: id}, targets: "`[]`"}
  create_account:
    request: {post: /people, json: {email: "{{ inputs.email }}", password: "{{ inputs.password }}"}}
    record: {id: id, status: {value: ACTIVE}}
resource_types: {nest: {label: Nest}}
"""

FOLK = [
    {
        "id": f"p-{number}-{login}", "email": email, "login": login, "name": {"first": first, "last": last}, "phone": phone,
        "webhook_secret": PASSWORD, "note": f"hook {HOOK} of {first}",
    }
    for number, (email, first, last, phone, login) in enumerate(PEOPLE)
]  # fmt: skip


def aviary(asked: Asked) -> Response:
    """Three people who are canaries. It repeats all that it is told in its errors, and says who keeps what in its cursors."""
    told = asked.headers.get("authorization", "")
    if told != f"Bearer {TOKEN}":
        who = PEOPLE[0][0]
        return answer({"message": f"{told} is no good ({base64.b64encode(told[7:].encode()).decode()}), ask {who} or {quote(who)}"}, 401)
    match asked.method, asked.path.split("/")[1:]:
        case "GET", ["me"]:
            return answer({"tenant": "aviary-1"})
        case "GET", ["people"]:
            after = [person for person in FOLK if person["email"] > asked.one("after")]
            return answer({"people": after[: int(asked.one("limit", "9"))]})
        case "GET", ["people", wanted]:
            found = [person for person in FOLK if wanted in (person["id"], person["email"])]
            return answer(found[0]) if found else answer({"message": f"no {wanted}; {PEOPLE[1][0]} may know"}, 404)
        case "GET", ["seen"]:
            return answer({"id": asked.one("who"), "at": "2026-01-02T03:04:05Z"})
        case "GET", ["nests"]:
            start = int(base64.b64decode(asked.one("cursor")).split(b"|")[1]) if asked.one("cursor") else 0
            cursor = base64.b64encode(f"{PEOPLE[start][0]}|{start + 1}".encode()).decode()
            nest = {"id": f"nest{start}", "label": f"Nest of {PEOPLE[start][1]}", "keeper": FOLK[start]["id"]}
            return answer({"nests": [nest], "next": cursor if start < 2 else None})
        case "POST", ["people"]:
            return answer({"message": f"{asked.body['email']} is taken, and {asked.body['password']} is too short"}, 409)
    return answer({"message": "no such path"}, 404)


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    with served(aviary) as live:
        yield live


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("canaries") / "aviary.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture(scope="module")
def left(live: Served, spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Left:
    flight = Flight(
        spec,
        {"base_url": live.url},
        {"token": TOKEN},
        {"token": WRONG},
        {"list_accounts": {}, "list_resources": {}, "list_activity_records": {"since_date": "2026-01-01", "actors": []}},
        [("create_account", {"email": PEOPLE[0][0], "password": PASSWORD, "entitlements": []})],
        [("get_account", {"account_id": PEOPLE[0][0]}), ("get_account", {"account_id": "x" + PEOPLE[2][0]})],
    )
    return fly(flight, tmp_path_factory.mktemp("flight"))


def test_all_of_it_was_flown(left: Left):
    """What follows says something only about places where something was."""
    assert {"unauthorized", "conflict", "not_found", "invalid_response"} <= set(left.errors)
    assert left.tokens >= 4
    assert {"cassette reads", "log", "errors", "traces", "tokens", "record", "test", "explain", "walk, standard error"} <= set(left.places)
    assert "it failed" in left.places["log"]
    assert "Traceback" in left.places["traces"]
    assert len(left.places["cassette reads"]) > 3000
    assert {person[0] for person in PEOPLE} == {person[0] for person in PEOPLE if person[0] in left.given}, (
        "callers are told who people are"
    )


def test_no_secret_is_left_anywhere(left: Left):
    assert all_traces(left.places, SECRETS) == []


def test_no_address_is_left_anywhere(left: Left):
    assert all_traces(left.places, [person[0] for person in PEOPLE]) == []


def test_nobody_is_left_in_cassettes_and_tokens(left: Left):
    places = {
        place: text for place, text in left.places.items() if place.startswith(("cassette", "tokens", "log", "test", "record", "replay"))
    }
    without = {place: text for place, text in places.items() if place not in ("log", "record with a wrong credential")}
    assert all_traces(without, PRIVATE) == []


@pytest.mark.usefixtures("left")
def test_the_grep_finds_them_where_they_are(live: Served, spec: Path):
    """The same recording with people kept, and what the app really said."""
    connector = ferrule.load(spec)
    given = {"application": "Aviary", "command": "x", "credential": {"token": TOKEN}, "settings": {"base_url": live.url}}
    questions = [q for q in reads(connector.plan) if q.capability != "list_activity_records"]
    kept = written(asyncio.run(record(connector, questions, people="kept", **given)))
    found = traces(kept, PRIVATE)
    assert {trace.rpartition(": ")[0] for trace in found} == set(PRIVATE)
    assert any("base64" in trace for trace in found), "in the cursors"
    said = "".join(f"{aviary(asked).content.decode()} {asked.headers} {json.dumps(asked.body or None)}" for asked in live.asked)
    assert {trace.rpartition(": ")[0] for trace in traces(said, SECRETS)} == set(SECRETS)


@pytest.mark.parametrize("canary", [*SECRETS, *PRIVATE])
def test_the_grep_finds_every_form(canary: str):
    for name, form in forms(canary).items():
        assert any(trace.endswith(f": {name}") for trace in traces(f"x{form.upper()}x", [canary])), name
    for before in range(5):
        for content in (b"\xff" * before + canary.encode(), b"a" * before + canary.encode() + b"z" * (5 - before)):
            for encoded in (base64.b64encode(content), base64.urlsafe_b64encode(content), base64.b64encode(content).rstrip(b"=")):
                assert any("base64" in trace for trace in traces(f'"{encoded.decode()}"', [canary])), (before, encoded)
    assert traces("nothing is in here " * 9, [canary]) == []
    assert len(set(packed_forms(canary).values())) >= 3


@pytest.mark.parametrize("key", ["", "a key of one's own"])
def test_a_token_shows_nothing_of_its_position(key: str, monkeypatch: pytest.MonkeyPatch):
    """Text that does not compress is stored as it is by deflate; so compressing alone hides nothing."""
    monkeypatch.setenv("FERRULE_TOKEN_KEY", key)
    noise = random.Random(1)
    position = {"after": PEOPLE[0][0], "noise": "".join(chr(noise.randint(0x4E00, 0x9FFF)) for _ in range(30))}
    assert PEOPLE[0][0].encode() in zlib.compress(json.dumps(position, ensure_ascii=False).encode(), 6)
    token = seal(position, {"app": "aviary"})
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("latin-1")
    assert traces(token, PRIVATE) + traces(raw, PRIVATE) == []
    assert unseal(token, {"app": "aviary"}) == position
    assert seal(position, {"app": "aviary"}) == token


def test_a_token_of_another_key_is_refused(monkeypatch: pytest.MonkeyPatch):
    token = seal({"after": 1}, {})
    monkeypatch.setenv("FERRULE_TOKEN_KEY", "a key of one's own")
    with pytest.raises(ferrule.CallError, match="the page token is damaged, or was made for another"):
        unseal(token, {})


def test_an_error_masks_addresses_whoever_says_them():
    error = ferrule.CallError("to a.b+c@d-e.co", code="conflict", app_message="ask x%40y.org or <ann@x.example>", hint="see me@here.org")
    assert (error.message, error.app_message, error.hint) == ("to ***", "ask *** or <***>", "see ***")
    assert ferrule.CallError("pkg@1.2.3, @ann:x.org, a@b", code="conflict").message == "pkg@1.2.3, @ann:x.org, a@b"
