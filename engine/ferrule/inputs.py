"""What a caller gives, checked before anything is sent: settings of an instance, inputs of a capability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from ferrule.capabilities import Capability
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput
from ferrule.misfit import told
from ferrule.spec.model import SettingSpec


def open_settings(specs: Mapping[str, SettingSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with defaults filled in. Raises `BadInput` for a missing, unknown or unfit one."""
    unknown = [name for name in given if name not in specs]
    if unknown:
        hint = did_you_mean(str(unknown[0]), specs) or _list("the settings are", specs)
        raise BadInput(f"there is no setting {_names(unknown)}", hint=hint)
    missing = [n for n, s in specs.items() if given.get(n) is None and s.default is None and s.required is not False]
    if missing:
        raise BadInput(f"Missing required settings: {', '.join(missing)}")  # the contract's own words
    return {name: _setting(name, spec, given[name] if given.get(name) is not None else spec.default) for name, spec in specs.items()}


def _setting(name: str, spec: SettingSpec, value: Any) -> Any:
    slip = spec.slip(value) if value is not None else None
    if slip is not None:
        near = did_you_mean(value, spec.enum) if spec.enum and isinstance(value, str) else None
        raise BadInput(f"setting `{name}` {slip}", code="invalid_value", hint=near)
    return value


def open_inputs(capability: Capability, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as templates read them, every field of the contract's request there, null where not given.

    Raises `BadInput` naming each field that is missing, unknown or unfit.
    """
    known = capability.inputs
    unknown = [name for name in given if not capability.takes_more and name not in known]
    if unknown:
        hint = did_you_mean(str(unknown[0]), known) or _list("it takes", known)
        raise BadInput(f"`{capability.name}` takes no {_names(unknown)}", hint=hint)
    try:
        model = capability.request.model_validate(dict(given))
    except ValidationError as error:
        slips = (f"`{'.'.join(map(str, d['loc']))}` {told(d)}" for d in error.errors(include_url=False, include_input=False))
        raise BadInput(f"`{capability.name}` cannot be asked so: {'; '.join(dict.fromkeys(slips))}") from None
    return {name: _plain(value) for name, value in model.model_dump(by_alias=True).items()}


def _plain(value: Any) -> Any:
    """A value of a request as a template reads it: times as ISO 8601 text, words of a list as text, secrets kept."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _names(names: Sequence[Any]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _list(words: str, names: Any) -> str:
    return f"{words} {_names(list(names))}" if names else "there are none"
