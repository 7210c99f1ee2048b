"""What Salesforce is asked. Ids, names and addresses are those of its pages; `salesforce_answers.py` says which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from described.salesforce_answers import (
    ADMINISTRATOR,
    EMAIL,
    GROUP,
    IDENTITY,
    INSTANCE,
    KEPT,
    LICENSE,
    LICENSE_ASSIGNMENT,
    LOCATOR,
    LOGGED_IN,
    NEW,
    OTHER_EMAIL,
    PERMISSION_SET,
    PERMISSION_SET_GROUP,
    QUEUE,
    RECORDS,
    ROLE,
    STANDARD,
    VAN,
    Salesforce,
    refused,
    told,
    user,
)
from ferrule.record import Question
from jose import NAMES

_REST = "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"
_OBJECTS = "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/"
_HELP = "https://help.salesforce.com/s/articleView?id=xcloud."
_ERRORS = (
    f"{_REST}errorcodes.htm; https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm"
)
"""The form of a refusal, and what each code means."""
_TOKEN = "00Dx0000000BV7z!AR8AQP0jITN80ESEsj5EbaZTFG0RNBaT1cyWk7TrqoDjoNIWQ2ME_sTZzBjfmOE6zMHq6y8PIW4eWze9JksNEkWUl.Cju7m4"
"""The access token of the page on refresh tokens."""

RIGHTS = Rights(VAN, lambda kind, resource: {GROUP: "group", QUEUE: "queue"}.get(resource, ""), {"email": EMAIL})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def _recording(
    name: str, questions: Sequence[Question], turns: Mapping[str, Sequence[Turn]] = {}, page: str = "dome_query.htm"
) -> Recording:
    """Asked with an access token alone, which leads to the address first."""
    discovered = {"GET /services/oauth2/userinfo": [Turn(page=IDENTITY)]}
    address = page if page.startswith("https:") else _REST + page
    return Recording(name, questions, {**discovered, **turns}, "person", {"access_token": _TOKEN}, page=address)


def _of(name: str, *capabilities: str) -> list[Question]:
    return [Question(capability, {"account_id": name}) for capability in capabilities]


READS = _recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts", size=2000),
        *_of(VAN, "get_account"),
        *walk("list_updated_accounts", size=2000),
        *walk("list_updated_accounts", size=2000, since="2010-06-28T20:54:09.000+0000"),
        *walk("list_resources", "list_entitlements", "find_entitlement_associations", "find_entitlement_graph", size=2000),
        *walk("get_account_entitlement_associations", size=2000, account_id=VAN),
        *walk("list_custom_attributes_schema"),
    ],
)
DEMO = _recording(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=2000),
)
_MANY = [f"005{number:012}" for number in range(1, 201)]
PAGES = _recording(
    "pages",
    [
        *walk("list_accounts", "list_updated_accounts", "list_resources", "list_entitlements", size=2000),
        *walk("find_entitlement_associations", "find_entitlement_graph", size=2000),
        *walk("get_account_entitlement_associations", size=2000, account_id=VAN),
        *walk("get_last_activity", size=2000, account_ids=[VAN, KEPT]),
        *walk("get_last_activity", size=2000, account_ids=[VAN, *_MANY]),
        *walk("list_activity_records", size=2000, since_date="2010-09-01T00:00:00Z", actors=[{"account_id": VAN}]),
    ],
    {f"GET {name}": [Turn(instead={"nextRecordsUrl": LOCATOR})] for name in RECORDS},
)
_USER_TYPES = (
    ("PowerPartner", "Partner"),
    ("CspLitePortal", "High Volume Portal"),
    ("CustomerSuccess", "Customer Portal User"),
    ("PowerCustomerSuccess", "Customer Portal Manager"),
    ("CsnOnly", "Chatter Free"),
    ("Guest", "Guest"),
)
"""The categories of users beside `Standard`, with their labels for names. That of integrations is a licence."""
KINDS = _recording(
    "kinds",
    walk("list_accounts", size=2000),
    {
        "GET User": [
            told(
                *[user(f"005{n:012}", f"{n}@2060747062579699.com", label, UserType=kind) for n, (kind, label) in enumerate(_USER_TYPES)],
                user(NEW, EMAIL, "Alan", "Van", license_="Salesforce Integration"),
            )
        ],
    },
    f"{_OBJECTS}sforce_api_objects_user.htm",
)
_SINCE = "2010-09-01T00:00:00Z"
ACTIVITY = _recording(
    "activity",
    [
        *walk("get_last_activity", size=2000, account_ids=[VAN, KEPT]),
        *walk("get_last_activity", size=2000, account_ids=[VAN, *_MANY]),
        *walk("list_activity_records", size=2000, since_date=_SINCE, actors=[{"account_id": VAN}]),
    ],
    {
        "GET User": [
            told({"Id": VAN, "LastLoginDate": LOGGED_IN}),
            told({"Id": VAN, "LastLoginDate": LOGGED_IN}, {"Id": KEPT, "LastLoginDate": LOGGED_IN}),
        ]
    },
    f"{_OBJECTS}sforce_api_objects_loginhistory.htm",
)
_PROFILE = wanted("profile", STANDARD)
CREATED = _recording(
    "created",
    [
        made(
            _PROFILE,
            wanted("role", ROLE),
            wanted("permission_set_license", LICENSE),
            wanted("permission_set", PERMISSION_SET),
            wanted("permission_set_group", PERMISSION_SET_GROUP),
            wanted("group_member", "member", GROUP),
            wanted("queue_member", "member", QUEUE),
            username=OTHER_EMAIL,
            given_name="Alan",
            family_name="Van",
        ),
        made(_PROFILE),
        made(_PROFILE, username=OTHER_EMAIL, email="administrator@2060747062579699.com"),
        made(),
        made(_PROFILE, wanted("profile", ADMINISTRATOR)),
        made(_PROFILE, wanted("boss", ROLE)),
        made(_PROFILE, wanted("group_member", "member")),
    ],
    {
        "POST /sobjects/PermissionSetLicenseAssign": [Turn(instead={"id": LICENSE_ASSIGNMENT})],
    },
    "dome_sobject_create.htm",
)
NOT_CREATED = _recording(
    "not_created",
    [
        made(_PROFILE, wanted("permission_set_license", LICENSE), wanted("permission_set", PERMISSION_SET)),
        made(
            _PROFILE,
            wanted("permission_set", PERMISSION_SET),
            wanted("permission_set_group", PERMISSION_SET_GROUP),
            wanted("group_member", "member", GROUP),
            wanted("queue_member", "member", QUEUE),
        ),
        made(_PROFILE),
    ],
    {
        "POST /sobjects/User": [
            *[Turn()] * 2,
            refused(400, "DUPLICATE_USERNAME", "A create, update, or upsert call failed because of a duplicate user name.", "Username"),
        ],
        "POST /sobjects/PermissionSetLicenseAssign": [Turn(instead={"id": LICENSE_ASSIGNMENT})],
        "POST /sobjects/PermissionSetAssignment": [
            refused(400, "FIELD_INTEGRITY_EXCEPTION", "You set or changed the value of a foreign key in an incorrect way."),
            Turn(instead={"id": "0Pa000000000000"}),
            Turn(instead={"id": "0Pa000000000001"}),
        ],
        "POST /sobjects/GroupMember": [
            Turn(instead={"id": "011000000000000"}),
            refused(400, "INVALID_CROSS_REFERENCE_KEY", "The value in the specified foreign key field isn't valid.", "GroupId"),
        ],
    },
    _ERRORS,
)
_NEW_EMAIL = "administrator@2060747062579699.com"
_CHANGES = {"given_name": "Alan", "family_name": "jsmith", "username": OTHER_EMAIL, "email": _NEW_EMAIL}
_CHANGED = {
    "records.0.LastName": "jsmith",
    "records.0.Username": OTHER_EMAIL,
    "records.0.Email": _NEW_EMAIL,
}
_WORK = {"title": "System Administrator", "department": "Company Profile", "employee_number": "1"}
_WORKS = {"records.0.Title": "System Administrator", "records.0.Department": "Company Profile", "records.0.EmployeeNumber": "1"}
UPDATED = _recording(
    "updated",
    [
        Question("update_account", {"id": VAN, **_CHANGES}),
        Question("update_account", {"id": VAN, **_CHANGES}),
        Question("update_account", {"id": VAN, "given_name": "MAD"}),
        Question("update_account", {"id": VAN, **_WORK}),
        *_of(VAN, "get_account"),
        Question("update_account", {"id": VAN, "role": "user"}),
        Question("update_account", {"id": "005000000000000", "title": "Guest"}),
    ],
    {
        "GET User": [
            Turn(),
            *[Turn(instead=_CHANGED)] * 3,
            Turn(instead={"records.0.FirstName": "MAD"}),
            Turn(),
            Turn(instead=_WORKS),
            Turn(instead=_WORKS),
            Turn(),
        ]
    },
    "dome_update_fields.htm",
)
_OFF = Turn(instead={"records.0.IsActive": False})
DEACTIVATED = _recording(
    "deactivated",
    [
        *_of(VAN, "deactivate_account", "deactivate_account", "activate_account", "activate_account"),
        *_of("005000000000000", "activate_account", "deactivate_account"),
    ],
    {"GET User": [Turn(), _OFF, _OFF, _OFF, Turn()]},
    f"{_OBJECTS}sforce_api_objects_user.htm",
)
_FROZEN = Turn(instead={"records.0.IsFrozen": True})
FROZEN = _recording(
    "frozen",
    [
        *_of(VAN, "freeze_user", "freeze_user", "unfreeze_user", "unfreeze_user"),
        *_of("005000000000000", "freeze_user", "unfreeze_user"),
    ],
    {"GET UserLogin": [Turn(), _FROZEN, _FROZEN, _FROZEN, Turn()]},
    f"{_OBJECTS}sforce_api_objects_userlogin.htm",
)
PROFILES = _recording(
    "profiles",
    [
        *[given("profile", STANDARD)] * 2,
        *[taken("role", ROLE)] * 2,
        *[given("role", ROLE)] * 2,
        taken("role", "00E000000000000"),
        taken("profile", STANDARD),
        given("profile", STANDARD, GROUP),
        given("role", ROLE, GROUP),
        taken("role", ROLE, GROUP),
        given("profile", STANDARD, account="005000000000000"),
        taken("role", ROLE, account="005000000000000"),
    ],
    {
        "GET User": [
            Turn(),
            *[Turn(instead={"records.0.ProfileId": STANDARD})] * 2,
            Turn(),
            *[Turn(instead={"records.0.UserRoleId": None})] * 3,
            Turn(),
        ]
    },
    "dome_update_fields.htm",
)
_NONE = Turn(page={"totalSize": 0, "done": True, "records": []})
PERMISSION_SETS = _recording(
    "permission_sets",
    [
        *[given("permission_set", PERMISSION_SET)] * 2,
        *[taken("permission_set", PERMISSION_SET)] * 2,
        *[given("permission_set_group", PERMISSION_SET_GROUP)] * 2,
        *[taken("permission_set_group", PERMISSION_SET_GROUP)] * 2,
        *[taken("permission_set", PERMISSION_SET)],
        given("permission_set", PERMISSION_SET, GROUP),
        given("permission_set_group", PERMISSION_SET_GROUP, GROUP),
        taken("permission_set", PERMISSION_SET, GROUP),
    ],
    {
        "GET PermissionSetAssignment": [
            _NONE,
            *[Turn()] * 3,
            _NONE,
            *[_NONE] * 2,
            *[Turn()] * 3,
            _NONE,
            _NONE,
            Turn(),
            _NONE,
        ],
        "DELETE /sobjects/PermissionSetAssignment": [
            *[Turn()] * 2,
            refused(404, "ENTITY_IS_DELETED", "You can't reference an object that has been deleted."),
        ],
    },
    f"{_OBJECTS}sforce_api_objects_permissionsetassignment.htm; {_ERRORS}",
)
LICENSES = _recording(
    "licenses",
    [
        *[given("permission_set_license", LICENSE)] * 2,
        *[taken("permission_set_license", LICENSE)] * 3,
        given("permission_set_license", LICENSE, GROUP),
        taken("permission_set_license", LICENSE, GROUP),
    ],
    {
        "GET PermissionSetLicenseAssign": [_NONE, *[Turn()] * 3, *[_NONE] * 2, Turn(), _NONE],
        "DELETE /sobjects/PermissionSetLicenseAssign": [
            Turn(),
            refused(404, "ENTITY_IS_DELETED", "You can't reference an object that has been deleted."),
        ],
    },
    f"{_OBJECTS}sforce_api_objects_permissionsetlicenseassign.htm; {_ERRORS}",
)
MEMBERS = _recording(
    "members",
    [
        *[given("group_member", "member", GROUP)] * 2,
        *[taken("group_member", "member", GROUP)] * 3,
        *[given("queue_member", "member", QUEUE)] * 2,
        taken("queue_member", "member", QUEUE),
        given("group_member", "member"),
        given("group_member", "boss", GROUP),
        taken("group_member", "boss", GROUP),
        taken("queue_member", "member"),
    ],
    {
        "GET GroupMember": [
            *[_NONE, *[Turn()] * 3, *[_NONE] * 2, Turn(), _NONE],
            *[_NONE, *[told({"Id": "011000000000001"})] * 3, _NONE],
        ],
        "DELETE /sobjects/GroupMember": [
            Turn(),
            refused(404, "ENTITY_IS_DELETED", "You can't reference an object that has been deleted."),
            Turn(),
        ],
    },
    f"{_OBJECTS}sforce_api_objects_groupmember.htm; {_ERRORS}",
)
_STATUS_CODES = (
    (403, "API_DISABLED_FOR_ORG", "API access has been disabled for the organization"),
    (400, "INVALID_TYPE", "The specified sObject type isn't valid."),
    (403, "INSUFFICIENT_ACCESS", "You do not have permission to view this record."),
    (400, "INSUFFICIENT_ACCESS_OR_READONLY", "You can't perform the specified action because you don't have sufficient permissions."),
    (
        400,
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "An operation affects an object that's cross-referenced by the specified object.",
    ),
    (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "You can't create, update, or activate the specified record."),
    (400, "DUPLICATE_VALUE", "You can't supply a duplicate value for a field that must be unique."),
    (400, "DUPLICATE_COMM_NICKNAME", "You can't create a user with the same nickname as another user."),
    (400, "ENTITY_IS_DELETED", "You can't reference an object that has been deleted."),
    (400, "MALFORMED_ID", "Account ID: id value of incorrect type: 001900K0001pPuOAAU"),
    (400, "INVALID_QUERY_FILTER_OPERATOR", "An invalid operator was used in the query() filter clause, at least for that field."),
    (400, "INVALID_QUERY_LOCATOR", "An error occurred in the query locator."),
    (404, "NOT_FOUND", "The requested resource does not exist"),
)
_TWO = [{"message": message, "errorCode": code} for _, code, message in _STATUS_CODES[-2:]]
REFUSED = _recording(
    "refused",
    [
        Question("validate_credentials", {}),
        *[Question("get_account", {"account_id": VAN})] * (len(_STATUS_CODES) + 1),
        *_of("005000000000000", "get_account"),
        *walk("get_account_entitlement_associations", account_id="005000000000000"),
        given("permission_set", PERMISSION_SET),
    ],
    {
        "GET PermissionSet": [refused(400, "INVALID_TYPE", "The specified sObject type isn't valid.")],
        "GET User": [*[refused(*each) for each in _STATUS_CODES], Turn(400, page=_TWO), Turn()],
        "GET PermissionSetAssignment": [_NONE],
        "POST /sobjects/PermissionSetAssignment": [
            Turn(403, page={"message": "You do not have permission to view this record.", "errorCode": "INSUFFICIENT_ACCESS"})
        ],
    },
    _ERRORS,
)
EXPIRED = _recording(
    "expired",
    [Question("get_account", {"account_id": VAN})],
    {"GET User": [refused(401, "INVALID_SESSION_ID", "Session expired or invalid")]},
    _ERRORS,
)
_USAGE = {"Sforce-Limit-Info": "api-usage=10018/100000"}
LIMITED = _recording(
    "limited",
    [Question("get_account", {"account_id": VAN})] * 6,
    {
        "GET User": [
            refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            Turn(headers=_USAGE),
            refused(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
            Turn(headers=_USAGE),
            refused(400, "QUERY_TIMEOUT", "A timeout occurred."),
            refused(403, "API_CURRENTLY_DISABLED", "Because of a system problem, API functionality is temporarily unavailable."),
            Turn(headers={"Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)"}),
            Turn(headers={"Sforce-Limit-Info": "api-usage=4950/5000"}),
            Turn(headers={"Sforce-Limit-Info": "api-usage=18/5000"}),
            Turn(headers={"Sforce-Limit-Info": "api-usage=18/5000"}),
        ]
    },
    f"{_REST}headers_api_usage.htm; {_ERRORS}",
)
_LOCKED = refused(400, "UNABLE_TO_LOCK_ROW", "A deadlock or timeout condition has been detected.")
LOCKED = _recording(
    "locked",
    [given("permission_set", PERMISSION_SET)] * 2,
    {
        "GET PermissionSetAssignment": [_NONE, Turn(), _NONE],
        "POST /sobjects/PermissionSetAssignment": [_LOCKED, Turn(), _LOCKED],
    },
    _ERRORS,
)
_GRANT = {
    "id": "https://login.salesforce.com/id/00Dx0000000BV7z/005x00000012Q9P",
    "issued_at": "1278448384422",
    "instance_url": INSTANCE,
    "signature": "SSSbLO/gBhmmyNUvN18ODBDFYHzakxOMgqYtu+hDPsc=",
    "access_token": _TOKEN,
    "token_type": "Bearer",
    "scope": "id api refresh_token",
}
PERSON_LOGIN = Recording(
    "person_login",
    walk("list_accounts", size=2000),
    {"POST /services/oauth2/token": [Turn(page=_GRANT)], "GET /services/oauth2/userinfo": [Turn(page=IDENTITY)]},
    auth="person",
    credential={"client_id": "described-client", "client_secret": "described-secret", "refresh_token": "described-refresh-token"},
    page=f"{_REST}intro_understanding_refresh_token_oauth.htm",
)
SANDBOX_LOGIN = Recording(
    "sandbox_login",
    PERSON_LOGIN.questions,
    PERSON_LOGIN.turns,
    auth="person",
    credential=PERSON_LOGIN.credential,
    settings={"environment": "sandbox"},
    page=PERSON_LOGIN.page,
)
DOMAIN_LOGIN = Recording(
    "domain_login",
    PERSON_LOGIN.questions,
    PERSON_LOGIN.turns,
    auth="person",
    credential=PERSON_LOGIN.credential,
    settings={"my_domain": "MyDomainName"},
    page=PERSON_LOGIN.page,
)
APP_LOGIN = Recording(
    "app_login",
    walk("list_accounts", size=2000),
    {"POST /services/oauth2/token": [Turn(page=_GRANT)]},
    auth="app",
    credential={"client_id": "described-client", "client_secret": "described-secret"},
    settings={"my_domain": "MyDomainName"},
    page=f"{_HELP}remoteaccess_oauth_client_credentials_flow.htm",
)
_ISSUED = {
    "access_token": "00Dxx0000001gPL!AR8AQJXg5oj8jXSgxJfA0lBog.39AsX.LVpxezPwuX5VAIrrbbHMuol7GQxnMeYMN7cj8EoWr78nt1u44zU31IbYNNJguseu",
    "scope": "web openid api id",
    "instance_url": INSTANCE,
    "id": f"{INSTANCE}/id/00Dxx0000001gPLEAY/005xx000001SwiUAAS",
    "token_type": "Bearer",
}
KEY_LOGIN = Recording(
    "key_login",
    walk("list_accounts", size=2000),
    {"POST /services/oauth2/token": [Turn(page=_ISSUED)]},
    auth="key",
    credential={"key_identifier": "described-client", "private_key": NAMES["<RSA key>"]},
    settings={"user": EMAIL},
    page=f"{_HELP}remoteaccess_oauth_jwt_flow.htm",
)

SALESFORCE = App(
    "salesforce",
    "Salesforce",
    None,
    f"{_REST}intro_rest.htm",
    {},
    [
        *(READS, DEMO, PAGES, KINDS, ACTIVITY, CREATED, NOT_CREATED, UPDATED, DEACTIVATED, FROZEN),
        *(PROFILES, PERMISSION_SETS, LICENSES, MEMBERS, REFUSED, EXPIRED, LIMITED, LOCKED),
        *(PERSON_LOGIN, SANDBOX_LOGIN, DOMAIN_LOGIN, APP_LOGIN, KEY_LOGIN),
    ],
    Salesforce,
    "v67.0",
)
