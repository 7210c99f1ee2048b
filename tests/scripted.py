"""A case: a spec, the calls made with it, every request that is sent and its answer, and what comes out.

    about       what the case shows
    source      the vendor's page, or the standard, that says so
    spec        the whole spec; or `list_accounts`, the part of one that the frame `frames/pagination.yaml` is around
    address     what the requests below stand under, where they begin with `/`
    credential, settings
                `jose.py` says how a key is named here, and below how a token is written that is signed with it
    calls       one after the other, by one instance. A case with a single call writes it right here, without `calls`
    matters     the places in the spec that the case is about; without any one of them, the case must fail

A call:

    walk, call  the capability: all pages of a read, or one call
    inputs      what it is asked with
    size        the page size that is wished for
    exchange    the requests that are sent, in this order, and their answers
    unordered   the requests go out concurrently: all of them are sent, in any order
    gives       what comes out: the records of a walk, the answer of a call; values that are null are left out.
                A text stands for a record that has this id and nothing else
    pages       of a walk: how many records each page has
    changed     of a write: whether it changed anything
    fails       the error it ends with: all that is not empty of `code`, `message`, `app_message`, `app_code`, `wait`
                (seconds), and `at`, the text in the spec that it points to. What came before it is under `gives`

A step of an exchange has the method with the path or address, and how the answer is to be:

    get: /users         or another method, or an operation of LDAP, whose body is JSON. With a `?` it is the address as it goes
                        on the wire, to the letter;
    query               without one, the parameters stand here, decoded: all of them. A list repeats a name
    headers             those that matter; null for one that must not be there
    certificate         the client certificate that is presented; null for none
    json, form, text    the body; without one, there is none. `form` and JSON are compared as values, text to the letter
    after               seconds since the request before it, on the virtual clock; without it, no time passes. A wait that
                        the app asks for may be a tenth and a second longer; `{least: 1, most: 2}` gives the bounds
    answer              status (200), headers, and a body: json, text or base64, which `gzip: true` packs;
                        or `lost`: a code of the contract for a wire that fails

The virtual clock begins on 2027-01-15 at 08:00 UTC: 1800000000. Where a request is signed with a nonce, it is `n0nce`.

A place of `matters` is a path: `http.errors.0`, `capabilities.list_accounts.pages.more`. With a frame it begins below
the capability. One that cannot be left out is followed by what it becomes: `pages.base: 1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrule.compile import compile_spec
from ferrule.connector import Connector
from ferrule.diagnostics import Span, SpecError
from ferrule.errors import CallError, FerruleError
from ferrule.instance import Instance
from ferrule.ldap import OPERATIONS
from ferrule.plan import Plan
from ferrule.request import METHODS
from ferrule.source import Table, plain, read
from ferrule.spec.load import load
from jose import with_keys
from scripted_app import ScriptedWire, Wrong, exact, expect
from virtual_time import Clock, run

FRAME = Path(__file__).parent / "frames" / "pagination.yaml"
CASE_KEYS = {"about", "source", "spec", "list_accounts", "address", "credential", "settings", "calls", "matters"}
CALL_KEYS = {"walk", "call", "inputs", "size", "exchange", "unordered", "gives", "pages", "changed", "fails"}
STEP_KEYS = {*METHODS, *OPERATIONS, "query", "headers", "certificate", "json", "form", "text", "after", "answer"}
ANSWER_KEYS = {"status", "headers", "json", "text", "base64", "gzip", "content_type", "lost"}


@dataclass(frozen=True)
class Case:
    """A case as it was read. `tree` is the spec with its places, which are places in the case's own file."""

    path: Path
    text: str
    tree: Table
    matters: list[Any]
    address: str
    credential: dict[str, Any]
    settings: dict[str, Any]
    calls: list[dict[str, Any]]
    framed: bool

    def plan(self, tree: Table | None = None) -> Plan:
        """The spec compiled."""
        tree = tree or self.tree
        return compile_spec(load(tree), tree, self.path.name)

    def at(self, span: Span | None) -> str | None:
        """The text that a place in the case stands for, without its quotes."""
        if span is None or span.file != self.path.name:
            return None
        found = self.text.splitlines()[span.line - 1][span.column - 1 :][: span.length]
        return found[1:-1] if found[:1] in ("'", '"') else found


def open_case(path: Path) -> Case:
    """The case in a file. A key that nothing reads is a mistake."""
    text = path.read_text("utf-8")
    source = read(text, path.name)
    case = plain(source)
    calls = case["calls"] if "calls" in case else [{key: case[key] for key in case.keys() & CALL_KEYS}]
    check(case.keys(), CASE_KEYS if "calls" in case else CASE_KEYS | CALL_KEYS)
    for call in calls:
        check(call.keys(), CALL_KEYS)
        for step in call.get("exchange", []):
            check(step.keys(), STEP_KEYS)
            check(step.get("answer", {}).keys(), ANSWER_KEYS)
    return Case(
        path=path,
        text=text,
        tree=framed(source["list_accounts"]) if "list_accounts" in source else source["spec"],
        matters=source.get("matters", []),
        address=case.get("address", "https://api.acme.example"),
        credential=with_keys(case.get("credential", {"token": "t0ken-value"})),
        settings=case.get("settings", {}),
        calls=calls,
        framed="list_accounts" in source,
    )


def check(keys: Any, known: set[str]) -> None:
    """Raise for a key that nothing reads."""
    if unknown := set(map(str, keys)) - known:
        raise ValueError(f"nothing reads {', '.join(sorted(unknown))}")


def framed(part: Table) -> Table:
    """The spec of the frame with the part of a case in it."""
    tree = read(FRAME.read_text("utf-8"), FRAME.name)
    tree["capabilities"]["list_accounts"].update(part)
    return tree


# what comes out


@dataclass
class Outcome:
    """What a call came to. `tokens` has, for each page with a token, the records before it and the requests sent before it."""

    records: list[Any] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    tokens: list[tuple[str, int, int]] = field(default_factory=list)
    gives: Any = None
    changed: bool | None = None
    error: FerruleError | None = None


def perform(case: Case, tree: Table | None = None) -> list[Outcome]:
    """Make all calls of a case. Raises `Wrong` where anything is not as it says. `tree` is another spec than its own."""
    plan = case.plan(tree)

    async def main() -> list[Outcome]:
        wire = ScriptedWire(case.address)
        instance = connect(case, plan, wire)
        outcomes = []
        for call in case.calls:
            wire.begin(call.get("exchange", []), ordered=not call.get("unordered"))
            outcome = await made(instance, call, wire)
            compare(case, call, outcome)
            wire.end()
            outcomes.append(outcome)
        return outcomes

    return run(main())


def connect(case: Case, plan: Plan, wire: ScriptedWire) -> Instance:
    """The case's tenant."""
    return Connector(plan).instance(case.credential, case.settings, wire=wire, clock=Clock())


async def made(instance: Instance, call: dict[str, Any], wire: ScriptedWire, token: str | None = None) -> Outcome:
    """One call."""
    outcome = Outcome()
    inputs = call.get("inputs", {})
    try:
        if "walk" in call:
            async for page in instance.awalk(call["walk"], inputs, page_token=token, page_size=call.get("size"), ahead=False):
                outcome.records += map(dumped, page.records)
                outcome.pages.append(len(page.records))
                if page.token is not None:
                    outcome.tokens.append((page.token, len(outcome.records), len(wire.used)))
        else:
            result = await instance.acall(call["call"], inputs, page_size=call.get("size"))
            outcome.gives = list(map(dumped, result.response)) if isinstance(result.response, list) else dumped(result.response)
            outcome.changed, outcome.error = result.changed, result.error
    except FerruleError as error:
        outcome.error = error
    return outcome


def dumped(record: Any) -> Any:
    """A record of the contract as a case writes it."""
    return record.model_dump(mode="json", exclude_none=True) if hasattr(record, "model_dump") else record


def compare(case: Case, call: dict[str, Any], outcome: Outcome) -> None:
    """Hold what came out against what the case says."""
    expect(outcome.error is None or "fails" in call, f"it failed: {outcome.error}")
    if "fails" in call:
        found = told(case, outcome.error)
        expect(found == call["fails"], f"the failure is {found}")
    if "walk" in call:
        wanted = [{"integration_specific_id": each} if isinstance(each, str) else each for each in call.get("gives", [])]
        expect(exact(outcome.records) == exact(wanted), f"the records are {outcome.records}")
        expect(call.get("pages", outcome.pages) == outcome.pages, f"the pages have {outcome.pages} records")
    else:
        expect(exact(outcome.gives) == exact(call.get("gives")), f"the answer is {outcome.gives}")
        expect(outcome.changed == call.get("changed"), f"changed is {outcome.changed}")


def told(case: Case, error: FerruleError | None) -> dict[str, Any] | None:
    """An error as a case writes it."""
    if error is None:
        return None
    found: dict[str, Any] = {"code": error.code.name, "message": error.message}
    if isinstance(error, CallError):
        found |= {"app_message": error.app_message, "app_code": error.app_code, "wait": error.retry_after, "at": case.at(error.origin)}
    return {name: value for name, value in found.items() if value is not None}


# resumption


def resumed(case: Case) -> Iterator[str]:
    """Go on from each page token of each walk, in another instance of a spec compiled anew. Yields what differs."""
    for call, whole in zip(case.calls, perform(case), strict=True):
        for number, (token, before, sent) in enumerate(whole.tokens, 1):
            rest, trouble = run(from_token(case, call, token, sent))
            if trouble or rest.records != whole.records[before:] or told(case, rest.error) != told(case, whole.error):
                yield f"from the token of page {number} on: {trouble or rest}"


async def from_token(case: Case, call: dict[str, Any], token: str, sent: int) -> tuple[Outcome, str | None]:
    """The rest of a walk, and what was wrong with its requests. In order they are the rest of the script, to the last one."""
    ordered = not call.get("unordered")
    wire = ScriptedWire(case.address, timed=False, again=not ordered)
    wire.begin(call["exchange"][sent:] if ordered else call["exchange"], ordered=ordered)
    rest = await made(connect(case, case.plan(), wire), call, wire, token)
    try:
        wire.end()
    except Wrong as wrong:
        return rest, str(wrong)
    return rest, None


# what matters


def without(tree: Any, place: Any, framed_: bool) -> Any:
    """The spec without one place of it, or with the place become something else."""
    (path, becomes), remove = (next(iter(place.items())), False) if isinstance(place, dict) else ((place, None), True)
    steps = [*(["capabilities", "list_accounts"] if framed_ else []), *parsed(str(path))]
    return altered(tree, steps, becomes, remove)


def parsed(path: str) -> list[str]:
    """The steps of a path: `http.errors.0."a.b"`."""
    return [quoted or plain_ for quoted, plain_ in re.findall(r'"([^"]*)"|([^."]+)', path)]


def altered(tree: Any, steps: list[str], becomes: Any, remove: bool) -> Any:
    """A copy of the spec in which one value is gone, or is another. Places are kept."""
    values = dict(tree) if isinstance(tree, dict) else dict(enumerate(tree))
    step, rest = (steps[0] if isinstance(tree, dict) else int(steps[0])), steps[1:]
    if step not in values and (rest or remove):
        raise ValueError(f"the spec has no `{step}` here; it has {list(values)}")
    if rest:
        values[step] = altered(values[step], rest, becomes, remove)
    elif remove:
        del values[step]
    else:
        values[step] = becomes
    if isinstance(tree, Table):
        return Table(values, tree.span)
    return type(tree)(list(values.values()), tree.span, [tree.spans[i] for i in values])


def needless(case: Case, place: Any) -> str | None:
    """Why a place of `matters` proves nothing; None where the case fails without it, as it must."""
    broken = without(case.tree, place, case.framed)
    try:
        case.plan(broken)
    except SpecError as error:
        return f"without `{plain(place)}` it is no spec: {error.diagnostics[0].message}"
    try:
        perform(case, broken)
    except Wrong:
        return None
    return f"without `{plain(place)}` the case holds as well"
