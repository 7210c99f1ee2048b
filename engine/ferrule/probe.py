"""Whether the data of a first sync is within reach: `probe_integration`, made of the connector's other capabilities.

The checks, what they count and how they are summed up are those of the published SDK: accounts, entitlements, and who holds what,
each by a page or a few. A check that fails is a result and not an error. A probe runs while a customer waits: it reads little, and
what it did not come to see is said to be not checked, and never to be absent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ferrule.envelopes import told
from ferrule.errors import CallError, FerruleError, call_error
from ferrule.limits import Clock
from ferrule.plan import Plan
from ferrule.results import Result

PAGE_SIZE = 10
"""Records that are asked for, and the most that are shown."""
MAX_PAGES = 5
"""Pages of entitlements that are read in search of one of every kind."""
MAX_ACCOUNTS = 3
"""Accounts that are asked for what they hold."""
CHECK_SECONDS = 180.0
"""Seconds that one check may take."""

Check = dict[str, Any]


class Asker(Protocol):
    """A tenant that can be asked."""

    @property
    def plan(self) -> Plan:
        """The connector."""

    async def acall(
        self,
        capability: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        page_token: str | None = None,
        page_size: int | None = None,
        max_seconds: float | None = None,
    ) -> Result:
        """See `Instance.acall`."""


async def probe(asker: Asker, inputs: Mapping[str, Any], clock: Clock, max_seconds: float | None = None) -> dict[str, Any]:
    """The contract's report. `inputs` are those of the capability; where `checks` names some, the others are skipped."""
    start, wanted = clock.monotonic(), inputs.get("checks")
    run = _Probe(asker, clock, start + max_seconds if max_seconds is not None else None, tuple(inputs.get("custom_attributes") or ()))
    made: tuple[tuple[str, Callable[[], Awaitable[Check]]], ...] = (
        ("accounts", run.accounts),
        ("entitlements", run.entitlements),
        ("entitlement_associations", run.associations),
    )
    checks = []
    for name, check in made:
        began = clock.monotonic()
        if wanted is not None and name not in wanted:
            checks.append(_check(name, "skipped", message="Not asked for."))
            continue
        run.until = began + CHECK_SECONDS if run.end is None else min(began + CHECK_SECONDS, run.end)
        try:
            found = await check()
        except FerruleError as error:
            found = run.failed(name, error)
        checks.append({**found, "duration_ms": _since(began, clock)})
    return {"status": summed_up(checks), "checks": checks, "duration_ms": _since(start, clock)}


def summed_up(checks: Iterable[Check]) -> str:
    """All checks taken together: failed where one did, or where nothing could be tried; partial where a kind or an attribute was
    not seen; passed otherwise."""
    checks = list(checks)
    states = {check["status"] for check in checks}
    if "failed" in states or ("unsupported" in states and "passed" not in states):
        return "failed"
    seen = [each["status"] for check in checks for each in (*(check["entitlement_types"] or ()), *(check["custom_attributes"] or ()))]
    return "partial" if any(status != "found" for status in seen) else "passed"


def _since(start: float, clock: Clock) -> int:
    return int((clock.monotonic() - start) * 1000)


def _check(name: str, status: str, *, message: str, capability: str | None = None, **more: Any) -> Check:
    made = {"check": name, "status": status, "source": "default", "capability": capability, "observed_count": 0, "message": message}
    return {**made, "error": None, "samples": [], "entitlement_types": None, "custom_attributes": None, **more}


@dataclass(slots=True)
class _Probe:
    """One probe under way."""

    asker: Asker
    clock: Clock
    end: float | None
    """When the caller stops listening."""
    attributes: tuple[str, ...]
    """The custom attributes to look for; all where none is named."""
    until: float = 0.0
    """When the check under way is to be over."""
    asked: dict[str, str] = field(default_factory=dict)
    """The capability that was tried last, by check."""

    async def accounts(self) -> Check:
        """A page of accounts, with the custom attributes that the connector has."""
        if not self._can("list_accounts"):
            return self._unsupported("accounts", "list_accounts")
        self.asked["accounts"] = "list_accounts"
        schemas = await self._attributes()
        names = [name for name in schemas if not self.attributes or name in self.attributes]
        found = (await self._page("list_accounts", {"custom_attributes": names or None})).response
        if not found:
            message = "No account came back: the credential opens the app, and sees nobody. Look at its rights."
            return _check("accounts", "failed", message=message, capability="list_accounts")
        held = {name: any((account.custom_attributes or {}).get(name) for account in found) for name in names}
        absent = [name for name, is_there in held.items() if not is_there]
        missing = f" None of them has a value for {', '.join(absent)}." if absent else ""
        first = found[0].email or found[0].username or found[0].integration_specific_id
        return _check(
            "accounts",
            "passed",
            message=f"{_count(len(found), 'account')} came back, {first} among them.{missing}",
            capability="list_accounts",
            observed_count=len(found),
            samples=[_account(account, names, schemas) for account in found[:PAGE_SIZE]],
            custom_attributes=[{"name": name, "status": "found" if there else "not_found"} for name, there in held.items()] or None,
        )

    async def entitlements(self) -> Check:
        """Entitlements, page after page, until one of every kind was seen."""
        name = "list_entitlements"
        if not self._can(name):
            return self._unsupported("entitlements", name)
        self.asked["entitlements"] = name
        kinds = list(self.asker.plan.spec.entitlement_types)
        found: list[Any] = []
        token, trouble, at_end = None, None, False
        for _ in range(MAX_PAGES):
            try:
                result = await self._page(name, {}, token)
            except FerruleError as error:
                if not found:
                    raise
                trouble = error
                break
            found += result.response
            token, trouble = result.page_token, result.error
            at_end = token is None
            if at_end or trouble is not None or {*kinds} <= {each.entitlement_type for each in found}:
                break
        if not found:
            message = "No entitlement came back: accounts would have nothing to hold."
            return _check("entitlements", "failed", message=message, capability=name)
        seen = {each.entitlement_type for each in found}
        unseen = "not_found" if at_end else "not_checked"
        missing = [kind for kind in kinds if kind not in seen]
        message = f"{_count(len(found), 'entitlement')} came back."
        message += f" None was of the kind {', '.join(missing)}." if missing else ""
        message += f" Reading on failed: {trouble.message}" if trouble is not None else ""
        return _check(
            "entitlements",
            "passed",
            message=message,
            capability=name,
            observed_count=len(found),
            samples=[_entitlement(each) for each in found[: PAGE_SIZE * MAX_PAGES]],
            entitlement_types=[{"entitlement_type": kind, "status": "found" if kind in seen else unseen} for kind in kinds] or None,
        )

    async def associations(self) -> Check:
        """What a few accounts hold; where one account cannot be asked for, the first of all associations."""
        accounts = await self._ids()
        found: list[Any] = []
        name = "get_account_entitlement_associations"
        if accounts and self._can(name):
            self.asked["entitlement_associations"] = name
            for account in accounts[:MAX_ACCOUNTS]:
                try:
                    found += (await self._page(name, {"account_id": account})).response
                except FerruleError:
                    if not found:
                        raise
                    break
            return _held(name, found, {each.account_id for each in found})
        name = "find_entitlement_associations"
        if not self._can(name):
            return self._unsupported("entitlement_associations", name)
        self.asked["entitlement_associations"] = name
        return _held(name, (await self._page(name, {})).response, set(accounts))

    def failed(self, name: str, error: FerruleError) -> Check:
        """A check that an error ended. What helps is said, where somebody knows it."""
        plain = told(self.asker.plan.app_id, error)
        return _check(name, "failed", message=error.hint or error.message, capability=self.asked.get(name), error=plain)

    def _can(self, capability: str) -> bool:
        return capability in self.asker.plan.operations

    def _unsupported(self, name: str, capability: str) -> Check:
        return _check(name, "unsupported", message=f"This connector has no {capability}.", capability=capability)

    async def _page(self, capability: str, inputs: Mapping[str, Any], token: str | None = None) -> Result:
        """One page. Nothing in good time is a failure, and so is nothing but an error."""
        left = self.until - self.clock.monotonic()
        if left <= 0:
            raise self._late(capability)
        operation = self.asker.plan.operation(capability)
        size = PAGE_SIZE if operation.capability.many else None
        result = await self.asker.acall(capability, inputs, page_token=token, page_size=size, max_seconds=left)
        if not result.response and result.page_token is not None and self.clock.monotonic() >= self.until:
            raise self._late(capability)
        return result

    def _late(self, capability: str) -> CallError:
        return call_error(f"`{capability}` gave nothing in the time that a check has", "request_timeout")

    async def _attributes(self) -> dict[str, Any]:
        """The custom attributes of accounts, by name; none where the connector does not tell them."""
        if not self._can("list_custom_attributes_schema"):
            return {}
        try:
            rows = (await self._page("list_custom_attributes_schema", {})).response
        except FerruleError:
            return {}
        return {row.name: row for row in rows if row.customized_type == "account"}

    async def _ids(self) -> list[str]:
        """A few accounts; none where they cannot be listed, which is for another check to tell."""
        if not self._can("list_accounts"):
            return []
        try:
            found = (await self._page("list_accounts", {})).response
        except FerruleError:
            return []
        return [account.integration_specific_id for account in found]


def _held(capability: str, found: list[Any], accounts: set[str]) -> Check:
    name = "entitlement_associations"
    if not found:
        message = "No association came back: nobody would be known to hold anything."
        return _check(name, "failed", message=message, capability=capability)
    samples = [
        {
            "kind": "association",
            "account_id": each.account_id,
            "integration_specific_entitlement_id": each.integration_specific_entitlement_id,
            "integration_specific_resource_id": each.integration_specific_resource_id,
            "linked_to_sampled_account": each.account_id in accounts,
        }
        for each in found
    ]
    linked = {sample["account_id"] for sample in samples if sample["linked_to_sampled_account"]}
    count = _count(len(found), "association")
    message = f"{count} came back, of {_count(len(linked), 'account')}." if linked else f"{count} came back, of no account that was seen."
    return _check(
        name, "passed", message=message, capability=capability, observed_count=len(found), samples=samples[: PAGE_SIZE * MAX_PAGES]
    )


def _account(account: Any, names: list[str], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """What tells an account from another, and the attributes that were looked for, those without a value too."""
    values = account.custom_attributes or {}
    attributes = [
        {
            "name": name,
            "value": values.get(name) or None,
            "customized_type": schemas[name].customized_type,
            "attribute_type": schemas[name].attribute_type,
        }
        for name in names
    ]
    return {
        "kind": "account",
        "integration_specific_id": account.integration_specific_id,
        "email": account.email,
        "username": account.username,
        "user_status": account.user_status,
        "custom_attributes": attributes or None,
    }


def _entitlement(found: Any) -> dict[str, Any]:
    return {
        "kind": "entitlement",
        "integration_specific_id": found.integration_specific_id,
        "integration_specific_resource_id": found.integration_specific_resource_id,
        "entitlement_type": found.entitlement_type,
        "label": found.label,
    }


def _count(number: int, word: str) -> str:
    return f"{number} {word if number == 1 else word + 's'}"
