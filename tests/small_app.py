"""A spec of a few lines with something to decide on each, an app that it fits, and what is recorded of it."""

from __future__ import annotations

from pathlib import Path

from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.http import Response
from ferrule.record import Question, save
from tape import recorded

SPEC = """\
ferrule: 1
app: {id: small, name: Small, vendor_domain: small.example}
settings: {base_url: {type: url}}
auth: {token: {kind: bearer}}
http:
  base_url: "{{ settings.base_url }}"
  errors:
    - {when: "status == `404`", code: not_found, message: body.why}
    - {when: "status == `409`", code: conflict}
pagers:
  paged: {kind: offset, param: skip, size_param: limit, size: 2, total: body.total}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: paged
    records: body.items
    filter: id
    record:
      integration_specific_id: id
      account_type: {value: user}
      user_status: {from: active, map: {true: ACTIVE, false: SUSPENDED}, else: DELETED}
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, username: name}
  delete_account:
    request: {delete: "/users/{{ inputs.account_id }}"}
    already: "body.state == 'gone'"
    verify: {request: {get: "/users/{{ inputs.account_id }}"}, until: "status == `404`"}
"""
USERS = [{"id": "u1", "active": True, "name": "ann"}, {"id": "u2", "active": True}, {"id": "u3", "active": False}]

LIST = Question("list_accounts", {}, walk=True)
GET = Question("get_account", {"account_id": "u1"})
MISSING = Question("get_account", {"account_id": "u9"})
DELETE = Question("delete_account", {"account_id": "u2"})


class Small:
    """The app. What it deleted it does not have any more."""

    def __init__(self) -> None:
        self.users = {user["id"]: user for user in USERS}

    def __call__(self, asked: Asked) -> Response:
        match asked.method, asked.path.removeprefix("/api/").split("/"):
            case "GET", ["users"]:
                start, size = int(asked.one("skip", "0")), int(asked.one("limit", "9"))
                users = list(self.users.values())
                more = start + size < len(users)
                return answer(
                    {"items": users[start : start + size], "total": len(users), "more": more, "next": start + size if more else None}
                )
            case "GET", ["users", wanted]:
                return answer(self.users[wanted]) if wanted in self.users else answer({"why": "no such user"}, 404)
            case "DELETE", ["users", wanted]:
                return answer({"state": "done" if self.users.pop(wanted, None) else "gone"})
        return answer({"why": "no such path"}, 400)


def small(folder: Path, *questions: Question, spec: str = SPEC) -> Path:
    """The spec's file in `folder`, with a cassette of these questions where specs have theirs."""
    path = folder / "specs" / "small.yaml"
    path.parent.mkdir()
    path.write_text(spec)
    if questions:
        save(recorded(*questions, plan=compile_text(spec), wire=AppWire(Small())), folder / "cassettes" / "small" / "reads.yaml")
    return path
