"""One authenticated read of the caller's own making, against the connected app and nothing else."""

from typing import Literal

from ferrule.contract.base import Boolean, Integer, Model, Number, String


class FulfillArbitraryEndpoint(Model):
    """The request to make."""

    url: String
    """A path below the app's base address, or an absolute address on the same host."""
    method: Literal["GET", "POST"] | None = None
    """GET where nothing is said; POST only where the connector allows the path."""
    body: String | None = None
    """What to send, as it is; for POST."""
    query: dict[str, list[String]] | None = None
    """Query parameters; not used with an absolute address."""
    headers: dict[str, String] | None = None
    """More headers, of those the connector allows."""


class ArbitraryResponse(Model):
    """What the app answered, word for word. A refusal by the app is an answer too."""

    ok: Boolean
    """Whether the app answered with a 2xx status."""
    status_code: Integer | None = None
    """The app's status; none where the app never answered."""
    headers: dict[str, String]
    """The app's headers; repeated ones joined with a comma."""
    body: String | None = None
    """The app's body, as text."""
    content_type: String | None = None
    """What the app says the body is."""
    error: String | None = None
    """Why there is no answer from the app, in words for the customer."""
    retry_after_seconds: Number | None = None
    """When another try makes sense; absent where nobody knows."""
    resolved_url: String
    """The address that was called."""
