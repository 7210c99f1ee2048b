"""What a SCIM server is asked."""

from __future__ import annotations

from ferrule.record import Question
from live.recordings.asked import Application, Recording, account, of, twice, walk
from live.recordings.groups import BOSS, REFUSED, made, member

READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("get_account", account("user08")),
        Question("get_account", {"account_id": "nobody"}),
        Question("list_updated_accounts", {"since": "2026-01-01T00:00:00Z"}, page_size=1000),
        Question("list_updated_accounts", {"since": "2126-01-01T00:00:00Z"}),
        *walk("list_resources", "list_entitlements", "find_entitlement_associations", size=2),
        Question("get_account_entitlement_associations", account("user01")),
        Question("get_account_entitlement_associations", {"account_id": "nobody"}),
        *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=1000),
    ],
)
WRITES = Recording(
    "writes",
    [
        *walk("list_resources"),
        Question("create_account", made("USER01")),
        Question("create_account", made("half-made", "Finance", "nowhere")),
        Question("create_account", {"username": "never", "entitlements": [BOSS]}),
        Question("create_account", made("newcomer", "Finance", email="newcomer@example.test", given_name="New", family_name="Comer")),
        Question("get_account", of("account_id")),
        *twice("assign_entitlement", member("Empty")),
        *twice("unassign_entitlement", member("Empty")),
        Question("get_account_entitlement_associations", of("account_id")),
        Question("assign_entitlement", member("nowhere")),
        Question("assign_entitlement", member("Finance", "nobody")),
        *twice("deactivate_account", of("account_id")),
        *twice("activate_account", of("account_id")),
        *twice("update_account", of("id", title="Head", email="head@example.test", department="Eng")),
        Question("update_account", of("id", username="user01")),
        Question("update_account", of("id", shoe_size="42")),
        *twice("delete_account", of("account_id")),
        Question("get_account", of("account_id")),
    ],
)
APPLICATION = Application("scim", "scim2-server", "0.8.3", "scim2server", 18760, [READS, WRITES, REFUSED])
