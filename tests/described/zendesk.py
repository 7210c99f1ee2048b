"""What Zendesk is asked. Ids, names and addresses are those of the description's examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from described.zendesk_answers import (
    ADVISOR,
    AUDIT_LOG,
    JOHNNY,
    ROGER,
    STAFF,
    WHOLE,
    Zendesk,
    in_organizations,
    joined_organization,
    organizations,
    roles,
    user,
    users,
)
from ferrule.record import Question

_COMMIT = "aaa548006c2a565214393c59f5efd043897d839b"
SOURCE = f"https://github.com/api-evangelist/zendesk/tree/{_COMMIT}/openapi/_original"
_DOCS = "https://developer.zendesk.com/api-reference"
_CLIENT = "https://github.com/zendesk/zendesk_api_client_rb"

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
_NOWHERE = Turn(404, page=refused("InvalidEndpoint", "Not found"))
DENIED = Turn(
    403,
    page=refused(
        {
            "title": "Forbidden",
            "message": "You do not have access to this page. Please contact the account owner of this help desk for further help.",
        }
    ),
)
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
LISTS = ("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations")
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
TEAM: dict[str, Sequence[Turn]] = {
    "ListUsers": [users(JOHNNY, ROGER)],
    "ListOrganizations": [organizations()],
    "ListCustomRoles": [roles()],
}

READS = recorded(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk(*LISTS),
        *walk(*LISTS, size=1000),
        Question("list_accounts", {}),
        *walk("get_account_entitlement_associations", account_id=AGENT),
        *walk("get_account_entitlement_associations", size=1000, account_id=AGENT),
        read(),
        *walk("list_activity_records", since_date="2012-03-05T00:00:00Z", actors=[{"account_id": "1234"}]),
    ],
    {
        **TEAM,
        "ShowCurrentUser": [user()],
        "ShowUser": [user()],
        "ListGroupMemberships": [*[Turn()] * 3, in_groups(JOHNNY["id"])],
        "ListOrganizationMemberships": [
            in_organizations(57542, of=JOHNNY["id"]),
            in_organizations(12, 3, of=ROGER["id"]),
            in_organizations(12, 3, of=ROGER["id"]),
            in_organizations(57542, of=JOHNNY["id"]),
            in_organizations(57542, of=ROGER["id"]),
            in_organizations(57542, 12, of=JOHNNY["id"]),
        ],
        "ListAuditLogs": [Turn(page={"audit_logs": [AUDIT_LOG, {**AUDIT_LOG, "source_type": "rule"}]})],
    },
)
DEMO = recorded(
    "demo",
    walk(*LISTS, size=100),
    {
        **TEAM,
        "ListUsers": [users({**JOHNNY, "custom_role_id": ADVISOR}, {**ROGER, "custom_role_id": STAFF})],
        "ListGroupMemberships": [in_groups(JOHNNY["id"], 211, 122)],
        "ListOrganizationMemberships": [in_organizations(1873, of=JOHNNY["id"]), in_organizations(4112492, 1873, of=ROGER["id"])],
    },
)
LAST_LOGINS = recorded(
    "last_logins",
    walk("get_last_activity", account_ids=[AGENT, NEW]),
    {"ShowManyUsers": [users(JOHNNY, ROGER)]},
)
TOKENS = recorded(
    "tokens",
    [*walk("list_credentials", "get_credential_last_activity"), *walk("list_credentials", "get_credential_last_activity", size=1000)],
    {"ListOAuthTokens": [Turn(page={"tokens": [TOKEN, {**TOKEN, "used_at": None}]})]},
    page="https://developer.zendesk.com/rest_api/docs/core/oauth_tokens",
)
STATES = recorded(
    "states",
    [read()] * 6 + [read(NEW)],
    {
        "ShowUser": [
            user(suspended=False),
            user(suspended=False, verified=False),
            user(suspended=False, verified=False, last_login_at=None),
            user(suspended=False, last_login_at=None),
            user(role="admin", role_type=4, suspended=False, two_factor_auth_enabled=True),
            user(suspended=False, role="end-user", role_type=None, custom_role_id=None),
            Turn(page={"user": {"active": False, "id": 9873843, "name": "Roger Wilco II"}}),
        ]
    },
)
ROLES_HELD = recorded(
    "roles_held",
    [*walk("get_account_entitlement_associations", size=100, account_id=AGENT)] * 5,
    {
        "ShowUser": [
            user(),
            user(custom_role_id=None),
            user(role="admin", role_type=None, custom_role_id=None),
            user(role="admin", role_type=4),
            user(role="admin", role_type=5),
        ],
        "ListGroupMemberships": [NO_GROUPS],
        "ListOrganizationMemberships": [NO_ORGANIZATIONS],
    },
)
ROLES_THERE = recorded(
    "roles_there",
    walk("list_entitlements", size=100) * 2,
    {
        "ListCustomRoles": [roles(role_type=4), roles(role_type=5, description="")],
        "ListOrganizations": [organizations()],
        "ListGroups": [Turn(), Turn(instead={"groups.0.deleted": True})],
    },
)
SUPPORT = {"default": True, "deleted": False, "description": "Some clever description here", "id": 3432, "name": "First Level Support"}
"""The example of the schema of a group."""
GROUPS_THERE = recorded(
    "groups_there",
    walk("list_resources", size=100),
    {
        "ListGroups": [Turn(page={"groups": [SUPPORT, {**SUPPORT, "deleted": True}, {**SUPPORT, "description": ""}]})],
        "ListOrganizations": [organizations()],
    },
)
BELOW_ENTERPRISE = recorded("below_enterprise", walk("list_entitlements", size=100), TEAM, settings={"custom_roles": False})
CREATED = recorded(
    "created",
    [
        made(
            wanted("role", "123456"),
            wanted("group_member", "member", GROUP),
            wanted("organization_member", "member", ORGANIZATION),
            given_name="Roger",
            family_name="Wilco",
        ),
        made(wanted("role", "admin"), username="Roger Wilco"),
        made(wanted("role", "agent"), given_name="Roger"),
        made(family_name="Wilco"),
        made(),
        made(wanted("group_member", "member", GROUP), wanted("group_member", "member", "12"), username="Roger Wilco"),
        made(
            wanted("organization_member", "member", "57542"),
            wanted("organization_member", "member", ORGANIZATION),
            username="Roger Wilco",
        ),
        made(wanted("group_member", "member"), username="Roger Wilco"),
        made(wanted("organization_member", "member"), username="Roger Wilco"),
        made(wanted("role", "admin", GROUP), username="Roger Wilco"),
        made(wanted("boss", "member", GROUP), username="Roger Wilco"),
        made(wanted("group_member", "member", GROUP), username="Roger Wilco"),
        made(wanted("organization_member", "member", GROUP), username="Roger Wilco"),
    ],
    {
        "CreateUser": [Turn(), Turn(instead={"user.verified": True}), Turn()],
        "ListGroupMemberships": [NO_GROUPS, in_groups(ROGER["id"]), in_groups(ROGER["id"])],
        "ListOrganizationMemberships": [NO_ORGANIZATIONS, in_organizations(57542, of=ROGER["id"])],
        "CreateGroupMembership": [Turn(), Turn(), DENIED],
        "CreateOrganizationMembership": [joined_organization(user_id=ROGER["id"]), joined_organization(user_id=ROGER["id"]), DENIED],
        "DeleteUser": [Turn(page={"user": {"active": False, "id": 9873843, "name": "Roger Wilco II"}})],
    },
)
GROUPS = recorded(
    "groups",
    [
        given("group_member", "member", GROUP),
        given("group_member", "member", GROUP),
        given("group_member", "member"),
        taken("group_member", "member", GROUP),
        taken("group_member", "member", GROUP),
        taken("group_member", "member", GROUP),
        taken("group_member", "member", GROUP),
        taken("group_member", "member", GROUP),
        taken("group_member", "member"),
    ],
    {
        "ListGroupMemberships": [
            in_groups(72),
            in_groups(72, OTHER_GROUP, 88),
            in_groups(72, OTHER_GROUP, 88),
            in_groups(72),
            in_groups(72),
            in_groups(72, has_more=True),
            in_groups(72, OTHER_GROUP, 88, has_more=True),
            in_groups(72, has_more=False),
            in_groups(72, OTHER_GROUP, 88),
            in_groups(72),
        ],
        "DeleteGroupMembership": [Turn(), Turn(), GONE],
    },
)
ORGANIZATIONS = recorded(
    "organizations",
    [
        given("organization_member", "member", ORGANIZATION),
        given("organization_member", "member", ORGANIZATION),
        given("organization_member", "member"),
        taken("organization_member", "member", ORGANIZATION),
        taken("organization_member", "member", ORGANIZATION),
        taken("organization_member", "member", ORGANIZATION),
        taken("organization_member", "member"),
    ],
    {
        "ListOrganizationMemberships": [
            in_organizations(12, of=72),
            in_organizations(12, 88, of=72),
            in_organizations(12, 88, of=72),
            in_organizations(12, of=72),
            in_organizations(12, of=72),
            in_organizations(12, of=72, has_more=True),
        ],
        "CreateOrganizationMembership": [joined_organization()],
        "ShowOrganizationMembershipById": [joined_organization()],
    },
)
ROLES = recorded(
    "roles",
    [
        given("role", str(ADVISOR), account=AGENT),
        given("role", str(ADVISOR), account=AGENT),
        given("role", "admin", account=AGENT),
        given("role", "admin", account=AGENT),
        given("role", "agent", account=AGENT),
        given("role", "admin", account=AGENT),
        given("role", "boss", account=AGENT),
        given("role", "admin", GROUP, account=AGENT),
        taken("role", "admin", account=AGENT),
    ],
    {
        "ShowUser": [
            user(),
            user(custom_role_id=ADVISOR),
            user(custom_role_id=ADVISOR),
            user(),
            user(role="admin", role_type=4),
            user(role="admin", role_type=4),
            user(),
            user(custom_role_id=None),
            user(role="admin", role_type=5),
            user(role="admin", role_type=4),
        ],
        "UpdateUser": [user(custom_role_id=ADVISOR), user(role="admin", role_type=4), user(custom_role_id=None), user(role="admin")],
    },
)
_CHANGES = {"name": "Roger Wilco II", "alias": "Mr. Johnny", "external_id": "sai989sur98w9", "time_zone": "Copenhagen", "locale": "en-US"}
_BEFORE = {**ROGER, "alias": None, "external_id": None, "time_zone": "Eastern Time (US & Canada)", "locale": None}


def _changed(*names: str) -> Turn:
    return user(_BEFORE, **{name: _CHANGES[name] for name in names})


def _change(*names: str, **more: str) -> Question:
    return Question("update_account", {"id": NEW, **{name: _CHANGES[name] for name in names}, **more})


UPDATED = recorded(
    "updated",
    [
        *[_change(name) for name in _CHANGES],
        _change(*_CHANGES),
        _change(*_CHANGES),
        _change("name", role="admin"),
        _change(role="admin", email=OTHER_EMAIL),
    ],
    {
        "ShowUser": [
            *[turn for name in _CHANGES for turn in (_changed(), _changed(name))],
            _changed(),
            _changed(*_CHANGES),
        ],
        "UpdateUser": [*[_changed(name) for name in _CHANGES], _changed(*_CHANGES)],
    },
)
_TWITTER = {
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
_ADDED = Turn(page={"identity": {**_TWITTER, "type": "email", "value": OTHER_EMAIL}})
_OTHERS = Turn(instead={"identities.0.value": EMAIL, "identities.1.value": OTHER_EMAIL})
"""The address is there only as something else."""
_MADE_PRIMARY = Turn(
    instead={
        "identities.0.value": EMAIL,
        "identities.0.primary": False,
        "identities.1.type": "email",
        "identities.1.value": OTHER_EMAIL,
        "identities.1.primary": True,
    }
)
ADDRESSES = recorded(
    "addresses",
    [
        _change(email=OTHER_EMAIL),
        _change(email=OTHER_EMAIL),
        _change(email=OTHER_EMAIL),
        _change("name", email=OTHER_EMAIL),
        _change(email=OTHER_EMAIL),
    ],
    {
        "ShowUser": [
            *[_changed(), user(_BEFORE, email=OTHER_EMAIL)] * 2,
            user(_BEFORE, email=OTHER_EMAIL),
            _changed(),
            user(_BEFORE, name="Roger Wilco II", email=OTHER_EMAIL),
            _changed(),
        ],
        "UpdateUser": [_changed("name")],
        "ListUserIdentities": [Turn(), _OTHERS, Turn(), _OTHERS],
        "CreateUserIdentity": [_ADDED],
        "MakeUserIdentityPrimary": [Turn(), _MADE_PRIMARY, Turn(), DENIED],
    },
)
SUSPENDED = recorded(
    "suspended",
    [asked("activate_account")] * 2 + [asked("deactivate_account")] * 2,
    {
        "ShowUser": [user(), user(suspended=False), user(suspended=False), user(suspended=False), user()],
        "UpdateUser": [user(suspended=False), user()],
    },
)
DOWNGRADED = recorded(
    "downgraded",
    [asked("downgrade_license")] * 2,
    {"ShowUser": [user(), user(role="end-user")], "UpdateUser": [user(role="end-user")]},
)
_DELETED = Turn(page={"user": {"active": False, "id": 9873843, "name": "Roger Wilco II"}})
DELETED = recorded(
    "deleted",
    [asked("delete_account", NEW)] * 4,
    {
        "ShowUser": [user(ROGER), _DELETED, _DELETED, GONE, user(ROGER), _DELETED],
        "DeleteUser": [_DELETED, GONE],
    },
    page=f"{_CLIENT}/issues/151",
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
        _change("name"),
        asked("activate_account"),
        asked("deactivate_account"),
        asked("downgrade_license"),
    ],
    {"ShowUser": [GONE], "ListGroupMemberships": [GONE], "ListOrganizationMemberships": [GONE]},
    page=f"{_CLIENT}/issues/151",
)
NOWHERE = recorded(
    "nowhere",
    [read(), asked("delete_account"), asked("delete_account")],
    {"ShowUser": [_NOWHERE, _NOWHERE, user()], "DeleteUser": [_NOWHERE]},
    page="https://github.com/cloudbees-oss/zendesk-java-client/issues/111",
)
DUPLICATE = recorded("duplicate", [made(), made()], {"CreateUser": [TAKEN, NAMELESS]}, page=f"{_CLIENT}/pull/477")
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
    page=f"{_CLIENT}/issues/297",
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
    page=f"{_DOCS}/ticketing/oauth/grant_type_tokens/",
    auth="client",
    credential={"client_id": "described-client", "client_secret": "described-secret"},
)
PERSON_LOGIN = recorded(
    "person_login",
    walk("list_accounts", size=100),
    {**TEAM, "POST /oauth/tokens": [Turn(page={**_GRANTED, "refresh_token": "af3t24tfj34h43s", "expires_in": 172800})]},
    page=f"{_DOCS}/ticketing/oauth/grant_type_tokens/",
    auth="person",
    credential={"client_id": "described-client", "client_secret": "described-secret", "refresh_token": "af3t24tfj34h43s"},
)

ZENDESK = App(
    "zendesk",
    "Zendesk",
    "zendesk.json.gz",
    SOURCE,
    {"subdomain": "company"},
    [
        READS,
        DEMO,
        LAST_LOGINS,
        TOKENS,
        STATES,
        ROLES_HELD,
        ROLES_THERE,
        GROUPS_THERE,
        BELOW_ENTERPRISE,
        CREATED,
        GROUPS,
        ORGANIZATIONS,
        ROLES,
        UPDATED,
        ADDRESSES,
        SUSPENDED,
        DOWNGRADED,
        DELETED,
        UNKNOWN,
        NOWHERE,
        DUPLICATE,
        REFUSED,
        INVALID_TOKEN,
        UNAUTHORIZED,
        LIMITED,
        CLIENT_LOGIN,
        PERSON_LOGIN,
    ],
    Zendesk,
)
