"""Signature Version 4 against moto, a stand-in for AWS that checks every signature (`AUTH=1`): over IAM's forms and XML, and over the
JSON of Identity Store, where the operation is named in a header. A query is not asked: moto refuses every one, signed by botocore too.
"""

from __future__ import annotations

from typing import Any

import pytest

import ferrule
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import CallError

pytestmark = pytest.mark.live

IAM = """
ferrule: 1
app: {id: aws_iam, name: AWS IAM, vendor_domain: amazon.com}
settings: {base_url: {type: url}, region: {default: us-east-1}}
auth: {key: {kind: aws_sigv4, service: iam, region: "{{ settings.region }}"}}
http:
  base_url: "{{ settings.base_url }}"
  retry: {attempts: 1}
capabilities:
  list_accounts:
    request:
      post: /
      form: {Action: ListUsers, Version: "2010-05-08"}
      decode: {kind: xml, lists: [Users/member]}
      repeatable: true
    records: body.ListUsersResponse.ListUsersResult.Users.member
    record: {integration_specific_id: UserId, username: UserName}
  get_account:
    steps:
      - request:
          post: /
          form: {Action: GetUser, Version: "2010-05-08", UserName: "{{ inputs.account_id }}"}
          decode: xml
    records: body.GetUserResponse.GetUserResult.User
    record: {integration_specific_id: UserId, username: UserName}
"""
STORE = """
ferrule: 1
app: {id: aws_identitystore, name: AWS IAM Identity Center, vendor_domain: amazon.com}
settings: {base_url: {type: url}, store: {}}
auth: {key: {kind: aws_sigv4, service: identitystore, region: us-east-1}}
http: {base_url: "{{ settings.base_url }}", retry: {attempts: 1}}
capabilities:
  list_accounts:
    request:
      post: /
      headers: {X-Amz-Target: AWSIdentityStore.ListUsers}
      json: {IdentityStoreId: "{{ settings.store }}"}
      content_type: application/x-amz-json-1.1
      decode: json
      repeatable: true
    pages: {kind: cursor, in: body, next: body.NextToken, param: NextToken, size_param: MaxResults, size: 10}
    records: body.Users
    record: {integration_specific_id: UserId, username: UserName}
"""


@pytest.fixture(scope="module")
def moto(target: Any) -> dict[str, Any]:
    started: dict[str, Any] = target("moto", AUTH="1")
    return started


def tenant(spec: str, moto: dict[str, Any], credential: dict[str, str] | None = None, **settings: str) -> ferrule.Instance:
    given = {name: moto["credential"][name] for name in ("access_key_id", "secret_access_key")}
    return Connector(compile_text(spec)).instance({**given, **(credential or {})}, {"base_url": moto["base_url"], **settings})


def names(instance: ferrule.Instance) -> set[str]:
    return {account.username for page in instance.walk("list_accounts") for account in page.records}


def test_forms_are_signed(moto: dict[str, Any]) -> None:
    with tenant(IAM, moto) as instance:
        assert names(instance) == {"iga", *(f"user{number:02d}" for number in range(1, 25))}
        assert instance.call("get_account", {"account_id": "user03"}).response.username == "user03"


def test_json_is_signed_and_its_pages(moto: dict[str, Any]) -> None:
    with tenant(STORE, moto, store=moto["credential"]["identity_store_id"]) as instance:
        assert names(instance) == {f"user{number:02d}" for number in range(1, 26)}


@pytest.mark.parametrize("wrong", [{"secret_access_key": "wr0ng"}, {"access_key_id": "AKIAWRONG"}])
def test_another_key_is_refused(moto: dict[str, Any], wrong: dict[str, str]) -> None:
    with tenant(IAM, moto, wrong) as instance, pytest.raises(CallError) as caught:
        instance.call("list_accounts")
    assert (caught.value.code.name, caught.value.status) == ("permission_denied", 403)
