"""What SCIM services are asked: scim2-server, which speaks as RFC 7644 has it, MLflow's directory, which filters by name alone, and
an application that is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ferrule.record import Question
from live.directory import ODD_NAME, left_alone, stocked
from live.recordings.asked import Application, Inputs, Recording, account, of, twice, walk
from live.recordings.groups import BOSS, REFUSED, made, member, membership

READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        *[Question("get_account", account(name)) for name in ("user08", "bare", ODD_NAME, "unsorted")],
        Question("get_account", {"account_id": "nobody"}),
        Question("list_updated_accounts", {}, page_size=1),
        Question("list_updated_accounts", {"since": "2026-01-01T00:00:00Z"}, page_size=1),
        Question("list_updated_accounts", {"since": "2126-01-01T00:00:00Z"}),
        *walk("list_resources", "list_entitlements", "find_entitlement_associations", size=2),
        *walk("list_resources", size=5000),
        *[Question("get_account_entitlement_associations", account(name)) for name in ("user01", "bare")],
        Question("get_account_entitlement_associations", {"account_id": "nobody"}),
        *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=1000),
    ],
    setting=stocked,
)
NOWHERE = {"entitlement_type": "member", "integration_specific_id": "member"}
"""Membership of no group in particular."""
DETAILS = {"given_name": "Newly", "family_name": "Come", "user_type": "Employee", "employee_number": "007", "department": "Eng"}


def wrong(**other: str) -> Mapping[str, Any]:
    """A right that SCIM does not know."""
    return {**membership("nobody", "nowhere"), **other}


WRITES = Recording(
    "writes",
    [
        *walk("list_resources"),
        Question("create_account", made("USER01")),
        Question("create_account", made("half-made", "Finance", "nowhere")),
        *[Question("create_account", {"username": "never", "entitlements": [each]}) for each in (BOSS, NOWHERE)],
        Question("create_account", made("newcomer", "Finance", email="newcomer@example.test", given_name="New", family_name="Comer")),
        Question("get_account", of("account_id")),
        *twice("assign_entitlement", member("Empty")),
        *twice("unassign_entitlement", member("Empty")),
        Question("get_account_entitlement_associations", of("account_id")),
        Question("assign_entitlement", member("nowhere")),
        Question("assign_entitlement", member("Finance", "nobody")),
        *[
            Question(capability, wrong(**{which: "boss"}))
            for capability in ("assign_entitlement", "unassign_entitlement")
            for which in ("entitlement_type", "entitlement_integration_specific_id")
        ],
        *twice("deactivate_account", of("account_id")),
        *twice("activate_account", of("account_id")),
        *twice("update_account", of("id", title="Head", email="head@example.test", department="Fin")),
        *twice("update_account", of("id", username="new.comer", **DETAILS)),
        Question("update_account", of("id", username="user01")),
        Question("update_account", of("id", shoe_size="42")),
        *twice("delete_account", of("account_id")),
        Question("get_account", of("account_id")),
    ],
    setting=left_alone,
)


def the(name: str, **more: Any) -> Inputs:
    """The user of that name, as `id`."""
    return lambda answers: {"id": next(each["id"] for each in answers["find_resource_graph"] if each["label"] == name), **more}


ADDRESSES = Recording(
    "addresses",
    [
        *walk("find_resource_graph", size=1000),
        *[
            Question("update_account", the(name, email=f"{email}@example.test"))
            for name, emails in (("bare", ["first"]), (ODD_NAME, ["third"]), ("unsorted", ["one", "three"]))
            for email in emails
        ],
    ],
    setting=stocked,
)
"""A user without an address, one whose second is primary, one that has two of which none is: the first is taken for his."""
VALUE_LIST = Recording(
    "value_list",
    [
        *walk("list_resources"),
        Question("create_account", made("keeper", "Finance")),
        Question("unassign_entitlement", member("Finance")),
        Question("delete_account", of("account_id")),
    ],
    settings={"remove_member": "value_list"},
    setting=left_alone,
)
"""A service that refuses a list of values where it wants a filter in the path."""

DIALECT = {"filters": False, "operation": "capital", "remove_member": "value_list"}
MLFLOW_READS = Recording(
    "mlflow_reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts", size=2),
        Question("get_account", {"account_id": "cem@example.test"}),
        *[
            Question("list_updated_accounts", inputs)
            for inputs in ({}, {"since": "2026-01-01T00:00:00Z"}, {"since": "2126-01-01T00:00:00Z"})
        ],
        *walk("list_resources", "list_entitlements", "find_entitlement_associations", size=2),
        *[Question("get_account_entitlement_associations", {"account_id": f"{name}@example.test"}) for name in ("ada", "ben", "cem")],
        *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=100),
    ],
    settings=DIALECT,
)
MLFLOW_WRITES = Recording(
    "mlflow_writes",
    [
        *walk("list_resources"),
        Question("create_account", made("ada@example.test")),
        Question("create_account", made("half-made@example.test", "Review", "nowhere")),
        Question("create_account", made("dora@example.test", "Review", given_name="Dora")),
        Question("get_account", of("account_id")),
        *twice("assign_entitlement", member("Nobody")),
        *twice("unassign_entitlement", member("Nobody")),
        *twice("deactivate_account", of("account_id")),
        *twice("activate_account", of("account_id")),
        Question("update_account", of("id", given_name="Dorothea")),
        Question("update_account", of("id", title="Head")),
        *twice("delete_account", of("account_id")),
        Question("get_account", of("account_id")),
    ],
    settings=DIALECT,
)
NO_SCIM = Recording("no_scim", [Question(capability, {}) for capability in ("validate_credentials", "list_accounts", "list_resources")])

APPLICATIONS = [
    Application("scim", "scim2-server", "0.8.3", "scim2server", 18760, [READS, WRITES, ADDRESSES, VALUE_LIST, REFUSED]),
    Application("scim", "MLflow OIDC Auth", "10.0.0", "mlflow", 18790, [MLFLOW_READS, MLFLOW_WRITES]),
    Application("scim", "httpbin", "0.10.4", "httpbin", 18795, [NO_SCIM]),
]
