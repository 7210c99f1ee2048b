"""A header is read by a name with capitals.

The names of headers are in lower case in every answer (HTTP knows no difference, RFC 9110, section 5.1). Another spelling is
always null: the wait, the cursor or the condition is never seen. `--fix` writes it in lower case.

Reported:

    http:
      base_url: https://api.acme.example
      wait: {from: headers."Retry-After"}    # L443

Fine:

    http:
      base_url: https://api.acme.example
      wait: {from: headers."retry-after"}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic, Span
from ferrule.lint.infer import Node, tree
from ferrule.lint.subject import Subject
from ferrule.source import Text

CODE = Code("L443", "header-in-capitals", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at what is read from `headers`."""
    for spot in subject.spots:
        if spot.of == "answer" and "headers" in spot.text:
            for name in _names(tree(str(spot.text))):
                if name != name.lower():
                    message = f"`{name}` is never there: the names of headers are in lower case"
                    yield Diagnostic(CODE, _place(spot.text, name), message, f"write `{name.lower()}`")


def fix(text: str, finding: Diagnostic) -> str:
    """The file with the name in lower case."""
    rows = text.splitlines(keepends=True)
    row, start = rows[finding.span.line - 1], finding.span.column - 1
    end = start + finding.span.length
    rows[finding.span.line - 1] = row[:start] + row[start:end].lower() + row[end:]
    return "".join(rows)


def _names(node: Node) -> Iterator[str]:
    children = [child for child in node["children"] if isinstance(child, dict)]
    is_path = node["type"] == "subexpression" and [child["type"] for child in children] == ["field", "field"]
    if is_path and children[0]["value"] == "headers":
        yield children[1]["value"]
    for child in children:
        yield from _names(child)


def _place(text: Text, name: str) -> Span:
    offset = text.find(name)
    return text.at(offset, len(name)) if offset >= 0 else text.span
