"""What calls and walks hand out: pages, results, and the contract's records in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ferrule.capabilities import Capability
from ferrule.contract.envelope import RateLimitState
from ferrule.diagnostics import Span
from ferrule.errors import CallError, UnexpectedAnswer
from ferrule.http import Answer
from ferrule.misfit import told
from ferrule.plan import Operation
from ferrule.walk import Chunk


class Page:
    """Some records of a read, and the token to go on from behind them; None at the end."""

    __slots__ = ("_token", "records", "says")

    def __init__(self, records: list[Any], token: Callable[[], str] | None, says: Mapping[str, Any] | None = None) -> None:
        """`token` writes the token, once, when it is asked for: few of those who walk want one. `says` has fields of the answer
        that are no records, such as the `cursor` of `list_updated_accounts`, as far as this page has them."""
        self.records = records
        self.says = says or {}
        self._token: Callable[[], str] | str | None = token

    @property
    def token(self) -> str | None:
        """The token to go on from behind these records; None at the end."""
        if callable(self._token):
            self._token = self._token()
        return self._token

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Page) and self.records == other.records and self.token == other.token and self.says == other.says

    def __repr__(self) -> str:
        return f"Page({len(self.records)} records{'' if self._token is None else ', more to come'})"


@dataclass(frozen=True, slots=True)
class Result:
    """What a call came to.

    `response` is a list of the contract's records, or one of them. `changed` says of a write whether it changed anything:
    False where the app was in the wanted state already, None for a read. `error` is what cut a read short after some of
    its records; calling again with `page_token` goes on there. `limits` has what is known of the app's limits after the
    call, by name: `Instance.heed` takes it, in another process too.
    """

    response: Any
    page_token: str | None = None
    changed: bool | None = None
    error: CallError | None = None
    answers: list[Answer] = field(default_factory=list, repr=False)
    limits: Mapping[str, RateLimitState] = field(default_factory=dict, repr=False)


class Records:
    """The records of one call as they come in: a list, or an object of lists where the contract answers so."""

    def __init__(self, operation: Operation) -> None:
        self.capability = operation.capability
        self.lists: dict[str | None, list[Any]] = {name: [] for name in self.capability.lists} or {None: []}
        self.says: dict[str, Any] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, self.lists.values()))

    def add(self, chunk: Chunk) -> list[Any]:
        """The rows of a chunk as the contract's records, kept here too."""
        records = many(self.capability, chunk)
        if chunk.part is not None:
            self.lists[chunk.part.into] += records
            self.says |= said(self.capability, chunk)
        return records

    def response(self) -> Any:
        """The contract's answer."""
        return self.lists[None] if None in self.lists else self.capability.validate({**self.lists, **self.says})


def many(capability: Capability, chunk: Chunk) -> list[Any]:
    """The rows of a chunk as the contract's records, in one call; a value that does not fit is named with its line."""
    if not chunk.rows or chunk.part is None:
        return []
    into = chunk.part.into
    try:
        if into is None:
            return capability.validate_many(chunk.rows)
        found: list[Any] = getattr(capability.validate({**{name: [] for name in capability.lists}, into: chunk.rows}), into)
        return found
    except ValidationError as error:
        raise _unfit(error, 1 if into is None else 2, "a record", chunk.part.fields, chunk.part.origin) from None


def said(capability: Capability, chunk: Chunk) -> dict[str, Any]:
    """What a chunk has for fields of the answer that are no lists; a value that does not fit is named with its line."""
    found = {name: value for name, value in chunk.says.items() if value is not None}
    if found and chunk.part is not None:
        try:
            capability.validate({**{name: [] for name in capability.lists}, **found})
        except ValidationError as error:
            places = {name: expression.text.span for name, expression in chunk.part.answer.items()}
            raise _unfit(error, 0, "the answer", places, chunk.part.origin) from None
    return found


def one(operation: Operation, record: dict[str, Any]) -> Any:
    """The answer that is one object, as the contract's model."""
    try:
        return operation.capability.validate(record)
    except ValidationError as error:
        raise _unfit(error, 0, "the answer", operation.fields, operation.origin) from None


def _unfit(error: ValidationError, depth: int, what: str, fields: Mapping[str, Span], origin: Span) -> UnexpectedAnswer:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][depth]) if len(first["loc"]) > depth else ""
    slip = "is missing" if first["input"] is None else told(first)
    hint = "the contract wants it; look at what the app really answers"
    return UnexpectedAnswer(f"`{name}` of {what} {slip}", origin=fields.get(name, origin), hint=hint)
