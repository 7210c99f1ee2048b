"""Credentials as the contract knows them: each has an id, and some belong together.

An entry under `auth:` is one way in, and its name is the id of its credential. Where an entry takes several keys, the contract
has no credential that holds them: each key is a credential of the kind `token`, and the key's name is its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ferrule.auth.combined import Combined
from ferrule.auth.grant import Auth, CredentialField


@dataclass(frozen=True, slots=True)
class CredentialId:
    """One credential of the contract. `field` is the key that it holds, where the way in takes several."""

    id: str
    way: str
    """The entry under `auth:` that it is for."""
    auth: Auth
    field: CredentialField | None = None

    @property
    def kind(self) -> str:
        """The contract's kind."""
        return self.auth.credential_kind

    @property
    def required(self) -> bool:
        """Whether its way in needs it."""
        return self.field is None or self.field.required


def credential_ids(auths: Mapping[str, Auth]) -> tuple[CredentialId, ...]:
    """Every credential of a connector, in the order of the spec."""
    return tuple(one for name, auth in auths.items() for one in ids_of(name, auth))


def ids_of(name: str, auth: Auth) -> tuple[CredentialId, ...]:
    """The credentials of one way in."""
    if isinstance(auth, Combined):
        return tuple(replace(one, way=name) for part, held in auth.parts.items() for one in ids_of(part, held) if held.fields)
    if auth.credential_kind == "token" and len(auth.fields) > 1:
        return tuple(CredentialId(field.name, name, auth, field) for field in auth.fields)
    return (CredentialId(name, name, auth),)


def combinations(auths: Mapping[str, Auth]) -> list[list[str]]:
    """The ids that open the app together, one list for each way in."""
    return [[one.id for one in ids_of(name, auth) if one.required] for name, auth in auths.items()]
