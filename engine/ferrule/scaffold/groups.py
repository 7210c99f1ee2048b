"""Groups, teams and roles as capabilities: what there is to have, who has it, and how it is given and taken."""

from __future__ import annotations

from typing import Any

from ferrule.scaffold import rights
from ferrule.scaffold.requests import Ask, Settings, written
from ferrule.scaffold.rights import Change, Group, Look
from ferrule.scaffold.work import Work


def write_groups(work: Work, found: list[Group]) -> None:
    """The capabilities that kinds of groups make."""
    able = [group for group in found if _can_be_asked(work, group)]
    if not able:
        return
    tree = work.making.tree
    one = sum(not group.is_role for group in able) == 1
    types = {group.type: _type(group, one) for group in able}
    resources = [group for group in able if not group.is_role]
    tree["resource_types"] = {group.type: {"label": group.label} for group in resources}
    tree["entitlement_types"] = {
        types[group.type]: {"label": "Role"} if group.is_role else {"label": f"{group.label} membership", "resource_type": group.type}
        for group in able
    }
    changed = _changes(work, able)
    if resources:
        _parts(work, "list_resources", resources, lambda group: {**group.fields.fields, "resource_type": {"value": group.type}})
    _parts(work, "list_entitlements", able, lambda group: _entitlement(group, types[group.type], changed))
    _associations(work, able, types)
    _assignments(work, able, types, changed)


def _type(group: Group, one: bool) -> str:
    return "role" if group.is_role else "member" if one else f"{group.type}_member"


def _can_be_asked(work: Work, group: Group) -> bool:
    simple = all(part.isidentifier() for part in group.identity.path)
    return simple and written(group.listing.ask, Settings()) is not None and written(group.members.ask, Settings(), ["x"]) is not None


def _parts(work: Work, name: str, groups: list[Group], record: Any) -> None:
    parts: list[dict[str, Any]] = []
    for place, group in enumerate(groups):
        request = written(group.listing.ask, work.settings)
        assert request is not None
        part: dict[str, Any] = {"request": request}
        path = ("capabilities", name) if len(groups) == 1 else ("capabilities", name, "parts", place)
        _paged(work, part, group, path, first=name == "list_resources" or (name == "list_entitlements" and group.is_role))
        part |= {"records": group.listing.records, "record": record(group)}
        parts.append(part)
    work.capability(name, parts[0] if len(parts) == 1 else {"parts": parts}, [group.listing.ask for group in groups])


def _paged(work: Work, part: dict[str, Any], group: Group, path: tuple[str | int, ...], *, first: bool) -> None:
    """The pager of a list of groups. What is to decide about it is asked where it is read first."""
    before = {key: list(value) for key, value in work.making.notes.items()}
    work.paged(part, group.listing, group.identity.expression, path)
    if not first:
        work.making.notes = before


def _entitlement(group: Group, kind: str, changed: dict[str, tuple[Change, Look]]) -> dict[str, Any]:
    made: dict[str, Any] = {"entitlement_type": {"value": kind}}
    if group.is_role:
        made |= {"integration_specific_id": group.identity.expression, "integration_specific_resource_id": {"value": ""}}
    else:
        made |= {"integration_specific_id": {"value": "member"}, "integration_specific_resource_id": group.identity.expression}
    made["label"] = group.fields.fields["label"]
    return made | ({"is_assignable": group.type in changed} if changed else {})


def _associations(work: Work, groups: list[Group], types: dict[str, str]) -> None:
    parts: list[dict[str, Any]] = []
    asks: list[Ask] = []
    for place, group in enumerate(groups):
        outer = written(group.listing.ask, work.settings)
        inner = written(group.members.ask, work.settings, [f"{{{{ {group.type}.{'.'.join(group.identity.path)} }}}}"])
        assert outer is not None and inner is not None
        path: tuple[str | int, ...] = ("capabilities", "find_entitlement_associations")
        path = path if len(groups) == 1 else (*path, "parts", place)
        level: dict[str, Any] = {"as": group.type, "request": outer}
        _paged(work, level, group, (*path, "each"), first=False)
        level["records"] = group.listing.records
        part: dict[str, Any] = {"each": level, "request": inner}
        work.paged(part, group.members, group.holder, path)
        own = f"{group.type}.{group.identity.expression}"
        held = {"integration_specific_entitlement_id": own, "integration_specific_resource_id": {"value": ""}}
        if not group.is_role:
            held = {"integration_specific_entitlement_id": {"value": "member"}, "integration_specific_resource_id": own}
        part |= {"records": group.members.records, "record": {"account_id": group.holder, **held}}
        parts.append(part)
        asks += [group.listing.ask, group.members.ask]
        work.making.decide(path, _about_members(group))
    work.capability("find_entitlement_associations", parts[0] if len(parts) == 1 else {"parts": parts}, asks)


def _about_members(group: Group) -> str | None:
    nested = any(word in group.members.ask.words().lower() for word in ("nested", "child team", "subgroup", "transitive", "inherited"))
    return f"does {group.members.ask.told} list members of groups within the group too?" if nested else None


def _changes(work: Work, groups: list[Group]) -> dict[str, tuple[Change, Look]]:
    """The kinds of groups whose memberships can be given, taken and looked at."""
    found: dict[str, tuple[Change, Look]] = {}
    for group in groups:
        change = rights.change(group, work.routes, work.settings)
        if change is None:
            continue
        look = rights.look(group, work.people, work.routes, work.settings)
        if look is not None:
            found[group.type] = (change, look)
        else:
            work.making.decide(
                ("capabilities",),
                f"{change.asks[0].told} puts an account into a {group.type}, but no request shows one membership, so that "
                "`assign_entitlement` and `unassign_entitlement` could not be verified; is there one?",
            )
    return found


def _assignments(work: Work, groups: list[Group], types: dict[str, str], changed: dict[str, tuple[Change, Look]]) -> None:
    if not changed:
        return
    for name, giving in (("assign_entitlement", True), ("unassign_entitlement", False)):
        steps: list[dict[str, Any]] = []
        verify: list[dict[str, Any]] = []
        asks: list[Ask] = []
        for group in (group for group in groups if group.type in changed):
            change, look = changed[group.type]
            when = f"inputs.entitlement_type == '{types[group.type]}'"
            if not group.is_role:
                when += " && inputs.entitlement_integration_specific_id == 'member'"
            until = look.holds if giving else look.holds_not
            steps += [
                {"when": when, "request": look.request, "already": until},
                {"when": when, "request": change.put if giving else change.take},
            ]
            shown = {key: value for key, value in look.request.items() if key != "absent"}
            verify.append(({"when": when} if len(changed) > 1 else {}) | {"request": shown, "until": until})
            asks += [look.asks, change.asks[0 if giving else 1]]
        work.capability(name, {"steps": steps, "verify": verify[0] if len(verify) == 1 else verify}, asks)
    told = ", ".join(change.asks[0].told for change, _ in changed.values())
    work.making.decide(("capabilities", "assign_entitlement"), f"does {told} make an ordinary member?")
