"""What Microsoft Entra ID is asked. Ids, names and addresses are those of the vendor's pages."""

from __future__ import annotations

from described.asked import App, walk, wanted
from described.description import Turn
from described.entra_id_answers import APP_ROLE_ASSIGNMENT, ROLE_DEFINITIONS, ROLES_OF_ONE, Entra
from described.entra_id_asked import (
    DENIED,
    EXPIRED,
    GONE,
    GRAPH,
    IDENTITY,
    IN_USE,
    NO_CONSENT,
    NO_SUCH,
    NO_TOKEN,
    NOTHING,
    OF_ONE,
    SLOWER,
    SOURCE,
    START_AGAIN,
    TAKEN,
    TENANT,
    TOKEN,
    TOO_OLD,
    UNIT,
    UNREADABLE,
    about,
    licences,
    made,
    recording,
    user,
    users,
)
from described.entra_id_rights import APP_ROLES, DIRECTORY_ROLES, GROUP_ROLES, LICENCES
from described.entra_id_users import (
    ADELE,
    ADELE_VANCE,
    ADMIN,
    APP,
    CRM,
    E5,
    GLOBAL_ADMINISTRATOR,
    GOLF_ASSIST,
    GOLF_DISCUSSION,
    GROUP,
    LICENSED,
    NO_ROLE,
    ON,
    REPRESENTATION,
    SARA_DAVIS,
    SIGNED_IN,
    UPN,
    USER,
    shown,
)
from ferrule.record import Question
from jose import NAMES

READS = recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("list_accounts", {}),
        Question("list_accounts", {}, page_size=2000),
        about("get_account"),
        about("get_account"),
        about("get_account"),
        about("get_account"),
        *walk("list_resources"),
        *walk("list_entitlements"),
        *walk("find_entitlement_associations", size=999),
        *walk("get_account_entitlement_associations", size=999, account_id=OF_ONE),
        *walk("get_last_activity", account_ids=[f"1aecaf40-dc3a-461f-88a8-d06994e{number:05}" for number in range(16)]),
        *walk("list_activity_records", since_date="2018-01-01T00:00:00Z", actors=[{"account_id": "728309ae-1a37-4937-9afe-e35d964db09b"}]),
    ],
    {
        "users.user_ListUser": [
            Turn(),
            Turn(),
            users(shown(SARA_DAVIS, userType="Member"), REPRESENTATION),
            Turn(),
            Turn(page=LICENSED),
            Turn(page={**SIGNED_IN, "@odata.nextLink": f"{GRAPH}/users?$skiptoken=1"}),
            Turn(page=NOTHING),
            Turn(page=NOTHING),
        ],
        "users.user_GetUser": [
            user(),
            user(accountEnabled=False, companyName="companyName-value"),
            user(externalUserState="PendingAcceptance", userType="Guest"),
            Turn(page=ADELE_VANCE),
            licences(E5),
        ],
        "groups_ListOwners": [Turn(), users(shown({"@odata.type": "#microsoft.graph.servicePrincipal"}, id=APP))],
        "roleManagement.directory_ListRoleAssignments": [
            Turn(instead={"value.1.directoryScopeId": UNIT,
                          "value.2.principal": GROUP}),
            Turn(
                page={
                    "@odata.nextLink": f"{GRAPH}/roleManagement/directory/roleAssignments?$skiptoken=1",
                    "value": ROLES_OF_ONE["value"][:1],
                }
            ),
            users(shown(ROLES_OF_ONE["value"][1], directoryScopeId=UNIT)),
        ],
        "roleManagement.directory_ListRoleDefinitions": [
            Turn(
                page={**ROLE_DEFINITIONS, "@odata.nextLink": f"{GRAPH}/roleManagement/directory/roleDefinitions?$skiptoken=1"},
                instead={"value.1.isEnabled": False},
            ),
            Turn(page=NOTHING),
        ],
    },
    "user-list", "user-get", "resources/user", "organization-list", "group-list", "group-list-members", "group-list-owners",
    "user-list-memberof", "user-list-approleassignments", "serviceprincipal-list", "rbacapplication-list-roleassignments",
    "rbacapplication-list-roledefinitions", "subscribedsku-list", "directoryaudit-list",
)  # fmt: skip
_KINDS = {"displayName": "Golf Assist", "mailEnabled": False, "securityEnabled": True}
GROUPS = recording(
    "groups",
    walk("list_entitlements", size=999),
    {
        "groups.group_ListGroup": [
            users(
                {"id": GOLF_ASSIST, **_KINDS, "groupTypes": ["DynamicMembership"], "onPremisesSyncEnabled": None},
                {"id": GOLF_DISCUSSION, **_KINDS, "groupTypes": [], "onPremisesSyncEnabled": True},
                {"id": "c11b732b-0e16-46c1-b0fa-bd32c8a42455", **_KINDS, "groupTypes": []},
            )
        ],
        "servicePrincipals.servicePrincipal_ListServicePrincipal": [
            Turn(instead={"value.1.appRoles.0.allowedMemberTypes": ["User"]}),
            Turn(instead={"value.1.appRoles.0.allowedMemberTypes": ["User"], "value.1.appRoles.0.isEnabled": False}),
        ],
        "subscribedSkus.subscribedSku_ListSubscribedSku": [
            Turn(instead={"value.0.appliesTo": "Company", "value.1.capabilityStatus": "Warning"})
        ],
    },
    "group-list", "serviceprincipal-get", "subscribedsku-list", "rbacapplication-list-roledefinitions",
)  # fmt: skip
DEMO = recording(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=999),
    {
        "users.user_ListUser": [Turn(), users({"id": ADMIN, "assignedLicenses": [{"disabledPlans": [], "skuId": E5}]})],
        "groups_ListMembers": [users(shown(USER, id=ADMIN))],
        "groups_ListOwners": [users(shown(USER, id=ADMIN))],
        "servicePrincipals_ListAppRoleAssignedTo": [
            users(shown(APP_ROLE_ASSIGNMENT, principalId=ADMIN, resourceId="59e617e5-e447-4adc-8b88-00af644d7c92")),
            Turn(page=NOTHING),
        ],
        "roleManagement.directory_ListRoleAssignments": [
            users(
                {
                    "principalId": ADMIN,
                    "directoryScopeId": "/",
                    "roleDefinitionId": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
                    "principal": shown(USER, id=ADMIN),
                }
            )
        ],
    },
    "user-list", "group-list", "group-list-members", "group-list-owners", "serviceprincipal-list", "subscribedsku-list",
    "rbacapplication-list-roleassignments", "rbacapplication-list-roledefinitions", "serviceprincipal-list-approleassignedto",
)  # fmt: skip
_DELTA = "https://graph.microsoft.com/v1.0/users/delta?"
_SKIP = "oEBwdSP6uehIAxQOWq_3Ksh_TLol6KIm3stvdc6hGhZRi1hQ7Spe__dpvm3U4zReE4CYXC2zOtaKdi7KHlUtC2CbRiBIUwOxPKLa"
_SINCE = "oEcOySpF_hWYmTIUZBOIfPzcwisr_rPe8o9M54L45qEXQGmvQC6T2dbL-9O7nSU-njKhFiGlAZqewNAThmCVnNxqPu5gOBegrm1CaVZ-ZtFZ2tPOAO98OD9y0ao460"
_LATER = "MF1LuFYbK6Lw4DtZ4o9PDrcGekRP65WEJfDmM0H26l4v9zILCPFiPwSAAeRBghxgiwsXEfywcVQ9R8VEWuYAB50Yw3KvJ-8Z1zamVotGX2b_AHVS_Z-3b0NAtmGpod"
CHANGES = recording(
    "changes",
    [
        Question("list_updated_accounts", {}),
        Question("list_updated_accounts", {"cursor": _SINCE}),
        *[Question("list_updated_accounts", {"cursor": _LATER})] * 4,
    ],
    {
        "GET /users/delta": [
            Turn(
                page={
                    "@odata.nextLink": f"{_DELTA}$skiptoken={_SKIP}",
                    "value": [
                        shown(
                            {"displayName": "Cameron White", "givenName": "Cameron", "surname": "White",
                             "id": "ffff7b1a-13b6-477b-8c0c-380905cd99f7"}, **ON),
                        {"id": "86462606-fde0-4fc4-9e0c-a20eb73e54c6", "@removed": {"reason": "deleted"}},
                        {"displayName": "Conf Room Adams", "id": "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"},
                    ],
                }
            ),
            Turn(
                page={
                    "@odata.deltaLink": f"{_DELTA}$deltatoken={_SINCE}",
                    "value": [{"displayName": "Lidia Holloway", "givenName": "Lidia", "surname": "Holloway",
                               "id": "25dcffff-959e-4ece-9973-e5d9b800e8cc"}],
                }
            ),
            Turn(
                page={
                    "@odata.deltaLink": f"{_DELTA}$deltatoken={_LATER}",
                    "value": [
                        {"displayName": "MOD Administrator", "givenName": "MOD", "surname": "Administrator",
                         "id": "25dcffff-959e-4ece-9973-e5d9b800e8cc"},
                        {"id": "8ffff70c-1c63-4860-b963-e34ec660931d", "@removed": {"reason": "changed"}},
                    ],
                }
            ),
            Turn(page={"@odata.deltaLink": f"{_DELTA}$deltatoken={_LATER}", "value": []}),
            Turn(410, headers={"Location": f"{_DELTA}$deltatoken="}),
            Turn(410, page=TOO_OLD),
            Turn(400, page=EXPIRED),
        ]
    },
    "https://learn.microsoft.com/en-us/graph/delta-query-users", "https://learn.microsoft.com/en-us/graph/delta-query-overview",
    START_AGAIN, "https://learn.microsoft.com/en-us/graph/errors",
)  # fmt: skip
_ALL = (
    wanted("group_role", "member", GOLF_ASSIST),
    wanted("group_role", "owner", GOLF_ASSIST),
    wanted("app_role", NO_ROLE, APP),
    wanted("directory_role", GLOBAL_ADMINISTRATOR),
    wanted("license", E5),
)
CREATED = recording(
    "created",
    [
        made(*_ALL, email="AdeleV@contoso.com", given_name="Adele", family_name="Vance", usageLocation="US"),
        made(given_name="Adele"),
        made(family_name="Vance", user_status="disabled"),
        Question("create_account", {"email": UPN, "password": "xWwvJ]6NMw+bWH-d", "entitlements": []}),
        made(password=""),
        Question("create_account", {"password": "xWwvJ]6NMw+bWH-d", "entitlements": []}),
        made(wanted("boss", "member")),
        made(wanted("group_role", "guest", GOLF_ASSIST)),
        made(wanted("license", CRM)),
        made(),
    ],
    {
        "users.user_CreateUser": [
            *[Turn()] * 5,
            Turn(400, page=TAKEN),
        ],
        "groups_CreateMembersGraphBPreRef": [GONE, Turn()],
        "servicePrincipals_CreateAppRoleAssignedTo": [GONE, Turn()],
        "roleManagement.directory_CreateRoleAssignments": [GONE, Turn()],
        "users_assignLicense": [GONE, Turn(), DENIED],
        "users.user_GetUser": [GONE, user()],
    },
    "user-post-users", "group-post-members", "group-post-owners", "serviceprincipal-post-approleassignedto",
    "rbacapplication-post-roleassignments", "user-assignlicense", NO_SUCH, NO_CONSENT, IN_USE,
)  # fmt: skip
_CHANGES = {
    "username": "SaraD@contoso.onmicrosoft.com",
    "email": "AdeleV@contoso.com",
    "given_name": "Sara",
    "family_name": "Davis",
    "displayName": "Sara Davis",
    "jobTitle": "Finance VP",
    "department": "Sales & Marketing",
    "companyName": "companyName-value",
    "employeeId": "String",
    "officeLocation": "18/2111",
    "usageLocation": "US",
}
_CHANGED = user(
    userPrincipalName="SaraD@contoso.onmicrosoft.com", givenName="Sara", surname="Davis",
    displayName="Sara Davis", jobTitle="Finance VP", department="Sales & Marketing", companyName="companyName-value",
    employeeId="String", usageLocation="US",
)  # fmt: skip
UPDATED = recording(
    "updated",
    [
        Question("update_account", {"id": ADELE, **_CHANGES}),
        Question("update_account", {"id": ADELE, **_CHANGES}),
        Question("update_account", {"id": ADELE, "accountEnabled": "false"}),
    ],
    {"users.user_GetUser": [user(), user(), _CHANGED]},
    "user-update", "user-get", "user-list-manager", "user-assignlicense",
)  # fmt: skip
STATES = recording(
    "states",
    [*[about("deactivate_account")] * 2, *[about("activate_account")] * 2, *[about("delete_account")] * 2],
    {
        "users.user_GetUser": [
            user(), user(), user(accountEnabled=False), user(accountEnabled=False), user(accountEnabled=False), user(accountEnabled=False),
            user(), user(), user(), GONE,
        ],
        "users.user_DeleteUser": [Turn(), GONE],
    },
    "user-update", "user-revokesigninsessions", "user-delete", NO_SUCH,
)  # fmt: skip
REFUSED = recording(
    "refused",
    [
        Question("list_accounts", {}),
        Question("list_accounts", {}),
        about("get_account"),
        Question("get_last_activity", {"account_ids": [ADMIN]}),
    ],
    {
        "users.user_ListUser": [Turn(401, page=UNREADABLE), DENIED],
        "users.user_GetUser": [GONE],
    },
    NO_TOKEN, NO_CONSENT, NO_SUCH,
)  # fmt: skip
LIMITED = recording(
    "limited",
    [about("get_account")],
    {
        "users.user_GetUser": [
            Turn(429, page=SLOWER, headers={"Retry-After": "10"}),
            user(),
        ]
    },
    "user-get",
    "https://learn.microsoft.com/en-us/graph/throttling",
)
_TOKEN = Turn(
    page={"token_type": "Bearer", "expires_in": 3599, "access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6Ik1uQ19WWmNBVGZNNXBP..."}
)
CLIENT_LOGIN = recording(
    "client_login",
    [about("get_account")],
    {TOKEN: [_TOKEN]},
    "user-get",
    f"{IDENTITY}v2-oauth2-client-creds-grant-flow",
    credential={"client_id": "535fb089-9ff3-47b6-9bfb-4f1264799865", "client_secret": "sampleCredentials"},
)
CERTIFICATE_LOGIN = recording(
    "certificate_login",
    [about("get_account")],
    {TOKEN: [_TOKEN]},
    "user-get",
    f"{IDENTITY}v2-oauth2-client-creds-grant-flow",
    f"{IDENTITY}certificate-credentials",
    auth="certificate",
    credential={"key_identifier": "A1bC2dE3fH4iJ5kL6mN7oP8qR9s", "private_key": NAMES["<RSA key>"]},
    settings={"client_id": "97e0a5b7-d745-40b6-94fe-5f77d35c6e05", "cloud": "us"},
)
"""The pages show the thumbprint of a key and not the key: that is the one of RFC 7515."""
PERSON_LOGIN = recording(
    "person_login",
    [about("get_account")],
    {
        TOKEN: [
            Turn(
                page={
                    "access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6Ik5HVEZ2ZEstZnl0aEV1Q...",
                    "token_type": "Bearer",
                    "expires_in": 3599,
                    "scope": "https%3A%2F%2Fgraph.microsoft.com%2Fmail.read",
                    "refresh_token": "AwABAAAAvPM1KaPlrEqdFSBzjqfTGAMxZGUTdM0t4B4...",
                    "id_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.eyJhdWQiOiIyZDRkMTFhMi1mODE0LTQ2YTctOD...",
                }
            )
        ]
    },
    "user-get",
    f"{IDENTITY}v2-oauth2-auth-code-flow",
    auth="person",
    credential={
        "client_id": "00001111-aaaa-2222-bbbb-3333cccc4444",
        "client_secret": "sampleCredentia1s",
        "refresh_token": "OAAABAAAAiL9Kn2Z27UubvWFPbm0gLWQJVzCTE9UkP3pSx1aXxUjq...",
    },
    settings={"cloud": "cn"},
)
ENTRA_ID = App(
    "entra_id",
    "Microsoft Entra ID",
    "msgraph.json.gz",
    SOURCE,
    {"tenant": TENANT},
    [
        READS, GROUPS, DEMO, CHANGES, CREATED, UPDATED, STATES, GROUP_ROLES, APP_ROLES, DIRECTORY_ROLES, LICENCES, REFUSED, LIMITED,
        CLIENT_LOGIN, CERTIFICATE_LOGIN, PERSON_LOGIN,
    ],
    Entra,
)  # fmt: skip
