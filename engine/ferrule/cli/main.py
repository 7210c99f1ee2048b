"""The commands and what they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ferrule.cli import against, lint, lsp, new, prove, run, serve, specs

app = typer.Typer(
    name="ferrule",
    help="Connectors for identity governance, one YAML file per app.\n\n"
    "Who has access to what: `ferrule demo` shows it without credential or network.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

ABOUT, RUN, PROVE = "Know a connector", "Run a connector", "Prove a connector"
for command, panel in (
    (specs.list_, ABOUT), (specs.info, ABOUT), (specs.explain, ABOUT), (specs.permissions, ABOUT), (new.new, ABOUT),
    (run.call, RUN), (run.walk, RUN), (run.plan, RUN), (serve.serve, RUN), (prove.demo, RUN),
    (lint.lint, PROVE), (lint.rule, PROVE), (prove.test, PROVE), (prove.record, PROVE), (specs.schema, PROVE), (against.drift, PROVE),
    (lsp.lsp, PROVE),
):  # fmt: skip
    app.command(name=command.__name__.rstrip("_"), rich_help_panel=panel)(command)


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
    specs.FOLDERS[:] = folders or []


def main() -> None:
    """Run the command."""
    app()
