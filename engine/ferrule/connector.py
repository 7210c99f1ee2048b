"""Connectors: what is loaded once and serves any number of tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrule.auth.credential import Credential, open_credential
from ferrule.compile import compile_file
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput
from ferrule.inputs import open_settings
from ferrule.instance import Instance
from ferrule.library import find_spec
from ferrule.limits import SYSTEM, Clock
from ferrule.login import TokenStore
from ferrule.plan import Plan
from ferrule.wire import Wire


def load(app: str | Path) -> Connector:
    """The connector of a spec file, or of a bundled app's id.

    Raises `SpecError` with every finding of a broken spec, `BadInput` where there is no such app.
    """
    return Connector(compile_file(find_spec(app)))


@dataclass(frozen=True, slots=True)
class Connector:
    """One app's connector, bound to nobody. It may serve any number of instances."""

    plan: Plan

    @property
    def id(self) -> str:
        """The connector's id."""
        return self.plan.app_id

    @property
    def capabilities(self) -> list[str]:
        """What it can do."""
        return sorted(self.plan.operations)

    def instance(
        self,
        credential: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        auth: str | None = None,
        wire: Wire | None = None,
        clock: Clock = SYSTEM,
        tokens: TokenStore | None = None,
    ) -> Instance:
        """The connector bound to one customer's tenant.

        `credential` is a flat mapping of fields or the contract's own shape; `auth` names one of several ways in; `wire`
        carries requests (live HTTP by default); `clock` is what waits, budgets and deadlines go by; `tokens` is where what a login
        gives is kept beyond this process (`ferrule.FileTokens`). Raises `BadInput`.
        """
        name, opened = _let_in(self.plan, auth, credential or {})
        return self._bound(name, opened, settings, wire, clock, tokens)

    def unauthenticated(self, settings: Mapping[str, Any] | None = None, *, wire: Wire | None = None, clock: Clock = SYSTEM) -> Instance:
        """The connector bound to a tenant that has let nobody in yet: for the OAuth capabilities, whose inputs hold all they
        need. Raises `BadInput`."""
        return self._bound(next(iter(self.plan.auths)), {}, settings, wire, clock)

    def _bound(
        self,
        auth: str,
        credential: Credential,
        settings: Mapping[str, Any] | None,
        wire: Wire | None,
        clock: Clock,
        tokens: TokenStore | None = None,
    ) -> Instance:
        scope = {"settings": open_settings(self.plan.spec.settings, settings or {}), "credential": credential}
        return Instance(self.plan, auth, scope, wire, clock, tokens)


def _let_in(plan: Plan, auth: str | None, credential: Mapping[str, Any]) -> tuple[str, Credential]:
    """The way in that `auth` names, or the first that the credential fits, and the credential opened for it."""
    if auth is not None and auth not in plan.auths:
        raise BadInput(f"`{plan.app_id}` has no auth `{auth}`", hint=did_you_mean(auth, plan.auths) or f"it has {', '.join(plan.auths)}")
    refused: list[BadInput] = []
    for name in [auth] if auth is not None else plan.auths:
        try:
            return name, open_credential(plan.auths[name], credential)
        except BadInput as error:
            refused.append(error)
    raise refused[0]
