"""The JSON Schema of the language, from the same models that read it."""

from __future__ import annotations

from typing import Any

from ferrule.spec.model import ConnectorSpec


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a spec file, with a description of each key."""
    made = ConnectorSpec.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Ferrule connector"}
