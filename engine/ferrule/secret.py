"""Secrets have a type of their own: they can be sent, and nothing else.

A `Secret` shows as `***` wherever text is made of it: printing, formatting, logging, JSON, an error's message. Only
`reveal()` gives the characters, and only the code that puts them on the wire calls it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

MASK = "***"


class Secret:
    """A value that must not be seen."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The characters themselves."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def reveal(value: Any) -> Any:
    """`value` with every secret below it opened."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {k: reveal(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [reveal(v) for v in value]
    return value


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with each secret masked, as written and in URL-encoded and base64 form.

    Secrets shorter than four characters are left alone: masking them would garble the text and hide nothing.
    """
    for secret in sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True):
        encoded = base64.b64encode(secret.encode()).decode()
        for form in (secret, quote(secret, safe=""), quote_plus(secret), encoded, encoded.rstrip("=")):
            text = text.replace(form, MASK)
    return text


_KINDS_OF_TOKEN = "access|refresh|id|auth|api|session|bearer|csrf|xsrf|security|private|personal|reset|invite|login|bot|device|registration"
_SECRET_NAME = re.compile(
    r"(?:.*(?:password|passwd|passphrase|pwd|secret))(?:hash|value|salt|key)?"
    rf"|.*(?:{_KINDS_OF_TOKEN})token"
    r"|.*(?:access|api|application|auth|encryption|private|secret|session|shared|signing|subscription)key"
    r"|x?(?:token|authtoken|subjecttoken|vaulttoken|tokenvalue)"
    r"|.*authorization|(?:client)?assertion|(?:set)?cookie|cookies|jwt|macaroon|sessionid"
)
"""Names of secrets, in lower case and without marks."""


def is_secret_name(name: Any) -> bool:
    """What is called so is a secret, whatever it says."""
    return _SECRET_NAME.fullmatch(re.sub(r"[^a-z0-9]", "", str(name).lower())) is not None
