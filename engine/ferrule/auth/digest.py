"""HTTP Digest: the app names a nonce, and each request proves the password with a digest over it (RFC 7616).

The challenge is asked for once, as a login, by a request that the app refuses. Requests count from then on, until the app
names another nonce.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Literal
from urllib.parse import quote, urlsplit
from urllib.request import parse_http_list

from ferrule.auth import signing
from ferrule.auth.fields import PASSWORD, names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.signing import Draft
from ferrule.errors import UnexpectedAnswer
from ferrule.expressions import Expression
from ferrule.http import Answer, Request
from ferrule.request import Call, RequestPlan, RequestSpec
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template

HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
"""Names of algorithms to those of `hashlib`; each also with `-sess` (RFC 7616, section 3.4.2)."""


class DigestSpec(SpecModel):
    """Prove user name and password with a digest over a nonce of the app's."""

    kind: Literal["digest"]
    challenge: RequestSpec | None = None
    """A request that the app refuses with 401, and so names its nonce. By default the connector's own address is asked."""

    def compile(self, compiler: Compiler) -> Digest:
        with compiler.within(names(PASSWORD)):
            return Digest((self.challenge or RequestSpec(get=Text(""))).compile(compiler), compiler.expression(Text("status == `401`")))


@dataclass(frozen=True, slots=True)
class Challenge(Grant):
    """What an app asks to be proven. The token is the nonce."""

    realm: str = ""
    algorithm: str | None = None
    """As the app names it; None where it does not, which means MD5."""
    qop: Literal["auth", "auth-int"] | None = None
    opaque: str | None = None
    userhash: bool = False
    cnonce: str = field(default_factory=lambda: signing.fresh_nonce())
    uses: Iterator[int] = field(default_factory=lambda: count(1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Digest:
    """Compiled Digest."""

    challenge: RequestPlan
    refused: Expression

    @property
    def kind(self) -> str:
        return "digest"

    @property
    def credential_kind(self) -> CredentialKind:
        return "basic"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return PASSWORD

    @property
    def origins(self) -> tuple[Template, ...]:
        return () if self.challenge.base_url is None else (self.challenge.base_url,)

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        return (self.challenge,)

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        return self._asked(scope)

    def _asked(self, scope: Scope) -> Login:
        answer = yield Call(self.challenge, {**scope, "session": {}}, accept=(self.refused,))
        return challenge_of(answer, self.challenge)

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        return request

    def sign(self, draft: Draft, scope: Scope, grant: Grant | None) -> Request:
        """The request with the proof (RFC 7616, section 3.4)."""
        if not isinstance(grant, Challenge):
            raise ValueError("there is no challenge yet")
        username, password = (reveal(scope["credential"][name]) for name in ("username", "password"))
        parts = urlsplit(draft.url)
        uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        value = proof(grant, draft, uri, username, password, f"{next(grant.uses):08x}")
        return draft.request.with_header("Authorization", Secret(value))


def challenge_of(answer: Answer, plan: RequestPlan) -> Challenge:
    """The first challenge of an answer that can be met; apps name first what they like best (RFC 7616, section 3.7)."""
    for scheme, told in challenges(answer.headers.get("www-authenticate", "")):
        offered = [each.strip().lower() for each in told.get("qop", "").split(",") if each.strip()]
        qop: Literal["auth", "auth-int"] | None = "auth" if "auth" in offered else "auth-int" if "auth-int" in offered else None
        known = told.get("algorithm", "MD5").upper().removesuffix("-SESS") in HASHES
        if scheme == "digest" and known and told.get("nonce") and (qop or not offered):
            userhash = told.get("userhash", "").lower() == "true"
            return Challenge(
                Secret(told["nonce"]), realm=told.get("realm", ""), algorithm=told.get("algorithm"), qop=qop,
                opaque=told.get("opaque"), userhash=userhash,
            )  # fmt: skip
    message = "the app was asked for a challenge, and its answer has none that Digest can meet"
    hint = "name with `challenge` a request that the app refuses without a credential"
    raise UnexpectedAnswer(message, origin=plan.origin, status=answer.status, hint=hint)


def challenges(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The challenges of a WWW-Authenticate header, or of several that were joined: scheme and parameters, both in lower case
    (RFC 9110, section 11.6.1)."""
    found: list[tuple[str, dict[str, str]]] = []
    for part in parse_http_list(header):
        start = re.match(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s+|$)(?!=)", part)
        if start:
            found.append((start[1].lower(), {}))
            part = part[start.end() :]
        name, equals, value = part.partition("=")
        if equals and found:
            found[-1][1][name.strip().lower()] = _unquoted(value.strip())
    yield from found


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if len(value) > 1 and value[0] == value[-1] == '"' else value


def proof(challenge: Challenge, draft: Draft, uri: str, username: str, password: str, uses: str) -> str:
    """The value of the Authorization header. `uses` is how often the nonce has been used, in eight hexadecimal digits."""
    algorithm = (challenge.algorithm or "MD5").upper()
    digest = _digest(HASHES[algorithm.removesuffix("-SESS")])
    nonce, qop = challenge.token.reveal(), challenge.qop
    secret = digest(f"{username}:{challenge.realm}:{password}")
    if algorithm.endswith("-SESS"):
        secret = digest(f"{secret}:{nonce}:{challenge.cnonce}")
    asked = f"{draft.request.method}:{uri}"
    if qop == "auth-int":
        asked += f":{digest(draft.content or b'')}"
    counted = f"{nonce}:{uses}:{challenge.cnonce}:{qop}" if qop else nonce
    told = {
        **_user(digest(f"{username}:{challenge.realm}") if challenge.userhash else username),
        "realm": _quoted(challenge.realm),
        "uri": _quoted(uri),
        "algorithm": challenge.algorithm,
        "nonce": _quoted(nonce),
        **({"nc": uses, "cnonce": _quoted(challenge.cnonce), "qop": qop} if qop else {}),
        "response": _quoted(digest(f"{secret}:{counted}:{digest(asked)}")),
        "opaque": None if challenge.opaque is None else _quoted(challenge.opaque),
        "userhash": "true" if challenge.userhash else None,
    }
    return "Digest " + ", ".join(f"{name}={value}" for name, value in told.items() if value is not None)


def _digest(name: str) -> Callable[[str | bytes], str]:
    return lambda text: hashlib.new(name, text.encode() if isinstance(text, str) else text, usedforsecurity=False).hexdigest()


def _user(name: str) -> dict[str, str]:
    """The user's name; outside of ASCII in its extended form (RFC 8187, section 3.2)."""
    return {"username": _quoted(name)} if name.isascii() else {"username*": f"UTF-8''{quote(name, safe='')}"}


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
