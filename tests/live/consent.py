"""People who allow access: they follow an authorization URL as a browser does, sign in, say yes, and are sent back."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx


def allowed(address: str, redirect_uri: str, fields: dict[str, str]) -> str:
    """Where a person comes back to who fills these fields of every form on the way."""
    with httpx.Client(timeout=30) as browser:
        method, data = "GET", None
        for _ in range(15):
            if address.startswith(redirect_uri):
                return address
            page = browser.request(method, address, data=data)
            method, data = "GET", None
            if page.is_redirect:
                address = urljoin(address, page.headers["location"])
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
            assert page.status_code == 200 and form, (page.status_code, page.text[:500])
            hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text)
            asked = {name for name in fields if f'name="{name}"' in page.text}
            method, data = "POST", {**dict(hidden), **{name: fields[name] for name in asked}}
            address = urljoin(address, form[1].replace("&amp;", "&"))
    raise AssertionError("nobody was sent back")


def said(address: str) -> dict[str, str]:
    """What an address says that a person came back to."""
    return dict(parse_qsl(urlsplit(address).query))
