"""What NetSuite is asked. Ids, roles and permissions are those that Oracle's pages show."""

from __future__ import annotations

from typing import Any

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from described.netsuite_answers import NetSuite
from ferrule.record import Question
from jose import NAMES

HELP = "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help"
BROWSER = "https://system.netsuite.com/help/helpcenter/en_US/APIs/REST_API_Browser/record/v1/2025.2/index.html#/definitions/employee"
COLUMNS = f"{HELP}/section_156257790831.html"
"""Oracle's page of SuiteQL with columns of employees. Which kinds of fields there are is told by the REST API Browser."""

ALL = "SELECT id, entityid, email, firstname, lastname, title, supervisor, giveaccess, isinactive FROM employee"
DETAILS = "SELECT entityid, email, firstname, lastname, title, supervisor FROM employee"
HELD = "SELECT rolesforsearch FROM employee"
ROLES = "SELECT id, name, isinactive FROM role"
PERMISSIONS = "SELECT DISTINCT permkey, permlevel, name FROM rolepermissions"
PERMISSIONS_OF_ROLES = "SELECT role, permkey, permlevel FROM rolepermissions"
BY_EMAIL = "SELECT id FROM employee"
ACCESS = "SELECT giveaccess FROM employee"
RECORD = "/record/v1/employee"

SUPERVISOR, REPORT, ANOTHER = "13", "1720", "1519"
CLERK = "7"
EMAIL = "jdoe@netsuite.com"
"""The address in Oracle's samples of a login."""
NOBODY = Turn(page=[], status=200)

TBA = {
    "consumer_key": "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4",
    "consumer_secret": "described-consumer-secret",
    "token_id": "2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc",
    "token_secret": "described-token-secret",
}

_MADE = {"email": EMAIL, "username": "John Doe", "given_name": "John", "family_name": "Doe"}
RIGHTS = Rights(SUPERVISOR, new=_MADE)
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def recording(name: str, page: str, questions: list[Question], turns: dict[str, list[Turn]], **more: Any) -> Recording:
    return Recording(name, questions, turns, page=page, **{"auth": "token", "credential": TBA, **more})


def rows(*each: dict[str, Any]) -> Turn:
    return Turn(page=list(each), status=200)


def employee(ident: str, access: str = "T", inactive: str = "F", **more: str) -> dict[str, str]:
    return {"id": ident, **more, "giveaccess": access, "isinactive": inactive}


def refused(status: int, title: str, detail: str, code: str, **more: str) -> Turn:
    """A refusal in the form of the page on errors."""
    kind = f"https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html{'#sec10.4.1' if status == 400 else ''}"
    return Turn(
        status, page={"type": kind, "title": title, "status": status, "o:errorDetails": [{"detail": detail, "o:errorCode": code, **more}]}
    )


def location(ident: str) -> Turn:
    """A record was written, which has no body for an answer."""
    return Turn(headers={"Location": f"https://demo123.suitetalk.api.netsuite.com/services/rest{RECORD}/{ident}"})


def _ask(capability: str, **inputs: Any) -> Question:
    return Question(capability, inputs)


def _reports(**more: str) -> list[dict[str, str]]:
    """The employees of the page "Finding All Employee Records Under a Supervisor"."""
    return [employee(ANOTHER, supervisor=SUPERVISOR), employee(REPORT, supervisor=SUPERVISOR, **more)]


EMPLOYEES = recording(
    "employees",
    f"{HELP}/section_1208053111.html; {COLUMNS}; {BROWSER}",
    [
        _ask("validate_credentials"),
        *walk("list_accounts"),
        Question("list_accounts", {}, page_size=5000),
        _ask("get_account", account_id=REPORT),
        _ask("get_account", account_id=REPORT),
        _ask("get_account", account_id=REPORT),
        _ask("get_account", account_id="40"),
    ],
    {
        "SELECT id FROM employee": [rows({"id": REPORT})],
        ALL: [
            *[Turn(page=_reports(), status=200)] * 3,
            rows(employee(REPORT, "F")),
            rows(employee(REPORT, "T", "T")),
            rows(employee(REPORT, "F", "T")),
            NOBODY,
        ],
    },
)
HELD_ROLES = recording(
    "held_roles",
    f"{HELP}/section_0210124841.html",
    [
        *walk("get_account_entitlement_associations", account_id=SUPERVISOR),
        *walk("get_account_entitlement_associations", account_id=REPORT),
        *walk("get_account_entitlement_associations", account_id="40"),
        *walk("find_entitlement_associations"),
    ],
    {
        HELD: [rows({"rolesforsearch": "1, 3"}), rows({}), NOBODY],
        "SELECT id, rolesforsearch FROM employee": [rows({"id": SUPERVISOR, "rolesforsearch": "1, 3"}, {"id": REPORT})],
    },
)
CLERKS = {"id": CLERK, "name": "A/P Clerk", "isinactive": "F"}
ROLE_NAMES = recording(
    "role_names",
    f"{HELP}/section_0210125706.html",
    walk("list_entitlements", "list_entitlements"),
    {ROLES: [rows(CLERKS), rows({**CLERKS, "isinactive": "T"})]},
)
_SHOWN = [{"name": "Custom Fields", "permkey": "ADMI_CUSTFIELD"}, {"name": "Custom Item Fields", "permkey": "ADMI_CUSTITEMFIELD"}]
ROLE_PERMISSIONS = recording(
    "role_permissions",
    f"{HELP}/section_0210123130.html; {HELP}/section_0210125706.html; {BROWSER}",
    [Question("find_entitlement_graph", {}, page_size=1, walk=True), Question("find_entitlement_graph", {}, page_size=5000, walk=True)],
    {
        ROLES: [rows({**CLERKS, "isinactive": "T"}), rows(CLERKS)],
        PERMISSIONS: [
            *[rows(*({**each, "permlevel": "4"} for each in _SHOWN))] * 2,
            rows(*({**_SHOWN[0], "permlevel": level} for level in "01234")),
        ],
        PERMISSIONS_OF_ROLES: [rows(*({"role": "1028", "permkey": each["permkey"], "permlevel": "4"} for each in _SHOWN))],
    },
)
NAMED = {"entityid": "John Doe", "email": EMAIL, "firstname": "John", "lastname": "Doe"}
CREATED = recording(
    "created",
    f"{HELP}/section_1545141395.html; {HELP}/chapter_1545142407.html; {BROWSER}",
    [
        made(wanted("role", CLERK), wanted("role", "3")),
        _ask("get_account", account_id="647"),
        _ask("create_account", email=EMAIL, given_name="John", family_name="Doe", entitlements=[]),
        made(wanted("role", CLERK)),
        made(wanted("permission", "ADMI_CUSTFIELD:4")),
    ],
    {
        BY_EMAIL: [NOBODY, NOBODY, rows({"id": "647"})],
        f"POST {RECORD}": [location("647")],
        ACCESS: [rows({"giveaccess": "F"}), rows({"giveaccess": "T"}), rows({"giveaccess": "F"})],
        ALL: [rows(employee("647", **NAMED))],
    },
)
IN_SUBSIDIARY = recording(
    "in_subsidiary",
    f"{HELP}/section_1545141395.html; {BROWSER}",
    [made()],
    {BY_EMAIL: [NOBODY], f"POST {RECORD}": [location("647")], ACCESS: [rows({"giveaccess": "F"})]},
    settings={"subsidiary": "1"},
)
UPDATED = recording(
    "updated",
    f"{HELP}/section_1208041010.html; {HELP}/section_1545142173.html; {BROWSER}",
    [
        _ask("update_account", id=REPORT, supervisor=SUPERVISOR),
        _ask("update_account", id=REPORT, supervisor=SUPERVISOR),
        _ask("update_account", id=REPORT, **_MADE, title="Accountant"),
        _ask("get_account", account_id=REPORT),
        _ask("update_account", id="40", supervisor=SUPERVISOR),
        _ask("update_account", id=REPORT, phone="1"),
        _ask("update_account", id=REPORT, title="Accountant", phone="1"),
    ],
    {
        DETAILS: [
            rows({}),
            rows({}),
            rows({"supervisor": SUPERVISOR}),
            rows({"supervisor": SUPERVISOR}),
            rows({"supervisor": SUPERVISOR}),
            rows({**NAMED, "title": "Accountant", "supervisor": SUPERVISOR}),
            NOBODY,
            *[rows({**NAMED, "title": "Accountant", "supervisor": SUPERVISOR})] * 2,
        ],
        ALL: [rows(employee(REPORT, **NAMED, title="Accountant", supervisor=SUPERVISOR))],
        f"PATCH {RECORD}/{REPORT}": [location(REPORT)],
    },
)
ACCESS_TURNED = recording(
    "access",
    f"{HELP}/section_1545142173.html; {BROWSER}",
    [
        _ask("deactivate_account", account_id=REPORT),
        _ask("deactivate_account", account_id=REPORT),
        _ask("activate_account", account_id=REPORT),
        _ask("activate_account", account_id=REPORT),
        _ask("activate_account", account_id=REPORT),
        _ask("activate_account", account_id="40"),
    ],
    {
        ALL: [
            rows(employee(REPORT)),
            rows(employee(REPORT)),
            rows(employee(REPORT, "F")),
            rows(employee(REPORT, "F")),
            rows(employee(REPORT, "F")),
            rows(employee(REPORT, "F")),
            rows(employee(REPORT)),
            rows(employee(REPORT)),
            rows(employee(REPORT, "T", "T")),
            rows(employee(REPORT)),
            NOBODY,
        ],
        f"PATCH {RECORD}/{REPORT}": [location(REPORT)],
    },
)
DELETED = recording(
    "deleted",
    f"{HELP}/section_1545142287.html",
    [_ask("delete_account", account_id=REPORT), _ask("delete_account", account_id=REPORT)],
    {"SELECT id FROM employee": [rows({"id": REPORT}), rows({"id": REPORT}), NOBODY], f"DELETE {RECORD}/{REPORT}": [Turn()]},
)
ROLES_GIVEN = recording(
    "roles_given",
    f"{HELP}/chapter_1545142407.html; {HELP}/section_0210124841.html; {BROWSER}",
    [
        given("role", CLERK),
        given("role", CLERK),
        taken("role", CLERK),
        taken("role", CLERK),
        given("role", CLERK, account="40"),
        taken("role", CLERK, account="40"),
        given("permission", "ADMI_CUSTFIELD:4"),
        taken("role", CLERK, "1"),
    ],
    {
        HELD: [
            *[rows({"rolesforsearch": "1, 3"})] * 2,
            *[rows({"rolesforsearch": "1, 3, 7"})] * 4,
            *[rows({"rolesforsearch": "1, 3"})] * 2,
            NOBODY,
        ],
        f"PATCH {RECORD}/{SUPERVISOR}": [location(SUPERVISOR)],
    },
)
REFUSED = recording(
    "refused",
    f"{HELP}/section_156570709583.html",
    [_ask("list_accounts"), given("role", "9999")],
    {
        ALL: [
            refused(
                401,
                "Unauthorized",
                "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
                "Setup > Users/Roles > User Management > View Login Audit Trail.",
                "INVALID_LOGIN",
            )
        ],
        HELD: [rows({"rolesforsearch": "1, 3"})],
        f"PATCH {RECORD}/{SUPERVISOR}": [
            refused(
                400,
                "Bad Request",
                "Error while accessing resource: You have entered an Invalid Field Value 9999 for the following field: item",
                "INVALID_CONTENT",
                **{"o:errorPath": "item.items[0].item"},
            )
        ],
    },
)
LIMITED = recording(
    "limited",
    f"{HELP}/bridgehead_1525252812.html; {HELP}/section_156570709583.html",
    [_ask("get_account", account_id=REPORT)],
    {
        ALL: [
            Turn(400, page={"title": "Bad Request", "status": 400, "o:errorDetails": [{"o:errorCode": "SSS_REQUEST_LIMIT_EXCEEDED"}]}),
            rows(employee(REPORT)),
        ]
    },
)
CERTIFICATE = recording(
    "certificate",
    f"{HELP}/section_162755359851.html; {HELP}/section_162790605110.html; {HELP}/section_158332610742.html",
    [*walk("get_account_entitlement_associations", account_id=SUPERVISOR)],
    {
        "POST /auth/oauth2/v1/token": [Turn(200, page={"access_token": "<access_token>", "expires_in": "3600", "token_type": "bearer"})],
        HELD: [rows({"rolesforsearch": "1, 3"})],
    },
    auth="certificate",
    credential={"key_identifier": "described-certificate", "private_key": NAMES["<RSA key>"]},
    settings={"client_id": "1c343a716c1dceb60e7fc149fa6735929ef77d28fe16293f892976dde7d8e3e2"},
)
DEMO = recording(
    "demo",
    f"{HELP}/section_1208053111.html; {HELP}/section_0210125706.html; {HELP}/section_0210124841.html; {BROWSER}",
    walk("list_accounts", "list_entitlements", "find_entitlement_associations", size=100),
    {
        ALL: [rows(employee(SUPERVISOR), *_reports())],
        ROLES: [rows(CLERKS)],
        "SELECT id, rolesforsearch FROM employee": [rows({"id": SUPERVISOR, "rolesforsearch": CLERK}, {"id": ANOTHER}, {"id": REPORT})],
    },
)

NETSUITE = App(
    "netsuite",
    "NetSuite",
    None,
    HELP,
    {"account": "demo123"},
    [
        EMPLOYEES,
        HELD_ROLES,
        ROLE_NAMES,
        ROLE_PERMISSIONS,
        CREATED,
        IN_SUBSIDIARY,
        UPDATED,
        ACCESS_TURNED,
        DELETED,
        ROLES_GIVEN,
        REFUSED,
        LIMITED,
        CERTIFICATE,
        DEMO,
    ],
    NetSuite,
    "2025.2",
)
