"""The same input to a connector written with the vendor's SDK and to the spec that says the same: the answers are equal.

What is put to both is `referee/cases.yaml`, where they may differ `referee/differences.yaml`; docs/contract.md shows that table.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from connector_sdk_types.generated import StandardCapabilityName

import published
import published_document
from ferrule.capabilities import CAPABILITIES
from ferrule.errors import CODES
from referee.app import Served, served
from referee.ask import Case, answered, ask, asked, cases, comparable, filled, text_of, theirs
from referee.compare import differences, outcome, places, table, unnamed
from referee.page import with_table

# Both are of the SDK: it uses what it and pydantic have said goodbye to.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Use `ConnectorErrorCode`:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_fields' attribute on the instance:DeprecationWarning"),
]
PAGE = Path(__file__).parents[1] / "docs" / "contract.md"
CASES = list(cases())
PLACES = places()
PAGED = ["list_accounts", "find_entitlement_associations", "list_applications", "list_activity_records"]
"""Lists of which the application has more than one record."""


@pytest.fixture(scope="module")
def app() -> Iterator[Served]:
    """The application that both speak to. What the SDK logs of every error is not of interest."""
    logger = logging.getLogger("integration-connectors.sdk")
    before, logger.level = logger.level, logging.CRITICAL
    with served() as made:
        yield made
    logger.level = before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_answers_are_equal_but_for_what_has_a_name(case: Case, app: Served):
    """And ours is read by the published types."""
    their_answer, our_answer = ask(case, app)
    published.read(case.capability, our_answer)
    found = differences(comparable(their_answer, case, app, "theirs"), comparable(our_answer, case, app, "ours"))
    wrong = unnamed(found, case.id, PLACES)
    if wrong:
        pytest.fail(f"{case.id}:\n" + "\n".join(wrong), pytrace=False)


@pytest.mark.parametrize("capability", sorted({case.capability for case in CASES} & CAPABILITIES.keys()))
def test_answers_are_what_the_published_document_says(capability: str, app: Served):
    """Without nulls, of which the document knows none."""
    for case in (case for case in CASES if case.capability == capability and case.what in ("good", "malformed", "raw-data", "trouble-503")):
        app.fresh()
        assert published_document.slips(capability, asked(case, app, nulls=False)) == [], case.id


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_told_in_the_same_words(code: str, app: Served):
    """Every code of the contract is an outcome of both connectors, and an error of the published document."""
    case = next(case for case in CASES if case.what == f"said-{code}")
    their_answer, our_answer = ask(case, app)
    assert outcome(their_answer) == outcome(our_answer) == code
    assert published_document.slips(case.capability, asked(case, app, nulls=False)) == []


@pytest.mark.parametrize("capability", PAGED)
@pytest.mark.parametrize("whose", ["theirs", "ours"])
def test_a_walk_by_page_tokens_gives_what_one_page_gives(capability: str, whose: str, app: Served):
    """Each side reads its own tokens only; the records of both walks are those of the one page that both agree on."""
    app.fresh()
    request = next(case for case in CASES if case.capability == capability and case.what == "good").envelope["request"]
    whole = said(whose, Case(capability, "whole", filled(request)), app)
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["page"]:
        token = pages[-1]["page"]["token"] if pages else None
        pages.append(said(whose, Case(capability, "page", filled(request, page={"token": token, "size": 1})), app))
    assert [record for one in pages for record in one["response"]] == whole["response"]
    assert len(pages) == len(whole["response"]) > 1
    assert all(one["page"]["size"] == 1 for one in pages[:-1])


def said(whose: str, case: Case, app: Served) -> dict[str, Any]:
    """The answer of one of the two."""
    if whose == "ours":
        return asked(case, app)
    answer: dict[str, Any] = json.loads(asyncio.run(answered(theirs(case.ways), case.capability, text_of(case, app, whose))))
    return answer


def test_every_capability_of_the_contract_is_put_to_both():
    assert {case.capability for case in CASES} == {name.value for name in StandardCapabilityName} | {"reset_password", "no_such_capability"}


def test_every_place_of_a_difference_has_a_case():
    ids = [case.id for case in CASES]
    for place in PLACES:
        for pattern in place.cases or place.may:
            assert any(fnmatchcase(one, pattern) for one in ids), f"{place.name}: no case is called {pattern}"


def test_the_page_shows_the_table_of_differences(request: pytest.FixtureRequest):
    text = PAGE.read_text()
    if request.config.getoption("--write-docs"):
        PAGE.write_text(with_table(text))
    else:
        assert with_table(text) == text, "pytest tests/test_referee.py --write-docs writes it"


def test_the_names_of_differences_are_told_apart():
    names = [row["name"] for row in table()]
    assert len(names) == len(set(names))
