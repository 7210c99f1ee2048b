"""The command that serves connectors over HTTP: serve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ferrule.cli.output import count, err, failures
from ferrule.cli.specs import FOLDERS, complete_app, load
from ferrule.library import apps

if TYPE_CHECKING:
    from ferrule.server.listen import Tls

HINT = "pip install 'ferrule[server]'"
MIB = 1024 * 1024


def serve(
    app: Annotated[
        list[str] | None,
        typer.Argument(metavar="APP", help="Ids of apps, or spec files; every app when left out.", autocompletion=complete_app),
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen. Other than loopback needs keys or client certificates.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any that is free.")] = 8000,
    folder: Annotated[
        list[Path] | None,
        typer.Option("--specs", metavar="FOLDER", help="A folder of your own specs, searched first. May be given several times."),
    ] = None,
    api_keys: Annotated[
        Path | None,
        typer.Option(
            "--api-keys", metavar="FILE", help="A file with a key on each line, `name:key`. Read again when it changes.", dir_okay=False
        ),
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", metavar="FILE", help="The server's certificate chain, PEM.")] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key, PEM, where the chain's file has it not.")
    ] = None,
    client_ca: Annotated[
        Path | None, typer.Option("--client-ca", metavar="FILE", help="The authority whose certificates callers must have, PEM.")
    ] = None,
    max_body: Annotated[float, typer.Option("--max-body", metavar="MIB", min=0.001, help="How large a request may be.")] = 4,
    max_concurrency: Annotated[int, typer.Option("--max-concurrency", metavar="CALLS", min=1, help="How many calls at once.")] = 500,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long a call may take, whatever its caller asks for.")
    ] = 1800,
    grace: Annotated[int, typer.Option(metavar="SECONDS", min=0, help="How long calls under way may take to end after SIGTERM.")] = 30,
) -> None:
    """Serve connectors over HTTP, as the contract's hosted API has it.

        ferrule serve                          every app, for this machine alone, at http://127.0.0.1:8000
        ferrule serve jupyterhub acme.yaml     an app by its id, another by its file
        ferrule serve --host 0.0.0.0 --api-keys keys.txt

    A call is `POST /<app>/<capability>` with a request envelope; `/docs` lists them, `/openapi.json` describes them.
    `/healthz`, `/readyz` and `/metrics` are for what runs it. Keys can also be given in FERRULE_API_KEYS, `name:key` with commas
    between. The log, one line of JSON a request, goes to standard error. SIGTERM and Ctrl+C end it.

    Exit codes: 0 stopped as asked, 1 a spec, a file or the port is not usable, 2 wrong arguments. Needs the extra `server`.
    """
    try:
        from ferrule.server import Limits, asgi, listen, read_keys
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("starlette", "uvicorn", "h11", "prometheus_client"):
            raise
        err.print(f"[bold red]error:[/] the server needs `{error.name}`, which is not installed")
        err.print(f"   hint: {HINT}", markup=False)
        raise typer.Exit(2) from None
    FOLDERS[:0] = folder or []
    with failures():
        tls = _tls(tls_cert, tls_key, client_ca)
        keys = read_keys(api_keys)
        listen.check_callers(host, keys, tls)
        if tls is not None:
            tls.context()
        found = [load(one) for one in app or map(str, apps(FOLDERS).values())]
        limits = Limits(body=int(max_body * MIB), concurrency=max_concurrency, seconds=timeout)
        made = asgi(found, keys=keys, hosts=None if keys or client_ca else listen.hosts_of(host), limits=limits)
        bound = listen.listener(host, port)
    address = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"
    who = [*([count(len(keys), "API key")] if keys else []), *(["client certificates"] if client_ca else [])]

    def began() -> None:
        typer.echo(f"ferrule serves {', '.join(made.connectors)} at {address} ({' and '.join(who) or 'this machine only'})")
        if tls is None and not listen.is_loopback(host):
            err.print("[yellow]warning:[/] credentials pass this port in the clear; have TLS in front of it, or give `--tls-cert`")

    listen.serve(made, bound, tls=tls, grace=grace, began=began)


def _tls(certificate: Path | None, key: Path | None, client_ca: Path | None) -> Tls | None:
    from ferrule.server.listen import Tls

    if certificate is None:
        if key is not None or client_ca is not None:
            raise typer.BadParameter("it takes `--tls-cert`, too", param_hint="--tls-key" if key is not None else "--client-ca")
        return None
    return Tls(certificate, key, client_ca)
