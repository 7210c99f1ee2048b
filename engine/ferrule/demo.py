"""Who has access to what in an application: in a recorded one, or in one that runs.

The demonstration needs no credential, no network and no server: the cassette `demo` of the app is played, and everything
else, the spec, the engine and the contract's models, is what a live call goes through.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ferrule.compile import compile_file
from ferrule.contract.accounts import FoundAccountData
from ferrule.contract.activity import LastActivityData
from ferrule.contract.entitlements import FoundEntitlementAssociation, FoundEntitlementData, FoundResourceData
from ferrule.errors import BadInput
from ferrule.instance import Instance
from ferrule.library import apps, find_spec
from ferrule.plan import Plan
from ferrule.replay import came_to, cassette_folder, playing
from ferrule.wire.cassette_file import Cassette, Header, load_cassette


@dataclass(frozen=True, slots=True)
class Demo:
    """Who has access to what in an application."""

    name: str
    """What people call the app."""
    header: Header | None
    """Where the recording comes from: application, version, day; None where the application itself was asked."""
    accounts: tuple[FoundAccountData, ...]
    resources: tuple[FoundResourceData, ...]
    entitlements: tuple[FoundEntitlementData, ...]
    associations: tuple[FoundEntitlementAssociation, ...]
    last_activity: Mapping[str, LastActivityData] | None
    """The latest use of each account that was ever used, by the account's id; None where the app does not tell."""
    matrix: tuple[tuple[bool, ...], ...]
    """A row for each account, a column for each entitlement: whether the one holds the other."""
    strays: tuple[FoundEntitlementAssociation, ...]
    """Associations whose account or entitlement is in neither list, and so not in the matrix."""
    requests: int | None
    """Requests that were replayed."""
    seconds: float
    """How long it took."""

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of everything."""
        return {
            "accounts": len(self.accounts),
            "resources": len(self.resources),
            "entitlements": len(self.entitlements),
            "associations": len(self.associations),
            **({} if self.last_activity is None else {"accounts ever used": len(self.last_activity)}),
        }


def demos() -> list[str]:
    """The apps that have a demonstration."""
    return [app for app, spec in apps().items() if _cassette(spec).is_file()]


def demo(app: str = "jupyterhub") -> Demo:
    """The demonstration of a bundled app. Raises `BadInput` where it has none."""
    spec = find_spec(app)
    path = _cassette(spec)
    if not path.is_file():
        raise BadInput(f"there is no demonstration of `{app}`", code="not_found", hint=f"there is one of {', '.join(demos()) or 'nothing'}")
    start = time.perf_counter()
    plan, cassette = compile_file(spec), load_cassette(path)
    found, requests = asyncio.run(_played(plan, cassette))
    return _demo(plan, cassette.ferrule, found, requests, start)


def ask(instance: Instance) -> Demo:
    """The same of an application that runs. Raises what a call raises."""
    start = time.perf_counter()
    found: dict[str, list[Any]] = {}
    for capability in _ASKED:
        if capability in instance.plan.operations:
            found[capability] = [record for page in instance.walk(capability) for record in page.records]
    if "get_last_activity" in instance.plan.operations:
        ids = [account.integration_specific_id for account in found.get("list_accounts", ())]
        found["get_last_activity"] = [
            record for page in instance.walk("get_last_activity", {"account_ids": ids}) for record in page.records
        ]
    return _demo(instance.plan, None, found, None, start)


_ASKED = ("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations")


def _cassette(spec: Path) -> Path:
    return cassette_folder(spec) / "demo.yaml"


async def _played(plan: Plan, cassette: Cassette) -> tuple[dict[str, list[Any]], int]:
    """The records of each capability that the cassette asks for, and the number of requests. Raises what a call raises."""
    found: dict[str, list[Any]] = {}
    async with playing(plan, cassette) as (instance, wire):
        for number, call in enumerate(cassette.ferrule.calls):
            wire.turn_to(number)
            came = await came_to(instance, call.capability, call.inputs, page_size=call.page_size, walk=call.walk)
            if came.error is not None:
                raise came.error
            records = came.response if isinstance(came.response, list) else [came.response]
            found.setdefault(call.capability, []).extend(records)
        return found, len(wire.played)


def _demo(plan: Plan, header: Header | None, found: Mapping[str, list[Any]], requests: int | None, start: float) -> Demo:
    accounts, entitlements = found.get("list_accounts", []), found.get("list_entitlements", [])
    associations = found.get("find_entitlement_associations", [])
    rows = [account.integration_specific_id for account in accounts]
    columns = [(each.integration_specific_resource_id, each.integration_specific_id) for each in entitlements]
    held = {
        each: (each.account_id, (each.integration_specific_resource_id, each.integration_specific_entitlement_id)) for each in associations
    }
    pairs, known_rows, known_columns = set(held.values()), set(rows), set(columns)
    return Demo(
        name=plan.spec.app.name,
        header=header,
        accounts=tuple(accounts),
        resources=tuple(found.get("list_resources", ())),
        entitlements=tuple(entitlements),
        associations=tuple(associations),
        last_activity=_latest(found["get_last_activity"]) if "get_last_activity" in found else None,
        matrix=tuple(tuple((row, column) in pairs for column in columns) for row in rows),
        strays=tuple(each for each, (row, column) in held.items() if row not in known_rows or column not in known_columns),
        requests=requests,
        seconds=time.perf_counter() - start,
    )


def _latest(events: Any) -> dict[str, LastActivityData]:
    """The latest event of each account."""
    latest: dict[str, LastActivityData] = {}
    for event in events:
        before = latest.get(event.account_id)
        if before is None or _moment(event) > _moment(before):
            latest[event.account_id] = event
    return latest


def _moment(event: LastActivityData) -> datetime:
    """When it was; a time without a zone is in UTC."""
    moment = datetime.fromisoformat(event.happened_at.upper())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
