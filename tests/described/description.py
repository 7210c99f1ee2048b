"""An app that answers as its vendor's description says: each operation with the example that is given for it.

Nothing is made up. An answer is the description's own example, or that of its schema where there is no other. It differs from it in
three ways only, each by what the description says:

- a list that is paged has as many records as were asked for, from the place that was asked for, and the fields of the paging say
  so: `limit` and `offset` are echoed, `more` tells whether there is more, `total` counts where it is counted. A turn may give a
  page that leads on to an empty one;
- what a call before has written, or taken away, is read back so;
- a field may have a value of another example, where two of them tell of different people and a call is about one, or one that
  its schema names.

The last two are written out, field by field, in the turns of a recording.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app import Asked, answer
from ferrule.http import Response


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of an operation."""

    status: int | None = None
    """The one that is asked for; without it, the first that is a success."""
    example: str | None = None
    """Which of the examples, by name: of those that the operation has, or of those that all operations share. Without it, the first."""
    instead: Mapping[str, Any] = field(default_factory=dict)
    """What stands in the example's place, by path: `user.role`."""
    page: Any = None
    """Another answer, which a page of the vendor's documentation shows."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that a page shows with it, or that lead on to another page."""


class Description:
    """An OpenAPI document, or one of Swagger 2, as far as it gives examples. Of further ones the operations are known."""

    def __init__(self, path: Path, *besides: Path) -> None:
        self.document = json.loads(gzip.decompress(path.read_bytes()))
        for each in besides:
            self.document["paths"] |= json.loads(gzip.decompress(each.read_bytes()))["paths"]

    @property
    def version(self) -> str:
        """The version of the API, as the description has it."""
        version: str = self.document["info"]["version"]
        return version

    def named(self, value: Any) -> Any:
        """A value, or what it refers to."""
        while isinstance(value, Mapping) and "$ref" in value:
            steps = [step.replace("~1", "/").replace("~0", "~") for step in value["$ref"].removeprefix("#/").split("/")]
            value = self.document
            for step in steps:
                value = value[int(step) if isinstance(value, Sequence) else step]
        return value

    def operation(self, method: str, path: str) -> Mapping[str, Any]:
        """The operation that a request means. Raises `LookupError` where there is none."""
        path = path.removeprefix(self.document.get("basePath", ""))
        fitting = [template for template in self.document["paths"] if _fits(template, path)]
        for template in sorted(fitting, key=lambda each: each.count("{")):
            if method.lower() in self.document["paths"][template]:
                found: Mapping[str, Any] = self.document["paths"][template][method.lower()]
                return found
        raise LookupError(f"the description has no {method} {path}")

    def example(self, operation: Mapping[str, Any], status: int, name: str | None = None) -> Any:
        """The body that the description shows for a status; None where it shows that there is none."""
        said = self.named(operation["responses"][str(status)])
        if "examples" in said:  # Swagger 2
            return copy.deepcopy(said["examples"]["application/json"])
        content = said.get("content", {}).get("application/json")
        if not content:
            return None
        shown = content.get("examples", {})
        if name is not None:
            shown = {name: shown[name] if name in shown else self.document["components"]["examples"][name]}
        shown = [self.named(example)["value"] for example in shown.values()]
        if "example" in content:  # which some write as the text of a body
            shown = [json.loads(content["example"]) if isinstance(content["example"], str) else content["example"]]
        return copy.deepcopy(shown[0] if shown else self._of_schema(content["schema"]))

    def _of_schema(self, schema: Any) -> Any:
        """What the schema's own examples come to. A property that has none and no properties of its own is left out."""
        schema = self.named(schema)
        if "example" in schema:
            return schema["example"]
        within = {name: self.named(each) for name, each in schema.get("properties", {}).items()}
        return {name: self._of_schema(each) for name, each in within.items() if "example" in each or "properties" in each}


def _fits(template: str, path: str) -> bool:
    """Whether a path is one of those that a template stands for."""
    pieces = re.split(r"(\{[^}]+\})", template)
    return re.fullmatch("".join("[^/]+" if piece.startswith("{") else re.escape(piece) for piece in pieces), path) is not None


class Described:
    """The app. `turns` says of an operation what it answers one time after the other; the last of them stays."""

    def __init__(self, description: Description, turns: Mapping[str, Sequence[Turn]] | None = None) -> None:
        self.description = description
        self._turns = {name: list(each) for name, each in (turns or {}).items()}

    def __call__(self, asked: Asked) -> Response:
        path = self.place(asked)
        on_a_page = f"{asked.method} {path}"  # what only a page of the documentation has, such as a login
        operation = {} if on_a_page in self._turns else self.description.operation(asked.method, path)
        turn = self._turn(operation.get("operationId", on_a_page))
        if turn.page is not None:
            return answer(None if turn.status == 204 else turn.page, turn.status or 200, turn.headers)
        status = turn.status or next(int(status) for status in operation["responses"] if status.startswith("2"))
        whole = self.shown(operation, status, turn, asked)
        headers = {**self.leading_on(whole, asked), **turn.headers}
        return answer(self.told(whole, turn, asked), status, headers)

    def shown(self, operation: Mapping[str, Any], status: int, turn: Turn, asked: Asked) -> Any:
        """The body that is shown for an answer; None where it has none."""
        return self.description.example(operation, status, turn.example)

    def place(self, asked: Asked) -> str:
        """The path of the description that was asked."""
        return urlsplit(asked.url).path

    def leading_on(self, body: Any, asked: Asked) -> Mapping[str, str]:
        """Headers that name the page after this one, of a list that is not cut yet."""
        return {}

    def told(self, body: Any, turn: Turn, asked: Asked) -> Any:
        """The body of a turn."""
        return instead(self.paged(body, asked), turn)

    def paged(self, body: Any, asked: Asked) -> Any:
        """A list cut as it was asked for, and the fields of its paging saying so."""
        return paged(body, asked) if isinstance(body, dict) else body

    def _turn(self, name: str) -> Turn:
        turns = self._turns.get(name) or [Turn()]
        return turns.pop(0) if len(turns) > 1 else turns[0]


def paged(body: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Cut a list as it was asked for, and say so in the fields of its paging."""
    if not {"limit", "offset", "more"} <= body.keys():
        return body
    name = next(name for name, value in body.items() if isinstance(value, list))
    limit, offset, every = int(asked.one("limit", "25")), int(asked.one("offset", "0")), body[name]
    total = None if body["total"] is None else len(every)
    body.update(
        {name: every[offset : offset + limit], "limit": limit, "offset": offset, "more": offset + limit < len(every), "total": total}
    )
    return body


def instead(body: Any, turn: Turn) -> Any:
    """Write what stands in the place of an example's values."""
    for place, value in turn.instead.items():
        put(body, place.split("."), value)
    return body


def put(body: Any, place: Sequence[str], value: Any) -> None:
    """Write one value of an answer."""
    for step in place[:-1]:
        body = body[int(step) if isinstance(body, list) else step]
    body[int(place[-1]) if isinstance(body, list) else place[-1]] = value
