"""Commands that look at specs: list, info, explain, permissions, lint, schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ferrule.cli.output import clean, failures, out, plain, print_json, safe, table
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


def list_(as_json: AsJson = False) -> None:
    """The connectors there are."""
    with failures(as_json=as_json):
        found = [load(str(path)) for path in apps(FOLDERS).values()]
    rows = [
        {"app": c.id, "name": c.plan.spec.app.name, "capabilities": len(c.capabilities), "ways in": ", ".join(c.plan.auths)} for c in found
    ]
    print_json(rows) if as_json else table(rows)


def info(app: App, as_json: AsJson = False) -> None:
    """What a connector needs and what it can do; with `--json` the contract's own `info`."""
    with failures(as_json=as_json):
        connector = load(app)
        if as_json:
            derive = connector.plan.operations["info"].derive
            assert derive is not None
            print_json(derive())
            return
        spec = connector.plan.spec
        out.print(f"[bold]{safe(spec.app.name)}[/bold] ({safe(f'{connector.id} {spec.app.version}, {spec.app.vendor_domain}')})")
        if spec.app.description:
            out.print(clean(spec.app.description), markup=False)
        for name, auth in connector.plan.auths.items():
            out.print(f"\n[bold]credential[/bold] by {safe(name)} ({auth.kind})")
            for field in auth.fields:
                out.print(clean(f"  {field.name}  {field.title}{'' if field.required else ' (optional)'}"), markup=False)
        if spec.settings:
            out.print("\n[bold]settings[/bold]")
            for name, setting in spec.settings.items():
                default = f" [{setting.default}]" if setting.default is not None else ""
                out.print(clean(f"  {name}{default}  {setting.description or setting.title or ''}").rstrip(), markup=False)
        if spec.entitlement_types:
            out.print("\n[bold]entitlements[/bold]")
            for type_id, kind in spec.entitlement_types.items():
                out.print(clean(f"  {type_id}  {kind.label}, on {kind.resource_type or 'the app as a whole'}"), markup=False)
        out.print("\n[bold]capabilities[/bold]")
        operations = connector.plan.operations
        table(
            [
                {"capability": name, "level": operations[name].capability.level, "does": operations[name].capability.description}
                for name in connector.capabilities
            ]
        )


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
