"""Matrix Synapse: reads of the bundled spec against a started homeserver, each compared with what Synapse itself says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

import ferrule
from live.homeserver import ADMIN, DOMAIN, Homeserver, at, moment, populate
from live.rounds import breaks_off_and_goes_on, walked

pytestmark = pytest.mark.live

LONG_AGO = "2020-01-01"


@pytest.fixture(scope="module")
def server(target: Any) -> Iterator[Homeserver]:
    started = target("synapse")
    with httpx.Client(timeout=60) as client:
        server = Homeserver(started["base_url"], started["credential"], client)
        populate(server)
        yield server


@pytest.fixture(scope="module")
def tenant(server: Homeserver) -> Iterator[ferrule.Instance]:
    with ferrule.load("synapse").instance(credential(server), {"base_url": server.url}) as tenant:
        yield tenant


@pytest.fixture(scope="module")
def quick(server: Homeserver) -> Iterator[ferrule.Instance]:
    """A tenant whose accounts are not read one by one."""
    with ferrule.load("synapse").instance(credential(server), {"base_url": server.url, "account_details": False}) as tenant:
        yield tenant


def credential(server: Homeserver) -> dict[str, str]:
    return {"token": server.credential["token"]}


def triples(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(r["account_id"], r["integration_specific_entitlement_id"], r["integration_specific_resource_id"]) for r in records]


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


# reads


def expected_account(user: dict[str, Any], *, details: bool) -> dict[str, Any]:
    """An account as it must come, made from what Synapse tells of one user."""
    off = user["locked"] or (details and user["suspended"])
    status = "DELETED" if user["erased"] else "DEPROVISIONED" if user["deactivated"] else "SUSPENDED" if off else "ACTIVE"
    attributes = {"displayname": user["displayname"], "user_type": user["user_type"], "is_guest": "false", "shadow_banned": "false"}
    attributes["created"] = moment(user["creation_ts"] * 1000).isoformat().replace("+00:00", "Z")
    extra = {"admin": user["admin"], "locked": user["locked"]}
    emails = [each["address"] for each in user["threepids"] if each["medium"] == "email"]
    if details:
        extra |= {"suspended": user["suspended"], "threepids": user["threepids"]}
        attributes["external_ids"] = " ".join(f"{each['auth_provider']}:{each['external_id']}" for each in user["external_ids"]) or None
    return {
        "integration_specific_id": user["name"],
        "username": user["name"].removeprefix("@").removesuffix(f":{DOMAIN}"),
        **({"email": emails[0]} if details and emails else {}),
        "user_status": status,
        "account_type": "service" if user["user_type"] == "bot" else "user",
        "extra_data": extra,
        "custom_attributes": {name: value for name, value in attributes.items() if value is not None},
    }


def by_id(records: list[dict[str, Any]], name: str = "integration_specific_id") -> dict[str, dict[str, Any]]:
    found = {record[name]: record for record in records}
    assert len(found) == len(records), "a record came twice"
    return found


def test_credentials_open_the_server(server: Homeserver, tenant: ferrule.Instance):
    valid = tenant.call("validate_credentials").response
    assert (valid.valid, valid.unique_tenant_id) == (True, DOMAIN)


def test_accounts_are_those_of_the_server(server: Homeserver, tenant: ferrule.Instance):
    accounts = by_id(walked(tenant, "list_accounts", size=10))
    assert accounts == {name: expected_account(user, details=True) for name, user in server.users().items()}
    statuses = {name: accounts[at(name)]["user_status"] for name in ("user01", "user23", "gone", "locked", "quiet")}
    assert list(statuses.values()) == ["ACTIVE", "DEPROVISIONED", "DELETED", "SUSPENDED", "SUSPENDED"]
    assert accounts[at("user02")]["custom_attributes"]["external_ids"] == "oidc-acme:u 2"
    assert accounts[at("user03")]["email"] == f"user03@{DOMAIN}", "and not the telephone number"
    assert accounts[at("odd/5=x")]["username"] == "odd/5=x"


def test_accounts_without_details_lack_what_lists_lack(server: Homeserver, quick: ferrule.Instance):
    accounts = by_id(walked(quick, "list_accounts", size=10))
    assert accounts == {name: expected_account(user, details=False) for name, user in server.users().items()}


def test_each_account_alone_is_as_it_is_in_the_list(server: Homeserver, tenant: ferrule.Instance, quick: ferrule.Instance):
    for name, account in by_id(walked(tenant, "list_accounts")).items():
        for instance in (tenant, quick):
            assert instance.call("get_account", {"account_id": name}).response.model_dump(exclude_none=True) == account


def test_an_account_made_during_a_walk_moves_no_other(server: Homeserver, quick: ferrule.Instance):
    before = set(server.users())
    pages = quick.walk("list_accounts", page_size=5)
    seen = [record.integration_specific_id for record in next(iter(pages)).records]
    server.put(f"{ADMIN}/v2/users", at("0-first-by-name"))
    seen += [record.integration_specific_id for page in pages for record in page.records]
    assert len(seen) == len(set(seen))
    assert set(seen) - {at("0-first-by-name")} == before


def test_rooms_are_those_of_the_server(server: Homeserver, tenant: ferrule.Instance):
    rooms = by_id(walked(tenant, "list_resources", size=3))
    assert rooms.keys() == server.rooms().keys()
    for room, about in server.rooms().items():
        state = {kind: server.state(room, kind).get("", {}).get("content", {}) for kind in ("m.room.name", "m.room.create")}
        assert rooms[room]["label"] == state["m.room.name"].get("name", room)
        assert rooms[room]["resource_type"] == "room"
        extra = rooms[room]["extra_data"]
        assert extra["version"] == state["m.room.create"]["room_version"]
        assert extra.get("room_type") == state["m.room.create"].get("type")
        assert extra["joined_members"] == str(len(server.joined(room)))
        assert (extra["join_rules"], extra["creator"]) == (about["join_rules"], about["creator"])


def test_entitlements_are_three_of_each_room_and_one_of_the_server(server: Homeserver, tenant: ferrule.Instance):
    found = walked(tenant, "list_entitlements", size=3)
    keys = [(e["entitlement_type"], e["integration_specific_id"], e["integration_specific_resource_id"]) for e in found]
    rights = (("member", "member"), ("power", "moderator"), ("power", "admin"))
    assert sorted(keys) == sorted([("server_admin", "server_admin", ""), *((*right, room) for room in server.rooms() for right in rights)])
    labels = {e["label"] for e in found if e["integration_specific_resource_id"] == server.room("hall")}
    assert labels == {"Member of hall", "Moderator of hall", "Admin of hall"}


def test_who_holds_what(server: Homeserver, tenant: ferrule.Instance):
    found = triples(walked(tenant, "find_entitlement_associations", size=4))
    assert len(found) == len(set(found))
    assert set(found) == server.held()
    hall = server.room("hall")
    power = {(account, right) for account, right, room in found if room == hall and right != "member"}
    assert power == {
        (at("user03"), "admin"), (at("user04"), "admin"), (at("user05"), "moderator"), (at("user06"), "moderator"), (at("user07"), "admin")
    }, "creators, and power that is held without being in the room"  # fmt: skip
    assert (at("user07"), "member", hall) not in found


def test_what_each_account_holds(server: Homeserver, tenant: ferrule.Instance):
    """Power in a room that the account never was in shows only in the list of all."""
    held = {(account, right, room) for account, right, room in server.held() if (account, room) != (at("user06"), server.room("hall"))}
    for account in server.users():
        found = triples(walked(tenant, "get_account_entitlement_associations", {"account_id": account}))
        assert len(found) == len(set(found))
        assert set(found) == {triple for triple in held if triple[0] == account}


def seen(server: Homeserver) -> dict[str, datetime]:
    """When each account but the administrator was last seen: by the address it came from, or by one of its devices."""
    found = {}
    for name, user in server.users().items():
        times = [each for each in (user["last_seen_ts"], *(device["last_seen_ts"] for device in server.devices(name))) if each]
        if times and name != at("admin"):
            found[name] = moment(max(times))
    return found


def test_last_activity_is_what_addresses_and_devices_say(server: Homeserver, tenant: ferrule.Instance):
    asked = {"account_ids": [*(name for name in server.users() if name != at("admin")), at("nobody")]}
    before: dict[str, datetime] = {}
    while before != (before := seen(server)):  # until nothing is waiting to be written down
        found = walked(tenant, "get_last_activity", asked)
    assert {record["account_id"]: when(record["happened_at"]) for record in found} == before
    assert {at("user01"), at("robot"), at("user14")} <= before.keys(), "the last of them has no device any more"
    assert {record["event_type"] for record in found} == {"last_activity"}


def test_activities_are_changes_of_membership(server: Homeserver, tenant: ferrule.Instance):
    actors = [at("user01"), at("user03"), at("user07")]
    asked = {"since_date": LONG_AGO, "actors": [{"account_id": actor} for actor in actors]}
    found = by_id(walked(tenant, "list_activity_records", asked, size=2), "id")
    moves = {event["event_id"]: (room, event) for room, event in server.moves() if event["sender"] in actors}
    assert found.keys() == moves.keys()
    for key, (room, event) in moves.items():
        record = found[key]
        assert record["activity_type"] == event["content"]["membership"]
        assert when(record["timestamp"]) == moment(event["origin_server_ts"])
        assert record["actor"] == {"account_id": event["sender"]}
        right = {"id": "member", "type": "member", "resource_id": room, "resource_type": "room"}
        assert record["targets"] == [{"account_id": event["state_key"], "entitlement": right}]
    assert {record["activity_type"] for record in found.values()} == {"join", "invite", "leave"}
    assert {"reason": "enough"} in [record["metadata"] for record in found.values()]
    stamps = sorted(record["timestamp"] for record in found.values())
    middle = stamps[len(stamps) // 2]
    later = walked(tenant, "list_activity_records", {**asked, "since_date": middle}, size=2)
    whole = when(middle).replace(microsecond=0)
    assert len(later) == sum(when(stamp) >= whole for stamp in stamps)


def test_programs_and_when_they_were_active(server: Homeserver, tenant: ferrule.Instance, quick: ferrule.Instance):
    seen = server.devices(at("robot"))[0]["last_seen_ts"]
    for instance in (tenant, quick):
        (program,) = walked(instance, "list_non_human_accounts", size=5)
        assert (program["id"], program["label"], program["type"], program["status"]) == (at("robot"), "Robot", "bot", "ACTIVE")
        assert when(program["created_at"]) == moment(server.user(at("robot"))["creation_ts"] * 1000)
        assert when(program["last_activity"]) == moment(seen)
        (activity,) = walked(instance, "get_non_human_account_last_activity", size=5)
        assert (activity["non_human_account_id"], when(activity["happened_at"])) == (at("robot"), moment(seen))


def test_credentials_are_devices(server: Homeserver, tenant: ferrule.Instance):
    expected = {f"{name}/{device['device_id']}": device for name in server.users() for device in server.devices(name)}
    found = by_id(walked(tenant, "list_credentials", size=5), "external_id")
    assert found.keys() == expected.keys()
    assert {f"{at('user01')}/PH/1", f"{at('user02')}/SAME", f"{at('robot')}/SAME"} <= found.keys()
    for key, device in expected.items():
        assert found[key]["label"] == (device["display_name"] or device["device_id"])
        kind = "non_human_account_id" if device["user_id"] == at("robot") else "account_id"
        opens = {name: value for name, value in found[key].items() if name.startswith("grants")}
        assert opens == {f"grants_access_to_{kind}": device["user_id"]}
        if device["user_id"] != at("admin"):
            assert when(found[key]["last_used_at"]) == moment(device["last_seen_ts"])
    used = by_id(walked(tenant, "get_credential_last_activity", size=5), "credential_id")
    assert used.keys() == {key for key, device in expected.items() if device["last_seen_ts"]}
    assert when(used[f"{at('robot')}/SAME"]["happened_at"]) == moment(expected[f"{at('robot')}/SAME"]["last_seen_ts"])


def test_every_custom_attribute_is_declared(tenant: ferrule.Instance):
    declared = {schema.name for schema in tenant.call("list_custom_attributes_schema").response if schema.customized_type == "account"}
    carried = {name for account in walked(tenant, "list_accounts") for name in account["custom_attributes"]}
    assert carried == declared - {"appservice_id"}


@pytest.mark.parametrize(
    ("capability", "size", "inputs", "details"),
    [
        ("list_accounts", 10, None, True),
        ("list_accounts", 5, None, False),
        ("list_resources", 2, None, True),
        ("list_entitlements", 2, None, True),
        ("find_entitlement_associations", 4, None, True),
        ("get_account_entitlement_associations", 1, {"account_id": at("user07")}, True),
        ("list_non_human_accounts", 10, None, True),
        ("list_non_human_accounts", 1, None, False),
        ("get_non_human_account_last_activity", 10, None, True),
        ("list_credentials", 10, None, True),
        ("get_credential_last_activity", 10, None, True),
        ("get_last_activity", 1, {"account_ids": [at("user01"), at("user02"), at("robot"), at("locked")]}, True),
        ("list_activity_records", 3, {"since_date": LONG_AGO, "actors": [{"account_id": at("user01")}]}, True),
    ],
)
def test_a_walk_goes_on_in_another_process(server: Homeserver, capability: str, size: int, inputs: dict[str, Any] | None, details: bool):
    """With a token that belongs to no device, so that reading the devices changes none of them."""
    acting = {"token": server.token_of(at("user24"))}
    if "credential" in capability:
        time.sleep(6)  # until what the administrator did before is written down
    settings = {"base_url": server.url, "account_details": details}
    assert breaks_off_and_goes_on("synapse", acting, settings, capability, inputs, size=size) > 1
