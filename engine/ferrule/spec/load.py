"""Source in, spec out, every slip of shape reported on its line."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from ferrule.diagnostics import Code, Diagnostic, SpecError, did_you_mean, nearest
from ferrule.misfit import options, told, wanted
from ferrule.source import Scalar, Table, key_span, key_text, locate
from ferrule.spec.model import ConnectorSpec
from ferrule.spec.record import MappedField, ValueField

UNKNOWN_KEY = Code("S201", "unknown-key")
MISSING_KEY = Code("S202", "missing-key")
WRONG_TYPE = Code("S203", "wrong-type")
UNKNOWN_KIND = Code("S204", "unknown-kind")
WRONG_VALUE = Code("S205", "wrong-value")
WRONG_SHAPE = Code("S206", "wrong-shape")
WRONG_VERSION = Code("S207", "language-version")

Loc = tuple[int | str, ...]


def load(tree: Table) -> ConnectorSpec:
    """The spec that `tree` says. Raises `SpecError` with every finding."""
    try:
        return ConnectorSpec.model_validate(tree)
    except ValidationError as error:
        raise SpecError(_diagnostics(error, tree)) from error


def _diagnostics(error: ValidationError, tree: Table) -> Iterator[Diagnostic]:
    details = [_Detail(detail) for detail in error.errors(include_url=False)]
    missing: dict[Loc, list[str]] = {}
    types: dict[Loc, list[_Detail]] = {}
    meant = {
        (d.loc[:-1], nearest(str(d.loc[-1]), _keys(d.loc[:-1]))) for d in details if d.kind in ("extra_forbidden", "invalid_key") and d.loc
    }
    for detail in details:
        if detail.kind == "missing":
            missing.setdefault(detail.loc[:-1], []).append(str(detail.loc[-1]))
        elif wanted(detail.raw) and not detail.is_key:
            types.setdefault(detail.loc, []).append(detail)
        else:
            yield _finding(detail, tree)
    for loc, names in missing.items():
        if absent := [name for name in names if (loc, name) not in meant]:
            yield _missing(loc, absent, tree)
    for loc, slips in types.items():
        yield _wrong_type(loc, slips, tree)


class _Detail:
    """One error of pydantic. The place is without the branch of a union of numbers, and without the mark of a key."""

    def __init__(self, raw: Any) -> None:
        self.raw: dict[str, Any] = raw
        self.kind: str = raw["type"]
        self.ctx: dict[str, Any] = raw.get("ctx", {})
        self.given: Any = raw["input"]
        loc: Loc = raw["loc"]
        self.is_key = loc[-1:] == ("[key]",)
        self.loc = loc[:-1] if self.is_key or (loc and loc[-1] in ("int", "float", "bool")) else loc

    @property
    def name(self) -> str:
        return str(self.loc[-1]) if self.loc else ""


def _finding(detail: _Detail, tree: Table) -> Diagnostic:
    """Anything but a missing key and a wrong type."""
    kind, loc, given = detail.kind, detail.loc, detail.given
    if kind in ("extra_forbidden", "invalid_key"):
        known = _keys(loc[:-1])
        hint = did_you_mean(detail.name, known) or (_names("it may have", known) if known and len(known) < 16 else None)
        return Diagnostic(UNKNOWN_KEY, key_span(tree, loc), f"unknown key `{detail.name}`{_where(tree, loc[:-1])}", hint)
    if detail.is_key and wanted(detail.raw):
        return Diagnostic(WRONG_TYPE, key_span(tree, loc), f"a key here is text, not {_found(given)}", "put it in quotes")
    if kind == "union_tag_not_found" and not isinstance(given, dict):
        hint = f"write `{{kind: {given}}}`" if given in _kind_names(loc) else None
        if hint and loc[-1] == "kind":
            hint = f"it stands below a name of your own: `name: {{kind: {given}}}`"
        return Diagnostic(WRONG_TYPE, locate(tree, loc), f"expected a mapping with a `kind`, found {_found(given)}", hint)
    if kind == "union_tag_not_found":
        return Diagnostic(MISSING_KEY, key_span(tree, loc), f"`kind` is missing{_where(tree, loc)}", _kinds(loc))
    if kind == "union_tag_invalid":
        return _wrong_tag(detail, tree)
    if kind == "literal_error" and loc == ("ferrule",):
        what = f"the text {_found(given)}" if isinstance(given, str) else _found(given)
        message = f"this engine reads version 1 of the language, not {what}"
        return Diagnostic(WRONG_VERSION, locate(tree, loc), message, "write `ferrule: 1`")
    if words := options(detail.raw):
        return Diagnostic(WRONG_VALUE, locate(tree, loc), f"{_found(given)} is none of {', '.join(words)}", did_you_mean(str(given), words))
    if kind in _BOUNDS:
        subject = f"`{detail.name}`" if isinstance(loc[-1], str) else "an item"
        seen = "" if isinstance(given, (dict, list)) or given == "" else f", not {_found(given)}"
        place = key_span(tree, loc) if detail.is_key else locate(tree, loc)
        return Diagnostic(WRONG_VALUE, place, f"{subject} {told(detail.raw)}{seen}")
    at = key_span(tree, (*loc, detail.ctx["key"])) if "key" in detail.ctx else locate(tree, loc)
    return Diagnostic(WRONG_SHAPE if isinstance(given, dict) else WRONG_VALUE, at, detail.raw["msg"], detail.ctx.get("hint"))


_BOUNDS = frozenset(
    {
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number", "string_pattern_mismatch"),
        *("too_short", "too_long", "string_too_short", "string_too_long"),
    }
)


def _missing(loc: Loc, names: list[str], tree: Table) -> Diagnostic:
    words = " and ".join(filter(None, [", ".join(f"`{name}`" for name in names[:-1]), f"`{names[-1]}`"]))
    verb = "is" if len(names) == 1 else "are"
    hint = "start with `ferrule: 1`" if "ferrule" in names and not loc else None
    return Diagnostic(MISSING_KEY, key_span(tree, loc), f"{words} {verb} missing{_where(tree, loc)}", hint)


def _wrong_type(loc: Loc, slips: list[_Detail], tree: Table) -> Diagnostic:
    given = slips[0].given
    types = list(dict.fromkeys(wanted(slip.raw) or "" for slip in slips))
    if "a number" in types and "a whole number" in types:
        types.remove("a whole number")
    hint = "put it in quotes" if slips[0].kind == "string_type" and isinstance(given, (int, float)) else None
    return Diagnostic(WRONG_TYPE, locate(tree, loc), f"expected {_either(types)}, found {_found(given)}", hint)


def _wrong_tag(detail: _Detail, tree: Table) -> Diagnostic:
    tags = [tag.strip(" '") for tag in str(detail.ctx["expected_tags"]).split(",")]
    if detail.ctx["discriminator"] != "'kind'":
        forms = list(dict.fromkeys(_FORMS.get(tag, tag) for tag in tags))
        return Diagnostic(WRONG_TYPE, locate(tree, detail.loc), f"expected {_either(forms)}, found {_found(detail.given)}")
    tag = str(detail.ctx["tag"])
    return Diagnostic(
        UNKNOWN_KIND, locate(tree, (*detail.loc, "kind")), f"unknown kind {_found(tag)}", did_you_mean(tag, tags) or _kinds(detail.loc)
    )


_FORMS = {
    "mapping": "a mapping",
    "list": "a list",
    "expression": "an expression",
    "mapped": "a mapping",
    "fixed": "a mapping",
    "nested": "a mapping",
    "constant": "a constant",
    "cookie": "a mapping",
}
"""The tags of unions that are told apart by how a value is written."""


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _names(words: str, names: Iterable[str]) -> str:
    return f"{words} {', '.join(f'`{name}`' for name in names)}"


def _found(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, Scalar):
        return f"`{value}`"
    words = " ".join(str(value).split()) if isinstance(value, str) else key_text(value)
    return "nothing" if value is None else "empty text" if not words else f"`{words if len(words) <= 60 else words[:59] + '…'}`"


def _where(tree: Any, loc: Loc) -> str:
    """What a place is in, by the last key or kind on the way to it."""
    name = ""
    for part in loc:
        if isinstance(tree, dict):
            key = next((key for key in tree if str(key) == str(part)), None)
            if key is not None:
                name, tree = str(key), tree[key]
            elif str(tree.get("kind")) == part:
                name = str(part)
        elif isinstance(tree, list) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
    return f" in `{name}`" if name else ""


def _kinds(loc: Loc) -> str | None:
    names = _kind_names(loc)
    return f"the kinds are {', '.join(names)}" if names else None


def _kind_names(loc: Loc) -> list[str]:
    """The kinds that a value at `loc` may be of."""
    return sorted(str(name) for model in _reach(loc) for name in _kind_of(model))


def _keys(loc: Loc) -> list[str]:
    """The keys that the model at `loc` may have."""
    return sorted({model.model_fields[name].alias or name for model in _reach(loc) for name in model.model_fields})


def _reach(loc: Loc) -> list[type[BaseModel]]:
    """The models that a value at `loc` may be of, found by walking the models' own annotations."""
    types: list[Any] = [ConnectorSpec]
    for part in loc:
        types = _below(types, part) or types
    return [found for found in types if _is_model(found)]


def _below(types: list[Any], part: int | str) -> list[Any]:
    """What stands below a key, an index or the tag of a union."""
    if part in _TAGGED:
        return [_TAGGED[str(part)]]
    if part in _FORMS:
        return types
    tagged = [found for found in types if _is_model(found) and part in _kind_of(found)]
    if tagged:
        return tagged
    found: list[Any] = []
    for each in types:
        if _is_model(each):
            found += [t for name, info in each.model_fields.items() if part in (name, info.alias) for t in _types(info.annotation)]
        elif (typing.get_origin(each) is dict) == isinstance(part, str):
            found += _types(typing.get_args(each)[-1])
    return found


_TAGGED = {"mapped": MappedField, "fixed": ValueField}


def _is_model(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel)


def _kind_of(model: type[BaseModel]) -> tuple[Any, ...]:
    return typing.get_args(model.model_fields["kind"].annotation) if "kind" in model.model_fields else ()


def _types(annotation: Any) -> list[Any]:
    """The models, mappings and lists that an annotation allows, unions looked through."""
    if _is_model(annotation) or typing.get_origin(annotation) in (dict, list):
        return [annotation]
    if type(annotation).__name__ == "TypeAliasType":
        return _types(annotation.__value__)
    return [found for argument in typing.get_args(annotation) if not isinstance(argument, str) for found in _types(argument)]
