"""Runs the commands that a documentation page shows, and compares what they print with what the page says they print."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pages

ENGINE = Path(__file__).parents[1] / "engine"
FERRULE = "import sys; sys.argv[0] = 'ferrule'; from ferrule.cli import main; sys.exit(main())"
"""The program that the command `ferrule` runs: that of this checkout, installed or not."""
SECONDS = 120
PORT = "18640"
"""The port in our pages. It stands for one that is free, so that two runs at a time do not meet."""
_ELSEWHERE = frozenset({"CI", "GITHUB_ACTIONS", "FORCE_COLOR"})
"""Variables that make rich and typer print in another way."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a page has wrong, and the page with the output that its commands really give."""

    failed: list[str]
    """Commands that ended with another status than the page says."""
    untrue: list[str]
    """Commands that printed something else than the page shows."""
    text: str


def is_session(block: pages.Block) -> bool:
    """Whether the block is a console in which `ferrule` runs: then all its commands are run."""
    lines = block.text.splitlines() if block.language == "console" else []
    return any(line.startswith("$ ") and pages.Command(line[2:], ()).runs_ferrule for line in lines)


def judge(text: str, folder: Path, wanted: Callable[[pages.Block], bool], program: str = FERRULE) -> Judgement:
    """Run the wanted sessions of a page, in order and in one folder, which also gets the files that the page shows."""
    environment = prepare(folder, program)
    port = free_port()
    failed: list[str] = []
    untrue: list[str] = []
    written = text
    for place, block in enumerate(pages.blocks(text)):
        if "file" in block.notes:
            file = folder / "page" / block.notes["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text.replace(PORT, port))
        if not is_session(block) or not wanted(block):
            continue
        fresh = []
        shown = pages.commands(block.text)
        for command in shown:
            status, output = call(command.text.replace(PORT, port), folder / "page", environment)
            output = output.replace(port, PORT)
            expected = int(block.notes.get("exit", "0")) if command is shown[-1] else 0
            said = f"line {block.line}: `{command.text}` ends with {status} and prints\n{output}"
            if status != expected:
                failed.append(said)
            elif not pages.agrees(command.output, output):
                untrue.append(said)
                command = pages.Command(command.text, pages.output_lines(output))
            fresh.append(command)
        # The lines of a block move with what is written above it; its place among the blocks does not.
        written = pages.with_block(written, pages.blocks(written)[place], pages.session(fresh))
    return Judgement(failed, untrue, written)


def free_port() -> str:
    """A port on this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def prepare(folder: Path, program: str) -> dict[str, str]:
    """Make the folder of a page and the command `ferrule`; give an environment that is the same everywhere."""
    (folder / "page").mkdir(parents=True)
    (folder / "bin").mkdir()
    command = folder / "bin" / "ferrule"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -c {shlex.quote(program)} "$@"\n')
    command.chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FERRULE_") and key not in _ELSEWHERE}
    fixed = {"HOME": str(folder), "COLUMNS": "120", "TERM": "dumb", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    fixed |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "ferrule.pytest_plugin"}  # and no other, whatever is installed
    paths = {
        "PATH": os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ENGINE), os.environ.get("PYTHONPATH")])),
    }
    return {**kept, **fixed, **paths}


def call(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """The status of a command, and all it prints."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout
