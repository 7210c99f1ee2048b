"""What Zendesk refuses, and how one logs in to it."""

from __future__ import annotations

from described.asked import walk
from described.description import Turn
from described.zendesk_answers import JOHNNY, user
from described.zendesk_asked import (
    AGENT,
    CLIENT,
    DENIED,
    DOCS,
    GONE,
    GROUP,
    ORGANIZATION,
    TEAM,
    asked,
    change,
    given,
    in_groups,
    made,
    read,
    recorded,
    refused,
    taken,
)
from ferrule.record import Question

_NOWHERE = Turn(404, page=refused("InvalidEndpoint", "Not found"))
TAKEN = Turn(
    422,
    page=refused(
        "RecordInvalid",
        "Record validation errors",
        details={"email": [{"description": "Email: test@example.org is already being used by another user", "error": "DuplicateValue"}]},
    ),
)
NAMELESS = Turn(
    422,
    page=refused(
        "RecordInvalid",
        "Record validation errors",
        details={"name": [{"description": "Name: is too short (minimum is 1 characters)"}]},
    ),
)

UNKNOWN = recorded(
    "unknown",
    [
        read(),
        *walk("get_account_entitlement_associations", account_id=AGENT),
        given("role", "admin", account=AGENT),
        given("group_member", "member", GROUP, account=AGENT),
        taken("group_member", "member", GROUP, account=AGENT),
        taken("organization_member", "member", ORGANIZATION, account=AGENT),
        change("name"),
        asked("activate_account"),
        asked("deactivate_account"),
        asked("downgrade_license"),
    ],
    {"ShowUser": [GONE], "ListGroupMemberships": [GONE], "ListOrganizationMemberships": [GONE]},
    page=f"{CLIENT}/issues/151",
)
NOWHERE = recorded(
    "nowhere",
    [read(), asked("delete_account"), asked("delete_account")],
    {"ShowUser": [_NOWHERE, _NOWHERE, user()], "DeleteUser": [_NOWHERE]},
    page="https://github.com/cloudbees-oss/zendesk-java-client/issues/111",
)
DUPLICATE = recorded("duplicate", [made(), made()], {"CreateUser": [TAKEN, NAMELESS]}, page=f"{CLIENT}/pull/477")
REFUSED = recorded(
    "refused",
    [
        Question("validate_credentials", {}),
        read(),
        asked("delete_account"),
        asked("delete_account"),
        taken("group_member", "member", GROUP),
        *walk("list_resources"),
    ],
    {
        "ShowCurrentUser": [user(role="end-user")],
        "ShowUser": [DENIED, DENIED, user()],
        "DeleteUser": [DENIED],
        "ListGroupMemberships": [in_groups(72, 88)],
        "DeleteGroupMembership": [DENIED],
        "ListGroups": [Turn(400, page={"errors": [{"code": "QueryError", "title": "Invalid type:sample_type"}]})],
    },
    page="https://github.com/facetoe/zenpy/issues/336",
)
INVALID_TOKEN = recorded(
    "invalid_token",
    walk("list_accounts"),
    {
        "ListUsers": [
            Turn(
                401,
                page={
                    "error": "invalid_token",
                    "error_description": "The access token provided is expired, revoked, malformed or invalid for other reasons.",
                },
            )
        ]
    },
    page=f"{CLIENT}/issues/297",
)
UNAUTHORIZED = recorded(
    "unauthorized",
    walk("list_accounts"),
    {"ListUsers": [Turn(401, page={"error": "Couldn't authenticate you"})]},
    page="https://github.com/blakmatrix/node-zendesk/issues/151",
)
LIMITED = recorded(
    "limited",
    [read()] * 3,
    {
        "ShowUser": [
            Turn(
                429,
                page="Rate limit for ticket updates exceeded, please wait before updating this ticket again",
                headers={"retry-after": "93"},
            ),
            user(),
            Turn(429, page={"errors": [{"code": "TooManyRequests", "title": "Too many requests to update"}]}),
            user(),
            Turn(
                page={"user": JOHNNY},
                headers={"x-rate-limit": "700", "x-rate-limit-remaining": "0", "ratelimit-reset": "41"},
            ),
        ]
    },
    page="https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/best-practices-for-avoiding-rate-limiting/",
)
"""The page has an answer after which 699 calls are left; the last one here is that after which none are."""
_GRANTED = {"access_token": "gErypPlm4dOVgGRvA1ZzMH5MQ3nLo8bo", "scope": "read", "token_type": "bearer"}
CLIENT_LOGIN = recorded(
    "client_login",
    walk("list_accounts", size=100),
    {**TEAM, "POST /oauth/tokens": [Turn(page=_GRANTED)]},
    page=f"{DOCS}/ticketing/oauth/grant_type_tokens/",
    auth="client",
    credential={"client_id": "described-client", "client_secret": "described-secret"},
)
PERSON_LOGIN = recorded(
    "person_login",
    walk("list_accounts", size=100),
    {**TEAM, "POST /oauth/tokens": [Turn(page={**_GRANTED, "refresh_token": "af3t24tfj34h43s", "expires_in": 172800})]},
    page=f"{DOCS}/ticketing/oauth/grant_type_tokens/",
    auth="person",
    credential={"client_id": "described-client", "client_secret": "described-secret", "refresh_token": "af3t24tfj34h43s"},
)
