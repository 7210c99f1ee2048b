"""What Jira is asked. Ids, names and addresses are those of the description's examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app import Asked
from described.asked import App, Recording, Rights, walk, wanted
from described.description import Described, Turn
from ferrule.record import Question

SOURCE = "https://github.com/salto-io/adapter-swaggers/blob/34b8fdc20f59d72b47cb1e8456127da5c6fcc923/jira/platform-swagger.v3.json"
_OAUTH = "https://developer.atlassian.com/cloud/oauth/getting-started/"

MIA, EMMA, ADMINISTRATOR = "5b10a2844c20165700ede21g", "5b10ac8d82e05b22cc7d4ef5", "5ab8f18d741e9c2c7e9d4538"
DEVELOPERS, BOT = "276f955c-63d7-42c8-9520-92d01dca0625", "6e87dc72-4f1f-421f-9382-2fee8b652487"
PROJECT, ROLE = "10000", "10360"
SOFTWARE = "jira-software"
SITE = "1324a887-45db-1bf4-1e99-ef0ff456d421"

GONE = Turn(404)
MAIL = {"0.active": True, "0.emailAddress": "mia@example.com"}
"""She as the other examples have her: active, and with an address that others may see."""
HAS_SOFTWARE = {"applicationRoles.items": [{"key": SOFTWARE, "name": "Jira Software"}]}
"""What the application role of the examples comes to for one who has it."""


class Jira(Described):
    """Its paths stand below another one for tokens of OAuth, and it pages in three ways."""

    def place(self, asked: Asked) -> str:
        return re.sub(r"^/ex/jira/[^/]+", "", super().place(asked))

    def paged(self, body: Any, asked: Asked) -> Any:
        if body is None:
            return None
        if asked.path.endswith("/user/groups"):
            return [body]  # by its schema a list, of which the example is one
        start, most = int(asked.one("startAt", "0")), int(asked.one("maxResults", "50"))
        if asked.path.endswith("/users/search"):
            return body[start : start + most]
        if "isLast" in body:
            every = body["values"]
            last = start + most >= len(every)
            body.update(values=every[start : start + most], startAt=start, maxResults=most, total=len(every), isLast=last)
            body.pop("nextPage", None)
            body.pop("self", None)
        return body


RIGHTS = Rights(MIA, lambda kind, resource: "project" if resource else "", {"email": "mia@atlassian.com"})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made
_TOKEN = {"username": "fred@example.com", "password": "freds_api_token"}


def recorded(
    name: str, questions: Sequence[Question], turns: Mapping[str, Sequence[Turn]] | None = None, page: str | None = None
) -> Recording:
    """A cassette with an API token."""
    return Recording(name, questions, turns or {}, credential=_TOKEN, page=page)


def _since(*actors: str) -> dict[str, Any]:
    return {"since_date": "2014-03-19T00:00:00Z", "actors": [{"account_id": actor} for actor in actors]}


_GROUP = {"id": "jira-software-users", "name": "jira-software-users", "parentId": "1", "typeName": "GROUP"}

READS = recorded(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("get_account", {"account_id": MIA}),
        *walk("list_resources"),
        *walk("list_entitlements"),
        *walk("find_entitlement_associations", size=100),
        *walk("get_account_entitlement_associations", account_id=MIA),
        *walk("get_account_entitlement_associations", account_id=EMMA),
        *walk("find_entitlement_graph", size=100),
    ],
    {
        "getProjectRoleDetails": [Turn(), Turn(instead={"0.description": ""}), Turn()],
        "getLicense": [Turn(instead={"applications.1.plan": "UNLICENSED"})],
        "getUser": [Turn(instead={"locale": "en_AU"}), Turn(instead=HAS_SOFTWARE), Turn()],
    },
)
KINDS = recorded(
    "kinds",
    [*walk("list_accounts", size=5000), Question("list_accounts", {}, walk=True)],
    {
        "getAllUsers": [
            Turn(instead=MAIL | {"1.accountType": "app"}),
            Turn(),
            Turn(instead=MAIL | {"0.accountType": "customer", "0.emailAddress": "", "1.accountType": "unknown"}),
            Turn(),
        ],
    },
)
_TEXT = "A brief description of the project."
# What has few records says that there is more, and then there is none; or that there are seven, of which two came.
PAGES = recorded(
    "pages",
    [Question("list_resources", {}, walk=True), *walk("list_resources", size=1000), *walk("list_resources", size=1000)],
    {
        "searchProjects": [
            Turn(instead={"values.0.description": "", "values.1.description": _TEXT, "isLast": False}),
            *[Turn()] * 2,
            Turn(instead={"total": 7}),
        ]
    },
)
ACTIVITY = recorded(
    "activity",
    [
        *walk("list_activity_records", size=5000, **_since(ADMINISTRATOR)),
        *walk("list_activity_records", **_since(MIA, ADMINISTRATOR)),
        *walk("list_activity_records", size=10, **_since(ADMINISTRATOR)),
        *walk("list_activity_records", **_since(MIA)),
    ],
    {
        "getAuditRecords": [
            Turn(),
            Turn(instead={"records.0.objectItem": _GROUP}),
            Turn(instead={"total": 2}),
            Turn(instead={"records": []}),
            Turn(),
        ]
    },
)
DEMO = recorded(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=100),
    {"getAllUsers": [Turn(instead=MAIL), Turn()], "getUsersFromGroup": [Turn(instead={"values.1.accountId": EMMA})]},
)
CREATED = recorded(
    "created",
    [
        made(wanted("application", SOFTWARE), wanted("group", BOT), wanted("project_role", ROLE, PROJECT)),
        made(
            wanted("application", "jira-core"), wanted("application", "jira-servicedesk"), wanted("application", "jira-product-discovery")
        ),
        made(),
        made(wanted("group", DEVELOPERS), wanted("group", BOT)),
        made(wanted("application", "jira")),
        made(wanted("project_role", ROLE)),
        made(wanted("boss", ROLE)),
    ],
    {
        "createUser": [*[Turn()] * 2, Turn(instead={"active": False}), Turn()],
        "addUserToGroup": [*[Turn()] * 2, GONE],
    },
)
GROUPS = recorded(
    "groups",
    [
        given("group", BOT),
        given("group", DEVELOPERS),
        given("group", DEVELOPERS, PROJECT),
        taken("group", DEVELOPERS),
        taken("group", DEVELOPERS),
        taken("group", BOT, PROJECT),
    ],
    {
        "getUserGroups": [
            Turn(),
            Turn(instead={"0.groupId": BOT, "0.name": "juvenal-bot"}),
            *[Turn()] * 2,
            Turn(instead={"0.groupId": BOT, "0.name": "juvenal-bot"}),
        ],
        "addUserToGroup": [Turn(429), Turn()],
    },
)
APPLICATIONS = recorded(
    "applications",
    [
        given("application", SOFTWARE),
        given("application", SOFTWARE),
        given("application", SOFTWARE, PROJECT),
        taken("application", SOFTWARE),
        taken("application", SOFTWARE),
        taken("application", SOFTWARE, PROJECT),
    ],
    {"getUser": [Turn(), *[Turn(instead=HAS_SOFTWARE)] * 3, Turn()]},
)
_ACTOR = "actors.1.actorUser.accountId"
PROJECT_ROLES = recorded(
    "project_roles",
    [
        given("project_role", ROLE, PROJECT, account=EMMA),
        given("project_role", ROLE, PROJECT, account=EMMA),
        given("project_role", ROLE, account=EMMA),
        taken("project_role", ROLE, PROJECT, account=EMMA),
        taken("project_role", ROLE, PROJECT, account=EMMA),
        taken("project_role", ROLE, account=EMMA),
    ],
    {"getProjectRole": [Turn(), *[Turn(instead={_ACTOR: EMMA})] * 3, Turn()]},
)
DELETED = recorded(
    "deleted",
    [Question("delete_account", {"account_id": MIA})] * 3,
    {"removeUser": [*[Turn()] * 2, GONE], "getUser": [Turn(), GONE]},
)
_CONTENT = {
    "errorMessages": ["input parameter 'key' must be provided"],
    "errors": {
        "projectKey": "Project keys must start with an uppercase letter, followed by one or more uppercase alphanumeric characters."
    },
}
"""The messages that the schema of an error gives as its examples."""
REFUSED = recorded(
    "refused",
    [
        Question("validate_credentials", {}),
        Question("list_accounts", {}),
        Question("list_accounts", {}),
        Question("get_account", {"account_id": MIA}),
        Question("delete_account", {"account_id": MIA}),
        Question("delete_account", {"account_id": MIA}),
        made(wanted("application", SOFTWARE)),
        Question("list_activity_records", _since(MIA)),
        Question("list_activity_records", _since(MIA)),
        Question("list_activity_records", _since(MIA)),
        given("group", BOT),
        taken("project_role", ROLE, PROJECT),
        *walk("get_account_entitlement_associations", account_id=MIA),
    ],
    {
        "getCurrentUser": [*[Turn(401)] * 2, Turn()],
        "getAllUsers": [Turn(403), *[Turn(409)] * 4],
        "getUser": [GONE],
        "removeUser": [Turn(400)],
        "createUser": [Turn(400)],
        "getAuditRecords": [Turn(403, instead=_CONTENT), Turn(403, instead={"errorMessages": _CONTENT["errorMessages"]}), Turn(401)],
        "getUserGroups": [GONE],
        "getProjectRole": [GONE],
    },
)
_STRANGER = "X-Seraph-LoginReason"
STRANGER = recorded(
    "stranger",
    [*walk("list_resources"), *walk("list_resources"), *walk("list_resources")],
    {
        "searchProjects": [
            Turn(instead={"values": [], "total": 0, "isLast": True}, headers={_STRANGER: "AUTHENTICATED_FAILED"}),
            Turn(instead={"values": [], "total": 0, "isLast": True}, headers={_STRANGER: "AUTHENTICATION_DENIED"}),
            Turn(headers={_STRANGER: "OK"}),
        ]
    },
    page="https://jira.atlassian.com/browse/ID-6351",
)
_FOUND = [
    {
        "id": SITE,
        "name": "Site name",
        "url": "https://your-domain.atlassian.net",
        "scopes": ["write:jira-work", "read:jira-user", "manage:jira-configuration"],
        "avatarUrl": "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/flag.png",
    }
]
PERSON = Recording(
    "person",
    [Question("validate_credentials", {}), *walk("list_accounts", size=100)],
    {"GET /oauth/token/accessible-resources": [Turn(page=_FOUND)]},
    auth="person",
    credential={"access_token": "described-token"},
    page=f"{_OAUTH}making-calls-to-api/",
)
LOGIN = Recording(
    "login",
    walk("list_accounts", size=100),
    {
        "GET /oauth/token/accessible-resources": [Turn(page=_FOUND)],
        "POST /oauth/token": [
            Turn(
                page={
                    "access_token": "ACCESS_TOKEN",
                    "refresh_token": "REFRESH_TOKEN",
                    "expires_in": 3600,
                    "scope": "read:jira-user offline_access",
                }
            )
        ],
    },
    auth="person",
    credential={"client_id": "described-client", "client_secret": "described-secret", "refresh_token": "YOUR_REFRESH_TOKEN"},
    page=f"{_OAUTH}refresh-tokens/",
)
SCOPED_TOKEN = Recording(
    "scoped_token",
    walk("list_accounts", size=100),
    credential=_TOKEN,
    settings={"cloud_id": SITE},
)
UNSCOPED = Recording(
    "unscoped",
    [Question("get_account", {"account_id": MIA})],
    {
        "GET /oauth/token/accessible-resources": [Turn(page=_FOUND)],
        "getUser": [Turn(401, page={"code": 401, "message": "Unauthorized; scope does not match"})],
    },
    auth="person",
    credential={"access_token": "described-token"},
    page="https://community.atlassian.com/forums/Jira-Service-Management/Jira-Cloud-OAuth-2-0-JQL-API-works-but-granular-scopes-not/qaq-p/3106413",
)

JIRA = App(
    "jira",
    "Jira Cloud",
    "jira.json.gz",
    SOURCE,
    {"site": "your-domain"},
    [
        READS,
        KINDS,
        PAGES,
        ACTIVITY,
        DEMO,
        CREATED,
        GROUPS,
        APPLICATIONS,
        PROJECT_ROLES,
        DELETED,
        REFUSED,
        STRANGER,
        PERSON,
        LOGIN,
        SCOPED_TOKEN,
        UNSCOPED,
    ],
    Jira,
)
