"""What PagerDuty is asked. Ids, names and addresses are those of the description's examples."""

from __future__ import annotations

from typing import Any

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from ferrule.record import Question

_DOCS = "https://github.com/PagerDuty/developer-docs/blob/94224391aa3eac8fa73ea6a6af542dee0613d3e8/docs/"
_COMMIT = "91a06fb3c64b0ab2b2bd6c485d12b327dfb55c18"
SOURCE = f"https://github.com/PagerDuty/api-schema/blob/{_COMMIT}/reference/REST/openapiv3.json"

GREENHOLT, KUHN, DOE, SNOW = "PXPGF42", "PAM4FGS", "P0XJYI9", "PDUSER"
TEAM = "PQ9K7I8"
FULL_USER, STAKEHOLDER = "PIP248G", "PQ8W0D0"
EMAIL = "125.greenholt.earline@graham.name"
CURSOR = "dXNlcjaVMzc5V0ZYTlo="
"""The description's example of a `next_cursor`."""

RIGHTS = Rights(GREENHOLT, lambda kind, resource: "team" if resource else "", {"email": EMAIL})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made

GONE = Turn(404)


def refused(code: int, message: str, *details: str) -> dict[str, Any]:
    """A refusal as the page on errors has it: its form, and the code and message of one row of its table."""
    return {"error": {"message": message, "code": code, **({"errors": list(details)} if details else {})}}


def _members(role: str = "manager", **more: Any) -> Turn:
    """The team's one member: she who is in the team by the example of a user."""
    return Turn(instead={"members.0.user.id": GREENHOLT, "members.0.role": role, **more})


READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("list_accounts", {}),
        Question("list_accounts", {}, page_size=1000),
        Question("get_account", {"account_id": GREENHOLT}),
        *walk("list_resources", "list_entitlements"),
        *walk("find_entitlement_associations", size=100),
        *walk("get_account_entitlement_associations", account_id=GREENHOLT),
        *walk("get_account_entitlement_associations", account_id=GREENHOLT),
        *walk("get_last_activity", account_ids=[GREENHOLT]),
        *walk("get_last_activity", account_ids=[KUHN]),
        *walk("list_activity_records", size=10, since_date="2020-06-04T00:00:00Z", actors=[{"account_id": SNOW}]),
    ],
    {
        "listUsers": [Turn(), Turn(), Turn(instead={"users.0.invitation_sent": True}), Turn()],
        "listTeamUsers": [Turn(), _members(), Turn()],
        "getUserLicense": [Turn(), GONE],
        "listUserDelegations": [
            Turn(instead={"more": True, "next_cursor": CURSOR}),
            Turn(instead={"oauth_delegations": []}),
            GONE,
        ],
        "listAuditRecords": [Turn(instead={"next_cursor": CURSOR}), Turn(instead={"records": []})],
    },
)
EU = Recording("eu", walk("list_accounts", size=100), settings={"region": "eu"})
DEMO = Recording(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=100),
    {"listTeamUsers": [_members()], "listLicenseAllocations": [Turn(instead={"license_allocations.0.user.id": GREENHOLT})]},
)
CREATED = Recording(
    "created",
    [
        made(
            wanted("base_role", "admin"),
            wanted("license", FULL_USER),
            wanted("team_role", "observer", TEAM),
            given_name="Earline",
            family_name="Greenholt",
        ),
        made(username="Earline Greenholt"),
        made(given_name="Earline"),
        made(family_name="Greenholt"),
        made(),
        made(wanted("boss", "admin")),
        made(wanted("team_role", "observer")),
        made(wanted("team_role", "observer", TEAM), username="Earline Greenholt"),
    ],
    {
        "createUser": [Turn(instead={"user.invitation_sent": True}), Turn()],
        "updateTeamUser": [Turn(), GONE],
    },
)
TEAM_ROLES = Recording(
    "team_roles",
    [
        given("team_role", "observer", TEAM),
        given("team_role", "observer", TEAM),
        taken("team_role", "manager", TEAM),
        taken("team_role", "observer", TEAM),
        taken("team_role", "observer", TEAM),
    ],
    {
        "listTeamUsers": [_members(), _members("observer")],
        "getUser": [Turn(), Turn(), Turn(), Turn(instead={"user.teams": []})],
    },
)
# More members than come at once: somebody else is told of, then she is, but at first in the role that she had.
LARGE_TEAM = Recording(
    "large_team",
    [given("team_role", "observer", TEAM), given("team_role", "observer", TEAM), taken("team_role", "observer", TEAM)],
    {
        "listTeamUsers": [
            *[Turn(instead={"more": True})] * 2,
            *[_members(more=True)] * 2,
            _members("observer", more=True),
            Turn(instead={"more": True}),
        ],
        "getUser": [Turn(), Turn(), Turn(), Turn(instead={"user.teams": []})],
    },
)
BASE_ROLES = Recording(
    "base_roles",
    [
        given("base_role", "user"),
        given("base_role", "user"),
        given("base_role", "owner"),
        given("base_role", "user", TEAM),
        taken("base_role", "user"),
    ],
    {"getUser": [Turn(), Turn(instead={"user.role": "user"})]},
)
LICENCES = Recording(
    "licences",
    [
        given("license", STAKEHOLDER),
        given("license", STAKEHOLDER),
        given("license", STAKEHOLDER, TEAM),
        taken("license", STAKEHOLDER),
    ],
    {"getUserLicense": [Turn(), Turn(instead={"license.id": STAKEHOLDER})]},
)
_CHANGES = {"name": "Kyler Kuhn", "email": "126_dvm_kyler_kuhn@beahan.name", "job_title": "Senior Engineer", "time_zone": "Asia/Hong_Kong"}


def _changed(*names: str) -> Turn:
    return Turn(instead={f"user.{name}": _CHANGES[name] for name in names})


UPDATED = Recording(
    "updated",
    [
        Question("update_account", {"id": GREENHOLT, "name": _CHANGES["name"], "email": _CHANGES["email"]}),
        Question("update_account", {"id": GREENHOLT, **_CHANGES}),
        Question("update_account", {"id": GREENHOLT, **_CHANGES}),
        Question("update_account", {"id": GREENHOLT, "role": "user"}),
        Question("update_account", {"id": GREENHOLT, "name": _CHANGES["name"], "role": "user"}),
    ],
    {
        "getUser": [Turn(), _changed("name", "email"), _changed("name", "email"), _changed(*_CHANGES)],
        "updateUser": [_changed("name", "email"), _changed(*_CHANGES)],
    },
)
DELETED = Recording(
    "deleted",
    [Question("delete_account", {"account_id": GREENHOLT})] * 2,
    {"deleteUser": [Turn(), GONE], "getUser": [GONE]},
)
UNKNOWN = Recording(
    "unknown",
    [
        Question("get_account", {"account_id": "PNOBODY"}),
        *walk("get_account_entitlement_associations", account_id="PNOBODY"),
        given("base_role", "user", account="PNOBODY"),
        taken("team_role", "observer", TEAM, account="PNOBODY"),
        Question("update_account", {"id": "PNOBODY", "name": "Kyler Kuhn"}),
    ],
    {"getUser": [GONE], "getUserLicense": [GONE]},
)
_DENIED = Turn(403, page=refused(2010, "Access Denied"))
REFUSED = Recording(
    "refused",
    [
        Question("validate_credentials", {}),
        Question("list_accounts", {}),
        Question("list_accounts", {}),
        Question("list_accounts", {}),
        made(),
        Question("list_activity_records", {"since_date": "2020-06-04T00:00:00Z", "actors": [{"account_id": SNOW}]}),
        *walk("list_resources"),
        *walk("list_resources"),
        *walk("get_last_activity", account_ids=[GREENHOLT]),
        *walk("get_account_entitlement_associations", account_id=GREENHOLT),
        Question("delete_account", {"account_id": GREENHOLT}),
    ],
    {
        "listUsers": [
            Turn(401, page=refused(2006, "Authentication failed")),
            _DENIED,
            Turn(400, page=refused(2001, "Invalid Input Provided", "human-readable error details", "more details")),
            Turn(402, page=refused(2014, "Missing Account Ability")),
        ],
        "createUser": [Turn(400, page=refused(2001, "Invalid Input Provided"))],
        "listAuditRecords": [Turn(402, page=refused(2014, "Missing Account Ability"))],
        "listTeams": [Turn(402, page=refused(2014, "Missing Account Ability")), _DENIED],
        "listUserDelegations": [_DENIED],
        "getUserLicense": [_DENIED],
        "deleteUser": [_DENIED],
    },
    page=f"{_DOCS}REST-API/14-Errors.md",
)
_LIMITED = {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": "20"}
LIMITED = Recording(
    "limited",
    [Question("get_account", {"account_id": GREENHOLT})] * 2,
    {
        "getUser": [
            Turn(429, page=refused(2020, "Rate Limit Exceeded"), headers=_LIMITED),
            Turn(),
            Turn(429, page={}),
            Turn(),
        ]
    },
    page=f"{_DOCS}REST-API/04-Rate-Limits.md",
)
_SCOPE = "as_account-us.companysubdomain incidents.read services.read"
APP_LOGIN = Recording(
    "app_login",
    walk("list_accounts", size=100),
    {
        "POST /oauth/token": [
            Turn(
                page={
                    "access_token": "pdus+_0XBPWQQ_dfd3c718-4a46-400d-a8ec-45bab1fd417e",
                    "scope": _SCOPE,
                    "token_type": "bearer",
                    "expires_in": 86400,
                }
            )
        ]
    },
    auth="app",
    credential={"client_id": "described-client", "client_secret": "described-secret"},
    settings={"subdomain": "companysubdomain"},
    page=f"{_DOCS}app-integration-development/02-Private-Apps.md",
)
PERSON_LOGIN = Recording(
    "person_login",
    walk("list_accounts", size=100),
    {
        "POST /oauth/token": [
            Turn(
                page={
                    "token_type": "bearer",
                    "access_token": "pdus+_0XBPWQQ_39435d07-9232-4bc2-9dc9-c4a8fccc94ad",
                    "refresh_token": "pdus+_1XBPWQQ_4f0dd763-8665-4fd7-aab7-d9f98e0c151b",
                    "scope": "openid write",
                    "expires_in": 864000,
                }
            )
        ]
    },
    auth="person",
    credential={
        "client_id": "described-client",
        "client_secret": "described-secret",
        "refresh_token": "pdus+_1XBPWQQ_f85dd2f1-b906-478a-a9e6-678952529e4e",
    },
    page=f"{_DOCS}app-integration-development/06-OAuth-Functionality.md",
)

PAGERDUTY = App(
    "pagerduty",
    "PagerDuty",
    "pagerduty.json.gz",
    SOURCE,
    {"requester": EMAIL},
    [
        READS,
        EU,
        DEMO,
        CREATED,
        TEAM_ROLES,
        LARGE_TEAM,
        BASE_ROLES,
        LICENCES,
        UPDATED,
        DELETED,
        UNKNOWN,
        REFUSED,
        LIMITED,
        APP_LOGIN,
        PERSON_LOGIN,
    ],
)
