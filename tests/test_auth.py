"""Every file under cases/auth gives an auth and a credential, and says what is sent and what comes of it.

    about       what the case shows
    auth        what the spec says
    parts       other entries of the spec, for an auth that combines them
    settings, credential
    logins      one login after the other, each with the grant of the one before: its `exchange`, then `grant` or `error`;
                `null` where there is nothing to log in with
    request     the request that the credential is put on; without it `GET /users`. A `base_url` of its own is kept
    signed      the moment it is signed at, in Unix time, and the nonce
    presents    the client certificate that the connection is opened with
    sends       that request on the wire: method and address, `query`, `headers`, and the body by its kind
    shown       its address as it is shown
    fails       a part of the message, where the credential cannot be put on it

A step of an exchange has what is sent and the `answer`; or it `keeps` a grant that is told on the way. A `grant` has
all that is not empty; `in` is its length in seconds. An `error` has its code and its message; `at` is the text in the
case that it points to, and `retry` whether trying again is worth it.

`jose.py` says how a case names a key, and how it writes a token that is signed with it.

Files under cases/auth_findings are values of `auth:` whose lines are marked with the codes they report, as `marks.py` reads them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from ferrule.auth import Auth, AuthSpec, Grant, Login
from ferrule.auth.combined import joined
from ferrule.auth.credential import open_credential
from ferrule.auth.mtls import Presenter
from ferrule.auth.signing import Draft, Signer
from ferrule.compile import compile_text
from ferrule.compile.compiler import SpecCompiler
from ferrule.diagnostics import Span, SpecError
from ferrule.encoding import encode
from ferrule.errors import CallError, call_error
from ferrule.http import Answer, Request
from ferrule.outcome import Verdicts
from ferrule.request import Call, RequestSpec, truth
from ferrule.secret import Secret, reveal
from ferrule.source import Text, plain, read
from ferrule.templates import TemplateFailure
from jose import readable, with_keys
from marks import marks, reported
from pages import in_frame

HERE = Path(__file__).parent
FOLDER = HERE / "cases" / "auth"
CASES = sorted(FOLDER.glob("*/*.yaml"))
FINDINGS = sorted((HERE / "cases" / "auth_findings").glob("*.yaml"))
KEYS = {"about", "auth", "parts", "settings", "credential", "logins", "request", "signed", "presents", "sends", "shown", "fails"}
KINDS_OF_AUTH = {get_args(spec.model_fields["kind"].annotation)[0] for spec in get_args(get_args(AuthSpec)[0])}
SPEC: TypeAdapter[Any] = TypeAdapter(AuthSpec)
BASE = "https://api.acme.example"
NOW = 1_000_000.0


def compiled(spec: Any, settings: Mapping[str, Any] | None = None, parts: Mapping[str, Any] | None = None) -> Auth:
    """The auth that `spec` says; a finding fails the test."""
    compiler = SpecCompiler({"settings": list(settings or {}), "session": []})
    auths = joined({name: SPEC.validate_python(each) for name, each in {**(parts or {}), "way": spec}.items()}, compiler)
    assert not compiler.found, compiler.found
    assert list(auths) == ["way"]
    return auths["way"]


def wire(request: Request) -> dict[str, Any]:
    """A request as a case writes it."""
    shown: dict[str, Any] = {request.method.lower(): request.url}
    for name, fields in (("query", request.query), ("headers", request.headers)):
        if fields:
            assert len(dict(fields)) == len(fields)
            shown[name] = {key: readable(reveal(value)) for key, value in fields}
    return shown if request.kind == "none" else {**shown, request.kind: readable(reveal(request.body))}


class Failed(Exception):
    """An answer that is judged to be a failure."""

    def __init__(self, error: CallError, retry: bool) -> None:
        super().__init__(str(error))
        self.error, self.retry = error, retry


def drive(login: Login, exchange: list[dict[str, Any]], requests: list[Request]) -> Grant:
    """Run a login against scripted answers, and hold each request against the script."""
    script = iter(exchange)
    try:
        wanted = next(login)
        while True:
            step = next(script)
            if isinstance(wanted, Grant):
                assert grant_as_written(wanted) == step["keeps"]
                wanted = next(login)
                continue
            requests.append(rendered(wanted))
            assert wire(requests[-1]) == step["sends"]
            try:
                answer = answer_of(step["answer"], wanted)
            except Failed as failed:
                wanted = thrown(login, failed)
            else:
                wanted = login.send(answer)
    except StopIteration as end:
        assert next(script, None) is None, "the login asked less than its case says"
        assert isinstance(end.value, Grant)
        return end.value


def thrown(login: Login, failed: Failed) -> Call | Grant:
    """What the login wants after a failure, if it does not end with it."""
    try:
        return login.throw(failed.error)
    except CallError:
        raise failed from None


def rendered(call: Call) -> Request:
    address = call.base_url or call.plan.base_url
    request = call.plan.render(address.render(call.scope) if address is not None else BASE, call.scope)
    return call.place(request) if call.place else request


def answer_of(script: dict[str, Any], call: Call) -> Answer:
    """The answer, judged as the runtime judges it."""
    answer = Answer(script.get("status", 200), script.get("headers", {}), script.get("body"))
    failure = Verdicts().judge(answer, call.scope, NOW, call.plan.errors)
    if failure is None or any(truth(accept.find(answer.names(), call.scope)) for accept in call.accept):
        return answer
    words = {"app_message": failure.app_message, "app_code": failure.app_code, "origin": failure.rule or call.plan.origin}
    raise Failed(call_error("refused", failure.code, status=answer.status, **words), failure.retry)


def grant_as_written(grant: Grant) -> dict[str, Any]:
    ends = {"in": grant.expires_at - NOW} if grant.expires_at is not None else {}
    parts = {"token": grant.token, "variables": reveal(grant.variables), "refresh_token": grant.refresh_token, **ends}
    return {name: readable(reveal(value)) for name, value in parts.items() if value or name == "in"}


def text_at(span: Span, text: str) -> str:
    found = text.splitlines()[span.line - 1][span.column - 1 :][: span.length]
    return found[1:-1] if found[0] in "\"'" else found


def check_error(error: CallError, retry: bool | None, expected: dict[str, Any], text: str) -> None:
    assert error.origin is not None
    found = {"code": error.code.name, "message": error.app_message or error.message, "at": text_at(error.origin, text)}
    found |= {name: value for name, value in (("app_code", error.app_code), ("retry", retry)) if value is not None}
    assert found == expected


def run_logins(auth: Auth, scope: Mapping[str, Any], case: dict[str, Any], text: str) -> tuple[Grant | None, list[Any]]:
    """Run every login of a case. Gives the last grant, and all that could leak: requests, grants and errors."""
    grant, seen, requests = None, [], list[Request]()
    for expected in case.get("logins", []):
        login = auth.login(scope, grant, NOW)
        if login is None or expected is None:
            assert login is None and expected is None
            continue
        try:
            grant = drive(login, expected.get("exchange", []), requests)
        except (Failed, CallError) as failed:
            error, retry = (failed.error, failed.retry) if isinstance(failed, Failed) else (failed, None)
            check_error(error, retry, expected["error"], text)
            seen.append(error)
        else:
            assert grant_as_written(grant) == expected["grant"]
            seen.append(grant)
    return grant, [*seen, *requests]


def data_request(case: dict[str, Any]) -> Request:
    spec = RequestSpec.model_validate(case.get("request", {"get": Text("/users")}))
    plan = spec.compile(SpecCompiler({}))
    return plan.render(plan.base_url.text if plan.base_url is not None else BASE, {})


def with_credential(auth: Auth, scope: Mapping[str, Any], grant: Grant | None, case: dict[str, Any]) -> Request:
    """The request as it goes out."""
    request = auth.apply(data_request(case), scope, grant)
    if not isinstance(auth, Signer) or "signed" not in case:
        assert not isinstance(auth, Signer) or auth.kind == "combined"
        return request
    return auth.sign(Draft(request, *encode(request), case["signed"]["time"]), scope, grant)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_case(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ferrule.auth.signing.fresh_nonce", lambda: case["signed"].get("nonce", "n0nce"))
    text = path.read_text("utf-8")
    source = read(text, path.name)
    case = plain(source)
    assert set(case) <= KEYS
    assert case["auth"]["kind"] == path.parent.name
    settings = case.get("settings", {})
    auth = compiled(source["auth"], settings, source.get("parts"))
    scope = {"credential": open_credential(auth, with_keys(case.get("credential", {}))), "settings": settings}
    grant, seen = run_logins(auth, scope, case, text)
    scope |= {"session": grant.session if grant else {}}
    if "fails" in case:
        with pytest.raises(TemplateFailure) as caught:
            with_credential(auth, scope, grant, case)
        assert case["fails"] in str(caught.value)
        seen.append(caught.value)
    identity = auth.identity(scope) if isinstance(auth, Presenter) else None
    assert (identity and identity.certificate) == case.get("presents")
    if "sends" in case:
        request = with_credential(auth, scope, grant, case)
        assert wire(request) == case["sends"]
        assert request.shown_url == case.get("shown", request.shown_url)
        seen.append(request)
    assert seen or case["logins"], "a case says what is sent, or why nothing is"
    check_secrets(seen, scope["credential"], grant)


def check_secrets(seen: list[Any], credential: Mapping[str, Any], grant: Grant | None) -> None:
    """No secret shows where a request, a grant or an error is printed."""
    values = [*credential.values(), *((grant.token, grant.refresh_token) if grant else ())]
    secrets = [value for value in values if isinstance(value, Secret)]
    printed = "\n".join(f"{each!r} {each} {each.shown_url if isinstance(each, Request) else ''}" for each in seen)
    assert [secret.reveal() for secret in secrets if secret.reveal() in printed] == []


def test_every_kind_has_cases():
    assert {path.name for path in FOLDER.iterdir()} == KINDS_OF_AUTH


def test_every_kind_has_a_section_in_the_docs():
    page = (HERE.parent / "docs" / "auth.md").read_text("utf-8")
    assert set(re.findall(r"^## `(\w+)`$", page, re.MULTILINE)) == KINDS_OF_AUTH


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_the_marked_lines_are_reported(path: Path):
    text = in_frame((HERE / "frames" / "auth.yaml").read_text("utf-8"), path.read_text("utf-8"))
    expected = marks(text)
    assert expected
    with pytest.raises(SpecError) as caught:
        compile_text(text, path.name)
    assert reported(caught.value.diagnostics, expected) == expected
