"""Source in, spec out, every slip of shape reported on its line."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from ferrule.diagnostics import Code, Diagnostic, SpecError, did_you_mean
from ferrule.source import Table, key_span, locate
from ferrule.spec.model import ConnectorSpec

UNKNOWN_KEY = Code("S201", "unknown-key")
MISSING_KEY = Code("S202", "missing-key")
WRONG_TYPE = Code("S203", "wrong-type")
UNKNOWN_KIND = Code("S204", "unknown-kind")
WRONG_VALUE = Code("S205", "wrong-value")
WRONG_SHAPE = Code("S206", "wrong-shape")
WRONG_VERSION = Code("S207", "language-version")

_WORDS = {
    "str": "text",
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "dict": "a mapping",
    "list": "a list",
    "text": "text",
}


def load(tree: Table) -> ConnectorSpec:
    """The spec that `tree` says. Raises `SpecError` with every finding."""
    try:
        return ConnectorSpec.model_validate(tree)
    except ValidationError as error:
        raise SpecError(_diagnostics(error, tree)) from error


def _diagnostics(error: ValidationError, tree: Table) -> Iterator[Diagnostic]:
    seen = set()
    for detail in error.errors(include_url=False):
        found = _diagnostic(detail, tree)  # type: ignore[arg-type]
        if (found.span, found.message) not in seen:
            seen.add((found.span, found.message))
            yield found


def _diagnostic(detail: dict[str, Any], tree: Table) -> Diagnostic:
    kind, loc, given, ctx = detail["type"], detail["loc"], detail["input"], detail.get("ctx", {})
    if loc and loc[-1] == "[key]":
        loc = loc[:-1]
    name = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        known = _keys(loc[:-1])
        hint = did_you_mean(name, known) or (f"it may have {', '.join(f'`{k}`' for k in known)}" if known and len(known) < 16 else None)
        return Diagnostic(UNKNOWN_KEY, key_span(tree, loc), f"unknown key `{name}`{_where(loc[:-1])}", hint)
    if kind == "missing":
        return Diagnostic(MISSING_KEY, key_span(tree, loc[:-1]), f"`{name}` is missing{_where(loc[:-1])}")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tags = [t.strip(" '") for t in str(ctx.get("expected_tags", "")).split(",") if t]
        if not isinstance(given, dict):
            return Diagnostic(WRONG_TYPE, locate(tree, loc), f"expected a mapping with a `kind`, found {_found(given)}")
        if kind == "union_tag_not_found":
            return Diagnostic(
                MISSING_KEY, key_span(tree, loc), f"`kind` is missing{_where(loc)}", f"the kinds are {', '.join(tags)}" if tags else None
            )
        tag = str(ctx.get("tag", ""))
        hint = did_you_mean(tag, tags) or f"the kinds are {', '.join(tags)}"
        return Diagnostic(UNKNOWN_KIND, locate(tree, (*loc, "kind")), f"unknown kind `{tag}`", hint)
    if kind == "literal_error" and name == "ferrule":
        return Diagnostic(
            WRONG_VERSION, locate(tree, loc), f"this engine reads version 1 of the language, not {given!r}", "write `ferrule: 1`"
        )
    if kind in ("literal_error", "enum"):
        allowed = str(ctx.get("expected", ""))
        options = [o.strip(" '") for o in allowed.replace(" or ", ",").split(",")]
        return Diagnostic(WRONG_VALUE, locate(tree, loc), f"`{given}` is none of {', '.join(options)}", did_you_mean(str(given), options))
    if kind.endswith(("_type", "_parsing")) or kind in ("is_instance_of", "bool_type"):
        wanted = _WORDS.get(str(ctx.get("class", kind.removesuffix("_type").removesuffix("_parsing"))), kind.removesuffix("_type"))
        wanted = {"model": "a mapping", "dict": "a mapping", "model_attributes": "a mapping"}.get(wanted, wanted)
        hint = "write it in quotes" if wanted == "text" and isinstance(given, (int, float, bool)) else None
        return Diagnostic(WRONG_TYPE, locate(tree, loc), f"expected {wanted}, found {_found(given)}", hint)
    code = WRONG_SHAPE if kind in ("request_method", "request_body", "source", "wait") else WRONG_VALUE
    return Diagnostic(code, locate(tree, loc), detail["msg"], ctx.get("hint"))


def _found(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _where(loc: tuple[int | str, ...]) -> str:
    names = [str(part) for part in loc if isinstance(part, str) and not part.startswith(("function-", "tagged-"))]
    return f" in `{names[-1]}`" if names else ""


def _keys(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the model at `loc` may have, found by walking the models' own annotations."""
    models = _models(ConnectorSpec)
    for part in loc:
        models = _step(models, part) or models
    return sorted({_alias(model, name) for model in models for name in model.model_fields})


def _alias(model: type[BaseModel], name: str) -> str:
    return model.model_fields[name].alias or name


def _step(models: set[type[BaseModel]], part: int | str) -> set[type[BaseModel]]:
    tagged = {m for m in models if "kind" in m.model_fields and part in typing.get_args(m.model_fields["kind"].annotation)}
    if tagged:
        return tagged
    found: set[type[BaseModel]] = set()
    for model in models:
        for name, info in model.model_fields.items():
            if part in (name, info.alias):
                found |= _models(info.annotation)
    return found


def _models(annotation: Any) -> set[type[BaseModel]]:
    """Every model that an annotation mentions, containers and unions looked through."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    annotation = getattr(annotation, "__value__", annotation) if type(annotation).__name__ == "TypeAliasType" else annotation
    return {model for argument in typing.get_args(annotation) if not isinstance(argument, str) for model in _models(argument)}
