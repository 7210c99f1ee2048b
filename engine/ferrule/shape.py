"""What every part of a spec shares: the base of its models, and what they may ask of the compiler."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Any, Protocol, Self

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    model_validator,
)

from ferrule.attribute_docs import Documented
from ferrule.diagnostics import NOWHERE, Code, Span
from ferrule.escapes import Landing
from ferrule.expressions import Expression
from ferrule.source import Table, Text, key_span, locate
from ferrule.templates import Template

Flag = StrictBool
Count = Annotated[StrictInt, Field(ge=0)]
Seconds = Annotated[StrictInt | StrictFloat, Field(ge=0)]
"""A length of time in seconds."""


def _written_as(value: Any) -> str:
    return "list" if isinstance(value, list) else "text" if isinstance(value, str) else "mapping"


BY_SHAPE = Discriminator(_written_as)
"""Picks the member of a union by how the value is written, `Tag`ged as list, text or mapping: a slip is then told of that
member alone."""


class SpecModel(Documented):
    """A piece of a spec: frozen, named as in the YAML, unknown keys refused. It knows where it was written."""

    __slots__ = ("_table",)  # as a private attribute of pydantic it costs a fifth of all that loading does
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=False)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_places(cls, value: Any, made: ModelWrapValidatorHandler[Self]) -> Self:
        model = made(value)
        if type(value) is Table:
            object.__setattr__(model, "_table", value)
        return model

    def written_like(self, other: SpecModel) -> Self:
        """The same model, its keys at the places of those of `other`."""
        object.__setattr__(self, "_table", _table(other))
        return self

    def key_at(self, *keys: str, otherwise: Span = NOWHERE) -> Span:
        """The place of a key, the last of those that lead to it; `otherwise` where it is not written."""
        table = _table(self)
        return key_span(table, keys) if _holds(table, keys) else otherwise

    def value_at(self, *keys: str, otherwise: Span = NOWHERE) -> Span:
        """The place of what stands under a key: of the key, where it is no text."""
        table = _table(self)
        return locate(table, keys) if _holds(table, keys) else otherwise

    @property
    def span(self) -> Span:
        """The place it starts at."""
        table = _table(self)
        return table.span if table is not None else NOWHERE


def _table(model: SpecModel) -> Table | None:
    """What a model was made of; None where no file says it."""
    return getattr(model, "_table", None)


def _holds(table: Table | None, keys: tuple[str, ...]) -> bool:
    value: Any = table
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


class Compiler(Protocol):
    """What a kind may ask while it becomes behaviour. Slips are collected, not raised."""

    ldap: Any
    connection: Any
    """What the spec says of all its LDAP requests."""

    def template(self, text: Text, landing: Landing = "leaf") -> Template:
        """The compiled template, its names checked against what is in scope here."""

    def expression(self, text: Text) -> Expression:
        """The compiled expression over an answer (`status`, `headers`, `body`) and the names in scope here."""

    def record_expression(self, text: Text) -> Expression:
        """The compiled expression over one record and the names in scope here."""

    def scope_expression(self, text: Text) -> Expression:
        """The compiled expression over the names in scope here, and nothing else."""

    def report(self, code: Code, span: Span, message: str, hint: str | None = None) -> None:
        """Note a finding and go on."""

    def declare(self, names: Collection[str]) -> None:
        """Make names readable as `session.<name>` by everything compiled after."""

    def within(self, names: Mapping[str, Collection[str] | None]) -> AbstractContextManager[None]:
        """More names in scope for a while, each with the names below it; None where those are not known."""


JSON = Any
"""A value that JSON can hold."""
