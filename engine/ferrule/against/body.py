"""What a request would send, held against the schema of what the app takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ferrule.against.operation import Described, is_json
from ferrule.against.reading import kind_of, listed
from ferrule.against.report import BODY_KIND, MISSING_BODY, MISSING_PROPERTY, PROPERTY_VALUE, UNKNOWN_PROPERTY
from ferrule.against.shape import Form, Shape
from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, did_you_mean
from ferrule.functions import Type, type_of
from ferrule.request import RequestSpec
from ferrule.source import Scalar, Text
from ferrule.templates import compile_template


@dataclass(frozen=True, slots=True)
class Sent:
    """A structure that a request sends, and where it is written."""

    value: Any
    span: Span


def body_findings(spec: RequestSpec, operation: Described, extra: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """What is wrong with a body. `extra` are dotted names that pagination adds to it."""
    kind = next((kind for kind in ("json", "form", "xml", "text", "graphql") if _given(spec, kind) is not None), None)
    if kind is None:
        if operation.needs_body and operation.bodies and not extra and not _may_be_empty(operation):
            yield Diagnostic(MISSING_BODY, spec.path.span, f"`{operation.id}` needs a body, and none is sent", "add `json:`")
        return
    if kind not in ("json", "form"):
        return
    shape, media = _taken(spec, kind, operation)
    place = spec.key_at(kind, otherwise=spec.path.span)
    if shape is None:
        if media and spec.method not in ("get", "delete", "head"):
            yield Diagnostic(BODY_KIND, place, f"`{operation.id}` takes {' or '.join(media)}, not {_WORDS[kind]}")
        elif operation.bodies is None and spec.method in ("put", "post", "patch") and _given(spec, kind):
            yield Diagnostic(BODY_KIND, place, f"`{operation.id}` takes no body")
        return
    yield from _Structure(operation.id, kind == "form").check(_given(spec, kind), shape, place)
    for name, span in extra.items():
        yield from _dotted(name.split("."), shape, span, operation.id)


_WORDS = {"json": "JSON", "form": "a form"}


def _may_be_empty(operation: Described) -> bool:
    return any(not any(form.required for form in shape.forms) for shape in (operation.bodies or {}).values())


def _given(spec: RequestSpec, kind: str) -> Any:
    return spec.json_ if kind == "json" else getattr(spec, kind)


def _taken(spec: RequestSpec, kind: str, operation: Described) -> tuple[Shape | None, list[str]]:
    """The schema of the body that is sent, and the media types that are described where it is none of them."""
    bodies = operation.bodies or {}
    if spec.content_type is not None and spec.content_type in bodies:
        return bodies[spec.content_type], []
    fits: Callable[[str], bool] = is_json if kind == "json" else lambda media: "form" in media or "*/*" in media
    found = next((shape for media, shape in bodies.items() if fits(media)), None)
    return found, [] if found is not None else sorted(bodies)


def _dotted(names: list[str], shape: Shape, span: Span, source: str) -> Iterator[Diagnostic]:
    for name in names:
        found = shape.member(name)
        if found is None:
            if any(form.is_object for form in shape.forms):
                message = f"`{source}` takes no `{'.'.join(names)}`"
                yield Diagnostic(UNKNOWN_PROPERTY, span, message, did_you_mean(name, shape.names))
            return
        shape = found


class _Structure:
    """Walks a structure and its schema together. `loose` is for forms, where every value is sent as text."""

    def __init__(self, source: str, loose: bool) -> None:
        self.source, self.loose = source, loose

    def check(self, value: Any, shape: Shape, place: Span) -> Iterator[Diagnostic]:
        if any(form.is_blank and not form.types & ~(Type.OBJECT | Type.NULL) for form in shape.forms) or not shape.forms:
            return
        if isinstance(value, dict):
            if set(map(str, value)) == {"value", "when"}:
                yield from self.check(value["value"], shape, place)
            else:
                yield from self._object(value, shape, place)
        elif isinstance(value, list):
            yield from self._array(value, shape, place)
        else:
            yield from constant_findings(value, shape, place, PROPERTY_VALUE, f"in the body of `{self.source}`", loose=self.loose)

    def _object(self, value: Mapping[Any, Any], shape: Shape, place: Span) -> Iterator[Diagnostic]:
        forms = [form for form in shape.forms if form.is_object]
        place = getattr(value, "span", place)
        if not forms:
            yield Diagnostic(PROPERTY_VALUE, place, f"`{self.source}` takes {kind_of(shape)} here, not an object")
            return
        fitting = [form for form in forms if all(form.member(str(key)) is not None for key in value)]
        if not fitting:
            # Of several forms, the one that takes most of what is sent is meant.
            meant = max(forms, key=lambda form: sum(form.member(str(key)) is not None for key in value))
            for key in value:
                if meant.member(str(key)) is None:
                    yield self._unknown(key, meant, place)
            fitting = [meant]
        yield from self._missing(value, fitting, place)
        for key, item in value.items():
            held = shape.of(fitting).member(str(key))
            if held is not None:
                yield from self.check(item, held, key.span if isinstance(key, (Text, Scalar)) else place)

    def _unknown(self, key: Any, meant: Form, place: Span) -> Diagnostic:
        title = f"`{meant.name}`" if meant.name else "the body"
        hint = did_you_mean(str(key), meant.members) or listed(sorted(meant.members))
        at = key.span if isinstance(key, (Text, Scalar)) else place
        return Diagnostic(UNKNOWN_PROPERTY, at, f"{title} of `{self.source}` has no `{key}`", hint)

    def _missing(self, value: Mapping[Any, Any], forms: list[Form], place: Span) -> Iterator[Diagnostic]:
        given = set(map(str, value))
        lacks = [sorted(form.required - given) for form in forms]
        if all(lacks):
            names = ", ".join(f"`{name}`" for name in min(lacks, key=len))
            yield Diagnostic(MISSING_PROPERTY, place, f"the body of `{self.source}` needs {names}")

    def _array(self, value: list[Any], shape: Shape, place: Span) -> Iterator[Diagnostic]:
        if not shape.types & Type.ARRAY:
            if not self.loose:
                yield Diagnostic(PROPERTY_VALUE, place, f"`{self.source}` takes {kind_of(shape)} here, not a list")
            return
        spans = getattr(value, "spans", [place] * len(value))
        for item, span in zip(value, spans, strict=True):
            yield from self.check(item, shape.items(), span)


def constant_findings(value: Any, shape: Shape, place: Span, code: Code, where: str, *, loose: bool) -> Iterator[Diagnostic]:
    """What is wrong with a value that is written out. A template may give anything. `loose` says that all is sent as text."""
    if isinstance(value, str):
        place = value.span if isinstance(value, Text) else place
        try:
            template = compile_template(value if isinstance(value, Text) else Text(value))
        except SpecError:
            return
        if not template.constant:
            return
        value = template.render({})
    if value is None or isinstance(value, (dict, list)) or not shape.types & ~Type.NULL:
        return
    if Type.ARRAY in shape.types and loose:
        items = shape.items()
        shape = items if items.forms else shape
    kind = type_of(value) or Type(0)
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    if not kind & shape.types and not (loose and _reads_as(shown, shape.types)):
        yield Diagnostic(code, place, f"`{shown}` is {kind}, and {kind_of(shape)} is due {where}")
        return
    values = shape.values
    if values is not None and (shown not in map(_shown, values) if loose else value not in values):
        texts = [_shown(item) for item in values]
        parts = shown.split(",") if loose else [shown]
        if len(parts) > 1 and all(part.strip() in texts for part in parts):
            return
        yield Diagnostic(code, place, f"`{shown}` is none of the values that are due {where}", did_you_mean(shown, texts) or listed(values))
        return
    if isinstance(value, (int, float)) and not isinstance(value, bool) and len(shape.forms) == 1:
        low, high = shape.forms[0].low, shape.forms[0].high
        if high is not None and value > high:
            yield Diagnostic(code, place, f"`{shown}` is out of bounds: at most {high:g} is due {where}")
        elif low is not None and value < low:
            yield Diagnostic(code, place, f"`{shown}` is out of bounds: at least {low:g} is due {where}")


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reads_as(text: str, types: Type) -> bool:
    """Whether text can stand for a value of these types, as it does in a query or a form."""
    if types & (Type.STRING | Type.OBJECT | Type.ARRAY):
        return True
    if types & Type.BOOLEAN and text.lower() in ("true", "false", "0", "1"):
        return True
    return bool(types & Type.NUMBER) and text.lstrip("-").replace(".", "", 1).isdecimal()
