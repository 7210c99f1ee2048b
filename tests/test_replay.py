"""Every cassette of the project is replayed, holds no secret, and a spec that says something else is told so."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import random
import re
from pathlib import Path

import pytest
import yaml

import virtual_time
from app import AppWire, answer
from ferrule.bundled import cassettes
from ferrule.compile import compile_file, compile_text
from ferrule.demo import demo, demos
from ferrule.errors import BadInput
from ferrule.http import Request, Response
from ferrule.library import apps, find_spec
from ferrule.people import pseudonyms
from ferrule.plan import Plan
from ferrule.record import Question, save
from ferrule.replay import Report, cassette_folder, cassettes_of, replay, replay_all, replay_cassette
from ferrule.wire.cassette import CassetteWire
from ferrule.wire.cassette_file import Cassette, load_cassette, written
from ferrule.wire.kept import Redaction
from tape import ACCOUNTS, MEMBERS, PLAN, SPEC, Acme, recorded

CASSETTES = sorted(cassettes().rglob("*.yaml"))


def name(path: Path) -> str:
    return path.relative_to(cassettes()).as_posix()


every_cassette = pytest.mark.parametrize("path", CASSETTES, ids=name)


def slips(report: Report) -> str:
    """All that is wrong, as one text."""
    return "\n".join([*report.slips, *(line for call in report.calls for line in (*call.slips, *call.unasked))])


# The project's own


@every_cassette
def test_it_replays(path: Path):
    report = replay(compile_file(find_spec(path.parent.name)), path)
    assert report.passed, slips(report)
    assert report.calls


@every_cassette
def test_it_stands_where_it_is_looked_for(path: Path):
    assert path in cassettes_of(find_spec(path.parent.name))


KNOWN = ["admin-pw", "hub-admin-", "oauth-client-secret-", "scim-token-", "syt_", "reg-shared-secret"]
"""Parts of the credentials that the applications under `targets/` are started with."""
IN_BASE64 = [base64.b64encode(f"{user}:{word}".encode()).decode().rstrip("=") for user, word in (("admin", "admin-pw"), ("guest", "guest"))]
LOOKS_SECRET = re.compile(
    r"\b(?:bearer|basic|token|apikey)[ =:]+[A-Za-z0-9+/._~-]{16,}"  # a header's value
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}"  # a JSON Web Token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA)(?!RZPUZDIK|\w*EXAMPLE\b)[0-9A-Z]{16}\b"  # an access key of AWS, but for those of the documentation and its account
    r"|\bgh[opsu]_[A-Za-z0-9]{20,}|\bxox[abp]-[0-9A-Za-z-]{10,}|\bsk_live_[0-9A-Za-z]{10,}",
    re.IGNORECASE,
)


def secrets_in(text: str) -> list[str]:
    return [known for known in (*KNOWN, *IN_BASE64) if known in text] + [found[0] for found in LOOKS_SECRET.finditer(text)]


@every_cassette
def test_it_holds_no_secret(path: Path):
    text = path.read_text()
    joined = json.dumps(yaml.safe_load(text), ensure_ascii=False, default=str)  # as it is read: a long line may be folded
    assert secrets_in(text) + secrets_in(joined) == []
    once_more = Redaction()
    for exchange in load_cassette(path).interactions:
        for part in (exchange.request.uri, exchange.request.body, exchange.response.body.string):
            if isinstance(part, str):
                assert once_more.text(part) == part, "a value that its own name calls a secret"


@pytest.mark.parametrize(
    "text",
    [
        "admin-pw", IN_BASE64[0], "Authorization: Bearer abcdefghijklmnop", "token 0123456789abcdef", "-----BEGIN RSA PRIVATE KEY",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.x", "AKIA2JKLMNPQRSTUVWXY",
    ],
)  # fmt: skip
def test_a_secret_would_be_noticed(text: str):
    assert secrets_in(f"x {text} y")


PERSON = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
RESERVED = re.compile(r"(?:.*\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$")
"""Names that belong to nobody (RFC 2606)."""


@every_cassette
def test_it_names_no_real_person(path: Path):
    if load_cassette(path).ferrule.provenance == "recorded":
        assert {domain for domain in PERSON.findall(path.read_text()) if not RESERVED.match(domain)} == set()


@every_cassette
def test_who_is_in_it_goes_by_a_pseudonym(path: Path):
    """Nobody else is found in it: pseudonyms in a cassette that has them are the same ones once more."""
    cassette = load_cassette(path)
    if cassette.ferrule.people == "pseudonyms":
        assert pseudonyms(cassette, compile_file(find_spec(path.parent.name)).spec).cassette(cassette) == cassette


# What a replay tells


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    save(recorded(ACCOUNTS, Question("get_account", {"account_id": "u1"}), MEMBERS), path := tmp_path / "acme.yaml")
    return path


def changed(old: str, new: str) -> str:
    assert old in SPEC
    return SPEC.replace(old, new)


GET_ACCOUNT = """
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, email: email}"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("size: 3}", "size: 4}", "query parameter `limit`: asked `4`, recorded `3`"),
        ("{get: /users}", "{get: /people}", "path: asked `/api/people`, recorded `/api/users`"),
        ("record: {integration_specific_id: id, email: email}", "record: {integration_specific_id: id, username: email}",
         '$.records[0].username: came "u0@acme.example", expected nothing'),
        ("body.items\n    record: {integration_specific_id", "body.items\n    filter: id != 'u2'\n    record: {integration_specific_id",
         '$.records[2]: came nothing, expected {"email":"u2@acme.example","integration_specific_id":"u2"}'),
        ("records: body.items", "records: body.users", "it failed: invalid_response: `body.users` is not there"),
        ("next: body.next", "next: body.nothing", "GET https://acme.example/api/users?limit=3&after=3"),
        ("next: body.next", "next: body.nothing", '$.records[3]: came nothing, expected {"email":"u3@acme.example"'),
        ("token: {kind: bearer}", "token: {kind: header, name: X-Token}", "header `authorization`: asked without it, recorded `***`"),
        (GET_ACCOUNT, "", "it failed: `acme` has no capability `get_account`"),
    ],
)  # fmt: skip
def test_a_spec_that_says_something_else_is_told_so(tape: Path, old: str, new: str, told: str):
    report = replay(compile_text(changed(old, new)), tape)
    assert not report.passed
    assert told in slips(report)


def test_a_report_says_what_was_done(tape: Path):
    report = replay(PLAN, tape)
    assert report.passed, slips(report)
    assert (report.app, report.path) == ("acme", tape)
    assert report.header is not None
    assert (report.header.provenance, report.header.application) == ("recorded", "Acme")
    assert [(call.capability, call.requests, call.records) for call in report.calls] == [
        ("list_accounts", 3, 8),
        ("get_account", 1, 0),
        ("find_entitlement_associations", 13, 21),
    ]


def with_one_more(path: Path) -> None:
    """The cassette with an exchange at the end of its last call that nobody asks for."""
    cassette = load_cassette(path)
    *rest, last = cassette.ferrule.calls
    header = cassette.ferrule.model_copy(update={"calls": [*rest, last.model_copy(update={"requests": last.requests + 1})]})
    extra = cassette.interactions[0].model_copy(update={"request": cassette.interactions[0].request.model_copy(update={"method": "POST"})})
    path.write_text(written(cassette.model_copy(update={"ferrule": header, "interactions": [*cassette.interactions, extra]})))


@pytest.mark.parametrize("question", [ACCOUNTS, MEMBERS, Question("list_accounts", {}, page_size=3)], ids=["list", "fan-out", "one page"])
def test_an_exchange_that_nobody_asks_for_fails(tmp_path: Path, question: Question):
    save(recorded(ACCOUNTS, question), path := tmp_path / "a.yaml")
    with_one_more(path)
    report = replay(PLAN, path)
    assert not report.passed
    assert [(call.passed, call.unasked) for call in report.calls] == [
        (True, ()),
        (False, ("POST https://acme.example/api/users?limit=3",)),
    ]


def test_how_far_a_fan_out_ran_ahead_does_not_count(tmp_path: Path):
    save(recorded(Question("find_entitlement_associations", {}, page_size=2)), path := tmp_path / "a.yaml")
    with_one_more(path)
    assert replay(PLAN, path).passed


ORDERED = SPEC.replace(
    '      - request: {get: "/jobs/{{ job }}"}',
    '      - request: {get: /teams, query: {limit: 2}}\n      - request: {get: "/jobs/{{ job }}"}',
)


def test_steps_come_in_the_order_in_which_they_were_recorded(tmp_path: Path):
    """Not for their own sake: an app may do something else when it is told so in another order."""
    plan = compile_text(ORDERED)
    save(recorded(Question("create_account", {"email": "new@acme.example", "password": "p"}), plan=plan), path := tmp_path / "a.yaml")
    assert replay(plan, path).passed
    start, last = ORDERED.index("      - request: {post: /users"), ORDERED.index("      - request: {get: /teams")
    behind = ORDERED.index('      - request: {get: "/jobs')
    swapped = ORDERED[:start] + ORDERED[last:behind] + ORDERED[start:last] + ORDERED[behind:]
    assert replay(compile_text(swapped), path).calls[0].slips == (
        "`GET https://acme.example/api/teams?limit=2` was sent before `POST https://acme.example/api/users`, and was recorded behind it",
    )


def test_many_differences_are_not_all_told(tmp_path: Path):
    users = [Question("get_account", {"account_id": "u1"})]
    cassette = recorded(*users)
    (call,) = cassette.ferrule.calls
    wanted = call.expect.model_copy(update={"record": {f"f{i}": i for i in range(100)}})
    header = cassette.ferrule.model_copy(update={"calls": [call.model_copy(update={"expect": wanted})]})
    save(cassette.model_copy(update={"ferrule": header}), path := tmp_path / "a.yaml")
    told = replay(PLAN, path).calls[0].slips
    assert (len(told), told[-1]) == (21, "… and 82 more")


# Concurrency


class SlowWire(CassetteWire):
    """Plays a cassette; each answer takes as long as it likes, so that later questions are answered before earlier ones."""

    def __init__(self, cassette: Cassette, seed: int) -> None:
        super().__init__(cassette)
        self.chance, self.waiting, self.most = random.Random(seed), 0, 0

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await asyncio.sleep(self.chance.random())
        self.waiting -= 1
        return await super().send(request, content, content_type)


def with_concurrency(plan: Plan, concurrency: int) -> Plan:
    return dataclasses.replace(plan, http=dataclasses.replace(plan.http, concurrency=concurrency))


@every_cassette
@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_concurrency_does_not_change_the_result(path: Path, concurrency: int):
    plan, cassette = with_concurrency(compile_file(find_spec(path.parent.name)), concurrency), load_cassette(path)
    wire = SlowWire(cassette, seed=concurrency)
    report = virtual_time.run(replay_cassette(plan, cassette, path, wire))
    assert report.passed, slips(report)
    assert wire.most <= concurrency


def test_a_fan_out_asks_at_the_same_time_and_comes_to_the_same(tape: Path):
    """What the test above says of no difference would be worth little if nothing ever overlapped."""
    came = set()
    for concurrency in (1, 2, 8):
        for seed in range(10):
            wire = SlowWire(load_cassette(tape), seed)
            report = virtual_time.run(replay_cassette(with_concurrency(PLAN, concurrency), wire.cassette, tape, wire))
            assert report.passed, slips(report)
            came.add((wire.most, tuple(wire.played)))
    assert {1, 2, 7} <= {most for most, _ in came}, "seven teams, one walk each"
    assert len(came) > 10, "the order of the requests was another one nearly every time"


class SlowApp(AppWire):
    """An app that takes its time, each request another."""

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        await asyncio.sleep(random.Random(request.wire_url).random())
        return await super().send(request, content, content_type)


@pytest.mark.parametrize("concurrency", [1, 2, 8])
def test_concurrency_does_not_change_a_recording(concurrency: int):
    slow = recorded(MEMBERS, plan=with_concurrency(PLAN, concurrency), wire=SlowApp(Acme()), run=virtual_time.run)
    assert slow == recorded(MEMBERS)


# Where cassettes are found


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a user's own: two specs, one of them with cassettes."""
    (tmp_path / "specs").mkdir()
    for app in ("acme", "bare"):
        (tmp_path / "specs" / f"{app}.yaml").write_text(SPEC.replace("id: acme", f"id: {app}"))
    monkeypatch.setenv("FERRULE_SPECS", str(tmp_path / "specs"))
    folder = cassette_folder(tmp_path / "specs" / "acme.yaml")
    assert folder == tmp_path / "cassettes" / "acme"
    save(recorded(ACCOUNTS), folder / "accounts.yaml")
    save(recorded(MEMBERS), folder / "members.yaml")
    return tmp_path


def test_all_cassettes_of_an_app_are_replayed(library: Path):
    reports = list(replay_all(["acme"]))
    assert [report.path.name for report in reports] == ["accounts.yaml", "members.yaml"]
    assert all(report.passed for report in reports)
    assert list(replay_all(["bare"])) == []
    assert [report.path for report in replay_all([library / "specs" / "acme.yaml"])] == [report.path for report in reports]


def test_without_a_name_every_app_is_replayed(library: Path, tmp_path: Path):
    paths = [report.path for report in replay_all()]
    assert paths == [path for spec in apps().values() for path in cassettes_of(spec)]
    assert library / "cassettes" / "acme" / "accounts.yaml" in paths
    assert set(CASSETTES) <= set(paths)


def test_what_cannot_be_read_fails_and_the_rest_goes_on(library: Path):
    folder = library / "cassettes" / "acme"
    (folder / "broken.yaml").write_text("ferrule: 1\n")
    unfit = load_cassette(folder / "members.yaml")
    save(unfit.model_copy(update={"ferrule": unfit.ferrule.model_copy(update={"settings": {}})}), folder / "unfit.yaml")
    reports = {report.path.name: report for report in replay_all(["acme"])}
    assert {file: report.passed for file, report in reports.items()} == {
        "accounts.yaml": True, "broken.yaml": False, "members.yaml": True, "unfit.yaml": False,
    }  # fmt: skip
    assert "broken.yaml:1:1: S290" in slips(reports["broken.yaml"])
    assert "Missing required settings: base_url" in slips(reports["unfit.yaml"])


def test_a_spec_that_does_not_compile_fails_all_its_cassettes(library: Path):
    (library / "specs" / "acme.yaml").write_text(SPEC.replace("pages: paged", "pages: paper"))
    reports = list(replay_all(["acme"]))
    assert [report.passed for report in reports] == [False, False]
    assert "`paper`" in slips(reports[0])


def test_an_app_that_is_not_there(library: Path):
    with pytest.raises(BadInput, match="no connector `acne`"):
        list(replay_all(["acne"]))


# The demonstration


def test_a_demonstration_shows_who_has_what(library: Path):
    spec = library / "specs" / "acme.yaml"
    spec.write_text(
        SPEC
        + """
  list_resources:
    request: {get: /teams}
    pages: paged
    records: body.items
    record: {integration_specific_id: id, label: id, resource_type: {value: team}}
  list_entitlements:
    request: {get: /teams}
    pages: paged
    records: body.items
    filter: id != 't6'
    record: {entitlement_type: {value: m}, integration_specific_id: {value: member}, integration_specific_resource_id: id, label: id}
  get_last_activity:
    request: {get: /log}
    records: body
    record: {account_id: id, event_type: {value: last_login}, happened_at: at}
resource_types: {team: {label: Team}}
entitlement_types: {m: {label: Member, resource_type: team}}
"""
    )
    log = [{"id": "u1", "at": at} for at in ("2026-01-02T00:30:00+02:00", "2026-01-01T23:00:00", "2026-01-01t22:59:59z")]
    wire = AppWire(lambda asked: answer(log) if asked.path.endswith("/log") else Acme()(asked))
    activity = Question("get_last_activity", {"account_ids": ["u1"]}, walk=True)
    lists = [Question(capability, {}, walk=True) for capability in ("list_resources", "list_entitlements")]
    cassette = recorded(ACCOUNTS, MEMBERS, activity, *lists, wire=wire, plan=compile_file(spec))
    save(cassette, cassette_folder(spec) / "demo.yaml")
    made = demo("acme")
    assert made.counts == {"accounts": 8, "resources": 7, "entitlements": 6, "associations": 21, "accounts ever used": 1}
    assert [sum(row) for row in made.matrix] == [5, 4, 3, 2, 1, 0, 0, 0], "account n is in the teams after the n-th; the last is not listed"
    assert made.matrix[1] == (False, False, True, True, True, True)
    assert len(made.strays) == 6
    assert made.last_activity["u1"].happened_at == "2026-01-01T23:00:00"
    assert made.requests == len(cassette.interactions)
    assert made.header == cassette.ferrule


def test_a_demonstration_that_is_not_there(library: Path):
    with pytest.raises(BadInput, match="no demonstration of `acme`") as raised:
        demo("acme")
    assert "jupyterhub" in (raised.value.hint or "")


@pytest.mark.parametrize("app", demos())
def test_the_demonstrations_of_the_project(app: str):
    made = demo(app)
    assert made.accounts
    assert made.associations
    assert any(any(row) for row in made.matrix)
    assert not made.strays


def test_jupyterhub_is_the_demonstration_that_a_newcomer_sees():
    assert "jupyterhub" in demos()
    assert demo().name == "JupyterHub"
