"""What a login's answer gives: the token, values to keep, and how long they hold.

What the spec promises and the answer lacks is an error that names the line, never a quiet null: a session without its
token would only fail later, and somewhere else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from ferrule.auth.grant import Scope
from ferrule.diagnostics import Span
from ferrule.errors import UnexpectedAnswer
from ferrule.expressions import Expression, ExpressionFailure
from ferrule.http import Answer
from ferrule.outcome import seconds_of
from ferrule.secret import Secret
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text


class CookieSource(SpecModel):
    """A cookie that the answer sets."""

    cookie: Text
    """Its name."""


def _form(value: Any) -> str:
    return "cookie" if isinstance(value, (dict, CookieSource)) else "expression"


Source = Annotated[Annotated[Text, Tag("expression")] | Annotated[CookieSource, Tag("cookie")], Discriminator(_form)]
"""Where a value of a login's answer is: an expression, or `{cookie: NAME}`."""


def _not_token(name: str) -> str:
    if name == "token":
        raise PydanticCustomError("session_name", "`session.token` is what `token:` finds; give this value another name")
    return name


VariableName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
Save = dict[Annotated[VariableName, AfterValidator(_not_token)], Source]
"""The type of `save:` where `token:` says what the token is: names for values, read as `session.<name>`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of an answer."""

    expression: Expression | None
    cookie: str | None
    origin: Span

    def __str__(self) -> str:
        return f"cookie `{self.cookie}`" if self.expression is None else f"`{self.expression.text}`"

    def find(self, answer: Answer, scope: Scope) -> Any:
        """The value, or None where the answer does not have it."""
        if self.expression is None:
            return cookies(answer.headers).get(self.cookie or "") or None
        try:
            return self.expression.find(answer.names(), scope)
        except ExpressionFailure as error:
            raise self.failure(answer, str(error)) from None  # its own words may quote the token

    def value(self, answer: Answer, scope: Scope) -> Any:
        """The value, which must be there."""
        found = self.find(answer, scope)
        if found is None:
            raise self.failure(answer, f"the answer to the login has no {self}")
        return found

    def token(self, answer: Answer, scope: Scope) -> Secret:
        """The value as a token, which must be there: text on one line, or a whole number."""
        found = self.token_or_none(answer, scope)
        if found is None:
            raise self.failure(answer, f"the answer to the login has no token at {self}")
        return found

    def token_or_none(self, answer: Answer, scope: Scope) -> Secret | None:
        """The value as a token, or None where it is null or empty."""
        found = self.find(answer, scope)
        if found is None or found == "":
            return None
        if isinstance(found, bool) or not isinstance(found, (str, int)) or not str(found).isprintable():
            raise self.failure(answer, f"what the answer to the login has at {self} is no token")
        return Secret(str(found))

    def failure(self, answer: Answer, message: str) -> UnexpectedAnswer:
        """The error that this value is not what the spec promises."""
        return UnexpectedAnswer(message, origin=self.origin, status=answer.status, hint="look at what the app really answers to a login")


def reading(source: Text | CookieSource, compiler: Compiler) -> Reading:
    """The compiled form of a source."""
    if isinstance(source, CookieSource):
        return Reading(None, str(source.cookie), source.cookie.span)
    return Reading(compiler.expression(source), None, source.span)


Readings = tuple[tuple[str, Reading], ...]


def readings(save: Mapping[str, Text | CookieSource], compiler: Compiler) -> Readings:
    """The compiled form of a `save:`."""
    return tuple((name, reading(source, compiler)) for name, source in save.items())


def kept(save: Readings, answer: Answer, scope: Scope) -> dict[str, Any]:
    """The saved values by name. One called `token` is a secret."""
    return {name: each.token(answer, scope) if name == "token" else each.value(answer, scope) for name, each in save}


_MILLISECONDS = 1e11
"""Unix times from here on are in milliseconds: in seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a grant ends, as far as the answer says."""

    after: Reading | None = None
    at: Reading | None = None

    def read(self, answer: Answer, scope: Scope, now: float) -> float | None:
        """Unix time in seconds. None where the answer does not say, or says something that is no time ahead: the grant
        is then used until it is refused. (Some apps give 0 or -1 for a token that never ends.)"""
        found = None
        if self.after is not None:
            seconds = _number(self.after.find(answer, scope))
            found = None if seconds is None else now + seconds
        if found is None and self.at is not None:
            found = _moment(self.at.find(answer, scope), now)
        return found if found is not None and found > now else None


def _number(value: Any) -> float | None:
    """A number, which some apps write as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _moment(value: Any, now: float) -> float | None:
    """Unix time of a date, or of a Unix time in seconds or milliseconds."""
    number = _number(value)
    if number is not None:
        return number / 1000 if number >= _MILLISECONDS else number
    ahead = seconds_of(value, "date", now) if isinstance(value, str) else None
    return None if ahead is None else now + ahead


def cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """The cookies that an answer sets, by name. The last one of a name counts, and an empty one is a cookie taken back.

    Several Set-Cookie headers stand on a line each. A value ends at the first semicolon (RFC 6265, section 5.2).
    """
    pairs = (line.partition(";")[0].partition("=") for line in headers.get("set-cookie", "").split("\n"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}
