"""Page tokens: where a walk stands, as one opaque text.

A token is the walk's position in JSON, compressed, with a tag. The tag binds it to the connector, the capability, the
inputs and the settings it was made for, so that a token that was damaged or taken elsewhere is refused. It holds no secret
and needs none: whoever forges one gains nothing that their own credential does not give, since addresses are checked when
they are used. Where that is not enough, `FERRULE_TOKEN_KEY` makes the tag a keyed one (HMAC, RFC 2104).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import zlib
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from ferrule.errors import InvalidPageToken

VERSION = b"\x01"
MAX_SIZE = 64 * 1024 * 1024
_TAG = 12


def seal(position: Any, bound_to: Mapping[str, Any]) -> str:
    """The token for `position`, good only for the call that `bound_to` describes."""
    packed = zlib.compress(orjson.dumps(position, default=str, option=orjson.OPT_PASSTHROUGH_DATACLASS), 6)
    return base64.urlsafe_b64encode(VERSION + _tag(packed, bound_to) + packed).decode().rstrip("=")


def unseal(token: str, bound_to: Mapping[str, Any]) -> Any:
    """The position in `token`. Raises `InvalidPageToken` where it is damaged or was made for another call."""
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidPageToken("the page token is damaged") from None
    tag, packed = data[1 : 1 + _TAG], data[1 + _TAG :]
    if data[:1] != VERSION or not hmac.compare_digest(tag, _tag(packed, bound_to)):
        raise InvalidPageToken("the page token is damaged, or was made for another connector, capability, input or setting")
    try:
        unpack = zlib.decompressobj()
        text = unpack.decompress(packed, MAX_SIZE)
        return orjson.loads(text)
    except (zlib.error, orjson.JSONDecodeError):
        raise InvalidPageToken("the page token is damaged") from None


def _tag(packed: bytes, bound_to: Mapping[str, Any]) -> bytes:
    key = os.environ.get("FERRULE_TOKEN_KEY", "").encode()
    binding = orjson.dumps(bound_to, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    return hmac.new(key, sha256(binding).digest() + packed, sha256).digest()[:_TAG]
