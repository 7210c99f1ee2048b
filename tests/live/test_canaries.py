"""Secrets and people planted in real applications: nothing of them is in a cassette, a log, an error, a trace or a token.

What is flown, and what is searched for, is that of `tests/test_canaries.py`, where an app in the test repeats all it is told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

import ferrule
from canary import all_traces, traces
from ferrule.library import find_spec
from ferrule.record import reads, record
from ferrule.wire.cassette_file import written
from flight import Flight, Left, fly

pytestmark = pytest.mark.live

WRONG = "canary-wr0ng/+&=%25-0123456789"
PASSWORD = 'canary-pa55/word "&+ 0123456789'
HOOK = "whsec_canary0123456789abcdefgh"
DOMAIN = "canary-corp.com"
ADDRESSES = [f"canary.ann@{DOMAIN}", f"canary+bo@{DOMAIN}", f"canary_cy@mail.{DOMAIN}"]
LOGINS = ["canary-annalotta", "bogcanary", "cyrcanary7"]
NAMES = [("Annalotta", "Löwenberg-Canary"), ("Bogdán", "O'Canary"), ("Cyrilla", "Canarysson")]
PHONES = ["+49 170 5550777", "+1-415-867-5309", "+442079460000"]
PEOPLE = list(zip(ADDRESSES, LOGINS, NAMES, PHONES, strict=True))
NEVER_HANDED_OUT = [WRONG, PASSWORD]
"""Secrets that no application tells anybody. `HOOK` stands in a text that is read by all."""

Send = Callable[..., httpx.Response]


@dataclass(frozen=True)
class Cage:
    """One application, and how the canaries get in."""

    app: str
    target: str
    port: int
    plant: Callable[[Send], None]
    walks: Mapping[str, Mapping[str, Any]]
    writes: list[tuple[str, Mapping[str, Any]]]
    calls: list[tuple[str, Mapping[str, Any]]]
    addresses: list[str]
    """Those that the application takes."""
    private: list[str]
    """What else it takes of people."""
    codes: set[str]
    """Errors that must have come."""


def _in_scim(send: Send) -> None:
    ids = []
    for address, login, (first, last), phone in PEOPLE:
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, "externalId": f"ext-{login}",
            "password": PASSWORD,
            "name": {"givenName": first, "familyName": last, "formatted": f"{first} {last}"}, "displayName": f"{last}, {first}",
            "nickName": first, "title": f"keeper of {HOOK}", "emails": [{"value": address, "type": "work", "primary": True}],
            "phoneNumbers": [{"value": f"tel:{phone.replace(' ', '-')}", "type": "mobile"}], "active": True,
        }  # fmt: skip
        ids.append(send("POST", "/Users", json=body, headers={"Content-Type": "application/scim+json"}).json()["id"])
    group = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": f"Friends of {NAMES[0][0]}",
        "members": [{"value": one} for one in ids],
    }
    send("POST", "/Groups", json=group, headers={"Content-Type": "application/scim+json"})


def _in_synapse(send: Send) -> None:
    for address, login, names, phone in PEOPLE:
        threepids = [{"medium": "email", "address": address}, {"medium": "msisdn", "address": "".join(c for c in phone if c.isdigit())}]
        body = {"password": PASSWORD, "displayname": " ".join(names), "threepids": threepids}
        send("PUT", "/_synapse/admin/v2/users/" + quote(f"@{login}:example.test", safe=""), json=body)
    room = {"name": f"Room of {NAMES[1][0]}", "topic": f"hook {HOOK}", "preset": "public_chat"}
    made = send("POST", "/_matrix/client/v3/createRoom", json=room).json()["room_id"]
    send("POST", f"/_synapse/admin/v1/join/{quote(made, safe='')}", json={"user_id": f"@{LOGINS[0]}:example.test"})


def _in_jupyterhub(send: Send) -> None:
    for address, login in ((PEOPLE[0][0], PEOPLE[0][1]), (PEOPLE[1][0], PEOPLE[1][1])):
        send("POST", "/users", json={"usernames": [address, login]})
        send("POST", f"/users/{quote(address, safe='')}/tokens", json={"note": f"hook {HOOK} of {login}"})
    send("POST", "/groups/canary-friends", json={})
    send("POST", "/groups/canary-friends/users", json={"users": [PEOPLE[0][0].lower(), LOGINS[1]]})


CAGES = [
    Cage(
        "scim", "scim2server", 18840, _in_scim,
        {"list_accounts": {}, "list_resources": {}, "find_entitlement_associations": {}},
        [("create_account", {"email": ADDRESSES[0], "username": LOGINS[0], "given_name": NAMES[0][0], "entitlements": []}),
         ("update_account", {"id": "nobody", "email": ADDRESSES[1]})],
        [("get_account", {"account_id": f"no-{ADDRESSES[2]}"})],
        ADDRESSES, [*LOGINS, *(word for pair in NAMES for word in pair), PHONES[2]],
        {"unauthorized", "not_found", "conflict"},
    ),
    Cage(
        "synapse", "synapse", 18850, _in_synapse,
        {"list_accounts": {}, "list_resources": {}, "find_entitlement_associations": {}},
        [("create_account", {"email": ADDRESSES[0], "username": "canary-second", "entitlements": []}),
         ("deactivate_account", {"account_id": f"@{ADDRESSES[1]}:example.test"})],
        [("get_account", {"account_id": f"@no.{ADDRESSES[2]}:example.test"}), ("get_account", {"account_id": ADDRESSES[2]})],
        ADDRESSES, [*LOGINS, *(word for pair in NAMES for word in pair), *("".join(filter(str.isdigit, phone)) for phone in PHONES)],
        {"unauthorized", "not_found"},
    ),
    Cage(
        "jupyterhub", "jupyterhub", 18860, _in_jupyterhub,
        {"list_accounts": {}, "list_resources": {}, "find_entitlement_associations": {}, "list_credentials": {}},
        [("create_account", {"email": ADDRESSES[0], "entitlements": []}), ("delete_account", {"account_id": f"no-{ADDRESSES[2]}"})],
        [("get_account", {"account_id": ADDRESSES[1]}), ("get_account", {"account_id": f"no-{ADDRESSES[2]}"})],
        ADDRESSES[:2], LOGINS[:2],
        {"unauthorized", "not_found", "conflict"},
    ),
]  # fmt: skip


@pytest.fixture(scope="module", params=CAGES, ids=lambda cage: cage.app)
def flown(request: pytest.FixtureRequest, target: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Cage, Left, str, str]:
    """A cage, what a flight over it left, what is recorded with people kept, and the credential."""
    cage: Cage = request.param
    started = target(cage.target, cage.port)
    url, token = started["base_url"], started["credential"]["token"]
    scheme = "token" if cage.app == "jupyterhub" else "Bearer"
    with httpx.Client(headers={"Authorization": f"{scheme} {token}"}, timeout=60) as client:

        def send(method: str, path: str, **more: Any) -> httpx.Response:
            answer = client.request(method, url + path, **more)
            assert answer.status_code in (200, 201, 409), answer.text
            return answer

        cage.plant(send)
    spec = find_spec(cage.app)
    flight = Flight(spec, {"base_url": url}, {"token": token}, {"token": WRONG}, cage.walks, cage.writes, cage.calls)
    left = fly(flight, tmp_path_factory.mktemp("flight"))
    connector = ferrule.load(spec)
    kept = record(
        connector,
        reads(connector.plan),
        application=cage.app,
        command="x",
        credential={"token": token},
        settings={"base_url": url},
        people="kept",
    )
    return cage, left, written(asyncio.run(kept)), token


def test_canaries_were_there(flown: tuple[Cage, Left, str, str]) -> None:
    """Callers are told of them, and a recording that keeps people holds every one."""
    cage, left, kept, _ = flown
    assert cage.codes <= set(left.errors), left.errors
    assert left.tokens >= 3
    assert {"cassette reads", "log", "errors", "traces", "tokens", "record", "test", "explain"} <= set(left.places)
    for canary in [*cage.addresses, *cage.private]:
        assert traces(kept, [canary]), f"{canary} is not in what {cage.app} tells"
    for address in cage.addresses:
        assert traces(left.given, [address]), address


def test_no_secret_is_left_anywhere(flown: tuple[Cage, Left, str, str]) -> None:
    _, left, kept, token = flown
    assert all_traces(left.places, [token, *NEVER_HANDED_OUT, HOOK]) == []
    assert all_traces({"kept": kept}, [token, *NEVER_HANDED_OUT, HOOK]) == []


def test_no_address_is_left_anywhere(flown: tuple[Cage, Left, str, str]) -> None:
    _, left, _, _ = flown
    assert all_traces(left.places, ADDRESSES) == []


def test_nobody_is_left_in_cassettes_and_tokens(flown: tuple[Cage, Left, str, str]) -> None:
    cage, left, _, _ = flown
    places = {place: text for place, text in left.places.items() if place.startswith(("cassette", "tokens", "test", "replay"))}
    assert len(places) >= 5
    assert all_traces(places, [*cage.addresses, *cage.private]) == []


def test_the_cassette_is_that_of_the_application(flown: tuple[Cage, Left, str, str]) -> None:
    """As many accounts as callers were told of, each with another pseudonym."""
    _, left, _, _ = flown
    cassette = json.loads(left.places["cassette reads, as it is read"])
    accounts = next(call for call in cassette["ferrule"]["calls"] if call["capability"] == "list_accounts")["expect"]["records"]
    ids = [account["integration_specific_id"] for account in accounts]
    assert len(ids) == len(set(ids)) >= 25
    assert cassette["ferrule"]["people"] == "pseudonyms"
