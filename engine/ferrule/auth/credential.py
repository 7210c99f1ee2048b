"""What a caller gives as a credential, checked and wrapped before anything is sent.

Two forms are taken: a flat mapping of fields, `{"token": "…"}`, and the contract's, `{"id": "…", "token": {"token": "…"}}`
or a list of those. Messages name fields and never show a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from ferrule.auth.combined import Combined
from ferrule.auth.grant import Auth, CredentialField, CredentialKind
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput
from ferrule.secret import Secret, is_secret_name, reveal

KINDS: frozenset[str] = frozenset(get_args(CredentialKind))

Credential = dict[str, Any]
"""What templates read as `credential`: each field a `Secret`, a text, a list of texts, a mapping, or null where it was left out."""


def open_credential(auth: Auth, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Credential:
    """The credential that `auth` reads. Raises `BadInput` that names every field missing, empty, unknown or unfit."""
    values = {name: value for name, value in _flat(auth, given).items() if value is not None}
    wrong = [
        *(f"it has no field `{name}`" for name in values if name not in {field.name for field in auth.fields}),
        *(f"`{field.name}` is missing" for field in auth.fields if field.name not in values and _due(field, values)),
        *(f"`{field.name}` {slip}" for field in auth.fields if field.name in values and (slip := _slip(field, values))),
    ]
    if wrong:
        raise BadInput(f"the credential does not fit `{auth.kind}`: {'; '.join(wrong)}", hint=_hint(auth, values))
    return {field.name: _wrapped(field, values.get(field.name)) for field in auth.fields}


def _flat(auth: Auth, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields by name, whatever the form they came in."""
    if isinstance(auth, Combined):
        return _of_parts(auth, given)
    if isinstance(given, Mapping):
        return _fields(auth, given)
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, Mapping) for each in given):
        raise BadInput("a credential is a mapping, or a list of mappings")
    if len(_given_by_id(auth)) > 1:
        return dict(_by_id(auth, given))
    if len(given) != 1:
        raise BadInput(f"`{auth.kind}` takes one credential, not {len(given)}")
    return _fields(auth, given[0])


def _of_parts(auth: Combined, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of all parts. In the contract's form each part has credentials of its own, known by their ids."""
    if isinstance(given, Mapping):
        return dict(given)
    values: dict[str, Any] = {}
    for name, part in auth.parts.items():
        wanted = {field.name for field in _given_by_id(part)} if len(_given_by_id(part)) > 1 else {name}
        if held := [each for each in given if isinstance(each, Mapping) and each.get("id") in wanted]:
            values |= _flat(part, held)
    return values


def _fields(auth: Auth, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of one credential. In the contract's form its kind is a key that holds a mapping."""
    kinds = [kind for kind in given if kind in KINDS and isinstance(given[kind], Mapping)]
    if not kinds:
        return dict(given)
    if len(kinds) > 1:
        raise BadInput(f"a credential is of one kind; this one is `{'` and `'.join(kinds)}`")
    if len(_given_by_id(auth)) > 1:
        return dict(_by_id(auth, [given]))
    values = dict(given[kinds[0]])
    single = auth.fields[0].name if len(auth.fields) == 1 else None
    return {single: values["token"]} if single and kinds == ["token"] and set(values) == {"token"} else values


def _given_by_id(auth: Auth) -> tuple[CredentialField, ...]:
    """The fields that the contract gives as a credential each, where there are several."""
    return auth.fields if auth.credential_kind == "token" else ()


def _by_id(auth: Auth, given: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for each in given:
        name, value = each.get("id"), each.get("token")
        if not isinstance(name, str) or not isinstance(value, Mapping) or set(value) != {"token"}:
            fields = ", ".join(f"`{field.name}`" for field in auth.fields)
            raise BadInput(f"`{auth.kind}` takes a credential of the kind `token` for each field, its id one of {fields}")
        yield name, value["token"]


def _due(field: CredentialField, values: Mapping[str, Any]) -> bool:
    return field.required and not values.get(field.unless or "")


def _slip(field: CredentialField, values: Mapping[str, Any]) -> str | None:
    """What is wrong with a value, in words that follow its name."""
    value = reveal(values[field.name])
    if field.form == "list":
        return None if isinstance(value, list) and all(isinstance(item, str) and item for item in value) else "is not a list of texts"
    if field.form == "mapping":
        return None if _mapping(value) is not None else "is not a mapping, or the text of one in JSON"
    if not isinstance(value, str):
        return "is not text"
    if any(c in value for c in "\r\n\0") and not value.lstrip().startswith(_ARMOR):
        return "holds a line break"
    return "is empty" if not value and _due(field, values) else None


_ARMOR = "-----BEGIN "
"""How a key in PEM begins (RFC 7468): it has lines."""


def _mapping(value: Any) -> dict[str, Any] | None:
    """A mapping, which a variable of the environment holds as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, dict) else None


def _wrapped(field: CredentialField, value: Any) -> Any:
    value = reveal(value)
    if not value:
        return None
    if field.form == "mapping":
        return _hidden(_mapping(value)) if field.secret else _mapping(value)
    return Secret(value) if field.secret else value


def _hidden(value: Any, name: str = "") -> Any:
    """A mapping in which what is called a secret is one, and so is a key in PEM. The rest says where the secrets belong."""
    if isinstance(value, dict):
        return {key: _hidden(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item, name) for item in value]
    return Secret(value) if isinstance(value, str) and (is_secret_name(name) or _ARMOR in value) else value


def _hint(auth: Auth, values: Mapping[str, Any]) -> str | None:
    names = [field.name for field in auth.fields]
    unknown = next((name for name in values if name not in names), None)
    near = did_you_mean(unknown, names) if isinstance(unknown, str) else None
    return near or (f"it holds {', '.join(f'`{name}`' for name in names)}" if names else "it holds nothing")
