"""How Microsoft Entra ID is asked, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import Recording
from described.description import Turn
from described.entra_id_answers import refused
from described.entra_id_users import ADELE, ADELE_VANCE, API, ON, UPN, shown
from ferrule.record import Question

_COMMIT = "46f874ad36092430ad3f194bb5fdfe7b61c46d08"
SOURCE = f"https://github.com/jbzdarkid/msgraph-sdk-powershell/tree/{_COMMIT}/openApiDocs/v1.0"
IDENTITY = "https://learn.microsoft.com/en-us/entra/identity-platform/"
TENANT = "contoso.onmicrosoft.com"
TOKEN = f"POST /{TENANT}/oauth2/v2.0/token"
OF_ONE = "f1847572-48aa-47aa-96a3-2ec61904f41f"
"""Who holds both roles of the example."""

_NOT_FOUND = f"Resource '{ADELE}' does not exist or one of its queried reference-property objects are not present."
GONE = Turn(404, page=refused("Request_ResourceNotFound", _NOT_FOUND))
ALREADY = "One or more added object references already exist for the following modified properties: 'members'."
TOO_OLD = "The sync state generation is not found. The delta token is expired and data must be synchronized again."
TAKEN = "Another object with the same value for property userPrincipalName already exists."
DENIED = Turn(403, page=refused("Authorization_RequestDenied", "Insufficient privileges to complete the operation."))
GRAPH = "https://graph.microsoft.com/v1.0"
ISSUES = "https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/"
"""Pages leave out what a refusal looks like; people showed some."""
UNIT = "/administrativeUnits/5d107bba-d8e2-4e13-b6ae-884be90e5d1a"
"""A scope that is not the whole directory."""
NOTHING: dict[str, Any] = {"value": []}


def recording(name: str, questions: Sequence[Question], turns: Mapping[str, Sequence[Turn]], *pages: str, **more: Any) -> Recording:
    """A cassette, with the pages that show its answers."""
    page = "; ".join(each if each.startswith("https:") else f"{API}{each}" for each in pages)
    return Recording(name, questions, turns, **{"auth": "client", "credential": {"access_token": "described-token"}, **more}, page=page)


def right(kind: str, name: str, resource: str = "", account: str = ADELE) -> dict[str, str]:
    """An entitlement that is given or taken."""
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": resource,
        "resource_type": {"group_role": "group", "app_role": "application"}.get(kind, ""),
        "entitlement_type": kind,
        "entitlement_integration_specific_id": name,
    }


def wanted(kind: str, name: str, resource: str = "") -> dict[str, str]:
    """An entitlement of a new account."""
    return {"entitlement_type": kind, "integration_specific_id": name, "integration_specific_resource_id": resource}


def made(*entitlements: dict[str, str], **more: Any) -> Question:
    return Question("create_account", {"username": UPN, "password": "xWwvJ]6NMw+bWH-d", "entitlements": list(entitlements), **more})


def given(*entitlement: str, account: str = ADELE) -> Question:
    return Question("assign_entitlement", right(*entitlement, account=account))


def taken(*entitlement: str, account: str = ADELE) -> Question:
    return Question("unassign_entitlement", right(*entitlement, account=account))


def about(capability: str, account: str = ADELE) -> Question:
    return Question(capability, {"account_id": account})


def user(**more: Any) -> Turn:
    return Turn(page=shown(ADELE_VANCE, **{**ON, **more}))


def users(*records: Any) -> Turn:
    return Turn(page={"value": list(records)})


def licences(*skus: str) -> Turn:
    return Turn(page={"assignedLicenses": [{"disabledPlans": [], "skuId": sku} for sku in skus]})
