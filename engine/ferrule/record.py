"""Recording cassettes: calls are made through the public interface, and what passes on the wire is kept without secrets and
with pseudonyms for people."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from ferrule.auth import Auth
from ferrule.auth.credential import open_credential
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError
from ferrule.errors import CallError, FerruleError
from ferrule.http import Request, Response
from ferrule.instance import Instance
from ferrule.people import Pseudonyms, pseudonyms
from ferrule.plan import Operation, Plan
from ferrule.refusal import secret_inputs
from ferrule.replay import came_to, masked, playing, replay_call
from ferrule.secret import MASK, Secret, reveal
from ferrule.wire import Wire
from ferrule.wire.cassette_file import Cassette, CassetteCall, Header, Interaction, People, Provenance, load_cassette, written
from ferrule.wire.kept import ALWAYS_KEPT, Redaction, headers_read, kept_request, kept_response
from ferrule.wire.network import network

Answers = Mapping[str, Any]
"""What the questions before came to: capability to records, or to one of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """A call to be recorded. Its inputs may be made of the answers before it; None leaves the question out."""

    capability: str
    inputs: Mapping[str, Any] | Callable[[Answers], Mapping[str, Any] | None]
    page_size: int | None = None
    walk: bool = False


class Unrepeatable(FerruleError):
    """What was recorded does not come to the same when it is replayed."""

    def __init__(self, capability: str, slips: Iterable[str], *, renamed: bool = False) -> None:
        """`renamed` where it did come to the same before people got pseudonyms."""
        how = " with pseudonyms for people" if renamed else ""
        message = f"the recording of `{capability}` cannot be replayed{how}:\n" + "\n".join(f"  {slip}" for slip in slips)
        super().__init__(message, code="internal_error", hint=_LETTERS if renamed else _OTHERWISE)


_OTHERWISE = "either the app answers differently each time, or a value that matters is masked as a secret"
_LETTERS = (
    "the spec looks at the letters of a name, and a pseudonym has others; where all people are made up, keep them: "
    '`--keep-people`, or `people="kept"`'
)


class RecordingWire:
    """Carries requests over another wire, and keeps every exchange. What it gives out holds no secret.

    Secrets are masked when the exchanges are asked for, not when they pass: a token is known to be one only when it is
    used, and the answer that brought it came before.
    """

    def __init__(self, inner: Wire, headers: frozenset[str] = ALWAYS_KEPT, redaction: Redaction | None = None) -> None:
        self.redaction = redaction or Redaction()
        self._inner, self._headers = inner, headers
        self._passed: list[tuple[Request, str | None, Response]] = []

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`."""
        response = await self._inner.send(request, content, content_type)
        self.redaction.learn(request)
        self._passed.append((request, content_type, response))
        return response

    async def close(self) -> None:
        """Close the wire within."""
        await self._inner.close()

    @property
    def count(self) -> int:
        """How many exchanges there are."""
        return len(self._passed)

    def interactions(self) -> list[Interaction]:
        """The exchanges, in the order in which their answers came."""
        return [
            Interaction(
                request=kept_request(request, content_type, self.redaction),
                response=kept_response(response, self._headers, self.redaction),
            )
            for request, content_type, response in self._passed
        ]


async def record(
    connector: Connector,
    questions: Iterable[Question],
    *,
    application: str,
    command: str,
    credential: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    auth: str | None = None,
    application_version: str | None = None,
    provenance: Provenance = "recorded",
    source: str | None = None,
    date: datetime.date | None = None,
    wire: Wire | None = None,
    people: People = "pseudonyms",
) -> Cassette:
    """The questions put to the app, one after the other, as a cassette that says what came of each.

    `wire` reaches the app; by default it is the network. Whatever the app answers, a refusal too, is recorded; where it
    cannot be reached, its `CallError` is raised. The cassette is replayed before it is given: its exchanges stand in the
    order of a replay, which no timing changes, and `Unrepeatable` says where a replay does not come to the same.

    People get pseudonyms, everywhere and always the same. `people="kept"` leaves them as they are, for an app in which all are
    made up. The header says which.
    """
    plan = connector.plan
    auth = connector.instance(credential, settings, auth=auth).auth_name
    given = open_credential(plan.auths[auth], credential or {})
    redaction = Redaction(_texts(given, secret=True), spared=_texts(given, secret=False))
    recording = RecordingWire(wire or network(plan.http), headers_read(plan.spec), redaction)
    instance = connector.instance(credential, settings, auth=auth, wire=recording)
    try:
        calls = [call async for call in _answered(instance, questions, recording)]
    finally:
        await instance.aclose()
        await recording.close()
    header = Header(
        provenance=provenance,
        application=application,
        application_version=application_version,
        date=date or datetime.date.today(),
        command=command,
        source=source,
        people=people,
        auth=auth,
        credential=_kept(plan.auths[auth], given, people),
        settings=redaction.value(dict(settings or {})),
        calls=[_without_secrets(call, redaction) for call in calls],
    )
    cassette = Cassette(ferrule=header, interactions=recording.interactions())
    if people == "kept":
        return await _in_replay_order(plan, cassette)
    cassette = await _in_replay_order(plan, cassette, pseudonyms(cassette, plan.spec))
    return await _in_replay_order(plan, pseudonyms(cassette, plan.spec).cassette(cassette), renamed=True)


def save(cassette: Cassette, path: Path) -> bool:
    """Write the cassette to `path`, where it says anything new. One that differs in nothing but its date is left as it is."""
    try:
        before = load_cassette(path)
    except (OSError, SpecError):
        before = None
    if before is not None:
        header = cassette.ferrule.model_copy(update={"date": before.ferrule.date})
        if before == cassette.model_copy(update={"ferrule": header}):
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(cassette), encoding="utf-8")
    return True


def reads(plan: Plan, page_size: int | None = None) -> list[Question]:
    """Every read of a connector that can be asked without knowing more than its accounts, lists as walks, accounts first.

    What is asked of one account is asked of the first; what is asked of several, of all.
    """
    found = [question for operation in plan.operations.values() if (question := _question(operation, page_size)) is not None]
    return sorted(found, key=lambda question: (question.capability != "list_accounts", question.capability))


def _question(operation: Operation, page_size: int | None) -> Question | None:
    capability = operation.capability
    required = tuple(sorted(name for name, field in capability.inputs.items() if field.required))
    inputs = _FROM_ACCOUNTS.get(required)
    if capability.level != "read" or operation.derive is not None or operation.composed or inputs is None:
        return None
    return Question(capability.name, inputs, page_size if capability.many else None, capability.many)


_FROM_ACCOUNTS: dict[tuple[str, ...], Callable[[Answers], Mapping[str, Any] | None]] = {
    (): lambda answers: {},
    ("account_id",): lambda answers: {"account_id": ids[0]} if (ids := _accounts(answers)) else None,
    ("account_ids",): lambda answers: {"account_ids": ids} if (ids := _accounts(answers)) else None,
}
"""Inputs that a read must have, to what gives them."""


def _accounts(answers: Answers) -> list[str]:
    return [account["integration_specific_id"] for account in answers.get("list_accounts") or ()]


async def _answered(instance: Instance, questions: Iterable[Question], wire: RecordingWire) -> AsyncIterator[CassetteCall]:
    """The questions with what came of them, not masked yet."""
    answers: dict[str, Any] = {}
    for question in questions:
        inputs = question.inputs(answers) if callable(question.inputs) else question.inputs
        if inputs is None:
            continue
        wire.redaction.know(secret_inputs(inputs))
        before = wire.count
        came = await came_to(instance, question.capability, inputs, page_size=question.page_size, walk=question.walk)
        if isinstance(came.error, CallError) and came.error.status is None and came.error.code.category == "transient":
            raise came.error
        expected = came.expected
        answers[question.capability] = expected.record if expected.records is None else expected.records
        yield CassetteCall(
            capability=question.capability,
            inputs=dict(inputs),
            page_size=question.page_size,
            walk=question.walk,
            requests=wire.count - before,
            expect=expected,
        )


def _without_secrets(call: CassetteCall, redaction: Redaction) -> CassetteCall:
    inputs = to_jsonable_python(redaction.value(call.inputs))
    return call.model_copy(update={"inputs": inputs, "expect": masked(call.expect, redaction)})


async def _in_replay_order(plan: Plan, cassette: Cassette, names: Pseudonyms | None = None, *, renamed: bool = False) -> Cassette:
    """The cassette with its exchanges in the order of a replay.

    In a live walk they come in whatever order the network brings them. What ran ahead of a call that ended early, and is
    not asked in a replay, is left out. Where a replay fails, `names` keep people out of the error.
    """
    calls = []
    async with playing(plan, cassette) as (instance, wire):
        for number, call in enumerate(cassette.ferrule.calls):
            report = await replay_call(instance, wire, number, call)
            if report.slips:
                slips = report.slips if names is None else [names.text(slip) for slip in report.slips]
                raise Unrepeatable(call.capability, slips, renamed=renamed)
            calls.append(call.model_copy(update={"requests": report.requests}))
    header = cassette.ferrule.model_copy(update={"calls": calls})
    return Cassette(ferrule=header, interactions=[cassette.interactions[number] for number in wire.played])


def _kept(auth: Auth, credential: Mapping[str, Any], people: People) -> dict[str, Any]:
    """What a cassette has of a credential: of a field that is secret its shape, of the others what they hold, unless that is
    somebody's address."""
    secret = {field.name for field in auth.fields if field.secret}
    return {
        name: _shape(value) if name in secret or (people == "pseudonyms" and "@" in str(value)) else reveal(value)
        for name, value in credential.items()
        if value is not None
    }


def _shape(value: Any) -> Any:
    return {name: _shape(item) for name, item in value.items()} if isinstance(value, dict) else MASK


def _texts(value: Any, *, secret: bool) -> Iterator[str]:
    """The texts of a credential that are secret, or those that are not."""
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item, secret=secret)
    elif isinstance(value, str | Secret) and isinstance(value, Secret) == secret:
        yield reveal(value)
