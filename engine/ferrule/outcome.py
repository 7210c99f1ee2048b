"""What an answer means: success, or which of the contract's errors, and how long to wait.

Rules are tried in order; the first whose predicate holds decides. What no rule names falls to the contract's status map.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, Tag, field_validator, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from ferrule.diagnostics import NOWHERE, Span, did_you_mean
from ferrule.errors import CODES, code_for_status
from ferrule.expressions import Expression, ExpressionFailure
from ferrule.http import Answer
from ferrule.shape import BY_SHAPE, Compiler, Flag, Seconds, SpecModel
from ferrule.source import Text

MAX_WAIT = 24 * 3600.0
"""A longer wait than a day is taken for a mistake of unit and cut."""


class WaitSpec(SpecModel):
    """How long to wait: a length, or a value of the answer in some unit."""

    seconds: Seconds | None = None
    """A fixed length, in seconds."""
    from_: Annotated[Text | None, Field(alias="from")] = None
    """Expression over the answer: `headers."retry-after"`."""
    unit: Literal["auto", "s", "ms", "epoch", "epoch_ms", "date"] = "auto"
    """What the value means. `auto` reads Retry-After's two forms (RFC 9110, section 10.2.3): seconds, or an HTTP date."""
    when: Text | None = None
    """Predicate over the answer; the wait applies only where it holds."""
    at_least: Seconds = 0
    """Never wait less than this, in seconds."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"seconds": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _one_source(self) -> WaitSpec:
        if (self.seconds is None) == (self.from_ is None):
            raise PydanticCustomError("wait", "a wait has either `seconds` or `from`")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A number is a short form."""
        return {"anyOf": [handler(core), {"type": "number", "minimum": 0}]}

    def compile(self, compiler: Compiler) -> Wait:
        return Wait(
            float(self.seconds) if self.seconds is not None else None,
            compiler.expression(self.from_) if self.from_ is not None else None,
            self.unit,
            compiler.expression(self.when) if self.when is not None else None,
            float(self.at_least),
        )


Waits = Annotated[Annotated[WaitSpec, Tag("mapping")] | Annotated[list[WaitSpec], Tag("list")], BY_SHAPE]
"""One wait, or several of which the first that the answer fills is taken."""


def listed(wait: WaitSpec | list[WaitSpec] | None) -> list[WaitSpec]:
    """The waits of a spec, however many there are."""
    return wait if isinstance(wait, list) else [wait] if wait else []


@dataclass(frozen=True, slots=True)
class Wait:
    """A compiled wait."""

    seconds: float | None
    value: Expression | None = None
    unit: str = "auto"
    when: Expression | None = None
    at_least: float = 0.0

    def read(self, answer: Mapping[str, Any], scope: Mapping[str, Any], now: float) -> float | None:
        """Seconds to wait from `now` (Unix time), or None where the answer does not say."""
        if self.when is not None and not _holds(self.when, answer, scope):
            return None
        found = self.seconds if self.value is None else seconds_of(_find(self.value.find, answer, scope), self.unit, now)
        return None if found is None else min(max(found, self.at_least, 0.0), MAX_WAIT)


def seconds_of(value: Any, unit: str, now: float) -> float | None:
    """`value` of an answer as seconds from `now`; None where it is not a time at all."""
    if isinstance(value, str) and (unit == "date" or (unit == "auto" and not re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value))):
        moment = _moment(value)
        return moment - now if moment is not None else None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if number != number or number in (float("inf"), float("-inf")) or isinstance(value, bool):
        return None
    return {"ms": number / 1000, "epoch": number - now, "epoch_ms": number / 1000 - now}.get(unit, number)


def _moment(text: str) -> float | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None


class ErrorRuleSpec(SpecModel):
    """An answer that means an error, whatever its status."""

    when: Text
    """Predicate over the answer: ``status == `403` && body.error == 'quota'``."""
    code: str
    """The contract's error code."""
    message: Text | None = None
    """Expression over the answer for the vendor's own words."""
    app_code: Text | None = None
    """Expression over the answer for the vendor's own code."""
    wait: Waits | None = None
    """How long to wait before the next try; of several, the first that the answer fills."""
    retry: Flag | None = None
    """Whether to try again. By default as the code says: throttled and transient errors are tried again."""

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        if code not in CODES:
            raise PydanticCustomError(
                "error_code",
                "`{code}` is no error code of the contract",
                {"code": code, "hint": did_you_mean(code, CODES) or f"the codes are {', '.join(CODES)}"},
            )
        return code

    def compile(self, compiler: Compiler) -> ErrorRule:
        return ErrorRule(
            when=compiler.expression(self.when),
            code=self.code,
            message=compiler.expression(self.message) if self.message is not None else None,
            app_code=compiler.expression(self.app_code) if self.app_code is not None else None,
            waits=tuple([wait.compile(compiler) for wait in listed(self.wait)]),
            retry=CODES[self.code].retryable if self.retry is None else self.retry,
            origin=self.when.span,
        )


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """A compiled error rule."""

    when: Expression
    code: str
    message: Expression | None = None
    app_code: Expression | None = None
    waits: tuple[Wait, ...] = ()
    retry: bool = False
    origin: Span = field(default=NOWHERE, compare=False)

    @classmethod
    def usual(cls, when: Expression, code: str, message: Expression | None = None, app_code: Expression | None = None) -> ErrorRule:
        """A rule that a kind brings with it, and no spec says."""
        return cls(when, code, message, app_code, retry=CODES[code].retryable, origin=when.text.span)


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that means an error: the contract's code, the vendor's words, the wait, whether trying again may help."""

    code: str
    app_message: str | None
    app_code: str | None
    wait: float | None
    retry: bool
    rule: Span | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All rules that judge an answer, in order, and where a vendor's words stand when no rule says."""

    rules: tuple[ErrorRule, ...] = ()
    message: Expression | None = None
    app_code: Expression | None = None
    waits: tuple[Wait, ...] = ()

    def judge(
        self,
        answer: Answer,
        scope: Mapping[str, Any],
        now: float,
        first: tuple[ErrorRule, ...] = (),
        last: tuple[ErrorRule, ...] = (),
    ) -> Failure | None:
        """The failure that `answer` means, or None. `first` are the request's own rules, `last` those tried after all others;
        `now` is Unix time."""
        names = answer.names()
        for rule in (*first, *self.rules, *last):
            if _holds(rule.when, names, scope):
                return self._failure(rule.code, rule, names, scope, now)
        if 200 <= answer.status < 300:
            return None
        return self._failure(code_for_status(answer.status), None, names, scope, now)

    def _failure(self, code: str, rule: ErrorRule | None, names: Mapping[str, Any], scope: Mapping[str, Any], now: float) -> Failure:
        message = _words((rule and rule.message) or self.message, names, scope) or _likely_words(names["body"])
        app_code = _words((rule and rule.app_code) or self.app_code, names, scope)
        waits = (rule.waits if rule else ()) or self.waits
        wait = next((found for w in waits if (found := w.read(names, scope, now)) is not None), None)
        if wait is None and "retry-after" in names["headers"]:
            wait = seconds_of(names["headers"]["retry-after"], "auto", now)
            wait = None if wait is None else min(max(wait, 0.0), MAX_WAIT)
        return Failure(code, message, app_code, wait, rule.retry if rule else CODES[code].retryable, rule.origin if rule else None)


def _holds(when: Expression, names: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
    found = _find(when.find, names, scope)
    return found is not None and found is not False and found != "" and found != [] and found != {}


def _find(find: Callable[[Any, Mapping[str, Any]], Any], names: Mapping[str, Any], scope: Mapping[str, Any]) -> Any:
    """What a predicate finds; an answer of another shape than it was written for does not match it."""
    try:
        return find(names, scope)
    except ExpressionFailure:
        return None


def _words(expression: Expression | None, names: Mapping[str, Any], scope: Mapping[str, Any]) -> str | None:
    found = _find(expression.find, names, scope) if expression else None
    return None if found is None or isinstance(found, (dict, list)) else str(found)[:500]


def _likely_words(body: Any) -> str | None:
    """The vendor's words where the spec does not say: the usual places of a JSON error (RFC 9457 and common practice)."""
    if not isinstance(body, dict):
        return None
    for key in ("message", "detail", "error_description", "error", "reason", "title", "errors"):
        found = body.get(key)
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, dict):
            found = found.get("message") or found.get("detail")
        if isinstance(found, str) and found:
            return found[:500]
    return None
