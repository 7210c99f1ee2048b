"""What is asked for the cassettes of an app that is known by its description, or by the pages of its documentation alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import Asked
from described.description import Described, Description, Turn
from ferrule.http import Response
from ferrule.record import Question
from ferrule.wire.cassette_file import Provenance


@dataclass(frozen=True, slots=True)
class Recording:
    """One cassette."""

    name: str
    questions: Sequence[Question]
    turns: Mapping[str, Sequence[Turn]] = field(default_factory=dict)
    """What an operation answers, where it is not once and for all its example."""
    auth: str = "api_token"
    credential: Mapping[str, Any] = field(default_factory=lambda: {"token": "described-token"})
    """What no page shows is called `described-`, and a private key is that of RFC 7515. None of it is in the cassette."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings besides those of every cassette."""
    page: str | None = None
    """The address of the page that shows the answers which the description lacks."""

    @property
    def provenance(self) -> Provenance:
        return "documented" if self.page else "described"


@dataclass(frozen=True, slots=True)
class App:
    """Whose description it is."""

    app: str
    name: str
    file: str | None
    """The description, under `openapi/specs`, or `folder` in its place, of the shared material; None where the vendor publishes none."""
    source: str
    """Its address."""
    settings: Mapping[str, Any]
    recordings: Sequence[Recording]
    answers: Callable[[Any, Mapping[str, Sequence[Turn]]], Callable[[Asked], Response]] = Described
    """How it answers, where paging is its own. Is called with the description, or None, and with the turns."""
    version: str | None = None
    """The version that the pages are of, where there is no description to say it."""
    besides: Sequence[str] = ()
    """Further descriptions of the same vendor, of other parts of the API."""
    folder: str = "specs"
    """The folder of the description; in `other` are those that are no OpenAPI."""
    reader: Callable[[Path], Any] = Description
    """What reads it."""


def walk(*capabilities: str, size: int = 1, **inputs: Any) -> list[Question]:
    return [Question(capability, inputs, page_size=size, walk=True) for capability in capabilities]


def wanted(kind: str, name: str, resource: str = "") -> dict[str, str]:
    """An entitlement of a new account."""
    return {"entitlement_type": kind, "integration_specific_id": name, "integration_specific_resource_id": resource}


@dataclass(frozen=True, slots=True)
class Rights:
    """What is asked about the entitlements of an app."""

    account: str
    """Whose they are, where nobody is named."""
    resource_type: Callable[[str, str], str] = lambda kind, resource: ""
    """The type of a resource, by the type of the entitlement and the id of the resource, which is empty where there is none."""
    new: Mapping[str, Any] = field(default_factory=dict)
    """What is said of a new account, where nothing else is."""

    def right(self, kind: str, name: str, resource: str = "", account: str = "") -> dict[str, str]:
        """An entitlement that is given or taken."""
        return {
            "account_integration_specific_id": account or self.account,
            "resource_integration_specific_id": resource,
            "resource_type": self.resource_type(kind, resource),
            "entitlement_type": kind,
            "entitlement_integration_specific_id": name,
        }

    def given(self, kind: str, name: str, resource: str = "", account: str = "") -> Question:
        return Question("assign_entitlement", self.right(kind, name, resource, account))

    def taken(self, kind: str, name: str, resource: str = "", account: str = "") -> Question:
        return Question("unassign_entitlement", self.right(kind, name, resource, account))

    def made(self, *entitlements: Mapping[str, str], **more: Any) -> Question:
        return Question("create_account", {**self.new, "entitlements": list(entitlements), **more})
