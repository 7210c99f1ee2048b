"""What RabbitMQ is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx

from ferrule.record import Question
from live.broker import Broker, connected, hang_up
from live.recordings.asked import Application, Recording, of, twice, walk
from live.recordings.meanwhile import Deed

ODD_USER = "odd/5@x y+z%2F"
ODD_VHOST = "a/b c%2F"
_WORKER_PASSWORD = "worker-password"


@contextmanager
def _with_odd_names(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A user, a virtual host and patterns that try every mark an address can stumble over."""
    with _opened(url, credential) as broker:
        broker.put("vhosts", ODD_VHOST, description="", tags="blue,green")
        broker.put("users", ODD_USER, password="odd-password", tags="reporting,management")
        broker.put("user-limits", ODD_USER, "max-connections", value=7)
        broker.put("permissions", "/", ODD_USER, configure="", write="^orders\\.", read=".*")
        broker.put("permissions", ODD_VHOST, ODD_USER, configure="", write="", read="")
        broker.put("permissions", "dev", ODD_USER, configure="^$", write="^$", read="^a:.*")
        yield
        broker.delete("users", ODD_USER)
        broker.delete("vhosts", ODD_VHOST)


@contextmanager
def _with_a_connection(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A user with a password who is connected, until the broker says that he is not."""
    with _opened(url, credential) as broker, ThreadPoolExecutor() as client:
        broker.put("users", "worker", password=_WORKER_PASSWORD, tags="")
        broker.put("permissions", "/", "worker", configure="", write="^$", read=".*")
        with connected(broker, "worker", _WORKER_PASSWORD) as line:
            told = client.submit(hang_up, line)
            deadline = time.monotonic() + 10
            while not broker.get("connections", "username", "worker"):
                assert time.monotonic() < deadline, "the broker does not show the connection"
                time.sleep(0.1)
            yield
            assert b"Released by an administrator" in told.result(timeout=20)
        broker.delete("users", "worker")


@contextmanager
def _with_somebody_else(url: str, credential: Mapping[str, str]) -> Iterator[list[Deed]]:
    """Two virtual hosts that go while they are read, and a user who loses his permission a moment before it is taken."""
    short_lived = ("zz 1", "zz 2")
    with _opened(url, credential) as broker:
        for vhost in short_lived:
            broker.put("vhosts", vhost)
        broker.put("users", "leaver", tags="")
        broker.put("permissions", "dev", "leaver", configure="", write="", read=".*")
        yield [
            Deed("GET", "/vhosts$", lambda: [broker.delete("vhosts", vhost) for vhost in short_lived]),
            Deed("GET", "/permissions/dev/leaver$", lambda: broker.delete("permissions", "dev", "leaver")),
        ]
        broker.delete("users", "leaver")


@contextmanager
def _without_a_cluster_id(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A cluster that has a name and, until it is started again, no id."""
    with _opened(url, credential) as broker:
        before = broker.get("global-parameters", "internal_cluster_id"), broker.get("cluster-name")
        broker.delete("global-parameters", "internal_cluster_id")
        broker.put("cluster-name", name="rabbit@example.test")
        yield
        broker.put("global-parameters", "internal_cluster_id", **before[0])
        broker.put("cluster-name", **before[1])


@contextmanager
def _opened(url: str, credential: Mapping[str, str]) -> Iterator[Broker]:
    with httpx.Client(auth=(credential["username"], credential["password"])) as client:
        yield Broker(url, dict(credential), client)


def _right(entitlement: str, vhost: str) -> dict[str, str]:
    """What is given and taken, without whom. A right on no virtual host is a tag."""
    return {
        "resource_integration_specific_id": vhost,
        "resource_type": "vhost" if vhost else "",
        "entitlement_type": entitlement.partition(":")[0] if vhost else "tag",
        "entitlement_integration_specific_id": entitlement,
    }


def _wanted(entitlement: str, vhost: str) -> dict[str, str]:
    """An entitlement of `create_account`."""
    kind = entitlement.partition(":")[0] if vhost else "tag"
    return {"entitlement_type": kind, "integration_specific_id": entitlement, "integration_specific_resource_id": vhost}


def _made(username: str, *wanted: dict[str, str]) -> dict[str, Any]:
    return {"username": username, "entitlements": list(wanted)}


_WHO = "account_integration_specific_id"


def _given(entitlement: str, vhost: str = "") -> list[Question]:
    return twice("assign_entitlement", of(_WHO, **_right(entitlement, vhost)))


def _taken(entitlement: str, vhost: str = "") -> list[Question]:
    return twice("unassign_entitlement", of(_WHO, **_right(entitlement, vhost)))


READS = Recording(
    "reads",
    [
        Question("validate_credentials", {}),
        *walk("list_accounts"),
        Question("get_account", {"account_id": ODD_USER}),
        Question("get_account", {"account_id": "nobody"}),
        *walk("list_resources", "list_entitlements", size=2),
        Question("list_resources", {}),
        Question("list_resources", {}, page_size=1000),
        *walk("find_entitlement_associations"),
        *walk("get_account_entitlement_associations", size=2, account_id=ODD_USER),
        Question("get_account_entitlement_associations", {"account_id": "nobody"}),
    ],
    setting=_with_odd_names,
)
WRITES = Recording(
    "writes",
    [
        Question("create_account", _made("user01")),
        Question("create_account", _made("half-made", _wanted("read:.*", "nowhere"))),
        Question("create_account", _made("never", _wanted("boss", "dev"))),
        Question("create_account", _made("never", {**_wanted("management", "dev"), "entitlement_type": "tag"})),
        Question(
            "create_account",
            _made("new/comer", _wanted("read:^a", "dev"), _wanted("access", "/"), _wanted("monitoring", ""), _wanted("team", "")),
        ),
        Question("get_account", of("account_id")),
        Question("assign_entitlement", of(_WHO, **_right("read:^a", "dev"))),
        *_given("write:.*", "dev"),
        *_given("read:.*", "dev"),
        Question("assign_entitlement", of(_WHO, **_right("write:^b", "dev"))),
        Question("assign_entitlement", of(_WHO, **_right("configure:[", "dev"))),
        *_given("configure:.*", "dev"),
        *_given("access", "prod"),
        *_given("management"),
        Question("assign_entitlement", of(_WHO, **{**_right("management", "dev"), "entitlement_type": "tag"})),
        Question("assign_entitlement", {_WHO: "worker", **_right("write:^w", "/")}),
        *walk("get_account_entitlement_associations", account_id="new/comer"),
        *_taken("read:.*", "dev"),
        *_taken("configure:.*", "dev"),
        *_taken("access", "/"),
        *_taken("monitoring"),
        *walk("get_account_entitlement_associations", account_id="new/comer"),
        Question("assign_entitlement", of(_WHO, **_right("read:.*", "nowhere"))),
        Question("assign_entitlement", of(_WHO, **_right("boss", "dev"))),
        Question("assign_entitlement", {_WHO: "nobody", **_right("read:.*", "dev")}),
        Question("assign_entitlement", {_WHO: "nobody", **_right("management", "")}),
        Question("unassign_entitlement", {_WHO: "nobody", **_right("management", "")}),
        Question("unassign_entitlement", {_WHO: "admin", **_right("administrator", "")}),
        *twice("update_account", of("id", max_connections=0, max_channels=5)),
        *twice("update_account", of("id", max_connections=None, max_channels=-1)),
        Question("update_account", of("id", email="new.comer@example.test")),
        Question("update_account", {"id": "nobody", "max_connections": 0}),
        Question("get_account", of("account_id")),
        *twice("assign_entitlement", {_WHO: "worker", **_right("team a", "")}),
        *twice("unassign_entitlement", {_WHO: "worker", **_right("team a", "")}),
        Question("unassign_entitlement", {_WHO: "worker", **_right("administrator", "")}),
        *twice("release_resources", {"account_id": "worker"}),
        Question("release_resources", {"account_id": "nobody"}),
        Question("delete_account", {"account_id": "admin"}),
        *twice("delete_account", of("account_id")),
        Question("get_account", of("account_id")),
    ],
    setting=_with_a_connection,
)
_EVERYTHING_REFUSED = [
    Question("validate_credentials", {}),
    *walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations"),
    Question("get_account", {"account_id": "user02"}),
    Question("create_account", _made("stranger")),
    Question("assign_entitlement", {_WHO: "user02", **_right("read:.*", "prod")}),
    Question("unassign_entitlement", {_WHO: "user02", **_right("read:.*", "dev")}),
    Question("update_account", {"id": "user02", "max_channels": 1}),
    Question("release_resources", {"account_id": "user02"}),
    Question("delete_account", {"account_id": "user02"}),
]
MEANWHILE = Recording(
    "meanwhile",
    [*walk("list_resources", size=5), Question("unassign_entitlement", {_WHO: "leaver", **_right("access", "dev")})],
    setting=_with_somebody_else,
)
WITHOUT_CLUSTER_ID = Recording("without_cluster_id", [Question("validate_credentials", {})], setting=_without_a_cluster_id)
REFUSED = Recording("refused", _EVERYTHING_REFUSED, {"username": "admin", "password": "no-such-password"})
TOO_FEW_RIGHTS = Recording("too_few_rights", _EVERYTHING_REFUSED, {"username": "user04", "password": "pw04"})
DEMO = Recording("demo", walk("list_accounts", "list_resources", "list_entitlements", "find_entitlement_associations"))

APPLICATION = Application(
    "rabbitmq",
    "RabbitMQ",
    "3.10.8",
    "rabbitmq",
    18770,
    [READS, WRITES, MEANWHILE, WITHOUT_CLUSTER_ID, REFUSED, TOO_FEW_RIGHTS, DEMO],
    ("username", "password"),
)
