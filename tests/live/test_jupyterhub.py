"""JupyterHub: the bundled spec against a started hub, every answer compared with what the hub itself says.

The tests change only users that they made themselves. Servers are started on a hub that can, which has no other use.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

import pytest

import ferrule
from ferrule.replay import ReplayClock
from live.hub import Hub, hub_with_servers, let_in, opened
from live.rounds import breaks_off_and_goes_on, plain, refusal, refused, walked

pytestmark = pytest.mark.live

ODD_USER = "odd@user x%2f"
ODD_GROUP = "odd/group %2F"
LISTS = (
    "list_accounts",
    "list_resources",
    "list_entitlements",
    "find_entitlement_associations",
    "list_non_human_accounts",
    "list_credentials",
    "get_credential_last_activity",
    "find_resource_graph",
    "find_entitlement_graph",
    "find_entitlement_assignments",
)


@pytest.fixture(scope="module")
def hub(target: Any) -> Iterator[Hub]:
    """The hub with what its seed lacks: tokens, odd names, and a user without a name, which JupyterHub 6.1 makes of one
    that is renamed to itself."""
    started = target("jupyterhub")
    with opened(started["base_url"], started["credential"]["token"]) as hub:
        hub.post("users", usernames=[ODD_USER, "nameless"])
        hub.post("users", "Shouting")
        hub.post("groups", ODD_GROUP)
        hub.put("groups", ODD_GROUP, "properties", body={"cost centre": "42", "floors": [1, 2], "size": 7, "none": None})
        hub.post("groups", ODD_GROUP, "users", users=[ODD_USER, "user02", "nameless"])
        hub.patch("users", "nameless", name="nameless")
        hub.post("users", "user04", "activity", last_activity="2026-03-04T05:06:07.500Z")
        hub.token_of("user02", note="nightly job", expires_in=3600)
        hub.token_of(ODD_USER)
        with opened(hub.url, hub.token_of("user03", note="used")) as used:
            used.get("user")
        let_in(started["oauth"], "user05")
        yield hub


@pytest.fixture(scope="module")
def credential(target: Any) -> dict[str, str]:
    credential: dict[str, str] = target("jupyterhub")["credential"]
    return credential


@pytest.fixture(scope="module")
def tenant(hub: Hub, credential: dict[str, str]) -> Iterator[ferrule.Instance]:
    with tenant_of(hub, credential["token"]) as tenant:
        yield tenant


@pytest.fixture
def admin(hub: Hub) -> Iterator[ferrule.Instance]:
    """The same with the token of an administrator."""
    token = hub.post("users", "admin", "tokens", expires_in=600)
    with tenant_of(hub, token["token"]) as tenant:
        yield tenant
    hub.delete("users", "admin", "tokens", token["id"])


@pytest.fixture
def user(hub: Hub) -> Iterator[str]:
    """A user of the test's own."""
    name = f"worker-{time.monotonic_ns()}"
    hub.post("users", usernames=[name])
    yield name
    hub.delete("users", name)


def tenant_of(hub: Hub, token: str) -> ferrule.Instance:
    return ferrule.load("jupyterhub").instance({"token": token}, {"base_url": hub.url})


def weak(hub: Hub, *scopes: str) -> ferrule.Instance:
    """A tenant with a token for some scopes only."""
    return tenant_of(hub, hub.token_of("admin", scopes=[*scopes], expires_in=600))


def right(account: str, group: str) -> dict[str, str]:
    """Membership of a group, or the role of an administrator where there is none."""
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": group,
        "resource_type": "group" if group else "",
        "entitlement_type": "member" if group else "role",
        "entitlement_integration_specific_id": "member" if group else "admin",
    }


def member_of(group: str) -> dict[str, str]:
    return {"entitlement_type": "member", "integration_specific_id": "member", "integration_specific_resource_id": group}


def triples(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(r["account_id"], r["integration_specific_entitlement_id"], r["integration_specific_resource_id"]) for r in records]


# reads


def test_the_credential_is_good(hub: Hub, tenant: ferrule.Instance) -> None:
    answer = tenant.call("validate_credentials").response
    assert (answer.valid, answer.unique_tenant_id) == (True, hub.url)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_accounts(hub: Hub, tenant: ferrule.Instance, size: int) -> None:
    users = hub.users()
    accounts = walked(tenant, "list_accounts", size=size)
    assert accounts == [
        {
            "integration_specific_id": name,
            "resource_id": f"user:{name}",
            "username": name,
            "account_type": "user",
            "user_status": "ACTIVE",
            "extra_data": {"admin": user["admin"]},
            "custom_attributes": {"created": user["created"]},
        }
        for name, user in users.items()
    ]
    assert {ODD_USER, "Shouting", "admin", "user24"} <= users.keys()


def test_a_single_account(hub: Hub, tenant: ferrule.Instance) -> None:
    by_id = {account["integration_specific_id"]: account for account in walked(tenant, "list_accounts")}
    for name in (ODD_USER, "Shouting", "admin", "user01"):
        assert plain(tenant.call("get_account", {"account_id": name}).response) == by_id[name]


def test_a_user_without_a_name_is_left_out(hub: Hub, tenant: ferrule.Instance) -> None:
    assert len([user for user in hub.get("users") if user["name"] is None]) == 1
    assert None in hub.members(ODD_GROUP)
    assert len(walked(tenant, "list_accounts")) == len(hub.get("users")) - 1
    assert {a for a, _, group in triples(walked(tenant, "find_entitlement_associations")) if group == ODD_GROUP} == {ODD_USER, "user02"}


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_resources(hub: Hub, tenant: ferrule.Instance, size: int) -> None:
    found = walked(tenant, "list_resources", size=size)
    assert [(r["integration_specific_id"], r["label"], r["resource_type"]) for r in found] == [(g, g, "group") for g in hub.groups()]
    extra = {r["integration_specific_id"]: r["extra_data"] for r in found}
    assert extra[ODD_GROUP] == {"cost centre": "42", "floors": "[1,2]", "size": "7", "none": "null"}
    assert extra["engineering"] == {}


def test_entitlements(hub: Hub, tenant: ferrule.Instance) -> None:
    found = walked(tenant, "list_entitlements", size=2)
    assert {
        (r["entitlement_type"], r["integration_specific_id"], r["integration_specific_resource_id"], r["is_assignable"]) for r in found
    } == {
        ("role", "user", "", False),
        ("role", "admin", "", True),
        *(("member", "member", group, True) for group in hub.groups()),
    }
    assert len(found) == 2 + len(hub.groups())


def test_associations(hub: Hub, tenant: ferrule.Instance) -> None:
    found = triples(walked(tenant, "find_entitlement_associations", size=4))
    assert len(found) == len(set(found))
    assert set(found) == hub.held()
    assert {("admin", "admin", ""), ("user01", "member", "finance"), (ODD_USER, "member", ODD_GROUP)} <= set(found)
    by_account = [walked(tenant, "get_account_entitlement_associations", {"account_id": name}) for name in hub.users()]
    assert sorted(chain(*map(triples, by_account))) == sorted(found)


def test_last_activity(hub: Hub, tenant: ferrule.Instance) -> None:
    users = hub.users()
    found = walked(tenant, "get_last_activity", {"account_ids": [*users, "nobody"]})
    assert {r["account_id"]: r["happened_at"] for r in found} == {n: u["last_activity"] for n, u in users.items() if u["last_activity"]}
    assert {r["event_type"] for r in found} == {"last_activity"}
    times = {r["account_id"]: r["happened_at"] for r in found}
    assert (times["user01"], times["user04"]) == ("2026-01-02T03:04:05Z", "2026-03-04T05:06:07.500000Z")


def test_services(hub: Hub, tenant: ferrule.Instance) -> None:
    services = hub.get("services")
    assert walked(tenant, "list_non_human_accounts") == [
        {
            "resource_id": f"service:{name}",
            "id": name,
            "label": name,
            "workload_id": name,
            "workload_name": name,
            "type": "service",
            "status": "ACTIVE",
            "extra_data": {"admin": False, "roles": services[name]["roles"]},
        }
        for name in ("iga", "oauthapp")
    ]
    assert services.keys() == {"iga", "oauthapp"}


def test_credentials(hub: Hub, tenant: ferrule.Instance) -> None:
    def told(token: dict[str, Any]) -> dict[str, Any]:
        identity = f"{token['id']}@{token['created']}"
        row = {
            "resource_id": f"token:{identity}",
            "external_id": identity,
            "label": token["note"] or token["id"],
            "credential_type": "api_key" if token["oauth_client"] == "JupyterHub" else "oauth_grant",
            "status": "active",
            "grants_access_to_account_id": token["user"],
            "created_at": token["created"],
            "expires_at": token["expires_at"],
            "last_used_at": token["last_activity"],
            "last_activity": token["last_activity"],
            "extra_data": {"id": token["id"], "oauth_client": token["oauth_client"], "scopes": sorted(token["scopes"])},
        }
        return {name: value for name, value in row.items() if value is not None}

    tokens = hub.tokens()
    found = walked(tenant, "list_credentials")
    assert found == [told(token) for token in tokens]
    by_user = {r["grants_access_to_account_id"]: r for r in found}
    assert {ODD_USER, "user02", "user03", "user05"} <= by_user.keys()
    assert by_user["user02"]["label"] == "nightly job" and "expires_at" in by_user["user02"]
    assert by_user["user05"]["credential_type"] == "oauth_grant"

    used = [
        {"credential_id": r["external_id"], "event_type": "last_activity", "happened_at": r["last_activity"]}
        for r in found
        if "last_activity" in r
    ]
    assert walked(tenant, "get_credential_last_activity") == used
    assert by_user["user03"]["external_id"] in {r["credential_id"] for r in used}


def test_a_token_id_that_is_used_again_is_another_credential(hub: Hub, tenant: ferrule.Instance, user: str) -> None:
    def mine() -> str:
        (record,) = [r for r in walked(tenant, "list_credentials") if r["grants_access_to_account_id"] == user]
        identity: str = record["external_id"]
        return identity

    first = hub.post("users", user, "tokens")
    identity = mine()
    assert hub.delete("users", user, "tokens", first["id"]) == 204
    second = hub.post("users", user, "tokens")
    assert second["id"] == first["id"]
    assert mine() != identity


def test_the_graph_of_the_seed(hub: Hub, tenant: ferrule.Instance) -> None:
    resources = walked(tenant, "find_resource_graph", size=9)
    assert [r["id"] for r in resources] == [
        "hub",
        *(f"group:{name}" for name in hub.groups()),
        *(f"user:{name}" for name in hub.users()),
        *(f"service:{name}" for name in ("iga", "oauthapp")),
    ]
    assert {r["id"]: r["reference"]["id"] for r in resources if "reference" in r} == {f"user:{name}": name for name in hub.users()}
    answer = tenant.call("find_entitlement_graph", page_size=1000).response
    assert {node.id for node in answer.nodes} == {"role:user", "role:admin", "role:iga", *(f"member:{name}" for name in hub.groups())}
    assert answer.entitlement_implications == []
    assigned = {
        (r["resource_id"], r["entitlement_id"], r["entitlement_resource_id"]) for r in walked(tenant, "find_entitlement_assignments")
    }
    assert assigned == {
        ("service:iga", "role:iga", "hub"),
        *(
            (f"user:{a}", f"member:{group}", f"group:{group}") if group else (f"user:{a}", f"role:{role}", "hub")
            for a, role, group in hub.held()
        ),
    }


def test_attributes_are_described(tenant: ferrule.Instance) -> None:
    found = tenant.call("list_custom_attributes_schema").response
    assert [(a.customized_type, a.name) for a in found] == [("account", "created"), ("account", "server")]


@pytest.mark.parametrize("capability", LISTS)
def test_a_walk_goes_on_in_another_process(hub: Hub, credential: dict[str, str], capability: str) -> None:
    size = 2 if capability == "list_resources" else 6
    pages = breaks_off_and_goes_on("jupyterhub", credential, {"base_url": hub.url}, capability, size=size)
    assert pages > 1 or capability == "list_non_human_accounts"


def test_walks_over_given_accounts_go_on_in_another_process(hub: Hub, credential: dict[str, str]) -> None:
    ids = ["user01", "nobody", "user03", "user04", ODD_USER]
    assert breaks_off_and_goes_on("jupyterhub", credential, {"base_url": hub.url}, "get_last_activity", {"account_ids": ids}) == len(ids)
    assert breaks_off_and_goes_on(
        "jupyterhub", credential, {"base_url": hub.url}, "get_account_entitlement_associations", {"account_id": ODD_USER}
    ) == 1  # fmt: skip


# writes


def test_the_life_of_a_user(hub: Hub, tenant: ferrule.Instance) -> None:
    groups = [member_of("finance"), member_of(ODD_GROUP)]
    made = tenant.call("create_account", {"username": "New.User@ACME.example", "entitlements": groups})
    name = "new.user@acme.example"
    assert (made.response.id, made.response.status, made.response.created, made.changed) == (name, "ACTIVE", True, True)
    assert set(hub.get("users", name)["groups"]) == {"finance", ODD_GROUP}
    again = refused(tenant, "create_account", {"email": name})
    assert (again.code.name, isinstance(again, ferrule.CallError) and again.status) == ("conflict", 409)
    assert tenant.call("get_account", {"account_id": name}).response.username == name

    for capability, wanted in (("assign_entitlement", True), ("unassign_entitlement", False)):
        assert [tenant.call(capability, right(name, "empty")).changed for _ in range(2)] == [True, False]
        assert (name in hub.members("empty")) is wanted
        held = triples(walked(tenant, "get_account_entitlement_associations", {"account_id": name}))
        assert ((name, "member", "empty") in held) is wanted
        assert {(name, "member", "finance"), (name, "user", "")} <= set(held)

    gone = [tenant.call("delete_account", {"account_id": name}) for _ in range(2)]
    assert [(g.response.status, g.response.deleted, g.changed) for g in gone] == [("DELETED", True, True), ("DELETED", True, False)]
    assert hub.status("users", name) == 404
    assert name not in hub.members("finance")
    assert refusal(tenant, "get_account", {"account_id": name})[0] == "not_found"


def test_odd_names_in_paths(hub: Hub, tenant: ferrule.Instance) -> None:
    assert tenant.call("unassign_entitlement", right(ODD_USER, ODD_GROUP)).changed is True
    assert ODD_USER not in hub.members(ODD_GROUP)
    assert tenant.call("assign_entitlement", right(ODD_USER, ODD_GROUP)).changed is True
    assert ODD_USER in hub.members(ODD_GROUP)


def test_a_user_whose_group_does_not_exist_is_not_left_behind(hub: Hub, tenant: ferrule.Instance) -> None:
    error = refused(tenant, "create_account", {"username": "half-made", "entitlements": [member_of("empty"), member_of("nowhere")]})
    assert (error.code.name, isinstance(error, ferrule.CallError) and error.app_message) == ("not_found", "No such group: nowhere")
    assert "took an earlier step back" in (error.hint or "")
    assert hub.status("users", "half-made") == 404
    assert "half-made" not in hub.members("empty")


@pytest.mark.parametrize(
    ("entitlement", "code"),
    [
        ({"entitlement_type": "role", "integration_specific_id": "iga"}, "invalid_value"),
        ({"entitlement_type": "member", "integration_specific_id": "member"}, "invalid_value"),
        ({"entitlement_type": "team", "integration_specific_id": "x", "integration_specific_resource_id": "empty"}, "invalid_value"),
        ({"entitlement_type": "role", "integration_specific_id": "admin"}, "permission_denied"),
    ],
)
def test_a_user_is_not_made_with_rights_that_cannot_be_given(
    hub: Hub, tenant: ferrule.Instance, entitlement: dict[str, str], code: str
) -> None:
    wanted = [member_of("empty"), entitlement]
    assert refusal(tenant, "create_account", {"username": "never-made", "entitlements": wanted})[0] == code
    assert hub.status("users", "never-made") == 404


def test_an_administrator_makes_administrators(hub: Hub, tenant: ferrule.Instance, admin: ferrule.Instance, user: str) -> None:
    for capability, wanted in (("assign_entitlement", True), ("unassign_entitlement", False)):
        assert [admin.call(capability, right(user, "")).changed for _ in range(2)] == [True, False]
        assert (hub.get("users", user)["admin"], "admin" in hub.get("users", user)["roles"]) == (wanted, wanted)
    roles = [{"entitlement_type": "role", "integration_specific_id": role} for role in ("user", "admin")]
    assert admin.call("create_account", {"username": "second-admin", "entitlements": roles}).changed
    assert hub.get("users", "second-admin")["admin"] is True
    assert admin.call("delete_account", {"account_id": "second-admin"}).changed
    for entitlement in ("user", "iga"):
        wrong = {**right(user, ""), "entitlement_integration_specific_id": entitlement}
        assert [refused(admin, each, wrong).code.name for each in ("assign_entitlement", "unassign_entitlement")] == ["invalid_value"] * 2


def test_nobody_else_does(hub: Hub, tenant: ferrule.Instance, user: str) -> None:
    assert refusal(tenant, "assign_entitlement", right(user, "")) == ("permission_denied", "Only admins can grant admin permissions")
    assert refusal(tenant, "unassign_entitlement", right("admin", "")) == ("permission_denied", "Only admins can modify other admins")
    assert hub.get("users", "admin")["admin"] is True


def test_a_user_is_renamed(hub: Hub, tenant: ferrule.Instance, admin: ferrule.Instance, user: str) -> None:
    hub.post("groups", "empty", "users", users=[user])
    other = f"{user}-then"
    done = tenant.call("update_account", {"id": user, "username": other.upper()})
    assert (plain(done.response), done.changed) == ({"id": other, "username": other, "admin": False}, True)
    assert (hub.status("users", user), hub.get("users", other)["groups"]) == (404, ["empty"])
    assert tenant.call("update_account", {"id": other, "username": other}).changed is False
    assert hub.get("users", other)["name"] == other
    assert refusal(tenant, "update_account", {"id": other, "username": "user01"})[0] == "conflict"
    assert refusal(tenant, "update_account", {"id": other, "username": "a/b"})[0] == "bad_request"

    both = admin.call("update_account", {"id": other, "username": user, "admin": True})
    assert plain(both.response) == {"id": user, "username": user, "admin": True}
    assert [admin.call("update_account", {"id": user, "username": user, "admin": False}).changed for _ in range(2)] == [True, False]
    assert (hub.get("users", user)["name"], hub.get("users", user)["admin"]) == (user, False)


def test_what_cannot_be_updated(hub: Hub, tenant: ferrule.Instance, user: str) -> None:
    assert refusal(tenant, "update_account", {"id": user, "email": "a@acme.example"})[0] == "invalid_value"
    assert refusal(tenant, "update_account", {"id": user, "username": f"{user}2", "groups": []})[0] == "invalid_value"
    assert refusal(tenant, "update_account", {"id": user, "admin": "yes"})[0] == "bad_request"
    assert refusal(tenant, "update_account", {"id": "nobody", "username": "x"})[0] == "not_found"
    assert refusal(tenant, "update_account", {"id": user, "admin": True})[0] == "permission_denied"
    assert hub.get("users", user)["name"] == user


def test_no_server_runs(tenant: ferrule.Instance, user: str) -> None:
    done = tenant.call("release_resources", {"account_id": user})
    assert (done.response.success, done.changed) == (True, False)


# a hub with servers and with roles of its own


@pytest.fixture(scope="module")
def busy(target: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    target("jupyterhub")  # installs what the hub needs
    with hub_with_servers(tmp_path_factory.mktemp("hub"), 18705, "busy-hub-0123456789abcdef") as hub:
        yield hub


@pytest.fixture(scope="module")
def busy_tenant(busy: Hub) -> Iterator[ferrule.Instance]:
    with tenant_of(busy, "busy-hub-0123456789abcdef") as tenant:
        yield tenant


def test_servers_are_stopped(busy: Hub, busy_tenant: ferrule.Instance) -> None:
    for path in (["server"], ["servers", "third-one"], ["servers", "second"]):
        busy.client.post(busy.address("users", "bob", *path)).raise_for_status()
    busy.client.post(busy.address("users", "cid", "server")).raise_for_status()
    wait_until(lambda: [s["ready"] for name in ("bob", "cid") for s in busy.get("users", name)["servers"].values()] == [True] * 4)
    shown = {a["integration_specific_id"]: a["custom_attributes"].get("server") for a in walked(busy_tenant, "list_accounts")}
    assert {name: server for name, server in shown.items() if server} == {"bob": "/user/bob/", "cid": "/user/cid/"}

    done = busy_tenant.call("release_resources", {"account_id": "bob"})
    assert (done.response.success, done.changed) == (True, True)
    assert (busy.get("users", "bob")["servers"], list(busy.get("users", "cid")["servers"])) == ({}, [""])
    assert busy_tenant.call("release_resources", {"account_id": "bob"}).changed is False
    assert busy_tenant.call("delete_account", {"account_id": "cid"}).changed is True
    assert busy.status("users", "cid") == 404


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not come true within 30 seconds"
        time.sleep(0.2)


def test_roles_of_a_hub(busy: Hub, busy_tenant: ferrule.Instance) -> None:
    roles = {
        (r["integration_specific_id"], r["is_assignable"])
        for r in walked(busy_tenant, "list_entitlements")
        if r["entitlement_type"] == "role"
    }
    assert roles == {("user", False), ("admin", True), ("reader", False), ("keeper", False)}
    held = triples(walked(busy_tenant, "find_entitlement_associations"))
    assert set(held) == busy.held()
    assert {(a, e) for a, e, group in held if not group and e != "user"} == {("ann", "reader")}


def test_what_membership_implies(busy_tenant: ferrule.Instance) -> None:
    answer = busy_tenant.call("find_entitlement_graph", page_size=1000).response
    nodes = [node.id for node in answer.nodes]
    assert sorted(nodes) == ["member:guests", "member:staff", *(f"role:{name}" for name in ("admin", "iga", "keeper", "reader", "user"))]
    implied = [
        (edge.from_entitlement.entitlement_id, edge.from_entitlement.resource_id, to.entitlement_id, to.resource_id)
        for edge in answer.entitlement_implications
        for to in edge.to_entitlements
    ]
    assert sorted(implied) == [
        ("member:guests", "group:guests", "role:keeper", "hub"),
        ("member:staff", "group:staff", "role:keeper", "hub"),
        ("member:staff", "group:staff", "role:reader", "hub"),
    ]
    assigned = {(r["resource_id"], r["entitlement_id"]) for r in walked(busy_tenant, "find_entitlement_assignments")}
    wanted = {("user:ann", "role:reader"), ("service:backup", "role:reader"), ("group:staff", "role:keeper"), ("user:bob", "member:staff")}
    assert wanted <= assigned


# refusals


@pytest.mark.parametrize("token", ["wrong", "0" * 32])
def test_a_wrong_token(hub: Hub, token: str) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_account", {"account_id": "user01"}),
        ("get_account_entitlement_associations", {"account_id": "user01"}),
        ("get_last_activity", {"account_ids": ["user01"]}),
        ("delete_account", {"account_id": "nobody"}),
        ("release_resources", {"account_id": "nobody"}),
        ("update_account", {"id": "nobody", "username": "somebody"}),
        ("create_account", {"username": "never-made"}),
        *((each, right("user01", group)) for each in ("assign_entitlement", "unassign_entitlement") for group in ("empty", "")),
    ]
    with tenant_of(hub, token) as stranger:
        for capability in ("validate_credentials", *LISTS):
            error = refused(stranger, capability)
            assert isinstance(error, ferrule.CredentialError) and error.code.name == "unauthorized"
        for capability, inputs in calls:
            assert refusal(stranger, capability, inputs) == ("unauthorized", "Missing or invalid credentials.")


@pytest.mark.parametrize(
    "scopes", [("list:users!group=finance", "list:groups", "read:users"), ("list:users", "list:groups!group=finance"), ("self",)]
)
def test_a_token_that_sees_a_part_is_refused(hub: Hub, scopes: tuple[str, ...]) -> None:
    with weak(hub, *scopes) as part:
        for capability in ("validate_credentials", *LISTS):
            code, words = refusal(part, capability)
            assert code == "permission_denied"
            assert "may not see all users and groups" in (words or "") or capability == "list_non_human_accounts"


def test_what_a_token_may_not_see_is_not_empty(hub: Hub) -> None:
    with weak(hub, "list:users", "list:groups") as names_only:
        assert len(walked(names_only, "list_accounts")) == len(hub.users())
        for capability in ("list_entitlements", "find_entitlement_associations", "find_entitlement_assignments"):
            with pytest.raises(ferrule.UnexpectedAnswer):
                walked(names_only, capability)
        for capability, inputs in (
            ("get_last_activity", {"account_ids": ["user01"]}),
            ("list_credentials", {}),
            ("list_non_human_accounts", {}),
        ):
            assert refusal(names_only, capability, inputs)[0] == "permission_denied"
        for capability in ("assign_entitlement", "unassign_entitlement"):
            assert refusal(names_only, capability, right("user02", "empty"))[0] == "invalid_response"


def test_too_few_rights(hub: Hub, user: str) -> None:
    with weak(hub, "list:users", "read:users", "list:groups", "read:groups") as reader:
        for capability, inputs in (
            ("delete_account", {"account_id": user}),
            ("create_account", {"username": "never-made"}),
            ("unassign_entitlement", right("user01", "finance")),
            ("assign_entitlement", right(user, "empty")),
            ("update_account", {"id": user, "username": "other"}),
        ):
            code, words = refusal(reader, capability, inputs)
            assert code == "permission_denied"
            assert (words or "").startswith("Action is not authorized with current scopes")
    assert hub.get("users", user)["groups"] == []


def test_an_account_out_of_sight_is_not_taken_for_deleted(hub: Hub) -> None:
    with weak(hub, "delete:users!group=finance") as part:
        assert refusal(part, "delete_account", {"account_id": "user24"}) == ("not_found", "No access to resources or resources not found")
    assert hub.status("users", "user24") == 200


def test_what_does_not_exist(hub: Hub, tenant: ferrule.Instance, user: str) -> None:
    for capability in ("get_account", "get_account_entitlement_associations", "release_resources"):
        assert refusal(tenant, capability, {"account_id": "nobody"})[0] == "not_found"
    assert refusal(tenant, "assign_entitlement", right("nobody", "empty")) == ("not_found", "No such user: nobody")
    for capability in ("assign_entitlement", "unassign_entitlement"):
        assert refusal(tenant, capability, right(user, "nowhere")) == ("not_found", "No such group: nowhere")
    assert tenant.call("unassign_entitlement", right("nobody", "empty")).changed is False


def test_a_page_is_no_hub(hub: Hub, credential: dict[str, str]) -> None:
    """A hub that starts behind its proxy answers 404 with a page; so does the address of its pages."""
    settings = {"base_url": hub.url.removesuffix("/api")}
    with ferrule.load("jupyterhub").instance(credential, settings, clock=ReplayClock(date.today())) as lost:
        for capability, inputs in (("get_last_activity", {"account_ids": ["nobody"]}), ("get_account", {"account_id": "nobody"})):
            error = refused(lost, capability, inputs)
            assert (error.code.name, isinstance(error, ferrule.CallError) and error.status) == ("service_error", 404)
        assert refusal(lost, "delete_account", {"account_id": "nobody"})[0] == "permission_denied"


def test_an_activity_of_now(hub: Hub, tenant: ferrule.Instance, user: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    hub.post("users", user, "activity", last_activity=now.isoformat())
    (found,) = walked(tenant, "get_last_activity", {"account_ids": [user]})
    assert datetime.fromisoformat(found["happened_at"]) == now
