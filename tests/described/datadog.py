"""What Datadog is asked. Ids, names and addresses are those of what the vendor's client has recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import App, Recording, Rights, walk, wanted
from described.datadog_answers import (
    ACTOR,
    ADMIN_ROLE,
    ALAN,
    BOB,
    EXAMPLE_TEAM,
    MEMBER,
    NEW,
    NEW_EMAIL,
    NOBODY,
    OFF,
    OTHER_ROLE,
    RECORDED,
    SERVICE,
    TEAM,
    Datadog,
    refused,
)
from described.description import Turn
from ferrule.record import Question

SOURCE = (
    "https://github.com/DataDog/datadog-api-client-python/blob/9a09c580b3a02f15baff495191e8be309cd63642/.generator/schemas/v2/openapi.yaml"
)
LISTS = ("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations")

RIGHTS = Rights(MEMBER, lambda kind, resource: "team" if resource else "", {"email": NEW_EMAIL})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def recorded(
    name: str,
    questions: Sequence[Question],
    turns: Mapping[str, Sequence[Turn]] | None = None,
    page: str = RECORDED,
    **more: Any,
) -> Recording:
    """A cassette with two keys."""
    keys = {"auth": "keys", "credential": {"api_key": "described-api-key", "application_key": "described-application-key"}}
    return Recording(name, questions, turns or {}, page=page, **{**keys, **more})


def asked(capability: str, account: str) -> Question:
    return Question(capability, {"account_id": account})


def changed(account: str = ALAN, **to: str) -> Question:
    return Question("update_account", {"id": account, **to})


def events(actor: str = ACTOR, size: int = 100) -> list[Question]:
    return walk("list_activity_records", size=size, since_date="2022-04-13T00:00:00Z", actors=[{"account_id": actor}])


def present(user: str) -> Turn:
    """`test_add_a_user_to_a_team_returns_api_error_response_response.yaml`"""
    return refused(409, {"status": "409", "title": "Conflict", "detail": f"users already present on the team [{user}]"})


GONE = refused(404, f"{NOBODY} not found")
"""`test_update_a_user_returns_not_found_response.yaml`"""
FORBIDDEN = refused(403, "Forbidden")
"""The description's word for the status, in its form of an error."""
NO_USER = refused(404, f"User for ID {MEMBER} not found")
"""`test_update_a_users_membership_attributes_on_a_team_returns_api_error_response_response.yaml`"""
NO_MEMBER = refused(404, f"User {MEMBER} is not a member of Team {TEAM} not found")
"""`test_remove_a_user_from_a_team_returns_no_content_response.yaml`"""

READS = recorded(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts", size=2),
        Question("list_accounts", {}, page_size=1000),
        asked("get_account", BOB),
        asked("get_account", SERVICE),
        given("team_role", "member", TEAM, account=BOB),
        *walk("list_resources", "list_entitlements", size=3),
        Question("list_resources", {}, page_size=1000),
        *walk("find_entitlement_associations", size=1),
        *walk("find_entitlement_associations", size=1000),
        *walk("get_account_entitlement_associations", size=100, account_id=BOB),
        *walk("get_account_entitlement_associations", size=100, account_id=MEMBER),
        *walk("get_last_activity", size=100, account_ids=[ALAN, MEMBER]),
        *events(),
        *events(size=1),
        Question("list_activity_records", {"since_date": "2022-04-13T00:00:00Z", "actors": [{"account_id": ACTOR}]}, page_size=2000),
    ],
)
DEMO = recorded("demo", walk(*LISTS, size=100))
SERVICES = recorded(
    "services",
    [
        *walk("list_non_human_accounts", "list_credentials", size=100),
        *walk("get_non_human_account_last_activity", "get_credential_last_activity", size=100),
        *walk("list_credentials", "get_non_human_account_last_activity", size=1),
        asked("deactivate_account", SERVICE),
        *walk("list_non_human_accounts", "list_credentials", size=100),
    ],
)
NAMELESS = recorded(
    "nameless_service", walk("list_non_human_accounts", size=100), {"ListUsers": [Turn(instead={"data.4.attributes.name": None})]}
)
US3 = recorded("us3", [Question("validate_credentials", {})], settings={"site": "us3.datadoghq.com"})
CREATED = recorded(
    "created",
    [
        made(
            wanted("role", ADMIN_ROLE),
            wanted("role", OTHER_ROLE),
            wanted("team_role", "admin", TEAM),
            wanted("team_role", "member", EXAMPLE_TEAM),
            given_name="Datadog API",
            family_name="Client Python",
        ),
        made(given_name="Datadog API"),
        Question("get_account", {"account_id": NEW}),
        *walk("get_account_entitlement_associations", size=100, account_id=NEW),
    ],
)
NAMES = [
    recorded(f"created_{name}", [made(**names)])
    for name, names in {
        "by_given_name": {"given_name": "Datadog API"},
        "by_family_name": {"family_name": "Client Python"},
        "by_username": {"username": "Datadog API Client Python"},
        "by_address": {},
    }.items()
]
UNMADE = recorded(
    "unmade",
    [
        Question("create_account", {"username": "Datadog API Client Python", "entitlements": []}),
        made(wanted("boss", "admin")),
        made(wanted("role", ADMIN_ROLE, TEAM)),
        made(wanted("team_role", "admin")),
        made(wanted("team_role", "admin", EXAMPLE_TEAM), wanted("team_role", "admin", TEAM)),
        asked("get_account", NEW),
        *walk("get_account_entitlement_associations", size=100, account_id=NEW),
    ],
    {"CreateTeamMembership": [Turn(), present(NEW)]},
)
UPDATED = recorded(
    "updated",
    [
        changed(name="updated"),
        changed(name="updated"),
        changed(email="bob@datadoghq.com"),
        changed(email="bob@datadoghq.com", name="updated"),
        changed(name="Alan", email="alan@datadoghq.com"),
        changed(title="user title"),
        changed(name="Alan", title="user title"),
    ],
)
SWITCHED = recorded(
    "switched",
    [
        asked("activate_account", OFF),
        asked("activate_account", OFF),
        asked("deactivate_account", OFF),
        asked("deactivate_account", OFF),
        asked("get_account", OFF),
    ],
)
ROLES = recorded(
    "roles",
    [
        given("role", OTHER_ROLE, account=ALAN),
        given("role", OTHER_ROLE, account=ALAN),
        given("role", OTHER_ROLE, TEAM, account=ALAN),
        taken("role", OTHER_ROLE, account=ALAN),
        taken("role", OTHER_ROLE, account=ALAN),
        taken("role", OTHER_ROLE, TEAM, account=ALAN),
        given("boss", OTHER_ROLE, account=ALAN),
    ],
)
TEAM_ROLES = recorded(
    "team_roles",
    [
        given("team_role", "admin", TEAM),
        given("team_role", "member", TEAM),
        given("team_role", "member", TEAM),
        taken("team_role", "admin", TEAM),
        given("team_role", "admin", TEAM),
        given("team_role", "member", EXAMPLE_TEAM),
        given("team_role", "admin", EXAMPLE_TEAM, account=ALAN),
        taken("team_role", "admin", TEAM),
        taken("team_role", "admin", TEAM),
        given("team_role", "boss", TEAM),
        given("team_role", "admin"),
        taken("team_role", "boss", TEAM),
        taken("team_role", "member", EXAMPLE_TEAM),
    ],
)
RACED = recorded(
    "raced",
    [given("team_role", "admin", TEAM), taken("team_role", "admin", TEAM)],
    {
        "CreateTeamMembership": [present(MEMBER)],
        "DeleteTeamMembership": [NO_MEMBER],
        "GetUserMemberships": [Turn(page={"data": []}), Turn(), Turn(page={"data": []})],
    },
)
UNKNOWN = recorded(
    "unknown",
    [
        asked("get_account", NOBODY),
        *walk("get_account_entitlement_associations", size=100, account_id=NOBODY),
        *walk("get_last_activity", size=100, account_ids=[NOBODY]),
        changed(NOBODY, name="updated"),
        asked("activate_account", NOBODY),
        asked("deactivate_account", NOBODY),
        given("role", ADMIN_ROLE, account=NOBODY),
        taken("role", ADMIN_ROLE, account=NOBODY),
    ],
    {"GetUser": [GONE]},
)
TAKEN = recorded("taken", [Question("create_account", {"email": "Alan@datadoghq.com", "entitlements": []})])
REFUSED = recorded(
    "refused",
    [
        Question("validate_credentials", {}),
        Question("list_accounts", {}),
        Question("list_accounts", {}),
        *walk("list_resources", size=100),
        *events(),
        *walk("list_credentials", size=100),
        *walk("get_last_activity", size=100, account_ids=[ALAN]),
        changed(name="updated"),
        taken("team_role", "admin", TEAM),
        taken("team_role", "admin", TEAM),
    ],
    {
        "ListUsers": [refused(401, "Unauthorized"), FORBIDDEN, refused(400, "Bad Request", "Bad Request"), Turn()],
        "ListTeams": [FORBIDDEN],
        "ListAuditLogs": [FORBIDDEN],
        "ListServiceAccountApplicationKeys": [FORBIDDEN],
        "GetUser": [FORBIDDEN, Turn()],
        "UpdateUser": [refused(422, "UUID's in the URL and request body do not match")],
        "DeleteTeamMembership": [FORBIDDEN, NO_USER],
    },
)
_FREE = {"X-RateLimit-Limit": "300", "X-RateLimit-Period": "60", "X-RateLimit-Name": "users"}
_LIMITED = Turn(429, page={"errors": ["Too many requests"]}, headers={**_FREE, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "20"})
LIMITED = recorded(
    "limited",
    [asked("get_account", ALAN)] * 3,
    {
        "GetUser": [
            _LIMITED,
            Turn(headers={**_FREE, "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "10"}),
            Turn(429, page={"errors": ["Too many requests"]}),
            Turn(),
        ]
    },
    page="https://docs.datadoghq.com/api/latest/rate-limits/",
)
# The answer of the page is that of RFC 6749, section 5.1: these are its values, with the page's hour.
PERSON_LOGIN = [
    recorded(
        f"login_{name}",
        walk("list_accounts", size=100),
        {
            "POST /oauth2/v1/token": [
                Turn(
                    page={
                        "access_token": "2YotnFZFEjr1zCsicMWpAA",
                        "token_type": "bearer",
                        "expires_in": 3600,
                        "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
                    }
                )
            ]
        },
        auth="person",
        credential={
            "client_id": "described-client",
            "client_secret": "described-secret",
            "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
        },
        settings={"site": site},
        page="https://docs.datadoghq.com/extend/authorization/oauth2_endpoints",
    )
    for name, site in {"us1": "datadoghq.com", "us5": "us5.datadoghq.com"}.items()
]

DATADOG = App(
    "datadog",
    "Datadog",
    "datadog.json.gz",
    SOURCE,
    {},
    [
        READS,
        DEMO,
        SERVICES,
        NAMELESS,
        US3,
        CREATED,
        *NAMES,
        UNMADE,
        UPDATED,
        SWITCHED,
        ROLES,
        TEAM_ROLES,
        RACED,
        UNKNOWN,
        TAKEN,
        REFUSED,
        LIMITED,
        *PERSON_LOGIN,
    ],
    answers=Datadog,
)
