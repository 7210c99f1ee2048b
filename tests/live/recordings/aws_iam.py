"""What IAM is asked, as moto has it. moto checks signatures and policies (`AUTH=1`) and has AWS's managed policies.

It does not know `ListServiceSpecificCredentials`, so nobody is deleted here; it pages no list but that of policies; and it refuses in a
form that is not IAM's, so refusals are not asked for. These are described: `tests/described/aws_iam.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ferrule.record import Question
from live.iam import ACCOUNT, ALL, APP_READ, DENY_ALL, READ_ONLY, client, removed
from live.recordings.asked import Application, Recording, twice, walk

_WHO = "account_integration_specific_id"
_MORE = ("billing-read", "data-read", "logs-read")


@contextmanager
def _with_all_sorts(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """Somebody within a boundary and with an inline policy, somebody who is off, a key that is, and a few policies more."""
    iam = client(url, credential)
    for name in _MORE:
        iam.create_policy(PolicyName=name, PolicyDocument=ALL)
    iam.create_user(
        UserName="bounded", Path="/staff/", PermissionsBoundary=APP_READ, Tags=[{"Key": "Email", "Value": "bounded@example.test"}]
    )
    iam.put_user_policy(UserName="bounded", PolicyName="own", PolicyDocument=ALL)
    iam.attach_user_policy(UserName="bounded", PolicyArn=READ_ONLY)
    iam.create_user(UserName="off")
    iam.attach_user_policy(UserName="off", PolicyArn=DENY_ALL)
    key = iam.create_access_key(UserName="off")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="off", AccessKeyId=key, Status="Inactive")
    yield
    for name in ("bounded", "off"):
        removed(iam, name)
    for name in _MORE:
        iam.delete_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{name}")


@contextmanager
def _with_a_leaver(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """Somebody with an inline policy, who has no tag."""
    iam = client(url, credential)
    iam.create_user(UserName="leaver")
    iam.put_user_policy(UserName="leaver", PolicyName="own", PolicyDocument=ALL)
    yield
    for name in ("leaver", "joiner"):
        removed(iam, name)


@contextmanager
def _without_users(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """An account in which everybody has come by a role."""
    iam = client(url, credential)
    for user in iam.list_users()["Users"]:
        removed(iam, user["UserName"])
    yield


def _right(kind: str, entitlement: str, group: str = "") -> dict[str, str]:
    return {
        "resource_integration_specific_id": group,
        "resource_type": "group" if group else "",
        "entitlement_type": kind,
        "entitlement_integration_specific_id": entitlement,
    }


def _wanted(kind: str, entitlement: str, group: str = "") -> dict[str, str]:
    return {"entitlement_type": kind, "integration_specific_id": entitlement, "integration_specific_resource_id": group}


def _made(username: str | None, *wanted: dict[str, str], **more: str) -> dict[str, Any]:
    return {"username": username, "entitlements": list(wanted), **more}


def _changed(capability: str, kind: str, entitlement: str, group: str = "", who: str = "joiner") -> Question:
    return Question(capability, {_WHO: who, **_right(kind, entitlement, group)})


READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        *[Question("get_account", {"account_id": name}) for name in ("user03", "bounded", "off", "nobody")],
        *walk("list_resources"),
        *walk("list_entitlements", size=3),
        *walk("find_entitlement_associations"),
        *[q for name in ("user15", "bounded", "off", "nobody") for q in walk("get_account_entitlement_associations", account_id=name)],
        *walk("list_credentials", "get_credential_last_activity"),
        *walk("get_last_activity", account_ids=["iga", "user04", "user05", "nobody"]),
    ],
    setting=_with_all_sorts,
)
ALL_POLICIES = Recording(
    "all_policies", [Question("list_entitlements", {}, page_size=5)], setting=_with_all_sorts, settings={"aws_policies": "all"}
)
WRITES = Recording(
    "writes",
    [
        Question(
            "create_account",
            _made("joiner", _wanted("group_member", "member", "finance"), _wanted("policy", APP_READ), email="joiner@example.test"),
        ),
        Question("create_account", _made("joiner")),
        Question(
            "create_account",
            _made(None, _wanted("group_member", "member", "finance"), _wanted("policy", f"{APP_READ}-no"), email="half@example.test"),
        ),
        Question("create_account", _made("half", _wanted("policy", APP_READ), _wanted("policy", f"{APP_READ}-no"))),
        Question("create_account", _made("half", _wanted("group_member", "member", "nowhere"))),
        Question("create_account", _made("never", _wanted("policy", DENY_ALL))),
        Question("create_account", _made("never", _wanted("policy", APP_READ, "finance"))),
        Question("create_account", _made("never", _wanted("group_member", "member"))),
        Question("create_account", _made("never", _wanted("group_member", "owner", "finance"))),
        Question("create_account", _made("never", _wanted("role", "admin"))),
        Question("get_account", {"account_id": "joiner"}),
        *twice("update_account", {"id": "joiner", "email": "other@example.test"}),
        Question("update_account", {"id": "joiner", "email": "other@example.test", "phone": "1"}),
        Question("update_account", {"id": "joiner"}),
        Question("update_account", {"id": "leaver", "email": "leaver@example.test"}),
        Question("update_account", {"id": "nobody", "email": "other@example.test"}),
        *twice("deactivate_account", {"account_id": "joiner"}),
        Question("get_account", {"account_id": "joiner"}),
        *walk("get_account_entitlement_associations", account_id="joiner"),
        *twice("activate_account", {"account_id": "joiner"}),
        *[Question("deactivate_account", {"account_id": name}) for name in ("iga", "nobody")],
        Question("activate_account", {"account_id": "nobody"}),
        *[
            _changed(capability, *right)
            for capability in ("assign_entitlement", "unassign_entitlement")
            for right in (
                *[("group_member", "member", "engineering")] * 2,
                *[("policy", READ_ONLY)] * 2,
                ("group_member", "member", "nowhere"),
                ("policy", f"{APP_READ}-no"),
                ("policy", DENY_ALL),
                ("policy", READ_ONLY, "engineering"),
                ("group_member", "owner", "engineering"),
                ("group_member", "member"),
                ("inline_policy", "leaver/own"),
                ("group_member", "member", "engineering", "nobody"),
                ("policy", READ_ONLY, "", "nobody"),
            )
        ],
        *[_changed("unassign_entitlement", "inline_policy", "leaver/own", who="leaver")] * 2,
        _changed("unassign_entitlement", "inline_policy", "leaver/own", "engineering", who="leaver"),
        _changed("unassign_entitlement", "inline_policy", "nobody/own", who="nobody"),
        *[Question("delete_account", {"account_id": name}) for name in ("iga", "nobody")],
    ],
    setting=_with_a_leaver,
)
NO_USERS = Recording("no_users", [Question("validate_credentials", {}), *walk("list_accounts")], setting=_without_users)
DEMO = Recording("demo", walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations"))

_FIELDS = ("access_key_id", "secret_access_key")
_STRICT = {"AUTH": "1", "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
APPLICATIONS = [
    Application("aws_iam", "moto", "5.2.5", "moto", 18860, [READS, ALL_POLICIES, WRITES, DEMO], _FIELDS, _STRICT, "kept"),
    Application("aws_iam", "moto", "5.2.5", "moto", 18861, [NO_USERS], _FIELDS, people="kept"),
]
