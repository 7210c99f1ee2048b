"""One flight over an application with canaries in it: everything Ferrule does there, and all that it leaves behind.

What a caller is given, the records on standard output, is no part of that: it rightly says who people are.
"""

from __future__ import annotations

import io
import json
import logging
import shutil
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ferrule
from commands import process
from ferrule.replay import cassettes_of, replay_all
from ferrule.wire.cassette_file import load_cassette


@dataclass(frozen=True)
class Flight:
    """Where to go, and what to do there."""

    spec: Path
    settings: Mapping[str, Any]
    credential: Mapping[str, str]
    wrong: Mapping[str, str]
    """A credential that is refused."""
    walks: Mapping[str, Mapping[str, Any]]
    """Reads, with their inputs."""
    writes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """What is done, or refused."""
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """Reads that come to an error."""


@dataclass
class Left:
    """What a flight leaves behind: texts, by where they are."""

    places: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    """The codes of the errors that came."""
    tokens: int = 0
    given: str = ""
    """What callers were given."""

    def put(self, place: str, text: str) -> None:
        self.places[place] = self.places.get(place, "") + text + "\n"


def fly(flight: Flight, folder: Path) -> Left:
    """Do all of it, in `folder`."""
    left = Left()
    spec = folder / "specs" / flight.spec.name
    spec.parent.mkdir()
    shutil.copy(flight.spec, spec)
    with _logged(left):
        _in_a_program(flight, spec, left)
    _by_command(flight, spec, folder, left)
    with _logged(left):
        for report in replay_all([spec]):
            left.put("replay", f"{report}")
            assert report.passed, report
    for path in cassettes_of(spec):
        left.put(f"cassette {path.stem}", path.read_text())
        left.put(f"cassette {path.stem}, as it is read", load_cassette(path).model_dump_json())
    return left


def _in_a_program(flight: Flight, spec: Path, left: Left) -> None:
    """Every read page by page, every write, and the same with a wrong credential."""
    connector = ferrule.load(spec)
    with connector.instance(flight.credential, flight.settings) as tenant:
        left.put("repr", f"{tenant!r} {connector!r} {vars(tenant) if hasattr(tenant, '__dict__') else ''}")
        for capability, inputs in flight.walks.items():
            try:
                for page in tenant.walk(capability, inputs, page_size=1):
                    left.given += json.dumps([_plain(record) for record in page.records], ensure_ascii=False)
                    _token(page.token, left)
            except ferrule.FerruleError as error:
                _failed(error, left)
        for capability, inputs in (*flight.calls, *flight.writes):
            try:
                result = tenant.call(capability, inputs)
                left.given += json.dumps(_plain(result.response))
            except ferrule.FerruleError as error:
                _failed(error, left)
    with connector.instance(flight.wrong, flight.settings) as tenant:
        for capability, inputs in (*flight.walks.items(), *flight.calls, *flight.writes):
            try:
                tenant.call(capability, inputs)
            except ferrule.FerruleError as error:
                _failed(error, left)


def _plain(record: Any) -> Any:
    return record.model_dump(mode="json", exclude_none=True) if hasattr(record, "model_dump") else str(record)


def _failed(error: ferrule.FerruleError, left: Left) -> None:
    left.errors.append(error.code.name)
    left.put("errors", f"{error} {error!r} {error.message} {error.hint} {vars(error)}")
    left.put("traces", "".join(traceback.format_exception(error)))
    logging.getLogger("a.program").error("it failed", exc_info=error)
    _token(getattr(error, "page_token", None), left)


def _token(token: str | None, left: Left) -> None:
    if token is not None:
        left.tokens += 1
        left.put("tokens", token)


def _by_command(flight: Flight, spec: Path, folder: Path, left: Left) -> None:
    """The commands of a person: record, test, explain, walk, call."""
    for name, credential in (("right", flight.credential), ("wrong", flight.wrong)):
        (folder / f"{name}.json").write_text(json.dumps(credential))
    settings = [word for name, value in flight.settings.items() for word in ("--set", f"{name}={value}")]
    reach, wrong = ([*settings, "-c", folder / f"{name}.json"] for name in ("right", "wrong"))
    recorded = process("record", spec, *reach, "--page-size", "2")
    assert recorded.returncode == 0, recorded.stderr
    _said("record", recorded, left)
    _said("record with a wrong credential", process("record", spec, *wrong, "--name", "refused"), left)
    for words in (["test", spec, "--coverage"], ["test", spec, "--json"], ["explain", spec], ["permissions", spec], ["info", spec]):
        _said(" ".join(map(str, words[:1])), process(*words), left)
    for capability, inputs in flight.walks.items():
        words = [capability, *(f"{name}={json.dumps(value) if isinstance(value, list) else value}" for name, value in inputs.items())]
        done = process("walk", spec, *words, *reach, "--page-size", "2")
        left.put("walk, standard error", done.stderr)
        _said("call with a wrong credential", process("call", spec, *words, *wrong), left)


def _said(place: str, done: Any, left: Left) -> None:
    left.put(place, done.stdout + done.stderr)


@contextmanager
def _logged(left: Left) -> Iterator[None]:
    """All that anybody logs, at DEBUG, goes to the place `log`."""
    root, stream = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        left.put("log", stream.getvalue())
