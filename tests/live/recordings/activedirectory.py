"""What Active Directory is asked: Samba as the domain controller."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ferrule.record import Answers, Question
from live.domain import BASE, BRANCH, HOST, PASSWORD, Domain, branch, reached
from live.recordings.asked import Application, Inputs, Recording, everybody, of, resource_id, twice, walk
from live.recordings.meanwhile import Deed

CA_FILE = Path(os.environ.get("FERRULE_TARGETS_DIR", Path.home() / ".cache" / "ferrule-targets")) / "samba/run-389/dc/private/tls/ca.pem"
NOBODY = "00000000-0000-0000-0000-000000000000"


@contextmanager
def _in_a_branch(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A branch office, which is gone afterwards."""
    with reached(CA_FILE), branch(credential):
        yield


@contextmanager
def _with_somebody_else(url: str, credential: Mapping[str, str]) -> Iterator[list[Deed]]:
    """Somebody sets another flag of an account between the look at its flags and the change."""
    with reached(CA_FILE), branch(credential) as domain:
        yield [Deed("SEARCH", "GUID=", lambda: _never_expires(domain))]


def _never_expires(domain: Domain) -> None:
    domain.change(f"CN=Person 4,OU=People,{BRANCH}", userAccountControl="66048")


def user(name: str, field: str = "account_id", **more: Any) -> Inputs:
    """The account of that name."""
    return lambda answers: {field: _id(answers, name), **more}


def _id(answers: Answers, name: str) -> str:
    return next(str(each["integration_specific_id"]) for each in answers["list_accounts"] if each["username"] == name)


def made(label: str, kind: str = "member") -> Inputs:
    """A right for the account that was made last."""
    return lambda answers: change(str(answers["create_account"]["id"]), resource_id(answers, label), kind)


def change(account: str, resource: str, kind: str) -> Mapping[str, str]:
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": resource,
        "resource_type": "organizational_unit" if kind == "placement" else "group",
        "entitlement_type": kind,
        "entitlement_integration_specific_id": kind,
    }


def new(username: str, *rights: tuple[str, str], **more: Any) -> Inputs:
    """A new account with rights: kind and label."""
    return lambda answers: {
        "username": username,
        "entitlements": [
            {"entitlement_type": kind, "integration_specific_id": kind, "integration_specific_resource_id": resource_id(answers, label)}
            for kind, label in rights
        ],
        **more,
    }


ACCOUNTS = Question("list_accounts", {}, 5, walk=True)
RESOURCES = Question("list_resources", {}, 50, walk=True)

READS = [
    Question("validate_credentials", {}),
    ACCOUNTS,
    RESOURCES,
    Question("get_account", user("zoe")),
    Question("get_account", {"account_id": NOBODY}),
    Question("get_account", lambda answers: {"account_id": resource_id(answers, "Inner")}),
    *walk("list_entitlements", "find_entitlement_associations", size=4),
    *walk("list_non_human_accounts", size=1),
    *(Question("get_account_entitlement_associations", user(name), 5, walk=True) for name in ("person1", "zoe", "john")),
    Question(
        "get_account_entitlement_associations", lambda answers: {"account_id": answers["list_resources"][0]["integration_specific_id"]}
    ),
    *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=50),
    Question("get_last_activity", everybody),
    Question("get_last_activity", {"account_ids": [NOBODY]}),
    Question("list_updated_accounts", {"since": "2026-01-31T13:14:15.678+01:00"}, 5, walk=True),
    Question("list_updated_accounts", {}, 5, walk=True),
]

WRITES = [
    ACCOUNTS,
    RESOURCES,
    Question(
        "create_account",
        new(
            "zara",
            ("placement", "Guests"),
            ("member", "Inner"),
            ("member", "Everybody"),
            given_name="Zara",
            family_name="Öz, von",
            email="zara@example.test",
            user_principal_name="zara@corp.example.test",
            password=PASSWORD,
        ),
    ),
    Question("get_account", of("account_id")),
    Question("get_account_entitlement_associations", of("account_id"), walk=True),
    *twice("update_account", of("id", department="R&D", title="Boss", email="z@example.test", given_name="Zarah", family_name="Öz")),
    *twice(
        "update_account",
        of("id", username="zarah", display_name="Zarah", employee_id="E99", user_principal_name="zarah@corp.example.test"),
    ),
    Question("update_account", of("id", colour="red")),
    Question("update_account", {"id": NOBODY, "title": "Boss"}),
    Question("update_account", lambda answers: {"id": resource_id(answers, "Inner"), "title": "Boss"}),
    *twice("deactivate_account", of("account_id")),
    *twice("activate_account", of("account_id")),
    *twice("assign_entitlement", made("Middle")),
    *twice("unassign_entitlement", made("Middle")),
    *twice("assign_entitlement", made("People", "placement")),
    Question("get_account", of("account_id")),
    *twice("delete_account", of("account_id")),
    Question("create_account", new("plain", ("placement", "Guests"))),
    Question("create_account", new("plain2", ("placement", "Guests"), name="plain")),
    Question("create_account", new("weak", ("placement", "Guests"), name="We Ak", password="weak")),
    Question("create_account", new("nowhere", name="No Where")),
    Question("delete_account", of("account_id")),
    Question("create_account", new("undone", ("placement", "Guests"), ("member", "Inner"), ("member", NOBODY), given_name="Un")),
]

REFUSED = [
    ACCOUNTS,
    RESOURCES,
    Question("deactivate_account", {"account_id": NOBODY}),
    Question("deactivate_account", lambda answers: {"account_id": resource_id(answers, "Inner")}),
    Question("activate_account", lambda answers: {"account_id": resource_id(answers, "Inner")}),
    Question("delete_account", lambda answers: {"account_id": resource_id(answers, "Inner")}),
    Question("assign_entitlement", lambda answers: change(_id(answers, "person1"), resource_id(answers, "Inner"), "effective_member")),
    Question("unassign_entitlement", lambda answers: change(_id(answers, "person1"), resource_id(answers, "People"), "placement")),
    Question("assign_entitlement", lambda answers: change(_id(answers, "person1"), resource_id(answers, "Inner"), "placement")),
    Question("assign_entitlement", lambda answers: change(resource_id(answers, "Outer (all)"), resource_id(answers, "Inner"), "member")),
    Question("assign_entitlement", lambda answers: change(resource_id(answers, "Inner"), resource_id(answers, "Guests"), "placement")),
    Question("unassign_entitlement", lambda answers: change(resource_id(answers, "Middle"), resource_id(answers, "Outer (all)"), "member")),
    Question("create_account", new("x", ("effective_member", "Inner"), name="X")),
    Question("create_account", new("x", ("placement", "Guests"), ("placement", "People"), name="X")),
    Question("create_account", {"given_name": "X", "entitlements": []}),
    Question(
        "create_account",
        {"username": "x", "entitlements": [{"entitlement_type": "member", "integration_specific_id": "member"}]},
    ),
]

RACE = [ACCOUNTS, Question("deactivate_account", user("person4")), Question("get_account", user("person4"))]

IN_BRANCH = {"accounts_dn": BRANCH, "groups_dn": BRANCH}
ADMINISTRATOR = {"username": "Administrator@corp.example.test", "password": "Passw0rd!admin"}
READER = {"username": "person1@corp.example.test", "password": PASSWORD}

DEMO = [
    ACCOUNTS,
    *walk("list_resources", "list_entitlements", "find_entitlement_associations", size=50),
    Question("get_last_activity", everybody),
]

WHOLE_DOMAIN = [
    *walk("list_accounts", "list_updated_accounts", "list_resources", size=500),
    Question("create_account", new("inusers", name="In Users")),
    Question("delete_account", of("account_id")),
]

MAY_NOT_WRITE = [
    Question("validate_credentials", {}),
    ACCOUNTS,
    Question("deactivate_account", user("person2")),
    Question("delete_account", user("person2")),
]


def _recording(name: str, questions: list[Question], credential: Mapping[str, str] = ADMINISTRATOR, **more: Any) -> Recording:
    return Recording(name, questions, credential, **{"setting": _in_a_branch, "settings": IN_BRANCH, **more})


APPLICATION = Application(
    "activedirectory",
    "Samba Active Directory",
    "4.17.12",
    "samba",
    389,
    [
        _recording("demo", DEMO),
        _recording("reads", READS),
        _recording("writes", WRITES, settings={**IN_BRANCH, "new_accounts_dn": f"OU=People,{BRANCH}"}),
        _recording("refused", REFUSED),
        _recording("race", RACE, setting=_with_somebody_else),
        _recording("whole_domain", WHOLE_DOMAIN, settings={}),
        _recording("may_not_write", MAY_NOT_WRITE, READER),
        _recording("wrong_password", [Question("validate_credentials", {})], {**READER, "password": "not the password"}),
        _recording("disabled_account", [Question("validate_credentials", {})], {**READER, "username": "gone@corp.example.test"}),
    ],
    given=lambda started, path: {"server": f"ldap://{HOST}", "base_dn": BASE},
)
