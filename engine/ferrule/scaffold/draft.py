"""A spec in the making: its tree, what stands beside it in comments, and what is taken out again where it does not hold.

What cannot be written so that it compiles, is free of findings and agrees with the vendor's description is left out, and a
comment says so. A first spec that is right in less is better than one that is wrong in places nobody marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ferrule.diagnostics import Code, Diagnostic, Span, SpecError
from ferrule.lint import diagnose
from ferrule.scaffold.text import DECIDE, Decision, Path, Written, decisions, write

UNFIT = Code("N704", "unfit-draft")

_ORDER = ("ferrule", "app", "settings", "auth", "http", "pagers", "records", "resource_types", "entitlement_types", "custom_attributes",
          "capabilities")  # fmt: skip
_CAPABILITIES = (
    "validate_credentials", "list_accounts", "get_account", "list_resources", "list_entitlements", "find_entitlement_associations",
    "get_last_activity", "create_account", "activate_account", "deactivate_account", "delete_account", "assign_entitlement",
    "unassign_entitlement",
)  # fmt: skip
_NEEDED = frozenset({"validate_credentials", "list_accounts"})
_CHANGES = ("assign_entitlement", "unassign_entitlement")
_HELD = ("list_entitlements", "find_entitlement_associations", *_CHANGES)
_WITH = {
    "activate_account": ("deactivate_account",),
    "deactivate_account": ("activate_account",),
    **dict.fromkeys(_CHANGES, _CHANGES),
    "list_entitlements": _HELD,
    "find_entitlement_associations": _HELD,
    "list_resources": _HELD,
}
"""A capability, and those that say half without it."""
MOST_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """A first spec: its text, what a person must decide, and what it is made of, for a program."""

    text: str
    decisions: tuple[Decision, ...]
    capabilities: tuple[str, ...]
    auth: tuple[str, ...]
    pagination: str | None
    """The kind of the pagination of accounts."""
    settings: tuple[str, ...] = ()
    """The settings that must be given."""


@dataclass(slots=True)
class Making:
    """The tree of a spec and the comments beside it."""

    tree: dict[str, Any]
    notes: dict[Path, list[str]] = field(default_factory=dict)
    head: list[str] = field(default_factory=list)

    def decide(self, path: Path, *texts: str | None) -> None:
        """Say above the line of a path what a person must decide."""
        self.notes.setdefault(path, []).extend(f"{DECIDE}{text}" for text in texts if text)
        if not self.notes[path]:
            del self.notes[path]

    def say(self, path: Path, text: str) -> None:
        """A comment above the line of a path."""
        self.notes.setdefault(path, []).append(text)

    def written(self) -> Written:
        """The text, in the order of the language."""
        held = self.tree.get("capabilities", {})
        capabilities = {name: held[name] for name in _CAPABILITIES if name in held}
        tree = {name: self.tree[name] for name in _ORDER if name in self.tree and (self.tree[name] or name in ("auth", "capabilities"))}
        return write({**tree, "capabilities": capabilities}, self.notes, self.head)

    def drop(self, path: Path) -> None:
        """Take a value out, and the comments on it."""
        held: Any = self.tree
        for step in path[:-1]:
            held = held[step]
        del held[path[-1]]
        for other in [other for other in self.notes if other[: len(path)] == path]:
            del self.notes[other]


def settled(making: Making, against: Callable[[str], Iterable[Diagnostic]] = lambda text: ()) -> Draft:
    """The draft without what has findings. Raises `SpecError` where even the list of accounts has some."""
    for _ in range(MOST_ROUNDS):
        made = making.written()
        found = diagnose(made.text, "draft.yaml") or list(against(made.text))
        if not found:
            return _draft(making, made)
        _mend(making, made, found[0])
    raise AssertionError("each round takes something out, so that there is an end")


def _draft(making: Making, made: Written) -> Draft:
    capabilities = making.tree["capabilities"]
    pages = capabilities.get("list_accounts", {}).get("pages")
    pages = making.tree["pagers"][pages] if isinstance(pages, str) else pages
    kind = pages["kind"] if pages else None
    names = tuple(name for name in _CAPABILITIES if name in capabilities)
    auth = tuple(each["kind"] for each in making.tree["auth"].values())
    needed = tuple(name for name, spec in making.tree.get("settings", {}).items() if "default" not in spec)
    return Draft(made.text, tuple(decisions(made.text)), names, auth, kind, needed)


def _mend(making: Making, made: Written, finding: Diagnostic) -> None:
    """Take out what a finding is about: a field of a record, a capability, or what else has a name of its own."""
    path = made.paths.get(finding.span.line, ())
    field_ = _field(path)
    if field_ is not None:
        making.drop(field_)
    elif len(path) > 1 and path[0] == "capabilities" and path[1] not in _NEEDED:
        _leave_out(making, str(path[1]), finding)
    elif len(path) > 1 and (path[0] in _NAMED or (path[0] == "http" and path[1] != "base_url")):
        making.drop(path[:2])
    else:
        raise SpecError([Diagnostic(UNFIT, Span("draft.yaml", 1, 1), f"no spec can be written that is free of findings: {finding}")])


_NAMED = frozenset({"settings", "pagers", "records", "resource_types", "entitlement_types", "custom_attributes"})
_NEVER_LEFT_OUT = frozenset({
    "integration_specific_id", "integration_specific_resource_id", "integration_specific_entitlement_id", "account_id", "label",
    "entitlement_type", "resource_type", "unique_tenant_id", "id", "status", "event_type", "happened_at",
})  # fmt: skip


def _field(path: Path) -> Path | None:
    """The field of a record that a path is in, where the record can do without it."""
    start = 2 if path[:1] == ("records",) else 3 if path[:1] == ("capabilities",) and path[2:3] == ("record",) else None
    if start is None or len(path) <= start or path[start] in _NEVER_LEFT_OUT:
        return None
    return path[: start + 2] if path[start] == "custom_attributes" and len(path) > start + 1 else path[: start + 1]


def _leave_out(making: Making, name: str, finding: Diagnostic) -> None:
    """Take a capability out, with those that say half without it."""
    held = making.tree["capabilities"]
    gone = {name, *_WITH.get(name, ())}
    if not {"delete_account", "deactivate_account"} & held.keys() - gone:
        gone.add("create_account")
    for each in sorted(gone & held.keys()):
        making.drop(("capabilities", each))
    if "assign_entitlement" in gone:
        _not_assignable(held.get("list_entitlements", {}))
    making.decide(("capabilities",), f"`{name}` is left out: {finding.message}")


def _not_assignable(held: dict[str, Any]) -> None:
    for part in held.get("parts", [held]):
        part.get("record", {}).pop("is_assignable", None)
