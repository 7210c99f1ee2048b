"""Tokens that the connector signs: the published vectors, keys of every form, and that neither key nor token is left anywhere.

What each kind sends is in cases/auth; here is what holds for all of them.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.api_jws import PyJWS

import published
from app import AppWire, Asked, answer
from ferrule.auth.signed_token import signed
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.dispatch import adispatch
from ferrule.errors import BadInput
from ferrule.http import Response
from ferrule.keys import private_key, public_key_fingerprint
from ferrule.record import save
from ferrule.replay import replay
from ferrule.secret import MASK
from ferrule.wire.cassette_file import written
from jose import EC_KEY, HMAC_KEY, NAMES, RSA_KEY, octets, pem, readable
from tape import ACCOUNTS, MEMBERS, PLAN, recorded

PAYLOAD = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
A1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
A2 = (
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
    "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
A3 = (
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
OTHER_CURVE = pem(ec.generate_private_key(ec.SECP384R1()))


def test_the_vectors_of_rfc_7515():
    """Appendices A.1 to A.3. RSA signs the same each time, an elliptic curve another way each time."""
    jws = PyJWS()
    assert jws.encode(PAYLOAD, private_key(NAMES["<RSA key>"]), "RS256", {"typ": ""}) == A2  # type: ignore[arg-type]
    for token, key in ((A1, octets(HMAC_KEY)), (A2, RSA_KEY.public_key()), (A3, EC_KEY.public_key())):
        assert jws.decode(token, key, ["HS256", "RS256", "ES256"]) == PAYLOAD


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [(f"{kind}{bits}", NAMES["<RSA key>"]) for kind in ("RS", "PS") for bits in (256, 384, 512)]
    + [("ES256", NAMES["<EC key>"])]
    + [(f"HS{bits}", HMAC_KEY) for bits in (256, 384, 512)],
)
def test_every_algorithm_signs_what_the_other_side_verifies(algorithm: str, key: str):
    token = signed({"iss": "me", "n": 1}, {"kid": "k"}, algorithm, key)
    assert readable(token) == f'{{"alg": "{algorithm}", "kid": "k", "typ": "JWT"}}.{{"iss": "me", "n": 1}}'


def test_a_short_secret_is_for_the_app_to_judge():
    assert signed({}, {}, "HS256", "short").count(".") == 2


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH])
@pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["RSA", "EC"])
def test_a_key_comes_in_every_usual_form(key: Any, form: PrivateFormat):
    text = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    for written_ in (text, f"\n {text}", text.replace("\n", "\\n"), text.replace("\n", "\r\n")):
        assert private_key(written_).private_numbers() == key.private_numbers()  # type: ignore[union-attr]


def test_the_fingerprint_is_that_of_the_public_key():
    """`openssl rsa -pubout -outform DER | openssl dgst -sha256 -binary | base64` says the same."""
    assert public_key_fingerprint(NAMES["<RSA key>"]) == "SHA256:b9E8JDWjYefFiM0X9V9a098Bd6ZsFyemogCEX016uIw="
    assert public_key_fingerprint(NAMES["<RSA key with passphrase>"], "s3cret-passphrase") == public_key_fingerprint(NAMES["<RSA key>"])
    assert public_key_fingerprint(MASK) == MASK


@pytest.mark.parametrize(
    ("key", "passphrase", "words"),
    [
        ("s3cret", None, "the private key cannot be read: it is no PEM text"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", None, "the private key cannot be read: it is no PEM text"),
        (NAMES["<RSA key with passphrase>"], None, "the private key needs a passphrase"),
        (NAMES["<RSA key with passphrase>"], "wrong", "it is no PEM text, or the passphrase is wrong"),
        (NAMES["<RSA key>"], "needless", "the private key has no passphrase"),
        (NAMES["<EC key>"], None, "the token cannot be signed with RS256"),
        (OTHER_CURVE, None, "the token cannot be signed with RS256"),
    ],
)
def test_a_key_that_signs_nothing_says_why_and_shows_nothing(key: str, passphrase: str | None, words: str):
    with pytest.raises(ValueError, match=words) as caught:
        signed({}, {}, "RS256", key, passphrase)
    assert not any(line in str(caught.value) for line in key.splitlines() if len(line) > 3)


def test_an_algorithm_that_is_none_signs_nothing():
    for algorithm in ("none", "", "RS1"):
        with pytest.raises(ValueError, match="no algorithm"):
            signed({}, {}, algorithm, NAMES["<RSA key>"])


SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth:
  google:
    kind: oauth2_jwt_bearer
    credential: service_account
    token_url: https://login.acme.example/token
    scopes: [read]
    scope_claim: scope
  keys: {kind: jwt, claims: {iss: me}}
  token: {kind: jwt, credential: jwt}
  machine:
    kind: oauth2_client_credentials
    token_url: https://login.acme.example/token
    client_auth: private_key_jwt
    client_assertion: {claims: {iss: me}}
http: {base_url: "https://api.acme.example"}
capabilities:
  get_account: {request: {get: "/users/{{ inputs.account_id }}"}, record: {integration_specific_id: id, username: by}}
  validate_credentials: {request: {get: /me}, record: {unique_tenant_id: tenant}}
"""
CONNECTOR = Connector(compile_text(SPEC))
HEADERS = dict.fromkeys(("jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "cty"), "") | {"alg": "HS256", "typ": "JWT", "crit": []}
CLAIMS = dict.fromkeys(("sub", "aud", "jti", "act", "client_id", "may_act"), "") | {
    "iss": "me",
    "exp": 0,
    "nbf": 0,
    "iat": 0,
    "scope": [],
}
HELD: dict[str, dict[str, Any]] = {
    "google": {
        "service_account": {
            "key": {"private_key": NAMES["<RSA key>"], "client_email": "bot@acme.example"},
            "impersonation_email": "ann@acme.example", "tenant_id": "", "scopes": ["list"],
        }
    },
    "keys": {"key_pair": {"key_identifier": "k1", "private_key": NAMES["<RSA key>"]}},
    "token": {"jwt": {"headers": HEADERS, "claims": CLAIMS, "secret": HMAC_KEY}},
    "machine": {"key_pair": {"key_identifier": "k1", "private_key": NAMES["<RSA key>"]}},
}  # fmt: skip


def app(asked: Asked) -> Response:
    if asked.path == "/token":
        return answer({"access_token": "t0ken-1", "expires_in": 60})
    return answer({"id": "u1", "by": readable(asked.headers["authorization"]), "tenant": "t1"})


def ask(capability: str, envelope: dict[str, Any]) -> dict[str, Any]:
    told = asyncio.run(adispatch(CONNECTOR, capability, json.dumps(envelope), wire=AppWire(app)))
    published.read(capability, told)
    return told


@pytest.mark.parametrize("way", HELD)
def test_the_contract_s_credential_opens_each_way_in(way: str):
    told = ask("get_account", {"request": {"account_id": "u1"}, "credentials": [{"id": way, **HELD[way]}]})
    by = told["response"]["username"]
    assert by == "Bearer t0ken-1" if way in ("google", "machine") else by.startswith('Bearer {"alg": ')


@pytest.mark.parametrize("way", HELD)
def test_the_connector_says_which_kind_it_takes(way: str):
    schemas = {each["id"]: each for each in ask("info", {"request": {}})["response"]["credentials_schema"]}
    (kind,) = HELD[way]
    assert schemas[way]["x-credential-type"] == kind
    assert {*HELD[way][kind]} <= {*schemas[way]["properties"]}
    assert "oauth_settings" not in schemas[way]


def test_no_oauth_capability_follows_from_a_key():
    assert not {"handle_client_credentials_request", "refresh_access_token"} & {*CONNECTOR.plan.operations}


@pytest.mark.parametrize("key", ["s3cret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", NAMES["<EC key>"]])
def test_a_key_that_signs_nothing_is_no_good_credential(key: str):
    envelope = {"request": {"credential": {"id": "keys", "key_pair": {"key_identifier": "k", "private_key": key}}}}
    told = ask("validate_credential_config", {**envelope, "credentials": [{"id": "keys", **HELD["keys"]}]})
    assert told["response"]["valid"] is False
    assert key.splitlines()[-1] not in json.dumps(told)


def test_a_good_key_is_a_good_credential():
    envelope = {"request": {"credential": {"id": "machine", **HELD["machine"]}}, "credentials": [{"id": "machine", **HELD["machine"]}]}
    assert ask("validate_credential_config", envelope)["response"] == {"valid": True, "validation_errors": []}


@pytest.mark.parametrize("way", ["google", "keys", "machine"])
def test_a_key_that_signs_nothing_is_told_before_anything_is_sent(way: str):
    held = {"key": {"private_key": "s3cret", "client_email": "bot"}} if way == "google" else {"private_key": "s3cret"}
    wire = AppWire(app)
    with CONNECTOR.instance(held, auth=way, wire=wire) as tenant, pytest.raises(BadInput, match="cannot be read"):
        tenant.call("get_account", {"account_id": "u1"})
    assert wire.asked == []


def test_a_key_file_without_what_it_needs_is_told():
    tenant = CONNECTOR.instance({"key": {"type": "service_account"}}, auth="google", wire=AppWire(app))
    with tenant, pytest.raises(BadInput, match=r"`credential.key.client_email` is not there"):
        tenant.call("get_account", {"account_id": "u1"})


def test_a_key_file_may_be_text():
    """As a variable of the environment holds it."""
    text = json.dumps(HELD["google"]["service_account"]["key"])
    with CONNECTOR.instance({"key": text}, auth="google", wire=AppWire(app)) as tenant:
        assert tenant.call("get_account", {"account_id": "u1"}).response.username == "Bearer t0ken-1"
    with pytest.raises(BadInput, match="`key` is not a mapping"):
        CONNECTOR.instance({"key": "s3cret"}, auth="google")


@pytest.mark.parametrize("way", ["signed", "account", "saml"])
def test_neither_key_nor_token_is_in_a_cassette_and_it_is_replayed(way: str, tmp_path: Path):
    cassette = recorded(ACCOUNTS, MEMBERS, auth=way)
    text = written(cassette)
    assert "eyJ" not in text
    assert "PHNhbWw" not in text, "the base64 of `<saml`"
    assert "PRIVATE" not in text
    assert "bot@acme.example" not in text
    assert cassette.ferrule.credential in (
        {"private_key": MASK},
        {"key": {"client_email": MASK, "private_key": MASK}, "impersonation_email": "root@acme.example"},
    )
    save(cassette, path := tmp_path / "acme.yaml")
    assert replay(PLAN, path).passed


def test_whoever_is_acted_for_is_not_in_a_cassette(tmp_path: Path):
    cassette = recorded(ACCOUNTS, auth="account", people="pseudonyms")
    assert "root@acme.example" not in written(cassette)
    assert cassette.ferrule.credential["impersonation_email"] == MASK
    save(cassette, path := tmp_path / "acme.yaml")
    assert replay(PLAN, path).passed


def test_a_plan_shows_no_key():
    with CONNECTOR.instance({"private_key": NAMES["<RSA key>"]}, auth="keys") as tenant:
        planned = tenant.plan_call("get_account", {"account_id": "u1"})
    assert [each.headers for each in planned] == [{"authorization": MASK}]


def test_curves_and_keys_of_other_sizes_sign():
    key = rsa.generate_private_key(65537, 2048)
    assert signed({}, {}, "RS256", pem(key)).count(".") == 2
    assert signed({}, {}, "ES384", OTHER_CURVE).count(".") == 2
