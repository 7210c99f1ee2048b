"""The cassettes of JupyterHub and SCIM, recorded once more: the applications still answer as the committed ones say.

`pytest -m live tests/live/test_recordings.py --write-cassettes` writes them. Each application is started for this alone, and
the calls leave it as they found it, so that any of the cassettes can be recorded by itself and in any order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

import ferrule
from ferrule.bundled import cassettes
from ferrule.record import Answers, Question, record, save
from ferrule.wire.cassette_file import Cassette, CassetteCall, load_cassette
from live.hub import opened

pytestmark = pytest.mark.live

COMMAND = "pytest -m live tests/live/test_recordings.py --write-cassettes"
Inputs = Callable[[Answers], Mapping[str, Any] | None]


def of(name: str, **more: Any) -> Inputs:
    """The account that was made last, as the input `name`."""
    return lambda answers: {name: answers["create_account"]["id"], **more}


def member(group: str, account: str = "") -> Inputs:
    """The account that was made last, or another, as a member of the group called so."""
    return lambda answers: membership(account or answers["create_account"]["id"], group_id(answers, group))


def membership(account: str, group: str) -> Mapping[str, Any]:
    """An account and a group, both by their ids."""
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": group,
        "resource_type": "group",
        "entitlement_type": "member",
        "entitlement_integration_specific_id": "member",
    }


def group_id(answers: Answers, label: str) -> str:
    """The id of a group; its label, where there is none."""
    found = [str(each["integration_specific_id"]) for each in answers["list_resources"] if each["label"] == label]
    return found[0] if found else label


def made(username: str, *groups: str, **more: Any) -> Inputs:
    """A new account that is a member of these groups."""
    return lambda answers: {
        "username": username,
        **more,
        "entitlements": [
            {
                "entitlement_type": "member",
                "integration_specific_id": "member",
                "integration_specific_resource_id": group_id(answers, group),
            }
            for group in groups
        ],
    }


def account(name: str) -> Inputs:
    """The account of that name."""
    return lambda answers: {"account_id": next(a["integration_specific_id"] for a in answers["list_accounts"] if a["username"] == name)}


def twice(capability: str, inputs: Inputs) -> list[Question]:
    """The second finds it done."""
    return [Question(capability, inputs)] * 2


def walk(*capabilities: str, size: int = 10) -> list[Question]:
    return [Question(capability, {}, page_size=size, walk=True) for capability in capabilities]


_ADMIN = {
    "resource_integration_specific_id": "",
    "resource_type": "",
    "entitlement_type": "role",
    "entitlement_integration_specific_id": "admin",
}
_BOSS = {"entitlement_type": "role", "integration_specific_id": "boss"}
_STRANGER = [
    Question("validate_credentials", {}),
    *walk("list_accounts", "list_resources"),
    Question("get_account", {"account_id": "nobody"}),
    Question("create_account", {"username": "stranger"}),
    Question("unassign_entitlement", membership("nobody", "empty")),
    Question("delete_account", {"account_id": "nobody"}),
]


@dataclass(frozen=True, slots=True)
class Recording:
    """One cassette of one application."""

    app: str
    name: str
    questions: list[Question]
    token: str | None = None
    """The token to ask with; that of the target, where there is none."""


@dataclass(frozen=True, slots=True)
class Application:
    """What answers."""

    name: str
    version: str
    target: str
    port: int


APPLICATIONS = {
    "jupyterhub": Application("JupyterHub", "6.1.1", "jupyterhub", 18750),
    "scim": Application("scim2-server", "0.8.3", "scim2server", 18760),
}
RECORDINGS = [
    Recording(
        "jupyterhub",
        "reads",
        [
            Question("validate_credentials", {}),
            *walk("list_accounts"),
            Question("get_account", {"account_id": "user01"}),
            Question("get_account", {"account_id": "nobody"}),
            *walk("list_resources", "list_entitlements", size=3),
            *walk("find_entitlement_associations"),
            Question("get_account_entitlement_associations", {"account_id": "user01"}),
            Question("get_account_entitlement_associations", {"account_id": "nobody"}),
            Question("get_last_activity", {"account_ids": ["user01", "user02", "nobody"]}),
            *walk("list_non_human_accounts", "list_credentials", "get_credential_last_activity"),
            *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=200),
        ],
    ),
    Recording(
        "jupyterhub",
        "writes",
        [
            *walk("list_resources"),
            Question("create_account", made("user01")),
            Question("create_account", made("half-made", "finance", "nowhere")),
            Question("create_account", {"username": "never", "entitlements": [_BOSS]}),
            Question("create_account", made("New.Comer", "finance")),
            Question("get_account", of("account_id")),
            *twice("assign_entitlement", member("engineering")),
            *twice("unassign_entitlement", member("engineering")),
            Question("get_account_entitlement_associations", of("account_id")),
            Question("assign_entitlement", lambda answers: {**_ADMIN, "account_integration_specific_id": answers["create_account"]["id"]}),
            Question("assign_entitlement", member("nowhere")),
            Question("assign_entitlement", member("finance", "nobody")),
            *twice("release_resources", of("account_id")),
            Question("update_account", of("id", username="Old.Comer")),
            Question("update_account", of("id", username="older")),
            *twice("delete_account", lambda answers: {"account_id": "old.comer"}),
            Question("get_account", {"account_id": "old.comer"}),
        ],
    ),
    Recording("jupyterhub", "refused", _STRANGER, "no-such-token"),
    Recording(
        "scim",
        "reads",
        [
            Question("validate_credentials", {}),
            *walk("list_accounts"),
            Question("get_account", account("user08")),
            Question("get_account", {"account_id": "nobody"}),
            Question("list_updated_accounts", {"since": "2026-01-01T00:00:00Z"}, page_size=1000),
            Question("list_updated_accounts", {"since": "2126-01-01T00:00:00Z"}),
            *walk("list_resources", "list_entitlements", "find_entitlement_associations", size=2),
            Question("get_account_entitlement_associations", account("user01")),
            Question("get_account_entitlement_associations", {"account_id": "nobody"}),
            *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=1000),
        ],
    ),
    Recording(
        "scim",
        "writes",
        [
            *walk("list_resources"),
            Question("create_account", made("USER01")),
            Question("create_account", made("half-made", "Finance", "nowhere")),
            Question("create_account", {"username": "never", "entitlements": [_BOSS]}),
            Question("create_account", made("newcomer", "Finance", email="newcomer@example.test", given_name="New", family_name="Comer")),
            Question("get_account", of("account_id")),
            *twice("assign_entitlement", member("Empty")),
            *twice("unassign_entitlement", member("Empty")),
            Question("get_account_entitlement_associations", of("account_id")),
            Question("assign_entitlement", member("nowhere")),
            Question("assign_entitlement", member("Finance", "nobody")),
            *twice("deactivate_account", of("account_id")),
            *twice("activate_account", of("account_id")),
            *twice("update_account", of("id", title="Head", email="head@example.test", department="Eng")),
            Question("update_account", of("id", username="user01")),
            Question("update_account", of("id", shoe_size="42")),
            *twice("delete_account", of("account_id")),
            Question("get_account", of("account_id")),
        ],
    ),
    Recording("scim", "refused", _STRANGER, "no-such-token"),
]


@pytest.fixture(scope="module")
def addresses(target: Any) -> Callable[[str], tuple[str, str]]:
    """A function that starts an application for recordings, once, and gives its address and token."""
    known: dict[str, tuple[str, str]] = {}

    def start(app: str) -> tuple[str, str]:
        if app not in known:
            about = APPLICATIONS[app]
            started = target(about.target, about.port)
            known[app] = started["base_url"], started["credential"]["token"]
            if app == "jupyterhub":
                with_tokens(*known[app])
        return known[app]

    return start


def with_tokens(url: str, token: str) -> None:
    """A hub has tokens of its users only when they have made some; one of these was used."""
    with opened(url, token) as hub:
        hub.token_of("user02", note="nightly job")
        with opened(url, hub.token_of("user03", note="used once")) as used:
            used.get("user")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: f"{recording.app}/{recording.name}")
def test_it_can_be_recorded_again(
    recording: Recording, addresses: Callable[[str], tuple[str, str]], request: pytest.FixtureRequest
) -> None:
    about, path = APPLICATIONS[recording.app], cassettes() / recording.app / f"{recording.name}.yaml"
    url, token = addresses(recording.app)
    cassette = asyncio.run(
        record(
            ferrule.load(recording.app),
            recording.questions,
            application=about.name,
            application_version=about.version,
            command=COMMAND,
            credential={"token": recording.token or token},
            settings={"base_url": url},
        )
    )
    if request.config.getoption("--write-cassettes"):
        save(cassette, path)
    assert outline(cassette) == outline(load_cassette(path)), f"`{COMMAND}` writes what is answered now"


def outline(cassette: Cassette) -> list[dict[str, Any]]:
    """What the calls come to, without what an application makes up anew each time: ids and times."""
    return [told(call) for call in cassette.ferrule.calls]


def told(call: CassetteCall) -> dict[str, Any]:
    expect = call.expect
    fields = [sorted(record) for record in expect.records or []]
    error = expect.error and (expect.error.code, expect.error.status, expect.error.app_code)
    return {
        "capability": call.capability,
        "inputs": sorted(call.inputs),
        "requests": call.requests,
        "changed": expect.changed,
        "error": error,
        "fields": sorted(fields) or sorted(expect.record or {}),
    }
