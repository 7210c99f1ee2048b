"""How long an author waits: what reading, checking, compiling and linting a spec costs, and `ferrule lint` over many.

    python tests/bench/authoring.py --help

Times are of the processor, so that other work on the machine counts as little as can be. A spec is judged twice: alone, with
nothing remembered of any other, and as one of many that have lines in common. Many specs are judged three times: copies with the
same expressions and templates, which the engine remembers by their text, those of them that are short, and copies each of which
spells all of them otherwise.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from ferrule.bundled import specs
from ferrule.cli.lint import all_checked
from ferrule.cli.remembered import VARIABLE
from ferrule.compile import compile_spec, read_file
from ferrule.lint import CODES, lint
from ferrule.lint.subject import Subject
from ferrule.source import read
from ferrule.spec.load import load

SHORT = 450
"""Lines of a spec that is one of the short ones."""
PHASES = ("read", "check", "compile", "lint")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=100, metavar="COUNT", help="how many specs to lint; copies of the bundled ones")
    parser.add_argument("--rounds", type=int, default=5, metavar="COUNT", help="how often to measure each spec; the median is shown")
    asked = parser.parse_args()
    bundled = sorted(specs().glob("*.yaml"))
    console = Console(width=100)
    console.print(phases(bundled, asked.rounds))
    with tempfile.TemporaryDirectory() as folder:
        short = [path for path in bundled if length(path) <= SHORT]
        for kind, originals, apart in (("all", bundled, False), ("short", short, False), ("all, no two texts the same", bundled, True)):
            place = Path(folder, kind)
            console.print(many(list(copies(originals, place, asked.specs, apart=apart)), place, kind))


def phases(paths: list[Path], rounds: int) -> Table:
    """Milliseconds of each phase, spec by spec."""
    table = Table("ms per spec", "lines", *PHASES, "all", "all, as one of many", title="One spec, alone", title_justify="left")
    for path in paths:
        alone = [median(phase) for phase in zip(*(timed(path, forget) for _ in range(rounds)), strict=True)]
        among = sum(median(phase) for phase in zip(*(timed(path, gc.collect) for _ in range(rounds)), strict=True))
        shown = [f"{1000 * seconds:.1f}" for seconds in (*alone, sum(alone), among)]
        table.add_row(path.stem, str(length(path)), *shown)
    return table


def length(path: Path) -> int:
    """How many lines a spec has."""
    return len(path.read_text("utf-8").splitlines())


def timed(path: Path, before: Callable[[], object]) -> list[float]:
    """Seconds that each phase takes of one spec."""
    before()
    moments = [time.process_time()]
    text, file = read_file(path)
    tree = read(text, file)
    moments.append(time.process_time())
    spec = load(tree)
    moments.append(time.process_time())
    plan = compile_spec(spec, tree, file)
    moments.append(time.process_time())
    lint(plan, tree, text)
    moments.append(time.process_time())
    return [after - start for start, after in pairwise(moments)]


def forget() -> None:
    """Empty every cache of the engine, as if no spec had been seen."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "ferrule":
            for value in vars(module).values():
                getattr(value, "cache_clear", lambda: None)()
    gc.collect()


def copies(bundled: list[Path], folder: Path, count: int, *, apart: bool) -> Iterator[Path]:
    """Copies of the bundled specs, each of an app of its own, and each spelled in its own way where they are to be `apart`."""
    folder.mkdir()
    for number in range(count):
        original = bundled[number % len(bundled)]
        text, app = original.read_text("utf-8"), f"{original.stem}_{number}"
        path = folder / f"{app}.yaml"
        spelled = respelled(text, number // len(bundled)) if apart else text
        path.write_text(spelled.replace(f"id: {original.stem}", f"id: {app}", 1), "utf-8")
        yield path


def respelled(text: str, number: int) -> str:
    """The same spec with other texts: each expression in parentheses, with spaces of its own before and behind it, and each
    template with the same within its braces."""
    before, behind = " " * (number // 6), " " * (number % 6)
    tree = read(text, "spec.yaml")
    lines = text.splitlines()
    written = {(spot.text.at(0), str(spot.text)) for spot in Subject(compile_spec(load(tree), tree, "spec.yaml"), tree, text).spots}
    for place, expression in sorted(written, key=lambda each: (each[0].line, each[0].column), reverse=True):
        line, start = lines[place.line - 1], place.column - 1
        if line[start : start + len(expression)] == expression:  # on one line, and without escapes
            lines[place.line - 1] = f"{line[:start]}({before}{expression}{behind}){line[start + len(expression) :]}"
    return "\n".join(lines).replace("{{ ", "{{ " + before).replace(" }}", behind + " }}") + "\n"


def many(paths: list[Path], folder: Path, kind: str) -> Table:
    """Seconds for all of them: as the command judges them, and as a command of its own."""
    os.environ[VARIABLE] = ""  # what is measured here is the work
    title = f"{len(paths)} specs, {kind}: {sum(map(length, paths)) // len(paths)} lines each on average"
    table = Table("seconds", "processor", "wall clock", title=title, title_justify="left")
    forget()
    started = time.process_time(), time.perf_counter()
    found, _ = all_checked(paths, CODES, None, fix=False)
    table.add_row("in one process", *(f"{seconds:.2f}" for seconds in (time.process_time() - started[0], time.perf_counter() - started[1])))
    command = [sys.executable, "-c", "from ferrule.cli import main; main()", "lint", str(folder)]
    for what in ("`ferrule lint`, start and all", "`ferrule lint` again, nothing changed"):
        before, wall = os.times(), time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, VARIABLE: f"{folder}.kept"})
        wall, after = time.perf_counter() - wall, os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        table.add_row(what, f"{spent:.2f}", f"{wall:.2f}")
    table.caption = f"{len(found)} findings; the command ended with {done.returncode}"
    return table


if __name__ == "__main__":
    main()
