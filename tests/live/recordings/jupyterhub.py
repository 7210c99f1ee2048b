"""What JupyterHub is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from ferrule.record import Question
from live.hub import SLOW, Hub, hub_with_servers, let_in, opened, proxy_without_hub
from live.recordings.asked import Application, Recording, of, twice, walk
from live.recordings.groups import BOSS, REFUSED, made, member, membership
from live.recordings.meanwhile import Deed


def _role(name: str) -> dict[str, str]:
    """A role on the hub, to be given or taken."""
    return {
        "resource_integration_specific_id": "",
        "resource_type": "",
        "entitlement_type": "role",
        "entitlement_integration_specific_id": name,
    }


def _new(username: str, **entitlement: str) -> dict[str, Any]:
    """An account to be made with one entitlement."""
    return {"username": username, "entitlements": [entitlement]}


@contextmanager
def _with_tokens(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A hub has tokens of its users only when they have made some; one of these was used."""
    with opened(url, credential["token"]) as hub:
        hub.token_of("user02", note="nightly job")
        with opened(url, hub.token_of("user03", note="used once")) as used:
            used.get("user")
    yield


READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("get_account", {"account_id": "user01"}),
        Question("get_account", {"account_id": "nobody"}),
        *walk("list_resources", "list_entitlements", size=3),
        *walk("find_entitlement_associations"),
        Question("get_account_entitlement_associations", {"account_id": "user01"}),
        Question("get_account_entitlement_associations", {"account_id": "nobody"}),
        Question("get_last_activity", {"account_ids": ["user01", "user02", "nobody"]}),
        *walk("list_non_human_accounts", "list_credentials", "get_credential_last_activity"),
        *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=200),
    ],
    setting=_with_tokens,
)
WRITES = Recording(
    "writes",
    [
        *walk("list_resources"),
        Question("create_account", made("user01")),
        Question("create_account", made("half-made", "finance", "nowhere")),
        Question("create_account", {"username": "never", "entitlements": [BOSS]}),
        Question("create_account", made("New.Comer", "finance")),
        Question("get_account", of("account_id")),
        *twice("assign_entitlement", member("engineering")),
        *twice("unassign_entitlement", member("engineering")),
        Question("get_account_entitlement_associations", of("account_id")),
        Question("assign_entitlement", of("account_integration_specific_id", **_role("admin"))),
        Question("assign_entitlement", member("nowhere")),
        Question("assign_entitlement", member("finance", "nobody")),
        *twice("release_resources", of("account_id")),
        Question("update_account", of("id", username="Old.Comer")),
        Question("update_account", of("id", username="older")),
        *twice("delete_account", {"account_id": "old.comer"}),
        Question("get_account", {"account_id": "old.comer"}),
    ],
)


_OWN = 18755
"""The port of a hub of its own. It and its proxy have the next two."""
_TOKEN = "own-hub-0123456789abcdef"
_SERVICES = """
c.JupyterHub.services += [
    {"name": "root", "api_token": "own-hub-of-root-0123456789", "admin": True, "url": c.ConfigurableHTTPProxy.api_url},
    {"name": "clerk", "api_token": "own-hub-of-clerk-0123456789"},
    {"name": "usher", "api_token": "own-hub-of-usher-0123456789"},
    {"name": "porter", "api_token": "own-hub-of-porter-0123456789"},
    {"name": "shop", "api_token": "own-hub-of-shop-0123456789", "oauth_client_id": "service-shop",
     "oauth_redirect_uri": "http://127.0.0.1:9/callback", "oauth_no_confirm": True},
]
c.JupyterHub.load_roles += [
    {"name": "user", "scopes": ["self", "access:services"]},
    {"name": "clerk", "services": ["clerk"], "scopes": ["list:users", "read:users", "read:roles", "list:groups", "read:groups",
     "list:services", "read:services", "read:servers", "delete:servers", "read:tokens"]},
    {"name": "usher", "services": ["usher"], "scopes": ["list:users!group=guests", "delete:users!group=guests", "list:groups"]},
    {"name": "porter", "services": ["porter"], "scopes": ["list:users", "list:groups", "read:tokens!group=guests"]},
]
"""
"""An administrator, one who reads everything and stops servers, one who sees a part of the users, one who sees the tokens of a
part, and a service that users sign in at."""


@contextmanager
def _own_hub() -> Iterator[Hub]:
    with TemporaryDirectory() as folder, hub_with_servers(Path(folder), _OWN, _TOKEN, _SERVICES) as hub:
        yield hub


@contextmanager
def _as_started(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A hub whose users are `ann`, `bob` and `cid`."""
    with _own_hub():
        yield


@contextmanager
def _with_a_slow_server(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A server that is being stopped."""
    with _own_hub() as hub:
        hub.post("users", usernames=[SLOW])
        _started(hub, SLOW)
        with suppress(httpx.ReadTimeout):
            hub.client.delete(hub.address("users", SLOW, "server"), timeout=0.5)
        yield


@contextmanager
def _in_use(url: str, credential: Mapping[str, str]) -> Iterator[list[Deed]]:
    """A hub with two servers of one user, a person who signed in elsewhere, a user without a name, which JupyterHub 6 makes of
    one that is renamed to itself, and a user who leaves as soon as the users are listed."""
    with _own_hub() as hub:
        hub.post("users", usernames=["nameless", "leaver"])
        hub.patch("users", "nameless", name="nameless")
        let_in(
            {
                "authorize": f"{hub.url}/oauth2/authorize",
                "token": f"{hub.url}/oauth2/token",
                "client_id": "service-shop",
                "client_secret": "own-hub-of-shop-0123456789",
                "redirect_uri": "http://127.0.0.1:9/callback",
            },
            "ann",
        )
        hub.token_of("cid", note="for a day", expires_in=86400)
        _started(hub, "bob")
        _started(hub, "bob", "servers", "second")
        yield [Deed("GET", "/users$", lambda: hub.delete("users", "leaver"))]


@contextmanager
def _starting(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A proxy whose hub is not there yet."""
    with TemporaryDirectory() as folder, proxy_without_hub(Path(folder), _OWN):
        yield


def _started(hub: Hub, user: str, *server: str) -> None:
    """A user's server runs."""
    hub.post("users", user, *(server or ["server"]))
    name = server[-1] if server else ""
    while not hub.get("users", user)["servers"][name]["ready"]:
        time.sleep(0.2)


ADMINISTRATOR = Recording(
    "administrator",
    [
        Question("delete_account", {"account_id": SLOW}),
        *twice("assign_entitlement", {"account_integration_specific_id": "bob", **_role("admin")}),
        *twice("unassign_entitlement", {"account_integration_specific_id": "bob", **_role("admin")}),
        Question("assign_entitlement", {"account_integration_specific_id": "bob", **_role("user")}),
        Question("assign_entitlement", {**membership("bob", "guests"), "entitlement_integration_specific_id": "owner"}),
        Question("create_account", _new("eve", entitlement_type="role", integration_specific_id="admin")),
        Question("create_account", _new("fay", entitlement_type="role", integration_specific_id="user")),
        Question("create_account", _new("gus", entitlement_type="member", integration_specific_id="member")),
        Question("update_account", {"id": "bob", "email": "bob@acme.example"}),
        Question("update_account", {"id": "bob", "username": "bob"}),
        Question("update_account", {"id": "bob", "username": "bob", "admin": True}),
        Question("update_account", {"id": "bob", "admin": True}),
        Question("update_account", {"id": "bob", "username": "rob", "admin": True}),
        Question("unassign_entitlement", membership("rob", "staff")),
        Question("update_account", {"id": "rob", "username": "ann"}),
        Question("update_account", {"id": "rob", "username": "a/b"}),
        Question("update_account", {"id": "rob", "admin": False}),
    ],
    credential={"token": "own-hub-of-root-0123456789"},
    setting=_with_a_slow_server,
    settings={"base_url": f"http://127.0.0.1:{_OWN}/hub/api"},
)
IN_USE = Recording(
    "in_use",
    [
        *walk("list_credentials", "list_accounts", "list_entitlements", "find_entitlement_associations", size=1000),
        *walk("list_non_human_accounts"),
        *walk("find_resource_graph", "find_entitlement_graph", "find_entitlement_assignments", size=200),
        *twice("release_resources", {"account_id": "bob"}),
    ],
    credential={"token": "own-hub-of-clerk-0123456789"},
    setting=_in_use,
    settings={"base_url": f"http://127.0.0.1:{_OWN}/hub/api"},
)
IN_PART = Recording(
    "in_part",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts", "list_non_human_accounts"),
        Question("get_account_entitlement_associations", {"account_id": "cid"}),
        Question("get_last_activity", {"account_ids": ["cid"]}),
        Question("get_last_activity", {"account_ids": ["ann"]}),
        Question("delete_account", {"account_id": "ann"}),
        Question("create_account", {"username": "stranger"}),
    ],
    credential={"token": "own-hub-of-usher-0123456789"},
    setting=_as_started,
    settings={"base_url": f"http://127.0.0.1:{_OWN}/hub/api"},
)
TOKENS_IN_PART = Recording(
    "tokens_in_part",
    walk("list_credentials"),
    credential={"token": "own-hub-of-porter-0123456789"},
    setting=_as_started,
    settings={"base_url": f"http://127.0.0.1:{_OWN}/hub/api"},
)
STARTING = Recording(
    "starting",
    [
        Question("validate_credentials", {}),
        Question("get_last_activity", {"account_ids": ["ann"]}),
        Question("delete_account", {"account_id": "ann"}),
    ],
    credential={"token": _TOKEN},
    setting=_starting,
    settings={"base_url": f"http://127.0.0.1:{_OWN}/hub/api"},
)
APPLICATION = Application(
    "jupyterhub",
    "JupyterHub",
    "6.1.1",
    "jupyterhub",
    18750,
    [READS, WRITES, REFUSED, ADMINISTRATOR, IN_USE, IN_PART, TOKENS_IN_PART, STARTING],
)
