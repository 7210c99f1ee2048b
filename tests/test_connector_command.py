"""The command line of a connector: held against that of the published SDK, and what becomes of files and streams that fail."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app import Asked, answer
from ferrule.bundled import cassettes
from ferrule.cli.main import app as ferrule
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.executable.command import MOST_MIB, run
from ferrule.http import Response
from served import served
from sessions import ENGINE, FERRULE

SPEC = """\
ferrule: 1
app: {id: small, name: Small, vendor_domain: small.example, version: 1.0.0, categories: [DEVELOPERS]}
settings: {base_url: {type: url}}
auth: {token: {kind: bearer}}
http: {base_url: "{{ settings.base_url }}", retry: {attempts: 1}}
capabilities:
  list_accounts:
    request: {get: /users}
    records: body.items
    record: {integration_specific_id: id, username: name}
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, username: name}
"""
USERS = [{"id": "u1", "name": "ann"}, {"id": "u2", "name": "Ünal 漢"}]
GOOD = {"auth": {"token": {"token": "good"}}, "settings": {"base_url": "(address)"}, "request": {}}
LIST, GET = ["list_accounts", "--json"], ["get_account", "--json"]


def with_(**more: Any) -> str:
    """A good envelope with these keys; null takes one out."""
    return json.dumps({name: value for name, value in {**GOOD, **more}.items() if value is not None})


FILES = {
    "good.json": with_().encode(), "empty.json": b"", "blank.json": b" \n", "text.json": b"never mind",
    "latin.json": b'{"request": "\xfc"}', "bytes.json": bytes(range(256)), "two words.json": with_().encode(), "folder.json": None,
}  # fmt: skip
CASES: dict[str, list[str]] = {
    "info": ["info"],
    "info takes no JSON": ["info", "--json", "{}"],
    "info into a file": ["info", "--result-file-path", "(folder)/out.gz"],
    "no command": [],
    "no such command": ["list_everything"],
    "a capability it has not": ["delete_account", "--json", with_()],
    "in capitals": ["LIST_ACCOUNTS", "--json", with_()],
    "help": ["--help"],
    "help of a command": ["list_accounts", "--help"],
    "no JSON": ["list_accounts"],
    "no value": LIST,
    "both": [*LIST, with_(), "--json-file", "(folder)/good.json"],
    "unknown option": [*LIST, with_(), "--verbose"],
    "a word too many": [*LIST, with_(), "more"],
    "good": [*LIST, with_()],
    "joined": ["list_accounts", f"--json={with_()}"],
    "one account": [*GET, with_(request={"account_id": "u2"})],
    "the app refuses": [*GET, with_(request={"account_id": "u9"})],
    "the app refuses the credential": [*LIST, with_(auth={"token": {"token": "bad"}})],
    "no auth": [*LIST, with_(auth=None)],
    "no settings": [*LIST, with_(settings=None)],
    "no request": [*LIST, with_(request=None)],
    "empty text": [*LIST, ""],
    "a space": [*LIST, " "],
    "no JSON at all": [*LIST, "{"],
    "a list": [*LIST, "[]"],
    "null": [*LIST, "null"],
    "a file": ["list_accounts", "--json-file", "(folder)/good.json"],
    "a file, abbreviated": ["list_accounts", "--json-f", "(folder)/good.json"],
    "a file in quotes": ["list_accounts", "--json-file", '"(folder)/good.json"'],
    "a file in single quotes": ["list_accounts", "--json-file", "'(folder)/two words.json'"],
    "an empty file": ["list_accounts", "--json-file", "(folder)/empty.json"],
    "a blank file": ["list_accounts", "--json-file", "(folder)/blank.json"],
    "a file of words": ["list_accounts", "--json-file", "(folder)/text.json"],
    "a file in Latin-1": ["list_accounts", "--json-file", "(folder)/latin.json"],
    "a binary file": ["list_accounts", "--json-file", "(folder)/bytes.json"],
    "no such file": ["list_accounts", "--json-file", "(folder)/none.json"],
    "a folder": ["list_accounts", "--json-file", "(folder)/folder.json"],
    "the result into a file": [*LIST, with_(), "--result-file-path", "(folder)/out.gz"],
    "an error into a file": [*LIST, with_(auth=None), "--result-file-path", "(folder)/out.gz"],
    "the result in quotes": [*LIST, with_(), "--result-file-path", '"(folder)/out.gz"'],
    "the result nowhere": [*LIST, with_(), "--result-file-path", ""],
    "the result not compressed": [*LIST, with_(), "--result-file-path", "(folder)/out.json"],
    "the result in no folder": [*LIST, with_(), "--result-file-path", "(folder)/none/out.gz"],
    "a proxy of the vendor's": [*LIST, with_(), "--use-proxy"],
    "the same, by its other name": [*LIST, with_(), "--sip"],
    "tools": ["dev"],
    "the SDK's server, with a wrong option": ["dev", "http-server", "--nowhere"],
    "an executable of the SDK's": ["hacking", "build-executable"],
    "standard input": ["list_accounts", "--json-file", "-"],
}
DIFFERENT = {
    "a proxy of the vendor's": (1, 2),  # it asks the vendor's network for a token and fails; we say that there is none
    "the same, by its other name": (1, 2),
    "tools": (1, 2),  # an AttributeError; we name our own commands
    "standard input": (1, 0),  # for it a file whose name is `-`
}
"""Exit codes that are not the SDK's, on purpose: theirs and ours."""


@dataclass(frozen=True)
class Ran:
    """What one run came to."""

    code: int
    printed: str
    written: str | None


def small_app(asked: Asked) -> Response:
    if asked.headers.get("authorization") != "Bearer good":
        return answer({"message": "who are you?"}, 401)
    wanted = asked.path.removeprefix("/users").strip("/")
    if not wanted:
        return answer({"items": USERS})
    return next((answer(user) for user in USERS if user["id"] == wanted), answer({"message": "no such user"}, 404))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(small_app) as live:
        yield live.url


def prepared(folder: Path, address: str, arguments: list[str]) -> list[str]:
    """The arguments for this application, and the files they name."""
    for name, content in FILES.items():
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content.replace(b"(address)", address.encode()))
    return [each.replace("(folder)", str(folder)).replace("(address)", address) for each in arguments]


@pytest.fixture(scope="module")
def theirs(address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """What the SDK's connector does in each case."""
    folders = {name: tmp_path_factory.mktemp("theirs") for name in CASES}
    asked = [prepared(folders[name], address, arguments) for name, arguments in CASES.items()]
    process = subprocess.run(
        [sys.executable, "-W", "ignore", Path(__file__).with_name("reference_executable.py")],
        input=json.dumps(asked), env={**os.environ, "PYTHONUTF8": "1"}, cwd=tmp_path_factory.mktemp("logs"),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    runs = zip(CASES, json.loads(process.stdout), strict=True)
    return {name: Ran(code, printed, written(folders[name])) for name, (code, printed) in runs}


def written(folder: Path) -> str | None:
    """What is in the result file, where there is one."""
    file = folder / "out.gz"
    return gzip.decompress(file.read_bytes()).decode() if file.is_file() else None


@pytest.fixture(scope="module")
def connector() -> Connector:
    return Connector(compile_text(SPEC))


def ours(connector: Connector, arguments: list[str], capsys: pytest.CaptureFixture[str], folder: Path) -> Ran:
    try:
        code = run(connector, arguments, "small")
    except SystemExit as end:
        assert isinstance(end.code, int)
        code = end.code
    return Ran(code, capsys.readouterr().out, written(folder))


@pytest.mark.parametrize("case", CASES)
def test_it_is_the_command_line_of_the_sdk(
    case: str,
    theirs: dict[str, Ran],
    connector: Connector,
    address: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(with_().replace("(address)", address).encode())))
    arguments = prepared(tmp_path, address, CASES[case])
    came, referee = ours(connector, arguments, capsys, tmp_path), theirs[case]
    assert (referee.code, came.code) == DIFFERENT.get(case, (came.code, came.code))
    if case in DIFFERENT or "help" in case:
        return
    assert bool(came.printed) == bool(referee.printed)
    assert (came.written is None) == (referee.written is None)
    for mine, its in ((came.printed, referee.printed), (came.written, referee.written)):
        if its and mine:
            assert comparable(mine) == comparable(its)


def comparable(text: str) -> Any:
    """One JSON document without words for a person and places in a program. Of `info` the shape: it is of another connector."""
    told = json.loads(text)
    if told.get("is_error"):
        words = {"message": told["error"].pop("message"), "hint": told["error"]["error_metadata"].pop("hint")}
        places = {name: told["error"].pop(name) for name in ("raised_by", "raised_in")}
        return told, sorted(words), sorted(places)
    if "capability_schema" in (told["response"] or {}):
        return list(told), list(told["response"]), text.count("\n")
    return told


def test_info_has_its_keys_in_order(connector: Connector, capsys: pytest.CaptureFixture[str]):
    assert run(connector, ["info"], "small") == 0
    printed = capsys.readouterr().out
    assert printed == json.dumps(json.loads(printed), sort_keys=True) + "\n"


def test_an_answer_is_ascii(connector: Connector, address: str, capsys: pytest.CaptureFixture[str]):
    assert run(connector, [*LIST, with_().replace("(address)", address)], "small") == 0
    printed = capsys.readouterr().out
    assert printed.isascii() and printed.count("\n") == 1
    assert [row["username"] for row in json.loads(printed)["response"]] == [user["name"] for user in USERS]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["list_accounts", "--json-file", "(folder)/none.json"], 1, "none.json: No such file or directory"),
        (["list_accounts", "--json-file", "(folder)/folder.json"], 1, "folder.json: Is a directory"),
        (["list_accounts", "--json-file", "(folder)/latin.json"], 1, "latin.json: not UTF-8, the byte 0xFC at 13"),
        (["list_accounts", "--json-file", "nul\0"], 1, "null byte"),
        ([*LIST, ""], 1, "no JSON was given"),
        ([*LIST, "{}", "--result-file-path", "(folder)/x.json"], 1, "must end in .gz"),
        ([*LIST, "{}", "--result-file-path", "(folder)/none/x.gz"], 1, "x.gz: No such file or directory"),
        ([*LIST, "{}", "--cassette", "(folder)/none.yaml"], 1, "none.yaml: No such file or directory"),
        ([*LIST, "{}", "--cassette", "(folder)/text.json"], 1, "S290"),
        ([*LIST, "{}", "--use-proxy"], 2, "HTTPS_PROXY names one of yours"),
        (["dev", "http-server", "-p", "8000"], 2, "`ferrule serve small` is the HTTP server"),
        (["hacking", "build-executable", "main.py"], 2, "`ferrule build small` makes an executable"),
        ([], 1, "No command passed in\nusage: small"),
    ],
)
def test_what_is_wrong_is_said_on_standard_error(
    arguments: list[str], code: int, words: str, connector: Connector, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    try:
        came = run(connector, prepared(tmp_path, "", arguments), "small")
    except SystemExit as end:
        came = end.code  # type: ignore[assignment]
    printed = capsys.readouterr()
    assert (came, printed.out) == (code, "")
    assert words in printed.err and "Traceback" not in printed.err


def test_a_file_may_begin_with_a_byte_order_mark(connector: Connector, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "request.json"
    file.write_text(with_().replace("(address)", address), encoding="utf-8-sig")
    assert run(connector, ["list_accounts", "--json-file", str(file)], "small") == 0
    assert len(json.loads(capsys.readouterr().out)["response"]) == len(USERS)


def test_a_file_without_an_end_is_refused(connector: Connector, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "huge.json"
    with file.open("wb") as opened:
        opened.truncate((MOST_MIB << 20) + 1)
    assert run(connector, ["list_accounts", "--json-file", str(file)], "small") == 1
    assert f"huge.json: larger than {MOST_MIB} MiB" in capsys.readouterr().err


def test_nothing_is_asked_when_the_result_cannot_be_written(connector: Connector, tmp_path: Path):
    with served(small_app) as live:
        assert (
            run(connector, [*LIST, with_().replace("(address)", live.url), "--result-file-path", str(tmp_path / "none" / "x.gz")], "") == 1
        )
        assert live.asked == []


def test_a_result_file_is_written_over(connector: Connector, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "out.gz"
    file.write_bytes(b"x" * 100_000)
    assert run(connector, [*LIST, with_().replace("(address)", address), "--result-file-path", str(file)], "small") == 0
    assert len(json.loads(gzip.decompress(file.read_bytes()))["response"]) == len(USERS)
    assert capsys.readouterr().out == ""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SPEC)
    return path


def started(*words: object, **more: Any) -> subprocess.Popen[bytes]:
    """The command in a process of its own. Ctrl+C reaches it also where these tests run in the background of a shell, which has
    its processes ignore it."""
    heeding = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {FERRULE}"
    command = [sys.executable, "-P", "-c", heeding, "connector", *map(str, words)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ENGINE), "NO_COLOR": "1"}, **more)


@pytest.mark.skipif(os.name == "nt", reason="pipes there close in another way")
def test_a_closed_pipe_is_said(spec: Path):
    reading, writing = os.pipe()
    os.close(reading)
    process = started(spec, "info", stdout=writing)
    os.close(writing)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert told.decode().strip().endswith("standard output: Broken pipe")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C comes there in another way")
def test_ctrl_c_ends_a_call(spec: Path):
    process: subprocess.Popen[bytes]

    def slow(asked: Asked) -> Response:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        return answer({"items": []})

    with served(slow) as live:
        file = spec.with_name("out.gz")
        process = started(spec, *LIST, with_().replace("(address)", live.url), "--result-file-path", file, stdout=subprocess.PIPE)
        printed, told = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, b"")
    assert told.decode().splitlines() == [f"ferrule connector {spec}: interrupted"]
    assert not file.exists()


def test_the_command_passes_everything_on(spec: Path, address: str):
    done = CliRunner().invoke(ferrule, ["connector", str(spec), *LIST, with_().replace("(address)", address)])
    assert done.exit_code == 0 and len(json.loads(done.stdout)["response"]) == len(USERS)
    assert CliRunner().invoke(ferrule, ["connector", str(spec), "list_accounts"]).exit_code == 2
    assert "get_account" in CliRunner().invoke(ferrule, ["connector", str(spec), "--help"]).stdout
    assert "ferrule connector jupyterhub info" in CliRunner().invoke(ferrule, ["connector", "--help"]).stdout
    assert CliRunner().invoke(ferrule, ["connector", "nobody", "info"]).exit_code == 1


HUB = {"auth": {"token": {"token": "any"}}, "settings": {"base_url": "http://127.0.0.1:18750/hub/api"}}


def replayed(capsys: pytest.CaptureFixture[str], *words: str, **more: Any) -> tuple[int, Any, str]:
    import ferrule as public

    cassette = cassettes() / "jupyterhub" / "reads.yaml"
    code = run(public.load("jupyterhub"), [*words, "--cassette", str(cassette), "--json", json.dumps({**HUB, **more})], "hub")
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else None, printed.err


def test_a_cassette_answers_page_by_page(capsys: pytest.CaptureFixture[str]):
    names: list[str] = []
    page: dict[str, Any] | None = {"size": 10}
    while page:
        code, told, _ = replayed(capsys, "list_accounts", request={}, page=page)
        assert code == 0 and "response" in told, told
        names += [row["username"] for row in told["response"]]
        page = told["page"]
    assert len(names) == len(set(names)) > 10


def test_a_cassette_answers_for_the_inputs_that_were_recorded(capsys: pytest.CaptureFixture[str]):
    code, told, _ = replayed(capsys, "get_account", request={"account_id": "person001"})
    assert (code, told["response"]["username"]) == (0, "person001")
    code, told, _ = replayed(capsys, "get_account", request={"account_id": "nobody"})
    assert (code, told["error"]["error_code"]) == (0, "not_found")
    code, told, words = replayed(capsys, "get_account", request={"account_id": "x"})
    assert (code, told) == (1, None)
    assert '{"account_id": "person001"}' in words


def test_a_cassette_that_does_not_fit_is_an_error_and_no_answer(capsys: pytest.CaptureFixture[str]):
    code, told, _ = replayed(capsys, "list_accounts", request={}, settings={"base_url": "http://127.0.0.1:1/hub/api"})
    assert (code, told["is_error"]) == (0, True)
    assert "is not recorded" in told["error"]["message"]


def test_a_cassette_is_not_asked_with_a_bad_request(capsys: pytest.CaptureFixture[str]):
    code, told, _ = replayed(capsys, "get_account")
    assert (code, told["error"]["error_code"]) == (0, "bad_request")
