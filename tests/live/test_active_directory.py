"""Active Directory: the bundled spec against a Samba domain controller, reading, writing and reading back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ferrule
from ferrule.compile import compile_text
from ferrule.connector import Connector
from live.domain import BASE, BRANCH, HOST, MANY, PASSWORD, Domain, branch, many, reached
from live.rounds import refused, walked

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def started(target: Any) -> Iterator[dict[str, Any]]:
    found: dict[str, Any] = target("samba")
    with reached(Path(found["ca_file"])):
        yield found


@pytest.fixture(scope="module")
def domain(started: dict[str, Any]) -> Iterator[Domain]:
    with branch(started["credential"]) as domain:
        yield domain


def opened(started: dict[str, Any], *, scheme: str = "ldap", credential: dict[str, str] | None = None, **settings: Any) -> ferrule.Instance:
    given = {"username": started["credential"]["upn"], "password": started["credential"]["password"], **(credential or {})}
    where = {"server": f"{scheme}://{HOST}", "base_dn": BASE, "accounts_dn": BRANCH, "groups_dn": BRANCH}
    return ferrule.load("activedirectory").instance(given, {**where, **settings})


@pytest.fixture(scope="module", params=["ldap", "ldaps"], ids=["StartTLS", "LDAPS"])
def tenant(started: dict[str, Any], domain: Domain, request: pytest.FixtureRequest) -> Iterator[ferrule.Instance]:
    with opened(started, scheme=request.param) as tenant:
        yield tenant


def ids(tenant: ferrule.Instance) -> dict[str, str]:
    """The id of each account and each resource by its name."""
    accounts = {each["username"]: each["integration_specific_id"] for each in walked(tenant, "list_accounts")}
    return accounts | {each["label"]: each["integration_specific_id"] for each in walked(tenant, "list_resources")}


def change(account: str, resource: str, kind: str = "member") -> dict[str, str]:
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": resource,
        "resource_type": "organizational_unit" if kind == "placement" else "group",
        "entitlement_type": kind,
        "entitlement_integration_specific_id": kind,
    }


def held(tenant: ferrule.Instance) -> set[tuple[str, str, str]]:
    """Who holds what: account, kind and resource, by their names, as both reads that tell of it agree."""
    names = {value: key for key, value in ids(tenant).items()}

    def told(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
        fields = ("account_id", "integration_specific_entitlement_id", "integration_specific_resource_id")
        return sorted((names[each[fields[0]]], each[fields[1]], names[each[fields[2]]]) for each in records)

    everything = told(walked(tenant, "find_entitlement_associations"))
    accounts = [each["integration_specific_id"] for each in walked(tenant, "list_accounts")]
    each_alone = [
        record for account in accounts for record in walked(tenant, "get_account_entitlement_associations", {"account_id": account})
    ]
    assert everything == told(each_alone)
    assert len(set(everything)) == len(everything)
    return set(everything)


def may_sign_in(started: dict[str, Any], name: str, password: str = PASSWORD) -> str:
    """`yes`, or the code of the refusal."""
    with opened(started, credential={"username": name, "password": password}) as tenant:
        try:
            return "yes" if tenant.call("validate_credentials").response.valid else "no"
        except ferrule.CallError as error:
            return error.code.name


def test_names_with_commas_and_marks_come_as_they_are(tenant: ferrule.Instance):
    accounts = {each["username"]: each for each in walked(tenant, "list_accounts", size=2)}
    assert len(accounts) == 9
    assert accounts["zoe"]["given_name"] == "Zoë"
    assert accounts["zoe"]["custom_attributes"]["distinguished_name"] == f"CN=Ünal\\, Zoë,OU=People,{BRANCH}"
    assert accounts["john"]["custom_attributes"]["distinguished_name"] == f"CN=Smith\\, John \\+ Son,OU=Guests,{BRANCH}"
    assert {name: each["user_status"] for name, each in accounts.items() if each["user_status"] != "ACTIVE"} == {"gone": "SUSPENDED"}
    assert [name for name, each in accounts.items() if each["account_type"] == "service"] == ["svc-backup"]


def test_membership_direct_and_through_three_groups(tenant: ferrule.Instance):
    everything = held(tenant)
    assert {(who, group) for who, kind, group in everything if kind == "member"} == {
        ("person1", "Outer (all)"), ("person2", "Middle"), ("person3", "Inner"), ("zoe", "Inner"),
    }  # fmt: skip
    outer = {who for who, kind, group in everything if (kind, group) == ("effective_member", "Outer (all)")}
    assert outer == {"person1", "person2", "person3", "zoe"}
    everybody = {who for who, kind, group in everything if (kind, group) == ("effective_member", "Everybody")}
    assert len(everybody) == 9, "by their primary group, which is in it"
    assert {who for who, kind, unit in everything if (kind, unit) == ("placement", "Guests")} == {"john", "svc-backup", "gone"}


def test_a_walk_goes_on_in_another_process(started: dict[str, Any], domain: Domain):
    with opened(started) as first:
        whole = walked(first, "list_accounts")
        token = first.call("list_accounts", page_size=4).page_token
    with opened(started) as second:
        assert walked(second, "list_accounts", token=token) == whole[4:]


@pytest.mark.parametrize("name", ["Öz, Zara", "a*b (c)", "#1 + 2 = 3", "back\\slash"])
def test_a_life(started: dict[str, Any], tenant: ferrule.Instance, domain: Domain, name: str):
    known = ids(tenant)
    wanted = [("placement", "Guests"), ("member", "Inner")]
    rights = [{"entitlement_type": k, "integration_specific_id": k, "integration_specific_resource_id": known[v]} for k, v in wanted]
    more = {"user_principal_name": "life@corp.example.test", "password": "Passw0rd!life"}
    made = tenant.call("create_account", {"username": "life", "name": name, "entitlements": rights, **more}).response
    account = {"account_id": made.id}
    try:
        assert made.status == "ACTIVE"
        assert may_sign_in(started, "life@corp.example.test", "Passw0rd!life") == "yes"
        assert {each for each in held(tenant) if each[0] == "life"} == {
            ("life", "placement", "Guests"), ("life", "member", "Inner"), ("life", "effective_member", "Inner"),
            ("life", "effective_member", "Middle"), ("life", "effective_member", "Outer (all)"), ("life", "effective_member", "Everybody"),
        }  # fmt: skip
        assert [tenant.call("deactivate_account", account).changed for _ in range(2)] == [True, False]
        assert tenant.call("get_account", account).response.user_status == "SUSPENDED"
        assert may_sign_in(started, "life@corp.example.test", "Passw0rd!life") == "creds_revoked"
        assert [tenant.call("activate_account", account).changed for _ in range(2)] == [True, False]
        assert may_sign_in(started, "life@corp.example.test", "Passw0rd!life") == "yes"
        assert [tenant.call("unassign_entitlement", change(made.id, known["Inner"])).changed for _ in range(2)] == [True, False]
        assert [tenant.call("assign_entitlement", change(made.id, known["Middle"])).changed for _ in range(2)] == [True, False]
        placed = change(made.id, known["People"], "placement")
        assert [tenant.call("assign_entitlement", placed).changed for _ in range(2)] == [True, False]
        assert {each for each in held(tenant) if each[0] == "life"} == {
            ("life", "placement", "People"), ("life", "member", "Middle"), ("life", "effective_member", "Middle"),
            ("life", "effective_member", "Outer (all)"), ("life", "effective_member", "Everybody"),
        }  # fmt: skip
        assert tenant.call("update_account", {"id": made.id, "title": "Boss"}).changed
        assert tenant.call("get_account", account).response.custom_attributes["title"] == "Boss"
    finally:
        assert [tenant.call("delete_account", account).changed for _ in range(2)] == [True, False]
    assert refused(tenant, "get_account", account).code.name == "not_found"


def test_what_cannot_be_finished_is_taken_back(tenant: ferrule.Instance):
    known = ids(tenant)
    wanted = [("placement", known["Guests"]), ("member", known["Inner"]), ("member", "00000000-0000-0000-0000-000000000000")]
    rights = [{"entitlement_type": k, "integration_specific_id": k, "integration_specific_resource_id": v} for k, v in wanted]
    error = refused(tenant, "create_account", {"username": "half", "entitlements": rights})
    assert error.code.name == "not_found"
    assert "half" not in ids(tenant)


def test_an_account_is_not_a_group_and_no_group_is_an_account(tenant: ferrule.Instance):
    known = ids(tenant)
    for capability in ("get_account", "deactivate_account", "delete_account"):
        assert refused(tenant, capability, {"account_id": known["Inner"]}).code.name == "not_found"
    assert "Inner" in ids(tenant)


def test_who_may_not_is_told_so(started: dict[str, Any], domain: Domain):
    with opened(started, credential={"username": "person1@corp.example.test", "password": PASSWORD}) as tenant:
        known = ids(tenant)
        for capability in ("deactivate_account", "delete_account"):
            assert refused(tenant, capability, {"account_id": known["person2"]}).code.name == "permission_denied"
    assert may_sign_in(started, "person1@corp.example.test", "wrong") == "unauthorized"
    assert may_sign_in(started, "gone@corp.example.test") == "creds_revoked"


def test_the_last_logon_is_told(tenant: ferrule.Instance):
    known = ids(tenant)
    events = walked(tenant, "get_last_activity", {"account_ids": [known["person1"], known["person5"]]})
    assert [each["account_id"] for each in events] == [known["person1"]]


def test_no_password_goes_to_another_name_than_that_of_the_certificate(started: dict[str, Any], domain: Domain):
    with opened(started, server="ldap://localhost") as tenant:
        error = refused(tenant, "validate_credentials")
    assert error.code.name == "connection_rejected"
    assert "certificate" in error.message


RANGES = """\
ferrule: 1
app: {id: ranges, name: Ranges, vendor_domain: microsoft.com}
auth: {service: {kind: bind}}
http: {base_url: "ldaps://dc1.corp.example.test"}
capabilities:
  find_entitlement_associations:
    request:
      ldap: {search: "CN=Many,OU=Many,DC=corp,DC=example,DC=test", scope: base, attributes: [member]}
    records: body.entries[0].member
    record: {account_id: "@", integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: {value: many}}
"""


def test_a_group_of_five_thousand(started: dict[str, Any]):
    with many(Path(started["ca_file"]), 5000):
        with opened(started, accounts_dn=MANY, groups_dn=MANY) as tenant:
            assert len({each["integration_specific_id"] for each in walked(tenant, "list_accounts", size=1000)}) == 5000
            records = walked(tenant, "find_entitlement_associations", size=1000)
            for kind in ("member", "effective_member", "placement"):
                found = [each["account_id"] for each in records if each["integration_specific_entitlement_id"] == kind]
                assert len(found) == len(set(found)) == 5000, kind
        given = {"username": started["credential"]["upn"], "password": started["credential"]["password"]}
        pages = """    pages: {kind: cursor, next: 'body.entries[0]."member;range"'}\n"""
        in_parts = RANGES.replace("[member]", """["member;range={{ page.cursor | default('0-1499') }}"]""")
        in_parts = in_parts.replace("    records:", f"{pages}    records:")
        for text, sizes in ((RANGES, [5000]), (in_parts, [1500, 3500])):  # Samba gives as many as are asked for
            with Connector(compile_text(text)).instance(given) as plain:
                found_pages = list(plain.walk("find_entitlement_associations"))
            assert [len(page.records) for page in found_pages] == sizes
            assert len({record.account_id for page in found_pages for record in page.records}) == 5000
