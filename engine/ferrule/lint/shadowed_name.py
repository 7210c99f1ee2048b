"""A declared name hides another, or a field of the record.

Where an expression starts, `team` means the declared name; the record's own field is `@.team`. Both in one record are easily
mistaken for each other, and so is a name that is declared twice.

Reported:

    capabilities:
      list_resources:
        each: {as: team, request: {get: /teams}, records: body.teams}
        request: {get: "/teams/{{ team.id }}/boards"}
        records: body.boards
        record:
          integration_specific_id: id
          label: join(' ', [team.name, @.team])    # L456
          resource_type: {value: board}

Fine:

    capabilities:
      list_resources:
        each: {as: parent, request: {get: /teams}, records: body.teams}
        request: {get: "/teams/{{ parent.id }}/boards"}
        records: body.boards
        record:
          integration_specific_id: id
          label: join(' ', [parent.name, team])
          resource_type: {value: board}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.sites import Described
from ferrule.lint.subject import Subject
from ferrule.shape import SpecModel

CODE = Code("L456", "shadowed-name", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the fields read with `@.`, and at names that are declared within one another."""
    for operation in subject.operations:
        for spot in operation.spots:
            for found in re.finditer(r"@\.(\w+)", spot.text) if spot.of == "record" and "@." in spot.text else ():
                if found[1] in spot.names:
                    message = f"`{found[0]}` is a field of the record, and `{found[1]}` a declared name"
                    yield Diagnostic(CODE, spot.text.at(found.start(), len(found[0])), message, "give the declared name another word")
        yield from _twice(operation)


def _twice(operation: Described) -> Iterator[Diagnostic]:
    saved = {name for step in operation.prepare for name in step.spec.save}
    for part in operation.parts:
        outer = set(saved)
        declared: list[tuple[str, SpecModel]] = [(walk.name, walk.spec) for walk in part.walks if walk.name is not None]
        if part.spec.explode is not None:
            declared.append((part.spec.explode.as_, part.spec.explode))
        for name, spec in declared:
            if name in outer:
                message = f"`{name}` is declared already, and means this one from here on"
                yield Diagnostic(CODE, spec.value_at("as", otherwise=operation.site.origin), message, "choose another word")
            outer.add(name)
    for step in operation.steps:
        each = step.spec.each
        if each is not None and each.as_ in {name for other in operation.steps for name in other.spec.save}:
            message = f"`{each.as_}` is also the name of a saved value"
            yield Diagnostic(CODE, each.value_at("as", otherwise=operation.site.origin), message, "choose another word")
