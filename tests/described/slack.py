"""What Slack is asked. Ids, names and addresses are those of the examples: of the description, and where it has none, as of SCIM and the
audit log, of the pages of the documentation."""

from __future__ import annotations

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from described.slack_answers import (
    ALICE,
    BOTS,
    BRONT,
    CREATED_CHANNEL,
    CURSOR,
    DOCS,
    ELSEWHERE,
    FIRST,
    GENERAL,
    GLINDA,
    GROUP,
    GROUPS_WITH_MEMBERS,
    GUEST_USER,
    GUESTS,
    LEAVERS,
    LOGGED_IN,
    OWNER,
    PAM,
    PAM_AT,
    PRIMARY,
    RABBIT,
    SCIM_PAGE,
    SECOND,
    SPENGLER,
    THIRD,
    USERS_AT,
    WORKSPACE,
    Slack,
    changed,
    pam,
    refused,
    scim_refused,
)
from described.slack_refused import LIMITED, ORGANIZATION_LOGIN, REFUSED, SCIM_REFUSED, WORKSPACE_LOGIN
from ferrule.record import Question

_COMMIT = "bc08db49625630e3585bf2f1322128ea04f2a7f3"
SOURCE = f"https://github.com/slackapi/slack-api-specs/blob/{_COMMIT}/web-api/slack_web_openapi_v2.json"

_RESOURCES = {"role": "workspace", "user_group_member": "user_group", "channel_member": "channel"}
RIGHTS = Rights(BRONT, lambda kind, resource: _RESOURCES[kind])
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made
IN_GROUP = ("user_group_member", "member", GROUP)

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
    page=f"{DOCS}reference/methods/admin.users.remove",
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
    page=f"{DOCS}reference/methods/usergroups.users.update",
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
    page=f"{DOCS}reference/methods/conversations.invite",
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
    page=f"{DOCS}reference/methods/team.accessLogs",
)
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
    page=f"{DOCS}admins/audit-logs-api",
)


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
        USERS_AT: [pam(), Turn(page=GUEST_USER), pam(), pam(), pam(), pam(), scim_refused("email_taken")],
        "conversations_invite": [Turn(), refused("already_in_channel"), refused("channel_not_found")],
        "DELETE" + PAM_AT: [Turn(204, page={})],
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
        "GET" + PAM_AT: [pam(), CHANGED, CHANGED, pam(), pam(), pam(title="Tour Guide"), *[pam()] * 6],
        "PATCH" + PAM_AT: [CHANGED, pam(title="Tour Guide")],
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
        "GET" + PAM_AT: [
            *[pam(), GONE, GONE],
            *[GONE, pam(), pam()],
            *[pam(), Turn(page=GUEST_USER), Turn(page=GUEST_USER)],
            scim_refused("no_such_user"),
            pam(),
        ],
        "PATCH" + PAM_AT: [GONE, pam(), Turn(page=GUEST_USER), scim_refused("cannot_disable_primary_owner")],
    },
    page=SCIM_PAGE,
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
