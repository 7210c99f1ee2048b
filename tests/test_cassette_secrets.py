"""No secret is written into a cassette, in whatever form it passes by."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
import yaml

import virtual_time
from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.http import Request, Response
from ferrule.record import Question, RecordingWire, save
from ferrule.replay import replay
from ferrule.secret import MASK, Secret, is_secret_name
from ferrule.wire.canned import CannedWire
from ferrule.wire.cassette_file import Expected, load_cassette, written
from ferrule.wire.kept import Redaction, kept_response
from jose import NAMES
from tape import ACCOUNTS, BASE, CREDENTIALS, MEMBERS, PASSWORD, PLAN, SPEC, TOKEN, Acme, recorded

SECRETS = {
    "token": [TOKEN],
    "basic": [PASSWORD, f"admin:{PASSWORD}"],
    "key": [PASSWORD],
    "cookie": [TOKEN],
    "login": [PASSWORD, f"s/{TOKEN}"],
    "form_login": [PASSWORD, TOKEN],
    "signed": [NAMES["<RSA key>"]],
    "saml": [NAMES["<RSA key>"], TOKEN],
    "account": [NAMES["<RSA key>"], TOKEN],
}


def every_form(secret: str) -> list[str]:
    in_json = json.dumps(secret)[1:-1]
    in_base64 = base64.b64encode(secret.encode()).decode()
    urls = [quote(secret, safe=""), quote_plus(secret)]
    return [secret, *urls, in_json, in_json.replace("/", "\\/"), escape(secret, {'"': "&quot;"}), in_base64, in_base64.rstrip("=")]


@pytest.mark.parametrize("auth", CREDENTIALS)
def test_no_form_of_a_credential_is_written(auth: str):
    """The app repeats all that it is told, and all that it told, in every way that text can hold it."""
    forms = [form for secret in SECRETS[auth] for form in every_form(secret)]

    def echo(asked: Asked) -> Response:
        if asked.method == "POST":
            return Acme()(asked)
        users = [{"id": f"u{i}", "email": form} for i, form in enumerate(forms)]
        return answer(
            {"items": users, "next": None}, headers={"Location": asked.url, "Link": f"<{asked.url}>; rel=self", "X-Echo": forms[0]}
        )

    cassette = recorded(ACCOUNTS, auth=auth, wire=AppWire(echo))
    file = "\n".join(map(str, leaves(yaml.safe_load(written(cassette)))))
    assert [form for form in forms if form in file] == []
    records = cassette.ferrule.calls[0].expect.records or []
    assert all(MASK in record["email"] for record in records)


def leaves(value: Any) -> Iterator[Any]:
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from leaves(item)
    if not isinstance(value, dict | list):
        yield value


@pytest.mark.parametrize("auth", CREDENTIALS)
def test_every_way_in_is_replayed_without_the_credential(auth: str, tmp_path: Path):
    save(recorded(ACCOUNTS, MEMBERS, auth=auth), path := tmp_path / "acme.yaml")
    report = replay(PLAN, path)
    assert report.passed, report
    assert sum(call.requests for call in report.calls) == len(load_cassette(path).interactions)


NAMES = """
password Password user_password passwd password_hash passphrase client_secret clientSecret SecretAccessKey private_key client_assertion
access_token accessToken refresh_token id_token token sessionToken csrf_token api_key apikey X-Api-Key X-Auth-Token X-Vault-Token
Authorization Proxy-Authorization Cookie Set-Cookie
"""
OTHER_NAMES = """
next_token nextToken page_token nextPageToken continuation_token sync_token cursor password_last_changed password_policy public_key key
userKey AccessKeyId token_type expires_in session email sid secretary tokens author keyword
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_names_of_secrets(name: str):
    assert is_secret_name(name)
    redaction = Redaction()
    assert redaction.value({name: "s3"}) == {name: MASK}
    assert redaction.address(f"https://acme.example/?{name}=s3&a=1") == f"https://acme.example/?{name}={MASK}&a=1"
    for body, masked in (
        (f'{{"a": ["x", ":"], "{name}" : "s\\"3", "b": 1}}', f'{{"a": ["x", ":"], "{name}" : "{MASK}", "b": 1}}'),
        (f'{{"{name}": ["s3", "s]4"], "b": []}}', f'{{"{name}": ["{MASK}", "{MASK}"], "b": []}}'),
        (f'{{"{name}": "", "b": {{"{name}": null}}}}', f'{{"{name}": "", "b": {{"{name}": null}}}}'),
        (f"<a><n:{name} x='1'>s3</n:{name}></a>", f"<a><n:{name} x='1'>{MASK}</n:{name}></a>"),
    ):
        assert redaction.text(body) == masked
    assert redaction.text(f"{name}=s3") == f"{name}=s3", "prose is no form"


@pytest.mark.parametrize("name", OTHER_NAMES.split())
def test_names_of_what_is_no_secret(name: str):
    assert not is_secret_name(name)
    assert Redaction().text(f'{{"{name}": "s3"}}') == f'{{"{name}": "s3"}}'


def test_a_secret_is_found_in_a_body_of_another_charset():
    content = f"grüße {TOKEN}".encode("latin-1")
    kept = kept_response(Response(200, {"content-type": "text/plain; charset=ISO-8859-1"}, content), frozenset(), Redaction([TOKEN]))
    assert kept.body.string == "grüße ***".encode("latin-1")
    kept = kept_response(
        Response(200, {"content-type": "text/plain; charset=utf-16"}, TOKEN.encode("utf-16")), frozenset(), Redaction([TOKEN])
    )
    assert kept.body.string == "***".encode("utf-16") or kept.response("").content.decode("utf-16") == MASK


def test_only_headers_that_matter_are_kept():
    spec = SPEC.replace('headers."set-cookie"', "body.sid").replace("body.next,", 'headers."x-next",')
    spec = spec.replace("retry: {", 'error_code: headers."X-Code", retry: {')

    def app(asked: Asked) -> Response:
        made = Acme()(asked)
        following = json.loads(made.content)["next"]
        return answer(
            json.loads(made.content),
            headers={**made.headers, **({"X-Next": following} if following else {}), "X-Code": "7", "ETag": "e", "X-Request-Id": "r"},
        )

    cassette = recorded(ACCOUNTS, wire=AppWire(app), plan=compile_text(spec))
    assert [sorted(each.response.headers) for each in cassette.interactions] == [["content-type", "x-code", "x-next"]] * 2 + [
        ["content-type", "x-code"]
    ]
    assert "now" not in written(cassette)


def test_inputs_and_answers_of_a_write_hold_no_password():
    cassette = recorded(
        Question("create_account", {"email": "a@acme.example", "password": "s3cret-s3cret", "entitlements": []}), run=virtual_time.run
    )
    assert "s3cret" not in written(cassette)
    call = cassette.ferrule.calls[0]
    assert call.inputs == {"email": "a@acme.example", "password": MASK, "entitlements": []}
    assert call.expect == Expected(record={"id": "u9", "status": "ACTIVE", "created": True}, changed=True)
    assert cassette.interactions[0].request.body == '{"email":"a@acme.example","password":"***"}'


def test_a_password_that_is_asked_for_is_masked_where_the_app_repeats_it():
    app = AppWire(lambda asked: answer({"message": f"{asked.body['password']} is too short"}, 400))
    password = "s3cret-s3cret"
    cassette = recorded(Question("create_account", {"email": "a@acme.example", "password": password, "entitlements": []}), wire=app)
    assert password not in written(cassette)
    assert cassette.interactions[0].response.body.string == '{"message": "*** is too short"}'


@pytest.mark.parametrize(
    "token",
    [
        "-----BEGIN RSA PRIVATE KEY-----\\nMIIabc+/=\\n-----END RSA PRIVATE KEY-----", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.c2ln",
        "ghp_0123456789abcdefghij", "github_pat_0123456789_abcdefgh", "glpat-0123456789abcdefghij", "xoxb-0123456789-abcdefghij",
        "sk_live_0123456789abcdef", "whsec_0123456789abcdef", "syt_YW5u_0123456789abcdef_1x2y3z",
    ],
)  # fmt: skip
def test_tokens_that_look_like_it_are_masked(token: str):
    assert Redaction().text(f'{{"note": "use {token}, or\\n{token}"}}') == '{"note": "use ***, or\\n***"}'
    assert Redaction().text("https://hooks.slack.com/services/T0123/B0123/abcdefgh") == "https://hooks.slack.com/services/***"


@pytest.mark.parametrize("text", ["AKIAIOSFODNN7EXAMPLE", "whsec_", "eyJsYXN0IjoxfQ", "sk_live", "xox", "agghp_0123456789abcdefghij"])
def test_what_only_begins_so_stays(text: str):
    assert Redaction().text(f'{{"id": "{text}"}}') == f'{{"id": "{text}"}}'


def test_a_cookie_that_the_spec_reads_is_kept_without_its_value():
    cassette = recorded(ACCOUNTS, auth="form_login")
    assert cassette.interactions[0].response.headers["set-cookie"] == ["sid=***; Path=/", "theme=***"]
    assert cassette.interactions[0].request.body == "user=***&password=***"


def test_a_user_name_is_no_secret():
    """It is masked where a credential is sent, and nowhere else: many an account is called `admin`."""
    app = AppWire(lambda asked: Acme()(asked) if asked.method == "POST" else answer({"items": [{"id": "admin"}], "next": None}))
    cassette = recorded(ACCOUNTS, auth="form_login", wire=app)
    assert cassette.ferrule.credential == {"username": "admin", "password": MASK}
    assert cassette.ferrule.calls[0].expect.records == [{"integration_specific_id": "admin"}]


def test_the_recording_wire_gives_nothing_secret_before_the_end_either():
    wire = RecordingWire(CannedWire([Response(200, {}, b'{"session": "s-0123456789"}'), Response(200, {}, b"{}")]))
    for request in (Request("GET", BASE), Request("GET", BASE, headers=(("X-Session", Secret("s-0123456789")),))):
        asyncio.run(wire.send(request, None, None))
    assert [each.response.body.string for each in wire.interactions()] == ['{"session": "***"}', "{}"]
    assert "s-0123456789" not in repr(wire)


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", BASE, body={"grant": [Secret("s-0123456789")]}, kind="form"),
        Request("POST", BASE, body=Secret("s-0123456789"), kind="text"),
        Request("POST", BASE, query=(("code", Secret("s-0123456789")),)),
        Request("POST", BASE, headers=(("Cookie", Secret("a=1; sid=s-0123456789")),)),
        Request("POST", BASE, headers=(("X-Sign", Secret("Scheme s-0123456789")),)),
    ],
    ids=["form", "text", "query", "cookie", "header"],
)
def test_a_secret_is_known_wherever_a_request_carries_it(request_: Request):
    redaction = Redaction()
    redaction.learn(request_)
    assert redaction.text("it was s-0123456789") == "it was ***"


def test_what_a_string_of_json_says_is_looked_at():
    """The same characters can be written in many ways."""
    assert Redaction(["pä/ss"]).text('{"a": "\\u0070\\u00E4\\/\\u0073s", "b": "\\u00e4"}') == '{"a": "***", "b": "\\u00e4"}'
    assert Redaction(["pä/ss"]).text('no "\\json" at all') == 'no "\\json" at all'
