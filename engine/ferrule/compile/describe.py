"""What every connector answers without its spec saying how: of itself, and with what its other capabilities give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ferrule.auth import Auth
from ferrule.capabilities import CAPABILITIES, Capability
from ferrule.compile.openapi import openapi
from ferrule.compile.schemas import capability_schema, credentials_schema, scopes_of, settings_schema
from ferrule.plan import HttpPlan, Operation, Reach
from ferrule.spec.model import ConnectorSpec

UNLISTED = ("info", "connected_info", "list_connector_app_ids")
"""What is answered, and is none of a connector's capabilities: the published SDK names none of these in `info`."""

Derive = Callable[[Mapping[str, Any]], Any]


def derived(spec: ConnectorSpec, auths: Mapping[str, Auth], http: HttpPlan, operations: Mapping[str, Operation]) -> dict[str, Operation]:
    """The operations that every spec has without saying so. `operations` are those that it says."""
    found = {name: Operation(CAPABILITIES[name], composed=True) for name in ("validate_credential_config", "probe_integration")}
    if spec.arbitrary_endpoint is not None:
        name, said = "fulfill_arbitrary_endpoint", spec.arbitrary_endpoint
        reach = Reach(tuple(said.get), dict(said.post), frozenset(map(str.lower, said.headers)), said.span)
        found[name] = Operation(CAPABILITIES[name], composed=True, reach=reach, origin=said.span)
    known = {**found, **operations}

    @cache  # it takes as long as twenty calls, and a server makes all others wait meanwhile
    def told() -> dict[str, Any]:
        return info(spec, auths, known, names)

    def about(settings: Mapping[str, Any]) -> dict[str, Any]:
        return told()

    def document(settings: Mapping[str, Any]) -> dict[str, Any]:
        made = openapi(spec, about(settings), auths, http, known, settings, checks(known))
        return {"app_id": spec.app.id, "app_schema": made}

    answers: dict[str, Derive] = {
        "info": _validated("info", about),
        "connected_info": _validated("connected_info", about),
        "app_info": _validated("app_info", document),
        "list_connector_app_ids": lambda settings: [spec.app.id],
    }
    if spec.custom_attributes:
        rows = [
            {"customized_type": a.of, "name": a.name, "attribute_type": a.type, "description": a.description}
            for a in spec.custom_attributes
        ]
        answers["list_custom_attributes_schema"] = lambda settings: CAPABILITIES["list_custom_attributes_schema"].validate_many(rows)
    found |= {name: Operation(CAPABILITIES[name], derive=derive) for name, derive in answers.items()}
    names = sorted({*found, *operations} - {*UNLISTED})
    return found


def _validated(name: str, make: Derive) -> Derive:
    return lambda settings: CAPABILITIES[name].validate(make(settings))


def checks(operations: Mapping[str, Operation]) -> list[str]:
    """The checks that a probe makes of a connector, in their order."""
    found = ["accounts"] if "list_accounts" in operations else []
    found += ["entitlements"] if "list_entitlements" in operations else []
    by_account = {"list_accounts", "get_account_entitlement_associations"} <= operations.keys()
    return [*found, "entitlement_associations"] if by_account or "find_entitlement_associations" in operations else found


def info(spec: ConnectorSpec, auths: Mapping[str, Auth], operations: Mapping[str, Operation], names: list[str]) -> dict[str, Any]:
    """The contract's `Info`. A connector presents its credentials as `credentials` and never as `auth` (decision 8)."""
    return {
        "app_id": spec.app.id,
        "app_vendor_domain": spec.app.vendor_domain,
        "version": spec.app.version,
        "capabilities": names,
        "capability_schema": {name: capability_schema(_capability(name, operations), spec) for name in names},
        "oauth_scopes": scopes_of(operations) or None,
        "authentication_schema": {},
        "credentials_schema": credentials_schema(auths, operations),
        "logo_url": spec.app.logo_url,
        "user_friendly_name": spec.app.name,
        "description": spec.app.description,
        "categories": spec.app.categories,
        "request_settings_schema": settings_schema(spec),
        **types(spec),
    }


def _capability(name: str, operations: Mapping[str, Operation]) -> Capability:
    return operations[name].capability if name in operations else CAPABILITIES[name]


def types(spec: ConnectorSpec) -> dict[str, Any]:
    """The kinds of things and rights that the app has, and the rules of its access graph."""
    graph = spec.access_graph
    return {
        "entitlement_types": [
            {
                "type_id": type_id,
                "type_label": kind.label,
                "resource_type_id": kind.resource_type,
                "min": kind.min,
                "max": kind.max,
                "requirements": {name: {"min": bound.min, "max": bound.max} for name, bound in kind.requirements.items()} or None,
            }
            for type_id, kind in spec.entitlement_types.items()
        ],
        "resource_types": [{"type_id": type_id, "type_label": kind.label} for type_id, kind in spec.resource_types.items()],
        "access_graph_entitlement_types": [
            {"type_id": type_id, "type_label": kind.label, "resource_type_id": kind.resource_type}
            for type_id, kind in graph.entitlement_types.items()
        ],
        "access_graph_entitlement_rules": [rule.model_dump() for rule in graph.entitlement_rules],
        "implied_access_rules": [rule.model_dump() for rule in graph.implied_access_rules],
    }
