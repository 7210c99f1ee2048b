"""A login of the app's own making: requests that give a token, which later requests carry.

The login is one request, or several in order, each of the standard shape. It is done again when the token has run out or
is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.address import base_of
from ferrule.auth.fields import KEY_ID, KEY_PAIR, PASSWORD, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.place import Place, Places, put_all
from ferrule.auth.reading import Expiry, Readings, Save, Source, VariableName, kept, reading, readings
from ferrule.auth.signed_token import SignedToken, SignedTokenSpec, Usual
from ferrule.expressions import Expression
from ferrule.http import Request
from ferrule.request import METHODS, Call, RequestPlan, RequestSpec
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template, names_of

JWT_FIELD = CredentialField("jwt", "Signed token")


class LoginStep(SpecModel):
    """One request of a login."""

    request: RequestSpec
    """What is asked."""
    save: dict[VariableName, Source] = {}
    """Names for values of the answer. Later requests read them as `session.<name>`; `session.token` is kept secret."""
    accept: Text | None = None
    """Predicate over the answer that means it is a good one whatever its status: ``status == `302` `` after a login form."""


def _steps(value: Any) -> Any:
    steps = value if isinstance(value, list) else [value]
    return [{"request": step} if isinstance(step, dict) and any(method in step for method in METHODS) else step for step in steps]


Steps = Annotated[
    list[LoginStep],
    Field(min_length=1),
    BeforeValidator(_steps, json_schema_input_type=RequestSpec | LoginStep | Annotated[list[RequestSpec | LoginStep], Field(min_length=1)]),
]
"""The type of `login:`: a request, or a list of requests and steps."""


class SessionSpec(SpecModel):
    """Log in by requests of the app's own, and carry what they give."""

    kind: Literal["session"]
    login: Steps
    """The request that logs in, or several in order."""
    base_url: Text | None = None
    """Template of the address that the login's paths stand below, where it is not the connector's own."""
    token: Source | None = None
    """Where the last answer has the token; templates read it as `session.token`. Left out where a step saves `token`."""
    save: Save = {}
    """Names for further values of the last answer, read as `session.<name>` by every request of the connector."""
    expires_in: Source | None = None
    """Where the last answer says how many seconds the token holds."""
    expires_at: Source | None = None
    """Where the last answer says until when it holds: a date, or Unix time in seconds or milliseconds."""
    apply: Places | None = None
    """Where the token goes on every request: `{header: X-Auth-Token}`, or a list of places. Left out where requests write
    `session.token` themselves, into their bodies."""
    jwt: SignedTokenSpec | None = None
    """A token that the connector signs for the login. Its requests read it as `credential.jwt`."""
    fields: Fields = {}
    """What the credential holds. By default `username` and `password`, or with a `jwt` a key pair."""

    @model_validator(mode="after")
    def _one_token(self) -> SessionSpec:
        count = sum("token" in step.save for step in self.login) + (self.token is not None)
        if count != 1:
            what = "no token" if count == 0 else "its token twice"
            raise PydanticCustomError(
                "session", "a login finds its token in one place, with `token:`; this one finds {what}", {"what": what}
            )
        return self

    def compile(self, compiler: Compiler) -> Session:
        fields = fields_of(self.fields, PASSWORD if self.jwt is None else KEY_PAIR)
        with compiler.within(names(fields)):
            usual = Usual(header=KEY_ID) if fields == KEY_PAIR else Usual()
            token = self.jwt.signed_token(compiler, usual) if self.jwt is not None else None
        with compiler.within(names((*fields, JWT_FIELD) if token is not None else fields)):
            base_url = base_of(self.base_url, compiler) if self.base_url is not None else None
            steps = [_step(step, compiler) for step in self.login]
            last = readings(self.save if self.token is None else {**self.save, "token": self.token}, compiler)
            compiler.declare([name for name, _ in last])
            steps[-1] = replace(steps[-1], save=steps[-1].save + last)
            expiry = Expiry(*(None if source is None else reading(source, compiler) for source in (self.expires_in, self.expires_at)))
            places = tuple(place.compile(compiler) for place in self.apply or ())
        return Session(fields, base_url, tuple(steps), expiry, places, token)


def _step(step: LoginStep, compiler: Compiler) -> Step:
    accept = (compiler.expression(step.accept),) if step.accept is not None else ()
    compiled = Step(step.request.compile(compiler), readings(step.save, compiler), accept)
    compiler.declare(list(step.save))
    return compiled


@dataclass(frozen=True, slots=True)
class Step:
    """One compiled request of a login."""

    request: RequestPlan
    save: Readings = ()
    accept: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """Compiled session auth."""

    fields: tuple[CredentialField, ...]
    base_url: Template | None
    steps: tuple[Step, ...]
    expiry: Expiry
    places: tuple[Place, ...]
    token: SignedToken | None = None

    @property
    def kind(self) -> str:
        return "session"

    @property
    def credential_kind(self) -> CredentialKind:
        return "key_pair" if self.fields == KEY_PAIR else credential_kind(self.fields)

    @property
    def origins(self) -> tuple[Template, ...]:
        """The login's address, and that of each request with one of its own. One that an answer gives is not among them:
        its host must be named under `http.hosts`."""
        addresses = (self.base_url, *(step.request.base_url for step in self.steps))
        return tuple(address for address in addresses if address is not None and "session" not in names_of(address))

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        return tuple(replace(step.request, base_url=step.request.base_url or self.base_url) for step in self.steps)

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        return self._login(scope, now)

    def _login(self, scope: Scope, now: float) -> Login:
        session: Mapping[str, Any] = {}
        if self.token is not None:
            scope = {**scope, "credential": {**scope["credential"], "jwt": self.token.own({**scope, "session": session}, now)}}
        for step in self.steps:
            names = {**scope, "session": session}
            base_url = self.base_url if step.request.base_url is None else None
            answer = yield Call(step.request, names, accept=step.accept, base_url=base_url)
            session = {**session, **kept(step.save, answer, names)}
        variables = {name: value for name, value in session.items() if name != "token"}
        return Grant(session["token"], variables, self.expiry.read(answer, names, now))

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        return put_all(self.places, request, {**scope, "session": grant.session if grant else {}})
