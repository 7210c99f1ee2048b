"""What a connector says of itself: answers that follow from the spec and need no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from ferrule.auth import Auth
from ferrule.capabilities import CAPABILITIES, Capability
from ferrule.plan import Operation
from ferrule.spec.model import ConnectorSpec, SettingSpec


def derived(spec: ConnectorSpec, auths: Mapping[str, Auth], operations: Mapping[str, Operation]) -> dict[str, Operation]:
    """The operations that every spec has without saying so."""
    names = sorted({*operations, "info", "app_info", *(("list_custom_attributes_schema",) if spec.custom_attributes else ())})
    answers: dict[str, Callable[[], Any]] = {
        "info": lambda: _validated("info", info(spec, auths, operations, names)),
        "app_info": lambda: _validated("app_info", {"app_id": spec.app.id, "app_schema": openapi(spec, operations, names)}),
        "list_connector_app_ids": lambda: [spec.app.id],
    }
    if spec.custom_attributes:
        rows = [
            {"customized_type": a.of, "name": a.name, "attribute_type": a.type, "description": a.description}
            for a in spec.custom_attributes
        ]
        answers["list_custom_attributes_schema"] = lambda: CAPABILITIES["list_custom_attributes_schema"].validate_many(rows)
    return {name: Operation(CAPABILITIES[name], derive=derive) for name, derive in answers.items()}


def _validated(name: str, answer: dict[str, Any]) -> Any:
    return CAPABILITIES[name].validate(answer)


def info(spec: ConnectorSpec, auths: Mapping[str, Auth], operations: Mapping[str, Operation], names: list[str]) -> dict[str, Any]:
    """The contract's `Info`."""
    scopes = {name: " ".join(operation.scopes) for name, operation in operations.items() if operation.scopes}
    credentials = [credential_schema(name, auth) for name, auth in auths.items()]
    return {
        "app_id": spec.app.id,
        "app_vendor_domain": spec.app.vendor_domain,
        "version": spec.app.version,
        "capabilities": names,
        "capability_schema": {name: capability_schema(_capability(name, operations), spec) for name in names},
        "oauth_scopes": scopes or None,
        "authentication_schema": credentials[0],
        "credentials_schema": credentials,
        "logo_url": spec.app.logo_url,
        "user_friendly_name": spec.app.name,
        "description": spec.app.description,
        "categories": spec.app.categories,
        "entitlement_types": [
            {"type_id": type_id, "type_label": kind.label, "resource_type_id": kind.resource_type, "min": kind.min, "max": kind.max}
            for type_id, kind in spec.entitlement_types.items()
        ],
        "resource_types": [{"type_id": type_id, "type_label": kind.label} for type_id, kind in spec.resource_types.items()],
        "request_settings_schema": settings_schema(spec.settings),
    }


def _capability(name: str, operations: Mapping[str, Operation]) -> Capability:
    return operations[name].capability if name in operations else CAPABILITIES[name]


def capability_schema(capability: Capability, spec: ConnectorSpec) -> dict[str, Any]:
    """JSON Schemas of a capability's request and answer."""
    output = TypeAdapter(list[capability.response] if capability.many else capability.response)  # type: ignore[name-defined]
    described = spec.capabilities[capability.name].description if capability.name in spec.capabilities else None
    return {
        "argument": capability.request.model_json_schema(),
        "output": output.json_schema(mode="serialization"),
        "display_name": capability.title,
        "description": described or capability.description,
    }


def credential_schema(name: str, auth: Auth) -> dict[str, Any]:
    """JSON Schema of one credential in the contract's form, with the hints a form needs."""
    fields = {
        field.name: {"type": "array", "items": {"type": "string"}, "title": field.title} if field.many
        else {"type": "string", "title": field.title, **({"x-secret": True, "x-field_type": "SECRET"} if field.secret else {})}
        for field in auth.fields
    }  # fmt: skip
    required = [field.name for field in auth.fields if field.required and field.unless is None]
    return {
        "title": name,
        "type": "object",
        "properties": fields,
        "required": required,
        "x-credential-id": name,
        "x-credential-type": auth.credential_kind,
    }


def settings_schema(settings: Mapping[str, SettingSpec]) -> dict[str, Any]:
    """JSON Schema of the settings, in the order a form shows them."""
    properties: dict[str, Any] = {}
    for name, setting in settings.items():
        kind = {"url": {"type": "string", "format": "uri"}}.get(setting.type, {"type": setting.type})
        extra = {
            "title": setting.title or name,
            "description": setting.description,
            "enum": setting.enum,
            "default": setting.default,
            "pattern": setting.pattern,
        }
        properties[name] = {**kind, **{key: value for key, value in extra.items() if value is not None}}
    required = [name for name, setting in settings.items() if setting.default is None and setting.required is not False]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, "field_order": list(settings)}


def openapi(spec: ConnectorSpec, operations: Mapping[str, Operation], names: list[str]) -> dict[str, Any]:
    """The connector as an OpenAPI document: one path per capability."""
    paths = {}
    for name in names:
        capability = _capability(name, operations)
        schema = capability_schema(capability, spec)
        body = {
            "type": "object",
            "properties": {"request": schema["argument"], "settings": settings_schema(spec.settings)},
            "required": ["request"],
        }
        answer = {"type": "object", "properties": {"response": schema["output"]}, "required": ["response"]}
        paths[f"/{name}"] = {
            "post": {
                "operationId": name,
                "summary": capability.title,
                "description": schema["description"],
                "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
                "responses": {"200": {"description": capability.title, "content": {"application/json": {"schema": answer}}}},
            }
        }
    about = {"title": spec.app.name, "version": spec.app.version, **({"description": spec.app.description} if spec.app.description else {})}
    return {"openapi": "3.1.0", "info": about, "paths": paths}
