"""The shape of a whole spec: what was written, with nothing compiled."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth import AuthSpec
from ferrule.contract.describe import AppCategory
from ferrule.ldap import LdapSettings
from ferrule.outcome import ErrorRuleSpec, Waits
from ferrule.pagination import Pagination
from ferrule.request import RequestSpec
from ferrule.shape import BY_SHAPE, Count, Flag, Seconds, SpecModel
from ferrule.source import Text
from ferrule.spec.access_graph import AccessGraphSpec
from ferrule.spec.endpoint import ArbitraryEndpointSpec
from ferrule.spec.record import RecordFields


class AppSpec(SpecModel):
    """Who the connector speaks to."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """The connector's id: lower-case letters, digits and underscores."""
    name: str
    """The product's own name, as people know it."""
    vendor_domain: str
    """The vendor's domain: `acme.example`."""
    categories: list[AppCategory] = []
    """The contract's categories that fit."""
    description: str | None = None
    """What the connector does, in a sentence or two."""
    logo_url: str | None = None
    """Where the app's logo is found."""
    version: str = "1.0.0"
    """The version of this connector."""
    documentation: str | None = None
    """The vendor's page that describes the API."""


class SettingSpec(SpecModel):
    """One value that is not secret and differs from tenant to tenant."""

    type: Literal["string", "integer", "boolean", "url"] = "string"
    """What a person may give. A `url` is an absolute http or https address without a query."""
    title: str | None = None
    """The name people see."""
    description: str | None = None
    """What it is and where it is found."""
    enum: list[str] | None = None
    """The values it can have, where they are few."""
    default: Any = None
    """The value when none is given."""
    required: Flag | None = None
    """Whether it must be given. By default so when there is no `default`."""
    pattern: str | None = None
    """Regular expression that a string must match as a whole."""

    @model_validator(mode="after")
    def _holds_together(self) -> SettingSpec:
        for key in ("enum", "pattern"):
            if getattr(self, key) is not None and self.type in ("integer", "boolean"):
                raise PydanticCustomError("setting", "`{key}` goes with text, and this is {type}", {"key": key, "type": _A[self.type]})
        if self.pattern is not None and (slip := _pattern_slip(self.pattern)):
            raise PydanticCustomError("setting", "`pattern` is no regular expression: {slip}", {"key": "pattern", "slip": slip})
        if self.default is not None and (slip := self.slip(self.default)):
            raise PydanticCustomError("setting", "`default` {slip}", {"key": "default", "slip": slip})
        return self

    def slip(self, value: Any) -> str | None:
        """Why this setting cannot have a value that is not null, in words that follow its name."""
        if self.type in ("integer", "boolean"):
            return None if type(value) is (int if self.type == "integer" else bool) else f"must be {_A[self.type]}"
        if not isinstance(value, str):
            return "must be text"
        if self.enum is not None and value not in self.enum:
            return f"must be one of {', '.join(self.enum)}"
        if self.type == "url" and not _is_address(value):
            return "must be an http or https address without user, query or fragment"
        return f"must match `{self.pattern}`" if self.pattern is not None and not re.fullmatch(self.pattern, value) else None


_A = {"integer": "a whole number", "boolean": "true or false"}


def _pattern_slip(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return None


def _is_address(text: str) -> bool:
    """Whether text is an absolute http or https address of a host, and nothing else."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, a bracket that is not closed
        return False
    return bool(whole) and text.isprintable() and " " not in text and "@" not in parts.netloc and not re.search(r"[?#\\]", text)


class RetrySpec(SpecModel):
    """How often and how patiently a refused call is tried again."""

    attempts: Annotated[Count, Field(ge=1, le=20)] = 4
    """Tries in all, the first one included."""
    backoff: Seconds = 0.5
    """Seconds before the second try; doubled for each one after, with jitter."""
    max_backoff: Seconds = 30
    """The longest of those pauses, in seconds."""


class BudgetSpec(SpecModel):
    """At most so many requests in any window."""

    requests: Annotated[Count, Field(ge=1)]
    """Requests in the window."""
    per: Seconds = 60
    """Length of the window, in seconds."""


class ThrottleSpec(SpecModel):
    """What an answer says of the budget that is left."""

    remaining: Text
    """Expression over the answer for what is left: `headers."x-ratelimit-remaining"`."""
    low: Seconds = 1
    """Pause when less than this is left."""
    wait: Waits | None = None
    """How long to pause: usually until a reset time in a header."""
    restore: Text | None = None
    """Expression over the answer for how much comes back per second, where the budget refills steadily."""
    limit: Text | None = None
    """Expression over the answer for how much there is in all. Callers are told of it; nothing waits for it."""


class HttpSpec(SpecModel):
    """What all requests share."""

    base_url: Text
    """Template of the address that all paths stand below: `https://{{ settings.region }}.api.acme.example/v2`."""
    headers: dict[str, Any] = {}
    """Headers of every request."""
    query: dict[str, Any] = {}
    """Query parameters of every request."""
    hosts: list[Text] = []
    """Further origins that requests may go to, as URL templates."""
    errors: list[ErrorRuleSpec] = []
    """Error rules, tried in order after a request's own and before the contract's status map."""
    error_message: Text | None = None
    """Expression over an error answer for the vendor's words, where a rule does not say."""
    error_code: Text | None = None
    """Expression over an error answer for the vendor's code, where a rule does not say."""
    wait: Waits | None = None
    """How long to wait after a refusal, where a rule does not say; of several, the first that the answer fills."""
    retry: RetrySpec = RetrySpec()
    """Trying again."""
    concurrency: Annotated[Count, Field(ge=1, le=64)] = 8
    """Requests under way at once, for one tenant."""
    budgets: dict[str, BudgetSpec] = {}
    """Budgets by name; `default` holds for requests that name none."""
    throttle: ThrottleSpec | None = None
    """A budget that the app tells of in its answers."""
    timeout: Annotated[Seconds, Field(gt=0)] = 60
    """Seconds that one attempt may take."""


class ResourceTypeSpec(SpecModel):
    """A kind of thing with access to it."""

    label: str
    """The name people see."""


class RequirementSpec(SpecModel):
    """How many entitlements of a kind one capability wants, where that is not what an account must have."""

    min: Count | None = None
    """At least so many."""
    max: Count | None = None
    """At most so many; 0 where it takes none."""


class EntitlementTypeSpec(SpecModel):
    """A kind of right."""

    label: str
    """The name people see."""
    resource_type: str = ""
    """The resource type it belongs to; empty for the app as a whole."""
    min: Count = 0
    """The fewest an account must have."""
    max: Count | None = None
    """The most an account can have."""
    requirements: dict[str, RequirementSpec] = {}
    """Other bounds for single capabilities, by name: `{create_account: {max: 0}}`."""


class CustomAttributeSpec(SpecModel):
    """One custom attribute that records carry, for `list_custom_attributes_schema`."""

    of: Literal["account", "entitlement", "resource", "credential", "non_human_account"]
    """What it is an attribute of."""
    name: str
    """Its key in `custom_attributes`."""
    type: Literal["string", "user", "boolean", "integer", "datetime"] = "string"
    """What its text means."""
    description: str | None = None
    """What it says."""


class ExplodeSpec(SpecModel):
    """One row per item of a list inside each record."""

    list: Text
    """Expression over the record for the list: `groups`. Where its absence means none, say so: ``groups || `[]` ``."""
    as_: Annotated[str, Field(alias="as", pattern=r"^[a-z_][a-z0-9_]*$")]
    """The name under which expressions see the item."""


class SourceSpec(SpecModel):
    """Where records come from: a request, static rows, or the values of an expression."""

    request: RequestSpec | None = None
    """The request whose answer holds records."""
    pages: Annotated[Annotated[Pagination, Tag("mapping")] | Annotated[Text, Tag("text")], BY_SHAPE] | None = None
    """How further pages are asked for, or the name of one under `pagers:`."""
    records: Text | None = None
    """Expression over the answer for the list of records: `body.users`."""
    rows: list[Any] | None = None
    """Records written out here."""
    values: Text | None = None
    """Expression over the names in scope for a list: `inputs.account_ids`."""
    filter: Text | None = None
    """Expression over one record; only those for which it holds are kept."""

    @model_validator(mode="after")
    def _one_source(self) -> SourceSpec:
        given = [name for name in ("request", "rows", "values") if getattr(self, name) is not None]
        if len(given) > 1:
            what = " and ".join(f"`{name}`" for name in given)
            raise PydanticCustomError("source", "records come from one place; this names {what}", {"what": what, "key": given[1]})
        if self.request is None:
            for name in ("pages", "records"):
                if getattr(self, name) is not None and not (name == "records" and getattr(self, "steps", None)):
                    raise PydanticCustomError("source", "`{key}` goes with a `request`", {"key": name})
        return self


class LevelSpec(SourceSpec):
    """A walk whose every record starts another one."""

    as_: Annotated[str, Field(alias="as", pattern=r"^[a-z_][a-z0-9_]*$")]
    """The name under which everything inside sees the record."""


class DedupeSpec(SpecModel):
    """Leave out records seen before."""

    key: Text
    """Expression over the finished record for what makes it the same: `integration_specific_id`."""
    across: Literal["page", "walk"] = "walk"
    """Compare with the page before, or with the whole walk. The page token of a whole walk grows by 11 characters a record."""


class PartSpec(SourceSpec):
    """One list of records, mapped to the contract."""

    each: Annotated[Annotated[LevelSpec, Tag("mapping")] | Annotated[list[LevelSpec], Tag("list")], BY_SHAPE] | None = None
    """Do this for each record of another walk; of several, the first is the outermost."""
    when: Text | None = None
    """Predicate over the names in scope; the part, or the step, is left out where it does not hold."""
    explode: ExplodeSpec | None = None
    """One row per item of a list inside each record."""
    record: Annotated[Annotated[RecordFields, Tag("mapping")] | Annotated[Text, Tag("text")], BY_SHAPE] | None = None
    """Field of the contract to expression over the record, or the name of such a mapping under `records:`."""
    into: str | None = None
    """For an answer that holds several lists: the one that the records go into. Its only list, if it has one."""
    answer: dict[str, Text] = {}
    """For an answer that holds more than lists: field of it to expression over the app's answer, `{cursor: body.next_sync}`. The
    last page on which that is not null says it."""


class RepeatSpec(SpecModel):
    """Ask again until a predicate over the answer holds."""

    until: Text
    """Predicate over the answer: `body.state == 'done'`."""
    every: Annotated[Seconds, Field(gt=0)] = 2
    """Seconds between two tries."""
    for_: Annotated[Seconds, Field(alias="for")] = 60
    """Seconds after which it is given up, as an error."""


class EachValueSpec(SpecModel):
    """Do a step once per value."""

    as_: Annotated[str, Field(alias="as", pattern=r"^[a-z_][a-z0-9_]*$")]
    """The name of the value."""
    values: Text
    """Expression over the names in scope for the list: `inputs.entitlements`."""


class StepSpec(SpecModel):
    """One request among several."""

    request: RequestSpec
    """What is asked."""
    when: Text | None = None
    """Predicate over the names in scope; the step is left out where it does not hold."""
    each: EachValueSpec | None = None
    """Do it once per value of a list."""
    save: dict[str, Text] = {}
    """Names for values of the answer, for the steps after this one."""
    already: Text | None = None
    """Predicate over the answer that means the app is in the wanted state already: nothing was changed, and it is no failure."""
    repeat: RepeatSpec | None = None
    """Ask again until something holds: a job that is still running."""
    undo: RequestSpec | None = None
    """What takes this step back when a later one fails."""


class VerifySpec(SpecModel):
    """Read back what a write did."""

    when: Text | None = None
    """Predicate over the names in scope; nothing is read back where it does not hold."""
    request: RequestSpec
    """The reading."""
    until: Text
    """Predicate over its answer that shows the wanted state."""
    every: Annotated[Seconds, Field(gt=0)] = 1
    """Seconds between two readings."""
    for_: Annotated[Seconds, Field(alias="for")] = 10
    """Seconds that replicas may take to catch up."""


class OperationSpec(PartSpec):
    """How the app does one capability.

    A list is one part, written right here, or several under `parts:`. A write, or a read of one object, is one step,
    written right here, or several under `steps:`.
    """

    parts: list[PartSpec] | None = None
    """Several lists, one after the other."""
    prepare: list[StepSpec] = []
    """What comes before a list: start an export, wait until it is done. The names it saves are in scope for the parts, and
    travel in the page token."""
    dedupe: Annotated[Annotated[Text, Tag("text")] | Annotated[DedupeSpec, Tag("mapping")], BY_SHAPE] | None = None
    """Leave out records seen before: the key, or the long form."""
    steps: list[StepSpec] | None = None
    """Several requests in order."""
    save: dict[str, Text] = {}
    """For a single step: see `steps`."""
    already: Text | None = None
    """For a single step: see `steps`."""
    repeat: RepeatSpec | None = None
    """For a single step: see `steps`."""
    verify: Annotated[Annotated[VerifySpec, Tag("mapping")] | Annotated[list[VerifySpec], Tag("list")], BY_SHAPE] | None = None
    """Read back what the write did; of several, each whose `when` holds."""
    scopes: list[str] = []
    """OAuth scopes that this capability needs."""
    description: str | None = None
    """What a person should know of how the app does this."""


class ConnectorSpec(SpecModel):
    """A whole spec file."""

    ferrule: Literal[1]
    """The version of the language."""
    app: AppSpec
    """Who the connector speaks to."""
    settings: dict[str, SettingSpec] = {}
    """Values that differ from tenant to tenant and are not secret; templates read `settings.<name>`."""
    auth: Annotated[dict[str, AuthSpec], Field(min_length=1)]
    """Ways to be let in, by name."""
    http: HttpSpec
    """What all requests share."""
    ldap: LdapSettings = LdapSettings()
    """What all LDAP requests share besides."""
    pagers: dict[str, Pagination] = {}
    """Paginations by name, for `pages:`."""
    records: dict[str, RecordFields] = {}
    """Record mappings by name, for `record:`."""
    resource_types: dict[str, ResourceTypeSpec] = {}
    """Kinds of things with access to them."""
    entitlement_types: dict[str, EntitlementTypeSpec] = {}
    """Kinds of rights."""
    custom_attributes: list[CustomAttributeSpec] = []
    """Custom attributes that records carry."""
    access_graph: AccessGraphSpec = AccessGraphSpec()
    """What holds of the access graph in every tenant."""
    arbitrary_endpoint: ArbitraryEndpointSpec | None = None
    """What a caller may ask of the app in its own words. Without it, nothing."""
    capabilities: dict[str, OperationSpec]
    """What the connector can do, by the contract's names."""
