"""Each pagination kind: pages in; requests, records and errors out.

The files are `cases/pagination/<kind>/*.yaml`, run as those of `test_behaviours.py` are; `scripted.py` says what a case
holds. Most give only the part of a spec that the frame `frames/pagination.yaml` is around.
"""

import re
from pathlib import Path
from typing import get_args

import pytest

from ferrule.pagination import Pagination
from ferrule.source import plain
from scripted import needless, open_case, parsed, perform, resumed

PROJECT = Path(__file__).parents[1]
FOLDER = PROJECT / "tests" / "cases" / "pagination"
CASES = sorted(FOLDER.glob("*/*.yaml"))
MODELS = {get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Pagination)[0])}


def name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def every_place() -> list[object]:
    places = [(path, index) for path in CASES for index in range(len(open_case(path).matters))]
    return [pytest.param(path, index, id=f"{name(path)}-{index}") for path, index in places]


@pytest.mark.parametrize("path", CASES, ids=name)
def test_the_case_is_what_happens(path: Path):
    case = open_case(path)
    assert case.tree["capabilities"]["list_accounts"]["pages"]["kind"] == path.parent.name
    assert case.matters, "a case says what it is about"
    perform(case)


@pytest.mark.parametrize("path", CASES, ids=name)
def test_a_walk_goes_on_from_any_page_token(path: Path):
    assert list(resumed(open_case(path))) == []


@pytest.mark.parametrize(("path", "index"), every_place())
def test_without_what_matters_the_case_fails(path: Path, index: int):
    case = open_case(path)
    assert needless(case, case.matters[index]) is None


def test_every_kind_has_cases():
    assert {path.name for path in FOLDER.iterdir()} == MODELS.keys()


@pytest.mark.parametrize("kind", MODELS)
def test_every_option_of_a_kind_matters_in_one_of_its_cases(kind: str):
    """Those that all kinds have are shown with one of them."""
    own = {info.alias or name for name, info in MODELS[kind].model_fields.items()} - {"kind"}
    elsewhere = {option for other in MODELS if other != kind for option in proven(other)} & shared_options()
    missing = own - proven(kind) - elsewhere
    assert not missing


def shared_options() -> set[str]:
    options = [{info.alias or name for name, info in model.model_fields.items()} for model in MODELS.values()]
    return set.intersection(*options)


def proven(kind: str) -> set[str]:
    """The options that, left out or changed, make a case of this kind fail; and those its cases cannot do without."""
    found: set[str] = set()
    for path in (FOLDER / kind).glob("*.yaml"):
        for place in plain(open_case(path).matters):
            steps = parsed(next(iter(place)) if isinstance(place, dict) else place)
            if steps[0] == "pages":
                found.update(map(str, steps[1:]))
    return found


def test_every_kind_has_a_section_in_the_docs():
    page = (PROJECT / "docs" / "pagination.md").read_text("utf-8")
    assert set(re.findall(r"^## `(\w+)`$", page, re.MULTILINE)) == MODELS.keys()
