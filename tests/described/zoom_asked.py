"""How Zoom is asked: what several of its cassettes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from described.asked import Recording, Rights
from described.description import Turn
from described.zoom_answers import EMAIL, HARRY
from ferrule.record import Question

ROLE = "hdsfwyteg3675hgfs"
HARRYS_EMAIL = "harryg@dfkjdslfjkdsfjkdsf.fsdfdfd"
OTHER_EMAIL = "cupidatatipsum@sdskflhdf.djfh"
CREDENTIAL = {"access_token": "described-token", "client_id": "described-client", "client_secret": "described-secret"}

GONE, EXPIRED = Turn(404, example="1001"), Turn(400, example="1120")
INVITED = Turn(page={"id": HARRY, "created_at": "2025-10-15T13:53:29.350Z"})
"""All that comes of a user who is pending, by the description's note."""

RIGHTS = Rights(HARRY, lambda kind, resource: "group" if resource else "", {"email": EMAIL})
given, taken, made = RIGHTS.given, RIGHTS.taken, RIGHTS.made


def recorded(name: str, questions: list[Question], turns: Mapping[str, Sequence[Turn]] | None = None, **more: Any) -> Recording:
    return Recording(name, questions, turns or {}, **{"auth": "account", "credential": CREDENTIAL, **more})


def user(**values: Any) -> Turn:
    return Turn(instead=values)


def of(capability: str, account: str = HARRY) -> Question:
    return Question(capability, {"account_id": account})


def changed(**values: Any) -> Question:
    return Question("update_account", {"id": HARRY, **values})
