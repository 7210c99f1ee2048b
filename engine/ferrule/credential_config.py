"""Whether one credential is good, tried alone: `validate_credential_config`, which every connector has.

What a person typed is looked at first, and nothing is sent where it cannot be right. Then the app is asked, where the spec says how
credentials are validated and this one alone opens the app. That the app refuses it is an answer; that the app cannot be asked is
an error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ferrule.auth import Auth
from ferrule.auth.credential import Credential, open_credential
from ferrule.auth.ids import CredentialId, credential_ids, ids_of
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput, CallError, CredentialError
from ferrule.results import Result
from ferrule.secret import reveal

Ask = Callable[[str, Credential], Awaitable[Result | None]]
"""Asks the app by one way in; None where the connector does not say how."""


async def tried(auths: Mapping[str, Auth], given: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """The contract's answer on one credential. Raises `BadInput` where it is none of the connector's, `CallError` where the app
    could not be asked."""
    one = _known(auths, given)
    held = given.get(one.kind)
    if held is None and one.kind != "empty":
        raise BadInput(f"`{one.id}` is a credential of the kind `{one.kind}`, and holds none", code="invalid_value")
    values = {name: value for name, value in (held or {}).items() if value is not None}
    if slips := _typed_wrong(one, values):
        return _refused(*slips)
    if len(ids_of(one.way, auths[one.way])) > 1:
        return {"valid": True, "validation_errors": []}
    try:
        credential = open_credential(one.auth, {one.kind: values} if values else {})
    except BadInput as error:
        return _refused(error.message)
    try:
        result = await ask(one.way, credential)
    except BadInput as error:  # a key that signs nothing: neither inputs nor settings are new here
        return _refused(error.message)
    except CallError as error:
        if isinstance(error, CredentialError) or error.code.name == "permission_denied":
            return _refused(f"{error.message}: {error.app_message}" if error.app_message else error.message)
        raise
    if result is not None and not result.response.valid:
        return _refused("the app does not take it")
    return {"valid": True, "validation_errors": []}


def _known(auths: Mapping[str, Auth], given: Mapping[str, Any]) -> CredentialId:
    known = {one.id: one for one in credential_ids(auths)}
    name = given.get("id")
    if not name:
        raise BadInput("the credential has no `id`", code="integration_missing_parameter", hint=f"the ids are {', '.join(known)}")
    if name not in known:
        hint = did_you_mean(name, known) or f"the ids are {', '.join(known)}"
        raise BadInput(f"Credential with id '{name}' not expected", code="invalid_value", hint=hint)
    return known[name]


def _typed_wrong(one: CredentialId, values: Mapping[str, Any]) -> list[str]:
    """What a person mistyped: nothing at all, or a space at the start or the end. Private keys end with a line break."""
    if one.field is not None and one.required and not reveal(values.get("token")):
        return [f"{one.field.title} is empty"]
    return [f"{name} begins or ends with a space" for name, value in values.items() if _is_padded(name, value)]


def _is_padded(name: str, value: Any) -> bool:
    value = reveal(value)
    if isinstance(value, Mapping):
        return any(_is_padded(key, item) for key, item in value.items())
    return isinstance(value, str) and not _is_key(name, value) and value.strip() != value


def _is_key(name: str, value: str) -> bool:
    return "private_key" in name or value.startswith("-----BEGIN ")


def _refused(*words: str) -> dict[str, Any]:
    return {"valid": False, "validation_errors": list(words)}
