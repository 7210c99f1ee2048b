"""The JSON Schema of the language, from the same models that read it."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ferrule.spec.model import ConnectorSpec


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a spec file, with a description of each key."""
    made = ConnectorSpec.model_json_schema(by_alias=True, schema_generator=_Generator)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Ferrule connector"}


class _Generator(GenerateJsonSchema):
    """A `kind` tells members of a union apart in a schema too. What we tell apart by how it is written may look like several
    of them, `{value: member}` like a record of one field: then any of them will do."""

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        made = super().tagged_union_schema(schema)
        return made if "discriminator" in made else {"anyOf" if key == "oneOf" else key: value for key, value in made.items()}
