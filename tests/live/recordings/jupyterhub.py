"""What JupyterHub is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ferrule.record import Question
from live.hub import opened
from live.recordings.asked import Application, Recording, of, twice, walk
from live.recordings.groups import BOSS, REFUSED, made, member

_ADMIN = {
    "resource_integration_specific_id": "",
    "resource_type": "",
    "entitlement_type": "role",
    "entitlement_integration_specific_id": "admin",
}


@contextmanager
def _with_tokens(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A hub has tokens of its users only when they have made some; one of these was used."""
    with opened(url, credential["token"]) as hub:
        hub.token_of("user02", note="nightly job")
        with opened(url, hub.token_of("user03", note="used once")) as used:
            used.get("user")
    yield


READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("get_account", {"account_id": "user01"}),
        Question("get_account", {"account_id": "nobody"}),
        *walk("list_resources", "list_entitlements", size=3),
        *walk("find_entitlement_associations"),
        Question("get_account_entitlement_associations", {"account_id": "user01"}),
        Question("get_account_entitlement_associations", {"account_id": "nobody"}),
        Question("get_last_activity", {"account_ids": ["user01", "user02", "nobody"]}),
        *walk("list_non_human_accounts", "list_credentials", "get_credential_last_activity"),
        *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=200),
    ],
    setting=_with_tokens,
)
WRITES = Recording(
    "writes",
    [
        *walk("list_resources"),
        Question("create_account", made("user01")),
        Question("create_account", made("half-made", "finance", "nowhere")),
        Question("create_account", {"username": "never", "entitlements": [BOSS]}),
        Question("create_account", made("New.Comer", "finance")),
        Question("get_account", of("account_id")),
        *twice("assign_entitlement", member("engineering")),
        *twice("unassign_entitlement", member("engineering")),
        Question("get_account_entitlement_associations", of("account_id")),
        Question("assign_entitlement", of("account_integration_specific_id", **_ADMIN)),
        Question("assign_entitlement", member("nowhere")),
        Question("assign_entitlement", member("finance", "nobody")),
        *twice("release_resources", of("account_id")),
        Question("update_account", of("id", username="Old.Comer")),
        Question("update_account", of("id", username="older")),
        *twice("delete_account", {"account_id": "old.comer"}),
        Question("get_account", {"account_id": "old.comer"}),
    ],
)
APPLICATION = Application("jupyterhub", "JupyterHub", "6.1.1", "jupyterhub", 18750, [READS, WRITES, REFUSED])
