"""What Google Workspace is asked. Ids, names and addresses are those of the guides' examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from described.google_answers import (
    ADMIN,
    ASSIGNED_ROLE,
    CUSTOMER,
    DELETED,
    DRIVE,
    GROUPS_ADMIN,
    GUIDES,
    LARGE,
    LIZ,
    MANAGER,
    MEMBER,
    NEW_ROLE,
    NOT_FOUND,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENTS,
    SEED_ADMIN,
    SMALL,
    SUPPORT,
    UNIT,
    UNIT_ID,
    WORKSPACE,
    Google,
    refused,
)
from ferrule.record import Question
from jose import NAMES

SOURCE = "https://developers.google.com/workspace/admin/directory/reference/rest"
LICENSING = f"{WORKSPACE}admin/licensing/v1/how-tos/using"
ERRORS = f"{WORKSPACE}calendar/api/guides/errors"
_USERS, _USER, _GROUPS, _MEMBERS = "directory.users.list", "directory.users.get", "directory.groups.list", "directory.members.list"
_MEMBER, _ASSIGNMENTS, _UNITS = "directory.members.get", "directory.roleAssignments.list", "directory.orgunits.list"
_LICENSE, _LICENSES = "licensing.licenseAssignments.get", "licensing.licenseAssignments.listForProductAndSku"

_RESOURCES = {"group_role": "group", "org_unit_member": "org_unit", "org_unit_role": "org_unit", "license": "product"}
RIGHTS = Rights(
    LIZ,
    lambda kind, resource: _RESOURCES.get(kind, ""),
    {"email": "liz@example.com", "given_name": "Elizabeth", "family_name": "Smith"},
)
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def recording(
    name: str, questions: Sequence[Question], turns: Mapping[str, Sequence[Turn]] | None = None, page: str = GUIDES, **more: Any
) -> Recording:
    by_token = {"auth": "person", "credential": {"access_token": "described-token"}}
    return Recording(name, questions, turns or {}, page=page, **{**by_token, **more})


def changed(**more: Any) -> Turn:
    """An answer with other values at these paths, where `__` stands for a dot."""
    return Turn(instead={place.replace("__", "."): value for place, value in more.items()})


def whole(capability: str, size: int | None = None, **inputs: Any) -> Question:
    """All pages; of the usual size where none is named."""
    return Question(capability, inputs, page_size=size, walk=True)


def assignments(*each: Mapping[str, Any], **more: Any) -> Turn:
    return Turn(page={**ROLE_ASSIGNMENTS, "items": [{**ROLE_ASSIGNMENT, **changes} for changes in each], "nextPageToken": None, **more})


_IN_UNIT = {"scopeType": "ORG_UNIT", "orgUnitId": UNIT_ID}
_BY_GROUP = {"assigneeType": "group", "assignedTo": SUPPORT, "roleAssignmentId": SEED_ADMIN}
EVERY_SORT = assignments(
    {}, {**_IN_UNIT, "roleId": SEED_ADMIN}, {**_BY_GROUP, "roleId": GROUPS_ADMIN}, {**_BY_GROUP, **_IN_UNIT, "roleId": NEW_ROLE}
)
NONE = Turn(page={"kind": "admin#directory#roleAssignments"})
OTHER_TYPES = changed(members__1__type="GROUP")
HOLDERS = changed(items__0__userId="liz@example.com")
_MARY = "GET /admin/directory/v1/users/mary%40example.com"
UNIT_WITH_ID = changed(organizationUnits__0__orgUnitId=f"id:{UNIT_ID}")

ACCOUNTS = recording(
    "accounts",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        whole("list_accounts"),
        Question("list_accounts", {}, page_size=5000),
        Question("get_account", {"account_id": LIZ}),
        Question("get_account", {"account_id": ADMIN}),
        Question("get_account", {"account_id": LIZ}),
    ],
    {
        _USER: [
            changed(
                externalIds__0__type="organization",
                relations=[{"value": "liz", "type": "friend", "customType": ""}, {"value": "admin2@example.com", "type": "manager"}],
                organizations__0__department="engineering",
            ),
            changed(
                organizations=[
                    {"name": "Google Inc.", "title": "SWE", "type": "work"},
                    {"name": "Google Inc.", "title": "Software engineer", "department": "sales", "primary": True},
                ]
            ),
            changed(archived=True),
        ],
    },
    page=f"{GUIDES}manage-users",
)
DOMAIN = recording(
    "domain",
    [
        Question("validate_credentials", {}),
        whole("list_accounts"),
        whole("list_resources"),
    ],
    settings={"domain": "example.com", "customer": CUSTOMER},
)
RESOURCES = recording(
    "resources",
    [
        *walk("list_resources"),
        whole("list_resources"),
        whole("list_resources", 5000),
        *walk("list_entitlements"),
        whole("list_entitlements"),
        whole("list_entitlements", 5000),
        *walk("find_entitlement_associations"),
        whole("find_entitlement_associations"),
        whole("get_account_entitlement_associations", account_id=LIZ),
    ],
    {
        _GROUPS: [changed(groups__0__description=""), Turn()],
        _MEMBERS: [OTHER_TYPES],
        _ASSIGNMENTS: [EVERY_SORT],
        _MEMBER: [Turn(), NOT_FOUND],
    },
)
LICENCES = recording(
    "licences",
    [
        whole("list_resources"),
        whole("list_entitlements"),
        *walk("find_entitlement_associations"),
        whole("find_entitlement_associations"),
        whole("find_entitlement_associations", 5000),
        whole("get_account_entitlement_associations", account_id=LIZ),
    ],
    {_LICENSES: [HOLDERS], _MARY: [NOT_FOUND], _ASSIGNMENTS: [NONE], _LICENSE: [Turn(), NOT_FOUND]},
    page=LICENSING,
    settings={"licenses": f"{DRIVE}/{SMALL},{DRIVE}/{LARGE},Google-Apps/1010020020"},
)
DEMO = recording(
    "demo",
    [whole(each) for each in ("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations")],
    {
        _USERS: [changed(users__0__orgUnitPath=UNIT, users__1__orgUnitPath="/corp/support")],
        _ASSIGNMENTS: [assignments({"roleId": GROUPS_ADMIN})],
        _MEMBERS: [changed(members__1__id=ADMIN, members__1__email="admin2@example.com")],
    },
)
ACTIVITY = recording(
    "activity",
    [
        whole("get_last_activity", account_ids=[LIZ, ADMIN, *["the unique user id"] * 2]),
        *walk("list_activity_records", since_date="2011-06-17T15:39:18+02:00", actors=[{"account_id": LIZ}]),
        whole("list_activity_records", since_date="2011-06-17T15:39:18Z", actors=[{"account_id": LIZ}]),
        whole("list_activity_records", 5000, since_date="2011-06-17T15:39:18Z", actors=[{"account_id": LIZ}]),
    ],
    {_USER: [Turn(), changed(lastLoginTime="1970-01-01T00:00:00.000Z"), Turn(page=DELETED["users"][0]), NOT_FOUND]},
    page=f"{WORKSPACE}admin/reports/v1/guides/manage-audit-admin",
)


_HAS_ONE = refused(412, "conditionNotMet", "User already has a license for the specified product and SKU")
_NONE_LEFT = refused(412, "conditionNotMet", "There aren't enough available licenses for the specified product-SKU pair")
CREATED = recording(
    "created",
    [
        made(
            wanted("group_role", "MEMBER", SUPPORT),
            wanted("admin_role", ASSIGNED_ROLE),
            wanted("org_unit_member", "member", "/corp/engineering"),
            wanted("license", SMALL, DRIVE),
            password="NEW_USER_PASSWORD",
        ),
        made(),
        made(wanted("group_role", "MEMBER", SUPPORT), user_status="SUSPENDED"),
        made(wanted("license", SMALL, DRIVE)),
        made(wanted("license", SMALL, DRIVE)),
        made(wanted("group_role", "MEMBER")),
        made(wanted("org_unit_role", ASSIGNED_ROLE, UNIT)),
        made(),
    ],
    {
        "directory.users.insert": [
            Turn(),
            Turn(),
            changed(suspended=True),
            Turn(),
            Turn(),
            refused(409, "duplicate", "The requested identifier already exists."),
        ],
        "licensing.licenseAssignments.insert": [Turn(), _HAS_ONE, _NONE_LEFT],
    },
    page=f"{GUIDES}manage-users; {LICENSING}; {ERRORS}",
)
BEFORE = changed(name__givenName="Elizabeth", name__familyName="Work")
AFTER = changed(name__givenName="Liz", name__familyName="Smith", primaryEmail="lizsmith@example.com", orgUnitPath="/corp/engineering")
_ALL = {"email": "lizsmith@example.com", "given_name": "Liz", "family_name": "Smith", "org_unit_path": "/corp/engineering"}
UPDATED = recording(
    "updated",
    [
        Question("update_account", {"id": LIZ, **_ALL}),
        Question("update_account", {"id": LIZ, **_ALL}),
        *[Question("update_account", {"id": LIZ, name: value}) for name, value in _ALL.items()],
        Question("update_account", {"id": LIZ, "title": "SWE"}),
        Question("update_account", {"id": LIZ, "email": _ALL["email"], "title": "SWE"}),
    ],
    {_USER: [BEFORE, BEFORE, AFTER, AFTER, *[BEFORE, AFTER] * 4, Turn(), AFTER]},
    page=f"{GUIDES}manage-users",
)
SUSPENDED, ARCHIVED = changed(suspended=True), changed(archived=True)
STATES = recording(
    "states",
    [
        Question("deactivate_account", {"account_id": LIZ}),
        Question("deactivate_account", {"account_id": LIZ}),
        *[Question("activate_account", {"account_id": LIZ})] * 4,
        Question("delete_account", {"account_id": LIZ}),
        Question("delete_account", {"account_id": LIZ}),
    ],
    {
        _USER: [
            *[Turn(), Turn(), SUSPENDED],
            SUSPENDED,
            *[SUSPENDED, SUSPENDED, Turn()],
            Turn(),
            *[ARCHIVED, ARCHIVED, Turn()],
            *[NOT_FOUND, Turn()],
            *[Turn(), NOT_FOUND],
        ],
        "directory.users.undelete": [Turn(204, page={})],
        "directory.users.delete": [Turn(), NOT_FOUND],
    },
    page=f"{GUIDES}manage-users",
)
AS_MEMBER, AS_MANAGER = Turn(page=MEMBER), Turn(page=MANAGER)
GROUP_ROLES = recording(
    "group_roles",
    [
        given("group_role", "MANAGER", SUPPORT),
        given("group_role", "MANAGER", SUPPORT),
        given("group_role", "MEMBER", SUPPORT),
        taken("group_role", "MANAGER", SUPPORT),
        taken("group_role", "MANAGER", SUPPORT),
        taken("group_role", "MANAGER", SUPPORT),
    ],
    {
        _MEMBER: [
            *[AS_MEMBER, AS_MEMBER, AS_MANAGER],
            AS_MANAGER,
            *[NOT_FOUND, AS_MEMBER],
            *[AS_MANAGER, AS_MANAGER, NOT_FOUND],
            AS_MEMBER,
            NOT_FOUND,
        ],
    },
    page=f"{GUIDES}manage-group-members",
)
UNITS_OF_USERS = recording(
    "org_units",
    [
        given("org_unit_member", "member", UNIT),
        given("org_unit_member", "member", UNIT),
        given("org_unit_member", "MEMBER", UNIT),
        taken("org_unit_member", "member", UNIT),
    ],
    {_USER: [Turn(), Turn(), changed(orgUnitPath=UNIT)]},
    page=f"{GUIDES}manage-users",
)
_ROLE, _UNIT_ROLE = ("admin_role", ASSIGNED_ROLE, "", ADMIN), ("org_unit_role", ASSIGNED_ROLE, UNIT, ADMIN)
ADMIN_ROLES = recording(
    "admin_roles",
    [
        given(*_ROLE),
        given(*_ROLE),
        given("admin_role", ASSIGNED_ROLE, UNIT, ADMIN),
        taken(*_ROLE),
        taken(*_ROLE),
        taken(*_ROLE),
        taken(*_ROLE),
        taken(*_ROLE),
        given(*_UNIT_ROLE),
        given(*_UNIT_ROLE),
        taken(*_UNIT_ROLE),
        taken(*_UNIT_ROLE),
    ],
    {
        _UNITS: [UNIT_WITH_ID],
        _ASSIGNMENTS: [
            *[assignments(_IN_UNIT), assignments(_IN_UNIT), assignments({})],
            assignments({}),
            *[assignments(_BY_GROUP, {}, _IN_UNIT), assignments({}), assignments(_IN_UNIT)],
            assignments(_BY_GROUP),
            assignments(_IN_UNIT),
            Turn(page={"kind": "admin#directory#roleAssignments", "nextPageToken": "NNNN"}),
            assignments(_IN_UNIT, nextPageToken="NNNN"),
            *[assignments({}), assignments(_IN_UNIT)],
            assignments(_IN_UNIT),
            *[assignments(_IN_UNIT), assignments({})],
            assignments({}),
        ],
    },
    page=f"{GUIDES}manage-roles",
)
_STORAGE = ("license", SMALL, DRIVE)
LICENSED = recording(
    "licensed",
    [
        given(*_STORAGE),
        given(*_STORAGE),
        given(*_STORAGE),
        taken(*_STORAGE),
        taken(*_STORAGE),
    ],
    {
        _LICENSE: [*[NOT_FOUND, NOT_FOUND, Turn()], Turn(), NOT_FOUND, NOT_FOUND],
        "licensing.licenseAssignments.insert": [Turn(), _NONE_LEFT],
        "licensing.licenseAssignments.delete": [Turn(), NOT_FOUND],
    },
    page=LICENSING,
)
REFUSED = recording(
    "refused",
    [Question("get_account", {"account_id": LIZ})] * 4,
    {
        _USER: [
            refused(401, "authError", "Invalid Credentials", locationType="header", location="Authorization"),
            NOT_FOUND,
            refused(403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer of the event.", "calendar"),
            refused(400, "timeRangeEmpty", "The specified time range is empty.", "calendar", locationType="parameter", location="timeMax"),
        ]
    },
    page=ERRORS,
)
_TOO_FAST = refused(403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits")
_AT_ONCE = refused(403, "quotaExceeded", "Calendar usage limits exceeded.", "usageLimits")
_LIMIT = refused(403, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits")
LIMITED = recording(
    "limited",
    [Question("get_account", {"account_id": LIZ})] * 6,
    {
        _USER: [
            *[_TOO_FAST, Turn()],
            *[_AT_ONCE, Turn()],
            *[_LIMIT, Turn()],
            *[refused(429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"), Turn()],
            *[refused(503, "backendError", "Service unavailable. Please try again"), Turn()],
            _TOO_FAST,
        ]
    },
    page=f"{ERRORS}; {GUIDES}troubleshoot-error-codes",
)
KEY_FILE = {
    "type": "service_account",
    "private_key_id": "described-key",
    "private_key": NAMES["<RSA key>"],
    "client_email": "761326798069-r5mljlln1rd4lrbhg75efgigp36m78j5@developer.gserviceaccount.com",
}
SERVICE_ACCOUNT = recording(
    "service_account",
    [whole("list_accounts")],
    {
        "POST /token": [
            Turn(
                page={
                    "access_token": "1/8xbJqaOZXSUZbHLl5EOtu1pxz3fmmetKx9W8CV4t79M",
                    "scope": "https://www.googleapis.com/auth/prediction",
                    "token_type": "Bearer",
                    "expires_in": 3600,
                }
            )
        ]
    },
    page="https://developers.google.com/identity/protocols/oauth2/service-account",
    auth="service_account",
    credential={"key": KEY_FILE, "impersonation_email": "admin2@example.com", "tenant_id": CUSTOMER, "scopes": []},
)
PERSON_LOGIN = recording(
    "person_login",
    [whole("list_accounts")],
    {
        "POST /token": [
            Turn(
                page={
                    "access_token": "1/fFAGRNJru1FTz70BzhT3Zg",
                    "expires_in": 3920,
                    "scope": "https://www.googleapis.com/auth/drive.metadata.readonly https://www.googleapis.com/auth/calendar.readonly",
                    "token_type": "Bearer",
                }
            )
        ]
    },
    page="https://developers.google.com/identity/protocols/oauth2/web-server",
    credential={"client_id": "described-client", "client_secret": "described-secret", "refresh_token": "described-refresh-token"},
)

GOOGLE_WORKSPACE = App(
    "google_workspace",
    "Google Workspace",
    "google_directory.json.gz",
    SOURCE,
    {},
    [
        ACCOUNTS,
        DOMAIN,
        RESOURCES,
        LICENCES,
        DEMO,
        ACTIVITY,
        CREATED,
        UPDATED,
        STATES,
        GROUP_ROLES,
        UNITS_OF_USERS,
        ADMIN_ROLES,
        LICENSED,
        REFUSED,
        LIMITED,
        SERVICE_ACCOUNT,
        PERSON_LOGIN,
    ],
    Google,
    besides=("google_reports.json.gz", "google_licensing.json.gz"),
)
