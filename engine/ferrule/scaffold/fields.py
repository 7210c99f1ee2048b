"""Which field of the contract a member of the app's record fills, told by its name and its type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ferrule.against.shape import Shape
from ferrule.functions import Type
from ferrule.scaffold import words
from ferrule.scaffold.text import listed
from ferrule.scaffold.words import norm, singular

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TEXT = Type.STRING
COUNTED = Type.STRING | Type.NUMBER


def step(name: str) -> str:
    """A name in an expression."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def member(shape: Shape, path: Sequence[str]) -> Shape | None:
    """What stands at a path of an object that the description names."""
    for name in path:
        if not any(form.is_object and name in form.members for form in shape.forms):
            return None
        found = shape.member(name)
        if found is None:
            return None
        shape = found
    return shape


def is_one_of(shape: Shape | None, types: Type) -> bool:
    """Whether a value is of these types, and of no others but null."""
    kind = shape.types & ~Type.NULL if shape is not None else Type(0)
    return bool(kind) and not kind & ~types


@dataclass(frozen=True, slots=True)
class At:
    """A member of a record: its path, and what it is."""

    path: tuple[str, ...]
    shape: Shape

    @property
    def expression(self) -> str:
        """What reads it."""
        return ".".join(map(step, self.path))

    def below(self, prefix: str) -> str:
        """What reads it where the record itself stands at `prefix`."""
        return f"{prefix}.{self.expression}" if prefix else self.expression

    @property
    def format(self) -> str:
        """The format that the description gives it."""
        return next((form.format for form in self.shape.forms if form.format), "")


def find(shape: Shape, names: Iterable[str], types: Type, holders: Sequence[str] = words.HOLDERS) -> At | None:
    """The member with the first of these names that there is, in the record itself or in an object that holds its fields."""
    names = tuple(names)
    wanted = {name: place for place, name in enumerate(names)}
    places = [((), shape), *(((name,), held) for name, held in _objects(shape, holders))]
    for path, held in places:
        found = [(wanted[norm(name)], name) for name in held.names if norm(name) in wanted]
        for _, name in sorted(found):
            what = member(held, [name])
            if is_one_of(what, types):
                assert what is not None
                return At((*path, name), what)
    return None


def _objects(shape: Shape, holders: Sequence[str]) -> Iterator[tuple[str, Shape]]:
    for holder in holders:
        for name in shape.names:
            if norm(name) == holder and (held := member(shape, [name])) is not None and held.types & ~Type.NULL == Type.OBJECT:
                yield name, held


def id_of(shape: Shape, parameter: str = "", noun: str = "") -> At | None:
    """The id of a record. `parameter` is the name in the path that takes it (`team_slug` for `slug`), `noun` what the record is."""
    names = [norm(parameter)] if parameter else []
    bare = singular(norm(noun))
    for before in (bare, "user", "member", "person", "employee", "group", "team", "role", "scim_user", "scim_group"):
        if before and norm(parameter).startswith(f"{before}_"):
            names.append(norm(parameter).removeprefix(f"{before}_"))
    if names and names[0] == "username":
        names += words.USERNAME
    if bare:
        names += [f"{bare}_{word}" for word in ("id", "uuid", "gid", "key")]
    usual = [*words.IDS, *(("account_id", "user_id") if noun in words.PEOPLE else ()), "key"]
    wanted = [*usual, *names] if not names or names[0] in ("id", "key") or names[-1] == "key" else [*names, *usual]
    return find(shape, wanted, COUNTED, ("user", "person", "member") if noun in words.PEOPLE else ())


@dataclass(slots=True)
class Fields:
    """A record of the contract, as a spec writes it."""

    fields: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """By field, what to decide about it."""
    found: dict[str, At] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    """Custom attributes it carries, with their types."""
    states: dict[Any, str] = field(default_factory=dict)
    """The app's states to the contract's, where they are known."""


def is_person(shape: Shape) -> bool:
    """Whether a record names somebody: by an address or a name to sign in with."""
    return find(shape, words.EMAIL, TEXT) is not None or find(shape, words.USERNAME, TEXT) is not None or _listed_email(shape) is not None


def account(shape: Shape, identity: At, where: str = "") -> Fields:
    """An account, as far as the description tells what its record holds. `where` names the request, for what is to decide."""
    made = Fields(fields={"integration_specific_id": identity.expression}, found={"integration_specific_id": identity})
    for name, names in (("email", words.EMAIL), ("username", words.USERNAME), ("given_name", words.GIVEN), ("family_name", words.FAMILY)):
        if (at := find(shape, names, TEXT)) is not None:
            made.fields[name], made.found[name] = at.expression, at
    if "email" not in made.fields and (listed_ := _listed_email(shape)) is not None:
        made.fields["email"] = listed_
    if "email" not in made.fields and "username" not in made.fields and (at := find(shape, words.NAMES, TEXT)) is not None:
        made.fields["username"], made.found["username"] = at.expression, at
        made.notes["username"] = "this is a name to show; is there one to sign in with, or an e-mail address?"
    order = ("integration_specific_id", "username", "email", "given_name", "family_name")
    made.fields = {name: made.fields[name] for name in order if name in made.fields}
    _status(made, shape, where)
    _attributes(made, shape)
    return made


def _listed_email(shape: Shape) -> str | None:
    """The address in a list of addresses, as SCIM has them (RFC 7643, section 4.1.2), or in a list of texts."""
    for name in shape.names:
        held = member(shape, [name])
        if norm(name) != "emails" or held is None or not is_one_of(held, Type.ARRAY):
            continue
        item = held.items()
        if is_one_of(item, TEXT):
            return f"{step(name)}[0]"
        if (value := find(item, ("value", "email", "address"), TEXT, ())) is not None:
            read = step(name)
            if (primary := find(item, ("primary", "is_primary"), Type.BOOLEAN, ())) is not None:
                return f"({read}[?{primary.expression}] | [0].{value.expression}) || {read}[0].{value.expression}"
            return f"{read}[0].{value.expression}"
    return None


def _status(made: Fields, shape: Shape, where: str) -> None:
    holders = tuple(holder for holder in words.HOLDERS if holder != "name")
    if (at := find(shape, words.USABLE, Type.BOOLEAN, holders)) is not None:
        made.states = {True: "ACTIVE", False: "SUSPENDED"}
    elif (at := find(shape, words.STATUS, TEXT, holders)) is not None and _words(at.shape):
        made.states = {value: words.WORD_TO_STATUS.get(norm(value), "ACTIVE") for value in _words(at.shape)}
        unknown = [f"`{value}`" for value in made.states if norm(value) not in words.WORD_TO_STATUS]
        if unknown:
            what = "counts" if len(unknown) == 1 else "count"
            made.notes["user_status"] = f"{listed(unknown, 8)} {what} as ACTIVE, so that nobody is left out of a review; what is meant?"
    elif (flag := find(shape, words.UNUSABLE, Type.BOOLEAN, holders)) is not None:
        state = "DELETED" if norm(flag.path[-1]) in ("deleted", "is_deleted", "archived") else "SUSPENDED"
        at, made.states = flag, {True: state, False: "ACTIVE", None: "ACTIVE"}
    elif at is not None:
        made.notes["integration_specific_id"] = (
            f"`{at.expression}` tells whether an account can be used, but the values it has are not listed: map them to `user_status`"
        )
        return
    else:
        made.notes["integration_specific_id"] = f"nothing in {where or 'the answer'} tells whether an account can be used; are all of them?"
        return
    made.fields["user_status"] = {"from": at.expression, "map": dict(made.states)}
    made.found["user_status"] = at


def _words(shape: Shape) -> list[str]:
    values = shape.values
    return [value for value in values if isinstance(value, str) and value] if values else []


def _attributes(made: Fields, shape: Shape) -> None:
    found: dict[str, str] = {}
    used = {at.path for at in made.found.values()}
    for name, names in words.ATTRIBUTES.items():
        at = find(shape, names, TEXT, ("profile", "attributes", "user"))
        if at is not None and at.path not in used:
            found[name] = at.expression
            made.attributes[name] = "datetime" if at.format == "date-time" else "string"
    if found:
        made.fields["custom_attributes"] = found


def labelled(shape: Shape, identity: At) -> Fields | None:
    """What a resource or a role is called; None where the description names nothing to call it by."""
    label = find(shape, words.LABELS, TEXT, ("profile", "attributes"))
    if label is None:
        return None
    made = Fields(fields={"integration_specific_id": identity.expression, "label": label.expression})
    made.found = {"integration_specific_id": identity, "label": label}
    if (said := find(shape, words.DESCRIPTIONS, TEXT, ("profile", "attributes"))) is not None:
        made.fields["description"] = said.expression
    return made
