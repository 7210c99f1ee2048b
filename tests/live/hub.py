"""JupyterHub asked directly, by a second client that shares nothing with the engine, and a hub with servers and roles of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

INSTALLED = Path(os.environ.get("FERRULE_TARGETS_DIR", Path.home() / ".cache" / "ferrule-targets")) / "jupyterhub"
"""Where the start script of the target puts JupyterHub and its proxy."""


@dataclass
class Hub:
    """The hub, asked directly."""

    url: str
    client: httpx.Client

    def get(self, *path: str) -> Any:
        answer = self.client.get(self.address(*path))
        answer.raise_for_status()
        return answer.json()

    def post(self, *path: str, **body: Any) -> Any:
        answer = self.client.post(self.address(*path), json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def put(self, *path: str, body: Any) -> None:
        self.client.put(self.address(*path), json=body).raise_for_status()

    def patch(self, *path: str, **body: Any) -> None:
        self.client.patch(self.address(*path), json=body).raise_for_status()

    def delete(self, *path: str) -> int:
        return self.client.delete(self.address(*path)).status_code

    def status(self, *path: str) -> int:
        return self.client.get(self.address(*path)).status_code

    def address(self, *path: str) -> str:
        return "/".join([self.url, *(quote(part, safe="") for part in path)])

    def users(self) -> dict[str, dict[str, Any]]:
        """Every user that has a name. Fewer than 200: a list without pages is cut there."""
        return {user["name"]: user for user in self.get("users") if user["name"] is not None}

    def groups(self) -> dict[str, dict[str, Any]]:
        """Every group, the nameless left out of its members."""
        return {group["name"]: {**group, "users": [name for name in group["users"] if name is not None]} for group in self.get("groups")}

    def members(self, group: str) -> list[str]:
        members: list[str] = self.get("groups", group)["users"]
        return members

    def held(self) -> set[tuple[str, str, str]]:
        """Account, entitlement and group: memberships as the groups have them, roles as the users have them."""
        roles = {(name, role, "") for name, user in self.users().items() for role in user["roles"]}
        return roles | {(member, "member", name) for name, group in self.groups().items() for member in group["users"]}

    def tokens(self) -> list[dict[str, Any]]:
        return [token for name in self.users() for token in self.get("users", name, "tokens")["api_tokens"]]

    def token_of(self, name: str, **wanted: Any) -> str:
        """A new token of a user, or one for some scopes only."""
        token: str = self.post("users", name, "tokens", **wanted)["token"]
        return token


@contextmanager
def opened(url: str, token: str) -> Iterator[Hub]:
    """The hub at an address."""
    with httpx.Client(headers={"Authorization": f"token {token}"}, timeout=60) as client:
        yield Hub(url, client)


def let_in(oauth: dict[str, str], user: str) -> None:
    """A person signs in at a service by way of the hub (RFC 6749, section 4.1): the hub keeps a token for it."""
    with httpx.Client() as browser:
        login = oauth["authorize"].replace("/api/oauth2/authorize", "/login")
        browser.get(login)
        browser.post(login, data={"username": user, "password": "pw", "_xsrf": browser.cookies["_xsrf"]})
        asked = {"client_id": oauth["client_id"], "redirect_uri": oauth["redirect_uri"]}
        answer = browser.get(oauth["authorize"], params={**asked, "response_type": "code", "state": "s"})
        code = httpx.URL(answer.headers["location"]).params["code"]
        granted = {**asked, "client_secret": oauth["client_secret"], "grant_type": "authorization_code", "code": code}
        browser.post(oauth["token"], data=granted).raise_for_status()


_CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{port_of_hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{port_of_proxy}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.Spawner.cmd = ["{python}", "{folder}/notebook.py"]
c.JupyterHub.load_groups = {{"staff": {{"users": ["ann", "bob"]}}, "guests": {{"users": ["cid"]}}}}
c.JupyterHub.services = [{{"name": "iga", "api_token": "{token}"}}, {{"name": "backup", "api_token": "{token}-of-backup"}}]
c.JupyterHub.load_roles = [
    {{"name": "iga", "services": ["iga"],
      "scopes": ["admin:users", "admin:groups", "admin:servers", "list:services", "read:services", "read:roles", "tokens"]}},
    {{"name": "reader", "scopes": ["list:users"], "users": ["ann"], "groups": ["staff"], "services": ["backup"]}},
    {{"name": "keeper", "scopes": ["list:groups"], "groups": ["staff", "guests"]}},
]
"""

SLOW = "dan"
"""The user whose server takes a quarter of a minute to stop: the hub asks it twice, and then ends it."""

_NOTEBOOK = """
import http.server, os, signal, urllib.parse

if os.environ["JUPYTERHUB_USER"] == "{slow}":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.alarm(60)  # should the hub end before it

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass

http.server.HTTPServer(("127.0.0.1", urllib.parse.urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"]).port), Answer).serve_forever()
"""


@contextmanager
def hub_with_servers(folder: Path, port: int, token: str, more: str = "") -> Iterator[Hub]:
    """A hub of its own, whose users can start servers and whose groups hold roles; with both it needs no seed. `more` is
    added to its configuration."""
    python = INSTALLED / "venv" / "bin" / "python"
    ports = {"port": port, "port_of_hub": port + 1, "port_of_proxy": port + 2}
    (folder / "notebook.py").write_text(_NOTEBOOK.replace("{slow}", SLOW))
    (folder / "jupyterhub_config.py").write_text(_CONFIG.format(folder=folder, python=python, token=token, **ports) + more)
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            [python.parent / "jupyterhub"], cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            env={**_environment(), "PYTHONHASHSEED": "0"},  # the order of keys in its answers
        )  # fmt: skip
    try:
        with opened(f"http://127.0.0.1:{port}/hub/api", token) as hub:
            _wait_for(hub, 200, process, folder / "hub.log")
            yield hub
    finally:
        _end(process)


@contextmanager
def proxy_without_hub(folder: Path, port: int) -> Iterator[None]:
    """The proxy of a hub that is not there yet. It answers with a page."""
    with (folder / "proxy.log").open("w") as log:
        process = subprocess.Popen(
            ["configurable-http-proxy", "--ip=127.0.0.1", f"--port={port}", "--api-ip=127.0.0.1", f"--api-port={port + 1}"],
            cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env=_environment(),
        )  # fmt: skip
    try:
        with opened(f"http://127.0.0.1:{port}/hub/api", "any") as hub:
            _wait_for(hub, 404, process, folder / "proxy.log")
        yield
    finally:
        _end(process)


def _environment() -> dict[str, str]:
    """Where the hub and its proxy find each other, and what they run on."""
    folders = [INSTALLED / "venv" / "bin", INSTALLED / "chp" / "node_modules" / ".bin", os.environ["PATH"]]
    return {**os.environ, "PATH": os.pathsep.join(map(str, folders))}


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(hub: Hub, status: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            if hub.status("user") == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"it did not start: {log.read_text()[-2000:]}")
