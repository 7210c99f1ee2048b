"""What NetSuite's spec must get right and its cassettes mask: the signatures and assertions, and what a value may do to a query."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from authlib.oauth1.rfc5849.signature import construct_base_string
from authlib.oauth1.rfc5849.util import escape
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

import ferrule
import virtual_time
from app import AppWire, Asked, answer
from jose import NAMES

TBA = {"consumer_key": "ck-1", "consumer_secret": "s3cret&consumer", "token_id": "t-1", "token_secret": "s3cret token"}
HOST = "tstdrv1234567-sb1.suitetalk.api.netsuite.com"


class Account:
    """An account with two employees, in pages of one, which writes what it is told to."""

    def __init__(self) -> None:
        self.wire = AppWire(self.answer)
        self.roles = "1, 3"

    def answer(self, asked: Asked) -> Any:
        if asked.path.endswith("/token"):
            return answer({"access_token": "t0ken", "expires_in": "3600", "token_type": "bearer"})
        if asked.method == "PATCH":
            held = [each["selectedRole"]["id"] for each in asked.body["roles"]["items"]]
            self.roles = ", ".join(held if asked.query else [self.roles, *held])
            return answer(status=204)
        ident = "1519" if "WHERE" not in asked.body["q"] else "1720"
        row = {"id": ident, "giveaccess": "T", "isinactive": "F", "rolesforsearch": self.roles}
        return answer({"items": [row], "count": 1, "hasMore": ident == "1519", "offset": 0, "totalResults": 1})

    def tenant(self, credential: dict[str, str], account: str, **settings: str) -> ferrule.Instance:
        return ferrule.load("netsuite").instance(credential, {"account": account, **settings}, wire=self.wire, clock=virtual_time.Clock())


def signed_by_authlib(asked: Asked) -> bool:
    """Whether another library makes the same signature of what NetSuite gets: method, address, header, and no more."""
    told = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', asked.headers["authorization"])}
    assert told.pop("realm") == "TSTDRV1234567_SB1"
    assert (told["oauth_consumer_key"], told["oauth_token"], told["oauth_signature_method"]) == ("ck-1", "t-1", "HMAC-SHA256")
    signature = told.pop("oauth_signature")
    text = construct_base_string(asked.method, asked.url.partition("?")[0], [*parse_qsl(urlsplit(asked.url).query), *told.items()])
    key = f"{escape(TBA['consumer_secret'])}&{escape(TBA['token_secret'])}".encode()
    return b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode() == signature


@pytest.mark.parametrize("account", ["TSTDRV1234567_SB1", "tstdrv1234567-sb1"])
def test_every_request_is_signed_as_another_library_signs_it(account: str) -> None:
    """The account's id is written in one way in the address and in another in the realm, however it was given."""
    app = Account()
    right = {
        "account_integration_specific_id": "1720",
        "resource_integration_specific_id": "",
        "resource_type": "",
        "entitlement_type": "role",
        "entitlement_integration_specific_id": "7",
    }
    with app.tenant(TBA, account) as tenant:
        assert tenant.call("validate_credentials").response.unique_tenant_id == "TSTDRV1234567_SB1"
        found = [each.integration_specific_id for page in tenant.walk("list_accounts", page_size=1) for each in page.records]
        assert tenant.call("assign_entitlement", right).changed
        assert tenant.call("unassign_entitlement", right).changed
    assert (found, app.roles) == (["1519", "1720"], "1, 3")
    assert {urlsplit(asked.url).netloc for asked in app.wire.asked} == {HOST}
    assert [asked.method for asked in app.wire.asked if asked.query == {"replace": ["roles"]}] == ["PATCH"]
    assert [asked for asked in app.wire.asked if not signed_by_authlib(asked)] == []


@pytest.mark.parametrize(
    ("algorithm", "key", "import_key"),
    [("PS256", "<RSA key>", RSAKey.import_key), ("PS512", "<RSA key>", RSAKey.import_key), ("ES256", "<EC key>", ECKey.import_key)],
)
def test_the_assertion_of_a_certificate(algorithm: str, key: str, import_key: Any) -> None:
    """It holds what Oracle's page "The Request Token Structure" asks for, and another library verifies it."""
    app = Account()
    credential = {"key_identifier": "cert-1", "private_key": NAMES[key]}
    with app.tenant(credential, "TSTDRV1234567_SB1", client_id="client-1", algorithm=algorithm) as tenant:
        tenant.call("validate_credentials")
    login, asked = app.wire.asked
    form = dict(parse_qsl(login.body.decode()))
    token = jwt.decode(form.pop("client_assertion"), import_key(NAMES[key]), algorithms=[algorithm])
    assert (login.url, asked.headers["authorization"]) == (f"https://{HOST}/services/rest/auth/oauth2/v1/token", "Bearer t0ken")
    assert form == {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert token.header == {"alg": algorithm, "kid": "cert-1", "typ": "JWT"}
    assert 0 < token.claims.pop("exp") - token.claims.pop("iat") < 3600
    assert token.claims == {"iss": "client-1", "scope": ["rest_webservices"], "aud": login.url}


def test_a_value_stays_a_value_within_a_query() -> None:
    app = Account()
    with app.tenant(TBA, "1234567") as tenant:
        tenant.call("get_account", {"account_id": "1' OR '1'='1"})
    assert app.wire.asked[0].body["q"].endswith("FROM employee WHERE id = '1'' OR ''1''=''1'")
