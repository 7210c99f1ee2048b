"""What the cassettes of Snowflake mask: the token, the word on which sort of token it is, and what a signed one says."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest

import ferrule
import virtual_time
from app import AppWire, Asked, answer
from jose import NAMES, readable

FINGERPRINT = "SHA256:b9E8JDWjYefFiM0X9V9a098Bd6ZsFyemogCEX016uIw="
"""Of the key of RFC 7515, appendix A.2."""
CLAIMS = f'"iss": "ACME-PROD_1.FERRULE.{FINGERPRINT}", "sub": "ACME-PROD_1.FERRULE"'
SIGNED = f'Bearer {{"alg": "RS256", "typ": "JWT"}}.{{"exp": 3540, "iat": 0, {CLAIMS}}}'
WAYS = {
    "access_token": ({"token": "t0ken"}, "Bearer t0ken", "PROGRAMMATIC_ACCESS_TOKEN"),
    "external_oauth": ({"token": "t0ken"}, "Bearer t0ken", "OAUTH"),
    "person": ({"access_token": "t0ken"}, "Bearer t0ken", "OAUTH"),
    "key_pair": ({"key_identifier": "ferrule", "private_key": NAMES["<RSA key>"]}, SIGNED, "KEYPAIR_JWT"),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_says_which_sort_of_token_it_has(way: str) -> None:
    credential, authorization, kind = WAYS[way]
    wire = AppWire(no_users)
    spec = ferrule.load("snowflake")
    with spec.instance(credential, {"account": "acme-prod_1"}, auth=way, wire=wire, clock=virtual_time.Clock()) as tenant:
        assert [page.records for page in tenant.walk("list_accounts")] == [[]]
    (asked,) = wire.asked
    assert asked.url.startswith("https://acme-prod-1.snowflakecomputing.com/api/v2/users?")
    assert from_its_issue(readable(asked.headers["authorization"])) == authorization
    assert asked.headers["x-snowflake-authorization-token-type"] == kind


def test_a_person_s_access_is_renewed() -> None:
    """As "Configure Snowflake OAuth for custom clients" has it: by a client that proves itself in a header, at the account."""
    wire = AppWire(
        lambda asked: answer({"access_token": "t0ken", "expires_in": 600, "token_type": "Bearer"} if asked.method == "POST" else [])
    )
    credential = {"client_id": "c-1", "client_secret": "s3cret", "refresh_token": "r-1"}
    with ferrule.load("snowflake").instance(credential, {"account": "acme-prod_1"}, auth="person", wire=wire) as tenant:
        assert [page.records for page in tenant.walk("list_accounts")] == [[]]
    login, asked = wire.asked
    assert login.url == "https://acme-prod-1.snowflakecomputing.com/oauth/token-request"
    assert login.headers["authorization"].startswith("Basic ")
    assert parse_qs(login.body.decode()) == {"grant_type": ["refresh_token"], "refresh_token": ["r-1"]}
    assert (asked.headers["authorization"], asked.headers["x-snowflake-authorization-token-type"]) == ("Bearer t0ken", "OAUTH")


def no_users(asked: Asked) -> Any:
    return answer([])


def from_its_issue(token: str) -> str:
    """A readable token with its times counted from when it was issued."""
    issued = re.search(r'"iat": (\d+)', token)
    return re.sub(r"\b\d{10}\b", lambda time: str(int(time[0]) - int(issued[1])), token) if issued else token
