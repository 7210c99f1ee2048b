"""The file of a cassette: one of vcrpy's, with a header of ours.

vcrpy reads `interactions:` and `version:` and steps over `ferrule:`, which says where the exchanges come from, which calls
they belong to and what those calls come to.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from ferrule.diagnostics import Code, Diagnostic, Span, SpecError
from ferrule.misfit import told
from ferrule.shape import Count, Flag, SpecModel
from ferrule.wire.kept import KeptRequest, KeptResponse

BROKEN = Code("S290", "broken-cassette")

Provenance = Literal["recorded", "described", "documented"]
"""`recorded` from real software, `described` from a vendor's API description, `documented` from a vendor's pages."""

People = Literal["pseudonyms", "kept"]
"""Whether people go by pseudonyms, or are as the source has them, because nobody is called so."""


class ExpectedError(SpecModel):
    """How a call fails."""

    code: str
    """The contract's error code."""
    status: int | None = None
    """The HTTP status, where there was an answer."""
    app_message: str | None = None
    """The vendor's words."""
    app_code: str | None = None
    """The vendor's code."""


class Expected(SpecModel):
    """What a call comes to, in the contract's form. Fields that are null are left out."""

    records: list[Any] | None = None
    """Of a list: its records, in order."""
    more: Flag = False
    """A page token came with it: there is more."""
    record: Any = None
    """Of anything else: the answer."""
    changed: Flag | None = None
    """Of a write: whether it changed anything."""
    error: ExpectedError | None = None
    """The failure, where there is one. A list that breaks off has records and an error."""


class CassetteCall(SpecModel):
    """One call, and how many of the exchanges belong to it."""

    capability: str
    """What is asked for."""
    inputs: dict[str, Any] = {}
    """Its inputs; secrets are masked."""
    page_size: Count | None = None
    """How many records a page should have, where the caller said."""
    walk: Flag = False
    """Whether all pages are read."""
    requests: Count = 0
    """How many exchanges it takes: the next ones under `interactions`."""
    expect: Expected
    """What it comes to."""


class Header(SpecModel):
    """Where a cassette comes from, and what it holds."""

    provenance: Provenance
    """The kind of its source."""
    application: str
    """The software that answered, or that the source is about."""
    application_version: str | None = None
    """Its version."""
    date: datetime.date
    """When it was recorded, or the source was read."""
    command: str | None = None
    """The command that records it again. A recorded cassette has one."""
    source: str | None = None
    """The address of the description or page. A cassette that was not recorded has one."""
    people: People | None = None
    """Whether people go by pseudonyms. Written by whoever records; cassettes made before do not say it."""
    auth: str | None = None
    """Which of the spec's ways in is used."""
    credential: dict[str, Any] = {}
    """The fields of the credential that were given; secrets are masked."""
    settings: dict[str, Any] = {}
    """The settings that were given."""
    calls: list[CassetteCall]
    """The calls, in order."""

    @model_validator(mode="after")
    def _says_where_from(self) -> Header:
        wanted = "command" if self.provenance == "recorded" else "source"
        if getattr(self, wanted) is None:
            raise PydanticCustomError("provenance", "a `{kind}` cassette names its `{key}`", {"kind": self.provenance, "key": wanted})
        return self


class Interaction(SpecModel):
    """One exchange."""

    request: KeptRequest
    response: KeptResponse


class Cassette(SpecModel):
    """A whole file."""

    ferrule: Header
    interactions: list[Interaction]
    version: Literal[1] = 1
    """The version of vcrpy's format."""

    @model_validator(mode="after")
    def _all_belong_to_calls(self) -> Cassette:
        claimed, held = sum(call.requests for call in self.ferrule.calls), len(self.interactions)
        if claimed != held:
            message = "the calls take {claimed} exchanges (`requests`), but there are {held} under `interactions`"
            raise PydanticCustomError("requests", message, {"claimed": claimed, "held": held})
        return self

    def belonging(self, call: int) -> range:
        """The numbers of the exchanges that belong to a call."""
        start = sum(each.requests for each in self.ferrule.calls[:call])
        return range(start, start + self.ferrule.calls[call].requests)


def load_cassette(path: Path) -> Cassette:
    """The cassette at `path`. Raises `SpecError` that names the line of every slip, `OSError` where there is no such file."""
    text = path.read_bytes().decode("utf-8", "replace")
    try:
        return Cassette.model_validate(yaml.load(text, _Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        span = Span(str(path), mark.line + 1, mark.column + 1) if mark else Span(str(path), 1, 1)
        raise SpecError([Diagnostic(BROKEN, span, f"not a cassette: {getattr(error, 'problem', None) or error}")]) from error
    except ValidationError as error:
        raise SpecError(_slips(error, yaml.compose(text, _Loader), str(path))) from error


def written(cassette: Cassette) -> str:
    """The text of the file."""
    plain = {
        "ferrule": cassette.ferrule.model_dump(exclude_defaults=True),
        "interactions": [exchange.model_dump() for exchange in cassette.interactions],
        "version": cassette.version,
    }
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=140)


def _slips(error: ValidationError, root: Any, file: str) -> Iterator[Diagnostic]:
    for detail in error.errors(include_url=False, include_input=False):
        where = ".".join(map(str, detail["loc"])) or "the cassette"
        slip = told(detail).removeprefix("does not fit: ")
        words = {"missing": "it is missing", "extra_forbidden": "there is no such key"}.get(detail["type"], slip)
        yield Diagnostic(BROKEN, _place(file, root, detail["loc"]), f"{where}: {words}")


def _place(file: str, node: Any, loc: tuple[int | str, ...]) -> Span:
    """Where the last part of `loc` that is in the file begins."""
    mark = node.start_mark if node else None
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == part), None)
            if pair is None:
                break
            mark, node = pair[0].start_mark, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
    return Span(file, mark.line + 1, mark.column + 1) if mark else Span(file, 1, 1)


_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FastDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_FastLoader):  # type: ignore[misc]
    """Takes plain scalars as specs do: `off`, `007` and `2026-01-31` are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]*)", [*"-0123456789"]),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:e[-+]?[0-9]+)?", [*"-0123456789"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)


class _Dumper(_FastDumper):  # type: ignore[misc]
    """Writes text of several lines as such."""


def _text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text.strip("\n") else None)


_Dumper.add_representer(str, _text)
