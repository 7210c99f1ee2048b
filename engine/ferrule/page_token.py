"""Page tokens: where a walk stands, as one opaque text.

A token is the walk's position in JSON, compressed and encrypted (AES-SIV, RFC 5297). What it was made for, the connector,
the capability, the inputs and the settings, is bound into it, so that a token that was damaged or taken elsewhere is
refused. Nobody comes upon a name or an address in it, as they would in plain base64, in a log of addresses for instance.

Without more it is no secret from anybody who has Ferrule, since any process must be able to go on from it: the key is the
same everywhere. It needs none: whoever forges a token gains nothing that their own credential does not give, since addresses
are checked when they are used. Where that is not enough, `FERRULE_TOKEN_KEY` gives a key of one's own: then nobody else can
read a token or make one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import zlib
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from ferrule.errors import InvalidPageToken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

VERSION = b"\x02"
MAX_SIZE = 64 * 1024 * 1024


def seal(position: Any, bound_to: Mapping[str, Any]) -> str:
    """The token for `position`, good only for the call that `bound_to` describes. The same position gives the same token."""
    packed = zlib.compress(orjson.dumps(position, default=str, option=orjson.OPT_PASSTHROUGH_DATACLASS), 6)
    return base64.urlsafe_b64encode(VERSION + _cipher().encrypt(packed, [_binding(bound_to)])).decode().rstrip("=")


def unseal(token: str, bound_to: Mapping[str, Any]) -> Any:
    """The position in `token`. Raises `InvalidPageToken` where it is damaged or was made for another call."""
    from cryptography.exceptions import InvalidTag

    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidPageToken("the page token is damaged") from None
    if data[:1] != VERSION:
        raise InvalidPageToken(_NOT_OURS)
    try:
        packed = _cipher().decrypt(data[1:], [_binding(bound_to)])
    except (InvalidTag, ValueError):
        raise InvalidPageToken(_NOT_OURS) from None
    try:
        return orjson.loads(zlib.decompressobj().decompress(packed, MAX_SIZE))
    except (zlib.error, orjson.JSONDecodeError):
        raise InvalidPageToken("the page token is damaged") from None


_NOT_OURS = "the page token is damaged, or was made for another connector, capability, input or setting"


def _cipher() -> AESSIV:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # loading it takes longer than many a call

    key = os.environ.get("FERRULE_TOKEN_KEY", "").encode()
    return AESSIV(hmac.digest(b"ferrule page token", key, "sha512"))


def _binding(bound_to: Mapping[str, Any]) -> bytes:
    return sha256(orjson.dumps(bound_to, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)).digest()
