"""The tables of keys in docs/spec.md are what the models say. `pytest tests/test_spec_page.py --write-docs` writes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from ferrule import ldap as ldap_models
from ferrule import request as request_models
from ferrule.attribute_docs import attribute_docs
from ferrule.spec import access_graph, endpoint, model

PAGE = Path(__file__).parents[1] / "docs" / "spec.md"
TABLE = re.compile(r"<!-- keys: (\w+) -->\n(?:\|[^\n]*\n)*")

MODULES = (model, access_graph, endpoint)


def spec_model(name: str) -> type[BaseModel]:
    found = next(getattr(module, name) for module in (request_models, ldap_models, *MODULES) if hasattr(module, name))
    assert issubclass(found, BaseModel)
    return found


def table(name: str) -> str:
    rows = ["| key | what it says |", "|---|---|"]
    docs = attribute_docs(spec_model(name))
    for key, field in spec_model(name).model_fields.items():
        mark = " **required**" if field.is_required() else ""
        rows.append(f"| `{field.alias or key}`{mark} | {' '.join(docs.get(key, '').split()).replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def written(text: str) -> str:
    return TABLE.sub(lambda found: f"<!-- keys: {found[1]} -->\n{table(found[1])}\n", text)


def test_every_key_has_a_description():
    for name in re.findall(r"<!-- keys: (\w+) -->", PAGE.read_text()):
        assert attribute_docs(spec_model(name)).keys() >= spec_model(name).model_fields.keys(), name


def test_every_model_of_a_spec_has_its_table():
    models = {
        name
        for module in MODULES
        for name, found in vars(module).items()
        if isinstance(found, type) and found.__module__ == module.__name__
    }
    shown = set(re.findall(r"<!-- keys: (\w+) -->", PAGE.read_text()))
    inherited_or_elsewhere = {"SourceSpec", "PartSpec", "RetrySpec"}
    assert models - shown - inherited_or_elsewhere == set()


def test_the_tables_are_what_the_models_say(request: pytest.FixtureRequest):
    text = PAGE.read_text()
    if request.config.getoption("--write-docs"):
        PAGE.write_text(written(text))
    else:
        assert text == written(text), "`pytest tests/test_spec_page.py --write-docs` writes the real ones"
