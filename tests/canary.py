"""Canaries: values that must not turn up anywhere, and a search for them in every way they could be written."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus


def forms(canary: str) -> dict[str, str]:
    """Every writing of a canary, by its name. What is not told apart by case is in lower case."""
    content = canary.encode()
    in_json = json.dumps(canary)[1:-1]
    units = [f"{int.from_bytes(pair):04x}" for pair in _pairs(canary.encode("utf-16-be"))]
    said = {
        "raw": canary,
        "URL": quote(canary, safe=""),
        "URL, path": quote(canary),
        "URL, all": "".join(f"%{byte:02x}" for byte in content),
        "form": quote_plus(canary),
        "JSON": in_json,
        "JSON, plain": json.dumps(canary, ensure_ascii=False)[1:-1],
        "JSON, slashes": in_json.replace("/", "\\/"),
        "JSON, all": "".join(f"\\u{unit}" for unit in units),
        "JSON in JSON": json.dumps(in_json)[1:-1],
        "URL twice": quote(quote(canary, safe=""), safe=""),
        "HTML": html.escape(canary),
        "HTML, bare quotes": html.escape(canary, quote=False),
        "HTML, decimal": "".join(f"&#{ord(c)};" for c in canary),
        "HTML, hexadecimal": "".join(f"&#x{ord(c):x};" for c in canary),
        "hexadecimal": content.hex(),
    }
    return {name: text.lower() for name, text in said.items()}


def packed_forms(canary: str) -> dict[str, str]:
    """The part of a canary's base64 that is the same whatever stands before and after it, at each of the three places in four
    characters where it can begin. Padding is no part of it."""
    found = {}
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + canary.encode()).decode().rstrip("=")
        start, end = -(-before * 8 // 6), (before + len(canary.encode())) * 8 // 6
        found[f"base64 at {before}"] = whole[start:end]
        found[f"base64url at {before}"] = whole[start:end].replace("+", "-").replace("/", "_")
    return found


def traces(text: str, canaries: Iterable[str]) -> list[str]:
    """Which canaries are in `text`, and how they are written."""
    lower = text.lower()
    return [
        f"{canary}: {name}"
        for canary in canaries
        for place, those in ((lower, forms(canary)), (text, packed_forms(canary)))
        for name, form in those.items()
        if form in place
    ]


def all_traces(places: Mapping[str, str], canaries: Iterable[str]) -> list[str]:
    """`traces` of several texts, each with the name of its place."""
    wanted = list(canaries)
    return [f"{place}: {trace}" for place, text in places.items() for trace in traces(text, wanted)]


def _pairs(content: bytes) -> Iterable[bytes]:
    return (content[at : at + 2] for at in range(0, len(content), 2))
