"""`ferrule bench`: it reads all there is, from an application of its own, and says what it took."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from commands import process
from ferrule.bench.application import TOKEN, Application
from ferrule.bench.measure import application, connector, measure
from ferrule.errors import CallError


@pytest.mark.parametrize(("what", "asked", "records", "requests"), [("accounts", 450, 500, 5), ("associations", 900, 1000, 11)])
def test_what_a_walk_took(what: str, asked: int, records: int, requests: int):
    told: list[str] = []
    found = measure(what, asked, latency=0.001, concurrency=4, tell=told.append)
    assert (found.what, found.records, found.pages, found.requests) == (what, records, records // 100, requests)
    assert list(found.stages) == ["wire", "decode", "map", "validate", "everything else"]
    assert all(seconds >= 0 for seconds in found.stages.values()) and found.stages["wire"] > 0
    assert found.cpu > 0 and found.wall > requests // 4 * 0.001 and found.peak_memory > 10
    assert found.records_per_second == pytest.approx(100 * found.pages_per_second)


def test_the_application_gives_every_record_once_a_round_and_lets_nobody_else_in():
    with application(3, 0.0) as address:
        with connector().instance({"token": TOKEN}, {"base_url": address}) as tenant:
            pages = [[account.integration_specific_id for account in page.records] for page in tenant.walk("list_accounts")]
            held = [each for page in tenant.walk("find_entitlement_associations") for each in page.records]
        with connector().instance({"token": "other"}, {"base_url": address}) as tenant, pytest.raises(CallError) as caught:
            tenant.call("list_accounts")
    assert len({each for page in pages for each in page}) == 300
    assert len(held) == 400 and {each.integration_specific_entitlement_id for each in held} == {"g0", "g1"}
    assert caught.value.code.name == "unauthorized"


def test_pages_behind_the_different_ones_differ_from_those_before_them():
    application = Application(120, 0.0)
    head = b"GET /users?limit=100&cursor=c%d HTTP/1.1\r\nAuthorization: Bearer " + TOKEN.encode()
    bodies = [application.reply(head % number) for number in range(1, 121)]
    assert all(before != after for before, after in pairwise(bodies))
    assert b'"has_more":false,"next_cursor":null' in bodies[-1]


def test_the_command():
    done = process("bench", "--records", 300, "--list", "both", "--json")
    found = json.loads(done.stdout)
    assert [(row["list"], row["records"]) for row in found] == [("accounts", 300), ("associations", 400)]
    assert set(found[0]["cpu_us_per_page"]) == {"wire", "decode", "map", "validate", "everything else"}
    shown = process("bench", "--records", 300, "--list", "accounts").stdout
    assert "records/s" in shown and "validate" in shown and "in all" in shown
