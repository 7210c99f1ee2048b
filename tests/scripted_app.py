"""An app that answers from a script: each request is held against the step it must be. `scripted.py` says how a step is written."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from ferrule.errors import call_error
from ferrule.escapes import text_of
from ferrule.http import Request, Response
from ferrule.ldap import OPERATIONS
from ferrule.request import METHODS
from ferrule.secret import reveal
from jose import readable
from virtual_time import Clock


class Wrong(AssertionError):
    """What happens is not what the case says."""


def expect(claim: bool, message: str) -> None:
    """Raise `Wrong` where a claim of the case does not hold."""
    if not claim:
        raise Wrong(message)


@dataclass
class ScriptedWire:
    """An app that answers from a script and takes nothing but what stands in it."""

    address: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    ordered: bool = True
    timed: bool = True
    again: bool = False
    """Any step may be taken any number of times, and none has to be."""
    used: set[int] = field(default_factory=set)
    last: float = 0.0
    trouble: str | None = None

    def begin(self, steps: list[dict[str, Any]], *, ordered: bool) -> None:
        """The script of the next call."""
        self.steps, self.ordered, self.used = steps, ordered, set()
        self.last = Clock().monotonic()

    def end(self) -> None:
        """Hold that all of the script was played, and nothing else was asked."""
        expect(self.trouble is None, str(self.trouble))
        unsent = [shown(step) for i, step in enumerate(self.steps) if i not in self.used]
        expect(self.again or not unsent, f"not sent: {'; '.join(unsent)}")

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """The answer to the one step that asks this."""
        headers = {**({"content-type": content_type} if content_type else {}), **{n.lower(): str(reveal(v)) for n, v in request.headers}}
        certificate = request.identity.certificate if request.identity is not None else None
        sent = Sent(request.method.lower(), request.wire_url, headers, content, certificate)
        try:
            step = self.step(sent)
            self.check_time(step, sent)
        except Wrong as wrong:
            self.trouble = self.trouble or str(wrong)
            raise
        return answer(step.get("answer", {}), request.url)

    def step(self, sent: Sent) -> dict[str, Any]:
        """The step that asks what was sent, marked as used."""
        left = [i for i in range(len(self.steps)) if i not in self.used or self.again]
        expect(bool(left), f"nothing more was to be sent, but there came {sent}")
        if self.ordered:
            left = left[:1]
        elif self.again:
            left.reverse()
        differences = [(i, difference(self.steps[i], sent, self.address)) for i in left]
        for i, slip in differences:
            if slip is None:
                self.used.add(i)
                return self.steps[i]
        raise Wrong(f"{sent} is not what was to be sent: " + "; ".join(f"{shown(self.steps[i])}: {slip}" for i, slip in differences[:3]))

    def check_time(self, step: dict[str, Any], sent: Sent) -> None:
        """Hold that the wait before a request was what the step says."""
        now = Clock().monotonic()
        passed, self.last = now - self.last, now
        if not self.timed:
            return
        due = step.get("after", 0)
        least, most = (due.get("least", 0), due["most"]) if isinstance(due, dict) else (due, due + min(1, due / 10))
        expect(least - 1e-6 <= passed <= most + 1e-6, f"{sent} came after {passed:g} seconds instead of {due}")

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Sent:
    """A request on the wire."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None
    certificate: str | None = None

    def __str__(self) -> str:
        body = f" {self.content.decode(errors='replace')}" if self.content else ""
        return f"{self.method} {self.url}{body}"


def shown(step: dict[str, Any]) -> str:
    """A step in a message."""
    method = next(m for m in (*METHODS, *OPERATIONS) if m in step)
    return f"{method} {step[method]} {step.get('query', '')}"


def difference(step: dict[str, Any], sent: Sent, address: str) -> str | None:
    """What a request has wrong, or None."""
    method = next(m for m in (*METHODS, *OPERATIONS) if m in step)
    target = step[method] if "://" in step[method] else address + step[method]
    found, _, query = sent.url.partition("?")
    if sent.method != method:
        return f"the method is {sent.method}"
    if "?" in target:
        if sent.url != target or "query" in step:
            return f"the address is {sent.url}"
    else:
        if found != target:
            return f"the address is {found}"
        if fields(step.get("query", {})) != (given := parse_qs(query, keep_blank_values=True)):
            return f"the query is {given}"
    for name, value in step.get("headers", {}).items():
        if readable(sent.headers.get(name.lower())) != value:
            return f"header `{name}` is {readable(sent.headers.get(name.lower()))!r}"
    if "certificate" in step and sent.certificate != step["certificate"]:
        return f"the client certificate is {sent.certificate}"
    return body_difference(step, sent)


def body_difference(step: dict[str, Any], sent: Sent) -> str | None:
    """What the body of a request has wrong, or None."""
    if "json" in step:
        found = json.loads(sent.content) if sent.content else None
        return None if exact(found) == exact(step["json"]) and sent.content else f"the body is {exact(found)}"
    if "form" in step:
        form = readable(parse_qs((sent.content or b"").decode(), keep_blank_values=True))
        return None if form == fields(step["form"]) else f"the form is {form}"
    text = sent.content.decode() if sent.content is not None else None
    return None if text == step.get("text") else f"the body is {text}"


def fields(values: dict[str, Any]) -> dict[str, list[str]]:
    """Parameters or form fields as they come out of a request: all text, each name with all its values."""
    return {name: [text_of(v) for v in (value if isinstance(value, list) else [value])] for name, value in values.items()}


def exact(value: Any) -> str:
    """`value` so that true is not 1, and 1 not 1.0."""
    return json.dumps(value, sort_keys=True)


def answer(script: dict[str, Any], url: str) -> Response:
    """The answer of a step, or its failure raised."""
    if "lost" in script:
        raise call_error("the wire failed", script["lost"])
    headers = {name.lower(): text_of(value) for name, value in script.get("headers", {}).items()}
    content = b""
    if "json" in script:
        headers.setdefault("content-type", "application/json")
        content = json.dumps(script["json"]).encode()
    elif "text" in script:
        content = script["text"].encode()
    elif "base64" in script:
        content = base64.b64decode(script["base64"])
    if "content_type" in script:
        headers["content-type"] = script["content_type"]
    return Response(script.get("status", 200), headers, gzip.compress(content, mtime=0) if script.get("gzip") else content, url)
