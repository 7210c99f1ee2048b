"""AWS IAM: the bundled spec against moto, which checks signatures and policies (`AUTH=1`), every answer compared with what botocore reads.

moto differs from AWS in what concerns these tests: it pages no list but that of policies, lets a user be deleted who is still in groups,
refuses in another form than IAM's, and does not know `ListServiceSpecificCredentials`, which is answered here as for somebody who has
none. The tests change only users that they made themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ferrule
from ferrule.http import Request, Response
from ferrule.wire.live import LiveWire
from live.iam import ACCOUNT, ALL, APP_READ, DENY_ALL, READ_ONLY, client, removed
from live.rounds import breaks_off_and_goes_on, refused, walked

pytestmark = pytest.mark.live

NO_GIT = b"<R><ListServiceSpecificCredentialsResult><ServiceSpecificCredentials/></ListServiceSpecificCredentialsResult></R>".replace(
    b"R>", b"ListServiceSpecificCredentialsResponse>"
)


class WithGit:
    """A wire to moto that answers itself what moto does not know."""

    def __init__(self, inner: LiveWire) -> None:
        self._inner = inner

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`."""
        if b"Action=ListServiceSpecificCredentials&" in (content or b""):
            return Response(200, {"content-type": "text/xml"}, NO_GIT, request.wire_url)
        return await self._inner.send(request, content, content_type)

    async def close(self) -> None:
        """Close the wire within."""
        await self._inner.close()


@pytest.fixture(scope="module")
def moto(target: Any) -> dict[str, Any]:
    started: dict[str, Any] = target("moto", 18768, AUTH="1", MOTO_IAM_LOAD_MANAGED_POLICIES="true")
    return started


@pytest.fixture(scope="module")
def credential(moto: dict[str, Any]) -> dict[str, str]:
    return {name: moto["credential"][name] for name in ("access_key_id", "secret_access_key")}


@pytest.fixture(scope="module")
def iam(moto: dict[str, Any]) -> Any:
    return client(moto["base_url"], moto["credential"])


@pytest.fixture(scope="module")
def tenant(moto: dict[str, Any], credential: dict[str, str]) -> Iterator[ferrule.Instance]:
    connector = ferrule.load("aws_iam")
    with connector.instance(credential, {"base_url": moto["base_url"]}, wire=WithGit(LiveWire(connector.plan.http))) as tenant:
        yield tenant


@pytest.fixture
def user(iam: Any) -> Iterator[str]:
    """A user of the test's own."""
    iam.create_user(UserName="worker", Tags=[{"Key": "Email", "Value": "worker@example.test"}])
    yield "worker"
    removed(iam, "worker")


def right(user: str, kind: str, entitlement: str, group: str = "") -> dict[str, str]:
    return {
        "account_integration_specific_id": user,
        "resource_integration_specific_id": group,
        "resource_type": "group" if group else "",
        "entitlement_type": kind,
        "entitlement_integration_specific_id": entitlement,
    }


def held(iam: Any) -> set[tuple[str, str, str]]:
    """Account, entitlement and group, as the spec's header describes them."""
    found = set()
    for user in (each["UserName"] for each in iam.list_users()["Users"]):
        found |= {(user, "member", group["GroupName"]) for group in iam.list_groups_for_user(UserName=user)["Groups"]}
        policies = iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
        found |= {(user, policy["PolicyArn"], "") for policy in policies if policy["PolicyArn"] != DENY_ALL}
        found |= {(user, f"{user}/{name}", "") for name in iam.list_user_policies(UserName=user)["PolicyNames"]}
    return found


def triples(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(r["account_id"], r["integration_specific_entitlement_id"], r["integration_specific_resource_id"]) for r in records]


def status(tenant: ferrule.Instance, user: str) -> str:
    """What the list and the single reading say, which is the same."""
    listed = {account["integration_specific_id"]: account for account in walked(tenant, "list_accounts")}[user]
    single = tenant.call("get_account", {"account_id": user}).response.model_dump(mode="json", exclude_none=True)
    assert single == listed
    said: str = listed["user_status"]
    return said


# reads


def test_the_tenant_is_the_account(tenant: ferrule.Instance) -> None:
    answer = tenant.call("validate_credentials").response
    assert (answer.valid, answer.unique_tenant_id) == (True, ACCOUNT)


def test_accounts(iam: Any, tenant: ferrule.Instance) -> None:
    found = walked(tenant, "list_accounts")
    users = [iam.get_user(UserName=each["UserName"])["User"] for each in iam.list_users()["Users"]]
    assert [(a["username"], a["custom_attributes"]["user_id"], a["custom_attributes"]["arn"]) for a in found] == [
        (user["UserName"], user["UserId"], user["Arn"]) for user in users
    ]
    assert [a.get("email") for a in found] == [next((tag["Value"] for tag in user.get("Tags", [])), None) for user in users]
    assert len(found) == 25
    assert {status(tenant, name) for name in ("iga", "user01")} == {"ACTIVE"}


def test_resources_and_entitlements(iam: Any, tenant: ferrule.Instance) -> None:
    groups = [group["GroupName"] for group in iam.list_groups()["Groups"]]
    assert [r["integration_specific_id"] for r in walked(tenant, "list_resources")] == groups
    found = walked(tenant, "list_entitlements", size=1)
    named = {(e["integration_specific_id"], e["integration_specific_resource_id"]) for e in found}
    assert named == {*(("member", group) for group in groups), (APP_READ, ""), ("iga/all", "")}
    assert len(named) == len(found)
    assert {entitlement for _, entitlement, _ in held(iam)} <= {entitlement for entitlement, _ in named}


def test_all_policies_of_aws_page_by_page(moto: dict[str, Any], credential: dict[str, str], iam: Any) -> None:
    settings = {"base_url": moto["base_url"], "aws_policies": "all"}
    with ferrule.load("aws_iam").instance(credential, settings) as tenant:
        found = [e["integration_specific_id"] for e in walked(tenant, "list_entitlements", size=300) if e["entitlement_type"] == "policy"]
    direct = [policy["Arn"] for page in iam.get_paginator("list_policies").paginate() for policy in page["Policies"]]
    assert len(found) == len(set(found)) > 1000
    assert set(found) == set(direct) - {DENY_ALL}


def test_associations(iam: Any, tenant: ferrule.Instance) -> None:
    found = triples(walked(tenant, "find_entitlement_associations"))
    assert len(found) == len(set(found))
    assert set(found) == held(iam)
    by_account = []
    for user in iam.list_users()["Users"]:
        by_account += triples(walked(tenant, "get_account_entitlement_associations", {"account_id": user["UserName"]}))
    assert sorted(by_account) == sorted(found)


def test_keys_and_when_they_were_used(iam: Any, tenant: ferrule.Instance, credential: dict[str, str]) -> None:
    keys = [key for user in iam.list_users()["Users"] for key in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]]
    found = walked(tenant, "list_credentials")
    assert [(c["external_id"], c["grants_access_to_account_id"], c["status"]) for c in found] == [
        (key["AccessKeyId"], key["UserName"], key["Status"].lower()) for key in keys
    ]
    mine = credential["access_key_id"]
    assert [c["external_id"] for c in found if "last_used_at" in c] == [mine]
    assert [e["credential_id"] for e in walked(tenant, "get_credential_last_activity")] == [mine]
    activity = walked(tenant, "get_last_activity", {"account_ids": ["iga", "user04", "nobody"]})
    assert [(e["account_id"], e["event_type"]) for e in activity] == [("iga", "last_activity")]


def test_a_walk_goes_on_in_another_process(moto: dict[str, Any], credential: dict[str, str]) -> None:
    """One page more than there are records: behind a full page of policies moto has an empty one."""
    settings = {"base_url": moto["base_url"]}
    assert breaks_off_and_goes_on("aws_iam", credential, settings, "list_entitlements") == 5
    assert breaks_off_and_goes_on("aws_iam", credential, settings, "get_account_entitlement_associations", {"account_id": "user03"}) == 4


# writes


def test_the_life_of_a_user(iam: Any, tenant: ferrule.Instance) -> None:
    name = "new.user+x=1@example.test"
    wanted = [
        {"entitlement_type": "group_member", "integration_specific_id": "member", "integration_specific_resource_id": "finance"},
        {"entitlement_type": "policy", "integration_specific_id": READ_ONLY, "integration_specific_resource_id": ""},
    ]
    made = tenant.call("create_account", {"email": name, "entitlements": wanted})
    assert (made.response.id, made.response.status, made.response.created, made.changed) == (name, "ACTIVE", True, True)
    assert refused(tenant, "create_account", {"username": name, "entitlements": []}).code.name == "conflict"
    assert {right for right in held(iam) if right[0] == name} == {(name, "member", "finance"), (name, READ_ONLY, "")}
    assert iam.list_user_tags(UserName=name)["Tags"] == [{"Key": "email", "Value": name}]

    for change in (True, False):
        assert tenant.call("update_account", {"id": name, "email": "other@example.test"}).changed is change
    assert iam.list_user_tags(UserName=name)["Tags"] == [{"Key": "email", "Value": "other@example.test"}]

    before = held(iam)
    for change in (True, False):
        off = tenant.call("deactivate_account", {"account_id": name})
        assert (off.response.status, off.response.deactivated, off.changed) == ("SUSPENDED", True, change)
        assert status(tenant, name) == "SUSPENDED"
    assert DENY_ALL in {policy["PolicyArn"] for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]}
    assert (held(iam), set(triples(walked(tenant, "find_entitlement_associations")))) == (before, before)
    for change in (True, False):
        on = tenant.call("activate_account", {"account_id": name})
        assert (on.response.status, on.response.activated, on.changed) == ("ACTIVE", True, change)
        assert (status(tenant, name), held(iam)) == ("ACTIVE", before)

    iam.create_login_profile(UserName=name, Password="Passw0rd!")
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=ALL)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName=name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    tenant.call("deactivate_account", {"account_id": name})
    for change in (True, False):
        gone = tenant.call("delete_account", {"account_id": name})
        assert (gone.response.status, gone.response.deleted, gone.changed) == ("DELETED", True, change)
    assert name not in {user["UserName"] for user in iam.list_users()["Users"]}
    assert name not in {user["UserName"] for user in iam.get_group(GroupName="finance")["Users"]}
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    assert key not in {c["external_id"] for c in walked(tenant, "list_credentials")}
    assert refused(tenant, "get_account", {"account_id": name}).code.name == "not_found"


def test_a_user_whose_rights_cannot_be_given_is_not_left_behind(iam: Any, tenant: ferrule.Instance) -> None:
    wanted = [
        {"entitlement_type": "group_member", "integration_specific_id": "member", "integration_specific_resource_id": "finance"},
        {"entitlement_type": "policy", "integration_specific_id": APP_READ, "integration_specific_resource_id": ""},
        {"entitlement_type": "policy", "integration_specific_id": f"{APP_READ}-no", "integration_specific_resource_id": ""},
    ]
    error = refused(tenant, "create_account", {"username": "half-made", "entitlements": wanted})
    assert (error.code.name, "took an earlier step back (3 times)" in (error.hint or "")) == ("not_found", True)
    assert "half-made" not in {user["UserName"] for user in iam.list_users()["Users"]}
    assert "half-made" not in {user["UserName"] for user in iam.get_group(GroupName="finance")["Users"]}


@pytest.mark.parametrize(
    ("kind", "entitlement", "group"), [("group_member", "member", "engineering"), ("policy", APP_READ, ""), ("policy", READ_ONLY, "")]
)
def test_rights_come_and_go(iam: Any, tenant: ferrule.Instance, user: str, kind: str, entitlement: str, group: str) -> None:
    before = held(iam)
    for change in (True, False):
        assert tenant.call("assign_entitlement", right(user, kind, entitlement, group)).changed is change
        assert held(iam) == before | {(user, entitlement, group)}
    for change in (True, False):
        assert tenant.call("unassign_entitlement", right(user, kind, entitlement, group)).changed is change
        assert held(iam) == before


def test_an_inline_policy_can_only_be_taken(iam: Any, tenant: ferrule.Instance, user: str) -> None:
    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=ALL)
    assert refused(tenant, "assign_entitlement", right(user, "inline_policy", f"{user}/own")).code.name == "invalid_value"
    assert refused(tenant, "unassign_entitlement", right("user01", "inline_policy", f"{user}/own")).code.name == "invalid_value"
    for change in (True, False):
        assert tenant.call("unassign_entitlement", right(user, "inline_policy", f"{user}/own")).changed is change
        assert iam.list_user_policies(UserName=user)["PolicyNames"] == []


def test_what_suspends_is_no_right(iam: Any, tenant: ferrule.Instance, user: str) -> None:
    tenant.call("deactivate_account", {"account_id": user})
    for capability in ("assign_entitlement", "unassign_entitlement"):
        assert refused(tenant, capability, right(user, "policy", DENY_ALL)).code.name == "invalid_value"
    assert status(tenant, user) == "SUSPENDED"


# refusals


def test_the_connector_does_not_lock_itself_out(tenant: ferrule.Instance) -> None:
    for capability in ("deactivate_account", "delete_account"):
        assert refused(tenant, capability, {"account_id": "iga"}).code.name == "conflict"
    assert status(tenant, "iga") == "ACTIVE"


def test_an_unknown_user(tenant: ferrule.Instance) -> None:
    for capability in ("get_account", "get_account_entitlement_associations", "activate_account", "deactivate_account"):
        assert refused(tenant, capability, {"account_id": "nobody"}).code.name == "not_found"
    for capability in ("assign_entitlement", "unassign_entitlement"):
        for kind, entitlement, group in (("group_member", "member", "finance"), ("policy", APP_READ, "")):
            assert refused(tenant, capability, right("nobody", kind, entitlement, group)).code.name == "not_found"
    assert refused(tenant, "unassign_entitlement", right("nobody", "inline_policy", "nobody/own")).code.name == "not_found"


def test_a_key_without_rights_changes_nothing(moto: dict[str, Any], iam: Any, user: str) -> None:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    weak = {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}
    before = held(iam)
    with ferrule.load("aws_iam").instance(weak, {"base_url": moto["base_url"]}) as tenant:
        for capability, inputs in (
            ("validate_credentials", {}),
            ("list_accounts", {}),
            ("find_entitlement_associations", {}),
            ("create_account", {"username": "never", "entitlements": []}),
            ("deactivate_account", {"account_id": "user01"}),
            ("delete_account", {"account_id": "user01"}),
            ("unassign_entitlement", right("user01", "group_member", "member", "engineering")),
        ):
            assert refused(tenant, capability, inputs).code.name == "permission_denied"
    assert held(iam) == before
