"""What is around an answer: the contract's envelopes, made of what a call came to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from ferrule.capabilities import Capability
from ferrule.contract.envelope import RequestEnvelope
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput, CallError, FerruleError
from ferrule.http import Answer
from ferrule.results import Result

Envelope = dict[str, Any]


def answered(capability: Capability, asked: RequestEnvelope, result: Result, *, nulls: bool = True) -> Envelope:
    """The envelope of a call that succeeded. Without `nulls`, fields of records that say nothing are left out."""
    return {
        "response": to_jsonable_python(result.response, by_alias=True, exclude_none=not nulls),
        "raw_data": raw_data(capability, result.answers) if asked.include_raw_data else None,
        "page": {"token": result.page_token, "size": asked.page.size if asked.page else None} if result.page_token else None,
        "rate_limit": {"current_state": {name: state.model_dump() for name, state in result.limits.items()}} if result.limits else None,
        "execution_summary": _summary(capability, asked, result) if result.changed is not None else None,
    }


def raw_data(capability: Capability, answers: list[Answer]) -> dict[str, Any] | None:
    """What the app answered, word for word: method and address, secrets masked, to body. Of several to one, a list.

    Of an OAuth capability it is the body alone, the token with all that came beside it. None where nobody was asked.
    """
    if capability.level == "oauth":
        return next((to_jsonable_python(answer.body) for answer in reversed(answers) if isinstance(answer.body, dict)), None)
    bodies: dict[str, list[Any]] = {}
    for answer in answers:
        request = answer.request
        name = f"{request.method} {request.shown_url}" if request is not None else answer.url
        bodies.setdefault(name, []).append(answer.body)
    plain = {name: to_jsonable_python(found[0] if len(found) == 1 else found, fallback=str) for name, found in bodies.items()}
    return plain or None


_CREATES = ("create_", "assign_")
_DELETES = ("delete_", "unassign_")


def _summary(capability: Capability, asked: RequestEnvelope, result: Result) -> Envelope:
    """What a write did."""
    effect: dict[str, str] = {"kind": "updated"}
    if not result.changed:
        effect = {"kind": "noop", "reason": "state_already_matches"}
    elif capability.name.startswith(_CREATES):
        effect = {"kind": "created"}
    elif capability.name.startswith(_DELETES):
        effect = {"kind": "deleted"}
    return {
        "effect": effect,
        "request_fingerprint": fingerprint(capability, asked.request),
        "is_idempotent": capability.idempotent,
        "description": None,
        "caught_errors": None,
    }


def fingerprint(capability: Capability, request: Mapping[str, Any]) -> str:
    """The same for the same request, whatever its order and its nulls: SHA-256 of its JSON, as the published SDK makes it."""
    plain = capability.request.model_validate(request).model_dump(mode="json", exclude_none=True)
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def failed(app_id: str, error: FerruleError) -> Envelope:
    """The envelope of a call that failed."""
    page_token = error.page_token if isinstance(error, CallError) else None
    return {
        "is_error": True,
        "error": told(app_id, error),
        "raw_data": None,
        "page": {"token": page_token, "size": None} if page_token else None,
    }


def told(app_id: str, error: FerruleError) -> dict[str, Any]:
    """An error in the contract's form."""
    code = error.code
    call = error if isinstance(error, CallError) else None
    words = call.app_message if call is not None else None
    return {
        "message": f"{error.message}: {words}" if words and words not in error.message else error.message,
        "status_code": call.status if call is not None else None,
        "app_error_code": call.app_code if call is not None else None,
        "error_code": code.name,
        "app_id": app_id,
        "raised_by": type(error).__name__,
        "raised_in": str(call.origin) if call is not None and call.origin else None,
        "error_metadata": {
            "fault": code.fault,
            "category": code.category,
            "hint": error.hint,
            "retryable": code.retryable,
            "throttled": code.throttled,
            "refreshable": code.refreshable,
            "retry_after_seconds": _whole(call.retry_after if call is not None else None),
        },
    }


def _whole(wait: float | None) -> int | None:
    """Seconds as the contract counts them, never less than asked for."""
    return None if wait is None else int(-(-wait // 1))


def without_nulls(envelope: Envelope) -> Envelope:
    """The envelope without the nulls that are its own. A null in what the app said, or in records, stays."""
    own = {"error", "page", "rate_limit", "execution_summary"}
    return {name: _without(value) if name in own else value for name, value in envelope.items() if value is not None or name == "response"}


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(item) for name, item in value.items() if item is not None}
    return [_without(item) for item in value] if isinstance(value, list) else value


def unknown_connector(app_id: str, known: list[str]) -> Envelope:
    """The envelope that says there is no such connector."""
    hint = did_you_mean(app_id, known) or f"the connectors are {', '.join(known)}"
    return failed(app_id, BadInput(f"there is no connector `{app_id}`", code="not_found", hint=hint))
