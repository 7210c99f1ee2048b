"""A first spec from nothing but the app's id: the frame of a connector, with everything that is the app's own left to decide."""

from __future__ import annotations

from typing import Any

from ferrule.scaffold.draft import Draft, Making, settled
from ferrule.scaffold.words import titled

WAYS: dict[str, dict[str, Any]] = {
    "bearer": {"kind": "bearer"},
    "header": {"kind": "header", "name": "X-Api-Key"},
    "query": {"kind": "query", "name": "api_key"},
    "basic": {"kind": "basic"},
    "oauth2_authorization_code": {
        "kind": "oauth2_authorization_code",
        "authorization_url": "/oauth2/authorize",
        "token_url": "/oauth2/token",
    },
    "oauth2_client_credentials": {"kind": "oauth2_client_credentials", "token_url": "/oauth2/token"},
    "oauth2_refresh": {"kind": "oauth2_refresh", "token_url": "/oauth2/token"},
}
"""The kinds of auth that a first spec can begin with."""

_ASKS = {
    "bearer": "does the vendor want another word than `Bearer` before the token? Then add `prefix:`",
    "header": "which header takes the key, and does a word stand before it? Then add `value:`",
    "query": "which parameter takes the key? Prefer a header where there is one: addresses are logged",
    "basic": "is the API key one of the two fields? Then say so with `username:` and `password:`",
    "oauth2_authorization_code": "where is a person sent to, for which `scopes:`, and where is the code exchanged?",
    "oauth2_client_credentials": "where is the token asked for, with which `scopes:`, and does the app want anything besides (`params:`)?",
    "oauth2_refresh": "where is the token asked for, and with which `scopes:`?",
}


def blank(app: str, auth: str = "bearer") -> Draft:
    """A first spec of an app of which nothing is known."""
    name = titled(app)
    making = Making(
        {
            "ferrule": 1,
            "app": {"id": app, "name": name, "vendor_domain": f"{app.replace('_', '-')}.example"},
            "auth": {auth: dict(WAYS[auth])},
            "http": {"base_url": f"https://api.{app.replace('_', '-')}.example/v1", "error_message": "body.message"},
            "capabilities": {
                "validate_credentials": {"request": {"get": "/me"}, "record": {"unique_tenant_id": "organization_id"}},
                "list_accounts": {
                    "request": {"get": "/users"},
                    "pages": {"kind": "cursor", "next": "body.next_cursor", "param": "cursor", "size_param": "limit", "max_size": 100},
                    "records": "body.users",
                    "record": {
                        "integration_specific_id": "id",
                        "username": "login",
                        "email": "email",
                        "user_status": {"from": "status", "map": {"active": "ACTIVE", "suspended": "SUSPENDED"}},
                    },
                },
            },
        }
    )
    making.head.append(
        f"{name}: a frame written by `ferrule new`. A comment with DECIDE asks for a decision; take it away once it is made."
    )
    making.decide(("app", "name"), "the product's own name; and which of the contract's `categories` fit?")
    making.decide(("app", "vendor_domain"), "the vendor's domain")
    making.decide(("auth", auth), _ASKS[auth])
    making.decide(("http", "base_url"), "the API's address; does it differ from tenant to tenant? Then it reads a setting (docs/spec.md)")
    making.decide(("http", "error_message"), "where do failures say what went wrong?")
    who, what = ("capabilities", "validate_credentials"), ("capabilities", "list_accounts")
    making.decide((*who, "request"), "a request that any good credential may send")
    making.decide((*who, "record"), "what in its answer tells this tenant from others?")
    making.decide((*what, "request"), "the list of all accounts")
    making.decide((*what, "pages"), "how is it paged? docs/pagination.md has every kind")
    making.decide((*what, "records"), "where does the answer have its records?")
    making.decide((*what, "record", "integration_specific_id"), "the id that other requests take")
    making.decide((*what, "record", "user_status"), "every status that the app knows")
    return settled(making)
