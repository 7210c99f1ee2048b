"""Commands that say what connectors there are and what they can do: list, info."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ferrule.cli.output import clean, count, err, failures, out, print_diagnostics, print_json, safe, table
from ferrule.cli.remembered import remembered
from ferrule.cli.specs import FOLDERS, App, AsJson
from ferrule.diagnostics import SpecError
from ferrule.library import apps, find_spec

if TYPE_CHECKING:
    from ferrule.plan import Plan


def list_(as_json: AsJson = False) -> None:
    """The connectors there are. One that is broken is told on standard error, and the exit code is 1."""
    found, broken = [], 0
    for path in apps(FOLDERS).values():
        try:
            found.append(told(path))
        except SpecError as error:
            broken += 1
            print_diagnostics(error.diagnostics)
    rows = [
        {"app": each["id"], "name": each["name"], "capabilities": len(each["capabilities"]), "ways in": ", ".join(each["ways"])}
        for each in found
    ]
    print_json(rows) if as_json else table(rows)
    if broken:
        err.print(f"[bold red]{count(broken, 'spec')} broken[/]")
        raise typer.Exit(1)


def info(app: App, as_json: AsJson = False) -> None:
    """What a connector needs and what it can do; with `--json` the contract's own `info`."""
    with failures(as_json=as_json):
        file = find_spec(app, FOLDERS)
        if as_json:
            print_json(remembered(file, "info", lambda: _info(_plan(file))))
        else:
            _show(told(file))


def told(file: Path) -> dict[str, Any]:
    """What people are told of a connector, as JSON types. Raises `SpecError`."""
    value: dict[str, Any] = remembered(file, "about", lambda: _about(_plan(file)))
    return value


def _plan(file: Path) -> Plan:
    from ferrule.compile import compile_file  # only what was never told before costs the engine

    return compile_file(file)


def _info(plan: Plan) -> Any:
    derive = plan.operations["info"].derive
    assert derive is not None
    return derive({})


def _about(plan: Plan) -> dict[str, Any]:
    spec = plan.spec
    return {
        "id": plan.app_id,
        "name": spec.app.name,
        "version": spec.app.version,
        "vendor_domain": spec.app.vendor_domain,
        "description": spec.app.description,
        "ways": {
            name: {
                "kind": auth.kind,
                "fields": [{"name": field.name, "title": field.title, "required": field.required} for field in auth.fields],
            }
            for name, auth in plan.auths.items()
        },
        "settings": {
            name: {"default": setting.default, "words": setting.description or setting.title or ""}
            for name, setting in spec.settings.items()
        },
        "entitlements": {
            type_id: {"label": kind.label, "on": kind.resource_type or "the app as a whole"}
            for type_id, kind in spec.entitlement_types.items()
        },
        "capabilities": [
            {"capability": name, "level": operation.capability.level, "does": operation.capability.description}
            for name, operation in sorted(plan.operations.items())
        ],
    }


def _show(about: dict[str, Any]) -> None:
    out.print(f"[bold]{safe(about['name'])}[/bold] ({safe('{id} {version}, {vendor_domain}'.format_map(about))})")
    if about["description"]:
        out.print(clean(about["description"]), markup=False)
    for name, way in about["ways"].items():
        out.print(f"\n[bold]credential[/bold] by {safe(name)} ({way['kind']})")
        for field in way["fields"]:
            out.print(clean(f"  {field['name']}  {field['title']}{'' if field['required'] else ' (optional)'}"), markup=False)
    if about["settings"]:
        out.print("\n[bold]settings[/bold]")
    for name, setting in about["settings"].items():
        default = f" [{setting['default']}]" if setting["default"] is not None else ""
        out.print(clean(f"  {name}{default}  {setting['words']}").rstrip(), markup=False)
    if about["entitlements"]:
        out.print("\n[bold]entitlements[/bold]")
    for type_id, kind in about["entitlements"].items():
        out.print(clean(f"  {type_id}  {kind['label']}, on {kind['on']}"), markup=False)
    out.print("\n[bold]capabilities[/bold]")
    table(about["capabilities"])
