"""One tenant's exchange with its app: where a call becomes requests, and what comes back an answer or a typed error.

Everything that all walks of a tenant share is here: the login, the budgets, the pauses the app asked for, the number of
requests under way. What a request says was decided by the plan; how it travels is the wire's matter.
"""

from __future__ import annotations

import asyncio
import random as _random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ferrule.auth.grant import Auth, Grant
from ferrule.auth.mtls import Presenter
from ferrule.auth.signing import Draft, Signer
from ferrule.decoding import DecodeError, decode
from ferrule.decoding.sieve import MISSED
from ferrule.encoding import encode
from ferrule.errors import BadInput, CallError, UnexpectedAnswer
from ferrule.expressions import Expression, ExpressionFailure
from ferrule.http import Answer, Request, Response
from ferrule.limits import ENFORCE, SYSTEM, Clock, Gate, Gates, Mode, Random, TooLate, patience, told_by
from ferrule.login import Grants, GrantStore
from ferrule.origins import Origins
from ferrule.plan import HttpPlan
from ferrule.refusal import Refusal, Teller, secrets_of, shown
from ferrule.request import Call, pairs, truth
from ferrule.templates import Scope, TemplateFailure, compile_template
from ferrule.wire import Wire


class Exchange:
    """One credential and one set of settings, on one wire, for all calls and walks of a tenant."""

    def __init__(
        self,
        http: HttpPlan,
        auth: Auth | None,
        wire: Wire,
        scope: Scope,
        *,
        clock: Clock = SYSTEM,
        store: GrantStore | None = None,
        gates: Gates | None = None,
        random: Random = _random.random,
    ) -> None:
        self.http, self.auth, self.wire, self.scope, self.clock = http, auth, wire, scope, clock
        self._random = random
        self._presenter: Presenter | None = auth if isinstance(auth, Presenter) else None
        self._signer: Signer | None = auth if isinstance(auth, Signer) else None
        self._gates = gates or Gates(http.budgets, http.concurrency, clock, http.throttle)
        self._origins = Origins(http, auth, scope)
        self._grants = Grants(auth, scope, self.log_in, clock, store)

    async def send(self, call: Call, deadline: float | None = None, mode: Mode = ENFORCE) -> Answer:
        """The app's answer to `call`. `deadline` is a moment of the clock's `monotonic()`, `mode` what is done about limits.

        A refusal is tried again where that is safe and may help, and once after a new login. Raises `BadInput` where the
        caller's values cannot be written, `CallError` where the app, or the way to it, failed.
        """
        return await self._perform(call, deadline, mode, login=False)

    async def log_in(self, call: Call, deadline: float | None) -> Answer:
        """The app's answer to a request of a login: it carries no credential but its own, and may go where the auth says."""
        return await self._perform(call, deadline, ENFORCE, login=True)

    async def close(self, seconds: float | None = None) -> None:
        """Let a login under way end, for as long as a request may take or for `seconds`, and the wire go."""
        await self._grants.close(self.http.timeout if seconds is None else min(seconds, self.http.timeout))
        await self.wire.close()

    async def _perform(self, call: Call, deadline: float | None, mode: Mode, *, login: bool) -> Answer:
        renewed, failed = login, 0
        while True:
            grant = None if login else await self._grants.current(deadline)
            outcome = await self._attempt(call, grant, deadline, mode, login)
            if isinstance(outcome, Answer):
                return outcome
            if outcome.error.code.refreshable and not renewed:
                renewed = True
                if await self._grants.renewed(grant, deadline):
                    continue
            failed += 1
            await self._before_next(outcome, failed, call, deadline, mode)

    async def _attempt(self, call: Call, grant: Grant | None, deadline: float | None, mode: Mode, login: bool) -> Answer | Refusal:
        """One request and what came of it. It is written when its turn has come, so that no signature grows old waiting."""
        scope, gate = _names(self.scope, call, grant, login), self._gate(call)
        try:
            await gate.enter(deadline, mode)
        except TooLate as late:
            raise Teller(call.plan).too_late(late) from None
        try:
            known = partial(secrets_of, scope.get("credential"), grant, self._grants.before, inputs=scope.get("inputs"))
            draft = self._draft(call, scope, grant, login, known)
            teller = Teller(call.plan, partial(known, request=draft.request))
            outcome = await self._sent(draft, teller, None if login and not call.once else deadline)
        finally:
            gate.leave()
        return outcome if isinstance(outcome, Refusal) else self._judged(call, draft.request, outcome, scope, teller)

    async def _sent(self, draft: Draft, teller: Teller, deadline: float | None) -> Response | Refusal:
        limit = self.http.timeout if deadline is None else min(self.http.timeout, deadline - self.clock.monotonic())
        try:
            async with asyncio.timeout(limit):
                return await self.wire.send(draft.request, draft.content, draft.content_type)
        except TimeoutError:
            return teller.timed_out(limit, late=limit < self.http.timeout)
        except CallError as error:
            return teller.lost(error)

    def _draft(self, call: Call, scope: Scope, grant: Grant | None, login: bool, known: Callable[..., frozenset[str]]) -> Draft:
        """The request, written, encoded and, where the auth signs, signed: that is the last thing put on it."""
        request = self._request(call, scope, grant, login)
        try:
            draft = Draft(request, *encode(request), self.clock.time())
            if self._signer is None or login or not call.plan.authenticated:
                return draft
            return replace(draft, request=self._signer.sign(draft, scope, grant))
        except TemplateFailure as failure:
            raise _unfilled(failure, call) from None
        except (TypeError, ValueError) as error:
            raise _unwritten(Teller(call.plan, partial(known, request=request)), error) from None

    def _request(self, call: Call, scope: Scope, grant: Grant | None, login: bool) -> Request:
        """The request, written and allowed."""
        try:
            base = self._origins.base(call, scope)
            own = call.base_url is None and call.plan.base_url is None
            request = call.plan.render(base, scope)
            if own:
                request = self._with_shared(request, call, scope)
            if call.place is not None:
                request = _placed(request, call)
            if self._presenter is not None and (login or call.plan.authenticated):
                request = replace(request, identity=self._presenter.identity(scope))
            if self.auth is not None and not login and call.plan.authenticated:
                request = self.auth.apply(request, scope, grant)
            self._origins.check(request, base, own=own, login=login)
        except TemplateFailure as failure:
            raise _unfilled(failure, call) from None
        except ExpressionFailure as failure:
            raise UnexpectedAnswer(f"{shown(call.plan)} cannot be written: {failure}", origin=failure.expression.span) from None
        except (TypeError, ValueError) as error:
            raise _unwritten(Teller(call.plan, partial(secrets_of, scope.get("credential"), grant)), error) from None
        return request

    def _with_shared(self, request: Request, call: Call, scope: Scope) -> Request:
        """The request with the headers and parameters of every request. One that the request names itself is its own, even
        where it leaves it out."""
        if not (self.http.query or self.http.headers):
            return request
        own_query = {name for name, _ in call.plan.query}
        own_headers = {name.lower() for name, _ in call.plan.headers} | {name.lower() for name, _ in request.headers}
        query = pairs(tuple(field for field in self.http.query if field[0] not in own_query), scope)
        headers = pairs(tuple(field for field in self.http.headers if field[0].lower() not in own_headers), scope)
        return replace(request, query=(*query, *request.query), headers=(*headers, *request.headers))

    def _judged(self, call: Call, request: Request, response: Response, scope: Scope, teller: Teller) -> Answer | Refusal:
        """What the response means. One that is a success by its status, but cannot be read, is judged by nothing else: no
        predicate may take it for emptiness."""
        body, problem, whole = _decoded(call, response)
        answer = Answer(response.status, response.headers, body, response.url or request.url, request, whole)
        names, now = answer.names(), self.clock.time()
        if self.http.throttle is not None and (told := told_by(self.http.throttle, names, scope, now)):
            self._gate(call).tell(told)
        if problem is not None and 200 <= response.status < 300:
            return teller.unreadable(answer, problem)
        wanted = (call.plan.absent, *call.accept)
        if any(_foreseen(predicate, names, scope) for predicate in wanted if predicate is not None):
            return answer
        try:
            failure = self.http.verdicts.judge(answer, scope, now, first=call.plan.errors, last=call.plan.usual_errors)
        except ExpressionFailure as slip:
            message = f"{teller.name} cannot be judged: {slip}"
            return Refusal.of(UnexpectedAnswer(message, origin=slip.expression.span, status=answer.status))
        if failure is None:
            return answer
        if answer.whole is not None:  # the vendor's words may be where nobody else reads
            return self._judged(replace(call, sieve=None), request, response, scope, teller)
        return teller.refused(answer, failure, problem)

    async def _before_next(self, refusal: Refusal, failed: int, call: Call, deadline: float | None, mode: Mode) -> None:
        """Wait for the moment of the next try, or raise where there is none.

        A wait that concerns everybody, after a throttled answer or where a service that is down says for how long, is a
        pause of the gate: all walks of the tenant keep it.
        """
        error = refusal.error
        wait = patience(self.http.retry, failed + mode.tried, error.retry_after, self._random)
        shared = error.code.throttled or (error.status == 503 and error.retry_after is not None)
        if shared:
            self._gate(call).pause(wait)
        allowed = refusal.retry and (call.plan.safe or refusal.unprocessed) and not call.once
        late = deadline is not None and self.clock.monotonic() + wait >= deadline
        if not allowed or late or failed >= mode.attempts(self.http.retry):
            raise error
        if not shared:
            await self.clock.sleep(wait)

    def _gate(self, call: Call) -> Gate:
        return self._gates.of(call.plan.budget)


def _names(scope: Scope, call: Call, grant: Grant | None, login: bool) -> Scope:
    """What templates read. A login brings the `session` it has made so far."""
    if login:
        return {"session": {}, **scope, **call.scope}
    return {**scope, **call.scope, "session": grant.session if grant else {}}


def _placed(request: Request, call: Call) -> Request:
    """The request at its page. What pagination writes comes from an answer: where it does not fit, the app is at fault."""
    assert call.place is not None
    try:
        return call.place(request)
    except ValueError as error:
        raise UnexpectedAnswer(f"{shown(call.plan)} cannot ask for the next page: {error}", origin=request.origin) from None


def _decoded(call: Call, response: Response) -> tuple[Any, DecodeError | None, Callable[[], Any] | None]:
    """The body, or why it cannot be read; and what gives all of it, where it is what the plan reads of it. Of an error that is
    plain text, the text is its body."""
    content_type = response.headers.get("content-type", "")
    whole = partial(decode, response.content, content_type, call.plan.decoder)
    if call.sieve is not None and 200 <= response.status < 300:
        body = call.sieve.read(response.content, content_type, call.plan.decoder)
        if body is not MISSED:
            return body, None, whole
    try:
        return whole(), None, None
    except DecodeError as problem:
        if 200 <= response.status < 300 or response.content.lstrip().startswith(b"<"):
            return None, problem, None
        return response.content[:2000].decode("utf-8", "replace"), None, None


def _foreseen(predicate: Expression, names: dict[str, Any], scope: Scope) -> bool:
    """Whether an answer is what a predicate was written for, even where it is a refusal. A predicate that holds without any
    body, such as `!contains(body.members || `[]`, …)`, holds of every refusal and foresees none, unless it reads the status."""
    return _holds(predicate, names, scope) and ("status" in predicate.reads or not _holds(predicate, {**names, "body": None}, scope))


def _holds(predicate: Expression, names: dict[str, Any], scope: Scope) -> bool:
    """Whether a predicate is true of an answer; one of another shape than it was written for is not what it means."""
    try:
        return truth(predicate.find(names, scope))
    except ExpressionFailure:
        return False


def _unwritten(teller: Teller, error: Exception) -> CallError:
    message = teller.masked(f"{teller.name} cannot be written: {error}")
    return CallError(message or "", code="invalid_value", origin=teller.plan.origin)


def _unfilled(failure: TemplateFailure, call: Call) -> BadInput | UnexpectedAnswer:
    """A template that cannot be written: the caller's slip where it reads what the caller gave, the app's otherwise."""
    read = {name[0] for name in compile_template(failure.text).reads}
    message = f"{shown(call.plan)} cannot be written: {failure}"
    if "inputs" in read or (read and read <= {"settings", "credential"}):
        return BadInput(message, code="invalid_value", hint=f"see {failure.text.span}")
    return UnexpectedAnswer(message, origin=failure.text.span)
