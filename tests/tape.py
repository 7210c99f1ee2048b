"""A small app, and what is recorded of it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.http import Response
from ferrule.plan import Plan
from ferrule.record import Question, record
from ferrule.wire import Wire
from ferrule.wire.cassette_file import Cassette
from jose import NAMES

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {base_url: {type: url}}
auth:
  token: {kind: bearer}
  basic: {kind: basic}
  key: {kind: query, name: key}
  cookie: {kind: cookie, name: sid}
  login:
    kind: session
    login: {post: /login, json: {user: "{{ credential.username }}", password: "{{ credential.password }}"}}
    token: body.session
    apply: {header: X-Session}
  form_login:
    kind: session
    login: {post: /login, form: {user: "{{ credential.username }}", password: "{{ credential.password }}"}}
    token: capture(headers."set-cookie", 'sid=([^;]+)')
    apply: {cookie: sid}
  signed:
    kind: jwt
    claims: {iss: "{{ credential.private_key | public_key_fingerprint }}"}
  account:
    kind: oauth2_jwt_bearer
    credential: service_account
    token_url: "{{ settings.base_url }}/token"
  saml:
    kind: oauth2_saml_bearer
    token_url: "{{ settings.base_url }}/token"
    client_auth: none
    assertion: {issuer: acme, audience: acme, subject: ann}
http: {base_url: "{{ settings.base_url }}", retry: {attempts: 3}}
pagers:
  paged: {kind: cursor, next: body.next, param: after, size_param: limit, size: 3}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: paged
    records: body.items
    record: {integration_specific_id: id, email: email}
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, email: email}
  find_entitlement_associations:
    each: {as: team, request: {get: /teams}, pages: paged, records: body.items}
    request: {get: "/teams/{{ team.id }}/members"}
    pages: paged
    records: body.items
    record: {account_id: id, integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: team.id}
  create_account:
    steps:
      - request: {post: /users, json: {email: "{{ inputs.email }}", password: "{{ inputs.password }}"}}
        save: {job: body.job}
      - request: {get: "/jobs/{{ job }}"}
        repeat: {until: body.state == 'done', every: 5}
    record: {id: id, status: {value: ACTIVE}}
"""
PLAN = compile_text(SPEC)
BASE = "https://acme.example/api"
USERS = [{"id": f"u{i}", "email": f"u{i}@acme.example"} for i in range(8)]
TEAMS = [{"id": f"t{i}"} for i in range(7)]
PASSWORD = 'p/w "ä&+ 0123456789'
TOKEN = "tok-0123456789abcdef"
CREDENTIALS: dict[str, dict[str, Any]] = {
    "token": {"token": TOKEN},
    "basic": {"username": "admin", "password": PASSWORD},
    "key": {"token": PASSWORD},
    "cookie": {"token": TOKEN},
    "login": {"username": "admin", "password": PASSWORD},
    "form_login": {"username": "admin", "password": PASSWORD},
    "signed": {"private_key": NAMES["<RSA key>"]},
    "saml": {"private_key": NAMES["<RSA key>"]},
    "account": {"key": {"client_email": "bot@acme.example", "private_key": NAMES["<RSA key>"]}, "impersonation_email": "root@acme.example"},
}


def paged(items: list[Any], asked: Asked) -> Response:
    start, size = int(asked.one("after", "0")), int(asked.one("limit"))
    following = start + size
    return answer(
        {"items": items[start:following], "next": str(following) if following < len(items) else None},
        headers={"Date": "now", "Set-Cookie": "x=1"},
    )


class Acme:
    """A small app that remembers its jobs."""

    def __init__(self) -> None:
        self.polls = 0

    def __call__(self, asked: Asked) -> Response:
        match asked.method, asked.path.removeprefix("/api/").split("/"):
            case "POST", ["login"]:
                return answer({"session": f"s/{TOKEN}"}, headers={"Set-Cookie": f"sid={TOKEN}; Path=/\ntheme=dark-0815-dark"})
            case "POST", ["token"]:
                return answer({"access_token": TOKEN, "expires_in": 3600})
            case "GET", ["users"]:
                return paged(USERS, asked)
            case "GET", ["users", wanted]:
                found = next((user for user in USERS if user["id"] == wanted), None)
                return answer(found) if found else answer({"message": "no such user"}, 404)
            case "GET", ["teams"]:
                return paged(TEAMS, asked)
            case "GET", ["teams", team, "members"]:
                return paged(USERS[: int(team[1:])], asked)
            case "POST", ["users"]:
                return answer({"job": "j1", "password": asked.body["password"]}, 202)
            case "GET", ["jobs", _]:
                self.polls += 1
                return answer({"state": "done" if self.polls == 3 else "running", "id": "u9" if self.polls == 3 else None})
        return answer({"message": "no such path"}, 404)


def recorded(
    *questions: Question,
    wire: Wire | None = None,
    auth: str = "token",
    plan: Plan = PLAN,
    run: Callable[..., Any] = asyncio.run,
    **more: Any,
) -> Cassette:
    """What is recorded when these questions are put to the app."""
    given: dict[str, Any] = {
        "application": "Acme",
        "application_version": "1.2",
        "command": "ferrule record acme",
        "auth": auth,
        "credential": CREDENTIALS.get(auth),
        "settings": {"base_url": BASE},
        "date": datetime.date(2026, 1, 31),
        "wire": wire or AppWire(Acme()),
        "people": "kept",
    }
    cassette: Cassette = run(record(Connector(plan), questions, **{**given, **more}))
    return cassette


ACCOUNTS = Question("list_accounts", {}, walk=True)
MEMBERS = Question("find_entitlement_associations", {}, walk=True)
