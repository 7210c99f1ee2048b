"""Where a request goes depends on what a caller or an answer says.

The credential goes along with the request. Whoever chooses the host chooses who gets it. Hosts are written out, or are settings of
the tenant; an address that an answer gives must be named under `http.hosts`.

Reported:

    http: {base_url: https://api.acme.example, hosts: ["{{ session.site }}"]}    # L463
    auth:
      login:
        kind: session
        login: {post: /login}
        token: body.token
        save: {site: body.site}
        apply: {header: X-Token}

Fine:

    http: {base_url: https://api.acme.example, hosts: ["https://*.sites.acme.example"]}
    auth:
      login:
        kind: session
        login: {post: /login}
        token: body.token
        apply: {header: X-Token}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.addresses import addresses
from ferrule.lint.subject import Subject
from ferrule.lint.written import at, readings

CODE = Code("L463", "untrusted-host", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the names that make a host."""
    named = bool(subject.spec.http.hosts)
    for address in addresses(subject):
        for reading in readings(address.host):
            source = reading.path[0]
            if source in ("settings", "credential"):
                continue
            span = at(address.text, reading)
            if source == "inputs":
                yield Diagnostic(CODE, span, "the caller chooses the host that gets the credential", "write the host, or make it a setting")
            elif address.of == "hosts":
                yield Diagnostic(
                    CODE, span, "an answer chooses a host that requests may go to", "write the hosts out; `*.` is any name below one"
                )
            elif not named:
                message = "an answer chooses the host, and no host is named that it may be"
                yield Diagnostic(CODE, span, message, "name the hosts under `http.hosts`; `*.` is any name below one")
