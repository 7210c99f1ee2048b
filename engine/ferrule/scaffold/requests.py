"""Requests of a description as a spec writes them: names in a path, and parameters that must be sent, become settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ferrule.against.description import Description, Document, Route
from ferrule.against.operation import Described, Parameter
from ferrule.against.schema import table
from ferrule.against.sending import CREDENTIAL
from ferrule.functions import Type
from ferrule.scaffold.text import sentence
from ferrule.scaffold.words import identifier, titled

HOLE = re.compile(r"\{\+?([^}]*)\}")


@dataclass(slots=True)
class Settings:
    """The settings that a spec comes to have, in the order in which they were needed."""

    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def name(self, wanted: object, spec: Mapping[str, Any]) -> str:
        """The name of a setting that is like this one; it is added where there is none."""
        name = identifier(wanted)
        self.made.setdefault(name, dict(spec))
        return name


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a description."""

    route: Route
    method: str
    operation: Described

    @property
    def path(self) -> str:
        return self.route.path

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in its path."""
        return tuple(HOLE.findall(self.path))

    @property
    def query(self) -> dict[str, Parameter]:
        """Its query parameters."""
        return {parameter.name: parameter for parameter in self.operation.parameters if parameter.place == "query"}

    @property
    def told(self) -> str:
        """How comments name it: `GET /users (listUsers)`."""
        shown = f"{self.method.upper()} {self.path}"
        return shown if self.operation.id == shown else f"{shown} ({self.operation.id})"

    @property
    def is_deprecated(self) -> bool:
        return self.operation.said.get("deprecated") is True

    def words(self) -> str:
        """What the description says of it, in its own words."""
        return f"{self.operation.said.get('summary') or ''}\n{self.operation.said.get('description') or ''}"


def ask(route: Route, method: str) -> Ask | None:
    """What a description says of a method of a path."""
    operation = route.operation(method) if method in route.methods else None
    return Ask(route, method, operation) if operation is not None else None


def routes(description: Description) -> list[Route]:
    """The paths below the first server's address, the first of each."""
    main = description.documents[0].prefixes[0] if description.documents[0].prefixes else ()
    found: dict[str, Route] = {}
    for route in description.routes:
        if route.prefix == main and "#" not in route.path and "?" not in route.path:
            found.setdefault(route.path, route)
    return list(found.values())


def written(wanted: Ask, settings: Settings, bound: Sequence[str] = (), query: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The request as a spec has it. `bound` are templates for the last names of its path; those before become settings, and so
    do parameters that must be sent. None where one of them cannot be."""
    names = wanted.names
    free = len(names) - len(bound)
    if free < 0:
        return None
    templates = [*(_of_path(wanted, name, settings) for name in names[:free]), *bound]
    parts = iter(templates)
    made: dict[str, Any] = {wanted.method: HOLE.sub(lambda _: next(parts), wanted.path)}
    sent: dict[str, Any] = dict(query or {})
    headers: dict[str, Any] = {}
    for parameter in wanted.operation.parameters:
        name = parameter.name.lower()
        if not parameter.required or parameter.name in sent or name in wanted.operation.security or CREDENTIAL.search(name):
            continue
        value = _of_parameter(parameter, settings)
        if value is None:
            return None
        (headers if parameter.place == "header" else sent)[parameter.name] = value
    return made | ({"query": sent} if sent else {}) | ({"headers": headers} if headers else {})


def _of_path(wanted: Ask, name: str, settings: Settings) -> str:
    document: Document = wanted.route.document
    raw: dict[str, Any] = {}
    for said in (*_parameters(wanted.route.item), *_parameters(wanted.operation.said)):
        found = table(document.schemas.follow(said))
        if found.get("name") == name and found.get("in") == "path":
            raw = found
    before = wanted.path.split(f"{{{name}}}")[0].rstrip("/").rpartition("/")[2]
    short = name if identifier(name) not in ("id", "key", "name", "slug") or not before else f"{before.removesuffix('s')}_{name}"
    return f"{{{{ settings.{settings.name(short, _setting(short, raw.get('description')))} }}}}"


def _parameters(said: Mapping[str, Any]) -> list[Any]:
    found = said.get("parameters")
    return found if isinstance(found, list) else []


def _of_parameter(parameter: Parameter, settings: Settings) -> Any:
    """What is sent for a parameter that must be: its only value, or a setting. None for what no setting can be."""
    values = parameter.shape.values
    if values is not None and len(values) == 1:
        return values[0] if isinstance(values[0], str) else str(values[0]).lower()
    if not parameter.shape.types & (Type.STRING | Type.NUMBER) or parameter.spreads:
        return None
    spec = _setting(parameter.name, parameter.said.get("description"))
    if values and all(isinstance(value, str) for value in values):
        spec["enum"] = list(values)
    return f"{{{{ settings.{settings.name(parameter.name, spec)} }}}}"


def _setting(name: str, said: object) -> dict[str, Any]:
    words = sentence(str(said), 140) if isinstance(said, str) else ""
    return {"title": titled(name)} | ({"description": words} if words else {})
