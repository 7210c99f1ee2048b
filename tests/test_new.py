"""First specs: whatever they are made from, they compile, have no findings, agree with their source, and hold no value of it."""

import base64
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from app import AppWire, Asked, answer
from described_app import COOKIE, OPENAPI, TEAMS, TOKEN, USERS, Canary, as_file, changed, har
from ferrule.against import Description, check, read_description
from ferrule.cli.main import app
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError
from ferrule.http import Response
from ferrule.lint import diagnose
from ferrule.scaffold import WAYS, Draft, blank, decisions, from_description, from_recording, read_har
from ferrule.scaffold.text import write
from ferrule.source import plain, read
from served import served

SHARED = Path(__file__).parents[2] / "shared" / "openapi" / "specs"
VENDORS = sorted(path.name.removesuffix(".json.gz") for path in SHARED.glob("*.json.gz"))
WITH_USERS = {
    "airtable_enterprise", "airtable_scim", "asana", "atlassian_admin", "auth0", "bamboohr", "bitbucket", "box", "cloudflare",
    "databricks_account_iam", "databricks_workspace_iam", "datadog", "datadog_v1", "discord", "docusign_admin", "docusign_esign",
    "forgejo", "gitea", "github", "google_directory", "grafana", "jira", "jumpcloud_v1", "keycloak", "msgraph", "netlify", "okta",
    "onelogin_thirdparty", "opsgenie", "pagerduty", "pagerduty_scim", "ramp_thirdparty", "retool_thirdparty", "slack",
    "snowflake_user", "stripe", "twilio_iam", "vercel", "zoom", "zoom_official2021",
}  # fmt: skip
"""The descriptions that list the accounts of a tenant by GET, with the shape of an account."""

needs_shared = pytest.mark.skipif(not VENDORS, reason="the vendors' descriptions are not beside the checkout")


def vendor(name: str) -> Description:
    return read_description([SHARED / f"{name}.json.gz"])


def of(draft: Draft) -> dict[str, Any]:
    """A draft as plain values."""
    tree = plain(read(draft.text, "draft.yaml"))
    assert isinstance(tree, dict)
    return tree


def is_clean(draft: Draft, description: Description | None = None) -> None:
    """A draft has no findings, and says the decisions that stand in it."""
    assert diagnose(draft.text, "draft.yaml") == []
    assert draft.decisions == tuple(decisions(draft.text))
    lines = draft.text.splitlines()
    assert all("# DECIDE: " in lines[decision.line - 1] for decision in draft.decisions)
    assert max(map(len, lines)) <= 200
    if description is not None:
        report = check(compile_text(draft.text), description)
        assert list(report.diagnostics) == []
        assert report.requests >= 2


# The vendors' descriptions


@needs_shared
@pytest.mark.parametrize("name", VENDORS)
def test_a_vendors_description_gives_a_clean_spec_or_says_that_it_lists_no_accounts(name: str):
    description = vendor(name)
    if name in WITH_USERS:
        draft = from_description(name, description)
        is_clean(draft, description)
        assert {"validate_credentials", "list_accounts"} <= set(draft.capabilities)
    else:
        with pytest.raises(SpecError) as refused:
            from_description(name, description, name)
        assert [finding.code.id for finding in refused.value.diagnostics] == ["N703"]


_READS = ("validate_credentials", "list_accounts", "get_account", "list_resources", "list_entitlements", "find_entitlement_associations")
GOLDEN = {
    "pagerduty": (
        (*_READS, "create_account", "delete_account", "assign_entitlement", "unassign_entitlement"), ("header",), "offset",
        {"integration_specific_id": "id", "email": "email", "custom_attributes": {"job_title": "job_title", "role": "role"}},
    ),
    "okta": (
        (*_READS, "get_last_activity", "create_account", "activate_account", "deactivate_account", "delete_account",
         "assign_entitlement", "unassign_entitlement"), ("bearer", "oauth2_authorization_code"), "link",
        {"integration_specific_id": "id", "username": "profile.login", "email": "profile.email", "given_name": "profile.firstName",
         "family_name": "profile.lastName", "user_status": {"from": "status", "map": {
             "ACTIVE": "ACTIVE", "DEPROVISIONED": "DEPROVISIONED", "LOCKED_OUT": "SUSPENDED", "PASSWORD_EXPIRED": "ACTIVE",
             "PROVISIONED": "PENDING", "RECOVERY": "ACTIVE", "STAGED": "PENDING", "SUSPENDED": "SUSPENDED"}},
         "custom_attributes": {"created_at": "created", "job_title": "profile.title", "department": "profile.department",
                               "employee_number": "profile.employeeNumber"}},
    ),
    "github": (
        (*(name for name in _READS if name != "get_account"), "assign_entitlement", "unassign_entitlement"), ("bearer",), "link",
        {"integration_specific_id": "login", "username": "login", "email": "email"},
    ),
}  # fmt: skip


@needs_shared
@pytest.mark.parametrize("name", GOLDEN)
def test_what_is_found(name: str):
    draft = from_description(name, vendor(name))
    capabilities, auth, pagination, record = GOLDEN[name]
    assert (draft.capabilities, draft.auth, draft.pagination) == (capabilities, auth, pagination)
    assert of(draft)["records"] == {"account": record}


@needs_shared
def test_pagerduty_in_detail():
    tree = of(from_description("pagerduty", vendor("pagerduty")))
    assert tree["auth"] == {"api_key": {"kind": "header", "name": "Authorization", "value": "Token token={{ credential.token }}"}}
    assert tree["http"] == {
        "base_url": "https://api.pagerduty.com", "error_message": "body.error.message", "error_code": "body.error.code"
    }  # fmt: skip
    assert tree["pagers"] == {"counted": {"kind": "offset", "param": "offset", "size_param": "limit", "more": "body.more"}}
    held = tree["capabilities"]
    assert held["create_account"]["request"]["headers"] == {"From": "{{ settings.from }}"}
    assert held["find_entitlement_associations"]["record"]["account_id"] == "user.id"
    looked = held["assign_entitlement"]["steps"][0]
    assert looked["already"] == "contains(body.user.teams[].id, inputs.resource_integration_specific_id)"


@needs_shared
def test_okta_in_detail():
    draft = from_description("okta", vendor("okta"))
    tree = of(draft)
    assert tree["auth"]["api_token"] == {"kind": "bearer", "prefix": "SSWS"}
    assert tree["http"]["base_url"] == "https://{{ settings.okta_domain }}" and tree["settings"]["okta_domain"]["pattern"]
    assert tree["app"]["vendor_domain"] == "okta.com"
    assert tree["capabilities"]["list_accounts"]["scopes"] == ["okta.users.read"]
    assert tree["capabilities"]["validate_credentials"]["record"] == {"unique_tenant_id": "id"}
    suspended = tree["capabilities"]["deactivate_account"]
    assert suspended["steps"][0]["already"] == "body.status == 'SUSPENDED'"
    assert any("omits users that have a status of `DEPROVISIONED`" in decision.text for decision in draft.decisions)


@needs_shared
def test_github_takes_the_members_of_an_organization_and_not_everybody():
    draft = from_description("github", vendor("github"))
    tree = of(draft)
    assert tree["capabilities"]["list_accounts"]["request"] == {"get": "/orgs/{{ settings.org }}/members"}
    assert tree["capabilities"]["validate_credentials"]["record"] == {"unique_tenant_id": {"value": "{{ settings.org }}"}}
    assert any("Also found: GET /users (users/list)" in decision.text for decision in draft.decisions)


@needs_shared
def test_what_only_disables_is_no_removal():
    draft = from_description("datadog", vendor("datadog"))
    assert not {"delete_account", "create_account"} & set(draft.capabilities)
    assert any("(DisableUser) does not remove an account" in decision.text for decision in draft.decisions)


# One heuristic at a time

USER = {"id": {"type": "string"}, "email": {"type": "string"}, "name": {"type": "string"}}


def described(
    item: Any = USER, *, query: Any = (), beside: Any = None, path: str = "/users", bare: bool = False, more: Any = None, **document: Any
) -> Description:
    """An API with a list of users, its parameters, and what its answer has beside the users."""
    users = {"type": "array", "items": {"type": "object", "properties": item}}
    body = users if bare else {"type": "object", "properties": {"users": users, **(beside or {})}}
    parameters = [
        {"name": name, "in": "query", "schema": schema} if "type" in schema else {"name": name, "in": "query", **schema}
        for name, schema in dict(query).items()
    ]
    operation = {
        "operationId": "listUsers",
        "parameters": parameters,
        "responses": {"200": {"content": {"application/json": {"schema": body}}}},
    }
    paths = {path: {"get": operation}, **(more or {})}
    return Description([{"openapi": "3.1.0", "servers": [{"url": "https://api.acme.com"}], "paths": paths, **document}])


TEXT, NUMBER, FLAG, ADDRESS = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "string", "format": "uri"}
PAGERS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "a cursor of the same name": (
        {"query": {"page_token": TEXT, "page_size": {"type": "integer", "maximum": 50}}, "beside": {"next_page_token": TEXT}},
        {"kind": "cursor", "next": "body.next_page_token", "param": "page_token", "size_param": "page_size", "max_size": 50},
    ),
    "a cursor in an object, with a flag": (
        {"query": {"after": TEXT}, "beside": {"meta": {"type": "object", "properties": {"has_more": FLAG, "after_cursor": TEXT}}}},
        {"kind": "cursor", "next": "body.meta.after_cursor", "param": "after", "more": "body.meta.has_more"},
    ),
    "a cursor that has to be switched on": (
        {"query": {"usemarker": FLAG, "marker": TEXT, "offset": NUMBER, "limit": NUMBER}, "beside": {"next_marker": TEXT}},
        {"kind": "cursor", "next": "body.next_marker", "param": "marker", "size_param": "limit"},
    ),
    "an address": ({"beside": {"next": ADDRESS}}, {"kind": "next_url", "next": "body.next"}),
    "an address of OData": (
        {"query": {"$top": NUMBER}, "beside": {"@odata.nextLink": TEXT}},
        {"kind": "next_url", "next": 'body."@odata.nextLink"', "size_param": "$top"},
    ),
    "an address among links": (
        {"query": {"page": NUMBER}, "beside": {"links": {"type": "object", "properties": {"next": TEXT}}}},
        {"kind": "next_url", "next": "body.links.next"},
    ),
    "an offset and a flag": (
        {"query": {"offset": NUMBER, "limit": {"schema": NUMBER, "description": "How many. Maximum 25."}}, "beside": {"more": FLAG}},
        {"kind": "offset", "param": "offset", "size_param": "limit", "max_size": 25, "more": "body.more"},
    ),
    "an offset and a total": (
        {"query": {"skip": NUMBER, "limit": NUMBER}, "beside": {"totalCount": NUMBER}},
        {"kind": "offset", "param": "skip", "size_param": "limit", "total": "body.totalCount"},
    ),
    "an offset and the last page": (
        {"query": {"startAt": NUMBER, "maxResults": NUMBER}, "beside": {"isLast": FLAG}},
        {"kind": "offset", "param": "startAt", "size_param": "maxResults", "more": "!(body.isLast)"},
    ),
    "pages from zero": (
        {"query": {"page[number]": {"type": "integer", "default": 0}, "page[size]": NUMBER}, "beside": {"total_pages": NUMBER}},
        {"kind": "page", "param": "page[number]", "base": 0, "size_param": "page[size]", "last": "body.total_pages"},
    ),
    "pages from one": ({"query": {"page": {"type": "integer", "minimum": 1}}}, {"kind": "page", "param": "page"}),
    "the id of the last record": (
        {"query": {"starting_after": TEXT, "limit": NUMBER}, "beside": {"has_more": FLAG}},
        {"kind": "keyset", "key": "id", "param": "starting_after", "size_param": "limit", "more": "body.has_more"},
    ),
    "a flag alone": ({"beside": {"has_more": FLAG}}, None),
    "a page size alone": ({"query": {"limit": NUMBER}}, None),
    "a cursor that is sent nowhere": ({"query": {"sort": TEXT}, "beside": {"next_cursor": TEXT}}, None),
}


@pytest.mark.parametrize("case", PAGERS)
def test_pagination(case: str):
    given_, expected = PAGERS[case]
    description = described(**given_)
    draft = from_description("acme", description)
    is_clean(draft, description)
    tree = of(draft)
    pages = tree["capabilities"]["list_accounts"].get("pages")
    assert pages == expected
    if expected is None:
        assert "# ferrule: ignore[L433]" in draft.text and any("names no pages of GET /users" in d.text for d in draft.decisions)
    if "switched" in case:
        assert tree["capabilities"]["list_accounts"]["request"]["query"] == {"usemarker": "true"}


@pytest.mark.parametrize("where", ["header", "words"])
def test_pagination_by_link_header(where: str):
    document = described(bare=True, query={"limit": NUMBER, "after": TEXT}).documents[0].content
    operation = document["paths"]["/users"]["get"]
    if where == "header":
        operation["responses"]["200"]["headers"] = {"Link": {"schema": TEXT}}
    else:
        operation["parameters"][1]["description"] = "An opaque cursor, from the `Link` response header."
    assert of(from_description("acme", Description([document])))["capabilities"]["list_accounts"]["pages"]["kind"] == "link"


FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "names of other words": (
        {"userId": NUMBER, "mail": TEXT, "loginName": TEXT, "forename": TEXT, "surname": TEXT},
        {"integration_specific_id": "userId", "username": "loginName", "email": "mail", "given_name": "forename", "family_name": "surname"},
    ),
    "within a profile": (
        {"id": TEXT, "profile": {"type": "object", "properties": {"email": TEXT, "firstName": TEXT}}},
        {"integration_specific_id": "id", "email": "profile.email", "given_name": "profile.firstName"},
    ),
    "addresses in a list": (
        {"id": TEXT, "emails": {"type": "array", "items": {"type": "object", "properties": {"value": TEXT, "primary": FLAG}}}},
        {"integration_specific_id": "id", "email": "(emails[?primary] | [0].value) || emails[0].value"},
    ),
    "a flag that is usable": ({**USER, "active": FLAG}, {"user_status": {"from": "active", "map": {True: "ACTIVE", False: "SUSPENDED"}}}),
    "a flag that is not": (
        {**USER, "suspended": FLAG},
        {"user_status": {"from": "suspended", "map": {True: "SUSPENDED", False: "ACTIVE", None: "ACTIVE"}}},
    ),
    "states in words": (
        {**USER, "state": {"type": "string", "enum": ["Enabled", "locked", "on-holiday"]}},
        {"user_status": {"from": "state", "map": {"Enabled": "ACTIVE", "locked": "SUSPENDED", "on-holiday": "ACTIVE"}}},
    ),
    "states that are not listed": ({**USER, "status": TEXT}, {"user_status": None}),
    "an address of another type": ({"id": TEXT, "login": TEXT, "email": {"type": "object", "properties": {"x": TEXT}}}, {"email": None}),
    "attributes": (
        {**USER, "created_at": {"type": "string", "format": "date-time"}, "department": TEXT},
        {"custom_attributes": {"created_at": "created_at", "department": "department"}},
    ),
}


@pytest.mark.parametrize("case", FIELDS)
def test_fields_of_an_account(case: str):
    item, expected = FIELDS[case]
    description = described(item)
    draft = from_description("acme", description)
    is_clean(draft, description)
    record = of(draft)["records"]["account"]
    assert {name: record.get(name) for name in expected} == expected
    if "not listed" in case:
        assert any("the values it has are not listed" in decision.text for decision in draft.decisions)
    if "in words" in case:
        assert any("`on-holiday` counts as ACTIVE" in decision.text for decision in draft.decisions)


@pytest.mark.parametrize(
    "description",
    [
        described(path="/groups/{group_id}/members"),
        described(path="/projects/{id}/users"),
        described(path="/audit/users"),
        described({"id": TEXT}),
        described({"email": TEXT}),
        described(path="/widgets"),
        described(path="/accounts"),
        described(more={}, path="/users/{id}"),
    ],
    ids=["of a group", "of a project", "an audit", "without names", "without ids", "widgets", "accounts of customers", "one record"],
)
def test_what_is_no_list_of_accounts(description: Description):
    with pytest.raises(SpecError, match="no list of accounts"):
        from_description("acme", description)


def test_a_team_may_be_the_tenant_and_that_is_asked():
    description = described(path="/teams/{team_id}/members")
    draft = from_description("acme", description)
    is_clean(draft, description)
    assert any("is a team what the app has for a tenant?" in decision.text for decision in draft.decisions)
    other = described(path="/teams/{team_id}/members", more={"/users": described().documents[0].content["paths"]["/users"]})
    assert of(from_description("acme", other))["capabilities"]["list_accounts"]["request"] == {"get": "/users"}


AUTHS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "bearer": ({"a": {"type": "http", "scheme": "bearer"}}, [{"a": []}], {"a": {"kind": "bearer"}}),
    "basic": ({"a": {"type": "http", "scheme": "Basic"}}, [{"a": []}], {"a": {"kind": "basic"}}),
    "a header": ({"a": {"type": "apiKey", "in": "header", "name": "X-Key"}}, [{"a": []}], {"a": {"kind": "header", "name": "X-Key"}}),
    "a parameter": ({"a": {"type": "apiKey", "in": "query", "name": "api_key"}}, [{"a": []}], {"a": {"kind": "query", "name": "api_key"}}),
    "a word before the key": (
        {"a": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Use `Authorization: Klaatu <key>`."}},
        [{"a": []}],
        {"a": {"kind": "bearer", "prefix": "Klaatu"}},
    ),
    "two headers at once": (
        {"a": {"type": "apiKey", "in": "header", "name": "X-Id-Key"}, "b": {"type": "apiKey", "in": "header", "name": "X-Secret"}},
        [{"a": [], "b": []}],
        {"keys": {"kind": "headers", "headers": {"X-Id-Key": "{{ credential.x_id_key }}", "X-Secret": "{{ credential.x_secret }}"},
                  "fields": {"x_id_key": "X id key", "x_secret": "X secret"}}},
    ),
    "client credentials": (
        {"a": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://login.acme.com/t", "scopes": {}}}}},
        [{"a": ["users:read"]}],
        {"a": {"kind": "oauth2_client_credentials", "token_url": "https://login.acme.com/t", "scopes": ["users:read"]}},
    ),
    "a token address below the API": (
        {"a": {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": "/oauth/token", "scopes": {}}}}},
        [{"a": []}],
        {"a": {"kind": "oauth2_refresh", "token_url": "/oauth/token"}},
    ),
    "a person who is sent somewhere": (
        {"a": {"type": "oauth2", "flows": {"authorizationCode": {
            "authorizationUrl": "https://login.acme.com/a", "tokenUrl": "https://login.acme.com/t", "scopes": {}}}}},
        [{"a": ["users:read"]}],
        {"a": {"kind": "oauth2_authorization_code", "authorization_url": "https://login.acme.com/a",
               "token_url": "https://login.acme.com/t"}},
    ),
    "an address of no token": ({"a": {"type": "oauth2", "flows": {"implicit": {}}}}, [{"a": []}], {"a": {"kind": "bearer"}}),
    "what is no credential": (
        {"sudo": {"type": "apiKey", "in": "header", "name": "Sudo"}, "t": {"type": "http", "scheme": "bearer"}},
        None,
        {"t": {"kind": "bearer"}},
    ),
    "nothing": ({}, None, {"token": {"kind": "bearer"}}),
}  # fmt: skip


@pytest.mark.parametrize("case", AUTHS)
def test_ways_in(case: str):
    schemes, security, expected = AUTHS[case]
    document = {"components": {"securitySchemes": schemes}} | ({"security": security} if security is not None else {})
    description = described(**document)
    if case == "client credentials":
        description.documents[0].content["paths"]["/users"]["get"]["security"] = security
    draft = from_description("acme", description)
    is_clean(draft, description)
    assert of(draft)["auth"] == expected
    if case == "nothing":
        assert any("does not say how a request proves who sends it" in decision.text for decision in draft.decisions)


ADDRESSES: dict[str, tuple[Any, str, list[str]]] = {
    "plain": ({"url": "https://api.acme.com/v2"}, "https://api.acme.com/v2", ["tenant"]),
    "a tenant in the host": (
        {"url": "https://{sub}.acme.com/v2", "variables": {"sub": {"default": "yours"}}}, "https://{{ settings.sub }}.acme.com/v2", ["sub"],
    ),
    "a region": (
        {"url": "https://{region}.acme.com", "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}}},
        "https://{{ settings.region }}.acme.com", ["region", "tenant"],
    ),
    "a version in the path": (
        {"url": "https://api.acme.com/{v}", "variables": {"v": {"default": "v7"}}}, "https://api.acme.com/v7", ["tenant"],
    ),
    "a placeholder": ({"url": "https://your-domain.acme.com"}, "https://{{ settings.subdomain }}.acme.com", ["subdomain"]),
    "a machine of its own": ({"url": "http://localhost:8080/api"}, "{{ settings.base_url }}/api", ["base_url"]),
    "no host": ({"url": "/api/v1"}, "{{ settings.base_url }}/api/v1", ["base_url"]),
    "an example": ({"url": "https://crm.example.com"}, "{{ settings.base_url }}", ["base_url"]),
}  # fmt: skip


@pytest.mark.parametrize("case", ADDRESSES)
def test_addresses(case: str):
    server, base_url, names = ADDRESSES[case]
    description = described(servers=[server])
    draft = from_description("acme", description)
    is_clean(draft, description)
    assert of(draft)["http"]["base_url"] == base_url
    assert list(of(draft)["settings"]) == names
    assert all("default" not in spec for spec in of(draft)["settings"].values() if spec.get("default") not in ("eu",))


def operation(words: str = "", body: Any = None, answer_: Any = None, **more: Any) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": answer_}}} if answer_ is not None else {}
    sent = {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}} if body is not None else {}
    return {"summary": words, "operationId": words.replace(" ", "_"), "responses": {"200": {"description": "", **content}}, **sent, **more}


OBJECT = {"type": "object", "properties": USER}
GROUPS = {
    "/groups": {
        "get": operation("list groups", answer_={"type": "array", "items": {"type": "object", "properties": {"id": TEXT, "name": TEXT}}})
    },
    "/groups/{id}/members": {"get": operation("list members", answer_={"type": "array", "items": OBJECT})},
}


def test_a_body_that_can_be_filled_makes_an_account_and_one_that_cannot_is_told():
    ways = {"get": operation("get user", answer_=OBJECT), "delete": operation("delete user")}
    for needed, made in (({"email": TEXT}, True), ({"email": TEXT, "password": TEXT}, False)):
        body = {"type": "object", "properties": needed, "required": list(needed)}
        document = described(more={"/users/{id}": ways}).documents[0].content
        document["paths"]["/users"]["post"] = operation("create user", body, OBJECT)
        description = Description([document])
        draft = from_description("acme", description)
        is_clean(draft, description)
        assert ("create_account" in draft.capabilities) is made
        assert any("needs `password`" in decision.text for decision in draft.decisions) is not made


def test_an_account_that_cannot_be_removed_is_not_made():
    document = described().documents[0].content
    document["paths"]["/users"]["post"] = operation("create user", {"type": "object", "properties": {"email": TEXT}}, OBJECT)
    assert "create_account" not in from_description("acme", Description([document])).capabilities


def test_a_removal_that_cannot_be_read_back_is_left_out():
    description = described(more={"/users/{id}": {"delete": operation("delete user")}})
    assert "delete_account" not in from_description("acme", description).capabilities


@pytest.mark.parametrize(
    ("one", "taken"),
    [
        ({"get": operation("get"), "put": operation("add member"), "delete": operation("remove")}, True),
        ({"get": operation("get"), "put": operation("update the role of a member"), "delete": operation("remove")}, False),
        ({"put": operation("add member"), "delete": operation("remove")}, False),
        ({"get": operation("get"), "put": operation("add member")}, False),
    ],
    ids=["all of it", "a PUT that changes", "nothing to look at", "no way back"],
)
def test_memberships_are_written_where_they_can_be_looked_at_and_taken_back(one: Any, taken: bool):
    description = described(more={**GROUPS, "/groups/{id}/members/{user_id}": one})
    draft = from_description("acme", description)
    is_clean(draft, description)
    assert {"list_resources", "find_entitlement_associations"} <= set(draft.capabilities)
    assert ("assign_entitlement" in draft.capabilities) is taken
    held = of(draft)["capabilities"]
    assert held["list_entitlements"]["record"].get("is_assignable") is (True if taken else None)
    assert held["find_entitlement_associations"]["record"]["account_id"] == "id"


def test_groups_whose_members_are_no_accounts_are_left_alone():
    other = {"type": "array", "items": {"type": "object", "properties": {"label": TEXT, "kind": TEXT}}}
    description = described(more={**GROUPS, "/groups/{id}/members": {"get": operation("list members", answer_=other)}})
    assert from_description("acme", description).capabilities == ("validate_credentials", "list_accounts")


def test_a_status_word_in_a_good_answer_is_an_error_rule():
    tree = of(from_description("acme", described(beside={"ok": FLAG})))
    assert tree["http"]["errors"] == [{"when": "status == `200` && body.ok == `false`", "code": "invalid_response"}]


def test_what_narrows_the_list_is_asked_about():
    draft = from_description("acme", described(query={"status": {"type": "string", "enum": ["active", "gone"], "default": "active"}}))
    assert any("narrowed by `status` (active, gone; by default active)" in decision.text for decision in draft.decisions)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_a_description_with_something_broken_is_refused_or_gives_a_clean_spec(seed: int):
    chance = random.Random(seed)
    document = OPENAPI
    for _ in range(chance.randint(1, 4)):
        document = _broken(document, chance)
    try:
        description = Description([document])
        draft = from_description("acme", description)
    except SpecError as refused:
        assert {finding.code.id for finding in refused.diagnostics} <= {"N703", "N704"}
        return
    is_clean(draft)
    assert list(check(compile_text(draft.text), description).diagnostics) == []


def _broken(document: Any, chance: random.Random) -> Any:
    """A copy with one value taken out or put in place of another."""
    path: list[Any] = ["paths"]
    held = document["paths"]
    while isinstance(held, (dict, list)) and held and (len(path) < 3 or chance.random() < 0.8):
        path.append(chance.choice(list(held)) if isinstance(held, dict) else chance.randrange(len(held)))
        held = held[path[-1]]
    return changed(document, *path, to=chance.choice([None, "x", 7, [], {}, ["x"], {"type": "string"}, {"$ref": "#/nowhere"}, True]))


# Recordings

BASE = "https://canary.acme.com/api"
LOOKED_AT = [f"{BASE}/users?limit=2", f"{BASE}/users?limit=2&cursor=p2", f"{BASE}/users?limit=2&cursor=p4", f"{BASE}/users/u1",
             f"{BASE}/teams", f"{BASE}/teams/t1/members", f"{BASE}/teams/t2/members"]  # fmt: skip


def recorded(tmp_path: Path, document: Any) -> Draft:
    path = tmp_path / "recorded.har"
    path.write_bytes(as_file(document))
    return from_recording("acme", read_har(path), str(path))


def listed(draft: Draft, capability: str, url: str = "https://canary.acme.com", **given_settings: str) -> list[Any]:
    """What a draft lists of the app it was made from."""
    connector = Connector(compile_text(draft.text))
    auth = next(name for name, way in connector.plan.auths.items() if way.kind in ("bearer", "cookie"))
    credential = {"token": TOKEN if connector.plan.auths[auth].kind == "bearer" else COOKIE}
    asked = {name: given_settings.get(name, url) for name in connector.plan.spec.settings}
    with connector.instance(credential, asked, auth=auth, wire=AppWire(Canary())) as tenant:
        return [record.model_dump(exclude_none=True) for page in tenant.walk(capability) for record in page.records]


PEOPLE = {"active": "ACTIVE", "suspended": "SUSPENDED", "invited": "PENDING"}
ACCOUNTS = [
    {"integration_specific_id": user["id"], "email": user["email"], "given_name": user["first_name"], "family_name": user["last_name"],
     "user_status": PEOPLE[user["status"]]}
    for user in USERS
]  # fmt: skip
HELD = sorted((user, team) for team, (_, members) in TEAMS.items() for user in members)


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("headers", [None, {"cookie": f"session_id={COOKIE}", "x-csrf-token": "canary-csrf"}], ids=["token", "cookie"])
def test_a_recording_gives_a_spec_that_lists_all(tmp_path: Path, headers: dict[str, str] | None, encoded: bool):
    if headers is not None:
        headers = {"cookie": headers["cookie"], "x-csrf-token": headers["x-csrf-token"]}
    draft = recorded(tmp_path, har(Canary(), LOOKED_AT, headers, base64_bodies=encoded))
    is_clean(draft)
    assert draft.pagination == "cursor" and draft.auth == (("bearer",) if headers is None else ("cookie",))
    assert listed(draft, "list_accounts") == ACCOUNTS
    held = listed(draft, "find_entitlement_associations")
    assert sorted((each["account_id"], each["integration_specific_resource_id"]) for each in held) == HELD


@pytest.mark.parametrize("headers", [None, {"cookie": f"session_id={COOKIE}"}], ids=["token", "cookie"])
def test_no_secret_and_nobody_of_a_recording_is_in_the_spec(tmp_path: Path, headers: dict[str, str] | None):
    urls = [*LOOKED_AT, f"{BASE}/users?search=Canary1&limit=2", f"{BASE}/users/person.1%40canary.example", f"{BASE}/users/u5"]
    document = har(Canary(), urls, headers)
    document["log"]["entries"][0]["request"]["headers"].append({"name": "x-api-key", "value": TOKEN})
    body = json.loads(document["log"]["entries"][0]["response"]["content"]["text"])
    body["by_address"] = {"person.1@canary.example": {"id": "u1"}, TOKEN: {"email": "person.2@canary.example"}}
    document["log"]["entries"][0]["response"]["content"]["text"] = json.dumps(body)
    text = recorded(tmp_path, document).text
    for word in (TOKEN, COOKIE, "person.", "@canary", "Canary1", "Canary Red", "p2", *(user["id"] for user in USERS), *TEAMS):
        assert not re.search(rf"(?<![a-z0-9]){re.escape(word)}", text), word
        assert base64.b64encode(word.encode()).decode().rstrip("=") not in text


def numbered(asked: Asked) -> Response:
    """An app that counts, in the way that its path says."""
    rows = [{"uuid": f"{n:08d}-aaaa-bbbb-cccc-{n:012d}", "username": f"canary{n}"} for n in range(1, 8)]
    size = int(asked.one("per_page", asked.one("limit", "3")))
    if "offset" in asked.path:
        start = int(asked.one("offset", "0"))
        return answer({"data": rows[start : start + size], "total": len(rows)})
    if "next" in asked.path:
        start = int(asked.one("from", "0"))
        after = f"{asked.url.partition('?')[0]}?from={start + size}&limit={size}" if start + size < len(rows) else None
        return answer({"data": rows[start : start + size], "paging": {"forward": after}})
    page = int(asked.one("page", "1"))
    links = {"link": f'<https://a.acme.com/x?page={page + 1}>; rel="next"'} if "link" in asked.path and page < 3 else {}
    return answer(rows[(page - 1) * size : page * size], headers=links)


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        (["page/users?page=1&per_page=3", "page/users?page=2&per_page=3"],
         {"kind": "page", "param": "page", "size_param": "per_page", "size": 3}),
        (["offset/users?offset=0&limit=3", "offset/users?offset=3&limit=3"],
         {"kind": "offset", "param": "offset", "size_param": "limit", "size": 3, "total": "body.total"}),
        (["offset/users?limit=3", "offset/users?offset=3&limit=3"],
         {"kind": "offset", "param": "offset", "size_param": "limit", "size": 3, "total": "body.total"}),
        (["next/users?limit=3", "next/users?from=3&limit=3"],
         {"kind": "next_url", "next": "body.paging.forward", "size_param": "limit", "size": 3}),
        (["link/users?per_page=3", "link/users?page=2&per_page=3"], {"kind": "link", "size_param": "per_page", "size": 3}),
        (["page/users"], None),
    ],
    ids=["pages", "an offset", "an offset from nothing", "an address", "a link", "one page"],
)  # fmt: skip
def test_pagination_is_seen_between_two_requests(tmp_path: Path, urls: list[str], expected: dict[str, Any] | None):
    draft = recorded(tmp_path, har(numbered, [f"https://a.acme.com/{url}" for url in urls]))
    is_clean(draft)
    assert of(draft)["capabilities"]["list_accounts"].get("pages") == expected
    assert any("one page was recorded" in decision.text for decision in draft.decisions) is (expected is None)


GOOD = har(Canary(), LOOKED_AT)
BODILESS = changed(har(Canary(), LOOKED_AT[:1]), "log", "entries", 0, "response", "content", to={"size": 0, "mimeType": "application/json"})


@pytest.mark.parametrize(
    ("content", "code", "line", "words"),
    [
        (b'{"log": {\n"entries": [}', "N701", 2, "no JSON from here on"),
        (b"", "N701", 1, "no JSON from here on"),
        (b"\xff\xfe\x00", "N701", 1, "no JSON from here on"),
        (b"[]", "N701", 1, "no recording in the HAR format"),
        (b'{"log": {"entries": {}}}', "N701", 1, "no recording in the HAR format"),
        (b'{"log": {"entries": []}}', "N702", 1, "the recording is empty"),
        (as_file(BODILESS), "N702", 1, "1 requests and the body of none"),
        (as_file(har(lambda asked: answer("<html>"), LOOKED_AT[:2])), "N702", 1, "none is a GET whose answer is whole JSON"),
        (as_file(har(Canary(), [f"{BASE}/teams"])), "N703", 1, "no list of accounts in this recording"),
    ],
    ids=["broken", "empty file", "no text", "a list", "no entries", "nothing recorded", "no bodies", "pages of HTML", "no users"],
)
def test_recordings_that_tell_nothing(tmp_path: Path, content: bytes, code: str, line: int, words: str):
    path = tmp_path / "a.har"
    path.write_bytes(content)
    with pytest.raises(SpecError) as refused:
        from_recording("acme", read_har(path), str(path))
    found = refused.value.diagnostics[0]
    assert (found.code.id, found.span.file, found.span.line) == (code, str(path), line) and words in found.message


def test_an_answer_that_is_cut_off_is_left_out(tmp_path: Path):
    content = GOOD["log"]["entries"][0]["response"]["content"]
    document = changed(GOOD, "log", "entries", 0, "response", "content", to={**content, "text": content["text"][:40]})
    assert listed(recorded(tmp_path, document), "list_accounts") == ACCOUNTS


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_a_recording_with_something_broken_is_refused_or_gives_a_clean_spec(tmp_path_factory: pytest.TempPathFactory, seed: int):
    chance = random.Random(seed)
    document: Any = GOOD
    for _ in range(chance.randint(1, 5)):
        path: list[Any] = []
        held = document
        while isinstance(held, (dict, list)) and held and (len(path) < 3 or chance.random() < 0.85):
            path.append(chance.choice(list(held)) if isinstance(held, dict) else chance.randrange(len(held)))
            held = held[path[-1]]
        if path:
            broken = [None, "x", "http://[", 7, [], {}, ["x"], "{}", '[{"id": 1}]', True, "base64", "\x00", 10**30]
            document = changed(document, *path, to=chance.choice(broken))
    path_ = tmp_path_factory.mktemp("har")
    try:
        draft = recorded(path_, document)
    except SpecError as refused:
        assert {finding.code.id for finding in refused.diagnostics} <= {"N701", "N702", "N703", "N704"}
        return
    is_clean(draft)


# From nothing


@pytest.mark.parametrize("way", WAYS)
def test_a_frame(way: str):
    draft = blank("acme_hr", way)
    is_clean(draft)
    assert draft.auth == (way,) and len(draft.decisions) >= 10
    assert of(draft)["app"]["id"] == "acme_hr"


# The text


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=30)
    | st.sampled_from(["off", "1_000", "{{ a.b }}", "status == `404`", "a: b", "# x", "2020-01-01", "it's \"so\"", "- x", "~", "*a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=12), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=12), values, min_size=1, max_size=5))
def test_what_is_written_is_read_again(tree: dict[str, Any]):
    assert plain(read(write(tree, {}).text, "a.yaml")) == tree


def test_a_decision_stands_above_its_line_and_is_found_with_all_its_words():
    long = "a question that is so long that it runs over the line, " * 4
    tree = {"a": {"b": [{"c": 1}, {"d": 2}]}}
    made = write(tree, {("a", "b", 1, "d"): [f"DECIDE: {long}", "ferrule: ignore[L433] it is so"], ("a",): ["DECIDE: short"]}, ["head"])
    assert plain(read(made.text, "a.yaml")) == tree
    found = decisions(made.text)
    assert [decision.text for decision in found] == ["short", long.strip()]
    lines = made.text.splitlines()
    assert lines[0] == "# head" and "ignore[L433] it is so" in lines[-2] and "d: 2" in lines[-1]


# The command


def run(*words: object, status: int = 0) -> Result:
    ran = CliRunner().invoke(app, [str(word) for word in words])
    assert ran.exit_code == status, ran.output
    return ran


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "canary.json").write_bytes(as_file(OPENAPI))
    (tmp_path / "credential.json").write_text(json.dumps({"token": TOKEN}))
    return tmp_path


def test_from_a_description_to_records_without_a_change_by_hand(here: Path):
    run("new", "canary", "--from-openapi", "canary.json")
    run("lint", "specs/canary.yaml", "--against", "canary.json")
    with served(Canary()) as at:
        common = ("--credential", "credential.json", "--set", f"base_url={at.url}", "--json")
        rows = [json.loads(line) for line in run("walk", "specs/canary.yaml", "list_accounts", *common).stdout.splitlines()]
        assert rows == ACCOUNTS
        run("call", "specs/canary.yaml", "validate_credentials", *common)
        held = [json.loads(line) for line in run("walk", "specs/canary.yaml", "find_entitlement_associations", *common).stdout.splitlines()]
        assert sorted((row["account_id"], row["integration_specific_resource_id"]) for row in held) == HELD


def test_writes_of_a_draft_do_what_they_say_and_know_when_it_is_done(here: Path):
    draft = from_description("canary", read_description([here / "canary.json"]))
    canary = Canary()
    connector = Connector(compile_text(draft.text))
    change = {"account_integration_specific_id": "u4", "resource_integration_specific_id": "t1", "resource_type": "team",
              "entitlement_type": "member", "entitlement_integration_specific_id": "member"}  # fmt: skip
    with connector.instance({"token": TOKEN}, {"base_url": "https://canary.acme.com"}, wire=AppWire(canary)) as tenant:
        for capability, inputs, state in (
            ("assign_entitlement", change, lambda: "u4" in canary.teams["t1"][1]),
            ("unassign_entitlement", change, lambda: "u4" not in canary.teams["t1"][1]),
            ("deactivate_account", {"account_id": "u1"}, lambda: canary.users["u1"]["status"] == "suspended"),
            ("activate_account", {"account_id": "u1"}, lambda: canary.users["u1"]["status"] == "active"),
            ("delete_account", {"account_id": "u4"}, lambda: "u4" not in canary.users),
        ):
            assert not state()
            assert tenant.call(capability, inputs).changed is True
            assert state(), capability
            assert tenant.call(capability, inputs).changed is False


def test_what_is_told_to_a_person(here: Path):
    told = run("new", "canary", "--from-openapi", "canary.json", "-o", "my canary.yaml").stdout
    text = (here / "my canary.yaml").read_text()
    assert all(f"  {decision.line:{len(str(decisions(text)[-1].line))}}  {decision.text}" in told for decision in decisions(text))
    assert "list_accounts" in told and "ferrule lint 'my canary.yaml' --against canary.json" in told


def test_what_is_told_to_a_program(here: Path):
    told = json.loads(run("new", "canary", "--from-openapi", "canary.json", "--json").stdout)
    text = (here / "specs" / "canary.yaml").read_text()
    assert told["decisions"] == [{"line": decision.line, "text": decision.text} for decision in decisions(text)]
    assert (told["app"], told["file"], told["auth"], told["pagination"]) == (
        "canary",
        str(Path("specs", "canary.yaml")),
        ["bearer"],
        "cursor",
    )
    assert "find_entitlement_associations" in told["capabilities"]


def test_a_file_that_is_there_is_left_alone(here: Path):
    run("new", "acme")
    path = here / "specs" / "acme.yaml"
    path.write_text("mine")
    assert "--force" in run("new", "acme", status=1).stderr
    assert path.read_text() == "mine"
    run("new", "acme", "--force", "--auth", "basic")
    assert "kind: basic" in path.read_text()
    assert "is a folder" in run("new", "acme", "-o", "specs", status=1).stderr
    (here / "file").write_text("")
    assert "cannot be written" in run("new", "acme", "-o", "file/x.yaml", status=1).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Acme HR"], "acme_hr"),
        (["9lives"], "is no id"),
        (["../acme"], "acme"),
        (["a" * 99], "is no id"),
        (["acme", "--auth", "magic"], "there is no `magic`"),
        (["acme", "--auth", "basic", "--from-openapi", "canary.json"], "the source tells"),
        (["acme", "--from-har", "canary.json", "--from-openapi", "canary.json"], "from a recording"),
    ],
)
def test_commands_that_are_wrong(here: Path, words: list[str], said: str):
    ran = run("new", *words, status=2)
    assert said in " ".join(ran.stderr.replace("│", " ").split())
    assert not (here / "specs").exists()


@pytest.mark.parametrize(
    ("option", "content", "place"),
    [
        ("--from-openapi", '{"openapi": "3.0.0",\n "paths": {]}', "source:2:12: A600"),
        ("--from-openapi", "openapi: 3.0.0\npaths:\n  - x\n y: 1", "source:4:2: A600"),
        ("--from-openapi", '{"openapi": "3.0.0"}', "source:1:1: A600"),
        ("--from-openapi", '{"openapi": "3.0.0", "paths": {}}', "source:1:1: N703"),
        ("--from-har", '{"log": {"entries": [\n}', "source:2:1: N701"),
        ("--from-har", None, "source:1:1: N701"),
    ],
)
def test_sources_that_are_broken(here: Path, option: str, content: str | None, place: str):
    if content is not None:
        (here / "source").write_text(content)
    assert place in run("new", "acme", option, "source", status=1).stderr
    assert json.loads(run("new", "acme", option, "source", "--json", status=1).stdout)["diagnostics"][0]["code"] == place[-4:]
    assert not (here / "specs").exists()
