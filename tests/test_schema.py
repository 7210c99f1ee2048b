"""The JSON Schema of the language agrees with what reads it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from ferrule.bundled import specs
from ferrule.cli.main import app
from ferrule.source import plain, read
from ferrule.spec.schema import schema

VALIDATOR = Draft202012Validator(schema())
BUNDLED = sorted(specs().glob("*.yaml"))


def as_json(value: Any) -> Any:
    """A value as a client of JSON has it: all keys are text."""
    return json.loads(json.dumps(plain(value)))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_a_bundled_spec_is_valid(path: Any):
    found = [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in VALIDATOR.iter_errors(_spec(path))]
    assert found == []


def _spec(path: Any) -> Any:
    return as_json(read(path.read_text(encoding="utf-8"), path.name))


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("ferrule",), 2),
        (("app", "nme"), "x"),
        (("auth", "api_token", "kind"), "magic"),
        (("http", "retry"), {"attempts": "many"}),
        (("settings", "base_url", "type"), "address"),
        (("capabilities", "list_accounts", "pages"), {"kind": "cursor", "page_info": "body"}),
        (("records", "account", "username"), ["a", "list"]),
    ],
)
def test_what_is_refused_is_invalid(keys: tuple[str, ...], value: Any):
    spec = copy.deepcopy(_spec(next(path for path in BUNDLED if path.stem == "jupyterhub")))
    VALIDATOR.validate(spec)
    inner = spec
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    assert not VALIDATOR.is_valid(spec)


def test_every_key_says_what_it_is():
    silent = [f"{name}.{key}" for name, key, said in _properties(schema()) if key != "kind" and not said.get("description")]
    assert silent == []


def _properties(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every key; of one that is what a definition is, the words are those of the definition."""
    for name, definition in {"": made, **made["$defs"]}.items():
        for key, said in definition.get("properties", {}).items():
            yield name, key, {**made["$defs"].get(said.get("$ref", "").rpartition("/")[2], {}), **said}


def test_the_command_prints_it():
    result = CliRunner().invoke(app, ["schema"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == schema()
    Draft202012Validator.check_schema(schema())
