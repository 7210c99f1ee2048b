"""Where a tenant's requests may go. What is not named in the spec is not asked, whatever an answer says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from ferrule.auth.grant import Auth
from ferrule.errors import BadInput, UnexpectedAnswer
from ferrule.http import Request, is_address, origin, shown_origin
from ferrule.plan import HttpPlan
from ferrule.request import Call
from ferrule.secret import reveal
from ferrule.templates import Scope, Template, names_of

Origin = tuple[str, str, int]

_HOST_PART = re.compile(r"(?:http|ldap)s?://((?:\{\{.*?\}\}|\{%.*?%\}|[^/?{])*)", re.IGNORECASE)


class Origins:
    """The origins of one tenant: that of `base_url`, those under `http.hosts`, and for a login those of the auth.

    Where the login itself gives the host of `base_url`, that host must be named under `http.hosts`, where `*.` stands for
    any name below a domain: an answer does not widen what the spec allows.
    """

    def __init__(self, http: HttpPlan, auth: Auth | None, scope: Scope) -> None:
        self.http, self.auth, self.scope = http, auth, scope
        self.given_by_login = _reads_session(http.base_url)

    def base(self, call: Call, scope: Scope) -> str:
        """The address that the call's path stands below. Raises `BadInput` where the values make no address of it."""
        template = call.base_url or call.plan.base_url or self.http.base_url
        address = reveal(template.render(scope))
        if not isinstance(address, str) or not is_address(address):
            message = f"`{template.text}` makes no address: one begins with http:// or https:// and a host in ASCII, without a user name"
            raise BadInput(message, code="invalid_value", hint=f"see {template.text.span}")
        if address[:4].lower() != ("ldap" if call.plan.kind == "ldap" else "http"):
            message = f"`{template.text}` makes an address of {address.split(':')[0]}, and this request is of another protocol"
            raise BadInput(message, code="invalid_value", hint=f"see {template.text.span}")
        return address

    def check(self, request: Request, base: str, *, own: bool, login: bool) -> None:
        """Raise `UnexpectedAnswer` where `request` leads to an origin that the spec does not name. `own` says that `base` is
        the connector's own address, which needs no other naming."""
        target = _origin(request.url)
        if target is None:
            raise UnexpectedAnswer("what the request leads to is no address", origin=request.origin)
        trusted = own and not self.given_by_login and target == origin(base)
        if trusted or _fits(target, self.hosts) or (login and _fits(target, self.login_hosts)):
            return
        raise UnexpectedAnswer(
            f"the request leads to `{shown_origin(target)}`, which the spec does not name; nothing was sent",
            origin=request.origin, hint="name it under `http.hosts` if the connector may speak to it",
        )  # fmt: skip

    @cached_property
    def hosts(self) -> frozenset[Origin]:
        """Those under `http.hosts`."""
        return frozenset(_rendered(self.http.hosts, self.scope))

    @cached_property
    def login_hosts(self) -> frozenset[Origin]:
        """Those that only the login speaks to."""
        return frozenset(_rendered(self.auth.origins if self.auth else (), self.scope))


def _rendered(templates: Iterable[Template], scope: Scope) -> Iterable[Origin]:
    return (origin(reveal(template.render(scope))) for template in templates)


def _origin(url: str) -> Origin | None:
    try:
        return origin(url) if is_address(url) else None
    except ValueError:
        return None


def _fits(target: Origin, allowed: Iterable[Origin]) -> bool:
    scheme, host, port = target
    return any((scheme, port) == (s, p) and (host == h or (h.startswith("*.") and host.endswith(h[1:]))) for s, h, p in allowed)


def _reads_session(template: Template) -> bool:
    part = _HOST_PART.match(template.text)
    return "session" in names_of(template) and "session" in (part[1] if part else template.text)
