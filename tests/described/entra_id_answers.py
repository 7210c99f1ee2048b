"""How Microsoft Graph answers: the description has no examples, so each answer is the one that the vendor's page for the request shows.

Pages leave out, "for readability", what was not asked for, and show different people. A field that the page lacks, and the
description has, is put in with a value that the description or another page names: written out in `shown`, here and there.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from app import Asked, answer
from described.description import Described, put
from described.entra_id_users import (
    ADELE_VANCE,
    ADMIN,
    ALEX,
    APP,
    CRM,
    E5,
    GLOBAL_ADMINISTRATOR,
    GOLF_ASSIST,
    GOLF_DISCUSSION,
    GROUP,
    LICENSE_ASSIGNED,
    NEW_USER,
    NO_ROLE,
    ON,
    USER,
    USERS,
    shown,
)
from ferrule.http import Response

ORGANIZATION = {  # organization-list
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#organization",
    "value": [{"id": "84841066-274d-4ec0-a5c1-276be684bdd3", "displayName": "Contoso"}],
}
ALL_GROUPS = {  # group-list, example 1
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups",
    "value": [
        {
            "id": GOLF_ASSIST,
            "description": "Self help community for golf",
            "displayName": "Golf Assist",
            "groupTypes": ["Unified"],
            "isAssignableToRole": None,
            "mailEnabled": True,
            "onPremisesSyncEnabled": None,
            "securityEnabled": False,
        },
        {
            "id": GOLF_DISCUSSION,
            "description": "Talk about golf",
            "displayName": "Golf Discussion",
            "groupTypes": [],
            "isAssignableToRole": None,
            "mailEnabled": True,
            "onPremisesSyncEnabled": None,
            "securityEnabled": False,
        },
    ],
}
MEMBERS = {"value": [shown(USER, id="id-value"), shown(GROUP, id=GOLF_DISCUSSION)]}  # group-list-members; a group may be one
OWNERS = {  # group-list-owners
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects",
    "value": [
        shown(USER, id=ADMIN, accountEnabled=True, displayName="MOD Administrator", userPrincipalName="admin@contoso.com"),
        shown(
            USER,
            id="f0206b06-7c5d-461c-ae24-08f68b7ef463",
            accountEnabled=True,
            displayName="Megan Bowen",
            userPrincipalName="MeganB@contoso.com",
        ),
        shown(
            USER,
            id="5c70937c-d9ea-4a47-8852-ab77630f803d",
            accountEnabled=True,
            displayName="Diego Siciliani",
            userPrincipalName="DiegoS@contoso.com",
        ),
    ],
}
MEMBER_OF = {  # user-list-memberof, examples 1 and 6
    "value": [
        shown(GROUP, id="c11b732b-0e16-46c1-b0fa-bd32c8a42455", displayName="All users"),
        {"@odata.type": "#microsoft.graph.directoryRole", "id": GLOBAL_ADMINISTRATOR},
    ]
}
OWNED = {"value": [shown(GROUP, id="id-value"), {"@odata.type": "#microsoft.graph.application", "id": APP}]}  # user-list-ownedobjects
APP_ROLE_ASSIGNMENT = {  # serviceprincipal-list-approleassignedto, user-list-approleassignments
    "id": "41W1zT6z1U-kJxf62svfp1HFE8pMZhxDun-ThPczmJE",
    "deletedDateTime": None,
    "appRoleId": NO_ROLE,
    "createdDateTime": "2021-02-02T04:22:45.9480566Z",
    "principalDisplayName": "MOD Administrator",
    "principalId": ALEX,
    "principalType": "User",
    "resourceDisplayName": "dxprovisioning-graphapi-client",
    "resourceId": APP,
}
TO_GROUP = {  # serviceprincipal-post-approleassignedto
    "id": "-WmtM5na7Uus0D8kI1yylpU9Mdo0Pb9OoBJvd3T5eKc",
    "deletedDateTime": None,
    "appRoleId": "ef7437e6-4f94-4a0a-a110-a439eb2aa8f7",
    "createdDateTime": "2021-02-15T16:14:59.8643039Z",
    "principalDisplayName": "Parents of Contoso",
    "principalId": "33ad69f9-da99-4bed-acd0-3f24235cb296",
    "principalType": "Group",
    "resourceDisplayName": "Fabrikam App",
    "resourceId": "9028d19c-26a9-4809-8e3f-20ff73e2d75e",
}
APP_ROLE_ASSIGNMENTS = {"value": [APP_ROLE_ASSIGNMENT, TO_GROUP]}
APPLICATIONS = {  # serviceprincipal-list, and serviceprincipal-get, example 2
    "value": [
        {
            "id": "59e617e5-e447-4adc-8b88-00af644d7c92",
            "accountEnabled": True,
            "appId": "65415bb1-9267-4313-bbf5-ae259732ee12",
            "displayName": "foo",
            "appRoles": [],
        },
        {
            "id": "7408235b-7540-4850-82fe-a5f15ed019e2",
            "appId": "00000003-0000-0000-c000-000000000000",
            "displayName": "Microsoft Graph",
            "appRoles": [
                {
                    "allowedMemberTypes": ["Application"],
                    "description": "Allows the app to read all class assignments without grades for all users without a signed-in user.",
                    "displayName": "Read all class assignments without grades",
                    "id": "6e0a958b-b7fc-4348-b7c4-a6ab9fd3dd0e",
                    "isEnabled": True,
                    "origin": "Application",
                    "value": "EduAssignments.ReadBasic.All",
                }
            ],
        },
    ]
}
ROLE_DEFINITIONS = {  # rbacapplication-list-roledefinitions
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#roleManagement/directory/roleDefinitions",
    "value": [
        {
            "id": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
            "description": "Can reset passwords for non-administrators and Helpdesk Administrators.",
            "displayName": "Helpdesk Administrator",
            "isBuiltIn": True,
            "isEnabled": True,
        },
        {
            "id": "f023fd81-a637-4b56-95fd-791ac0226033",
            "description": "Can read service health information and manage support tickets.",
            "displayName": "Service Support Administrator",
            "isBuiltIn": True,
            "isEnabled": True,
        },
    ],
}
_PRINCIPALS = ["ace08ec9-aa11-4ada-9145-addf0398233e", "6f87972e-2e7e-4b49-9980-eb3888bdcfe1", "10fc1cc8-ac36-4186-b99b-0cf814aa2dd5"]
ROLE_ASSIGNMENTS = {  # rbacapplication-list-roleassignments, example 1
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#roleManagement/directory/roleAssignments(principal())",
    "value": [
        {
            "id": f"lAPpYvVpN0KRkAEhdxReE{end}-1",
            "principalId": principal,
            "resourceScope": "/",
            "directoryScopeId": "/",
            "roleDefinitionId": GLOBAL_ADMINISTRATOR,
            "principal": shown(USER, id=principal, accountEnabled=True),
        }
        for principal, end in zip(_PRINCIPALS, ["MmO4KwRqtpKkUWt3wOYIz4", "C6Xh29-LklLmYDrOIi9z-E", "Mgc_BA2rIZBuZsM-BSqLdU"], strict=True)
    ],
}
ROLES_OF_ONE = {  # rbacapplication-list-roleassignments, example 2
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#roleManagement/directory/roleAssignments",
    "value": [
        {
            "id": "lAPpYvVpN0KRkAEhdxReEHJ1hPGqSKpHlqMuxhkE9B8-1",
            "principalId": "f1847572-48aa-47aa-96a3-2ec61904f41f",
            "resourceScope": "/",
            "directoryScopeId": "/",
            "roleDefinitionId": GLOBAL_ADMINISTRATOR,
        },
        {
            "id": "LJnv8vs6uUa3z6Em7nTEUXJ1hPGqSKpHlqMuxhkE9B8-1",
            "principalId": "f1847572-48aa-47aa-96a3-2ec61904f41f",
            "resourceScope": "/",
            "directoryScopeId": "/",
            "roleDefinitionId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
        },
    ],
}
SKUS = {  # subscribedsku-list
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscribedSkus",
    "value": [
        {
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": 14,
            "prepaidUnits": {"enabled": 25, "lockedOut": 0, "suspended": 0, "warning": 0},
            "skuId": E5,
            "skuPartNumber": "ENTERPRISEPREMIUM",
        },
        {
            "appliesTo": "User",
            "capabilityStatus": "Suspended",
            "consumedUnits": 14,
            "prepaidUnits": {"enabled": 0, "lockedOut": 0, "suspended": 25, "warning": 0},
            "skuId": CRM,
            "skuPartNumber": "CRMSTANDARD",
        },
    ],
}
AUDITED = {  # directoryaudit-list, example 1
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditlogs/directoryaudits",
    "value": [
        {
            "id": "id",
            "category": "UserManagement",
            "correlationId": "da159bfb-54fa-4092-8a38-6e1fa7870e30",
            "result": "success",
            "resultReason": "Successfully added member to group",
            "activityDisplayName": "Add member to group",
            "activityDateTime": "2018-01-09T21:20:02.7215374Z",
            "loggedByService": "Core Directory",
            "initiatedBy": {
                "user": {
                    "id": "728309ae-1a37-4937-9afe-e35d964db09b",
                    "displayName": "Audry Oliver",
                    "userPrincipalName": "bob@wingtiptoysonline.com",
                    "ipAddress": "127.0.0.1",
                },
                "app": None,
            },
            "targetResources": [
                {"id": "ef7e527d-6c92-4234-8c6d-cf6fdfb57f95", "displayName": "Example.com", "type": "Group"},
                {"id": "1f0e98f5-3161-4c6b-9b50-d488572f2bb7", "displayName": None, "type": "User"},
            ],
        }
    ],
}
ROLE_ASSIGNED = {  # rbacapplication-post-roleassignments, example 1
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#roleManagement/directory/roleAssignments/$entity",
    "id": "YUb1sHQtUEyvox7IA_Eu_mm3jqnUe4lEhvatluHVi2I-1",
    "roleDefinitionId": "c2cf284d-6c41-4e6b-afac-4b80928c9034",
    "principalId": "f8ca5a85-489a-49a0-b555-0a6d81e56f0d",
    "directoryScopeId": "/",
}
ANSWERS: Mapping[str, tuple[int, Any]] = {
    "organization.organization_ListOrganization": (200, ORGANIZATION),
    "users.user_ListUser": (200, USERS),
    "users.user_GetUser": (200, shown(ADELE_VANCE, **ON)),
    "users.user_CreateUser": (201, NEW_USER),
    "users.user_UpdateUser": (204, None),
    "users.user_DeleteUser": (204, None),
    "users_ListMemberGraphOPre": (200, MEMBER_OF),
    "users_ListOwnedObjects": (200, OWNED),
    "users_ListAppRoleAssignments": (200, APP_ROLE_ASSIGNMENTS),
    "users_assignLicense": (200, LICENSE_ASSIGNED),
    "users_revokeSignInSessions": (200, {"value": True}),
    "groups.group_ListGroup": (200, ALL_GROUPS),
    "groups_ListMembers": (200, MEMBERS),
    "groups_ListOwners": (200, OWNERS),
    "groups_CreateMembersGraphBPreRef": (204, None),
    "groups_CreateOwnersGraphBPreRef": (204, None),
    "groups_DeleteMembersGraphBPreRef": (204, None),
    "groups_DeleteOwnersGraphBPreRef": (204, None),
    "servicePrincipals.servicePrincipal_ListServicePrincipal": (200, APPLICATIONS),
    "servicePrincipals_ListAppRoleAssignedTo": (200, APP_ROLE_ASSIGNMENTS),
    "servicePrincipals_CreateAppRoleAssignedTo": (201, TO_GROUP),
    "servicePrincipals_DeleteAppRoleAssignedTo": (204, None),
    "roleManagement.directory_ListRoleDefinitions": (200, ROLE_DEFINITIONS),
    "roleManagement.directory_ListRoleAssignments": (200, ROLE_ASSIGNMENTS),
    "roleManagement.directory_CreateRoleAssignments": (201, ROLE_ASSIGNED),
    "roleManagement.directory_DeleteRoleAssignments": (204, None),
    "subscribedSkus.subscribedSku_ListSubscribedSku": (200, SKUS),
    "auditLogs_ListDirectoryAudits": (200, AUDITED),
}


def refused(code: str, message: str, **more: Any) -> dict[str, Any]:
    """A refusal, in the form of the page on errors."""
    return {"error": {"code": code, "message": message, **more}}


class Entra(Described):
    """Microsoft Graph. A list is cut as `$top` says, and leads on by the id of its last record.

    What a `$skiptoken` holds is ours: it is opaque, and pages show a few that are the vendor's.
    """

    def __call__(self, asked: Asked) -> Response:
        path = self.place(asked)
        on_a_page = f"{asked.method} {path}"
        operation = {} if on_a_page in self._turns else self.description.operation(asked.method, path)
        name = operation.get("operationId", on_a_page)
        turn = self._turn(name)
        status, body = ANSWERS.get(name, (200, None))
        if turn.page is not None:
            status, body = 200, turn.page
        body = copy.deepcopy(body)
        for place, value in turn.instead.items():
            put(body, place.split("."), value)
        status = turn.status or status
        return answer(None if status == 204 else cut(body, asked), status, turn.headers)

    def place(self, asked: Asked) -> str:
        return super().place(asked).removeprefix("/v1.0")


def cut(body: Any, asked: Asked) -> Any:
    """A list as it was asked for."""
    if not isinstance(body, dict) or not isinstance(body.get("value"), list) or "$top" not in asked.query:
        return body
    names = [record.get("id") or record.get("skuId") for record in body["value"]]
    after, top = asked.one("$skiptoken"), int(asked.one("$top"))
    start = names.index(after) + 1 if after in names else 0
    end = start + top
    if end < len(names):
        address = asked.url.partition("&$skiptoken=")[0]
        body["@odata.nextLink"] = f"{address}&$skiptoken={names[end - 1]}"
    body["value"] = body["value"][start:end]
    return body
