"""A read is a resumable walk: stopped anywhere and started anywhere, the records are the same."""

from __future__ import annotations

import asyncio

import pytest

from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import CallError, InvalidPageToken, UnexpectedAnswer
from ferrule.http import Response
from ferrule.instance import Instance

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {token: {kind: bearer}}
http: {base_url: "https://acme.example/api"}
pagers:
  paged: {kind: offset, param: offset, size_param: limit, size: 3, total: body.total}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: paged
    records: body.items
    record: {integration_specific_id: id, email: email}
  find_entitlement_associations:
    parts:
      - each:
          - {as: org, request: {get: /orgs}, pages: paged, records: body.items}
          - {as: team, request: {get: "/orgs/{{ org.id }}/teams"}, pages: paged, records: body.items}
        request: {get: "/teams/{{ team.id }}/members"}
        pages: paged
        records: body.items
        record: {account_id: id, integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: team.id}
      - request: {get: /users}
        pages: paged
        records: body.items
        explode: {list: roles, as: role}
        record: {account_id: id, integration_specific_entitlement_id: role, integration_specific_resource_id: {value: ""}}
  list_resources:
    dedupe: integration_specific_id
    parts:
      - rows: [{id: all, name: Everything}]
        record: {integration_specific_id: id, label: name, resource_type: {value: org}}
      - each: {as: org, request: {get: /orgs}, pages: paged, records: body.items}
        request: {get: "/orgs/{{ org.id }}/teams"}
        pages: paged
        records: body.items
        record: {integration_specific_id: kind, label: kind, resource_type: {value: kind}}
"""

ORGS = [{"id": f"o{i}"} for i in range(5)]
TEAMS = {o["id"]: [{"id": f"{o['id']}t{i}", "kind": f"k{i % 2}"} for i in range(n)] for o, n in zip(ORGS, (4, 0, 1, 7, 3), strict=True)}
MEMBERS = {t["id"]: [{"id": f"u{(i * 7 + n) % 20}"} for i in range(n % 5)] for ts in TEAMS.values() for n, t in enumerate(ts)}
USERS = [{"id": f"u{i}", "email": f"u{i}@acme.example", "roles": ["admin", "user"][: i % 3]} for i in range(20)]


def acme(asked: Asked) -> Response:
    path = asked.path.removeprefix("/api/").split("/")
    found = {"users": lambda: USERS, "orgs": lambda: TEAMS[path[1]] if len(path) > 1 else ORGS, "teams": lambda: MEMBERS[path[1]]}[
        path[0]
    ]()
    offset, limit = int(asked.one("offset", "0")), int(asked.one("limit", "3"))
    return answer({"items": found[offset : offset + limit], "total": len(found)})


def instance(app=acme, spec: str = SPEC) -> Instance:
    return Connector(compile_text(spec, "acme.yaml")).instance({"token": "t0ken-value"}, wire=AppWire(app))


def everything(capability: str, size: int | None = None) -> list[dict]:
    with instance() as tenant:
        return [record.model_dump() for page in tenant.walk(capability, page_size=size) for record in page.records]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("capability", ["list_accounts", "find_entitlement_associations", "list_resources"])
def test_resumed_at_every_page_the_records_are_the_same(capability, size):
    whole = everything(capability, size)
    assert len(whole) >= 3
    with instance() as tenant:
        pages = list(tenant.walk(capability, page_size=size))
    for index, page in enumerate(pages):
        if page.token is None:
            continue
        with instance() as another:
            rest = [r.model_dump() for p in another.walk(capability, page_token=page.token, page_size=size) for r in p.records]
        before = [r.model_dump() for p in pages[: index + 1] for r in p.records]
        assert before + rest == whole


def test_the_fan_out_finds_what_the_app_holds():
    expected = {(m["id"], "member", team) for team, members in MEMBERS.items() for m in members}
    expected |= {(u["id"], role, "") for u in USERS for role in u["roles"]}
    found = everything("find_entitlement_associations")
    assert {(r["account_id"], r["integration_specific_entitlement_id"], r["integration_specific_resource_id"]) for r in found} == expected
    assert len(found) == sum(map(len, MEMBERS.values())) + sum(len(u["roles"]) for u in USERS)


def test_dedupe_holds_across_parts_pages_and_tokens():
    assert [r["integration_specific_id"] for r in everything("list_resources")] == ["all", "k0", "k1"]


def test_calls_chain_by_token_to_the_same_records():
    found, token = [], None
    with instance() as tenant:
        while True:
            result = tenant.call("find_entitlement_associations", page_token=token, page_size=4)
            found += [record.model_dump() for record in result.response]
            token = result.page_token
            if token is None:
                break
            assert len(result.response) >= 4
    assert found == everything("find_entitlement_associations")


def test_a_walk_that_fails_midway_keeps_its_records_and_says_where_to_go_on():
    broken = True

    def app(asked: Asked) -> Response:
        if broken and asked.path.endswith("/users") and asked.one("offset") == "6":
            return answer({"message": "no"}, 403)
        return acme(asked)

    with instance(app) as tenant:
        seen = []
        with pytest.raises(CallError) as failed:
            for page in tenant.walk("list_accounts"):
                seen += page.records
        assert failed.value.code.name == "permission_denied"
        assert len(seen) == 6
        broken = False
        for page in tenant.walk("list_accounts", page_token=failed.value.page_token):
            seen += page.records
    assert [record.integration_specific_id for record in seen] == [user["id"] for user in USERS]


def test_a_call_that_fails_after_some_records_gives_them_with_the_error():
    def app(asked: Asked) -> Response:
        offset = int(asked.one("offset"))
        return answer({"message": "no"}, 403) if offset == 6 else answer({"items": USERS[offset : offset + 3], "total": len(USERS)})

    with instance(app) as tenant:
        result = tenant.call("list_accounts", page_size=100)
        assert len(result.response) == 6
        assert result.error is not None
        assert result.error.code.name == "permission_denied"
        with pytest.raises(CallError) as failed:
            tenant.call("list_accounts", page_size=100, page_token=result.page_token)
        assert failed.value.page_token == result.page_token


def test_a_parent_that_is_gone_stops_the_walk_instead_of_leaving_something_out():
    with instance() as tenant:
        pages = list(tenant.walk("find_entitlement_associations", page_size=3))
    token = next(page.token for page in pages[4:] if page.token)

    def app(asked: Asked) -> Response:
        if asked.path == "/api/orgs":
            return answer({"items": [{"id": "o4"}], "total": 1})
        return acme(asked)

    with instance(app) as tenant, pytest.raises(InvalidPageToken, match="gone"):
        list(tenant.walk("find_entitlement_associations", page_token=token, page_size=3))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-3],
        lambda token: token[:-6] + "AAAAAA",
        lambda token: "x" + token,
        lambda token: "no token",
        lambda token: token * 2,
    ],
)
def test_a_spoiled_token_is_refused_before_anything_is_sent(spoil):
    with instance() as tenant:
        token = tenant.call("list_accounts", page_size=3).page_token
    wire = AppWire(acme)
    tenant = Connector(compile_text(SPEC, "acme.yaml")).instance({"token": "t"}, wire=wire)
    with tenant, pytest.raises(InvalidPageToken) as refused:
        tenant.call("list_accounts", page_token=spoil(token))
    assert refused.value.code.name == "invalid_page_token"
    assert wire.asked == []


def test_a_token_of_another_capability_or_connector_is_refused():
    with instance() as tenant:
        token = tenant.call("list_accounts", page_size=3).page_token
        with pytest.raises(InvalidPageToken):
            tenant.call("list_resources", page_token=token)
    with instance(spec=SPEC.replace("id: acme", "id: other", 1)) as other, pytest.raises(InvalidPageToken):
        other.call("list_accounts", page_token=token)


def test_a_page_that_comes_again_is_an_error_not_a_loop():
    def app(asked: Asked) -> Response:
        return answer({"items": USERS[:3], "total": 20})

    with instance(app) as tenant, pytest.raises(UnexpectedAnswer, match="same page twice"):
        list(tenant.walk("list_accounts"))


def test_a_list_that_is_missing_is_an_error_not_an_end():
    with instance(lambda asked: answer({"total": 0})) as tenant, pytest.raises(UnexpectedAnswer, match="is not there"):
        tenant.call("list_accounts")


def test_an_early_end_that_the_total_contradicts_is_an_error():
    def app(asked: Asked) -> Response:
        return answer({"items": USERS[:3] if asked.one("offset") == "0" else [], "total": 20})

    with instance(app) as tenant, pytest.raises(UnexpectedAnswer, match="counts 20 records"):
        list(tenant.walk("list_accounts"))


def test_a_value_that_does_not_fit_is_named_with_its_line():
    with instance(lambda asked: answer({"items": [{"id": None}], "total": 1})) as tenant, pytest.raises(UnexpectedAnswer) as failed:
        tenant.call("list_accounts")
    assert "integration_specific_id" in str(failed.value)
    assert failed.value.origin.line == SPEC.split("\n").index("    record: {integration_specific_id: id, email: email}") + 1


def test_a_walk_left_halfway_is_let_go_of_anywhere():
    """The garbage collector may come by in the middle of another call, or when the instance is closed."""

    async def elsewhere(pages):
        pages.close()

    with instance() as tenant:
        halfway, later = (tenant.walk("find_entitlement_associations", page_size=1) for _ in range(2))
        next(halfway), next(later)
        asyncio.run(elsewhere(halfway))
        assert [len(page.records) for page in tenant.walk("list_accounts", page_size=20)] == [20]
    later.close()
    assert tenant._runner is None


NAMES_ONLY = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {token: {kind: bearer}}
http: {base_url: "https://acme.example/api"}
settings: {detail: {enum: [none, some, all], default: some}}
capabilities:
  list_accounts:
    parts:
      - when: contains(['some', 'all'], settings.detail)
        values: "[settings.detail, 'x'][?@]"
        record: {integration_specific_id: "@"}
      - when: contains(['all'], settings.detail)
        rows: [{}]
        record: {integration_specific_id: {value: never}}
"""


def test_an_expression_over_names_alone_may_make_a_list_of_them():
    """JMESPath gives null for a list made within null: what stands around the names is therefore an empty object."""
    with instance(spec=NAMES_ONLY) as tenant:
        assert [account.integration_specific_id for account in tenant.call("list_accounts").response] == ["some", "x"]


CHANGES = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {token: {kind: bearer}}
http: {base_url: "https://acme.example/api"}
capabilities:
  list_updated_accounts:
    each: {as: site, values: "['a', 'b']"}
    request: {get: "/sites/{{ site }}/changes", query: {since: "{{ inputs.cursor }}"}}
    pages: {kind: next_url, next: body.next}
    records: body.users
    record: {integration_specific_id: id}
    answer: {cursor: body.sync}
"""


def changing(*answers: object) -> Instance:
    """A tenant of the spec above, whose app gives these answers."""
    left = list(answers)
    plan = compile_text(CHANGES)
    return Connector(plan).instance({"token": "t0ken"}, wire=AppWire(lambda asked: answer(left.pop(0))))


def test_what_an_answer_says_besides_its_records_comes_with_the_page_that_says_it():
    pages = [
        {"users": [{"id": "u1"}], "next": "/api/sites/a/changes?page=2"},
        {"users": [], "sync": "s1"},
        {"users": [{"id": "u2"}], "sync": "s2"},
    ]
    with changing(*pages) as tenant:
        answered = tenant.call("list_updated_accounts")
    assert answered.page_token is None
    assert answered.response.cursor == "s2", "the last page on which it is not null"
    assert [account.integration_specific_id for account in answered.response.accounts] == ["u1", "u2"]

    with changing(*pages) as tenant:
        assert [page.says for page in tenant.walk("list_updated_accounts")] == [{}, {"cursor": "s1"}, {"cursor": "s2"}]


def test_what_an_answer_says_and_the_contract_does_not_take_is_named_with_its_line():
    answers = {"users": [], "sync": {"at": 1}}, {"users": []}
    with changing(*answers) as tenant, pytest.raises(UnexpectedAnswer, match="`cursor` of the answer") as raised:
        tenant.call("list_updated_accounts")
    assert raised.value.origin is not None
    assert raised.value.origin.line == 13
