"""The cases, and how one is put to both connectors."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from connector.oai.integration import Integration

from ferrule import Connector
from ferrule.compile import compile_text
from ferrule.dispatch import dispatch
from ferrule.errors import CODES
from referee.app import TOKEN, Served
from referee.compare import FOLDER
from referee.plain import described, without_chance
from referee.reference import reference

CREDENTIAL = {"token": {"token": TOKEN}}
NOWHERE = "refused"
"""The trouble of an application that is not there."""


@dataclass(frozen=True)
class Case:
    """One input: a capability, an envelope or any text, the way in that the connector has, and what the application does."""

    capability: str
    what: str
    envelope: Any
    ways: str = "several"
    trouble: str = "none"

    @property
    def id(self) -> str:
        """How the table of differences calls it."""
        return f"{self.capability}/{self.what}"


def cases() -> Iterator[Case]:
    """Every case of `cases.yaml`: each capability by itself, with slips in its envelope, and with troubles
    of the app; and each code of the contract, said by the app."""
    table = yaml.safe_load((FOLDER / "cases.yaml").read_text())
    for name, request in table["capabilities"].items():
        yield Case(name, "good", filled(request))
        yield Case(name, "good-auth", filled(request, auth=True), "single")
        told = name in table["told"]
        for what in table["slips"] if name in table["thorough"] else table["usual"][:1] if told else table["usual"]:
            yield slipped(name, what, table["slips"][what], request)
        for trouble in table["troubles"] if name in table["troubled"] else [] if told else [503]:
            yield Case(name, f"trouble-{trouble}", filled(request), trouble=str(trouble))
    for code in CODES:
        yield Case("get_account", f"said-{code}", filled(table["capabilities"]["get_account"]), trouble=f"said-{code}")
    for name, inputs in table["requests"].items():
        for what, given in inputs.items():
            given = dict(given)
            trouble = str(given.pop("trouble", "none"))
            yield Case(name, what, filled(given.pop("request", table["capabilities"][name]), **given), trouble=trouble)


def filled(request: Any, auth: bool = False, **more: Any) -> dict[str, Any]:
    """A good envelope around a request."""
    given = {"auth": CREDENTIAL} if auth else {"credentials": [{"id": "token", **CREDENTIAL}]}
    return {**given, "settings": {"base_url": "(address)"}, "request": request, **more}


def slipped(name: str, what: str, slip: dict[str, Any], request: Any) -> Case:
    """A good envelope with one thing wrong: `text` is sent instead, `without` takes keys out, `with` puts some in."""
    ways = slip.get("ways", "several")
    if "text" in slip:
        return Case(name, what, slip["text"], ways)
    envelope = filled(request, ways == "single")
    for key in slip.get("without", ()):
        envelope.pop(key, None)
    return Case(name, what, {**envelope, **slip.get("with", {})}, ways)


@cache
def theirs(ways: str) -> Integration:
    """The SDK's connector."""
    return reference(single=ways == "single")


@cache
def ours(ways: str, *, hasty: bool = False) -> Connector:
    """The connector that the spec is. `hasty` is one that waits as long as a test may."""
    auths = yaml.safe_load((FOLDER / "auth.yaml").read_text())
    text = (FOLDER / "connector.yaml").read_text().replace("auth: {}", f"auth: {json.dumps(auths[ways])}")
    return Connector(compile_text(text.replace("timeout: 10", "timeout: 0.2") if hasty else text))


def ask(case: Case, app: Served) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both answer to a case, each from data as they were at first."""
    app.fresh()
    their_answer = json.loads(asyncio.run(answered(theirs(case.ways), case.capability, text_of(case, app, "theirs"))))
    return their_answer, asked(case, app)


def comparable(envelope: dict[str, Any], case: Case, app: Served, whose: str) -> dict[str, Any]:
    """An answer as it is compared: with what was asked of the application for it as `wire`, the application's address the same for
    both, and without what differs by chance or tells nothing."""
    told = json.loads(json.dumps(envelope).replace(f"{app.url}/{whose}", app.url))
    if case.capability in ("info", "app_info", "connected_info"):
        told = described(told)
    return without_chance({**told, "wire": app.apps[whose].asked})


async def answered(integration: Integration, capability: str, text: str) -> str:
    """What the SDK answers. `info` it does not dispatch: it has a call of its own, without an envelope."""
    return integration.info().model_dump_json() if capability == "info" else await integration.dispatch(capability, text)


def asked(case: Case, app: Served, *, nulls: bool = True) -> dict[str, Any]:
    """What Ferrule answers."""
    return dispatch(ours(case.ways, hasty=case.trouble == "slow"), case.capability, text_of(case, app, "ours"), nulls=nulls)


def text_of(case: Case, app: Served, whose: str) -> str:
    """The input as it is sent."""
    address = f"{app.url}/{whose}/{case.trouble}" if case.trouble != NOWHERE else f"http://127.0.0.1:{closed_port()}/{whose}"
    text = case.envelope if isinstance(case.envelope, str) else json.dumps(case.envelope)
    return text.replace("(address)", address)


@cache
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
