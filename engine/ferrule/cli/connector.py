"""The command that is the executable of one connector: connector."""

from __future__ import annotations

import typer

from ferrule.cli.output import failures
from ferrule.cli.specs import App, load

PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False, "help_option_names": []}
"""Everything behind the app is for the connector's own command line."""


def connector(app: App, context: typer.Context) -> None:
    """Be the executable of one connector, for agents that call connectors so.

        ferrule connector jupyterhub info
        ferrule connector jupyterhub list_accounts --json-file request.json
        ferrule connector jupyterhub list_accounts --json-file request.json --result-file-path accounts.json.gz

    `ferrule connector <app> --help` lists the capabilities. `ferrule build <app>` makes one file of the same.

    Exit codes: 0 an answer, be it an error envelope; 1 a file that cannot be read or written; 2 wrong arguments; 130 interrupted.
    """
    if app in ("-h", "--help"):
        typer.echo(context.get_help())
        raise typer.Exit
    from ferrule.executable.command import run

    with failures():
        found = load(app)
    raise typer.Exit(run(found, context.args, prog=f"ferrule connector {app}"))
