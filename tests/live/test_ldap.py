"""OpenLDAP: the language of LDAP requests against a started server, reading, writing and reading back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ferrule.compile import compile_file, compile_text
from ferrule.connector import Connector
from ferrule.errors import CallError, CredentialError
from ferrule.instance import Instance
from ferrule.record import Question, record, save
from ferrule.replay import replay
from live.rounds import refused, walked

pytestmark = pytest.mark.live

SPEC = Path(__file__).parent / "specs" / "openldap.yaml"


@pytest.fixture(scope="module")
def server(target: Any) -> dict[str, Any]:
    started: dict[str, Any] = target("slapd")
    return started


def settings(server: dict[str, Any], address: str = "base_url") -> dict[str, Any]:
    """Those of the server, which is called `localhost` in its certificate."""
    authority = Path(server["ca_file"]).read_text("utf-8")
    return {"server": server[address].replace("127.0.0.1", "localhost"), "base_dn": server["base_dn"], "certificate_authority": authority}


def credential(server: dict[str, Any], **other: str) -> dict[str, str]:
    return {"username": server["credential"]["bind_dn"], "password": server["credential"]["password"], **other}


def connected(server: dict[str, Any], address: str = "base_url", **other: Any) -> Instance:
    return Connector(compile_file(SPEC)).instance(credential(server), {**settings(server, address), **other})


@pytest.fixture(scope="module", params=["base_url", "ldaps"], ids=["StartTLS", "LDAPS"])
def tenant(server: dict[str, Any], request: pytest.FixtureRequest) -> Iterator[Instance]:
    with connected(server, request.param) as tenant:
        yield tenant


def change(account: str, group: str) -> dict[str, str]:
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": group,
        "resource_type": "group",
        "entitlement_type": "member",
        "entitlement_integration_specific_id": "member",
    }


def test_a_list_beyond_the_servers_limit_is_read_in_pages(tenant: Instance):
    assert [len(page.records) for page in tenant.walk("list_accounts")] == [10, 10, 5]


def test_a_search_without_pages_is_cut_by_the_server_and_is_no_list(server: dict[str, Any]):
    text = SPEC.read_text("utf-8").replace(
        "    pages: paged\n    records: body.entries\n    record: account\n", "    records: body.entries\n    record: account\n", 1
    )
    limited = credential(server, username=server["credential"]["limited_dn"], password=server["credential"]["limited_password"])
    connected = Connector(compile_text(text)).instance(limited, settings(server))  # no limit holds for the administrator
    with connected as tenant, pytest.raises(CallError) as raised:
        walked(tenant, "list_accounts")
    assert (raised.value.code.name, raised.value.app_code) == ("bad_request", "sizeLimitExceeded")


def test_a_walk_goes_on_in_another_process(server: dict[str, Any]):
    with connected(server) as first:
        token = first.call("list_accounts", page_size=10).page_token
    with connected(server) as second:
        rest = second.call("list_accounts", page_size=100, page_token=token)
    assert [account.integration_specific_id for account in rest.response] == [f"user{number}" for number in range(11, 26)]


def test_who_holds_what(tenant: Instance):
    held = walked(tenant, "find_entitlement_associations")
    assert {each["account_id"] for each in held if each["integration_specific_resource_id"] == "finance"} == {"user01", "user20"}
    assert len([each for each in held if each["integration_specific_resource_id"] == "engineering"]) == 12


@pytest.mark.parametrize("name", ["Smith, John", "#1+x", "Zoë \\ Ünal", "a*)(uid=*", " led by a blank"])
def test_a_life(tenant: Instance, name: str):
    created = tenant.call("create_account", {"username": name, "given_name": "John", "family_name": name, "email": "j@example.test"})
    assert (created.response.id, created.changed) == (name, True)
    assert (
        refused(
            tenant, "create_account", {"username": name, "given_name": "John", "family_name": name, "email": "j@example.test"}
        ).code.name
        == "conflict"
    )
    tenant.call("update_account", {"id": name, "email": "k@example.test"})
    found = tenant.call("get_account", {"account_id": name}).response
    assert (found.username, found.email, found.given_name, found.family_name) == (name, "k@example.test", "John", name)
    tenant.call("give_new_name", {"account_id": name, "username": f"{name} again"})
    assert refused(tenant, "get_account", {"account_id": name}).code.name == "not_found"
    assert [tenant.call("delete_account", {"account_id": f"{name} again"}).changed for _ in range(2)] == [True, False]
    assert refused(tenant, "get_account", {"account_id": f"{name} again"}).code.name == "not_found"


def test_a_membership(tenant: Instance):
    def members() -> set[str]:
        held = walked(tenant, "find_entitlement_associations")
        return {each["account_id"] for each in held if each["integration_specific_resource_id"] == "finance"}

    assert [tenant.call("assign_entitlement", change("user09", "finance")).changed for _ in range(2)] == [True, False]
    assert "user09" in members()
    assert [tenant.call("unassign_entitlement", change("user09", "finance")).changed for _ in range(2)] == [True, False]
    assert "user09" not in members()


def test_nothing_is_written_that_the_right_does_not_allow(server: dict[str, Any]):
    given = credential(server, username=server["credential"]["limited_dn"], password=server["credential"]["limited_password"])
    with Connector(compile_file(SPEC)).instance(given, settings(server)) as tenant:
        assert len(walked(tenant, "list_accounts")) == 25
        assert refused(tenant, "delete_account", {"account_id": "user01"}).code.name == "permission_denied"


@pytest.mark.parametrize("other", [{"password": "wrong"}, {"username": "cn=nobody,dc=example,dc=test"}])
def test_a_credential_that_is_refused(server: dict[str, Any], other: dict[str, str]):
    connected = Connector(compile_file(SPEC)).instance(credential(server, **other), settings(server))
    with connected as tenant, pytest.raises(CredentialError) as raised:
        tenant.call("validate_credentials")
    assert raised.value.code.name == "unauthorized"


def test_a_certificate_that_nobody_trusts(server: dict[str, Any]):
    for address in ("base_url", "ldaps"):
        with connected(server, address, certificate_authority=None) as tenant, pytest.raises(CallError, match="certificate") as raised:
            tenant.call("validate_credentials")
        assert raised.value.code.name == "connection_rejected"


def test_what_was_recorded_is_replayed(server: dict[str, Any], tmp_path: Path):
    connector = Connector(compile_file(SPEC))
    asked = [
        Question("list_accounts", {}, 10, walk=True),
        Question("find_entitlement_associations", {}, walk=True),
        Question("get_account", {"account_id": "user03"}),
        Question("get_account", {"account_id": "nobody"}),
        Question("assign_entitlement", change("user09", "finance")),
        Question("unassign_entitlement", change("user09", "finance")),
    ]
    plain = {**settings(server), "start_tls": False, "certificate_authority": None}
    cassette = asyncio.run(
        record(connector, asked, application="OpenLDAP", command="pytest", credential=credential(server), settings=plain)
    )
    path = tmp_path / "directory.yaml"
    save(cassette, path)
    assert server["credential"]["password"] not in path.read_text("utf-8")
    report = replay(connector.plan, path)
    assert report.passed, report
    assert [call.requests for call in report.calls] == [3, 1, 1, 1, 1, 1]
