"""Synapse asked directly, by a second client that shares nothing with the engine, and people and rooms that its seed lacks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

ADMIN = "_synapse/admin"
CLIENT = "_matrix/client/v3"
DOMAIN = "example.test"


def at(name: str) -> str:
    """A full user id."""
    return f"@{name}:{DOMAIN}"


def moment(milliseconds: int) -> datetime:
    """A time as Synapse counts it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@dataclass
class Homeserver:
    """The homeserver, asked directly."""

    url: str
    credential: dict[str, str]
    client: httpx.Client

    def ask(self, method: str, *path: str, token: str | None = None, body: Any = None, **query: Any) -> httpx.Response:
        """The answer as it comes. The first part of the path is written as it is, the others are one segment each."""
        address = "/".join([self.url, path[0], *(quote(part, safe="") for part in path[1:])])
        headers = {"Authorization": f"Bearer {token or self.credential['token']}"}
        return self.client.request(method, address, headers=headers, params=query, json=body)

    def get(self, *path: str, **query: Any) -> Any:
        return self.ask("GET", *path, **query).raise_for_status().json()

    def post(self, *path: str, token: str | None = None, **body: Any) -> Any:
        return self.ask("POST", *path, token=token, body=body).raise_for_status().json()

    def put(self, *path: str, **body: Any) -> Any:
        return self.ask("PUT", *path, body=body).raise_for_status().json()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that Synapse writes down, or counts, a little later."""
        deadline = time.monotonic() + 120
        while not holds():
            assert time.monotonic() < deadline, "it did not come to be"
            time.sleep(0.5)

    def is_set_up(self) -> bool:
        """Whether a new server has brought its tables into their final form; until then some writes fail."""
        return not self.get(f"{ADMIN}/v1/background_updates/status")["current_updates"]

    # people

    def user(self, account: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"{ADMIN}/v2/users", account)
        return found

    def users(self) -> dict[str, dict[str, Any]]:
        """Every user, as Synapse tells of one: named by the older list, in its own order and in one piece."""
        listed = self.get(f"{ADMIN}/v2/users", deactivated="true", locked="true", limit=10_000)["users"]
        return {each["name"]: self.user(each["name"]) for each in listed}

    def devices(self, account: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"{ADMIN}/v2/users", account, "devices")["devices"]
        return found

    def token_of(self, account: str) -> str:
        """A token that acts for an account and belongs to no device; for the administrator, his own."""
        if account == at(self.credential["username"]):
            return self.credential["token"]
        token: str = self.post(f"{ADMIN}/v1/users", account, "login")["access_token"]
        return token

    def sign_in(self, name: str, password: str, **more: Any) -> httpx.Response:
        identifier = {"type": "m.id.user", "user": name}
        body = {"type": "m.login.password", "identifier": identifier, "password": password, **more}
        return self.client.post(f"{self.url}/{CLIENT}/login", json=body)

    def whoami(self, token: str) -> httpx.Response:
        return self.ask("GET", f"{CLIENT}/account/whoami", token=token)

    # rooms

    def rooms(self) -> dict[str, dict[str, Any]]:
        return {room["room_id"]: room for room in self.get(f"{ADMIN}/v1/rooms", limit=10_000, order_by="version")["rooms"]}

    def room(self, name: str) -> str:
        """The id of the room of that name."""
        return next(room for room, about in self.rooms().items() if about["name"] == name)

    def crowds(self) -> dict[str, int]:
        """How many are in each room."""
        return {room: len(self.joined(room)) for room in self.rooms()}

    def state(self, room: str, kind: str) -> dict[str, Any]:
        """State events of a kind by their key, picked from the whole state of a room."""
        return {event["state_key"]: event for event in self.get(f"{ADMIN}/v1/rooms", room, "state")["state"] if event["type"] == kind}

    def levels(self, room: str) -> dict[str, Any]:
        content: dict[str, Any] = self.state(room, "m.room.power_levels")[""]["content"]
        return content

    def joined(self, room: str) -> set[str]:
        members = self.state(room, "m.room.member")
        return {account for account, event in members.items() if event["content"]["membership"] == "join"}

    def held(self) -> set[tuple[str, str, str]]:
        """Account, entitlement and room, as the spec's header describes them."""
        found = {(account, "server_admin", "") for account, user in self.users().items() if user["admin"]}
        for room in self.rooms():
            found |= {(account, "member", room) for account in self.joined(room)}
            for account, level in self.levels(room).get("users", {}).items():
                if int(level) >= 50:
                    found.add((account, "admin" if int(level) >= 100 else "moderator", room))
            created = self.state(room, "m.room.create")[""]
            if int(created["content"]["room_version"]) >= 12:
                found |= {(each, "admin", room) for each in (created["sender"], *created["content"].get("additional_creators", ()))}
        return found

    def moves(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every change of a membership, with its room."""
        for room in self.rooms():
            kinds = json.dumps({"types": ["m.room.member"]})
            for event in self.get(f"{ADMIN}/v1/rooms", room, "messages", dir="b", limit=1_000, filter=kinds)["chunk"]:
                yield room, event

    def make_room(self, owner: str, members: tuple[str, ...] = (), **wanted: Any) -> str:
        """A room that `owner` makes, invites `members` to, and they join."""
        room: str = self.post(f"{CLIENT}/createRoom", token=self.token_of(owner), invite=list(members), **wanted)["room_id"]
        for member in members:
            self.post(f"{CLIENT}/join", room, token=self.token_of(member))
        return room

    def remove_room(self, room: str) -> None:
        """A room that goes with all that was in it."""
        removal = self.ask("DELETE", f"{ADMIN}/v2/rooms", room, body={"purge": True}).raise_for_status().json()["delete_id"]
        self.until(lambda: self.get(f"{ADMIN}/v2/rooms/delete_status", removal)["status"] == "complete")


def populate(server: Homeserver) -> None:
    """What the seed lacks: every sort of account, of device and of room."""
    server.put(f"{ADMIN}/v2/users", at("robot"), user_type="bot", displayname="Robot", password="robot-pw")
    server.put(f"{ADMIN}/v2/users", at("helper"), user_type="support")
    server.put(f"{ADMIN}/v2/users", at("odd/5=x"), displayname="Odd / 5")
    for body in ({}, {"locked": True}):  # a user who is just being made is never locked
        server.put(f"{ADMIN}/v2/users", at("locked"), **body)
    server.put(f"{ADMIN}/v2/users", at("quiet"))
    server.put(f"{ADMIN}/v1/suspend", at("quiet"), suspend=True)
    server.put(f"{ADMIN}/v2/users", at("gone"))
    server.post(f"{ADMIN}/v1/deactivate", at("gone"), erase=True)
    server.put(f"{ADMIN}/v2/users", at("user02"), external_ids=[{"auth_provider": "oidc-acme", "external_id": "u 2"}])
    phone = {"medium": "msisdn", "address": "4790000000"}
    server.put(f"{ADMIN}/v2/users", at("user03"), threepids=[phone, {"medium": "email", "address": f"user03@{DOMAIN}"}])
    devices = (("user01", "pw1", "PH/1"), ("user02", "pw2", "SAME"), ("user14", "pw14", "LOST"), ("robot", "robot-pw", "SAME"))
    for name, password, device in devices:
        signed_in = server.sign_in(name, password, device_id=device, initial_device_display_name=f"{name}'s own").raise_for_status()
        server.whoami(signed_in.json()["access_token"]).raise_for_status()

    old = server.make_room(at("user01"), (at("user02"), at("odd/5=x")), name="old", room_version="11", preset="private_chat")
    levels = {at("user05"): 50, at("user06"): 75, at("user07"): 100, at("user08"): 10}
    hall = server.make_room(
        at("user03"), (at("user04"), at("user05"), at("user07")), name="hall", preset="public_chat", topic="a b / c",
        creation_content={"additional_creators": [at("user04")]}, power_level_content_override={"users": levels},
    )  # fmt: skip
    server.post(f"{CLIENT}/rooms", hall, "leave", token=server.token_of(at("user07")), reason="enough")
    talk = server.make_room(at("user09"), (at("user10"),), preset="private_chat", is_direct=True)
    space = server.make_room(at("user11"), name="floor", creation_content={"type": "m.space"})
    server.until(lambda: all(server.user(at(name))["last_seen_ts"] for name, *_ in devices))
    server.ask("DELETE", f"{ADMIN}/v2/users", at("user14"), "devices", "LOST").raise_for_status()
    server.until(
        lambda: (
            {room: about["joined_members"] for room, about in server.rooms().items()}
            == {**dict.fromkeys((old, hall, talk, space)), **server.crowds()}
        )
    )
