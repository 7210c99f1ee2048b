"""Words that stay although somebody may be called so, since a connector lives by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from ferrule.capabilities import CAPABILITIES
from ferrule.contract.fields import FieldInfo
from ferrule.spec.model import ConnectorSpec

WORD = re.compile(r"[^\W_]+")
"""Letters and digits in a row: what a name is made of."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROLES = _words(
    """
    admin administrator administrators anonymous anybody bot everybody everyone guest internal me member members myself nobody
    none operator owner public root service someone somebody support system test tester unknown user users webmaster
    """
)
"""Names of accounts that belong to no one person."""
_SMALL = _words(
    """
    a al am an and as at aus be by da das de del della den der des di do dos du e el for from has i if in is it la las le les
    li lo los ma mc no not of on or out so st te ten ter the to und up van vom von we with y zu zum zur
    dr jr sr mr mrs ms prof phd ii iii iv
    """
)
"""Small words of names, which stand in any other text too: `van`, `of`, `Dr`."""
_OF_HTTP = _words(
    """
    access application authorization bearer basic charset client content cookie expires false form grant http https json link
    localhost next null rel scope text token true type urlencoded utf www xml
    """
)
"""Words that the engine writes and reads by itself."""
_PROSE = frozenset({"description", "title", "documentation"})
"""Fields of a spec in which its author writes for people. Their words mean nothing to the engine."""
_RESERVED = re.compile(r"(?:.*\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost|local)", re.IGNORECASE)
"""Domains that belong to nobody (RFC 2606, RFC 6762)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays: what the spec says, and names of roles."""

    words: frozenset[str]
    texts: frozenset[str]
    """Whole texts of the spec, hosts among them."""

    def holds(self, text: str) -> bool:
        """Whether `text`, in lower case, is a word of the spec or says nothing of a person."""
        return text in self.words or text in self.texts

    def holds_domain(self, domain: str) -> bool:
        """Whether a domain stays: one that nobody owns, or that the spec names."""
        return _RESERVED.fullmatch(domain) is not None or any(domain in text for text in self.texts)


def kept_words(spec: ConnectorSpec) -> Kept:
    """What stays in the cassettes of a connector."""
    texts = frozenset(text.lower() for text in _texts(spec))
    return Kept(frozenset(word for text in texts for word in WORD.findall(text)) | ROLES | _SMALL | _OF_HTTP, texts)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a spec that its author chose and the engine works with: values, and names in mappings."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name not in _PROSE:
                yield from _texts(getattr(value, name))
        yield from _texts(value.model_extra)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


@cache
def contract_names() -> frozenset[str]:
    """The names of the contract's fields: the keys of inputs and records."""
    return frozenset(name for each in CAPABILITIES.values() for name in _named((*each.inputs.values(), *each.fields.values())))


def _named(fields: Iterable[FieldInfo]) -> Iterator[str]:
    for field in fields:
        yield field.name
        yield from _named((*field.fields.values(), *field.options, *((field.item,) if field.item else ())))
