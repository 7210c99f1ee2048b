"""How a failed attempt is told: one plain sentence, the vendor's words, and no secret in either."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from ferrule.auth.grant import Grant
from ferrule.decoding import DecodeError
from ferrule.errors import CODES, CallError, UnexpectedAnswer, call_error
from ferrule.http import Answer, Request
from ferrule.limits import TooLate
from ferrule.outcome import Failure
from ferrule.request import RequestPlan
from ferrule.secret import Secret, is_secret_name, redact

UNPROCESSED = frozenset({"rate_limit", "budget_exhausted", "connection_rejected", "connection_timeout"})
"""Codes of failures after which it is certain that the app did nothing: whatever was asked may be asked again."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An attempt that failed: the error to raise, whether another try may help, and whether the app certainly did nothing."""

    error: CallError
    retry: bool
    unprocessed: bool

    @classmethod
    def of(cls, error: CallError) -> Refusal:
        """A failure that is what its code says."""
        return cls(error, error.code.retryable, error.code.name in UNPROCESSED)


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells what went wrong with one request. `secrets` gives what is masked wherever it comes up."""

    plan: RequestPlan
    secrets: Callable[[], frozenset[str]] = frozenset

    @property
    def name(self) -> str:
        """The request as its author wrote it, without values: they may be personal."""
        return shown(self.plan)

    def too_late(self, late: TooLate) -> CallError:
        """It was not sent, since its turn would come after the deadline."""
        who = "the app asked for a pause" if late.asked else "the budget is used up"
        why = f"{who} for {late.wait:.0f} s more, longer than there is time" if late.wait else "its turn did not come before the deadline"
        code = "rate_limit" if late.asked else "budget_exhausted"
        error = call_error(f"{self.name} was not sent: {why}", code, origin=self.plan.origin, retry_after=late.wait)
        error.late = not late.wait
        return error

    def timed_out(self, seconds: float, *, late: bool = False) -> Refusal:
        """It was sent, and nothing came back in time: the app's, or the caller's where it is `late`."""
        message = f"{self.name} was not answered within {max(seconds, 0):.3g} s"
        reads = self.plan.reads or (self.plan.safe and self.plan.method == "POST")
        hint = None if reads else "the app may have done it all the same"
        error = CallError(message, code="request_timeout", origin=self.plan.origin, hint=hint)
        error.late = late
        return Refusal.of(error)

    def lost(self, error: CallError) -> Refusal:
        """The wire failed."""
        failure = twin(error)
        failure.message = self.masked(f"{self.name} failed: {error.message}") or ""
        failure.args = (failure.message,)
        return Refusal.of(failure)

    def unreadable(self, answer: Answer, problem: DecodeError) -> Refusal:
        """It succeeded, by its status, but what came is not what the spec promises."""
        message = self.masked(f"{self.name} was answered with {answer.status}, but not with what was due: {problem.message}")
        error = UnexpectedAnswer(message or "", origin=self.plan.origin, status=answer.status, hint=self.masked(problem.hint))
        return Refusal.of(error)

    def refused(self, answer: Answer, failure: Failure, problem: DecodeError | None) -> Refusal:
        """The app said no."""
        if 300 <= answer.status < 400 and failure.rule is None:
            return Refusal.of(self._redirected(answer))
        verb = "failed" if answer.status >= 500 else "was refused" if answer.status >= 300 else "was answered with an error"
        error = call_error(
            f"{self.name} {verb}: {answer.status}",
            failure.code,
            origin=self.plan.origin,
            status=answer.status,
            app_message=self.masked(failure.app_message or _plain_words(answer.body)),
            app_code=self.masked(failure.app_code),
            retry_after=failure.wait,
            hint=self.masked(problem.message) if problem else f"the error rule at {failure.rule} says so" if failure.rule else None,
        )
        asked = failure.rule is not None and failure.retry and not CODES[failure.code].retryable
        return replace(Refusal.of(error), retry=failure.retry, unprocessed=asked or failure.code in UNPROCESSED)

    def _redirected(self, answer: Answer) -> CallError:
        target = _host(answer.url, answer.headers["location"].strip()) if "location" in answer.headers else None
        where = f"is redirected to `{self.masked(target)}`" if target else "is answered with a redirect"
        return UnexpectedAnswer(
            f"{self.name} {where}: {answer.status}",
            origin=self.plan.origin, status=answer.status,
            hint="redirects are not followed, since they could lead a credential elsewhere: set the address that is meant",
        )  # fmt: skip

    def masked(self, text: str | None) -> str | None:
        """`text` with the secrets masked."""
        return text and redact(text, self.secrets())


def twin(error: CallError) -> CallError:
    """The same failure once more, for one who will write on it: its page token, its hint."""
    copy = type(error).__new__(type(error), *error.args)
    copy.__dict__.update(error.__dict__)
    return copy


def shown(plan: RequestPlan) -> str:
    """Method, path and parameter names of a request as its author wrote them: `GET /users/{…}?limit`. An address of its own
    comes before the path."""
    written = f"{plan.base_url.text if plan.base_url else ''}{plan.path.text}"
    path = re.sub(r"\{\{.*?\}\}", "{…}", re.sub(r"\{%.*?%\}|\{#.*?#\}", "", written))
    names = "&".join(name for name, _ in plan.query)
    return f"`{plan.method} {path}{'?' + names if names else ''}`"


def secrets_of(
    credential: Any, *grants: Grant | None, request: Request | None = None, inputs: Mapping[str, Any] | None = None
) -> frozenset[str]:
    """Every secret that an answer to `request` could quote: those of the credential and the login, and inputs that are called so."""
    found = {*_secrets(credential), *secret_inputs(inputs or {})}
    for grant in grants:
        if grant is not None:
            found.update(_secrets([grant.token, grant.refresh_token, dict(grant.variables)]))
    for text in _secrets([value for _, value in (*request.query, *request.headers)] if request else []):
        _, _, rest = text.partition(" ")
        found.update((text, rest if rest and " " not in rest else text))  # of `Basic dXNlcjpwYXNz`, what follows the scheme as well
    return frozenset(found)


def secret_inputs(inputs: Mapping[str, Any]) -> set[str]:
    """The inputs that are called like a secret, such as the password of a new account."""
    return {value for name, value in inputs.items() if isinstance(value, str) and is_secret_name(name)}


def _secrets(value: Any) -> Iterable[str]:
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _secrets(item)


def _host(base: str, location: str) -> str | None:
    try:
        parts = urlsplit(urljoin(base, location))
        return f"{parts.scheme}://{parts.hostname}" if parts.hostname else None
    except ValueError:
        return None


def _plain_words(body: Any) -> str | None:
    """The vendor's words where the whole answer is text."""
    if not isinstance(body, str):
        return None
    return " ".join("".join(c if c.isprintable() else " " for c in body[:2000]).split())[:200] or None
