"""How Zendesk is asked, and what several of its cassettes have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import Recording, Rights
from described.description import Turn
from described.zendesk_answers import JOHNNY, ROGER, WHOLE, organizations, roles, user, users
from ferrule.record import Question

DOCS = "https://developer.zendesk.com/api-reference"
CLIENT = "https://github.com/zendesk/zendesk_api_client_rb"

AGENT, NEW = str(JOHNNY["id"]), str(ROGER["id"])
MEMBER, GROUP, ORGANIZATION = "72", "88", "88"
"""Who joined what, by the examples of a membership."""
EMAIL = "roge@example.org"
OTHER_EMAIL = "someone@example.com"
"""The address among the identities of a user."""
OTHER_GROUP = 12
"""The first of the memberships in a list."""

RIGHTS = Rights(MEMBER, lambda kind, resource: kind.removesuffix("_member") if resource else "", {"email": EMAIL})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def refused(error: Any, description: str | None = None, **more: Any) -> dict[str, Any]:
    return {"error": error, **({"description": description} if description else {}), **more}


GONE = Turn(404, page=refused("RecordNotFound", "Not found"))
DENIED = Turn(
    403,
    page=refused(
        {
            "title": "Forbidden",
            "message": "You do not have access to this page. Please contact the account owner of this help desk for further help.",
        }
    ),
)


def recorded(
    name: str,
    questions: Sequence[Question],
    turns: Mapping[str, Sequence[Turn]] | None = None,
    page: str | None = WHOLE,
    **more: Any,
) -> Recording:
    """A cassette with an API token, of what the whole description has where nothing else is said."""
    return Recording(name, questions, turns or {}, page=page, **{"credential": {"username": EMAIL, "password": "described-token"}, **more})


def read(account: str = AGENT) -> Question:
    return Question("get_account", {"account_id": account})


def asked(capability: str, account: str = AGENT) -> Question:
    return Question(capability, {"account_id": account})


def in_groups(of: int, *ids: int, **meta: Any) -> Turn:
    """The memberships of the example as those of one user, in the groups that are said."""
    said = {f"group_memberships.{at}.group_id": each for at, each in enumerate(ids)}
    owner = {f"group_memberships.{at}.user_id": of for at in range(2)}
    return Turn(instead={**owner, **said, **({"meta": meta} if meta else {})})


NO_GROUPS, NO_ORGANIZATIONS = Turn(instead={"group_memberships": []}), Turn(page={"organization_memberships": []})
TEAM: dict[str, Sequence[Turn]] = {
    "ListUsers": [users(JOHNNY, ROGER)],
    "ListOrganizations": [organizations()],
    "ListCustomRoles": [roles()],
}
CHANGES = {"name": "Roger Wilco II", "alias": "Mr. Johnny", "external_id": "sai989sur98w9", "time_zone": "Copenhagen", "locale": "en-US"}
BEFORE = {**ROGER, "alias": None, "external_id": None, "time_zone": "Eastern Time (US & Canada)", "locale": None}


def changed(*names: str) -> Turn:
    return user(BEFORE, **{name: CHANGES[name] for name in names})


def change(*names: str, **more: str) -> Question:
    return Question("update_account", {"id": NEW, **{name: CHANGES[name] for name in names}, **more})
