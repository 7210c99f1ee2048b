"""The commands that prove a connector, and the command itself: help, completion, exit codes."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from commands import GOOD, SPEC, printed_json, process, run
from ferrule.cli import specs
from ferrule.cli.commands import PLACES
from ferrule.cli.main import app
from served import Served
from sessions import ENGINE, FERRULE


def test_demo():
    shown = run("demo").stdout
    assert "JupyterHub: who has access to what (recorded from " in shown
    assert re.search(r"^\d+ accounts, \d+ resources, \d+ entitlements, \d+ associations, \d+ accounts ever used$", shown, re.MULTILINE)
    told = printed_json(run("demo", "--json"))
    assert told["counts"]["associations"] == len(told["associations"]) > 0
    assert told["last_activity"]


def test_a_live_demo(live: Served, spec: str, tmp_path: Path):
    (tmp_path / "acme.yaml").write_text(SPEC.replace("/broken", "/users").replace("body.rows", "body.users"))
    words = ["demo", spec, "--live", "--set", f"address={live.url}", "-c", tmp_path / "key.yaml"]
    assert "5 accounts, 0 resources, 0 entitlements, 2 associations" in run(*words).stdout
    assert printed_json(run(*words, "--json"))["counts"]["accounts"] == 5


def test_cassettes_of_a_bundled_app():
    done = run("test", "jupyterhub")
    assert "all as recorded" in done.stdout
    told = printed_json(run("test", "jupyterhub", "--json"))
    reports = told if isinstance(told, list) else told["cassettes"]
    assert reports and all(report["passed"] for report in reports)


def test_a_cassette_is_recorded_and_played(live: Served, spec: str, tmp_path: Path):
    (tmp_path / "specs").mkdir()
    shutil.copy(spec, tmp_path / "specs")
    file = tmp_path / "specs" / "acme.yaml"
    done = run("record", file, "list_accounts", "--set", f"address={live.url}", "-c", tmp_path / "key.yaml", "--application", "acme")
    assert "1 call, " in done.stderr
    assert "plain" not in (tmp_path / "cassettes" / "acme" / "reads.yaml").read_text()
    assert "all as recorded" in run("test", file).stdout
    wrong = run("record", file, "create_account", "--set", f"address={live.url}", "-c", tmp_path / "key.yaml", status=1)
    assert "`create_account` cannot be recorded without being told more" in wrong.stderr


COMMANDS = list(PLACES)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_option(command: str):
    made = typer.main.get_command(app)
    found = made.commands[command]  # type: ignore[attr-defined]
    assert found.help
    lacking = [option.name for option in found.params if not getattr(option, "help", None)]
    assert lacking == []
    shown = run(command, "--help").stdout
    assert "<FIELD>" in shown or "FERRULE_CREDENTIAL_" not in shown, "what stands in angle brackets is shown"


def test_the_command_without_words_shows_help():
    done = CliRunner().invoke(app, [])
    assert all(command in done.output for command in COMMANDS)
    assert re.fullmatch(r"ferrule \d+\.\d+\.\d+\n", run("--version").stdout)


def test_a_command_that_does_not_exist():
    assert "No such command" in CliRunner().invoke(app, ["walks"]).output
    assert CliRunner().invoke(app, ["walks"]).exit_code == 2


def test_completion(spec: str):
    assert specs.complete_app("sy") == ["synapse"]
    context = typer.Context(typer.main.get_command(app))
    context.params["app"] = spec
    assert specs.complete_capability(context, "list_a") == ["list_accounts"]
    context.params["app"] = "nowhere"
    assert specs.complete_capability(context, "") == [], "a completion that fails is no completion"


def test_a_reader_that_goes_away_is_no_error(spec: str, live: Served, tmp_path: Path):
    words = ["walk", spec, "list_accounts", "--set", f"address={live.url}", "-c", tmp_path / "key.yaml", "--json"]
    command = " ".join(f"'{word}'" for word in [sys.executable, "-P", "-c", FERRULE.replace("'", '"'), *words])
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -n 1"],
        env={**os.environ, "PYTHONPATH": str(ENGINE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["integration_specific_id"] == "u0"
    assert done.stderr == ""


def test_exit_codes_and_streams_of_a_process(tmp_path: Path):
    (tmp_path / "good.yaml").write_text(GOOD)
    good = process("lint", tmp_path / "good.yaml")
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "1 spec, no findings\n")
    (tmp_path / "bad.yaml").write_text("ferrule: [1")
    bad = process("lint", tmp_path / "bad.yaml")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "bad.yaml:1:10: Y101 `[` is not closed" in bad.stderr
    assert process("lint", "--nonsense").returncode == 2


def test_help_imports_no_engine():
    code = "import sys; sys.argv = ['ferrule', '--help']; from ferrule.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env={**os.environ, "PYTHONPATH": str(ENGINE)}, capture_output=True, text=True, check=False
    )
    loaded = done.stdout.split()
    assert "ferrule.cli.main" in loaded
    assert not {"httpx", "vcr", "jinja2", "jmespath", "authlib", "pydantic", "rich", "asyncio"} & set(loaded)
    assert {name for name in loaded if name.startswith("ferrule.")} == {"ferrule.cli", "ferrule.cli.main", "ferrule.cli.commands"}


def test_examples_are_shown_as_they_are_written():
    assert re.search(
        r"^ +ferrule serve  +every app, .*\n +ferrule serve jupyterhub acme.yaml  +an app", run("serve", "--help").stdout, re.MULTILINE
    )


def test_a_slip_in_the_name_of_a_command_is_seen():
    assert "Did you mean 'walk'" in CliRunner().invoke(app, ["wlk"]).output
