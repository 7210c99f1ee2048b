"""JSON Web Tokens that the connector signs itself (RFC 7519, RFC 7515), wherever one is due: as what a request carries, as the
assertion of a grant, as what a client proves itself with.

A token is made anew for each login, at the time that the instance's clock tells.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args
from uuid import uuid4

from pydantic import Field

from ferrule.auth.grant import Scope
from ferrule.errors import BadInput
from ferrule.escapes import text_of
from ferrule.keys import private_key
from ferrule.request import ABSENT, Build, leaf
from ferrule.secret import MASK, Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template, TemplateFailure

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"
]  # fmt: skip
"""Signature algorithms by their names in RFC 7518, section 3.1, and RFC 8037."""
USUAL_CLAIMS = {"iat": "{{ now }}", "exp": "{{ expires }}"}
"""When a token was made, and when it ends: every token says so, unless its spec sets them to null."""


class SignedTokenSpec(SpecModel):
    """A token that the connector signs."""

    algorithm: Algorithm = "RS256"
    """How it is signed."""
    key: Text = Text("{{ credential.private_key }}")
    """Template of the key: text in PEM, or the secret of the algorithms `HS…`."""
    passphrase: Text | None = None
    """Template of what the key is encrypted with."""
    header: dict[str, Any] = {}
    """Further parameters of its header: `{kid: "{{ settings.key_id }}"}`. One of null is left out."""
    claims: dict[str, Any] = {}
    """Its claims. `{{ now }}` and `{{ expires }}` are Unix times, `{{ random }}` is new each time. One of null is left out."""
    lifetime: Annotated[int, Field(strict=True, gt=0)] = 300
    """Seconds from its making to its end."""

    def signed_token(self, compiler: Compiler, usual: Usual, more: tuple[tuple[str, Build], ...] = ()) -> SignedToken:
        """The compiled token. `usual` is what stands where the spec says nothing, `more` are claims that no template writes."""
        own = self.model_fields_set
        with compiler.within({"now": (), "expires": (), "random": ()}):
            written = leaf(_without_null({**USUAL_CLAIMS, **usual.claims, **self.claims}), compiler)
            return SignedToken(
                algorithm=self.algorithm if "algorithm" in own else usual.algorithm,
                key=compiler.template(self.key if "key" in own else Text(usual.key)),
                passphrase=compiler.template(self.passphrase) if self.passphrase is not None else None,
                header=leaf(_without_null({**usual.header, **self.header}), compiler),
                claims=lambda scope: {**written(scope), **{name: build(scope) for name, build in more}},
                lifetime=self.lifetime,
                typ="" if "typ" in self.header else "JWT",
            )


@dataclass(frozen=True, slots=True)
class Usual:
    """What a token is made of where the spec does not say."""

    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    key: str = "{{ credential.private_key }}"
    algorithm: str = "RS256"


def _without_null(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value is not ABSENT}


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A compiled token."""

    algorithm: str
    key: Template
    passphrase: Template | None
    header: Build
    claims: Build
    lifetime: int
    typ: str
    """The type in its header where it is given none. An empty one is left out: it is optional (RFC 7519, section 5.1)."""
    given: bool = False
    """Whether the credential holds a header and claims, which stand where the spec says nothing."""

    def made(self, scope: Scope, now: float) -> Secret:
        """The token, signed at the Unix time `now`. Raises `TemplateFailure` where a value is missing, or the key does not fit."""
        names = {**scope, "now": int(now), "expires": int(now) + self.lifetime, "random": uuid4().hex}
        header, claims = (_without_null(reveal(build(names))) for build in (self.header, self.claims))
        if self.given:
            header, claims = (_filled(scope["credential"][name], own) for name, own in (("headers", header), ("claims", claims)))
        header.setdefault("typ", self.typ)
        key = self._text(self.key, names)
        passphrase = self._text(self.passphrase, names) if self.passphrase is not None else None
        try:
            return Secret(signed(claims, header, header.pop("alg", self.algorithm), key, passphrase))
        except ValueError as slip:
            raise TemplateFailure(str(slip), self.key.text) from None

    def own(self, scope: Scope, now: float) -> Secret:
        """The same where it is a part of no request. Raises `BadInput`."""
        try:
            return self.made(scope, now)
        except TemplateFailure as failure:
            raise BadInput(f"the token cannot be made: {failure}", code="invalid_value", hint=f"see {failure.text.span}") from None

    def build(self, scope: Scope) -> Secret:
        """The same as a part of a request, whose names say the time."""
        return self.made(scope, scope["now"])

    def _text(self, template: Template, names: Scope) -> str:
        try:
            return text_of(reveal(template.render(names)))
        except TypeError as slip:
            raise TemplateFailure(str(slip), template.text) from None


def _filled(given: Mapping[str, Any] | None, own: dict[str, Any]) -> dict[str, Any]:
    """What the credential says, as far as it says something, and over it what the spec says."""
    return {**{name: value for name, value in (reveal(given) or {}).items() if value not in ("", [], None)}, **own}


def signed(claims: Mapping[str, Any], header: Mapping[str, Any], algorithm: str, key: str, passphrase: str | None = None) -> str:
    """A token in the compact form (RFC 7515, section 7.1). Raises `ValueError` for a key that cannot sign it.

    What a masked key signs is masked: in a replay, as in the cassette.
    """
    import jwt  # loading it takes longer than many a call

    if key == MASK:
        return MASK
    if algorithm not in get_args(Algorithm):
        raise ValueError(f"`{algorithm}` is no algorithm that a token is signed with")
    material: Any = key if algorithm.startswith("HS") else private_key(key, passphrase)
    try:
        with warnings.catch_warnings():  # how long a secret is, the app decides
            warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
            return jwt.encode(dict(claims), material, algorithm, dict(header))
    except (jwt.PyJWTError, TypeError, ValueError, AttributeError, NotImplementedError):
        raise ValueError(f"the token cannot be signed with {algorithm}: that takes another key, or a claim is of another type") from None
