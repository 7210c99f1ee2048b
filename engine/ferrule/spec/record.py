"""How a record of the app becomes a record of the contract: `record:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, Union

from pydantic import Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from ferrule.shape import SpecModel
from ferrule.source import Text


class MappedField(SpecModel):
    """A value of the record, translated by a table."""

    from_: Annotated[Text, Field(alias="from")]
    """Expression over the record."""
    map: dict[Any, Any]
    """The app's value to the contract's. A null value stays null unless the table has it."""
    else_: Annotated[Any, Field(alias="else")] = None
    """The contract's value for all others. Without it, a value that the table lacks is an error that names it."""


class ValueField(SpecModel):
    """A value that is the same for every record: a constant, or a template."""

    value: Any
    """The constant, or a template over `inputs`, `settings` and the names in scope."""


def _form(value: Any) -> str:
    if isinstance(value, str):
        return "expression"
    if isinstance(value, MappedField) or (isinstance(value, dict) and "from" in value):
        return "mapped"
    if isinstance(value, ValueField) or (isinstance(value, dict) and set(map(str, value)) == {"value"}):
        return "fixed"
    return "nested" if isinstance(value, dict) else "list" if isinstance(value, list) else "constant"


if TYPE_CHECKING:
    RecordField: TypeAlias = "Text | MappedField | ValueField | dict[Text, RecordField] | bool | int | float | None"
else:
    RecordField = TypeAliasType(
        "RecordField",
        Annotated[
            Union[  # noqa: UP007 - a recursive alias cannot be written with `|`
                Annotated[Text, Tag("expression")],
                Annotated[MappedField, Tag("mapped")],
                Annotated[ValueField, Tag("fixed")],
                Annotated[dict[Text, "RecordField"], Tag("nested")],
                Annotated[bool | int | float | None, Tag("constant")],
            ],
            Discriminator(_form),
        ],
    )
"""A string is an expression; a number, a boolean or null is itself; `{value: member}` is a constant string;
`{from, map, else}` translates; any other mapping is nested."""

RecordFields = dict[Text, RecordField]
