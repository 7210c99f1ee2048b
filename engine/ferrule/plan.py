"""The plan: a spec with nothing left to parse. The runtime sees only this.

Templates and expressions are compiled, kinds have become behaviour, names are resolved. A plan is frozen, holds no
tenant's values, and may serve any number of tenants at once. Each part keeps its `origin`, its place in the spec.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ferrule.auth import Auth
from ferrule.capabilities import Capability
from ferrule.decoding.sieve import Sieve
from ferrule.diagnostics import NOWHERE, Span, did_you_mean
from ferrule.errors import BadInput
from ferrule.expressions import Expression
from ferrule.http import Answer
from ferrule.outcome import Verdicts, Wait
from ferrule.pagination import Pager
from ferrule.request import Build, Call, RequestPlan
from ferrule.spec.model import ConnectorSpec
from ferrule.templates import Scope, Template

Row = Callable[[Any, Scope], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how patiently a refused call is tried again. Times in seconds."""

    attempts: int = 4
    backoff: float = 0.5
    max_backoff: float = 30.0


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `requests` in any window of `per` seconds."""

    requests: int
    per: float


@dataclass(frozen=True, slots=True)
class Throttle:
    """What an answer says of the budget left: below `low`, pause for `wait`, or until `restore` per second has refilled it."""

    remaining: Expression
    low: float = 1.0
    waits: tuple[Wait, ...] = ()
    restore: Expression | None = None
    limit: Expression | None = None


@dataclass(frozen=True, slots=True)
class HttpPlan:
    """What all requests of the connector share."""

    base_url: Template
    headers: tuple[tuple[str, Build], ...] = ()
    query: tuple[tuple[str, Build], ...] = ()
    hosts: tuple[Template, ...] = ()
    """Origins that requests may go to besides that of `base_url`."""
    verdicts: Verdicts = Verdicts()
    retry: Retry = Retry()
    concurrency: int = 8
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    """By name; the one called `default` holds for every request that names no other."""
    throttle: Throttle | None = None
    timeout: float = 60.0
    """Seconds that one attempt may take."""
    max_body: int = 256 * 1024 * 1024
    """Bytes of one answer, unpacked."""
    ldap: bool = False
    """Whether any request is of LDAP."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One source of records: a paged request, the values of an expression, or static rows."""

    name: str | None
    """The name under which inner loops see each record; None for the innermost."""
    request: RequestPlan | None = None
    pager: Pager | None = None
    records: Expression | None = None
    """Over the answer: the list of records."""
    values: Expression | None = None
    """Over the names in scope: a list."""
    rows: tuple[Any, ...] | None = None
    filter: Expression | None = None
    sift: Callable[[], Sieve | None] = field(default=lambda: None, repr=False, compare=False)
    """Gives `sieve`, which is made when it is first asked for: only a call has a use for it."""
    origin: Span = field(default=NOWHERE, compare=False)

    @property
    def sieve(self) -> Sieve | None:
        """What is read of the answer, where that is known."""
        return self.sift()


@dataclass(frozen=True, slots=True)
class Explode:
    """Each record becomes one row per item of a list inside it; expressions see the item as `name`."""

    list: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """Loops from the outermost to the innermost, and how a record of the innermost becomes a row."""

    loops: tuple[Loop, ...]
    row: Row
    explode: Explode | None = None
    when: Expression | None = None
    """Over the names in scope; the part is left out where it does not hold."""
    into: str | None = None
    """For an answer that holds several lists: the one that the rows go into."""
    answer: Mapping[str, Expression] = field(default_factory=dict)
    """Over each answer of the innermost loop: fields of the contract's answer that are no lists."""
    fields: Mapping[str, Span] = field(default_factory=dict, compare=False)
    """Where each field of the record is described."""
    origin: Span = field(default=NOWHERE, compare=False)

    @property
    def fans_out(self) -> bool:
        """An inner loop asks the app once per record of an outer one."""
        return sum(loop.request is not None for loop in self.loops) > 1 or (len(self.loops) > 1 and self.loops[-1].request is not None)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Ask again until a predicate over the answer holds. Times in seconds."""

    until: Expression
    every: float
    limit: float


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a write, or of a read that gives one object."""

    request: RequestPlan
    when: Expression | None = None
    """Over the names in scope; the step is left out where it does not hold."""
    each: tuple[str, Expression] | None = None
    """Do it once per value of an expression, seen as this name."""
    save: Mapping[str, Expression] = field(default_factory=dict)
    already: Expression | None = None
    repeat: Repeat | None = None
    undo: RequestPlan | None = None
    origin: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Verify:
    """Read back what a write did, until it shows."""

    request: RequestPlan
    repeat: Repeat
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Dedupe:
    """Leave out records whose key was seen before: on the page before, or anywhere in the walk."""

    key: Expression
    whole_walk: bool


@dataclass(frozen=True, slots=True)
class LogIn:
    """How an OAuth capability is carried out for one of the auths."""

    run: Callable[[Scope, float], Generator[Call, Answer, Mapping[str, Any]]]
    """Asks the app, and gives the answer; Unix time comes with the names."""
    requests: tuple[RequestPlan, ...] = ()
    """What it may ask."""
    visits: RequestPlan | None = None
    """Where a person is sent."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a caller may ask in its own words: patterns of paths below `base_url`, and headers, in lower case."""

    get: tuple[str, ...]
    post: Mapping[str, str]
    """Each with the content type that is sent."""
    headers: frozenset[str]
    origin: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """How one app does one capability: parts that give rows, or steps that give one object."""

    capability: Capability
    parts: tuple[Part, ...] = ()
    prepare: tuple[Step, ...] = ()
    """Before the parts of a list; what is saved is in scope for them."""
    steps: tuple[Step, ...] = ()
    records: Expression | None = None
    """For an object: over the last answer, the value its record is made from."""
    row: Row | None = None
    verify: tuple[Verify, ...] = ()
    dedupe: Dedupe | None = None
    scopes: tuple[str, ...] = ()
    derive: Callable[[Mapping[str, Any]], Any] | None = field(default=None, compare=False)
    """Makes the whole answer, where it follows from the spec and needs no request. It is given the settings, as far as known."""
    composed: bool = False
    """It is answered with what the other operations give, or with what the caller asks in its own words."""
    reach: Reach | None = None
    """What that may be."""
    log_in: Mapping[str, LogIn] = field(default_factory=dict, compare=False)
    """How it is carried out, by auth, where it is an OAuth capability that follows from them."""
    fields: Mapping[str, Span] = field(default_factory=dict, compare=False)
    origin: Span = field(default=NOWHERE, compare=False)

    def way(self, credential_id: str | None) -> str:
        """The auth that an OAuth capability is asked for: the one that the caller names, or the only one. Raises `BadInput`."""
        if credential_id is None and len(self.log_in) == 1:
            return next(iter(self.log_in))
        if credential_id in self.log_in:
            return str(credential_id)
        hint = did_you_mean(credential_id or "", self.log_in) or f"the credentials for this are {', '.join(self.log_in)}"
        if credential_id is None:
            raise BadInput("`credential_id` is missing: there are several", code="integration_missing_parameter", hint=hint)
        raise BadInput(f"there is no OAuth credential `{credential_id}`", code="integration_missing_parameter", hint=hint)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the runtime needs of one connector."""

    spec: ConnectorSpec
    auths: Mapping[str, Auth]
    http: HttpPlan
    operations: Mapping[str, Operation]
    file: str = "<memory>"

    @property
    def app_id(self) -> str:
        """The connector's id."""
        return self.spec.app.id

    def operation(self, capability: str) -> Operation:
        """How the app does one capability. Raises `BadInput` where it does not."""
        found = self.operations.get(capability)
        if found is None:
            hint = did_you_mean(capability, self.operations) or f"it can {', '.join(sorted(self.operations))}"
            raise BadInput(f"`{self.app_id}` has no capability `{capability}`", code="unsupported_operation", hint=hint)
        return found
