"""JSON Schemas for callers: of capabilities, credentials and settings, as a form is built from them.

Keys and their forms are those of the published SDK: the schema of a request has `properties` always, a list's answer has the
empty object's schema, and what a form needs besides stands under keys that begin with `x-`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from ferrule.auth import Auth
from ferrule.auth.ids import CredentialId, credential_ids
from ferrule.auth.oauth import OAuth
from ferrule.capabilities import Capability
from ferrule.contract.auth import AuthCredential
from ferrule.plan import Operation
from ferrule.spec.model import ConnectorSpec, SettingSpec

FLOWS = {
    ("oauth2_authorization_code", "oauth"): "CODE_FLOW",
    ("oauth2_client_credentials", "oauth_client_credentials"): "CLIENT_CREDENTIALS",
}
"""The contract's names of the OAuth flows that a caller can take part in, by auth kind and kind of credential."""
_NAMES = {"info": "specification", "app_info": "specification", "connected_info": "specification"}
_LEVELS = {"validate_credential_config": "validation"}


def display_name(capability: Capability) -> str:
    """What people call a capability."""
    return capability.name.replace("_", " ").title()


def model_name(capability: Capability) -> str:
    """The name of a capability's request: `ListAccounts`."""
    return display_name(capability).replace(" ", "")


def capability_schema(capability: Capability, spec: ConnectorSpec) -> dict[str, Any]:
    """What `info` says of one capability."""
    return {
        "argument": argument(capability),
        "output": {"properties": {}, "title": "Empty", "type": "object"} if capability.many else output(capability),
        "display_name": display_name(capability),
        "description": description(capability, spec),
    }


def description(capability: Capability, spec: ConnectorSpec) -> str:
    """What a capability does: the spec's words, or the usual ones."""
    said = spec.capabilities[capability.name].description if capability.name in spec.capabilities else None
    return said or capability.description


def argument(capability: Capability) -> dict[str, Any]:
    """The schema of what is asked, with the mark of what sort of capability it is for."""
    schema = _with_properties(capability.request.model_json_schema())
    if capability.level in ("describe", "oauth"):
        mark = {"x-capability-category": _NAMES.get(capability.name, "authorization")}
    else:
        mark = {"x-capability-level": _LEVELS.get(capability.name, capability.level)}
    return {**schema, "title": model_name(capability), **mark}


def output(capability: Capability) -> dict[str, Any]:
    """The schema of what is answered: of a list, of the list."""
    kind = list[capability.response] if capability.many else capability.response  # type: ignore[name-defined]
    schema = TypeAdapter(kind).json_schema()
    return schema if capability.many else _with_properties(schema)


def _with_properties(schema: dict[str, Any]) -> dict[str, Any]:
    return schema if schema.get("type") != "object" or "properties" in schema else {**schema, "properties": {}}


# credentials


def credentials_schema(auths: Mapping[str, Auth], operations: Mapping[str, Operation]) -> list[dict[str, Any]]:
    """The schema of each credential, in the order of the spec."""
    found = credential_ids(auths)
    scopes = scopes_of(operations)
    return [{**_in_order(payload(one)), **_about(one, optional(one, auths), scopes)} for one in found]


def optional(one: CredentialId, auths: Mapping[str, Auth]) -> bool:
    """Whether a caller can do without a credential: there is another way in, or its own does not need it."""
    return len(auths) > 1 or not one.required


def payload(one: CredentialId) -> dict[str, Any]:
    """The schema of what a credential holds: the contract's of its kind, with the names that the spec gives its fields.

    A field that the contract's kind has no place for cannot be sent by a caller, and is left out.
    """
    schema = _model(one.kind).model_json_schema()
    titles = {"token": one.field.title} if one.field is not None else _titles(one)
    properties = {name: {**held, **({"title": titles[name]} if name in titles else {})} for name, held in schema["properties"].items()}
    return {**schema, "properties": properties}


def _titles(one: CredentialId) -> dict[str, str]:
    fields = one.auth.fields
    if one.kind == "token" and len(fields) == 1:
        return {"token": fields[0].title}
    return {field.name: field.title for field in fields}


def _model(kind: str) -> type[BaseModel]:
    """The contract's model of what a credential of a kind holds."""
    held = AuthCredential.model_fields[kind].annotation
    model = next(member for member in getattr(held, "__args__", ()) if member is not type(None))
    assert isinstance(model, type) and issubclass(model, BaseModel)
    return model


def _in_order(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "field_order": list(schema["properties"])}


def _about(one: CredentialId, is_optional: bool, scopes: Mapping[str, str]) -> dict[str, Any]:
    about = {"id": one.id, "description": words(one), "x-optional": is_optional}
    flow = FLOWS.get((one.auth.kind, one.kind))
    if flow is None or not isinstance(one.auth, OAuth) or one.id != one.way:
        return about
    pkce = one.auth.consent is not None and one.auth.consent.pkce
    return {**about, "oauth_settings": {"oauth_type": flow, "scopes": dict(scopes) or None, "pkce_enabled": pkce}}


def words(one: CredentialId) -> str:
    """What a credential is, for people."""
    if one.field is not None:
        return one.field.title
    titles = [field.title for field in one.auth.fields if field.required]
    return " and ".join(titles) if titles else (_model(one.kind).__doc__ or "").strip()


def scopes_of(operations: Mapping[str, Operation]) -> dict[str, str]:
    """The OAuth scopes of each capability that names some."""
    return {name: " ".join(operation.scopes) for name, operation in sorted(operations.items()) if operation.scopes}


# settings


def settings_schema(spec: ConnectorSpec) -> dict[str, Any]:
    """The schema of the settings, in the order a form shows them."""
    title = "".join(word.capitalize() for word in spec.app.id.split("_")) + "Settings" if spec.settings else "EmptySettings"
    schema: dict[str, Any] = {"properties": {name: _setting(name, one) for name, one in spec.settings.items()}}
    required = [name for name, setting in spec.settings.items() if setting.default is None and setting.required is not False]
    if required:
        schema["required"] = required
    return {**schema, "title": title, "type": "object", "field_order": list(spec.settings)}


def _setting(name: str, setting: SettingSpec) -> dict[str, Any]:
    kind = {"type": "string", "format": "uri"} if setting.type == "url" else {"type": setting.type}
    title = setting.title or name.replace("_", " ").title()
    extra = {"description": setting.description, "enum": setting.enum, "default": setting.default, "pattern": _whole(setting.pattern)}
    return {**kind, "title": title, **{key: value for key, value in extra.items() if value is not None}}


def _whole(pattern: str | None) -> str | None:
    """A pattern that a setting matches as a whole, as JSON Schema has it, where a pattern matches anywhere."""
    return None if pattern is None else f"^(?:{pattern})$"
