"""The published OpenAPI document, as the judge of answers."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30ReadValidator
from referencing import Registry
from referencing.jsonschema import DRAFT4


@cache
def document() -> dict[str, Any]:
    """The document that travels in the published SDK."""
    spec = find_spec("connector")
    assert spec is not None and spec.submodule_search_locations
    text = (Path(spec.submodule_search_locations[0]) / "spec" / "openapi.yaml").read_text()
    found: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


@cache
def _validator(capability: str, *, is_error: bool) -> OAS30ReadValidator:
    path = "/list-connector-app-ids" if capability == "list_connector_app_ids" else f"/{{connector_id}}/{capability}"
    answers = document()["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    name = next(one["$ref"] for one in answers.get("anyOf", [answers]) if one["$ref"].endswith("/ErrorResponse") == is_error)
    registry: Registry[Any] = Registry().with_resource("published:", DRAFT4.create_resource(document()))
    return OAS30ReadValidator({"$ref": f"published:{name}"}, registry=registry, format_checker=OAS30ReadValidator.FORMAT_CHECKER)


def slips(capability: str, envelope: dict[str, Any]) -> list[str]:
    """Where an answer is not what the document says of this capability: of an error, of the error envelope."""
    errors = _validator(capability, is_error=bool(envelope.get("is_error"))).iter_errors(envelope)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]
