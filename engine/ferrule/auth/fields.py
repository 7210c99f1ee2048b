"""The values a credential holds, as a spec declares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ferrule.auth.grant import CredentialField, CredentialKind
from ferrule.shape import Flag, SpecModel


class FieldSpec(SpecModel):
    """One value of the credential."""

    title: str | None = None
    """The name people see. Without it, the field's own name in words."""
    secret: Flag = True
    """Whether it must not be shown: false for a user name or a client id."""
    required: Flag = True
    """Whether it must be given. One that may be left out reads as null."""


def _long_form(value: Any) -> Any:
    return {"title": value} if isinstance(value, str) else value


FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Fields = dict[FieldName, Annotated[FieldSpec, BeforeValidator(_long_form, json_schema_input_type=FieldSpec | str)]]
"""The type of `fields:`. A bare text is the title: `api_key: API key` is short for `api_key: {title: API key}`."""

TOKEN = (CredentialField("token", "Token"),)
PASSWORD = (CredentialField("username", "User name", secret=False), CredentialField("password", "Password"))
KEY_PAIR = (
    CredentialField("key_identifier", "Key identifier", secret=False, required=False),
    CredentialField("private_key", "Private key"),
)
KEY_ID = {"kid": "{{ credential.key_identifier }}"}
"""The header of a token that says which key of a pair it is signed with (RFC 7515, section 4.1.4)."""
SCOPES = CredentialField("scopes", "Scopes", secret=False, required=False, form="list")
SERVICE_ACCOUNT = (
    CredentialField("key", "Key file", form="mapping"),
    CredentialField("impersonation_email", "Impersonation email", secret=False, required=False),
    CredentialField("tenant_id", "Tenant ID", secret=False, required=False),
    CredentialField("service_type", "Service type", secret=False, required=False),
    SCOPES,
)
JWT = (
    CredentialField("headers", "Header", secret=False, required=False, form="mapping"),
    CredentialField("claims", "Claims", secret=False, required=False, form="mapping"),
    CredentialField("secret", "Secret"),
)


def fields_of(declared: Mapping[str, FieldSpec], usual: tuple[CredentialField, ...]) -> tuple[CredentialField, ...]:
    """The fields that the spec declares, or the usual ones of the kind where it declares none."""
    if not declared:
        return usual
    return tuple(CredentialField(name, spec.title or _words(name), spec.secret, spec.required) for name, spec in declared.items())


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def names(fields: tuple[CredentialField, ...]) -> dict[str, list[str]]:
    """What templates may read below `credential`, as the compiler wants to know it."""
    return {"credential": [field.name for field in fields]}


def credential_kind(fields: tuple[CredentialField, ...]) -> CredentialKind:
    """The contract's kind of a credential that is sent as it was given."""
    if not fields:
        return "empty"
    return "basic" if {field.name for field in fields} == {"username", "password"} else "token"
