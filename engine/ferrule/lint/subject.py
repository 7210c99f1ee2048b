"""A spec as rules look at it: each thing with the names in scope at its place and what is known of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Literal

from ferrule.auth.oauth import TokenSpec
from ferrule.auth.session import SessionSpec
from ferrule.capabilities import CAPABILITIES, Capability
from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import Span
from ferrule.functions import Type
from ferrule.lint.infer import Names, infer, tree
from ferrule.lint.known import ANSWER, ANYTHING, BOOLEAN, NO_MEMBERS, NULL, NUMBER, TEXT, Known, either, of_field, one_of
from ferrule.lint.texts import named_texts
from ferrule.lint.written import Leaf, leaves
from ferrule.pagination import Pagination
from ferrule.plan import Plan
from ferrule.request import RequestSpec
from ferrule.source import Table, Text, key_span, plain
from ferrule.spec.model import ConnectorSpec, OperationSpec, PartSpec, SettingSpec, SourceSpec, StepSpec, VerifySpec
from ferrule.spec.record import RecordFields

Role = Literal["login", "level", "list", "prepare", "step", "undo", "verify"]


@dataclass(frozen=True, slots=True, eq=False)
class Unsure:
    """When a saved name is there: the conditions of the step that saves it, and whether it saves once per value of a list,
    which may be empty."""

    whens: tuple[Text, ...]
    each: bool


@dataclass(frozen=True, eq=False)
class RequestSite:
    """A request, what it is for, and the conditions under which it is sent."""

    spec: RequestSpec
    role: Role
    owner: str
    """The capability, or the way to log in."""
    names: Names
    whens: tuple[Text, ...] = ()
    unsure: Mapping[str, Unsure] = field(default_factory=dict)
    """Names that are not always there."""
    saved: Mapping[str, Text] = field(default_factory=dict)
    """What saved values are made of."""

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every text that it is made of."""
        return tuple(leaves(self.spec))


@dataclass(frozen=True, slots=True, eq=False)
class WalkSite:
    """One source of records: a level of a fan-out, or the list itself."""

    spec: SourceSpec
    pages: Pagination | None
    request: RequestSite | None
    name: str | None
    """The name under which what is inside sees each record; None for the list itself."""
    item: Known
    """What is known of each record."""
    names: Names

    @property
    def is_single(self) -> bool:
        """It gives one record at most."""
        if self.spec.rows is not None:
            return len(self.spec.rows) < 2
        made = tree(str(self.spec.records)) if self.spec.records else None
        return made is not None and made["type"] == "multi_select_list" and len(made["children"]) == 1


@dataclass(frozen=True, slots=True, eq=False)
class RecordSite:
    """How a record of the contract is made."""

    operation: OperationSite
    fields: Mapping[str, Any]
    contract: Mapping[str, FieldInfo]
    current: Known
    names: Names
    origin: Span
    into: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PartSite:
    """One list of records."""

    spec: PartSpec
    walks: tuple[WalkSite, ...]
    record: RecordSite
    whens: tuple[Text, ...]
    names: Names
    """Those that its record can read."""


@dataclass(frozen=True, slots=True, eq=False)
class StepSite:
    """One request among several."""

    spec: StepSpec
    request: RequestSite
    undo: RequestSite | None
    names: Names

    @property
    def reads(self) -> bool:
        """Whether it only looks."""
        return self.spec.request.reads


@dataclass(frozen=True, slots=True, eq=False)
class OperationSite:
    """How the app does one capability."""

    name: str
    capability: Capability
    spec: OperationSpec
    origin: Span


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """An operation with everything in it."""

    site: OperationSite
    prepare: tuple[StepSite, ...]
    parts: tuple[PartSite, ...]
    steps: tuple[StepSite, ...]
    verify: tuple[tuple[VerifySpec, RequestSite], ...]
    record: RecordSite | None
    """Of an operation with steps."""

    @property
    def records(self) -> tuple[RecordSite, ...]:
        """Every record it makes."""
        return (*(part.record for part in self.parts), *((self.record,) if self.record else ()))

    @property
    def requests(self) -> Iterator[RequestSite]:
        """Every request it may send."""
        for step in (*self.prepare, *self.steps):
            yield step.request
            if step.undo:
                yield step.undo
        yield from (walk.request for part in self.parts for walk in part.walks if walk.request)
        yield from (request for _, request in self.verify)


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
        return tuple(
            _Scope(self, OperationSite(name, self.plan.operations[name].capability, spec, self.key("capabilities", name))).described()
            for name, spec in self.spec.capabilities.items()
        )

    @cached_property
    def requests(self) -> tuple[RequestSite, ...]:
        """Every request of the connector, logins first."""
        return (*self._logins(), *(request for operation in self.operations for request in operation.requests))

    @cached_property
    def records(self) -> tuple[RecordSite, ...]:
        """Every record of the connector."""
        return tuple(record for operation in self.operations for record in operation.records)

    def _logins(self) -> Iterator[RequestSite]:
        names = {"settings": self.settings, "credential": ANYTHING, "session": ANYTHING}
        for name, auth in self.spec.auth.items():
            for step in auth.login if isinstance(auth, SessionSpec) else []:
                yield RequestSite(step.request, "login", name, names)
            if isinstance(auth, TokenSpec) and auth.discover is not None:
                yield RequestSite(auth.discover.request, "login", name, names)

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
            self.names[name] = either(infer(expression, ANSWER, names), NULL)
            self.saved[name] = expression
            self.save(name, whens, spec)
        undo = self.request(spec.undo, "undo", {**names, **self.names}, whens) if spec.undo else None
        if undo is not None:
            undo = replace(undo, unsure={name: unsure for name, unsure in undo.unsure.items() if name not in spec.save})
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
        path: tuple[str | int, ...] = ("records", written) if isinstance(written, str) else self.path(spec)
        origin = self.subject.key(*path) if written is not None else self.site.origin
        return RecordSite(self.site, self.subject.fields(written), contract, current, names, origin, into)

    def path(self, spec: PartSpec) -> tuple[str | int, ...]:
        """The keys that lead to the record of a part: its own, or the one that all parts share."""
        whole = ("capabilities", self.site.name)
        if spec.record is not None and spec is not self.site.spec:
            place = next(place for place, part in enumerate(self.site.spec.parts or []) if part is spec)
            return (*whole, "parts", place, "record")
        return (*whole, "record")


def of_record(names: Names) -> dict[str, Known]:
    """The names that an expression over a record can read: `settings` there is a field like any other."""
    return {name: known for name, known in names.items() if name != "settings"}


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
