"""The page at `/docs`: made here, whole, and without a script, so that it works where the internet does not reach.

Its policy lets a browser load nothing, run nothing and send nothing: what a spec says is text on it and cannot be more.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from ferrule.capabilities import CAPABILITIES
from ferrule.connector import Connector

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}"
    "code,pre{font-family:ui-monospace,monospace;font-size:.9em;background:#f3f3f3;border-radius:3px}code{padding:.1em .25em}"
    "pre{padding:.7em;overflow:auto}summary{cursor:pointer;padding:.2em 0}details[open]{border-left:3px solid #ccc;padding-left:.8em}"
    "table{border-collapse:collapse;margin:.6em 0}th,td{text-align:left;padding:.15em 1em .15em 0;vertical-align:top}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code,pre{background:#2a2a2a}a{color:#8bf}}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSP = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The page's Content-Security-Policy."""


def page(connectors: Mapping[str, Connector]) -> bytes:
    """The page, for these connectors."""
    own = {
        name: operation.capability
        for connector in connectors.values()
        for name, operation in connector.plan.operations.items()
        if operation.capability.is_custom
    }
    shown = [*(found for name, found in CAPABILITIES.items() if name != "list_connector_app_ids"), *own.values()]
    having = {one.name: [c.id for c in connectors.values() if one.name in c.plan.operations] for one in shown}
    text = files("ferrule.server").joinpath("page.html").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(text)
    return template.render(connectors=list(connectors.values()), capabilities=shown, having=having, style=STYLE).encode()
