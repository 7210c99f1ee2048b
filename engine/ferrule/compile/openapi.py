"""A connector as an OpenAPI document, for `app_info`: what a platform reads to build its forms and to know what may be asked.

The document is OpenAPI 3.0.0 with the published SDK's extensions, all of whose names begin with `x-`. In 3.0 there is no type
`null` and no `const`: what may be null says `nullable` (OpenAPI 3.0.3, section 4.7.24.1), a constant is an enumeration of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ferrule.auth import Auth
from ferrule.auth.ids import CredentialId, combinations, credential_ids
from ferrule.auth.oauth import OAuth
from ferrule.capabilities import CAPABILITIES, Capability
from ferrule.compile import schemas
from ferrule.http import is_address
from ferrule.plan import HttpPlan, Operation
from ferrule.secret import reveal
from ferrule.spec.model import ConnectorSpec
from ferrule.templates import Scope, TemplateFailure

_COMPONENTS = "#/components/schemas/"
_NAMES = {
    "oauth": "OAuth 2.0",
    "oauth_client_credentials": "OAuth 2.0 Client Credentials",
    "oauth1": "OAuth 1.0",
    "basic": "Basic Auth",
    "token": "Token",
    "jwt": "JWT",
    "service_account": "Service Account",
    "key_pair": "Key Pair",
    "empty": "Empty Credentials",
}
"""What people call the contract's kinds of credential."""
_TAGS = {
    "Read Capabilities": "They only read.",
    "Write Capabilities": "They change something, and may read for that.",
    "Authorization": "Logins carried out for the caller.",
    "Specification": "What the connector says of itself.",
    "Validation": "Whether credentials are good.",
}
_FLOW_OF = {"CODE_FLOW": "authorizationCode", "CLIENT_CREDENTIALS": "clientCredentials"}
_OAUTH = {
    "CODE_FLOW": ("get_authorization_url", "handle_authorization_callback", "refresh_access_token"),
    "CLIENT_CREDENTIALS": ("handle_client_credentials_request", "refresh_access_token"),
}
"""The OAuth capabilities of each flow."""
_WITHOUT_CREDENTIALS = ("validate_credential_config",)

Schema = dict[str, Any]


def openapi(
    spec: ConnectorSpec,
    about: Mapping[str, Any],
    auths: Mapping[str, Auth],
    http: HttpPlan,
    operations: Mapping[str, Operation],
    settings: Mapping[str, Any],
    checks: list[str],
) -> Schema:
    """The document. `about` is the connector's `info`; `settings` are those that addresses of an OAuth login are written with,
    where a caller gives them; `checks` are those that a probe makes."""
    components: Schema = {"Settings": _plain(dict(about["request_settings_schema"]), {})}
    components["Settings"]["x-field_order"] = components["Settings"].pop("field_order")
    found = credential_ids(auths)
    oauth = {one.id: told for one in found if (told := _oauth(one, http, operations, settings)) is not None}
    components["Credentials"] = {"type": "array", "items": {"allOf": [_credential(one, auths, components) for one in found]}}
    schemes = _security(found, oauth)
    paths = {}
    for name in about["capabilities"]:
        capability = operations[name].capability if name in operations else CAPABILITIES[name]
        needs: list[Schema] = [{key: _scopes(operations, name) if key in oauth else []} for key in schemes]
        paths[f"/{name}"] = {"post": _operation(capability, spec, components, needs)}
    return {
        "openapi": "3.0.0",
        "info": _info(spec, about, auths, oauth, checks),
        "servers": [],
        "paths": paths,
        "components": {"securitySchemes": schemes, "schemas": components},
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
    }


def _info(
    spec: ConnectorSpec, about: Mapping[str, Any], auths: Mapping[str, Auth], oauth: Mapping[str, Schema], checks: list[str]
) -> Schema:
    return {
        "title": spec.app.name,
        "description": spec.app.description or "",
        "version": spec.app.version,
        "x-app-id": spec.app.id,
        "x-app-logo-url": spec.app.logo_url or "",
        "x-app-vendor-domain": spec.app.vendor_domain,
        "x-entitlement-types": about["entitlement_types"],
        "x-access-graph-entitlement-types": about["access_graph_entitlement_types"],
        "x-access-graph-entitlement-rules": about["access_graph_entitlement_rules"],
        "x-implied-access-rules": about["implied_access_rules"],
        "x-resource-types": about["resource_types"],
        "x-categories": {"type": "enum", "enum": list(spec.app.categories)},
        "x-oauth-settings": dict(oauth),
        "x-capabilities": list(about["capabilities"]),
        "x-multi-credential": True,
        "x-allowed-credentials": combinations(auths),
        "x-probe-checks": checks,
    }


def _credential(one: CredentialId, auths: Mapping[str, Auth], components: Schema) -> Schema:
    held = _plain(schemas.payload(one), components)
    held |= {
        "description": schemas.words(one),
        "x-field_order": list(held["properties"]),
        "x-optional": schemas.optional(one, auths),
        "x-credential-name": one.field.title if one.field is not None else _NAMES[one.kind],
    }
    properties = {"id": {"type": "string", "enum": [one.id]}, one.kind: held}
    return {"type": "object", "properties": properties, "required": ["id", one.kind]}


def _operation(capability: Capability, spec: ConnectorSpec, components: Schema, security: list[Schema]) -> Schema:
    request = _plain(schemas.argument(capability), components, spec)
    properties: Schema = {"request": request, "settings": {"$ref": f"{_COMPONENTS}Settings"}}
    required = ["request"] if capability.level == "describe" else ["request", "settings"]
    if capability.level != "oauth" and capability.name not in _WITHOUT_CREDENTIALS:
        properties["credentials"] = {"$ref": f"{_COMPONENTS}Credentials"}
        required += ["credentials"] if capability.level != "describe" else []
    answer = _plain(schemas.output(capability), components, spec)
    return {
        "operationId": capability.name,
        "tags": [_tag(request)],
        "summary": schemas.display_name(capability),
        "description": schemas.description(capability, spec),
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": properties, "required": required}}}},
        "responses": {"200": {"description": "Successful response", "content": {"application/json": {"schema": answer}}}},
        "security": security,
    }


def _tag(request: Schema) -> str:
    level = request.get("x-capability-level")
    return f"{level.capitalize()} Capabilities" if level else str(request["x-capability-category"]).capitalize()


def _scopes(operations: Mapping[str, Operation], name: str) -> list[str]:
    return list(operations[name].scopes) if name in operations else []


# OAuth


def _oauth(one: CredentialId, http: HttpPlan, operations: Mapping[str, Operation], settings: Mapping[str, Any]) -> Schema | None:
    """What a caller must know to log somebody in with a credential; None where it takes no part in that."""
    flow = schemas.FLOWS.get((one.auth.kind, one.kind))
    if flow is None or not isinstance(one.auth, OAuth):
        return None
    consent = one.auth.consent
    told = consent.code if consent is not None else one.auth.request
    asked = {name: " ".join(operation.scopes) for name, operation in operations.items() if operation.scopes}
    scopes: dict[str, list[str]] = {}
    for name, scope in asked.items():
        scopes.setdefault(scope, []).append(name)
    return {
        "oauth_type": flow,
        "token_url": _address(told.plan, http, settings),
        "authorization_url": _address(consent.address, http, settings) if consent is not None else "",
        "capabilities": {name: name in operations and one.id in operations[name].log_in for name in _OAUTH[flow]},
        "scopes": {scope: f"Required for {', '.join(names)}" for scope, names in scopes.items()},
        "pkce_enabled": consent is not None and consent.pkce,
    }


def _address(request: Any, http: HttpPlan, settings: Mapping[str, Any]) -> str:
    """The address of a request as these settings make it; empty where they make none."""
    scope: Scope = {"settings": settings, "session": {}, "credential": {}, "inputs": {}}
    try:
        base, path = reveal((request.base_url or http.base_url).render(scope)), reveal(request.path.render(scope))
    except (TemplateFailure, TypeError, ValueError):
        return ""
    if not isinstance(base, str) or not is_address(base):
        return ""
    return base.rstrip("/") + (path if path.startswith("/") or not path else f"/{path}")


def _security(found: tuple[CredentialId, ...], oauth: Mapping[str, Schema]) -> Schema:
    """How each credential goes on a request to the app, as far as OpenAPI has words for it."""
    key = {"type": "apiKey", "in": "header", "name": "Authorization"}
    usual: dict[str, Schema] = {"token": key, "oauth1": key, "basic": {"type": "http", "scheme": "basic"}}
    bearer = {"type": "http", "scheme": "bearer"}
    usual |= dict.fromkeys(("oauth", "oauth_client_credentials", "jwt", "service_account", "key_pair"), bearer)
    schemes = {one.id: {**usual[one.kind], "description": schemas.words(one)} for one in found if one.kind in usual}
    for name, told in oauth.items():
        flow: Schema = {"tokenUrl": told["token_url"], "scopes": told["scopes"]}
        if told["oauth_type"] == "CODE_FLOW":
            flow["authorizationUrl"] = told["authorization_url"]
        schemes[name] = {"type": "oauth2", "flows": {_FLOW_OF[told["oauth_type"]]: flow}}
    return schemes


# JSON Schema, as OpenAPI 3.0 has it


def _plain(schema: Schema, components: Schema, spec: ConnectorSpec | None = None) -> Schema:
    """A schema whose definitions are among the components, in the words of OpenAPI 3.0. The types that the spec declares take
    the place of any text where the contract says `entitlement_type` or `resource_type`."""
    schema = dict(schema)
    for name, held in schema.pop("$defs", {}).items():
        if name not in components:
            components[name] = {}  # it may hold itself
            components[name] = _plain(held, components, spec)
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    schema.pop("discriminator", None)
    if "oneOf" in schema:
        schema["anyOf"] = schema.pop("oneOf")
    if "anyOf" in schema:
        schema = _nullable(schema)
    if "$ref" in schema:
        schema = {**schema, "$ref": _COMPONENTS + schema["$ref"].rsplit("/", 1)[-1]}
    if spec is not None:
        schema = _typed(schema, spec)
    return {key: _inside(key, value, components, spec) for key, value in schema.items()}


def _inside(key: str, value: Any, components: Schema, spec: ConnectorSpec | None) -> Any:
    if key == "properties":
        return {name: _plain(held, components, spec) for name, held in value.items()}
    if key in ("items", "additionalProperties") and isinstance(value, dict):
        return _plain(value, components, spec)
    return [_plain(held, components, spec) for held in value] if key == "anyOf" else value


def _nullable(schema: Schema) -> Schema:
    kinds = [held for held in schema["anyOf"] if held.get("type") != "null"]
    if len(kinds) == len(schema["anyOf"]):
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default") or (key == "default" and value is not None)}
    return {**rest, **kinds[0], "nullable": True} if len(kinds) == 1 else {**rest, "anyOf": kinds, "nullable": True}


def _typed(schema: Schema, spec: ConnectorSpec) -> Schema:
    for mark, declared in (("x-entitlement-type", spec.entitlement_types), ("x-resource-type", spec.resource_types)):
        if schema.get(mark) is True and declared and schema.get("type") == "string":
            schema = {**schema, "enum": list(declared)}
    return schema
