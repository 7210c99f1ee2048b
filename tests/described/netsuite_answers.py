"""How NetSuite answers. There is no description: all of it is from Oracle's pages.

Every query goes to one address, so a turn names what is asked instead: `SELECT rolesforsearch FROM employee`, the columns and the
table as they stand in the query. Its `page` is the rows that a page shows; the form around them is that of the pages.

An answer differs from what a page shows in these ways:

- It has as many rows as were asked for, from the place that was asked for, and `count`, `hasMore`, `offset` and `totalResults` say so.
- A query that asks for other columns than the page's gets those, where a page tells their values: the id that the query of the page
  names, and what a call before has written. A column that says whether something is so has one of its two values, `T` and `F`. A
  column whose value no page tells is left out, as SuiteQL leaves out what is null.
- A record's address in the header Location is that of an employee, where the page shows a customer's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app import Asked, answer
from described.description import Description, Turn
from ferrule.http import Response

SUITEQL = "/services/rest/query/v1/suiteql"


class NetSuite:
    """The app. `turns` says of a query, or of another request, what it answers one time after the other; the last of them stays."""

    def __init__(self, description: Description | None, turns: Mapping[str, Sequence[Turn]]) -> None:
        self._turns = {name: list(each) for name, each in turns.items()}

    def __call__(self, asked: Asked) -> Response:
        name = f"{asked.method} {asked.path.removeprefix('/services/rest')}"
        if asked.path == SUITEQL:
            assert asked.headers["prefer"] == "transient", "Prefer: transient is a required header parameter"
            name = re.split(" (?:WHERE|ORDER BY) ", asked.body["q"])[0]
        turns = self._turns[name]
        turn = turns.pop(0) if len(turns) > 1 else turns[0]
        if isinstance(turn.page, list):
            return answer(collection(turn.page, asked), turn.status or 200, turn.headers)
        return answer(turn.page, turn.status or 204, turn.headers)


def collection(rows: list[dict[str, Any]], asked: Asked) -> dict[str, Any]:
    """Rows in the form in which SuiteQL gives them, cut as the request and its query ask."""
    limit, offset = int(asked.one("limit", "1000")), int(asked.one("offset", "0"))
    after = re.search("WHERE id > '(.*)'", asked.body["q"])
    every = [row for row in rows if after is None or int(row["id"]) > int(after[1])]
    shown = every[offset : offset + limit]
    return {
        "links": [{"rel": "self", "href": asked.url}],
        "count": len(shown),
        "hasMore": offset + limit < len(every),
        "items": [{"links": [], **row} for row in shown],
        "offset": offset,
        "totalResults": len(every),
    }
