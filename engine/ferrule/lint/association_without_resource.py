"""A right on a resource is written as one on the whole app.

An entitlement type that has a `resource_type` is a right on such a resource. An empty resource id says that it is held on the
whole tenant: the list of who has access to that resource would come out empty.

Reported:

    resource_types: {team: {label: Team}}
    entitlement_types: {member: {label: Membership, resource_type: team}}
    capabilities:
      list_entitlements:
        request: {get: /teams}
        records: body.teams
        record:
          entitlement_type: {value: member}
          integration_specific_id: id
          integration_specific_resource_id: {value: ""}    # L403
          label: name

Fine:

    resource_types: {team: {label: Team}}
    entitlement_types: {member: {label: Membership, resource_type: team}}
    capabilities:
      list_entitlements:
        request: {get: /teams}
        records: body.teams
        record:
          entitlement_type: {value: member}
          integration_specific_id: {value: member}
          integration_specific_resource_id: id
          label: name
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.kinds import given, words
from ferrule.lint.places import field_span
from ferrule.lint.sites import RecordSite
from ferrule.lint.subject import Subject

CODE = Code("L403", "association-without-resource", "error")

RESOURCE = "integration_specific_resource_id"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at records whose resource is always empty."""
    on_resource = {name for name, kind in subject.spec.entitlement_types.items() if kind.resource_type}
    for record in subject.records:
        if RESOURCE not in record.fields or given(record, RESOURCE).values != ("",):
            continue
        types = _types(subject, record)
        if types and types <= on_resource:
            kind = sorted(types)[0]
            resource = subject.spec.entitlement_types[kind].resource_type
            message = f"`{kind}` is a right on a `{resource}`, and this says that it is held on the whole app"
            yield Diagnostic(CODE, field_span(record, RESOURCE), message, f"give the id of the {resource}")


def _types(subject: Subject, record: RecordSite) -> frozenset[str]:
    """The types that the entitlement of a record may be of; all of them, where nothing tells."""
    declared = frozenset(subject.spec.entitlement_types)
    if "entitlement_type" in record.contract:
        return words(given(record, "entitlement_type")) or declared
    ids = words(given(record, "integration_specific_entitlement_id"))
    if not ids:
        return declared
    found: set[str] = set()
    for entitlement in subject.records:
        if entitlement.operation.name == "list_entitlements":
            same = words(given(entitlement, "integration_specific_id"))
            if same is None or same & ids:
                found |= words(given(entitlement, "entitlement_type")) or declared
    return frozenset(found) or declared
