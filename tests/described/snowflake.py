"""What Snowflake is asked. Names and values are those of the reference's pages, and of the description's own examples."""

from __future__ import annotations

from typing import Any

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from described.snowflake_answers import (
    GRANT,
    LOGGED_IN,
    LOGINS_PAGE,
    NEXT_PART,
    PATEL,
    REFUSED_LOGIN,
    ROLE_PAGE,
    RUNNING,
    USER_PAGE,
    Snowflake,
    logins,
)
from ferrule.record import Question
from jose import NAMES

_COMMIT = "42671a90c8d81760351a956f68e41ad228b1c93c"
SOURCE = f"https://github.com/snowflakedb/snowflake-rest-api-specs/blob/{_COMMIT}/specifications/user.yaml"
ADMIN = "accountadmin"
TEST = "TEST_NAME"
"""The description's example of an identifier."""
RESULT = "/api/v2/results/01b66701-0000-001c-0000-0030000b91521"
"""The description's example of a result."""
FIRST = {"Link": f'<{RESULT}?page=0>; rel="first",<{RESULT}?page=1>; rel="next",<{RESULT}?page=9>; rel="last"'}
"""Its example of the first page of several, and of the last one."""
LAST = {"Link": f'<{RESULT}?page=0>; rel="first",<{RESULT}?page=9>; rel="last"'}
EMAIL = "jackpatel@example.com"

GONE, DENIED = Turn(404), Turn(403)
TAKEN = Turn(202, headers={"Location": RESULT})
DONE = Turn(page={"status": "Request successfully completed"})

RIGHTS = Rights(PATEL)
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def recording(name: str, questions: list[Question], turns: dict[str, list[Turn]] | None = None, **more: Any) -> Recording:
    given = {"auth": "access_token", "credential": {"token": "described-token"}, "page": f"{USER_PAGE}; {ROLE_PAGE}", **more}
    return Recording(name, questions, turns or {}, **given)


def user(**more: Any) -> Turn:
    return Turn(instead=more)


def listed(**more: Any) -> Turn:
    return Turn(instead={f"0.{name}": value for name, value in more.items()})


def _ask(capability: str, **inputs: Any) -> Question:
    return Question(capability, inputs)


def grants(*names: str, kind: str = "ROLE", **more: Any) -> Turn:
    """The roles that somebody has."""
    return Turn(page=[{**GRANT, "securable": {"name": name}, "securable_type": kind} for name in names], **more)


QUOTED = '"jack ""the"" patel"'
UNQUOTED = 'jack "the" patel'
"""A name that needs quotes, as the rules of identifiers have it."""

_CHANGES = {
    "login_name": EMAIL,
    "display_name": "Jack Patel",
    "first_name": "Jack",
    "last_name": "Patel",
    "email": EMAIL,
    "comment": "A distinguished user",
    "default_role": ADMIN,
    "default_warehouse": TEST,
}

READS = recording(
    "reads",
    [
        _ask("validate_credentials"),
        *walk("list_accounts"),
        *[Question("list_accounts", {}, page_size=1)] * 4,
        *walk("list_accounts"),
        Question("list_accounts", {}, page_size=20000),
        Question("list_accounts", {}),
        _ask("get_account", account_id=PATEL),
        _ask("get_account", account_id=UNQUOTED),
        *walk("list_entitlements"),
        Question("list_entitlements", {}, page_size=1),
        *walk("list_entitlements"),
        *walk("get_last_activity", account_ids=[PATEL, TEST]),
        *walk("get_last_activity", account_ids=[PATEL]),
    ],
    {
        "listUsers": [
            *[Turn()] * 3,
            listed(disabled=False, type="SERVICE"),
            listed(disabled=False, type="LEGACY_SERVICE"),
            listed(disabled=False, type="PERSON"),
            listed(disabled=False, type=None),
            listed(name=QUOTED),
            *[Turn()] * 7,
            listed(last_successful_login=None),
        ],
        "fetchUser": [user(**_CHANGES), user(name=QUOTED)],
        "listRoles": [*[listed(assigned_to_users=1)] * 2, listed(name="PUBLIC", comment=""), *[listed(name=QUOTED)] * 2],
    },
)
HOLDERS = recording(
    "holders",
    [
        *walk("find_entitlement_associations"),
        *walk("find_entitlement_associations"),
        *walk("find_entitlement_associations"),
        *walk("get_account_entitlement_associations", account_id=PATEL),
        *walk("get_account_entitlement_associations", account_id=UNQUOTED),
    ],
    {
        "listUsers": [*[Turn()] * 2, *[listed(name=QUOTED)] * 2, Turn()],
        "listGrants": [
            grants(ADMIN, headers=FIRST),
            grants(QUOTED),
            GONE,
            grants(ADMIN, headers=FIRST),
            grants(QUOTED, kind="ROLE"),
            grants(ADMIN, kind="DATABASE_ROLE"),
        ],
        "fetchResult": [grants(TEST)],
    },
)
GRAPH = recording(
    "graph",
    [Question("find_entitlement_graph", {}, page_size=1, walk=True)] * 3,
    {
        "listRoles": [*[Turn()] * 4, *[listed(name="PUBLIC")] * 2, *[listed(name=QUOTED)] * 2, Turn()],
        "listGrantsOf": [
            Turn(instead={"0.granted_to": "ROLE", "0.grantee_name": TEST}, headers=FIRST),
            Turn(instead={"0.granted_to": "ROLE", "0.grantee_name": QUOTED}),
            GONE,
        ],
        "fetchResult": [Turn(page=[])],
    },
)


def _since(*names: str) -> dict[str, Any]:
    return {"since_date": "2019-08-24T14:15:22Z", "actors": [{"account_id": name} for name in names]}


LOGINS = recording(
    "logins",
    [*walk("list_activity_records", size=10, **_since(PATEL, UNQUOTED)), *walk("list_activity_records", **_since(PATEL))],
    {
        "SubmitStatement": [RUNNING, Turn(422, page={"code": "000123", "sqlState": "42601", "message": "SQL compilation error"})],
        "GetStatementStatus": [RUNNING, logins(LOGGED_IN), logins(LOGGED_IN, headers=NEXT_PART), Turn(page={"data": [REFUSED_LOGIN]})],
    },
    page=LOGINS_PAGE,
)
WAREHOUSE = recording(
    "warehouse",
    walk("list_activity_records", size=10, **_since(PATEL)),
    {"SubmitStatement": [RUNNING], "GetStatementStatus": [logins()]},
    settings={"warehouse": "TESTWH"},
    page=LOGINS_PAGE,
)
DEMO = recording("demo", walk("list_accounts", "list_entitlements", "find_entitlement_associations", size=100))
CREATED = recording(
    "created",
    [
        made(
            wanted("role", ADMIN),
            wanted("role", UNQUOTED),
            email=EMAIL,
            username=PATEL,
            given_name="Jack",
            family_name="Patel",
        ),
        made(email=EMAIL),
        made(username=UNQUOTED),
        made(wanted("role", ADMIN), username=PATEL),
        made(wanted("role", ADMIN), username=PATEL),
        made(wanted("role", ADMIN), username=PATEL),
        made(wanted("role", ADMIN), username=UNQUOTED),
        made(wanted("warehouse", ADMIN), username=PATEL),
        made(wanted("role", ADMIN, TEST), username=PATEL),
    ],
    {
        "createUser": [*[Turn()] * 3, TAKEN, Turn(409), Turn()],
        "fetchResult": [Turn(202), DONE],
        "grant": [*[Turn()] * 3, DENIED, TAKEN],
    },
)
UPDATED = recording(
    "updated",
    [
        _ask("update_account", id=PATEL, **_CHANGES),
        _ask("update_account", id=PATEL, **_CHANGES),
        _ask("update_account", id=PATEL, email=EMAIL),
        _ask("update_account", id=UNQUOTED, email=EMAIL),
        _ask("update_account", id=PATEL, disabled=False),
    ],
    {
        "fetchUser": [
            Turn(),
            user(**_CHANGES),
            user(**_CHANGES),
            user(network_policy=None),
            Turn(),
            user(email=EMAIL),
            user(name=QUOTED),
            user(name=QUOTED, email=EMAIL),
            Turn(),
        ],
        "createOrAlterUser": [Turn(), TAKEN, Turn()],
        "fetchResult": [Turn(202), DONE],
    },
)
TURNED = recording(
    "turned",
    [
        *[_ask("activate_account", account_id=PATEL)] * 2,
        *[_ask("deactivate_account", account_id=PATEL)] * 2,
        _ask("activate_account", account_id=UNQUOTED),
        _ask("deactivate_account", account_id=UNQUOTED),
    ],
    {
        "fetchUser": [
            user(network_policy=None),
            Turn(),
            user(disabled=False),
            user(disabled=False),
            user(disabled=False, network_policy=None),
            user(disabled=False),
            Turn(),
            Turn(),
            user(name=QUOTED),
            user(name=QUOTED, disabled=False),
            user(name=QUOTED, disabled=False),
            user(name=QUOTED),
        ],
        "createOrAlterUser": [Turn(), Turn(), TAKEN, TAKEN],
        "fetchResult": [Turn(202), DONE, Turn(202), DONE],
    },
)
DELETED = recording(
    "deleted",
    [_ask("delete_account", account_id=each) for each in (PATEL, PATEL, UNQUOTED)],
    {
        "deleteUser": [Turn(), GONE, TAKEN],
        "fetchUser": [Turn(), GONE],
        "fetchResult": [Turn(202), DONE],
    },
)
_RIGHTS = [
    *[("role", ADMIN)] * 2,
    *[("role", UNQUOTED, "", UNQUOTED), ("role", UNQUOTED)],
    *[("warehouse", ADMIN), ("role", ADMIN, TEST)],
]
GRANTED = recording(
    "granted",
    [asked(*each) for asked in (given, taken) for each in _RIGHTS],
    {
        "listGrants": [
            grants(ADMIN, kind="DATABASE_ROLE"),
            grants(TEST),
            grants(TEST, ADMIN),
            grants(ADMIN),
            grants(QUOTED, kind="DATABASE_ROLE"),
            grants(QUOTED),
            grants(QUOTED),
            grants(ADMIN, TEST),
            grants(ADMIN, TEST),
            grants(TEST),
            grants(TEST),
            grants(QUOTED),
            grants(QUOTED),
            grants(QUOTED, kind="DATABASE_ROLE"),
            grants(TEST),
        ],
        "grant": [Turn(), TAKEN],
        "revokeGrants": [Turn(), TAKEN],
        "fetchResult": [Turn(202), DONE, Turn(202), DONE],
    },
)
MANY = recording(
    "many_roles",
    [given("role", ADMIN), *[taken("role", ADMIN)] * 2],
    {"listGrants": [*[grants(TEST, headers=FIRST)] * 4, grants(TEST, headers=LAST)]},
)
REFUSED = recording(
    "refused",
    [
        _ask("validate_credentials"),
        *[Question("list_accounts", {})] * 2,
        _ask("get_account", account_id=PATEL),
        _ask("update_account", id=PATEL, email=EMAIL),
        _ask("activate_account", account_id=PATEL),
        _ask("deactivate_account", account_id=PATEL),
        _ask("update_account", id=PATEL, email=EMAIL),
        _ask("activate_account", account_id=PATEL),
        _ask("deactivate_account", account_id=PATEL),
        _ask("delete_account", account_id=PATEL),
        *walk("get_account_entitlement_associations", account_id=PATEL),
        *walk("find_entitlement_associations"),
        *walk("find_entitlement_graph"),
        given("role", ADMIN),
        taken("role", ADMIN),
    ],
    {
        "listUsers": [Turn(401), DENIED, Turn(400), Turn()],
        "fetchUser": [*[GONE] * 4, user(disabled=None)],
        "deleteUser": [DENIED],
        "listGrants": [GONE, DENIED, GONE],
        "listGrantsOf": [DENIED],
    },
)
SLOW = recording(
    "slow",
    [
        _ask("validate_credentials"),
        *walk("list_accounts"),
        _ask("get_account", account_id=PATEL),
        *walk("list_entitlements"),
        *walk("find_entitlement_associations"),
        *walk("get_account_entitlement_associations", account_id=PATEL),
        *walk("find_entitlement_graph"),
        *walk("get_last_activity", account_ids=[PATEL]),
        _ask("update_account", id=PATEL, email=EMAIL),
        given("role", TEST),
    ],
    {
        "listUsers": [TAKEN, Turn(), TAKEN, *[Turn()] * 4, TAKEN, Turn()],
        "fetchUser": [TAKEN, Turn(), TAKEN, Turn(), user(email=EMAIL)],
        "listRoles": [TAKEN, Turn()],
        "listGrants": [TAKEN, Turn(), TAKEN, Turn(), TAKEN, Turn(), grants(TEST)],
        "listGrantsOf": [TAKEN, Turn()],
    },
)
LIMITED = recording(
    "limited",
    [_ask("get_account", account_id=PATEL), given("role", TEST)],
    {
        "fetchUser": [Turn(429), Turn()],
        "listGrants": [Turn(503), Turn(), grants(TEST)],
        "grant": [Turn(429), Turn()],
    },
)
KEY_PAIR = recording(
    "key_pair",
    walk("list_accounts"),
    auth="key_pair",
    credential={"key_identifier": PATEL, "private_key": NAMES["<RSA key>"]},
)
EXTERNAL = recording("external_oauth", walk("list_accounts"), auth="external_oauth", settings={"account": "ORG-ACCOUNT_1"})

SNOWFLAKE = App(
    "snowflake",
    "Snowflake",
    "snowflake_user.json.gz",
    SOURCE,
    {"account": "org-account"},
    [
        READS,
        HOLDERS,
        GRAPH,
        LOGINS,
        WAREHOUSE,
        DEMO,
        CREATED,
        UPDATED,
        TURNED,
        DELETED,
        GRANTED,
        MANY,
        REFUSED,
        SLOW,
        LIMITED,
        KEY_PAIR,
        EXTERNAL,
    ],
    Snowflake,
    besides=["snowflake_role.json.gz", "snowflake_result.json.gz", "snowflake_sqlapi.json.gz"],
)
