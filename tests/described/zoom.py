"""What Zoom is asked. Ids, names and addresses are those of the description's examples.

A `page` is what was read, and not always Zoom's own: where the description lacks an answer, it is a public repository at a commit, an
issue or a thread. Ours are which of the description's values a user has in a turn, such as a type or a group, in what order answers
come, and what is called `described-`.
"""

from __future__ import annotations

from typing import Any

from described.asked import App, walk, wanted
from described.description import Turn
from described.zoom_answers import EMAIL, EMPTY, GROUP, HARRY, PERSON, TOKEN, Zoom, admins
from described.zoom_asked import (
    EXPIRED,
    GONE,
    HARRYS_EMAIL,
    INVITED,
    OTHER_EMAIL,
    ROLE,
    changed,
    given,
    made,
    of,
    recorded,
    taken,
    user,
)
from ferrule.record import Question

_DOCS = "https://developers.zoom.us/docs/"
_ADMINS_PAGE = "https://github.com/zoom/rivet-javascript/blob/7309ea34e6f8931ff0f02908ed684db88799e45a/users/users.d.ts"
"""Zoom's own library, which has the fields of a page of administrators and no example: the people there are ours to name."""
_CONNECTOR = "https://github.com/ConductorOne/baton-zoom/blob/07d0176bd037718e7e250ebc88e6af7ee97dab48/pkg/"
"""Somebody else's connector to Zoom, and its tests."""
_NOTES = "https://github.com/tanchunsiong/agent-skills/blob/2ba527d53e31d1727fa1dd55986ad2850e0aafa0/"
"""Somebody's notes on Zoom's pages."""
SOURCE = "https://marketplace.zoom.us/docs/api-reference/zoom-api/Zoom%20API.oas2.json"

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
DEMO = recorded(
    "demo",
    walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations", size=300),
    page=_ADMINS_PAGE,
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
    page=_ADMINS_PAGE,
)
_NAMES = ({"id": GROUP, "name": "ipsum", "total_members": 10}, {"id": EMPTY, "name": "awesomegroup", "total_members": 0})


def _of_groups(at: int, **more: Any) -> Turn:
    """A page with one of the two groups of the example."""
    return user(groups=[_NAMES[at]], **more)


MANY_GROUPS = recorded(
    "many_groups",
    [*walk("list_resources"), Question("list_resources", {}, page_size=1000)],
    {"groups": [_of_groups(0, next_page_token=TOKEN), _of_groups(1), Turn()]},
    page=f"{_CONNECTOR}zoom/client.go",
)
"""The connector shows that groups are paged, and by what; the groups and the token are the description's."""
_NEW = Turn(instead={"id": HARRY, "email": EMAIL, "first_name": "Terry", "last_name": "Jones", "type": 1})
CREATED = recorded(
    "created",
    [
        made(wanted("license", "licensed"), wanted("group_member", "member", GROUP), given_name="Terry", family_name="Jones"),
        made(wanted("license", "on_prem")),
        made(wanted("license", "basic")),
        made(),
        made(wanted("license", "none")),
        made(wanted("role", ROLE)),
        made(wanted("group_member", "member")),
        made(wanted("group_member", "member", GROUP)),
        made(),
        made(),
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
        given("license", "licensed"),
        given("license", "licensed"),
        given("license", "on_prem"),
        given("license", "basic"),
        given("license", "none"),
        given("license", "licensed", GROUP),
        given("licence", "licensed"),
        taken("license", "licensed"),
        taken("license", "licensed"),
        taken("license", "on_prem"),
        taken("license", "basic"),
        taken("license", "licensed", GROUP),
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
        *[given("role", ROLE)] * 2,
        *[given("role", role) for role in ("0", "2")],
        given("role", ROLE, GROUP),
        *[taken("role", ROLE)] * 2,
        *[taken("role", role) for role in ("0", "2")],
        taken("role", ROLE, GROUP),
        given("role", "7"),
    ],
    {
        "user": [Turn(), user(role_id="2"), Turn(), Turn(), user(role_id="2"), user(role_id="2"), Turn()],
        "AddRoleMembers": [Turn(), Turn(400, example="1034")],
    },
)
GROUPS = recorded(
    "groups",
    [
        *[given("group_member", "member", GROUP)] * 2,
        given("group_member", "member"),
        given("group", "member", GROUP),
        *[taken("group_member", "member", GROUP)] * 2,
        taken("group_member", "member"),
        taken("group_member", "member", GROUP),
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
        *[given(*_RUN)] * 3,
        given("group_admin", "admin"),
        taken(*_RUN),
        taken("group_admin", "admin"),
        taken(*_RUN),
    ],
    {
        "user": [user(email=HARRYS_EMAIL.title()), Turn()],
        f"GET /groups/{GROUP}/admins": [admins(PERSON), admins(), admins(PERSON), admins(), admins(more=TOKEN), admins()],
        f"DELETE /groups/{GROUP}/admins/{HARRY}": [
            Turn(400, page={"code": 4138, "message": f'That user is not an administrator for the group: "{GROUP}".'}),
            Turn(400, page={"code": 200, "message": "Only available for Paid account."}),
        ],
    },
    page=f"{_CONNECTOR}connector/group_test.go",
)
"""No source shows how Zoom answers when an administrator is taken away, so only the refusals are asked for."""
_FREE = Turn(page={"code": 200, "message": "Only available for paid accounts."})
"""A refusal that comes as a success, by the description's text of it."""
PAID_ONLY = recorded("paid_only", walk("list_resources", size=300), {"groups": [_FREE]})
REFUSED = recorded(
    "refused",
    [*[of("get_account")] * 5, *walk("list_resources", size=300)],
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
            GONE,
            EXPIRED,
        ],
        "groups": [Turn(400, page={"code": 300, "message": "The next page token is invalid or has expired."})],
    },
    page=f"{_DOCS}api/errors",
)
"""The page has no status beside a body, and 4700 in the column of statuses: 400 is ours. What is said of a page token is the description's
text of it, at the contacts of a user."""
SCOPE_MISSING = recorded(
    "scope_missing",
    walk("list_accounts", size=300),
    {"users": [Turn(400, page={"code": 4711, "message": "Invalid access token, does not contain scopes:[user:read:list_users:admin]."})]},
    page="https://github.com/JubaerHossain/zoom-laravel/issues/15",
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
    page=f"{_NOTES}zoom-rest-api/references/rate-limits.md",
)
_GRANTED = {"access_token": "<JWT_TOKEN>", "token_type": "bearer", "expires_in": 3600}
_CLIENT = {"client_id": "described-client", "client_secret": "described-secret"}
TOKEN_EXPIRED = recorded(
    "token_expired",
    [of("get_account")],
    {"user": [Turn(400, page={"code": 124}), Turn()], "POST /oauth/token": [Turn(page=_GRANTED)]},
    page="https://devforum.zoom.us/t/zoom-api-invalid-access-token-behavior-change/114327",
)
"""A user's thread has the status and the code. The new token is that of the page on the login of an account."""
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
    {"POST /oauth/token": [Turn(page={"access_token": "def456", "refresh_token": "uvw012", "expires_in": 3600})]},
    auth="person",
    credential={**_CLIENT, "refresh_token": "described-refresh"},
    page=f"{_NOTES}zoom-oauth/concepts/token-lifecycle.md",
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
        SCOPE_MISSING,
        LIMITED,
        TOKEN_EXPIRED,
        ACCOUNT_LOGIN,
        PERSON_LOGIN,
    ],
    Zoom,
)
