"""A SCIM service asked directly, by a second client that shares nothing with the engine: plain httpx; and one with more than its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

import ferrule

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ODD_NAME = 'we"ird\\x (eq) é'


@dataclass
class Service:
    """The service, asked directly."""

    url: str
    token: str
    client: httpx.Client

    def all(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/{kind}?count=1000").get("Resources", [])
        return found

    def get(self, path: str) -> dict[str, Any]:
        reply = self.client.get(self.url + path)
        reply.raise_for_status()
        found: dict[str, Any] = reply.json()
        return found

    def post(self, kind: str, **body: Any) -> str:
        reply = self.client.post(f"{self.url}/{kind}", json=body)
        reply.raise_for_status()
        made: str = reply.json()["id"]
        return made

    def patch(self, path: str, *operations: dict[str, Any]) -> None:
        self.client.patch(self.url + path, json={"Operations": operations}).raise_for_status()

    def status(self, path: str) -> int:
        return self.client.get(self.url + path).status_code

    def delete(self, path: str) -> None:
        self.client.delete(self.url + path)

    def id_of(self, name: str) -> str:
        (found,) = [user["id"] for user in self.all("Users") if user["userName"] == name]
        return str(found)

    def group(self, name: str) -> str:
        (found,) = [group["id"] for group in self.all("Groups") if group["displayName"] == name]
        return str(found)

    def members(self, group: str) -> list[str]:
        return [member["value"] for member in self.get(f"/Groups/{group}").get("members", [])]

    def held(self) -> set[tuple[str, str]]:
        """User and group."""
        groups = self.all("Groups")
        return {(m["value"], g["id"]) for g in groups for m in g.get("members", []) if m.get("type", "User") == "User"}


@contextmanager
def opened(url: str, token: str) -> Iterator[Service]:
    """The service, asked directly."""
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        yield Service(url, token, client)


@contextmanager
def left_alone(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A service that afterwards has the users, the groups and the members it had before."""
    with opened(url, credential["token"]) as service:
        users, groups, held = *({each["id"] for each in service.all(kind)} for kind in ("Users", "Groups")), service.held()
        yield
        for group in {each["id"] for each in service.all("Groups")} - groups:
            service.delete(f"/Groups/{group}")
        for user, group in service.held() - held:
            service.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{user}"]'})
        for user in {each["id"] for each in service.all("Users")} - users:
            service.delete(f"/Users/{user}")


@contextmanager
def stocked(url: str, credential: Mapping[str, str]) -> Iterator[None]:
    """A service with what its seed lacks: an odd name, users with less and with more, a group in a group, a member twice."""
    with left_alone(url, credential), opened(url, credential["token"]) as service:
        bare = service.post("Users", userName="bare")
        service.post(
            "Users",
            userName=ODD_NAME,
            active=True,
            title="Chief",
            userType="Contractor",
            emails=[{"value": "first@example.test"}, {"value": "second@example.test", "primary": True, "type": "home"}],
        )
        service.post("Users", userName="unsorted", emails=[{"value": "one@example.test", "type": "work"}, {"value": "two@example.test"}])
        staff = service.post("Groups", displayName="All staff")
        for member in ({"value": service.group("Engineering"), "type": "Group"}, {"value": bare}, {"value": bare, "type": "User"}):
            service.patch(f"/Groups/{staff}", {"op": "add", "path": "members", "value": [member]})
        service.post("Groups", displayName="Twins")
        service.post("Groups", displayName="Twins", members=[{"value": bare}])
        yield


def tenant_of(service: Service, **settings: Any) -> ferrule.Instance:
    return ferrule.load("scim").instance({"token": service.token}, {"base_url": service.url, **settings})


def right(account: str, group: str) -> dict[str, str]:
    return {
        "account_integration_specific_id": account,
        "resource_integration_specific_id": group,
        "resource_type": "group",
        "entitlement_type": "member",
        "entitlement_integration_specific_id": "member",
    }


def member_of(group: str) -> dict[str, str]:
    return {"entitlement_type": "member", "integration_specific_id": "member", "integration_specific_resource_id": group}


def pairs(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    assert {record["integration_specific_entitlement_id"] for record in records} <= {"member"}
    return [(record["account_id"], record["integration_specific_resource_id"]) for record in records]


def told(user: dict[str, Any]) -> dict[str, Any]:
    """A user as an account, in the words of the spec's header."""
    emails, extension = user.get("emails", []), user.get(ENTERPRISE, {})
    primary = [entry["value"] for entry in emails if entry.get("primary")] + [entry["value"] for entry in emails]
    attributes = {
        "external_id": user.get("externalId"),
        "title": user.get("title"),
        "user_type": user.get("userType"),
        "employee_number": extension.get("employeeNumber"),
        "department": extension.get("department"),
        "last_modified": user["meta"]["lastModified"],
    }
    account = {
        "integration_specific_id": user["id"],
        "resource_id": user["id"],
        "username": user["userName"],
        "email": primary[0] if primary else None,
        "given_name": user.get("name", {}).get("givenName"),
        "family_name": user.get("name", {}).get("familyName"),
        "user_status": "ACTIVE" if user.get("active", True) else "SUSPENDED",
        "custom_attributes": {name: value for name, value in attributes.items() if value is not None},
    }
    return {name: value for name, value in account.items() if value is not None}
