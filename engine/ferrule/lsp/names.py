"""The names that a template or an expression may read at its place.

They are read from the outline, since they are wanted while the file is no spec. Which there are follows `ferrule.compile`; a
test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from ferrule.auth import AuthSpec
from ferrule.auth.signature import READS, SignatureSpec, SignedPlaceSpec
from ferrule.auth.signed_token import SignedTokenSpec
from ferrule.capabilities import CAPABILITIES, custom
from ferrule.compile.compiler import SpecCompiler
from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import SpecError
from ferrule.lsp.language import Role, holder, parts_of
from ferrule.lsp.tree import Entry, Node, nodes
from ferrule.pagination import Pagination


@dataclass(frozen=True, slots=True)
class Name:
    """A name in scope. `at` is the offset where it is declared; `members` are the names below it, as far as they are known."""

    name: str
    doc: str
    members: Mapping[str, Name] = field(default_factory=dict)
    at: int | None = None


def names_at(root: Node, entry: Entry, role: Role) -> dict[str, Name]:
    """The names that the text of an entry may read."""
    names = {"settings": _settings(root)}
    if role == "template":
        names |= {"credential": _credential(root, entry), "session": _session(root), **_of_signing(entry)}
    chain = entry.chain
    if chain[0].name == "capabilities" and len(chain) > 1:
        names |= _of_capability(root, chain)
    elif chain[0].name == "records" and len(chain) > 1:
        for record in _users(root, chain[1].name):
            names = {**_of_capability(root, record.chain), **names}
    if role == "answer":
        names |= {name: Name(name, doc) for name, doc in _ANSWER.items()}
    if role in ("answer", "record"):
        names.pop("page", None)
    if role == "record":
        names.pop("settings")
    return names


_ANSWER = {
    "status": "The HTTP status of the answer.",
    "headers": "The headers of the answer, their names in lower case.",
    "body": "The body of the answer, decoded.",
}


def _users(root: Node, name: str) -> Iterable[Entry]:
    capabilities = root.get("capabilities")
    for capability in capabilities.entries if capabilities else []:
        for part in parts_of(capability.value):
            entry = part.entry("record")
            if entry is not None and entry.value is not None and entry.value.text == name:
                yield entry


# What all share


def _settings(root: Node) -> Name:
    settings = root.get("settings")
    members = {}
    for entry in settings.entries if settings else []:
        said = entry.value.plain if entry.value is not None and entry.value.kind == "mapping" else {}
        words = [str(said[key]) for key in ("title", "description") if said.get(key)]
        kind = " or ".join(map(str, said["enum"])) if isinstance(said.get("enum"), list) else str(said.get("type") or "string")
        members[entry.name] = Name(entry.name, f"A setting ({kind}). {' '.join(words)}".strip(), at=entry.start)
    return Name("settings", "What differs from tenant to tenant and is not secret.", members, settings.start if settings else None)


def _credential(root: Node, place: Entry) -> Name:
    """The fields of every way in; within one, its own."""
    auth = root.get("auth")
    members: dict[str, Name] = {}
    own = [entry for entry in place.chain[1:2] if entry.owner is auth]
    for entry in own or (auth.entries if auth else []):
        fields = entry.value.get("fields") if entry.value is not None else None
        for name, title in _fields(_frozen(_plain(root, entry.value))):
            written = fields.entry(name) if fields is not None else None
            members[name] = Name(name, f"{title}: a field of the credential of `{entry.name}`.", at=(written or entry).start)
    return Name("credential", "What proves who asks. It goes only where a template writes it.", members, auth.start if auth else None)


def _session(root: Node) -> Name:
    auth = root.get("auth")
    members: dict[str, Name] = {}
    for entry in auth.entries if auth else []:
        if entry.value is None or entry.value.kind != "mapping":
            continue
        if entry.value.get("kind") is not None and (token := entry.value.entry("token")) is not None:
            members["token"] = Name("token", "The token that the login gave.", at=token.start)
        login = entry.value.get("login")
        steps = [step.value for step in login.entries if step.value] if login is not None and login.kind == "list" else [login]
        for each in (entry.value, *steps):
            for saved in _saved(root, each):
                members[saved.name] = saved
    return Name("session", "What a login saved.", members)


def _of_signing(entry: Entry) -> dict[str, Name]:
    """What the templates of a token that is signed, and those of a signature, read besides."""
    found = holder(entry)
    model = found[0] if found is not None else BaseModel
    names = {name: Name(name, doc) for name, doc in _TOKEN.items()} if issubclass(model, SignedTokenSpec) else {}
    if issubclass(model, (SignatureSpec, SignedPlaceSpec)):
        names = {name: Name(name, doc, {below: Name(below, "") for below in READS[name]}) for name, doc in _REQUEST.items()}
    if issubclass(model, SignedPlaceSpec):
        names["signature"] = Name("signature", "The signature, as `encoding` has it.")
    return names


_TOKEN = {
    "now": "When the token is made, in Unix time.",
    "expires": "When it ends, in Unix time.",
    "random": "A text that is new each time.",
}
_REQUEST = {
    "request": "The request as it goes out.",
    "now": "When it is signed, in several forms.",
    "nonce": "A text that is new each time.",
}


def _frozen(value: Any) -> Any:
    """The same value, to be looked up."""
    if isinstance(value, dict):
        return tuple((key, _frozen(inner)) for key, inner in value.items())
    return ("[]", *map(_frozen, value)) if isinstance(value, list) else value


def _thawed(value: Any) -> Any:
    if isinstance(value, tuple) and value[:1] == ("[]",):
        return [_thawed(inner) for inner in value[1:]]
    return {key: _thawed(inner) for key, inner in value} if isinstance(value, tuple) else value


_AUTH: TypeAdapter[Any] = TypeAdapter(AuthSpec)
_PAGES: TypeAdapter[Any] = TypeAdapter(Pagination)


@lru_cache(maxsize=64)
def _fields(auth: Any) -> tuple[tuple[str, str], ...]:
    """The fields of the credential of one way in, with their titles. None where it is not written out yet."""
    try:
        compiled = _AUTH.validate_python(_thawed(auth)).compile(SpecCompiler({}))
    except (ValidationError, SpecError):
        return ()
    return tuple((each.name, each.title) for each in compiled.fields)


@lru_cache(maxsize=64)
def _variables(pages: Any) -> tuple[str, ...]:
    """What a pagination lets templates read below `page`."""
    try:
        paginator = _PAGES.validate_python(_thawed(pages)).compile(SpecCompiler({})).paginator
    except (ValidationError, SpecError):
        return ()
    return tuple(paginator.variables(paginator.start))


# What a capability declares


def _of_capability(root: Node, chain: list[Entry]) -> dict[str, Name]:
    """The names at a place of a capability: its inputs, and what is declared on the way to that place."""
    operation, way = chain[1].value, chain[2:]
    names = {"inputs": _inputs(chain[1].name)}
    if operation is None or operation.kind != "mapping":
        return names
    names |= _of_steps(root, operation, way)
    if not way or way[0].name in ("prepare", "steps", "verify"):
        return names | _pages(root, None)
    parts = [operation]
    if way[0].name == "parts" and len(way) > 1:
        parts, way = [way[1].value] if way[1].value else [], way[2:]
    elif way[0].name == "record" and operation.get("parts") is not None:
        parts = parts_of(operation)[1:]
    for part in parts:
        names |= _of_part(root, part, way)
    return names


def _inputs(capability: str) -> Name:
    known = CAPABILITIES.get(capability)
    if known is None:
        try:
            known = custom(capability)
        except ValueError:
            return Name("inputs", "What the caller gives.")
    return Name("inputs", f"What the caller gives to `{capability}`.", {name: of_field(info) for name, info in known.inputs.items()})


def of_field(info: FieldInfo) -> Name:
    """A field of the contract, and those below it."""
    return Name(info.name, told(info), {name: of_field(inner) for name, inner in info.fields.items()})


def told(info: FieldInfo) -> str:
    """What a field of the contract holds, in a line."""
    return f"{info}{', required' if info.required else ''}. {info.doc}".rstrip()


def _of_steps(root: Node, operation: Node, way: list[Entry]) -> dict[str, Name]:
    """What steps before this place save, and what one that is done for each value calls it."""
    names: dict[str, Name] = {}
    for key in ("prepare", "steps"):
        steps = _meant(root, operation.get(key))
        within = bool(way) and way[0].name == key
        for entry in steps.entries if steps is not None and steps.kind == "list" else []:
            here = within and len(way) > 1 and way[1] is entry
            if within and not here and len(way) > 1 and entry.number > way[1].number:
                break
            if here:
                inner = way[2].name if len(way) > 2 else ""
                names |= _called(root, entry.value, "each") if inner not in ("each", "when") else {}
            if not here or (len(way) > 2 and way[2].name == "undo"):
                names |= {saved.name: saved for saved in _saved(root, _meant(root, entry.value))}
    if way and way[0].name in ("verify", "record", "records", "undo"):
        names |= {saved.name: saved for saved in _saved(root, operation)}
    return names


def _saved(root: Node, holder: Node | None) -> list[Name]:
    save = _meant(root, holder.get("save")) if holder is not None else None
    found = save.entries if save is not None and save.kind == "mapping" else []
    return [Name(each.name, f"Saved from an answer: `{each.value.text if each.value else ''}`.", at=each.start) for each in found]


def _called(root: Node, holder: Node | None, key: str) -> dict[str, Name]:
    """The name that `as:` gives under a key."""
    held = _meant(root, holder.get(key)) if holder is not None else None
    return _as(held) if held is not None else {}


def _meant(root: Node, node: Node | None) -> Node | None:
    """The value itself; of an alias what stands behind its anchor."""
    if node is None or node.kind != "alias":
        return node
    return next((each for each in nodes(root) if each.anchor == node.text), None)


def _plain(root: Node, node: Node | None) -> Any:
    """What a value says, as plain Python values, with what stands behind the aliases in it. Those behind an alias stay names."""
    if node is not None and node.kind == "mapping":
        return {entry.name: _plain(root, entry.value) for entry in node.entries}
    if node is not None and node.kind == "list":
        return [_plain(root, entry.value) for entry in node.entries]
    meant = _meant(root, node)
    return meant.plain if meant is not None else None


def _as(held: Node) -> dict[str, Name]:
    written = held.entry("as")
    if written is None or written.value is None or not written.value.text:
        return {}
    source = next((node for key in ("list", "values", "records") if (node := held.get(key)) is not None), None)
    words = f"Each of `{source.text}`." if source is not None and source.text else "Each record of the walk around."
    return {written.value.text: Name(written.value.text, words, at=written.value.start)}


def _of_part(root: Node, part: Node, way: list[Entry]) -> dict[str, Name]:
    """What the levels of a fan-out and `explode` call their records, and what a pagination counts."""
    if part.kind != "mapping":
        return {}
    names: dict[str, Name] = {}
    each = _meant(root, part.get("each"))
    levels = [_meant(root, entry.value) for entry in each.entries] if each is not None and each.kind == "list" else [each]
    source = part
    inside = bool(way) and way[0].name == "each"
    for number, level in enumerate(levels):
        if level is None or level.kind != "mapping":
            continue
        if inside and each is not None and (each.kind != "list" or (len(way) > 1 and way[1].number == number)):
            source = level
            break
        if not way or way[0].name != "when":
            names |= _as(level)
    if way and way[0].name == "record":
        names |= _called(root, part, "explode")
    return names | _pages(root, source.get("pages") if any(entry.name == "request" for entry in way) else None)


def _pages(root: Node, pages: Node | None) -> dict[str, Name]:
    pagers = root.get("pagers")
    if pages is not None and pages.kind == "scalar":
        pages = pagers.get(pages.text) if pagers is not None else None
    members = {"size": Name("size", "Records that are asked for.")}
    for name in _variables(_frozen(_plain(root, pages))) if pages is not None and pages.kind == "mapping" else ():
        members[name] = Name(name, "Where the walk stands.")
    return {"page": Name("page", "Where a walk stands, and how much is asked for.", members)}
