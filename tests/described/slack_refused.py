"""What Slack refuses, and how one logs in to it."""

from __future__ import annotations

from typing import Any

from described.asked import Recording, walk
from described.description import Turn
from described.slack_answers import DOCS, PAM, PAM_AT, SCIM_PAGE, SPENGLER, WORKSPACE, refused, scim_refused
from ferrule.record import Question

_ONCE = [
    "token_expired",
    "token_revoked",
    "account_inactive",
    "not_authed",
    "invalid_auth",
    "no_permission",
    "not_allowed_token_type",
    "access_denied",
    "team_access_not_granted",
    "accesslimited",
    "ekm_access_denied",
    "two_factor_setup_required",
    "enterprise_is_restricted",
    "not_an_enterprise",
    "feature_not_enabled",
    "paid_only",
    "plan_upgrade_required",
    "permission_denied",
    "restricted_action",
    "not_an_admin",
    "not_an_owner",
    "invalid_permissions",
    "invalid_role_for_user",
    "cannot_modify_primary_owner",
    "cant_invite",
    "user_is_restricted",
    "not_in_channel",
    "user_not_found",
    "users_not_found",
    "user_not_visible",
    "channel_not_found",
    "team_not_found",
    "no_such_subteam",
    "email_taken",
    "is_archived",
    "invalid_cursor",
    "unknown_method",
    "method_deprecated",
    "deprecated_endpoint",
    "invalid_arguments",
]
_AGAIN = [
    "ratelimited",
    "service_unavailable",
    "team_added_to_org",
    "org_login_required",
    "internal_error",
    "fatal_error",
]
_SCIM_WORDS = [
    "invalid_authentication",
    "missing_authentication",
    "plus_teams_only",
    "non_org_teams_only",
    "cannot_modify_owner",
    "cannot_make_user_guest",
    "unknown_user",
    "username_taken",
]
REFUSED = Recording(
    "refused",
    [
        *[Question("get_account", {"account_id": SPENGLER})] * (1 + len(_ONCE) + len(_AGAIN)),
        *walk("list_resources", "find_entitlement_associations", size=200),
    ],
    {
        "users_info": [
            refused("missing_scope", needed="users:read", provided="identify"),
            *[refused(word) for word in _ONCE],
            *[refused(word) for word in _AGAIN for _ in range(4)],
        ],
        "usergroups_list": [refused("plan_upgrade_required")],
    },
    page=f"{DOCS}reference/methods/users.info",
)
SCIM_REFUSED = Recording(
    "scim_refused",
    [Question("activate_account", {"account_id": PAM})] * (len(_SCIM_WORDS) + 2),
    {
        "GET" + PAM_AT: [
            *[scim_refused(word) for word in _SCIM_WORDS],
            *[scim_refused("too_many_requests", 429)] * 4,
            *[scim_refused("resource_locked", 429)] * 4,
        ]
    },
    page=SCIM_PAGE,
)
LIMITED = Recording(
    "limited",
    [Question("get_account", {"account_id": SPENGLER})] * 2,
    {
        "users_info": [
            Turn(429, page={"ok": False, "error": "ratelimited"}, headers={"Retry-After": "30"}),
            Turn(),
            refused("ratelimited"),
            Turn(),
        ]
    },
    page=f"{DOCS}apis/web-api/rate-limits",
)


def _login(name: str, answer: dict[str, Any], page: str, **more: Any) -> Recording:
    return Recording(
        name,
        walk("list_accounts", size=200),
        {"POST /api/oauth.v2.access": [Turn(page=answer)]},
        credential={
            "client_id": "described-client",
            "client_secret": "described-secret",
            "refresh_token": "described-refresh-token",
        },
        page=DOCS + page,
        **more,
    )


WORKSPACE_LOGIN = _login(
    "workspace_login",
    {
        "ok": True,
        "access_token": "xoxe.xoxb-1-..",
        "token_type": "bot",
        "scope": "commands,incoming-webhook",
        "bot_user_id": "U0KRQLJ9H",
        "app_id": "A0KRD7HC3",
        "expires_in": 43200,
        "refresh_token": "xoxe-1-...",
        "team": {"name": "Slack Softball Team", "id": "T9TK3CUKW"},
        "enterprise": {"name": "slack-sports", "id": "E12345678"},
        "authed_user": {
            "id": "U1234",
            "scope": "chat:write",
            "access_token": "xoxe.xoxp-1234",
            "expires_in": 43200,
            "refresh_token": "xoxe-1-...",
            "token_type": "user",
        },
    },
    "reference/methods/oauth.v2.access",
    auth="workspace",
)
ORGANIZATION_LOGIN = _login(
    "organization_login",
    {
        "ok": True,
        "access_token": "xoxe.xoxb-1-...",
        "expires_in": 43200,
        "refresh_token": "xoxe-1-...",
        "token_type": "bot",
        "scope": "commands,incoming-webhook",
        "bot_user_id": "U123456",
        "app_id": "A123456",
        "team": {"name": "Slack Softball Team", "id": "T123456"},
        "enterprise": {"name": "slack-sports", "id": "E12345678"},
    },
    "authentication/using-token-rotation",
    auth="organization",
    settings={"workspace": WORKSPACE},
)
