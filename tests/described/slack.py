"""What Slack is asked. Ids, names and addresses are those of the examples: of the description, and where it has none, as of SCIM and the
audit log, of the pages of the documentation."""

from __future__ import annotations

from typing import Any

from app import Asked
from described.asked import App, Recording, Rights, walk, wanted
from described.description import Described, Turn
from ferrule.record import Question

_DOCS = "https://docs.slack.dev/"
_COMMIT = "bc08db49625630e3585bf2f1322128ea04f2a7f3"
SOURCE = f"https://github.com/slackapi/slack-api-specs/blob/{_COMMIT}/web-api/slack_web_openapi_v2.json"
SCIM_PAGE = f"{_DOCS}reference/scim-api"

SPENGLER, GLINDA = "W012A3CDE", "W07QCRPA4"
WORKSPACE, OWNER, BRONT = "T1234", "U1234", "W1234"
"""A workspace, and two of its people: who is in the examples of its owners and admins, and who is in none of them."""
GENERAL, ELSEWHERE = "C012AB3CD", "C1234567890"
GROUP, FIRST, SECOND, THIRD = "S0616NG6M", "U060R4BJ4", "W123A4BC5", "U060RNRCZ"
ALICE, RABBIT = "U45678", "U12345"
PAM = "U123ABC456"
CURSOR = "dXNlcjpVMDYxTkZUVDI="
"""The example of a cursor on the page of `team.accessLogs`."""

_RESOURCES = {"role": "workspace", "user_group_member": "user_group", "channel_member": "channel"}
RIGHTS = Rights(BRONT, lambda kind, resource: _RESOURCES[kind])
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made
IN_GROUP = ("user_group_member", "member", GROUP)


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

READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts", size=200),
        Question("list_accounts", {}),
        Question("list_accounts", {}, page_size=5000),
        Question("list_accounts", {}),
        *[Question("get_account", {"account_id": SPENGLER})] * 2,
        *walk("list_resources", "list_entitlements", size=200),
        *walk("find_entitlement_associations", size=200) * 4,
        *walk("get_account_entitlement_associations", size=200, account_id=SPENGLER) * 3,
        *walk("get_account_entitlement_associations", size=200, account_id=SECOND),
        Question("delete_account", {"account_id": SPENGLER}),
    ],
    {
        "users_list": [
            Turn(),
            Turn(),
            Turn(),
            LEAVERS,
            Turn(),
            changed(members__0__is_invited_user=True),
            Turn(),
            BOTS,
            Turn(),
            PRIMARY,
            Turn(),
            GUESTS,
            Turn(),
            LEAVERS,
            Turn(),
            BOTS,
            Turn(),
        ],
        "users_info": [
            Turn(),
            changed(user__deleted=True),
            Turn(),
            changed(user__deleted=True),
            changed(user__is_bot=True),
            changed(user__id=SECOND),
        ],
        "usergroups_list": [Turn(), Turn(), GROUPS_WITH_MEMBERS],
        "conversations_list": [changed(channels__0__is_private=True, channels__1__purpose__value=""), Turn()],
    },
)
ORGANIZATION = Recording(
    "organization",
    [
        Question("validate_credentials", {}),
        *walk(
            "list_accounts",
            "list_resources",
            "list_entitlements",
            "find_entitlement_associations",
            size=200,
        ),
        *walk("get_account_entitlement_associations", size=200, account_id=SPENGLER),
        *[Question("delete_account", {"account_id": SPENGLER})] * 2,
    ],
    {
        "usergroups_list": [Turn(), Turn(), GROUPS_WITH_MEMBERS],
        "admin_users_remove": [Turn(), refused("user_already_deleted")],
    },
    settings={"workspace": WORKSPACE},
    page=f"{_DOCS}reference/methods/admin.users.remove",
)
DEMO = Recording(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=200),
    {
        "users_list": [Turn()],
        "usergroups_list": [
            Turn(),
            Turn(),
            Turn(instead={"usergroups.0.users": [SPENGLER, GLINDA], "usergroups.1.users": [GLINDA], "usergroups.2.users": [SPENGLER]}),
        ],
        "conversations_members": [Turn(instead={"members": [SPENGLER, GLINDA], "response_metadata.next_cursor": ""})],
    },
)
_OWNERS, _ADMINS = "admin_teams_owners_list", "admin_teams_admins_list"
NO_OWNER, NO_ADMIN = Turn(instead={"owner_ids": []}), Turn(instead={"admin_ids": []})
NEW_OWNER, NEW_ADMIN = Turn(instead={"owner_ids": [OWNER, BRONT]}), Turn(instead={"admin_ids": [OWNER, BRONT]})
ROLES = Recording(
    "roles",
    [
        given("role", "owner", WORKSPACE, OWNER),
        given("role", "owner", WORKSPACE),
        given("role", "admin", WORKSPACE, OWNER),
        given("role", "admin", WORKSPACE, OWNER),
        given("role", "admin", WORKSPACE),
        given("role", "member", WORKSPACE),
        given("role", "primary_owner", WORKSPACE),
        *[given(kind, "owner", WORKSPACE) for kind in ("channel_member", "user_group_member")],
        taken("role", "owner", WORKSPACE, OWNER),
        taken("role", "owner", WORKSPACE),
        taken("role", "admin", WORKSPACE, OWNER),
        taken("role", "admin", WORKSPACE, OWNER),
        taken("role", "admin", WORKSPACE),
        taken("role", "member", WORKSPACE),
    ],
    {
        _OWNERS: [Turn(), Turn(), NEW_OWNER, Turn(), NO_OWNER, Turn(), Turn(), Turn(), NO_OWNER, Turn(), Turn(), NO_OWNER],
        _ADMINS: [Turn(), Turn(), Turn(), Turn(), NEW_ADMIN, Turn(), Turn(), NO_ADMIN, Turn()],
    },
    settings={"workspace": WORKSPACE},
)


def _group(*users: str) -> Turn:
    return Turn(instead={"users": list(users)})


GROUPS = Recording(
    "groups",
    [
        given(*IN_GROUP, FIRST),
        given(*IN_GROUP, THIRD),
        taken(*IN_GROUP, THIRD),
        taken(*IN_GROUP, THIRD),
        taken(*IN_GROUP, FIRST),
    ],
    {
        "usergroups_users_list": [
            Turn(),
            Turn(),
            _group(FIRST, SECOND, THIRD),
            _group(FIRST, SECOND, THIRD),
            Turn(),
            Turn(),
            _group(FIRST),
        ],
        "usergroups_users_update": [Turn(), Turn(), refused("no_users_provided")],
    },
    page=f"{_DOCS}reference/methods/usergroups.users.update",
)
GROUPS_OF_ORGANIZATION = Recording(
    "groups_of_organization",
    [given(*IN_GROUP, THIRD), given("channel_member", "member", GENERAL, SPENGLER)],
    {"usergroups_users_list": [Turn(), _group(FIRST, SECOND, THIRD)]},
    settings={"workspace": WORKSPACE},
)
CHANNELS = Recording(
    "channels",
    [
        given("channel_member", "member", GENERAL, SPENGLER),
        given("channel_member", "member", ELSEWHERE, SPENGLER),
        given("channel_member", "member", GENERAL, SPENGLER),
        taken("channel_member", "member", GENERAL, SPENGLER),
        taken("channel_member", "member", GENERAL, SPENGLER),
    ],
    {
        "conversations_invite": [Turn(), Turn(), refused("already_in_channel")],
        "conversations_kick": [Turn(), refused("not_in_channel")],
        "users_conversations": [
            changed(response_metadata__next_cursor=""),
            Turn(),
            changed(response_metadata__next_cursor=""),
            Turn(instead={"channels": [], "response_metadata.next_cursor": ""}),
        ],
    },
    page=f"{_DOCS}reference/methods/conversations.invite",
)
ACCESS = Recording(
    "access",
    [
        *walk("get_last_activity", size=200, account_ids=[ALICE, RABBIT]),
        Question("get_last_activity", {"account_ids": [RABBIT]}, page_size=5000),
    ],
    {
        "team_accessLogs": [
            Turn(instead={"response_metadata": {"next_cursor": CURSOR}}),
            changed(logins__1__user_id=ALICE),
            Turn(),
        ]
    },
    page=f"{_DOCS}reference/methods/team.accessLogs",
)
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
AUDIT = Recording(
    "audit",
    walk(
        "list_activity_records",
        size=200,
        since_date="2018-03-16T00:00:00Z",
        actors=[{"account_id": "W123AB456"}, {"account_id": "W123ABC456"}],
    ),
    {
        "GET /audit/v1/logs": [
            Turn(page={"entries": [LOGGED_IN], "response_metadata": {"next_cursor": "dXNlcjpVMEc5V0ZYTlo="}}),
            Turn(page={"entries": [], "response_metadata": {"next_cursor": ""}}),
            Turn(page={"entries": [CREATED_CHANNEL]}),
        ]
    },
    page=f"{_DOCS}admins/audit-logs-api",
)

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
_PAM_AT, _USERS_AT = f" /scim/v2/Users/{PAM}", "POST /scim/v2/Users"


def pam(**more: Any) -> Turn:
    """She, as she is after what has been written."""
    return Turn(page={**PAM_USER, **more})


_FULL = {"username": "pamela", "email": "pamhalpert@slack-corp.com", "given_name": "Pam", "family_name": "Halpert"}
CREATED = Recording(
    "created",
    [
        made(wanted("channel_member", "member", GENERAL), wanted("role", "member", WORKSPACE), **_FULL),
        made(wanted("role", "multi_channel_guest", WORKSPACE), email="some_guest_email@fake.com"),
        made(email="pamhalpert@slack-corp.com", given_name="Pam"),
        made(email="pamhalpert@slack-corp.com", family_name="Halpert"),
        made(wanted("channel_member", "member", GENERAL), **_FULL),
        made(wanted("channel_member", "member", GENERAL), **_FULL),
        made(wanted("role", "admin", WORKSPACE), **_FULL),
        made(wanted("user_group_member", "member", GROUP), **_FULL),
        made(wanted("channel_member", "member"), **_FULL),
        made(**_FULL),
    ],
    {
        _USERS_AT: [pam(), Turn(page=GUEST_USER), pam(), pam(), pam(), pam(), scim_refused("email_taken")],
        "conversations_invite": [Turn(), refused("already_in_channel"), refused("channel_not_found")],
        "DELETE" + _PAM_AT: [Turn(204, page={})],
    },
    page=SCIM_PAGE,
)
_CHANGES = {
    "username": "other_username",
    "email": "some@email.com",
    "given_name": "First",
    "family_name": "Last",
    "display_name": "First Last",
    "title": "Tour Guide",
}
_NAMED = {"givenName": "First", "familyName": "Last", "honorificPrefix": "Mrs."}
CHANGED = pam(
    userName="other_username",
    nickName="other_username",
    name=_NAMED,
    displayName="First Last",
    title="Tour Guide",
    emails=[{"value": "some@email.com", "primary": True}, {"value": "pam@slack-corp.com", "primary": False}],
)
UPDATED = Recording(
    "updated",
    [
        Question("update_account", {"id": PAM, **_CHANGES}),
        Question("update_account", {"id": PAM, **_CHANGES}),
        Question("update_account", {"id": PAM, "title": "Tour Guide"}),
        Question("update_account", {"id": PAM, "title": "Tour Guide"}),
        Question("update_account", {"id": PAM, "department": "Sales"}),
    ],
    {
        "GET" + _PAM_AT: [pam(), CHANGED, CHANGED, pam(), pam(), pam(title="Tour Guide"), *[pam()] * 6],
        "PATCH" + _PAM_AT: [CHANGED, pam(title="Tour Guide")],
    },
    page=SCIM_PAGE,
)
GONE = pam(active=False)
DEACTIVATED = Recording(
    "deactivated",
    [
        *[Question("deactivate_account", {"account_id": PAM})] * 2,
        *[Question("activate_account", {"account_id": PAM})] * 2,
        given("role", "multi_channel_guest", WORKSPACE, PAM),
        given("role", "multi_channel_guest", WORKSPACE, PAM),
        Question("deactivate_account", {"account_id": PAM}),
        Question("deactivate_account", {"account_id": PAM}),
    ],
    {
        "GET" + _PAM_AT: [
            *[pam(), GONE, GONE],
            *[GONE, pam(), pam()],
            *[pam(), Turn(page=GUEST_USER), Turn(page=GUEST_USER)],
            scim_refused("no_such_user"),
            pam(),
        ],
        "PATCH" + _PAM_AT: [GONE, pam(), Turn(page=GUEST_USER), scim_refused("cannot_disable_primary_owner")],
    },
    page=SCIM_PAGE,
)

_ONCE = [
    "token_expired",
    "token_revoked",
    "account_inactive",
    "not_authed",
    "invalid_auth",
    "no_permission",
    "not_allowed_token_type",
    "access_denied",
    "team_access_not_granted",
    "accesslimited",
    "ekm_access_denied",
    "two_factor_setup_required",
    "enterprise_is_restricted",
    "not_an_enterprise",
    "feature_not_enabled",
    "paid_only",
    "plan_upgrade_required",
    "permission_denied",
    "restricted_action",
    "not_an_admin",
    "not_an_owner",
    "invalid_permissions",
    "invalid_role_for_user",
    "cannot_modify_primary_owner",
    "cant_invite",
    "user_is_restricted",
    "not_in_channel",
    "user_not_found",
    "users_not_found",
    "user_not_visible",
    "channel_not_found",
    "team_not_found",
    "no_such_subteam",
    "email_taken",
    "is_archived",
    "invalid_cursor",
    "unknown_method",
    "method_deprecated",
    "deprecated_endpoint",
    "invalid_arguments",
]
_AGAIN = [
    "ratelimited",
    "service_unavailable",
    "team_added_to_org",
    "org_login_required",
    "internal_error",
    "fatal_error",
]
_SCIM_WORDS = [
    "invalid_authentication",
    "missing_authentication",
    "plus_teams_only",
    "non_org_teams_only",
    "cannot_modify_owner",
    "cannot_make_user_guest",
    "unknown_user",
    "username_taken",
]
REFUSED = Recording(
    "refused",
    [
        *[Question("get_account", {"account_id": SPENGLER})] * (1 + len(_ONCE) + len(_AGAIN)),
        *walk("list_resources", "find_entitlement_associations", size=200),
    ],
    {
        "users_info": [
            refused("missing_scope", needed="users:read", provided="identify"),
            *[refused(word) for word in _ONCE],
            *[refused(word) for word in _AGAIN for _ in range(4)],
        ],
        "usergroups_list": [refused("plan_upgrade_required")],
    },
    page=f"{_DOCS}reference/methods/users.info",
)
SCIM_REFUSED = Recording(
    "scim_refused",
    [Question("activate_account", {"account_id": PAM})] * (len(_SCIM_WORDS) + 2),
    {
        "GET" + _PAM_AT: [
            *[scim_refused(word) for word in _SCIM_WORDS],
            *[scim_refused("too_many_requests", 429)] * 4,
            *[scim_refused("resource_locked", 429)] * 4,
        ]
    },
    page=SCIM_PAGE,
)
LIMITED = Recording(
    "limited",
    [Question("get_account", {"account_id": SPENGLER})] * 2,
    {
        "users_info": [
            Turn(429, page={"ok": False, "error": "ratelimited"}, headers={"Retry-After": "30"}),
            Turn(),
            refused("ratelimited"),
            Turn(),
        ]
    },
    page=f"{_DOCS}apis/web-api/rate-limits",
)


def _login(name: str, answer: dict[str, Any], page: str, **more: Any) -> Recording:
    return Recording(
        name,
        walk("list_accounts", size=200),
        {"POST /api/oauth.v2.access": [Turn(page=answer)]},
        credential={
            "client_id": "described-client",
            "client_secret": "described-secret",
            "refresh_token": "described-refresh-token",
        },
        page=_DOCS + page,
        **more,
    )


WORKSPACE_LOGIN = _login(
    "workspace_login",
    {
        "ok": True,
        "access_token": "xoxe.xoxb-1-..",
        "token_type": "bot",
        "scope": "commands,incoming-webhook",
        "bot_user_id": "U0KRQLJ9H",
        "app_id": "A0KRD7HC3",
        "expires_in": 43200,
        "refresh_token": "xoxe-1-...",
        "team": {"name": "Slack Softball Team", "id": "T9TK3CUKW"},
        "enterprise": {"name": "slack-sports", "id": "E12345678"},
        "authed_user": {
            "id": "U1234",
            "scope": "chat:write",
            "access_token": "xoxe.xoxp-1234",
            "expires_in": 43200,
            "refresh_token": "xoxe-1-...",
            "token_type": "user",
        },
    },
    "reference/methods/oauth.v2.access",
    auth="workspace",
)
ORGANIZATION_LOGIN = _login(
    "organization_login",
    {
        "ok": True,
        "access_token": "xoxe.xoxb-1-...",
        "expires_in": 43200,
        "refresh_token": "xoxe-1-...",
        "token_type": "bot",
        "scope": "commands,incoming-webhook",
        "bot_user_id": "U123456",
        "app_id": "A123456",
        "team": {"name": "Slack Softball Team", "id": "T123456"},
        "enterprise": {"name": "slack-sports", "id": "E12345678"},
    },
    "authentication/using-token-rotation",
    auth="organization",
    settings={"workspace": WORKSPACE},
)

SLACK = App(
    "slack",
    "Slack",
    "slack.json.gz",
    SOURCE,
    {},
    [
        READS,
        ORGANIZATION,
        DEMO,
        ROLES,
        GROUPS,
        GROUPS_OF_ORGANIZATION,
        CHANNELS,
        ACCESS,
        AUDIT,
        CREATED,
        UPDATED,
        DEACTIVATED,
        REFUSED,
        SCIM_REFUSED,
        LIMITED,
        WORKSPACE_LOGIN,
        ORGANIZATION_LOGIN,
    ],
    Slack,
)
