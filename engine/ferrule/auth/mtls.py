"""A client certificate: the connection itself proves who asks (RFC 8446, section 4.4.2; RFC 8705 for tokens bound to it).

It is presented wherever the connector asks, its logins included. Most apps want another credential besides: see `combined`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from ferrule.auth.fields import credential_kind
from ferrule.auth.grant import CredentialField, CredentialKind, Lasting, Scope
from ferrule.http import Identity
from ferrule.shape import Compiler, SpecModel

FIELDS = (
    CredentialField("certificate", "Client certificate", secret=False),
    CredentialField("private_key", "Private key"),
    CredentialField("passphrase", "Passphrase of the key", required=False),
)


@runtime_checkable
class Presenter(Protocol):
    """An auth that connections are opened with."""

    def identity(self, scope: Scope) -> Identity | None:
        """The client certificate to present, where there is one."""


class MtlsSpec(SpecModel):
    """Present a client certificate, in PEM with its chain, and prove it with its private key."""

    kind: Literal["mtls"]

    def compile(self, compiler: Compiler) -> Mtls:
        return Mtls()


@dataclass(frozen=True, slots=True)
class Mtls(Lasting):
    """Compiled client certificate."""

    @property
    def kind(self) -> str:
        return "mtls"

    @property
    def credential_kind(self) -> CredentialKind:
        return credential_kind(FIELDS)

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return FIELDS

    def identity(self, scope: Scope) -> Identity | None:
        credential = scope["credential"]
        return Identity(credential["certificate"], credential["private_key"], credential["passphrase"])
