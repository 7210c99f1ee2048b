"""An app of users and teams, its own OpenAPI document, and what a browser records when it looks at it."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from app import Asked, answer
from ferrule.http import Response

TOKEN = "canary-T0ken-9f8e7d6c5b4a"
COOKIE = "canary-c00kie-1a2b3c4d5e6f"
USERS = [
    {"id": f"u{n}", "email": f"person.{n}@canary.example", "first_name": f"Canary{n}", "last_name": "Person", "status": status}
    for n, status in enumerate(["active", "active", "suspended", "invited", "active"], 1)
]
TEAMS = {"t1": ("Canary Red", ["u1", "u2"]), "t2": ("Canary Blue", ["u2", "u3", "u5"]), "t3": ("Canary Green", [])}

_USER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "status": {"type": "string", "enum": ["active", "suspended", "invited"]},
    },
}
_ERROR = {"type": "object", "properties": {"error": {"type": "object", "properties": {"message": {"type": "string"}}}}}


def _ok(schema: Any) -> dict[str, Any]:
    return {
        "200": {"description": "ok", "content": {"application/json": {"schema": schema}}},
        "404": {"description": "none", "content": {"application/json": {"schema": _ERROR}}},
    }


def _page(name: str, item: Any) -> dict[str, Any]:
    members = {name: {"type": "array", "items": item}, "next_cursor": {"type": "string", "nullable": True}}
    return _ok({"type": "object", "properties": members})


def _query(*names: str) -> list[dict[str, Any]]:
    numbers = {"type": "integer", "maximum": 2}
    return [{"name": name, "in": "query", "schema": numbers if name == "limit" else {"type": "string"}} for name in names]


_TEAM = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
OPENAPI: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Canary API", "version": "1"},
    "servers": [{"url": "/api"}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
    "paths": {
        "/users": {"get": {"operationId": "listUsers", "parameters": _query("cursor", "limit"), "responses": _page("users", _USER)}},
        "/users/{id}": {
            "get": {"operationId": "getUser", "responses": _ok(_USER)},
            "delete": {"operationId": "deleteUser", "responses": _ok({})},
        },
        "/users/{id}/suspend": {"post": {"operationId": "suspendUser", "responses": _ok(_USER)}},
        "/users/{id}/unsuspend": {"post": {"operationId": "unsuspendUser", "responses": _ok(_USER)}},
        "/teams": {"get": {"operationId": "listTeams", "parameters": _query("cursor", "limit"), "responses": _page("teams", _TEAM)}},
        "/teams/{id}/members": {
            "get": {"operationId": "listMembers", "parameters": _query("cursor", "limit"), "responses": _page("members", _USER)}
        },
        "/teams/{id}/members/{user_id}": {
            "get": {"operationId": "getMember", "responses": _ok(_USER)},
            "put": {"operationId": "addMember", "responses": _ok({})},
            "delete": {"operationId": "removeMember", "responses": _ok({})},
        },
    },
}
"""What the app says of itself."""


class Canary:
    """The app. It pages by a cursor, two records at most, and lets in who has the token or the cookie."""

    def __init__(self) -> None:
        self.users = {user["id"]: dict(user) for user in USERS}
        self.teams = {name: (label, list(members)) for name, (label, members) in TEAMS.items()}

    def __call__(self, asked: Asked) -> Response:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}" and asked.headers.get("cookie") != f"session_id={COOKIE}":
            return answer({"error": {"message": "who is it?"}}, 401)
        match asked.method, asked.path.removeprefix("/api/").split("/"):
            case "GET", ["users"]:
                return self.page(asked, "users", list(self.users.values()))
            case "GET", ["users", user] if user in self.users:
                return answer(self.users[user])
            case "DELETE", ["users", user] if user in self.users:
                return answer(self.users.pop(user) and {})
            case "POST", ["users", user, verb] if user in self.users:
                self.users[user]["status"] = {"suspend": "suspended", "unsuspend": "active"}[verb]
                return answer(self.users[user])
            case "GET", ["teams"]:
                return self.page(asked, "teams", [{"id": name, "name": label} for name, (label, _) in self.teams.items()])
            case "GET", ["teams", team, "members"] if team in self.teams:
                return self.page(asked, "members", [self.users[user] for user in self.teams[team][1]])
            case method, ["teams", team, "members", user] if team in self.teams:
                return self.member(method, self.teams[team][1], user)
        return answer({"error": {"message": "no such thing"}}, 404)

    def member(self, method: str, members: list[str], user: str) -> Response:
        if method == "PUT" and user not in members:
            members.append(user)
        elif user not in members:
            return answer({"error": {"message": "no such member"}}, 404)
        elif method == "DELETE":
            members.remove(user)
        return answer(self.users[user])

    def page(self, asked: Asked, name: str, records: list[Any]) -> Response:
        start, size = int(asked.one("cursor", "p0")[1:]), min(int(asked.one("limit", "2")), 2)
        more = start + size < len(records)
        return answer({name: records[start : start + size], "next_cursor": f"p{start + size}" if more else None})


def har(
    app: Callable[[Asked], Response], urls: Iterable[str], headers: dict[str, str] | None = None, *, base64_bodies: bool = False
) -> dict[str, Any]:
    """What a browser records when it asks an app for some addresses, one after the other."""
    sent = headers if headers is not None else {"authorization": f"Bearer {TOKEN}"}
    return {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": [
        _entry(app, url, sent, base64_bodies=base64_bodies) for url in urls]}}  # fmt: skip


def _entry(app: Callable[[Asked], Response], url: str, headers: dict[str, str], *, base64_bodies: bool) -> dict[str, Any]:
    parts = urlsplit(url)
    made = app(Asked("GET", unquote(parts.path), parse_qs(parts.query, keep_blank_values=True), headers, None, url))
    text = base64.b64encode(made.content).decode() if base64_bodies else made.content.decode()
    content = {"size": len(made.content), "mimeType": made.headers["content-type"], "text": text}
    query = [{"name": name, "value": value} for name, values in parse_qs(parts.query).items() for value in values]
    cookies = [dict(zip(("name", "value"), pair.split("=", 1), strict=True)) for pair in headers.get("cookie", "").split("; ") if pair]
    request = {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": _pairs(headers), "queryString": query, "cookies": cookies}
    response = {"status": made.status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": _pairs(made.headers), "cookies": []}
    return {
        "startedDateTime": "2026-01-31T10:00:00Z",
        "time": 1,
        "request": request,
        "response": {**response, "content": content | ({"encoding": "base64"} if base64_bodies else {})},
    }


def _pairs(headers: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def changed(document: Any, *path: Any, to: Any) -> Any:
    """A copy of a document with another value at a path."""
    made = copy.deepcopy(document)
    held = made
    for step in path[:-1]:
        held = held[step]
    held[path[-1]] = to
    return made


def as_file(document: Any) -> bytes:
    """A document as a file holds it."""
    return json.dumps(document, indent=1).encode()
