"""A first spec from a vendor's description of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ferrule.against import Description, check
from ferrule.against.description import Route
from ferrule.against.report import UNKNOWN_VALUE
from ferrule.against.schema import table
from ferrule.compile import compile_text
from ferrule.diagnostics import Code, Diagnostic, Span, SpecError
from ferrule.functions import Type
from ferrule.scaffold import changes, words
from ferrule.scaffold.address import Address, address
from ferrule.scaffold.draft import Draft, Making, settled
from ferrule.scaffold.failures import failures
from ferrule.scaffold.fields import Fields, account, is_one_of, member
from ferrule.scaffold.groups import write_groups
from ferrule.scaffold.lists import Listing, People, people
from ferrule.scaffold.paging import Paging
from ferrule.scaffold.requests import Ask, Settings, routes, written
from ferrule.scaffold.rights import groups
from ferrule.scaffold.tenant import validation
from ferrule.scaffold.text import listed, sentence
from ferrule.scaffold.ways_in import WaysIn, scopes, ways_in
from ferrule.scaffold.words import norm, titled
from ferrule.scaffold.work import Work, share_pagers

NO_ACCOUNTS = Code("N703", "no-accounts")

_SELECTS = (
    *words.STATUS,
    "archived",
    "deleted",
    "include_inactive",
    "show_deleted",
    "include_deleted",
    "active",
    "enabled",
    "include_suspended",
)


def from_description(app: str, description: Description, file: str = "<description>") -> Draft:
    """A first spec of an app. Raises `SpecError` for a description without a list of accounts that can be told."""
    known = routes(description)
    found, near = people(known)
    if found is None:
        raise SpecError([Diagnostic(NO_ACCOUNTS, Span(file, 1, 1), *_none(near))])
    return described(app, description, known, found)


def described(
    app: str,
    description: Description,
    known: list[Route],
    found: People,
    source: str = "description",
    observed: Mapping[str, Paging] | None = None,
    more: Sequence[str] = (),
) -> Draft:
    """A first spec of an app whose list of accounts is known. `observed` is how lists were seen to be paged, by path; `more` is
    what else is to decide about the list of accounts."""
    settings = Settings()
    where = address(description, settings)
    making = Making(
        {"ferrule": 1, "app": {}, "settings": settings.made, "auth": {}, "http": {"base_url": where.base_url}, "capabilities": {}}
    )
    work = Work(description, known, found, settings, making, source, observed or {})
    _app(work, app, where)
    making.decide(("http", "base_url"), *where.notes)
    if source == "recording" and "{{" not in where.base_url:
        making.decide(("http", "base_url"), "is the host the same for all tenants? Where it is not, it reads a setting")
    record, read = _accounts(work)
    making.decide(("capabilities", "list_accounts"), *more)
    _writes(work, record, read)
    write_groups(work, groups(known, found))
    validation(work, where)
    failures(work)
    _auth(work, where)
    share_pagers(work)
    spared = {UNKNOWN_VALUE} if source == "recording" else set()  # what was not seen in a recording may come all the same
    return settled(making, lambda text: [each for each in check(compile_text(text), description).diagnostics if each.code not in spared])


def _none(near: Sequence[Listing]) -> tuple[str, str]:
    words_ = "there is no list of accounts in this description: a GET whose answer has records with an id and a name or an e-mail address"
    seen = listed(made.ask.told for made in near)
    return words_, f"these were looked at, and are lists of something else: {seen}" if near else "start without it: `ferrule new <app>`"


def _app(work: Work, app: str, where: Address) -> None:
    info = table(work.description.documents[0].content.get("info"))
    title = re.sub(
        r"[\s:-]*\b(?:(?:rest|web|http|open|public|management|admin)\s*)*api\b.*$", "", sentence(str(info.get("title", "")), 60), flags=re.I
    )
    name = (
        title if re.fullmatch(r"[\w][\w .&+-]{1,30}", title) and norm(title) not in ("swagger", "openapi", *words.PEOPLE) else titled(app)
    )
    held: dict[str, Any] = {"id": app, "name": name.strip(), "vendor_domain": where.domain or f"{app.replace('_', '-')}.example"}
    docs = table(work.description.documents[0].content.get("externalDocs")).get("url")
    if isinstance(docs, str) and re.fullmatch(r"https?://[\w./?=&%#-]+", docs):
        held["documentation"] = docs
    work.making.tree["app"] = held
    work.making.head.append(
        f"{held['name']}: written by `ferrule new` from a {work.source} of the API. A comment with DECIDE asks for a decision; take it"
    )
    work.making.head[-1] += " away once it is made."
    work.making.decide(("app", "vendor_domain"), None if where.domain else "what is the vendor's domain?")
    work.making.decide(("app", "name"), "is this the product's own name? Which of the contract's `categories` fit?")


def _accounts(work: Work) -> tuple[Fields, changes.Reading | None]:
    found, making = work.people, work.making
    listing, identity = found.listing, found.identity
    record = account(listing.item, identity, listing.ask.told)
    request = written(listing.ask, work.settings)
    assert request is not None or listing.ask.operation.parameters, "a path alone can always be written"
    if request is None:
        raise SpecError([Diagnostic(NO_ACCOUNTS, Span("<description>", 1, 1), f"{listing.ask.told} needs what no setting can be")])
    making.tree["records"] = {"account": record.fields}
    place: dict[str, Any] = {"request": request}
    path = ("capabilities", "list_accounts")
    work.paged(place, listing, identity.expression, path)
    work.capability("list_accounts", {**place, "records": listing.records, "record": "account"}, [listing.ask])
    work.pagers = [(making.tree["capabilities"]["list_accounts"], pager) for _, pager in work.pagers]
    making.decide(path, *_about_the_list(work, listing))
    for name, note in record.notes.items():
        making.decide(("records", "account", name), note)
    if norm(identity.path[-1]) not in (*words.IDS, "user_id", "account_id") and member(listing.item, ["id"]) is not None:
        making.decide(
            ("records", "account", "integration_specific_id"), f"the app's paths take `{identity.expression}`; can it change? `id` cannot"
        )
    if work.source == "recording" and any(isinstance(value, str) for value in record.states):
        making.decide(("records", "account", "user_status"), "these are the states that were recorded; which others are there?")
    making.tree["custom_attributes"] = [{"of": "account", "name": name} | ({"type": kind} if kind != "string" else {})
                                        for name, kind in record.attributes.items()]  # fmt: skip
    read = changes.reading(found, work.settings)
    if read is not None:
        _one_account(work, record, read)
    return record, read


def _one_account(work: Work, record: Fields, read: changes.Reading) -> None:
    """`get_account`, with the record of the list where the answer has the same, and one of its own where not."""
    same = all(is_one_of(member(read.shape, list(at.path)), at.shape.types & ~Type.NULL) for at in record.found.values())
    spec: dict[str, Any] = {"request": dict(read.request)}
    if read.at != "body":
        spec["records"] = read.at
    own = record if same else account(read.shape, work.people.identity, read.asks.told)
    if own.fields == record.fields:
        spec["record"] = "account"
    else:
        own.fields.pop("custom_attributes", None)
        spec["record"] = own.fields
        for name, note in own.notes.items():
            work.making.decide(("capabilities", "get_account", "record", name), note)
    work.capability("get_account", spec, [read.asks])


def _sentences(words_: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+|\n", words_)


_LEAVES_OUT = re.compile(
    r"\b(?:omits?|excludes?|excluded|does not (?:include|return)|only (?:returns|lists|active)|not included)\b", re.IGNORECASE
)
_REQUIRES = re.compile(r"\bmust (?:be )?(?:provide|specif|suppl|include|pass)|\bis required\b", re.IGNORECASE)


def _about_the_list(work: Work, listing: Listing) -> list[str]:
    """What is to decide about the list of accounts: other lists there are, what the vendor's words leave out, what narrows it."""
    said: list[str] = []
    if work.people.others:
        said.append(f"is this the list of all accounts? Also found: {listed(other.ask.told for other in work.people.others)}")
    if "teams" in listing.free:
        said.append("these are the members of one team, which is a setting; is a team what the app has for a tenant?")
    for part in _sentences(listing.ask.words()):
        if _LEAVES_OUT.search(part):
            said.append(f'the {work.source} says: "{sentence(part)}"')
    for name, parameter in listing.ask.query.items():
        text = str(parameter.said.get("description") or "")
        if norm(name) in _SELECTS:
            values = [str(value) for value in parameter.shape.values or ()]
            default = table(parameter.said.get("schema", parameter.said)).get("default", parameter.said.get("default"))
            about = f" ({listed(values, 6)}{f'; by default {default}' if default is not None else ''})" if values else ""
            said.append(f"it can be narrowed by `{name}`{about}; are all accounts listed without it?")
        elif found := next((part for part in _sentences(text) if _REQUIRES.search(part)), None):
            said.append(f'of the parameter `{name}` the {work.source} says: "{sentence(found)}"')
    return said[:5]


def _writes(work: Work, record: Fields, read: changes.Reading | None) -> None:
    found, settings, making = work.people, work.settings, work.making
    removed = changes.delete(found, read, settings)
    if isinstance(removed, str):
        making.decide(("capabilities",), f"`delete_account` is left out: {removed}")
        removed = None
    if removed is not None and read is not None:
        work.capability("delete_account", removed[0], [removed[1], read.asks])
        making.decide(
            ("capabilities", "delete_account"),
            f"{removed[1].told} is taken to remove an account for good; does it?{_hedge(work, removed[1])}",
        )
    locked = changes.toggle(found, record, read, work.routes, settings)
    if locked is not None:
        work.capability("activate_account", locked.on, locked.asks)
        work.capability("deactivate_account", locked.off, locked.asks)
        making.decide(
            ("capabilities", "deactivate_account"), f"is an account locked out by {listed(each.told for each in locked.asks[1:])}?"
        )
    made = changes.create(found, record, settings)
    if isinstance(made, str):
        making.decide(("capabilities",), f"`create_account` is left out: {made}")
    elif made is not None and (removed is not None or locked is not None):
        work.capability("create_account", made[0], [made[1]])
        making.decide(("capabilities", "create_account"), made[2])
    last = changes.find_last_login(read)
    if last is not None and read is not None:
        request = changes.reading(found, settings, "{{ account }}")
        assert request is not None
        record_ = {"account_id": found.identity.expression, "event_type": {"value": "last_login"}, "happened_at": last}
        spec: dict[str, Any] = {"each": {"as": "account", "values": "inputs.account_ids"}}
        spec |= {"request": {**request.request, "absent": "status == `404`"}, "records": f"[{read.at}]", "filter": last, "record": record_}
        work.capability("get_last_activity", spec, [read.asks])


def _hedge(work: Work, asked: Ask) -> str:
    """The vendor's own words, where they speak of something else than removal."""
    for part in _sentences(asked.words()):
        if re.search(r"deactivat|disabl|archiv|soft|restor|recover|undelet", part, re.IGNORECASE):
            return f' The {work.source} says: "{sentence(part)}"'
    return ""


def _auth(work: Work, where: Address) -> None:
    making = work.making
    ways: WaysIn = ways_in(work.description, work.asks["list_accounts"], where.base_url, work.settings)
    making.tree["auth"] = ways.made
    for name, note in ways.notes.items():
        making.decide(("auth", name), note)
    if ways.left:
        making.decide(("auth",), f"the {work.source} has other ways in too: {listed(ways.left)}")
    if len(ways.oauth) != 1:
        return
    name = next(iter(ways.oauth.values()))
    needed = {capability: scopes(ways, asks) for capability, asks in work.asks.items()}
    if all(needed.values()):
        for capability, named in needed.items():
            making.tree["capabilities"][capability]["scopes"] = named
        ways.made[name]["scopes"] = sorted({scope for named in needed.values() for scope in named or ()})
    else:
        making.decide(("auth", name), f"the {work.source} does not say which scopes each request needs")
