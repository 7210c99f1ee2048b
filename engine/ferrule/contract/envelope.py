"""What is around every request and every answer."""

from typing import Annotated, Any, Literal

from pydantic import Field

from ferrule.contract.auth import AuthCredential
from ferrule.contract.base import Boolean, Integer, Model, Private, String
from ferrule.errors import Category, Fault

RateLimitMode = Literal["enforce", "retry_only", "bypass", "enforce_no_retry"]
ErrorCodeName = Literal[
    "bad_request",
    "invalid_value",
    "unknown_value",
    "not_found",
    "invalid_page_token",
    "integration_missing_parameter",
    "unsupported_operation",
    "conflict",
    "unauthorized",
    "authentication_expired",
    "creds_revoked",
    "permission_denied",
    "rate_limit",
    "bad_gateway",
    "service_error",
    "budget_exhausted",
    "connection_timeout",
    "request_timeout",
    "connection_rejected",
    "connection_closed",
    "internal_error",
    "invalid_response",
]


class Page(Model):
    """Where a walk stands and how big its steps are. An answer without a token is the last."""

    token: String | None = None
    """What to send to get the next page. Only the connector can read it."""
    size: Integer | None = None
    """How many records a page has."""


class RateLimitState(Model):
    """What is known of one limit."""

    remaining: Integer | None = None
    """Requests left in this window."""
    limit: Integer | None = None
    """Requests allowed in a window."""
    reset: Integer | None = None
    """When the window ends, in seconds since 1970."""
    window_seconds: Integer | None = None
    """How long a window is."""
    current_delay: Integer | None = None
    """Seconds the connector waits between requests now."""
    source: Literal["api_headers", "sdk_counter"] | None = None
    """Said by the app, or counted here."""


class RateLimitRequest(Model):
    """What the caller knows and wants about limits."""

    caller_retry_attempt: Integer | None = None
    """How often the caller has tried already."""
    last_known_state: dict[str, RateLimitState] | None = None
    """The limits as the answer before told them, by name."""
    caller_override_mode: RateLimitMode | None = None
    """Whether to wait for limits, and whether to try again."""
    max_execution_time: Integer | None = None
    """Seconds after which the caller no longer listens."""


class RateLimitResponse(Model):
    """What is known about limits after the call."""

    current_state: dict[str, RateLimitState] | None = None
    """The limits by name, for the next request to carry."""


class RequestEnvelope(Private):
    """A request. `request` is checked against the capability's own model."""

    auth: AuthCredential | None = None
    """The credential, where the connector has one."""
    credentials: list[AuthCredential] | None = None
    """The credentials, where the connector knows several."""
    request: dict[str, Any]
    """What is asked."""
    include_raw_data: Boolean | None = None
    """Whether the app's own answer should come along."""
    page: Page | None = None
    """Which page; the first where nothing is said."""
    settings: dict[str, Any] | None = None
    """The tenant's settings."""
    rate_limit: RateLimitRequest | None = None
    """What the caller knows and wants about limits."""


class ErrorMetadata(Model):
    """What follows from an error's code."""

    fault: Fault
    """On whose side it went wrong."""
    category: Category
    """What sort of error it is."""
    hint: String | None = None
    """What may help."""
    retryable: Boolean
    """The same call may work later."""
    throttled: Boolean
    """The next try has to wait."""
    refreshable: Boolean
    """A new credential may help."""
    retry_after_seconds: Integer | None = None
    """How long to wait."""


class Error(Model):
    """What went wrong."""

    message: String
    """What went wrong, in words."""
    status_code: Integer | None = None
    """The app's HTTP status."""
    app_error_code: String | None = None
    """The app's own code."""
    error_code: ErrorCodeName
    """The contract's code."""
    app_id: String
    """The connector's id."""
    raised_by: String | None = None
    """The kind of exception."""
    raised_in: String | None = None
    """Where it was raised."""
    error_metadata: ErrorMetadata | None = None
    """What follows from the code."""


class CreatedEffect(Model):
    """Something new is there."""

    kind: Literal["created"] = "created"


class UpdatedEffect(Model):
    """Something was changed."""

    kind: Literal["updated"] = "updated"


class DeletedEffect(Model):
    """Something is gone."""

    kind: Literal["deleted"] = "deleted"


class NoopEffect(Model):
    """Nothing had to be done."""

    kind: Literal["noop"] = "noop"
    reason: Literal["state_already_matches"]
    """Why not."""


Effect = Annotated[CreatedEffect | UpdatedEffect | DeletedEffect | NoopEffect, Field(discriminator="kind")]


class ExecutionSummary(Model):
    """What a write did."""

    effect: Effect
    """What is different now."""
    request_fingerprint: String
    """The same for the same request: how a caller recognises a repeat."""
    is_idempotent: Boolean
    """Doing it again does nothing more."""
    description: String | None = None
    """More in words."""
    caught_errors: list[Error] | None = None
    """Errors on the way that did not stop it."""


class ResponseEnvelope(Model):
    """An answer."""

    response: Any
    """The record, or the records."""
    raw_data: Any = None
    """The app's own answer, where it was asked for."""
    page: Page | None = None
    """Where to go on; absent at the end."""
    rate_limit: RateLimitResponse | None = None
    """What is known about limits now."""
    execution_summary: ExecutionSummary | None = None
    """What a write did."""


class ErrorEnvelope(Model):
    """An answer that is an error. It has no `response`."""

    is_error: Boolean = True
    """How a caller tells it from an answer."""
    error: Error
    """What went wrong."""
    raw_data: dict[str, Any] | None = None
    """The app's own answer, where it was asked for."""
    page: Page | None = None
    """Where a read may go on."""
