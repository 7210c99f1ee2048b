"""The body of a request: read within a size and a time, or thrown away."""

from __future__ import annotations

import asyncio

from starlette.types import Receive

from ferrule.errors import BadInput, CallError


class Left(Exception):
    """The caller has gone: nobody waits for an answer."""


async def read_body(receive: Receive, declared: str | None, most: int, seconds: float) -> bytes:
    """The body. Raises `BadInput` for one that is too large, `CallError` for one that does not arrive in time, `Left`.

    `declared` is the request's `Content-Length`: a body that says it is too large is not read.
    """
    if declared is not None and declared.isdecimal() and int(declared[:20]) > most:
        raise _too_large(most)
    parts, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Left
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise _too_large(most)
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise CallError(f"the request did not arrive within {seconds:g} seconds", code="request_timeout") from None


async def thrown_away(receive: Receive, most: int, seconds: float = 1.0) -> bool:
    """Whether the body has come to its end, after so many bytes or seconds of it were read and forgotten.

    A connection that is closed while its caller still sends is reset, and the caller may never see the answer
    (RFC 9112, section 9.6): so a little is read on before.
    """
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while size <= most:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return False
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        pass
    return False


def _too_large(most: int) -> BadInput:
    return BadInput(f"the request is larger than {most} bytes", hint="`ferrule serve --max-body` sets how large it may be")
