"""Answers without what differs by chance, and descriptions without what tells a caller nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

BY_CHANCE = "code_verifier", "code_challenge", "duration_ms"


def without_chance(value: Any, key: str = "") -> Any:
    """A value without what is another in every call: of that, whether it is there. An order that says nothing is one for all."""
    if key in BY_CHANCE and isinstance(value, str | int):
        return "(by chance)"
    if key == "authorization_url" and isinstance(value, str):
        address, _, query = value.partition("?")
        return {"address": address, **without_chance(dict(parse_qsl(query, keep_blank_values=True)))}
    if key == "scope" and isinstance(value, str):
        return sorted(value.split())
    if isinstance(value, dict):
        return {name: without_chance(held, name) for name, held in value.items()}
    return [without_chance(held, key) for held in value] if isinstance(value, list) else value


WORDS = "description", "title", "display_name", "summary"


def described(envelope: dict[str, Any]) -> dict[str, Any]:
    """What a connector tells of itself, as `in_place` has it."""
    components = envelope.get("response", {}).get("app_schema", {}).get("components", {}).get("schemas", {})
    found: dict[str, Any] = in_place(envelope, components)
    if components:
        del found["response"]["app_schema"]["components"]["schemas"]
    return found


def in_place(node: Any, definitions: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """A JSON Schema, or what holds some, without words for people, and with everything that it refers to in its place: how a schema
    is cut into definitions, what those are called, in which order names stand, and what JSON Schema means anyway, tells nothing."""
    if isinstance(node, list):
        return [in_place(item, definitions, within) for item in node]
    if not isinstance(node, dict):
        return node
    definitions = {**definitions, **node.get("$defs", {})}
    name = str(node.get("$ref", "")).rsplit("/", 1)[-1]
    if name in definitions and name not in within:
        node, within = {**definitions[name], **{key: held for key, held in node.items() if key != "$ref"}}, (*within, name)
    found = {
        key: in_place(held, definitions, within)
        for key, held in node.items()
        if key != "$defs" and (key not in WORDS or isinstance(held, dict))
    }
    if isinstance(found.get("required"), list):
        found["required"] = sorted(found["required"])
    if "const" in found:
        found["enum"] = [found.pop("const")]
    nothing = {"anyOf": [{}, {"type": "null"}], "additionalProperties": True, "default": None}
    return {key: held for key, held in found.items() if key not in nothing or held != nothing[key]}
