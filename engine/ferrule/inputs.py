"""What a caller gives, checked before anything is sent: settings of an instance, inputs of a capability."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from ferrule.capabilities import Capability
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput
from ferrule.spec.model import SettingSpec


def open_settings(specs: Mapping[str, SettingSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with defaults filled in. Raises `BadInput` for a missing, unknown or unfit one."""
    unknown = [name for name in given if name not in specs]
    if unknown:
        raise BadInput(f"unknown setting `{unknown[0]}`", hint=did_you_mean(unknown[0], specs) or _list("the settings are", specs))
    missing = [n for n, s in specs.items() if given.get(n) is None and s.default is None and s.required is not False]
    if missing:
        raise BadInput(f"Missing required settings: {', '.join(missing)}")
    return {name: _setting(name, spec, given[name] if given.get(name) is not None else spec.default) for name, spec in specs.items()}


def _setting(name: str, spec: SettingSpec, value: Any) -> Any:
    if value is None:
        return None
    if type(value) is not {"integer": int, "boolean": bool}.get(spec.type, str) and not (
        spec.type in ("string", "url") and isinstance(value, str)
    ):
        raise BadInput(f"setting `{name}` must be {'an' if spec.type == 'integer' else 'a'} {spec.type}", code="invalid_value")
    if spec.enum is not None and value not in spec.enum:
        raise BadInput(
            f"setting `{name}` cannot be `{value}`",
            code="invalid_value",
            hint=did_you_mean(str(value), spec.enum) or _list("it is one of", spec.enum),
        )
    if spec.pattern is not None and not re.fullmatch(spec.pattern, str(value)):
        raise BadInput(f"setting `{name}` does not match `{spec.pattern}`", code="invalid_value")
    if isinstance(value, str) and spec.type == "url":
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username or parts.password:
            raise BadInput(f"setting `{name}` must be an http or https address without user, query or fragment", code="invalid_value")
    return value


def open_inputs(capability: Capability, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as templates read them, every field of the contract's request there, null where not given.

    Raises `BadInput` naming each field that is missing, unknown or unfit.
    """
    known = capability.inputs
    unknown = [name for name in given if not capability.takes_more and name not in known]
    if unknown:
        raise BadInput(f"`{capability.name}` takes no `{unknown[0]}`", hint=did_you_mean(unknown[0], known) or _list("it takes", known))
    try:
        model = capability.request.model_validate(dict(given))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        slips = [f"`{'.'.join(map(str, d['loc']))}`: {'missing' if d['type'] == 'missing' else d['msg']}" for d in details]
        raise BadInput(f"`{capability.name}` cannot be asked so: {'; '.join(slips)}") from None
    return {name: _plain(value) for name, value in model.model_dump(by_alias=True).items()}


def _plain(value: Any) -> Any:
    """A value of a request as a template reads it: times as ISO 8601 text, words of a list as text, secrets kept."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _list(words: str, names: Any) -> str:
    return f"{words} {', '.join(names)}" if names else "there are none"
