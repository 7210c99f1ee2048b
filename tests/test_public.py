"""The names that a program may use: these and no others, each explained, and each doing what its explanation says."""

import asyncio
import inspect
import pydoc
from pathlib import Path
from typing import Any

import pytest

import ferrule
from app import AppWire, Asked, answer
from ferrule.http import Response

NAMES = [
    "load", "Connector", "Instance", "Page", "Result", "PlannedRequest", "FileTokens", "explain", "permissions",
    "Diagnostic", "SpecError",
    "FerruleError", "BadInput", "CallError", "CredentialError", "RateLimited", "InvalidPageToken", "UnexpectedAnswer",
]  # fmt: skip
SPEC = """ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {region: {enum: [us, eu], default: us}}
auth: {key: {kind: header, name: X-Key}, login: {kind: basic}}
http: {base_url: "https://{{ settings.region }}.acme.example"}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: {kind: cursor, next: body.next, param: after}
    records: body.users
    record: {integration_specific_id: id}
    scopes: [read:users]
  create_account:
    request: {post: /users, json: {name: "{{ inputs.username }}", key: "{{ credential.token }}"}}
    record: {id: id, status: {value: ACTIVE}}
    verify: {request: {get: /users}, until: body.users}
"""


def acme(asked: Asked) -> Response:
    if asked.method == "POST":
        return answer({"id": "u9"})
    return answer({"users": [{"id": "u2"}]} if asked.one("after") else {"users": [{"id": "u1"}], "next": "x"})


@pytest.fixture
def connector(tmp_path: Path) -> ferrule.Connector:
    (tmp_path / "acme.yaml").write_text(SPEC)
    return ferrule.load(tmp_path / "acme.yaml")


@pytest.fixture
def wire() -> AppWire:
    return AppWire(acme)


def members(kind: type) -> list[str]:
    """What a class has for a program: neither private, nor inherited from Python."""
    inherited = {name for base in (object, Exception) for name in dir(base)}
    return [name for name in dir(kind) if not name.startswith("_") and name not in inherited]


def test_the_names():
    assert ferrule.__all__ == NAMES
    scope: dict[str, Any] = {}
    exec("from ferrule import *", scope)
    assert scope.keys() - {"__builtins__"} == set(NAMES)
    with pytest.raises(AttributeError, match="module `ferrule` has no attribute `connect`"):
        ferrule.connect  # noqa: B018


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_explained(name: str):
    found = getattr(ferrule, name)
    said = inspect.getdoc(found)
    assert said and not said.startswith(f"{name}("), "a docstring of its own, not the one that dataclasses write"
    assert said.splitlines()[0] in pydoc.plain(pydoc.render_doc(found))


def test_every_method_is_explained():
    for kind in (ferrule.Connector, ferrule.Instance, ferrule.Page, ferrule.Result):
        for name in members(kind):
            member = inspect.getattr_static(kind, name)
            if callable(member) or isinstance(member, property):
                assert inspect.getdoc(member), f"{kind.__name__}.{name}"


def test_what_a_connector_and_an_instance_can_do():
    assert members(ferrule.Connector) == ["capabilities", "id", "instance", "plan", "unauthenticated"]
    assert members(ferrule.Instance) == ["acall", "aclose", "awalk", "call", "close", "heed", "limits", "plan_call", "walk"]


def test_the_tree_of_errors():
    for error in (ferrule.BadInput, ferrule.CallError):
        assert issubclass(error, ferrule.FerruleError)
    for error in (ferrule.CredentialError, ferrule.RateLimited, ferrule.InvalidPageToken, ferrule.UnexpectedAnswer):
        assert issubclass(error, ferrule.CallError)
    assert not issubclass(ferrule.SpecError, ferrule.FerruleError), "a broken spec is no failed call"


# load


def test_load(connector: ferrule.Connector):
    assert connector.id == "acme"
    derived = {"app_info", "connected_info", "info", "list_connector_app_ids", "probe_integration", "validate_credential_config"}
    assert connector.capabilities == sorted({*derived, "create_account", "list_accounts"})
    assert ferrule.load("jupyterhub").id == "jupyterhub"


def test_load_of_what_is_no_spec(tmp_path: Path):
    with pytest.raises(ferrule.BadInput, match="there is no connector `jupyter`") as missing:
        ferrule.load("jupyter")
    assert missing.value.hint == "did you mean `jupyterhub`?"
    (tmp_path / "acme.yaml").write_text(SPEC.replace("body.users", "users").replace("kind: cursor", "kind: cursors"))
    with pytest.raises(ferrule.SpecError) as broken:
        ferrule.load(tmp_path / "acme.yaml")
    (found,) = broken.value.diagnostics
    assert isinstance(found, ferrule.Diagnostic)
    assert (found.code.id, found.span.line, found.span.column, found.hint) == ("S204", 9, 19, "did you mean `cursor`?")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"credential": {"tokn": "x"}}, "the credential does not fit `header`: it has no field `tokn`; `token` is missing"),
        ({"credential": {"token": "x"}, "auth": "logn"}, "`acme` has no auth `logn`"),
        ({"credential": {"token": "x"}, "settings": {"region": "de"}}, "setting `region` must be one of us, eu"),
        ({}, "`token` is missing"),
    ],
)
def test_an_instance_that_cannot_be(connector: ferrule.Connector, given: dict[str, Any], message: str):
    with pytest.raises(ferrule.BadInput) as refused:
        connector.instance(**given)
    assert message in refused.value.message


# an instance


def test_calls_and_walks(connector: ferrule.Connector, wire: AppWire):
    with connector.instance({"token": "t"}, {"region": "eu"}, wire=wire) as acme:
        assert acme.auth_name == "key"
        pages = list(acme.walk("list_accounts"))
        assert [[record.integration_specific_id for record in page.records] for page in pages] == [["u1"], ["u2"]]
        assert all(isinstance(page, ferrule.Page) for page in pages) and pages[1].token is None
        (last,) = acme.walk("list_accounts", page_token=pages[0].token)
        assert last == pages[1]
        first = acme.call("list_accounts", page_size=1)
        assert isinstance(first, ferrule.Result)
        assert (len(first.response), first.page_token, first.changed, first.error) == (1, pages[0].token, None, None)
        made = acme.call("create_account", {"username": "ada", "entitlements": []})
        assert (made.response.id, made.changed) == ("u9", True)
    assert wire.asked[0].url == "https://eu.acme.example/users"


def test_within_a_running_loop_a_call_says_what_to_do(connector: ferrule.Connector, wire: AppWire):
    async def main() -> None:
        acme = connector.instance({"token": "t"}, wire=wire)
        for work in (lambda: acme.call("list_accounts"), lambda: next(acme.walk("list_accounts"))):
            with pytest.raises(ferrule.FerruleError, match="an event loop is running here") as refused:
                work()
            assert refused.value.hint == "await `acall` or iterate `awalk` instead"
        assert wire.asked == []

    asyncio.run(main())


def test_within_a_running_loop_calls_are_awaited(connector: ferrule.Connector, wire: AppWire):
    async def main() -> None:
        acme = connector.instance({"token": "t"}, wire=wire)
        result = await acme.acall("list_accounts")
        assert [record.integration_specific_id for record in result.response] == ["u1", "u2"]
        assert [len(page.records) async for page in acme.awalk("list_accounts")] == [1, 1]
        await acme.aclose()

    asyncio.run(main())


def test_a_plan_sends_nothing_and_shows_no_secret(connector: ferrule.Connector, wire: AppWire):
    with connector.instance({"token": "canary"}, wire=wire) as acme:
        write, check = acme.plan_call("create_account", {"username": "ada", "entitlements": []})
        assert isinstance(write, ferrule.PlannedRequest)
        assert (write.method, write.url, write.body) == ("POST", "https://us.acme.example/users", {"name": "ada", "key": "***"})
        assert (write.headers["x-key"], write.origin.line) == ("***", 14)
        assert (check.method, check.note) == ("GET", "to verify, until body.users")
        assert "canary" not in repr([write, check])
        assert [planned.note for planned in acme.plan_call("list_accounts")] == ["page after page"]
        assert acme.plan_call("info") == []
        with pytest.raises(ferrule.BadInput, match="has no capability"):
            acme.plan_call("list_acounts")
    assert wire.asked == []


def test_a_plan_that_cannot_be_written_says_so(tmp_path: Path, wire: AppWire):
    (tmp_path / "acme.yaml").write_text(SPEC.replace("post: /users", 'post: "/users/{{ inputs.email }}"'))
    acme = ferrule.load(tmp_path / "acme.yaml").instance({"token": "t"}, wire=wire)
    with pytest.raises(ferrule.BadInput, match=r"`POST /users/.*` cannot be written: null has no text form") as refused:
        acme.plan_call("create_account", {"entitlements": []})
    assert "acme.yaml:14:21" in (refused.value.hint or "")


# what can be read off a connector


def test_explain(connector: ferrule.Connector):
    shown = ferrule.explain(connector.plan, "list_accounts")
    assert shown.startswith("# acme: list_accounts (read, paged)\n")
    assert "list_accounts:\n  parts:\n" in shown, "the long form"
    assert ferrule.explain(connector.plan, "info") == "# acme: info (describe)\n# follows from the spec, and needs no request\n"
    with pytest.raises(ferrule.BadInput, match="`acme` has no capability `list_acounts`"):
        ferrule.explain(connector.plan, "list_acounts")


def test_permissions(connector: ferrule.Connector):
    manifest = ferrule.permissions(connector.plan)
    assert (manifest.app, manifest.hosts) == ("acme", ("https://{{ settings.region }}.acme.example",))
    assert [(p.capability, p.method, p.path, p.purpose) for p in manifest.requests] == [
        ("create_account", "GET", "/users", "verify"),
        ("create_account", "POST", "/users", ""),
        ("list_accounts", "GET", "/users", ""),
    ]
    assert manifest.scopes == (("list_accounts", "read:users"),)
    assert ferrule.permissions(connector.plan) == manifest
