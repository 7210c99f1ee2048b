"""What a list reads of its answers, so that no more of them is decoded.

Nothing is left out unless all who read are known: the expression that finds the records, the pager, what else the answer says,
the rules for errors and limits, the filter, the exploded list, and the fields of the record. Outer loops are decoded whole: their
records are names in the templates of the inner ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ferrule.decoding.sieve import Sieve
from ferrule.expressions import Expression, FieldsRow, OfScope, RowField, ValuePart, slotted_rows
from ferrule.pagination.keyset import KeysetPaginator
from ferrule.plan import Explode, HttpPlan, Loop, Row


def sieve(loop: Loop, row: Row, explode: Explode | None, says: Mapping[str, Expression], http: HttpPlan) -> Sieve | None:
    """The sieve of an innermost loop, where there may be one. `says` is what else is read from its answers."""
    request = loop.request
    if request is None or loop.records is None or (loop.pager and isinstance(loop.pager.paginator, KeysetPaginator)):
        return None
    answer = ValuePart()
    rules = (*request.errors, *http.verdicts.rules, *request.usual_errors)
    foreseen = tuple(rule.when for rule in rules if not _is_of_refusals(rule.when.parsed))  # the rest of a rule is for refusals
    for expression in _expressions((foreseen, request.absent, loop.pager, http.throttle, tuple(says.values()))):
        answer.read(expression.parsed, expression.names)
    body, found = answer.field("body"), None if loop.records.names else answer.find(loop.records.parsed)
    if found is None or found.whole or found.fields or body.whole:
        return None
    found.items = record = ValuePart()
    for each in (loop.filter, explode.list if explode else None):
        if each is not None:
            record.read(each.parsed, each.names)
    if not _read_row(row, record) or record.whole:
        return None
    if loop.filter is not None or explode is not None or not record.fields or not isinstance(row, FieldsRow):
        return Sieve(body)
    record.put_in_slots()
    return Sieve(body, slotted_rows(row.fields, record))


def _is_of_refusals(tree: dict[str, Any]) -> bool:
    """Whether a predicate is false of every success, by what it says of the status first: ``status == `404` && …``."""
    left, *right = tree["children"] or [{}]
    if tree["type"] == "and_expression":
        return _is_of_refusals(left)
    if tree["type"] != "comparator" or left != {"type": "field", "children": [], "value": "status"} or right[0]["type"] != "literal":
        return False
    operator, status = tree["value"], right[0]["value"]
    if isinstance(status, bool) or not isinstance(status, int):
        return False
    return (operator == "eq" and not 200 <= status < 300) or (operator in ("gt", "gte") and status >= 300)


def _read_row(field: RowField, record: ValuePart) -> bool:
    """Note what a field reads of the record. False where that is not known."""
    if isinstance(field, Expression):
        record.read(field.parsed, field.names)
    elif isinstance(field, FieldsRow):
        return all(_read_row(each, record) for each in field.fields.values())
    elif isinstance(field, tuple):
        return _read_row(field[0], record)
    elif not isinstance(field, OfScope):
        return not callable(field)
    return True


def _expressions(value: Any) -> Iterator[Expression]:
    """Every expression in a part of the plan."""
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _expressions(item)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _expressions(getattr(value, each.name))
