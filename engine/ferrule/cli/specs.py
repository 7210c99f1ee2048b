"""Commands that look at specs: explain, permissions, schema. What all commands have in common to name an app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ferrule.cli.output import clean, failures, out, plain, print_json
from ferrule.library import apps, find_spec

if TYPE_CHECKING:
    from ferrule.connector import Connector

FOLDERS: list[Path] = []
"""The folders of `--specs`."""


def complete_app(incomplete: str) -> list[str]:
    """Ids of apps for the shell's completion."""
    return [name for name in apps(FOLDERS) if name.startswith(incomplete)]


def complete_capability(ctx: typer.Context, incomplete: str) -> list[str]:
    """Capabilities of the app named before, for the shell's completion."""
    try:
        return [name for name in load(ctx.params["app"]).capabilities if name.startswith(incomplete)]
    except Exception:  # noqa: BLE001 - a completion that fails is no completion
        return []


App = Annotated[str, typer.Argument(help="An app's id (see `ferrule list`), or the path of a spec file.", autocompletion=complete_app)]
CapabilityName = Annotated[str, typer.Argument(help="The capability, such as `list_accounts`.", autocompletion=complete_capability)]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for a program.")]


def load(app: str) -> Connector:
    """The connector of an app's id or a spec file. The engine is imported here: `--help` needs none of it."""
    from ferrule.compile import compile_file
    from ferrule.connector import Connector

    return Connector(compile_file(find_spec(app, FOLDERS)))


def explain(
    app: App,
    capability: Annotated[
        str | None, typer.Argument(help="One capability; all of them when left out.", autocompletion=complete_capability)
    ] = None,
) -> None:
    """The plan of a capability, in the language's long form: shorthand written out, names resolved, defaults filled in."""
    from ferrule.long_form import explain as text

    with failures():
        connector = load(app)
        for name in [capability] if capability else connector.capabilities:
            connector.plan.operation(name)
            out.print(clean(text(connector.plan, name)), markup=False)


def permissions(app: App, as_json: AsJson = False) -> None:
    """Every host, method, path and scope that each capability can ever use. Stable: compare two versions with diff."""
    from ferrule.manifest import lines
    from ferrule.manifest import permissions as manifest_of

    with failures(as_json=as_json):
        manifest = manifest_of(load(app).plan)
    if as_json:
        requests = [
            {"capability": p.capability, "method": p.method, "host": p.host, "path": p.path, "purpose": p.purpose}
            for p in manifest.requests
        ]
        print_json(
            {
                "app": manifest.app,
                "hosts": manifest.hosts,
                "requests": requests,
                "scopes": [list(scope) for scope in manifest.scopes],
                "visits": manifest.visits,
            }
        )
    else:
        for line in lines(manifest):
            typer.echo(clean(line))


def schema() -> None:
    """The JSON Schema of the language, for an editor."""
    from ferrule.spec.schema import schema as made

    typer.echo(json.dumps(made(), indent=2))


def shown(value: Any) -> dict[str, Any]:
    """A record as a row of a table."""
    made = plain(value)
    return made if isinstance(made, dict) else {"value": made}
