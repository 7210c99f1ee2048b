"""What Okta is asked. Ids, names and addresses are those of the description's examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from described.asked import App, Recording, walk, wanted
from described.description import Turn
from described.okta_answers import (
    ALICE,
    APPS,
    DENIED,
    DOCS,
    DOMAIN,
    EMAIL,
    GONE,
    HRPORTAL,
    INVALID,
    ISAAC,
    ITS_APPS,
    JOHN,
    OKTA_ADMINISTRATORS,
    ROLE,
    SAML,
    SET,
    WEST,
    Okta,
    in_state,
    leads_on,
)
from described.okta_rights import (
    APPLICATION_GROUPS,
    APPLICATIONS,
    ASSIGNED_APPLICATIONS,
    ASSIGNMENTS,
    CUSTOM_ROLES,
    MEMBERSHIPS,
    ROLES,
    given,
    made,
    taken,
)
from ferrule.record import Question
from jose import NAMES

_COMMIT = "fdda229e82940cf5af4611ad673ca6a27974e31b"
SOURCE = f"https://github.com/okta/okta-management-openapi-spec/blob/{_COMMIT}/dist/current/management-minimal.yaml"
SINCE = "2024-08-13T00:00:00Z"

_ACTORS = {"since_date": SINCE, "actors": [{"account_id": JOHN}]}
_MORE_LOGS = leads_on("logs", "dc9fd3c0-598c-11ef-8478-2b7584bf8d5a")
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
            *[Turn(instead=OKTA_ADMINISTRATORS)] * 3,
            Turn(instead={**OKTA_ADMINISTRATORS, "1.profile.name": "Everyone"}),
            Turn(),
        ],
        "listUserGroups": [leads_on(f"users/{ISAAC}/groups", "0gefgh5678"), Turn(), Turn(instead=OKTA_ADMINISTRATORS), Turn()],
        "listApplications": [*[APPS] * 5, ITS_APPS],
        "listApplicationUsers": [
            leads_on(f"apps/{HRPORTAL}/users", SAML, **{"0.scope": "GROUP"}),
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
            *(in_state(state) for state in ("STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT", "SUSPENDED")),
            Turn(instead={"status": "DEPROVISIONED", "profile.email": "isaac@example.org", "profile.managerId": "00ur32Vg0fvpyHZeQ0g3"}),
        ]
    },
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
            in_state("STAGED"),
            Turn(instead={"status": "STAGED", "transitioningToStatus": "ACTIVE"}),
            in_state("PROVISIONED"),
            in_state("STAGED"),
        ],
        "assignRoleToUser": _ROLES_GIVEN,
    },
)

NOT_CREATED = Recording(
    "not_created",
    [made(*_EVERYTHING), made(*_EVERYTHING)],
    {
        "getUser": [in_state("STAGED")],
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
    page=f"{DOCS}reference/core-okta-api/",
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
            *(in_state("SUSPENDED"), in_state("SUSPENDED"), Turn()),
            *(in_state("LOCKED_OUT"), Turn()),
            *(in_state("STAGED"), in_state("PROVISIONED")),
            *(in_state("DEPROVISIONED"), in_state("PROVISIONED")),
            *(Turn(), in_state("RECOVERY"), in_state("PASSWORD_EXPIRED"), in_state("PROVISIONED")),
        ]
    },
)
DEACTIVATED = Recording(
    "deactivated",
    [Question("deactivate_account", _ACCOUNT)] * 4,
    {
        "getUser": [Turn(), Turn(), in_state("SUSPENDED"), in_state("SUSPENDED"), in_state("DEPROVISIONED"), in_state("STAGED")],
        "suspendUser": [Turn(), INVALID],
    },
)
DELETED = Recording(
    "deleted",
    [Question("delete_account", _ACCOUNT)] * 4,
    {
        "getUser": [
            *(Turn(), Turn(instead={"transitioningToStatus": "DEPROVISIONED"}), in_state("DEPROVISIONED"), GONE),
            *(in_state("DEPROVISIONED"), in_state("DEPROVISIONED"), GONE),
            GONE,
            Turn(),
        ],
        "deactivateUser": [Turn(), DENIED],
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
    page=f"{DOCS}reference/error-codes/",
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
    page=f"{DOCS}reference/rl-best-practices/",
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
    page=f"{DOCS}guides/refresh-tokens/main/",
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
    page=f"{DOCS}guides/implement-oauth-for-okta-serviceapp/main/",
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
