"""Expressions over answers and records, held against the schemas of a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ferrule.against.operation import Described
from ferrule.against.reading import Reader, kind_of, listed, statuses
from ferrule.against.report import ANSWER_TYPE, ERROR_FIELD, UNKNOWN_FIELD, UNKNOWN_VALUE, UNMAPPED_VALUE, Unchecked
from ferrule.against.shape import ANYTHING, HEADERS, NUMBER, Shape, mapping, union
from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import NOWHERE, Diagnostic, Span, did_you_mean
from ferrule.expressions.parse import parse
from ferrule.functions import Type
from ferrule.source import Scalar, Text
from ferrule.spec.record import MappedField, RecordFields, ValueField
from ferrule.templates import compile_template

_CODES = {"field": UNKNOWN_FIELD, "type": ANSWER_TYPE, "value": UNKNOWN_VALUE}
_SCALAR = Type.STRING | Type.NUMBER
_WANTED = {
    "text": _SCALAR,
    "secret": _SCALAR,
    "datetime": _SCALAR,
    "integer": _SCALAR,
    "number": _SCALAR,
    "boolean": Type.BOOLEAN,
    "enum": Type.STRING,
    "list": Type.ARRAY,
    "map": Type.OBJECT,
    "model": Type.OBJECT,
    "union": Type.OBJECT,
}
"""What a field of the contract can be made from; pydantic reads a number out of text, and the contract writes numbers out."""

Names = Mapping[str, Shape]


class Answers:
    """Collects what is found of expressions, and counts those that were followed."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.checked: set[tuple[Span, str]] = set()
        self.unchecked: dict[tuple[Span, str], Unchecked] = {}

    def find(self, text: Text, current: Shape, names: Names, want: Type = Type.ANY, *, error: bool = False, use: str = "") -> Shape:
        """What an expression gives, its slips noted. `want` are the types that are due, `error` says that it is for failures."""
        reader = Reader(text, names)
        made = reader.run(current)
        self._count(text, reader, made)
        for note in reader.notes:
            if error and note.kind == "value":
                continue  # lists of error codes are never complete
            code = ERROR_FIELD if error else _CODES[note.kind]
            self.found.append(Diagnostic(code, note.span, note.message, note.hint))
        kinds = made.types & ~Type.NULL
        if kinds and not kinds & want and not reader.notes:
            where = f" in the answer of `{made.source}`" if made.source else ""
            message = f"this is {kind_of(made)}{where}, and {use or 'what it is for'} needs {_needs(want)}"
            self.found.append(Diagnostic(ERROR_FIELD if error else ANSWER_TYPE, text.span, message))
        return made

    def _count(self, text: Text, reader: Reader, made: Shape) -> None:
        if text.span == NOWHERE:
            return
        key = (text.span, str(text))
        blind = reader.blind or (made.is_blank and made.types == Type.ANY)
        if blind:
            self.checked.discard(key)
            self.unchecked[key] = Unchecked("expression", text.span, f"the description does not tell what `{text}` reads")
        elif reader.told and key not in self.unchecked:
            self.checked.add(key)

    def over_good(self, text: Text | None, operation: Described | None, names: Names, want: Type = Type.ANY, use: str = "") -> Shape:
        """What an expression gives of an answer that is no failure."""
        if text is None:
            return ANYTHING
        return self.find(text, _answer(operation.good() if operation else ANYTHING, operation), names, want, use=use)

    def over_any(self, text: Text | None, operation: Described | None, names: Names, *, error: bool = False) -> None:
        """A predicate over an answer of any status, or of those it asks for."""
        if text is not None:
            body = operation.any_answer(statuses(parse(text))) if operation else ANYTHING
            self.find(text, _answer(body, operation), names, error=error)

    def over_all(self, text: Text | None, operations: Iterable[Described], names: Names) -> None:
        """An expression over the failures of every request. It may be made for one of them: what none has is noted."""
        if text is None:
            return
        wanted = statuses(parse(text))
        bodies = [operation.any_answer(wanted) if wanted else operation.failed_or_told() for operation in operations]
        if bodies:
            self.find(text, _answer(replace(union(bodies), source=""), None), names, error=True)

    def record(self, fields: RecordFields, contract: Mapping[str, FieldInfo], current: Shape, names: Names) -> None:
        """Each field of a record."""
        for name, field in fields.items():
            self.field(str(name), field, contract.get(str(name)), current, names)

    def field(self, name: str, field: Any, info: FieldInfo | None, current: Shape, names: Names) -> None:
        """One field: of what it is made, and whether the contract's field can hold that."""
        if isinstance(field, Text):
            want = _WANTED.get(info.kind, Type.ANY) if info else Type.ANY
            made = self.find(field, current, names, want, use=f"`{name}`")
            if info is not None and info.kind == "enum":
                self._fits(name, field, made, info.values)
        elif isinstance(field, MappedField):
            self._mapped(name, field, self.find(field.from_, current, names))
        elif isinstance(field, ValueField):
            if isinstance(field.value, Text):
                self.template(field.value, names)
        elif isinstance(field, dict):
            self.record(field, info.fields if info else {}, current, names)

    def _fits(self, name: str, text: Text, made: Shape, words: tuple[str, ...]) -> None:
        values = _told(made)
        lacks = [str(value) for value in values or () if value not in words]
        if lacks:
            message = f"this may be {_words(lacks)} in the answer of `{made.source}`, which `{name}` of the contract cannot be"
            self.found.append(Diagnostic(UNMAPPED_VALUE, text.span, message, "translate it: `{from, map}`"))

    def _mapped(self, name: str, field: MappedField, made: Shape) -> None:
        values = _told(made)
        if values is None:
            return
        keys = {_key(key): key for key in field.map}
        for form, key in keys.items():
            if form not in set(map(_key, values)) and _key(None) != form:
                place = key.span if isinstance(key, (Text, Scalar)) else field.from_.span
                near = did_you_mean(str(key), map(str, values)) or listed(values)
                message = f"`{field.from_}` is never `{key}` in the answer of `{made.source}`"
                self.found.append(Diagnostic(UNKNOWN_VALUE, place, message, near))
        lacks = [str(value) for value in values if _key(value) not in keys]
        if lacks and "else_" not in field.model_fields_set:
            them = "it" if len(lacks) == 1 else "them"
            message = f"`{field.from_}` may be {_words(lacks)} in the answer of `{made.source}`, and `map` of `{name}` lacks {them}"
            self.found.append(Diagnostic(UNMAPPED_VALUE, field.from_.span, message, "add it to `map:`, or say `else:`"))

    def template(self, text: Text, names: Names) -> None:
        """The names that a template reads below a record or a saved value."""
        template = compile_template(text)
        for path in sorted(template.reads):
            if path[0] not in names or len(path) < 2:
                continue
            shape: Shape | None = names[path[0]]
            for step in path[1:]:
                if shape is None or shape.is_blank or not any(form.is_object for form in shape.forms):
                    break
                held, shape = shape, shape.member(step)
                if shape is None:
                    place = _in_template(text, path, step)
                    whence = f"the answer of `{held.source}`" if held.source else f"`{path[0]}`"
                    near = did_you_mean(step, held.names) or listed(held.names)
                    self.found.append(
                        Diagnostic(
                            UNKNOWN_FIELD,
                            place,
                            f"there is no `{step}` in {held.title or whence}{f' of {whence}' if held.title else ''}",
                            near,
                        )
                    )


def _in_template(text: Text, path: tuple[str, ...], step: str) -> Span:
    start = text.find(".".join(path))
    offset = text.find(step, start + len(path[0])) if start >= 0 else -1
    return text.at(offset, len(step)) if offset >= 0 else text.span


def _answer(body: Shape, operation: Described | None) -> Shape:
    return mapping({"status": NUMBER, "headers": HEADERS, "body": body}, operation.id if operation else "")


def _told(made: Shape) -> tuple[Any, ...] | None:
    """The values that a description lists; None where it does not, or where a form of the value is made by the spec."""
    return None if made.is_blank or not made.source or any(form.silent or form.empty for form in made.forms) else made.values


def _needs(want: Type) -> str:
    words = {
        Type.ARRAY: "a list",
        Type.OBJECT: "an object",
        Type.BOOLEAN: "true or false",
        _SCALAR: "text or a number",
        Type.STRING: "text",
        Type.NUMBER: "a number",
    }
    return words.get(want & ~Type.NULL, str(want & ~Type.NULL))


def _words(values: list[str]) -> str:
    shown = [f"`{value}`" for value in values[:6]]
    return ", ".join(shown) + (f" and {len(values) - 6} more" if len(values) > 6 else "")


def _key(value: Any) -> tuple[str, Any]:
    """A value that keeps `true`, `1` and `'1'` apart."""
    value = value.value if isinstance(value, Scalar) else value
    return ("str", str(value)) if isinstance(value, str) else (type(value).__name__, value)
