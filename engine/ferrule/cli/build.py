"""The command that makes one file of a connector: build."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ferrule.cli.output import clean, err, failures, out, print_json
from ferrule.cli.specs import FOLDERS, App, AsJson
from ferrule.library import find_spec

HINT = "pip install 'ferrule[build]'"


def build(
    app: App,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; `<app>.pyz` when left out.")
    ] = None,
    folder: Annotated[
        list[Path] | None,
        typer.Option("--specs", metavar="FOLDER", help="A folder of your own specs, searched first. May be given several times."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make one executable file of a connector, which runs where only Python is installed.

        ferrule build jupyterhub
        ./jupyterhub.pyz info

    The file holds the spec, the engine and the packages that it needs, as they are installed here; nothing is fetched.
    It is for this version of Python on this kind of machine. The same spec and packages give the same bytes.

    Exit codes: 0 built, 1 the spec or the file is not usable, 2 wrong arguments. Needs the extra `build`.
    """
    try:
        from ferrule.executable.build import build as built
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "packaging":
            raise
        err.print("[bold red]error:[/] building needs `packaging`, which is not installed")
        err.print(f"   hint: {HINT}", markup=False)
        raise typer.Exit(2) from None
    FOLDERS[:0] = folder or []
    with failures(as_json=as_json):
        made = built(find_spec(app, FOLDERS), file)
    if as_json:
        print_json({"app": made.app, "file": str(made.file), "size": made.size, "python": made.python, "packages": made.packages})
        return
    out.print(clean(f"{made.file}: {made.size / 1_000_000:.1f} MB, for Python {made.python} on machines like this one"), markup=False)
    out.print(clean(f"  {', '.join(f'{name} {version}' for name, version in made.packages.items())}"), markup=False, style="dim")
