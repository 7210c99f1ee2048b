"""How Datadog answers: with what the vendor's own client has recorded of its tests, and with what was written before.

The recordings are those under `RECORDED`, and each value here says which it is of, by the name of its file. Four things differ from them:

- the roles that a list of users includes, with hundreds of permissions, are left out, and so are the permissions of a role;
- a list has the users, roles and teams that are here, is cut as it was asked for, and counts them;
- a field that no recording fills has the description's example, or a value that its pages name: they are said where they stand;
- what a call before has written, or taken away, is read back so.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app import Asked
from described.description import Described, Description, Turn

RECORDED = (
    "https://github.com/DataDog/datadog-api-client-python/tree/6d8f356e4a3fdf83307c9db00e7a081d56a47ea5/tests/v2/cassettes/test_scenarios"
)
AUDIT_PAGE = "https://docs.datadoghq.com/account_management/audit_trail/events/"

ORGANISATION = "4dee724d-00cc-11ea-a77b-570c9d03c6c5"
ALAN, BOB = "f0182270-a635-11ed-af86-0ec0bd96ac3b", "af29975c-059c-11ea-a77c-c3d911d2ed55"
MEMBER, OFF = "ebb17d15-5e46-4440-856f-75710cbbce4b", "6de87a9b-d1d9-11ec-ad3d-da7ad0900002"
SERVICE, NEW = "9d9c0565-a0ae-11ed-88af-be56a8628f3f", "6409ce70-d1d9-11ec-ad3d-da7ad0900002"
ADMIN_ROLE, OTHER_ROLE = "94172442-be03-11e9-a77a-3b7612558ac1", "9d7c873e-a0ae-11ed-975e-da7ad0900002"
TEAM, EXAMPLE_TEAM = "95ac9e78-0a56-4a6a-9e5e-21580dc141cc", "ac73040e-c8d4-11ed-b2ea-da7ad0900002"
NOBODY = "00000000-dead-beef-dead-ffffffffffff"
"""Who is not found in `test_update_a_user_returns_not_found_response.yaml`."""
ACTOR = "1ad9c690-ee90-4dca-80ad-034e916623ab"
"""Who acts in the recorded events."""


def _user(id: str, name: str | None, email: str, roles: Sequence[str], made: str, changed: str, **more: Any) -> dict[str, Any]:
    attributes = {"name": name, "handle": email, "created_at": made, "modified_at": changed, "email": email, "title": None}
    state = {"verified": True, "service_account": False, "disabled": False, "allowed_login_methods": [], "status": "Active"}
    return {
        "type": "users",
        "id": id,
        "attributes": {**attributes, **state, **more},
        "relationships": {
            "roles": {"data": [{"type": "roles", "id": role} for role in roles]},
            "org": {"data": {"type": "orgs", "id": ORGANISATION}},
        },
    }


USERS = [
    # test_list_all_users_returns_ok_response_with_pagination.yaml, these two. `mfa_enabled` and `last_login_time` are in the description
    # without an example: the time is the one at which Alan's record was last changed.
    _user(
        ALAN,
        "Alan",
        "alan@datadoghq.com",
        [ADMIN_ROLE],
        "2023-02-06T15:50:10.995740+00:00",
        "2023-02-06T15:51:59.847148+00:00",
        mfa_enabled=True,
        last_login_time="2023-02-06T15:51:59.847148+00:00",
    ),
    _user(
        BOB,
        "Bob",
        "andrew.mcburney@datadoghq.com",
        [ADMIN_ROLE],
        "2019-11-12T22:35:09.997764+00:00",
        "2019-11-12T22:35:27.629304+00:00",
        handle="bob@datadoghq.com",
    ),
    # test_add_a_user_to_a_team_returns_represents_a_users_association_to_a_team_response.yaml
    _user(
        MEMBER,
        None,
        "test-add_a_user_to_a_team_returns_represents_a_user_s_association_to_a_team_response-1774969069@datadoghq.com",
        [],
        "2026-03-31T14:57:55.106406+00:00",
        "2026-03-31T14:57:55.106406+00:00",
        title="user title",
        verified=False,
        status="Pending",
        last_login_time=None,
    ),
    # test_update_a_user_returns_ok_response.yaml
    _user(
        OFF,
        "updated",
        "test-update_a_user_returns_ok_response-1652349233@datadoghq.com",
        [],
        "2022-05-12T09:53:53.972168+00:00",
        "2022-05-12T09:53:54.471054+00:00",
        title="user title",
        verified=False,
        disabled=True,
        status="Disabled",
    ),
    # test_create_a_service_account_returns_ok_response.yaml
    _user(
        SERVICE,
        "Test API Client",
        "test-create_a_service_account_returns_ok_response-1675090734@datadoghq.com",
        [OTHER_ROLE],
        "2023-01-30T14:58:54.736093+00:00",
        "2023-01-30T14:58:54.738680+00:00",
        handle=SERVICE,
        service_account=True,
    ),
]
NEW_EMAIL = "Test-Create_a_user_returns_OK_response-1652349215@datadoghq.com"
# test_create_a_user_returns_ok_response.yaml
CREATED = _user(
    NEW,
    "Datadog API Client Python",
    NEW_EMAIL.lower(),
    [],
    "2022-05-12T09:53:35.809381+00:00",
    "2022-05-12T09:53:35.827707+00:00",
    verified=False,
    status="Pending",
)
# test_send_invitation_emails_returns_ok_response.yaml
INVITATION = {
    "type": "user_invitations",
    "id": "6d565dfe-d1d9-11ec-ad3d-da7ad0900002",
    "attributes": {
        "uuid": "6d565dfe-d1d9-11ec-ad3d-da7ad0900002",
        "login_method": None,
        "invite_type": "openid_invite",
        "created_at": "2022-05-12T09:53:51.412532+00:00",
        "expires_at": "2022-05-14T09:53:51.311613+00:00",
    },
}
ROLES = [
    # test_list_all_users_returns_ok_response_with_pagination.yaml
    {
        "type": "roles",
        "id": ADMIN_ROLE,
        "attributes": {
            "name": "Datadog Admin Role",
            "created_at": "2019-08-13T19:50:19.022791+00:00",
            "modified_at": "2019-08-13T19:50:19.022791+00:00",
        },
    },
    # test_create_a_service_account_returns_ok_response.yaml
    {
        "type": "roles",
        "id": OTHER_ROLE,
        "attributes": {
            "name": "Test-Create_a_service_account_returns_OK_response-1675090734",
            "created_at": "2023-01-30T14:58:54.528421+00:00",
            "modified_at": "2023-01-30T14:58:54.566829+00:00",
        },
    },
]


def _team(id: str, name: str, handle: str, made: str, description: str | None) -> dict[str, Any]:
    about = {"description": description, "summary": description or None, "user_count": 0, "link_count": 0}
    return {
        "type": "team",
        "id": id,
        "attributes": {"name": name, "handle": handle, "created_at": made, "modified_at": made, **about},
    }


TEAMS = [
    # test_get_all_teams_returns_ok_response_with_pagination.yaml, these three
    _team(EXAMPLE_TEAM, "Example Team", "api-spec-test-team", "2023-03-22T17:12:07.018313+00:00", None),
    _team(
        "cc338b02-405b-11ee-835e-da7ad0900002", "test-name-12938712938", "test-handle-12938712938", "2023-08-21T19:49:10.718738+00:00", ""
    ),
    _team(
        "ecc8affc-27d6-11ee-b33c-da7ad0900002",
        "tf-testaccteamlinkbasic-local-1689951453",
        "tf-testaccteamlinkbasic-local-1689951453",
        "2023-07-21T14:57:34.412707+00:00",
        "123",
    ),
    # test_add_a_user_to_a_team_returns_represents_a_users_association_to_a_team_response.yaml
    _team(TEAM, "test-name-3170c6f6f5b25b4d", "test-handle-3170c6f6f5b25b4d", "2026-03-31T14:57:54.888553+00:00", None),
]
KEYS = [
    # test_get_one_application_key_for_this_service_account_returns_ok_response.yaml
    {
        "type": "application_keys",
        "id": "490b7601-a457-449c-8d8c-72c848e669d5",
        "attributes": {
            "name": "Test-Get_one_application_key_for_this_service_account_returns_OK_response-1697095113",
            "created_at": "2023-10-12T07:18:34.052468+00:00",
            "last4": "xxxx",
            "scopes": None,
        },
    },
    # The examples of the description.
    {
        "type": "application_keys",
        "id": "6315ab43-ce92-4130-b6d2-94ceb5f7142a",
        "attributes": {
            "name": "Application Key for managing dashboards",
            "created_at": "2020-11-23T10:00:00.000Z",
            "last4": "abcd",
            "last_used_at": "2020-12-20T10:00:00.000Z",
            "scopes": ["dashboards_read", "dashboards_write", "dashboards_public_share"],
        },
    },
]
CURSOR = "eyJhZnRlciI6IkFRQUFBWUFpUWhuWTNSM3VVUUFBQUFCQldVRnBVV2h3YmtGQlEwczJhSGMyTWtoNGNtOTNRVUUifQ"


def _event(id: str, usr: Mapping[str, str], action: str = "update_config", **more: Any) -> dict[str, Any]:
    about = {"status": "info", "timestamp": "2022-04-13T09:29:59Z", "usr": usr, "action": action, "auth_method": "API + App Key"}
    return {
        "type": "audit",
        "id": id,
        "attributes": {
            "attributes": {**about, "evt": {"actor": {"type": "Other"}}, **more},
            "message": "Agent configuration successfuly updated",
            "tags": ["source:audit"],
            "timestamp": "2022-04-13T09:29:59.000Z",
        },
    }


# test_get_a_list_of_audit_logs_events_returns_ok_response_with_pagination.yaml. The second is told of as `AUDIT_PAGE` names its fields,
# and the third is somebody else's.
EVENTS = [
    _event("AQAAAYAiQhnY3SfuUQAAAABBWUFpUWhxSEFBQ0s2aHc2Mkh4cnZRQUE", {"id": ACTOR, "email": ACTOR}),
    _event(
        "AQAAAYAiQhnY3SHuUQAAAABBWUFpUWhxRkFBQ0s2aHc2Mkh4cnR3QUE",
        {"uuid": ACTOR, "email": ACTOR},
        "modified",
        evt={"name": "Access Management", "actor": {"type": "USER"}},
        asset={"type": "user", "id": ALAN},
    ),
    _event("AQAAAYAiQhnY3RvuUQAAAABBWUFpUWhwekFBQ0s2aHc2Mkh4cnNRQUE", {"id": ALAN, "email": "alan@datadoghq.com"}),
]


def refused(status: int, *errors: Any) -> Turn:
    return Turn(status, page={"errors": list(errors)})


class Datadog(Described):
    """Users, roles and teams that keep what was written."""

    def __init__(self, description: Description, turns: Mapping[str, Sequence[Turn]] | None = None) -> None:
        super().__init__(description, turns)
        self._users = {user["id"]: user for user in copy.deepcopy(USERS)}
        self._members: dict[tuple[str, str], str | None] = {(TEAM, MEMBER): "admin"}

    def shown(self, operation: Mapping[str, Any], status: int, turn: Turn, asked: Asked) -> Any:
        answer = getattr(self, re.sub("(?=[A-Z])", "_", operation["operationId"]).lower())(asked, asked.path.split("/")[4:])
        return copy.deepcopy(answer)

    def _list_users(self, asked: Asked, path: list[str]) -> Any:
        wanted = asked.one("filter").lower()
        return _page([user for user in self._users.values() if wanted in user["attributes"]["email"]], asked)

    def _get_user(self, asked: Asked, path: list[str]) -> Any:
        return {"data": self._users[path[0]]}

    def _create_user(self, asked: Asked, path: list[str]) -> Any:
        made, said = copy.deepcopy(CREATED), asked.body["data"]
        made["attributes"] |= {**said["attributes"], "email": said["attributes"]["email"].lower()}
        made["relationships"] |= said.get("relationships", {})
        self._users[made["id"]] = made
        return {"data": made}

    def _send_invitations(self, asked: Asked, path: list[str]) -> Any:
        return {"data": [{**INVITATION, "relationships": asked.body["data"][0]["relationships"]}]}

    def _update_user(self, asked: Asked, path: list[str]) -> Any:
        attributes = self._users[path[0]]["attributes"]
        attributes |= asked.body["data"]["attributes"]
        if "disabled" in asked.body["data"]["attributes"]:
            attributes["status"] = "Active" if attributes["verified"] else "Pending"
        return self._get_user(asked, path)

    def _disable_user(self, asked: Asked, path: list[str]) -> None:
        self._users[path[0]]["attributes"] |= {"disabled": True, "status": "Disabled"}

    def _list_roles(self, asked: Asked, path: list[str]) -> Any:
        return _page(ROLES, asked)

    def _add_user_to_role(self, asked: Asked, path: list[str]) -> Any:
        self._roles(asked).append({"type": "roles", "id": path[0]})
        return {"meta": {"page": {"total_count": 1}}, "data": [self._users[asked.body["data"]["id"]]]}

    def _remove_user_from_role(self, asked: Asked, path: list[str]) -> Any:
        self._roles(asked).remove({"type": "roles", "id": path[0]})
        return {"meta": {"page": {"total_count": 0}}, "data": []}

    def _roles(self, asked: Asked) -> list[dict[str, str]]:
        held: list[dict[str, str]] = self._users[asked.body["data"]["id"]]["relationships"]["roles"]["data"]
        return held

    def _list_teams(self, asked: Asked, path: list[str]) -> Any:
        return _page(TEAMS, asked, of_teams=True)

    def _get_team_memberships(self, asked: Asked, path: list[str]) -> Any:
        return _page([self._membership(*each) for each in self._members if each[0] == path[0]], asked, of_teams=True)

    def _get_user_memberships(self, asked: Asked, path: list[str]) -> Any:
        return {"data": [self._membership(*each) for each in self._members if each[1] == path[0]]}

    def _create_team_membership(self, asked: Asked, path: list[str]) -> Any:
        said = asked.body["data"]
        at = path[0], said["relationships"]["user"]["data"]["id"]
        self._members[at] = said.get("attributes", {}).get("role")
        return {"data": self._membership(*at)}

    def _update_team_membership(self, asked: Asked, path: list[str]) -> Any:
        at = path[0], path[2]
        self._members[at] = asked.body["data"]["attributes"]["role"]
        return {"data": self._membership(*at)}

    def _delete_team_membership(self, asked: Asked, path: list[str]) -> None:
        del self._members[path[0], path[2]]

    def _membership(self, team: str, user: str) -> dict[str, Any]:
        """As recorded, with the team, which the description names among the relationships."""
        return {
            "type": "team_memberships",
            "id": f"TeamMembership-{team}-66215040",
            "attributes": {
                "provisioned_by": None,
                "provisioned_by_id": "a1d5ff5a-c6dd-11f0-9cb6-06640ca27ad4",
                "role": self._members[team, user],
            },
            "relationships": {"user": {"data": {"type": "users", "id": user}}, "team": {"data": {"type": "team", "id": team}}},
        }

    def _list_service_account_application_keys(self, asked: Asked, path: list[str]) -> Any:
        return _page(KEYS, asked)

    def _list_audit_logs(self, asked: Asked, path: list[str]) -> Any:
        start, size = (1, 1000) if asked.one("page[cursor]") else (0, int(asked.one("page[limit]", "10")))
        more = start + size < len(EVENTS)
        return {"data": EVENTS[start : start + size], **({"meta": {"page": {"after": CURSOR}}} if more else {})}


def _page(records: Sequence[Mapping[str, Any]], asked: Asked, *, of_teams: bool = False) -> dict[str, Any]:
    size, number = int(asked.one("page[size]", "10")), int(asked.one("page[number]", "0"))
    counted = (
        {"pagination": {"number": number, "size": size, "type": "number_size", "total": len(records)}}
        if of_teams
        else {"page": {"total_filtered_count": len(records), "total_count": len(records)}}
    )
    return {"data": list(records[number * size : (number + 1) * size]), "meta": counted}
