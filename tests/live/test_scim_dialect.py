"""SCIM 2.0 as MLflow's directory speaks it: it filters by name alone, and an id is a name. What is said here is compared with what it
says when asked directly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ferrule
from live.directory import Service, left_alone, member_of, opened, pairs, right, tenant_of, told
from live.rounds import plain, refusal, refused, walked

pytestmark = pytest.mark.live

ADA, CEM = "ada@example.test", "cem@example.test"


@pytest.fixture
def service(target: Any) -> Iterator[Service]:
    started = target("mlflow")
    url, credential = started["base_url"], started["credential"]
    with left_alone(url, credential), opened(url, credential["token"]) as service:
        yield service


@pytest.fixture
def tenant(service: Service) -> Iterator[ferrule.Instance]:
    with tenant_of(service, filters=False) as tenant:
        yield tenant


@pytest.mark.parametrize("size", [1, 500])
def test_what_is_read(service: Service, tenant: ferrule.Instance, size: int) -> None:
    users, groups = service.all("Users"), service.all("Groups")
    assert walked(tenant, "list_accounts", size=size) == [told(user) for user in users]
    assert plain(tenant.call("get_account", {"account_id": CEM}).response) == told(service.get(f"/Users/{CEM}"))
    assert [each["label"] for each in walked(tenant, "list_resources", size=size)] == [group["displayName"] for group in groups]
    assert sorted(pairs(walked(tenant, "find_entitlement_associations", size=size))) == sorted(service.held())
    for user in users:
        found = pairs(walked(tenant, "get_account_entitlement_associations", {"account_id": user["id"]}, size=size))
        assert set(found) == {each for each in service.held() if each[0] == user["id"]}
    for since, expected in (("2026-01-01T00:00:00Z", users), ("2126-01-01T00:00:00Z", [])):
        changed = walked(tenant, "list_updated_accounts", {"since": since}, size=size)
        assert [account["integration_specific_id"] for account in changed] == [user["id"] for user in expected]


def test_it_does_not_filter_by_member_or_by_change(service: Service) -> None:
    """So the setting says that it cannot filter."""
    with tenant_of(service) as tenant:
        for capability, inputs in (
            ("get_account_entitlement_associations", {"account_id": ADA}),
            ("list_updated_accounts", {"since": "2026-01-01T00:00:00Z"}),
            ("delete_account", {"account_id": ADA}),
        ):
            error = refused(tenant, capability, inputs)
            assert isinstance(error, ferrule.CallError)
            assert (error.code.name, error.status, error.app_code) == ("bad_request", 400, "invalidFilter")
    assert service.status(f"/Users/{ADA}") == 200


@pytest.mark.parametrize("operation", ["lower", "capital"])
@pytest.mark.parametrize("remove_member", ["path_filter", "value_list"])
def test_the_life_of_a_user(service: Service, operation: str, remove_member: str) -> None:
    with tenant_of(service, filters=False, operation=operation, remove_member=remove_member) as tenant:
        account = tenant.call("create_account", {"username": "dora@example.test", "entitlements": [member_of("Review")]}).response.id
        assert (account in service.members("Review"), account in service.members("Nobody")) == (True, False)
        for capability, wanted in (("assign_entitlement", True), ("unassign_entitlement", False)):
            assert [tenant.call(capability, right(account, "Nobody")).changed for _ in range(2)] == [True, False]
            assert (account in service.members("Nobody")) is wanted
        assert service.members("Review") == [ADA, account]
        for capability, active in (("deactivate_account", False), ("activate_account", True)):
            assert [tenant.call(capability, {"account_id": account}).changed for _ in range(2)] == [True, False]
            assert service.get(f"/Users/{account}")["active"] is active
        assert [tenant.call("delete_account", {"account_id": account}).changed for _ in range(2)] == [True, False]
        assert (service.status(f"/Users/{account}"), service.members("Review")) == (404, [ADA])


@pytest.mark.parametrize("remove_member", ["path_filter", "value_list"])
def test_what_was_given_is_taken_back(service: Service, remove_member: str) -> None:
    with tenant_of(service, filters=False, remove_member=remove_member) as tenant:
        given = {"username": "half-made@example.test", "entitlements": [member_of("Review"), member_of("nowhere")]}
        assert refusal(tenant, "create_account", given) == ("not_found", "Group nowhere not found")
    assert (service.status("/Users/half-made@example.test"), service.members("Review")) == (404, [ADA])


def test_a_name_that_it_takes_and_does_not_keep(tenant: ferrule.Instance) -> None:
    told_so = "invalid_response", "the service took the change, but does not show it"
    assert refusal(tenant, "update_account", {"id": ADA, "given_name": "Ada"}) == told_so
    assert refusal(tenant, "update_account", {"id": ADA, "username": "other@example.test"})[0] == "bad_request"
