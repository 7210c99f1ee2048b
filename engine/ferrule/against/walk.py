"""Goes through a spec as the engine does, and holds each request and each expression against a description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ferrule.against.answer import Answers
from ferrule.against.description import Description
from ferrule.against.operation import Described
from ferrule.against.report import ERROR_FIELD, Report, Unchecked
from ferrule.against.sending import asked, find, is_setting, sending_findings
from ferrule.against.shape import ANYTHING, QUIET, Shape, constant, typed, union
from ferrule.auth.oauth import TokenSpec
from ferrule.auth.session import SessionSpec
from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import Diagnostic, Span, SpecError
from ferrule.functions import Type
from ferrule.outcome import ErrorRuleSpec, WaitSpec, listed
from ferrule.pagination.pager import Pages
from ferrule.plan import Operation, Plan
from ferrule.request import BODIES, RequestSpec
from ferrule.shape import SpecModel
from ferrule.source import Text, plain
from ferrule.spec.model import OperationSpec, PartSpec, SourceSpec, StepSpec
from ferrule.spec.record import RecordFields

_COUNT = Type.NUMBER | Type.STRING
_CURSOR = Type.NUMBER | Type.STRING | Type.BOOLEAN


def check(plan: Plan, description: Description) -> Report:
    """A spec held against a description."""
    walk = _Walk(plan, description)
    walk.logins()
    for name, spec in plan.spec.capabilities.items():
        walk.capability(plan.operations[name], spec)
    walk.shared()
    # An expression that serves for a success and for a failure is told of once.
    told = {found.span for found in walk.answers.found if found.code != ERROR_FIELD}
    answers = [found for found in walk.answers.found if found.code != ERROR_FIELD or found.span not in told]
    found = SpecError([*walk.found, *answers]).diagnostics
    unchecked = (*walk.missed.values(), *walk.answers.unchecked.values())
    return Report(found, len(walk.sent), len(walk.answers.checked), unchecked)


class _Walk:
    def __init__(self, plan: Plan, description: Description) -> None:
        self.spec, self.description = plan.spec, description
        self.answers = Answers()
        self.found: list[Diagnostic] = []
        self.sent: set[tuple[Span, str]] = set()
        self.missed: dict[tuple[Span, str], Unchecked] = {}
        self.operations: dict[int, Described] = {}
        self.unknown = False
        self.always = {"settings": QUIET}
        self.carried = frozenset(_names(self.spec.auth))
        requests = (asked(request) for spec in self.spec.capabilities.values() for request in _requests(spec))
        self.before = description.prefix_of(requests) if is_setting(self.spec.http) else []

    def logins(self) -> None:
        """The requests of each way to log in, as far as they are described."""
        names = {**self.always, "credential": QUIET, "session": QUIET}
        for auth in self.spec.auth.values():
            if isinstance(auth, SessionSpec):
                operation = None
                for step in auth.login:
                    operation = self.request(step.request, names, login=True, base_url=auth.base_url)
                    self.answers.over_any(step.accept, operation, names)
                    self.sources(step.save, operation, names)
                self.sources(
                    {**auth.save, **_present(token=auth.token, expires_in=auth.expires_in, expires_at=auth.expires_at)}, operation, names
                )
            elif isinstance(auth, TokenSpec):
                self.token(auth, names)

    def token(self, auth: TokenSpec, names: Mapping[str, Shape]) -> None:
        """The token request, where its path stands below the connector's own address, and what is asked after it."""
        if str(auth.token_url).startswith("/"):
            request = RequestSpec.model_validate({auth.method: auth.token_url})
            found = find(request, self.spec.http, self.description, login=True)
            if found.operation is not None:
                self.sources({"token": auth.token, **auth.save}, found.operation, names)
        if auth.discover is not None:
            self.sources(auth.discover.save, self.request(auth.discover.request, names, login=True), names)

    def sources(self, sources: Mapping[str, Any], operation: Described | None, names: Mapping[str, Shape]) -> None:
        for source in sources.values():
            if isinstance(source, Text):
                self.answers.over_good(source, operation, names)

    def request(
        self,
        spec: RequestSpec,
        names: Mapping[str, Shape],
        pages: Pages | None = None,
        *,
        login: bool = False,
        base_url: Text | None = None,
    ) -> Described | None:
        """Hold one request against the description; the operation it is, where it is described."""
        found = find(spec, self.spec.http, self.description, before=self.before, login=login, base_url=base_url)
        self.found += found.findings
        key = (spec.path.span, f"{spec.method} {spec.path}")
        if found.operation is None:
            self.missed[key] = Unchecked("request", spec.path.span, found.why)
            self.unknown = self.unknown or not login
        else:
            self.sent.add(key)
            self.operations[id(found.operation)] = found.operation
            self.found += sending_findings(spec, self.spec.http, pages, found.operation, self.carried)
        operation = found.operation
        if spec.decode is not None and spec.decode.kind != "json":
            operation = None
        for text in _templates(spec):
            self.answers.template(text, names)
        self.answers.over_any(spec.absent, operation, names)
        self.rules(spec.errors, operation, names)
        return operation

    def rules(self, rules: list[ErrorRuleSpec], operation: Described | None, names: Mapping[str, Shape]) -> None:
        for rule in rules:
            for text in (rule.when, rule.message, rule.app_code, *_waits(rule.wait)):
                self.answers.over_any(text, operation, names, error=True)

    def shared(self) -> None:
        """What stands under `http:` for every answer. Where a request is not described, its answers may hold anything."""
        http, operations = self.spec.http, [] if self.unknown else list(self.operations.values())
        texts = [text for rule in http.errors for text in (rule.when, rule.message, rule.app_code, *_waits(rule.wait))]
        for text in (*texts, http.error_message, http.error_code, *_waits(http.wait)):
            self.answers.over_all(text, operations, self.always)

    def capability(self, operation: Operation, spec: OperationSpec) -> None:
        names: dict[str, Shape] = {**self.always, "inputs": QUIET}
        for step in spec.prepare:
            self.step(step, names)
        if operation.capability.many or operation.capability.lists:
            for part in spec.parts if spec.parts is not None else [spec]:
                self.part(part, operation, spec, names)
            return
        last: Described | None = None
        for step in _steps(spec):
            last = self.step(step, names)
        current = self.answers.over_good(spec.records or Text("body"), last, names)
        self.answers.record(self.fields(spec.record), operation.capability.fields, _one(current, last), names)
        for reading in spec.verify if isinstance(spec.verify, list) else [spec.verify] if spec.verify else []:
            asked = self.request(reading.request, names)
            self.answers.over_any(reading.until, asked, names)

    def step(self, spec: StepSpec, names: dict[str, Shape]) -> Described | None:
        here = dict(names)
        if spec.each is not None:
            made = self.answers.find(spec.each.values, QUIET, names)
            here[spec.each.as_] = made.items() if made.types & Type.ARRAY else QUIET
        operation = self.request(spec.request, here)
        self.answers.over_any(spec.already, operation, here)
        if spec.repeat is not None:
            self.answers.over_any(spec.repeat.until, operation, here)
        for name, text in spec.save.items():
            found = union([self.answers.over_good(text, operation, here), typed(Type.NULL)])
            names[name] = union([names[name], found]) if name in names else found
        if spec.undo is not None:
            self.request(spec.undo, {**here, **names})
        return operation

    def part(self, spec: PartSpec, operation: Operation, owner: OperationSpec, outer: Mapping[str, Shape]) -> None:
        names = dict(outer)
        for level in spec.each if isinstance(spec.each, list) else [spec.each] if spec.each else []:
            names[level.as_] = self.source(level, names)
        current = self.source(spec, names)
        if spec.explode is not None:
            made = self.answers.find(spec.explode.list, current, names, Type.ARRAY, use="`explode`")
            names[spec.explode.as_] = made.items() if made.types & Type.ARRAY else QUIET
        lists = operation.capability.lists
        into = spec.into or (lists[0] if lists else None)
        held = operation.capability.fields[into].item if into else None
        contract: Mapping[str, FieldInfo] = held.fields if held else operation.capability.fields
        self.answers.record(self.fields(spec.record if spec.record is not None else owner.record), contract, current, names)

    def source(self, spec: SourceSpec, names: Mapping[str, Shape]) -> Shape:
        """Hold one source of records against the description; what each record is."""
        if spec.rows is not None:
            item = constant(plain(spec.rows)).items() if spec.rows else QUIET
        elif spec.values is not None:
            made = self.answers.find(spec.values, QUIET, names)
            item = made.items() if made.types & Type.ARRAY else QUIET
        else:
            assert spec.request is not None
            pages = self.spec.pagers[spec.pages] if isinstance(spec.pages, str) else spec.pages
            operation = self.request(spec.request, names, pages)
            made = self.answers.over_good(spec.records or Text("body"), operation, names, Type.ARRAY, "`records`")
            item = made.items() if made.types & Type.ARRAY else QUIET
            if pages is not None:
                self.pages(pages, operation, names, item)
            for text in spec.answer.values() if isinstance(spec, PartSpec) else ():
                self.answers.over_good(text, operation, names)
        if spec.filter is not None:
            self.answers.find(spec.filter, item, names)
        return item

    def pages(self, pages: Pages, operation: Described | None, names: Mapping[str, Shape], item: Shape) -> None:
        wanted = {"more": Type.ANY, "total": _COUNT, "next": _CURSOR, "last": _COUNT, "applied_size": _COUNT, "page_info": Type.OBJECT}
        for key, want in wanted.items():
            text = getattr(pages, key, None)
            if isinstance(text, Text) and (key in pages.model_fields_set or text.span.file != "<memory>"):
                self.answers.over_good(text, operation, names, want, f"`{key}`")
        key_text = getattr(pages, "key", None)
        if isinstance(key_text, Text):
            self.answers.find(key_text, item, names)

    def fields(self, record: RecordFields | str | None) -> RecordFields:
        return self.spec.records[Text(record)] if isinstance(record, str) else record or {}


def _requests(value: Any) -> Iterator[RequestSpec]:
    """Every request of a capability."""
    if isinstance(value, RequestSpec):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _requests(item)
    elif isinstance(value, SpecModel):
        for name in type(value).model_fields:
            yield from _requests(getattr(value, name))


def _one(shape: Shape, operation: Described | None) -> Shape:
    """The value that a record is made from; anything, where the answer is empty."""
    return ANYTHING if operation is None and not shape.forms else shape


def _present(**sources: Any) -> dict[str, Any]:
    return {name: source for name, source in sources.items() if source is not None}


def _steps(spec: OperationSpec) -> list[StepSpec]:
    if spec.steps is not None:
        return spec.steps
    if spec.request is None:
        return []
    given: dict[str, Any] = {key: getattr(spec, key) for key in ("request", "when", "save", "already", "repeat")}
    return [StepSpec.model_construct(**given, each=None, undo=None).written_like(spec)]


def _waits(wait: WaitSpec | list[WaitSpec] | None) -> Iterator[Text]:
    for each in listed(wait):
        yield from (text for text in (each.from_, each.when) if text is not None)


def _templates(spec: RequestSpec) -> Iterator[Text]:
    """Every text of a request that may hold a template."""
    yield spec.path
    bodies = [spec.json_ if body == "json" else getattr(spec, body) for body in BODIES if body != "graphql"]
    for value in (spec.query, spec.headers, *bodies, spec.graphql.variables if spec.graphql else None):
        yield from _texts(value)


def _texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        is_condition = set(map(str, value)) == {"value", "when"}
        for item in [value["value"]] if is_condition else value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _names(auths: Mapping[str, Any]) -> Iterator[str]:
    """Every header and query parameter that a credential is written to."""
    for auth in auths.values():
        if isinstance(name := getattr(auth, "name", None), str):
            yield name.lower()
        for place in getattr(auth, "apply", None) or ():
            yield from (name.lower() for key in ("header", "query", "cookie") if isinstance(name := getattr(place, key, None), str))
        headers = getattr(auth, "headers", None)
        yield from (str(name).lower() for name in headers or () if isinstance(headers, dict))
