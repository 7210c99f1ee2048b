"""What Okta is asked of applications, and of who is in a group, has an application or a role."""

from __future__ import annotations

from described.asked import Recording, Rights, walk
from described.description import Turn
from described.okta_answers import (
    APP_GROUP,
    APPS,
    DENIED,
    EMAIL,
    ENGINEERING,
    ENGINEERING_USERS,
    GONE,
    HRPORTAL,
    IN_WEST,
    ISAAC,
    ROLE,
    SAML,
    SET,
    WEST,
    WEST_COAST,
    in_state,
    leads_on,
)
from ferrule.record import Question

_RESOURCES = {"group_member": "group", "app_assignment": "application", "custom_role": "resource_set"}
RIGHTS = Rights(ISAAC, lambda kind, resource: _RESOURCES.get(kind, ""), {"email": EMAIL})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made

_APP_STATES = (
    *("STAGED", "PENDING", "APPROVED", "IMPORTED", "MATCHED", "ACTIVE", "PROVISIONED", "IMPLICIT", "INACTIVE", "UNASSIGNED", "REVOKED"),
    *("SUSPENDED", "DEPROVISIONED"),
)
_SIGN_ON_MODES = ("SAML_1_1", "OPENID_CONNECT", "BOOKMARK", "AUTO_LOGIN")
APPLICATIONS = Recording(
    "applications",
    [
        *walk("list_applications", "list_applications_accounts"),
        *walk("list_applications_accounts", size=1000),
        *walk("list_applications_resources", "list_applications_entitlements", "list_applications_entitlement_associations"),
        *walk("list_applications_entitlements", size=200),
        *[Question("get_application", {"application_instance_id": "0oa1gjh63g214q0Hq0g4"})] * 6,
        *[Question("get_application_account", {"application_instance_id": "0oajiqIRNXPPJBNZMGYL", "account_id": SAML})] * 14,
    ],
    {
        "listApplications": [APPS],
        "getApplication": [
            *[Turn(instead={"signOnMode": mode}) for mode in _SIGN_ON_MODES],
            Turn(instead={"status": "INACTIVE"}),
            Turn(instead={"status": "DELETED"}),
        ],
        "getApplicationUser": [*[in_state(state) for state in _APP_STATES], GONE],
        "listApplicationGroupAssignments": [
            *[APP_GROUP] * 9,
            Turn(instead={"0.id": ENGINEERING, "0._embedded": {"group": ENGINEERING_USERS}}),
        ],
    },
)
_MORE_APP_GROUPS = leads_on("apps/0oa1gjh63g214q0Hq0g4/groups", "00g15acRUy0SYb9GT0g4", **{"0._embedded": {"group": WEST_COAST}})
APPLICATION_GROUPS = Recording(
    "application_groups",
    walk("list_applications_resources", "list_applications_entitlements", "list_applications_entitlement_associations", size=200),
    {"listApplicationGroupAssignments": [_MORE_APP_GROUPS, Turn()] * 3},
)
_APP_GROUP_TYPE = Turn(instead={"type": "APP_GROUP"})


def _of_application(capability: str) -> Question:
    return Question(capability, {**RIGHTS.right("group_member", "member", WEST), "application_instance_id": HRPORTAL})


MEMBERSHIPS = Recording(
    "memberships",
    [
        given("group_member", "member", WEST),
        given("group_member", "member", WEST),
        given("group_member", "member", WEST),
        taken("group_member", "member", WEST),
        taken("group_member", "member", WEST),
        taken("group_member", "member", WEST),
        _of_application("assign_application_entitlement"),
        _of_application("unassign_application_entitlement"),
        Question(
            "assign_application_entitlement", {**RIGHTS.right("app_assignment", "USER", HRPORTAL), "application_instance_id": HRPORTAL}
        ),
    ],
    {
        "listUserGroups": [
            *(Turn(), Turn(), IN_WEST),
            IN_WEST,
            Turn(),
            *(IN_WEST, IN_WEST, Turn()),
            Turn(),
            IN_WEST,
            *(Turn(), IN_WEST, IN_WEST, Turn()),
        ],
        "getGroup": [Turn(), _APP_GROUP_TYPE, Turn(), _APP_GROUP_TYPE, Turn()],
    },
)
_THROUGH_GROUP = Turn(instead={"id": ISAAC, "scope": "GROUP"})
_ITSELF = Turn(instead={"id": ISAAC})
ASSIGNMENTS = Recording(
    "assignments",
    [
        given("app_assignment", "USER", HRPORTAL),
        given("app_assignment", "USER", HRPORTAL),
        given("app_assignment", "USER", HRPORTAL),
        given("app_assignment", "GROUP", HRPORTAL),
        taken("app_assignment", "USER", HRPORTAL),
        taken("app_assignment", "USER", HRPORTAL),
        taken("app_assignment", "USER", HRPORTAL),
        taken("app_assignment", "GROUP", HRPORTAL),
        given("app_assignment", "USER", HRPORTAL),
    ],
    {
        "getApplicationUser": [
            *(GONE, GONE, _ITSELF),
            *(_THROUGH_GROUP, _ITSELF),
            _ITSELF,
            *(_ITSELF, _ITSELF, GONE),
            _THROUGH_GROUP,
            GONE,
            DENIED,
        ]
    },
)


def _application(capability: str) -> Question:
    return Question(capability, {"application_instance_id": HRPORTAL, "account_id": ISAAC})


ASSIGNED_APPLICATIONS = Recording(
    "assigned_applications",
    [
        _application("assign_application"),
        _application("assign_application"),
        _application("assign_application"),
        _application("unassign_application"),
        _application("unassign_application"),
        _application("unassign_application"),
        _application("unassign_application"),
    ],
    {
        "getApplication": [Turn(), Turn(instead={"features": ["PUSH_USER_DEACTIVATION"]}), Turn(instead={"features": None}), Turn()],
        "getApplicationUser": [
            *(GONE, GONE, _ITSELF),
            *(GONE, _ITSELF),
            _THROUGH_GROUP,
            *(_ITSELF, _ITSELF, GONE),
            *(_ITSELF, GONE),
            GONE,
            _THROUGH_GROUP,
        ],
        "assignUserToApplication": [Turn(example="AppUserProvEx"), Turn()],
    },
)
_STANDARD = Turn()
_CUSTOM = Turn(example="Custom roles")
_OTHERS = Turn(example="IAM-based standard roles")


def _held(*pairs: tuple[str, str], example: str | None = None) -> Turn:
    return Turn(example=example, instead=dict(pairs))


ROLES = Recording(
    "roles",
    [
        given("admin_role", "SUPER_ADMIN"),
        given("admin_role", "APP_ADMIN"),
        given("admin_role", "APP_ADMIN"),
        given("admin_role", "SUPER_ADMIN", SET),
        taken("admin_role", "HELP_DESK_ADMIN"),
        taken("admin_role", "HELP_DESK_ADMIN"),
        taken("admin_role", "APP_ADMIN"),
        taken("admin_role", "HELP_DESK_ADMIN", SET),
    ],
    {
        "listAssignedRolesForUser": [
            *(_STANDARD, _STANDARD, _held(("0.type", "SUPER_ADMIN"))),
            _STANDARD,
            *(_held(("0.assignmentType", "GROUP")), _STANDARD),
            *(_STANDARD, _STANDARD, _OTHERS),
            _OTHERS,
            _held(("0.assignmentType", "GROUP")),
        ]
    },
)
_IN_ANOTHER_SET = [
    ("3.assignmentType", "USER"),
    ("3.type", "CUSTOM"),
    ("3.role", ROLE),
    ("3.resource-set", "iamoakjsdQaJxGIr03int1o"),
]
"""The same role twice, first on the resource set that another example has."""
CUSTOM_ROLES = Recording(
    "custom_roles",
    [
        *[given("custom_role", ROLE, SET)] * 3,
        *[taken("custom_role", ROLE, SET)] * 5,
    ],
    {
        "listAssignedRolesForUser": [
            *(_STANDARD, _STANDARD, _CUSTOM),
            _CUSTOM,
            *(_held(("4.assignmentType", "GROUP"), example="Custom roles"), _CUSTOM),
            *(_CUSTOM, _CUSTOM, _STANDARD),
            *(_held(*_IN_ANOTHER_SET, example="Custom roles"), _STANDARD),
            _STANDARD,
            _held(("4.assignmentType", "GROUP"), example="Custom roles"),
            _held(("4.role", "cr0Fw7HKcWIroo88m3r1"), example="Custom roles"),
        ],
        "assignRoleToUser": [_CUSTOM],
    },
)
