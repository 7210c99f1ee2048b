"""The command new: a first spec from nothing, from a vendor's description, or from what a browser recorded."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ferrule.cli.output import clean, count, failures, out, print_json, safe
from ferrule.cli.specs import AsJson
from ferrule.errors import BadInput

if TYPE_CHECKING:
    from ferrule.scaffold import Draft

_ID = r"[a-z][a-z0-9_]*"
_LONGEST = 64


def complete_way(incomplete: str) -> list[str]:
    """Kinds of auth for the shell's completion."""
    from ferrule.scaffold import WAYS

    return [way for way in WAYS if way.startswith(incomplete)]


def new(
    app: Annotated[str, typer.Argument(help="The app's id: lower-case letters, digits and underscores.")],
    from_openapi: Annotated[
        list[Path] | None,
        typer.Option("--from-openapi", help="The vendor's OpenAPI or Swagger description, `.gz` too; may be given twice.", metavar="FILE"),
    ] = None,
    from_har: Annotated[
        Path | None, typer.Option("--from-har", help="What a browser recorded while it showed the app's users, as HAR.", metavar="FILE")
    ] = None,
    auth: Annotated[
        str | None,
        typer.Option(
            "--auth", help="The kind of auth to begin with, where there is no source.", metavar="KIND", autocompletion=complete_way
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; `specs/<app>.yaml` when left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a first spec. What a person must decide is marked in it with `# DECIDE:`, and listed at the end.

    The spec is free of findings, and agrees with the description it is from. What could not be told is left out or marked, not guessed.
    """
    from ferrule.scaffold import WAYS

    if not re.fullmatch(_ID, app) or len(app) > _LONGEST:
        near = re.sub(r"[^a-z0-9_]+", "_", app.lower()).strip("_")[:_LONGEST]
        hint = f"; did you mean `{near}`?" if re.fullmatch(_ID, near) else ""
        raise typer.BadParameter(
            f"`{clean(app)}` is no id: lower-case letters, digits and underscores, a letter first{hint}", param_hint="APP"
        )
    if from_openapi and from_har:
        raise typer.BadParameter("a spec is made from a description or from a recording", param_hint="--from-har")
    if auth is not None and (from_openapi or from_har):
        raise typer.BadParameter("the source tells how a request proves who sends it", param_hint="--auth")
    if auth is not None and auth not in WAYS:
        raise typer.BadParameter(f"there is no `{clean(auth)}` to begin with; there are {', '.join(WAYS)}", param_hint="--auth")
    path = output or Path("specs") / f"{app}.yaml"
    with failures(as_json=as_json):
        _may_write(path, force=force)
        draft = _draft(app, from_openapi, from_har, auth)
        _write(path, draft.text)
    _tell_program(app, path, draft) if as_json else _tell(path, draft, from_openapi or [])


def _may_write(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise BadInput(f"`{path}` is a folder", code="invalid_value", hint="name the file to write")
    if path.exists() and not force:
        raise BadInput(f"there is a file `{path}` already", code="conflict", hint="`--force` writes over it, `--output` writes elsewhere")


def _draft(app: str, from_openapi: list[Path] | None, from_har: Path | None, auth: str | None) -> Draft:
    from ferrule.against import read_description
    from ferrule.scaffold import blank, from_description, from_recording, read_har

    if from_openapi:
        return from_description(app, read_description(from_openapi), str(from_openapi[0]))
    if from_har is not None:
        return from_recording(app, read_har(from_har), str(from_har))
    return blank(app, auth or "bearer")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"`{path}` cannot be written: {error.strerror or error}", code="invalid_value") from error


def _tell_program(app: str, path: Path, draft: Draft) -> None:
    decisions = [{"line": decision.line, "text": decision.text} for decision in draft.decisions]
    told: dict[str, Any] = {"app": app, "file": str(path), "capabilities": draft.capabilities, "auth": draft.auth}
    told |= {"pagination": draft.pagination, "settings": draft.settings}
    print_json({**told, "decisions": decisions})


def _tell(path: Path, draft: Draft, descriptions: list[Path]) -> None:
    pages = f", pages by {draft.pagination}" if draft.pagination else ""
    out.print(
        f"[bold]{safe(path)}[/bold]: {count(len(draft.capabilities), 'thing')} it can do, auth by {safe(', '.join(draft.auth))}{pages}"
    )
    out.print(clean(f"  {', '.join(draft.capabilities)}"), markup=False)
    out.print(f"\n[bold]to decide[/bold] ({len(draft.decisions)})")
    width = len(str(draft.decisions[-1].line)) if draft.decisions else 1
    for decision in draft.decisions:
        out.print(clean(f"  {decision.line:{width}}  {decision.text}"), markup=False)
    name = shlex.quote(str(path))
    against = "".join(f" --against {shlex.quote(str(each))}" for each in descriptions)
    out.print("\n[bold]next[/bold]")
    given = "".join(f" --set {setting}=…" for setting in draft.settings) + " -c credential.yaml"
    for command in (f"lint {name}{against}", f"call {name} validate_credentials{given}", f"record {name}{given}"):
        out.print(clean(f"  ferrule {command}"), markup=False)
