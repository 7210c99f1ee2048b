"""What Okta is asked. Ids, names and addresses are those of the description's examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app import Asked
from described.asked import App, Recording, Rights, walk, wanted
from described.description import Described, Turn
from ferrule.record import Question
from jose import NAMES

_DOCS = "https://developer.okta.com/docs/"
_COMMIT = "fdda229e82940cf5af4611ad673ca6a27974e31b"
SOURCE = f"https://github.com/okta/okta-management-openapi-spec/blob/{_COMMIT}/dist/current/management-minimal.yaml"
DOMAIN = "subdomain.okta.com"
"""What the description takes for `{yourOktaDomain}` unless something else is said."""

ISAAC, SAML, JOHN, ALICE = "00ub0oNGTSWTBKOLGLNR", "00u1dnq5S0CfjlkpABCD", "00uttidj01jqL21aM1d6", "00u118oQYT4TBTemp0g4"
WEST, ENGINEERING = "00g1emaKYZTWRYYRRTSK", "00garwpuyxHaWOkdV0g4"
HRPORTAL = "0oa7vicdkRNrz59R80w6"
ROLE, SET = "cr0Yq6IJxGIr0ouum0g3", "iamoJDFKaJxGIr0oamd9g"
EMAIL = "isaac.brock@example.com"
SINCE = "2024-08-13T00:00:00Z"

GONE = Turn(404, "ErrorResourceNotFound")
DENIED = Turn(403, "ErrorAccessDenied")
INVALID = Turn(400, "ErrorApiValidationFailed")
APPS = Turn(example="ResponseExample2")
"""The only applications among the examples whose links are not inside of something else, by a slip."""


class Okta(Described):
    """Okta names the next page in a Link header or, for administrators, within the body: by the id of the last record."""

    def leading_on(self, body: Any, asked: Asked) -> Mapping[str, str]:
        if not isinstance(body, list):
            return {}
        names, end = _names(body), _start(body, asked) + _limit(asked)
        if end >= len(names):
            return {}
        address = re.sub(r"&after=[^&]+", "", asked.url)
        return {"link": f'<{address}>; rel="self", <{address}&after={names[end - 1]}>; rel="next"'}

    def paged(self, body: Any, asked: Asked) -> Any:
        if isinstance(body, list):
            start = _start(body, asked)
            return body[start : start + _limit(asked)]
        if isinstance(body, dict) and "next" in body.get("_links", {}):
            if "after" in asked.query:
                body.update({name: [] for name, value in body.items() if isinstance(value, list)})
                del body["_links"]["next"]
            else:
                link = body["_links"]["next"]
                link["href"] = re.sub(r"^https?://[^/]+", f"https://{DOMAIN}", link["href"])
        return body


def _names(body: list[Any]) -> list[str]:
    return [record.get("id") or record.get("uuid") for record in body]


def _start(body: list[Any], asked: Asked) -> int:
    names, after = _names(body), asked.one("after")
    return names.index(after) + 1 if after in names else 0


def _limit(asked: Asked) -> int:
    return int(asked.one("limit", "200"))


_RESOURCES = {"group_member": "group", "app_assignment": "application", "custom_role": "resource_set"}
RIGHTS = Rights(ISAAC, lambda kind, resource: _RESOURCES.get(kind, ""), {"email": EMAIL})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def _is(status: str) -> Turn:
    """The user of the example, in another of the states that the schema names."""
    return Turn(instead={"status": status})


_OKTA_ADMINISTRATORS = {"1.type": "BUILT_IN", "1.profile.name": "Okta Administrators"}
_IN_WEST = Turn(instead={"0.id": WEST})
_WEST = {"id": WEST, "type": "OKTA_GROUP", "profile": {"name": "West Coast users", "description": "All users West of The Rockies"}}
_ENGINEERING = {
    "id": ENGINEERING,
    "type": "APP_GROUP",
    "profile": {"name": "Engineering users", "description": "All users in the engineering department"},
}
_APP_GROUP = Turn(instead={"0.id": WEST, "0._embedded": {"group": _WEST}})
_ITS_APPS = Turn(
    example="ResponseExample2",
    instead={
        "0._embedded": {"user": {"id": ISAAC, "scope": "USER"}},
        "1._embedded": {"user": {"id": ISAAC, "scope": "GROUP"}},
        "2._embedded": {"user": {"id": ISAAC, "scope": "USER"}},
    },
)


def _leads_on(path: str, after: str, **instead: Any) -> Turn:
    """A page that leads on to an empty one, by the id of its last record."""
    return Turn(headers={"link": f'<https://{DOMAIN}/api/v1/{path}?after={after}>; rel="next"'}, instead=instead)


_ACTORS = {"since_date": SINCE, "actors": [{"account_id": JOHN}]}
_MORE_LOGS = _leads_on("logs", "dc9fd3c0-598c-11ef-8478-2b7584bf8d5a")
READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts", "list_accounts", "list_accounts"),
        Question("list_accounts", {}),
        Question("list_accounts", {}, page_size=1000),
        *walk("list_updated_accounts"),
        *walk("list_updated_accounts", since="2022-05-01T00:00:00Z"),
        Question("get_account", {"account_id": ISAAC}),
        *walk("list_resources", "list_entitlements", "find_entitlement_associations"),
        *walk("get_last_activity", account_ids=[ISAAC]),
        *walk("get_last_activity", account_ids=[ISAAC]),
        *walk("get_last_activity", account_ids=[ISAAC]),
    ],
    {
        "listUsers": [*[Turn(example="UsersSearch")] * 2, *[Turn(example="UsersQ")] * 3, Turn()],
        "getUser": [Turn(), Turn(), Turn(instead={"lastLogin": None}), GONE],
        "listApplications": [APPS],
    },
)
WHO_HOLDS_WHAT = Recording(
    "who_holds_what",
    [
        *walk("list_resources", "list_entitlements", "find_entitlement_associations", size=200),
        Question("find_entitlement_associations", {}, page_size=1000),
        Question("find_entitlement_associations", {}),
        *walk("get_account_entitlement_associations", account_id=ISAAC, size=200),
        *walk("get_account_entitlement_associations", account_id=ISAAC, size=200),
        *walk("get_account_entitlement_associations", account_id=ISAAC, size=200),
    ],
    {
        "listGroups": [
            *[Turn(instead=_OKTA_ADMINISTRATORS)] * 3,
            Turn(instead={**_OKTA_ADMINISTRATORS, "1.profile.name": "Everyone"}),
            Turn(),
        ],
        "listUserGroups": [_leads_on(f"users/{ISAAC}/groups", "0gefgh5678"), Turn(), Turn(instead=_OKTA_ADMINISTRATORS), Turn()],
        "listApplications": [*[APPS] * 5, _ITS_APPS],
        "listApplicationUsers": [
            _leads_on(f"apps/{HRPORTAL}/users", SAML, **{"0.scope": "GROUP"}),
            Turn(),
        ],
        "listAssignedRolesForUser": [
            Turn(instead={"3.type": "APP_ADMIN"}),
            Turn(example="Custom roles"),
            Turn(example="IAM-based standard roles"),
            Turn(),
            Turn(example="Custom roles"),
        ],
    },
)
LOGS = Recording(
    "logs",
    [
        *walk("list_activity_records", **_ACTORS),
        *walk("list_activity_records", size=1000, **_ACTORS),
        Question("list_activity_records", _ACTORS, page_size=5000),
        *walk("list_applications_activity_records", **_ACTORS),
        *walk("list_applications_activity_records", **_ACTORS),
    ],
    {
        "listLogEvents": [
            _MORE_LOGS,
            Turn(),
            Turn(instead={"0.target.0.type": "User", "0.target.0.id": ISAAC}),
            Turn(instead={"0.target": None, "0.outcome": {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}}),
            _MORE_LOGS,
            Turn(),
            Turn(instead={"0.target.0.type": "User", "0.target.0.id": ISAAC}),
        ]
    },
)
STATES = Recording(
    "states",
    [Question("get_account", {"account_id": ISAAC})] * 8,
    {
        "getUser": [
            *(_is(state) for state in ("STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT", "SUSPENDED")),
            Turn(instead={"status": "DEPROVISIONED", "profile.email": "isaac@example.org", "profile.managerId": "00ur32Vg0fvpyHZeQ0g3"}),
        ]
    },
)
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
        "getApplicationUser": [*[_is(state) for state in _APP_STATES], GONE],
        "listApplicationGroupAssignments": [
            *[_APP_GROUP] * 9,
            Turn(instead={"0.id": ENGINEERING, "0._embedded": {"group": _ENGINEERING}}),
        ],
    },
)
_MORE_APP_GROUPS = _leads_on("apps/0oa1gjh63g214q0Hq0g4/groups", "00g15acRUy0SYb9GT0g4", **{"0._embedded": {"group": _WEST}})
APPLICATION_GROUPS = Recording(
    "application_groups",
    walk("list_applications_resources", "list_applications_entitlements", "list_applications_entitlement_associations", size=200),
    {"listApplicationGroupAssignments": [_MORE_APP_GROUPS, Turn()] * 3},
)
DEMO = Recording(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=200),
    {
        "listApplications": [APPS],
        "listApplicationUsers": [Turn(instead={"0.id": ALICE})],
        "listUsersWithRoleAssignments": [Turn(instead={"value.0.id": ALICE}), Turn()],
    },
)
_EVERYTHING = [
    wanted("group_member", "member", WEST),
    wanted("app_assignment", "USER", HRPORTAL),
    wanted("admin_role", "SUPER_ADMIN"),
    wanted("custom_role", ROLE, SET),
]
_ROLES_GIVEN = [Turn(), Turn(example="Custom roles")]
CREATED = Recording(
    "created",
    [
        made(*_EVERYTHING, username=EMAIL, given_name="Isaac", family_name="Brock"),
        made(user_status="STAGED"),
        made(wanted("group_member", "member")),
        made(wanted("custom_role", ROLE)),
        made(wanted("app_assignment", "USER")),
        made(wanted("app_assignment", "GROUP", HRPORTAL)),
        made(wanted("admin_role", "SUPER_ADMIN", SET)),
        made(wanted("boss", "SUPER_ADMIN")),
    ],
    {
        "getUser": [
            _is("STAGED"),
            Turn(instead={"status": "STAGED", "transitioningToStatus": "ACTIVE"}),
            _is("PROVISIONED"),
            _is("STAGED"),
        ],
        "assignRoleToUser": _ROLES_GIVEN,
    },
)
# The user is made, but cannot be activated; then not even made.
NOT_CREATED = Recording(
    "not_created",
    [made(*_EVERYTHING), made(*_EVERYTHING)],
    {
        "getUser": [_is("STAGED")],
        "assignRoleToUser": _ROLES_GIVEN,
        "activateUser": [DENIED],
        "createUser": [Turn(), Turn(400)],
    },
)
TAKEN = Recording(
    "login_taken",
    [made(), made()],
    {
        "createUser": [
            Turn(
                400,
                page={
                    "errorCode": "E0000001",
                    "errorSummary": "Api validation failed",
                    "errorLink": "E0000001",
                    "errorId": "oaeHfmOAx1iRLa0H10DeMz5fQ",
                    "errorCauses": [{"errorSummary": "login: An object with this field already exists in the current organization"}],
                },
            ),
            INVALID,
        ]
    },
    page=f"{_DOCS}reference/core-okta-api/",
)
_NEW = {
    "displayName": "Isaac",
    "title": "Vice President",
    "department": "marketing",
    "costCenter": "11",
    "employeeNumber": "188",
    "userType": "Contractor",
    "managerId": "00ur32Vg0fvpyHZeQ0g3",
    "mobilePhone": "555-415-1337",
}
_CHANGES = {"profile.login": "isaac@example.org", **{f"profile.{name}": value for name, value in _NEW.items()}}
UPDATED = Recording(
    "updated",
    [
        Question("update_account", {"id": ISAAC, "username": "isaac@example.org", **_NEW}),
        Question(
            "update_account", {"id": ISAAC, "email": EMAIL, "given_name": "Isaac", "family_name": "Brock", "department": "Engineering"}
        ),
        Question("update_account", {"id": ISAAC, "email": "isaac@example.org"}),
        Question("update_account", {"id": ISAAC, "given_name": "Alice"}),
        Question("update_account", {"id": ISAAC, "family_name": "Smith"}),
    ],
    {
        "getUser": [
            Turn(),
            Turn(),
            Turn(instead=_CHANGES),
            Turn(),
            Turn(),
            Turn(instead={"profile.email": "isaac@example.org"}),
            Turn(),
            Turn(instead={"profile.firstName": "Alice"}),
            Turn(),
            Turn(instead={"profile.lastName": "Smith"}),
        ]
    },
)
_ACCOUNT = {"account_id": ISAAC}
ACTIVATED = Recording(
    "activated",
    [Question("activate_account", _ACCOUNT)] * 8,
    {
        "getUser": [
            *(_is("SUSPENDED"), _is("SUSPENDED"), Turn()),
            *(_is("LOCKED_OUT"), Turn()),
            *(_is("STAGED"), _is("PROVISIONED")),
            *(_is("DEPROVISIONED"), _is("PROVISIONED")),
            *(Turn(), _is("RECOVERY"), _is("PASSWORD_EXPIRED"), _is("PROVISIONED")),
        ]
    },
)
DEACTIVATED = Recording(
    "deactivated",
    [Question("deactivate_account", _ACCOUNT)] * 4,
    {
        "getUser": [Turn(), Turn(), _is("SUSPENDED"), _is("SUSPENDED"), _is("DEPROVISIONED"), _is("STAGED")],
        "suspendUser": [Turn(), INVALID],
    },
)
DELETED = Recording(
    "deleted",
    [Question("delete_account", _ACCOUNT)] * 4,
    {
        "getUser": [
            *(Turn(), Turn(instead={"transitioningToStatus": "DEPROVISIONED"}), _is("DEPROVISIONED"), GONE),
            *(_is("DEPROVISIONED"), _is("DEPROVISIONED"), GONE),
            GONE,
            Turn(),
        ],
        "deactivateUser": [Turn(), DENIED],
    },
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
            *(Turn(), Turn(), _IN_WEST),
            _IN_WEST,
            Turn(),
            *(_IN_WEST, _IN_WEST, Turn()),
            Turn(),
            _IN_WEST,
            *(Turn(), _IN_WEST, _IN_WEST, Turn()),
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


def refused(code: str, message: str) -> dict[str, Any]:
    """A refusal as the page on errors has it: its form, and the code and summary of one of its entries."""
    return {"errorCode": code, "errorSummary": message, "errorLink": code, "errorId": "sampleQPivGUj_ND5v78vbYWW", "errorCauses": []}


REFUSED = Recording(
    "refused",
    [
        Question("validate_credentials", {}),
        Question("validate_credentials", {}),
        Question("list_accounts", {}),
        Question("get_account", _ACCOUNT),
        *walk("get_account_entitlement_associations", account_id=ISAAC),
        *walk("get_last_activity", account_ids=[ISAAC]),
        Question("list_activity_records", _ACTORS),
        given("group_member", "member", WEST),
        Question("delete_account", _ACCOUNT),
        taken("app_assignment", "USER", HRPORTAL),
    ],
    {
        "getApplicationUser": [Turn(404, page=refused("E0000008", "The requested path was not found"))],
        "getOrgSettings": [
            Turn(401, page=refused("E0000011", "Invalid token provided")),
            Turn(401, page=refused("E0000015", "You do not have permission to access the feature you are requesting")),
        ],
        "listUsers": [DENIED],
        "getUser": [GONE, DENIED, Turn(404, page=refused("E0000008", "The requested path was not found"))],
        "listUserGroups": [GONE, DENIED],
        "listLogEvents": [INVALID],
    },
    page=f"{_DOCS}reference/error-codes/",
)
LIMITED = Recording(
    "limited",
    [Question("get_account", _ACCOUNT)],
    {
        "getUser": [
            Turn(
                429,
                headers={"X-Rate-Limit-Limit": "600", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1609459200"},
            ),
            Turn(),
        ]
    },
    page=f"{_DOCS}reference/rl-best-practices/",
)
PERSON_LOGIN = Recording(
    "person_login",
    walk("list_accounts", size=200),
    {
        "POST /oauth2/v1/token": [
            Turn(
                page={
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "access_token": "eyJraWQ.....rm8EA4osYg",
                    "scope": "offline_access openid",
                    "refresh_token": "i6mapTIAVSp2oJkgUnCACKKfZxt_H5MBLiqcybBBd04",
                    "id_token": "eyJraWQiOiJ.....XAn3ty6o-yeA",
                }
            )
        ]
    },
    auth="person",
    credential={"client_id": "described-client", "client_secret": "described-secret", "refresh_token": "described-refresh"},
    page=f"{_DOCS}guides/refresh-tokens/main/",
)

SERVICE_LOGIN = Recording(
    "service_login",
    walk("list_accounts", size=200),
    {
        "POST /oauth2/v1/token": [
            Turn(
                page={
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "access_token": "eyJraWQiOiJ.....UfThlJ7w",
                    "scope": "okta.users.read",
                }
            )
        ]
    },
    auth="service",
    credential={"key_identifier": "described-key", "private_key": NAMES["<RSA key>"]},
    settings={"client_id": "0oar95zt9zIpYuz6A0h7"},
    page=f"{_DOCS}guides/implement-oauth-for-okta-serviceapp/main/",
)

_RECORDINGS: Sequence[Recording] = (
    *(
        READS,
        WHO_HOLDS_WHAT,
        LOGS,
        STATES,
        APPLICATIONS,
        APPLICATION_GROUPS,
        DEMO,
        CREATED,
        NOT_CREATED,
        TAKEN,
        UPDATED,
        ACTIVATED,
        DEACTIVATED,
        DELETED,
    ),
    *(MEMBERSHIPS, ASSIGNMENTS, ASSIGNED_APPLICATIONS, ROLES, CUSTOM_ROLES, REFUSED, LIMITED, PERSON_LOGIN, SERVICE_LOGIN),
)
OKTA = App("okta", "Okta", "okta.json.gz", SOURCE, {"domain": DOMAIN}, _RECORDINGS, Okta)
