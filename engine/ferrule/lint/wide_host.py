"""More hosts fit than are meant.

A setting that is free text and stands within a host can hold a whole other address: `evil.example/?` before `.acme.example` leads
elsewhere, and the credential with it. Say with `enum` or `pattern` what it can be. A wildcard right below a top-level domain fits
half the world.

Reported:

    settings: {tenant: {title: Tenant}}
    http:
      base_url: "https://{{ settings.tenant }}.acme.example"    # L464
      hosts: ["https://*.com"]    # L464

Fine:

    settings: {tenant: {title: Tenant, pattern: "[a-z0-9-]+"}}
    http:
      base_url: "https://{{ settings.tenant }}.acme.example"
      hosts: ["https://*.files.acme.example"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.addresses import addresses
from ferrule.lint.subject import Subject
from ferrule.lint.written import at, readings

CODE = Code("L464", "wide-host", "warning")

_WIDE = re.compile(r"\*(\.[\w-]+)?(:\d+)?")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at wildcards, and at the settings that make a part of a host."""
    for address in addresses(subject):
        if address.of == "hosts" and _WIDE.fullmatch(address.host):
            message = f"`{address.host}` fits hosts of everybody"
            yield Diagnostic(CODE, address.host.span, message, "name the vendor's own domain")
        for reading in readings(address.host) if address.host is not address.text else ():
            spec = subject.spec.settings.get(reading.path[1]) if reading.path[0] == "settings" and len(reading.path) > 1 else None
            if spec is not None and spec.type == "string" and spec.enum is None and spec.pattern is None:
                message = f"the setting `{reading.path[1]}` is any text, and so this may be any host"
                yield Diagnostic(CODE, at(address.text, reading), message, 'give the setting a `pattern`, such as "[a-z0-9-]+"')
