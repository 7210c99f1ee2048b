"""A JSON Web Token that the connector signs and sends as it is, without asking anybody for another (RFC 7519).

It is made anew before it ends, and once after it was refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ferrule.auth.fields import JWT, KEY_ID, KEY_PAIR, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.place import Place, Places, PlaceSpec, put_all
from ferrule.auth.signed_token import SignedToken, SignedTokenSpec, Usual
from ferrule.http import Request
from ferrule.request import RequestPlan
from ferrule.shape import Compiler
from ferrule.source import Text
from ferrule.templates import Template


class JwtSpec(SignedTokenSpec):
    """Sign a token, and carry it."""

    kind: Literal["jwt"]
    credential: Literal["key_pair", "jwt"] = "key_pair"
    """The contract's kind of credential: a key pair, or a secret with the header and the claims that it signs."""
    apply: Places = [PlaceSpec(header="Authorization", value=Text("Bearer {{ session.token }}"))]
    """Where the token goes on every request."""
    fields: Fields = {}
    """What the credential holds. By default what the contract's kind holds."""

    def compile(self, compiler: Compiler) -> Jwt:
        given = self.credential == "jwt" and not self.fields
        fields = fields_of(self.fields, JWT if given else KEY_PAIR)
        usual = Usual(key="{{ credential.secret }}", algorithm="HS256") if given else Usual()
        if fields == KEY_PAIR:
            usual = Usual(header=KEY_ID)
        with compiler.within(names(fields)):
            token = self.signed_token(compiler, usual)
            compiler.declare(["token"])
            places = tuple(place.compile(compiler) for place in self.apply)
        kind = credential_kind(fields) if self.fields else self.credential
        return Jwt(kind, fields, replace(token, given=given), places)


@dataclass(frozen=True, slots=True)
class Jwt:
    """Compiled `jwt` auth."""

    credential_kind: CredentialKind
    fields: tuple[CredentialField, ...]
    token: SignedToken
    places: tuple[Place, ...]

    @property
    def kind(self) -> str:
        return "jwt"

    @property
    def origins(self) -> tuple[Template, ...]:
        return ()

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        return ()

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        return self._signed(scope, now)

    def _signed(self, scope: Scope, now: float) -> Login:
        yield from ()
        token = self.token.own({**scope, "session": {}}, now)
        return Grant(token, expires_at=int(now) + self.token.lifetime)

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        return put_all(self.places, request, {**scope, "session": grant.session if grant else {}})
