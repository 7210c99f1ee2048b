"""What Microsoft Entra ID is asked of groups, roles, applications and licences."""

from __future__ import annotations

from described.description import Turn
from described.entra_id_answers import ROLES_OF_ONE
from described.entra_id_asked import (
    GONE,
    IN_GROUP,
    NO_SUCH,
    NOT_THERE,
    NOTHING,
    OF_ONE,
    OWNS_GROUP,
    UNCONTAINED,
    UNIT,
    already,
    given,
    licences,
    recording,
    taken,
)
from described.entra_id_users import (
    ADELE,
    ALEX,
    APP,
    CRM,
    E5,
    GLOBAL_ADMINISTRATOR,
    GOLF_ASSIST,
    GOLF_DISCUSSION,
    GROUP,
    NO_ROLE,
    USER,
    shown,
)

_IN = Turn(page={"value": [shown(GROUP, id=GOLF_ASSIST)]})
_OUT = Turn(page=NOTHING)
_OWNS = Turn(page={"value": [shown(USER, id=ADELE)]})
GROUP_ROLES = recording(
    "group_roles",
    [
        given("group_role", "member", GOLF_ASSIST),
        given("group_role", "member", GOLF_ASSIST),
        taken("group_role", "member", GOLF_ASSIST),
        taken("group_role", "member", GOLF_ASSIST),
        given("group_role", "owner", GOLF_ASSIST),
        given("group_role", "owner", GOLF_ASSIST),
        taken("group_role", "owner", GOLF_ASSIST),
        taken("group_role", "owner", GOLF_ASSIST),
        given("group_role", "guest", GOLF_ASSIST),
        given("group_role", "member", GOLF_DISCUSSION),
        taken("group_role", "guest", GOLF_ASSIST),
    ],
    {
        "groups_CreateMembersGraphBPreRef": [
            GONE,
            Turn(),
            already("members"),
            Turn(400, page=NOT_THERE),
        ],
        "groups_CreateOwnersGraphBPreRef": [
            GONE, Turn(), already("owners")
        ],
        "users_ListMemberGraphOPre": [_OUT, _IN, _IN, _IN, _IN, _OUT, _OUT],
        "groups_ListOwners": [Turn(), _OWNS, _OWNS, _OWNS, _OWNS, Turn()],
    },
    "group-post-members", "group-post-owners", "group-delete-members", "group-delete-owners", "user-list-memberof", "group-list-owners",
    NO_SUCH, IN_GROUP, OWNS_GROUP, UNCONTAINED,
)  # fmt: skip
APP_ROLES = recording(
    "app_roles",
    [
        given("app_role", NO_ROLE, APP, account=ALEX),
        given("app_role", NO_ROLE, APP, account=ALEX),
        taken("app_role", NO_ROLE, APP, account=ALEX),
        taken("app_role", NO_ROLE, APP, account=ALEX),
    ],
    {
        "users_ListAppRoleAssignments": [
            Turn(instead={"value.0.principalType": "Group"}),
            *[Turn()] * 4,
            Turn(instead={"value.0.appRoleId": "ef7437e6-4f94-4a0a-a110-a439eb2aa8f7"}),
            Turn(instead={"value.0.resourceId": "9028d19c-26a9-4809-8e3f-20ff73e2d75e"}),
        ],
        "servicePrincipals_CreateAppRoleAssignedTo": [GONE, Turn()],
    },
    "user-list-approleassignments", "serviceprincipal-post-approleassignedto", "serviceprincipal-delete-approleassignedto", NO_SUCH,
)  # fmt: skip
DIRECTORY_ROLES = recording(
    "directory_roles",
    [
        given("directory_role", GLOBAL_ADMINISTRATOR, account=OF_ONE),
        given("directory_role", GLOBAL_ADMINISTRATOR, account=OF_ONE),
        taken("directory_role", GLOBAL_ADMINISTRATOR, account=OF_ONE),
        taken("directory_role", GLOBAL_ADMINISTRATOR, account=OF_ONE),
        given("directory_role", GLOBAL_ADMINISTRATOR, GOLF_ASSIST, account=OF_ONE),
    ],
    {
        "roleManagement.directory_ListRoleAssignments": [
            Turn(page=ROLES_OF_ONE, instead={"value.0.directoryScopeId": UNIT}),
            *[Turn(page=ROLES_OF_ONE)] * 4,
            Turn(page=ROLES_OF_ONE, instead={"value.0.directoryScopeId": UNIT}),
        ],
        "roleManagement.directory_CreateRoleAssignments": [GONE, Turn()],
    },
    "rbacapplication-list-roleassignments", "rbacapplication-post-roleassignments", "unifiedroleassignment-delete", NO_SUCH,
)  # fmt: skip
LICENCES = recording(
    "licences",
    [given("license", E5), given("license", E5), taken("license", E5), taken("license", E5), given("license", E5, GOLF_ASSIST)],
    {"users.user_GetUser": [licences(CRM), licences(CRM, E5), licences(CRM, E5), licences(CRM, E5), licences(CRM)]},
    "user-assignlicense", "user-get",
)  # fmt: skip
