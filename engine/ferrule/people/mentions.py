"""Who is mentioned in a cassette: every text that says who somebody is, and what it is of them.

Three rules find people, as three rules find secrets:

- by type: what the contract calls an account's id, in inputs and in records;
- by name: the value of whatever is called like something of a person (`userName`, `family_name`, `mobile`, `owner`, …), in
  the contract's records and inputs, and in queries, forms, JSON, XML and CSV; and in an object that is a person, since its id,
  user name or address is known already, its `name`, `label` or `display` too;
- by form: e-mail addresses, and telephone numbers that begin with `+`, wherever they stand.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pydantic import BaseModel, TypeAdapter

from ferrule.capabilities import CAPABILITIES
from ferrule.escapes import Unfit, rdn_of, whole_dn
from ferrule.people.kept_words import Kept
from ferrule.people.writing import Reading, said
from ferrule.secret import MASK
from ferrule.wire.cassette_file import Cassette, CassetteCall
from ferrule.wire.kept import opened_body

Kind = Literal["id", "login", "name", "email", "phone"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One text that says who somebody is."""

    kind: Kind
    text: str


EMAIL = re.compile(r"(?<![\w.+'~-])([\w.+'~-]++)@((?:[\w-]++\.)+[^\W\d_]{2,})(?![\w@])")
"""An address: what is before the `@`, and its domain, which does not end in a digit as a version would."""
_PHONE = re.compile(r"(?<![\w+])\+[1-9][\d\s().\-/]{6,22}\d(?!\w)")
_FULL_NAME = re.compile(r"[^\W\d_][\w.'’-]+(?:\s+[^\W\d_][\w.'’-]+)+")
_OF_A_PERSON: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("email", re.compile(r".*e?mail(?:s|address|addresses)?")),
    ("phone", re.compile(r".*(?:phone|mobile|fax)(?:s|number|numbers|no)?|cell|cells|msisdn|sms")),
    (
        "name",
        re.compile(r"(?:user|contact|person)?(?:given|first|fore|middle|family|last|sur|maiden|full|real|nick|preferred|legal)names?"),
    ),
    ("login", re.compile(r"(?:user|login|account|owner|creator|author|manager|assignee)name|login|userprincipalname|upn|samaccountname")),
    ("id", re.compile(r"(?:user|login|account|member|owner|creator|author|manager|assignee)ids?|accountintegrationspecificid")),
    ("id", re.compile(r"user|users|owner|owners|creator|author|manager|assignee|members|admins|sender|actor|reportsto|impersonationemail")),
    ("id", re.compile(r"(?:created|updated|modified|lastmodified|deleted|assigned|invited|approved)by|assignedto")),
    ("id", re.compile(r"(?:source|target|grantsaccessto)accountid")),
    ("id", re.compile(r"(?:employee|personnel|staff|person|worker|badge)(?:id|number|no)|ssn")),
)
"""What is called so, in lower case and without marks, says who somebody is."""
_DISPLAY = frozenset({"displayname", "display"})
"""Names of people, and of groups as well."""
_OF_THE_OBJECT = _DISPLAY | {"name", "label", "formatted", "cn", "commonname"}
_IDENTITY = frozenset(
    {"id", "uid", "uuid", "guid", "sub", "key", "value", "name", "login", "username", "userid", "accountid", "email", "mail"}
    | {"integrationspecificid", "resourceid", "objectid", "statekey", "reference"}
)
"""Under one of these, an object says who or what it is."""
_OF_ACCOUNTS = frozenset({"list_accounts", "get_account", "list_updated_accounts", "find_resource_graph"})
"""Capabilities whose records are people, or hold some that say so."""
_INHERITS = frozenset({"value", "values", "address", "number", "text", "formatted"})
_MARKS = frozenset({"type", "medium", "system", "channel"})


def mentions(cassette: Cassette, kept: Kept) -> set[Mention]:
    """Everybody that a cassette mentions. Who is called like something that stays is not known by it."""
    header = cassette.ferrule
    labels = {text for call in header.calls for text in _things(call)}
    bodies = [*_bodies(cassette)]
    structures = [header.credential, header.settings, *bodies, *(part for call in header.calls for part in (call.inputs, *_records(call)))]
    found = {mention for call in header.calls for mention in _by_type(call)}
    found |= {mention for value in structures for mention in _by_name(value, labels)}
    found |= {mention for reading in _readings(cassette) for mention in _by_form(reading)}
    known = {mention.text.lower() for mention in found if mention.kind in ("id", "login", "email")}
    known |= {str(record["resource_id"]).lower() for record in _accounts(header.calls) if record.get("resource_id")}
    known = {text for text in known if not kept.holds(text) and (len(text) > 3 or not text.isdigit())}  # groups are numbered from 1, too
    found |= {mention for value in (*bodies, *_accounts(header.calls)) for mention in _of_people(value, known)}
    return {mention for mention in found if mention.text.strip() and mention.text != MASK}


# by type


def _by_type(call: CassetteCall) -> Iterator[Mention]:
    capability = CAPABILITIES.get(call.capability)
    if capability is not None:
        yield from _ids(_schema(capability.request), call.inputs)
        for record in (*(call.expect.records or ()), call.expect.record):
            yield from _ids(_schema(capability.response), record)


@cache
def _schema(model: Any) -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema(mode="serialization")
    return {**schema, "$defs": schema.get("$defs", {})}


def _ids(schema: Mapping[str, Any], value: Any, within: Mapping[str, Any] | None = None) -> Iterator[Mention]:
    """The values that the contract marks as ids of accounts."""
    known = schema["$defs"] if within is None else within
    if "$ref" in schema:
        schema = {**schema, **known[schema["$ref"].rpartition("/")[2]]}
    if isinstance(value, str) and schema.get("x-semantic") in ("account-id", "auxiliary-account-id"):
        yield Mention("id", value)
    for option in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _ids({**option, **({"x-semantic": schema["x-semantic"]} if "x-semantic" in schema else {})}, value, known)
    if isinstance(value, Mapping):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from _ids(inner, value[name], known)
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            yield from _ids(schema["items"], item, known)


# by name


def kind_of(name: Any) -> Kind | None:
    """What the value of something called `name` is of a person; None where it is nothing."""
    plain = _plain(name)
    return next((kind for kind, pattern in _OF_A_PERSON if pattern.fullmatch(plain)), None)


def _plain(name: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def _by_name(value: Any, labels: set[str], kind: Kind | None = None) -> Iterator[Mention]:
    """`labels` are names of things, which a display name may be."""
    if isinstance(value, Mapping):
        marked = next((k for name, text in value.items() if _plain(name) in _MARKS and (k := kind_of(text)) in ("email", "phone")), None)
        for name, item in value.items():
            inner = kind_of(name) or ((marked or kind) if _plain(name) in _INHERITS else None)
            if _plain(name) in _DISPLAY and isinstance(item, str) and item not in labels:
                inner = "name"
            yield from _by_name(item, labels, inner)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _by_name(item, labels, kind)
    elif kind is not None and isinstance(value, str | int) and not isinstance(value, bool):
        yield from _mention(kind, str(value))


def _mention(kind: Kind, text: str) -> Iterator[Mention]:
    if kind == "phone" and not 6 <= len(re.sub(r"\D", "", text)) <= 15:
        return
    if kind == "email":
        yield from (Mention("email", found[0]) for found in EMAIL.finditer(text))
        return
    called = _called(text)
    yield Mention("name" if called or (kind == "id" and _FULL_NAME.fullmatch(text.strip())) else kind, called or text)


def _called(text: str) -> str | None:
    """Who a distinguished name of LDAP names: the value of its first part. None for any other text."""
    try:
        return rdn_of(whole_dn(text)).partition("=")[2] or None
    except Unfit:
        return None


def _of_people(value: Any, known: set[str], is_person: bool = False) -> Iterator[Mention]:
    """What the objects are called that are people: their id, user name or address is among `known`."""
    if isinstance(value, Mapping):
        is_person = is_person or any(_plain(name) in _IDENTITY and _identity(item) in known for name, item in value.items())
        for name, item in value.items():
            if is_person and isinstance(item, str) and _plain(name) in _OF_THE_OBJECT and item.lower() not in known:
                yield Mention("name", item)
            elif is_person and isinstance(item, str) and _plain(name) == "distinguishedname":
                yield Mention("name", _called(item) or item)
            elif is_person and isinstance(item, str | int) and _plain(name) == "externalid":
                yield Mention("id", str(item))
            yield from _of_people(item, known, is_person and isinstance(item, Mapping))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _of_people(item, known)


def _identity(item: Any) -> str:
    return str(item.get("id") if isinstance(item, Mapping) else item).lower()


# by form


def _by_form(reading: Reading) -> Iterator[Mention]:
    for found in EMAIL.finditer(reading.text):
        if reading.is_whole(found.start(), found.end()):
            yield Mention("email", found[0])
    for found in _PHONE.finditer(reading.text):
        if reading.is_whole(found.start(), found.end()) and 8 <= len(re.sub(r"\D", "", found[0])) <= 15:
            yield Mention("phone", found[0])


# where to look


def _records(call: CassetteCall) -> list[Mapping[str, Any]]:
    return [record for record in (*(call.expect.records or ()), call.expect.record) if isinstance(record, Mapping)]


def _accounts(calls: Iterable[CassetteCall]) -> Iterator[Mapping[str, Any]]:
    for call in calls:
        if call.capability in _OF_ACCOUNTS:
            yield from _records(call)


def _things(call: CassetteCall) -> Iterator[str]:
    """Labels of resources and entitlements."""
    for record in _records(call):
        if "account_type" not in record and "reference" not in record:
            yield from (str(record[name]) for name in ("label", "name") if record.get(name))


def _bodies(cassette: Cassette) -> Iterator[Any]:
    """Queries and bodies, as far as their form can be told."""
    for exchange in cassette.interactions:
        request, response = exchange.request, exchange.response
        yield _pairs(urlsplit(request.uri).query)
        yield structure(request.body, request.content_type)
        yield structure(response.body.string, response.content_type)


def structure(body: str | bytes | None, content_type: str) -> Any:
    """A body as objects and lists; None where it is neither JSON, XML, CSV nor a form."""
    text, kind = opened_body(body, content_type)[0].strip(), content_type.lower()
    if "x-www-form-urlencoded" in kind:
        return _pairs(text)
    if "csv" in kind or "tab-separated" in kind:
        return list(csv.DictReader(io.StringIO(text), delimiter="\t" if "tab" in kind else ","))
    if text[:1] == "<":
        return _xml(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return [line for line in map(_line, text.splitlines()) if line is not None]


def _line(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _pairs(text: str) -> list[dict[str, str]]:
    return [dict([pair]) for pair in parse_qsl(text, keep_blank_values=True)]


def _xml(text: str) -> Any:
    try:
        return _element(fromstring(text))
    except (ParseError, DefusedXmlException, ValueError):
        return None


def _element(element: Any) -> Any:
    """An element as an object of its attributes and elements; as its text, where it has nothing else."""
    pairs = [*element.attrib.items(), *((child.tag, _element(child)) for child in element)]
    text = (element.text or "").strip()
    if not pairs:
        return text
    grouped: dict[str, Any] = {"text": text} if text else {}
    for name, value in pairs:
        grouped.setdefault(str(name).rpartition("}")[2], []).append(value)
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in grouped.items()}


def _readings(cassette: Cassette) -> Iterator[Reading]:
    """All that is said in a cassette."""
    for call in cassette.ferrule.calls:
        yield from _leaves((call.inputs, call.expect))
    yield from _leaves((cassette.ferrule.settings, cassette.ferrule.credential))
    for exchange in cassette.interactions:
        request, response = exchange.request, exchange.response
        yield from said(request.uri.replace("+", " "))
        yield from said(opened_body(request.body, request.content_type)[0])
        yield from said(opened_body(response.body.string, response.content_type)[0])
        for values in (*request.headers.values(), *response.headers.values()):
            for value in values:
                yield from said(value)


def _leaves(value: Any) -> Iterator[Reading]:
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, str):
        yield from said(value)
    elif isinstance(value, Mapping):
        yield from _leaves([*value.keys(), *value.values()])
    elif isinstance(value, Iterable) and not isinstance(value, bytes):
        for item in value:
            yield from _leaves(item)
