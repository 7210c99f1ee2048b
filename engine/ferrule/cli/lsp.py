"""The command that an editor starts: lsp."""

from __future__ import annotations

import typer

from ferrule.cli.output import err

HINT = "pip install 'ferrule[lsp]'"


def lsp() -> None:
    """The language server of connector specs, over standard input and output. An editor starts it; see `docs/editor.md`.

    It needs the extra `lsp`: `pip install 'ferrule[lsp]'`.
    """
    try:
        from ferrule.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        err.print(f"[bold red]error:[/] the language server needs `{error.name}`, which is not installed")
        err.print(f"   hint: {HINT}", markup=False)
        raise typer.Exit(2) from None
    serve()
