"""One operation of a description: its parameters, its body, its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ferrule.against.schema import Schemas, series, table
from ferrule.against.shape import ANYTHING, Shape, union
from ferrule.functions import Type


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A query parameter or a header."""

    name: str
    place: str
    required: bool
    shape: Shape
    spreads: bool = False
    """It stands for parameters of other names: an object that is taken apart."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """The parameter as the description writes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What a description says of one request."""

    id: str
    """Its `operationId`, or method and path where it has none."""
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Shape] | None
    """Media type to shape; None where no body is described."""
    needs_body: bool
    answers: Mapping[str, Shape]
    """Status as it is written, `4XX` and `default` included, to the shape of the body; without those that have none."""
    statuses: frozenset[str]
    security: frozenset[str] = field(default=frozenset())
    """Parameters that carry a credential, in lower case."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """The operation as the description writes it."""

    def good(self) -> Shape:
        """The body of an answer that is no failure."""
        found = [shape for status, shape in self.answers.items() if status.startswith("2")]
        if not found and not any(status.startswith("2") for status in self.statuses) and "default" in self.answers:
            found = [self.answers["default"]]
        return self._named(found)

    def of_status(self, status: int) -> Shape:
        """The body of an answer with this status; anything, where the description does not say."""
        for written in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if written in self.answers:
                return self._named([self.answers[written]])
        return self._named([])

    def failed(self) -> Shape:
        """The body of an answer that is a failure; anything, where no failure is described."""
        return self._named([shape for status, shape in self.answers.items() if not status.startswith("2")])

    def any_answer(self, statuses: Iterable[int] = ()) -> Shape:
        """The body of an answer of these statuses, or of any. A success without a body has none that could be read."""
        wanted = list(statuses)
        if wanted:
            return replace(union(map(self.of_status, wanted)), source=self.id)
        is_empty = any(status.startswith("2") for status in self.statuses) and not any(status.startswith("2") for status in self.answers)
        return replace(self.failed() if is_empty else union([self.good(), self.failed()]), source=self.id)

    def failed_or_told(self) -> Shape:
        """The body of a failure, or of a success that may say it is one, as far as successes are described."""
        good = self.good()
        return self.failed() if good.is_blank else union([self.failed(), good])

    def _named(self, shapes: list[Shape]) -> Shape:
        return replace(union(shapes) if shapes else ANYTHING, source=self.id)


def described(
    content: Mapping[str, Any], schemas: Schemas, path: str, item: Mapping[str, Any], method: str, said: Mapping[str, Any]
) -> Described:
    """What the document `content` says of `method` on `path`."""
    raw = [*_dicts(item.get("parameters"), schemas), *_dicts(said.get("parameters"), schemas)]
    distinct = {(str(parameter.get("name")), str(parameter.get("in"))): parameter for parameter in raw}
    is_old = "swagger" in content
    parameters = tuple(
        _parameter(parameter, schemas, is_old) for parameter in distinct.values() if parameter.get("in") in ("query", "header")
    )
    if is_old:
        bodies, needs = _old_body(content, said, list(distinct.values()), schemas)
    else:
        bodies, needs = _body(schemas.follow(said.get("requestBody")), schemas)
    answers = table(said.get("responses"))
    shapes: dict[str, Shape] = {}
    for status, answer in answers.items():
        shape = _answer(content, said, schemas.follow(answer), schemas) if str(status) != "204" else None
        if shape is not None:
            shapes[str(status)] = shape
    name = said.get("operationId")
    title = str(name) if name else f"{method.upper()} {path}"
    return Described(title, parameters, bodies, needs, shapes, frozenset(map(str, answers)), _credentials(content), said)


def _dicts(value: Any, schemas: Schemas) -> list[dict[str, Any]]:
    found = [schemas.follow(item) for item in value] if isinstance(value, list) else []
    return [item for item in found if isinstance(item, dict)]


def _parameter(raw: Mapping[str, Any], schemas: Schemas, is_old: bool) -> Parameter:
    schema: Any = _old_schema(raw) if is_old else raw.get("schema", {})
    shape = schemas.of(schema)
    spreads = "content" not in raw and bool(shape.types & Type.OBJECT) and not is_old
    required = raw.get("required") is True and "default" not in table(schema)
    return Parameter(str(raw.get("name")), str(raw.get("in")), required, shape, spreads, raw)


def _old_schema(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Swagger 2 writes the schema of a parameter into the parameter."""
    return {key: value for key, value in raw.items() if key in ("type", "enum", "items", "minimum", "maximum", "default")}


def _body(raw: Any, schemas: Schemas) -> tuple[Mapping[str, Shape] | None, bool]:
    if not isinstance(raw, dict):
        return None, False
    made = {str(media): schemas.of(table(held).get("schema", {})) for media, held in table(raw.get("content")).items()}
    return made, raw.get("required") is True


def _old_body(
    content: Mapping[str, Any], said: Mapping[str, Any], parameters: list[dict[str, Any]], schemas: Schemas
) -> tuple[Mapping[str, Shape] | None, bool]:
    consumes = series(said.get("consumes")) or series(content.get("consumes")) or ["application/json"]
    form = [parameter for parameter in parameters if parameter.get("in") == "formData"]
    if form:
        schema = {
            "type": "object",
            "properties": {str(parameter["name"]): _old_schema(parameter) for parameter in form if "name" in parameter},
            "required": [str(parameter["name"]) for parameter in form if parameter.get("required") is True],
        }
        shape = schemas.of(schema)
        kinds = [str(media) for media in consumes if "form" in str(media)] or ["application/x-www-form-urlencoded"]
        return dict.fromkeys({*kinds, *(str(media) for media in consumes)}, shape), bool(schema["required"])
    body = next((parameter for parameter in parameters if parameter.get("in") == "body"), None)
    if body is None:
        return None, False
    shape = schemas.of(body.get("schema", {}))
    return {str(media): shape for media in consumes}, body.get("required") is True


def _answer(content: Mapping[str, Any], said: Mapping[str, Any], raw: Any, schemas: Schemas) -> Shape | None:
    """The shape of an answer's body; None where it has none."""
    if not isinstance(raw, dict):
        return ANYTHING
    if "swagger" in content:
        produces = series(said.get("produces")) or series(content.get("produces")) or ["application/json"]
        if "schema" not in raw:
            return None
        return schemas.of(raw["schema"]) if any(map(is_json, produces)) else ANYTHING
    held = raw.get("content")
    if not isinstance(held, dict) or not held:
        return None
    found = [schemas.of(media["schema"]) for name, media in held.items() if is_json(name) and isinstance(media, dict) and "schema" in media]
    return union(found) if found else ANYTHING


def is_json(media: Any) -> bool:
    """Whether a media type is JSON, or any at all."""
    name = str(media).split(";")[0].strip().lower()
    return name.endswith(("json", "*/*")) or name == "application/*"


def _credentials(content: Mapping[str, Any]) -> frozenset[str]:
    schemes = table(content.get("securityDefinitions")) or table(table(content.get("components")).get("securitySchemes"))
    return frozenset(str(scheme["name"]).lower() for scheme in schemes.values() if isinstance(scheme, dict) and "name" in scheme)
