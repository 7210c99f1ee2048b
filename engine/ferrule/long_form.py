"""A capability in the language's long form: shorthand written out, names resolved, defaults filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import BaseModel

from ferrule.plan import Plan
from ferrule.source import Scalar
from ferrule.spec.model import ConnectorSpec, OperationSpec, PartSpec, SourceSpec, StepSpec


def explain(plan: Plan, capability: str) -> str:
    """The long form of one capability as YAML, each part with the place it was written at. Raises `BadInput` where there is
    no such capability."""
    operation = plan.operation(capability)
    head = f"# {plan.app_id}: {capability} ({operation.capability.level}{', paged' if operation.capability.paged else ''})\n"
    if operation.derive is not None:
        return head + "# follows from the spec, and needs no request\n"
    if operation.reach is not None:
        endpoint = {"base_url": plan.spec.http.base_url, "arbitrary_endpoint": _given(plan.spec.arbitrary_endpoint)}
        return f"{head}# {operation.origin}\n{_yaml(endpoint)}"
    if operation.composed:
        return head + "# is answered with what the other capabilities give\n"
    if operation.log_in:
        auths = {name: _given(plan.spec.auth[name]) for name in operation.log_in}
        return f"{head}# follows from `auth`\n{_yaml({'base_url': plan.spec.http.base_url, 'auth': auths})}"
    long = {
        "base_url": plan.spec.http.base_url,
        **shared(plan.spec),
        capability: long_form(plan.spec, plan.spec.capabilities[capability], listed=bool(operation.parts)),
    }
    return f"{head}# {operation.origin}\n{_yaml(long)}"


def _yaml(long: dict[str, Any]) -> str:
    return yaml.dump(_tidy(long), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=140)


def shared(spec: ConnectorSpec) -> dict[str, Any]:
    """What all requests share, as far as the spec says something of its own."""
    dumped = spec.http.model_dump(by_alias=True, exclude_defaults=True, exclude={"base_url"})
    ldap = spec.ldap.model_dump(by_alias=True, exclude_defaults=True)
    return {"auth": _given(spec.auth), **({"http": dumped} if dumped else {}), **({"ldap": ldap} if ldap else {})}


def long_form(spec: ConnectorSpec, operation: OperationSpec, *, listed: bool) -> dict[str, Any]:
    """The canonical mapping that says the same as `operation`, which has parts where `listed`, and steps elsewhere."""
    rest = operation.model_dump(by_alias=True, exclude_defaults=True, include={"dedupe", "scopes", "verify", "description"})
    if listed:
        parts = operation.parts if operation.parts is not None else [operation]
        prepare = {"prepare": [_given(step) for step in operation.prepare]} if operation.prepare else {}
        return {**prepare, "parts": [_part(spec, part, operation) for part in parts], **rest}
    steps: Sequence[BaseModel] = operation.steps or ([operation] if operation.request else [])
    return {
        "steps": [_given(step, set(StepSpec.model_fields)) for step in steps],
        **({"records": operation.records} if operation.records else {}),
        "record": _record(spec, operation.record),
        **rest,
    }


def _part(spec: ConnectorSpec, part: PartSpec, operation: OperationSpec) -> dict[str, Any]:
    each = part.each if isinstance(part.each, list) else [part.each] if part.each else []
    return {
        **({"into": part.into} if part.into else {}),
        **({"when": part.when} if part.when else {}),
        **({"each": [{"as": level.as_, **_source(spec, level)} for level in each]} if each else {}),
        **_source(spec, part),
        **({"explode": _given(part.explode)} if part.explode else {}),
        **({"answer": dict(part.answer)} if part.answer else {}),
        "record": _record(spec, part.record if part.record is not None else operation.record),
    }


def _source(spec: ConnectorSpec, source: SourceSpec) -> dict[str, Any]:
    made = _given(source, set(SourceSpec.model_fields) - {"pages"})
    pages = spec.pagers.get(source.pages) if isinstance(source.pages, str) else source.pages
    return {**made, **({"pages": pages.model_dump(by_alias=True, exclude_none=True)} if pages else {})}


def _record(spec: ConnectorSpec, record: Any) -> Any:
    fields = spec.records.get(record) if isinstance(record, str) else record
    return {name: _given(field) for name, field in (fields or {}).items()}


def _given(value: Any, names: set[str] | None = None) -> Any:
    """What a model says of its own; defaults that nobody wrote are left out."""
    if isinstance(value, BaseModel):
        return value.model_dump(
            by_alias=True, exclude_unset=True, exclude_none=True, include=names and names & set(type(value).model_fields)
        )
    if isinstance(value, dict):
        return {name: _given(item) for name, item in value.items()}
    return value


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.value if isinstance(key, Scalar) else str(key): _tidy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    return str(value) if isinstance(value, str) else value


class _Dumper(yaml.SafeDumper):
    """Writes short mappings and lists of words on one line, as people do."""

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        return super().represent_sequence(tag, sequence, flow_style=all(isinstance(item, (str, int)) for item in sequence))
