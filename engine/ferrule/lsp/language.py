"""What may stand at a place of a spec, told by the models that read it.

A place is an entry of an outline. The models say which keys it may have and what they mean; the `kind` that is written there,
and whether a field of a record translates or is a constant, choose among them.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal

from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticUndefined

from ferrule.attribute_docs import attribute_docs
from ferrule.auth.aws_sigv4 import AwsSigV4Spec
from ferrule.auth.oauth1 import OAuth1Spec
from ferrule.auth.oauth2_saml_bearer import SamlAssertionSpec, SamlBearerSpec
from ferrule.auth.signature import SignatureSpec
from ferrule.auth.signed_token import SignedTokenSpec
from ferrule.capabilities import CAPABILITIES
from ferrule.contract.fields import FieldInfo
from ferrule.ldap import OPERATIONS, LdapSettings, LdapSpec
from ferrule.lsp.tree import Entry, Node
from ferrule.outcome import ErrorRuleSpec, WaitSpec
from ferrule.request import METHODS, GraphqlBody
from ferrule.spec.model import ConnectorSpec, OperationSpec, PartSpec
from ferrule.spec.record import MappedField, RecordField, ValueField

Role = Literal["answer", "record", "scope", "template"]
"""What a text is: an expression over an answer, over a record, over the names in scope alone; or a template."""

_OVER_ANSWER = {
    *("records", "already", "absent", "accept", "until", "save", "answer", "from", "message", "app_code", "error_message", "error_code"),
    *("remaining", "limit", "restore", "more", "total", "next", "last", "applied_size", "page_info"),
    *("token", "expires_in", "expires_at", "refresh_token"),
}
_OVER_RECORD = {"filter", "list", "key", "dedupe"}
_OVER_SCOPE = {"when", "values"}
_TEMPLATES = {
    *METHODS,
    *OPERATIONS,
    *("query", "headers", "json", "form", "xml", "text", "variables", "params"),
    *("base_url", "hosts", "token_url", "authorization_url", "authorization_params", "scopes", "value", "username", "password"),
    *("service", "region"),
    *("attributes", "changes", "new_rdn", "new_superior", "start_tls", "certificate_authority"),
}
_TEMPLATES_OF: tuple[tuple[type[BaseModel], set[str]], ...] = (
    (SignedTokenSpec, {"key", "passphrase", "header", "claims"}),
    (SignatureSpec, {"key", "text"}),
    (SamlAssertionSpec, {"issuer", "subject", "audience", "recipient", "attributes", "key", "passphrase", "certificate"}),
    (SamlBearerSpec, {"assertion"}),
    (OAuth1Spec, {"realm"}),
    (AwsSigV4Spec, {"service", "region"}),
    (LdapSpec, {"filter"}),
)
"""What is a template in these models, and something else, or nothing, in others."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a mapping may have."""

    name: str
    doc: str
    annotation: Any
    required: bool
    default: Any = None


def keys_of(node: Node) -> dict[str, Key]:
    """The keys that a mapping may have by its models; empty where its keys are names of the author's own."""
    found: dict[str, Key] = {}
    for model in models_of(node):
        for key in _keys(model):
            found.setdefault(key.name, key)
    return found


def models_of(node: Node) -> list[type[BaseModel]]:
    """The models that a mapping may be."""
    return [each for each in shapes(node) if is_model(each)]


def is_model(found: Any) -> bool:
    """Whether a type is a model."""
    return isinstance(found, type) and issubclass(found, BaseModel)


@cache
def _keys(model: type[BaseModel]) -> tuple[Key, ...]:
    return tuple(
        Key(
            info.alias or name,
            attribute_docs(model).get(name) or _kind_doc(model, name),
            _as_written(info.annotation, info.metadata),
            info.is_required(),
            info.default,
        )
        for name, info in model.model_fields.items()
    )


def _kind_doc(model: type[BaseModel], name: str) -> str:
    return (model.__doc__ or "").strip() if name == "kind" else ""


def kinds(options: tuple[Any, ...]) -> dict[str, str]:
    """The kinds among what may stand at a place, each with what it does."""
    found: dict[str, str] = {}
    for model in filter(is_model, options):
        if "kind" in model.model_fields:
            for kind in typing.get_args(model.model_fields["kind"].annotation):
                found[str(kind)] = (model.__doc__ or "").strip()
    return found


def options_at(entry: Entry) -> tuple[Any, ...]:
    """Every type that the value of an entry may have."""
    found: dict[int, Any] = {}
    for owner in shapes(entry.owner):
        for option in _below(owner, entry):
            found.setdefault(id(option), option)
    return tuple(found.values())


def _below(owner: Any, entry: Entry) -> tuple[Any, ...]:
    if is_model(owner):
        return next((alternatives(key.annotation) for key in _keys(owner) if key.name == entry.name), ())
    if owner is Any:
        return (Any,)
    arguments = typing.get_args(owner)
    return alternatives(arguments[0] if typing.get_origin(owner) in (list, tuple) else arguments[-1])


def shapes(node: Node) -> tuple[Any, ...]:
    """What a mapping or a list may be: models, `dict`, `list` or anything. A `kind` that is written chooses its model."""
    if node.parent is None:
        return (ConnectorSpec,)
    return chosen(options_at(node.parent), node)


def chosen(options: tuple[Any, ...], node: Node) -> tuple[Any, ...]:
    """Of what may stand at a place those that a mapping or a list with these keys can be."""
    if node.kind != "mapping":
        return tuple(each for each in options if each is Any or typing.get_origin(each) in (list, tuple))
    maps = tuple(each for each in options if each is Any or is_model(each) or typing.get_origin(each) is dict)
    if MappedField in maps:
        return _of_record(maps, node)
    kind = node.get("kind")
    named = tuple(each for each in maps if kind is not None and is_model(each) and kind.text in kinds((each,)))
    return named or maps


def _of_record(maps: tuple[Any, ...], node: Node) -> tuple[Any, ...]:
    """The form of a field of a record, as `ferrule.spec.record` tells them apart."""
    if "from" in node.keys:
        return (MappedField,)
    if node.keys == ["value"]:
        return (ValueField,)
    return tuple(each for each in maps if not node.keys or typing.get_origin(each) is dict)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types that an annotation allows, unions and aliases looked through."""
    return tuple(_alternatives(annotation))


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if type(annotation).__name__ == "TypeAliasType":
        yield from _alternatives(annotation.__value__)
    elif origin is typing.Annotated:
        inner, *metadata = typing.get_args(annotation)
        yield from _alternatives(_as_written(inner, metadata))
    elif origin in (list, dict, tuple, Literal):
        yield annotation
    elif origin is not None:
        for argument in typing.get_args(annotation):
            yield from _alternatives(argument)
    elif annotation == "RecordField":  # within itself it is a name
        yield from _alternatives(RecordField)
    elif annotation is not NoneType:
        yield annotation


def _as_written(annotation: Any, metadata: typing.Sequence[Any]) -> Any:
    """What an author may write, where a validator makes the annotated type of it: a short form."""
    written = [mark.json_schema_input_type for mark in metadata if isinstance(mark, BeforeValidator)]
    return next((each for each in written if each is not PydanticUndefined), annotation)


# What a text is


def holder(entry: Entry) -> tuple[type[BaseModel], Entry] | None:
    """The nearest key of a model that an entry is, or stands below, with the model."""
    at: Entry | None = entry
    while at is not None:
        models = models_of(at.owner) if at.owner.kind == "mapping" else []
        holding = [model for model in models if at.key is not None and any(key.name == at.name for key in _keys(model))]
        if holding:
            return holding[0], at
        at = at.owner.parent
    return None


def role(entry: Entry) -> Role | None:
    """What the text of an entry is; None where it is text and no more."""
    found = holder(entry)
    if found is None:
        return None
    model, at = found
    name = at.name
    if model is ConnectorSpec or (issubclass(model, PartSpec) and name == "record"):
        return "record" if name in ("record", "records") and at is not entry else None
    if model is MappedField:
        return "record" if name == "from" else None
    if is_condition(entry, at):
        return "scope"
    if model is GraphqlBody and name == "query":
        return None
    if name == "scopes" and model is OperationSpec:
        return None
    if model is LdapSettings and name == "attributes":
        return None
    if name in _TEMPLATES or any(issubclass(model, each) and name in names for each, names in _TEMPLATES_OF):
        return "template"
    if name in ("when", "from") and model in (ErrorRuleSpec, WaitSpec):
        return "answer"
    return "answer" if name in _OVER_ANSWER else "record" if name in _OVER_RECORD else "scope" if name in _OVER_SCOPE else None


def is_condition(entry: Entry, at: Entry) -> bool:
    """Whether an entry is the `when` of a leaf that is sent under a condition: `{value: …, when: …}`."""
    return entry is not at and entry.name == "when" and {*entry.owner.keys} <= {"value", "when"} and at.name in _TEMPLATES


# Records of the contract


def in_record(node: Node) -> bool:
    """Whether the keys of a mapping are fields of a record."""
    values = [typing.get_args(each)[-1] for each in shapes(node) if typing.get_origin(each) is dict]
    return any(value is RecordField or value == "RecordField" for value in values)


def record_fields(root: Node, node: Node) -> dict[str, FieldInfo]:
    """The contract's fields that a mapping of a record may have; of a record that several capabilities use, those of all."""
    chain = node.parent.chain if node.parent else []
    names = [entry.name for entry in chain]
    if names[:1] == ["records"] and len(names) > 1:
        sources = [fields for user in _users(root, names[1]) for fields in [_fields_of(user)]]
        inner = names[2:]
    elif names[:1] == ["capabilities"] and "record" in names:
        sources = [_fields_of(chain[names.index("record")])]
        inner = names[names.index("record") + 1 :]
    else:
        return {}
    for name in inner:
        sources = [dict(fields[name].fields) for fields in sources if name in fields]
    return {name: info for fields in sources for name, info in fields.items()}


def _users(root: Node, name: str) -> Iterator[Entry]:
    """Every `record:` that names a record."""
    for capability in root.get("capabilities").entries if root.get("capabilities") else []:  # type: ignore[union-attr]
        for part in parts_of(capability.value):
            entry = part.entry("record")
            if entry is not None and entry.value is not None and entry.value.text == name:
                yield entry


def parts_of(operation: Node | None) -> list[Node]:
    """A capability, and its parts where it has several."""
    if operation is None or operation.kind != "mapping":
        return []
    parts = operation.get("parts")
    return [operation, *(entry.value for entry in (parts.entries if parts else []) if entry.value is not None)]


def _fields_of(record: Entry) -> dict[str, FieldInfo]:
    """The contract's fields of a `record:`."""
    capability = CAPABILITIES.get(record.chain[1].name)
    if capability is None:
        return {}
    into = record.owner.get("into")
    listed = capability.fields.get(into.text if into else next(iter(capability.lists), ""))
    return dict(listed.item.fields) if listed and listed.item and capability.lists else dict(capability.fields)


def field_at(root: Node, entry: Entry) -> FieldInfo | None:
    """The contract's field that an entry of a record describes, or the one that its constant is for."""
    at: Entry | None = entry
    while at is not None:
        if at.key is not None and in_record(at.owner):
            return record_fields(root, at.owner).get(at.name)
        at = at.owner.parent
    return None
