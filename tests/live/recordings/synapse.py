"""What Synapse is asked. Of its accounts none ever goes away again, so writes have a server of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from ferrule.record import Answers, Question
from live.homeserver import ADMIN, CLIENT, DOMAIN, Homeserver, at, populate
from live.recordings.asked import Application, Inputs, Recording, account, everybody, of, resource_id, twice, walk
from live.recordings.meanwhile import Deed

_WRITES_PORT, _DEMO_PORT, _MEANWHILE_PORT = 1, 2, 3


@contextmanager
def _populated(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """Every sort of account, of device and of room, one that is locked out and was never used among them. Made once, for ever."""
    with _opened(url, credential) as server:
        if at("robot") not in server.users():
            populate(server)
            server.sign_in("user15", "pw15", device_id="NEW").raise_for_status()
            server.put(f"{ADMIN}/v2/users", at("user15"), locked=True)
            server.put(f"{ADMIN}/v2/users", at("spare"), user_type="bot")
            server.put(
                f"{ADMIN}/v2/users", at("user02"), external_ids=[{"auth_provider": "oidc-acme", "external_id": f"u {n}"} for n in (2, 3)]
            )
            server.post(f"{ADMIN}/v1/users", at("user21"), "shadow_ban")
            encrypted = {"algorithm": "m.megolm.v1.aes-sha2"}
            path = f"{CLIENT}/rooms", server.room("old"), "state", "m.room.encryption", ""
            server.ask("PUT", *path, body=encrypted, token=server.token_of(at("user01"))).raise_for_status()
            _wait_for_use(server, "admin", "user01", "user02", "robot")
            time.sleep(2)  # so that what is done now is younger than all else, in whole seconds
            server.post(f"{CLIENT}/rooms", server.room("general"), "leave", token=server.token_of(at("user13")))
    yield


@contextmanager
def _with_a_session(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A suspended administrator who is signed in and has two addresses, and rooms that only their makers let anybody into."""
    with _opened(url, credential) as server:
        server.until(server.is_set_up)
        addresses = [{"medium": "email", "address": f"{name}@{DOMAIN}"} for name in ("worker", "work")]
        server.put(f"{ADMIN}/v2/users", at("worker"), password="worker-password", admin=True, threepids=addresses)
        server.sign_in("worker", "worker-password", device_id="PHONE").raise_for_status()
        server.put(f"{ADMIN}/v1/suspend", at("worker"), suspend=True)
        server.make_room(at("user18"), name="closed", preset="private_chat")
        server.make_room(at("admin"), name="board", preset="private_chat")
        _give_power(server, server.room("finance"), user08=50)
    yield


@contextmanager
def _with_somebody_else(url: str, credential: Mapping[str, str]) -> Iterator[list[Deed]]:
    """Rooms that go while they are read; a newcomer, a guest and a leaver whom somebody else is quicker with."""
    with _opened(url, credential) as server:
        club = server.make_room(at("admin"), name="club", preset="private_chat")
        rooms = [server.make_room(at("user02"), name=f"room {number}") for number in range(5)]

        def remove() -> None:
            server.remove_room(rooms.pop())

        yield [
            *[Deed("GET", "/v1/rooms$", remove)] * 3,
            Deed("GET", "/memberships$", lambda: None),
            *[Deed("GET", "/memberships$", remove)] * 2,
            Deed("GET", "late", lambda: server.put(f"{ADMIN}/v2/users", at("late"))),
            Deed("GET", "/joined_rooms$", lambda: server.post(f"{ADMIN}/v1/join", club, user_id=at("user05"))),
            Deed("GET", "/joined_rooms$", lambda: None),
            Deed("GET", "/joined_rooms$", lambda: server.post(f"{CLIENT}/rooms", club, "kick", user_id=at("user05"))),
        ]


def _give_power(server: Homeserver, room: str, **levels: int) -> None:
    before = server.levels(room)
    event = {**before, "users": {**before.get("users", {}), **{at(name): level for name, level in levels.items()}}}
    server.ask("PUT", f"{CLIENT}/rooms", room, "state", "m.room.power_levels", "", body=event).raise_for_status()


@contextmanager
def _in_use(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """Some people have been here, one moderates a room, one is locked out."""
    with _opened(url, credential) as server:
        users = ("user01", "user02", "user07")
        for name in users:
            signed_in = server.sign_in(name, f"pw{int(name[-2:])}", device_id="PHONE").raise_for_status()
            server.whoami(signed_in.json()["access_token"]).raise_for_status()
        _give_power(server, server.room("engineering"), user02=50)
        server.put(f"{ADMIN}/v2/users", at("user16"), locked=True)
        _wait_for_use(server, "admin", *users)
    yield


def _wait_for_use(server: Homeserver, *names: str) -> None:
    """Wait until Synapse has written down that it has seen them."""
    server.until(lambda: all(server.user(at(name))["last_seen_ts"] for name in names))
    server.until(lambda: all(each["last_seen_ts"] for name in names for each in server.devices(at(name))))


@contextmanager
def _opened(url: str, credential: Mapping[str, str]) -> Iterator[Homeserver]:
    with httpx.Client(timeout=60) as client:
        yield Homeserver(url, dict(credential), client)


_WHO = "account_integration_specific_id"


def _right(right: str, room: str) -> dict[str, str]:
    """What is given and taken, without whom."""
    return {
        "resource_integration_specific_id": room,
        "resource_type": "room" if room else "",
        "entitlement_type": "power" if right in ("moderator", "admin") else right,
        "entitlement_integration_specific_id": right,
    }


def _change(right: str, room: str = "", who: str = "") -> Inputs:
    """A right in the room called so, or on the server, of the account that was made last, or of another."""

    def inputs(answers: Answers) -> Mapping[str, Any]:
        return {_WHO: at(who) if who else answers["create_account"]["id"], **_right(right, resource_id(answers, room) if room else "")}

    return inputs


def _given(right: str, room: str = "") -> list[Question]:
    return twice("assign_entitlement", _change(right, room))


def _taken(right: str, room: str = "") -> list[Question]:
    return twice("unassign_entitlement", _change(right, room))


def _made(username: str, *rooms: str, right: str = "member", **more: Any) -> Inputs:
    """A new account with a right in the rooms called so."""
    return lambda answers: {
        "username": username,
        **more,
        "entitlements": [
            {"entitlement_type": right, "integration_specific_id": right, "integration_specific_resource_id": resource_id(answers, room)}
            for room in rooms
        ],
    }


_NOWHERE = f"!none:{DOMAIN}"
_OF_NOBODY, _OF_WORKER = {"account_id": at("nobody")}, {"account_id": at("worker")}
_ACTORS = ("admin", "user03", "user07", "user13")
_SINCE = {"since_date": "2026-01-01T00:00:00Z", "actors": [{"account_id": at(name)} for name in _ACTORS]}


def _lately(answers: Answers) -> Mapping[str, Any]:
    """What he who left last has done since then."""
    who = {"account_id": at("user13")}
    return {"since_date": max(each["timestamp"] for each in answers["list_activity_records"] if each["actor"] == who), "actors": [who]}


READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("get_account", account("user03")),
        Question("get_account", _OF_NOBODY),
        Question("get_account", {"account_id": "nobody"}),
        *walk("list_resources", "list_entitlements", size=3),
        *walk("find_entitlement_associations"),
        *[Question("get_account_entitlement_associations", account(name)) for name in ("user01", "user03", "user05")],
        Question("get_account_entitlement_associations", _OF_NOBODY),
        Question("get_last_activity", {"account_ids": [at("user01"), at("user16"), at("nobody")]}),
        *walk("list_activity_records", size=7, **_SINCE),
        Question("list_activity_records", _lately, page_size=7, walk=True),
        *walk("list_non_human_accounts", "get_non_human_account_last_activity"),
        *walk("list_credentials", "get_credential_last_activity"),
    ],
    setting=_populated,
)
WITHOUT_DETAILS = Recording(
    "without_details",
    walk("list_accounts", "list_non_human_accounts", "get_non_human_account_last_activity"),
    setting=_populated,
    settings={"account_details": False},
)
WRITES = Recording(
    "writes",
    [
        *walk("list_resources"),
        Question("create_account", _made("user01")),
        Question("create_account", _made("user23")),
        Question("create_account", {"email": f"user01@{DOMAIN}", "entitlements": []}),
        Question("create_account", _made("never", "general", email=f"user17@{DOMAIN}")),
        Question("create_account", _made("never", _NOWHERE)),
        Question("create_account", _made("never", "general", right="power")),
        Question("create_account", _made("Never")),
        Question("create_account", _made("half-made", "closed")),
        Question("create_account", _made("second", "board", "board")),
        Question("create_account", _made("newcomer", "general", email=f"New@{DOMAIN}", given_name="New", family_name="Comer")),
        Question("get_account", of("account_id")),
        *_given("member", "finance"),
        *_given("moderator", "finance"),
        *_given("admin", "finance"),
        *_given("server_admin"),
        Question("get_account_entitlement_associations", of("account_id")),
        *_taken("server_admin"),
        *_taken("moderator", "finance"),
        *_taken("member", "finance"),
        *_taken("admin", "finance"),
        Question("get_account_entitlement_associations", of("account_id")),
        Question("assign_entitlement", _change("member", _NOWHERE)),
        Question("assign_entitlement", _change("owner", "general")),
        Question("assign_entitlement", of(_WHO, **{**_right("admin", _NOWHERE), "entitlement_integration_specific_id": "owner"})),
        Question("assign_entitlement", _change("member", "closed")),
        Question("assign_entitlement", _change("member", "general", who="nobody")),
        Question("assign_entitlement", _change("member", "general", who="user23")),
        Question("assign_entitlement", _change("admin", "general", who="admin")),
        Question("unassign_entitlement", _change("admin", "general", who="admin")),
        *twice("deactivate_account", of("account_id")),
        Question("get_account", of("account_id")),
        *twice("activate_account", of("account_id")),
        *twice("update_account", of("id", displayname="New C", email=f"new.comer@{DOMAIN}")),
        Question("update_account", of("id", email=f"user16@{DOMAIN}")),
        Question("update_account", of("id", shoe_size="42")),
        Question("update_account", {"id": at("nobody"), "displayname": "Nobody"}),
        Question("update_account", {"id": at("user23"), "displayname": "Nobody"}),
        *twice("activate_account", _OF_WORKER),
        *twice("update_account", {"id": at("worker"), "displayname": "Worker"}),
        *twice("update_account", {"id": at("worker"), "email": f"work@{DOMAIN}"}),
        *twice("release_resources", _OF_WORKER),
        Question("release_resources", _OF_NOBODY),
        Question("deactivate_account", {"account_id": at("admin")}),
        *twice("delete_account", of("account_id")),
        Question("delete_account", _OF_NOBODY),
        *twice("delete_account", _OF_WORKER),
        *twice("delete_account", {"account_id": at("user23")}),
        Question("get_account", of("account_id")),
        *twice("activate_account", of("account_id")),
        Question("get_account", of("account_id")),
    ],
    setting=_with_a_session,
    apart=_WRITES_PORT,
)
MEANWHILE = Recording(
    "meanwhile",
    [
        *walk("find_entitlement_associations", size=100),
        Question("get_account_entitlement_associations", {"account_id": at("user02")}),
        Question("create_account", _made("late")),
        *walk("list_resources"),
        Question("assign_entitlement", _change("member", "club", who="user05")),
        Question("unassign_entitlement", _change("member", "club", who="user05")),
    ],
    setting=_with_somebody_else,
    apart=_MEANWHILE_PORT,
)
_EVERYTHING_REFUSED = [
    Question("validate_credentials", {}),
    *walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", "list_credentials"),
    Question("get_account", {"account_id": at("user02")}),
    Question("get_last_activity", {"account_ids": [at("user02")]}),
    Question("create_account", {"username": "stranger"}),
    Question("assign_entitlement", {_WHO: at("user02"), **_right("server_admin", "")}),
    Question("unassign_entitlement", {_WHO: at("user02"), **_right("member", _NOWHERE)}),
    Question("update_account", {"id": at("user02"), "displayname": "Nobody"}),
    Question("deactivate_account", {"account_id": at("user02")}),
    Question("release_resources", {"account_id": at("user02")}),
    Question("delete_account", {"account_id": at("user02")}),
]
REFUSED = Recording("refused", _EVERYTHING_REFUSED, {"token": "syt_no_such_token"})
WRONG_PASSWORD = Recording(
    "wrong_password", [Question("validate_credentials", {}), *walk("list_accounts")], {"username": "admin", "password": "no-such-password"}
)
NO_SYNAPSE = Recording(
    "no_synapse", [Question("validate_credentials", {}), Question("get_last_activity", {"account_ids": [at("user02")]})], path="/nowhere"
)
NO_LOGIN = Recording("no_login", [Question("validate_credentials", {})], {"username": "admin", "password": "admin-pw"}, path="/_matrix")
TOO_FEW_RIGHTS = Recording("too_few_rights", _EVERYTHING_REFUSED, {"username": "user10", "password": "pw10"}, apart=_WRITES_PORT)
DEMO = Recording(
    "demo",
    [
        *walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations"),
        Question("get_last_activity", everybody, walk=True),
    ],
    setting=_in_use,
    apart=_DEMO_PORT,
)

APPLICATION = Application(
    "synapse",
    "Synapse",
    "1.163.2",
    "synapse",
    18780,
    [READS, WITHOUT_DETAILS, WRITES, MEANWHILE, REFUSED, WRONG_PASSWORD, NO_SYNAPSE, NO_LOGIN, TOO_FEW_RIGHTS, DEMO],
)
