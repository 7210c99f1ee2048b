"""The addresses that a spec names: where its requests may go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ferrule.auth.oauth2_authorization_code import AuthorizationCodeSpec
from ferrule.auth.session import SessionSpec
from ferrule.lint.subject import Subject
from ferrule.source import Text

Of = Literal["base_url", "hosts", "login", "request"]

_HOST = re.compile(r"(?:http|ldap)s?://((?:\{\{.*?\}\}|\{%.*?%\}|[^/?{])*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """A template of an address."""

    text: Text
    of: Of

    @property
    def host(self) -> Text:
        """The part of the template that makes the host; all of it, where the template begins with a name, or a condition may
        run on beyond the host."""
        found = None if "{%" in self.text else _HOST.match(self.text)
        return Text(found[1], self.text.at(found.start(1), max(1, len(found[1])))) if found else self.text


def addresses(subject: Subject) -> Iterator[Address]:
    """Every address of the connector."""
    http = subject.spec.http
    yield Address(http.base_url, "base_url")
    yield from (Address(host, "hosts") for host in http.hosts)
    for _, token in subject.tokens:
        yield Address(token.token_url, "login")
        if isinstance(token, AuthorizationCodeSpec):
            yield Address(token.authorization_url, "login")
    for auth in subject.spec.auth.values():
        if isinstance(auth, SessionSpec) and auth.base_url is not None:
            yield Address(auth.base_url, "login")
    for request in subject.requests:
        if request.spec.base_url is not None:
            yield Address(request.spec.base_url, "request")
