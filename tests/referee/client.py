"""How the referee's connector speaks to the application: its settings, and its client."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

from connector.client import get_settings
from connector.httpx_rewrite import response_logger
from connector.oai.base_clients import BaseIntegrationClient
from connector.oai.errors import ConnectorError
from connector_sdk_types.errors import ConnectorErrorCode
from datadog.dogstatsd.base import statsd
from pydantic import BaseModel, Field

response_logger.disabled = True  # it prints every answer of the application
statsd._enabled = False  # as the SDK itself does where DD_DOGSTATSD_DISABLE is set: it sends a packet for every step


class RefereeSettings(BaseModel):
    """What differs from tenant to tenant."""

    base_url: str = Field(title="Address", description="Where the application is.")
    region: str = Field(default="eu", title="Region")


@cache
def trust() -> ssl.SSLContext:
    """Built once: it takes longer than a call."""
    return ssl.create_default_context()


class Client(BaseIntegrationClient):
    """Speaks to the application with the credential of the request."""

    timeout = 10.0

    @classmethod
    def prepare_client_args(cls, args: Any) -> dict[str, Any]:
        given = next(iter(args.credentials or [args.auth]))
        token = given.token.token if given.token else (given.oauth or given.oauth_client_credentials).access_token
        base_url = get_settings(args, RefereeSettings).base_url
        return {"headers": {"Authorization": f"Bearer {token}"}, "base_url": base_url, "timeout": cls.timeout, "verify": trust()}

    async def ask(self, method: str, path: str, raw: dict[str, Any], *, query: Any = None, body: Any = None) -> Any:
        """The decoded answer, kept in `raw` under what was asked. What is None is not sent."""
        given = {name: value for name, value in body.items() if value is not None} if body else None
        response = await self._http_client.request(method, path, params=query, json=given)
        said = response.json().get("code", "") if response.status_code == 422 else ""
        if said.startswith("said-"):
            raise ConnectorError(error_code=ConnectorErrorCode(said.removeprefix("said-")), app_error_code=said)
        response.raise_for_status()
        found = response.json()
        raw[f"{method} {response.request.url}"] = found
        return found


class HastyClient(Client):
    """One that waits as long as a test may."""

    timeout = 0.2


def client_of(args: Any) -> type[Client]:
    """The usual one; the hasty one in a region where applications are slow."""
    return HastyClient if get_settings(args, RefereeSettings).region == "slow" else Client
