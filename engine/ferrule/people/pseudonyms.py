"""Replacing people by their pseudonyms, in whatever way they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ferrule.people.kept_words import WORD, contract_names
from ferrule.people.names import Names
from ferrule.people.writing import like, packed_in, readings
from ferrule.wire.cassette_file import Cassette, CassetteCall, Expected, Interaction
from ferrule.wire.kept import Body, Headers, KeptRequest, KeptResponse, opened_body

_DEPTH = 2
_SHORTEST_PACKED = 4
"""Characters of a name that is looked for in base64. Shorter ones turn up there by chance."""
_APART = r"[\s().\-/]{0,3}"


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    text: str
    """What is put there."""


class Pseudonyms:
    """Replaces what `names` knows. What it gives depends on nothing but what it is given, so that a text that is found in
    one place of a cassette is the same text in every other."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._by_first: dict[str, list[str]] = {}
        for text in {*names.words, *(text.lower() for text in names.ids)}:
            first = WORD.search(text)
            if first is not None:
                self._by_first.setdefault(first[0], []).append(text)
        for texts in self._by_first.values():
            texts.sort(key=len, reverse=True)
        numbers = sorted(names.phones, key=len, reverse=True)
        pattern = "|".join(_APART.join(digits) for digits in numbers)
        self._phones = re.compile(rf"(?<![\w.])(?:{pattern})(?![\w])") if numbers else None

    def text(self, raw: str, depth: int = _DEPTH) -> str:
        """`raw` with people replaced: as it stands, and in whatever is written in it."""
        found = sorted(self._found(raw, depth), key=lambda each: (each.start, -each.end))
        parts, done = [], 0
        for each in found:
            if each.start >= done:
                parts += [raw[done : each.start], each.text]
                done = each.end
        return "".join([*parts, raw[done:]])

    def value(self, value: Any) -> Any:
        """A structure with people replaced. The contract's own keys stay."""
        if isinstance(value, Mapping):
            return {key if key in contract_names() else self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(self.text(str(value)))
        return value

    def cassette(self, cassette: Cassette) -> Cassette:
        """A cassette with people replaced."""
        header = cassette.ferrule
        changed = {
            "command": header.command and self.text(header.command),
            "credential": self.value(header.credential),
            "settings": self.value(header.settings),
            "calls": [self._call(call) for call in header.calls],
            "people": "pseudonyms",
        }
        return cassette.model_copy(
            update={"ferrule": header.model_copy(update=changed), "interactions": [*map(self._exchange, cassette.interactions)]}
        )

    def _call(self, call: CassetteCall) -> CassetteCall:
        expect = Expected.model_validate(self.value(call.expect.model_dump(exclude_defaults=True)))
        return call.model_copy(update={"inputs": self.value(call.inputs), "expect": expect})

    def _exchange(self, exchange: Interaction) -> Interaction:
        request, response = exchange.request, exchange.response
        return Interaction(
            request=KeptRequest(
                method=request.method,
                uri=self.text(request.uri),
                headers=self._headers(request.headers),
                body=None if request.body is None else self._body(request.body, request.content_type),
            ),
            response=KeptResponse(
                status=response.status,
                headers=self._headers(response.headers),
                body=Body(string=self._body(response.body.string, response.content_type)),
            ),
        )

    def _headers(self, headers: Headers) -> Headers:
        return {
            name: [value if name.lower() == "content-type" else self.text(value) for value in values] for name, values in headers.items()
        }

    def _body(self, body: str | bytes, content_type: str) -> str | bytes:
        text, closed = opened_body(body, content_type)
        changed = self.text(text)
        return body if changed == text else closed(changed)

    # finding

    def _found(self, raw: str, depth: int) -> Iterator[_Found]:
        """Everything to be replaced in `raw`, told by its place there. What overlaps is sorted out by who asks."""
        for reading in readings(raw):
            for each in (*self._words_in(reading.text), *self._phones_in(reading.text), *self._packed_in(reading.text, depth)):
                if reading.is_whole(each.start, each.end):
                    start, end = reading.span(each.start, each.end)
                    yield _Found(start, end, like(raw[start:end], each.text))

    def _words_in(self, text: str) -> Iterator[_Found]:
        lower = "".join(small if len(small := c.lower()) == 1 else c for c in text)
        for run in WORD.finditer(lower):
            for known in self._by_first.get(run[0], ()):
                end = run.start() + len(known)
                if lower.startswith(known, run.start()) and not _goes_on(lower, end) and not _in_a_number(text, run.start(), end):
                    said = text[run.start() : end]
                    made = self.names.ids.get(said) or self.names.words.get(known)
                    if made is not None:
                        yield _Found(run.start(), end, made if said in self.names.ids else _cased(said, made))
                        break

    def _phones_in(self, text: str) -> Iterator[_Found]:
        for found in self._phones.finditer(text) if self._phones else ():
            made = self.names.phones[re.sub(r"\D", "", found[0])]
            yield _Found(found.start(), found.end(), made.replace("-", "") if found[0].isdigit() else made)

    def _packed_in(self, text: str, depth: int) -> Iterator[_Found]:
        for packed in packed_in(text) if depth else ():
            changed = self.text(packed.text, depth - 1)
            if changed != packed.text and any(len(word) >= _SHORTEST_PACKED for word in self._changed(packed.text, depth - 1)):
                yield _Found(packed.start, packed.end, packed.packed(changed))

    def _changed(self, text: str, depth: int) -> Iterator[str]:
        return (text[each.start : each.end] for each in self._found(text, depth))


def _goes_on(text: str, end: int) -> bool:
    return WORD.match(text, end) is not None


def _in_a_number(text: str, start: int, end: int) -> bool:
    """Whether digits are a part of a number with a fraction, as a time has it."""
    if not text[start:end].isdigit():
        return False
    return re.match(r"\.\d", text[end : end + 2]) is not None or re.fullmatch(r"\d\.", text[max(0, start - 2) : start]) is not None


def _cased(said: str, made: str) -> str:
    if len(said) > 1 and said.isupper():
        return made.upper()
    return made[0].upper() + made[1:] if said[:1].isupper() else made
