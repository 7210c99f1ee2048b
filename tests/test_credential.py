"""What a caller gives as a credential, and what else the runtime asks of an auth. The kinds themselves: test_auth.py."""

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrule.auth import Auth, CredentialKind
from ferrule.auth.credential import KINDS, open_credential
from ferrule.compile import compile_text
from ferrule.errors import BadInput
from ferrule.http import Request
from ferrule.secret import Secret
from ferrule.source import Text
from ferrule.templates import compile_template
from pages import in_frame

FRAME = (Path(__file__).parent / "frames" / "auth.yaml").read_text("utf-8")
NONE = "{kind: none}"
BEARER = "{kind: bearer}"
BASIC = "{kind: basic}"
KEY = "{kind: header, name: X-Key, fields: {key: Key}}"
TWO = "{kind: headers, headers: {X-Id: '{{ credential.id }}', X-Key: '{{ credential.key }}'}, fields: {id: {secret: false}, key: Key}}"
SESSION = "{kind: session, login: {post: /login}, token: body.token, apply: {header: X-Token}}"
STEPS = """
  kind: session
  base_url: https://login.acme.example
  login:
    - request: {get: /where}
      save: {host: body.host}
    - {get: /first, base_url: "https://{{ settings.region }}.acme.example"}
    - {post: /login, base_url: "https://{{ session.host }}"}
  token: body.token
  apply: {header: X-Token}"""
CLIENT = "{kind: oauth2_client_credentials, token_url: /token}"
REFRESH = "{kind: oauth2_refresh, token_url: /token}"
REFRESH_BASIC = "{kind: oauth2_refresh, token_url: /token, client_auth: basic}"
CLIENT_HOLDS = "it holds `client_id`, `client_secret`, `access_token`, `scopes`"
REFRESH_HOLDS = "it holds `refresh_token`, `client_id`, `client_secret`, `access_token`"


def compiled(spec: str) -> Auth:
    return compile_text(in_frame(FRAME, f"way: {spec}\n")).auths["way"]


@pytest.mark.parametrize(
    ("spec", "given", "opened"),
    [
        (NONE, {}, {}),
        (NONE, {"empty": {}}, {}),
        (BEARER, {"token": "abc"}, {"token": Secret("abc")}),
        (BEARER, {"token": Secret("abc")}, {"token": Secret("abc")}),
        (BEARER, {"id": "acme", "token": {"token": "abc"}}, {"token": Secret("abc")}),
        (BEARER, [{"id": None, "oauth": None, "token": {"token": "abc"}}], {"token": Secret("abc")}),
        (BEARER, {"token": " abc "}, {"token": Secret(" abc ")}),
        (KEY, {"key": "abc"}, {"key": Secret("abc")}),
        (KEY, {"token": {"token": "abc"}}, {"key": Secret("abc")}),
        (TWO, {"id": "me", "key": "abc"}, {"id": "me", "key": Secret("abc")}),
        (TWO, [{"id": "key", "token": {"token": "abc"}}, {"id": "id", "token": {"token": "me"}}], {"id": "me", "key": Secret("abc")}),
        (BASIC, {"basic": {"username": "me", "password": "abc"}}, {"username": "me", "password": Secret("abc")}),
        (SESSION, {"basic": {"username": "me", "password": "abc"}}, {"username": "me", "password": Secret("abc")}),
        (
            CLIENT,
            {"oauth_client_credentials": {"access_token": "abc", "client_id": "me", "client_secret": "def", "scopes": ["a"]}},
            {"access_token": Secret("abc"), "client_id": "me", "client_secret": Secret("def"), "scopes": ["a"]},
        ),
        (CLIENT, {"access_token": "abc"}, {"access_token": Secret("abc"), "client_id": None, "client_secret": None, "scopes": None}),
        (
            REFRESH,
            {"oauth": {"access_token": "abc"}},
            {"access_token": Secret("abc"), "refresh_token": None, "client_id": None, "client_secret": None},
        ),
    ],
)
def test_a_credential_is_opened(spec: str, given: Any, opened: dict[str, Any]):
    assert open_credential(compiled(spec), given) == opened


@pytest.mark.parametrize(
    ("spec", "given", "words", "hint"),
    [
        (NONE, {"token": "abcdef"}, "it has no field `token`", "it holds nothing"),
        (BEARER, {}, "`token` is missing", "it holds `token`"),
        (BEARER, {"token": None}, "`token` is missing", "it holds `token`"),
        (BEARER, {"token": ""}, "`token` is empty", "it holds `token`"),
        (BEARER, {"token": 123456}, "`token` is not text", "it holds `token`"),
        (BEARER, {"token": ["abcdef"]}, "`token` is not text", "it holds `token`"),
        (BEARER, {"token": "abcdef\n"}, "`token` holds a line break", "it holds `token`"),
        (BEARER, {"tokne": "abcdef"}, "it has no field `tokne`; `token` is missing", "did you mean `token`?"),
        (BEARER, {"basic": {"username": "abcdef"}}, "it has no field `username`; `token` is missing", "it holds `token`"),
        (BEARER, {"token": {"tokens": "abcdef"}}, "it has no field `tokens`; `token` is missing", "did you mean `token`?"),
        (BASIC, {"username": "abcdef"}, "`password` is missing", "it holds `username`, `password`"),
        (CLIENT, {}, "`client_id` is missing; `client_secret` is missing", CLIENT_HOLDS),
        (CLIENT, {"access_token": "", "client_id": "abcdef"}, "`client_secret` is missing", CLIENT_HOLDS),
        (CLIENT, {"access_token": "abcdef", "scopes": "abcdef"}, "`scopes` is not a list of texts", CLIENT_HOLDS),
        (REFRESH_BASIC, {"refresh_token": "abcdef", "client_id": "abcdef"}, "`client_secret` is missing", REFRESH_HOLDS),
    ],
)
def test_a_credential_that_does_not_fit_names_every_field_and_no_value(spec: str, given: Any, words: str, hint: str):
    auth = compiled(spec)
    with pytest.raises(BadInput) as caught:
        open_credential(auth, given)
    assert caught.value.message == f"the credential does not fit `{auth.kind}`: {words}"
    assert (caught.value.hint, caught.value.code.name) == (hint, "bad_request")
    assert "abcdef" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("spec", "given", "words"),
    [
        (BEARER, "abcdef", "a credential is a mapping, or a list of mappings"),
        (BEARER, ["abcdef"], "a credential is a mapping, or a list of mappings"),
        (BEARER, [], "`bearer` takes one credential, not 0"),
        (BEARER, [{"token": {"token": "abcdef"}}] * 2, "`bearer` takes one credential, not 2"),
        (BEARER, {"token": {"token": "abcdef"}, "basic": {}}, "a credential is of one kind; this one is `token` and `basic`"),
        (TWO, {"token": {"token": "abcdef"}}, "`headers` takes a credential of the kind `token` for each field, its id one of `id`, `key`"),
        (TWO, [{"id": "key", "basic": {}}], "`headers` takes a credential of the kind `token` for each field, its id one of `id`, `key`"),
    ],
)
def test_a_credential_of_another_shape(spec: str, given: Any, words: str):
    with pytest.raises(BadInput) as caught:
        open_credential(compiled(spec), given)
    assert caught.value.message == words


HEADER = compiled("{kind: header, name: X-Key}")


@given(st.from_regex(r"[ -~]{1,40}", fullmatch=True))
def test_a_token_reaches_the_wire_as_it_was_given(token: str):
    scope = {"credential": open_credential(HEADER, {"token": token}), "settings": {}}
    request = HEADER.apply(Request("GET", "https://api.acme.example/users"), scope, None)
    assert request.headers == (("X-Key", Secret(token)),)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (NONE, "empty"),
        (BEARER, "token"),
        (BASIC, "basic"),
        ("{kind: query, name: key}", "token"),
        ("{kind: cookie, name: key}", "token"),
        (KEY, "token"),
        (TWO, "token"),
        (SESSION, "basic"),
        ("{kind: session, login: {post: /login}, token: body.token, apply: {header: X-Token}, fields: {key: Key}}", "token"),
        (CLIENT, "oauth_client_credentials"),
        ("{kind: jwt, claims: {iss: me}}", "key_pair"),
        ("{kind: jwt, credential: jwt}", "jwt"),
        ("{kind: jwt, fields: {private_key: Key, issuer: Issuer}}", "token"),
        ("{kind: oauth2_jwt_bearer, token_url: 'https://a.example/token', credential: service_account}", "service_account"),
        ("{kind: oauth2_jwt_bearer, token_url: 'https://a.example/token', assertion: {claims: {iss: me}}}", "key_pair"),
        ("{kind: oauth2_jwt_bearer, token_url: 'https://a.example/token', client_auth: post, assertion: {claims: {iss: me}}}", "token"),
        (
            "{kind: oauth2_client_credentials, token_url: /token, client_auth: client_secret_jwt, client_assertion: {claims: {aud: a}}}",
            "oauth_client_credentials",
        ),
        ("{kind: oauth2_password, token_url: /token}", "token"),
        ("{kind: oauth2_password, token_url: /token, client_auth: none}", "basic"),
        ("{kind: oauth2_saml_bearer, token_url: /token, client_auth: none}", "token"),
        (REFRESH, "oauth"),
    ],
)
def test_the_contract_has_a_word_for_every_credential(spec: str, kind: str):
    auth = compiled(spec)
    assert auth.credential_kind == kind
    assert spec.startswith(f"{{kind: {auth.kind}")
    assert set(get_args(CredentialKind)) == KINDS >= {kind}


def test_fields_have_titles():
    spec = "{kind: header, name: X-Key, value: '-', fields: {key: The key, key_id: {secret: false}, pin: {required: false}}}"
    fields = compiled(spec).fields
    assert [(field.name, field.title, field.secret, field.required) for field in fields] == [
        ("key", "The key", True, True),
        ("key_id", "Key id", False, True),
        ("pin", "Pin", True, False),
    ]


@pytest.mark.parametrize(
    ("spec", "origins"),
    [
        (BEARER, []),
        (BASIC, []),
        (SESSION, []),
        (SESSION[:-1] + ', base_url: "https://login.acme.example/v1"}', ["https://login.acme.example/v1"]),
        (STEPS, ["https://login.acme.example", "https://us.acme.example"]),
        (CLIENT, []),
        ('{kind: oauth2_client_credentials, token_url: "https://login.acme.example/v1/token"}', ["https://login.acme.example"]),
        ('{kind: oauth2_refresh, token_url: "{{ settings.login_url }}/token"}', ["https://acme.login.example"]),
        (
            '{kind: oauth2_refresh, token_url: "https://{% if settings.tenant %}eu{% endif %}.acme.example/token"}',
            ["https://eu.acme.example"],
        ),
    ],
)
def test_the_hosts_of_a_login_are_known_before_it_runs(spec: str, origins: list[str]):
    settings = {"login_url": "https://acme.login.example", "tenant": "example", "region": "us"}
    assert [template.render({"settings": settings}) for template in compiled(spec).origins] == origins


@pytest.mark.parametrize(
    ("spec", "requests"),
    [
        (BEARER, []),
        (BASIC, []),
        (SESSION, ["POST None /login"]),
        (
            STEPS,
            [
                "GET https://login.acme.example /where",
                "GET https://{{ settings.region }}.acme.example /first",
                "POST https://{{ session.host }} /login",
            ],
        ),
        (CLIENT, ["POST None /token"]),
        ('{kind: oauth2_refresh, token_url: "{{ settings.login_url }}/token/"}', ["POST {{ settings.login_url }} /token/"]),
    ],
)
def test_the_requests_of_a_login_are_known_before_it_runs(spec: str, requests: list[str]):
    found = compiled(spec).requests
    assert [f"{each.method} {each.base_url and each.base_url.text} {each.path.text}" for each in found] == requests


@pytest.mark.parametrize(("spec", "given", "safe"), [(CLIENT, {}, True), (REFRESH, {"refresh_token": "def"}, False)])
def test_only_a_request_that_spends_nothing_is_repeated_after_an_unclear_failure(spec: str, given: dict[str, str], safe: bool):
    auth = compiled(spec)
    login = auth.login({"credential": open_credential(auth, {"client_id": "me", "client_secret": "abc", **given}), "settings": {}}, None, 0)
    assert login is not None
    assert next(login).plan.safe is safe


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("{{ session.token }}", True),
        ("{{ session['token'] }}", True),
        ("{{ session[settings.name] }}", True),
        ("{% for name in session %}{{ session[name] }}{% endfor %}", True),
        ("a {{ session.token | upper }}", True),
        ("{{ credential.token }}", True),
        ("{{ session.site }}", False),
        ("{{ settings.token }}", False),
    ],
)
def test_a_template_that_reads_the_token_gives_a_secret(text: str, secret: bool):
    template = compile_template(Text(text))
    scope = {
        "session": {"token": Secret("abc"), "site": "s"},
        "credential": {"token": Secret("abc")},
        "settings": {"name": "token", "token": "abc"},
    }
    assert template.secret is secret
    assert isinstance(template.render(scope), Secret) is secret
