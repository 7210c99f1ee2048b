"""How Zoom answers: a list of users by status, the members of a role or a group by its id, and refusals in the words of the description.

The description has an example of one user in each place, all different people. So that an account has several users, those of the
other places stand beside the one of the list; whom a role and a group have is told likewise. That they are of one account is ours, and
so is who of them is active, inactive or pending, has which licence, role and groups, and administrates a group.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app import Asked
from described.description import Described, Turn

HARRY, MELINA, TAYLOR = "z8dsdsdsdsdCfp8uQ", "z8yAAAAA8bbbQ", "zadksadjBBBBBBB8uQ"
EMAIL = "dhjdfkghdskjf@fgkjfdlgjfkd.gh"
"""Of Terry Jones, who is invited in the description's example of a request."""
GROUP, EMPTY = "hFK_GtF_e_TaVA808", "TaVA8QKik_123"
TOKEN = "czxcxdvxvddc"
"""The description's one example of a `next_page_token`."""

PERSON = {"email": "harryg@dfkjdslfjkdsfjkdsf.fsdfdfd", "first_name": "Harry", "id": HARRY, "last_name": "Grande", "type": 2}
_TAYLOR = {"email": "someemail.email.com", "first_name": "Taylor", "id": TAYLOR, "last_name": "Gomez", "type": 2}
_TERRY = {"email": EMAIL, "first_name": "Terry", "last_name": "Jones", "type": 1}
BESIDES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "/users active": [{**PERSON, "dept": "", "status": "active", "timezone": "America/Los_Angeles"}],
    "/users inactive": [{**_TAYLOR, "dept": "Chemistry", "status": "inactive", "type": 1}],
    "/users pending": [{**_TERRY, "dept": "", "status": "pending"}],
    "/roles/0/members": [PERSON],
    "/roles/1/members": [],
    "/roles/2/members": [_TAYLOR, {"id": MELINA, "first_name": "Melina", "last_name": "Ghimire", "type": 2}],
    f"/groups/{GROUP}/members": [PERSON, _TERRY],
    f"/groups/{EMPTY}/members": [],
}
"""Who is in a list, as we have it. Somebody who is invited has no id there, by the vendor's page on listing users."""


def admins(*people: Mapping[str, Any], more: str = "") -> Turn:
    """A page of a group's administrators, who have an address and a name there. Who they are, and the size of 30, is ours."""
    there = [{"email": each["email"], "name": f"{each['first_name']} {each['last_name']}"} for each in people]
    return Turn(page={"admins": there, "next_page_token": more, "page_size": 30, "total_records": len(there)})


SUCCESS = {
    f"GET /groups/{GROUP}/admins": admins(PERSON),
    f"GET /groups/{EMPTY}/admins": admins(),
    f"POST /groups/{GROUP}/admins": Turn(201, page={"ids": HARRY, "added_at": "2026-09-08T18:19:46Z"}),
    "groupMembersCreate": Turn(201),
    "groupMembersDelete": Turn(204),
    "userStatus": Turn(204),
}
"""Which of several successes it is: the description has the refusal of a free account as one of them. It has no
administrators of groups: their fields are those of Zoom's own library, and the answer to a new one is that of another connector's tests;
the cassettes name both."""


class Zoom(Described):
    """Lists are cut by token where the description has one; a refusal that is named by its code has the description's text of it."""

    def __init__(self, description: Any, turns: Mapping[str, Sequence[Turn]] | None = None) -> None:
        super().__init__(description, {**{name: [turn] for name, turn in SUCCESS.items()}, **(turns or {})})

    def shown(self, operation: Mapping[str, Any], status: int, turn: Turn, asked: Asked) -> Any:
        if turn.example is not None:
            return refusal(operation["responses"][str(status)]["description"], turn.example)
        body = super().shown(operation, status, turn, asked)
        path = asked.path.removeprefix("/v2")
        listed = BESIDES.get(f"{path} {asked.one('status')}".strip())
        if listed is None or asked.method != "GET":
            return body
        name = next(name for name, value in body.items() if isinstance(value, list))
        there = body[name] if path == "/users" and asked.one("status") == "active" else []
        return {**body, name: [*there, *listed]}

    def paged(self, body: Any, asked: Asked) -> Any:
        if not isinstance(body, dict) or "page_size" not in body:
            return body
        name, every = next((name, value) for name, value in body.items() if isinstance(value, list))
        size = int(asked.one("page_size", "30"))
        start = size if asked.one("next_page_token") else 0
        more = start + size < len(every)
        said = {name: every[start : start + size], "page_size": size, "total_records": len(every)}
        return {**body, **said, "next_page_token": TOKEN if more else ""}

    def place(self, asked: Asked) -> str:
        return super().place(asked).removeprefix("/v2")


def refusal(text: str, code: str) -> dict[str, Any]:
    """The refusal that the text of an answer has for a code. Raises `LookupError` where it has none."""
    found = re.search(rf"`{code}`\s*(?:<br>\s*)*([^<\n]+)", text)
    if not found:
        raise LookupError(f"the description has no error {code} there")
    return {"code": int(code), "message": html.unescape(found[1].strip())}
