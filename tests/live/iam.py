"""AWS IAM as moto has it, asked directly by a second client that shares nothing with the engine: botocore."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config

ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
ACCOUNT = "123456789012"
APP_READ = f"arn:aws:iam::{ACCOUNT}:policy/app-read"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"


def client(url: str, credential: Mapping[str, str]) -> Any:
    """Botocore's client of IAM at that address."""
    return botocore.session.get_session().create_client(
        "iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id=credential["access_key_id"],
        aws_secret_access_key=credential["secret_access_key"], config=Config(retries={"max_attempts": 0}),
    )  # fmt: skip


def removed(iam: Any, name: str) -> None:
    """A user that is no more, with all that was the user's. One that is not there stays so."""
    if name not in {user["UserName"] for user in iam.list_users()["Users"]}:
        return
    for group in iam.list_groups_for_user(UserName=name)["Groups"]:
        iam.remove_user_from_group(UserName=name, GroupName=group["GroupName"])
    for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
    for inline in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=inline)
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
