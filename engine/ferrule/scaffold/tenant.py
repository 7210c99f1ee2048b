"""`validate_credentials`: a request that any good credential may send, and what tells one tenant from another."""

from __future__ import annotations

import re

from ferrule.against.shape import Shape
from ferrule.functions import Type
from ferrule.scaffold.address import Address
from ferrule.scaffold.fields import COUNTED, find, is_one_of, member, step
from ferrule.scaffold.requests import Ask, Settings, ask, written
from ferrule.scaffold.words import norm
from ferrule.scaffold.work import Work

_TENANT_IDS = tuple(f"{word}_{end}" for word in ("tenant", "organization", "org", "organisation", "account", "workspace", "company",
                    "enterprise", "customer", "team") for end in ("id", "uuid", "gid"))  # fmt: skip
_TENANT_OBJECTS = ("tenant", "organization", "org", "organisation", "account", "workspace", "company", "enterprise", "customer", "team")
_WHO = ("me", "self", "whoami", "current", "user", "myself", "userinfo", "auth_test", "verify")
_OF_TENANT = ("org", "organization", "organisation", "account", "company", "tenant", "workspace")


def validation(work: Work, where: Address) -> None:
    """`validate_credentials`: a request that any good credential may send, and what tells tenants apart."""
    making, path = work.making, ("capabilities", "validate_credentials")
    asked, read = _who(work)
    if read is not None and asked is not None:
        request = written(asked, work.settings)
        work.capability("validate_credentials", {"request": request, "record": {"unique_tenant_id": read}}, [asked])
        making.decide(path, f"`{read}` of {asked.told} is taken for the id of the tenant; is it?")
        return
    tenant = where.tenant or next(
        (str(name) for name in _names_of(work.making.tree["capabilities"]["list_accounts"]["request"]["get"])), None
    )
    if tenant is None:
        spec = {"title": "Tenant", "description": "A name for this tenant, other than that of any other."}
        tenant = work.settings.name("tenant", spec)
        making.decide(
            ("settings", tenant), f"no answer in the {work.source} tells tenants apart, so the person who connects one names it; what does?"
        )
    listing = work.people.listing
    request = written(asked, work.settings) if asked is not None else written(listing.ask, work.settings)
    assert request is not None
    if asked is None:
        how = work.paging(listing, work.people.identity.expression)
        size = how.pager and (how.pager.get("size_param") or ("count" if how.pager["kind"] == "scim" else None))
        if size:
            request["query"] = {**request.get("query", {}), size: how.least}
    value = f"{{{{ settings.{tenant} }}}}"
    work.capability("validate_credentials", {"request": request, "record": {"unique_tenant_id": {"value": value}}}, [asked or listing.ask])


def _names_of(path: str) -> list[str]:
    return re.findall(r"settings\.(\w+)", path)


def _who(work: Work) -> tuple[Ask | None, str | None]:
    """A GET that tells who one is or which tenant it is, and the expression for the tenant's id where it has one."""
    fallback: Ask | None = None
    for route in sorted(work.routes, key=lambda route: len(route.path)):
        asked = ask(route, "get")
        last = norm(route.path.rpartition("/")[2])
        if asked is None or asked.names or last not in (*_WHO, *_OF_TENANT) or asked.is_deprecated or written(asked, Settings()) is None:
            continue
        if any(parameter.required for parameter in asked.operation.parameters if parameter.place == "query"):
            continue
        body = asked.operation.good()
        for at, shape in [
            ("body", body),
            *((f"body.{step(name)}", held) for name in body.names if (held := _object(body, name)) is not None),
        ]:
            if last in _OF_TENANT and (own := member(shape, ["id"])) is not None and is_one_of(own, COUNTED):
                return asked, f"{at.removeprefix('body').lstrip('.')}{'.' if at != 'body' else ''}id"
            if last in _WHO and (named := _tenant_id(shape)) is not None:
                return asked, ".".join(filter(None, [at.removeprefix("body").lstrip("."), named]))
        if last in _WHO and body.names and (fallback is None):
            fallback = asked
    return fallback, None


def _object(body: Shape, name: str) -> Shape | None:
    held = member(body, [name])
    return (
        held
        if held is not None and held.types & ~Type.NULL == Type.OBJECT and norm(name) in ("data", "user", "result", *_OF_TENANT)
        else None
    )


def _tenant_id(shape: Shape) -> str | None:
    if (at := find(shape, _TENANT_IDS, COUNTED, ())) is not None:
        return at.expression
    for name in shape.names:
        held = member(shape, [name])
        is_tenant = norm(name) in _TENANT_OBJECTS and held is not None and held.types & ~Type.NULL == Type.OBJECT
        inner = find(held, ("id", "uuid", "gid"), COUNTED, ()) if is_tenant and held is not None else None
        if inner is not None:
            return f"{step(name)}.{inner.expression}"
    return None
