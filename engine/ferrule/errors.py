"""What can go wrong with a call, in the contract's words.

    FerruleError
    ├── BadInput             the caller's arguments do not fit: nothing was sent
    └── CallError            the app, or the way to it, failed
        ├── CredentialError  the credential is missing, refused, expired or revoked: a new one may help
        ├── RateLimited      refused for now; `retry_after` says how long
        ├── InvalidPageToken the token is not one of ours, or not for this call
        └── UnexpectedAnswer the answer is not what the spec promised

A class exists where a caller would act differently. `code` is always one of the contract's codes; fault, category and
the flags follow from it and are never chosen by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ferrule.diagnostics import Span

Fault = Literal["caller", "connector", "upstream", "infrastructure", "unknown"]
Category = Literal["authentication", "authorization", "transient", "client", "internal"]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code of the contract, with what follows from it."""

    name: str
    fault: Fault
    category: Category
    retryable: bool = False
    """Trying the same call again may succeed."""
    throttled: bool = False
    """Waiting before the next try is required."""
    refreshable: bool = False
    """A refreshed or renewed credential may restore access."""


_CODES = (
    ErrorCode("bad_request", "caller", "client"),
    ErrorCode("invalid_value", "caller", "client"),
    ErrorCode("unknown_value", "caller", "client"),
    ErrorCode("not_found", "caller", "client"),
    ErrorCode("conflict", "caller", "client"),
    ErrorCode("invalid_page_token", "caller", "client"),
    ErrorCode("integration_missing_parameter", "caller", "client"),
    ErrorCode("unsupported_operation", "connector", "internal"),
    ErrorCode("unauthorized", "upstream", "authentication", refreshable=True),
    ErrorCode("authentication_expired", "upstream", "authentication", refreshable=True),
    ErrorCode("creds_revoked", "upstream", "authentication", refreshable=True),
    ErrorCode("permission_denied", "upstream", "authorization"),
    ErrorCode("rate_limit", "upstream", "transient", retryable=True, throttled=True),
    ErrorCode("budget_exhausted", "upstream", "transient", retryable=True, throttled=True),
    ErrorCode("bad_gateway", "upstream", "transient", retryable=True),
    ErrorCode("service_error", "upstream", "transient", retryable=True),
    ErrorCode("request_timeout", "upstream", "transient", retryable=True),
    ErrorCode("connection_timeout", "infrastructure", "transient", retryable=True),
    ErrorCode("connection_rejected", "infrastructure", "transient", retryable=True),
    ErrorCode("connection_closed", "infrastructure", "transient", retryable=True),
    ErrorCode("internal_error", "connector", "internal", retryable=True),
    ErrorCode("invalid_response", "connector", "internal"),
)
CODES: dict[str, ErrorCode] = {code.name: code for code in _CODES}
"""The contract's 22 error codes, by name."""

_BY_STATUS = {
    **dict.fromkeys((400, 413, 415, 422), "bad_request"),
    401: "unauthorized",
    403: "permission_denied",
    404: "not_found",
    **dict.fromkeys((405, 406, 501), "unsupported_operation"),
    408: "request_timeout",
    409: "conflict",
    429: "rate_limit",
    503: "service_error",
    **dict.fromkeys((500, 502, 504), "bad_gateway"),
}


_ADDRESS = re.compile(r"(?<![\w.+'~-])[\w.+'~-]++(?:@|%40)(?:[\w-]++\.)+[^\W\d_]{2,}(?![\w@])")


def _without_addresses(text: str) -> str:
    """`text` without e-mail addresses: errors go to logs and to people who may not know whose they are."""
    return _ADDRESS.sub("***", text) if "@" in text or "%40" in text else text


def code_for_status(status: int) -> str:
    """The contract's code for an HTTP status that no rule of the spec names."""
    return _BY_STATUS.get(status, "invalid_response")


class FerruleError(Exception):
    """Anything a call can raise. `code` is the contract's error code."""

    def __init__(self, message: str, *, code: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = CODES[code]
        self.hint = hint


class BadInput(FerruleError):
    """What the caller gave does not fit the capability, the settings or the credential."""

    def __init__(self, message: str, *, code: str = "bad_request", hint: str | None = None) -> None:
        super().__init__(message, code=code, hint=hint)


class CallError(FerruleError):
    """A call that failed, with what is known of it.

    `origin` is the place in the spec that described the request; `status` the HTTP status; `app_message` and
    `app_code` the vendor's own words; `retry_after` seconds to wait, where the app said so; `page_token` where a read
    may go on, once records before it have been given. `late` says that it was the caller's time that ran out. E-mail
    addresses are masked in all words: vendors quote them.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        origin: Span | None = None,
        status: int | None = None,
        app_message: str | None = None,
        app_code: str | None = None,
        retry_after: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(_without_addresses(message), code=code, hint=hint and _without_addresses(hint))
        self.origin = origin
        self.status = status
        self.app_message = app_message and _without_addresses(app_message)
        self.app_code = app_code and _without_addresses(app_code)
        self.retry_after = retry_after
        self.page_token: str | None = None
        self.late = False

    def __str__(self) -> str:
        words = f": {self.app_message}" if self.app_message and self.app_message not in self.message else ""
        place = f" ({self.origin})" if self.origin else ""
        return f"{self.code.name}: {self.message}{words}{place}"


class CredentialError(CallError):
    """The app does not accept the credential."""


class RateLimited(CallError):
    """The app refused the call for now, and waiting within the budget did not help."""


class InvalidPageToken(CallError):
    """The page token is damaged, or was made for another connector, capability or question."""

    def __init__(self, message: str, *, hint: str | None = "start the walk again without a token") -> None:
        super().__init__(message, code="invalid_page_token", hint=hint)


class UnexpectedAnswer(CallError):
    """The answer breaks a promise of the spec: not the declared format, a value missing, a walk without progress."""

    def __init__(self, message: str, *, origin: Span | None, status: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, code="invalid_response", origin=origin, status=status, hint=hint)


def call_error(message: str, code: str, **details: object) -> CallError:
    """The member of the tree that `code` asks for."""
    known = CODES[code]
    kind = CredentialError if known.refreshable else RateLimited if known.throttled else CallError
    return kind(message, code=code, **details)  # type: ignore[arg-type]
