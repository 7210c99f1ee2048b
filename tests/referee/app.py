"""The loopback application that both connectors of the referee speak to: small data for every capability, and every way to fail.

An address is `/<whose>/<trouble>/<path>`. `whose` keeps the two connectors' changes apart; `trouble` is `none`, a status, or
the name of a way to fail. Lists come as `{"items": […], "total": n}`, in pages of `limit` from `offset`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from referee.data import DATA

TOKEN = "good-token"
FIRST = json.dumps(DATA)
Reply = tuple[int, Any]


@dataclass
class App:
    """One connector's own copy of the data, and what it asked."""

    data: dict[str, Any] = field(default_factory=lambda: json.loads(FIRST))
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Reply:
        """Status and JSON body of the answer."""
        match method, *path.strip("/").split("/"):
            case "GET", "whoami" | "recency" as name:
                return 200, self.data[name]
            case "GET", "accounts", one:
                return self.found(one)
            case "GET", "accounts", one, "rights":
                return self.listed([row for row in self.data["holders"] if row["account"] == one], query)
            case "GET", "applications", one:
                return next(
                    ((200, row) for row in self.data["applications"] if row["id"] == one), (404, {"message": "no such application"})
                )
            case "GET", "applications", one, "accounts", account:
                rows = (row for row in self.data["application-accounts"] if (row["application"], row["account"]) == (one, account))
                return next(((200, row) for row in rows), (404, {"message": "no such assignment"}))
            case "GET", "last-activity":
                return self.listed([row for row in self.data["last-activity"] if row["account"] in query.get("account", [])], query)
            case "GET", name if isinstance(self.data.get(name), list):
                return self.listed(self.data[name], query)
            case "POST", "token":
                return token(body)
            case "POST", "accounts":
                return self.create(body)
            case "PATCH", "accounts", one:
                return self.found(one, body)
            case "DELETE", "accounts", one:
                return self.delete(one)
            case "POST", "accounts", one, "activate" | "deactivate" as verb:
                return self.switch(one, {"activate": "live", "deactivate": "off"}[verb])
            case "POST", "accounts", one, "transfer" | "release" | "downgrade" | "reset":
                status, reply = self.found(one)
                return (200, {"changed": True, "ticket": f"ticket-{one}"}) if status == 200 else (status, reply)
            case "PUT" | "DELETE", "holdings", *key:
                return self.hold(tuple(key), method == "PUT")
        return 404, {"message": "no such path", "code": "E404"}

    def listed(self, rows: list[Any], query: dict[str, list[str]]) -> Reply:
        start, size = (int(query.get(name, [usual])[0]) for name, usual in (("offset", "0"), ("limit", "100")))
        return 200, {"items": rows[start : start + size], "total": len(rows)}

    def found(self, one: str, changes: dict[str, Any] | None = None) -> Reply:
        for row in self.data["accounts"]:
            if row["id"] == one:
                row.update(changes or {})
                return 200, row
        return 404, {"message": "no such account", "code": "E404"}

    def create(self, body: dict[str, Any]) -> Reply:
        if any(row["mail"] == body.get("mail") for row in self.data["accounts"]):
            return 409, {"message": "that address is taken", "code": "E409"}
        self.data["accounts"].append({"id": "a9", "state": "live", **body})
        return 201, self.data["accounts"][-1]

    def delete(self, one: str) -> Reply:
        status, row = self.found(one)
        if status == 200:
            self.data["accounts"].remove(row)
        return (200, {"changed": True}) if status == 200 else (status, row)

    def switch(self, one: str, state: str) -> Reply:
        status, row = self.found(one)
        if status != 200:
            return status, row
        changed = row["state"] != state
        row["state"] = state
        return 200, {"changed": changed, "state": state}

    def hold(self, key: tuple[str, ...], wanted: bool) -> Reply:
        held = self.data["holdings"]
        changed = (list(key) in held) != wanted
        if changed:
            (held.append if wanted else held.remove)(list(key))
        return 200, {"changed": changed}


def token(body: dict[str, list[str]]) -> Reply:
    """The answer of the token endpoint (RFC 6749, sections 5.1 and 5.2)."""
    given = {name: values[0] for name, values in body.items()}
    if given.get("client_secret") != "client-secret":
        return 401, {"error": "invalid_client"}
    if "bad" in (given.get("code"), given.get("refresh_token")):
        return 400, {"error": "invalid_grant", "error_description": "expired"}
    if given.get("scope") == "forbidden":
        return 400, {"error": "unauthorized_client"}
    more = {} if given["grant_type"] == "client_credentials" else {"refresh_token": "r2"}
    return 200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600, "scope": "read", **more}


class Served:
    """The application on 127.0.0.1, for both connectors."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.apps: dict[str, App] = {}
        self.over = threading.Event()

    def fresh(self) -> None:
        """All data as it was at first."""
        self.apps = {"theirs": App(), "ours": App()}


BODIES = {
    "html": (200, "text/html", b"<!doctype html><title>Sign in</title>"),
    "html-500": (500, "text/html", b"<html><h1>Oops</h1></html>"),
    "text-500": (500, "text/plain", b"it broke"),
    "empty-500": (500, "text/plain", b""),
    "broken": (200, "application/json", b'{"items": [{'),
    "other": (200, "application/json", b'{"things": 1}'),
    "wrong": (200, "application/json", b'{"items": [{"id": {"a": 1}}], "total": 1, "tenant": 7}'),
    "array": (200, "application/json", b"[1, 2]"),
    "nothing": (200, "application/json", b""),
    "busy": (429, "application/json", b'{"message": "slow down", "code": "E429"}'),
}


@contextmanager
def served() -> Iterator[Served]:
    """Serve the application in a thread, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            _, whose, trouble, path = unquote(parts.path).split("/", 3)
            app, query = made.apps[whose], parse_qs(parts.query, keep_blank_values=True)
            body: Any = json.loads(content) if content and self.headers.get_content_type() == "application/json" else None
            if self.headers.get_content_type() == "application/x-www-form-urlencoded":
                body = parse_qs(content.decode(), keep_blank_values=True)
            bearer = self.headers.get("authorization")
            app.asked.append({"method": self.command, "path": path, "query": query, "body": body, "authorization": bearer})
            if trouble == "slow":
                made.over.wait(2)
            if trouble in ("slow", "close"):
                self.close_connection = True
                return
            if trouble == "cut":
                self.close_connection = True
                self.send(200, "application/json", b'{"items": [', length=1000)
            elif trouble in BODIES:
                self.send(*BODIES[trouble])
            elif trouble.startswith("said-"):
                self.send(422, "application/json", json.dumps({"message": "no", "code": trouble}).encode())
            elif trouble.isdigit():
                self.send(int(trouble), "application/json", json.dumps({"message": f"status {trouble}", "code": f"E{trouble}"}).encode())
            elif bearer != f"Bearer {TOKEN}" and path != "token":
                self.send(401, "application/json", b'{"message": "bad token", "code": "E401"}')
            else:
                status, made_of = app.answer(self.command, path, query, body)
                self.send(status, "application/json", json.dumps(made_of).encode())

        def send(self, status: int, kind: str, content: bytes, length: int | None = None) -> None:
            self.send_response_only(status)
            self.send_header("content-type", kind)
            if status == 429:
                self.send_header("retry-after", "7")
            self.send_header("content-length", str(len(content) if length is None else length))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = reply  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Served(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
