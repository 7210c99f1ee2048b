"""What a connector can ever do, from the plan alone: every host, method, path and scope of each capability.

The text is stable: the same spec gives the same lines, and a changed one differs only where it reaches further or less far.
"""

from __future__ import annotations

from dataclasses import dataclass

from ferrule.plan import Operation, Plan
from ferrule.request import RequestPlan


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One request that a capability may send. `host` and `path` are templates; `purpose` is empty for the plain case."""

    capability: str
    method: str
    host: str
    path: str
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a connector may do."""

    app: str
    hosts: tuple[str, ...]
    """Addresses that requests may go to, as templates. Redirects and links in answers cannot add to them."""
    requests: tuple[Permission, ...]
    scopes: tuple[tuple[str, str], ...]
    """Capability and OAuth scope."""
    visits: tuple[str, ...] = ()
    """Addresses that people are sent to, as templates. The connector does not ask them anything."""


_CALLERS = "as a caller asks"


def permissions(plan: Plan) -> Manifest:
    """The manifest of a connector."""
    base = str(plan.http.base_url.text)
    found = {
        Permission(f"auth {name}", request.method, _host(request, base), str(request.path.text), "log in")
        for name, auth in plan.auths.items()
        for request in auth.requests
    }
    for name, operation in plan.operations.items():
        for purpose, request in _requests(operation):
            found.add(Permission(name, request.method, _host(request, base), str(request.path.text), purpose))
        if operation.reach is not None:
            found |= {Permission(name, "GET", base, path, _CALLERS) for path in operation.reach.get}
            found |= {Permission(name, "POST", base, path, _CALLERS) for path in operation.reach.post}
    hosts = {base, *(str(host.text) for host in plan.http.hosts), *(permission.host for permission in found)}
    scopes = {(name, scope) for name, operation in plan.operations.items() for scope in operation.scopes}
    visits = {
        f"{_host(way.visits, base).rstrip('/')}{way.visits.path.text}"
        for operation in plan.operations.values()
        for way in operation.log_in.values()
        if way.visits is not None
    }
    return Manifest(plan.app_id, tuple(sorted(hosts)), tuple(sorted(found)), tuple(sorted(scopes)), tuple(sorted(visits)))


def _host(request: RequestPlan, base: str) -> str:
    return str(request.base_url.text) if request.base_url else base


def _requests(operation: Operation) -> list[tuple[str, RequestPlan]]:
    found = [("", loop.request) for part in operation.parts for loop in part.loops if loop.request is not None]
    steps = (*operation.prepare, *operation.steps)
    found += [("", step.request) for step in steps]
    found += [("undo", step.undo) for step in steps if step.undo is not None]
    found += [("", request) for way in operation.log_in.values() for request in way.requests]
    return found + [("verify", verify.request) for verify in operation.verify]


def lines(manifest: Manifest) -> list[str]:
    """The manifest as plain lines, one fact each."""
    facts = [f"host {host}" for host in manifest.hosts]
    facts += [f"{p.capability}: {p.method} {p.path}{f' ({p.purpose})' if p.purpose else ''}" for p in manifest.requests]
    facts += [f"{capability}: scope {scope}" for capability, scope in manifest.scopes]
    return facts + [f"people are sent to {address}" for address in manifest.visits]
