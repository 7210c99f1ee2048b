"""What is asked for the cassettes of an application, and the words to say it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from ferrule.record import Answers, Question
from ferrule.wire.cassette_file import People
from live.recordings.meanwhile import Deed

Inputs = Callable[[Answers], Mapping[str, Any] | None]
Given = Callable[[Mapping[str, Any], str], Mapping[str, Any]]
"""Makes settings of what the start script printed, and of the path that a recording wants."""
Setting = Callable[[str, Mapping[str, str]], AbstractContextManager[Sequence[Deed] | None]]


def as_it_is(url: str, credential: Mapping[str, str]) -> AbstractContextManager[None]:
    """An application as its start script leaves it."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Recording:
    """One cassette of one application."""

    name: str
    questions: list[Question]
    credential: Mapping[str, str] | None = None
    """What to ask with; where there is none, the administrator's."""
    setting: Setting = as_it_is
    """What the questions need and the seed lacks, while they are asked, and what is done meanwhile. Given the address and the
    administrator's credential."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings besides the address."""
    path: str = ""
    """What is behind the address, for an address that is wrong."""
    apart: int = 0
    """How far above the application's port a second one is started, for questions that leave something behind for ever."""


def base_url(started: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The address, and what is behind it."""
    return {"base_url": started["base_url"] + path}


@dataclass(frozen=True, slots=True)
class Application:
    """What answers."""

    app: str
    name: str
    version: str
    target: str
    port: int
    recordings: list[Recording]
    fields: tuple[str, ...] = ("token",)
    """The fields of the target's credential that the spec wants."""
    given: Given = base_url
    """The settings that say where it is."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of the start script's environment."""
    people: People = "pseudonyms"
    """`kept` where nobody is anybody."""


def walk(*capabilities: str, size: int = 10, **inputs: Any) -> list[Question]:
    return [Question(capability, inputs, page_size=size, walk=True) for capability in capabilities]


def twice(capability: str, inputs: Inputs | Mapping[str, Any]) -> list[Question]:
    """The second finds it done."""
    return [Question(capability, inputs)] * 2


def of(name: str, **more: Any) -> Inputs:
    """The account that was made last, as the input `name`."""
    return lambda answers: {name: answers["create_account"]["id"], **more}


def account(name: str) -> Inputs:
    """The account of that name."""
    return lambda answers: {"account_id": next(a["integration_specific_id"] for a in answers["list_accounts"] if a["username"] == name)}


def everybody(answers: Answers) -> Mapping[str, Any]:
    """Every account that was listed."""
    return {"account_ids": [account["integration_specific_id"] for account in answers["list_accounts"]]}


def resource_id(answers: Answers, label: str) -> str:
    """The id of a resource; its label, where there is none."""
    found = [str(each["integration_specific_id"]) for each in answers["list_resources"] if each["label"] == label]
    return found[0] if found else label
