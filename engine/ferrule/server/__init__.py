"""The HTTP API: the contract's paths over any number of connectors, as an ASGI application of its own or a part of another.

    app = ferrule.server.asgi([ferrule.load("jupyterhub")])

Nothing is kept from one call to the next but open connections to the apps: no tenant, no credential, no state.
"""

from __future__ import annotations

from ferrule.server.application import Application, asgi
from ferrule.server.callers import Keys, read_keys
from ferrule.server.calls import Limits

__all__ = ["Application", "Keys", "Limits", "asgi", "read_keys"]
