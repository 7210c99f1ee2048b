"""What RabbitMQ's spec must get right and a started broker cannot show: answers that lack the hash."""

from __future__ import annotations

from typing import Any

import pytest

import ferrule
import virtual_time
from app import AppWire, Asked, answer


class Broker:
    """A broker with one user."""

    def __init__(self, tags: list[str], **secrets: str) -> None:
        self.user: dict[str, Any] = {"name": "ann", "tags": tags, **secrets}
        self.permission = {"user": "ann", "vhost": "/", "configure": "^mine$", "write": ".*", "read": ""}
        self.put: list[Any] = []
        self.wire = AppWire(self.answer)

    def answer(self, asked: Asked) -> Any:
        if asked.method == "PUT":
            self.put.append(asked.body)
            held = self.user if asked.path.startswith("/api/users/") else self.permission
            held.update(asked.body)
            return answer(status=204)
        return answer(
            {"/api/users": [self.user], "/api/users/ann": self.user, "/api/permissions": [self.permission]}.get(asked.path, self.permission)
        )

    def tenant(self) -> ferrule.Instance:
        login = {"username": "admin", "password": "some-password"}
        return ferrule.load("rabbitmq").instance(
            login, {"base_url": "https://rabbit.example/api"}, wire=self.wire, clock=virtual_time.Clock()
        )


def right(entitlement: str, vhost: str) -> dict[str, str]:
    return {
        "account_integration_specific_id": "ann",
        "resource_integration_specific_id": vhost,
        "resource_type": "vhost" if vhost else "",
        "entitlement_type": entitlement.partition(":")[0] if vhost else "tag",
        "entitlement_integration_specific_id": entitlement,
    }


def test_tags_go_back_with_the_hash() -> None:
    broker = Broker(["monitoring", "team"], password_hash="aGFzaA==", hashing_algorithm="rabbit_password_hashing_sha256")
    with broker.tenant() as tenant:
        held = {r.integration_specific_entitlement_id for r in tenant.call("find_entitlement_associations").response}
        assert held == {"monitoring", "team", "access", "configure:^mine$", "write:.*"}
        assert tenant.call("assign_entitlement", right("management", "")).changed
        for tag in ("monitoring", "team", "management"):
            assert tenant.call("unassign_entitlement", right(tag, "")).changed
    assert [body["tags"] for body in broker.put] == [["monitoring", "team", "management"], ["team", "management"], ["management"], []]
    assert {(body["password_hash"], body["hashing_algorithm"]) for body in broker.put} == {("aGFzaA==", "rabbit_password_hashing_sha256")}


@pytest.mark.parametrize("secrets", [{}, {"password_hash": "aGFzaA=="}, {"hashing_algorithm": "rabbit_password_hashing_sha256"}])
def test_without_its_hash_no_user_is_written(secrets: dict[str, str]) -> None:
    broker = Broker(["team"], **secrets)

    async def refused(capability: str, tag: str) -> str:
        tenant = broker.tenant()
        with pytest.raises(ferrule.CallError) as caught:
            await tenant.acall(capability, right(tag, ""))
        await tenant.aclose()
        return caught.value.code.name

    for capability, tag in (("assign_entitlement", "management"), ("unassign_entitlement", "team")):
        assert virtual_time.run(refused(capability, tag)) == "invalid_response"
    assert broker.put == []


def test_the_vhost_named_slash_is_one_segment_and_one_pattern_of_three_changes() -> None:
    broker = Broker([])
    with broker.tenant() as tenant:
        assert tenant.call("assign_entitlement", right("read:.*", "/")).changed
        assert tenant.call("unassign_entitlement", right("write:.*", "/")).changed
    assert broker.put == [{"configure": "^mine$", "write": ".*", "read": ".*"}, {"configure": "^mine$", "write": "", "read": ".*"}]
    written = {asked.url for asked in broker.wire.asked if "/permissions/" in asked.url}
    assert written == {"https://rabbit.example/api/permissions/%2F/ann"}
