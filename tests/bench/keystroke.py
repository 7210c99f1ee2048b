"""How long the language server takes to answer a keystroke.

A session over standard input and output, as an editor has it: a spec is opened, a word is typed into one of its expressions, and
the time counts from the message that says so to the findings of that version. The spec compiles each time, so that every stage
is part of that time; so is the server's delay, which lets a burst of keystrokes be one. No text is sent twice. The client here
reads and writes JSON and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from ferrule.cli import main; sys.argv[0] = 'ferrule'; main()"


def send(pipe: IO[bytes], method: str, params: Any, number: int | None = None) -> None:
    """Write a message: a request, where it has a number."""
    message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number is not None else {})
    content = json.dumps(message).encode()
    pipe.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
    pipe.flush()


def messages(pipe: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Each message that comes."""
    while header := pipe.readline():
        length = 0
        while header.strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
            header = pipe.readline()
        yield json.loads(pipe.read(length))


def measured(text: str, place: int, warm_up: int, rounds: int, pause: float) -> tuple[list[float], float | None]:
    """Seconds from each keystroke to its findings, and seconds of the processor that the server took for one, where the system says."""
    server = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(PROJECT / "engine"), "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    came = messages(server.stdout)
    uri = "file:///bench/spec.yaml"
    send(server.stdin, "initialize", {"processId": None, "rootUri": None, "capabilities": {}}, 1)
    next(came)
    send(server.stdin, "initialized", {})
    send(server.stdin, "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 0, "text": text}})
    _findings(came, 0)
    times: list[float] = []
    before = None
    for version in range(1, warm_up + rounds + 1):
        before = _processor(server.pid) if version == warm_up + 1 else before
        typed = f"{text[:place]}x{version}{text[place:]}"
        start = time.perf_counter()
        change = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": typed}]}
        send(server.stdin, "textDocument/didChange", change)
        _findings(came, version)
        times.append(time.perf_counter() - start)
        time.sleep(pause)
    after = _processor(server.pid)
    send(server.stdin, "shutdown", None, 2)
    next(came)
    send(server.stdin, "exit", None)
    server.stdin.close()
    server.wait(10)
    server.stdout.close()
    return times[warm_up:], (after - before) / rounds if after is not None and before is not None else None


def _processor(process: int) -> float | None:
    """Seconds of the processor that a process has had, where the system keeps them under `/proc` (proc_pid_stat(5))."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _findings(came: Iterator[dict[str, Any]], version: int) -> None:
    for message in came:
        if message.get("method") == "textDocument/publishDiagnostics" and message["params"].get("version") == version:
            return
    raise SystemExit("the server ended before it had answered")


def spec(path: Path | None, lines: int) -> tuple[str, str]:
    """The text to type in, and its name: the bundled spec whose length is nearest, where no file is named."""
    paths = [path] if path is not None else sorted((PROJECT / "specs").glob("*.yaml"))
    texts = {each: each.read_text(encoding="utf-8") for each in paths}
    best = min(texts, key=lambda each: abs(texts[each].count("\n") - lines))
    return texts[best], best.name


def main() -> None:
    """Measure, and print median and 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", nargs="?", type=Path, help="the spec to type in; the bundled one nearest to --lines when left out")
    parser.add_argument("--lines", type=int, default=400, help="how long the bundled spec should be (default: 400)")
    parser.add_argument("--rounds", type=int, default=100, help="keystrokes that are measured (default: 100)")
    parser.add_argument("--warm-up", type=int, default=10, help="keystrokes before those (default: 10)")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two keystrokes (default: 0.05)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    given = parser.parse_args()
    text, name = spec(given.spec, given.lines)
    expression = re.search(r": body\.[\w.]+(?=[ \n,}])", text)
    if expression is None:
        parser.error("the spec has no expression such as `body.users` to type in")
    place = expression.end()
    times, processor = measured(text, place, given.warm_up, given.rounds, given.pause)
    figures = {
        "spec": name,
        "lines": text.count("\n"),
        "keystrokes": len(times),
        "median_ms": round(statistics.median(times) * 1000, 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1] * 1000, 1),
        "processor_ms": round(processor * 1000, 1) if processor is not None else None,
    }
    if given.json:
        print(json.dumps(figures))
    else:
        middle, late = figures["median_ms"], figures["p95_ms"]
        print(f"{name}, {figures['lines']} lines, {len(times)} keystrokes: median {middle} ms, 95th percentile {late} ms")
        if processor is not None:
            print(f"of the processor {figures['processor_ms']} ms each; the rest was waiting, for the server's delay or for other programs")


if __name__ == "__main__":
    main()
