"""The lists of a description: operations whose answer has a list of records, and which of them is that of the accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ferrule.against.description import Route
from ferrule.against.shape import Shape
from ferrule.functions import Type
from ferrule.scaffold import words
from ferrule.scaffold.fields import TEXT, At, find, id_of, is_person, member, step
from ferrule.scaffold.requests import HOLE, Ask, ask
from ferrule.scaffold.words import norm, singular

_USUAL = ("data", "results", "items", "value", "values", "entries", "records", "resources", "list", "result", "content", "elements")
_NEVER = frozenset({"errors", "links", "included", "messages", "schemas", "warnings", "_links", "email_invite_codes", "fields", "expand"})


@dataclass(frozen=True, slots=True)
class Listing:
    """An operation that lists records."""

    ask: Ask
    body: Shape
    records: str
    """The expression for the list."""
    item: Shape
    noun: str
    """What the path calls the records: its last word."""

    @property
    def path(self) -> str:
        return self.ask.path

    @property
    def free(self) -> tuple[str, ...]:
        """What each parameter of the path is the id of: the word before it, or a word of its own that means a tenant."""
        parts = [part for part in self.path.split("/") if part]
        return tuple(_owner(parts, place) for place, part in enumerate(parts) if HOLE.search(part))


def _owner(parts: list[str], place: int) -> str:
    before = norm(parts[place - 1]) if place and not HOLE.search(parts[place - 1]) else ""
    own = set(norm(parts[place]).split("_"))
    return before if before in words.TENANTS or not own & words.TENANTS or before in words.GROUPS else min(own & words.TENANTS)


def listing(route: Route) -> Listing | None:
    """The list that a path answers a GET with; None where it answers with something else, or with records of no shape."""
    wanted = ask(route, "get")
    last = [part for part in route.path.split("/") if part][-1:] or [""]
    if wanted is None or HOLE.search(last[0]):
        return None
    noun = norm(last[0].removesuffix(".list"))
    body = wanted.operation.good()
    found = _records(body, noun)
    if found is None:
        return None
    records, item = found
    return Listing(wanted, body, records, item, noun.rpartition("_")[2] if "." in last[0] else noun)


def _records(body: Shape, noun: str) -> tuple[str, Shape] | None:
    """Where an answer has its records: it is a list itself, or a member, or a member of its only wrapper, holds one."""
    if body.types & Type.ARRAY and _is_record(body.items()):
        return "body", body.items()
    for before, held in (("body", body), *((f"body.{step(name)}", inner) for name, inner in _wrappers(body))):
        found = [(name, what.items()) for name, what in _arrays(held) if _is_record(what.items())]
        ranked = sorted(found, key=lambda each: _rank(each[0], noun))
        if ranked and (len(ranked) == 1 or _rank(ranked[0][0], noun) < 2):
            return f"{before}.{step(ranked[0][0])}", ranked[0][1]
    return None


def _rank(name: str, noun: str) -> int:
    word = norm(name)
    if word in (noun, f"{singular(noun)}s", noun.rpartition("_")[2]) or singular(noun) in word.split("_"):
        return 0
    return 1 if word in _USUAL or word in words.PEOPLE else 2


def _wrappers(body: Shape) -> Iterator[tuple[str, Shape]]:
    for name in body.names:
        held = member(body, [name]) if norm(name) in ("data", "result", "results", "response", "embedded") else None
        if held is not None and held.types & ~Type.NULL == Type.OBJECT:
            yield name, held


def _arrays(shape: Shape) -> Iterator[tuple[str, Shape]]:
    for name in shape.names:
        held = member(shape, [name])
        if held is not None and held.types & ~Type.NULL == Type.ARRAY and norm(name) not in _NEVER:
            yield name, held


def _is_record(item: Shape) -> bool:
    return bool(item.types & Type.OBJECT) and bool(item.names)


def item_route(routes: Iterable[Route], path: str) -> Route | None:
    """The path of one record of a list: the list's own with a parameter behind it. One that can be read goes first."""
    found = [route for route in routes if route.path.startswith(f"{path}/{{") and HOLE.fullmatch(route.path[len(path) + 1 :])]
    return min(found, key=lambda route: "get" not in route.methods, default=None)


@dataclass(frozen=True, slots=True)
class People:
    """The list of accounts, what one is known by, and the lists that were not taken."""

    listing: Listing
    identity: At
    item: Route | None
    others: tuple[Listing, ...]


def people(routes: list[Route]) -> tuple[People | None, list[Listing]]:
    """The list that is most likely that of the tenant's accounts, and every list that looks like people."""
    found: list[tuple[float, int, Listing, At]] = []
    for place, route in enumerate(routes):
        made = listing(route)
        if made is None or (made.noun not in words.PEOPLE and made.noun.rpartition("_")[2] not in words.PEOPLE):
            continue
        own = item_route(routes, made.path)
        identity = id_of(made.item, (HOLE.findall(own.path) or [""])[-1] if own is not None else "", made.noun)
        if identity is None or not _names_people(made):
            continue
        found.append((_score(made, own, routes), -place, made, identity))
    ranked = sorted(found, key=lambda each: each[:2], reverse=True)
    likely = [each for each in ranked if each[0] > 0]
    if not likely:
        return None, [each[2] for each in ranked]
    _, _, best, identity = likely[0]
    others = tuple(each[2] for each in likely[1:])
    return People(best, identity, item_route(routes, best.path), others), []


def _names_people(made: Listing) -> bool:
    """Whether the records name somebody. A bare name is enough only where the path speaks of users."""
    if is_person(made.item):
        return True
    return made.noun in ("users", "members") and find(made.item, words.NAMES, TEXT) is not None


_LIKELY = {"users": 5.0, "systemusers": 5, "people": 4, "employees": 4, "persons": 4, "members": 3.5, "staff": 3, "workers": 3}


def _score(made: Listing, own: Route | None, routes: list[Route]) -> float:
    """How likely a list is that of all accounts: its last word, what can be done with one, and what its path says besides."""
    parts = [norm(part) for part in made.path.split("/") if part and not HOLE.search(part)]
    before = [word for part in parts[:-1] for word in part.split("_")]
    score = _LIKELY.get(made.noun, 2.0)
    methods = set(own.methods if own is not None else ()) | set(made.ask.route.methods) - {"get"}
    score += 3 * bool(methods & {"put", "patch", "delete"}) + 1 * ("post" in methods) + 1 * ("get" in methods)
    score += 1 if is_person(made.item) else -1
    score -= 1.2 * sum(1 for word in made.free if word in words.TENANTS)
    strangers = [word for word in made.free if word not in words.TENANTS]
    score -= 2.5 * len([word for word in strangers if word == "teams"]) + 20 * len([word for word in strangers if word != "teams"])
    score -= 6 * len({*before, *made.noun.split("_")[:-1]} & set(words.NOT_THE_LIST))
    score -= 4 * ("scim" in before) + 10 * made.ask.is_deprecated + 0.2 * len(parts)
    score += 1 * ("admin" in before)
    if "teams" in strangers and any(route.path.endswith(("/users", "/members")) and "team" not in route.path for route in routes):
        score -= 20
    return score
