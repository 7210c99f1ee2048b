"""A resource type is used that `resource_types` does not declare.

The contract lets a record name only types that `info` declares.

Reported:

    resource_types: {team: {label: Team}}
    capabilities:
      list_resources:
        request: {get: /teams}
        records: body.teams
        record: {integration_specific_id: id, label: name, resource_type: {value: group}}    # L406

Fine:

    resource_types: {team: {label: Team}}
    capabilities:
      list_resources:
        request: {get: /teams}
        records: body.teams
        record: {integration_specific_id: id, label: name, resource_type: {value: team}}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ferrule.diagnostics import Code, Diagnostic, Span, did_you_mean
from ferrule.lint.kinds import typed
from ferrule.lint.literals import compared, word_span
from ferrule.lint.places import field_span
from ferrule.lint.subject import Subject
from ferrule.shape import SpecModel
from ferrule.spec.access_graph import AccessGraphSpec

CODE = Code("L406", "undeclared-resource-type", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at entitlement types, at the access graph, at the types that records name, and at those that writes ask for."""
    declared = subject.spec.resource_types
    for name, kind in subject.spec.entitlement_types.items():
        if kind.resource_type and kind.resource_type not in declared:
            yield _found(kind.value_at("resource_type", otherwise=subject.key("entitlement_types", name)), kind.resource_type, declared)
    for node in subject.spec.access_graph.entitlement_types.values():
        if node.resource_type and node.resource_type not in declared:
            yield _found(node.value_at("resource_type"), node.resource_type, declared)
    for rule, key in _rules(subject.spec.access_graph):
        if getattr(rule, key) not in declared:
            yield _found(rule.value_at(key), getattr(rule, key), declared)
    for record, found in typed(subject, "resource_type"):
        for word in sorted(found - declared.keys()):
            yield _found(field_span(record, "resource_type"), word, declared)
    for operation in subject.operations:
        if operation.site.capability.level == "write" and declared:
            for spot in operation.spots:
                for word in compared(spot.text, "resource_type"):
                    if word and word not in declared:
                        yield _found(word_span(spot.text, word), word, declared)


def _rules(graph: AccessGraphSpec) -> Iterator[tuple[SpecModel, str]]:
    """Every key of a rule of the access graph that names a resource type."""
    yield from ((rule, "resource_type") for rule in graph.entitlement_rules)
    yield from ((rule, key) for rule in graph.implied_access_rules for key in ("from_resource_type", "to_resource_type"))


def _found(span: Span, word: str, declared: Collection[str]) -> Diagnostic:
    hint = did_you_mean(word, declared) or "declare it under `resource_types`"
    return Diagnostic(CODE, span, f"there is no resource type `{word}`", hint)
