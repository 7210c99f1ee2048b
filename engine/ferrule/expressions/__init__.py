"""JMESPath expressions: parsed and checked when a spec is compiled, plain Python functions when it runs."""

from ferrule.expressions.expression import Expression, ExpressionFailure, compile_expression
from ferrule.expressions.lazy import ready
from ferrule.expressions.parse import ExpressionError
from ferrule.expressions.row import Row, RowField, compile_row, one_by_one

__all__ = [
    "Expression",
    "ExpressionError",
    "ExpressionFailure",
    "Row",
    "RowField",
    "compile_expression",
    "compile_row",
    "one_by_one",
    "ready",
]
