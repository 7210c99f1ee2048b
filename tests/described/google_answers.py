"""How Google answers. Its descriptions have no examples; these are those of the guides, each below the page that shows it.

A page of a list has as many records as were asked for, and its token leads on to an empty page, which has no list at all. Contacts
and addresses of users are left out.

What stands in for a value in the guides ("the unique user id") has the value of another of their examples: a user's id that of
undeleting her or that of whom a role is assigned, a group's that of adding a member or of retrieving one. The id of a unit is in no
example. It has the form that the description of the reports gives for one, `id:[a-z0-9]+`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from app import Asked
from described.description import Described, Turn, instead

WORKSPACE = "https://developers.google.com/workspace/"
GUIDES = f"{WORKSPACE}admin/directory/v1/guides/"

LIZ, ADMIN = "12309329403209438205", "100662996240850794412"
CUSTOMER = "C03az79cb"
SUPPORT, TRAVEL = "NNNNN", "nnnn"
SEED_ADMIN, GROUPS_ADMIN, ASSIGNED_ROLE, NEW_ROLE = "3894208461012993", "3894208461012994", "3894208461012995", "3894208461013031"
ASSIGNMENT = "3894208461013211"
UNIT_ID, UNIT = "abc123", "/corp/sales"
DRIVE, SMALL, LARGE = "Google-Drive-storage", "Google-Drive-storage-50GB", "Google-Drive-storage-200GB"


class Google(Described):
    """A list is cut by `maxResults`, and goes on by `pageToken`."""

    def shown(self, operation: Mapping[str, Any], status: int, turn: Turn, asked: Asked) -> Any:
        name = operation["operationId"]
        if name == "directory.users.list" and asked.one("showDeleted"):
            name = "deleted"
        if name == "directory.groups.list" and asked.one("userKey"):
            name = "groups of a member"
        if name == "directory.users.get":
            key = unquote(urlsplit(asked.url).path).rpartition("/")[2]
            return copy.deepcopy(next((each for each in USERS["users"] if key in (each["id"], each["primaryEmail"])), USERS["users"][0]))
        return copy.deepcopy(ANSWERS.get(name))

    def told(self, body: Any, turn: Turn, asked: Asked) -> Any:
        return self.paged(body if asked.one("showDeleted") else instead(body, turn), asked)

    def paged(self, body: Any, asked: Asked) -> Any:
        names = [name for name, value in body.items() if isinstance(value, list)] if isinstance(body, dict) else []
        if not names or "nextPageToken" not in body:
            return body
        if asked.one("pageToken"):
            return {name: value for name, value in body.items() if name not in (*names, "nextPageToken")}
        body[names[0]] = body[names[0]][: int(asked.one("maxResults", "100"))]
        return body


# guides/manage-users
USERS: dict[str, Any] = {
    "kind": "directory#users",
    "users": [
        {
            "kind": "directory#user",
            "id": LIZ,
            "primaryEmail": "liz@example.com",
            "name": {"givenName": "Liz", "familyName": "Smith", "fullName": "Liz Smith"},
            "isAdmin": True,
            "isDelegatedAdmin": False,
            "lastLoginTime": "2013-02-05T10:30:03.325Z",
            "creationTime": "2010-04-05T17:30:04.325Z",
            "agreedToTerms": True,
            "hashFunction": "SHA-1",
            "suspended": False,
            "changePasswordAtNextLogin": False,
            "ipWhitelisted": False,
            "emails": [{"address": "liz@example.com", "type": "work", "customType": "", "primary": True}],
            "externalIds": [{"value": "employee number", "type": "custom", "customType": "office"}],
            "organizations": [
                {"name": "Google Inc.", "title": "SWE", "primary": True, "customType": "", "description": "Software engineer"}
            ],
            "aliases": ["lizsmith@example.com", "lsmith@example.com"],
            "nonEditableAliases": ["liz@test.com"],
            "customerId": CUSTOMER,
            "orgUnitPath": "corp/engineering",
            "isMailboxSetup": True,
            "includeInGlobalAddressList": True,
        },
        {
            "kind": "directory#user",
            "id": ADMIN,
            "primaryEmail": "admin2@example.com",
            "name": {"givenName": "admin", "familyName": "two", "fullName": "admin two"},
            "isAdmin": True,
            "isDelegatedAdmin": True,
            "lastLoginTime": "2013-02-05T10:30:03.325Z",
            "creationTime": "2010-04-05T17:30:04.325Z",
            "agreedToTerms": True,
            "hashFunction": "SHA-1",
            "suspended": True,
            "suspensionReason": "ADMIN",
            "changePasswordAtNextLogin": False,
            "ipWhitelisted": False,
            "emails": [{"address": "admin2@example.com", "type": "work", "customType": "", "primary": True}],
            "externalIds": [{"value": "contractor license number", "type": "custom", "customType": "work"}],
            "aliases": ["second_admin@example.com"],
            "nonEditableAliases": ["admin@test.com"],
            "customerId": CUSTOMER,
            "orgUnitPath": "corp/engineering",
            "isMailboxSetup": True,
            "includeInGlobalAddressList": True,
        },
    ],
    "nextPageToken": "next page token",
}
DELETED = {
    "kind": "directory#users",
    "users": [
        {"kind": "directory#user", "id": "the unique user id", "primaryEmail": "user1@example.com"},
        {"kind": "directory#user", "id": "user unique ID", "primaryEmail": "user3@example.com"},
    ],
    "nextPageToken": "token for next page of deleted users",
}

# guides/manage-groups
GROUPS = {
    "kind": "directory#groups",
    "groups": [
        {
            "kind": "directory#groups",
            "id": SUPPORT,
            "etag": "group's unique ETag",
            "email": "support@sales.com",
            "name": "Sales support",
            "directMembersCount": "6",
            "description": "The sales support group",
            "adminCreated": True,
        },
        {
            "kind": "directory#groups",
            "id": TRAVEL,
            "etag": "group's unique ETag",
            "email": "travel@sales.com",
            "name": "Sales travel",
            "directMembersCount": "2",
            "description": "The travel group supporting sales",
            "adminCreated": False,
            "aliases": [{"alias": "best_sales_group@example.com"}],
            "nonEditableAliases": [{"alias": "liz@test.com"}],
        },
    ],
    "nextPageToken": "NNNN",
}
GROUPS_OF_A_MEMBER = {
    "kind": "directory#groups",
    "groups": [
        {
            "kind": "directory#group",
            "id": SUPPORT,
            "etag": "group's unique ETag",
            "email": "sales_group@example.com",
            "name": "sale group",
            "directMembersCount": "5",
            "description": "Sales group",
        },
        {
            "kind": "directory#group",
            "id": TRAVEL,
            "etag": "group's unique ETag",
            "email": "support_group.com",
            "name": "support group",
            "directMembersCount": "5",
            "description": "Support group",
        },
    ],
    "nextPageToken": "NNNNN",
}

# guides/manage-group-members
MEMBER = {"kind": "directory#member", "id": LIZ, "email": "liz@example.com", "role": "MEMBER", "type": "GROUP"}
MANAGER = {**MEMBER, "role": "MANAGER"}
MEMBERS = {
    "kind": "directory#members",
    "members": [
        {"kind": "directory#member", "id": LIZ, "email": "liz@example.com", "role": "MANAGER", "type": "USER"},
        {
            "kind": "directory#member",
            "id": "group member's unique ID",
            "email": "radhe@example.com",
            "role": "MANAGER",
            "type": "USER",
        },
    ],
    "nextPageToken": "NNNNN",
}

# guides/manage-org-units
UNITS = {
    "kind": "directory#orgUnits",
    "organizationUnits": [
        {
            "kind": "directory#orgUnit",
            "name": "sales",
            "description": "The corporate sales team",
            "orgUnitPath": UNIT,
            "parentOrgUnitPath": "/corp",
        },
        {
            "kind": "directory#orgUnit",
            "name": "frontline sales",
            "description": "The frontline sales team",
            "orgUnitPath": "/corp/sales/frontline sales",
            "parentOrgUnitPath": "/corp/sales",
        },
        {
            "kind": "directory#orgUnit",
            "name": "support",
            "description": "The corporate support team",
            "orgUnitPath": "/corp/support",
            "parentOrgUnitPath": "/corp",
        },
        {
            "kind": "directory#orgUnit",
            "name": "sales_support",
            "description": "The BEST support team",
            "orgUnitPath": "/corp/support/sales_support",
            "parentOrgUnitPath": "/corp/support",
        },
    ],
}
UNIT_ANSWER = {
    "kind": "directory#orgUnit",
    "name": "frontline sales",
    "description": "The frontline sales team",
    "orgUnitPath": "/corp/sales/frontline sales",
    "parentOrgUnitPath": "/corp/sales",
}

# guides/manage-roles
ROLES = {
    "kind": "admin#directory#roles",
    "etag": '"sxH3n22L0-77khHtQ7tiK6I21Yo/DywA6_jaJCYw-f0lFs2-g17UWe8"',
    "items": [
        {
            "kind": "admin#directory#role",
            "roleId": GROUPS_ADMIN,
            "etag": '"sxH3n22L0-77khHtQ7tiK6I21Yo/bTXiZXfuK1NGr_f4paosCWXuHmw"',
            "roleName": "_GROUPS_ADMIN_ROLE",
            "roleDescription": "Groups Administrator",
            "rolePrivileges": [
                {"privilegeName": "CHANGE_USER_GROUP_MEMBERSHIP", "serviceId": "01ci93xb3tmzyin"},
                {"privilegeName": "USERS_RETRIEVE", "serviceId": "00haapch16h1ysv"},
                {"privilegeName": "GROUPS_ALL", "serviceId": "00haapch16h1ysv"},
                {"privilegeName": "ADMIN_DASHBOARD", "serviceId": "01ci93xb3tmzyin"},
                {"privilegeName": "ORGANIZATION_UNITS_RETRIEVE", "serviceId": "00haapch16h1ysv"},
            ],
            "isSystemRole": True,
        },
        {
            "kind": "admin#directory#role",
            "etag": '"sxH3n22L0-77khHtQ7tiK6I21Yo/uX9tXw0qyijC9nUKgCs08wo8aEM"',
            "roleId": NEW_ROLE,
            "roleName": "My New Role",
            "rolePrivileges": [
                {"privilegeName": "GROUPS_ALL", "serviceId": "00haapch16h1ysv"},
                {"privilegeName": "USERS_ALL", "serviceId": "00haapch16h1ysv"},
            ],
        },
    ],
    "nextPageToken": "NNNN",
}
"""The second of the roles that are listed, whole as it is there, and the one that is created."""
ROLE_ASSIGNMENT = {
    "kind": "admin#directory#roleAssignment",
    "etag": '"sxH3n22L0-77khHtQ7tiK6I21Yo/VdrrUEz7GyXqlr9I9JL0wGZn8yE"',
    "roleAssignmentId": ASSIGNMENT,
    "roleId": ASSIGNED_ROLE,
    "assignedTo": ADMIN,
    "assigneeType": "user",
    "scopeType": "CUSTOMER",
}
ROLE_ASSIGNMENTS = {"kind": "admin#directory#roleAssignments", "items": [ROLE_ASSIGNMENT], "nextPageToken": "NNNN"}

# admin/licensing/v1/how-tos/using


def _license(sku: str, size: int, email: str) -> dict[str, str]:
    return {
        "kind": "licensing#licenseAssignment",
        "etags": "etag value",
        "selfLink": f"https://www.googleapis.com/apps/licensing/v1/product/{DRIVE}/sku/{sku}/user/{email}",
        "userId": email,
        "productId": DRIVE,
        "skuId": sku,
        "skuName": f"Google Drive storage {size} GB",
        "productName": "Google Drive storage",
    }


LICENSE = _license(SMALL, 50, "liz@example.com")
LICENSES = {
    "kind": "licensing#licenseAssignmentList",
    "etag": "etag value",
    "nextPageToken": "next page token's value",
    "items": [_license(LARGE, 200, "alex@example.com"), _license(LARGE, 200, "mary@example.com")],
}

# admin/reports/v1/guides/manage-audit-admin
ACTIVITIES = {
    "kind": "reports#auditActivities",
    "nextPageToken": "the next page's token",
    "items": [
        {
            "kind": "audit#activity",
            "id": {
                "time": "2011-06-17T15:39:18.460Z",
                "uniqueQualifier": "report's unique ID",
                "applicationName": "admin",
                "customerId": CUSTOMER,
            },
            "actor": {
                "callerType": "USER",
                "email": "liz@example.com",
                "profileId": LIZ,
                "key": "consumer key of requester in OAuth 2LO requests",
            },
            "ownerDomain": "example.com",
            "ipAddress": "user's IP address",
            "events": [
                {
                    "type": "GROUP_SETTINGS",
                    "name": "CHANGE_GROUP_SETTING",
                    "parameters": [
                        {
                            "name": "SETTING_NAME",
                            "value": "WHO_CAN_JOIN",
                            "intValue": "integer value of parameter",
                            "boolValue": "boolean value of parameter",
                        }
                    ],
                }
            ],
        },
        {
            "kind": "audit#activity",
            "id": {
                "time": "2011-06-17T15:39:18.460Z",
                "uniqueQualifier": "reports unique ID",
                "applicationName": "admin",
                "customerId": CUSTOMER,
            },
            "actor": {
                "callerType": "USER",
                "email": "liz@example.com",
                "profileId": LIZ,
                "key": "consumer key of requester in an OAuth 2LO request",
            },
            "ownerDomain": "example.com",
            "ipAddress": "user's IP address",
            "events": [
                {
                    "type": "GROUP_SETTINGS",
                    "name": "CREATE_GROUP",
                    "parameters": [{"name": "GROUP_EMAIL", "value": "helpdesk@example.com", "intValue": "", "boolValue": ""}],
                }
            ],
        },
    ],
}

ANSWERS: dict[str, Any] = {
    "directory.users.list": USERS,
    "deleted": DELETED,
    "directory.users.insert": USERS["users"][0],
    "directory.users.update": USERS["users"][0],
    "directory.groups.list": GROUPS,
    "groups of a member": GROUPS_OF_A_MEMBER,
    "directory.members.list": MEMBERS,
    "directory.members.get": MANAGER,
    "directory.members.insert": MEMBER,
    "directory.members.patch": MANAGER,
    "directory.orgunits.list": UNITS,
    "directory.orgunits.get": UNIT_ANSWER,
    "directory.roles.list": ROLES,
    "directory.roleAssignments.list": ROLE_ASSIGNMENTS,
    "directory.roleAssignments.insert": ROLE_ASSIGNMENT,
    "licensing.licenseAssignments.listForProductAndSku": LICENSES,
    "licensing.licenseAssignments.get": LICENSE,
    "licensing.licenseAssignments.insert": LICENSE,
    "reports.activities.list": ACTIVITIES,
}


def refused(status: int, reason: str, message: str, domain: str = "global", **more: str) -> Turn:
    """A refusal in the form that the page on errors has, with the words of the page that has this one."""
    return Turn(
        status,
        page={"error": {"errors": [{"domain": domain, "reason": reason, "message": message, **more}], "code": status, "message": message}},
    )


NOT_FOUND = refused(404, "notFound", "Not Found")
