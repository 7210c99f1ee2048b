"""A template reads a value that is only sometimes there.

A step with `when` may not be done, and then what it saves is not there; an input that the contract does not ask for may be left
out. A template that needs it cannot be written, and the call fails. Put the same condition on the request, or give a default.

Reported:

    capabilities:
      create_account:
        steps:
          - when: inputs.given_name
            request: {get: "/people/{{ inputs.given_name }}"}
            save: {person: body.id}
          - request: {post: "/people/{{ person }}/account"}    # L455
        record: {status: {value: ACTIVE}}

Fine:

    capabilities:
      create_account:
        steps:
          - when: inputs.given_name
            request: {get: "/people/{{ inputs.given_name }}"}
            save: {person: body.id}
          - when: inputs.given_name
            request: {post: "/people/{{ person }}/account"}
        record: {status: {value: ACTIVE}}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.functions import Type
from ferrule.lint.logic import parts, reads
from ferrule.lint.subject import RequestSite, Subject
from ferrule.lint.written import Leaf, Reading, at, leaves, readings

CODE = Code("L455", "name-sometimes-missing", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every template of every request, under the conditions it is written in."""
    for request in subject.requests:
        for leaf in leaves(request.spec):
            for reading in readings(leaf.text):
                why = _missing(request, leaf, reading)
                if why is not None:
                    name = ".".join(reading.path)
                    yield Diagnostic(CODE, at(leaf.text, reading), f"`{name}` is not always there: {why}", _hint(request))


def _missing(request: RequestSite, leaf: Leaf, reading: Reading) -> str | None:
    """Why the value may not be there; None where it is, or where its absence does no harm."""
    whens = (*request.whens, *leaf.whens)
    if reading.guarded or any(".".join(reading.path) in _tested(when) for when in whens):
        return None
    if reading.path[0] == "inputs" and len(reading.path) > 1:
        return _input(request, leaf, reading)
    unsure = request.unsure.get(reading.path[0])
    if unsure is None:
        return None
    if unsure.each:
        return "it is saved once for each value of a list, which may be empty"
    asked = {part for when in whens for part in parts(when)}
    return "the step that saves it has a `when`" if any(not parts(when) <= asked for when in unsure.whens) else None


def _input(request: RequestSite, leaf: Leaf, reading: Reading) -> str | None:
    inputs = request.names["inputs"]
    known = (inputs.members or {}).get(reading.path[1])
    if known is None:
        return None if inputs.closed else "callers may leave it out"
    alone = reading.whole and leaf.where not in ("path", "base_url")
    return "callers may leave it out" if Type.NULL in known.types and not alone else None


def _tested(when: str) -> frozenset[str]:
    """The names that a condition looks at, `inputs` with their field."""
    found = reads(when, ())
    return frozenset(name.removeprefix("@.") for name in found) | _inputs(when)


def _inputs(when: str) -> frozenset[str]:
    return frozenset(f"inputs.{name.removeprefix('@.')}" for name in reads(when.replace("inputs.", ""), ()))


def _hint(request: RequestSite) -> str:
    return "put the same `when` on it, or write `| default(…)`" if request.role != "undo" else "write `| default(…)`"
