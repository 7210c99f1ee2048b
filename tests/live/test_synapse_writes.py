"""Matrix Synapse: writes and refusals of the bundled spec, against a started homeserver.

Every test has people and rooms of its own: Synapse keeps their names for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import ferrule
from live.homeserver import ADMIN, CLIENT, DOMAIN, Homeserver, at
from live.rounds import refused, walked

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def server(target: Any) -> Iterator[Homeserver]:
    started = target("synapse")
    with httpx.Client(timeout=60) as client:
        yield Homeserver(started["base_url"], started["credential"], client)


@pytest.fixture(scope="module")
def tenant(server: Homeserver) -> Iterator[ferrule.Instance]:
    with opened(server, token=server.credential["token"]) as tenant:
        yield tenant


def opened(server: Homeserver, **credential: str) -> ferrule.Instance:
    return ferrule.load("synapse").instance(credential, {"base_url": server.url})


def change(account: str, right: str, room: str = "") -> dict[str, str]:
    """The inputs of `assign_entitlement` and `unassign_entitlement`."""
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": room,
        "resource_type": "room" if room else "",
        "entitlement_type": "power" if right in ("moderator", "admin") else right,
        "entitlement_integration_specific_id": right,
    }


def wanted(right: str, room: str = "") -> dict[str, str]:
    """An entitlement of `create_account`."""
    return {"entitlement_type": right, "integration_specific_id": right, "integration_specific_resource_id": room}


def twice(tenant: ferrule.Instance, capability: str, inputs: dict[str, Any]) -> Any:
    """The answer to a write that changes something the first time and nothing the second."""
    first, second = tenant.call(capability, inputs), tenant.call(capability, inputs)
    assert (first.changed, second.changed) == (True, False)
    assert first.response == second.response
    return first.response


def held(tenant: ferrule.Instance, account: str) -> set[tuple[str, str]]:
    """What an account holds, as both reads that tell of it agree."""
    one = walked(tenant, "get_account_entitlement_associations", {"account_id": account})
    everything = [each for each in walked(tenant, "find_entitlement_associations") if each["account_id"] == account]
    found, again = (
        sorted((r["integration_specific_entitlement_id"], r["integration_specific_resource_id"]) for r in records)
        for records in (one, everything)
    )
    assert found == again
    return set(found)


def status(tenant: ferrule.Instance, account: str) -> str:
    shown: str = tenant.call("get_account", {"account_id": account}).response.user_status
    return shown


# a life


def test_an_account_from_its_beginning_to_its_end(server: Homeserver, tenant: ferrule.Instance):
    general, finance = server.room("general"), server.room("finance")
    asked = {
        "username": "ann",
        "email": f"Ann@{DOMAIN}",
        "given_name": "Ann",
        "family_name": "Doe",
        "entitlements": [wanted("member", general)],
    }
    made = tenant.call("create_account", asked)
    ann = at("ann")
    assert (made.response.id, made.response.status, made.response.created, made.changed) == (ann, "ACTIVE", True, True)
    user = server.user(ann)
    assert (user["displayname"], user["admin"], [each["address"] for each in user["threepids"]]) == ("Ann Doe", False, [f"ann@{DOMAIN}"])
    assert ann in server.joined(general)
    again = refused(tenant, "create_account", {**asked, "email": None})
    assert (again.code.name, again.app_message) == ("conflict", "there is an account of this name")

    twice(tenant, "assign_entitlement", change(ann, "member", finance))
    assert ann in server.joined(finance)
    before = server.levels(finance)
    twice(tenant, "assign_entitlement", change(ann, "moderator", finance))
    assert server.levels(finance) == {**before, "users": {**before["users"], ann: 50}}
    twice(tenant, "assign_entitlement", change(ann, "admin", finance))
    assert server.levels(finance)["users"] == {**before["users"], ann: 100}
    twice(tenant, "assign_entitlement", change(ann, "server_admin"))
    assert server.user(ann)["admin"] is True
    assert held(tenant, ann) == {("server_admin", ""), ("member", general), ("member", finance), ("admin", finance)}

    twice(tenant, "unassign_entitlement", change(ann, "server_admin"))
    assert server.user(ann)["admin"] is False
    assert tenant.call("unassign_entitlement", change(ann, "moderator", finance)).changed is False, "it is more than a moderator"
    twice(tenant, "unassign_entitlement", change(ann, "member", finance))
    assert ann not in server.joined(finance)
    assert held(tenant, ann) == {("member", general), ("admin", finance)}
    twice(tenant, "unassign_entitlement", change(ann, "admin", finance))
    assert server.levels(finance) == before
    assert held(tenant, ann) == {("member", general)}

    server.put(f"{ADMIN}/v2/users", ann, password="ann-pw")
    token = server.sign_in("ann", "ann-pw", device_id="PHONE").raise_for_status().json()["access_token"]
    off = twice(tenant, "deactivate_account", {"account_id": ann})
    assert (off.status, off.deactivated, status(tenant, ann)) == ("SUSPENDED", True, "SUSPENDED")
    assert server.whoami(token).json()["errcode"] == "M_USER_LOCKED"
    assert twice(tenant, "activate_account", {"account_id": ann}).activated is True
    assert (status(tenant, ann), server.whoami(token).json()["user_id"]) == ("ACTIVE", ann)

    assert twice(tenant, "release_resources", {"account_id": ann}).success is True
    assert (server.devices(ann), server.whoami(token).json()["errcode"]) == ([], "M_UNKNOWN_TOKEN")

    gone = twice(tenant, "delete_account", {"account_id": ann})
    assert (gone.status, gone.deleted, status(tenant, ann)) == ("DELETED", True, "DELETED")
    user = server.user(ann)
    assert (user["deactivated"], user["erased"], user["displayname"], user["threepids"]) == (True, True, None, [])
    server.until(lambda: not held(tenant, ann))  # it is taken out of its rooms one after the other
    assert tenant.call("deactivate_account", {"account_id": ann}).changed is False
    again = refused(tenant, "create_account", asked)
    assert (again.code.name, again.app_message) == ("conflict", "a deactivated account has this name: activate it")


def test_an_account_is_given_what_it_begins_with(server: Homeserver, tenant: ferrule.Instance):
    board = server.make_room(at("admin"), name="beginners", preset="private_chat")
    rights = [wanted("member", board), wanted("member", board), wanted("server_admin")]
    made = tenant.call("create_account", {"email": f"Bob.B@{DOMAIN}", "entitlements": rights}).response
    assert made.id == at("bob.b"), "named by its e-mail address"
    assert held(tenant, made.id) == {("member", board), ("server_admin", "")}
    assert twice(tenant, "delete_account", {"account_id": made.id}).deleted is True
    assert server.user(made.id)["admin"] is False, "an erased account does not stay a server administrator"


def test_an_account_gets_new_values(server: Homeserver, tenant: ferrule.Instance):
    cid = at("cid")
    phone = {"medium": "msisdn", "address": "4790000001"}
    server.put(f"{ADMIN}/v2/users", cid, displayname="Cid", threepids=[phone, {"medium": "email", "address": f"cid@{DOMAIN}"}])
    new = twice(tenant, "update_account", {"id": cid, "displayname": "Cid C", "email": f"C.Id@{DOMAIN}"})
    assert new.model_dump() == {"id": cid, "displayname": "Cid C", "email": f"c.id@{DOMAIN}"}
    user = server.user(cid)
    assert user["displayname"] == "Cid C"
    assert {(each["medium"], each["address"]) for each in user["threepids"]} == {("msisdn", "4790000001"), ("email", f"c.id@{DOMAIN}")}
    twice(tenant, "update_account", {"id": cid, "displayname": "Cid"})
    assert [each["address"] for each in server.user(cid)["threepids"] if each["medium"] == "email"] == [f"c.id@{DOMAIN}"]

    taken = refused(tenant, "update_account", {"id": cid, "email": f"user16@{DOMAIN}"})
    assert (taken.code.name, taken.app_message) == ("conflict", f"the e-mail address is that of {at('user16')}")
    assert server.user(at("user16"))["threepids"], "Synapse would have taken it away"
    assert refused(tenant, "update_account", {"id": cid, "given_name": "Cid"}).code.name == "unknown_value"
    assert refused(tenant, "update_account", {"id": at("nobody"), "displayname": "N"}).code.name == "not_found"
    assert server.ask("GET", f"{ADMIN}/v2/users", at("nobody")).status_code == 404, "a PUT would have made it"


def test_suspended_is_taken_back_too(server: Homeserver, tenant: ferrule.Instance):
    server.put(f"{ADMIN}/v2/users", at("eve"))
    server.put(f"{ADMIN}/v1/suspend", at("eve"), suspend=True)
    assert status(tenant, at("eve")) == "SUSPENDED"
    twice(tenant, "activate_account", {"account_id": at("eve")})
    assert server.user(at("eve"))["suspended"] is False


# what is refused


def test_a_creation_that_cannot_be_done_leaves_nothing_usable(server: Homeserver, tenant: ferrule.Instance):
    taken = refused(tenant, "create_account", {"username": "dan", "email": f"user17@{DOMAIN}"})
    assert (taken.code.name, taken.app_message) == ("conflict", f"the e-mail address is that of {at('user17')}")
    assert server.user(at("user17"))["threepids"]
    unknown = refused(tenant, "create_account", {"username": "dan", "entitlements": [wanted("member", "!none:example.test")]})
    assert (unknown.code.name, unknown.app_message, unknown.app_code) == ("not_found", "Room not found", "M_NOT_FOUND")
    assert (
        refused(tenant, "create_account", {"username": "dan", "entitlements": [wanted("power", server.room("random"))]}).code.name
        == "unknown_value"
    )
    assert refused(tenant, "create_account", {}).code.name == "invalid_value"
    letters = refused(tenant, "create_account", {"username": "Dan"})
    assert (letters.code.name, letters.app_code) == ("bad_request", "M_INVALID_USERNAME")
    assert server.ask("GET", f"{ADMIN}/v2/users", at("dan")).status_code == 404

    closed = server.make_room(at("user18"), name="closed", preset="private_chat")
    shut = refused(tenant, "create_account", {"username": "dan", "entitlements": [wanted("member", closed)]})
    assert (shut.code.name, shut.app_message) == ("permission_denied", f"{at('admin')} not in room {closed}.")
    assert "took an earlier step back" in (shut.hint or "")
    assert status(tenant, at("dan")) == "SUSPENDED"


def test_rooms_where_the_connector_has_no_say(server: Homeserver, tenant: ferrule.Instance):
    closed = server.make_room(at("user19"), (at("user20"),), name="no say", preset="private_chat", room_version="11")
    for capability, right, words in (
        ("assign_entitlement", "member", "not in room"),
        ("unassign_entitlement", "member", "not in room"),
        ("assign_entitlement", "admin", "not in room"),
    ):
        account = at("user21") if capability == "assign_entitlement" else at("user20")
        error = refused(tenant, capability, change(account, right, closed))
        assert (error.code.name, error.app_code) == ("permission_denied", "M_FORBIDDEN")
        assert words in error.app_message
    assert server.joined(closed) == {at("user19"), at("user20")}

    server.post(f"{CLIENT}/rooms", closed, "invite", token=server.token_of(at("user19")), user_id=at("admin"))
    server.post(f"{CLIENT}/join", closed)
    assert (
        refused(tenant, "unassign_entitlement", change(at("user20"), "member", closed)).app_message
        == f"You cannot kick user {at('user20')}."
    )
    server.post(f"{ADMIN}/v1/rooms", closed, "make_room_admin")
    twice(tenant, "unassign_entitlement", change(at("user20"), "member", closed))
    twice(tenant, "assign_entitlement", change(at("user21"), "member", closed))
    twice(tenant, "assign_entitlement", change(at("user21"), "moderator", closed))
    assert server.joined(closed) == {at("user19"), at("user21"), at("admin")}


def test_creators_stand_above_all(server: Homeserver, tenant: ferrule.Instance):
    room = server.make_room(at("admin"), (at("user22"),), creation_content={"additional_creators": [at("user22")]}, preset="private_chat")
    for creator in (at("admin"), at("user22")):
        assert ("admin", room) in held(tenant, creator)
        assert tenant.call("assign_entitlement", change(creator, "admin", room)).changed is False
        kept = refused(tenant, "unassign_entitlement", change(creator, "admin", room))
        assert (kept.code.name, kept.app_message) == ("conflict", "the account created the room, and nobody can take its power")
        less = refused(tenant, "assign_entitlement", change(creator, "moderator", room))
        assert less.code.name == "bad_request"
        assert "must not appear in content.users" in less.app_message


def test_a_deactivated_account_is_given_nothing(server: Homeserver, tenant: ferrule.Instance):
    random = server.room("random")
    for right in ("member", "moderator", "server_admin"):
        error = refused(tenant, "assign_entitlement", change(at("user23"), right, "" if right == "server_admin" else random))
        assert (error.code.name, error.app_message) == ("conflict", "the account is deactivated")
    assert refused(tenant, "update_account", {"id": at("user23"), "displayname": "N"}).code.name == "conflict"
    assert at("user23") not in server.joined(random)


def test_the_connector_does_not_saw_off_its_own_branch(server: Homeserver, tenant: ferrule.Instance):
    for capability in ("deactivate_account", "delete_account", "release_resources"):
        error = refused(tenant, capability, {"account_id": at("admin")})
        assert (error.code.name, error.app_message) == ("invalid_value", "the connector itself signs in with this account")
    assert refused(tenant, "unassign_entitlement", change(at("admin"), "server_admin")).app_message == "You may not demote yourself."
    assert tenant.call("validate_credentials").response.valid is True


def test_what_is_not_there(server: Homeserver, tenant: ferrule.Instance):
    for capability in (
        "get_account",
        "get_account_entitlement_associations",
        "activate_account",
        "deactivate_account",
        "delete_account",
        "release_resources",
    ):
        error = refused(tenant, capability, {"account_id": at("nobody")})
        assert (error.code.name, error.app_code) == ("not_found", "M_NOT_FOUND"), capability
    for capability in ("assign_entitlement", "unassign_entitlement"):
        for right in ("member", "admin", "server_admin"):
            assert refused(tenant, capability, change(at("nobody"), right, server.room("random"))).code.name == "not_found"
        assert refused(tenant, capability, change(at("user01"), "admin", "!none:example.test")).code.name == "not_found"
        assert refused(tenant, capability, change(at("user01"), "owner", "!none:example.test")).code.name == "unknown_value"
    assert refused(tenant, "assign_entitlement", change(at("user01"), "member", "!none:example.test")).code.name == "not_found"
    assert refused(tenant, "get_account", {"account_id": "nobody"}).app_message == "Expected UserID string to start with '@'"
    power = {**change(at("user01"), "admin", server.room("random")), "entitlement_integration_specific_id": "owner"}
    assert refused(tenant, "assign_entitlement", power).code.name == "unknown_value"


def test_a_limit_is_waited_out(server: Homeserver, tenant: ferrule.Instance):
    """What the connector does in rooms in its own name is limited, although its account is an administrator's."""
    random = server.room("random")
    server.post(f"{ADMIN}/v1/users", at("admin"), "override_ratelimit", messages_per_second=1, burst_count=1)
    try:
        said = ("m.room.message", {"msgtype": "m.text", "body": "a"})
        answers = (server.ask("PUT", f"{CLIENT}/rooms", random, "send", said[0], f"{n}", body=said[1]) for n in range(100))
        assert any(answer.status_code == 429 for answer in answers)
        for account in (at("user10"), at("user20")):
            assert tenant.call("unassign_entitlement", change(account, "member", random)).changed is True
    finally:
        server.ask("DELETE", f"{ADMIN}/v1/users", at("admin"), "override_ratelimit").raise_for_status()
    assert not {at("user10"), at("user20")} & server.joined(random)


# ways in


@pytest.mark.parametrize("capability", ["validate_credentials", "list_accounts", "find_entitlement_associations"])
def test_who_is_not_let_in(server: Homeserver, capability: str):
    with opened(server, token="syt_no_such_token") as tenant:
        error = refused(tenant, capability)
        assert isinstance(error, ferrule.CredentialError)
        assert (error.code.name, error.app_code, error.app_message) == ("unauthorized", "M_UNKNOWN_TOKEN", "Invalid access token passed.")
    with opened(server, token=server.token_of(at("user01"))) as tenant:
        error = refused(tenant, capability)
        assert (error.code.name, error.app_code, error.app_message) == ("permission_denied", "M_FORBIDDEN", "You are not a server admin")


def test_a_password_opens_the_server_too(server: Homeserver, tenant: ferrule.Instance):
    with opened(server, username="admin", password="admin-pw") as other:
        assert other.auth_name == "password"
        assert walked(other, "list_resources") == walked(tenant, "list_resources")
        (device,) = (each for each in server.devices(at("admin")) if each["device_id"] == "FERRULE")
        assert device["display_name"] == "Ferrule"
        server.ask("DELETE", f"{ADMIN}/v2/users", at("admin"), "devices", "FERRULE").raise_for_status()
        assert other.call("validate_credentials").response.unique_tenant_id == DOMAIN, "after a new login"
    with opened(server, username="admin", password="wrong") as other:
        error = refused(other, "validate_credentials")
        assert (error.code.name, error.app_message) == ("unauthorized", "Invalid username or password")


def test_a_server_that_hides_its_admin_api_is_no_empty_one(server: Homeserver):
    with ferrule.load("synapse").instance({"token": server.credential["token"]}, {"base_url": f"{server.url}/elsewhere"}) as tenant:
        for capability in ("list_accounts", "find_entitlement_associations", "validate_credentials"):
            assert refused(tenant, capability).code.name == "unsupported_operation"


def test_a_deleted_account_comes_back_empty(server: Homeserver, tenant: ferrule.Instance):
    server.until(server.is_set_up)
    server.put(f"{ADMIN}/v2/users", at("fay"), displayname="Fay", threepids=[{"medium": "email", "address": f"fay@{DOMAIN}"}])
    server.post(f"{ADMIN}/v1/join", server.room("random"), user_id=at("fay"))
    twice(tenant, "delete_account", {"account_id": at("fay")})
    assert twice(tenant, "activate_account", {"account_id": at("fay")}).status == "ACTIVE"
    user = server.user(at("fay"))
    assert (user["deactivated"], user["erased"], user["displayname"], user["threepids"]) == (False, False, None, [])
    assert status(tenant, at("fay")) == "ACTIVE"
    server.until(lambda: not held(tenant, at("fay")))
