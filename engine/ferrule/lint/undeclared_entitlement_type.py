"""An entitlement type is used that `entitlement_types` does not declare.

The contract lets a record name only types that `info` declares. A type that a write asks for and that nobody declared never
comes: such a step is never done. A node of the graph may also be of a type that stands under `access_graph`.

Reported:

    capabilities:
      list_entitlements:
        rows: [{id: admin, label: Administrator}]
        record:
          entitlement_type: {value: rolle}    # L404
          integration_specific_id: id
          integration_specific_resource_id: {value: ""}
          label: label

Fine:

    entitlement_types: {role: {label: Role}}
    capabilities:
      list_entitlements:
        rows: [{id: admin, label: Administrator}]
        record:
          entitlement_type: {value: role}
          integration_specific_id: id
          integration_specific_resource_id: {value: ""}
          label: label
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic, did_you_mean
from ferrule.lint.kinds import typed
from ferrule.lint.literals import compared, word_span
from ferrule.lint.places import field_span
from ferrule.lint.subject import Subject

CODE = Code("L404", "undeclared-entitlement-type", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the types that records name, and at those that writes ask for."""
    declared = subject.spec.entitlement_types
    of_graph = subject.spec.access_graph.entitlement_types
    for record, found in typed(subject, "entitlement_type"):
        known = [*declared, *(of_graph if record.operation.name == "find_entitlement_graph" else ())]
        for word in sorted(found - set(known)):
            yield Diagnostic(CODE, field_span(record, "entitlement_type"), f"there is no entitlement type `{word}`", _hint(word, known))
    for operation in subject.operations:
        if operation.site.capability.level == "write" and declared:
            for spot in operation.spots:
                for word in compared(spot.text, "entitlement_type"):
                    if word not in declared:
                        yield Diagnostic(
                            CODE, word_span(spot.text, word), f"there is no entitlement type `{word}`", _hint(word, list(declared))
                        )


def _hint(word: str, declared: list[str]) -> str:
    return did_you_mean(word, declared) or "declare it under `entitlement_types`"
