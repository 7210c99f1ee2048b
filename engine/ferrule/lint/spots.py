"""Every expression of a spec, with what it reads and what it is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ferrule.auth import AuthSpec
from ferrule.auth.oauth import TokenSpec
from ferrule.auth.reading import CookieSource
from ferrule.auth.session import SessionSpec
from ferrule.functions import Type
from ferrule.lint.infer import Names, infer
from ferrule.lint.known import ANSWER, ANYTHING, NO_MEMBERS, Known
from ferrule.lint.sites import Described, Of, PartSite, RequestSite, Spot, StepSite, WalkSite, of_record
from ferrule.lint.texts import texts
from ferrule.lint.written import Leaves
from ferrule.outcome import ErrorRuleSpec, WaitSpec, listed
from ferrule.pagination.pager import Pages
from ferrule.source import Text
from ferrule.spec.model import DedupeSpec, HttpSpec
from ferrule.spec.record import MappedField, ValueField


def of_operation(operation: Described) -> Iterator[Spot]:
    """Every expression of one capability."""
    for request in operation.requests:
        yield from _request(request)
    for step in (*operation.prepare, *operation.steps):
        yield from _step(step)
    for part in operation.parts:
        yield from _part(part)
    for spec, request in operation.verify:
        yield from _texts(spec.when, "scope", request.names, "when", predicate=True)
        yield from _texts(spec.until, "answer", request.names, "until", predicate=True)
    dedupe = operation.site.spec.dedupe
    key = dedupe.key if isinstance(dedupe, DedupeSpec) else dedupe
    if key is not None:
        row = Known(Type.OBJECT, members=dict.fromkeys(operation.site.capability.fields, ANYTHING))
        yield _spot(key, "record", row, {}, "dedupe")
    for record in operation.records:
        for name, text in fields(record.fields):
            yield _spot(text, "record", record.current, record.names, name)
    if not operation.parts:
        yield from _texts(operation.site.spec.records, "answer", _last(operation), "record")  # the one object that steps give


def _last(operation: Described) -> Names:
    return operation.record.names if operation.record else {}


def fields(written: Any, name: str = "") -> Iterator[tuple[str, Text]]:
    """Every expression of a record, with the field it is for."""
    if isinstance(written, Text):
        yield name, written
    elif isinstance(written, MappedField):
        yield name, written.from_
    elif isinstance(written, dict):
        for key, field in written.items():
            yield from fields(field, str(key))


def templates(written: Any) -> Iterator[Text]:
    """Every template of a record."""
    if isinstance(written, ValueField):
        yield from texts(written.value)
    elif isinstance(written, dict):
        for field in written.values():
            yield from templates(field)


def _spot(text: Text, of: Of, current: Known, names: Names, use: str, predicate: bool = False) -> Spot:
    return Spot(text, of, names, use, predicate, infer(text, current, names))


def _texts(text: str | None, of: Of, names: Names, use: str, *, predicate: bool = False) -> tuple[Spot, ...]:
    if not isinstance(text, Text):
        return ()
    return (_spot(text, of, ANSWER, names, use, predicate) if of == "answer" else _in_scope(text, names, use, predicate),)


def _in_scope(text: Text, names: Names, use: str, predicate: bool = False) -> Spot:
    return _spot(text, "scope", NO_MEMBERS, {**names, "page": ANYTHING}, use, predicate)


def _answers(pairs: Iterable[tuple[str, str | None]], names: Names) -> Iterator[Spot]:
    for use, text in pairs:
        yield from _texts(text, "answer", names, use)


def _rules(rules: Iterable[ErrorRuleSpec], names: Names) -> Iterator[Spot]:
    for rule in rules:
        yield from _texts(rule.when, "answer", names, "errors", predicate=True)
        yield from _answers([("message", rule.message), ("app_code", rule.app_code)], names)
        yield from _waits(rule.wait, names)


def _waits(waits: WaitSpec | list[WaitSpec] | None, names: Names) -> Iterator[Spot]:
    for wait in listed(waits):
        yield from _texts(wait.from_, "answer", names, "from")
        yield from _texts(wait.when, "answer", names, "when", predicate=True)


def shared(http: HttpSpec, names: Names) -> Iterator[Spot]:
    """Every expression that all requests have in common."""
    yield from _rules(http.errors, names)
    yield from _waits(http.wait, names)
    yield from _answers([("error_message", http.error_message), ("error_code", http.error_code)], names)
    if http.throttle is not None:
        told = http.throttle
        yield from _answers([("remaining", told.remaining), ("restore", told.restore), ("limit", told.limit)], names)
        yield from _waits(http.throttle.wait, names)
    found = Leaves()
    found.add(http.headers, "headers")
    found.add(http.query, "query")
    for when in found.conditions:
        yield _in_scope(when, names, "when", True)


def of_auth(auth: AuthSpec, logins: Sequence[RequestSite], names: Names) -> Iterator[Spot]:
    """Every expression of one way to log in."""
    if isinstance(auth, TokenSpec):
        yield from _rules(auth.errors, names)
        usual = {"token": auth.token, "expires_in": auth.expires_in, "refresh_token": auth.refresh_token}
        yield from _sources({**usual, **auth.save}, names)
        if auth.discover is not None:
            yield from _request(*logins)
            yield from _sources(auth.discover.save, names)
    if isinstance(auth, SessionSpec):
        yield from _session(auth, logins, {**names, "credential": ANYTHING, "session": ANYTHING})


def _session(auth: SessionSpec, logins: Iterable[RequestSite], names: Names) -> Iterator[Spot]:
    last: dict[str, Any] = {"token": auth.token, "expires_in": auth.expires_in, "expires_at": auth.expires_at}
    found: list[Mapping[str, Any]] = [auth.save, last]
    for step, request in zip(auth.login, logins, strict=True):
        yield from _request(request)
        yield from _texts(step.accept, "answer", names, "accept", predicate=True)
        found.append(step.save)
    for sources in found:
        yield from _sources(sources, names)


def _sources(sources: Mapping[str, Any], names: Names) -> Iterator[Spot]:
    """Where a login finds its values; a cookie is no expression."""
    yield from _answers(((use, None if isinstance(source, CookieSource) else source) for use, source in sources.items()), names)


def _request(request: RequestSite) -> Iterator[Spot]:
    yield from _rules(request.spec.errors, request.names)
    yield from _texts(request.spec.absent, "answer", request.names, "absent", predicate=True)
    for when in request.conditions:
        yield _in_scope(when, request.names, "when", True)


def _step(step: StepSite) -> Iterator[Spot]:
    spec, names = step.spec, step.names
    yield from _texts(spec.when, "scope", names, "when", predicate=True)
    if spec.each is not None:
        yield from _texts(spec.each.values, "scope", names, "values")
    yield from _texts(spec.already, "answer", names, "already", predicate=True)
    if spec.repeat is not None:
        yield from _texts(spec.repeat.until, "answer", names, "until", predicate=True)
    yield from _answers(spec.save.items(), names)


def _part(part: PartSite) -> Iterator[Spot]:
    yield from _texts(part.spec.when, "scope", part.walks[0].names, "when", predicate=True)
    for walk in part.walks:
        yield from _walk(walk)
    yield from _answers(part.spec.answer.items(), part.walks[-1].names)
    if part.spec.explode is not None:
        yield _spot(part.spec.explode.list, "record", part.walks[-1].item, of_record(part.walks[-1].names), "list")


def _walk(walk: WalkSite) -> Iterator[Spot]:
    spec = walk.spec
    yield from _texts(spec.records, "answer", walk.names, "records")
    yield from _texts(spec.values, "scope", walk.names, "values")
    if spec.filter is not None:
        yield _spot(spec.filter, "record", walk.item, of_record(walk.names), "filter", True)
    if walk.pages is not None:
        yield from _pages(walk.pages, walk.names)


def _pages(pages: Pages, names: Names) -> Iterator[Spot]:
    yield from _texts(pages.more, "answer", names, "more", predicate=True)
    said = vars(pages)  # not every kind has all of them
    yield from _answers(((use, said.get(use)) for use in ("total", "next", "last", "applied_size", "page_info")), names)
    key = said.get("key")
    if isinstance(key, Text):
        yield _spot(key, "record", ANYTHING, of_record(names), "key")
