"""Writes on accounts: make one, remove one, lock one out and let it in again. Each only where the description has the request, all
that it needs can be given, and what it did can be read back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ferrule.against.description import Route
from ferrule.against.operation import is_json
from ferrule.against.shape import Shape
from ferrule.functions import Type
from ferrule.scaffold import words
from ferrule.scaffold.fields import COUNTED, Fields, find, is_one_of, member, step
from ferrule.scaffold.lists import People
from ferrule.scaffold.requests import Ask, Settings, ask, written
from ferrule.scaffold.words import norm

ACCOUNT = "{{ inputs.account_id }}"
_OUT = ("suspend", "deactivate", "disable", "block", "lock")
_IN = ("unsuspend", "activate", "reactivate", "enable", "unblock", "unlock")
_PAIRS = dict(zip(_OUT, ("unsuspend", "activate", "enable", "unblock", "unlock"), strict=True))


@dataclass(frozen=True, slots=True)
class Reading:
    """The request for one account, and where its answer has the account."""

    asks: Ask
    request: dict[str, Any]
    at: str
    shape: Shape


def reading(people: People, settings: Settings, bound: str = ACCOUNT) -> Reading | None:
    """How one account is read; None where that is not described."""
    asked = ask(people.item, "get") if people.item is not None else None
    request = written(asked, settings, [bound]) if asked is not None else None
    if asked is None or request is None:
        return None
    body = asked.operation.good()
    for at, shape in _places(body):
        own = member(shape, list(people.identity.path))
        if is_one_of(own, COUNTED):
            return Reading(asked, request, at, shape)
    return None


def _places(body: Shape) -> Iterator[tuple[str, Shape]]:
    yield "body", body
    for name in body.names:
        held = member(body, [name])
        if (
            held is not None
            and held.types & ~Type.NULL == Type.OBJECT
            and norm(name) in ("user", "data", "member", "result", "employee", "person")
        ):
            yield f"body.{step(name)}", held


def delete(people: People, read: Reading | None, settings: Settings) -> tuple[dict[str, Any], Ask] | str | None:
    """`delete_account`: DELETE on the account's path, read back until the app knows it no more; or, in words, why it is left out."""
    asked = ask(people.item, "delete") if people.item is not None else None
    request = written(asked, settings, [ACCOUNT]) if asked is not None else None
    if asked is None or request is None or read is None or asked.operation.needs_body or asked.is_deprecated:
        return None
    if re.search(r"disable|deactivate|suspend|archive", f"{asked.operation.id} {asked.operation.said.get('summary', '')}", re.IGNORECASE):
        return f"{asked.told} does not remove an account, by its name"
    gone = "status == `404`"
    return {"request": request, "already": gone, "verify": {"request": dict(read.request), "until": gone}}, asked


@dataclass(frozen=True, slots=True)
class Toggle:
    """`deactivate_account` and `activate_account`."""

    off: dict[str, Any]
    on: dict[str, Any]
    asks: tuple[Ask, ...]
    status: str


def toggle(people: People, record: Fields, read: Reading | None, routes: list[Route], settings: Settings) -> Toggle | None:
    """How an account is locked out and let in: by paths of their own, or by PATCH of the member that shows its state."""
    at = record.found.get("user_status")
    if read is None or at is None or people.item is None or not is_one_of(member(read.shape, list(at.path)), Type.STRING | Type.BOOLEAN):
        return None
    state = f"{read.at}.{at.expression}"
    return _by_paths(people, record, read, state, routes, settings) or _by_patch(people, record, read, state, settings)


def _by_paths(people: People, record: Fields, read: Reading, state: str, routes: list[Route], settings: Settings) -> Toggle | None:
    assert people.item is not None
    start = f"{people.listing.path}/{{"
    verbs: dict[str, Ask] = {}
    for route in routes:
        rest = route.path[len(people.listing.path) + 1 :].split("/") if route.path.startswith(start) else []
        asked = ask(route, "post") or ask(route, "put")
        if asked is None or "{" in "".join(rest[1:]) or asked.operation.needs_body or asked.is_deprecated:
            continue
        if len(rest) > 1 and len(asked.names) == people.item.path.count("{"):
            verbs.setdefault(norm(rest[-1]), asked)
    for off, on in _PAIRS.items():
        if off not in verbs or on not in verbs:
            continue
        want = {"suspend": ("SUSPENDED",), "lock": ("SUSPENDED",), "block": ("SUSPENDED",)}.get(
            off, ("INACTIVE", "DEPROVISIONED", "SUSPENDED")
        )
        outs = [value for value, status in record.states.items() if status in want and value is not None]
        outs = [value for value in outs if norm(value).startswith(off[:5])] or outs
        ins = [value for value, status in record.states.items() if status == "ACTIVE" and norm(value) in ("active", "enabled", "true")]
        requests = [written(verbs[verb], settings, [ACCOUNT]) for verb in (off, on)]
        if not outs or not ins or requests[0] is None or requests[1] is None:
            continue
        return _toggle(read, state, outs, ins, requests[0], requests[1], (verbs[off], verbs[on]), record.states[outs[0]])
    return None


def _by_patch(people: People, record: Fields, read: Reading, state: str, settings: Settings) -> Toggle | None:
    """PATCH of a boolean. A status that is text is left alone: which of its values may be written is seldom said."""
    asked = ask(people.item, "patch") if people.item is not None else None
    at = record.found["user_status"]
    if asked is None or not is_one_of(at.shape, Type.BOOLEAN):
        return None
    body = next((shape for media, shape in (asked.operation.bodies or {}).items() if is_json(media)), None)
    wrapped = read.at.removeprefix("body").strip(".")
    path = ([wrapped] if wrapped and body is not None and member(body, [wrapped]) is not None else []) + list(at.path)
    if body is None or not is_one_of(member(body, path), Type.BOOLEAN) or any(form.required for form in body.forms):
        return None
    request = written(asked, settings, [ACCOUNT])
    off = next(value for value, status in record.states.items() if status != "ACTIVE" and isinstance(value, bool))
    if request is None:
        return None
    requests = [{**request, "json": _nested(path, value), "repeatable": True} for value in (off, not off)]
    return _toggle(read, state, [off], [not off], requests[0], requests[1], (asked,), record.states[off])


def _nested(path: list[str], value: Any) -> Any:
    return {path[0]: _nested(path[1:], value)} if path else value


def _toggle(
    read: Reading, state: str, outs: list[Any], ins: list[Any], off: dict[str, Any], on: dict[str, Any], asks: tuple[Ask, ...], status: str
) -> Toggle:
    made = []
    for values, request in ((outs, off), (ins, on)):
        shown = _is_among(state, values)
        steps = [{"request": dict(read.request), "already": shown}, {"request": request}]
        made.append({"steps": steps, "verify": {"request": dict(read.request), "until": shown}})
    return Toggle({**made[0], "record": {"status": {"value": status}}}, made[1], (read.asks, *asks), status)


def _is_among(read: str, values: list[Any]) -> str:
    if isinstance(values[0], bool):
        return f"status == `200` && {read} == `{str(values[0]).lower()}`"
    words_ = ", ".join(f"'{value}'" for value in values)
    return f"contains([{words_}], {read})" if len(values) > 1 else f"{read} == {words_}"


_GIVEN = {"email": words.EMAIL, "username": words.USERNAME, "given_name": words.GIVEN, "family_name": words.FAMILY}


def create(people: People, record: Fields, settings: Settings) -> tuple[dict[str, Any], Ask, str] | str | None:
    """`create_account`, its request and what to decide; or, in words, why it is left out. None where nothing makes an account."""
    asked = ask(people.listing.ask.route, "post")
    if asked is None or asked.is_deprecated:
        return None
    body = next((shape for media, shape in (asked.operation.bodies or {}).items() if is_json(media)), None)
    if body is None:
        return f"the body of {asked.told} is not described"
    answer = next(((at, found) for at, shape in _places(asked.operation.good())
                   if (found := member(shape, list(people.identity.path))) is not None and is_one_of(found, COUNTED)), None)  # fmt: skip
    if answer is None:
        return f"the answer of {asked.told} does not tell the new account's id"
    sent, lacking = _sent(body)
    if lacking:
        return f"{asked.told} needs {' and '.join(f'`{name}`' for name in lacking)}, which the contract does not give"
    if not _inputs(sent) & {"email", "username"}:
        return f"{asked.told} takes neither an e-mail address nor a user name"
    request = written(asked, settings, [])
    if request is None:
        return f"{asked.told} needs what no setting can be"
    own = people.identity.below(answer[0].removeprefix("body").lstrip("."))
    made = {"request": {**request, "json": sent}, "record": {"id": own, "status": {"value": "ACTIVE"}}}
    note = "the entitlements that a caller asks for are not given here; does the app want any, and is a new account usable at once?"
    return made, asked, note


def _inputs(sent: Any) -> set[str]:
    if isinstance(sent, dict):
        return set().union(*map(_inputs, sent.values())) if sent else set()
    return {name for name in _GIVEN if f"inputs.{name}" in str(sent)}


def _sent(body: Shape, depth: int = 3) -> tuple[dict[str, Any], list[str]]:
    """What of a body the contract's inputs fill, and which required properties they do not."""
    sent: dict[str, Any] = {}
    lacking: list[str] = []
    required = {name for form in body.forms for name in form.required}
    for name in body.names:
        held = member(body, [name])
        if held is None:
            continue
        value = _filled(name, held, name in required)
        if value is None and held.types & ~Type.NULL == Type.OBJECT and depth and norm(name) in (*words.HOLDERS, "employee", "data"):
            inner, missing = _sent(held, depth - 1)
            if inner and not missing:
                value = inner
            elif missing and name in required:
                lacking += missing
                continue
        if value is not None:
            sent[name] = value
        elif name in required:
            lacking.append(name)
    return sent, lacking


def _filled(name: str, held: Shape, needed: bool) -> Any:
    given = next((given for given, names in _GIVEN.items() if norm(name) in names and held.types & Type.STRING), None)
    if given is not None:
        return f"{{{{ inputs.{given} }}}}"
    if needed and norm(name) in words.NAMES[:5] and is_one_of(held, Type.STRING) and held.values is None:
        return "{{ inputs.given_name | default('') }} {{ inputs.family_name | default('') }}"
    values = held.values
    if needed and values is not None and len(values) == 1 and isinstance(values[0], (str, bool)):
        return values[0]
    return None


def find_last_login(read: Reading | None) -> str | None:
    """Where an account's record tells when it was last used, as a time (RFC 3339)."""
    at = find(read.shape, words.LAST_LOGIN, Type.STRING, ("profile", "attributes")) if read is not None else None
    return at.expression if at is not None and at.format == "date-time" else None
