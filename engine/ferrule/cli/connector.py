"""The command line of a single connector, as executables of the published SDK have it: an on-premise agent can call either.

`info` and every capability of the connector are commands of their own. The answer, an error envelope too, goes to standard
output with exit code 0; 1 is a file that cannot be read or written, 2 an argument that is wrong.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ferrule.cli.output import failures
from ferrule.cli.specs import App, load

if TYPE_CHECKING:
    from ferrule.connector import Connector

PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False, "help_option_names": []}


def connector(app: App, context: typer.Context) -> None:
    """Be the executable of one connector: `info`, or a capability with `--json`. For agents that call connectors so."""
    if app in ("-h", "--help"):
        typer.echo(context.get_help())
        typer.echo(" `ferrule connector <app> --help` lists the capabilities of a connector.")
        raise typer.Exit
    with failures(as_json=False):
        found = load(app)
    raise typer.Exit(run(found, context.args, prog=f"ferrule connector {app}"))


def run(connector: Connector, arguments: list[str], prog: str) -> int:
    """Carry out one command of the connector, and give the exit code. Raises `SystemExit(2)` for a wrong argument."""
    parser = _parser(connector, prog)
    given = parser.parse_args(arguments)
    if given.command is None:
        print("No command passed in", file=sys.stderr)
        parser.print_help(sys.stderr)
        return 1
    try:
        result = _result_file(given.result_file_path)
        asked = "" if given.command == "info" else _asked(given.json, given.json_file)
        answer = _answer(connector, given.command, asked)
        if result is None:
            print(answer)
        else:
            result.write_bytes(gzip.compress(answer.encode(), mtime=0))
    except (OSError, ValueError) as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return 1
    return 0


def _answer(connector: Connector, capability: str, asked: str) -> str:
    from ferrule.dispatch import dispatch  # only a call pays for the engine

    return json.dumps(dispatch(connector, capability, asked), ensure_ascii=False, sort_keys=capability == "info")


def _asked(text: str | None, file: str | None) -> str:
    if file is None:
        return text or ""
    return Path(file.strip("\"'")).read_text(encoding="utf-8-sig")


def _result_file(path: str | None) -> Path | None:
    if path is None:
        return None
    file = Path(path.strip("\"'"))
    if file.suffix != ".gz":
        raise ValueError("the name of the result file must end in .gz")
    return file


def _parser(connector: Connector, prog: str) -> ArgumentParser:
    capabilities = sorted({*connector.capabilities} - {"info", "list_connector_app_ids"})
    example = json.dumps({"auth": {}, "settings": {}, "request": {}})
    parser = ArgumentParser(
        prog=prog,
        description=f"The connector of {connector.plan.spec.app.name}.",
        epilog=os.linesep.join(
            [
                f"{prog} info",
                "    What the connector can do and what it needs. The only command without an argument.",
                f"{prog} validate_credentials --json '{example}'",
                "    Whether the credential opens the app.",
            ]
        ),
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="CAPABILITY")
    for name in ("info", *capabilities):
        operation = connector.plan.operation(name)
        command = commands.add_parser(name, help=operation.capability.description, description=operation.capability.description)
        if name != "info":
            source = command.add_mutually_exclusive_group(required=True)
            source.add_argument("--json", metavar="JSON", help="the request envelope")
            source.add_argument("--json-file", metavar="FILE", help="a file with the request envelope")
        command.add_argument("--result-file-path", metavar="FILE.gz", help="write the answer there, compressed, and not to standard output")
    return parser
