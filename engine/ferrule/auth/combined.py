"""Several auths at once: an API key beside a token, a client certificate beside client credentials.

The parts are entries of `auth:` themselves, and no way in any more by themselves. Each keeps its own credential.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from ferrule.auth.digest import Digest
from ferrule.auth.grant import Auth, CredentialField, CredentialKind, Grant, Login, Scope
from ferrule.auth.mtls import Presenter
from ferrule.auth.signing import Draft, Signer
from ferrule.diagnostics import Code, did_you_mean
from ferrule.http import Identity, Request
from ferrule.request import RequestPlan
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template

UNFIT_PART = Code("C362", "unfit-auth-part")


class CombinedSpec(SpecModel):
    """Let several auths work together on each request."""

    kind: Literal["combined"]
    of: Annotated[list[Text], Field(min_length=2)]
    """Names of other entries under `auth:`, in the order in which they are applied."""

    def join(self, auths: Mapping[str, Auth], compiler: Compiler) -> Combined:
        """The parts together. `auths` are the compiled entries that are not combined themselves."""
        parts: dict[str, Auth] = {}
        for name in self.of:
            part = auths.get(name)
            if part is None:
                hint = did_you_mean(name, auths) or "a part is an entry of `auth:` that is not combined itself"
                compiler.report(UNFIT_PART, name.span, f"there is no auth `{name}` to combine", hint)
                continue
            for slip in _slips(part, parts):
                compiler.report(UNFIT_PART, name.span, slip)
            parts[str(name)] = part
        return Combined(parts)


def _slips(part: Auth, others: Mapping[str, Auth]) -> Iterable[str]:
    """Why a part does not go with others."""
    taken = {field.name for other in others.values() for field in other.fields}
    for field in part.fields:
        if field.name in taken:
            yield f"two parts have a field `{field.name}`: give one of them another name, under its `fields`"
    if _logs_in(part) and any(map(_logs_in, others.values())):
        yield "two parts log in; one can"


def _logs_in(part: Auth) -> bool:
    return bool(part.requests) or part.kind == "jwt"


@dataclass(frozen=True, slots=True)
class Combined:
    """Compiled auths, by name."""

    parts: Mapping[str, Auth]

    @property
    def kind(self) -> str:
        return "combined"

    @property
    def credential_kind(self) -> CredentialKind:
        """That of a part that stands for all: each part is a credential of its own."""
        return "token"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return tuple(field for part in self.parts.values() for field in part.fields)

    @property
    def origins(self) -> tuple[Template, ...]:
        return tuple(template for part in self.parts.values() for template in part.origins)

    @property
    def requests(self) -> tuple[RequestPlan, ...]:
        return tuple(request for part in self.parts.values() for request in part.requests)

    def login(self, scope: Scope, grant: Grant | None, now: float) -> Login | None:
        """That of the part that logs in."""
        found = (part.login(scope, grant, now) for part in self.parts.values() if _logs_in(part))
        return next(found, None)

    def apply(self, request: Request, scope: Scope, grant: Grant | None) -> Request:
        for part in self.parts.values():
            request = part.apply(request, scope, grant)
        return request

    def sign(self, draft: Draft, scope: Scope, grant: Grant | None) -> Request:
        """Signed by each part that signs, one over the other."""
        for part in self.parts.values():
            if isinstance(part, Signer):
                draft = replace(draft, request=part.sign(draft, scope, grant))
        return draft.request

    def identity(self, scope: Scope) -> Identity | None:
        found = (part.identity(scope) for part in self.parts.values() if isinstance(part, Presenter))
        return next(found, None)


def joined(written: Mapping[str, Any], compiler: Compiler) -> dict[str, Auth]:
    """The ways in of a spec, in its order: each entry of `auth:` compiled, those that are parts of another only there."""
    alone: dict[str, Auth] = {name: spec.compile(compiler) for name, spec in written.items() if not isinstance(spec, CombinedSpec)}
    parts = {str(name) for spec in written.values() if isinstance(spec, CombinedSpec) for name in spec.of}
    ways = ((name, spec.join(alone, compiler) if isinstance(spec, CombinedSpec) else alone[name]) for name, spec in written.items())
    return {name: auth for name, auth in ways if name not in parts}


def outlives(auth: Auth) -> bool:
    """Whether what a login gives serves another process as well. The uses of a challenge of Digest are counted in this one."""
    return not any(isinstance(part, Digest) for part in (auth.parts.values() if isinstance(auth, Combined) else (auth,)))
