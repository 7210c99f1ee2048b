"""Functions over text."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote_to_bytes

from ferrule.escapes import rdn_of
from ferrule.functions.patterns import Pattern


def lower(text: str | None) -> str | None:
    """The text in lower case.

    >>> lower(email)  # {"email": "Ann@ACME.example"}
    "ann@acme.example"
    """
    return None if text is None else text.lower()


def upper(text: str | None) -> str | None:
    """The text in upper case.

    >>> upper(state)  # {"state": "active"}
    "ACTIVE"
    """
    return None if text is None else text.upper()


def trim(text: str | None) -> str | None:
    """The text without white space at its ends.

    >>> trim(name)  # {"name": "  Ann "}
    "Ann"
    """
    return None if text is None else text.strip()


def split(text: str | list[Any] | None, separator: str) -> list[Any] | None:
    """The parts of the text between separators; an empty text has none. An array is given back as it is, for apps that
    send a list in either form.

    >>> split(tags, ',')  # {"tags": "administrator,monitoring"}
    ["administrator", "monitoring"]
    >>> split(tags, ',')  # {"tags": ["administrator"]}
    ["administrator"]
    >>> split(tags, ',')  # {"tags": ""}
    []
    """
    if text is None or isinstance(text, list):
        return text
    return text.split(separator) if text else []


def lines(text: str | None) -> list[str] | None:
    r"""The lines of the text that are not blank.

    >>> lines(output)  # {"output": "ann\n\nbob\n"}
    ["ann", "bob"]
    """
    return None if text is None else [line for line in text.splitlines() if line.strip()]


def replace(text: str | None, old: str, new: str) -> str | None:
    """The text with every `old` replaced by `new`.

    >>> replace(login, '.', ' ')  # {"login": "ann.m.doe"}
    "ann m doe"
    """
    if not old:
        raise ValueError("there is no text to replace")
    return None if text is None else text.replace(old, new)


def substring(text: str | None, start: float, end: float | None = None) -> str | None:
    """The characters from `start` up to `end`, which count from 0, or from the end where negative.

    >>> substring(id, `4`)  # {"id": "usr_1234"}
    "1234"
    >>> substring(id, `0`, `-5`)  # {"id": "usr_1234"}
    "usr"
    """
    return None if text is None else text[_place(start) : None if end is None else _place(end)]


def _place(number: float) -> int:
    if number != int(number):
        raise ValueError(f"{number} is no place in a text")
    return int(number)


def before(text: str | None, separator: str) -> str | None:
    """The part before the first separator; null where there is none.

    >>> before(email, '@')  # {"email": "ann@acme.example"}
    "ann"
    >>> before(email, '@') || email  # {"email": "ann"}
    "ann"
    """
    if text is None:
        return None
    head, found, _ = text.partition(separator)
    return head if found else None


def after(text: str | None, separator: str) -> str | None:
    """The part after the first separator; null where there is none.

    >>> after(email, '@')  # {"email": "ann@acme.example"}
    "acme.example"
    >>> after(id, ':')  # {"id": "42"}
    null
    """
    if text is None:
        return None
    _, found, tail = text.partition(separator)
    return tail if found else None


def matches(text: str | None, pattern: Pattern) -> bool | None:
    """Whether the pattern occurs in the text. See [Patterns](#patterns).

    >>> matches(login, '^svc[-_]')  # {"login": "svc-backup"}
    true
    """
    return None if text is None else pattern.search(text) is not None


def capture(text: str | None, pattern: Pattern) -> str | None:
    """What the first group of the pattern holds where it first occurs, or all that matched where it has no group; null
    where it does not occur. See [Patterns](#patterns).

    >>> capture(dn, '^CN=([^,]+)')  # {"dn": "CN=Ann,OU=People"}
    "Ann"
    """
    found = None if text is None else pattern.search(text)
    return None if found is None else found[1 if found.re.groups else 0]


def url_path_decode(text: str | None) -> str | None:
    """The text with percent escapes decoded, as in the path of a URL: a `+` stays.

    >>> url_path_decode(vhost)  # {"vhost": "%2Fa+b"}
    "/a+b"
    """
    try:
        return None if text is None else unquote_to_bytes(text).decode()
    except UnicodeError as error:
        raise ValueError("the escapes are not UTF-8 text") from error


def parent_dn(text: str | None) -> str | None:
    r"""The name of the entry above the one that a distinguished name of LDAP names; null for one at the top.

    >>> parent_dn(dn)  # {"dn": "CN=Smith\\, John,OU=Staff,DC=corp"}
    "OU=Staff,DC=corp"
    >>> parent_dn(dn)  # {"dn": "DC=corp"}
    null
    """
    return None if text is None else text[len(rdn_of(text)) + 1 :] or None


def base64_decode(text: str | None) -> str | None:
    """The UTF-8 text that was written in base64, in its plain or URL-safe alphabet (RFC 4648), padded or not.

    >>> base64_decode(data)  # {"data": "w7xiZXI"}
    "über"
    """
    if text is None:
        return None
    plain = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("not UTF-8 text in base64") from error
