"""How the body of a request is written. Secrets are opened here, and nowhere before.

Whatever cannot be written as it is meant, a number that JSON lacks or a character that XML forbids, is a `TypeError`
that says so: nothing is dropped or changed on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

import orjson

from ferrule.escapes import text_of
from ferrule.http import Request
from ferrule.secret import Secret


def encode(request: Request) -> tuple[bytes | None, str | None]:
    """The body of `request` as bytes, in UTF-8, and its content type; None for both where there is no body.

    The content type is the request's own header where it has one, and the usual one of the kind otherwise.
    """
    if request.body is None:
        return None, None
    if request.kind == "none":
        raise TypeError("there is a body, but nothing says how to write it")
    usual, write = _KINDS[request.kind]
    try:
        content = write(request.body)
    except UnicodeEncodeError:
        raise TypeError("the body holds half a character (an unpaired surrogate), which no text can carry") from None
    except RecursionError:
        raise TypeError("the body is nested too deeply") from None
    own = next((str(value) for name, value in request.headers if name.lower() == "content-type"), None)
    return content, own or usual


def _json(body: Any) -> bytes:
    """JSON (RFC 8259). orjson writes NaN as null and refuses integers beyond 64 bits: there Python's own writer steps in."""
    try:
        content = orjson.dumps(body, default=_opened)
    except TypeError:
        return _json_exact(body)
    return _json_exact(body) if b"null" in content else content


def _json_exact(body: Any) -> bytes:
    try:
        return json.dumps(body, default=_opened, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise
    except ValueError as error:
        raise TypeError(f"the body has no JSON form: {error}") from None


def _opened(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"a value of type {type(value).__name__} has no JSON form")


def _form(body: Any) -> bytes:
    """Form fields (`application/x-www-form-urlencoded`, WHATWG URL, section 5). A list repeats its name; null is left out."""
    if not isinstance(body, Mapping):
        raise TypeError(f"a form is a mapping of names to values, not {_what(body)}")
    return urlencode(list(_fields(body))).encode()


def _fields(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(item, (Mapping, list, tuple)):
                raise TypeError(f"form field `{name}` holds {_what(item)}; a form has one level")
            if item is not None:
                yield name, text_of(item)


def _text(body: Any) -> bytes:
    return text_of(body).encode()


def _xml(body: Any) -> bytes:
    if isinstance(body, (str, Secret)):
        return _legal(text_of(body)).encode()
    return build_xml(body).encode()


_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_START = (
    ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_START}][{_START}\\-.0-9\xb7\u0300-\u036f\u203f-\u2040]*")
"""A name (XML 1.0, productions 4, 4a and 5)."""
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0 (production 2), not even escaped."""


def build_xml(value: Any) -> str:
    """The XML document that `value` describes, as the `xml` decoding kind would read it back.

    `value` has one key, the root element. Below it, `@name` is an attribute (`@xmlns:soapenv` declares a namespace),
    `#text` the element's own text, a list the same element several times. Null leaves an element or attribute out.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        raise TypeError(f"an XML body has one root element, not {_what(value)}")
    ((name, root),) = value.items()
    if isinstance(root, (list, tuple)) or root is None or name.startswith(("@", "#")):
        raise TypeError(f"an XML body has one root element; `{name}` is {_what(root)}")
    return _DECLARATION + "".join(_element(name, root))


def _element(name: str, value: Any) -> Iterator[str]:
    _check_name(name)
    if not isinstance(value, Mapping):
        value = {"#text": value}
    attributes = "".join(f" {_attribute(key, item)}" for key, item in value.items() if key.startswith("@") and item is not None)
    inner = "".join(_content(name, value))
    yield f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


def _content(name: str, value: Mapping[str, Any]) -> Iterator[str]:
    for key, item in value.items():
        if key == "#text" and item is not None:
            yield escape(_legal(_leaf(name, item)), {"\r": "&#13;"})
        elif not key.startswith(("@", "#")):
            for one in item if isinstance(item, (list, tuple)) else [item]:
                if isinstance(one, (list, tuple)):
                    raise TypeError(f"element `{key}` is a list of lists; XML has no form for it")
                if one is not None:
                    yield from _element(key, one)
        elif key.startswith("#") and key != "#text":
            raise TypeError(f"`{key}` in element `{name}` is neither an element, nor `@attribute`, nor `#text`")


def _attribute(key: str, value: Any) -> str:
    _check_name(key[1:])
    return f"{key[1:]}={quoteattr(_legal(_leaf(key, value)))}"


def _leaf(name: str, value: Any) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        raise TypeError(f"`{name}` is text in XML, not {_what(value)}")
    return text_of(value)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise TypeError(f"`{name}` is not a name in XML")


def _legal(text: str) -> str:
    found = _ILLEGAL.search(text)
    if found:
        raise TypeError(f"XML cannot hold the character U+{ord(found[0]):04X}, at position {found.start()} of a text")
    return text


def _what(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"an object with {len(value)} keys"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "null" if value is None else "a plain value"


_KINDS: dict[str, tuple[str, Callable[[Any], bytes]]] = {
    "json": ("application/json", _json),
    "ldap": ("application/json", _json),  # as the LDAP wire and cassettes read it
    "form": ("application/x-www-form-urlencoded", _form),
    "xml": ("application/xml; charset=utf-8", _xml),
    "text": ("text/plain; charset=utf-8", _text),
}
"""Body kind to its usual content type and its writer."""
