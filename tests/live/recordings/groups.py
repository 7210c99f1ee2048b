"""What is asked of applications whose resources are groups with members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ferrule.record import Question
from live.recordings.asked import Inputs, Recording, resource_id, walk


def membership(account: str, group: str) -> Mapping[str, Any]:
    """An account and a group, both by their ids."""
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": group,
        "resource_type": "group",
        "entitlement_type": "member",
        "entitlement_integration_specific_id": "member",
    }


def member(group: str, account: str = "") -> Inputs:
    """The account that was made last, or another, as a member of the group called so."""
    return lambda answers: membership(account or answers["create_account"]["id"], resource_id(answers, group))


def made(username: str, *groups: str, **more: Any) -> Inputs:
    """A new account that is a member of these groups."""
    return lambda answers: {
        "username": username,
        **more,
        "entitlements": [
            {
                "entitlement_type": "member",
                "integration_specific_id": "member",
                "integration_specific_resource_id": resource_id(answers, group),
            }
            for group in groups
        ],
    }


BOSS = {"entitlement_type": "role", "integration_specific_id": "boss"}
"""An entitlement that none of the applications has."""

REFUSED = Recording(
    "refused",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts", "list_resources"),
        Question("get_account", {"account_id": "nobody"}),
        Question("create_account", {"username": "stranger"}),
        Question("unassign_entitlement", membership("nobody", "empty")),
        Question("delete_account", {"account_id": "nobody"}),
    ],
    credential={"token": "no-such-token"},
)
