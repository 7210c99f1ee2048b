"""A connector as its authors make one with the published SDK, run as an executable: for each list of arguments on standard
input, what its command line prints and its exit code.

    echo '[["info"], ["list_accounts", "--json", "{}"]]' | python tests/reference_executable.py

Many runs share one process, because the SDK takes seconds to load. An exception is what it is for Python at the end of a program: 1.
Annotations are not put off here: the SDK reads the types of a capability from them, and takes no text.
"""

import contextlib
import io
import json
import sys
from typing import Any

import httpx
from connector.cli import run_integration
from connector.client import get_settings
from connector.oai.errors import HTTPHandler
from connector.oai.integration import DescriptionData, Integration
from connector_sdk_types.generated import (
    AppCategory,
    FoundAccountData,
    GetAccountRequest,
    GetAccountResponse,
    ListAccountsRequest,
    ListAccountsResponse,
    StandardCapabilityName,
    TokenCredential,
)
from pydantic import BaseModel


class Settings(BaseModel):
    """What differs from tenant to tenant."""

    base_url: str


small = Integration(
    app_id="small",
    version="1.0.0",
    exception_handlers=[(httpx.HTTPStatusError, HTTPHandler, None)],
    description_data=DescriptionData(user_friendly_name="Small", categories=[AppCategory.DEVELOPERS], app_vendor_domain="small.example"),
    auth=TokenCredential,
    settings_model=Settings,
)


def found(args: Any, path: str) -> Any:
    """The decoded answer of the application."""
    answer = httpx.get(f"{get_settings(args, Settings).base_url}{path}", headers={"Authorization": f"Bearer {args.auth.token.token}"})
    answer.raise_for_status()
    return answer.json()


def account(row: dict[str, Any]) -> FoundAccountData:
    """A user of the application, as the contract has one."""
    return FoundAccountData(integration_specific_id=row["id"], username=row["name"])


@small.register_capability(StandardCapabilityName.LIST_ACCOUNTS)
async def list_accounts(args: ListAccountsRequest) -> ListAccountsResponse:
    return ListAccountsResponse(response=[account(row) for row in found(args, "/users")["items"]])


@small.register_capability(StandardCapabilityName.GET_ACCOUNT)
async def get_account(args: GetAccountRequest) -> GetAccountResponse:
    return GetAccountResponse(response=account(found(args, f"/users/{args.request.account_id}")))


def ran(arguments: list[str]) -> tuple[int, str]:
    """Exit code and standard output of one command."""
    sys.argv[1:] = arguments
    printed, code = io.StringIO(), 0
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        try:
            run_integration(small)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception:  # noqa: BLE001 - as Python itself does
            code = 1
    return code, printed.getvalue()


if __name__ == "__main__":
    sys.argv[0] = "small"
    print(json.dumps([ran(arguments) for arguments in json.load(sys.stdin)]))
