"""What Zoom is asked. Ids, names and addresses are those of the description's examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import App, Recording, walk
from described.description import Turn
from described.zoom_answers import EMAIL, EMPTY, GROUP, HARRY, PERSON, TOKEN, Zoom, admins
from ferrule.record import Question

_DOCS = "https://developers.zoom.us/docs/"
SOURCE = "https://marketplace.zoom.us/docs/api-reference/zoom-api/Zoom%20API.oas2.json"
ROLE = "hdsfwyteg3675hgfs"
HARRYS_EMAIL = "harryg@dfkjdslfjkdsfjkdsf.fsdfdfd"
OTHER_EMAIL = "cupidatatipsum@sdskflhdf.djfh"
CREDENTIAL = {"access_token": "described-token", "client_id": "described-client", "client_secret": "described-secret"}

GONE, EXPIRED = Turn(404, example="1001"), Turn(400, example="1120")
INVITED = Turn(page={"id": HARRY, "created_at": "2025-10-15T13:53:29.350Z"})
"""All that comes of a user who is pending, by the description's note."""


def recorded(name: str, questions: list[Question], turns: Mapping[str, Sequence[Turn]] | None = None, **more: Any) -> Recording:
    return Recording(name, questions, turns or {}, **{"auth": "account", "credential": CREDENTIAL, **more})


def user(**values: Any) -> Turn:
    return Turn(instead=values)


def right(capability: str, kind: str, name: str, resource: str = "") -> Question:
    return Question(
        capability,
        {
            "account_integration_specific_id": HARRY,
            "resource_integration_specific_id": resource,
            "resource_type": "group" if resource else "",
            "entitlement_type": kind,
            "entitlement_integration_specific_id": name,
        },
    )


def wanted(kind: str, name: str, resource: str = "") -> dict[str, str]:
    """An entitlement of a new account."""
    return {"entitlement_type": kind, "integration_specific_id": name, "integration_specific_resource_id": resource}


def invited(*entitlements: dict[str, str], **more: Any) -> Question:
    return Question("create_account", {"email": EMAIL, "entitlements": list(entitlements), **more})


def of(capability: str, account: str = HARRY) -> Question:
    return Question(capability, {"account_id": account})


def changed(**values: Any) -> Question:
    return Question("update_account", {"id": HARRY, **values})


READS = recorded(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("list_accounts", {}),
        Question("list_accounts", {}, page_size=1000),
        *[of("get_account")] * 3,
        of("get_account", EMAIL),
        *walk("list_resources", "list_entitlements", size=300),
        *walk("get_last_activity", size=300, account_ids=[HARRY]) * 6,
    ],
    {
        "user": [
            Turn(),
            Turn(),
            user(status="inactive", last_name="", first_name="", dept="Chemistry"),
            user(status="pending"),
            INVITED,
            Turn(),
            INVITED,
            GONE,
            EXPIRED,
            Turn(404, page={"code": 4130}),
            Turn(400, page={"code": 300}),
        ],
        "roles": [user(**{"roles.2.description": ""}), Turn()],
    },
)
_GROUPS_PAGE = f"{_DOCS}api/users/#tag/groups"
DEMO = recorded(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=300),
    page=_GROUPS_PAGE,
)
HELD = recorded(
    "held",
    [
        *walk("find_entitlement_associations"),
        *walk("get_account_entitlement_associations", size=300, account_id=HARRY) * 6,
        *walk("get_account_entitlement_associations", size=300, account_id=EMAIL) * 2,
    ],
    {
        "user": [
            Turn(),
            user(group_ids=[GROUP]),
            user(type=1, email=HARRYS_EMAIL.upper()),
            user(type=3),
            user(type=4),
            user(type=99),
            user(role_id=None, group_ids=None, email=EMAIL),
            INVITED,
            GONE,
        ],
        f"GET /groups/{GROUP}/admins": [admins(PERSON, more=TOKEN), admins(), admins(PERSON)],
    },
    page=_GROUPS_PAGE,
)
_NAMES = ({"id": GROUP, "name": "ipsum", "total_members": 10}, {"id": EMPTY, "name": "awesomegroup", "total_members": 0})


def _of_groups(at: int, **more: Any) -> Turn:
    """A page with one of the two groups of the example."""
    return user(groups=[_NAMES[at]], **more)


MANY_GROUPS = recorded(
    "many_groups",
    [*walk("list_resources"), Question("list_resources", {}, page_size=1000)],
    {"groups": [_of_groups(0, next_page_token=TOKEN), _of_groups(1), Turn()]},
    page=f"{_DOCS}api/users/#tag/groups/GET/groups",
)
_NEW = Turn(instead={"id": HARRY, "email": EMAIL, "first_name": "Terry", "last_name": "Jones", "type": 1})
CREATED = recorded(
    "created",
    [
        invited(wanted("license", "licensed"), wanted("group_member", "member", GROUP), given_name="Terry", family_name="Jones"),
        invited(wanted("license", "on_prem")),
        invited(wanted("license", "basic")),
        invited(),
        invited(wanted("license", "none")),
        invited(wanted("role", ROLE)),
        invited(wanted("group_member", "member")),
        invited(wanted("group_member", "member", GROUP)),
        invited(),
        invited(),
    ],
    {
        "userCreate": [*[_NEW] * 5, Turn(409, example="1005"), Turn(400, example="1009")],
        "userUpdate": [Turn(), GONE],
    },
)
UPDATED = recorded(
    "updated",
    [
        changed(given_name="Terry", family_name="Jones", department="Chemistry", time_zone="Asia/Kathmandu", email=OTHER_EMAIL),
        changed(given_name="Harry", family_name="Grande", time_zone="America/Los_Angeles"),
        *[changed(**{name: value}) for name, value in {"given_name": "Terry", "family_name": "Jones"}.items()],
        *[changed(**{name: value}) for name, value in {"department": "Chemistry", "time_zone": "Asia/Kathmandu"}.items()],
        changed(email=OTHER_EMAIL),
        changed(nickname="Terry"),
        changed(given_name="Terry", email=HARRYS_EMAIL),
        changed(given_name="Terry"),
    ],
    {
        "user": [
            Turn(),
            user(first_name="Terry", last_name="Jones", dept="Chemistry", timezone="Asia/Kathmandu", email=OTHER_EMAIL),
            Turn(),
            Turn(),
            user(first_name="Terry"),
            Turn(),
            user(last_name="Jones"),
            Turn(),
            user(dept="Chemistry"),
            Turn(),
            user(timezone="Asia/Kathmandu"),
            Turn(),
            user(email=OTHER_EMAIL),
            Turn(),
            user(first_name="Terry"),
            Turn(),
        ],
        "userUpdate": [*[Turn()] * 6, EXPIRED],
    },
)
STATUS = recorded(
    "status",
    [*[of("deactivate_account")] * 3, *[of("activate_account")] * 2],
    {
        "user": [
            Turn(),
            user(status="inactive"),
            user(status="inactive"),
            Turn(),
            user(status="inactive"),
            Turn(),
            Turn(),
        ],
        "userStatus": [Turn(204), Turn(400, example="200"), Turn(204)],
    },
)
DELETED = recorded(
    "deleted",
    [*[of("delete_account")] * 4],
    {"userDelete": [Turn(), GONE, EXPIRED, Turn(400, example="1107")], "user": [GONE]},
)
HANDED_OVER = recorded(
    "handed_over",
    [of("delete_account")],
    {"user": [GONE]},
    settings={"deletion": "delete", "successor": "mel@jfggdhfhdfj.djfhdsfh"},
)
LICENCES = recorded(
    "licences",
    [
        *[of("downgrade_license")] * 2,
        right("assign_entitlement", "license", "licensed"),
        right("assign_entitlement", "license", "licensed"),
        right("assign_entitlement", "license", "on_prem"),
        right("assign_entitlement", "license", "basic"),
        right("assign_entitlement", "license", "none"),
        right("assign_entitlement", "license", "licensed", GROUP),
        right("assign_entitlement", "licence", "licensed"),
        right("unassign_entitlement", "license", "licensed"),
        right("unassign_entitlement", "license", "licensed"),
        right("unassign_entitlement", "license", "on_prem"),
        right("unassign_entitlement", "license", "basic"),
        right("unassign_entitlement", "license", "licensed", GROUP),
    ],
    {
        "user": [
            *[Turn(), user(type=1), user(type=1)],
            *[Turn(), user(type=1), Turn()],
            *[Turn(), user(type=3)],
            *[Turn(), user(type=1)],
            *[Turn(), user(type=1), user(type=1)],
            *[user(type=3), user(type=1)],
        ]
    },
)
ROLES = recorded(
    "roles",
    [
        *[right("assign_entitlement", "role", ROLE)] * 2,
        *[right("assign_entitlement", "role", role) for role in ("0", "2")],
        right("assign_entitlement", "role", ROLE, GROUP),
        *[right("unassign_entitlement", "role", ROLE)] * 2,
        *[right("unassign_entitlement", "role", role) for role in ("0", "2")],
        right("unassign_entitlement", "role", ROLE, GROUP),
        right("assign_entitlement", "role", "7"),
    ],
    {
        "user": [Turn(), user(role_id="2"), Turn(), Turn(), user(role_id="2"), user(role_id="2"), Turn()],
        "AddRoleMembers": [Turn(), Turn(400, example="1034")],
    },
)
GROUPS = recorded(
    "groups",
    [
        *[right("assign_entitlement", "group_member", "member", GROUP)] * 2,
        right("assign_entitlement", "group_member", "member"),
        right("assign_entitlement", "group", "member", GROUP),
        *[right("unassign_entitlement", "group_member", "member", GROUP)] * 2,
        right("unassign_entitlement", "group_member", "member"),
        right("unassign_entitlement", "group_member", "member", GROUP),
    ],
    {
        "user": [
            *[user(group_ids=[GROUP]), Turn(), user(group_ids=[GROUP])],
            *[user(group_ids=[GROUP]), user(group_ids=None), Turn()],
            user(group_ids=[GROUP]),
        ],
        "groupMembersDelete": [Turn(204), Turn(404, example="4130")],
    },
)
_RUN = ("group_admin", "admin", GROUP)
GROUP_ADMINS = recorded(
    "group_admins",
    [
        *[right("assign_entitlement", *_RUN)] * 3,
        right("assign_entitlement", "group_admin", "admin"),
        *[right("unassign_entitlement", *_RUN)] * 2,
        right("unassign_entitlement", "group_admin", "admin"),
        right("unassign_entitlement", *_RUN),
    ],
    {
        "user": [user(email=HARRYS_EMAIL.title()), Turn()],
        f"GET /groups/{GROUP}/admins": [admins(PERSON), admins(), admins(PERSON), admins(), admins(more=TOKEN), admins()],
        f"DELETE /groups/{GROUP}/admins/{HARRY}": [
            Turn(204, page=""),
            Turn(400, page={"code": 4138, "message": f'That user is not an administrator for the group: "{GROUP}".'}),
            Turn(404, page={"code": 4130, "message": f'A group with the "{GROUP}" ID does not exist.'}),
        ],
    },
    page=_GROUPS_PAGE,
)
_FREE = Turn(page={"code": 200, "message": "Only available for paid accounts."})
"""A refusal that comes as a success, by the description's text of it."""
PAID_ONLY = recorded("paid_only", walk("list_resources", size=300), {"groups": [_FREE]})
REFUSED = recorded(
    "refused",
    [*[of("get_account")] * 6, *walk("list_resources", size=300)],
    {
        "user": [
            Turn(400, page={"code": 300, "message": "Request Body should be a valid JSON object."}),
            Turn(
                400,
                page={
                    "code": 300,
                    "message": "Validation Failed.",
                    "errors": [
                        {"field": "user_info.email", "message": "Invalid field."},
                        {"field": "user_info.type", "message": "Invalid field."},
                    ],
                },
            ),
            Turn(400, page={"code": 4700, "message": "Invalid access token, does not contain scopes."}),
            Turn(400, page={"code": 4711, "message": "Invalid access token, does not contain scopes:[user:read:user:admin]."}),
            GONE,
            EXPIRED,
        ],
        "groups": [Turn(400, page={"code": 300, "message": "The next page token is invalid or expired."})],
    },
    page=f"{_DOCS}api/errors",
)
LIMITED = recorded(
    "limited",
    [of("get_account")] * 2,
    {
        "user": [
            Turn(429, page={"code": 429, "message": "You have reached the maximum per-second rate limit for this API. Try again later."}),
            Turn(),
            Turn(
                429,
                page={
                    "code": 429,
                    "message": (
                        "You have reached the maximum daily rate limit for this API. "
                        "Refer to the response header for details on when you can make another request."
                    ),
                },
                headers={"x-ratelimit-type": "Daily-limit", "retry-after": "2025-01-20T00:00:00Z"},
            ),
            Turn(),
        ]
    },
    page=f"{_DOCS}api/rate-limits/",
)
_GRANTED = {"access_token": "<JWT_TOKEN>", "token_type": "bearer", "expires_in": 3600}
_CLIENT = {"client_id": "described-client", "client_secret": "described-secret"}
TOKEN_EXPIRED = recorded(
    "token_expired",
    [of("get_account")],
    {"user": [Turn(400, page={"code": 124}), Turn()], "POST /oauth/token": [Turn(page=_GRANTED)]},
    page="https://devforum.zoom.us/t/zoom-api-invalid-access-token-behavior-change/114327",
)
ACCOUNT_LOGIN = recorded(
    "account_login",
    walk("list_accounts", size=300),
    {"POST /oauth/token": [Turn(page=_GRANTED)]},
    credential=_CLIENT,
    page=f"{_DOCS}rooms/oauth/",
)
PERSON_LOGIN = recorded(
    "person_login",
    walk("list_accounts", size=300),
    {"POST /oauth/token": [Turn(page={**_GRANTED, "refresh_token": "<NEXT_TOKEN>"})]},
    auth="person",
    credential={**_CLIENT, "refresh_token": "described-refresh"},
    page=f"{_DOCS}integrations/oauth/",
)

ZOOM = App(
    "zoom",
    "Zoom",
    "zoom.json.gz",
    SOURCE,
    {"account_id": "EAAAAAbbbbbCCCCHMA"},
    [
        READS,
        DEMO,
        HELD,
        MANY_GROUPS,
        CREATED,
        UPDATED,
        STATUS,
        DELETED,
        HANDED_OVER,
        LICENCES,
        ROLES,
        GROUPS,
        GROUP_ADMINS,
        PAID_ONLY,
        REFUSED,
        LIMITED,
        TOKEN_EXPIRED,
        ACCOUNT_LOGIN,
        PERSON_LOGIN,
    ],
    Zoom,
)
