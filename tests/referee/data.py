"""What the loopback application holds at first. Accounts, resources and rights have its own names; the rest has the contract's."""

from __future__ import annotations

from typing import Any

ACTIVITY = [
    {
        "id": "e1",
        "activity_type": "login",
        "timestamp": "2026-03-01T10:00:00Z",
        "actor": {"account_id": "a1"},
        "targets": [{"account_id": "a2"}, {"entitlement": {"id": "admin", "type": "role", "resource_id": "g1", "resource_type": "group"}}],
        "metadata": {"ip": "192.0.2.1"},
    },
    {"id": "e2", "activity_type": "export", "timestamp": "2026-03-02T10:00:00Z", "actor": {"account_id": "a1"}, "targets": []},
]

DATA: dict[str, Any] = {
    "whoami": {"tenant": "t-1"},
    "recency": {"list_accounts": "2026-03-01T10:00:00Z", "list_entitlements": None},
    "accounts": [
        {
            "id": "a1",
            "mail": "ann@example.com",
            "first": "Ann",
            "last": "Ash",
            "login": "ann",
            "state": "live",
            "kind": "person",
            "dept": "IT",
        },
        {"id": "a2", "mail": "bob@example.com", "first": "Bob", "last": "Birch", "login": "bob", "state": "off", "kind": "person"},
        {"id": "a3", "mail": None, "first": None, "last": None, "login": "robot", "state": "asked", "kind": "machine"},
    ],
    "resources": [
        {"id": "g1", "name": "Ops", "kind": "group", "about": "On call"},
        {"id": "g2", "name": "Été", "kind": "group", "about": None},
    ],
    "rights": [
        {"id": "admin", "type": "role", "resource": "", "name": "Administrator", "assignable": True},
        {"id": "member", "type": "member", "resource": "g1", "name": "Member of Ops", "assignable": False},
    ],
    "holders": [
        {"account": "a1", "right": "admin", "resource": ""},
        {"account": "a1", "right": "member", "resource": "g1"},
        {"account": "a2", "right": "member", "resource": "g1"},
    ],
    "holdings": [["member", "g1", "a2"], ["app1", "a1"], ["app1", "member", "g1", "a2"]],
    "last-activity": [
        {"account": "a1", "what": "last_login", "at": "2026-03-01T10:00:00Z"},
        {"account": "a2", "what": "last_activity", "at": "2026-02-01"},
    ],
    "activity": ACTIVITY,
    "expenses": [
        {
            "id": "x1",
            "report_id": "r1",
            "transaction_date": "2026-01-31",
            "payment_date": None,
            "total_amount": {"amount": "12.50", "currency": "EUR"},
            "paid_amount": None,
            "seller": {"id": "v1", "name": "Acme"},
            "description": "Seats",
            "submitter": {"id": "a1", "email": "ann@example.com"},
            "type": "card_transaction",
            "approval_status": {"normalized_value": "approved", "value": "ok"},
            "payment_status": {"normalized_value": "unpaid"},
            "url": "https://app.example/x1",
        }
    ],
    "machines": [
        {
            "resource_id": "g1",
            "id": "m1",
            "label": "CI",
            "workload_name": "ci",
            "workload_id": "w1",
            "type": "bot",
            "status": "ACTIVE",
            "created_at": "2026-01-01T00:00:00Z",
            "last_login": None,
        }
    ],
    "machine-activity": [{"non_human_account_id": "m1", "event_type": "last_activity", "happened_at": "2026-03-01T10:00:00Z"}],
    "keys": [
        {
            "resource_id": "g1",
            "external_id": "k1",
            "label": "CI key",
            "credential_type": "api_key",
            "status": "active",
            "grants_access_to_non_human_account_id": "m1",
            "expires_at": "2027-01-01T00:00:00Z",
        }
    ],
    "key-activity": [{"credential_id": "k1", "event_type": "last_login", "happened_at": "2026-03-01T10:00:00Z"}],
    "graph-resources": [
        {"id": "g1", "resource_type": "group", "label": "Ops"},
        {"id": "a1", "resource_type": "user", "label": "ann", "reference": {"id": "a1", "type": "account"}},
    ],
    "graph-relations": [{"from_id": "g1", "to_ids": ["a1"], "label": "contains"}],
    "graph-rights": [
        {"id": "admin", "entitlement_type": "role", "resource_id": "g1", "is_assignable": True, "denies_access": False, "label": "Admin"},
        {"id": "member", "entitlement_type": "member", "resource_id": "g1", "denies_access": False, "label": "Member"},
    ],
    "graph-implications": [
        {
            "from_entitlement": {"entitlement_id": "admin", "resource_id": "g1"},
            "to_entitlements": [{"entitlement_id": "member", "resource_id": "g1"}],
        }
    ],
    "graph-assignments": [{"resource_id": "a1", "entitlement_id": "admin", "entitlement_resource_id": "g1"}],
    "applications": [
        {
            "id": "app1",
            "name": "wiki",
            "display_name": "Wiki",
            "status": "ACTIVE",
            "sign_on_mode": "SAML",
            "assignment_modes": ["ACCOUNT"],
            "sso_login_url": "https://app.example/sso",
        },
        {"id": "app2", "name": "mail", "status": "INACTIVE", "sign_on_mode": "UNKNOWN", "assignment_modes": ["ACCOUNT", "ENTITLEMENT"]},
    ],
    "application-accounts": [{"account": "a1", "application": "app1", "status": "ACTIVE"}],
    "application-activity": [{**row, "application_instance_id": "app1"} for row in ACTIVITY],
    "application-resources": [
        {"application_instance_id": "app1", "integration_specific_id": "s1", "label": "Space", "resource_type": "space"}
    ],
    "application-rights": [
        {
            "application_instance_id": "app1",
            "entitlement_type": "role",
            "integration_specific_id": "editor",
            "integration_specific_resource_id": "s1",
            "is_assignable": True,
            "label": "Editor",
        }
    ],
    "application-holders": [
        {
            "application_instance_id": "app1",
            "account_id": "a1",
            "integration_specific_entitlement_id": "editor",
            "integration_specific_resource_id": "s1",
        }
    ],
}
