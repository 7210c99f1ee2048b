"""Ferrule: one YAML file per app, one contract for access governance.

    import ferrule

    with ferrule.load("jupyterhub").instance({"token": "…"}, {"base_url": "https://hub.example.com/hub/api"}) as hub:
        for page in hub.walk("list_accounts"):
            print(page.records)

The names below are all there are; everything else may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferrule.connector import Connector, load
    from ferrule.diagnostics import Diagnostic, SpecError
    from ferrule.errors import (
        BadInput,
        CallError,
        CredentialError,
        FerruleError,
        InvalidPageToken,
        RateLimited,
        UnexpectedAnswer,
    )
    from ferrule.instance import Instance
    from ferrule.long_form import explain
    from ferrule.manifest import permissions
    from ferrule.preview import PlannedRequest
    from ferrule.results import Page, Result
    from ferrule.tokens import FileTokens

_HOME = {
    "connector": ("Connector", "load"),
    "diagnostics": ("Diagnostic", "SpecError"),
    "errors": ("BadInput", "CallError", "CredentialError", "FerruleError", "InvalidPageToken", "RateLimited", "UnexpectedAnswer"),
    "instance": ("Instance",),
    "long_form": ("explain",),
    "manifest": ("permissions",),
    "preview": ("PlannedRequest",),
    "results": ("Page", "Result"),
    "tokens": ("FileTokens",),
}
_MODULES = {name: module for module, names in _HOME.items() for name in names}

__all__ = [  # noqa: RUF022 - in the order in which one meets them
    "load", "Connector", "Instance", "Page", "Result", "PlannedRequest", "FileTokens", "explain", "permissions",
    "Diagnostic", "SpecError",
    "FerruleError", "BadInput", "CallError", "CredentialError", "RateLimited", "InvalidPageToken", "UnexpectedAnswer",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name, its module imported when it is first used: a command pays for what it needs."""
    if name not in _MODULES:
        raise AttributeError(f"module `ferrule` has no attribute `{name}`")
    return getattr(import_module(f"ferrule.{_MODULES[name]}"), name)
