"""What the commands print: tables and colours for a person, JSON for a program, errors with the line they come from."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from ferrule.diagnostics import Diagnostic, Span, SpecError, render
from ferrule.errors import CallError, FerruleError

out = Console(highlight=False, soft_wrap=True, emoji=False)  # `:100:` is a line, and no picture
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

SHOWN_ROWS = 50


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: object) -> str:
    """Text of others without control characters, which a terminal would obey."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", str(text))


def safe(text: object) -> str:
    """Text of others between marks of ours: nothing in it is a mark, or a control character."""
    return escape(clean(text))


def plain(value: Any) -> Any:
    """A record as JSON types; fields that say nothing left out."""
    if hasattr(value, "model_dump"):  # a pydantic model, without importing pydantic for those who print none
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def print_json(value: Any, *, lines: bool = False) -> None:
    """JSON for a program: one document, or one line a record."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=None if lines else 2) + "\n")


def table(rows: Iterable[Mapping[str, Any]], *, title: str | None = None, columns: list[str] | None = None) -> None:
    """A table with a column for each field that any row has; past the first rows only their number."""
    from rich.table import Table

    found = list(rows)
    names = columns or list(dict.fromkeys(name for row in found for name in row))
    made = Table(title=title and safe(title), title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in names:
        made.add_column(safe(_heading(name)), overflow="fold")
    for row in found[:SHOWN_ROWS]:
        made.add_row(*(safe(_cell(row.get(name))) for name in names))
    out.print(made)
    if len(found) > SHOWN_ROWS:
        out.print(f"[dim]… and {len(found) - SHOWN_ROWS} more; `--json` prints all[/dim]")


def _heading(name: str) -> str:
    return name.removeprefix("integration_specific_").replace("_", " ")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{k}={_cell(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """A line on standard error that tells how far a walk is, where a person is looking."""
    if not err.is_terminal:
        yield lambda text: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True)
    with bar:
        task = bar.add_task(safe(what))
        yield lambda text: bar.update(task, description=safe(f"{what}: {text}"))


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Each finding with its line, on standard error."""
    texts: dict[str, str | None] = {}
    for diagnostic in diagnostics:
        file = diagnostic.span.file
        if file not in texts:
            texts[file] = _text(file)
        err.print(safe(render(diagnostic, texts[file])))


def _text(file: str) -> str | None:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


@contextmanager
def failures(*, as_json: bool = False) -> Iterator[None]:
    """Ends the command with exit code 1 and a readable account where something failed; `as_json` gives one line of JSON."""
    try:
        yield
    except SpecError as error:
        if as_json:
            print_json({"diagnostics": [describe(d) for d in error.diagnostics]}, lines=True)
        else:
            print_diagnostics(error.diagnostics)
            err.print(f"[bold red]{count(len(error.diagnostics), 'finding')}[/bold red]")
        raise typer.Exit(1) from error
    except FerruleError as error:
        print_json({"error": failure(error)}, lines=True) if as_json else print_failure(error)
        raise typer.Exit(1) from error


def print_failure(error: FerruleError) -> None:
    """One failed call as a person reads it: what, the vendor's words, the line of the spec, what to do."""
    err.print(f"[bold red]{error.code.name}[/bold red] {safe(error.message)}")
    if isinstance(error, CallError):
        if error.app_message and error.app_message not in error.message:
            err.print(f"  the app says: {safe(error.app_message)}{f' ({safe(error.app_code)})' if error.app_code else ''}")
        if error.origin:
            err.print(f"  described at {safe(error.origin)}")
            err.print(f"[dim]{safe(_line(error.origin))}[/dim]")
        if error.retry_after is not None:
            err.print(f"  try again in {error.retry_after:.0f} seconds")
    if error.hint:
        err.print(f"  hint: {safe(error.hint)}")
    if isinstance(error, CallError) and error.page_token:
        err.print(f"  go on from here with --page-token {error.page_token}")


def _line(span: Span) -> str:
    rows = (_text(span.file) or "").splitlines()
    return f"{span.line:6} | {rows[span.line - 1].strip()}" if 0 < span.line <= len(rows) else ""


def failure(error: FerruleError) -> dict[str, Any]:
    """A failed call as JSON."""
    told: dict[str, Any] = {"code": error.code.name, "message": error.message, "hint": error.hint}
    if isinstance(error, CallError):
        told |= {"status": error.status, "app_message": error.app_message, "app_code": error.app_code, "retry_after": error.retry_after}
        told |= {"origin": str(error.origin) if error.origin else None, "page_token": error.page_token}
    return {name: value for name, value in told.items() if value is not None}


def describe(diagnostic: Diagnostic) -> dict[str, Any]:
    """A finding as JSON."""
    span = diagnostic.span
    told = {"code": diagnostic.code.id, "name": diagnostic.code.name, "severity": diagnostic.code.severity, "file": span.file}
    return {**told, "line": span.line, "column": span.column, "message": diagnostic.message, "hint": diagnostic.hint}


def count(number: int, word: str) -> str:
    """A number of things in words: `1 page`, `2 pages`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
