"""A walk asks for pages before their turn has come, and reads what it would have read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import CallError
from ferrule.http import Request, Response
from ferrule.instance import Instance

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {token: {kind: bearer}}
http: {base_url: "https://acme.example/api", concurrency: 4, retry: {attempts: 1}}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: PAGES
    records: body.items
    record: {integration_specific_id: id}
"""
OFFSET = "{kind: offset, param: skip, size_param: limit, size: 2, total: body.total}"
NUMBER = "{kind: page, param: page, size_param: limit, size: 2, total: body.total}"
SCIM = "{kind: scim, size: 2, total: body.total, total_is_exact: true}"
CURSOR = "{kind: cursor, next: body.next, param: after, size_param: limit, size: 2}"
USERS = [{"id": f"u{number}"} for number in range(11)]


def app(asked: Asked) -> Response:
    """It counts records, or pages, from nought or from one, or it names a cursor."""
    size = int(asked.one("limit") or asked.one("count"))
    start = int(asked.one("skip") or asked.one("after") or 0)
    if asked.one("page"):
        start = size * (int(asked.one("page")) - 1)
    if asked.one("startIndex"):
        start = int(asked.one("startIndex")) - 1
    items = USERS[start : start + size]
    return answer({"items": items, "total": len(USERS), "next": start + size if start + size < len(USERS) else None})


@dataclass
class Slow(AppWire):
    """An app that takes its time, and counts how many it serves at once."""

    under_way: int = 0
    most: int = 0
    order: list[str] = field(default_factory=list)

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0.01)
            return await super().send(request, content, content_type)
        finally:
            self.under_way -= 1


def tenant(pages: str, wire: Any) -> Instance:
    return Connector(compile_text(SPEC.replace("PAGES", pages), "acme.yaml")).instance({"token": "t"}, wire=wire)


def walked(instance: Instance, token: str | None = None) -> list[str]:
    return [account.integration_specific_id for page in instance.walk("list_accounts", page_token=token) for account in page.records]


EVERYBODY = [user["id"] for user in USERS]


@pytest.mark.parametrize("pages", [OFFSET, NUMBER, SCIM], ids=["offset", "page", "scim"])
def test_where_the_total_is_known_pages_are_asked_for_at_once(pages: str):
    wire = Slow(app)
    with tenant(pages, wire) as acme:
        assert walked(acme) == EVERYBODY
    assert wire.most == 4, "as many as the spec allows"
    assert len(wire.asked) == len({each.url for each in wire.asked}) == 6, "each page once, none behind the total"


def test_a_total_that_cannot_be_trusted_is_no_reason_to_ask():
    wire = Slow(app)
    with tenant(OFFSET.replace("}", ", total_is_exact: false}"), wire) as acme:
        assert walked(acme) == EVERYBODY
    assert len(wire.asked) == 6


def test_whoever_will_not_read_on_says_so():
    wire = AppWire(app)
    with tenant(OFFSET, wire) as acme:
        next(acme.walk("list_accounts", ahead=False))
    assert len(wire.asked) == 1


def test_a_cursor_is_followed_one_page_ahead():
    wire = AppWire(app)
    with tenant(CURSOR, wire) as acme:
        pages = acme.walk("list_accounts")
        first = next(pages)
        assert len(wire.asked) == 2, "the second page was asked for before the first was handed out"
        assert [each.integration_specific_id for page in (first, *pages) for each in page.records] == EVERYBODY
    assert len(wire.asked) == 6


@pytest.mark.parametrize("pages", [OFFSET, CURSOR], ids=["offset", "cursor"])
def test_a_call_asks_for_no_more_than_it_gives(pages: str):
    wire = AppWire(app)
    with tenant(pages, wire) as acme:
        assert len(acme.call("list_accounts", page_size=2).response) == 2
    assert len(wire.asked) == 1


def test_an_app_that_gives_fewer_is_asked_for_what_comes_next():
    """What was asked for too far ahead is thrown away."""

    def meagre(asked: Asked) -> Response:
        start = int(asked.one("skip"))
        return answer({"items": USERS[start : start + (1 if start == 2 else 2)], "total": len(USERS)})

    wire = Slow(meagre)
    with tenant(OFFSET, wire) as acme:
        assert walked(acme) == EVERYBODY


def test_a_page_that_fails_fails_in_its_turn_and_is_gone_on_from():
    broken = [True]

    def failing(asked: Asked) -> Response:
        return answer({"error": "down"}, 500) if asked.one("skip") == "4" and broken[0] else app(asked)

    with tenant(OFFSET, AppWire(failing)) as acme:
        found: list[str] = []
        with pytest.raises(CallError) as caught:
            for page in acme.walk("list_accounts"):
                found += [account.integration_specific_id for account in page.records]
        assert found == EVERYBODY[:4]
        broken[0] = False
        assert walked(acme, caught.value.page_token) == EVERYBODY[4:]


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_a_walk_that_is_left_leaves_nothing_behind(taken: int):
    async def main() -> list[str]:
        instance = tenant(OFFSET, Slow(app))
        pages = instance.awalk("list_accounts")
        found = []
        for _ in range(taken):
            found += [account.integration_specific_id for account in (await anext(pages)).records]
        await pages.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await instance.aclose()
        return found

    assert asyncio.run(main()) == EVERYBODY[: 2 * taken]


def test_from_any_token_the_rest_is_the_same():
    with tenant(OFFSET, AppWire(app)) as acme:
        tokens = [page.token for page in acme.walk("list_accounts")]
        for number, token in enumerate(tokens[:-1], 1):
            assert walked(acme, token) == EVERYBODY[2 * number :]
