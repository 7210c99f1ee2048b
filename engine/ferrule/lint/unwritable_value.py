"""A list or an object is written where only text can stand.

A path, a header and a text around a value take text, numbers and booleans. A list there fails whenever the request is made; as
the value of a parameter it repeats the name, and `| join(',')` makes text of it.

Reported:

    capabilities:
      get_last_activity:
        request: {get: "/activity/{{ inputs.account_ids }}"}    # L457
        records: body.events
        record: {account_id: user, event_type: {value: login}, happened_at: at}

Fine:

    capabilities:
      get_last_activity:
        request: {get: /activity, query: {user: "{{ inputs.account_ids }}"}}
        records: body.events
        record: {account_id: user, event_type: {value: login}, happened_at: at}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.functions import Type
from ferrule.lint.subject import Subject
from ferrule.lint.written import at

CODE = Code("L457", "unwritable-value", "error")

_WRITABLE = Type.STRING | Type.NUMBER | Type.BOOLEAN
_IN_TEXT = frozenset({"path", "base_url", "headers"})
"""Where a value that stands alone is written as text, too."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at what is known of the values that templates write."""
    for request in subject.requests:
        for leaf, reading in request.readings:
            known = request.names.get(reading.path[0])
            if known is None or reading.filters or reading.guarded or (reading.whole and leaf.where not in _IN_TEXT):
                continue
            for name in reading.path[1:]:
                known = known.member(name)
            if known.types and not known.types & _WRITABLE and known.types != Type.NULL:
                message = f"`{'.'.join(reading.path)}` is {known}, which has no text form"
                yield Diagnostic(CODE, at(leaf.text, reading), message, "write `| join(',')`, or send it as a parameter of its own")
