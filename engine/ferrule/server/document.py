"""The OpenAPI document of what is served: the contract's 53 paths, each with the connectors that have it, and the apps' own.

It is made of the models that answers and requests are checked with, so that it cannot say anything else than they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from ferrule.capabilities import CAPABILITIES, Capability
from ferrule.connector import Connector
from ferrule.contract.envelope import ErrorEnvelope, RequestEnvelope, ResponseEnvelope
from ferrule.server.doors import LIST

Schema = dict[str, Any]
Key = tuple[str, JsonSchemaMode]

_TAGS = {
    "describe": "What there is, and what a connector needs.",
    "oauth": "Logins carried out for the caller.",
    "read": "What the app has.",
    "write": "Changes to the app.",
}
_ABOUT = """\
Connectors for identity governance behind one contract. Every call is a POST with a request envelope, and every answer to
one has status 200: it is the answer's envelope, or that of an error, which has `is_error`. Any other status is about HTTP
and not about the call: 401 no key, 403 a page of another site, 404 no such address, 405 not POST, 421 another host.
"""


def document(connectors: Mapping[str, Connector], *, keys: bool) -> Schema:
    """The document. With `keys`, every operation asks for one."""
    found = _capabilities(connectors.values())
    schemas = _Schemas([capability for capability, _ in found.values()])
    paths = {LIST: _path(CAPABILITIES["list_connector_app_ids"], [], schemas, keys)}
    for name, (capability, ids) in found.items():
        paths[f"/{{connector_id}}/{name}"] = _path(capability, ids, schemas, keys)
    made: Schema = {
        "openapi": "3.1.0",
        "info": {"title": "Ferrule", "version": _version(), "description": _ABOUT},
        "servers": [{"url": "."}],
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
        "paths": paths,
        "components": {"schemas": schemas.components},
    }
    if keys:
        made["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "description": "One of the server's API keys."},
            "header": {
                "type": "apiKey",
                "in": "header",
                "name": "X-Api-Key",
                "description": "The same key, where `Authorization` is in use.",
            },
        }
        made["security"] = [{"bearer": []}, {"header": []}]
    return made


def _capabilities(connectors: Iterable[Connector]) -> dict[str, tuple[Capability, list[str]]]:
    """Every capability of the contract, and the apps' own, with the ids of the connectors that have it."""
    found: dict[str, tuple[Capability, list[str]]] = {
        name: (capability, []) for name, capability in sorted(CAPABILITIES.items()) if name != "list_connector_app_ids"
    }
    for connector in connectors:
        for name in connector.capabilities:
            if name != "list_connector_app_ids":
                found.setdefault(name, (connector.plan.operation(name).capability, []))[1].append(connector.id)
    return found


class _Schemas:
    """The schemas of all capabilities under names of their own, those that they share once."""

    def __init__(self, capabilities: list[Capability]) -> None:
        wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
            ("RequestEnvelope", "validation", TypeAdapter(RequestEnvelope)),
            ("ResponseEnvelope", "serialization", TypeAdapter(ResponseEnvelope)),
            ("ErrorEnvelope", "serialization", TypeAdapter(ErrorEnvelope)),
        ]
        for one in [*capabilities, CAPABILITIES["list_connector_app_ids"]]:
            answer = TypeAdapter(list[one.response] if one.many else one.response)  # type: ignore[name-defined]
            wanted += [(f"{one.name} request", "validation", TypeAdapter(one.request)), (f"{one.name} response", "serialization", answer)]
        self._found, rest = TypeAdapter.json_schemas(wanted, ref_template="#/components/schemas/{model}")
        self.components: Schema = dict(sorted(rest.get("$defs", {}).items()))

    def of(self, name: str, mode: JsonSchemaMode) -> Schema:
        """The schema of one model: mostly a reference."""
        return self._found[(name, mode)]

    def properties(self, name: str, mode: JsonSchemaMode) -> Schema:
        """The fields of an envelope."""
        reference = self.of(name, mode)["$ref"].rpartition("/")[2]
        fields: Schema = self.components[reference]["properties"]
        return fields


def _path(capability: Capability, ids: list[str], schemas: _Schemas, keys: bool) -> Schema:
    name = capability.name
    answer = {
        "type": "object",
        "title": f"{capability.title}: the answer",
        "properties": {
            **schemas.properties("ResponseEnvelope", "serialization"),
            "response": schemas.of(f"{name} response", "serialization"),
        },
        "required": ["response"],
    }
    error = schemas.of("ErrorEnvelope", "serialization")
    operation: Schema = {
        "operationId": name,
        "summary": capability.title,
        "description": capability.description,
        "tags": [capability.level],
        "responses": {
            "200": {
                "description": "The answer, or the error.",
                "headers": {"X-Request-Id": {"description": "The request's id, as the log has it.", "schema": {"type": "string"}}},
                "content": {"application/json": {"schema": answer if name == "list_connector_app_ids" else {"anyOf": [answer, error]}}},
            },
            **({"401": _detail("No API key, or none that is known.")} if keys else {}),
        },
    }
    if name == "list_connector_app_ids":
        return {"post": operation}
    having = f"These have it: {', '.join(ids)}." if ids else "No connector here has it: the answer is `unsupported_operation`."
    described = f"The connector's id. {having}"
    parameter: Schema = {"name": "connector_id", "in": "path", "required": True, "description": described, "schema": {"type": "string"}}
    if ids:
        parameter["examples"] = {one: {"value": one} for one in ids}
    fields = {**schemas.properties("RequestEnvelope", "validation"), "request": schemas.of(f"{name} request", "validation")}
    body = {"type": "object", "properties": fields, "required": ["request"]}
    operation["parameters"] = [parameter]
    operation["requestBody"] = {"required": name != "info", "content": {"application/json": {"schema": body}}}
    return {"post": operation}


def _detail(words: str) -> Schema:
    schema = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _version() -> str:
    try:
        return version("ferrule")
    except PackageNotFoundError:
        return "0"
