"""RabbitMQ: the bundled spec against a started broker, every answer compared with what the broker itself says.

The tests change only users and virtual hosts that they made themselves.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import ferrule
from live.broker import Broker, connected, hang_up
from live.rounds import breaks_off_and_goes_on, refused, walked

pytestmark = pytest.mark.live

ODD_USER = "odd/5@x y+z%2F"
ODD_VHOST = "a/b c%2F"
PLAIN_VHOSTS = ("/", "dev", "prod", "staging")


@pytest.fixture(scope="module")
def broker(target: Any) -> Iterator[Broker]:
    started = target("rabbitmq")
    credential = started["credential"]
    with httpx.Client(auth=(credential["username"], credential["password"])) as client:
        broker = Broker(started["base_url"], credential, client)
        broker.put("vhosts", ODD_VHOST, description="", tags="blue,green")
        broker.put("users", ODD_USER, password="odd-password", tags="reporting,management")
        broker.put("user-limits", ODD_USER, "max-connections", value=7)
        broker.put("permissions", "/", ODD_USER, configure="", write="^orders\\.", read=".*")
        broker.put("permissions", ODD_VHOST, ODD_USER, configure="", write="", read="")
        broker.put("permissions", "dev", ODD_USER, configure="^$", write="^$", read="^a:.*")
        yield broker


@pytest.fixture(scope="module")
def tenant(broker: Broker) -> Iterator[ferrule.Instance]:
    with ferrule.load("rabbitmq").instance(broker.credential, {"base_url": broker.url}) as tenant:
        yield tenant


@pytest.fixture
def user(broker: Broker) -> Iterator[str]:
    """A user of the test's own, with a password and with rights that have to survive."""
    name = f"worker/{time.monotonic_ns()}"
    broker.put("users", name, password="worker-password", tags="")
    yield name
    broker.delete("users", name)


def triples(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(r["account_id"], r["integration_specific_entitlement_id"], r["integration_specific_resource_id"]) for r in records]


def right(user: str, entitlement: str, vhost: str) -> dict[str, str]:
    return {
        "account_integration_specific_id": user,
        "resource_integration_specific_id": vhost,
        "resource_type": "vhost" if vhost else "",
        "entitlement_type": entitlement.partition(":")[0] if vhost else "tag",
        "entitlement_integration_specific_id": entitlement,
    }


# reads


def test_the_credential_is_that_of_the_cluster(broker: Broker, tenant: ferrule.Instance) -> None:
    answer = tenant.call("validate_credentials").response
    assert answer.valid
    assert answer.unique_tenant_id == broker.get("global-parameters", "internal_cluster_id")["value"]


def test_accounts(broker: Broker, tenant: ferrule.Instance) -> None:
    accounts = walked(tenant, "list_accounts")
    limits = {"max-connections": "max_connections", "max-channels": "max_channels"}
    assert accounts == [
        {
            "integration_specific_id": user["name"],
            "username": user["name"],
            "user_status": "ACTIVE",
            "custom_attributes": {limits[name]: str(value) for name, value in user["limits"].items()},
        }
        for user in broker.get("users")
    ]
    assert {"max_connections": "7"} in [account["custom_attributes"] for account in accounts]
    for account in accounts:
        single = tenant.call("get_account", {"account_id": account["integration_specific_id"]}).response
        assert single.model_dump(exclude_none=True) == account


def test_no_password_hash_is_read_for_a_list(tenant: ferrule.Instance) -> None:
    assert all("columns=" in planned.url for planned in tenant.plan_call("list_accounts"))
    assert all("columns=" in planned.url for planned in tenant.plan_call("get_account", {"account_id": "admin"}))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_resources(broker: Broker, tenant: ferrule.Instance, size: int) -> None:
    found = walked(tenant, "list_resources", size=size)
    assert found == [
        {
            "integration_specific_id": vhost["name"],
            "label": vhost["name"],
            "resource_type": "vhost",
            **({"description": vhost["description"]} if vhost["description"] else {}),
            "extra_data": {"tags": ",".join(vhost["tags"])} if vhost["tags"] else {},
        }
        for vhost in broker.get("vhosts")
    ]
    assert {r["integration_specific_id"] for r in found} == {*PLAIN_VHOSTS, ODD_VHOST}


def test_entitlements(broker: Broker, tenant: ferrule.Instance) -> None:
    vhosts = [vhost["name"] for vhost in broker.get("vhosts")]
    always = {(name, vhost) for name in ("access", "configure:.*", "write:.*", "read:.*") for vhost in vhosts}
    tags = {(tag, "") for tag in ("administrator", "monitoring", "policymaker", "management")}
    in_use = {(entitlement, vhost) for _, entitlement, vhost in broker.held()}
    records = walked(tenant, "list_entitlements", size=2)
    found = [(r["integration_specific_id"], r["integration_specific_resource_id"]) for r in records]
    assert len(found) == len(set(found))
    assert set(found) == always | tags | in_use
    assert {("write:^orders\\.", "/"), ("read:^a:.*", "dev"), ("reporting", "")} <= set(found)
    kinds = {kind.type_id: kind.resource_type_id for kind in tenant.call("info").response.entitlement_types}
    assert all(bool(r["integration_specific_resource_id"]) == bool(kinds[r["entitlement_type"]]) for r in records)


def test_associations(broker: Broker, tenant: ferrule.Instance) -> None:
    found = triples(walked(tenant, "find_entitlement_associations"))
    assert len(found) == len(set(found))
    assert set(found) == broker.held()
    assert {(ODD_USER, "access", ODD_VHOST), (ODD_USER, "read:^a:.*", "dev"), ("admin", "configure:.*", "/")} <= set(found)
    by_account = []
    for user in broker.get("users"):
        by_account += triples(walked(tenant, "get_account_entitlement_associations", {"account_id": user["name"]}))
    assert sorted(by_account) == sorted(found)


def test_attributes_are_described(tenant: ferrule.Instance) -> None:
    found = tenant.call("list_custom_attributes_schema").response
    assert [(a.customized_type, a.name) for a in found] == [("account", "max_connections"), ("account", "max_channels")]


@pytest.mark.parametrize(
    ("capability", "inputs", "pages"),
    [
        ("list_accounts", {}, 1),
        ("list_resources", {}, 5),
        ("list_entitlements", {}, 7),
        ("find_entitlement_associations", {}, 2),
        ("get_account_entitlement_associations", {"account_id": ODD_USER}, 2),
    ],
)
def test_a_walk_goes_on_in_another_process(broker: Broker, capability: str, inputs: dict[str, str], pages: int) -> None:
    assert breaks_off_and_goes_on("rabbitmq", broker.credential, {"base_url": broker.url}, capability, inputs) == pages


# writes


def test_the_life_of_a_user(broker: Broker, tenant: ferrule.Instance) -> None:
    name = "new/user@acme.example"
    wanted = [
        {"entitlement_type": "tag", "integration_specific_id": "monitoring"},
        {"entitlement_type": "tag", "integration_specific_resource_id": "", "integration_specific_id": "team a"},
        {"entitlement_type": "access", "integration_specific_resource_id": "prod", "integration_specific_id": "access"},
        {"entitlement_type": "write", "integration_specific_resource_id": "/", "integration_specific_id": "write:^a:b"},
        {"entitlement_type": "read", "integration_specific_resource_id": "/", "integration_specific_id": "read:.*"},
    ]
    made = tenant.call("create_account", {"email": name, "entitlements": wanted})
    assert (made.response.id, made.response.status, made.response.created, made.changed) == (name, "PENDING", True, True)
    assert refused(tenant, "create_account", {"username": name}).code.name == "conflict"
    direct = broker.get("users", name)
    assert (direct["password_hash"], set(direct["tags"])) == ("", {"monitoring", "team a"})
    assert (broker.triple("/", name), broker.triple("prod", name)) == (("", "^a:b", ".*"), ("", "", ""))
    assert tenant.call("get_account", {"account_id": name}).response.username == name

    gone = tenant.call("delete_account", {"account_id": name})
    assert (gone.response.status, gone.response.deleted, gone.changed) == ("DELETED", True, True)
    assert broker.status("users", name) == 404
    assert not [p for p in broker.get("permissions") if p["user"] == name]
    again = tenant.call("delete_account", {"account_id": name})
    assert (again.response.deleted, again.changed) == (True, False)
    assert refused(tenant, "get_account", {"account_id": name}).code.name == "not_found"


def test_a_user_whose_rights_cannot_be_given_is_not_left_behind(broker: Broker, tenant: ferrule.Instance) -> None:
    wanted = [{"entitlement_type": "read", "integration_specific_resource_id": "nowhere", "integration_specific_id": "read:.*"}]
    error = refused(tenant, "create_account", {"username": "half-made", "entitlements": wanted})
    assert error.code.name == "not_found"
    assert "took an earlier step back" in (error.hint or "")
    assert broker.status("users", "half-made") == 404


@pytest.mark.parametrize(
    "wanted",
    [
        [{"entitlement_type": "role", "integration_specific_id": "boss"}],
        [{"entitlement_type": "tag", "integration_specific_resource_id": "dev", "integration_specific_id": "monitoring"}],
        [{"entitlement_type": "tag", "integration_specific_id": "team,administrator"}],
        [{"entitlement_type": "read", "integration_specific_resource_id": "dev", "integration_specific_id": "write:.*"}],
        [
            {"entitlement_type": "read", "integration_specific_resource_id": "dev", "integration_specific_id": p}
            for p in ("read:^a", "read:^b")
        ],
    ],
)
def test_a_user_is_not_made_with_rights_that_do_not_exist(broker: Broker, tenant: ferrule.Instance, wanted: list[dict[str, str]]) -> None:
    assert refused(tenant, "create_account", {"username": "never-made", "entitlements": wanted}).code.name == "invalid_value"
    assert broker.status("users", "never-made") == 404


@pytest.mark.parametrize("vhost", ["/", ODD_VHOST])
def test_rights_come_and_go_one_by_one(broker: Broker, tenant: ferrule.Instance, user: str, vhost: str) -> None:
    def change(capability: str, entitlement: str) -> tuple[bool | None, tuple[str, str, str] | None]:
        """Do it twice: whether the first changed something, and the user's triple after it."""
        first = tenant.call(capability, right(user, entitlement, vhost))
        triple = broker.triple(vhost, user)
        assert tenant.call(capability, right(user, entitlement, vhost)).changed is False
        assert broker.triple(vhost, user) == triple
        held = {e for a, e, v in triples(walked(tenant, "get_account_entitlement_associations", {"account_id": user})) if v == vhost}
        assert (entitlement in held) is (capability == "assign_entitlement")
        return first.changed, triple

    assert change("assign_entitlement", "access") == (True, ("", "", ""))
    assert change("assign_entitlement", "write:^a:.*") == (True, ("", "^a:.*", ""))
    assert change("assign_entitlement", "read:.*") == (True, ("", "^a:.*", ".*"))
    assert change("assign_entitlement", "configure:.*") == (True, (".*", "^a:.*", ".*"))
    assert change("assign_entitlement", "write:.*") == (True, (".*", ".*", ".*"))
    assert change("unassign_entitlement", "read:.*") == (True, (".*", ".*", ""))
    assert change("unassign_entitlement", "write:^a:.*") == (False, (".*", ".*", ""))
    assert change("unassign_entitlement", "configure:.*") == (True, ("", ".*", ""))
    assert change("unassign_entitlement", "access") == (True, None)
    assert change("assign_entitlement", "read:.*") == (True, ("", "", ".*"))


def test_a_pattern_is_not_lost_to_a_narrower_one(broker: Broker, tenant: ferrule.Instance, user: str) -> None:
    broker.put("permissions", "dev", user, configure="^$", write=".*", read="^mine$")
    for entitlement in ("write:^a", "read:^b", "read:^b:.*"):
        error = refused(tenant, "assign_entitlement", right(user, entitlement, "dev"))
        assert (error.code.name, broker.triple("dev", user)) == ("conflict", ("^$", ".*", "^mine$"))
    assert tenant.call("assign_entitlement", right(user, "configure:^c", "dev")).changed
    assert tenant.call("unassign_entitlement", right(user, "read:.*", "dev")).changed is False
    assert broker.triple("dev", user) == ("^c", ".*", "^mine$")


def test_a_tag_costs_nobody_the_password(broker: Broker, tenant: ferrule.Instance, user: str) -> None:
    def whoami() -> int:
        return httpx.get(broker.address("whoami"), auth=(user, "worker-password")).status_code

    broker.put("permissions", "dev", user, configure="", write="", read=".*")
    before = broker.get("users", user)["password_hash"]
    for tag in ("management", "team a"):
        assert tenant.call("assign_entitlement", right(user, tag, "")).changed is True
        assert tenant.call("assign_entitlement", right(user, tag, "")).changed is False
    assert (broker.tags(user), whoami()) == ({"management", "team a"}, 200)
    for tag in ("management", "team a"):
        assert tenant.call("unassign_entitlement", right(user, tag, "")).changed is True
        assert tenant.call("unassign_entitlement", right(user, tag, "")).changed is False
        assert tag not in broker.tags(user)
    assert (broker.get("users", user)["password_hash"], whoami()) == (before, 401)
    assert broker.triple("dev", user) == ("", "", ".*")


def test_the_user_of_the_connector_is_not_locked_out(broker: Broker, tenant: ferrule.Instance) -> None:
    error = refused(tenant, "delete_account", {"account_id": "admin"})
    assert (error.code.name, error.app_message) == ("conflict", "this connector signs in as that user")
    assert refused(tenant, "unassign_entitlement", right("admin", "administrator", "")).code.name == "conflict"
    assert broker.tags("admin") == {"administrator"}


def test_limits(broker: Broker, tenant: ferrule.Instance, user: str) -> None:
    def limits() -> dict[str, int]:
        return {name: value for entry in broker.get("user-limits", user) for name, value in entry["value"].items()}

    wanted = {"id": user, "max_connections": 0, "max_channels": 5}
    done = tenant.call("update_account", wanted)
    assert (done.response.model_dump(), done.changed, limits()) == (wanted, True, {"max-connections": 0, "max-channels": 5})
    assert tenant.call("update_account", wanted).changed is False
    assert tenant.call("update_account", {"id": user, "max_connections": -1}).changed is True
    assert limits() == {"max-connections": -1, "max-channels": 5}
    assert refused(tenant, "update_account", {"id": user, "email": "a@acme.example"}).code.name == "invalid_value"
    error = refused(tenant, "update_account", {"id": user, "max_channels": "many"})
    assert (error.code.name, "should be a number" in str(error)) == ("bad_request", True)
    assert refused(tenant, "update_account", {"id": "nobody", "max_channels": 1}).code.name == "not_found"


def test_connections_are_closed(broker: Broker, tenant: ferrule.Instance, user: str) -> None:
    broker.put("permissions", "/", user, configure="", write="", read=".*")
    with connected(broker, user, "worker-password") as line, ThreadPoolExecutor() as client:
        deadline = time.monotonic() + 10
        while not broker.get("connections", "username", user):
            assert time.monotonic() < deadline, "the broker does not show the connection"
            time.sleep(0.1)
        told = client.submit(hang_up, line)
        done = tenant.call("release_resources", {"account_id": user})
        assert (done.response.success, done.changed) == (True, True)
        assert b"Released by an administrator" in told.result(timeout=20)
    assert broker.get("connections", "username", user) == []
    assert tenant.call("release_resources", {"account_id": user}).changed is False
    assert refused(tenant, "release_resources", {"account_id": "nobody"}).code.name == "not_found"


# refusals


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_a_wrong_password(broker: Broker, name: str) -> None:
    with ferrule.load("rabbitmq").instance({"username": name, "password": "wrong"}, {"base_url": broker.url}) as stranger:
        for capability in ("validate_credentials", "list_accounts", "list_resources", "find_entitlement_associations"):
            error = refused(stranger, capability, {})
            assert (error.code.name, error.app_message, error.app_code) == ("unauthorized", "Login failed", "not_authorized")
            assert isinstance(error, ferrule.CredentialError)


@pytest.mark.parametrize(
    ("name", "words"), [("user04", "Not administrator user"), ("user06", "Not administrator user"), ("user01", "Not management user")]
)
def test_too_few_rights(broker: Broker, name: str, words: str) -> None:
    with ferrule.load("rabbitmq").instance({"username": name, "password": name.replace("user", "pw")}, {"base_url": broker.url}) as weak:
        for capability in ("list_accounts", "list_entitlements", "find_entitlement_associations"):
            error = refused(weak, capability, {})
            assert (error.code.name, error.app_message, error.app_code) == ("permission_denied", words, "not_authorised")
        for write in ("assign_entitlement", "unassign_entitlement"):
            for entitlement, vhost in (("access", "dev"), ("read:.*", "dev"), ("management", "")):
                assert refused(weak, write, right("user02", entitlement, vhost)).code.name == "permission_denied"
        assert refused(weak, "delete_account", {"account_id": "user02"}).code.name == "permission_denied"
        for capability in ("validate_credentials", "list_resources"):
            assert refused(weak, capability, {}).code.name == "permission_denied"
    assert ("user02", "read:.*", "dev") in broker.held()


def test_an_unknown_user(tenant: ferrule.Instance) -> None:
    for capability in ("get_account", "get_account_entitlement_associations"):
        error = refused(tenant, capability, {"account_id": "nobody"})
        assert (error.code.name, error.app_message) == ("not_found", "Not Found")
    for capability in ("assign_entitlement", "unassign_entitlement"):
        for entitlement, vhost in (("access", "dev"), ("read:.*", "/"), ("management", "")):
            assert refused(tenant, capability, right("nobody", entitlement, vhost)).code.name == "not_found"


def test_what_is_no_right(broker: Broker, tenant: ferrule.Instance, user: str) -> None:
    assert refused(tenant, "assign_entitlement", right(user, "read:.*", "nowhere")).code.name == "not_found"
    for capability in ("assign_entitlement", "unassign_entitlement"):
        for entitlement, vhost in (
            ("read:", "dev"),
            ("read", "dev"),
            ("access:", "dev"),
            ("all", "dev"),
            ("team,administrator", ""),
            ("", ""),
        ):
            assert refused(tenant, capability, right(user, entitlement, vhost)).code.name == "invalid_value"
        crossed = {**right(user, "administrator", ""), "resource_integration_specific_id": "dev"}
        assert refused(tenant, capability, crossed).code.name == "invalid_value"
    error = refused(tenant, "assign_entitlement", right(user, "read:[", "dev"))
    assert (error.code.name, error.app_message) == ("bad_request", "invalid_regexp")
    assert (broker.triple("dev", user), broker.tags(user)) == (None, set())


def test_a_list_that_shrank_is_walked_anew(broker: Broker, tenant: ferrule.Instance) -> None:
    for name in ("passing-1", "passing-2"):
        broker.put("vhosts", name)
    pages = tenant.walk("list_resources", page_size=3)
    token = [next(pages).token for _ in range(2)][-1]
    for name in ("passing-1", "passing-2"):
        assert broker.delete("vhosts", name) == 204
    with pytest.raises(ferrule.CallError) as caught:
        list(tenant.walk("list_resources", page_token=token, page_size=3))
    assert (caught.value.code.name, caught.value.app_code) == ("invalid_page_token", "page_out_of_range")
