"""JMESPath expressions: parsed and checked when a spec is compiled, plain Python functions when it runs."""

from ferrule.expressions.expression import Expression, ExpressionFailure, compile_expression
from ferrule.expressions.lazy import ready
from ferrule.expressions.parse import ExpressionError
from ferrule.expressions.part import ValuePart
from ferrule.expressions.row import (
    FieldsRow,
    OfScope,
    Row,
    RowField,
    Rows,
    Translation,
    compile_row,
    one_by_one,
    present,
    slotted_rows,
    texts,
)

__all__ = [
    "Expression",
    "ExpressionError",
    "ExpressionFailure",
    "FieldsRow",
    "OfScope",
    "Row",
    "RowField",
    "Rows",
    "Translation",
    "ValuePart",
    "compile_expression",
    "compile_row",
    "one_by_one",
    "present",
    "ready",
    "slotted_rows",
    "texts",
]
