"""People in cassettes go by pseudonyms: always the same, everywhere, and nothing that a connector does with a name breaks."""

from __future__ import annotations

import asyncio
import base64
import gzip
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import AppWire, Asked, answer
from canary import traces
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.http import Response
from ferrule.people import pseudonyms
from ferrule.people.kept_words import Kept, kept_words
from ferrule.people.mentions import Mention, kind_of
from ferrule.people.names import names
from ferrule.people.pseudonyms import Pseudonyms
from ferrule.people.writing import readings
from ferrule.record import Question, Unrepeatable, record, save
from ferrule.replay import replay
from ferrule.secret import MASK
from ferrule.wire.cassette_file import Cassette, load_cassette, written
from tape import recorded

SPEC = """
ferrule: 1
app: {id: staff, name: Staff, vendor_domain: staff.example}
settings: {base_url: {type: url}, domain: {type: string, default: ""}}
auth: {token: {kind: bearer}, basic: {kind: basic}}
http: {base_url: "{{ settings.base_url }}", error_message: body.message}
records:
  person:
    integration_specific_id: id
    email: email
    username: "before(email, '@')"
    given_name: name.givenName
    family_name: name.familyName
    user_status: {from: state, map: {live: ACTIVE, admin: ACTIVE}, else: SUSPENDED}
    custom_attributes: {full: "join(' ', [name.givenName, name.familyName])", phone: "phones[0].value", display: displayName}
custom_attributes:
  - {of: account, name: full, description: Both names.}
  - {of: account, name: phone, description: A number.}
  - {of: account, name: display, description: What others see.}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: {kind: keyset, key: email, param: after, size_param: limit, size: 2}
    records: body.users
    record: person
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: person
  list_updated_accounts:
    request: {get: /changes}
    pages: {kind: cursor, next: body.next, param: cursor}
    records: body.users
    record: person
  list_resources:
    request: {get: /teams}
    records: body
    record: {integration_specific_id: id, label: name, resource_type: {value: team}}
  find_entitlement_associations:
    each: {as: team, request: {get: /teams}, records: body}
    request: {get: "/teams/{{ team.id }}/members", query: {by: "{{ team.owner }}"}}
    records: body.members
    record: {account_id: "@", integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: team.id}
  get_last_activity:
    each: {as: account, values: inputs.account_ids}
    request: {get: "/users/{{ account }}/seen"}
    records: "[body]"
    record: {account_id: id, event_type: {value: last_login}, happened_at: at}
  create_account:
    request: {post: /users, json: {email: "{{ inputs.email | lower }}", login: "{{ inputs.username }}"}}
    record: {id: id, status: {value: ACTIVE}}
resource_types: {team: {label: Team}}
entitlement_types: {member: {label: Member, resource_type: team}}
"""
PLAN = compile_text(SPEC)


def uuid(number: int) -> str:
    return f"{0xABCDEF00 + number:08x}-1111-4222-8333-{number:012x}"


PEOPLE = [
    ("ada.love@corp.example.net", "Ada", "Löve", "+44 20 7946 0000"),
    ("bob@widgets.io", "Bob", "O'Brien", "+1 (415) 867-5309"),
    ("carol+x@widgets.io", "Carol", "Żak", "+4930123456"),
    ("dan_smith@sub.widgets.io", "Dan", "Smith", "+1-415-867-5311"),
    ("Zoë@widgets.io", "Zoë", "Smith", "+1 415 867 5399"),
]
USERS = [
    {
        "id": uuid(9 - number), "email": email, "name": {"givenName": given_name, "familyName": family},
        "displayName": f"{family}, {given_name}",
        "phones": [{"type": "work", "value": phone}], "state": "admin" if number == 1 else "live", "mobile": phone.replace(" ", ""),
        "avatar": f"https://staff.example/u/{quote(email)}?name={quote_plus(given_name + ' ' + family)}",
    }
    for number, (email, given_name, family, phone) in enumerate(sorted(PEOPLE, key=lambda each: each[0]))
]  # fmt: skip
TEAMS = [
    {"id": "smith", "name": "Smith", "owner": "admin"},
    {"id": "t1", "name": "Team of Ada", "owner": "gone_guy"},
    {"id": "t2", "name": "user", "owner": USERS[0]["id"]},
]
SECRETS = [text for person in PEOPLE for text in person] + [user["id"] for user in USERS] + ["gone_guy", "Ada Löve"]


def cursor(email: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"last": email, "n": 1}).encode()).decode()


def staff(asked: Asked) -> Response:
    """An app of five people, which escapes what it answers in one way or another."""
    match asked.method, asked.path.removeprefix("/api/").split("/"):
        case "GET", ["users"]:
            left = [user for user in USERS if user["email"] > asked.one("after")]
            link = f'<https://acme.example/api/users?after={quote(left[0]["email"], safe="") if left else ""}>; rel="self"'
            return answer({"users": left[: int(asked.one("limit"))]}, headers={"Link": link})
        case "GET", ["changes"]:
            last = json.loads(base64.urlsafe_b64decode(asked.one("cursor")))["last"] if asked.one("cursor") else ""
            left = [user for user in USERS if user["email"] > last]
            return answer({"users": left[:2], "next": cursor(left[1]["email"]) if len(left) > 2 else None})
        case "GET", ["users", wanted, "seen"]:
            return answer({"id": wanted, "at": "2026-01-02T03:04:05Z"})
        case "GET", ["users", wanted]:
            found = next((user for user in USERS if wanted in (user["id"], user["email"])), None)
            return answer(found) if found else answer({"message": f"there is no {wanted}; ask Bob O'Brien, or admin"}, 404)
        case "GET", ["teams"]:
            return answer(TEAMS)
        case "GET", ["teams", team, "members"]:
            return answer({"members": [user["id"] for user in USERS[len(team) :]]})
        case "POST", ["users"]:
            return answer({"message": f"{asked.body['email']} is taken by {USERS[1]['id']}"}, 409)
    return answer({"message": "no such path"}, 404)


QUESTIONS = [
    Question("list_accounts", {}, walk=True),
    Question("get_account", {"account_id": USERS[2]["email"]}),
    Question("get_account", {"account_id": "nobody@widgets.io"}),
    Question("get_account", {"account_id": "user"}),
    Question("list_updated_accounts", {"since": "2026-01-01T00:00:00Z"}),
    Question("list_resources", {}, walk=True),
    Question("find_entitlement_associations", {}, walk=True),
    Question(
        "get_last_activity", lambda answers: {"account_ids": [a["integration_specific_id"] for a in answers["list_accounts"]]}, walk=True
    ),
    Question("create_account", {"email": "BOB@Widgets.io", "username": "bob", "entitlements": []}),
]


def taped(*questions: Question, **more: Any) -> Cassette:
    return recorded(*questions, **{"wire": AppWire(staff), "plan": PLAN, "people": "pseudonyms", **more})


@pytest.fixture(scope="module")
def cassette() -> Cassette:
    return taped(*QUESTIONS)


def expected(cassette: Cassette, capability: str) -> Any:
    call = next(call for call in cassette.ferrule.calls if call.capability == capability)
    return call.expect.records if call.expect.records is not None else call.expect.record


def test_nobody_is_left(cassette: Cassette):
    assert traces(written(cassette), SECRETS) == []
    for word in ("ada", "Löve", "O'Brien", "brien", "Żak", "widgets", "Zoë", "867-53"):
        assert re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", written(cassette), re.IGNORECASE) is None, word


def test_everybody_would_be_found_without_pseudonyms():
    """So the test before this one says something."""
    text = written(taped(*QUESTIONS, people="kept"))
    assert {trace.partition(":")[0] for trace in traces(text, SECRETS)} == set(SECRETS)


def test_it_replays(cassette: Cassette, tmp_path: Path):
    save(cassette, path := tmp_path / "a.yaml")
    report = replay(PLAN, path)
    assert report.passed, report
    assert load_cassette(path) == cassette
    assert cassette.ferrule.people == "pseudonyms"


def test_the_same_person_is_the_same_everywhere(cassette: Cassette):
    kept = taped(*QUESTIONS, people="kept")
    before, after = expected(kept, "list_accounts"), expected(cassette, "list_accounts")
    known = {then["integration_specific_id"]: now["integration_specific_id"] for then, now in zip(before, after, strict=True)}
    assert len(set(known.values())) == len(USERS)
    for capability in ("find_entitlement_associations", "get_last_activity"):
        left, right = expected(kept, capability), expected(cassette, capability)
        assert [known[record["account_id"]] for record in left] == [record["account_id"] for record in right]
    for each in after:
        assert each["email"].startswith(f"{each['username']}@")
        assert each["custom_attributes"]["full"] == f"{each['given_name']} {each['family_name']}"
        assert each["custom_attributes"]["display"] == f"{each['family_name']}, {each['given_name']}"
    smiths = [record["family_name"] for then, record in zip(before, after, strict=True) if then["family_name"] == "Smith"]
    assert len(smiths) == 2
    assert len(set(smiths)) == 1


def test_what_the_spec_lives_by_stays(cassette: Cassette):
    bodies = [exchange.response.body.string for exchange in cassette.interactions]
    assert any('"state": "admin"' in str(body) for body in bodies)
    assert {record["user_status"] for record in expected(cassette, "list_accounts")} == {"ACTIVE"}
    teams = expected(cassette, "list_resources")
    assert [team["label"] for team in teams][1:] == [teams[1]["label"], "user"]
    assert [team["integration_specific_id"] for team in teams][1:] == ["t1", "t2"]
    inputs = [call.inputs for call in cassette.ferrule.calls if call.capability == "get_account"]
    assert inputs[2] == {"account_id": "user"}


def test_they_sort_as_before(cassette: Cassette):
    kept = expected(taped(*QUESTIONS, people="kept"), "list_accounts")
    found = expected(cassette, "list_accounts")
    for field in ("integration_specific_id", "username", "given_name"):
        order = sorted(range(len(kept)), key=lambda number: kept[number][field])
        assert sorted(range(len(found)), key=lambda number: found[number][field]) == order, field


def test_the_form_stays(cassette: Cassette):
    for each in expected(cassette, "list_accounts"):
        assert re.fullmatch(r"00000000-0000-4000-8000-0{11}\d", each["integration_specific_id"])
        assert re.fullmatch(r"\+1-?20\d-?555-?01\d\d", each["custom_attributes"]["phone"])
        assert re.fullmatch(r"[\w.+]+@(?:sub\.)?(?:org\d\d\.example|corp\.example\.net)", each["email"])


def test_pseudonyms_are_the_pseudonyms_of_pseudonyms(cassette: Cassette):
    """So a guard can tell a cassette in which somebody else is named."""
    assert pseudonyms(cassette, PLAN.spec).cassette(cassette) == cassette


FORMS = [
    r"[a-z0-9]{20}",
    r"[A-Z0-9]{20}",
    r"[0-9a-f]{16,20}",
    r"[0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}",
    r"(AIDA|00u)[A-Za-z0-9]{13,17}",
    r"[A-Za-z0-9_-]{6,12}",
    r"[A-Za-z]{2,6}[-._]?[A-Za-z0-9]{1,6}",
    r"[0-9]{5,10}",
]
IDS = st.one_of(st.from_regex(form, fullmatch=True, alphabet=st.characters(codec="ascii")) for form in FORMS)


@given(st.lists(st.tuples(st.sampled_from(["id", "login"]), IDS), max_size=5))
def test_whatever_form_an_id_has_its_pseudonym_has_it_too(mentioned: list[tuple[Any, str]]):
    """Taken for an id of another form it would get another pseudonym when pseudonyms are replaced once more."""
    once = again(mentioned)
    assert again(once) == once


def again(mentioned: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    found = Pseudonyms(names([Mention(kind, text) for kind, text in mentioned], NOTHING))
    return [(kind, found.text(text)) for kind, text in mentioned]


def test_recording_again_gives_the_same(cassette: Cassette):
    class Slow(AppWire):
        async def send(self, *request: Any) -> Response:
            for _ in range(hash(request[0].url) % 5):
                await asyncio.sleep(0)
            return await super().send(*request)

    assert written(taped(*QUESTIONS, wire=Slow(staff))) == written(cassette)


def test_the_order_of_exchanges_does_not_matter():
    kept = taped(*QUESTIONS, people="kept")
    turned = kept.model_copy(update={"interactions": kept.interactions[::-1]})
    one, other = (pseudonyms(each, PLAN.spec) for each in (kept, turned))
    assert one.cassette(kept).interactions == other.cassette(turned).interactions[::-1]


def test_people_are_kept_on_wish():
    kept = taped(*QUESTIONS, people="kept")
    assert kept.ferrule.people == "kept"
    assert "people: kept" in written(kept)
    assert [record["email"] for record in expected(kept, "list_accounts")] == [user["email"] for user in USERS]


def test_it_says_where_pseudonyms_do_not_do():
    """A spec that looks at the letters of names: with others, something else comes."""
    spec = SPEC.replace(
        "records: body.users\n    record: person\n  get",
        "records: body.users\n    filter: length(email) == `14`\n    record: person\n  get",
    )
    plan = compile_text(spec)
    with pytest.raises(Unrepeatable) as raised:
        taped(QUESTIONS[0], plan=plan)
    assert "the recording of `list_accounts` cannot be replayed with pseudonyms for people:\n  $.records" in str(raised.value)
    assert "looks at the letters of a name" in str(raised.value.hint)
    assert "--keep-people" in str(raised.value.hint)
    assert traces(str(raised.value), SECRETS) == []
    assert taped(QUESTIONS[0], plan=plan, people="kept").ferrule.calls


def test_what_cannot_be_replayed_anyway_is_told_without_people():
    """A cursor that is called `token` is masked, so the next page cannot be asked for."""
    plan = compile_text(SPEC.replace("next: body.next", "next: body.token"))

    def app(asked: Asked) -> Response:
        made = json.loads(staff(asked).content)
        return answer({"users": made["users"], "token": made["next"]})

    with pytest.raises(Unrepeatable) as raised:
        taped(QUESTIONS[4], plan=plan, wire=AppWire(app))
    assert "the recording of `list_updated_accounts` cannot be replayed:\n" in str(raised.value)
    assert traces(str(raised.value), SECRETS) == []
    with pytest.raises(Unrepeatable) as raised:
        taped(QUESTIONS[4], plan=plan, wire=AppWire(app), people="kept")
    assert traces(str(raised.value), SECRETS), "the address is in the cursor, in base64"


# The account that records


def test_the_account_that_records_is_somebody_too():
    credential = {"username": "svc_harold", "password": "pa55word-pa55word"}
    cassette = taped(
        QUESTIONS[0], auth="basic", credential=credential, settings={"base_url": "https://widgets.io/api", "domain": "widgets.io"}
    )
    assert cassette.ferrule.credential["password"] == MASK
    assert "harold" not in written(cassette)
    assert "widgets.io" not in written(cassette), "the domain of their addresses, in the settings and in each request"


# Which texts, and by what


NOTHING = Kept(frozenset(), frozenset())


def replaced(*mentions: tuple[Any, str], kept: Kept = NOTHING) -> dict[str, str]:
    found = names([Mention(kind, text) for kind, text in mentions], kept)
    return {**found.words, **found.ids, **found.phones}


@pytest.mark.parametrize(
    ("mentions", "wanted"),
    [
        ([("login", "bob"), ("login", "ada")], {"ada": "person001", "bob": "person002"}),
        ([("login", "bob"), ("id", "bob"), ("email", "bob@x.example")], {"bob": "person001"}),
        ([("email", "bob@corp.com"), ("email", "ada@aaa.org")],
         {"ada": "person001", "bob": "person002", "aaa.org": "org01.example", "corp.com": "org02.example"}),
        ([("name", "Ann Lee"), ("login", "ann.lee")], {"ann": "person001", "lee": "person002"}),
        ([("name", "Ann Lee"), ("login", "ann.lee.dev")], {"ann": "person001", "ann.lee.dev": "person002", "lee": "person003"}),
        ([("login", "CORP\\bob")], {"bob": "person001"}),
        ([("id", "@bob:server.org"), ("login", "bob")], {"bob": "person001"}),
        ([("id", "@bob:server.org")], {"bob": "person001"}),
        ([("id", "uid=bob,ou=people,dc=corp"), ("login", "bob")], {"bob": "person001"}),
        ([("id", "ABCDEF01-2345-4678-9ABC-DEF012345678")],
         {"abcdef01-2345-4678-9abc-def012345678": "00000000-0000-4000-8000-000000000001"}),
        ([("id", "0123456789abcdef01234567")], {"0123456789abcdef01234567": "a00000000000000000000001"}),
        ([("id", "123457"), ("id", "99999"), ("id", "123456")], {"123456": "100001", "123457": "100002", "99999": "10001"}),
        ([("id", "U023BECGF"), ("id", "U02ZZECGF")], {"U023BECGF": "A000AAAAB", "U02ZZECGF": "A00AAAAAB"}),
        ([("id", "ssr7ve2fdxsyt4rlel5v"), ("id", "AIDA4ZKQ7XW2MFTB9N3C"), ("id", "0123456789abcdef0123")],
         {"ssr7ve2fdxsyt4rlel5v": "ggg0gg0gggggg0gggg0h", "AIDA4ZKQ7XW2MFTB9N3C": "GGGG0GGG0GG0GGGG0G0H",
          "0123456789abcdef0123": "a0000000000000000001"}),
        ([("id", "z1234567-1111-4222-8333-0123456789ab")],
         {"z1234567-1111-4222-8333-0123456789ab": "g0000000-0000-0000-0000-0000000000gh"}),
        ([("id", "JSMITH"), ("id", "JSMITH2")], {"jsmith": "person001", "JSMITH2": "AAAAAA1"}),
        ([("id", "7"), ("id", "42"), ("id", "u1"), ("id", "1234"), ("login", "x")], {}),
        ([("login", "12345")], {"12345": "10001"}),
        ([("name", "李小龙")], {"李小龙": "person001"}),
        ([("name", "李"), ("name", "J P Q")], {"李": "person001"}),
        ([("name", "Vincent van Gogh 3")], {"vincent": "person002", "gogh": "person001"}),
        ([("phone", "+1 415 867 5309"), ("phone", "14158675309"), ("phone", "(030) 12 34 56")],
         {"030123456": "1-201-555-0100", "14158675309": "1-201-555-0101"}),
    ],
)  # fmt: skip
def test_what_is_replaced(mentions: list[tuple[str, str]], wanted: dict[str, str]):
    kept = Kept(frozenset({"van", "people"}), frozenset())
    assert replaced(*mentions, kept=kept) == wanted
    assert replaced(*mentions[::-1], kept=kept) == wanted, "whatever the order"


@pytest.mark.parametrize(
    "name", ["admin", "Admin", "root", "user", "true", "null", "nobody", "1", "guest", "members", "live", "state", "token"]
)
def test_a_word_that_a_connector_lives_by_is_nobody(name: str):
    kept = kept_words(PLAN.spec)
    assert replaced(("login", name), ("id", name), ("name", name), ("email", f"{name}@staff.example"), kept=kept) in (
        {},
        {"get": "person001"},
    )


def test_prose_of_a_spec_keeps_nothing():
    """`Both names.` is a description: somebody may be called so."""
    assert not kept_words(PLAN.spec).holds("both")
    assert kept_words(PLAN.spec).holds("givenname")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("email", "email"), ("primaryEmail", "email"), ("mail", "email"), ("e-mail", "email"), ("givenName", "name"),
        ("last_name", "name"), ("phoneNumber", "phone"), ("work-phone", "phone"), ("mobile", "phone"), ("userName", "login"),
        ("login", "login"), ("ownerId", "id"), ("created_by", "id"), ("account_id", "id"), ("account_ids", "id"),
        ("employeeNumber", "id"), ("users", "id"), ("id", None), ("name", None), ("state", None), ("count", None),
        ("user_login", None), ("username_claim", None), ("headphones_count", None), ("user_status", None),
    ],
)  # fmt: skip
def test_names_of_what_is_somebodys(name: str, kind: str | None):
    assert kind_of(name) == kind


# How they are written

SMITH = Pseudonyms(
    names([Mention("login", "jörg.smith"), Mention("name", "Jörg"), Mention("name", "Smith"), Mention("email", "al+x@corp.com")], NOTHING)
)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WRITINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "URL": lambda text: quote(text, safe=""),
    "path": lambda text: quote(text),
    "form": quote_plus,
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON, all escaped": lambda text: '"' + "".join(f"\\u{ord(c):04x}" for c in text) + '"',
    "XML": html.escape,
    "XML, all escaped": lambda text: "".join(f"&#x{ord(c):X};" for c in text),
    "JSON in a URL": lambda text: quote(json.dumps({"user": text}), safe=""),
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize(
    "text", ["jörg.smith", "<Jörg> & 'SMITH'", "al+x@corp.com", "user:jörg.smith/lab", "@Jörg:x\nsmith", "AL+X@CORP.COM"]
)
def test_people_are_found_however_they_are_written(writing: str, text: str):
    write = WRITINGS[writing]
    plain = SMITH.text(text)
    assert plain != text
    assert not re.search("jörg|smith|corp", plain, re.IGNORECASE)
    found = SMITH.text(write(text))
    assert [reading.text for reading in readings(found)][-1] == [reading.text for reading in readings(write(plain))][-1]


@pytest.mark.parametrize(
    "pack", [in_base64, lambda text: text.encode().hex(), lambda text: text.encode().hex().upper()], ids=["base64", "hex", "HEX"]
)
def test_people_are_found_in_cursors(pack: Callable[[str], str]):
    text = '{"after": "jörg.smith", "id": 1}'
    assert SMITH.text(f'{{"next": "{pack(text)}"}}') in (
        f'{{"next": "{pack(SMITH.text(text))}"}}',
        f'{{"next": "{pack(SMITH.text(text)).rstrip("=")}"}}',
    )
    assert SMITH.text(pack("nobody is in here")) == pack("nobody is in here")


@pytest.mark.parametrize(
    "text",
    [
        "smithy",
        "asmith",
        "smith2",
        "blacksmiths",
        "jörgen",
        "corp.community",
        "1.5",
        "",
        "%",
        "\\",
        "&#xZZ;",
        "%FF%FE",
        "\\ud800",
        "&nosuch;",
    ],
)
def test_what_is_no_name_stays(text: str):
    assert SMITH.text(text) == text


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ('"\\nancy"', '"\\nancy"'),
        ('"to:\\nnancy"', '"to:\\nperson001"'),
        ('"CORP\\\\nancy"', '"CORP\\\\person001"'),
        ("CORP\\nancy", "CORP\\person001"),
        ("a%20nancy%2c", "a%20person001%2c"),
        ('"x\\u0020nancy\\u00e4"', '"x\\u0020nancy\\u00e4"'),
        ("&lt;nancy&gt;", "&lt;person001&gt;"),
    ],
)
def test_no_escape_is_cut_in_two(raw: str, wanted: str):
    r"""`\nancy` in JSON is a line break and `ancy`."""
    assert Pseudonyms(names([Mention("login", "nancy")], NOTHING)).text(raw) == wanted


@given(st.text(max_size=60))
def test_text_without_people_stays(text: str):
    found = Pseudonyms(names([Mention("login", "zzyzx-quux")], NOTHING))
    assert found.text(text) == text
    assert found.text(quote(text, safe="")) == quote(text, safe="")


@given(st.lists(st.sampled_from(["Jörg", "smith", "JÖRG", "al+x@corp.com", "x", "/", " ", "@", "%", "ä", "\n", '"', "1"]), max_size=8))
def test_writing_and_replacing_do_not_depend_on_each_other(parts: list[str]):
    text = "\t".join(parts)
    for write in (lambda text: quote(text, safe=""), json.dumps):
        assert SMITH.text(write(text)) == write(SMITH.text(text))


def test_bytes_are_read_as_what_they_are():
    def app(asked: Asked) -> Response:
        content = json.dumps([{"id": "jane.roe", "login": "jane.roe"}]).encode()
        if asked.path.endswith("packed"):
            return Response(200, {"content-type": "application/gzip"}, gzip.compress(content, mtime=0))
        return Response(200, {"content-type": "application/json; charset=utf-16"}, content.decode().encode("utf-16"))

    spec = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {base_url: {type: url}}
auth: {token: {kind: bearer}}
http: {base_url: "{{ settings.base_url }}"}
capabilities:
  list_accounts:
    parts:
      - {request: {get: /packed, decode: json}, records: body, record: {integration_specific_id: id}}
      - {request: {get: /wide}, records: body, record: {integration_specific_id: id}}
"""
    cassette = recorded(Question("list_accounts", {}, walk=True), wire=AppWire(app), plan=compile_text(spec), people="pseudonyms")
    packed, wide = (exchange.response.body.string for exchange in cassette.interactions)
    assert isinstance(packed, bytes)
    assert isinstance(wide, bytes)
    assert json.loads(gzip.decompress(packed)) == [{"id": "person001", "login": "person001"}]
    assert "jane" not in wide.decode("utf-16")
    assert [each["integration_specific_id"] for each in cassette.ferrule.calls[0].expect.records or []] == ["person001", "person001"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/xml", "<users><user><id>x-77</id><displayName>Jane Roe</displayName><phone>+4930123456</phone></user></users>"),
        ("text/csv", "id,display_name,phone\nx-77,Jane Roe,+4930123456\n"),
        ("application/x-ndjson", '{"id": "x-77", "displayName": "Jane Roe", "phone": "+4930123456"}\n'),
        ("application/x-www-form-urlencoded", "id=x-77&displayName=Jane+Roe&phone=%2B4930123456"),
    ],
)
def test_names_are_known_by_what_they_are_called_in_every_form(kind: str, content: str):
    def app(asked: Asked) -> Response:
        return Response(200, {"content-type": kind}, content.encode()) if asked.path.endswith("raw") else answer([])

    spec = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {base_url: {type: url}}
auth: {token: {kind: bearer}}
http: {base_url: "{{ settings.base_url }}"}
capabilities:
  list_accounts:
    prepare: [{request: {get: /raw, decode: {kind: text}}}]
    request: {get: /users}
    records: body
    record: {integration_specific_id: id}
"""
    cassette = recorded(Question("list_accounts", {}, walk=True), wire=AppWire(app), plan=compile_text(spec), people="pseudonyms")
    text = str(cassette.interactions[0].response.body.string)
    assert not re.search("jane|roe|493012", text, re.IGNORECASE)
    assert re.search("person001.person002", text, re.IGNORECASE)


def test_record_keeps_no_people_by_itself():
    """What nobody asked for is the careful way."""
    given: dict[str, Any] = {
        "application": "Staff",
        "command": "x",
        "credential": {"token": "tok-0123456789"},
        "settings": {"base_url": "https://acme.example/api"},
    }
    cassette = asyncio.run(record(Connector(PLAN), QUESTIONS[:1], wire=AppWire(staff), **given, auth="token"))
    assert cassette.ferrule.people == "pseudonyms"
