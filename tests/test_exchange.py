"""One tenant's exchange: retries, waits, budgets, login, origins, errors. In virtual time, over a canned wire."""

import asyncio
import base64
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrule.auth.grant import Grant
from ferrule.diagnostics import Span
from ferrule.errors import BadInput, CallError, CredentialError, RateLimited, UnexpectedAnswer
from ferrule.exchange import Exchange
from ferrule.expressions import compile_expression
from ferrule.http import Answer, Request, Response
from ferrule.limits import Window, backoff, patience
from ferrule.login import Kept, renew_at
from ferrule.outcome import ErrorRule, Verdicts, Wait
from ferrule.plan import Budget, HttpPlan, Retry, Throttle
from ferrule.request import Call, Constant, RequestPlan
from ferrule.secret import Secret
from ferrule.source import Text
from ferrule.templates import compile_template
from ferrule.wire.canned import CannedWire, response
from virtual_time import START, Clock, run

LINE = Span("acme.yaml", 7, 12, 6)
SECRET = "hunter2-very-secret"
SCOPE = {"settings": {"region": "eu", "empty": None}, "credential": {"token": Secret(SECRET), "user": "ann"}}


def template(text: str, landing: Any = "leaf") -> Any:
    return compile_template(Text(text, LINE), landing)


def expression(text: str) -> Any:
    return compile_expression(Text(text, LINE), ["settings", "credential", "session", "inputs"])


def call(method: str = "GET", path: str = "/users", scope: dict[str, Any] | None = None, **more: Any) -> Call:
    plan: dict[str, Any] = {"safe": method not in ("POST", "PATCH"), "origin": LINE}
    around = {name: more.pop(name) for name in ("place", "accept", "base_url") if name in more}
    return Call(RequestPlan(method, template(path, "path"), **{**plan, **more}), scope or {}, **around)


def http(**more: Any) -> HttpPlan:
    return HttpPlan(**{"base_url": template("https://api.acme.test/v1"), **more})


def rule(when: str, code: str, *, retry: bool = False, wait: float | None = None, message: str | None = None) -> ErrorRule:
    waits = (Wait(wait),) if wait is not None else ()
    return ErrorRule(expression(when), code, expression(message) if message else None, None, waits, retry, LINE)


class TimedWire(CannedWire):
    """A canned wire that notes when each request was sent, and may take its time."""

    def __init__(self, script: Any, seconds: float = 0.0) -> None:
        super().__init__(script)
        self.times: list[float] = []
        self.seconds = seconds
        self.slow: dict[str, float] = {}
        """Seconds by the end of the address, where they are others."""
        self.under_way = self.most = 0

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        self.times.append(asyncio.get_running_loop().time())
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(next((seconds for end, seconds in self.slow.items() if request.url.endswith(end)), self.seconds))
            return await super().send(request, content, content_type)
        finally:
            self.under_way -= 1


OK = response(200, {"users": []})


def exchange(wire: Any, plan: HttpPlan | None = None, auth: Any = None, **more: Any) -> Exchange:
    return Exchange(plan or http(), auth, wire, SCOPE, clock=Clock(), **{"random": lambda: 0.0, **more})


def send(
    script: Any, *calls: Call, plan: HttpPlan | None = None, deadline: float | None = None, **more: Any
) -> tuple[TimedWire, list[Any]]:
    """What came of `calls`, sent at once: answers and failures."""
    wire = TimedWire(script)

    async def main() -> list[Any]:
        one = exchange(wire, plan, **more)
        return await asyncio.gather(*(one.send(each, deadline) for each in calls or [call()]), return_exceptions=True)

    return wire, run(main())


def failure(script: Any, *calls: Call, **more: Any) -> tuple[TimedWire, Any]:
    wire, (outcome,) = send(script, *calls, **more)
    assert isinstance(outcome, Exception), outcome
    return wire, outcome


# what is sent


def test_a_request_has_what_all_requests_share_and_its_own_wins():
    plan = http(
        headers=(("X-Version", Constant("1")), ("Accept", Constant("application/json"))),
        query=(("tenant", Constant("t")), ("limit", Constant("5"))),
    )
    own = call(headers=(("accept", Constant("text/csv")),), query=(("limit", lambda scope: None),))
    wire, (answer,) = send([OK], own, plan=plan)
    request = wire.sent[0].request
    assert request.headers == (("X-Version", "1"), ("accept", "text/csv"))
    assert wire.sent[0].target == "GET /v1/users?tenant=t", "a parameter that the request leaves out is left out"
    assert (answer.body, answer.url) == ({"users": []}, "https://api.acme.test/v1/users")


def test_the_body_is_encoded_with_its_content_type():
    wire, _ = send([OK], call("POST", body=Constant({"token": Secret(SECRET)}), kind="json"))
    assert wire.sent[0].content == b'{"token":"' + SECRET.encode() + b'"}'
    assert wire.sent[0].content_type == "application/json"


@pytest.mark.parametrize(
    ("path", "scope", "kind", "code"),
    [
        ("/users/{{ inputs.id }}", {"inputs": {"id": None}}, BadInput, "invalid_value"),
        ("/{{ settings.empty }}", {}, BadInput, "invalid_value"),
        ("/teams/{{ team.id }}", {"team": {"id": None}}, UnexpectedAnswer, "invalid_response"),
        ("/teams/{{ team.id }}", {"team": {}}, UnexpectedAnswer, "invalid_response"),
    ],
)
def test_a_value_that_is_missing_is_whose_it_was_to_give(path: str, scope: dict[str, Any], kind: type[Exception], code: str):
    wire, error = failure([], call(path=path, scope=scope))
    assert type(error) is kind
    assert error.code.name == code
    assert str(LINE) in f"{error} {error.hint}"
    assert not wire.sent


def test_a_body_that_cannot_be_written_names_its_line():
    _, error = failure([], call("POST", body=Constant({"n": float("nan")}), kind="json"))
    assert str(error).startswith("invalid_value: `POST /users` cannot be written: ")
    assert str(error).endswith(f"({LINE})")


def test_a_cursor_with_a_line_break_is_not_sent():
    wire, error = failure([], call(place=lambda request: request.with_header("x-cursor", "a\r\nb")))
    assert type(error) is UnexpectedAnswer
    assert "line break" in str(error)
    assert not wire.sent


# what an answer means


def test_an_error_has_the_line_the_status_and_the_vendors_words():
    verdicts = Verdicts(message=expression("body.why"), app_code=expression("body.code"))
    path = "/users/{{ inputs.id }}"
    _, error = failure(
        [response(403, {"why": "not for you", "code": "E7"})],
        call(path=path, scope={"inputs": {"id": "ann@acme.test"}}),
        plan=http(verdicts=verdicts),
    )
    assert str(error) == f"permission_denied: `GET /users/{{…}}` was refused: 403: not for you ({LINE})"
    assert (error.status, error.app_message, error.app_code, error.origin) == (403, "not for you", "E7", LINE)
    assert "ann@acme.test" not in str(error), "values of a path may be personal"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, CallError, "bad_request"),
        (401, CredentialError, "unauthorized"),
        (404, CallError, "not_found"),
        (409, CallError, "conflict"),
        (418, CallError, "invalid_response"),
        (429, RateLimited, "rate_limit"),
        (500, CallError, "bad_gateway"),
        (503, CallError, "service_error"),
    ],
)
def test_a_status_without_a_rule(status: int, kind: type[Exception], code: str):
    _, error = failure([response(status)] * 4)
    assert type(error) is kind
    assert error.code.name == code


def test_a_rule_finds_an_error_in_a_200():
    verdicts = Verdicts((rule("body.ok == `false`", "not_found", message="body.error"),))
    _, error = failure([response(200, {"ok": False, "error": "no_such_user"})], plan=http(verdicts=verdicts))
    assert str(error) == f"not_found: `GET /users` was answered with an error: 200: no_such_user ({LINE})"
    assert error.hint == f"the error rule at {LINE} says so"


def test_absent_and_accept_come_before_errors():
    gone = response(404, {"error": "gone"})
    _, (answer,) = send([gone], call(absent=expression("status == `404`")))
    assert (answer.status, answer.body) == (404, {"error": "gone"})
    _, (answer,) = send([gone], call(accept=(expression("body.error == 'gone'"),)))
    assert answer.status == 404
    _, error = failure([gone], call(absent=expression("body.error == 'else'")))
    assert error.code.name == "not_found"


def test_a_success_that_cannot_be_read_is_never_taken_for_emptiness():
    page = Response(200, {"content-type": "text/html"}, b"<!doctype html><title>Sign in</title>")
    call_ = call(absent=expression("!(body.users)"), accept=(expression("!body"),))
    wire, error = failure([page], call_)
    assert type(error) is UnexpectedAnswer
    assert "`GET /users` was answered with 200, but not with what was due: an HTML page titled `Sign in`" in str(error)
    assert len(wire.sent) == 1, "asking again would not help"


def test_an_error_that_is_no_json_is_classified_by_its_status():
    html = Response(403, {"content-type": "text/html"}, b"<html><title>Blocked</title>")
    _, error = failure([html])
    assert (error.code.name, error.app_message) == ("permission_denied", None)
    assert "Blocked" in error.hint
    text = Response(403, {"content-type": "text/plain"}, b"Your plan has no API.\nAsk sales.")
    _, error = failure([text])
    assert error.app_message == "Your plan has no API. Ask sales."


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://evil.test/login?next=1", "is redirected to `https://evil.test`: 302"),
        ("/v2/users", "is redirected to `https://api.acme.test`: 302"),
        ("http://[broken", "is answered with a redirect: 302"),
        (None, "is answered with a redirect: 302"),
    ],
)
def test_a_redirect_is_not_followed(location: str | None, told: str):
    headers = {"location": location} if location else {}
    wire, error = failure([response(302, headers=headers)])
    assert type(error) is UnexpectedAnswer
    assert told in str(error)
    assert "redirects are not followed" in error.hint
    assert len(wire.sent) == 1


# trying again


def test_backoff_doubles_up_to_its_bound():
    retry = Retry(attempts=9, backoff=0.5, max_backoff=3)
    assert [backoff(retry, failed, lambda: 1.0) for failed in (1, 2, 3, 4, 5, 5000)] == [0.5, 1, 2, 3, 3, 3]
    assert backoff(retry, 3, lambda: 0.0) == 0
    assert patience(retry, 1, 20.0, lambda: 0.0) == 20, "what the app asks for is kept"
    assert patience(retry, 1, 2.0, lambda: 1.0) == pytest.approx(2.2)
    assert patience(retry, 1, 3600.0, lambda: 1.0) == 3601


def test_a_refusal_that_may_pass_is_tried_again():
    wire, (answer,) = send([response(503), response(500), CallError("cut", code="connection_closed"), OK], random=lambda: 1.0)
    assert answer.status == 200
    assert wire.times == [0, 0.5, 1.5, 3.5]


def test_after_all_attempts_the_last_failure_is_raised():
    wire, error = failure([response(503, {"message": "down"})] * 9, plan=http(retry=Retry(attempts=3)))
    assert len(wire.sent) == 3
    assert str(error) == f"service_error: `GET /users` failed: 503: down ({LINE})"


@pytest.mark.parametrize(
    ("reply", "sent"),
    [
        (response(503), 1),
        (response(500), 1),
        (CallError("cut", code="connection_closed"), 1),
        (CallError("slow", code="request_timeout"), 1),
        (CallError("no way", code="connection_rejected"), 2),
        (CallError("no way", code="connection_timeout"), 2),
        (response(429), 2),
        (response(400), 1),
    ],
)
def test_what_may_not_be_repeated_is_tried_again_only_when_the_app_did_nothing(reply: Any, sent: int):
    wire, _ = send([reply, OK], call("POST", body=Constant({}), kind="json"))
    assert len(wire.sent) == sent


def test_a_post_that_says_it_is_repeatable_is_repeated():
    wire, _ = send([response(503), OK], call("POST", safe=True))
    assert len(wire.sent) == 2


def test_a_rule_can_ask_for_another_try_and_say_when():
    verdicts = Verdicts((rule("status == `400` && body.e == 'not replicated'", "bad_request", retry=True, wait=5),))
    wire, (answer,) = send([response(400, {"e": "not replicated"}), OK], call("POST"), plan=http(verdicts=verdicts))
    assert answer.status == 200
    assert wire.times == [0, 5]


def test_a_retry_after_is_kept_and_the_deadline_counts():
    busy = response(429, headers={"Retry-After": "30"})
    wire, _ = send([busy, OK], deadline=40.0)
    assert wire.times == [0, 30]
    wire, error = failure([busy, OK], deadline=20.0)
    assert type(error) is RateLimited
    assert (error.retry_after, wire.times) == (30, [0])


@pytest.mark.parametrize(
    ("value", "at"),
    [("Fri, 15 Jan 2027 08:00:20 GMT", 20.0), ("0", 0.0), ("-5", 0.0), ("soon", 0.0), ("1e9", 0.0), ("9" * 40, 24 * 3600.0)],
)
def test_forms_of_retry_after(value: str, at: float):
    assert START == 1800000000.0, "2027-01-15 08:00:00 UTC"
    wire, _ = send([response(429, headers={"Retry-After": value}), OK])
    assert wire.times == [0, at]


def test_a_429_pauses_every_walk_of_the_tenant():
    script = [response(429, headers={"Retry-After": "30"}), *[OK] * 4]
    wire, outcomes = send(script, *[call()] * 4, plan=http(concurrency=1))
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert wire.times == [0, 30, 30, 30, 30]


def test_a_shorter_pause_does_not_cut_a_longer_one():
    long, short = (response(429, headers={"Retry-After": seconds}) for seconds in ("30", "5"))
    wire = TimedWire([long, short, OK])

    async def main() -> None:
        one = exchange(wire, http(retry=Retry(attempts=1)))
        refused = await asyncio.gather(one.send(call()), one.send(call()), return_exceptions=True)
        assert [type(error) for error in refused] == [RateLimited, RateLimited]
        await one.send(call())

    run(main())
    assert wire.times == [0, 0, 30]


def test_whoever_cannot_wait_out_the_pause_of_others_is_told_so():
    wire = TimedWire([response(429, headers={"Retry-After": "300"}), OK])

    async def main() -> Any:
        one = exchange(wire)
        first = asyncio.create_task(one.send(call()))
        await asyncio.sleep(1)
        with pytest.raises(RateLimited) as caught:
            await one.send(call(), deadline=100.0)
        moment = asyncio.get_running_loop().time()
        await first
        return caught.value, moment

    error, moment = run(main())
    assert (error.code.name, error.retry_after, moment) == ("rate_limit", 299, 1)
    assert "the app asked for a pause for 299 s more" in str(error)


def test_a_503_with_a_time_pauses_everyone_and_other_waits_do_not():
    down = response(503, headers={"Retry-After": "10"})
    wire, _ = send([down, OK, OK], *[call()] * 2, plan=http(concurrency=1))
    assert wire.times == [0, 10, 10]
    verdicts = Verdicts((rule("status == `404`", "not_found", retry=True, wait=10),))
    wire, _ = send([response(404), OK, OK], *[call()] * 2, plan=http(concurrency=1, verdicts=verdicts))
    assert wire.times == [0, 0, 10]


def test_an_attempt_ends_at_its_timeout_or_at_the_deadline():
    wire = TimedWire([OK] * 9, seconds=100)

    async def main(deadline: float | None) -> tuple[Any, float]:
        with pytest.raises(CallError) as caught:
            await exchange(wire, http(timeout=60, retry=Retry(attempts=2))).send(call(), deadline)
        return caught.value, asyncio.get_running_loop().time()

    error, moment = run(main(None))
    assert str(error) == f"request_timeout: `GET /users` was not answered within 60 s ({LINE})"
    assert moment == 120
    error, moment = run(main(25.0))
    assert (error.code.name, moment) == ("request_timeout", 25)


# budgets and throttles


def test_a_budget_is_a_sliding_window_and_fair():
    order: list[int] = []
    wire = TimedWire({f"GET /v1/{i}": OK for i in range(7)})

    async def main() -> None:
        one = exchange(wire, http(budgets={"default": Budget(3, 10)}))

        async def ask(i: int) -> None:
            await one.send(call(path=f"/{i}"))
            order.append(i)

        await asyncio.gather(*map(ask, range(7)))

    run(main())
    assert wire.times == [0, 0, 0, 10, 10, 10, 20]
    assert order == list(range(7))


def test_budgets_by_name_do_not_share():
    plan = http(budgets={"default": Budget(1, 10), "slow": Budget(1, 1000)}, concurrency=1)
    calls = [call(budget="slow"), call(budget="slow"), call(), call(), call(budget="unlimited"), call(budget="unlimited")]
    wire, _ = send([OK] * 6, *calls, plan=plan)
    assert wire.times == [0, 0, 0, 0, 10, 1000], "who waits for a budget holds no slot"


def test_a_budget_that_the_deadline_does_not_allow_is_exhausted_at_once():
    plan = http(budgets={"default": Budget(1, 60)})
    wire, outcomes = send([OK] * 9, *[call()] * 4, plan=plan, deadline=90.0)
    assert wire.times == [0, 60]
    late = [outcome for outcome in outcomes if isinstance(outcome, RateLimited)]
    assert [(error.code.name, error.retry_after) for error in late] == [("budget_exhausted", 120)] * 2
    assert f"`GET /users` was not sent: the budget is used up for 120 s more, longer than there is time ({LINE})" in str(late[0])


def test_a_slot_that_does_not_come_before_the_deadline():
    wire = TimedWire([OK] * 2, seconds=50)

    async def main() -> Any:
        one = exchange(wire, http(concurrency=1))
        first = asyncio.create_task(one.send(call()))
        await asyncio.sleep(1)
        with pytest.raises(RateLimited) as caught:
            await one.send(call(), deadline=20.0)
        moment = asyncio.get_running_loop().time()
        await first
        return caught.value, moment

    error, moment = run(main())
    assert (error.code.name, moment) == ("budget_exhausted", 20)


def test_no_more_at_once_than_the_spec_allows():
    wire = TimedWire([OK] * 20, seconds=1)

    async def main() -> None:
        one = exchange(wire, http(concurrency=3))
        await asyncio.gather(*(one.send(call()) for _ in range(20)))

    run(main())
    assert wire.most == 3
    assert wire.times[-1] == 6


def test_whoever_is_cancelled_leaves_no_trace():
    wire = TimedWire([OK] * 20, seconds=10)

    async def main() -> None:
        one = exchange(wire, http(concurrency=2, budgets={"default": Budget(4, 100)}))
        tasks = [asyncio.create_task(one.send(call())) for _ in range(6)]
        await asyncio.sleep(1)
        for task in tasks:  # two of them are under way, one waits for a slot, three behind it
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(one.send(call()) for _ in range(2)))
        assert asyncio.get_running_loop().time() == 11

    run(main())
    assert wire.times == [0, 0, 1, 1]


@given(st.integers(1, 4), st.lists(st.sampled_from([0.0, 0.0, 0.25, 1.0, 3.0, 9.0, 11.0]), min_size=1, max_size=30), st.integers(0, 9))
def test_no_window_ever_holds_more_than_its_budget(requests: int, gaps: list[float], ahead: int):
    window, now, sent = Window(Budget(requests, 10)), 0.0, []
    for gap in gaps:
        now = max(now + gap, window.due(0, now + gap))
        window.take(now)
        sent.append(now)
    assert all(later - earlier >= 10 for earlier, later in zip(sent, sent[requests:], strict=False))
    foretold = window.due(ahead, now)
    for _ in range(ahead):
        now = window.due(0, now)
        window.take(now)
    assert window.due(0, now) == pytest.approx(foretold), "what is foretold to those who wait comes true"


@pytest.mark.parametrize(
    ("throttle", "headers", "body", "at"),
    [
        (
            Throttle(expression('headers."x-left"'), 1, (Wait(None, expression('headers."x-reset"'), "epoch"),)),
            {"x-left": "0", "x-reset": str(int(START) + 45)},
            {},
            45,
        ),
        (Throttle(expression('headers."x-left"'), 1, (Wait(7.0),)), {"x-left": "1"}, {}, 0),
        (Throttle(expression('headers."x-left"'), 5, (Wait(7.0),)), {"x-left": "4"}, {}, 7),
        (Throttle(expression('headers."x-left"'), 5, (Wait(7.0),)), {}, {}, 0),
        (Throttle(expression("body.cost.left"), 100, (), expression("body.cost.rate")), {}, {"cost": {"left": 40, "rate": 50}}, 1.2),
        (Throttle(expression("body.cost.left"), 100, (), expression("body.cost.rate")), {}, {"cost": {"left": 40, "rate": 0}}, 0),
        (Throttle(expression("abs(body.left)"), 100, (Wait(7.0),)), {}, {"left": "many"}, 0),
    ],
)
def test_a_throttle_pauses_before_the_app_refuses(throttle: Throttle, headers: dict[str, str], body: Any, at: float):
    wire, _ = send([response(200, body, headers), OK], *[call()] * 2, plan=http(throttle=throttle, concurrency=1))
    assert wire.times == [0, pytest.approx(at)]


# login


@dataclass
class Login:
    """An auth kind with a login of one request. It notes when it is asked for one."""

    expires_in: float | None = None
    base_url: Any = None
    origins: tuple[Any, ...] = ()
    kind: str = "test"
    fields: tuple[Any, ...] = ()
    credential_kind: Any = "token"
    given: list[Grant | None] = field(default_factory=list)

    def login(self, scope: Any, grant: Grant | None, now: float) -> Any:
        self.given.append(grant)
        return self._login(now)

    def _login(self, now: float) -> Any:
        answer = yield call("POST", "/login", base_url=self.base_url)
        expires_at = now + self.expires_in if self.expires_in is not None else None
        return Grant(Secret(answer.body["token"]), {"site": answer.body.get("site")}, expires_at, Secret("r-" + answer.body["token"]))

    def apply(self, request: Request, scope: Any, grant: Grant | None) -> Request:
        assert grant is not None
        return request.with_header("Authorization", Secret(f"Bearer {grant.token.reveal()}"))


def token(number: int, **more: Any) -> Response:
    return response(200, {"token": f"token-{number}", **more})


def by_token(**answers: Response) -> Callable[[Request], Response]:
    """Answers `GET /users` by the token it carries; a token that is not named is refused."""

    def answer(request: Request) -> Response:
        value = next(value for name, value in request.headers if name == "Authorization")
        assert isinstance(value, Secret)
        return answers.get(value.reveal().replace("Bearer token-", "t"), response(401, {"error": "expired"}))

    return answer


def test_a_login_is_done_once_however_many_wait():
    wire, outcomes = send({"POST /v1/login": [token(1)], "GET /v1/users": by_token(t1=OK)}, *[call()] * 10, auth=Login())
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert sum(sent.target == "POST /v1/login" for sent in wire.sent) == 1


def test_a_token_is_renewed_before_it_ends():
    wire = TimedWire({"POST /v1/login": [token(1), token(2)], "GET /v1/users": by_token(t1=OK, t2=OK)})
    auth = Login(expires_in=3600)

    async def main() -> None:
        one = exchange(wire, auth=auth)
        for moment in (0, 3539, 3540):
            await asyncio.sleep(moment - asyncio.get_running_loop().time())
            await one.send(call())

    run(main())
    assert [sent.target[:4] for sent in wire.sent] == ["POST", "GET ", "GET ", "POST", "GET "]
    assert [grant and grant.refresh_token and grant.refresh_token.reveal() for grant in auth.given] == [None, "r-token-1"]


def test_how_long_before_its_end():
    grant = Grant(Secret("x"))
    assert renew_at(grant, 1000) == float("inf")
    assert renew_at(replace(grant, expires_at=1100), 1000) == 1090
    assert renew_at(replace(grant, expires_at=4600), 1000) == 4540
    assert renew_at(replace(grant, expires_at=1000), 1000) == float("inf"), "a login for each request would end nothing"


def test_a_401_brings_one_new_login_and_one_new_try():
    script = {"POST /v1/login": [token(1), token(2)], "GET /v1/users": by_token(t2=OK)}
    wire, outcomes = send(script, *[call()] * 5, auth=Login())
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert sum(sent.target == "POST /v1/login" for sent in wire.sent) == 2, "one for all"
    assert sum(sent.target == "GET /v1/users" for sent in wire.sent) == 10


def test_a_401_of_a_token_that_is_renewed_already_brings_no_login():
    """Of two requests with one token, the second is refused after the first has brought a new one."""
    wire = TimedWire({"POST /v1/login": [token(1), token(2)], "GET /v1/users": by_token(t2=OK), "GET /v1/slow": by_token(t2=OK)})
    wire.slow = {"/slow": 9.0}

    async def main() -> list[Answer]:
        one = exchange(wire, auth=Login())
        return await asyncio.gather(one.send(call()), one.send(call(path="/slow")))

    assert [answer.status for answer in run(main())] == [200, 200]
    assert [sent.target for sent in wire.sent].count("POST /v1/login") == 2


def test_a_second_401_is_the_end():
    script = {"POST /v1/login": [token(1), token(2), token(3)], "GET /v1/users": by_token()}
    wire, error = failure(script, auth=Login())
    assert type(error) is CredentialError
    assert [sent.target for sent in wire.sent] == ["POST /v1/login", "GET /v1/users"] * 2


def test_what_may_not_be_repeated_is_repeated_after_a_401():
    script = {"POST /v1/login": [token(1), token(2)], "POST /v1/users": by_token(t2=OK)}
    _, (answer,) = send(script, call("POST"), auth=Login())
    assert answer.status == 200


def test_a_rule_says_that_the_token_has_run_out():
    verdicts = Verdicts((rule("body.error == 'token_expired'", "authentication_expired"),))
    script = {"POST /v1/login": [token(1), token(2)], "GET /v1/users": by_token(t1=response(200, {"error": "token_expired"}), t2=OK)}
    _, (answer,) = send(script, auth=Login(), plan=http(verdicts=verdicts))
    assert answer.body == {"users": []}


def test_the_session_reaches_the_request_that_is_sent_again():
    script = {
        "POST /v1/login": [token(1, site="a"), token(2, site="b")],
        "GET /v1/sites/a": response(401),
        "GET /v1/sites/b": OK,
    }
    _, (answer,) = send(script, call(path="/sites/{{ session.site }}"), auth=Login())
    assert answer.status == 200


def test_a_401_without_a_login_is_raised():
    class Key(Login):
        def login(self, scope: Any, grant: Grant | None, now: float) -> Any:
            return None

        def apply(self, request: Request, scope: Any, grant: Grant | None) -> Request:
            return request.with_header("X-Key", scope["credential"]["token"])

    wire, error = failure([response(401, {"error": f"bad key {SECRET}"})], auth=Key())
    assert error.app_message == "bad key ***"
    assert len(wire.sent) == 1


def test_a_failed_login_is_shared_and_each_has_its_own_error():
    wire, outcomes = send({"POST /v1/login": [response(401, {"error": "no"})]}, *[call()] * 5, auth=Login())
    assert len(wire.sent) == 1
    assert {type(outcome) for outcome in outcomes} == {CredentialError}
    assert {str(outcome) for outcome in outcomes} == {f"unauthorized: `POST /login` was refused: 401: no ({LINE})"}
    assert len({id(outcome) for outcome in outcomes}) == 5


def test_a_login_is_tried_again_by_the_same_rules():
    wire, _ = send(
        {"POST /v1/login": [response(429, headers={"Retry-After": "20"}), token(1)], "GET /v1/users": by_token(t1=OK)}, auth=Login()
    )
    assert wire.times == [0, 20, 20]
    wire, error = failure({"POST /v1/login": [response(503)]}, auth=Login())
    assert error.code.name == "service_error"
    assert len(wire.sent) == 1, "a login by POST is not repeated when it is unclear what became of it"


def test_a_caller_that_is_cancelled_does_not_cut_off_the_login_of_others():
    wire = TimedWire({"POST /v1/login": [token(1)], "GET /v1/users": by_token(t1=OK)}, seconds=5)

    async def main() -> Answer:
        one = exchange(wire, auth=Login())
        first = asyncio.create_task(one.send(call()))
        await asyncio.sleep(1)
        second = asyncio.create_task(one.send(call()))
        await asyncio.sleep(1)
        first.cancel()
        return await second

    assert run(main()).status == 200
    assert [sent.target for sent in wire.sent] == ["POST /v1/login", "GET /v1/users"]


class Unkept:
    """A store that has nothing yet."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield

    async def load(self) -> Kept:
        return Kept()


def test_a_caller_waits_for_a_login_no_longer_than_its_deadline_and_closing_lets_it_end():
    wire = TimedWire({"POST /v1/login": [token(1)]}, seconds=50)
    kept: list[Grant | None] = []

    class Store(Unkept):
        async def save(self, given: Kept) -> None:
            kept.append(given.grant)

    async def main() -> None:
        one = exchange(wire, auth=Login(), store=Store())
        with pytest.raises(CallError, match="the login was not done before the deadline"):
            await one.send(call(), deadline=10.0)
        assert asyncio.get_running_loop().time() == 10
        await one.close()

    run(main())
    assert [grant.token.reveal() for grant in kept if grant] == ["token-1"]


def test_a_grant_is_stored_before_it_is_used_and_never_lost():
    """A store that fails must not make the next login spend a refresh token that is spent already."""
    events: list[str] = []
    wire = TimedWire({"POST /v1/login": [token(1)], "GET /v1/users": lambda request: events.append("used") or OK})

    class Store(Unkept):
        working = False

        async def save(self, kept: Kept) -> None:
            if not self.working:
                raise OSError("disk full")
            assert kept.grant is not None
            events.append(f"saved {kept.grant.refresh_token and kept.grant.refresh_token.reveal()}")

    store = Store()

    async def main() -> None:
        one = exchange(wire, auth=Login(), store=store)
        with pytest.raises(OSError, match="disk full"):
            await one.send(call())
        store.working = True
        await one.send(call())

    run(main())
    assert events == ["saved r-token-1", "used"]
    assert sum(sent.target == "POST /v1/login" for sent in wire.sent) == 1


# origins


def leads_to(url: str) -> Call:
    return call(place=lambda request: replace(request, url=url))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/users",
        "http://api.acme.test/users",
        "https://api.acme.test:8443/users",
        "https://api.acme.test@evil.test/users",
        "https://evil.test\\@api.acme.test/users",
        "https://api.acme.test\\.evil.test/",
        "https://api.acme.test.evil.test/",
        "https://ann:pw@api.acme.test/users",
        "https://api.acme.test/users#x",
        "https://api.acme.test:99999/users",
        "https://files.acme.test.evil.test/x",
        "https://files.acme.test/x",
        "ftp://api.acme.test/users",
        "//evil.test/users",
        "https://\x00evil.test/",
        "https://\u0430pi.acme.test/users",  # a Cyrillic letter
    ],
)
def test_nothing_is_sent_to_an_origin_that_the_spec_does_not_name(url: str):
    wire, error = failure([], leads_to(url), plan=http(hosts=(template("https://*.files.acme.test"),)))
    assert type(error) is UnexpectedAnswer
    assert error.origin == LINE
    assert not wire.sent


@pytest.mark.parametrize("url", ["https://api.acme.test:443/other", "https://cdn.test/x", "https://eu.files.acme.test/x"])
def test_origins_that_the_spec_names(url: str):
    hosts = (template("https://cdn.test"), template("https://*.files.acme.test"))
    _, (answer,) = send([OK], leads_to(url), plan=http(hosts=hosts))
    assert answer.url == url


@pytest.mark.parametrize(
    "address", ["api.acme.test", "https://ann:pw@acme.test", "https://acme.test#x", "file:///etc/passwd", "https:///x", ""]
)
def test_a_base_url_that_is_none(address: str):
    plan = http(base_url=template("{{ settings.region }}"))
    wire = TimedWire([])

    async def main() -> None:
        one = Exchange(plan, None, wire, {"settings": {"region": address}, "credential": {}}, clock=Clock())
        with pytest.raises(BadInput, match="makes no address"):
            await one.send(call())

    run(main())
    assert not wire.sent


def test_a_login_may_speak_to_its_own_host_and_nobody_else_may():
    login = template("https://login.acme.test")
    auth = Login(base_url=login, origins=(login,))
    script = {"POST /login": [token(1)], "GET /v1/users": by_token(t1=OK)}
    wire, _ = send(script, auth=auth, plan=http(headers=(("X-Site", Constant("s")),)))
    assert [sent.request.url for sent in wire.sent] == ["https://login.acme.test/login", "https://api.acme.test/v1/users"]
    assert wire.sent[0].request.headers == (), "what the app's requests share is not for another host"
    wire, error = failure(script | {"POST /login": [token(1)]}, leads_to("https://login.acme.test/steal"), auth=auth)
    assert "which the spec does not name" in str(error)
    assert len(wire.sent) == 1


@pytest.mark.parametrize(("hosts", "sent"), [((), 1), (("https://*.acme.test",), 2)])
def test_a_login_does_not_widen_where_requests_go(hosts: tuple[str, ...], sent: int):
    login = template("https://login.acme.test")
    plan = http(base_url=template("{{ session.site }}/v1"), hosts=tuple(map(template, hosts)))
    script = {"POST /login": [token(1, site="https://eu7.acme.test")], "GET /v1/users": OK}
    wire, (outcome,) = send(script, auth=Login(base_url=login, origins=(login,)), plan=plan)
    assert len(wire.sent) == sent
    assert isinstance(outcome, Answer if sent == 2 else UnexpectedAnswer)


def test_a_base_url_whose_path_comes_from_the_login_needs_no_more():
    login = template("https://login.acme.test")
    plan = http(base_url=template("https://api.acme.test/{{ session.site }}"))
    _, (answer,) = send(
        {"POST /login": [token(1, site="s1")], "GET /s1/users": OK}, auth=Login(base_url=login, origins=(login,)), plan=plan
    )
    assert answer.status == 200


def test_a_request_to_another_address_carries_only_what_is_its_own():
    plan = http(hosts=(template("https://cdn.test"),), headers=(("X-Version", Constant("1")),), query=(("tenant", Constant("t")),))
    elsewhere = call(path="/export.csv", base_url=None)
    elsewhere = replace(elsewhere, plan=replace(elsewhere.plan, base_url=template("{{ settings.cdn }}"), authenticated=False))
    elsewhere = replace(elsewhere, scope={"settings": {"cdn": "https://cdn.test"}})
    wire, (answer,) = send({"POST /v1/login?tenant=t": [token(1)], "GET /export.csv": OK}, elsewhere, plan=plan, auth=Login())
    assert answer.url == "https://cdn.test/export.csv"
    assert (wire.sent[-1].request.headers, wire.sent[-1].request.query) == ((), ())
    wire, error = failure({"POST /v1/login": [token(1)]}, elsewhere, plan=http(), auth=Login())
    assert "leads to `https://cdn.test`, which the spec does not name" in str(error)


def test_a_step_of_a_login_does_not_widen_where_the_next_one_goes():
    class TwoSteps(Login):
        def _login(self, now: float) -> Any:
            answer = yield call("POST", "/login")
            second = call("POST", "/session", scope={"session": answer.body})
            yield replace(second, plan=replace(second.plan, base_url=template("{{ session.site }}")))
            raise AssertionError("the second step was answered")

    wire, error = failure({"POST /v1/login": [token(1, site="https://evil.test")]}, auth=TwoSteps())
    assert "leads to `https://evil.test`, which the spec does not name" in str(error)
    assert len(wire.sent) == 1


# secrets


def test_no_secret_in_an_error_however_the_vendor_quotes_it():
    basic = base64.b64encode(f"ann:{SECRET}".encode()).decode()
    words = f"key {SECRET} of Basic {basic}, that is {basic}, from https://acme.test/?key={SECRET} token token-1"
    script = {"POST /v1/login": [token(1)], "GET /v1/users?key=" + SECRET: [response(403, {"message": words, "code": SECRET})]}

    class Keyed(Login):
        def apply(self, request: Request, scope: Any, grant: Grant | None) -> Request:
            return request.with_header("Authorization", Secret(f"Basic {basic}")).with_query("key", scope["credential"]["token"])

    plan = http(verdicts=Verdicts(app_code=expression("body.code")))
    _, error = failure(script, auth=Keyed(), plan=plan)
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + str(error)
    assert error.app_message == "key *** of ***, that is ***, from https://acme.test/?key=*** token ***"
    assert not [secret for secret in (SECRET, basic, "token-1") if secret in told]


def test_closing_closes_the_wire():
    closed = []

    class Wire(TimedWire):
        async def close(self) -> None:
            closed.append(True)

    async def main() -> None:
        await exchange(Wire([])).close()

    run(main())
    assert closed == [True]
