"""Writes: steps in order, what settles them, what takes them back, what reads them back."""

from __future__ import annotations

from typing import Any

import pytest

from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import BadInput, CallError, UnexpectedAnswer
from ferrule.http import Response
from ferrule.instance import Instance
from ferrule.results import Result

SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {token: {kind: bearer}}
http: {base_url: "https://acme.example", retry: {attempts: 2, backoff: 0}}
capabilities:
  create_account:
    steps:
      - request: {post: /users, json: {name: "{{ inputs.username }}", mail: "{{ inputs.email }}"}}
        save: {id: body.id}
        undo: {delete: "/users/{{ id }}"}
      - each: {as: wanted, values: inputs.entitlements}
        request: {put: "/groups/{{ wanted.integration_specific_resource_id }}/members/{{ id }}"}
    record: {id: id, status: {value: ACTIVE}}
  delete_account:
    steps:
      - request: {post: "/users/{{ inputs.account_id }}/deactivate"}
        already: "status == `409`"
      - request: {delete: "/users/{{ inputs.account_id }}"}
        already: "status == `404`"
  assign_entitlement:
    steps:
      - when: inputs.entitlement_type == 'member'
        request: {get: "/groups/{{ inputs.resource_integration_specific_id }}"}
        already: contains(body.members, inputs.account_integration_specific_id)
        save: {version: body.version}
      - when: inputs.entitlement_type == 'member'
        request:
          patch: "/groups/{{ inputs.resource_integration_specific_id }}"
          headers: {If-Match: "{{ version }}"}
          json: {add: ["{{ inputs.account_integration_specific_id }}"]}
    verify:
      request: {get: "/groups/{{ inputs.resource_integration_specific_id }}"}
      until: contains(body.members, inputs.account_integration_specific_id)
      every: 0.001
      for: 0.002
  transfer_data:
    steps:
      - request: {post: /jobs, json: {from: "{{ inputs.source_account_id }}"}}
        save: {job: body.id}
      - request: {get: "/jobs/{{ job }}"}
        repeat: {until: body.state == 'done', every: 0.001, for: 0.01}
  unassign_entitlement:
    steps:
      - request: {get: "/groups/{{ inputs.resource_integration_specific_id }}"}
        already: "!contains(body.members || `[]`, inputs.account_integration_specific_id)"
      - request: {delete: "/groups/{{ inputs.resource_integration_specific_id }}/members/{{ inputs.account_integration_specific_id }}"}
        already: body.reason == 'no member'
    verify:
      request: {get: "/groups/{{ inputs.resource_integration_specific_id }}"}
      until: "!contains(body.members || `[]`, inputs.account_integration_specific_id)"
      every: 0.001
      for: 0.002
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    records: body.user
    record: {integration_specific_id: id}
"""

CHANGE = {
    "account_integration_specific_id": "u1",
    "resource_integration_specific_id": "g/1",
    "resource_type": "group",
    "entitlement_type": "member",
    "entitlement_integration_specific_id": "member",
}


class App:
    """Answers by method and path; an answer may be a list, given one after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.wire = AppWire(self.reply)

    def reply(self, asked: Asked) -> Response:
        found = self.answers.get(f"{asked.method} {asked.path}", answer({"message": f"no {asked.path}"}, 404))
        return found.pop(0) if isinstance(found, list) else found

    @property
    def asked(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.wire.asked]

    def instance(self) -> Instance:
        return Connector(compile_text(SPEC, "acme.yaml")).instance({"token": "t0ken-value"}, wire=self.wire)

    def call(self, capability: str, inputs: dict[str, Any]) -> Result:
        with self.instance() as tenant:
            return tenant.call(capability, inputs)


def wanted(*resources: str) -> dict[str, Any]:
    each = [{"integration_specific_resource_id": r, "integration_specific_id": "member", "entitlement_type": "member"} for r in resources]
    return {"username": "ada", "entitlements": each}


def test_what_a_step_saves_is_in_scope_for_the_next_and_for_the_record():
    app = App()
    app.answers = {"POST /users": answer({"id": "u9"}, 201), "PUT /groups/a/members/u9": answer(), "PUT /groups/b/members/u9": answer()}
    result = app.call("create_account", wanted("a", "b"))
    assert (result.response.id, result.changed) == ("u9", True)
    assert app.asked == ["POST /users", "PUT /groups/a/members/u9", "PUT /groups/b/members/u9"]
    assert app.wire.asked[0].body == {"name": "ada"}, "an input that was not given is left out of the body"


def test_a_step_that_fails_takes_the_earlier_ones_back_and_says_so():
    app = App()
    app.answers = {
        "POST /users": answer({"id": "u9"}, 201),
        "PUT /groups/a/members/u9": answer({"message": "full"}, 403),
        "DELETE /users/u9": answer(None, 204),
    }
    with pytest.raises(CallError) as failed:
        app.call("create_account", wanted("a"))
    assert failed.value.code.name == "permission_denied"
    assert failed.value.app_message == "full"
    assert "took an earlier step back" in failed.value.hint
    assert app.asked[-1] == "DELETE /users/u9"


def test_an_undo_that_fails_hides_nothing():
    app = App()
    app.answers = {"POST /users": answer({"id": "u9"}, 201), "PUT /groups/a/members/u9": answer({"message": "full"}, 403)}
    with pytest.raises(CallError) as failed:
        app.call("create_account", wanted("a"))
    assert failed.value.code.name == "permission_denied"
    assert "could not take an earlier step back" in failed.value.hint


@pytest.mark.parametrize(
    ("deactivated", "deleted", "changed"),
    [(200, 204, True), (409, 204, True), (200, 404, True), (409, 404, False)],
)
def test_already_on_a_write_lets_the_next_step_run(deactivated, deleted, changed):
    app = App()
    app.answers = {"POST /users/u1/deactivate": answer({}, deactivated), "DELETE /users/u1": answer(None, deleted)}
    result = app.call("delete_account", {"account_id": "u1"})
    assert (result.response.deleted, result.changed) == (True, changed)
    assert app.asked == ["POST /users/u1/deactivate", "DELETE /users/u1"]


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ("text: who, reads: true", True),
        ("text: who", False),
        ('graphql: {query: "query { user { off } }"}', True),
        ('graphql: {query: "mutation { look { off } }"}', False),
        ('graphql: {query: "query { user { off } }"}, reads: false', False),
    ],
)
def test_a_post_that_only_reads_settles_the_whole(asked: str, ends: bool):
    spec = f"""
ferrule: 1
app: {{id: acme, name: Acme, vendor_domain: acme.example}}
auth: {{token: {{kind: bearer}}}}
http: {{base_url: "https://acme.example", retry: {{attempts: 2, backoff: 0}}}}
capabilities:
  deactivate_account:
    steps:
      - request: {{post: /query, {asked}}}
        already: body.off
      - request: {{post: /off, text: "{{{{ inputs.account_id }}}}"}}
"""
    turns = [answer(None, 503), answer({"off": True})]
    wire = AppWire(lambda asked: turns.pop(0) if ends else turns[-1])
    with Connector(compile_text(spec)).instance({"token": "t"}, wire=wire) as tenant:
        result = tenant.call("deactivate_account", {"account_id": "u1"})
    paths = [each.url.rpartition("/")[2] for each in wire.asked]
    assert paths == (["query", "query"] if ends else ["query", "off"]), "what only reads is asked again, and ends the operation"
    assert result.changed is not ends


def test_already_on_a_read_settles_the_whole():
    app = App()
    app.answers = {"GET /groups/g/1": answer({"members": ["u1"], "version": "7"})}
    result = app.call("assign_entitlement", CHANGE)
    assert (result.response.assigned, result.changed) == (True, False)
    assert app.asked == ["GET /groups/g/1"]
    assert app.wire.asked[0].url == "https://acme.example/groups/g%2F1"


def test_a_write_is_looked_up_sent_and_verified():
    app = App()
    app.answers = {
        "GET /groups/g/1": [answer({"members": [], "version": "7"}), answer({"members": ["u1"]})],
        "PATCH /groups/g/1": answer({}),
    }
    result = app.call("assign_entitlement", CHANGE)
    assert result.changed is True
    assert app.asked == ["GET /groups/g/1", "PATCH /groups/g/1", "GET /groups/g/1"]
    assert app.wire.asked[1].headers["if-match"] == "7"


def test_a_write_that_does_not_show_is_an_error():
    app = App()
    app.answers = {"GET /groups/g/1": answer({"members": [], "version": "7"}), "PATCH /groups/g/1": answer({})}
    with pytest.raises(CallError, match="accepted `assign_entitlement` but does not show it"):
        app.call("assign_entitlement", CHANGE)


def test_inputs_that_no_step_is_for_are_an_error_and_nothing_is_sent():
    app = App()
    with pytest.raises(CallError) as failed:
        app.call("assign_entitlement", {**CHANGE, "entitlement_type": "role"})
    assert failed.value.code.name == "invalid_value"
    assert app.asked == []


def test_a_job_is_asked_for_until_it_is_done_or_its_time_is_over():
    app = App()
    inputs = {"source_account_id": "u1", "target_account_id": "u2"}
    busy, done = answer({"state": "busy"}), answer({"state": "done"})
    app.answers = {"POST /jobs": answer({"id": 5}), "GET /jobs/5": [busy, busy, done]}
    assert app.call("transfer_data", inputs).response.success is True
    app.answers = {"POST /jobs": answer({"id": 5}), "GET /jobs/5": busy}
    with pytest.raises(CallError) as failed:
        app.call("transfer_data", inputs)
    assert failed.value.code.name == "request_timeout"


def test_an_object_that_is_not_there_is_not_found():
    app = App()
    app.answers = {"GET /users/u1": answer({"user": None})}
    with pytest.raises(CallError) as failed:
        app.call("get_account", {"account_id": "u1"})
    assert failed.value.code.name == "not_found"


def test_an_answer_of_another_shape_names_the_line():
    app = App()
    app.answers = {"GET /users/u1": answer({"user": {"id": ["x"]}})}
    with pytest.raises(UnexpectedAnswer) as failed:
        app.call("get_account", {"account_id": "u1"})
    assert failed.value.origin.line == len(SPEC.rstrip().splitlines())


def test_a_write_whose_fate_is_unclear_is_sent_once():
    app = App()
    app.answers = {"POST /users": answer({"message": "oops"}, 500)}
    with pytest.raises(CallError):
        app.call("create_account", {"username": "ada"})
    assert app.asked == ["POST /users"]


def test_a_read_is_sent_again():
    app = App()
    app.answers = {"GET /users/u1": [answer({"message": "oops"}, 500), answer({"user": {"id": "u1"}})]}
    assert app.call("get_account", {"account_id": "u1"}).response.integration_specific_id == "u1"


def test_inputs_are_checked_before_anything_is_sent():
    app = App()
    with pytest.raises(BadInput, match="account_id"):
        app.call("get_account", {})
    with pytest.raises(BadInput, match="account_idd") as refused:
        app.call("get_account", {"account_idd": "x"})
    assert refused.value.hint == "did you mean `account_id`?"
    assert app.asked == []


def test_a_plan_shows_every_request_and_sends_none():
    app = App()
    with app.instance() as tenant:
        planned = tenant.plan_call("create_account", wanted("a"))
        change = tenant.plan_call("assign_entitlement", CHANGE)
    assert [(p.method, p.url) for p in planned] == [
        ("POST", "https://acme.example/users"),
        ("PUT", "https://acme.example/groups/‹wanted.integration_specific_resource_id›/members/‹id›"),
    ]
    assert planned[0].headers == {"authorization": "***"}
    assert planned[0].body == {"name": "ada"}
    assert planned[1].note == "for each wanted"
    assert [p.method for p in change] == ["GET", "PATCH", "GET"]
    assert change[1].headers["if-match"] == "‹version›"
    assert app.asked == []


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (403, "permission_denied"), (404, "not_found"), (500, "bad_gateway")])
@pytest.mark.parametrize("body", [{"message": "no"}, None, "<html>no</html>"])
def test_a_refusal_is_not_the_absence_that_is_wished_for(status: int, code: str, body: Any):
    """`!contains(…)` holds of an answer without members, and so of every refusal."""
    app = App()
    app.answers = {"GET /groups/g/1": answer(body, status)}
    with pytest.raises(CallError) as failed:
        app.call("unassign_entitlement", CHANGE)
    assert (failed.value.code.name, failed.value.status) == (code, status)


def test_nor_does_a_refusal_verify_it():
    app = App()
    app.answers = {
        "GET /groups/g/1": [answer({"members": ["u1"]}), answer({"message": "no"}, 403)],
        "DELETE /groups/g/1/members/u1": answer(),
    }
    with pytest.raises(CallError) as failed:
        app.call("unassign_entitlement", CHANGE)
    assert failed.value.code.name == "permission_denied"


def test_a_refusal_that_a_predicate_names_is_foreseen():
    app = App()
    app.answers = {
        "GET /groups/g/1": [answer({"members": ["u1"]}), answer({"members": []})],
        "DELETE /groups/g/1/members/u1": answer({"reason": "no member"}, 400),
    }
    result = app.call("unassign_entitlement", CHANGE)
    assert (result.response.unassigned, result.changed) == (True, False)
    app.answers["GET /groups/g/1"] = answer({"name": "a group without members has no list of them"})
    assert app.call("unassign_entitlement", CHANGE).changed is False


def test_a_plan_knows_that_a_way_in_without_a_login_gives_nothing():
    spec = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth:
  token: {kind: bearer}
  login:
    kind: session
    login: {post: /in, json: {key: "{{ credential.key }}"}}
    token: body.token
    save: {at: body.at}
    apply: {header: X-Token}
    fields: {key: Key}
http:
  base_url: "https://acme.example/{{ session.at if session.at is defined else 'all' }}"
capabilities:
  get_account: {request: {get: "/users/{{ inputs.account_id }}"}, record: {integration_specific_id: id}}
"""
    connector = Connector(compile_text(spec, "acme.yaml"))
    urls = []
    for credential in ({"token": "t0ken-value"}, {"key": "k3y-value"}):
        with connector.instance(credential, wire=AppWire(App().reply)) as tenant:
            urls += [planned.url for planned in tenant.plan_call("get_account", {"account_id": "u1"})]
    assert urls == ["https://acme.example/all/users/u1", "https://acme.example/‹session.at›/users/u1"]
