"""The places of a spec: each request, walk and record with the names in scope there and what is known of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ferrule.capabilities import Capability
from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import Span
from ferrule.lint.infer import Names, tree
from ferrule.lint.known import Known
from ferrule.lint.written import Leaf, Reading, leaves, readings
from ferrule.pagination import Pagination
from ferrule.request import RequestSpec
from ferrule.source import Text
from ferrule.spec.model import OperationSpec, PartSpec, SourceSpec, StepSpec, VerifySpec

Role = Literal["login", "level", "list", "prepare", "step", "undo", "verify"]


@dataclass(frozen=True, slots=True, eq=False)
class Unsure:
    """When a saved name is there: the conditions of the step that saves it, and whether it saves once per value of a list,
    which may be empty."""

    whens: tuple[Text, ...]
    each: bool


@dataclass(slots=True, eq=False)
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
    conditions: tuple[Text, ...] = field(init=False)
    """Every `when` of its parts."""
    readings: tuple[tuple[Leaf, Reading], ...] = field(init=False)
    """Every name that its templates read."""

    def __post_init__(self) -> None:
        found = leaves(self.spec)
        self.conditions = tuple(found.conditions)
        self.readings = tuple([(leaf, reading) for leaf in found.templates for reading in readings(leaf.text)])


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


Of = Literal["answer", "record", "scope"]


class Spot(NamedTuple):  # made by the thousand
    """One expression. `use` is the key it stands under; `predicate` says that only its truth counts."""

    text: Text
    of: Of
    names: Names
    use: str
    predicate: bool
    gives: Known
    """What it can give."""


@dataclass(slots=True, eq=False)
class Described:
    """An operation with everything in it."""

    site: OperationSite
    prepare: tuple[StepSite, ...]
    parts: tuple[PartSite, ...]
    steps: tuple[StepSite, ...]
    verify: tuple[tuple[VerifySpec, RequestSite], ...]
    record: RecordSite | None
    """Of an operation with steps."""

    records: tuple[RecordSite, ...] = field(init=False)
    """Every record it makes."""
    requests: tuple[RequestSite, ...] = field(init=False)
    """Every request it may send."""
    spots: tuple[Spot, ...] = ()
    """Every expression in it."""

    def __post_init__(self) -> None:
        self.records = (*(part.record for part in self.parts), *((self.record,) if self.record else ()))
        self.requests = tuple(self._requests())

    def _requests(self) -> Iterator[RequestSite]:
        for step in (*self.prepare, *self.steps):
            yield step.request
            if step.undo:
                yield step.undo
        yield from (walk.request for part in self.parts for walk in part.walks if walk.request)
        yield from (request for _, request in self.verify)


def of_record(names: Names) -> dict[str, Known]:
    """The names that an expression over a record can read: `settings` there is a field like any other."""
    return {name: known for name, known in names.items() if name != "settings"}
