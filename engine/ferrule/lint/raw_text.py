"""A value is written without escaping.

`raw` takes away the escaping of the place it lands in. In a path a value with a `/` becomes several segments, in XML a value becomes
markup. Where that is meant, an ignore says why.

Reported:

    capabilities:
      get_account:
        request: {get: "/users/{{ inputs.account_id | raw }}"}    # L465
        record: {integration_specific_id: id}

Fine:

    capabilities:
      get_account:
        request: {get: "/users/{{ inputs.account_id }}"}
        record: {integration_specific_id: id}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject
from ferrule.lint.written import at, readings

CODE = Code("L465", "raw-text", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every template of the file."""
    for _, text in subject.texts if "raw" in subject.writing else ():
        for reading in readings(text) if "raw" in text and "{{" in text else ():
            if "raw" in reading.filters:
                message = f"`{'.'.join(reading.path)}` is written without escaping"
                yield Diagnostic(CODE, at(text, reading), message, "leave out `raw`")
