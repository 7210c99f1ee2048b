"""What a person gives on the command line, in files, in the environment or at a prompt.

A credential is never an argument: everyone on the machine can read the arguments of a process.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ferrule.errors import BadInput

if TYPE_CHECKING:
    from ferrule.capabilities import Capability
    from ferrule.connector import Connector


def credential(connector: Connector, file: Path | None, auth: str | None) -> Any:
    """The credential from `file`, from `FERRULE_CREDENTIAL` (JSON), from `FERRULE_CREDENTIAL_<FIELD>`, or asked for."""
    if file is not None:
        return _mapping(file, "credential")
    if text := os.environ.get("FERRULE_CREDENTIAL"):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise BadInput("FERRULE_CREDENTIAL is not JSON", hint='write it as {"token": "…"}') from error
    if auth is not None and auth not in connector.plan.auths:
        return {}  # the instance says which there are
    kinds = [kind for name, kind in connector.plan.auths.items() if auth in (None, name)]
    for kind in kinds:
        found = {field.name: os.environ.get(f"FERRULE_CREDENTIAL_{field.name.upper()}") for field in kind.fields}
        given = {name: value for name, value in found.items() if value}
        if given or not kind.fields:
            return given
    if not _is_terminal():
        raise BadInput("no credential was given", hint="--credential FILE, or the environment variable FERRULE_CREDENTIAL")
    fields = kinds[0].fields
    asked = {
        field.name: typer.prompt(field.title, hide_input=field.secret, default=None if field.required else "", err=True) for field in fields
    }
    return {name: value for name, value in asked.items() if value}


def _is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def settings(connector: Connector, pairs: Iterable[str], file: Path | None) -> dict[str, Any]:
    """The settings from `file` and from `name=value` words, read as the type the spec declares."""
    specs = connector.plan.spec.settings
    given = _mapping(file, "settings") if file is not None else {}
    if file is not None and file.suffix != ".json":  # every value of a YAML file is text
        given = {name: _typed(value, specs[name].type if name in specs else "string") for name, value in given.items()}
    return given | {name: _typed(value, specs[name].type if name in specs else "string") for name, value in _pairs(pairs, "--set")}


def inputs(capability: Capability, words: Iterable[str], file: str | None) -> dict[str, Any]:
    """The inputs from a JSON file (`-` is standard input) and from `name=value` words, read as the contract declares."""
    given: dict[str, Any] = {}
    if file is not None:
        try:
            given = json.loads(sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8"))
        except OSError as error:
            raise BadInput(
                f"the inputs cannot be read: {error.strerror}", hint=f"`{file}` is a JSON file, or `-` for standard input"
            ) from error
        except (ValueError, RecursionError) as error:
            raise BadInput(f"the inputs are not JSON: {error}", hint=f"`{file}` holds one JSON object") from error
        if not isinstance(given, dict):
            raise BadInput("the inputs are a JSON object")
    for name, value in _pairs(words, "an input"):
        info = capability.inputs.get(name)
        given[name] = _input(value, info.kind if info else "text")
    return given


def _input(value: str, kind: str) -> Any:
    if kind in ("text", "enum", "datetime", "secret"):
        return value
    if kind == "list" and not value.startswith("["):
        return [item for item in value.split(",") if item]
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise BadInput(f"`{value}` is not JSON", hint="a list or an object is written as JSON") from error


def _typed(value: Any, kind: str) -> Any:
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return value == "true" if kind == "boolean" and value in ("true", "false") else value


def _pairs(words: Iterable[str], what: str) -> list[tuple[str, str]]:
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise BadInput(f"{what} is written name=value, not `{word}`")
        found.append((name, value))
    return found


def _mapping(file: Path, what: str) -> dict[str, Any]:
    import yaml

    try:
        text = file.read_text(encoding="utf-8-sig")
        found = json.loads(text) if file.suffix == ".json" else yaml.load(text, Loader=yaml.BaseLoader)
    except OSError as error:
        raise BadInput(f"the {what} file cannot be read: {error.strerror}", hint=f"the file is `{file}`") from None
    except (ValueError, RecursionError, yaml.YAMLError):  # their words may show what is in the file
        form = "JSON" if file.suffix == ".json" else "YAML"
        raise BadInput(f"the {what} file is not {form}", hint=f"`{file}` holds names and values, in YAML or, as `.json`, in JSON") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise BadInput(f"the {what} file holds no mapping", hint=f"`{file}` holds names and values, in YAML or JSON")
    return found
