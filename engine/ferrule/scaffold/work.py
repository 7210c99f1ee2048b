"""What is known while a first spec is made from a description: the requests it may send, and what its parts have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ferrule.against import Description
from ferrule.against.description import Route
from ferrule.scaffold.draft import Making
from ferrule.scaffold.lists import Listing, People
from ferrule.scaffold.paging import Paging, paging
from ferrule.scaffold.requests import Ask, Settings


@dataclass(slots=True)
class Work:
    """What is known while a spec is made from a description."""

    description: Description
    routes: list[Route]
    people: People
    settings: Settings
    making: Making
    source: str = "description"
    observed: Mapping[str, Paging] = field(default_factory=dict)
    """How lists were seen to be paged, by path."""
    asks: dict[str, list[Ask]] = field(default_factory=dict)
    """The requests of each capability."""
    pagers: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    """Each place that is paged, with its pager."""

    def capability(self, name: str, spec: dict[str, Any], asks: Iterable[Ask]) -> None:
        """Add a capability."""
        self.making.tree["capabilities"][name] = spec
        self.asks[name] = list(asks)

    def paging(self, made: Listing, identity: str) -> Paging:
        """How a list is paged. What was seen goes before what its description lets one guess, and takes its end from there."""
        guessed = paging(made.ask, made.body, identity, bare=made.records == "body")
        seen = self.observed.get(made.path)
        if seen is None or seen.pager is None:
            return guessed
        same = guessed.pager is not None and guessed.pager["kind"] == seen.pager["kind"]
        ends = {key: guessed.pager[key] for key in ("more", "last", "total") if key in guessed.pager} if same and guessed.pager else {}
        return Paging(seen.pager | ends)

    def paged(self, place: dict[str, Any], made: Listing, identity: str, path: tuple[str | int, ...]) -> Paging:
        """Write the pager of a list at its place, behind the request; where there is none, ask whether one answer has all."""
        how = self.paging(made, identity)
        if how.query:
            place["request"]["query"] = {**place["request"].get("query", {}), **how.query}
        if how.pager is not None:
            place["pages"] = how.pager
            self.pagers.append((place, how.pager))
            self.making.decide((*path, "pages"), how.note)
        elif "{{ " not in str(place["request"]["get"]) or "settings." in str(place["request"]["get"]):
            where = (*path, "request", "get")
            self.making.decide(where, f"the {self.source} names no pages of {made.ask.told}; does one answer hold all?")
            self.making.say(where, f"ferrule: ignore[L433] the {self.source} has no pagination for it")
        return how


_PAGER_NAMES = {
    "offset": "counted",
    "page": "numbered",
    "cursor": "cursor",
    "link": "linked",
    "next_url": "followed",
    "scim": "indexed",
    "keyset": "keyed",
}


def share_pagers(work: Work) -> None:
    """A pager that several lists have is written once, by name."""
    pagers: dict[str, dict[str, Any]] = {}
    for place, pager in work.pagers:
        if sum(other == pager for _, other in work.pagers) > 1 and "pages" in place:
            name = next((name for name, held in pagers.items() if held == pager), None)
            if name is None:
                name = _PAGER_NAMES[pager["kind"]]
                while name in pagers:
                    name = f"{name}_too"
                pagers[name] = pager
            place["pages"] = name
    work.making.tree["pagers"] = pagers
