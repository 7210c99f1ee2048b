"""Groups, teams and roles: what lists them, who is in them, and how a membership is given and taken.

A kind of group is taken only where its list, the list of its members, and the account behind each member are all described.
A membership is written only where it can also be looked at: a list of members is read page by page, so that one who is not
on the first page would be taken for missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ferrule.against.description import Route
from ferrule.against.operation import is_json
from ferrule.against.shape import Shape
from ferrule.functions import Type
from ferrule.scaffold import words
from ferrule.scaffold.fields import COUNTED, At, Fields, find, id_of, is_one_of, labelled, member, step
from ferrule.scaffold.lists import Listing, People, listing
from ferrule.scaffold.requests import HOLE, Ask, Settings, ask, written
from ferrule.scaffold.words import norm

RESOURCE = "{{ inputs.resource_integration_specific_id }}"
ROLE = "{{ inputs.entitlement_integration_specific_id }}"
ACCOUNT = "{{ inputs.account_integration_specific_id }}"


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of group, with what lists it and its members."""

    type: str
    label: str
    listing: Listing
    identity: At
    fields: Fields
    members: Listing
    holder: str
    """The expression for the account's id in one member."""

    @property
    def is_role(self) -> bool:
        """It is a right on the whole app, and no resource."""
        return self.type == "role"

    @property
    def group_id(self) -> str:
        """The group that a caller speaks of."""
        return ROLE if self.is_role else RESOURCE


def groups(routes: list[Route], people: People) -> list[Group]:
    """Every kind of group of the same tenant, one of each type, in the order of the description."""
    found: dict[str, Group] = {}
    tenant = people.listing.path.rpartition("/")[0]
    for route in routes:
        made = listing(route)
        kind = words.GROUPS.get(made.noun) if made is not None else None
        if made is None or kind is None or kind[0] in found or made.ask.is_deprecated or not _is_of(tenant, made):
            continue
        group = _group(kind, made, routes, people)
        if group is not None:
            found[kind[0]] = group
    return list(found.values())


def _is_of(tenant: str, made: Listing) -> bool:
    """Whether a list belongs to the tenant that the accounts belong to, and is no search, report or the like."""
    before = made.path.rpartition("/")[0]
    other = set(norm(before).split("_")) & {*words.NOT_THE_LIST, "scim"} - set(norm(tenant).split("_"))
    return not other and (tenant.startswith(before) or not made.ask.names)


def _group(kind: tuple[str, str], made: Listing, routes: list[Route], people: People) -> Group | None:
    for route in routes:
        if not route.path.startswith(f"{made.path}/{{"):
            continue
        parameter, slash, last = route.path[len(made.path) + 1 :].partition("/")
        if not slash or norm(last) not in words.MEMBERS or not HOLE.fullmatch(parameter):
            continue
        members = listing(route)
        identity = id_of(made.item, parameter.strip("{}"), made.noun)
        if members is None or identity is None or members.ask.is_deprecated:
            continue
        fields, holder = labelled(made.item, identity), _holder(members, people)
        if fields is not None and holder is not None:
            return Group(kind[0], kind[1], made, identity, fields, members, holder)
    return None


def _holder(members: Listing, people: People) -> str | None:
    """Where a member says which account it is: by the account's own id, where the member is a user; by `user_id` or by the id of
    an object `user` within, where it is a membership."""
    item, path = members.item, people.identity.path
    last = path[-1]
    for name in item.names:
        held = member(item, [name]) if norm(name) in ("user", "member", "account", "person", "assignee") else None
        if held is not None and is_one_of(member(held, [last]), COUNTED):
            return f"{step(name)}.{step(last)}"
    named = [f"{word}_{norm(last)}" for word in ("user", "member", "account", "person")]
    if (at := find(item, named, COUNTED, ())) is not None and norm(last) in ("id", "uuid", "gid"):
        return at.expression
    own = member(item, list(path))
    same = _names(item) & _names(people.listing.item)
    looks_same = same or len(set(item.names) & set(people.listing.item.names)) > 2 or norm(members.noun) == "users"
    return people.identity.expression if is_one_of(own, COUNTED) and looks_same and "membership" not in members.noun else None


def _names(shape: Shape) -> set[str]:
    return {form.name for form in shape.forms if form.name}


@dataclass(frozen=True, slots=True)
class Look:
    """How to see whether an account is in a group: a request, and predicates over its answer."""

    request: dict[str, Any]
    holds: str
    holds_not: str
    asks: Ask


@dataclass(frozen=True, slots=True)
class Change:
    """The request that puts an account into a group, and the one that takes it out."""

    put: dict[str, Any]
    take: dict[str, Any]
    asks: tuple[Ask, Ask]


def change(group: Group, routes: list[Route], settings: Settings) -> Change | None:
    """How a membership is given and taken: PUT or POST, and DELETE, on a path of one account below the group."""
    for route in routes:
        take = ask(route, "delete") if _below(group, route.path) is not None else None
        if take is None or take.operation.needs_body or take.is_deprecated:
            continue
        put = ask(route, "put") or ask(route, "post")
        taken = written(take, settings, [group.group_id, ACCOUNT])
        if put is not None and _ADDS.search(f"{put.operation.id} {put.words()}") and not put.operation.needs_body and not put.is_deprecated:
            given = written(put, settings, [group.group_id, ACCOUNT])
        else:
            put = next((made for other in routes if other.path == route.path.rpartition("/")[0] and (made := ask(other, "post"))), None)
            given = _posted(put, group, settings) if put is not None else None
        if given is not None and taken is not None and put is not None:
            return Change(given, taken, (put, take))
    return None


_ADDS = re.compile(r"(?<![a-z])(?:add|assign|grant|join)|(?<=[a-z])(?:Add|Assign)|\bput\w*(?:User|Group|Member)", re.IGNORECASE)
"""PUT on a membership makes one in some apps, and changes one in others: the words tell."""


def _posted(put: Ask, group: Group, settings: Settings) -> dict[str, Any] | None:
    """POST to the list of members, where its body needs no more than the account's id."""
    body = next((shape for media, shape in (put.operation.bodies or {}).items() if is_json(media)), None)
    if body is None or put.is_deprecated:
        return None
    name = next((name for wanted in _ACCOUNT_IDS for name in body.names if norm(name) == wanted), None)
    needed = {each for form in body.forms for each in form.required} - {name}
    if name is None or needed or not is_one_of(member(body, [name]), Type.STRING):
        return None
    request = written(put, settings, [group.group_id])
    return {**request, "json": {name: ACCOUNT}} if request is not None else None


_ACCOUNT_IDS = ("user_id", "account_id", "member_id", "person_id", "id")


def _below(group: Group, path: str) -> str | None:
    """The parameter of an account, of a path below a group that speaks of one member."""
    parts = path.removeprefix(f"{group.listing.path}/").split("/") if path.startswith(f"{group.listing.path}/{{") else []
    is_one = len(parts) == 3 and HOLE.fullmatch(parts[0]) and norm(parts[1]) in words.MEMBERS and HOLE.fullmatch(parts[2])
    return parts[2].strip("{}") if is_one else None


def look(group: Group, people: People, routes: list[Route], settings: Settings) -> Look | None:
    """How to see one membership: by its own path, by the groups that the account's record lists, or by a list of the account's
    groups that comes in one answer."""
    for route in routes:
        asked = ask(route, "get")
        if asked is not None and _below(group, route.path) is not None:
            made = written(asked, settings, [group.group_id, ACCOUNT])
            if made is not None:
                return Look({**made, "absent": "status == `404`"}, _any_success(asked), "status == `404`", asked)
    return _look_at_account(group, people, settings) or _look_at_groups(group, people, routes, settings)


def _any_success(asked: Ask) -> str:
    codes = sorted(code for code in asked.operation.statuses if code.isdecimal() and code.startswith("2")) or ["200"]
    return " || ".join(f"status == `{code}`" for code in codes)


def _look_at_account(group: Group, people: People, settings: Settings) -> Look | None:
    asked = ask(people.item, "get") if people.item is not None else None
    made = written(asked, settings, [ACCOUNT]) if asked is not None else None
    if asked is None or made is None:
        return None
    body = asked.operation.good()
    for prefix, shape in (
        ("body", body),
        *((f"body.{step(name)}", held) for name in body.names if (held := member(body, [name])) is not None),
    ):
        held = next((member(shape, [name]) for name in shape.names if norm(name) == group.listing.noun), None)
        name = next((name for name in shape.names if norm(name) == group.listing.noun), "")
        if held is None or not is_one_of(held, Type.ARRAY) or find(shape, [norm(people.identity.path[-1])], COUNTED, ()) is None:
            continue
        if (own := member(held.items(), list(group.identity.path))) is not None and is_one_of(own, Type.STRING):
            return _in_list(made, f"{prefix}.{step(name)}[].{group.identity.expression}", group, asked)
    return None


def _look_at_groups(group: Group, people: People, routes: list[Route], settings: Settings) -> Look | None:
    noun = group.listing.path.rpartition("/")[2]
    found = next((route for route in routes if people.item and _is_of_account(route.path, people.listing.path, noun)), None)
    made = listing(found) if found is not None else None
    if made is None or any(norm(name) in ("limit", "offset", "page", "after", "cursor", "skip", "first") for name in made.ask.query):
        return None
    request = written(made.ask, settings, [ACCOUNT])
    own = member(made.item, list(group.identity.path))
    if request is None or not is_one_of(own, Type.STRING):
        return None
    read = "body[]" if made.records == "body" else f"{made.records}[]"
    return _in_list(request, f"{read}.{group.identity.expression}", group, made.ask)


def _is_of_account(path: str, people: str, noun: str) -> bool:
    rest = path.removeprefix(f"{people}/").split("/") if path.startswith(f"{people}/{{") else []
    return len(rest) == 2 and bool(HOLE.fullmatch(rest[0])) and rest[1] == noun


def _in_list(request: dict[str, Any], read: str, group: Group, asked: Ask) -> Look:
    wanted = group.group_id.strip("{} ")
    return Look(request, f"contains({read}, {wanted})", f"status == `200` && !contains({read}, {wanted})", asked)
