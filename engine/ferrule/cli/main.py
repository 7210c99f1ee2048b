"""The `ferrule` command itself: its help, and what stands before the name of a command."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from ferrule.cli.commands import Commands

app = typer.Typer(
    cls=Commands,
    name="ferrule",
    help="Connectors for identity governance, one YAML file per app.\n\n"
    "Who has access to what: `ferrule demo` shows it without credential or network.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help in rich costs twice as much as all the rest of it
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ferrule {version('ferrule')}")
        raise typer.Exit


@app.callback()
def _common(
    folders: Annotated[
        list[Path] | None,
        typer.Option("--specs", metavar="FOLDER", help="A folder of your own specs, searched first. May be given several times."),
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    from ferrule.cli.specs import FOLDERS

    FOLDERS[:] = folders or []


COLLECT = 50_000
"""New objects before Python's collector looks for circles among them. A command makes many objects and few circles."""


def main() -> None:
    """Run the command."""
    gc.set_threshold(COLLECT, 20, 20)
    app()
