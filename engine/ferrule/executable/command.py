"""The command line of a single connector, as executables of the published SDK have it: an on-premise agent can call either.

`info` and every capability of the connector are commands of their own. The answer, an error envelope too, goes to standard
output with exit code 0, and nothing else goes there. 1 is a file that cannot be read or written, 2 an argument that is wrong,
130 an interruption.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from ferrule.compile import compile_text, read_file
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError, render
from ferrule.dispatch import dispatch

MOST_MIB = 256
"""How large a request may be."""
INTERRUPTED = 130
"""What a shell gives for a command that SIGINT ended."""

_NO_PROXY = "`--use-proxy` means a proxy in the vendor's own network, which cannot be reached from here; HTTPS_PROXY names one of yours"
_NO_DEV = "there is no `{word}` here; `ferrule serve {app}` is the HTTP server, `ferrule build {app}` makes an executable"


def main(spec: Path, prog: str) -> int:
    """Be the executable of the spec at `spec`. What it says of the spec names the file, and not where it was unpacked."""
    text, _ = read_file(spec)
    return run(Connector(compile_text(text, spec.name)), sys.argv[1:], prog)


def run(connector: Connector, arguments: Sequence[str], prog: str) -> int:
    """Carry out one command of the connector, and give the exit code. Raises `SystemExit(2)` for a wrong argument."""
    parser = _parser(connector, prog)
    given = parser.parse_args(arguments)
    if given.command is None:
        return _failed(f"No command passed in\n{parser.format_help()}")
    if given.command in ("dev", "hacking"):
        parser.error(_NO_DEV.format(word=given.command, app=connector.id))
    if given.use_proxy:
        parser.error(_NO_PROXY)
    try:
        file = _result_file(given.result_file_path)
        answer = _answer(connector, given)
        _print(answer) if file is None else _write(file, answer)
    except KeyboardInterrupt:
        return _failed(f"{prog}: interrupted", INTERRUPTED)
    except SpecError as error:  # the cassette is broken
        return _failed("\n".join(render(diagnostic, None) for diagnostic in error.diagnostics))
    except OSError as error:
        return _failed(f"{prog}: {error.filename}: {error.strerror}" if error.filename is not None else f"{prog}: {error}")
    except ValueError as error:
        return _failed(f"{prog}: {error}")
    return 0


def _failed(why: str, code: int = 1) -> int:
    if sys.stderr is not None:  # `print` would take standard output instead
        print(why, file=sys.stderr)
    return code


def _answer(connector: Connector, given: Namespace) -> str:
    """The answer as one JSON document. All of it is ASCII, so that it is the same text in every encoding of a console."""
    if given.command == "info":
        return json.dumps(dispatch(connector, "info", ""), sort_keys=True)
    asked = _asked(given.json, given.json_file)
    if given.cassette is None:
        return json.dumps(dispatch(connector, given.command, asked))
    from ferrule.executable.replayed import replayed

    return json.dumps(replayed(connector, given.command, asked, Path(given.cassette)))


def _asked(text: str | None, file: str | None) -> str:
    """The request envelope, as text that is not empty."""
    if not file:
        if not text:
            raise ValueError("no JSON was given")
        return text
    name = _unquoted(file)
    content = _read(name)
    if len(content) > MOST_MIB << 20:
        raise ValueError(f"{name}: larger than {MOST_MIB} MiB")
    try:
        return content.decode("utf-8-sig") or " "
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: not UTF-8, the byte 0x{content[error.start]:02X} at {error.start}") from None


def _read(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`; one more than there may be, and no more."""
    if name == "-":
        if sys.stdin is None:
            raise ValueError("there is no standard input")
        return sys.stdin.buffer.read((MOST_MIB << 20) + 1)
    with Path(name).open("rb") as file:
        return file.read((MOST_MIB << 20) + 1)


def _result_file(path: str | None) -> Path | None:
    """The file for the answer. That it can be written is found out before anything is asked: the answer to a write must not be lost."""
    if not path:
        return None
    name = _unquoted(path)
    if not name.endswith(".gz"):
        raise ValueError(f"{name}: the name of the result file must end in .gz")
    file = Path(name)
    new = not file.exists()
    file.open("ab").close()
    if new:
        file.unlink()  # until there is an answer
    return file


def _write(file: Path, answer: str) -> None:
    with file.open("wb") as opened:
        opened.write(gzip.compress(answer.encode(), mtime=0))
        opened.flush()
        os.fsync(opened.fileno())


def _print(answer: str) -> None:
    if sys.stdout is None:
        raise OSError("there is no standard output")
    try:
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    except OSError as error:
        # What is still held back would be written once more at the end, and fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OSError(error.errno, error.strerror, "standard output") from error


def _unquoted(path: str) -> str:
    """A path without the quotes that some agents leave around it."""
    return path.strip('"').strip("'")


def _parser(connector: Connector, prog: str) -> ArgumentParser:
    example = json.dumps({"auth": {}, "settings": {}, "request": {}})
    parser = ArgumentParser(
        prog=prog,
        description=f"The connector of {connector.plan.spec.app.name}.",
        epilog="\n".join(
            [
                f"{prog} info",
                "    What the connector can do and what it needs. The only command without an argument.",
                f"{prog} validate_credentials --json '{example}'",
                "    Whether the credential opens the app.",
                f"{prog} list_accounts --json-file request.json --result-file-path accounts.json.gz",
                "    The answer in a file. `--json-file -` reads standard input.",
            ]
        ),
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="CAPABILITY")
    for name in ("info", *sorted({*connector.capabilities} - {"info", "list_connector_app_ids"})):
        about = connector.plan.operation(name).capability.description
        _add_options(commands.add_parser(name, help=about, description=about), name)
    commands.add_parser("dev", aliases=["hacking"], add_help=False).add_argument("rest", nargs="...", help=SUPPRESS)
    return parser


def _add_options(command: ArgumentParser, name: str) -> None:
    if name != "info":
        source = command.add_mutually_exclusive_group(required=True)
        source.add_argument(
            "--json", metavar="JSON", help="the request envelope; others on this machine may see it, a secret in it as well"
        )
        source.add_argument("--json-file", metavar="FILE", help="a file with the request envelope; `-` is standard input")
        command.add_argument("--cassette", metavar="FILE", help="answer from a recording, and ask nobody")
    command.add_argument("--result-file-path", metavar="FILE.gz", help="write the answer there, compressed, and not to standard output")
    command.add_argument("--use-proxy", "--sip", action="store_true", help=SUPPRESS)
