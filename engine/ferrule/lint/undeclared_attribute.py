"""A record carries a custom attribute that `custom_attributes` does not declare.

`list_custom_attributes_schema` tells callers which attributes there are. One it does not name is one they do not ask for.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          custom_attributes: {department: dept}    # L412

Fine:

    custom_attributes:
      - {of: account, name: department}
    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          custom_attributes: {department: dept}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic, did_you_mean
from ferrule.lint.places import value_span
from ferrule.lint.sites import RecordSite
from ferrule.lint.subject import Subject

CODE = Code("L412", "undeclared-attribute", "warning")

OF = {
    "list_accounts": "account",
    "get_account": "account",
    "list_updated_accounts": "account",
    "list_entitlements": "entitlement",
    "list_resources": "resource",
    "list_credentials": "credential",
    "list_non_human_accounts": "non_human_account",
}
"""What each capability lists, in the words of `custom_attributes`."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the attributes that records name."""
    for record, of in carriers(subject):
        declared = [attribute.name for attribute in subject.spec.custom_attributes if attribute.of == of]
        written = record.fields.get("custom_attributes")
        for name, field in written.items() if isinstance(written, dict) else ():
            if name not in declared:
                hint = did_you_mean(name, declared) or "declare it under `custom_attributes`"
                message = f"there is no custom attribute `{name}` of the {of}"
                yield Diagnostic(CODE, value_span(field) or record.origin, message, hint)


def carriers(subject: Subject) -> Iterator[tuple[RecordSite, str]]:
    """Records that may carry custom attributes, and what they are."""
    for record in subject.records:
        of = OF.get(record.operation.name)
        if of is not None and "custom_attributes" in record.contract:
            yield record, of
