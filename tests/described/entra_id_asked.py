"""How Microsoft Entra ID is asked, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import Recording, Rights
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

GRAPH = "https://graph.microsoft.com/v1.0"
ISSUES = "https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/"
"""Pages leave out what most refusals look like; people showed some. Each stands here as it was shown, but for the id that was asked for."""
NO_SUCH = f"{ISSUES}6431"
GONE = Turn(
    404,
    page=refused(
        "Request_ResourceNotFound",
        f"Resource '{ADELE}' does not exist or one of its queried reference-property objects are not present.",
        innerError={"date": "2019-10-23T09:28:27", "request-id": "5f20c0fe-279c-4c59-bdd2-1ea5a9613d81"},
    ),
)
IN_GROUP = f"{ISSUES}5090"
"""That a member who is one already is refused as an owner is, and that who is not there is a 404."""
OWNS_GROUP = "https://github.com/pnp/pnpframework/pull/139"


def already(list_name: str) -> Turn:
    """Somebody is in the list already."""
    return Turn(
        400,
        page=refused(
            "Request_BadRequest",
            f"One or more added object references already exist for the following modified properties: '{list_name}'.",
            innerError={
                "date": "2021-01-27T18:01:47",
                "request-id": "1064c860-10b6-4c37-827b-00196731c901",
                "client-request-id": "1064c860-10b6-4c37-827b-00196731c901",
            },
        ),
    )


UNCONTAINED = f"{ISSUES}5532"
NOT_THERE = refused("BadRequest", "Write requests are only supported on contained entities", innerError={"request-id": "..", "date": "..."})
START_AGAIN = "https://github.com/microsoftgraph/microsoft-graph-docs/issues/2877"
TOO_OLD = refused(
    "SyncStateNotFound",
    "The sync state generation is not found; generation=605;[highest=841][841][839][840].",
    innerError={"date": "2018-06-01T06:31:24", "request-id": "47e918a9-ce5b-42b4-8a86-12b96c93121a"},
)
"""What some service of Graph says whose changes are asked too late; the page on changes has the status."""
EXPIRED = refused(
    "syncStateNotFound", "The sync state generation is not found. The delta token is expired and data must be synchronized again."
)
"""A row of the page on errors, for the "40X-series error" of the page on changes."""
IN_USE = "https://github.com/microsoftgraph/microsoft-graph-docs/issues/1508"
TAKEN = refused(
    "Request_BadRequest",
    "Another object with the same value for property userPrincipalName already exists.",
    innerError={"request-id": "462649d3-a124-42bc-b046-815fb41aae76", "date": "2018-05-08T04:49:55"},
    details=[{"target": "userPrincipalName", "code": "ObjectConflict"}],
)
NO_CONSENT = f"{IDENTITY}scenario-daemon-acquire-token"
DENIED = Turn(
    403,
    page=refused(
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
        innerError={"request-id": "<guid>", "date": "<date>"},
    ),
)
NO_TOKEN = "https://github.com/microsoftgraph/android-java-meetingfeedback-rest-sample/issues/11"
UNREADABLE = refused(
    "InvalidAuthenticationToken",
    "CompactToken parsing failed with error code: -2147184105",
    innerError={"request-id": "", "date": "2016-01-29T23:32:15"},
)
SLOWER = refused(
    "TooManyRequests",
    "Please retry again later.",
    innerError={
        "code": "429",
        "date": "2020-08-18T12:51:51",
        "message": "Please retry after",
        "request-id": "94fb3b52-452a-4535-a601-69e0a90e3aa2",
        "status": "429",
    },
)
"""The sample response of the page on throttling."""
UNIT = "/administrativeUnits/5d107bba-d8e2-4e13-b6ae-884be90e5d1a"
"""A scope that is not the whole directory."""
NOTHING: dict[str, Any] = {"value": []}

RIGHTS = Rights(
    ADELE,
    lambda kind, resource: {"group_role": "group", "app_role": "application"}.get(kind, ""),
    {"username": UPN, "password": "xWwvJ]6NMw+bWH-d"},
)
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def recording(name: str, questions: Sequence[Question], turns: Mapping[str, Sequence[Turn]], *pages: str, **more: Any) -> Recording:
    """A cassette, with the pages that show its answers. `described-token` is a word of ours: no page shows what nobody may read."""
    page = "; ".join(each if each.startswith("https:") else f"{API}{each}" for each in pages)
    return Recording(name, questions, turns, **{"auth": "client", "credential": {"access_token": "described-token"}, **more}, page=page)


def about(capability: str, account: str = ADELE) -> Question:
    return Question(capability, {"account_id": account})


def user(**more: Any) -> Turn:
    return Turn(page=shown(ADELE_VANCE, **{**ON, **more}))


def users(*records: Any) -> Turn:
    return Turn(page={"value": list(records)})


def licences(*skus: str) -> Turn:
    return Turn(page={"assignedLicenses": [{"disabledPlans": [], "skuId": sku} for sku in skus]})
