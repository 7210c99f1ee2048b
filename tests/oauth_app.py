"""An app with an OAuth token endpoint, as a spec says it and as a test scripts it."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from app import AppWire, Asked
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.dispatch import adispatch
from ferrule.http import Response

LOGIN = "https://login.acme.example"
CLIENT = {"client_id": "client-1", "client_secret": "s3cret-client"}
BACK = "https://platform.example/callback?code=c0de-1&state=st4te"
URL = {"client_id": "client-1", "scopes": [], "redirect_uri": "https://platform.example/callback", "state": "st4te"}


def connector(auth: dict[str, Any] | None = None, *, capabilities: dict[str, Any] | None = None, **more: Any) -> Connector:
    """A connector whose only way in is a person's, with these keys, or what `auths` says; `more` is any other part of a spec."""
    person = {"kind": "oauth2_authorization_code", "authorization_url": f"{LOGIN}/authorize", "token_url": f"{LOGIN}/token"}
    spec = {
        "ferrule": 1,
        "app": {"id": "acme", "name": "Acme", "vendor_domain": "acme.example"},
        "auth": more.pop("auths", None) or {"person": {**person, **(auth or {})}},
        "http": {"base_url": "https://api.acme.example"},
        "capabilities": capabilities
        or {"list_accounts": {"request": {"get": "/users"}, "records": "body", "record": {"integration_specific_id": "id"}}},
        **more,
    }
    return Connector(compile_text(yaml.safe_dump(spec, sort_keys=False)))


def machine(**keys: Any) -> Connector:
    """A connector that lets programs in by client credentials."""
    return connector(auths={"machine": {"kind": "oauth2_client_credentials", "token_url": f"{LOGIN}/token", **keys}})


class Endpoint:
    """A token endpoint that answers in order, the last answer again and again, and keeps what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.wire = AppWire(lambda asked: self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])

    @property
    def asked(self) -> list[Asked]:
        return self.wire.asked

    @property
    def sent(self) -> dict[str, str]:
        """The parameters of the only request, wherever they stood."""
        (asked,) = self.asked
        found = parse_qs(asked.body.decode(), keep_blank_values=True) if isinstance(asked.body, bytes) else asked.body or asked.query
        return {name: value[0] if isinstance(value, list) else value for name, value in found.items()}


def call(app: Connector, capability: str, request: dict[str, Any], endpoint: Endpoint | None = None, **envelope: Any) -> dict[str, Any]:
    """The envelope that a call comes to. Without an endpoint, nothing may be sent."""
    wire = endpoint.wire if endpoint is not None else AppWire(_nothing)
    return asyncio.run(adispatch(app, capability, {"request": request, **envelope}, wire=wire))


def _nothing(asked: Asked) -> Response:
    raise AssertionError(f"nothing was to be sent, but there came {asked}")


def query_of(envelope: dict[str, Any]) -> dict[str, list[str]]:
    """The parameters of the authorization URL in an answer."""
    return parse_qs(urlsplit(envelope["response"]["authorization_url"]).query, keep_blank_values=True)
