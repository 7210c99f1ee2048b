"""The command drift: specs between two versions of a vendor's own description."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ferrule.cli.output import count, describe, err, failures, print_diagnostics, print_json
from ferrule.cli.specs import FOLDERS
from ferrule.library import apps


def drift(
    old: Annotated[Path, typer.Argument(help="The description as it was: OpenAPI or Swagger, JSON or YAML, `.gz` too.")],
    new: Annotated[Path, typer.Argument(help="The description as it is now.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Spec files, or folders of them. All connectors that OLD describes when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for a program.")] = False,
) -> None:
    """Which specs a new version of a vendor's description breaks, and on which lines; exit code 1 if it breaks any."""
    from ferrule.against import drift as compare
    from ferrule.against import read_description
    from ferrule.compile import compile_file

    with failures(as_json=as_json):
        plans = [compile_file(file) for file in spec_files(paths)]
        told = compare(read_description([old], strict=True), read_description([new], strict=True), plans)
    if not paths:
        told = [each for each in told if each.is_described]
    broken = [diagnostic for each in told for diagnostic in each.broken]
    if as_json:
        print_json(
            [
                {"app": each.plan.app_id, "broken": list(map(describe, each.broken)), "mended": list(map(describe, each.mended))}
                for each in told
            ]
        )
    else:
        print_diagnostics(broken)
        for each in told:
            if each.broken or each.mended:
                mended = f", {count(len(each.mended), 'finding')} mended" if each.mended else ""
                err.print(f"{each.plan.app_id}: {count(len(each.broken), 'finding')} new{mended}", markup=False)
        specs = sum(bool(each.broken) for each in told)
        words = f"{count(specs, 'spec')} of {len(told)} broken" if specs else f"{count(len(told), 'spec')}, none broken"
        err.print(f"[bold {'red' if broken else 'green'}]{words}[/]")
    raise typer.Exit(1 if broken else 0)


def spec_files(paths: list[Path] | None) -> list[Path]:
    """The spec files that are named, those in folders included; all there are, where none is named."""
    if not paths:
        return [*apps(FOLDERS).values()]
    return [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
