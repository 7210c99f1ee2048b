"""The wire of a connector over the network: that of HTTP, and that of LDAP for what is of LDAP."""

from __future__ import annotations

from ferrule.http import Request, Response
from ferrule.plan import HttpPlan
from ferrule.wire import Wire
from ferrule.wire.ldap import LdapWire
from ferrule.wire.live import LiveWire


def network(http: HttpPlan) -> Wire:
    """What carries a connector's requests over the network."""
    return NetworkWire(http) if http.ldap else LiveWire(http)


class NetworkWire:
    """Carries each request on the wire of its protocol."""

    def __init__(self, http: HttpPlan) -> None:
        self._http, self._ldap = LiveWire(http), LdapWire(http)

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`."""
        return await (self._ldap if request.kind == "ldap" else self._http).send(request, content, content_type)

    async def close(self) -> None:
        """Close both."""
        await self._ldap.close()
        await self._http.close()
