"""A custom attribute is declared, and no record carries it.

Callers see the attribute in `list_custom_attributes_schema` and ask for it in vain.

Reported:

    custom_attributes:
      - {of: account, name: department}
      - {of: account, name: room}    # L413
    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          custom_attributes: {department: dept}

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

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject
from ferrule.lint.undeclared_attribute import carriers

CODE = Code("L413", "attribute-never-given", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Compare what is declared with what records carry, where all of them write it out."""
    given: dict[str, set[str]] = {}
    open_: set[str] = set()
    for record, of in carriers(subject):
        written = record.fields.get("custom_attributes", {})
        given.setdefault(of, set()).update(written if isinstance(written, dict) else ())
        if not isinstance(written, dict):
            open_.add(of)
    for place, attribute in enumerate(subject.spec.custom_attributes):
        if attribute.of not in open_ and attribute.name not in given.get(attribute.of, ()):
            span = attribute.value_at("name", otherwise=subject.key("custom_attributes", place))
            yield Diagnostic(CODE, span, f"no record of the {attribute.of} carries `{attribute.name}`", "give it, or remove it")
