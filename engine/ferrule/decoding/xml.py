"""XML: attributes as `@name`, text as `#text`, a repeated element as a list. `docs/decoding.md` gives the mapping.

The parser is defusedxml's, told to refuse any document type declaration: without one there are no entities to expand,
no external ones to fetch, and nothing to read from this machine (OWASP, XML External Entity Prevention).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser
from pydantic import field_validator
from pydantic_core import PydanticCustomError

from ferrule.decoding.decoder import DecodeError, Decoder, excerpt, text_in
from ferrule.shape import JSON, SpecModel

MAX_DEPTH = 200
"""Elements inside one another; real answers have a dozen."""

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_SPACE = " \t\r\n"


class XmlDecoding(SpecModel):
    """One XML document: an object whose one key is the root element."""

    kind: Literal["xml"]
    lists: tuple[str, ...] = ()
    """Elements that are always a list, even when there is one. `Users/member` also gives an empty list to a `Users`
    that holds no `member`."""
    namespaces: dict[str, str] | None = None
    """Prefix to namespace: names of these namespaces are written `prefix:name`, all others without a prefix."""

    @field_validator("lists")
    @classmethod
    def _names(cls, lists: tuple[str, ...]) -> tuple[str, ...]:
        for item in lists:
            if not 1 <= len(item.split("/")) <= 2 or not all(item.split("/")):
                raise PydanticCustomError("xml_list", "`{item}` is neither `element` nor `parent/element`", {"item": item})
        return lists

    def compile(self) -> Decoder:
        pairs = [item.rpartition("/") for item in self.lists]
        children: dict[str, tuple[str, ...]] = {}
        for parent, _, child in pairs:
            if parent:
                children[parent] = (*children.get(parent, ()), child)
        anywhere = frozenset(child for parent, _, child in pairs if not parent)
        return XmlDecoder(anywhere, children, {uri: prefix for prefix, uri in (self.namespaces or {}).items()})


@dataclass(frozen=True, slots=True)
class XmlDecoder:
    """`anywhere` names elements that are lists below any parent, `children` those of one parent; `prefixes` is by namespace."""

    anywhere: frozenset[str] = frozenset()
    children: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)

    def decode(self, content: bytes, charset: str) -> JSON:
        source: bytes | str = text_in(content, charset) if charset else content
        # An encoding declared in the XML itself is read by the parser; one in the media type outranks it (RFC 7303, section 3).
        builder = _Builder(self)
        parser = XMLParser(target=builder, forbid_dtd=True)
        try:
            parser.feed(source)
            parser.close()
        except DefusedXmlException:
            raise DecodeError("the XML has a document type declaration, which is refused: it could define entities") from None
        except (ParseError, LookupError, ValueError) as error:
            raise DecodeError(f"not XML: {_reason(error, source)}") from None
        return builder.root


def _reason(error: Exception, source: bytes | str) -> str:
    position: tuple[int, int] | None = getattr(error, "position", None)
    if position is None:
        return str(error)
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    at = sum(len(row) + 1 for row in text.split("\n")[: position[0] - 1]) + position[1]
    return f"{str(error).partition(':')[0]} at line {position[0]}, column {position[1] + 1}, near {excerpt(text, at)}"


@dataclass(slots=True)
class _Element:
    name: str
    nil: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    children: dict[str, Any] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)

    def value(self) -> JSON:
        text = "".join(self.pieces)
        if self.nil:
            return None
        if not self.children and not self.attributes:
            return text
        if text and (not self.children or text.strip(_SPACE)):
            return {**self.attributes, **self.children, "#text": text}
        return {**self.attributes, **self.children}


class _Builder:
    """Builds the value while the parser reads, without a tree in between."""

    def __init__(self, rules: XmlDecoder) -> None:
        self.rules = rules
        self.names: dict[str, str] = {}
        top = _Element("")
        self.root = top.children
        self.open = [top]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) > MAX_DEPTH:
            raise DecodeError(f"the XML has more than {MAX_DEPTH} elements inside one another")
        element = _Element(self.name(tag))
        for key, value in attributes.items():
            if key == _NIL:
                element.nil = value.strip(_SPACE) in ("true", "1")
            else:
                element.attributes["@" + self.name(key)] = value
        self.open.append(element)

    def data(self, text: str) -> None:
        self.open[-1].pieces.append(text)

    def end(self, tag: str) -> None:
        element = self.open.pop()
        for name in self.rules.children.get(element.name, ()):
            element.children.setdefault(name, [])
        parent, name, value = self.open[-1], element.name, element.value()
        if name in self.rules.anywhere or name in self.rules.children.get(parent.name, ()):
            parent.children.setdefault(name, []).append(value)
        elif name not in parent.children:
            parent.children[name] = value
        elif isinstance(parent.children[name], list):
            parent.children[name].append(value)
        else:
            parent.children[name] = [parent.children[name], value]

    def close(self) -> None:
        """Nothing is left to do: the value stands in `root`."""

    def name(self, tag: str) -> str:
        """`{namespace}local`, as the parser gives it, in the words of the spec."""
        known = self.names.get(tag)
        if known is None:
            uri, _, local = tag.removeprefix("{").rpartition("}")
            prefix = self.rules.prefixes.get(uri)
            known = self.names[tag] = f"{prefix}:{local}" if prefix else local
        return known
