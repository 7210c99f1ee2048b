"""What all auth kinds share.

An auth kind adds a credential to a request, and may need a login before: an exchange of requests whose outcome is a
`Grant`. A login is a generator like any other interpretation: it yields requests, receives answers, and opens no socket.
Authlib's OAuth clients do open one, so the simple grants are written here as plain requests.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ferrule.http import Answer, Request
from ferrule.request import Call, RequestPlan
from ferrule.secret import Secret
from ferrule.templates import Template

Scope = Mapping[str, Any]

CredentialKind = Literal["oauth", "oauth_client_credentials", "oauth1", "basic", "token", "jwt", "service_account", "key_pair", "empty"]
"""The contract's kinds of credential."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a login gave. `expires_at` is Unix time in seconds; `variables` are what templates read as `session.<name>`
    besides `session.token`."""

    token: Secret
    variables: Mapping[str, Any] = field(default_factory=dict)
    expires_at: float | None = None
    refresh_token: Secret | None = None

    @property
    def session(self) -> Mapping[str, Any]:
        """What templates read as `session`."""
        return {**self.variables, "token": self.token}


Asking = Generator[Call, Answer, Grant]
"""Requests that end in a grant."""
Login = Generator[Call | Grant, Answer, Grant]
"""A login. It may tell a grant on its way, which is then to be kept before the login goes on: what comes after it may fail."""


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One value that a person gives: its name in `credential.<name>`, how to ask for it, whether it is secret."""

    name: str
    title: str
    secret: bool = True
    required: bool = True
    unless: str | None = None
    """The field that, once given, makes this one optional."""
    form: Literal["text", "list", "mapping"] = "text"
    """One text, a list of texts, or a mapping such as a key file."""


class Auth(Protocol):
    """One way to be let in."""

    @property
    def kind(self) -> str:
        """The word in the spec."""

    @property
    def credential_kind(self) -> CredentialKind:
        """The contract's word for the credential. `token` with several fields means several credentials, one a field."""

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        """What the credential must hold."""

    @property
    def origins(self) -> tuple[Template, ...]:
        """Addresses, besides the connector's own, that the login speaks to: their origins must be allowed."""

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        """What the login may send, each with the address it stands below, where that is not the connector's own."""

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        """The exchange that gives a new grant, or None where there is none: nothing is needed, or nothing can be done.

        `grant` is the one that has run out or was refused, and may hold a refresh token; None before the first request.
        `now` is Unix time. An exchange may end without a request, where the credential already holds a token.
        """

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        """The request with the credential on it. `scope` has `credential` and `settings`. Every value put on the request
        is a `Secret`. Raises `TemplateFailure` where one is missing or cannot stand where it goes."""


class Lasting:
    """An auth that needs no login: its credential holds for every request. A kind that signs leaves `apply` as it is."""

    __slots__ = ()

    @property
    def origins(self) -> tuple[Template, ...]:
        return ()

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        return ()

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        return None

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        return request
