"""A spec as rules look at it: each thing with the names in scope at its place and what is known of their values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from ferrule.auth.oauth import TokenSpec
from ferrule.auth.session import SessionSpec
from ferrule.capabilities import CAPABILITIES, Capability
from ferrule.diagnostics import Span
from ferrule.functions import Type
from ferrule.lint.infer import Names, infer
from ferrule.lint.known import ANSWER, ANYTHING, BOOLEAN, NO_MEMBERS, NULL, NUMBER, TEXT, Known, either, of_field, one_of
from ferrule.lint.sites import (
    Described,
    OperationSite,
    PartSite,
    RecordSite,
    RequestSite,
    Role,
    Spot,
    StepSite,
    Unsure,
    WalkSite,
    of_record,
)
from ferrule.lint.spots import of_auth, of_operation, shared
from ferrule.lint.texts import named_texts
from ferrule.pagination import Pagination
from ferrule.plan import Plan
from ferrule.request import RequestSpec
from ferrule.source import Table, Text, key_span, plain
from ferrule.spec.model import ConnectorSpec, OperationSpec, PartSpec, SettingSpec, SourceSpec, StepSpec, VerifySpec
from ferrule.spec.record import RecordFields


class Subject:
    """The spec that is looked at. `tree` is what it was loaded from, `text` the file."""

    def __init__(self, plan: Plan, tree: Table, text: str) -> None:
        self.plan, self.tree, self.text = plan, tree, text

    @property
    def spec(self) -> ConnectorSpec:
        """What was written."""
        return self.plan.spec

    @cached_property
    def texts(self) -> list[tuple[str, Text]]:
        """Every text of the file, with the key it stands under."""
        return named_texts(self.tree)

    @cached_property
    def writing(self) -> str:
        """All texts of the file in one, for what may stand in any of them; nothing reaches from one into the next."""
        return "\0".join(dict.fromkeys([text for _, text in self.texts]))

    def key(self, *path: str | int) -> Span:
        """The place of a key of the file."""
        return key_span(self.tree, path)

    def at(self, *path: str | int) -> Any:
        """What stands at a place of the file; None where there is nothing."""
        found: Any = self.tree
        for part in path:
            if isinstance(found, dict):
                found = next((item for key, item in found.items() if str(key) == part), None)
            else:
                found = found[part] if isinstance(found, list) and isinstance(part, int) and part < len(found) else None
        return found

    @cached_property
    def operations(self) -> tuple[Described, ...]:
        """What is said of each capability, in the order of the file."""
        return tuple([self._described(name, spec) for name, spec in self.spec.capabilities.items()])

    def _described(self, name: str, spec: OperationSpec) -> Described:
        plan = self.plan.operations[name]
        operation = _Scope(self, OperationSite(name, plan.capability, spec, plan.origin)).described()
        operation.spots = tuple(of_operation(operation))
        return operation

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Every expression of the connector."""
        names = {"settings": self.settings}
        of_auths = (spot for name, auth in self.spec.auth.items() for spot in of_auth(auth, self.logins[name], names))
        of_operations = (spot for operation in self.operations for spot in operation.spots)
        return (*shared(self.spec.http, names), *of_auths, *of_operations)

    @cached_property
    def requests(self) -> tuple[RequestSite, ...]:
        """Every request of the connector, logins first."""
        logins = (request for requests in self.logins.values() for request in requests)
        return (*logins, *(request for operation in self.operations for request in operation.requests))

    @cached_property
    def records(self) -> tuple[RecordSite, ...]:
        """Every record of the connector."""
        return tuple(record for operation in self.operations for record in operation.records)

    @cached_property
    def logins(self) -> dict[str, tuple[RequestSite, ...]]:
        """The requests of each way to log in."""
        names = {"settings": self.settings, "credential": ANYTHING, "session": ANYTHING}
        found: dict[str, tuple[RequestSite, ...]] = {}
        for name, auth in self.spec.auth.items():
            requests = [step.request for step in auth.login] if isinstance(auth, SessionSpec) else []
            if isinstance(auth, TokenSpec) and auth.discover is not None:
                requests = [auth.discover.request]
            found[name] = tuple([RequestSite(request, "login", name, names) for request in requests])
        return found

    @property
    def tokens(self) -> Iterator[tuple[str, TokenSpec]]:
        """The ways to log in that ask for an OAuth token."""
        yield from ((name, auth) for name, auth in self.spec.auth.items() if isinstance(auth, TokenSpec))

    @cached_property
    def settings(self) -> Known:
        """What is known of `settings`."""
        return Known(Type.OBJECT, members={name: _of_setting(spec) for name, spec in self.spec.settings.items()}, closed=True)

    def pages(self, source: SourceSpec) -> Pagination | None:
        """The pagination of a source, whether it stands there or has a name."""
        return self.spec.pagers[source.pages] if isinstance(source.pages, str) else source.pages

    def fields(self, record: RecordFields | str | None) -> dict[str, Any]:
        """The fields of a record, whether it stands there or has a name."""
        fields = self.spec.records[record] if isinstance(record, str) else record
        return dict(fields.items()) if fields else {}


def _of_setting(spec: SettingSpec) -> Known:
    known = {"integer": NUMBER, "boolean": BOOLEAN}.get(spec.type, TEXT)
    if spec.enum is not None:
        known = one_of(spec.enum)
    return either(known, NULL) if spec.required is False and spec.default is None else known


def inputs_of(capability: Capability) -> Known:
    """What is known of the inputs of a capability."""
    inputs = {name: of_field(info) for name, info in capability.inputs.items()}
    return Known(Type.OBJECT, members=inputs, closed=not capability.takes_more)


@cache
def _of_inputs(name: str) -> Known:
    """The same for one that the contract names."""
    return inputs_of(CAPABILITIES[name])


class _Scope:
    """Follows one operation from its first request to its record, and keeps the names that are declared on the way."""

    def __init__(self, subject: Subject, site: OperationSite) -> None:
        self.subject, self.site = subject, site
        self.names: dict[str, Known] = {
            "inputs": _of_inputs(site.name) if site.name in CAPABILITIES else inputs_of(site.capability),
            "settings": subject.settings,
        }
        self.saved: dict[str, Text] = {}
        self.sure: set[str] = set()
        self.unsure: dict[str, Unsure] = {}

    def described(self) -> Described:
        spec, many = self.site.spec, self.site.capability.many or bool(self.site.capability.lists)
        prepare = tuple(self.step(step, "prepare") for step in spec.prepare)
        if many:
            parts = spec.parts if spec.parts is not None else [spec]
            return Described(self.site, prepare, tuple(self.part(part) for part in parts), (), (), None)
        steps = tuple(self.step(step, "step") for step in _steps(spec))
        verify = tuple((reading, self.verify(reading)) for reading in _listed(spec.verify))
        last = infer(spec.records, ANSWER, self.names) if spec.records else ANYTHING
        return Described(self.site, prepare, (), steps, verify, self.record(spec, last, of_record(self.names)))

    def request(self, spec: RequestSpec, role: Role, names: Names, whens: tuple[Text, ...]) -> RequestSite:
        return RequestSite(spec, role, self.site.name, names, whens, dict(self.unsure), dict(self.saved))

    def step(self, spec: StepSpec, role: Role) -> StepSite:
        names = dict(self.names)
        whens = (spec.when,) if spec.when is not None else ()
        if spec.each:
            names[spec.each.as_] = _items(infer(spec.each.values, NO_MEMBERS, names))
        request = self.request(spec.request, role, names, whens)
        for name, expression in spec.save.items():
            known = either(infer(expression, ANSWER, names), NULL)
            earlier = self.names.get(name) if whens or spec.each is not None else None
            self.names[name] = known if earlier is None else either(earlier, known)  # such a step may leave what is there
            self.saved[name] = expression
            self.save(name, whens, spec)
        undo = self.request(spec.undo, "undo", {**names, **self.names}, whens) if spec.undo else None
        if undo is not None:
            undo.unsure = {name: unsure for name, unsure in undo.unsure.items() if name not in spec.save}
        return StepSite(spec, request, undo, names)

    def save(self, name: str, whens: tuple[Text, ...], spec: StepSpec) -> None:
        """Note when the name is there. What two steps save, each under a condition, is taken to be there: together they
        may cover every case."""
        if name in self.unsure or (not whens and spec.each is None):
            self.sure.add(name)
            self.unsure.pop(name, None)
        elif name not in self.sure:
            self.unsure[name] = Unsure(whens, spec.each is not None)

    def verify(self, spec: VerifySpec) -> RequestSite:
        whens = (spec.when,) if spec.when is not None else ()
        return self.request(spec.request, "verify", self.names, whens)

    def part(self, spec: PartSpec) -> PartSite:
        names: dict[str, Known] = dict(self.names)
        whens = (spec.when,) if spec.when is not None else ()
        walks = []
        for level in _listed(spec.each):
            walk = self.walk(level, "level", level.as_, names, whens)
            walks.append(walk)
            names[level.as_] = walk.item
        walks.append(self.walk(spec, "list", None, names, whens))
        current = walks[-1].item
        names = of_record(names)
        if spec.explode:
            names[spec.explode.as_] = _items(infer(spec.explode.list, current, names))
        record = self.record(spec, current, names, spec.into or next(iter(self.site.capability.lists), None))
        return PartSite(spec, tuple(walks), record, whens, names)

    def walk(self, spec: SourceSpec, role: Role, name: str | None, names: Names, whens: tuple[Text, ...]) -> WalkSite:
        here = dict(names)
        if spec.rows is not None:
            item = one_of(plain(spec.rows)) if spec.rows else ANYTHING
        elif spec.values is not None:
            item = _items(infer(spec.values, NO_MEMBERS, here))
        else:
            item = _items(infer(spec.records or Text("body"), ANSWER, here))
        request = self.request(spec.request, role, here, whens) if spec.request else None
        return WalkSite(spec, self.subject.pages(spec), request, name, item, here)

    def record(self, spec: PartSpec, current: Known, names: Names, into: str | None = None) -> RecordSite:
        written = spec.record if spec.record is not None else self.site.spec.record
        listed = self.site.capability.fields[into].item if into else None
        contract = listed.fields if listed else self.site.capability.fields
        if isinstance(written, str):
            origin = self.subject.key("records", written)
        else:
            origin = (spec if spec.record is not None else self.site.spec).key_at("record", otherwise=self.site.origin)
        return RecordSite(self.site, self.subject.fields(written), contract, current, names, origin, into)


def _items(known: Known) -> Known:
    """What a list holds. Of what is no list nothing is known: that is reported once, where it stands."""
    found = known.items()
    return found if found.types else ANYTHING


def _steps(spec: OperationSpec) -> list[StepSpec]:
    if spec.steps is not None:
        return spec.steps
    if spec.request is None:
        return []
    given: dict[str, Any] = {key: getattr(spec, key) for key in ("request", "when", "save", "already", "repeat")}
    return [StepSpec.model_construct(**given, each=None, undo=None)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
