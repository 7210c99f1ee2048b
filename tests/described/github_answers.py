"""How GitHub answers: with bare lists, of which a `Link` leads on, and to queries of GraphQL.

Of GraphQL the description has nothing. The answer to a query has the form of the query, which is the rule of GraphQL. Its values
are those of the same person's examples in the description of REST, and those of SCIM for what the identity provider knows. That a
field may be null, and what a role is called, is said by the reference of the schema.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from app import Asked, answer
from described.description import Described, Turn
from ferrule.http import Response

OCTOCAT, HUBOT, MONALISA, OTHER = "octocat", "hubot", "monalisa", "other_user"
EMAIL = "octocat@github.com"


class GitHub(Described):
    """A bare list has as many records as were asked for, and a `Link` to the next page; a query of GraphQL is known by its name."""

    def __call__(self, asked: Asked) -> Response:
        made = super().__call__(asked)
        every = json.loads(made.content) if made.content else None
        if not isinstance(every, list):
            return made
        size, number = int(asked.one("per_page", "30")), int(asked.one("page", "1"))
        there, link = every[size * (number - 1) : size * number], {}
        if size * number < len(every):
            others = [(name, value) for name, values in asked.query.items() for value in values if name != "page"]
            following = urlsplit(asked.url)._replace(query=urlencode([*others, ("page", number + 1)]))
            link = {"link": f'<{following.geturl()}>; rel="next"'}
        return answer(there, made.status, {**made.headers, **link})

    def place(self, asked: Asked) -> str:
        path = super().place(asked)
        return f"{path} {asked.body['query'].split('(')[0].split()[1]}" if path == "/graphql" else path


def connection(name: str, found: list[Any], more: str | None = None) -> dict[str, Any]:
    """A page of a connection, under `nodes` or `edges`."""
    return {"pageInfo": {"hasNextPage": more is not None, "endCursor": more}, name: found}


def queried(**organization: Any) -> Turn:
    return Turn(page={"data": {"organization": organization}})


def linked(*nodes: dict[str, Any], more: str | None = None) -> Turn:
    return queried(samlIdentityProvider={"externalIdentities": connection("nodes", list(nodes), more)})


def members(*edges: dict[str, Any], more: str | None = None) -> Turn:
    return queried(membersWithRole=connection("edges", list(edges), more))


def in_team(*edges: dict[str, Any], more: str | None = None) -> Turn:
    return queried(team={"members": connection("edges", list(edges), more)})


def user(login: str, number: int | None, name: str | None, *emails: str) -> dict[str, Any]:
    return {"login": login, "databaseId": number, "name": name, "organizationVerifiedDomainEmails": list(emails)}


def saml(name_id: str, given: str | None, family: str | None, *emails: str) -> dict[str, Any]:
    return {"nameId": name_id, "givenName": given, "familyName": family, "emails": [{"value": email} for email in emails]}


def role(held: str, **node: Any) -> dict[str, Any]:
    return {"role": held, "node": node}


def of_account(**more: Any) -> Turn:
    return Turn(page={"data": {"organization": {"samlIdentityProvider": None}, "user": PERSON, **more}})


CURSOR = "Y3Vyc29yOnYyOpHOUH8B7g=="
"""The cursor of the guide to pagination with GraphQL."""
PERSON = user(OCTOCAT, 1, "monalisa octocat", EMAIL)
SAML = saml("00u1dhhb1fkIGP7RL1d8", "Mona", "Octocat", "mona.octocat@okta.example.com")
LINKED = {"samlIdentity": SAML, "user": PERSON}
BY_NAME_ID = {"samlIdentity": saml("hubot@example.com", "hu", "bot"), "user": user(HUBOT, None, None)}
BY_DOMAIN = {"samlIdentity": saml("a7d0f98382", None, None), "user": user(MONALISA, None, None, EMAIL)}
UNLINKED = {"samlIdentity": saml(EMAIL, "Mona", "Octocat", EMAIL), "user": None}
NO_SAML = queried(samlIdentityProvider=None)
OWNER, MEMBER = role("ADMIN", **PERSON), role("MEMBER", **user(OTHER, None, None))
TEAM_MEMBERS = in_team(role("MAINTAINER", login=OCTOCAT), role("MEMBER", login=HUBOT))
