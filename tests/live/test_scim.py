"""SCIM 2.0: the bundled spec against a started scim2-server, every answer compared with what the service itself says.

`Service` is a second, independent client: plain httpx. `stocked` gives the service what its seed lacks; besides that, the tests change
only users and groups that they made themselves.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

import ferrule
from app import AppWire, answer
from live.directory import ODD_NAME, Service, member_of, opened, pairs, right, stocked, tenant_of, told
from live.rounds import breaks_off_and_goes_on, plain, refusal, refused, walked

pytestmark = pytest.mark.live

LISTS = (
    "list_accounts",
    "list_updated_accounts",
    "list_resources",
    "list_entitlements",
    "find_entitlement_associations",
    "find_resource_graph",
    "find_entitlement_graph",
    "find_entitlement_assignments",
)


@pytest.fixture(scope="module")
def service(target: Any) -> Iterator[Service]:
    started = target("scim2server")
    url, credential = started["base_url"], started["credential"]
    with stocked(url, credential), opened(url, credential["token"]) as service:
        yield service


@pytest.fixture(scope="module")
def tenant(service: Service) -> Iterator[ferrule.Instance]:
    with tenant_of(service) as tenant:
        yield tenant


@pytest.fixture
def user(service: Service) -> Iterator[str]:
    """The id of a user of the test's own."""
    user = service.post("Users", userName=f"worker-{time.monotonic_ns()}", active=True)
    yield user
    service.delete(f"/Users/{user}")


# reads


def test_the_credential_is_good(service: Service, tenant: ferrule.Instance) -> None:
    answered = tenant.call("validate_credentials").response
    assert (answered.valid, answered.unique_tenant_id) == (True, service.url)


@pytest.mark.parametrize("size", [1, 10, 5000])
def test_accounts(service: Service, tenant: ferrule.Instance, size: int) -> None:
    accounts = walked(tenant, "list_accounts", size=size)
    assert accounts == [told(user) for user in service.all("Users")]
    by_name = {account["username"]: account for account in accounts}
    assert {name for name, account in by_name.items() if account["user_status"] == "SUSPENDED"} == {"user08", "user16", "user24"}
    assert (by_name[ODD_NAME]["email"], by_name["unsorted"]["email"]) == ("second@example.test", "one@example.test")
    assert by_name["bare"].keys() == {"integration_specific_id", "resource_id", "username", "user_status", "custom_attributes"}


def test_a_single_account(service: Service, tenant: ferrule.Instance) -> None:
    for user in service.all("Users")[:5]:
        assert plain(tenant.call("get_account", {"account_id": user["id"]}).response) == told(user)


@pytest.mark.parametrize("filters", [True, False])
def test_accounts_that_changed(service: Service, user: str, filters: bool) -> None:
    time.sleep(1.1)  # without filters, times are compared to the second
    changed = service.post("Users", userName=f"new-{time.monotonic_ns()}")
    since = service.get(f"/Users/{changed}")["meta"]["lastModified"]
    with tenant_of(service, filters=filters) as tenant:
        assert len(walked(tenant, "list_updated_accounts", size=7)) == len(service.all("Users"))
        for moment in (since, since.replace("Z", "+00:00")):
            assert [a["integration_specific_id"] for a in walked(tenant, "list_updated_accounts", {"since": moment})] == [changed]
        service.patch(f"/Users/{user}", {"op": "replace", "path": "title", "value": "new"})
        found = walked(tenant, "list_updated_accounts", {"since": since}, size=1)
        assert {a["integration_specific_id"] for a in found} == {changed, user}
        whole = tenant.call("list_updated_accounts", {"since": since}).response
        assert [account.integration_specific_id for account in whole.accounts] == [a["integration_specific_id"] for a in found]
    service.delete(f"/Users/{changed}")


@pytest.mark.parametrize("size", [1, 1000])
def test_resources_and_entitlements(service: Service, tenant: ferrule.Instance, size: int) -> None:
    groups = [(group["id"], group["displayName"]) for group in service.all("Groups")]
    found = walked(tenant, "list_resources", size=size)
    assert found == [{"integration_specific_id": id_, "label": label, "resource_type": "group"} for id_, label in groups]
    assert [r["label"] for r in found].count("Twins") == 2
    assert walked(tenant, "list_entitlements", size=size) == [
        {
            "entitlement_type": "member",
            "integration_specific_id": "member",
            "integration_specific_resource_id": id_,
            "label": f"Member of {label}",
            "is_assignable": True,
        }
        for id_, label in groups
    ]


@pytest.mark.parametrize("size", [1, 1000])
def test_associations(service: Service, tenant: ferrule.Instance, size: int) -> None:
    found = pairs(walked(tenant, "find_entitlement_associations", size=size))
    assert len(found) == len(set(found))
    assert set(found) == service.held()
    staff = service.group("All staff")
    assert [member for member, group in found if group == staff] == [service.id_of("bare")]
    assert len(service.members(staff)) == 3


@pytest.mark.parametrize("filters", [True, False])
def test_associations_of_one_account(service: Service, filters: bool) -> None:
    held = service.held()
    with tenant_of(service, filters=filters) as tenant:
        for name in ("user01", "user14", "user25", "bare"):
            user = service.id_of(name)
            found = pairs(walked(tenant, "get_account_entitlement_associations", {"account_id": user}, size=2))
            assert len(found) == len(set(found))
            assert set(found) == {each for each in held if each[0] == user}
        assert refusal(tenant, "get_account_entitlement_associations", {"account_id": 'no" or id pr'})[0] == "not_found"


def test_the_graph(service: Service, tenant: ferrule.Instance) -> None:
    users, groups = service.all("Users"), service.all("Groups")
    resources = walked(tenant, "find_resource_graph", size=9)
    assert {(r["id"], r["resource_type"], r["label"]) for r in resources} == {
        *((u["id"], "user", u["userName"]) for u in users),
        *((g["id"], "group", g["displayName"]) for g in groups),
    }
    assert {r["reference"]["id"] for r in resources if "reference" in r} == {u["id"] for u in users}
    graph = tenant.call("find_entitlement_graph", page_size=1000).response
    assert {(node.id, node.resource_id) for node in graph.nodes} == {(f"member:{g['id']}", g["id"]) for g in groups}
    (edge,) = graph.entitlement_implications
    assert edge.from_entitlement.resource_id == service.group("Engineering")
    assert [(to.entitlement_id, to.resource_id) for to in edge.to_entitlements] == [
        (f"member:{service.group('All staff')}", service.group("All staff"))
    ]
    assigned = walked(tenant, "find_entitlement_assignments")
    assert {(r["resource_id"], r["entitlement_resource_id"]) for r in assigned} == service.held()


def test_attributes_are_described(tenant: ferrule.Instance) -> None:
    found = tenant.call("list_custom_attributes_schema").response
    assert {a.name for a in found} == {"external_id", "title", "user_type", "employee_number", "department", "last_modified"}


@pytest.mark.parametrize("capability", LISTS)
def test_a_walk_goes_on_in_another_process(service: Service, capability: str) -> None:
    size = 6 if "accounts" in capability or "graph" in capability else 2
    assert breaks_off_and_goes_on("scim", {"token": service.token}, {"base_url": service.url}, capability, size=size) > 1


@pytest.mark.parametrize("filters", [True, False])
def test_a_walk_for_one_account_goes_on_in_another_process(service: Service, filters: bool) -> None:
    settings, inputs = {"base_url": service.url, "filters": filters}, {"account_id": service.id_of("user01")}
    assert breaks_off_and_goes_on("scim", {"token": service.token}, settings, "get_account_entitlement_associations", inputs) > 1


# writes


@pytest.mark.parametrize("settings", [{}, {"operation": "capital"}, {"filters": False}])
def test_the_life_of_a_user(service: Service, settings: dict[str, Any]) -> None:
    empty, finance = service.group("Empty"), service.group("Finance")
    given = {"username": "Ann.Doe", "email": "ann@example.test", "given_name": "Ann", "entitlements": [member_of(finance)]}
    with tenant_of(service, **settings) as tenant:
        made = tenant.call("create_account", given)
        account = made.response.id
        assert (made.response.status, made.response.created, made.changed) == ("ACTIVE", True, True)
        direct = service.get(f"/Users/{account}")
        assert (direct["userName"], direct["active"], direct["name"]) == ("Ann.Doe", True, {"givenName": "Ann"})
        assert direct["emails"] == [{"value": "ann@example.test", "type": "work", "primary": True}]
        assert account in service.members(finance)
        again = refused(tenant, "create_account", {**given, "username": "ANN.DOE"})
        assert isinstance(again, ferrule.CallError)
        assert (again.code.name, again.status, again.app_code) == ("conflict", 409, "uniqueness")

        for capability, wanted in (("assign_entitlement", True), ("unassign_entitlement", False)):
            assert [tenant.call(capability, right(account, empty)).changed for _ in range(2)] == [True, False]
            assert (account in service.members(empty)) is wanted
            held = pairs(walked(tenant, "get_account_entitlement_associations", {"account_id": account}))
            assert set(held) == {(account, finance), *([(account, empty)] if wanted else [])}

        for capability, status in (("deactivate_account", "SUSPENDED"), ("activate_account", "ACTIVE")):
            done = [tenant.call(capability, {"account_id": account}) for _ in range(2)]
            assert [(each.response.status, each.changed) for each in done] == [(status, True), (status, False)]
            assert service.get(f"/Users/{account}")["active"] is (status == "ACTIVE")
            assert tenant.call("get_account", {"account_id": account}).response.user_status == status

        gone = [tenant.call("delete_account", {"account_id": account}) for _ in range(2)]
        assert [(each.response.status, each.changed) for each in gone] == [("DELETED", True), ("DELETED", False)]
        assert service.status(f"/Users/{account}") == 404
        assert (account in service.members(finance)) is (settings.get("filters") is False)
        assert refusal(tenant, "get_account", {"account_id": account})[0] == "not_found"
    service.patch(f"/Groups/{finance}", {"op": "remove", "path": f'members[value eq "{account}"]'})


def test_a_member_is_not_stored_twice(service: Service, tenant: ferrule.Instance) -> None:
    engineering, user = service.group("Engineering"), service.id_of("user02")
    before = service.members(engineering)
    assert tenant.call("assign_entitlement", right(user, engineering)).changed is False
    assert service.members(engineering) == before


def test_all_entries_of_a_member_go(service: Service, tenant: ferrule.Instance, user: str) -> None:
    group = service.post("Groups", displayName="Double", members=[{"value": user}, {"value": user, "type": "User"}])
    assert service.members(group) == [user, user]
    assert tenant.call("unassign_entitlement", right(user, group)).changed is True
    assert service.members(group) == []


def test_a_user_whose_group_does_not_exist_is_not_left_behind(service: Service, tenant: ferrule.Instance) -> None:
    empty = service.group("Empty")
    error = refused(tenant, "create_account", {"username": "half-made", "entitlements": [member_of(empty), member_of("nowhere")]})
    assert (error.code.name, "Group 'nowhere' not found" in str(error)) == ("not_found", True)
    assert (error.hint or "").count("took an earlier step back") == 2
    assert "half-made" not in {user["userName"] for user in service.all("Users")}
    assert service.members(empty) == []


@pytest.mark.parametrize(
    "entitlement",
    [
        {"entitlement_type": "role", "integration_specific_id": "boss", "integration_specific_resource_id": "x"},
        {"entitlement_type": "member", "integration_specific_id": "member"},
    ],
)
def test_a_user_is_not_made_with_rights_that_do_not_exist(service: Service, tenant: ferrule.Instance, entitlement: dict[str, str]) -> None:
    assert refusal(tenant, "create_account", {"username": "never-made", "entitlements": [entitlement]})[0] == "invalid_value"
    assert "never-made" not in {user["userName"] for user in service.all("Users")}


@pytest.mark.parametrize("operation", ["lower", "capital"])
def test_an_account_is_updated(service: Service, user: str, operation: str) -> None:
    name = f'now "{time.monotonic_ns()}"'
    wanted = {
        "id": user,
        "username": name,
        "email": "new@example.test",
        "given_name": "Née",
        "family_name": 'O"Hara',
        "title": "Head",
        "user_type": "Employee",
        "employee_number": "007",
        "department": "true",
    }
    with tenant_of(service, operation=operation) as tenant:
        done = tenant.call("update_account", wanted)
        assert (plain(done.response), done.changed) == (wanted, True)
        account = plain(tenant.call("get_account", {"account_id": user}).response)
        shown = {**account, **account["custom_attributes"]}
        assert {key: shown[key] for key in wanted if key != "id"} == {key: value for key, value in wanted.items() if key != "id"}
        version = service.get(f"/Users/{user}")["meta"]["version"]
        assert tenant.call("update_account", wanted).changed is False
        assert service.get(f"/Users/{user}")["meta"]["version"] == version
        assert tenant.call("update_account", {"id": user, "title": "Deputy"}).changed is True
    direct = service.get(f"/Users/{user}")
    assert (direct["title"], direct["userType"], direct["active"], direct["name"]["familyName"]) == ("Deputy", "Employee", True, 'O"Hara')


def test_other_addresses_stay(service: Service, tenant: ferrule.Instance) -> None:
    work, home = {"value": "w@example.test", "type": "work"}, {"value": "h@example.test", "type": "home", "primary": True}
    first = service.post("Users", userName="two-addresses", emails=[work, home])
    second = service.post("Users", userName="none-primary", emails=[work, {"value": "x@example.test"}])
    for user in (first, second):
        assert tenant.call("update_account", {"id": user, "email": "new@example.test"}).changed is True
        assert tenant.call("get_account", {"account_id": user}).response.email == "new@example.test"
    assert sorted(map(repr, service.get(f"/Users/{first}")["emails"])) == sorted(map(repr, [{**home, "value": "new@example.test"}, work]))
    assert [entry["value"] for entry in service.get(f"/Users/{second}")["emails"]] == ["new@example.test", "x@example.test"]
    for user in (first, second):
        service.delete(f"/Users/{user}")


def test_what_cannot_be_updated(service: Service, tenant: ferrule.Instance, user: str) -> None:
    assert refusal(tenant, "update_account", {"id": user, "title": "x", "active": False})[0] == "invalid_value"
    assert refusal(tenant, "update_account", {"id": "nobody", "title": "x"})[0] == "not_found"
    assert refusal(tenant, "update_account", {"id": user, "username": "user01"})[0] == "conflict"
    assert "title" not in service.get(f"/Users/{user}")


def test_a_list_of_values_to_remove(service: Service, user: str) -> None:
    """The service wants a filter in the path. One that takes values is asked in `test_scim_dialect.py`."""
    group = service.group("Empty")
    service.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": user}]})
    with tenant_of(service, remove_member="value_list", operation="capital") as tenant:
        error = refused(tenant, "unassign_entitlement", right(user, group))
        assert isinstance(error, ferrule.CallError)
        assert (error.code.name, error.app_code) == ("bad_request", "invalidValue")
        assert "carries no value" in (error.app_message or "")
        assert refusal(tenant, "delete_account", {"account_id": user})[0] == "bad_request"
        sent = [planned.body for planned in tenant.plan_call("unassign_entitlement", right(user, group)) if planned.method == "PATCH"]
        assert [body["Operations"] for body in sent] == [[{"op": "Remove", "path": "members", "value": [{"value": user}]}]]
    assert (service.status(f"/Users/{user}"), service.members(group)) == (200, [user])
    with tenant_of(service) as tenant:
        sent = [planned.body for planned in tenant.plan_call("unassign_entitlement", right(user, group)) if planned.method == "PATCH"]
        assert [body["Operations"] for body in sent] == [[{"op": "remove", "path": f'members[value eq "{user}"]'}]]
        assert tenant.call("delete_account", {"account_id": user}).changed is True
    assert service.members(group) == []


# refusals


@pytest.mark.parametrize("token", ["wrong", "0"])
def test_a_wrong_token(service: Service, token: str) -> None:
    with ferrule.load("scim").instance({"token": token}, {"base_url": service.url}) as stranger:
        calls: list[tuple[str, dict[str, Any]]] = [(capability, {}) for capability in ("validate_credentials", *LISTS)]
        calls += [(capability, {"account_id": "nobody"}) for capability in ("get_account", "activate_account", "delete_account")]
        calls += [(capability, right("nobody", service.group("Empty"))) for capability in ("assign_entitlement", "unassign_entitlement")]
        calls += [("update_account", {"id": "nobody", "title": "x"}), ("create_account", {"username": "never-made"})]
        for capability, inputs in calls:
            error = refused(stranger, capability, inputs)
            assert isinstance(error, ferrule.CredentialError)
            assert (error.code.name, error.status) == ("unauthorized", 401)
            assert (error.app_message or "").startswith("Authorization failure")


def test_what_does_not_exist(service: Service, tenant: ferrule.Instance, user: str) -> None:
    for capability in ("get_account", "activate_account", "deactivate_account", "get_account_entitlement_associations"):
        assert refusal(tenant, capability, {"account_id": "nobody"}) == ("not_found", "User 'nobody' not found")
    empty = service.group("Empty")
    assert refusal(tenant, "assign_entitlement", right("nobody", empty))[0] == "not_found"
    assert service.members(empty) == []
    for capability in ("assign_entitlement", "unassign_entitlement"):
        assert refusal(tenant, capability, right(user, "nowhere"))[0] == "not_found"
        wrong = {**right(user, empty), "entitlement_integration_specific_id": "owner"}
        assert refusal(tenant, capability, wrong)[0] == "invalid_value"
    assert refusal(tenant, "create_account", {})[0] == "bad_request"


def test_an_address_below_the_service_is_no_service(service: Service) -> None:
    with ferrule.load("scim").instance({"token": service.token}, {"base_url": f"{service.url}/nowhere"}) as lost:
        for capability in ("validate_credentials", *LISTS):
            assert refusal(lost, capability)[0] == "not_found"


@pytest.mark.parametrize("body", [{}, {"users": []}, {"Resources": None}, {"totalResults": "0"}])
def test_an_answer_that_is_no_list_of_scim(body: dict[str, Any]) -> None:
    """A service that answers so is not taken for an empty one."""
    wire = AppWire(lambda asked: answer(body))
    with ferrule.load("scim").instance({"token": "t-0123456789"}, {"base_url": "https://scim.example"}, wire=wire) as stray:
        for capability in ("validate_credentials", *LISTS):
            assert refusal(stray, capability)[0] == "invalid_response"


def test_a_service_without_users_is_empty() -> None:
    wire = AppWire(lambda asked: answer({"totalResults": 0}))
    with ferrule.load("scim").instance({"token": "t-0123456789"}, {"base_url": "https://scim.example"}, wire=wire) as empty:
        assert empty.call("validate_credentials").response.valid
        for capability in LISTS:
            assert walked(empty, capability) == []


def test_an_update_that_does_not_show_is_no_success() -> None:
    """A service that takes an attribute it does not keep."""
    wire = AppWire(lambda asked: answer(None, 204) if asked.method == "PATCH" else answer({"id": "u1", "userName": "ann"}))
    with ferrule.load("scim").instance({"token": "t-0123456789"}, {"base_url": "https://scim.example"}, wire=wire) as forgetful:
        told_so = "invalid_response", "the service took the change, but does not show it"
        assert refusal(forgetful, "update_account", {"id": "u1", "title": "Head"}) == told_so
