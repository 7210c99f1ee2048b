"""Each row of the table of behaviours of real APIs, as specs that say it and exchanges that show it.

The files are `cases/behaviours/NN_vendor_what.yaml`, NN the row; `scripted.py` says what a case holds. Each is run three
ways: as it stands; on from each page token, in another instance; and without each of the places that matter, which must
make it fail. `docs/behaviours.md` names them all.
"""

import re
from pathlib import Path

import pytest

from scripted import needless, open_case, perform, resumed

PROJECT = Path(__file__).parents[1]
CASES = sorted((PROJECT / "tests" / "cases" / "behaviours").glob("*.yaml"))
ROWS = {*range(1, 41)}
"""Those of pagination, errors, requests, decoding, auth and signatures."""
PAGE = (PROJECT / "docs" / "behaviours.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def known_nonce(monkeypatch: pytest.MonkeyPatch):
    """What is signed is the same each time."""
    monkeypatch.setattr("ferrule.auth.signing.fresh_nonce", lambda: "n0nce")


def every_place() -> list[object]:
    places = [(path, index) for path in CASES for index in range(len(open_case(path).matters))]
    return [pytest.param(path, index, id=f"{path.stem}-{index}") for path, index in places]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_case_is_what_happens(path: Path):
    case = open_case(path)
    assert case.matters, "a case says what it is about"
    assert case.calls
    perform(case)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_walk_goes_on_from_any_page_token(path: Path):
    assert list(resumed(open_case(path))) == []


@pytest.mark.parametrize(("path", "index"), every_place())
def test_without_what_matters_the_case_fails(path: Path, index: int):
    case = open_case(path)
    assert needless(case, case.matters[index]) is None


def test_every_row_has_a_case():
    assert {int(path.stem.partition("_")[0]) for path in CASES} == ROWS


def test_the_page_names_every_case_in_its_row_and_no_other():
    named = {
        (int(row[1]), name)
        for row in re.finditer(r"^\| (\d+) \|.*$", PAGE, re.MULTILINE)
        for name in re.findall(r"`([0-9]{2}_\w+)`", row[0])
    }
    assert named == {(int(path.stem.partition("_")[0]), path.stem) for path in CASES}


def test_the_page_has_every_row_of_the_table(shared: Path):
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", (shared / "BEHAVIOURS.md").read_text("utf-8"), re.MULTILINE)
    assert re.findall(r"^\| (\d+) \| ([^|]+) \|", PAGE, re.MULTILINE) == rows
