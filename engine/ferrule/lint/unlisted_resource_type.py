"""A resource type is declared, and no resource is of that type.

People see the types that `info` declares. One without resources is left over, or the list forgets it.

Reported:

    resource_types:
      team: {label: Team}
      board: {label: Board}    # L407
    capabilities:
      list_resources:
        request: {get: /teams}
        records: body.teams
        record: {integration_specific_id: id, label: name, resource_type: {value: team}}

Fine:

    resource_types:
      team: {label: Team}
    capabilities:
      list_resources:
        request: {get: /teams}
        records: body.teams
        record: {integration_specific_id: id, label: name, resource_type: {value: team}}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.kinds import listed
from ferrule.lint.subject import Subject

CODE = Code("L407", "unlisted-resource-type", "warning")

LISTS = ("list_resources", "find_resource_graph")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Compare the types with those of the lists of resources, where all of those are known."""
    found = listed(subject, "resource_type", LISTS)
    for name in subject.spec.resource_types if found is not None else ():
        if name not in (found or ()):
            where = " or ".join(f"`{each}`" for each in LISTS if each in subject.spec.capabilities)
            message = f"{where} lists no resource of the type `{name}`"
            yield Diagnostic(CODE, subject.key("resource_types", name), message, "list them, or remove the type")
