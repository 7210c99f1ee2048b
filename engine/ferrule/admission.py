"""What a caller of the contract gives of itself: the credentials of an envelope, and its settings.

A caller sends `credentials`, each with an id, or `auth`, the older form, without one. Both open the app, however many ways in
there are: `auth` is for the first way in that takes a credential of its kind. Settings and fields of a request that nobody knows
are left aside, as the published types do: a caller may be built for another version of the connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ferrule.auth import Auth
from ferrule.auth.credential import KINDS, open_credential
from ferrule.auth.ids import CredentialId, credential_ids, ids_of
from ferrule.capabilities import Capability
from ferrule.contract.auth import AuthCredential
from ferrule.contract.envelope import RequestEnvelope
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput
from ferrule.spec.model import SettingSpec

Given = Any
"""A credential as `Connector.instance` takes it: a mapping, or a list of them."""


def way_in(auths: Mapping[str, Auth], asked: RequestEnvelope) -> tuple[str, Given]:
    """The way in that a caller has the credentials for, and those credentials. Raises `BadInput` where there is none."""
    if asked.auth is not None and asked.credentials is not None:
        raise BadInput("Cannot pass credentials and auth in the same request", hint="send one of the two")
    if asked.credentials is not None:
        return _by_id(auths, asked.credentials)
    if asked.auth is not None:
        return _by_kind(auths, asked.auth)
    free = next((name for name, auth in auths.items() if auth.kind == "none"), None)
    if free is None:
        raise BadInput("Missing auth/credentials in request", hint=_ids(auths))
    return free, {}


def _by_kind(auths: Mapping[str, Auth], given: AuthCredential) -> tuple[str, Given]:
    """The first way in that takes the credential as it is; the one that it names, where it names one."""
    kinds = {kind for kind in KINDS if getattr(given, kind) is not None} or {"empty"}
    named = {given.id: auths[given.id]} if given.id is not None and given.id in auths else auths
    found = {name: auth for name, auth in named.items() if auth.credential_kind in kinds and len(ids_of(name, auth)) == 1}
    refused: list[BadInput] = []
    for name, auth in found.items():
        credential = _one(given, auth.credential_kind)
        try:
            open_credential(auth, credential)
            return name, credential
        except BadInput as error:
            refused.append(error)
    if refused:
        raise refused[0]
    wanted = dict.fromkeys(auth.credential_kind for auth in named.values())
    raise BadInput(f"Missing '{' or '.join(wanted)}' auth in request", hint=_ids(auths))


def _by_id(auths: Mapping[str, Auth], given: list[AuthCredential]) -> tuple[str, Given]:
    """The first way in whose credentials are all there. Of two with the same id, the first that holds something counts."""
    if not given:
        raise BadInput("Missing credentials in request", hint=_ids(auths))
    known = {one.id: one for one in credential_ids(auths)}
    found: dict[str, AuthCredential] = {}
    for number, credential in enumerate(given):
        if not credential.id:
            raise BadInput(f"Missing ID in credential at index {number}", hint=_ids(auths))
        if credential.id not in known:
            hint = did_you_mean(credential.id, known) or _ids(auths)
            raise BadInput(f"Credential with id '{credential.id}' not expected", hint=hint)
        before = found.get(credential.id)
        if before is None or (not _is_whole(known[credential.id], before) and _is_whole(known[credential.id], credential)):
            found[credential.id] = credential
    fewest: list[CredentialId] | None = None
    for name, auth in auths.items():
        needed = ids_of(name, auth)
        present = [one for one in needed if one.id in found and _is_whole(one, found[one.id])]
        missing = [one for one in needed if one.required and one not in present]
        if present and not missing:
            one = needed[0]
            return name, _one(found[one.id], one.kind) if len(needed) == 1 else [_with_id(found[held.id], held.kind) for held in present]
        if fewest is None or len(missing) < len(fewest):
            fewest = missing
    wanted = fewest or []
    raise BadInput(f"Missing '{', '.join(one.kind for one in wanted)}' credential in request", hint=f"it is `{_names(wanted)}`")


def _is_whole(one: CredentialId, given: AuthCredential) -> bool:
    """Whether a credential holds what one of its kind holds. An empty one holds nothing."""
    return one.kind == "empty" or getattr(given, one.kind) is not None


def _one(given: AuthCredential, kind: str) -> dict[str, Any]:
    """What a credential holds of one kind; its secrets stay `Secret`."""
    held = getattr(given, kind)
    return {} if kind == "empty" or held is None else {kind: held.model_dump(exclude_none=True, by_alias=True)}


def _with_id(given: AuthCredential, kind: str) -> dict[str, Any]:
    return {"id": given.id, **_one(given, kind)}


def _ids(auths: Mapping[str, Auth]) -> str:
    found = credential_ids(auths)
    return f"`info` says what is taken: {', '.join(f'`{one.id}` of the kind {one.kind}' for one in found)}"


def _names(found: list[CredentialId]) -> str:
    return "`, `".join(one.id for one in found)


def settings_of(specs: Mapping[str, SettingSpec], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings of an envelope that the connector knows, in the types that it declares: a number or a truth value may come
    as text, as the published SDK takes it. Raises `BadInput` for one that is missing or does not fit."""
    known = {name: value for name, value in (given or {}).items() if name in specs and value is not None}
    missing = [name for name, spec in specs.items() if name not in known and spec.default is None and spec.required is not False]
    if missing:
        titles = ", ".join(specs[name].title or name for name in missing)
        raise BadInput(f"Missing required settings: {titles}", hint=f"in `settings`: {', '.join(f'`{name}`' for name in missing)}")
    typed = {name: _typed(specs[name], value) for name, value in known.items()}
    slips = [f"`{name}` {slip}" for name, value in typed.items() if (slip := specs[name].slip(value))]
    if slips:
        raise BadInput(f"Invalid settings passed on request: {'; '.join(slips)}")
    return typed


_READ: Mapping[str, TypeAdapter[Any]] = {"integer": TypeAdapter(int), "boolean": TypeAdapter(bool)}


def _typed(spec: SettingSpec, value: Any) -> Any:
    if spec.type not in _READ:
        return value
    try:
        return _READ[spec.type].validate_python(value)
    except ValidationError:
        return value


def known_fields(capability: Capability, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a request that the capability knows; all of them, where an app may add its own."""
    return request if capability.takes_more else {name: value for name, value in request.items() if name in capability.inputs}
