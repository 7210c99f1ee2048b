"""What nobody reads of an answer is not decoded, and nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from app import AppWire, Asked, answer
from ferrule import interpret
from ferrule.bundled import specs
from ferrule.compile import compile_file, compile_text
from ferrule.connector import Connector
from ferrule.decoding.sieve import MISSED, PATIENCE, Sieve
from ferrule.errors import CallError, UnexpectedAnswer
from ferrule.expressions import ValuePart, compile_expression
from ferrule.http import Response
from ferrule.instance import Instance
from ferrule.source import Text

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {token: {kind: bearer}}
http:
  base_url: "https://acme.example/api"
  errors: [{when: "body.ok == `false`", code: permission_denied}]
capabilities:
  list_accounts:
    request: {get: /users}
    pages: {kind: page, param: page, last: body.pages}
    records: body.users
    filter: "kind != 'bot'"
    record:
      integration_specific_id: id
      email: profile.email
      user_status: {from: state, map: {on: ACTIVE}, else: SUSPENDED}
      custom_attributes:
        team: profile.team.name
        seats: profile.seats
        note: {value: "of {{ inputs.custom_attributes | default(['y']) | join }}"}
      extra_data: {first_tag: "tags[0].name"}
"""


def users(app: Any) -> Instance:
    return Connector(compile_text(SPEC, "acme.yaml")).instance({"token": "t"}, wire=AppWire(app))


def user(number: int, **more: Any) -> dict[str, Any]:
    profile = {"email": f"u{number}@acme.example", "team": {"name": "IT", "lead": "ann"}, "seats": 2, "photo": "…" * 20}
    return {"id": number, "state": "on", "kind": "person", "profile": profile, "tags": [{"name": "a", "id": 1}], "unread": {}, **more}


def pages(*bodies: Any) -> Any:
    return lambda asked: answer(bodies[int(asked.one("page")) - 1])


def test_only_what_is_read_is_decoded():
    plan = compile_text(SPEC, "acme.yaml")
    sieve = plan.operations["list_accounts"].parts[0].loops[-1].sieve
    assert sieve is not None
    body = answer({"users": [user(1)], "pages": 1, "request_id": 7}).content
    read = {"email": "u1@acme.example", "team": {"name": "IT"}, "seats": 2}
    assert sieve.read(body, "application/json", None) == {
        "pages": 1,
        "users": [{"id": 1, "state": "on", "kind": "person", "profile": read, "tags": [{"name": "a", "id": 1}]}],
    }


@pytest.mark.parametrize("odd", [{}, {"profile": None}, {"state": 7}, {"profile": {"seats": True, "email": 5}}, {"tags": 3}])
def test_records_in_slots_come_to_the_same_rows(odd: dict[str, Any]):
    """Without a filter a record comes in slots, and its row is made by another function."""
    spec = SPEC.replace("    filter: \"kind != 'bot'\"\n", "")
    part = compile_text(spec, "acme.yaml").operations["list_accounts"].parts[0]
    sieve, records = part.loops[-1].sieve, [user(1), {**user(2), **odd}]
    assert sieve is not None and sieve.rows is not None
    sifted = sieve.read(answer({"users": records}).content, "application/json", None)["users"]
    scope = {"inputs": {}}
    in_full = interpret.rows(part, interpret.Page(records, None), scope)
    assert sieve.rows(sifted, scope) == in_full
    assert interpret.rows(part, interpret.Page(sifted, None, sieve.rows, lambda: records), scope) == in_full


def test_a_record_that_makes_no_row_is_named_as_ever():
    spec = SPEC.replace("    filter: \"kind != 'bot'\"\n", "").replace(", else: SUSPENDED", "")
    wire = AppWire(pages({"users": [user(1, state="new")], "pages": 1}))
    tenant = Connector(compile_text(spec, "acme.yaml")).instance({"token": "t"}, wire=wire)
    with tenant, pytest.raises(UnexpectedAnswer, match="`user_status` has no value for `new`") as caught:
        tenant.call("list_accounts")
    assert caught.value.origin is not None and caught.value.origin.line == 16


def test_the_records_are_the_same_where_a_value_is_another_than_expected():
    odd = [user(2, profile="gone"), user(3, profile=None), user(4, tags="none"), user(5, kind="bot"), {"id": 6}]
    expected = None
    for body in ({"users": [user(1), *odd], "pages": 1}, {"users": [user(1), user(2, profile=None), *odd[1:]], "pages": 1}):
        with users(pages(body)) as tenant:
            found = [each.model_dump() for each in tenant.call("list_accounts", {"custom_attributes": ["x"]}).response]
        expected = expected or found
        assert found == expected
        assert [each["integration_specific_id"] for each in found] == ["1", "2", "3", "4", "6"]
        assert found[0]["custom_attributes"] == {"team": "IT", "seats": "2", "note": "of x"}
        assert found[1]["email"] is None


def test_an_error_says_what_stands_where_nobody_reads():
    with users(lambda asked: answer({"ok": False, "detail": "not for you"})) as tenant, pytest.raises(CallError) as caught:
        tenant.call("list_accounts")
    assert (caught.value.code.name, caught.value.app_message) == ("permission_denied", "not for you")


def test_the_answers_that_are_kept_are_whole():
    body = {"users": [user(1)], "pages": 1, "request_id": 7}
    with users(pages(body)) as tenant:
        assert [each.body for each in tenant.call("list_accounts", keep_answers=True).answers] == [body]


def test_pages_that_differ_only_where_nobody_reads_are_two_pages():
    first, second = [user(1, unread=1), user(2)], [user(1, unread=2), user(2)]
    with users(pages({"users": first, "pages": 2}, {"users": second, "pages": 2})) as tenant:
        assert sum(len(page.records) for page in tenant.walk("list_accounts")) == 4


def test_a_page_that_comes_twice_is_noticed_with_a_token_in_between_too():
    def app(asked: Asked) -> Response:
        return answer({"users": [user(1), user(2)], "pages": 9})

    with users(app) as tenant, pytest.raises(UnexpectedAnswer, match="same page twice"):
        list(tenant.walk("list_accounts"))
    with users(app) as tenant:
        token = next(iter(tenant.walk("list_accounts"))).token
    with users(app) as tenant, pytest.raises(UnexpectedAnswer, match="same page twice"):
        list(tenant.walk("list_accounts", page_token=token))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"users": [], "pages": "\xff"}', "application/json"),
        (b'{"users": [], "unread": "\xff"}', "application/json"),
        (b'{"users": {}}', "application/json"),
        (b'{"users": [1]}', "application/json"),
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b"", "application/json"),
        (b'{"users": []}', "application/json; charset=utf-16"),
        (b'{"users": []}', "text/csv"),
    ],
)
def test_what_it_is_not_made_for_it_leaves_to_others(content: bytes, content_type: str):
    sieve = compile_text(SPEC, "acme.yaml").operations["list_accounts"].parts[0].loops[-1].sieve
    assert sieve is not None
    assert sieve.read(content, content_type, None) is MISSED


def test_after_some_misses_it_is_not_tried_any_more():
    part = ValuePart()
    expression = compile_expression(Text("a.b"))
    part.read(expression.parsed)
    sieve = Sieve(part)
    assert sieve.read(b'{"a": {"b": 1, "c": 2}, "d": 3}', "", None) == {"a": {"b": 1}}
    for _ in range(PATIENCE):
        assert sieve.read(b'{"a": 1}', "", None) is MISSED
    assert sieve.read(b'{"a": {"b": 1}}', "", None) is MISSED


def test_numbers_come_out_as_they_were_written():
    part = ValuePart()
    part.read(compile_expression(Text("a")).parsed)
    found = Sieve(part).read(b'{"a": [123456789012345678901234567890, -12345678901234567890, 1.0, 0.1, 1e3, -0.0]}', "", None)
    assert repr(found) == "{'a': [123456789012345678901234567890, -12345678901234567890, 1.0, 0.1, 1000.0, -0.0]}"


def test_lists_of_the_bundled_specs_have_one():
    plans = [compile_file(path) for path in sorted(specs().glob("*.yaml"))]
    lists = [part.loops[-1] for plan in plans for each in plan.operations.values() for part in each.parts]
    with_one = [loop for loop in lists if loop.sieve is not None]
    assert len(with_one) >= len([loop for loop in lists if loop.request is not None]) / 2
