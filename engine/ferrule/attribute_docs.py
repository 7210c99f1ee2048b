"""What the attributes of a model mean: the text below each in its source, read when somebody asks.

Pydantic's own `use_attribute_docstrings` reads the source of every model while it is made, which was a quarter of the time
that importing the engine took. Most commands never ask.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core.core_schema import CoreSchema


@cache
def attribute_docs(model: type) -> Mapping[str, str]:
    """The text of each attribute by its name in Python, inherited ones too. Empty where there is no source to read."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        written = _in_module(base.__module__).get(base.__qualname__, {})
        for name in inspect.get_annotations(base):
            found.pop(name, None)  # what is declared anew says itself what it means
        found |= written
    return MappingProxyType(found)


@cache
def _in_module(module: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of a module's classes, by the name of the class."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (KeyError, OSError, TypeError):
        return {}
    return {node.name: _in_class(node) for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def _in_class(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for attribute, below in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(attribute, ast.AnnAssign) and isinstance(attribute.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            found[attribute.target.id] = inspect.cleandoc(below.value.value)
    return found


class Documented(BaseModel):
    """A model whose JSON Schema says what each attribute means."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, doc in attribute_docs(cls).items():
            field = cls.model_fields.get(name)
            if field is not None and (shown := properties.get(field.alias or name)) is not None:
                shown.setdefault("description", doc)
        return schema
