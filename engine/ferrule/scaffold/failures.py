"""Where failures say what went wrong, and a success that says it is none."""

from __future__ import annotations

from collections.abc import Sequence

from ferrule.against.shape import Shape
from ferrule.functions import Type
from ferrule.scaffold.fields import COUNTED, find, is_one_of, member, step
from ferrule.scaffold.words import norm
from ferrule.scaffold.work import Work

_MESSAGES = ("message", "error_description", "error_summary", "detail", "error_message", "description", "title", "reason", "msg")
_CODES = ("error_code", "code", "error_type", "type", "scim_type")


def failures(work: Work) -> None:
    """Where failures say what went wrong, and a success that says it is none."""
    http = work.making.tree["http"]
    asks = [each for made in work.asks.values() for each in made]
    for key, names in (("error_message", _MESSAGES), ("error_code", _CODES)):
        counts: dict[str, int] = {}
        for each in asks:
            if (read := _told_in(each.operation.failed(), names, key == "error_code")) is not None:
                counts[read] = counts.get(read, 0) + 1
        if counts:
            http[key] = max(counts, key=lambda read: counts[read])
    body = work.people.listing.body
    for name in body.names:
        held = member(body, [name])
        if norm(name) in ("ok", "success") and held is not None and is_one_of(held, Type.BOOLEAN):
            http["errors"] = [{"when": f"status == `200` && body.{step(name)} == `false`", "code": "invalid_response"}]
            work.making.decide(
                ("http", "errors"),
                f"a failure may come with status 200 and `{name}: false`; which codes does it give, and what do they mean?",
            )


def _told_in(shape: Shape, names: Sequence[str], is_code: bool) -> str | None:
    """Where a failure says something: at the top, under `error`, or in the first of its `errors`."""
    if (at := find(shape, names, COUNTED if is_code else Type.STRING, ("error", "errors", "result"))) is not None:
        return f"body.{at.expression}"
    for name in shape.names:
        held = member(shape, [name])
        if norm(name) == "error" and is_one_of(held, Type.STRING) and not is_code:
            return f"body.{step(name)}"
        if norm(name) == "errors" and is_one_of(held, Type.ARRAY) and held is not None:
            if (inner := find(held.items(), names, COUNTED if is_code else Type.STRING, ())) is not None:
                return f"body.{step(name)}[0].{inner.expression}"
            if is_one_of(held.items(), Type.STRING) and not is_code:
                return f"body.{step(name)}[0]"
    return None
