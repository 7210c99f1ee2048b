"""How Zendesk answers: by cursor where `page[size]` is sent, and with what the vendor's own copy of the description has besides.

The description here is cut into parts, and most of its examples got lost on the way. They are taken from the whole one.
"""

from __future__ import annotations

import json
import re
from typing import Any

from app import Asked, answer
from described.description import Described, Turn
from ferrule.http import Response

WHOLE = "https://developer.zendesk.com/zendesk/oas.yaml"
"""The whole description, which names the lost examples as the parts do: `CurrentUserResponseExample` and so on."""

CURSOR = "xxx"
"""The placeholder of the page on pagination. It is there on the last page as well, where only `has_more` says so."""


class Zendesk(Described):
    """A list is cut by cursor, and a user's memberships are asked for on a path of their own."""

    def __call__(self, asked: Asked) -> Response:
        made = super().__call__(asked)
        size, after = asked.one("page[size]", ""), asked.one("page[after]", "")
        body = json.loads(made.content) if made.content and made.status == 200 else {}
        if not size or not body or "meta" in body:
            return made
        name, every = next((name, value) for name, value in body.items() if isinstance(value, list))
        start = int(size) if after else 0
        more = start + int(size) < len(every)
        meta = {"has_more": more, "after_cursor": CURSOR, "before_cursor": "yyy"}
        return answer({name: every[start : start + int(size)], "meta": meta}, made.status, made.headers)

    def place(self, asked: Asked) -> str:
        return re.sub(r"/users/\w+/((group|organization)_memberships)$", r"/\1", super().place(asked))


ADVISOR, STAFF = 16, 6
JOHNNY = {
    "active": True,
    "alias": "Mr. Johnny",
    "created_at": "2009-07-20T22:55:29Z",
    "custom_role_id": 9373643,
    "details": "",
    "email": "johnny@example.com",
    "external_id": "sai989sur98w9",
    "id": 35436,
    "last_login_at": "2011-05-05T10:38:52Z",
    "locale": "en-US",
    "locale_id": 1,
    "moderator": True,
    "name": "Johnny Agent",
    "notes": "Johnny is a nice guy!",
    "only_private_comments": False,
    "organization_id": 57542,
    "phone": "+15551234567",
    "restricted_agent": True,
    "role": "agent",
    "role_type": 0,
    "shared": False,
    "shared_agent": False,
    "signature": "Have a nice day, Johnny",
    "suspended": True,
    "tags": ["enterprise", "other_tag"],
    "ticket_restriction": "assigned",
    "time_zone": "Copenhagen",
    "updated_at": "2011-05-05T10:38:52Z",
    "url": "https://company.zendesk.com/api/v2/users/35436.json",
    "user_fields": {"user_date": "2012-07-23T00:00:00Z", "user_decimal": 5.1, "user_dropdown": "option_1"},
    "verified": True,
}
"""`CurrentUserResponseExample` without its photo and the token of its session: an agent who is suspended."""
ROGER = {
    "custom_role_id": 123456,
    "email": "roge@example.org",
    "id": 9873843,
    "name": "Roger Wilco",
    "organization_id": 57542,
    "role": "agent",
    "role_type": 0,
}
"""`UserCreateResponseExample`."""
ORGANIZATIONS = [
    {
        "created_at": "2018-11-14T00:14:52Z",
        "details": "caterpillar =)",
        "domain_names": ["remain.com"],
        "external_id": "ABC198",
        "group_id": 1835962,
        "id": 4112492,
        "name": "Groablet Enterprises",
        "notes": "donkey",
    },
    {
        "created_at": "2017-08-14T20:13:52Z",
        "details": "test",
        "domain_names": ["test.com"],
        "external_id": "TTV273",
        "group_id": None,
        "id": 1873,
        "name": "Willy Wonkas Chocolate Factory",
        "notes": "",
    },
]
"""`OrganizationsResponseExample`, to the notes."""
ROLES = [
    {
        "created_at": "2012-03-12T16:32:22Z",
        "description": (
            "Advisors manage the workflow and configure the help desk. They create or manage automations, macros, triggers, views, and SLA "
            "targets. They also set up channels and extensions. Advisors don't solve tickets, they can only make private comments."
        ),
        "id": ADVISOR,
        "name": "Advisor",
        "role_type": 0,
        "team_member_count": 10,
        "updated_at": "2012-03-12T16:32:22Z",
    },
    {
        "created_at": "2011-07-20T04:31:29Z",
        "description": (
            "A Staff agent's primary role is to solve tickets. They can edit tickets within their groups, view reports, and add or edit "
            "personal views and macros."
        ),
        "id": STAFF,
        "name": "Staff",
        "role_type": 0,
        "team_member_count": 10,
        "updated_at": "2012-02-02T10:32:59Z",
    },
]
"""`CustomRolesResponseExample` without the configurations."""
AUDIT_LOG = {
    "action": "update",
    "actor_id": 1234,
    "actor_name": "Sameer Patel",
    "change_description": "Role changed from Administrator to End User",
    "created_at": "2012-03-05T11:32:44Z",
    "id": 498483,
    "ip_address": "209.119.38.228",
    "source_id": 3456,
    "source_label": "John Doe",
    "source_type": "user",
    "url": "https://company.zendesk.com/api/v2/audit_logs/498483.json",
}
"""`AuditLogsResponseExample`."""
ORGANIZATION_MEMBERSHIPS = [
    {
        "created_at": "2009-05-13T00:07:08Z",
        "default": True,
        "id": 4,
        "organization_id": 12,
        "organization_name": "first organization",
        "updated_at": "2011-07-22T00:11:12Z",
        "user_id": 29,
        "view_tickets": True,
    },
    {
        "created_at": "2012-03-13T22:01:32Z",
        "default": None,
        "id": 49,
        "organization_id": 3,
        "organization_name": "second organization",
        "updated_at": "2012-03-13T22:01:32Z",
        "user_id": 155,
        "view_tickets": True,
    },
]
"""`OrganizationMembershipsResponseExample`."""
ORGANIZATION_MEMBERSHIP = {
    "created_at": "2012-04-03T12:34:01Z",
    "default": True,
    "id": 461,
    "organization_id": 88,
    "updated_at": "2012-04-03T12:34:01Z",
    "user_id": 72,
}
"""`OrganizationMembershipCreateResponseExample`."""


def user(example: dict[str, Any] = JOHNNY, **instead: Any) -> Turn:
    return Turn(page={"user": {**example, **instead}})


def users(*found: dict[str, Any]) -> Turn:
    return Turn(page={"users": list(found)})


def organizations() -> Turn:
    return Turn(page={"organizations": ORGANIZATIONS})


def roles(**instead: Any) -> Turn:
    """The second role with other values of its schema."""
    return Turn(page={"custom_roles": [ROLES[0], {**ROLES[1], **instead}]})


def in_organizations(*ids: int, of: int, **meta: Any) -> Turn:
    """A user's memberships, of whom and in what by other examples."""
    there = [{**ORGANIZATION_MEMBERSHIPS[at], "organization_id": each, "user_id": of} for at, each in enumerate(ids)]
    return Turn(page={"organization_memberships": there, **({"meta": meta} if meta else {})})


def joined_organization(**instead: Any) -> Turn:
    return Turn(page={"organization_membership": {**ORGANIZATION_MEMBERSHIP, **instead}})


TOKEN = {
    "client_id": 41,
    "created_at": "2009-05-13T00:07:08Z",
    "expires_at": "2011-07-22T00:11:12Z",
    "id": 1,
    "scopes": ["read"],
    "url": "https://example.zendesk.com/api/v2/tokens/1.json",
    "used_at": "2010-01-22T00:11:12Z",
    "user_id": 29,
}
"""The example of the page on tokens, without the tokens."""
SUPPORT = {"default": True, "deleted": False, "description": "Some clever description here", "id": 3432, "name": "First Level Support"}
"""The example of the schema of a group."""
TWITTER = {
    "created_at": "2012-02-12T14:25:21Z",
    "id": 77938,
    "primary": False,
    "type": "twitter",
    "updated_at": "2012-02-12T14:25:21Z",
    "user_id": 13531,
    "value": "cabanaboy",
    "verified": False,
}
"""`UserIdentityCreateResponseExample`."""
