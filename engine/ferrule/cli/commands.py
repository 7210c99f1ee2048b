"""The commands there are. The module of a command is imported when the command is run: help needs none of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

PANELS = {
    "Know a connector": {
        "list": ("about:list_", "The connectors there are."),
        "info": ("about:info", "What a connector needs and what it can do."),
        "explain": ("specs:explain", "The plan of a capability, in the language's long form."),
        "permissions": ("specs:permissions", "Every host, method, path and scope that it can ever use."),
        "new": ("new:new", "Write a first spec, with marks where a person must decide."),
    },
    "Run a connector": {
        "call": ("run:call", "Do one capability: one page of a read, or a write."),
        "walk": ("run:walk", "Read everything a capability has, page after page."),
        "plan": ("run:plan", "The requests a call would send. Sends none of them."),
        "serve": ("serve:serve", "Serve connectors over HTTP."),
        "connector": ("connector:connector", "Be the executable of one connector, for agents that call it so."),
        "build": ("build:build", "Make one executable file of a connector."),
        "demo": ("prove:demo", "Who has access to what, from a recording: no credential, no network."),
    },
    "Prove a connector": {
        "lint": ("lint:lint", "Check specs: every finding has a code, a line and a column."),
        "rule": ("lint:rule", "What a code of lint means."),
        "test": ("prove:test", "Replay cassettes: the same calls, no network, the same records."),
        "record": ("prove:record", "Walk a live application and write a cassette."),
        "schema": ("specs:schema", "The JSON Schema of the language, for an editor."),
        "drift": ("against:drift", "What a new version of a vendor's description breaks."),
        "bench": ("bench:bench", "How fast this machine reads, and where the time goes."),
        "lsp": ("lsp:lsp", "The language server of connector specs."),
    },
}
"""Under which heading help shows a command, where its function is, and what it does in a line."""

PLACES = {name: place for commands in PANELS.values() for name, (place, _) in commands.items()}


class Commands(TyperGroup):
    """The group of them. `ferrule --help` takes the lines above; `ferrule <command> --help` the docstring of the function."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = OnDemand()

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """All commands, each under its heading."""
        width = max(map(len, PLACES))
        for panel, commands in PANELS.items():
            with formatter.section(panel):
                formatter.write_dl([(name.ljust(width), line) for name, (_, line) in commands.items()])


class OnDemand(MutableMapping[str, "Command"]):
    """The commands by name, each made when it is asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._made:
            module, _, function = PLACES[name].partition(":")
            self._made[name] = made(name, getattr(import_module(f"ferrule.cli.{module}"), function))
        return self._made[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*PLACES, *self._made]))

    def __len__(self) -> int:
        return len({*PLACES, *self._made})


def made(name: str, function: Any) -> Command:
    """The command of a function. Examples, the indented lines of its docstring, are shown as they are written."""
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    verbatim = re.sub(r"(?m)^(?<=\n\n)(?=    )", "\b\n", inspect.getdoc(function) or "")
    alone.command(name, help=verbatim, context_settings=getattr(import_module(function.__module__), "PASSED_ON", None))(function)
    return typer.main.get_command(alone)
