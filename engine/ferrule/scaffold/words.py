"""The words that APIs use for the same thing. They are compared in small letters, with `_` between words: `primaryEmail` and
`primary-email` are `primary_email`."""

from __future__ import annotations

import re

EMAIL = (
    "email", "email_address", "mail", "primary_email", "user_email", "work_email", "company_email", "login_email", "upn",
    "user_principal_name",
)  # fmt: skip
USERNAME = (
    "username", "user_name", "login", "login_name", "user_login", "handle", "screen_name", "user_principal_name", "preferred_username",
    "sam_account_name",
)  # fmt: skip
GIVEN = ("given_name", "givenname", "first_name", "firstname", "forename")
FAMILY = ("family_name", "familyname", "last_name", "lastname", "surname", "sn")
NAMES = ("name", "display_name", "displayname", "full_name", "fullname", "real_name", "title", "label", "summary")
LABELS = ("display_name", "displayname", "name", "title", "label", "group_name", "team_name", "role_name", "slug", "summary")
DESCRIPTIONS = ("description", "notes")
IDS = ("id", "uuid", "gid", "uid", "guid", "_id")
STATUS = ("status", "user_status", "account_status", "membership_status", "state", "user_state", "lifecycle_state")
USABLE = ("active", "is_active", "enabled", "is_enabled", "account_enabled", "activated", "user_active")
UNUSABLE = (
    "suspended", "is_suspended", "disabled", "is_disabled", "blocked", "is_blocked", "deactivated", "is_deactivated", "locked",
    "is_locked", "deleted", "is_deleted", "archived", "prohibit_login",
)  # fmt: skip
LAST_LOGIN = ("last_login", "last_login_at", "last_login_time", "last_login_date", "last_sign_in_at", "last_seen", "last_active_at")
ATTRIBUTES = {
    "created_at": ("created_at", "created", "created_on", "creation_date", "date_created", "created_date", "creation_time"),
    "job_title": ("job_title", "jobtitle", "title"),
    "department": ("department", "dept"),
    "employee_number": ("employee_number", "employee_id", "staff_number"),
    "role": ("role", "role_name", "user_role"),
}
"""Attributes of accounts that reviewers look at, by the name they get."""
HOLDERS = ("profile", "attributes", "user", "person", "name", "member", "properties", "account")
"""Objects within a record that hold its fields: `profile.email`."""

STATES = {
    "ACTIVE": ("active", "enabled", "activated", "live", "ok", "confirmed", "normal", "accepted", "verified", "valid", "open"),
    "INACTIVE": ("inactive", "disabled", "deactivated", "dormant"),
    "SUSPENDED": ("suspended", "blocked", "locked", "locked_out", "banned", "frozen", "paused"),
    "PENDING": (
        "pending", "invited", "staged", "provisioned", "new", "created", "unconfirmed", "unverified", "activation_sent",
        "activation_pending", "waiting", "awaiting_activation", "invite_sent", "invite_pending",
    ),
    "DEPROVISIONED": ("deprovisioned",),
    "DELETED": ("deleted", "removed", "archived", "closed", "terminated", "cannot_delete_non_sso_user"),
}  # fmt: skip
"""The contract's status, and the words of apps that mean it."""
WORD_TO_STATUS = {word: status for status, words in STATES.items() for word in words}

PEOPLE = ("users", "members", "people", "persons", "employees", "systemusers", "user", "workers", "identities", "staff")
"""Last words of a path whose list may be that of the accounts, the likeliest first."""
TENANTS = frozenset({
    "org", "orgs", "organization", "organizations", "organisations", "workspace", "workspaces", "account", "accounts", "enterprise",
    "enterprises", "enterprise_accounts", "tenant", "tenants", "company", "companies", "customer", "customers", "realm", "realms", "guild",
    "guilds", "domain", "domains", "directory", "directories", "site", "sites",
})  # fmt: skip
"""What stands before the id of a tenant in a path."""
GROUPS = {
    "groups": ("group", "Group"), "usergroups": ("group", "Group"), "user_groups": ("group", "Group"), "teams": ("team", "Team"),
    "team": ("team", "Team"), "roles": ("role", "Role"), "organization_roles": ("role", "Role"),
}  # fmt: skip
"""Last word of a path to the type that its records are, and what people call it."""
MEMBERS = ("members", "users", "memberships", "people", "user_memberships", "team_memberships", "member")
"""Last word of a path below a group that lists who is in it."""
NOT_THE_LIST = (
    "deleted", "search", "report", "reports", "audit", "events", "event", "invitations", "invites", "pending", "public", "im", "chat",
    "phone", "legacy", "incremental", "picker", "stats", "export", "exports", "imports", "external", "seats", "history", "assignees",
    "apps", "applications", "channels", "rooms", "fields", "blocks", "outside", "failed", "billing", "licenses", "permissions",
)  # fmt: skip
"""Words in a path that make it another list than the plain one."""


def norm(name: object) -> str:
    """A name in small letters with `_` between its words."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", str(name).replace("OAuth", "Oauth"))
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") if str(name) != "_id" else "_id"


def identifier(name: object) -> str:
    """A name as the language has it: small letters, digits and `_`, a letter first."""
    made = norm(name).strip("_")
    return made if made[:1].isalpha() else f"x_{made}".rstrip("_")


def singular(word: str) -> str:
    """`policies` to `policy`, `users` to `user`."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word in ("people", "persons"):
        return "person"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def titled(name: object) -> str:
    """A name as people see it: `orgSlug` to `Org slug`."""
    return norm(name).replace("_", " ").capitalize() or str(name)
