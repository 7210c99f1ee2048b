"""Signatures that others make or check: the standards' own examples, another library over any request, a recording played again.

The kinds' cases are in test_auth.py; what a server says of them, in tests/live.
"""

import asyncio
import hashlib
import hmac
import re
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from urllib.request import parse_http_list, parse_keqv_list

import pytest
from authlib.oauth1.rfc5849.signature import construct_base_string
from authlib.oauth1.rfc5849.util import escape
from hypothesis import given
from hypothesis import strategies as st

import ferrule
from app import Asked, answer
from ferrule.auth import oauth1
from ferrule.auth.signing import Draft
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.encoding import encode
from ferrule.http import Request, Response
from ferrule.record import Question, record
from ferrule.refusal import secrets_of
from ferrule.replay import replay_cassette
from ferrule.secret import Secret, reveal
from ferrule.wire.canned import CannedWire, response
from served import served
from virtual_time import Clock, run

OAUTH1 = {"consumer_key": "ck-1", "consumer_secret": "s3cret&consumer", "token_id": "t-1", "token_secret": "s3cret token"}
AWS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session_token": "s3ssion/+=token"}
SPEC = """
ferrule: 1
app: {{id: acme, name: Acme, vendor_domain: acme.example}}
auth: {{way: {auth}}}
http: {{base_url: "https://api.acme.example", headers: {{Accept: application/json}}}}
capabilities:
  list_accounts:
    request: {{get: /users}}
    pages: {{kind: offset, param: start, size: 2, size_param: "page[size]"}}
    records: body.users
    record: {{integration_specific_id: id}}
  activate_account:
    request: {{post: "/users/{{{{ inputs.account_id }}}}/on", form: {{reason: "new, & [good]"}}, repeatable: true}}
    record: {{activated: "`true`", status: {{value: ACTIVE}}}}
"""
WAYS = {"{kind: oauth1, realm: acme}": OAUTH1, "{kind: aws_sigv4, service: iam, region: us-east-1}": AWS}


def connector(auth: str) -> Connector:
    return Connector(compile_text(SPEC.format(auth=auth)))


# OAuth 1


def draft(request: Request, time: float = 137131202, nonce: str = "chapoH") -> Draft:
    made = Draft(request, *encode(request), time)
    vars(made)["nonce"] = nonce
    return made


def test_the_photos_of_the_standard():
    """RFC 5849, section 1.2: the last request of the example, with the header's parameters as they are there."""
    request = Request("GET", "http://photos.example.net/photos", query=(("file", "vacation.jpg"), ("size", "original")))
    parameters = [
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131202"),
        ("oauth_nonce", "chapoH"),
    ]
    found = oauth1.signature("HMAC-SHA1", draft(request), parameters, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    assert found == unquote("MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D")


def test_the_base_string_of_the_standard():
    """RFC 5849, section 3.4.1.1: parameters of a query, of a form and of the header, encoded and sorted."""
    url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    made = Draft(Request("POST", url), b"c2&a3=2+q", "application/x-www-form-urlencoded", 137131201)
    parameters = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ]
    assert oauth1.base_string(made, parameters) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26"
        "oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
        "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def verified(request: Request, credential: dict[str, str]) -> bool:
    """Whether the signature on a request is what another library makes of it, as a server would: from the header alone."""
    header = next(reveal(value) for name, value in request.headers if name == "Authorization")
    told = dict(re.findall(r'(\w+)="([^"]*)"', header))
    signature = unquote(told["oauth_signature"])
    assert unquote(told["oauth_consumer_key"]) == credential["consumer_key"]
    assert unquote(told["oauth_token"]) == credential["token_id"]
    _, content_type = encode(request)
    form = reveal(request.body).items() if content_type == "application/x-www-form-urlencoded" else ()
    parameters = [(name, reveal(value)) for name, value in (*request.query, *form)]
    text = construct_base_string(request.method, request.url, [*parameters, *told.items()])
    key = f"{escape(credential['consumer_secret'])}&{escape(credential['token_secret'])}".encode()
    algorithm = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256, "HMAC-SHA512": hashlib.sha512}[told["oauth_signature_method"]]
    return b64encode(hmac.digest(key, text.encode(), algorithm)).decode() == signature


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6)
NAMED = st.lists(st.tuples(PLAIN.filter(bool), PLAIN), max_size=4)
SECRETS = st.fixed_dictionaries(dict.fromkeys(OAUTH1, PLAIN.filter(bool)))


@given(
    method=st.sampled_from(["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"]),
    verb=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    address=st.sampled_from(
        ["https://api.acme.example/a%20b/c", "http://API.acme.example:8080/x", "https://acme.example:443/", "https://a.b"]
    ),
    query=NAMED,
    form=NAMED,
    credential=SECRETS,
)
def test_another_library_makes_the_same_signature(method: Any, verb: str, address: str, query: Any, form: Any, credential: Any):
    auth = oauth1.OAuth1(method, None)
    body: dict[str, Any] = {"body": dict(form), "kind": "form"} if verb != "GET" else {}
    request = Request(verb, address, tuple(query), **body)
    signed = auth.sign(Draft(request, *encode(request), 1_800_000_000), {"credential": credential, "settings": {}}, None)
    assert verified(signed, credential)
    assert {str(value) for _, value in signed.headers} == {"***"}


# each kind, in an exchange


BOTH = pytest.mark.parametrize(("auth", "credential"), WAYS.items(), ids=["oauth1", "aws_sigv4"])


@BOTH
def test_each_try_is_signed_anew(auth: str, credential: dict[str, str]):
    """After a wait the moment is another one, and so is what is signed with it."""
    wire = CannedWire([response(503, headers={"Retry-After": "7"}), response(json={"users": [{"id": "1"}]}), response(json={"users": []})])

    async def main() -> list[str]:
        instance = connector(auth).instance(credential, wire=wire, clock=Clock())
        return [account.integration_specific_id for account in (await instance.acall("list_accounts")).response]

    assert run(main()) == ["1"]
    first, second = ({name: reveal(value) for name, value in sent.request.headers} for sent in wire.sent[:2])
    assert first["Authorization"] != second["Authorization"]
    if "oauth1" in auth:
        told = [dict(re.findall(r'(\w+)="([^"]*)"', headers["Authorization"])) for headers in (first, second)]
        assert told[0]["oauth_nonce"] != told[1]["oauth_nonce"]
        assert int(told[1]["oauth_timestamp"]) - int(told[0]["oauth_timestamp"]) >= 7
        assert all(verified(sent.request, credential) for sent in wire.sent[:2])
    else:
        assert (first["X-Amz-Date"], second["X-Amz-Date"][:13]) == ("20270115T080000Z", "20270115T0800")


@BOTH
def test_a_recording_is_played_again_at_another_time(auth: str, credential: dict[str, str]):
    """Nothing that is different each time is kept, and no secret is."""
    app = connector(auth)
    wire = CannedWire([response(json={"users": [{"id": "1"}]}), response(json={"users": []})])
    asked = [Question("list_accounts", {}, 2, walk=True)]
    made = asyncio.run(record(app, asked, application="Acme", command="x", credential=credential, wire=wire))
    kept = str([interaction.request for interaction in made.interactions])
    shown = ("consumer_key", "token_id", "access_key_id")
    secrets = [value for name, value in credential.items() if name not in shown]
    secrets += [reveal(value) for name, value in wire.sent[0].request.headers if name != "Accept"]
    assert len(secrets) >= 3
    assert [secret for secret in secrets if secret in kept] == []
    report = asyncio.run(replay_cassette(app.plan, made, Path("acme.yaml")))
    assert report.passed, report


@BOTH
def test_a_plan_shows_that_it_is_signed(auth: str, credential: dict[str, str]):
    planned = connector(auth).instance(credential).plan_call("activate_account", {"account_id": "7"})
    assert [request.headers["authorization"] for request in planned] == ["***"]


def test_without_botocore_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "botocore.auth", None)
    instance = connector("{kind: aws_sigv4, service: iam, region: us-east-1}").instance(AWS, wire=CannedWire([]))
    with instance, pytest.raises(ferrule.BadInput) as caught:
        instance.call("list_accounts")
    assert (caught.value.message, caught.value.hint) == ("`aws_sigv4` needs botocore", "install the extra: `pip install 'ferrule[aws]'`")


# Digest


def test_digest_counts_its_requests_and_takes_another_nonce():
    """A server that takes each nonce for two requests, with their numbers in order, and checks the proof with Python's hashlib."""
    known: dict[str, int] = {}
    digest = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731

    def app(asked: Asked) -> Response:
        told = parse_keqv_list(parse_http_list(asked.headers.get("authorization", "").removeprefix("Digest ")))
        nonce, number = told.get("nonce", ""), int(told.get("nc", "0"), 16)
        proof = ":".join(
            (
                digest('ann:a@b:s3cret, "x"'),
                nonce,
                told.get("nc", ""),
                told.get("cnonce", ""),
                "auth",
                digest(f"{asked.method}:{asked.url}"),
            )
        )
        if told.get("response") == digest(proof) and told["uri"] == asked.url and known.get(nonce) == number - 1 and number < 3:
            known[nonce] = number
            return answer({"users": [{"id": f"{nonce}-{number}"}] if int(asked.one("start")) < 5 else []})
        known[f"n{len(known)}"] = 0
        return answer("no", 401, {"WWW-Authenticate": f'Digest realm="a@b", nonce="n{len(known) - 1}", qop="auth", algorithm=SHA-256'})

    spec = SPEC.format(auth="{kind: digest}").replace("https://api.acme.example", "{url}")
    with served(app) as live:
        app_ = Connector(compile_text(spec.replace("{url}", live.url)))
        with app_.instance({"username": "ann", "password": 's3cret, "x"'}) as instance:
            found = [account.integration_specific_id for page in instance.walk("list_accounts") for account in page.records]
        with app_.instance({"username": "ann", "password": "wrong"}) as instance, pytest.raises(ferrule.CallError) as caught:
            instance.call("list_accounts")
    # A refused request names a nonce too; the one that is used was asked for.
    assert found == ["n0-1", "n0-2", "n2-1", "n2-2", "n4-1"]
    assert caught.value.code.name == "unauthorized"


def test_a_nonce_is_kept_in_no_file(tmp_path: Path):
    """Its uses are counted in one process; a token that another login gave would serve in any."""
    tokens = ferrule.FileTokens(tmp_path)
    refused = response(401, headers={"WWW-Authenticate": 'Digest realm="a", nonce="n0", qop="auth"'})
    wire = CannedWire([refused, response(json={"users": []})])
    with connector("{kind: digest}").instance({"username": "ann", "password": "s3cret"}, wire=wire, tokens=tokens) as instance:
        assert instance.call("list_accounts").response == []
    assert list(tmp_path.rglob("*")) == []


# what an app may quote


@BOTH
def test_an_app_that_quotes_what_it_was_sent_gives_nothing_away(auth: str, credential: dict[str, str]):
    def quoting(request: Request) -> Response:
        return response(403, json={"message": " ".join(str(reveal(value)) for _, value in request.headers) + " ".join(credential.values())})

    spec = SPEC.format(auth=auth).replace("http: {", "http: {error_message: body.message, retry: {attempts: 1}, ")
    wire = CannedWire([quoting])
    with Connector(compile_text(spec)).instance(credential, wire=wire) as instance, pytest.raises(ferrule.CallError) as caught:
        instance.call("list_accounts")
    sent = {reveal(value) for name, value in wire.sent[0].request.headers if name != "Accept"}
    told = f"{caught.value} {caught.value.app_message}"
    assert "***" in told
    assert [
        text
        for text in (
            *sent,
            *(credential[name] for name in credential if name.endswith(("secret", "key", "token")) and name != "consumer_key"),
        )
        if text in told
    ] == []


def test_a_date_that_is_sent_as_a_secret_hides_no_other_text():
    """Of `Bearer x`, what follows the scheme is a secret too; of a date, the zone is none."""
    request = Request(
        "GET", "https://a.example", headers=(("Date", Secret("Fri, 15 Jan 2027 08:00:00 -0000")), ("A", Secret("Bearer t0ken")))
    )
    assert secrets_of({}, request=request) == {"Fri, 15 Jan 2027 08:00:00 -0000", "Bearer t0ken", "t0ken"}
