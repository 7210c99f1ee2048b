"""How Slack answers: with the examples of the description, of SCIM and of the audit log, and from page to page."""

from __future__ import annotations

from typing import Any

from app import Asked
from described.description import Described, Turn

DOCS = "https://docs.slack.dev/"
SCIM_PAGE = f"{DOCS}reference/scim-api"

SPENGLER, GLINDA = "W012A3CDE", "W07QCRPA4"
WORKSPACE, OWNER, BRONT = "T1234", "U1234", "W1234"
"""A workspace, and two of its people: who is in the examples of its owners and admins, and who is in none of them."""
GENERAL, ELSEWHERE = "C012AB3CD", "C1234567890"
GROUP, FIRST, SECOND, THIRD = "S0616NG6M", "U060R4BJ4", "W123A4BC5", "U060RNRCZ"
ALICE, RABBIT = "U45678", "U12345"
PAM = "U123ABC456"
CURSOR = "dXNlcjpVMDYxTkZUVDI="
"""The example of a cursor on the page of `team.accessLogs`."""


class Slack(Described):
    """Slack's paging: the example is the first page, and its cursor leads on to an empty one, the last."""

    def paged(self, body: Any, asked: Asked) -> Any:
        if "response_metadata" in body:
            name = next(name for name, value in body.items() if isinstance(value, list))
            if asked.one("cursor"):
                body.update({name: [], "response_metadata": {"next_cursor": ""}})
            body[name] = body[name][: int(asked.one("limit", "1000"))]
        return body


def refused(word: str, **more: Any) -> Turn:
    """An error with a word of the table on a method's page, in the form that all of them have."""
    return Turn(page={"ok": False, "error": word, **more})


def scim_refused(word: str, status: int = 400) -> Turn:
    """The page's example of an error, with a word of its table."""
    return Turn(status, page={"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": word, "status": status})


def changed(**more: Any) -> Turn:
    """An answer with other values at these paths, where `__` stands for a dot."""
    return Turn(instead={place.replace("__", "."): value for place, value in more.items()})


_MEMBERS = {"usergroups.0.users": [FIRST, SECOND], "usergroups.1.users": [SECOND], "usergroups.2.users": []}
GROUPS_WITH_MEMBERS = Turn(instead=_MEMBERS)
PRIMARY = changed(members__0__is_primary_owner=True, members__0__is_owner=True, members__1__is_owner=True, members__1__is_app_user=False)
GUESTS = changed(
    members__0__is_admin=False,
    members__0__is_restricted=True,
    members__0__is_ultra_restricted=True,
    members__1__is_admin=False,
    members__1__is_restricted=True,
)
LEAVERS = changed(members__0__deleted=True, members__0__is_admin=False, members__1__is_admin=False)
BOTS = changed(members__0__is_bot=True, members__1__id="USLACKBOT")

_PARKER = {"id": "W123AB456", "name": "Charlie Parker", "email": "bird@slack.com"}
LOGGED_IN: dict[str, Any] = {
    "id": "0123a45b-6c7d-8900-e12f-3456789gh0i1",
    "date_create": 1521214343,
    "action": "user_login",
    "actor": {"type": "user", "user": _PARKER},
    "entity": {"type": "user", "user": _PARKER},
    "context": {
        "location": {"type": "enterprise", "id": "E1701NCCA", "name": "Birdland", "domain": "birdland"},
        "ua": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.186 Safari/537.36",
        "session_id": "847288190092",
        "ip_address": "1.23.45.678",
    },
}
CREATED_CHANNEL: dict[str, Any] = {
    "id": "0123a45b-6c7d-8900-e12f-3456789gh0i1",
    "date_create": 1650415188,
    "action": "public_channel_created",
    "actor": {
        "type": "user",
        "user": {
            "id": "W123ABC456",
            "name": "Channel Spinner",
            "email": "botuser-T123AB456-AT123AB456@slack-bots.com",
            "team": "T123AB456",
        },
    },
    "entity": {
        "type": "channel",
        "channel": {"id": "C123ABC456", "privacy": "public", "name": "REDACTED", "is_shared": False, "is_org_shared": False},
    },
    "context": {
        "location": {"type": "workspace", "id": "T123ABC456", "name": "birdland", "domain": "birdland"},
        "ua": LOGGED_IN["context"]["ua"],
        "ip_address": "1.23.45.678",
        "session_id": None,
        "app": {
            "id": "AT123AB456",
            "name": "Channel Spinner App",
            "scopes": [],
            "scopes_bot": ["channels:manage", "groups:write", "im:write", "mpim:write"],
            "creator": "W123ABC456",
            "team": "T123ABC456",
        },
    },
}

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_PROFILE = "urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User"
_GUEST = "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User"
PAM_USER: dict[str, Any] = {
    "schemas": [_USER, _ENTERPRISE, _PROFILE],
    "id": PAM,
    "externalId": "",
    "meta": {"created": "2022-08-16T12:49:47-07:00", "location": f"https://api.slack.com/scim/v2/Users/{PAM}"},
    "userName": "pamela",
    "nickName": "pam",
    "name": {"givenName": "Pam", "familyName": "Halpert", "honorificPrefix": "Mrs."},
    "displayName": "PamHalpert123",
    "profileUrl": "https://aDoeenterpriseorg.enterprise.slack.com/team/pamela",
    "title": "receptionist",
    "timezone": "America/Scranton",
    "active": True,
    "emails": [{"value": "pamhalpert@slack-corp.com", "primary": True}, {"value": "pam@slack-corp.com", "primary": False}],
    "userType": None,
    "roles": [{"value": "role 1", "primary": True}],
    "preferredLanguage": None,
    "locale": "en-US",
    _ENTERPRISE: {
        "employeeNumber": "123",
        "costCenter": None,
        "organization": "Dunder Mifflin Paper Company",
        "division": "Scranton Branch",
        "department": "Sales",
        "manager": {"managerId": None},
    },
    _PROFILE: {"startDate": "2024-04-10T00:00:00+0000"},
    "groups": [{"value": "S123ABC456", "display": "SCIM V2 Test Group"}],
}
"""The page's example of a user, without photos, addresses and telephone numbers."""
GUEST_USER: dict[str, Any] = {
    "schemas": [_USER, _GUEST],
    "id": PAM,
    "externalId": "",
    "meta": {"created": "2023-02-20T14:28:23-08:00", "location": f"https://api.slack.com/scim/v2/Users/{PAM}"},
    "userName": "guestuser",
    "nickName": "guestuser",
    "name": {"givenName": "TestGuestUser", "familyName": ""},
    "displayName": "TestGuestUser",
    "profileUrl": "https://aDoeenterpriseorg.enterprise.slack.com/team/guestuser",
    "title": "",
    "timezone": "America/Los_Angeles",
    "active": True,
    "emails": [{"value": "some_guest_email@fake.com", "primary": True}],
    "groups": [],
    _GUEST: {"type": "multi"},
}
"""The page's example of a guest, without photos."""
PAM_AT, USERS_AT = f" /scim/v2/Users/{PAM}", "POST /scim/v2/Users"


def pam(**more: Any) -> Turn:
    """She, as she is after what has been written."""
    return Turn(page={**PAM_USER, **more})
