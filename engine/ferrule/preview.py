"""What a call would send, without sending anything: `plan`.

A value that only an answer can give stands as `‹name›`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ferrule.arbitrary import Refused, call_of
from ferrule.auth import Auth
from ferrule.auth.signing import Draft, Signer
from ferrule.diagnostics import Span
from ferrule.encoding import encode
from ferrule.errors import BadInput
from ferrule.expressions import Expression, ExpressionFailure
from ferrule.http import Request
from ferrule.plan import Operation, Plan, Reach
from ferrule.request import RequestPlan, pairs, truth
from ferrule.secret import Secret
from ferrule.templates import Scope, TemplateFailure


class Unknown(str):
    """A value nobody knows yet. Whatever is read below it is unknown too."""

    __slots__ = ()
    unknown = True

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: Any) -> Unknown:
        if isinstance(name, slice):
            return Unknown(str.__getitem__(self, name))
        return Unknown(f"{self[:-1]}.{name}›" if isinstance(name, str) else f"{self[:-1]}[{name}]›")


Mapping.register(Unknown)


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request as it would be sent, secrets masked. `note` says when, and how often; `origin` where it is described."""

    method: str
    url: str
    headers: dict[str, str]
    body: Any
    note: str
    origin: Span


def preview(plan: Plan, auth: Auth | None, operation: Operation, scope: Scope) -> list[PlannedRequest]:
    """Every request of an operation in order. Of a walk, the first page of each loop."""
    if operation.log_in:
        return _log_in(plan, operation, scope)
    if operation.reach is not None:
        return [_arbitrary(plan, auth, operation.reach, scope)]
    names: dict[str, Any] = dict(scope)
    planned = []
    for step in operation.prepare:
        planned.append(_planned(_render(plan, auth, step.request, names), "first", step.request))
        names |= {name: Unknown(f"‹{name}›") for name in step.save}
    for part in operation.parts:
        inner, per = dict(names), ""
        for loop in part.loops:
            if loop.request is not None:
                pager = loop.pager
                size = pager.page_size(None) if pager else 100
                state = pager.paginator.start if pager else {}
                page = {"size": size, **(pager.paginator.variables(state) if pager else {})}
                request = _render(plan, auth, loop.request, {**inner, "page": page})
                request = pager.paginator.apply(request, state, size) if pager else request
                planned.append(
                    _planned(request, f"{per}{', page after page' if per and pager else 'page after page' if pager else ''}", loop.request)
                )
            if loop.name is not None:
                inner[loop.name] = Unknown(f"‹{loop.name}›")
                per = f"for each {loop.name}"
    for step in operation.steps:
        holds = _holds(step.when, names)
        if holds is False:
            continue
        inner = {**names, step.each[0]: Unknown(f"‹{step.each[0]}›")} if step.each else names
        notes = [f"if {step.when.text}" if holds is None and step.when else "", f"for each {step.each[0]}" if step.each else ""]
        notes += [f"until {step.repeat.until.text}" if step.repeat else "", f"nothing more if {step.already.text}" if step.already else ""]
        planned.append(_planned(_render(plan, auth, step.request, inner), "; ".join(note for note in notes if note), step.request))
        names |= {name: Unknown(f"‹{name}›") for name in step.save}
    for verify in operation.verify:
        if _holds(verify.when, names) is not False:
            note = f"to verify, until {verify.repeat.until.text}"
            planned.append(_planned(_render(plan, auth, verify.request, names), note, verify.request))
    return planned


def _log_in(plan: Plan, operation: Operation, scope: Scope) -> list[PlannedRequest]:
    """What an OAuth capability asks, which is one thing at most."""
    call = next(operation.log_in[operation.way(scope["inputs"]["credential_id"])].run(scope, 0.0), None)
    if call is None:
        return []
    return [_planned(_render(plan, None, call.plan, call.scope), "", call.plan)]


def _arbitrary(plan: Plan, auth: Auth | None, reach: Reach, scope: Scope) -> PlannedRequest:
    """What a caller asks in its own words."""
    try:
        call = call_of(reach, plan.http, scope)
    except Refused as refused:
        raise BadInput(str(refused), hint="see `arbitrary_endpoint` in the spec") from None
    made = call.plan.render(plan.http.base_url.render({**scope, "session": _session(auth)}), scope)
    assert call.place is not None
    made = call.place(_shared(plan, made, scope))
    return _planned(made if auth is None else _with_credential(auth, made, scope), "", call.plan)


def _holds(when: Expression | None, names: Scope) -> bool | None:
    """Whether a step would be done; None where that depends on an answer."""
    if when is None:
        return True
    if any(isinstance(names.get(name), Unknown) for name in when.names):
        return None
    try:
        return truth(when.find({}, names))
    except ExpressionFailure as failure:
        raise BadInput(str(failure), code="invalid_value", hint=f"see {when.text.span}") from None


def _render(plan: Plan, auth: Auth | None, request: RequestPlan, scope: Scope) -> Request:
    try:
        return _rendered(plan, auth, request, scope)
    except TemplateFailure as failure:
        message = f"`{request.method} {request.path.text}` cannot be written: {failure}"
        raise BadInput(message, code="invalid_value", hint=f"see {failure.text.span}") from None


def _rendered(plan: Plan, auth: Auth | None, request: RequestPlan, scope: Scope) -> Request:
    names = {**scope, "session": _session(auth)}
    made = request.render((request.base_url or plan.http.base_url).render(names), names)
    if request.base_url is None:
        made = _shared(plan, made, names)
    return made if auth is None or not request.authenticated else _with_credential(auth, made, names)


def _session(auth: Auth | None) -> Any:
    """What templates read as `session`: nobody knows yet, but for a way in without a login, which gives nothing."""
    return Unknown("‹session›") if auth is None or auth.requests else {}


def _shared(plan: Plan, made: Request, names: Scope) -> Request:
    """With the headers and parameters of every request to the connector's own address."""
    own = {name.lower() for name, _ in made.headers}
    for name, value in pairs(plan.http.headers, names):
        made = made if name.lower() in own else made.with_header(name, value)
    for name, value in pairs(plan.http.query, names):
        made = made if any(name == given for given, _ in made.query) else made.with_query(name, value)
    return made


def _with_credential(auth: Auth, made: Request, names: Scope) -> Request:
    try:
        made = auth.apply(made, names, None)
        return auth.sign(Draft(made, *encode(made), 0.0), names, None) if isinstance(auth, Signer) else made
    except (TemplateFailure, TypeError, ValueError):
        return made.with_header("authorization", Secret("after login"))


def _planned(request: Request, note: str, plan: RequestPlan) -> PlannedRequest:
    url = request.shown_url
    for mark in "‹›":
        url = url.replace(quote(mark), mark)
    return PlannedRequest(
        request.method, url, {name.lower(): str(value) for name, value in request.headers}, _shown(request.body), note, plan.origin
    )


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return str(value) if isinstance(value, (str, Secret)) else value
