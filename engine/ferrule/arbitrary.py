"""One request of the caller's own making: `fulfill_arbitrary_endpoint`, for connectors whose spec says what may be asked.

A spec names the paths. An address that leads anywhere else, or that two programs could read in two ways, is refused before
anything is sent, a login included. What the app answers is the answer, whatever its status; only a refused credential is an error,
so that a caller who can renew it does. No credential comes back: not in a header, not in a body that repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from ferrule.decoding import DecodeError
from ferrule.decoding.decoder import text_in
from ferrule.errors import BadInput, CallError
from ferrule.expressions.expression import ExpressionFailure, compile_expression
from ferrule.http import Answer, Request, is_address, origin
from ferrule.limits import Clock
from ferrule.plan import HttpPlan, Reach
from ferrule.refusal import secrets_of
from ferrule.request import Call, RequestPlan
from ferrule.secret import is_secret_name, redact, reveal
from ferrule.source import Text
from ferrule.templates import Scope, compile_template, names_of

MAX_BODY = 16 * 1024 * 1024
"""Characters of an answer that are handed on."""

Send = Callable[[Call], Awaitable[Answer]]

_WRITTEN = re.compile(r"[!-~]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ANY_BUT_REFUSED = compile_expression(Text("status != `401`"))


class Refused(Exception):
    """What is asked is not allowed, in words for the caller."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """The body as text, whatever it is: what its charset cannot read is shown as U+FFFD."""

    def decode(self, content: bytes, charset: str) -> str:
        """See `Decoder`."""
        try:
            return text_in(content, charset)
        except DecodeError:
            return content.decode("utf-8", "replace")


async def fulfil(reach: Reach, http: HttpPlan, scope: Scope, send: Send, clock: Clock) -> dict[str, Any]:
    """The contract's answer. `scope` has the inputs. Raises `CallError` where the credential is refused or cannot be renewed."""
    inputs = scope["inputs"]
    try:
        call = call_of(reach, http, scope)
    except Refused as refused:
        return _without_answer(str(refused), str(inputs["url"]))
    try:
        answer = await send(call)
    except CallError as error:
        if error.status is not None or error.code.refreshable:
            raise
        return _without_answer(error.message, str(inputs["url"]), error.retry_after)
    return _told(answer, _wait(answer, http, scope, clock), scope)


def call_of(reach: Reach, http: HttpPlan, scope: Scope) -> Call:
    """The request as a call. Raises `Refused` where the spec does not allow it."""
    inputs = scope["inputs"]
    method = inputs["method"] or "GET"
    path, raw_query, absolute = _below(inputs["url"], _base(http, scope))
    steps = _steps(path)
    headers = _headers(inputs["headers"] or {}, reach)
    if method == "POST":
        content_type = next((sent for pattern, sent in reach.post.items() if _matches(steps, pattern)), None)
        if content_type is None:
            raise Refused("POST is not allowed on this path.")
        headers["content-type"] = content_type
    elif inputs["body"] is not None:
        raise Refused("Only POST has a body.")
    elif not any(_matches(steps, pattern) for pattern in reach.get):
        raise Refused("This path is none that the connector may read.")
    query = [] if absolute else [(name, value) for name, values in (inputs["query"] or {}).items() for value in values]

    def place(request: Request) -> Request:
        named = {name for name, _ in query}
        kept = tuple(pair for pair in request.query if pair[0] not in named)
        made = replace(request, url=request.url + path + raw_query, query=(*kept, *query))
        for name, value in headers.items():
            made = made.with_header(name, value)
        return made if method == "GET" or inputs["body"] is None else replace(made, body=inputs["body"], kind="text")

    reads = method == "GET"
    plan = RequestPlan(method, compile_template(Text("", reach.origin)), decoder=Verbatim(), reads=reads, safe=reads, origin=reach.origin)
    return Call(plan, {}, place, (_ANY_BUT_REFUSED,), once=True)


def _base(http: HttpPlan, scope: Scope) -> str | None:
    """The address that paths stand below; None where only a login tells it."""
    if "session" in names_of(http.base_url):
        return None
    base = reveal(http.base_url.render({**scope, "session": {}}))
    if not isinstance(base, str) or not is_address(base):
        raise BadInput(f"`{http.base_url.text}` makes no address", code="invalid_value", hint=f"see {http.base_url.text.span}")
    return base


def _below(url: str, base: str | None) -> tuple[str, str, bool]:
    """The path below the base address and the query as it is written, and whether the address was absolute."""
    if not _WRITTEN.fullmatch(url):
        raise Refused("The address holds a character that must be percent-encoded.")
    if "\\" in url or "#" in url:
        raise Refused("The address holds a backslash or a fragment.")
    if url.startswith("//"):
        raise Refused("The address must have its scheme, or be a path.")
    absolute = _SCHEME.match(url) is not None
    path, mark, query = url.partition("?")
    if absolute:
        path = _path_on_host(path, base)
    return path if path.startswith("/") else f"/{path}", mark + query, absolute


def _path_on_host(address: str, base: str | None) -> str:
    """The path below the base address of an absolute address."""
    if base is None:
        raise Refused("The address must be a path: the host is known after the login only.")
    try:
        fits = is_address(address) and origin(address) == origin(base)
    except ValueError:
        fits = False
    if not fits:
        raise Refused("The address is not on the host of this connection, or names a user.")
    path, prefix = urlsplit(address).path, urlsplit(base).path.rstrip("/")
    if path != prefix and not path.startswith(f"{prefix}/"):
        raise Refused("The address is not below the base address of this connection.")
    return path[len(prefix) :]


def _steps(path: str) -> list[str]:
    """The steps of a path as the app will read them. One that could be read in two ways is refused: a step up in any form, an
    encoded slash, an empty step, an escape within an escape."""
    steps = [unquote(step) for step in path.removeprefix("/").split("/")]
    for number, step in enumerate(steps):
        if not step and len(steps) > 1 and number < len(steps) - 1:
            raise Refused("The path has an empty step.")
        if set(step.split(";")[0].strip()) == {"."} or re.search(r"%[0-9A-Fa-f]{2}", step):
            raise Refused("The path steps up, or is encoded twice.")
        if any(c in "/\\" or ord(c) < 32 or ord(c) == 127 for c in step) or "�" in step:
            raise Refused("The path holds an encoded slash or control character.")
    return steps if steps[-1] or len(steps) == 1 else steps[:-1]


def _matches(steps: list[str], pattern: str) -> bool:
    wanted = pattern[1:].split("/")
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        if len(steps) < len(wanted):
            return False
        steps = steps[: len(wanted)]
    return len(steps) == len(wanted) and all(
        want in ("*", step) and (step or want != "*") for want, step in zip(wanted, steps, strict=True)
    )


def _headers(given: Mapping[str, str], reach: Reach) -> dict[str, str]:
    for name, value in given.items():
        if name.lower() not in reach.headers:
            raise Refused(f"The header `{name[:60]}` is none that a caller may set.")
        if not value.isprintable():
            raise Refused(f"The header `{name[:60]}` holds a line break.")
    return {name.lower(): value for name, value in given.items() if name.lower() != "content-type"}


def _wait(answer: Answer, http: HttpPlan, scope: Scope, clock: Clock) -> float | None:
    """How long to wait after a refusal, where the app or the spec says."""
    try:
        failure = None if 200 <= answer.status < 300 else http.verdicts.judge(answer, scope, clock.time())
    except ExpressionFailure:
        return None
    return failure.wait if failure is not None else None


def _told(answer: Answer, wait: float | None, scope: Scope) -> dict[str, Any]:
    """The app's answer, without what must not come back."""
    secrets = secrets_of(scope.get("credential"), request=answer.request)
    ok, body = 200 <= answer.status < 300, str(answer.body or "")
    too_large = len(body) > MAX_BODY
    return {
        "ok": ok and not too_large,
        "status_code": answer.status,
        "headers": {name: redact(value, secrets) for name, value in answer.headers.items() if not is_secret_name(name)},
        "body": None if too_large else redact(body, secrets),
        "content_type": answer.headers.get("content-type"),
        "error": f"The answer is larger than {MAX_BODY // (1024 * 1024)} MiB." if too_large else None,
        "retry_after_seconds": wait,
        "resolved_url": redact(answer.request.shown_url if answer.request is not None else answer.url, secrets),
    }


def _without_answer(reason: str, url: str, retry_after: float | None = None) -> dict[str, Any]:
    none: dict[str, Any] = {"ok": False, "status_code": None, "headers": {}, "body": None, "content_type": None}
    return {**none, "error": reason, "retry_after_seconds": retry_after, "resolved_url": url}
