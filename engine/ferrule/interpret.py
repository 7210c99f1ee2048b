"""One page, or one write, as a generator without I/O: it yields calls and is sent their answers.

Who drives it, live HTTP, a cassette, canned answers or a plan that sends nothing, is none of its business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any

import orjson

from ferrule.errors import CallError, UnexpectedAnswer
from ferrule.expressions import Expression, ExpressionFailure, Rows, ready
from ferrule.http import Answer
from ferrule.pagination import Pager, Position, Turn
from ferrule.pagination.pager import State
from ferrule.plan import Loop, Operation, Part, Repeat, Step, Verify
from ferrule.request import Call, truth
from ferrule.templates import Scope, TemplateFailure

Calls = Generator["Call | Sleep", Any, Any]


@dataclass(frozen=True, slots=True)
class Sleep:
    """Yielded in place of a call: wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one page, still the app's own, and where the next one begins."""

    records: list[Any]
    next: Position | None
    made: Rows | None = None
    """What makes the rows of records that come in slots."""
    whole: Callable[[], list[Any]] | None = None
    """The records with all they hold, where these hold only what is read of them."""
    says: Mapping[str, Any] = field(default_factory=dict)
    """What it has for fields of the contract's answer that are no lists."""


def page(
    loop: Loop, scope: Scope, position: Position | None, wanted: int | None, says: Mapping[str, Expression]
) -> Generator[Call, Answer, Page]:
    """One page of a loop that asks the app. `says` is what else is read from its answer."""
    assert loop.request is not None and loop.records is not None
    pager, size = loop.pager, page_size(loop, wanted)
    call = request(loop, scope, pager.state(position) if pager else None, size)
    names = call.scope
    answer = yield call
    if loop.request.absent is not None and truth(_find(loop.request.absent, answer.names(), names, answer)):
        return Page([], None)
    records = _list(loop.records, answer, names)
    whole = None if answer.whole is None else partial(_whole, loop.records, answer, names)
    turn = Turn(answer.names(), names, records, size, answer.url, loop.origin, whole)
    following = _following(pager, position, turn) if pager else None
    made = loop.sieve.rows if whole and loop.sieve else None
    found = {name: _find(expression, answer.names(), names, answer) for name, expression in says.items()}
    return Page(kept(loop, records, names), following, made, whole, found)


def page_size(loop: Loop, wanted: int | None) -> int:
    """How many records a page is asked for where the caller wants `wanted`."""
    return loop.pager.page_size(wanted) if loop.pager else wanted or 100


def request(loop: Loop, scope: Scope, state: State | None, size: int) -> Call:
    """The request for the page that `state` stands before."""
    assert loop.request is not None
    variables: dict[str, Any] = {"size": size}
    place = None
    if loop.pager is not None and state is not None:
        paginator = loop.pager.paginator
        variables |= paginator.variables(state)
        place = lambda made: paginator.apply(made, state, size)  # noqa: E731
    return Call(loop.request, {**scope, "page": variables}, place, sieve=loop.sieve)


def _whole(records: Expression, answer: Answer, names: Scope) -> list[Any]:
    return _list(records, answer.opened(), names)


def _following(pager: Pager, position: Position | None, turn: Turn) -> Position | None:
    try:
        return pager.advance(position, turn)
    except ExpressionFailure as error:
        raise UnexpectedAnswer(str(error), origin=error.expression.span) from None  # its own words quote values


def local(loop: Loop, scope: Scope) -> list[Any]:
    """The records of a loop that needs no request."""
    if loop.rows is not None:
        return kept(loop, list(loop.rows), scope)
    assert loop.values is not None
    return kept(loop, _due(loop.values, _find(loop.values, {}, scope, None)), scope)


def kept(loop: Loop, records: list[Any], scope: Scope) -> list[Any]:
    """The records that the loop's filter keeps."""
    if loop.filter is None:
        return records
    return [record for record in records if truth(_find(loop.filter, record, scope, None))]


def rows(part: Part, page: Page, scope: Scope) -> list[dict[str, Any]]:
    """The rows of the contract that the records of a page make, not validated yet."""
    records = page.records
    if page.made is not None and page.whole is not None:
        try:
            return page.made(records, scope)
        except Exception:  # noqa: BLE001 - made again from all they hold, so that the failure names the expression it belongs to
            records = page.whole()
    row = ready(part.row)
    try:
        if part.explode is None:
            return [row(record, scope) for record in records]
        items, name = part.explode.list, part.explode.name
        return [row(record, {**scope, name: item}) for record in records for item in _due(items, items.find(record, scope))]
    except ExpressionFailure as error:
        raise UnexpectedAnswer(str(error), origin=error.expression.span) from None  # its own words quote values
    except TemplateFailure as failure:
        raise UnexpectedAnswer(f"a record cannot be made: {failure}", origin=failure.text.span) from None


def _due(expression: Expression, found: Any) -> list[Any]:
    """The list that an expression promised. One that is not there is no empty one: a token that may not see a field gets
    an answer without it."""
    if isinstance(found, list):
        return found
    what = "is not there" if found is None else f"is {_kind(found)}"
    hint = f"if its absence means none, write ``{expression.text} || `[]` ``" if found is None else None
    raise UnexpectedAnswer(f"`{expression.text}` {what} where a list was due", origin=expression.text.span, hint=hint)


def fingerprint(loop: Loop, scope: Scope) -> str | None:
    """What tells the walks of two parents apart: the request each of them starts with. None where there is none."""
    if loop.request is None:
        return None
    names = {
        **scope,
        "page": {"size": 0, **(loop.pager.paginator.variables(loop.pager.paginator.start) if loop.pager else {})},
        "session": {},
    }
    try:
        request = loop.request.render("", names)
    except TemplateFailure:
        return "?"
    shown = [request.url, [[name, str(value)] for name, value in request.query], request.body]
    return blake2b(orjson.dumps(shown, default=str), digest_size=6).hexdigest()


@dataclass(slots=True)
class Outcome:
    """What a write, or a read of one object, came to."""

    record: dict[str, Any]
    changed: bool
    """False where the app was in the wanted state already."""


def steps(operation: Operation, scope: Scope) -> Generator[Call | Sleep, Any, Outcome]:
    """All steps of an operation in order. A reading step whose `already` holds settles the whole: the app is in the wanted
    state. When a step fails, what has an `undo` is taken back, latest first."""
    names: dict[str, Any] = dict(scope)
    last: Answer | None = None
    done: list[tuple[Step, dict[str, Any]]] = []
    changed, ran, settled, verifying = False, False, False, False
    try:
        for step in operation.steps:
            if settled or (step.when is not None and not truth(_find(step.when, {}, names, None))):
                continue
            ran = True
            reads = step.request.reads
            for inner in _repeated(step, names):
                last, new = yield from _step(step, inner)
                names.update(_saved(step, last, inner))
                changed = changed or (new and not reads)
                settled = settled or (reads and not new)
                if new and (step.undo is not None or not reads):
                    done.append((step, {**inner, **names}))
        if operation.steps and not ran:
            raise CallError("no step of this capability fits these inputs", code="invalid_value", origin=operation.origin)
        verifying = True
        for verify in operation.verify if not settled else ():
            if verify.when is None or truth(_find(verify.when, {}, names, None)):
                yield from _verify(verify, names, operation)
    except CallError as error:
        told = yield from _undo(done, keep=verifying and _no_time(error))
        error.hint = "; ".join(filter(None, [*told, error.hint])) or None
        raise
    return Outcome(_record(operation, last, names), changed)


def prepare(step: Step, scope: Scope) -> Generator[Call | Sleep, Any, dict[str, Any]]:
    """One step of what comes before a list. Gives the names it saved."""
    if step.when is not None and not truth(_find(step.when, {}, scope, None)):
        return {}
    saved: dict[str, Any] = {}
    for inner in _repeated(step, scope):
        answer, _ = yield from _step(step, inner)
        saved |= _saved(step, answer, inner)
    return saved


def holds(part: Part, scope: Scope) -> bool:
    """Whether a part is read at all."""
    return part.when is None or truth(_find(part.when, {}, scope, None))


def _repeated(step: Step, names: Mapping[str, Any]) -> list[dict[str, Any]]:
    if step.each is None:
        return [dict(names)]
    name, values = step.each
    return [{**names, name: value} for value in _due(values, _find(values, {}, names, None))]


def _step(step: Step, names: dict[str, Any]) -> Generator[Call | Sleep, Any, tuple[Answer, bool]]:
    accept = (step.already,) if step.already is not None else ()
    call = Call(step.request, names, None, accept)
    answer: Answer = yield call
    if step.already is not None and truth(_find(step.already, answer.names(), names, answer)):
        return answer, False
    if step.repeat is not None:
        answer = yield from _until(step.repeat, call, answer, names, step)
    return answer, True


def _until(repeat: Repeat, call: Call, answer: Answer, names: Scope, step: Step | Verify) -> Generator[Call | Sleep, Any, Answer]:
    waited = 0.0
    while not truth(_find(repeat.until, answer.names(), names, answer)):
        if waited + repeat.every > repeat.limit:
            raise CallError(
                f"`{repeat.until.text}` did not come true within {repeat.limit:g} seconds", code="request_timeout",
                origin=repeat.until.text.span, status=answer.status,
            )  # fmt: skip
        yield Sleep(repeat.every)
        waited += repeat.every
        answer = yield call
    return answer


def _verify(verify: Verify, names: dict[str, Any], operation: Operation) -> Generator[Call | Sleep, Any, None]:
    call = Call(verify.request, names, None, (verify.repeat.until,))
    answer: Answer = yield call
    try:
        yield from _until(verify.repeat, call, answer, names, verify)
    except CallError as error:
        if _no_time(error):
            raise
        raise CallError(
            f"the app accepted `{operation.capability.name}` but does not show it", code="invalid_response", origin=error.origin,
            status=error.status, hint="it may be still under way: read it back later, or allow more time under `verify`",
        ) from error  # fmt: skip


def _no_time(error: CallError) -> bool:
    """Whether there was no time to look, which says nothing against what was done."""
    return error.late or error.code.throttled


def _undo(done: list[tuple[Step, dict[str, Any]]], *, keep: bool) -> Generator[Call | Sleep, Any, list[str]]:
    """Take back what was done, latest first, unless it is to be kept, and tell what became of it. An undo that fails is told
    too and hides nothing."""
    told = []
    for step, names in reversed(done):
        plan = step.undo
        if plan is None or keep:
            told.append(f"`{step.request.method} {step.request.path.text}` was done, and stays")
            continue
        try:
            yield Call(plan, names, undoes=True)
            told.append(f"`{plan.method} {plan.path.text}` took an earlier step back")
        except CallError as failed:
            told.append(f"`{plan.method} {plan.path.text}` could not take an earlier step back: {failed.message}")
    return [text if count == 1 else f"{text} ({count} times)" for text, count in Counter(told).items()]


def _saved(step: Step, answer: Answer, names: Scope) -> dict[str, Any]:
    return {name: _find(expression, answer.names(), names, answer) for name, expression in step.save.items()}


def _record(operation: Operation, answer: Answer | None, names: Scope) -> dict[str, Any]:
    assert operation.row is not None
    value = answer.body if answer else None
    if operation.records is not None and answer is not None:
        value = _find(operation.records, answer.names(), names, answer)
        if value is None:
            raise CallError(
                f"the answer has no `{operation.records.text}`", code="not_found", origin=operation.records.text.span, status=answer.status
            )
    try:
        return operation.row(value, names)
    except ExpressionFailure as error:
        raise UnexpectedAnswer(str(error), origin=error.expression.span) from None  # its own words quote values


def _list(expression: Expression, answer: Answer, scope: Scope) -> list[Any]:
    found = _find(expression, answer.names(), scope, answer)
    if isinstance(found, list):
        return found
    what = "is not there" if found is None else f"is {_kind(found)}"
    raise UnexpectedAnswer(
        f"`{expression.text}` {what} where a list of records was due",
        origin=expression.text.span, status=answer.status, hint="an answer without records has an empty list; anything else is not an end",
    )  # fmt: skip


def _find(expression: Expression, current: Any, scope: Scope, answer: Answer | None) -> Any:
    find: Callable[[Any, Scope], Any] = expression.find
    try:
        return find(current, scope)
    except ExpressionFailure as error:
        raise UnexpectedAnswer(str(error), origin=expression.text.span, status=answer.status if answer else None) from None


def _kind(value: Any) -> str:
    return {dict: "an object", str: "text", bool: "true or false", int: "a number", float: "a number"}.get(
        type(value), type(value).__name__
    )
