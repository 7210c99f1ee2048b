"""What Zendesk is asked. Ids, names and addresses are those of the description's examples."""

from __future__ import annotations

from described.asked import App, walk, wanted
from described.description import Turn
from described.zendesk_answers import (
    ADVISOR,
    AUDIT_LOG,
    JOHNNY,
    ROGER,
    STAFF,
    SUPPORT,
    TOKEN,
    TWITTER,
    Zendesk,
    in_organizations,
    joined_organization,
    organizations,
    roles,
    user,
    users,
)
from described.zendesk_asked import (
    AGENT,
    BEFORE,
    CHANGES,
    CLIENT,
    DENIED,
    EMAIL,
    GONE,
    GROUP,
    NEW,
    NO_GROUPS,
    NO_ORGANIZATIONS,
    ORGANIZATION,
    OTHER_EMAIL,
    OTHER_GROUP,
    TEAM,
    asked,
    change,
    changed,
    given,
    in_groups,
    made,
    read,
    recorded,
    taken,
)
from described.zendesk_refused import CLIENT_LOGIN, DUPLICATE, INVALID_TOKEN, LIMITED, NOWHERE, PERSON_LOGIN, REFUSED, UNAUTHORIZED, UNKNOWN
from ferrule.record import Question

_COMMIT = "aaa548006c2a565214393c59f5efd043897d839b"
SOURCE = f"https://github.com/api-evangelist/zendesk/tree/{_COMMIT}/openapi/_original"
LISTS = ("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations")

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


UPDATED = recorded(
    "updated",
    [
        *[change(name) for name in CHANGES],
        change(*CHANGES),
        change(*CHANGES),
        change("name", role="admin"),
        change(role="admin", email=OTHER_EMAIL),
    ],
    {
        "ShowUser": [
            *[turn for name in CHANGES for turn in (changed(), changed(name))],
            changed(),
            changed(*CHANGES),
        ],
        "UpdateUser": [*[changed(name) for name in CHANGES], changed(*CHANGES)],
    },
)
_ADDED = Turn(page={"identity": {**TWITTER, "type": "email", "value": OTHER_EMAIL}})
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
        change(email=OTHER_EMAIL),
        change(email=OTHER_EMAIL),
        change(email=OTHER_EMAIL),
        change("name", email=OTHER_EMAIL),
        change(email=OTHER_EMAIL),
    ],
    {
        "ShowUser": [
            *[changed(), user(BEFORE, email=OTHER_EMAIL)] * 2,
            user(BEFORE, email=OTHER_EMAIL),
            changed(),
            user(BEFORE, name="Roger Wilco II", email=OTHER_EMAIL),
            changed(),
        ],
        "UpdateUser": [changed("name")],
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
    page=f"{CLIENT}/issues/151",
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
