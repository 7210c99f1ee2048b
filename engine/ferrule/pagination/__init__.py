"""Pagination kinds. This file is their registry: the union below is the type of `pages:`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ferrule.pagination import cursor, keyset, link, next_url, offset, page, relay, scim
from ferrule.pagination.pager import MAX_PAGES, Pager, Position, State, Turn

Pagination = Annotated[
    cursor.CursorPages
    | keyset.KeysetPages
    | link.LinkPages
    | next_url.NextUrlPages
    | offset.OffsetPages
    | page.NumberPages
    | relay.RelayPages
    | scim.ScimPages,
    Field(discriminator="kind"),
]

__all__ = ["MAX_PAGES", "Pager", "Pagination", "Position", "State", "Turn"]
