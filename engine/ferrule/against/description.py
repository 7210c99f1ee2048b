"""A vendor's description of its API: OpenAPI 3 or Swagger 2, as JSON or YAML, `.gz` too, one document or several."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from ferrule.against.operation import Described, described
from ferrule.against.schema import Schemas, series, table
from ferrule.diagnostics import Code, Diagnostic, Span, SpecError

UNREADABLE = Code("A600", "unreadable-description")

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
MAX_LENGTH = 256 * 1024 * 1024
"""Bytes of a description, unpacked."""

_HOLE = "\0"
"""Stands for what a template fills in."""


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One path of a description."""

    path: str
    """As the description writes it."""
    prefix: tuple[str, ...]
    """The segments of the server's address before it."""
    steps: tuple[re.Pattern[str] | str, ...]
    """Each segment: a text, or a pattern where it has parameters."""
    item: Mapping[str, Any]
    document: Document

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods it can be asked with."""
        return tuple(method for method in METHODS if method in self.item)

    def operation(self, method: str) -> Described | None:
        """What is said of a method; of HEAD, what is said of GET without its answer."""
        return self.document.operation(self, method)


class Document:
    """One document of a description."""

    def __init__(self, content: Mapping[str, Any], strict: bool = False) -> None:
        self.content = content
        self.schemas = Schemas(content, strict)
        self._operations: dict[tuple[str, str], Described] = {}
        self.hosts, self.prefixes = _servers(content)
        self.routes = tuple(self._routes())

    def operation(self, route: Route, method: str) -> Described | None:
        """What is said of a method of a path."""
        said = route.item.get(method)
        if not isinstance(said, dict):
            return None
        key = (route.path, method)
        if key not in self._operations:
            self._operations[key] = described(self.content, self.schemas, route.path, route.item, method, said)
        return self._operations[key]

    def _routes(self) -> Iterator[Route]:
        paths = self.content.get("paths")
        for path, raw in paths.items() if isinstance(paths, dict) else ():
            item = self.schemas.follow(raw)
            if not isinstance(item, dict) or not str(path).startswith("/"):
                continue
            steps = tuple(map(_step, segments(str(path).split("#")[0].split("?")[0])))
            for prefix in _servers(item)[1] if item.get("servers") else self.prefixes:
                yield Route(str(path), prefix, steps, item, self)


class Description:
    """All documents of one vendor, their paths indexed once."""

    def __init__(self, documents: Iterable[Mapping[str, Any]], strict: bool = False) -> None:
        self.documents = tuple(Document(content, strict) for content in documents)
        self.hosts = frozenset(host for document in self.documents for host in document.hosts)
        self._by_length: dict[int, list[Route]] = {}
        self._long: list[Route] = []
        for route in self.routes:
            if any(not isinstance(step, str) and step.pattern.startswith(".+") for step in route.steps):
                self._long.append(route)
            else:
                self._by_length.setdefault(len(route.steps), []).append(route)

    @property
    def routes(self) -> Iterator[Route]:
        """Every path."""
        return (route for document in self.documents for route in document.routes)

    @property
    def title(self) -> str:
        """What it calls itself."""
        return ", ".join(str(table(document.content.get("info")).get("title", "")) for document in self.documents)

    def match(self, prefix: list[str], path: list[str], *, loose: bool = False) -> list[tuple[Route, bool]]:
        """The paths that a request may mean, those that fit best, with whether the server's address fits as well. `prefix`
        are the segments of the connector's own address; a hole of a template stands as a NUL, first where the host itself
        is one. With `loose`, a hole may be any text of a path."""
        opaque = bool(prefix) and prefix[0].startswith(_HOLE)
        known = prefix[1:] if opaque else prefix
        whole = [*known, *path]
        found: dict[int, tuple[tuple[int, int], Route, bool]] = {}
        for length in range(len(whole) + 1):
            for route in self._by_length.get(length, ()):
                _better(found, route, whole, path, known, opaque, loose)
        for route in self._long:
            _better(found, route, whole, path, known, opaque, loose)
        top = max((score for score, _, _ in found.values()), default=None)
        return [(route, same) for score, route, same in found.values() if score == top]

    def prefix_of(self, requests: Iterable[tuple[str, list[str]]]) -> list[str]:
        """What a connector's address holds before its paths, where it is a setting as a whole: the segments that the most
        of its requests (method and segments) need to be found. None where they are found as they are, or fit nowhere."""
        wanted = list(requests)
        if any(method in route.methods for method, path in wanted for route, _ in self.match([], path)):
            return []
        counts: Counter[tuple[str, ...]] = Counter()
        for method, path in wanted:
            fits = {
                tuple(step if isinstance(step, str) else _HOLE for step in route.steps[: len(route.steps) - len(path)])
                for route in self.routes
                if path and method in route.methods and _rank(route.steps[-len(path) :], path, False) is not None
            }
            counts.update(fits)
        best = max(((count, -len(prefix), prefix) for prefix, count in counts.items()), default=(0, 0, ()))
        return list(best[2])


def _better(
    found: dict[int, tuple[tuple[int, int], Route, bool]],
    route: Route,
    whole: list[str],
    path: list[str],
    known: list[str],
    opaque: bool,
    loose: bool,
) -> None:
    """Note a route that fits, the better of the ways in which it does."""
    before = list(route.prefix)
    for segs in (whole, path) if known else (whole,):
        for skipped in (before, []) if before else ([],):
            if segs[: len(skipped)] != skipped:
                continue
            rank = _rank(route.steps, segs[len(skipped) :], loose)
            if rank is None:
                continue
            plain = not before and (segs is whole or not route.document.hosts)
            same = opaque or plain or (segs is whole and bool(skipped))
            score = (int(same), rank)
            best = found.get(id(route))
            if best is None or score > best[0]:
                found[id(route)] = (score, route, same)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as OpenAPI means it (OpenAPI 3.1, section 4.3): plain `off` and `2026-01-01` are text, as in JSON Schema's own types."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("int", "float", "null", "merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def read_description(paths: Iterable[Path], strict: bool = False) -> Description:
    """The description in these files. Raises `SpecError` for one that cannot be read, or is none."""
    return Description([_content(path) for path in paths], strict)


def _content(path: Path) -> Mapping[str, Any]:
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            unpacker = zlib.decompressobj(31)
            raw = unpacker.decompress(raw, MAX_LENGTH)
            if unpacker.unconsumed_tail:
                raise _refused(path, f"it has more than {MAX_LENGTH // 2**20} MiB")
    except (OSError, zlib.error, gzip.BadGzipFile) as error:
        raise _refused(path, getattr(error, "strerror", None) or str(error)) from error
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as slip:
        try:
            content = yaml.load(raw, Loader=_Loader)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise _refused(path, "it is neither JSON nor YAML", *_place(raw, slip, error)) from error
    if not isinstance(content, dict) or not isinstance(content.get("paths"), dict) or not ("openapi" in content or "swagger" in content):
        raise _refused(path, "it is no OpenAPI or Swagger document: it needs `openapi` or `swagger`, and `paths`")
    return content


def _refused(path: Path, why: str, line: int = 1, column: int = 1) -> SpecError:
    return SpecError([Diagnostic(UNREADABLE, Span(str(path), line, column), f"the description cannot be read: {why}")])


def _place(raw: bytes, slip: orjson.JSONDecodeError, error: Exception) -> tuple[int, int]:
    """Where a document stops being JSON, if it begins as such; else where it stops being YAML."""
    if raw.lstrip().startswith((b"{", b"[")):
        return max(slip.lineno, 1), max(slip.colno, 1)
    mark = getattr(error, "problem_mark", None)
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def segments(path: str) -> list[str]:
    """The segments of a path, none for a slash at its end."""
    return [part for part in path.split("/") if part]


def _servers(content: Mapping[str, Any]) -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
    """The hosts that a description names, and the segments that its addresses have before each path."""
    if "swagger" in content:
        host, base = content.get("host"), content.get("basePath")
        return frozenset([str(host)] if host else []), (tuple(segments(str(base or "/"))),)
    hosts, prefixes = set(), set()
    for server in series(content.get("servers")) or [{"url": "/"}]:
        url = str(server.get("url", "/")) if isinstance(server, dict) else "/"
        found = re.match(r"(?:[a-z]+:)?//([^/]*)", url, re.IGNORECASE)
        if found:
            hosts.add(re.sub(r"\{.*?\}", _HOLE, found[1]))
        variables = table(table(server).get("variables"))
        rest = url[found.end() :] if found else url if url.startswith("/") else "/"
        for name, variable in variables.items():
            rest = rest.replace(f"{{{name}}}", str(table(variable).get("default", "")))
        prefixes.add(tuple(segments(rest)))
    return frozenset(hosts), tuple(sorted(prefixes))


def _step(segment: str) -> re.Pattern[str] | str:
    if "{" not in segment:
        return segment.removeprefix("microsoft.graph.")
    pattern = re.sub(r"\\\{\\?\+.*?\\\}", ".+", re.escape(segment))
    return re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", pattern), re.DOTALL)


def _rank(steps: tuple[re.Pattern[str] | str, ...], segs: list[str], loose: bool) -> int | None:
    """How well a path fits: the more of its segments are the same text, the better. None where it does not fit."""
    if len(steps) != len(segs):
        if not steps or isinstance(steps[-1], str) or not steps[-1].pattern.startswith(".+") or len(segs) < len(steps):
            return None
        segs = [*segs[: len(steps) - 1], "/".join(segs[len(steps) - 1 :])]
    count = 0
    for step, seg in zip(steps, segs, strict=True):
        if isinstance(step, str):
            if step != seg.removeprefix("microsoft.graph.") and not (loose and _HOLE in seg):
                return None
            count += 2
        elif not step.fullmatch(seg):
            return None
        elif _HOLE in seg:
            count += 1
    return count
