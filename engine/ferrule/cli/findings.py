"""Findings as other programs read them: JSON, SARIF 2.1.0, the annotations of GitHub Actions."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ferrule.diagnostics import Code, Diagnostic


class Format(enum.StrEnum):
    """How findings are printed."""

    HUMAN = "human"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(found: Iterable[Diagnostic], pages: Mapping[Code, str]) -> dict[str, Any]:
    """The findings as a SARIF log. `pages` are the manual pages of codes that have one."""
    found = list(found)
    codes = sorted({finding.code for finding in found}, key=lambda code: code.id)
    places = {code: place for place, code in enumerate(codes)}
    driver = {"name": "ferrule", "version": version("ferrule"), "rules": [_rule(code, pages.get(code)) for code in codes]}
    results = [{"ruleIndex": places[finding.code], **_result(finding)} for finding in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code, page: str | None) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code.id, "name": code.name, "defaultConfiguration": {"level": code.severity}}
    if page is not None:
        title, _, rest = page.partition("\n\n")
        rule |= {"shortDescription": {"text": title}, "help": {"text": page, "markdown": f"**{title}**\n\n{rest}"}}
    return rule


def _result(finding: Diagnostic) -> dict[str, Any]:
    span = finding.span
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.length}
    return {
        "ruleId": finding.code.id,
        "level": finding.code.severity,
        "message": {"text": _words(finding)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}}],
    }


def _words(finding: Diagnostic) -> str:
    return f"{finding.message} ({finding.hint})" if finding.hint else finding.message


def _uri(file: str) -> str:
    """An address (RFC 3986): relative to where the command was run, as far as the file is below."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def annotation(finding: Diagnostic) -> str:
    """The finding as a workflow command of GitHub Actions, escaped as its toolkit does it (`packages/core/src/command.ts`)."""
    span, code = finding.span, finding.code
    properties = {"title": f"{code.id} {code.name}", "file": span.file, "line": span.line, "col": span.column}
    properties["endColumn"] = span.column + span.length - 1
    written = ",".join(f"{name}={_escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items())
    return f"::{code.severity} {written}::{_escaped(_words(finding))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
