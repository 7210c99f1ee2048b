"""What a caller is told of limits and brings back, what the modes do, and how a call ends when its time is over. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from connector.utils import rate_limiting
from connector_sdk_types.generated import RateLimitMode, RateLimitResponseInfo, RateLimitStateSnapshot
from connector_sdk_types.oai.modules.rate_limiting_types import RateLimitConfig
from hypothesis import given
from hypothesis import strategies as st

from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.contract.envelope import RateLimitState
from ferrule.dispatch import adispatch
from ferrule.errors import BadInput, CallError, RateLimited
from ferrule.http import Request, Response
from ferrule.instance import Instance, grace
from ferrule.limits import Gate, Gates, Mode, TooLate, mode_of
from ferrule.plan import Budget, Retry
from ferrule.results import Result
from test_exchange import OK, TimedWire, call, exchange, http
from virtual_time import START, Clock, run

NOW = int(START)
STATE_IN_SDK = rate_limiting.RateLimiter.get_current_state
"""As it is: the pytest plugin that comes with the SDK makes it give None in every test."""


@dataclass
class SlowApp(AppWire):
    """An app whose answers take their time, and a note of when it was asked."""

    seconds: Callable[[Asked], float] = lambda asked: 0.0
    times: Any = None

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        self.times = self.times or []
        self.times.append(Clock().monotonic())
        made = await super().send(request, content, content_type)
        await asyncio.sleep(self.seconds(self.asked[-1]))
        return made

    @property
    def paths(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]


def acme(http_: str = "", capabilities: str = "") -> Connector:
    text = f"""
ferrule: 1
app: {{id: acme, name: Acme, vendor_domain: acme.example}}
auth: {{token: {{kind: bearer}}}}
http: {{base_url: "https://acme.example"{", " + http_ if http_ else ""}}}
capabilities:
  list_accounts:
    request: {{get: /users}}
    pages: {{kind: page, param: page, base: 1, more: body.more}}
    records: body.users
    record: {{integration_specific_id: id}}
{capabilities}"""
    return Connector(compile_text(text, "acme.yaml"))


def users(asked: Asked) -> Response:
    page = int(asked.one("page", "1"))
    return answer({"users": [{"id": f"u{page}"}], "more": page < 5})


def ask(connector: Connector, app: Any, capability: str = "list_accounts", **envelope: Any) -> tuple[dict[str, Any], float]:
    """The answer to one envelope, and when it came."""

    async def main() -> tuple[dict[str, Any], float]:
        found = await adispatch(
            connector, capability, {"auth": {"token": {"token": "t"}}, "request": {}, **envelope}, wire=app, clock=Clock()
        )
        return found, Clock().monotonic()

    return run(main())


# what a caller brings


def first_sent(state: dict[str, Any], budget: str = "budgets: {default: {requests: 10, per: 60}}", calls: int = 1) -> list[float]:
    """When the requests of a read are sent that brings `state` along."""
    app = SlowApp(users)
    found, _ = ask(acme(budget), app, rate_limit={"last_known_state": {"default": state}}, page={"size": calls})
    assert "response" in found, found
    assert all(0 <= moment <= 24 * 3600 for moment in app.times)
    return app.times


@pytest.mark.parametrize(
    ("state", "at"),
    [
        ({}, 0),
        ({"remaining": 0, "limit": 10, "reset": NOW + 40, "window_seconds": 60}, 40),
        ({"remaining": 0, "limit": 10, "reset": NOW + 40, "source": "sdk_counter"}, 40),
        ({"remaining": 0}, 60),  # no word of when: as if they had been sent just now
        ({"remaining": 1, "limit": 10, "reset": NOW + 40}, 0),
        ({"limit": 10, "reset": NOW + 40}, 0),
        ({"remaining": 0, "limit": 10, "reset": NOW}, 0),  # past
        ({"remaining": 0, "limit": 10, "reset": 12, "current_delay": 50}, 0),
        ({"remaining": 0, "limit": 10, "reset": 2**53}, 60),  # no moment that anybody means
        ({"remaining": 0, "limit": 10, "reset": 10**400}, 60),
        ({"remaining": -5, "limit": 2**60}, 60),
        ({"remaining": -(10**400), "limit": 10**400, "window_seconds": 10**400}, 60),
        ({"remaining": 10**400, "limit": -1}, 0),
        ({"remaining": 0, "limit": 0}, 0),
        ({"current_delay": 7}, 7),
        ({"current_delay": 50, "reset": NOW + 3}, 3),
        ({"current_delay": 10**400}, 60),
        ({"current_delay": -3}, 0),
        ({"remaining": 0, "limit": 5000, "reset": NOW + 1200, "source": "api_headers"}, 1200),
        ({"remaining": 3, "limit": 5000, "reset": NOW + 1200, "source": "api_headers"}, 0),
        ({"remaining": 0, "limit": 5000, "source": "api_headers"}, 0),
        ({"remaining": 0, "reset": NOW + 24 * 3600 + 1, "source": "api_headers"}, 0),
    ],
)
def test_what_a_caller_brings_is_heeded_and_never_stops_it_for_good(state: dict[str, Any], at: float):
    assert first_sent(state)[0] == pytest.approx(at)


def test_what_was_used_is_taken_to_be_spread_over_the_window():
    times = first_sent({"remaining": 0, "limit": 2, "reset": NOW + 20}, "budgets: {default: {requests: 2, per: 60}}", 3)
    assert times == pytest.approx([20, 40, 80])


def test_a_name_that_the_spec_does_not_know_is_passed_over():
    app = SlowApp(users)
    states = {"acme-rest": {"remaining": 0, "reset": NOW + 60}, "default": {"remaining": 0, "reset": NOW + 60, "source": "api_headers"}}
    assert ask(acme(), app, rate_limit={"last_known_state": states})[0]["rate_limit"] is None
    assert app.times[0] == 0


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        ({"last_known_state": {"default": {"remaining": "3"}}}, "rate_limit.last_known_state.default.remaining"),
        ({"last_known_state": {"default": {"reset": 1.5}}}, "rate_limit.last_known_state.default.reset"),
        ({"last_known_state": {"default": {"limit": True}}}, "rate_limit.last_known_state.default.limit"),
        ({"last_known_state": {"default": {"source": "guess"}}}, "rate_limit.last_known_state.default.source"),
        ({"last_known_state": {"default": None}}, "rate_limit.last_known_state.default"),
        ({"last_known_state": ["default"]}, "rate_limit.last_known_state"),
        ({"caller_override_mode": "polite"}, "rate_limit.caller_override_mode"),
        ({"caller_retry_attempt": "once"}, "rate_limit.caller_retry_attempt"),
        ({"max_execution_time": "30"}, "rate_limit.max_execution_time"),
    ],
)
def test_a_value_of_the_wrong_type_is_a_bad_request(limits: dict[str, Any], named: str):
    app = SlowApp(users)
    found, _ = ask(acme(), app, rate_limit=limits)
    assert found["error"]["error_code"] == "bad_request"
    assert f"`{named}`" in found["error"]["message"]
    assert app.asked == []


JUNK = st.one_of(st.none(), st.integers(-3, 12), st.integers(NOW - 50, NOW + 90), st.integers())


@given(st.builds(dict, **dict.fromkeys(("remaining", "limit", "reset", "window_seconds", "current_delay"), JUNK)))
def test_whatever_is_brought_a_call_waits_for_a_window_or_until_a_reset_of_the_same_day(state: dict[str, Any]):
    due = state["reset"] - NOW if state["reset"] is not None and 0 < state["reset"] - NOW <= 24 * 3600 else 0
    times = first_sent(state, "budgets: {default: {requests: 2, per: 60}}", 5)
    assert times[0] <= max(60, due)
    assert all(later - earlier >= 59.999 for earlier, later in zip(times, times[2:], strict=False)), "nothing widens a budget"


# what a caller is told


def told(http_: str, app: Callable[[Asked], Response] = users, **limits: Any) -> Any:
    found, _ = ask(acme(http_), SlowApp(app), page={"size": 3}, rate_limit=limits)
    if found["rate_limit"] is None:
        return None
    RateLimitResponseInfo.from_dict(found["rate_limit"])
    return found["rate_limit"]["current_state"]


def saying(headers: dict[str, str]) -> Callable[[Asked], Response]:
    return lambda asked: answer({"users": [{"id": "u1"}, {"id": "u2"}, {"id": "u3"}], "more": False}, headers=headers)


HEADERS = '{remaining: headers."x-left", limit: headers."x-limit", low: 5, wait: {from: headers."x-reset", unit: epoch}}'


def test_our_own_count_is_told_by_budget():
    assert told("budgets: {default: {requests: 10, per: 60}, reports: {requests: 5, per: 0.5}}") == {
        "default": {
            "remaining": 7, "limit": 10, "reset": NOW + 60, "window_seconds": 60, "current_delay": 0, "source": "sdk_counter",
        },
        "reports": {
            "remaining": 5, "limit": 5, "reset": None, "window_seconds": 1, "current_delay": 0, "source": "sdk_counter",
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("http_", "headers", "state"),
    [
        (f"throttle: {HEADERS}", {"x-left": "3", "x-limit": "100", "x-reset": str(NOW + 33)}, (3, 100, NOW + 33, None, 33)),
        (f"throttle: {HEADERS}", {"x-left": "99", "x-limit": "100", "x-reset": str(NOW + 33)}, (99, 100, NOW + 33, None, 0)),
        (f"throttle: {HEADERS}", {"x-left": "99"}, (99, None, None, None, 0)),
        (f"throttle: {HEADERS}", {"x-left": "-4", "x-limit": "1e300", "x-reset": "soon"}, (0, 2**53, None, None, 0)),
        (f"budgets: {{default: {{requests: 7, per: 60}}}}, throttle: {HEADERS}", {"x-left": "99"}, (99, 7, None, 60, 0)),
        ('throttle: {remaining: headers."x-left", low: 50, wait: 20}', {"x-left": "5"}, (5, None, None, None, 20)),
        (
            'throttle: {remaining: headers."x-left", restore: headers."x-rate", limit: headers."x-limit", low: 50}',
            {"x-left": "40", "x-rate": "2", "x-limit": "100"},
            (40, 100, NOW + 30, None, 5),
        ),
    ],
)
def test_what_the_app_says_is_told(http_: str, headers: dict[str, str], state: tuple[Any, ...]):
    remaining, limit, reset, window, delay = state
    assert told(http_, saying(headers)) == {
        "default": {
            "remaining": remaining, "limit": limit, "reset": reset, "window_seconds": window, "current_delay": delay,
            "source": "api_headers",
        }
    }  # fmt: skip


@pytest.mark.parametrize(
    ("http_", "headers"),
    [
        ("", {"x-left": "3"}),
        (f"throttle: {HEADERS}", {}),
        (f"throttle: {HEADERS}", {"x-left": "many"}),
        ('throttle: {remaining: headers."x-left", limit: abs(body.users)}', {"x-left": "3"}),
    ],
)
def test_where_nothing_is_known_nothing_is_told(http_: str, headers: dict[str, str]):
    assert told(http_, saying(headers)) is None


def test_a_bypass_is_told_nothing():
    assert told("budgets: {default: {requests: 10, per: 60}}", caller_override_mode="bypass") is None


def test_what_is_told_of_a_pause_makes_the_next_call_keep_it():
    """The second page is refused for a time that is longer than there is."""

    def app(asked: Asked) -> Response:
        return users(asked) if asked.one("page") == "1" else answer({}, 429, {"Retry-After": "300"})

    connector, limited = acme("budgets: {default: {requests: 10, per: 60}}"), SlowApp(app)
    found, at = ask(connector, limited, rate_limit={"max_execution_time": 100})
    assert (found["response"][0]["integration_specific_id"], at) == ("u1", 0)
    state = found["rate_limit"]["current_state"]["default"]
    assert (state["remaining"], state["limit"], state["reset"] - NOW) == (0, 10, state["current_delay"])
    assert 300 <= state["current_delay"] <= 301, "a little is added to what an app asks for"
    again = SlowApp(users)
    limits = {"last_known_state": found["rate_limit"]["current_state"]}
    found, _ = ask(connector, again, page={"token": found["page"]["token"], "size": 1}, rate_limit=limits)
    assert (again.times, again.asked[0].one("page")) == ([state["current_delay"]], "2")
    assert found["rate_limit"]["current_state"]["default"]["source"] == "sdk_counter"


def test_an_error_tells_no_limits_as_the_contract_has_no_place_for_them():
    connector = acme("budgets: {default: {requests: 10, per: 60}}")
    found, _ = ask(connector, SlowApp(lambda asked: answer({}, 403)), rate_limit={"last_known_state": {}})
    assert found["is_error"] is True
    assert "rate_limit" not in found


def test_from_python_the_limits_are_of_the_tenant_and_go_from_one_to_another():
    connector = acme("budgets: {default: {requests: 3, per: 60}}")

    async def main() -> tuple[Any, Any]:
        one, other = (connector.instance({"token": "t"}, wire=SlowApp(users), clock=Clock()) for _ in range(2))
        result = await one.acall("list_accounts", page_size=2)
        assert result.limits == one.limits
        other.heed(result.limits)
        other.heed({name: state.model_dump(mode="json") for name, state in result.limits.items()})  # twice is once
        with pytest.raises(BadInput, match="`reset` of a limit"):
            other.heed({"default": {"reset": "soon"}})
        assert other.limits == result.limits
        await other.acall("list_accounts", page_size=2)
        return Clock().monotonic(), other.limits["default"].remaining

    assert run(main()) == (60, 2)


@pytest.mark.parametrize(
    "state",
    [
        {"remaining": 4, "limit": 10, "reset": NOW + 30, "window_seconds": 60, "current_delay": 0},
        {"remaining": 0, "limit": 10, "reset": NOW + 1, "window_seconds": 60},
        {"remaining": 10, "limit": 10},
        {"remaining": 4, "limit": 10, "reset": NOW - 1, "current_delay": 9},
        {"remaining": 4, "limit": 10},
        {"reset": NOW + 5},
        {"remaining": 4},
    ],
)
def test_the_published_sdk_goes_on_from_a_state_in_the_same_way(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    """Where it counts by itself. A `remaining` without a limit says nothing to it; we know the limit from the spec."""
    monkeypatch.setattr(rate_limiting.time, "time", lambda: START)
    limiter: Any = rate_limiting.RateLimiter(RateLimitConfig(config_id="default", requests_per_window=10, window_seconds=60))
    limiter.seed_from_state(RateLimitStateSnapshot.from_dict(state))
    theirs = STATE_IN_SDK(limiter).to_dict()

    async def main() -> Any:
        gates = Gates({"default": Budget(10, 60)}, 8, Clock())
        gates.heed({"default": RateLimitState(**state)})
        return gates.states()["default"].model_dump(exclude_none=True)

    ours = run(main())
    if "limit" not in state and "remaining" in state:
        assert (theirs["remaining"], ours["remaining"]) == (10, 4)
        ours["remaining"] = 10
        ours.pop("reset")
    assert ours == {**theirs, "source": "sdk_counter"}


# modes


MODES = ["enforce", "retry_only", "enforce_no_retry", "bypass"]


def by_sdk(mode: str, answers: list[int], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the published SDK sends three requests, of which the app refuses some."""
    import httpx

    monkeypatch.setattr(rate_limiting.time, "time", lambda: Clock().time())
    config = RateLimitConfig(config_id="default", requests_per_window=2, window_seconds=60, max_concurrent=3, mode=RateLimitMode(mode))
    left, times = list(answers), []

    async def one() -> Any:
        times.append(Clock().monotonic())
        made = httpx.Response(left.pop(0), request=httpx.Request("GET", "https://acme.example"))
        if made.status_code == 429:
            made.raise_for_status()
        return made

    async def main() -> None:
        limiter: Any = rate_limiting.RateLimiter(config)
        for _ in range(3):
            await limiter.execute_requests([one], lambda each: each())

    run(main())
    return times


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "bypass"])
def test_waiting_for_a_budget_is_as_in_the_published_sdk(mode: str, monkeypatch: pytest.MonkeyPatch):
    wire = TimedWire([OK] * 3)

    async def main() -> None:
        one = exchange(wire, http(budgets={"default": Budget(2, 60)}))
        for _ in range(3):
            await one.send(call(), None, mode_of(mode, "read"))  # type: ignore[arg-type]

    run(main())
    assert wire.times == by_sdk(mode, [200] * 3, monkeypatch)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "bypass"])
def test_trying_again_is_as_in_the_published_sdk(mode: str, monkeypatch: pytest.MonkeyPatch):
    wire = TimedWire([OK, _refused(), OK, OK])

    async def main() -> int:
        one, refused = exchange(wire), 0
        for _ in range(3):
            try:
                await one.send(call(), None, mode_of(mode, "read"))  # type: ignore[arg-type]
            except RateLimited:
                refused += 1
        return refused

    refused = run(main())
    assert refused == (mode == "enforce_no_retry"), "the SDK hands the refusal to the connector as an answer"
    assert len(wire.times) == len(by_sdk(mode, [200, 429, 200, 200], monkeypatch))


def _refused(seconds: str = "5") -> Response:
    return answer({}, 429, {"Retry-After": seconds})


@pytest.mark.parametrize(
    ("mode", "budget", "told_", "pause", "tries"),
    [
        ("enforce", 60, 20, 5, 2),
        ("retry_only", 0, 0, 5, 2),
        ("enforce_no_retry", 60, 20, 5, 1),
        ("bypass", 0, 0, 0, 1),
        (None, 60, 20, 5, 2),
    ],
)
def test_what_each_mode_waits_for(mode: Any, budget: float, told_: float, pause: float, tries: int):
    """For the spec's budget, for what an answer tells, for the pause that a refusal of another request asked for; and tries."""
    terms = mode_of(mode, "read")

    def second(plan: Any, first: Response) -> float:
        wire = TimedWire([first, OK, OK])

        async def main() -> None:
            one = exchange(wire, plan)
            await asyncio.gather(one.send(call(), None, mode_of("enforce_no_retry", "read")), return_exceptions=True)
            await one.send(call(), None, terms)

        run(main())
        return wire.times[1]

    told_by_app = answer({}, 200, {"x-left": "0"})
    throttle = acme('throttle: {remaining: headers."x-left", wait: 20}').plan.http.throttle
    assert second(http(budgets={"default": Budget(1, 60)}), OK) == budget
    assert second(http(throttle=throttle), told_by_app) == told_
    assert second(http(), _refused()) == pause
    wire = TimedWire([_refused()] * 9)
    with pytest.raises(RateLimited):
        run(exchange(wire, http(retry=Retry(attempts=2))).send(call(), None, terms))
    assert len(wire.times) == tries


def test_a_read_waits_for_limits_and_a_write_does_not_unless_the_caller_says():
    capabilities = """
  delete_account:
    steps: [{request: {delete: "/users/{{ inputs.account_id }}"}}, {request: {delete: "/seats/{{ inputs.account_id }}"}}]
"""
    connector = acme("budgets: {default: {requests: 1, per: 60}}", capabilities)
    app = SlowApp(lambda asked: answer({}))
    ask(connector, app, "delete_account", request={"account_id": "u1"})
    assert app.times == [0, 0]
    app = SlowApp(lambda asked: answer({}))
    ask(connector, app, "delete_account", request={"account_id": "u1"}, rate_limit={"caller_override_mode": "enforce"})
    assert app.times == [0, 60]
    for mode, at in ((None, 60), ("retry_only", 0)):
        app = SlowApp(users)
        ask(connector, app, page={"size": 2}, rate_limit={"caller_override_mode": mode})
        assert app.times == [0, at]


@pytest.mark.parametrize(("mode", "at"), [(None, [0, 60]), ("retry_only", [0, 0])])
def test_what_is_made_of_other_capabilities_has_the_mode_of_the_whole(mode: str | None, at: list[float]):
    capabilities = """
  list_custom_attributes_schema:
    request: {get: /attributes}
    records: body.users
    record: {customized_type: {value: account}, name: id, attribute_type: {value: string}}
"""
    app = SlowApp(saying({}))
    asked = {"caller_override_mode": mode}
    ask(
        acme("budgets: {default: {requests: 1, per: 60}}", capabilities),
        app,
        "probe_integration",
        rate_limit=asked,
        request={"checks": ["accounts"]},
    )
    assert app.times == at


def test_who_does_not_wait_for_a_budget_is_not_kept_by_those_who_do():
    wire = TimedWire([OK] * 3)

    async def main() -> None:
        one = exchange(wire, http(budgets={"default": Budget(1, 60)}))
        await one.send(call())
        waiting = asyncio.create_task(one.send(call()))
        await asyncio.sleep(1)
        await one.send(call(), None, mode_of("retry_only", "read"))
        await waiting

    run(main())
    assert wire.times == [0, 1, 61], "and what they send counts"


def test_a_pause_does_not_change_who_comes_first():
    passed: list[int] = []

    async def main() -> None:
        gate = Gate(None, asyncio.Semaphore(1), Clock())

        async def one(number: int) -> None:
            await asyncio.sleep(number / 10)
            await gate.enter(None)
            passed.append(number)
            await asyncio.sleep(1)
            if number == 0:
                gate.pause(10)
            gate.leave()

        await asyncio.gather(*map(one, range(20)))

    run(main())
    assert passed == [*range(20)]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.none() | st.integers(0, 40), st.booleans(), st.booleans())))
def test_no_slot_is_lost_to_who_gives_up_or_is_cut(asked: list[tuple[int, int, int | None, bool, bool]]):
    async def main() -> None:
        slots, under_way = asyncio.Semaphore(2), 0
        gate = Gate(None, slots, Clock())

        async def one(start: int, patience: int | None, budgets: bool, refused: bool) -> None:
            nonlocal under_way
            await asyncio.sleep(start)
            try:
                await gate.enter(None if patience is None else start + patience, Mode(budgets=budgets))
            except TooLate:
                return
            under_way += 1
            assert under_way <= 2
            try:
                await asyncio.sleep(5)
                if refused:
                    gate.pause(3)
            finally:
                under_way -= 1
                gate.leave()

        tasks = [asyncio.create_task(one(start, patience, *rest)) for start, _, patience, *rest in asked]
        for task, (_, cut, *_) in zip(tasks, asked, strict=True):
            asyncio.get_running_loop().call_later(cut + 1, task.cancel)
        for came in await asyncio.gather(*tasks, return_exceptions=True):
            assert came is None or isinstance(came, asyncio.CancelledError)
        assert gate.waiting == 0
        await slots.acquire()
        await slots.acquire()
        assert slots.locked(), "two slots are free again, and no more"

    run(main())


@pytest.mark.parametrize(("tried", "tries"), [(0, 4), (1, 3), (3, 1), (10**9, 1), (-5, 4)])
def test_the_callers_own_tries_count(tried: int, tries: int):
    app = SlowApp(lambda asked: answer({}, 503))
    found, _ = ask(acme("retry: {backoff: 0}"), app, rate_limit={"caller_retry_attempt": tried})
    assert found["error"]["error_code"] == "service_error"
    assert len(app.asked) == tries


# time: reads


FAN_OUT = """
  find_entitlement_associations:
    prepare:
      - {request: {post: /report, repeatable: true}, save: {report: body.id}}
      - {request: {get: "/reports/{{ report }}"}, repeat: {until: body.done, every: 3, for: 600}, save: {made: body.id}}
    each:
      - {as: org, request: {get: "/{{ made }}/orgs"}, pages: {kind: page, param: page, base: 1, more: body.more}, records: body.items}
      - as: team
        request: {get: "/orgs/{{ org.id }}/teams"}
        pages: {kind: page, param: page, base: 1, more: body.more}
        records: body.items
    request: {get: "/teams/{{ team.id }}/members"}
    pages: {kind: page, param: page, base: 1, more: body.more}
    records: body.items
    record: {account_id: id, integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: team.id}
"""


@dataclass
class Company:
    """Orgs of teams of members, told page by page, below a report that takes 20 seconds to make."""

    sizes: list[int]
    ready: float | None = None
    reports: int = 0

    def __call__(self, asked: Asked) -> Response:
        steps = asked.path.strip("/").split("/")
        if asked.path == "/report":
            self.reports, self.ready = self.reports + 1, Clock().monotonic() + 20
            return answer({"id": self.reports})
        if steps[0] == "reports":
            return answer({"id": f"r{steps[1]}", "done": self.ready is not None and Clock().monotonic() >= self.ready})
        name = "" if steps[-1] == "orgs" else steps[1]
        seed = sum(map(ord, name)) + len(name)
        made = [{"id": f"{name}{steps[-1][0]}{i}"} for i in range(self.sizes[seed % len(self.sizes)])]
        page = int(asked.one("page", "1"))
        return answer({"items": made[page * 2 - 2 : page * 2], "more": page * 2 < len(made)})


def members(records: list[Any]) -> list[tuple[str, str]]:
    return [(record.account_id, record.integration_specific_resource_id) for record in records]


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=6),
    st.lists(st.floats(0.0, 40.0), min_size=1, max_size=5),
    st.lists(st.floats(0.01, 1.0), min_size=1, max_size=4),
    st.sampled_from(["", "budgets: {default: {requests: 3, per: 2}}", "concurrency: 1"]),
)
def test_a_relay_of_short_calls_gives_exactly_the_records_of_one_walk(sizes: list[int], times: list[float], pace: list[float], limits: str):
    """However short each is: as long as now and then one has time for a request on each level, all records come, and once."""
    connector, company = acme(limits, FAN_OUT), Company(sizes)
    whole = run(_everything(connector, AppWire(Company(sizes))))

    async def relay() -> tuple[list[tuple[str, str]], list[float]]:
        found, spent, token = [], [], None
        app = SlowApp(company, seconds=lambda asked: pace[len(app.asked) % len(pace)])
        for turn in range(500):
            seconds = (*times, 12.0)[turn % (len(times) + 1)]
            began = Clock().monotonic()
            tenant = connector.instance({"token": "t"}, wire=app, clock=Clock())
            try:
                result = await tenant.acall("find_entitlement_associations", page_token=token, page_size=10**6, max_seconds=seconds)
                found += members(result.response)
                token = result.page_token
            except RateLimited as error:
                token = error.page_token
            spent.append(Clock().monotonic() - began - seconds)
            await tenant.aclose()
            if token is None:
                return found, spent
        raise AssertionError("it makes no progress")

    found, spent = run(relay())
    assert found == whole
    assert max(spent) <= 1e-6, "no call takes longer than it has"


async def _everything(connector: Connector, app: AppWire) -> list[tuple[str, str]]:
    tenant = connector.instance({"token": "t"}, wire=app, clock=Clock())
    return members([record async for page in tenant.awalk("find_entitlement_associations") for record in page.records])


def test_what_comes_before_the_parts_is_not_done_twice():
    """The report is asked for once, though no call has the time to wait for it."""
    connector, company = acme("", FAN_OUT), Company([2])

    async def relay() -> int:
        token, found = None, []
        for calls in range(1, 100):
            tenant = connector.instance({"token": "t"}, wire=AppWire(company), clock=Clock())
            began = Clock().monotonic()
            result = await tenant.acall("find_entitlement_associations", page_token=token, max_seconds=2)
            assert Clock().monotonic() == began, "it does not wait for what it has no time for"
            token, found = result.page_token, found + result.response
            await tenant.aclose()
            if token is None:
                assert len(found) == 8
                return calls
            await asyncio.sleep(2)
        raise AssertionError("it makes no progress")

    assert run(relay()) > 5
    assert company.reports == 1


def test_what_failed_for_good_before_the_parts_is_done_anew():
    state = {"status": 500}
    capabilities = FAN_OUT

    def app(asked: Asked) -> Response:
        return answer({"id": 7}) if asked.path == "/report" else answer({}, state["status"])

    connector = acme("retry: {attempts: 1}", capabilities)
    for status, token in ((500, True), (404, False)):
        state["status"] = status
        found, _ = ask(connector, SlowApp(app), "find_entitlement_associations")
        assert found["error"]["status_code"] == status
        assert (found["page"] is not None) == token


def read(app: Any, max_seconds: float, http_: str = "", size: int = 100) -> tuple[Result | CallError, float]:
    async def main() -> tuple[Result | CallError, float]:
        tenant = acme(http_).instance({"token": "t"}, wire=app, clock=Clock())
        try:
            return await tenant.acall("list_accounts", page_size=size, max_seconds=max_seconds), Clock().monotonic()
        except CallError as error:
            return error, Clock().monotonic()

    return run(main())


def test_when_the_time_is_over_in_the_middle_of_a_request_there_is_what_there_is():
    app = SlowApp(users, seconds=lambda asked: 4)
    result, at = read(app, 10)
    assert isinstance(result, Result)
    assert [each.integration_specific_id for each in result.response] == ["u1", "u2"]
    assert (result.error, at, len(app.asked)) == (None, 10, 3)
    with acme().instance({"token": "t"}, wire=AppWire(users)) as tenant:
        rest = tenant.call("list_accounts", page_token=result.page_token)
    assert [each.integration_specific_id for each in rest.response] == ["u3", "u4", "u5"]


@pytest.mark.parametrize("max_seconds", [0, 1e-9, 3.9])
def test_when_not_even_the_first_page_came_the_token_is_that_of_the_start(max_seconds: float):
    result, at = read(SlowApp(users, seconds=lambda asked: 4), max_seconds)
    assert isinstance(result, Result)
    assert (result.response, at) == ([], pytest.approx(max_seconds))
    with acme().instance({"token": "t"}, wire=AppWire(users)) as tenant:
        assert len(tenant.call("list_accounts", page_token=result.page_token).response) == 5


@pytest.mark.parametrize(
    ("http_", "script", "code", "wait"),
    [
        ("budgets: {default: {requests: 2, per: 60}}", {}, "budget_exhausted", 60),
        ("", {"3": answer({}, 429, {"Retry-After": "90"})}, "rate_limit", 90),
        ("", {"3": answer({}, 503, {"Retry-After": "90"})}, "service_error", 90),
        (
            'throttle: {remaining: headers."x-left", wait: 70}',
            {"2": answer({"users": [{"id": "u2"}], "more": True}, 200, {"x-left": "0"})},
            "rate_limit",
            70,
        ),
    ],
)
def test_a_wait_that_is_longer_than_the_time_is_not_begun(http_: str, script: dict[str, Response], code: str, wait: float):
    result, at = read(SlowApp(lambda asked: script.get(asked.one("page"), users(asked))), 30, http_)
    assert isinstance(result, Result)
    assert [each.integration_specific_id for each in result.response] == ["u1", "u2"]
    assert result.error is not None
    assert (result.error.code.name, result.error.retry_after, at) == (code, wait, 0)
    with acme().instance({"token": "t"}, wire=AppWire(users)) as tenant:
        rest = tenant.call("list_accounts", page_token=result.page_token)
    assert [each.integration_specific_id for each in rest.response] == ["u3", "u4", "u5"]


def test_one_that_cannot_even_begin_in_time_says_when_it_may_and_where():
    found, at = ask(acme(), SlowApp(lambda asked: answer({}, 429, {"Retry-After": "90"})), rate_limit={"max_execution_time": 60})
    assert (found["error"]["error_code"], found["error"]["error_metadata"]["retry_after_seconds"], at) == ("rate_limit", 90, 0)
    assert found["page"]["token"]
    rest, _ = ask(acme(), AppWire(users), page=found["page"])
    assert len(rest["response"]) == 5


@pytest.mark.parametrize(
    ("asked", "used"), [(40, 30), (4, 2), (1, 0.5), (0, 0.5), (-7, 0.5), (None, 1790), (2**63, 7 * 86400 - 10), (10**400, 7 * 86400 - 10)]
)
def test_the_answer_is_there_before_the_caller_stops_listening(asked: int | None, used: float):
    _, at = ask(acme("timeout: 1000000"), SlowApp(users, seconds=lambda asked: 10**7), rate_limit={"max_execution_time": asked})
    assert at == pytest.approx(used)


# time: logins


LOGIN = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {oauth: {kind: oauth2_client_credentials, token_url: "https://acme.example/token"}}
http: {base_url: "https://acme.example"}
capabilities:
  list_accounts: {request: {get: /users}, records: body.users, record: {integration_specific_id: id}}
"""
CLIENT = {"client_id": "c", "client_secret": "s3cret-value"}


def late_login(asked: Asked) -> Response:
    return answer({"access_token": "t", "token_type": "bearer"}) if asked.path == "/token" else answer({"users": [{"id": "u1"}]})


def test_a_login_under_way_goes_on_when_the_time_of_the_call_is_over():
    async def main() -> list[str]:
        app = SlowApp(late_login, seconds=lambda asked: 20 if asked.path == "/token" else 0)
        tenant = Connector(compile_text(LOGIN, "acme.yaml")).instance(CLIENT, wire=app, clock=Clock())
        first = await tenant.acall("list_accounts", max_seconds=8)
        assert (first.response, Clock().monotonic()) == ([], 8)
        second = await tenant.acall("list_accounts", page_token=first.page_token, max_seconds=13)
        assert (len(second.response), Clock().monotonic()) == (1, 20)
        return app.paths

    assert run(main()) == ["POST /token", "GET /users"]


def test_closing_waits_for_a_login_no_longer_than_the_caller_listens():
    connector = Connector(compile_text(LOGIN, "acme.yaml"))
    envelope = {
        "auth": {"oauth_client_credentials": {**CLIENT, "access_token": "", "scopes": []}},
        "rate_limit": {"max_execution_time": 20},
    }
    found, at = ask(connector, SlowApp(late_login, seconds=lambda asked: 50), **envelope)
    assert (found["response"], found["page"] is not None) == ([], True)
    assert at == 15


# time: writes


WRITES = """
  create_account:
    steps:
      - {request: {post: /users, json: {name: "{{ inputs.username }}"}}, save: {id: body.id}, undo: {delete: "/users/{{ id }}"}}
      - {request: {post: /mail}}
      - {request: {post: /seats}}
    verify: {request: {get: "/users/{{ id }}"}, until: body.seen, every: 5, for: 60}
    record: {id: id, status: {value: ACTIVE}}
"""


def written(slow: dict[str, float], max_seconds: float, http_: str = "") -> tuple[CallError, SlowApp, float]:
    app = SlowApp(lambda asked: answer({"id": "u9", "seen": False}), seconds=lambda asked: slow.get(f"{asked.method} {asked.path}", 0))

    async def main() -> tuple[CallError, float]:
        tenant: Instance = acme(http_, WRITES).instance({"token": "t"}, wire=app, clock=Clock())
        with pytest.raises(CallError) as failed:
            await tenant.acall("create_account", {"username": "ada", "entitlements": []}, max_seconds=max_seconds)
        return failed.value, Clock().monotonic()

    error, at = run(main())
    return error, app, at


def test_a_write_that_is_cut_says_what_was_done_and_takes_back_what_it_can():
    error, app, at = written({"POST /seats": 99, "DELETE /users/u9": 2}, 10)
    assert (error.code.name, at) == ("request_timeout", 12), "taking back has a little time of its own"
    assert app.paths == ["POST /users", "POST /mail", "POST /seats", "DELETE /users/u9"]
    assert error.message == "`POST /seats` was not answered within 10 s"
    assert error.hint == (
        "`POST /mail` was done, and stays; `DELETE /users/{{ id }}` took an earlier step back; the app may have done it all the same"
    )


def test_taking_back_ends_before_the_caller_stops_listening():
    error, _, at = written({"POST /seats": 99, "DELETE /users/u9": 99}, 10)
    assert at == 10 + grace(10) == 15
    assert "could not take an earlier step back: `DELETE /users/{…}` was not answered within 5 s" in str(error.hint)
    for whole in (1, 4, 20, 1800):
        used = whole - min(10, whole / 2)
        assert used + grace(used) < whole


def test_a_step_whose_time_would_not_come_is_not_sent():
    """The app asked for a pause that is longer than there is time: nothing more is sent but what takes things back."""
    refused = iter([answer({"id": "u9"}), answer({}, 429, {"Retry-After": "60"}), answer({})])
    app = SlowApp(lambda asked: next(refused))
    found, at = ask(
        acme("", WRITES), app, "create_account", request={"username": "ada", "entitlements": []}, rate_limit={"max_execution_time": 50}
    )
    assert (found["error"]["error_code"], found["error"]["error_metadata"]["retry_after_seconds"], at) == ("rate_limit", 60, 0)
    assert app.paths == ["POST /users", "POST /mail"], "the pause holds for taking back as well"
    assert "could not take an earlier step back: `DELETE /users/{…}` was not sent" in found["error"]["error_metadata"]["hint"]


def test_a_write_that_there_is_no_time_to_read_back_stays_done():
    error, app, at = written({}, 4)
    assert (error.code.name, error.message, at) == ("request_timeout", "the app was not done before the deadline", 0)
    assert app.paths == ["POST /users", "POST /mail", "POST /seats", "GET /users/u9"], "nothing is taken back"
    assert error.hint == "`POST /seats` was done, and stays; `POST /mail` was done, and stays; `POST /users` was done, and stays"


def test_a_write_whose_reading_back_is_cut_stays_done():
    error, app, at = written({"GET /users/u9": 99}, 4)
    assert (error.code.name, error.message, at) == ("request_timeout", "`GET /users/{…}` was not answered within 4 s", 4)
    assert app.paths[-1] == "GET /users/u9"
    assert "`POST /users` was done, and stays" in str(error.hint)


def test_many_like_steps_are_told_once():
    capabilities = """
  transfer_data:
    steps:
      - {each: {as: one, values: "['a', 'b', 'c']"}, request: {post: "/move/{{ one }}"}}
      - {request: {post: /end}}
"""
    app = SlowApp(lambda asked: answer({}, 403 if asked.path == "/end" else 200))
    found, _ = ask(acme("", capabilities), app, "transfer_data", request={"source_account_id": "a", "target_account_id": "b"})
    assert found["error"]["error_metadata"]["hint"] == "`POST /move/{{ one }}` was done, and stays (3 times)"
