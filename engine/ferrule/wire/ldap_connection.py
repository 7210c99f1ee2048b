"""One connection to an LDAP server, by ldap3: the only module that knows it. Everything here blocks, and is done in threads.

Of ldap3 only the protocol is used. It would follow referrals, with the credential, take names apart and put them together
again, and read the schema: all of that is off.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import socket
import ssl
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

from ferrule.errors import BadInput, InvalidPageToken, UnexpectedAnswer
from ferrule.escapes import rdn_of, text_of
from ferrule.ldap.answer import RANGE
from ferrule.ldap.syntax import SYNTAXES, Unreadable
from ferrule.secret import Secret

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 reads old names of pyasn1
    import ldap3

PAGED = "1.2.840.113556.1.4.319"
"""The control for results in pages (RFC 2696)."""

_SCOPES = {"base": ldap3.BASE, "one": ldap3.LEVEL, "sub": ldap3.SUBTREE}
_CHANGES = {"add": ldap3.MODIFY_ADD, "delete": ldap3.MODIFY_DELETE, "replace": ldap3.MODIFY_REPLACE}

T = TypeVar("T")

Told = dict[str, Any]
"""What an operation says besides its name, or what came of it, as JSON has them."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a connection leads, how it is made secure, and who it is bound as."""

    host: str
    port: int
    ldaps: bool
    start_tls: bool
    authority: str | None
    name: Secret | None
    password: Secret | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search in pages stands. The server's cookie holds on its connection alone; with the number of entries before it,
    and a digest of their names, another connection finds the place again."""

    connection: str
    cookie: str
    entries: int
    digest: str

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that a cursor of ours names. Raises `InvalidPageToken`."""
        try:
            return cls(**json.loads(base64.urlsafe_b64decode(text)))
        except (ValueError, TypeError):
            raise InvalidPageToken("the page token does not fit this directory") from None

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(asdict(self), separators=(",", ":")).encode()).decode()


class _Tls(ldap3.Tls):
    """Checks the certificate and the name in it as Python does, and not as ldap3 would."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = context

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        connection.socket = self.context.wrap_socket(connection.socket, server_hostname=connection.server.host)


@lru_cache(maxsize=64)
def trust(authority: str | None) -> ssl.SSLContext:
    """What certificates are checked against: those of `authority`, in PEM, or those that the machine trusts. Raises `BadInput`."""
    try:
        return ssl.create_default_context(cadata=authority)
    except (ssl.SSLError, ValueError):
        message = "the certificates of the authority cannot be read"
        raise BadInput(message, code="invalid_value", hint="they are PEM: `-----BEGIN CERTIFICATE-----` …") from None


class Connection:
    """A connection that is bound once and then used by one operation at a time."""

    def __init__(self, way: Way, connect: float, answer: float) -> None:
        """`connect` and `answer` are the seconds that a connection and an answer may take."""
        self.id = secrets.token_hex(6)
        self.place: Place | None = None
        """Where a search stands that goes on on this connection."""
        self.way = way
        server = ldap3.Server(
            way.host, way.port, use_ssl=way.ldaps, tls=_Tls(trust(way.authority)), get_info=ldap3.NONE, connect_timeout=connect
        )
        self._ldap: Any = ldap3.Connection(  # its stubs lack half of the operations
            server,
            user=way.name.reveal() if way.name else None,
            password=way.password.reveal() if way.password else None,
            authentication=ldap3.SIMPLE if way.name else ldap3.ANONYMOUS,
            auto_referrals=False,
            auto_range=False,
            check_names=False,
            auto_encode=False,
            raise_exceptions=False,
            return_empty_attributes=False,
            receive_timeout=max(1, round(answer)),
        )

    def open(self) -> Told | None:
        """Connect and bind. What the server says where it refuses the bind, None where it does not."""
        self._ldap.open()
        if self.way.start_tls:
            self._ldap.start_tls()
        return None if self.way.name is None or self._ldap.bind() else self._told()

    def close(self) -> None:
        """Say goodbye, as far as somebody listens."""
        with contextlib.suppress(Exception):
            self._ldap.unbind()

    def cut(self) -> None:
        """End whatever waits on this connection, from another thread. That thread lets go of it."""
        with contextlib.suppress(Exception):
            self._ldap.socket.shutdown(socket.SHUT_RDWR)

    def whole(self, work: Callable[[], T]) -> T:
        """What `work` gives. Where it fails, nothing more is said on this connection."""
        try:
            return work()
        except BaseException:
            with contextlib.suppress(Exception):
                self._ldap.socket.close()
            raise

    def perform(self, operation: str, name: str, told: Told) -> Told:
        """What came of an operation on the entry called `name`."""
        match operation:
            case "SEARCH":
                return self._pages(name, told) if "page_size" in told else self._search(name, told)
            case "COMPARE":
                (value,) = _values(told, told["attribute"], told["value"])
                self._ldap.compare(name, told["attribute"], value)
            case "ADD":
                made = {attribute: _values(told, attribute, value) for attribute, value in told["attributes"].items()}
                self._ldap.add(name, attributes={attribute: values for attribute, values in made.items() if values})
            case "MODIFY":
                self._ldap.modify(name, _changes(told))
            case "MODIFY_DN":
                rdn = told.get("new_rdn") or _first_part(name)
                self._ldap.modify_dn(name, rdn, told["delete_old_rdn"], new_superior=told.get("new_superior"))
            case _:
                self._ldap.delete(name)
        return self._told()

    def _told(self) -> Told:
        """The result of what was done last."""
        result = self._ldap.result
        told: Told = {"code": result["result"], "message": result["message"] or "", "matched_dn": result["dn"] or ""}
        return told | ({"referrals": list(result["referrals"])} if result.get("referrals") else {})

    def _search(self, base: str, told: Told, size: int | None = None, cookie: bytes | None = None) -> Told:
        self._ldap.search(
            base,
            told["filter"],
            _SCOPES[told["scope"]],
            ldap3.DEREF_NEVER,
            attributes=told["attributes"],
            paged_size=size,
            paged_cookie=cookie,
            paged_criticality=True,
        )
        result, answer = self._told(), self._ldap.response or []
        found = [{"dn": each["dn"], "attributes": _attributes(each)} for each in answer if each["type"] == "searchResEntry"]
        references = [address for each in answer if each["type"] == "searchResRef" for address in each["uri"]]
        control = (self._ldap.result.get("controls") or {}).get(PAGED) if size else None
        result |= {"entries": found, "references": references, "next": control["value"]["cookie"] if control else b""}
        ranged = {name.partition(";")[0].lower() for name in told["attributes"] if ";range=" in name.lower()}
        for entry in found:
            self._complete(entry, ranged)
        return result

    def _complete(self, entry: Told, ranged: set[str]) -> None:
        """Ask for the rest of each attribute of which only some values came, unless the spec asks for such parts itself.

        Active Directory gives 1,500 values at a time (MS-ADTS, section 3.1.1.3.1.3.3). Half a group is no group.
        """
        attributes = entry["attributes"]
        for written in list(attributes):
            part = RANGE.fullmatch(written)
            if part is None or part[1].lower() in ranged:
                continue
            values = [*attributes.get(part[1], ()), *attributes.pop(written)]
            while part[3] != "*":
                more = f"{part[1]};range={int(part[3]) + 1}-*"
                self._ldap.search(entry["dn"], "(objectClass=*)", ldap3.BASE, ldap3.DEREF_NEVER, attributes=[more])
                found = [pair for each in self._ldap.response or () for pair in _attributes(each).items()]
                name, came = next((pair for pair in found if RANGE.fullmatch(pair[0])), ("", []))
                part = RANGE.fullmatch(name)
                if part is None or not came:
                    raise UnexpectedAnswer(f"the rest of an attribute did not come: {self._told()['code']}", origin=None)
                values += came
            attributes[part[1]] = values

    def _pages(self, base: str, told: Told) -> Told:
        """One page of a search."""
        size = int(told["page_size"])
        place = Place.read(told["cursor"]) if told.get("cursor") else None
        before = place or Place(self.id, "", 0, "")
        if place is not None and place != self.place:
            before = self._found_again(base, told, place, size)
            if not before.cookie:
                return self._told() | {"entries": [], "references": []}
        self.place = None
        result = self._search(base, told, size, base64.b64decode(before.cookie) or None)
        if result["code"] == 0:
            self.place = _after(before, result, self.id)
            result["cursor"] = str(self.place) if self.place else None
        return result

    def _found_again(self, base: str, told: Told, place: Place, size: int) -> Place:
        """The same place on this connection, after the entries before it have been read once more. Raises `InvalidPageToken`
        where they are not the same any more: going on might leave something out."""
        here = Place(self.id, "", 0, "")
        while here.entries < place.entries:
            result = self._search(base, told, min(size, place.entries - here.entries), base64.b64decode(here.cookie) or None)
            if result["code"] != 0:
                break
            here = _counted(here, result, self.id)
            if not here.cookie:
                break
        if (here.entries, here.digest) != (place.entries, place.digest):
            raise InvalidPageToken("the directory has changed before the place where the page token stands")
        return here


def _attributes(entry: Mapping[str, Any]) -> dict[str, list[bytes]]:
    """The attributes of an entry. ldap3 has None for one without values."""
    return {name: list(values or ()) for name, values in entry.get("raw_attributes", {}).items()}


def _counted(place: Place, result: Told, connection: str) -> Place:
    """The place behind a page, or the end, which has no cookie."""
    digest = place.digest
    for entry in result["entries"]:
        digest = blake2b(f"{digest}\n{entry['dn']}".encode(), digest_size=12).hexdigest()
    return Place(connection, base64.b64encode(result["next"]).decode(), place.entries + len(result["entries"]), digest)


def _after(place: Place, result: Told, connection: str) -> Place | None:
    following = _counted(place, result, connection)
    return following if following.cookie else None


def _values(told: Told, attribute: str, value: Any) -> list[bytes]:
    """The values of an attribute as they are sent: text as UTF-8, true and false as RFC 4517 has them."""
    syntax = told.get("syntaxes", {}).get(attribute)
    made = []
    for item in value if isinstance(value, list) else [value]:
        text = str(item).upper() if isinstance(item, bool) else text_of(item)
        try:
            made.append(SYNTAXES[syntax][1](text) if syntax else text.encode())
        except Unreadable:
            raise BadInput(f"a value of `{attribute}` is no {syntax}", code="invalid_value") from None
    return made


def _changes(told: Told) -> dict[str, list[tuple[Any, list[bytes]]]]:
    """The changes, in order. An empty list deletes by `replace`, and does nothing otherwise."""
    made: dict[str, list[tuple[Any, list[bytes]]]] = {}
    for change, attributes in told["changes"].items():
        for attribute, value in attributes.items():
            values = _values(told, attribute, value)
            if values or change == "replace":
                made.setdefault(attribute, []).append((_CHANGES[change], values))
    if not made:
        raise BadInput("there is nothing to change", code="invalid_value")
    return made


def _first_part(name: str) -> str:
    """The first part of a name, which stays where no other is given."""
    if name.startswith("<"):
        raise BadInput("an entry that is named by its id keeps no first part", code="invalid_value", hint="say `new_rdn`, or give its DN")
    return rdn_of(name)


def plain(came: Mapping[str, Any], syntaxes: Mapping[str, str]) -> Told:
    """What came, as JSON has it: each value as the text that its attribute's syntax makes of it; as base64, where it makes none."""
    known = {name.lower(): SYNTAXES[syntax][0] for name, syntax in syntaxes.items()}
    entries = [
        {
            "dn": entry["dn"],
            "attributes": {
                name: [_text(value, known.get(name.lower(), bytes.decode)) for value in values]
                for name, values in entry["attributes"].items()
            },
        }
        for entry in came.get("entries", ())
    ]
    return {name: value for name, value in came.items() if name != "next"} | ({"entries": entries} if "entries" in came else {})


def _text(value: bytes, read: Callable[[bytes], str]) -> Any:
    try:
        return read(value)
    except Unreadable:
        return {"base64": base64.b64encode(value).decode()}
