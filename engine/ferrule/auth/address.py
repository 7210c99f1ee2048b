"""Addresses that a login speaks to, which may be on another host than the connector's own."""

from __future__ import annotations

import re

from ferrule.diagnostics import Code
from ferrule.shape import Compiler
from ferrule.source import Text
from ferrule.templates import Template, names_of

SECRET_ADDRESS = Code("C360", "credential-in-address")
NO_ADDRESS = Code("C361", "not-an-address")

_ORIGIN = re.compile(r"(?:https?://)?(?:\{\{.*?\}\}|\{%.*?%\}|[^/{?#])*", re.IGNORECASE)


def base_of(text: Text, compiler: Compiler, hint: str = "begin with `https://` or a setting") -> Template:
    """The compiled address. One that is neither absolute nor begins with a setting, or holds a credential, is a finding."""
    template = compiler.template(text)
    if template.secret:
        compiler.report(SECRET_ADDRESS, text.span, "a credential does not belong in an address", "make the part that differs a setting")
    if "session" in names_of(template):
        message = "a login asks this address before it has given anything"
        compiler.report(NO_ADDRESS, text.span, message, "name the host, or make it a setting")
    elif not re.match(r"https?://|\{[{%]", text, re.IGNORECASE):
        compiler.report(NO_ADDRESS, text.span, "this is not the address of a host", hint)
    return template


def split(url: Text, compiler: Compiler) -> tuple[Template | None, Text]:
    """An address as what names the host, compiled, and the path below it. The path's templates are still to be compiled:
    the values in it are escaped, which those in the host must not be. A path alone stands below the connector's own
    address, and has None before it."""
    match = _ORIGIN.match(url)
    end = match.end() if match else 0
    path = Text(url[end:], url.at(end, max(1, len(url) - end)))
    if not end:
        return None, path
    return base_of(Text(url[:end], url.at(0, end)), compiler, "begin with `https://`, a setting, or `/` for a path below `base_url`"), path
