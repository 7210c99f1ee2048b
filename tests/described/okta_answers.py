"""How Okta answers: with the examples of the description, and from page to page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app import Asked
from described.description import Described, Turn

DOCS = "https://developer.okta.com/docs/"
DOMAIN = "subdomain.okta.com"
"""What the description takes for `{yourOktaDomain}` unless something else is said."""

ISAAC, SAML, JOHN, ALICE = "00ub0oNGTSWTBKOLGLNR", "00u1dnq5S0CfjlkpABCD", "00uttidj01jqL21aM1d6", "00u118oQYT4TBTemp0g4"
WEST, ENGINEERING = "00g1emaKYZTWRYYRRTSK", "00garwpuyxHaWOkdV0g4"
HRPORTAL = "0oa7vicdkRNrz59R80w6"
ROLE, SET = "cr0Yq6IJxGIr0ouum0g3", "iamoJDFKaJxGIr0oamd9g"
EMAIL = "isaac.brock@example.com"

GONE = Turn(404, "ErrorResourceNotFound")
DENIED = Turn(403, "ErrorAccessDenied")
INVALID = Turn(400, "ErrorApiValidationFailed")
APPS = Turn(example="ResponseExample2")
"""The only applications among the examples whose links are not inside of something else, by a slip."""


class Okta(Described):
    """Okta names the next page in a Link header or, for administrators, within the body: by the id of the last record."""

    def leading_on(self, body: Any, asked: Asked) -> Mapping[str, str]:
        if not isinstance(body, list):
            return {}
        names, end = _names(body), _start(body, asked) + _limit(asked)
        if end >= len(names):
            return {}
        address = re.sub(r"&after=[^&]+", "", asked.url)
        return {"link": f'<{address}>; rel="self", <{address}&after={names[end - 1]}>; rel="next"'}

    def paged(self, body: Any, asked: Asked) -> Any:
        if isinstance(body, list):
            start = _start(body, asked)
            return body[start : start + _limit(asked)]
        if isinstance(body, dict) and "next" in body.get("_links", {}):
            if "after" in asked.query:
                body.update({name: [] for name, value in body.items() if isinstance(value, list)})
                del body["_links"]["next"]
            else:
                link = body["_links"]["next"]
                link["href"] = re.sub(r"^https?://[^/]+", f"https://{DOMAIN}", link["href"])
        return body


def _names(body: list[Any]) -> list[str]:
    return [record.get("id") or record.get("uuid") for record in body]


def _start(body: list[Any], asked: Asked) -> int:
    names, after = _names(body), asked.one("after")
    return names.index(after) + 1 if after in names else 0


def _limit(asked: Asked) -> int:
    return int(asked.one("limit", "200"))


def in_state(status: str) -> Turn:
    """The user of the example, in another of the states that the schema names."""
    return Turn(instead={"status": status})


OKTA_ADMINISTRATORS = {"1.type": "BUILT_IN", "1.profile.name": "Okta Administrators"}
IN_WEST = Turn(instead={"0.id": WEST})
WEST_COAST = {"id": WEST, "type": "OKTA_GROUP", "profile": {"name": "West Coast users", "description": "All users West of The Rockies"}}
ENGINEERING_USERS = {
    "id": ENGINEERING,
    "type": "APP_GROUP",
    "profile": {"name": "Engineering users", "description": "All users in the engineering department"},
}
APP_GROUP = Turn(instead={"0.id": WEST, "0._embedded": {"group": WEST_COAST}})
ITS_APPS = Turn(
    example="ResponseExample2",
    instead={
        "0._embedded": {"user": {"id": ISAAC, "scope": "USER"}},
        "1._embedded": {"user": {"id": ISAAC, "scope": "GROUP"}},
        "2._embedded": {"user": {"id": ISAAC, "scope": "USER"}},
    },
)


def leads_on(path: str, after: str, **instead: Any) -> Turn:
    """A page that leads on to an empty one, by the id of its last record."""
    return Turn(headers={"link": f'<https://{DOMAIN}/api/v1/{path}?after={after}>; rel="next"'}, instead=instead)
