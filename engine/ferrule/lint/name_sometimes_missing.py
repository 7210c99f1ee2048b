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
from ferrule.lint.assumed import assume, implied, looked_at
from ferrule.lint.sites import RequestSite
from ferrule.lint.subject import Subject
from ferrule.lint.written import Leaf, Reading, at
from ferrule.source import Text

CODE = Code("L455", "name-sometimes-missing", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every template of every request, under the conditions it is written in."""
    for request in subject.requests:
        for leaf, reading in request.readings:
            why = _missing(request, leaf, reading)
            if why is not None:
                name = ".".join(reading.path)
                hint = "put the same `when` on it, or write `| default(…)`"
                yield Diagnostic(CODE, at(leaf.text, reading), f"`{name}` is not always there: {why}", hint)


def _missing(request: RequestSite, leaf: Leaf, reading: Reading) -> str | None:
    """Why the value may not be there; None where it is, or where its absence does no harm."""
    name, *below = reading.path
    unsure = request.unsure.get(name)
    if reading.guarded or (unsure is None and (name != "inputs" or not below)):
        return None
    whens = (*request.whens, *leaf.whens)
    if whens and (name in looked_at(whens, {}) or ".".join(reading.path[:2]) in looked_at(whens, request.saved)):
        return None
    if unsure is None:
        return _input(request, leaf, reading, whens)
    if unsure.each:
        return "it is saved once for each value of a list, which may be empty"
    return None if implied(unsure.whens, whens, request.names) else "the step that saves it has a `when`"


def _input(request: RequestSite, leaf: Leaf, reading: Reading, whens: tuple[Text, ...]) -> str | None:
    """Of a capability of the app's own nothing is known: what its request is made of, callers have to give."""
    named = request.names["inputs"].members
    harmless = reading.whole and leaf.where not in ("path", "base_url")
    if not named or (harmless and reading.path[1] in named):
        return None
    known = assume(whens, request.names)["inputs"].member(reading.path[1])
    return "callers may leave it out" if Type.NULL in known.types else None
