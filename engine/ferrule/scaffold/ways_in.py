"""The ways to be let in: the security schemes of a description as kinds of `auth`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ferrule.against.description import Description
from ferrule.against.schema import series, table
from ferrule.scaffold.address import token_address
from ferrule.scaffold.requests import Ask, Settings
from ferrule.scaffold.words import identifier, titled

MOST = 3
"""More ways in than these are named in a comment."""
_CREDENTIAL = re.compile(r"auth|token|key|secret|session|sid$|credential", re.IGNORECASE)
_NO_CREDENTIAL = re.compile(r"sudo|otp|csrf|xsrf|org[-_]?id|registration", re.IGNORECASE)
_PREFIX = re.compile(
    r"Authorization:\s*[\"'`]?([A-Za-z][\w-]*(?:\s+[a-z]+=)?)\s*[{<\[$\"'`]"
    r"|[Ff]ormat\s*[:`\"']*\s*([A-Za-z][\w-]*(?:\s+[a-z]+=|\s))\s*[<{\[$]"
    r"|prefix(?:ed)?\s+(?:with|by|of)\s+[`\"']?([A-Za-z][\w-]*)"
    r"|([A-Za-z]{3,20})\s+(?:<|\{|\[)[\w\s-]*(?:token|key)[\w\s-]*(?:>|\}|\])"
    r"|^\s*(SSWS|GenieKey|Bearer)\b|\bprepended with [`\"']?([a-z]+)",
)
_WORDS = {"ssws": "SSWS", "geniekey": "GenieKey", "bearer": "Bearer", "bot": "Bot", "bottoken": "Bot"}


@dataclass(slots=True)
class WaysIn:
    """`auth:` as a spec writes it, what to decide about each, and the OAuth schemes with the names they have in the spec."""

    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    oauth: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def schemes(description: Description) -> dict[str, Mapping[str, Any]]:
    """The security schemes of all documents, by name."""
    found: dict[str, Mapping[str, Any]] = {}
    for document in description.documents:
        content = document.content
        held = table(content.get("securityDefinitions")) or table(table(content.get("components")).get("securitySchemes"))
        for name, scheme in held.items():
            found.setdefault(str(name), table(document.schemas.follow(scheme)))
    return found


def ways_in(description: Description, asks: Iterable[Ask], base_url: str, settings: Settings) -> WaysIn:
    """The ways in that the requests of a spec take, those that the description names first going first."""
    known, made = schemes(description), WaysIn()
    for needed in _needs(known, description, asks):
        name = identifier("_".join(needed)) if len(needed) == 1 else "keys"
        if len(made.made) == MOST:
            made.left.append(" and ".join(needed))
            continue
        spec, note = _both(known, needed) if len(needed) > 1 else _one(known[needed[0]], needed[0], base_url, settings)
        if spec is None or spec in made.made.values():
            continue
        if name in made.made:
            name = f"{name}_{len(made.made) + 1}"
        made.made[name] = spec
        if note:
            made.notes[name] = note
        if spec["kind"].startswith("oauth2"):
            made.oauth[needed[0]] = name
    if not made.made:
        made.made["token"] = {"kind": "bearer"}
        made.notes["token"] = "the description does not say how a request proves who sends it; what does the vendor ask for?"
    return made


def _needs(known: Mapping[str, Any], description: Description, asks: Iterable[Ask]) -> Iterator[tuple[str, ...]]:
    """Every combination of schemes that lets a request in: those of the requests, those of the whole document, and where
    neither says anything, each by itself."""
    stated: dict[tuple[str, ...], None] = {}
    for said in (*(ask.operation.said for ask in asks), *(document.content for document in description.documents)):
        for option in series(said.get("security")):
            needed = tuple(name for name in table(option) if name in known)
            if needed and len(needed) == len(option):
                stated.setdefault(needed)
    every = stated or {(name,): None for name in known}
    yield from sorted(every, key=lambda needed: _is_unlikely(known, needed))


def _is_unlikely(known: Mapping[str, Any], needed: tuple[str, ...]) -> bool:
    return any(_NO_CREDENTIAL.search(f"{name} {known[name].get('name', '')}") for name in needed)


def _one(scheme: Mapping[str, Any], name: str, base_url: str, settings: Settings) -> tuple[dict[str, Any] | None, str | None]:
    """One scheme; None where it is no way in by itself."""
    kind, said = str(scheme.get("type", "")), str(scheme.get("description") or "")
    if kind == "basic" or (kind == "http" and str(scheme.get("scheme", "")).lower() == "basic"):
        return {"kind": "basic"}, None
    if kind == "http" and str(scheme.get("scheme", "")).lower() == "bearer":
        return {"kind": "bearer"}, None
    if kind == "apiKey":
        return _key(scheme, name, said)
    if kind == "oauth2":
        return _oauth(scheme, base_url, settings)
    if kind == "openIdConnect":
        return {"kind": "bearer"}, "the description names OpenID Connect only; how does a program get its token?"
    return None, None


def _key(scheme: Mapping[str, Any], name: str, said: str) -> tuple[dict[str, Any] | None, str | None]:
    where, param = str(scheme.get("in", "")), str(scheme.get("name", ""))
    if where not in ("header", "query", "cookie") or not param:
        return None, None
    if _NO_CREDENTIAL.search(f"{name} {param}") or not _CREDENTIAL.search(f"{name} {param} {said[:80]}"):
        return None, None
    if where == "header" and param.lower() == "authorization":
        word = _word(name, said)
        if word is None:
            spec = {"kind": "header", "name": "Authorization"}
            return spec, "does a word stand before the key in the header, such as `Bearer`? Then add `value:`"
        if word == "Bearer":
            return {"kind": "bearer"}, None
        if word.endswith("="):
            return {"kind": "header", "name": "Authorization", "value": f"{word}{{{{ credential.token }}}}"}, None
        return {"kind": "bearer", "prefix": word}, None
    return {"kind": where, "name": param}, None


def _word(name: str, said: str) -> str | None:
    """What stands before the key in an `Authorization` header, where the words of the description tell."""
    found = _PREFIX.search(said)
    word = next((group for group in found.groups() if group), "").strip() if found else ""
    word = re.sub(r"\s+", " ", word)
    if word.lower() in ("the", "your", "an", "a", "api", "authorization", "header", "this", "value", "must"):
        word = ""
    return word or _WORDS.get(re.sub(r"[^a-z]", "", name.lower()))


def _oauth(scheme: Mapping[str, Any], base_url: str, settings: Settings) -> tuple[dict[str, Any] | None, str | None]:
    """An OAuth scheme: by client credentials where there are any, else by a person's consent, or a refresh token that it left."""
    flows = table(scheme.get("flows")) or {str(scheme.get("flow", "")): scheme}
    for flow, kind in (("clientCredentials", "oauth2_client_credentials"), ("application", "oauth2_client_credentials"),
                       ("authorizationCode", "oauth2_refresh"), ("accessCode", "oauth2_refresh"),
                       ("password", "oauth2_password")):  # fmt: skip
        url = table(flows.get(flow)).get("tokenUrl")
        if not url:
            continue
        token_url = token_address(str(url), base_url, settings)
        asks = table(flows.get(flow)).get("authorizationUrl")
        authorization_url = token_address(str(asks), base_url, settings) if asks and kind == "oauth2_refresh" else None
        if token_url is not None and authorization_url is not None:
            return {"kind": "oauth2_authorization_code", "authorization_url": authorization_url, "token_url": token_url}, None
        if token_url is not None:
            return {"kind": kind, "token_url": token_url}, None
    return {"kind": "bearer"}, "an access token of OAuth 2 is sent as it is; where is it asked for? Then it is a kind that logs in"


def _both(known: Mapping[str, Any], needed: tuple[str, ...]) -> tuple[dict[str, Any] | None, str | None]:
    """Several keys that go along together, each in a header of its own."""
    headers: dict[str, str] = {}
    fields: dict[str, str] = {}
    for name in needed:
        scheme = known[name]
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header" and str(scheme.get("name", "")).lower() != "authorization":
            key = identifier(str(scheme["name"]))
            headers[str(scheme["name"])] = f"{{{{ credential.{key} }}}}"
            fields[key] = titled(scheme["name"])
        elif scheme.get("scheme") == "bearer" or str(scheme.get("name", "")).lower() == "authorization":
            continue
        else:
            return None, None
    if len(headers) == len(needed):
        return {"kind": "headers", "headers": headers, "fields": fields}, None
    return (
        ({"kind": "bearer"}, f"the description wants {' and '.join(needed)} together; is the token enough?")
        if not headers
        else (None, None)
    )


def scopes(ways: WaysIn, requests: Iterable[Ask]) -> list[str] | None:
    """The scopes that some requests need of the OAuth logins; None where one of them does not say."""
    found: dict[str, None] = {}
    for request in requests:
        options = [table(option) for option in series(request.operation.said.get("security"))]
        named = [series(option[name]) for option in options for name in option if name in ways.oauth and option[name]]
        if not named:
            return None
        reading = [words for words in named if request.method != "get" or any("read" in str(word).lower() for word in words)]
        for word in min(reading or named, key=len):
            found.setdefault(str(word))
    return list(found)
