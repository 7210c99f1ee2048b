"""Commands that speak to an app, or say what they would: call, walk, plan."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ferrule.cli import given
from ferrule.cli.output import clean, count, err, failure, failures, out, plain, print_failure, print_json, progress, table
from ferrule.cli.specs import App, AsJson, CapabilityName, load, shown

if TYPE_CHECKING:
    from ferrule.connector import Connector
    from ferrule.instance import Instance

Inputs = Annotated[
    list[str] | None, typer.Argument(help="Inputs as name=value. A list is `a,b` or JSON, an object is JSON.", metavar="[NAME=VALUE]...")
]
InputFile = Annotated[str | None, typer.Option("--input", "-i", metavar="FILE", help="A JSON file with the inputs; `-` is standard input.")]
CredentialFile = Annotated[
    Path | None,
    typer.Option(
        "--credential",
        "-c",
        metavar="FILE",
        help="A YAML or JSON file with the credential. Without it `FERRULE_CREDENTIAL` (JSON) or `FERRULE_CREDENTIAL_<FIELD>` is read, "
        "else you are asked.",
    ),
]
Setting = Annotated[
    list[str] | None, typer.Option("--set", "-s", metavar="NAME=VALUE", help="A setting as name=value. May be given several times.")
]
SettingsFile = Annotated[Path | None, typer.Option("--settings", metavar="FILE", help="A YAML or JSON file with settings.")]
AuthName = Annotated[str | None, typer.Option("--auth", metavar="NAME", help="Which of several ways in.")]
Tokens = Annotated[
    Path | None,
    typer.Option(
        "--tokens", metavar="FOLDER", envvar="FERRULE_TOKENS", help="A folder in which to keep what logins give, for the next run."
    ),
]
PageSize = Annotated[int | None, typer.Option("--page-size", min=1, metavar="COUNT", help="Records to ask for at once.")]
PageToken = Annotated[str | None, typer.Option("--page-token", metavar="TOKEN", help="Go on where an earlier read stopped.")]


def call(
    app: App,
    capability: CapabilityName,
    inputs: Inputs = None,
    input_file: InputFile = None,
    credential: CredentialFile = None,
    setting: Setting = None,
    settings: SettingsFile = None,
    auth: AuthName = None,
    tokens: Tokens = None,
    page_size: PageSize = None,
    page_token: PageToken = None,
    max_seconds: Annotated[
        float | None, typer.Option("--max-seconds", metavar="SECONDS", help="Stop a read after so many seconds, and say how to go on.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Do one capability: one page of a read, or a write."""
    with failures(as_json=as_json):
        connector = load(app)
        asked = given.inputs(connector.plan.operation(capability).capability, inputs or [], input_file)
        with _instance(connector, capability, credential, setting, settings, auth, tokens) as tenant:
            result = tenant.call(capability, asked, page_token=page_token, page_size=page_size, max_seconds=max_seconds)
    if as_json:
        changed = {} if result.changed is None else {"changed": result.changed}
        broken = {} if result.error is None else {"error": failure(result.error)}
        print_json({"response": plain(result.response), "page_token": result.page_token, **changed, **broken})
    else:
        table([shown(record) for record in result.response] if isinstance(result.response, list) else [shown(result.response)])
        if result.changed is not None:
            out.print("[green]done[/green]" if result.changed else "[yellow]nothing to change: it was so already[/yellow]")
        if result.error is not None:
            print_failure(result.error)
        elif result.page_token is not None:
            err.print(f"[dim]more follows: --page-token {result.page_token}[/dim]")
    if result.error is not None:
        raise typer.Exit(1)


def walk(
    app: App,
    capability: CapabilityName,
    inputs: Inputs = None,
    input_file: InputFile = None,
    credential: CredentialFile = None,
    setting: Setting = None,
    settings: SettingsFile = None,
    auth: AuthName = None,
    tokens: Tokens = None,
    page_size: PageSize = None,
    page_token: PageToken = None,
    as_json: AsJson = False,
) -> None:
    """Read everything a capability has, page after page. With `--json` one line a record, as they come."""
    with failures(as_json=as_json):
        connector = load(app)
        asked = given.inputs(connector.plan.operation(capability).capability, inputs or [], input_file)
        started, rows, records, pages = time.perf_counter(), [], 0, 0
        try:
            with _instance(connector, capability, credential, setting, settings, auth, tokens) as tenant, progress(capability) as tell:
                for page in tenant.walk(capability, asked, page_token=page_token, page_size=page_size):
                    pages, records = pages + 1, records + len(page.records)
                    for record in page.records:
                        print_json(record, lines=True) if as_json else rows.append(shown(record))
                    tell(f"{count(pages, 'page')}, {count(records, 'record')}")
        finally:  # what came before a failure is shown too
            if pages and not as_json:
                table(rows)
                err.print(f"[dim]{count(records, 'record')} on {count(pages, 'page')} in {time.perf_counter() - started:.2f} s[/dim]")


def plan(
    app: App,
    capability: CapabilityName,
    inputs: Inputs = None,
    input_file: InputFile = None,
    credential: CredentialFile = None,
    setting: Setting = None,
    settings: SettingsFile = None,
    auth: AuthName = None,
    as_json: AsJson = False,
) -> None:
    """The requests a call would send, secrets masked. Sends none of them."""
    with failures(as_json=as_json):
        connector = load(app)
        asked = given.inputs(connector.plan.operation(capability).capability, inputs or [], input_file)
        with _instance(connector, capability, credential, setting, settings, auth) as tenant:
            planned = tenant.plan_call(capability, asked)
    if as_json:
        print_json(
            [
                {"method": p.method, "url": p.url, "headers": p.headers, "body": p.body, "note": p.note, "origin": str(p.origin)}
                for p in planned
            ]
        )
        return
    for request in planned:
        out.print(f"[bold]{request.method}[/bold] ", end="")
        out.print(clean(request.url), markup=False)
        for name, value in request.headers.items():
            out.print(clean(f"  {name}: {value}"), markup=False)
        if request.body is not None:
            out.print(clean(f"  {json.dumps(request.body, ensure_ascii=False)}"), markup=False)
        out.print(clean(f"  # {request.note + '; ' if request.note else ''}{request.origin}"), markup=False, style="dim")
    if not planned:
        out.print("nothing: the answer follows from the spec")


def _instance(
    connector: Connector,
    capability: str,
    credential: Path | None,
    setting: list[str] | None,
    settings: Path | None,
    auth: str | None,
    tokens: Path | None = None,
) -> Instance:
    """The tenant that is asked. An OAuth capability needs no credential: it is how one is got."""
    from ferrule.tokens import FileTokens

    if connector.plan.operation(capability).capability.level == "oauth":
        return connector.unauthenticated(given.settings(connector, setting or [], settings))
    kept = FileTokens(tokens, os.environ.get("FERRULE_TOKEN_KEY")) if tokens is not None else None
    held = given.credential(connector, credential, auth)
    return connector.instance(held, given.settings(connector, setting or [], settings), auth=auth, tokens=kept)
