"""What GitHub is asked. Logins, teams, repositories and ids are those of the description's examples."""

from __future__ import annotations

from typing import Any

from described.asked import App, Recording, Rights, walk, wanted
from described.description import Turn
from described.github_answers import (
    BY_DOMAIN,
    BY_NAME_ID,
    CURSOR,
    EMAIL,
    HUBOT,
    LINKED,
    MEMBER,
    MONALISA,
    NO_SAML,
    OCTOCAT,
    OTHER,
    OWNER,
    SAML,
    TEAM_MEMBERS,
    UNLINKED,
    GitHub,
    connection,
    in_team,
    linked,
    members,
    of_account,
    queried,
    role,
)
from ferrule.record import Question

_DOCS = "https://docs.github.com/en/enterprise-cloud@latest"
SOURCE = "https://github.com/octokit/openapi/blob/main/generated/ghec.json (23.0.2); " + f"{_DOCS}/graphql/reference/orgs"

ORGANIZATION, TEAM, REPOSITORY = "octocat", "justice-league", "octocat/Hello-World"
INVITATION = "invitation:1"
ROLE_MANAGER = "8030"

RIGHTS = Rights(OCTOCAT, lambda kind, resource: {"team_role": "team", "repository_role": "repository"}.get(kind, ""))
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made

GONE = Turn(404)


def removed(account: str) -> Question:
    return Question("delete_account", {"account_id": account})


def read(account: str) -> Question:
    return Question("get_account", {"account_id": account})


def _held(state: str = "active", role: str = "admin") -> Turn:
    return Turn(instead={"state": state, "role": role})


LISTS = ("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations")
QUERIES = {
    "POST /graphql Identities": [linked(LINKED, BY_NAME_ID, BY_DOMAIN, UNLINKED)],
    "POST /graphql Members": [members(OWNER, MEMBER)],
    "POST /graphql TeamMembers": [TEAM_MEMBERS],
}
LOGINS = {
    "orgs/list-outside-collaborators": [Turn(instead={"0.login": "defunkt"})],
    "orgs/list-pending-invitations": [Turn(instead={"0.login": None})],
}
"""Who is outside is somebody else than the member of the same example; who was invited by address has no login."""

READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk(*LISTS, size=100),
        *walk("get_account_entitlement_associations", size=100, account_id=OCTOCAT),
        *walk("get_account_entitlement_associations", size=100, account_id=OTHER),
        read(OCTOCAT),
        read(OCTOCAT),
        *walk("get_last_activity", account_ids=[OCTOCAT]),
        *walk("get_last_activity", account_ids=[HUBOT]),
        *walk("list_activity_records", size=2, since_date="2019-11-01T00:00:00Z", actors=[{"account_id": OCTOCAT}]),
        *walk("list_activity_records", since_date="2019-11-01T00:00:00Z", actors=[{"account_id": MONALISA}]),
        *walk("list_credentials", "get_credential_last_activity", size=3),
    ],
    {
        **QUERIES,
        **LOGINS,
        "orgs/list-org-role-users": [
            *[Turn(), Turn(instead={"0.assignment": "indirect"})] * 2,
            Turn(instead={"0.assignment": "direct"}),
        ],
        "repos/list-collaborators": [Turn(), Turn(instead={"0.role_name": "read"}), Turn(instead={"0.login": HUBOT})],
        "orgs/get-membership-for-user": [Turn(), _held("pending", "member"), _held("pending", "member"), Turn()],
        "POST /graphql TeamsOfAccount": [queried(teams=connection("nodes", [{"slug": TEAM}])), queried(teams=connection("nodes", []))],
        "POST /graphql Account": [
            of_account(),
            of_account(organization={"samlIdentityProvider": {"externalIdentities": {"nodes": [{"samlIdentity": SAML}]}}}),
        ],
        "orgs/list-saml-sso-authorizations": [Turn(), Turn(), Turn(), Turn(instead={"0.credential_accessed_at": None}), Turn()],
    },
)
# One at a time: everything leads on.
PAGES = Recording(
    "pages",
    [*walk("list_accounts"), *walk("find_entitlement_associations"), *walk("get_account_entitlement_associations", account_id=OCTOCAT)],
    {
        "POST /graphql Identities": [linked(LINKED, more=CURSOR), linked(BY_NAME_ID)],
        "POST /graphql Members": [members(OWNER, more=CURSOR), members(MEMBER)] * 2,
        "POST /graphql TeamMembers": [
            in_team(role("MAINTAINER", login=OCTOCAT), more=CURSOR),
            in_team(role("MEMBER", login=HUBOT)),
        ]
        * 2,
        "POST /graphql TeamsOfAccount": [
            queried(teams=connection("nodes", [], CURSOR)),
            queried(teams=connection("nodes", [{"slug": TEAM}])),
        ],
        **LOGINS,
    },
)
NO_SAML_HERE = Recording(
    "no_saml",
    walk("list_accounts", size=100),
    {**QUERIES, "POST /graphql Identities": [NO_SAML]},
)
MANAGED = Recording("managed_users", walk("list_accounts", size=100), {**QUERIES, **LOGINS}, settings={"managed_users": True})
RESIDENT = Recording("data_residency", walk("list_resources", size=100), settings={"subdomain": "octo-corp"})
# More than GitHub gives at once is never asked for.
LARGE = Recording(
    "large_pages",
    [
        *walk(*LISTS, "list_credentials", size=1000),
        *walk("get_account_entitlement_associations", size=1000, account_id=OCTOCAT),
    ],
    {**QUERIES, **LOGINS, "POST /graphql TeamsOfAccount": [queried(teams=connection("nodes", [{"slug": TEAM}]))]},
)
DEMO = Recording("demo", walk(*LISTS, size=100), {**QUERIES, **LOGINS})
INVITED = Recording(
    "invited",
    [
        made(username=MONALISA),
        made(wanted("membership", "admin"), wanted("team_role", "maintainer", TEAM), username=OCTOCAT),
        made(wanted("team_role", "member", TEAM), wanted("team_role", "maintainer", "gone"), username=MONALISA),
        made(username=OCTOCAT),
        made(email=EMAIL),
        made(wanted("membership", "admin"), email=EMAIL),
        made(wanted("membership", "member"), email=EMAIL),
        made(wanted("team_role", "member", TEAM), email=EMAIL),
        made(wanted("team_role", "member"), username=MONALISA),
        made(wanted("repository_role", "pull", REPOSITORY), username=MONALISA),
        made(),
    ],
    {
        "orgs/get-membership-for-user": [GONE, GONE, GONE, Turn()],
        "orgs/set-membership-for-user": [
            Turn(instead={"user.login": MONALISA, "state": "pending", "role": "member"}),
            Turn(),
            Turn(instead={"user.login": MONALISA, "state": "pending", "role": "member"}),
        ],
        "teams/add-or-update-membership-for-user-in-org": [Turn(), Turn(), Turn(403)],
        "orgs/create-invitation": [Turn(), Turn(instead={"login": None, "role": "admin"}), Turn()],
    },
)
DELETED = Recording(
    "deleted",
    [removed(OCTOCAT), removed("defunkt"), removed(INVITATION), removed(INVITATION)],
    {
        "orgs/get-membership-for-user": [Turn(), GONE],
        "orgs/list-pending-invitations": [Turn(), Turn(), Turn(page=[])],
    },
)
MEMBERSHIPS = Recording(
    "memberships",
    [
        given("membership", "member"),
        given("membership", "member"),
        given("membership", "member", TEAM),
        taken("membership", "member"),
    ],
    {"orgs/get-membership-for-user": [Turn(), _held(role="member")]},
)
ORGANIZATION_ROLES = Recording(
    "organization_roles",
    [
        given("organization_role", ROLE_MANAGER),
        given("organization_role", ROLE_MANAGER, TEAM),
        taken("organization_role", ROLE_MANAGER),
    ],
    {"orgs/list-org-role-users": [Turn(page=[]), Turn(), Turn(), Turn(page=[])]},
)
TEAM_ROLES = Recording(
    "team_roles",
    [
        given("team_role", "maintainer", TEAM),
        given("team_role", "maintainer", TEAM),
        given("team_role", "maintainer"),
        taken("team_role", "member", TEAM),
        taken("team_role", "maintainer", TEAM),
        taken("team_role", "maintainer", TEAM),
        taken("team_role", "maintainer"),
    ],
    {"teams/get-membership-for-user-in-org": [GONE, Turn(), Turn(), Turn(), Turn(), GONE]},
)
REPOSITORY_ROLES = Recording(
    "repository_roles",
    [
        given("repository_role", "push", REPOSITORY),
        given("repository_role", "admin", REPOSITORY),
        given("repository_role", "triage", REPOSITORY, account="defunkt"),
        given("repository_role", "pull"),
        taken("repository_role", "push", REPOSITORY),
        taken("repository_role", "push", REPOSITORY),
        taken("repository_role", "push"),
    ],
    {
        "repos/list-collaborators": [
            Turn(),
            Turn(page=[]),
            Turn(instead={"0.role_name": "admin"}),
            Turn(),
            Turn(),
            Turn(page=[]),
            Turn(page=[]),
        ],
        "repos/add-collaborator": [Turn(204), Turn(201)],
    },
)


def refused(message: str, *codes: str) -> dict[str, Any]:
    """A refusal in the form of the description, with the words and a code of the page."""
    return {"message": message, "documentation_url": _DOCS, **({"errors": [{"code": code} for code in codes]} if codes else {})}


NO_LOGIN = "https://github.com/hisxo/gitGraber/issues/54"
UNKNOWN = Turn(401, page={"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"})
"""The troubleshooting page has no words for it; somebody showed the whole."""


REFUSED = Recording(
    "refused",
    [
        Question("validate_credentials", {}),
        Question("validate_credentials", {}),
        Question("list_resources", {}),
        made(username=MONALISA),
        made(email=EMAIL),
        *walk("get_account_entitlement_associations", account_id="nobody"),
        read("nobody"),
        removed("nobody"),
        removed(INVITATION),
        given("membership", "member", account="nobody"),
        taken("team_role", "member", "secret"),
        taken("team_role", "member", TEAM),
        taken("repository_role", "push", REPOSITORY),
    ],
    {
        "orgs/list-org-roles": [
            *[UNKNOWN] * 4,
            Turn(403, page=refused("Resource not accessible by personal access token")),
            Turn(403, page=refused("Resource not accessible by personal access token")),
        ],
        "teams/list": [Turn(404, page=refused("Not Found"))],
        "orgs/create-invitation": [Turn(422, page=refused("Validation Failed", "unprocessable"))],
        "orgs/get-membership-for-user": [
            Turn(403, page=refused("Resource not accessible by integration")),
            Turn(404, page=refused("Not Found")),
        ],
        "orgs/remove-outside-collaborator": [Turn(404, page=refused("Not Found"))],
        "orgs/list-pending-invitations": [Turn(404, page=refused("Not Found"))],
        "teams/get-by-name": [Turn(404, page=refused("Not Found")), Turn()],
        "teams/get-membership-for-user-in-org": [Turn(403, page=refused("Resource not accessible by integration"))],
        "repos/list-collaborators": [Turn(404, page=refused("Not Found"))],
    },
    page=f"{_DOCS}/rest/using-the-rest-api/troubleshooting-the-rest-api; {NO_LOGIN}",
)
_SCOPES = (
    "Your token has not been granted the required scopes to execute this query. The 'projectV2' field requires one of the following "
    "scopes: ['read:project'], but your token has only been granted the: ['read:discussion', 'read:enterprise', 'read:gpg_key', "
    "'read:org', 'read:packages', 'read:public_key', 'read:repo_hook', 'repo', 'user'] scopes."
)
GRAPHQL_REFUSED = Recording(
    "graphql_refused",
    walk("list_accounts"),
    {"POST /graphql Identities": [Turn(page={"errors": [{"type": "INSUFFICIENT_SCOPES", "message": _SCOPES}]})]},
    page="https://github.com/github/docs/issues/19712",
)
_USED_UP = "API rate limit already exceeded for user ID xxxxx."
GRAPHQL_LIMITED = Recording(
    "graphql_limited",
    walk("list_accounts", size=100) * 2,
    {
        **QUERIES,
        "POST /graphql Identities": [
            Turn(page={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for installation ID 12345678."}]}),
            linked(LINKED),
            Turn(page={"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": _USED_UP}]}),
            linked(LINKED),
        ],
    },
    page="https://github.com/github/docs/issues/11071; https://github.com/yanyongyu/githubkit/issues/271",
)
_SECONDARY = refused("You have exceeded a secondary rate limit.")
LIMITED = Recording(
    "limited",
    [Question("validate_credentials", {})] * 4,
    {
        "orgs/list-org-roles": [
            Turn(403, page=_SECONDARY, headers={"retry-after": "17", "x-ratelimit-remaining": "4999", "x-ratelimit-limit": "5000"}),
            Turn(),
            Turn(403, page={}, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1590701888"}),
            Turn(),
            Turn(403, page=_SECONDARY),
            Turn(),
            UNKNOWN,
            Turn(),
        ]
    },
    page=f"{_DOCS}/rest/using-the-rest-api/rate-limits-for-the-rest-api; {NO_LOGIN}",
)
PERSON_LOGIN = Recording(
    "person_login",
    walk("list_resources", size=100),
    {
        "POST /login/oauth/access_token": [
            Turn(
                page={
                    "access_token": "ghu_16C7e42F292c6912E7710c838347Ae178B4a",
                    "expires_in": 28800,
                    "refresh_token": "ghr_1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498",
                    "refresh_token_expires_in": 15897600,
                    "scope": "",
                    "token_type": "bearer",
                }
            )
        ]
    },
    auth="person",
    credential={
        "client_id": "described-client",
        "client_secret": "described-secret",
        "refresh_token": "ghr_1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498",
    },
    page=f"{_DOCS}/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens",
)
"""The page has the parameters and what each always is; the tokens are those of the example that it had before."""


GITHUB = App(
    "github",
    "GitHub",
    "github.json.gz",
    SOURCE,
    {"organization": ORGANIZATION},
    [
        READS,
        PAGES,
        NO_SAML_HERE,
        MANAGED,
        RESIDENT,
        LARGE,
        DEMO,
        INVITED,
        DELETED,
        MEMBERSHIPS,
        ORGANIZATION_ROLES,
        TEAM_ROLES,
        REPOSITORY_ROLES,
        REFUSED,
        GRAPHQL_REFUSED,
        GRAPHQL_LIMITED,
        LIMITED,
        PERSON_LOGIN,
    ],
    GitHub,
)
