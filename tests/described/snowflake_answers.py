"""Snowflake as its pages show it. The description has no examples of a user, a role or a grant; the reference's pages have."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from app import Asked
from described.description import Described, Turn, instead

USER_PAGE = "https://docs.snowflake.com/en/developer-guide/snowflake-rest-api/reference/user"
ROLE_PAGE = "https://docs.snowflake.com/en/developer-guide/snowflake-rest-api/reference/role"

PATEL = "jackpatel"
_AT = "2019-08-24T14:15:22Z"
USER = {
    "name": PATEL,
    "password": "pa$$word",
    "login_name": "string",
    "display_name": "string",
    "first_name": "string",
    "middle_name": "string",
    "last_name": "string",
    "email": "string",
    "must_change_password": True,
    "disabled": True,
    "days_to_expiry": 0,
    "mins_to_unlock": 0,
    "default_warehouse": "string",
    "default_namespace": "string",
    "default_role": "string",
    "default_secondary_roles": "ALL",
    "mins_to_bypass_mfa": 0,
    "rsa_public_key": "string",
    "rsa_public_key_2": "string",
    "comment": "A distinguished user",
    "type": "string",
    "enable_unredacted_query_syntax_error": True,
    "network_policy": "string",
    "created_on": _AT,
    "last_successful_login": _AT,
    "expires_at": _AT,
    "locked_until": _AT,
    "has_password": True,
    "has_rsa_public_key": True,
    "rsa_public_key_fp": "string",
    "rsa_public_key_2_fp": "string",
    "ext_authn_duo": True,
    "ext_authn_uid": "string",
    "owner": "string",
    "snowflake_lock": False,
    "snowflake_support": False,
    "mins_to_bypass_network_policy": 0,
    "password_last_set": _AT,
    "custom_landing_page_url": "string",
    "custom_landing_page_url_flush_next_ui_load": False,
}
ROLE = {
    "name": "accountadmin",
    "comment": "Account administrator can manage all aspects of the account.",
    "created_on": _AT,
    "is_default": True,
    "is_current": True,
    "is_inherited": True,
    "assigned_to_users": 0,
    "granted_to_roles": 0,
    "granted_roles": 0,
    "owner": "string",
}
GRANT = {
    "securable": {"name": ROLE["name"]},
    "securable_type": "ROLE",
    "privileges": ["string"],
    "created_on": _AT,
    "granted_by": "string",
}
"""The page's form of a grant; of securables it is roles that are granted to a user."""
GRANT_OF = {"created_on": _AT, "role": ROLE["name"], "granted_to": "USER", "grantee_name": PATEL, "granted_by": "string"}
"""Granted to one of the two that the description names."""
SHOWN = {"listUsers": [USER], "fetchUser": USER, "listGrants": [GRANT], "listRoles": [ROLE], "listGrantsOf": [GRANT_OF]}

HANDLE = "e4ce975e-f7ff-4b5e-b15e-bf25f59371ae"
"""The handle of the SQL API's examples."""
LOGINS_PAGE = "https://docs.snowflake.com/en/sql-reference/account-usage/login_history"
"""Snowflake's page of the columns, with words that are in them. Times, ids and a message are the SQL API's examples; the address
is one for documentation (RFC 5737)."""
_COLUMNS = "EVENT_ID EVENT_TYPE HAPPENED_AT USER_NAME IS_SUCCESS CLIENT_IP REPORTED_CLIENT_TYPE FIRST_AUTHENTICATION_FACTOR ERROR_MESSAGE"
_MILLISECONDS = "1597090533987"


def logins(*rows: list[str | None], **more: Any) -> Turn:
    """Rows as a result set of the SQL API has them."""
    shown = {"resultSetMetaData": {"rowType": [{"name": name} for name in _COLUMNS.split()]}}
    return Turn(page={"code": "000123", "statementHandle": HANDLE, **shown, "data": list(rows)}, **more)


RUNNING = Turn(202, page={"code": "000000", "sqlState": "00000", "statementHandle": HANDLE, "createdOn": 1597090533987})
LOGGED_IN: list[str | None] = ["123", "LOGIN", _MILLISECONDS, PATEL, "YES", "192.0.2.1", "JDBC_DRIVER", "PASSWORD", None]
REFUSED_LOGIN = ["98765", "LOGIN", _MILLISECONDS, PATEL, "NO", "192.0.2.1", "ODBC_DRIVER", "PASSWORD", "SQL compilation error"]
NEXT_PART = {"Link": f'</api/v2/statements/{HANDLE}?partition=1>;rel="last",</api/v2/statements/{HANDLE}?partition=1>;rel="next"'}


class Snowflake(Described):
    """What the pages show, and after the name of the one there is, nothing more."""

    def shown(self, operation: Mapping[str, Any], status: int, turn: Turn, asked: Asked) -> Any:
        if status == 200 and operation["operationId"] in SHOWN:
            return copy.deepcopy(SHOWN[operation["operationId"]])
        return super().shown(operation, status, turn, asked)

    def told(self, body: Any, turn: Turn, asked: Asked) -> Any:
        return [] if asked.one("fromName") else instead(body, turn)
