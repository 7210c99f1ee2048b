"""The published types, as the runtime of the published SDK reads with them."""

from __future__ import annotations

import json
from typing import Any

from connector_sdk_types import generated
from pydantic import BaseModel

TYPE_NAMES = {"connected_info": "GetConnectedInfo", "handle_client_credentials_request": "HandleClientCredentials"}
"""Where the published types are not named for the capability."""


def type_name(capability: str) -> str:
    return TYPE_NAMES.get(capability) or "".join(word.title() for word in capability.split("_"))


def request_type(capability: str) -> type[BaseModel]:
    return getattr(generated, f"{type_name(capability)}Request")


def answer_type(capability: str) -> type[BaseModel]:
    return getattr(generated, f"{type_name(capability)}Response")


def read(capability: str, envelope: dict[str, Any]) -> BaseModel:
    """An answer as the published types read it; of an app's own capability, what is around it. Raises where it does not fit."""
    if envelope.get("is_error"):
        assert "response" not in envelope
        return generated.ErrorResponse.model_validate(envelope)
    if not hasattr(generated, f"{type_name(capability)}Response"):
        generated.ExecutionSummary.model_validate(envelope["execution_summary"])
        return generated.Page.model_validate(envelope.get("page") or {})
    if capability in ("list_activity_records", "list_applications_activity_records"):
        wrap = generated.ActivityRecordActivityType.from_json
        rows = [{**record, "activity_type": wrap(json.dumps(record["activity_type"]))} for record in envelope["response"]]
        envelope = {**envelope, "response": rows}
    return answer_type(capability).model_validate(envelope)
