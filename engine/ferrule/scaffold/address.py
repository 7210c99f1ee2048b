"""Where an API is found: the first server of a description as a `base_url`, with settings for what differs from tenant to tenant."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ferrule.against.description import Description
from ferrule.against.schema import series, table
from ferrule.scaffold.requests import HOLE, Settings
from ferrule.scaffold.text import listed, sentence
from ferrule.scaffold.words import identifier, titled

_STANDS_FOR_ANOTHER = re.compile(
    r"(?:^|[-_.])(?:your|my|example|sample|foo|acme|tenant|subdomain|company|instance|domain|org-account)(?:[-_.]|$)|^your|^my"
)
_PRIVATE = re.compile(r"localhost$|\.local$|\.internal$|(?:^|\.)example(?:\.(?:com|org|net))?$")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_OF_ALL = frozenset({"api", "www", "app", "rest"})
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov"})


@dataclass(frozen=True, slots=True)
class Address:
    """A `base_url` with what is to decide about it. `tenant` is the setting in its host that tells tenants apart."""

    base_url: str
    notes: tuple[str, ...] = ()
    tenant: str | None = None
    domain: str | None = None
    """The vendor's domain, where the host has one."""


def address(description: Description, settings: Settings) -> Address:
    """The address that all paths of a description stand below."""
    document = description.documents[0]
    urls = _urls(document.content)
    prefix = "".join(f"/{segment}" for segment in (document.prefixes[0] if document.prefixes else ()))
    first, variables = urls[0] if urls else ("", {})
    found = re.match(r"(?:(https?):)?//([^/?#]+)", first, re.IGNORECASE)
    if found is None or found[1] == "http" or _is_private(found[2]):
        name = settings.name("base_url", {"type": "url", "title": "API address", "description": _where(prefix)})
        note = "the description names no address that everybody can reach, so the API's is a setting; is it the same for all tenants?"
        return Address(f"{{{{ settings.{name} }}}}{prefix}", (note,), tenant=name)
    host, tenant = _host(found[2], variables, settings)
    others = [url for url, _ in urls[1:] if url != first and not re.search(r"//\{[^}]*\}(?:[:/]|$)", url)]
    notes = [f"the description has other addresses too: {listed(others)}"] if others else []
    if "{{" in host:
        notes.append("look at the patterns of the settings in the host: the credential goes wherever they let it")
    usual = HOLE.sub(lambda hole: str(table(variables.get(hole[1])).get("default") or hole[0]), found[2])
    return Address(f"https://{host}{prefix}", tuple(notes), tenant, vendor_domain(usual))


def _where(prefix: str) -> str:
    return f"The address that `{prefix}` stands below: `https://app.example.com`." if prefix else "`https://app.example.com/api`."


def _urls(content: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    if "swagger" in content:
        host = content.get("host")
        schemes = [str(scheme) for scheme in series(content.get("schemes"))] or ["https"]
        return [(f"{'https' if 'https' in schemes else schemes[0]}://{host}", {})] if host else []
    servers = [server for server in series(content.get("servers")) if isinstance(server, dict)]
    return [(str(server.get("url", "")), table(server.get("variables"))) for server in servers]


def _is_private(host: str) -> bool:
    """Whether a host is one that stands for another: of this machine, of a private network, an example."""
    name = HOLE.sub("x", host).rpartition(":")[0] or HOLE.sub("x", host)
    try:
        return ipaddress.ip_address(name) is not None
    except ValueError:
        return bool(_PRIVATE.search(name.lower())) or ("{" not in host and not _HOST.fullmatch(host.split(":")[0]))


def _host(host: str, variables: Mapping[str, Any], settings: Settings) -> tuple[str, str | None]:
    """The host with settings for its variables, and for a first label that stands for a tenant's own."""
    tenant: str | None = None

    def variable(found: re.Match[str]) -> str:
        nonlocal tenant
        said = table(variables.get(found[1]))
        spec: dict[str, Any] = {"title": titled(found[1])}
        if words := sentence(str(said.get("description") or ""), 140):
            spec["description"] = words
        values = [str(value) for value in dict.fromkeys(map(str, series(said.get("enum"))))]
        default = str(said.get("default", ""))
        if values:
            spec["enum"] = values
        else:
            spec["pattern"] = "[A-Za-z0-9.-]+" if "." in default or host == found[0] else "[A-Za-z0-9-]+"
        if default in values or default in _OF_ALL:
            spec["default"] = default
        short = re.sub(r"^(?:your|my)[-_]?(?=[A-Za-z])", "", found[1], flags=re.IGNORECASE)
        spec["title"] = titled(short)
        name = settings.name(short, spec)
        if "default" not in spec:
            tenant = tenant or name
        return f"{{{{ settings.{name} }}}}"

    made = HOLE.sub(variable, host)
    label, dot, rest = made.partition(".")
    if "{{" not in made and dot and "." in rest and label not in _OF_ALL and _STANDS_FOR_ANOTHER.search(label):
        spec = {"title": "Subdomain", "description": f"What stands before `.{rest}`.", "pattern": "[A-Za-z0-9-]+"}
        tenant = settings.name("subdomain", spec)
        made = f"{{{{ settings.{tenant} }}}}.{rest}"
    return made, tenant


def vendor_domain(host: str) -> str | None:
    """The domain that a host belongs to, as far as its last labels tell; None where they are variable."""
    labels = [label for label in re.sub(r"\{.*?\}", "{", host).lower().split(":")[0].split(".") if label]
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    last = labels[-count:]
    return ".".join(last) if len(last) == count and not any("{" in label for label in last) else None


def token_address(url: str, base_url: str, settings: Settings) -> str | None:
    """A token endpoint as a spec names it: below the connector's own address, or an address of its own. None where neither is known."""
    if url.startswith("/"):
        below = urlsplit(base_url.replace("{{ ", "").replace(" }}", "")).path
        return url if below in ("", "/") and base_url.startswith("https://") else None
    if url.startswith("https://") and "{" not in url and not _is_private(urlsplit(url).netloc):
        return url
    names = {identifier(name): name for name in HOLE.findall(url)}
    if url.startswith("https://") and names and all(name in settings.made for name in names):
        return HOLE.sub(lambda found: f"{{{{ settings.{identifier(found[1])} }}}}", url)
    return None
