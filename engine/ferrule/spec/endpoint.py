"""What a caller may ask of the app in its own words, besides the capabilities."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ferrule.shape import SpecModel

_SEGMENT = re.compile(r"\*\*?|[A-Za-z0-9_~@:,!$&'()+=.-]+")


def _pattern(text: str) -> str:
    """A path, each of whose steps is written out, or `*`; the last may be `**`."""
    steps = text[1:].split("/")
    fits = text.startswith("/") and (text == "/" or all(_SEGMENT.fullmatch(step) and step not in (".", "..") for step in steps))
    if not fits or "**" in steps[:-1]:
        raise PydanticCustomError("path_pattern", "a path here is `/users`, `/users/*` for one step more, or `/users/**` for any number")
    return text


PathPattern = Annotated[str, AfterValidator(_pattern)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]

PROTECTED = frozenset({"authorization", "cookie", "host", "proxy-authorization", "content-length", "transfer-encoding", "connection"})
"""Headers that no caller sets: they carry the credential, or belong to the connection."""


def _free(name: str) -> str:
    if name.lower() in PROTECTED:
        raise PydanticCustomError("protected_header", "a caller may not set `{name}`", {"name": name})
    return name


class ArbitraryEndpointSpec(SpecModel):
    """What `fulfill_arbitrary_endpoint` may ask. What is not named here is not asked."""

    get: Annotated[list[PathPattern], Field(min_length=1)]
    """Paths below `base_url` that may be read: `/users`, `/users/*`, `/reports/**`; `/**` is all of them."""
    post: dict[PathPattern, str] = {}
    """Paths that may be asked by POST, for apps that read so, each with the content type that is sent: `{/graphql: application/json}`."""
    headers: list[Annotated[HeaderName, AfterValidator(_free)]] = []
    """Request headers that a caller may set: `[Accept]`."""
