"""A credential comes from a file, the environment or a prompt, and is never shown."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import typer
from typer.testing import CliRunner

from commands import KEY, run
from ferrule.cli import given
from ferrule.cli.main import app
from served import Served

SECRET = "canary/Geheim ü+&=%"


def keyed(live: Served, spec: str, *more: object) -> list[object]:
    return ["call", spec, "list_accounts", "--set", f"address={live.url}", *more]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("c.yaml", "key: plain\n"),
        ("c.json", '{"key": "plain"}'),
        ("c.yml", "id: key\ntoken: {token: plain}\n"),
        ("c.txt", "\ufeffkey: plain"),
    ],
)
def test_a_credential_from_a_file(live: Served, spec: str, tmp_path: Path, file: str, text: str):
    (tmp_path / file).write_text(text, "utf-8")
    run(*keyed(live, spec, "-c", tmp_path / file))
    assert live.asked[-1].headers["x-key"] == "plain"


@pytest.mark.parametrize("variables", [{"FERRULE_CREDENTIAL": '{"key": "plain"}'}, {"FERRULE_CREDENTIAL_KEY": "plain"}])
def test_a_credential_from_the_environment(live: Served, spec: str, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run(*keyed(live, spec))
    assert live.asked[-1].headers["x-key"] == "plain"


def test_the_way_in_follows_from_what_the_environment_has(live: Served, spec: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FERRULE_CREDENTIAL_USERNAME", "ada")
    monkeypatch.setenv("FERRULE_CREDENTIAL_PASSWORD", "s3cret-word")
    done = run(*keyed(live, spec), status=1)
    assert live.asked[-1].headers["authorization"] == "Basic " + base64.b64encode(b"ada:s3cret-word").decode()
    assert "unauthorized" in done.stderr and "s3cret-word" not in done.output


def test_a_credential_at_a_prompt(live: Served, spec: str, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def prompt(text: str, **options: Any) -> str:
        asked.append((text, options["hide_input"], options["err"]))
        return "plain"

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(given, "_is_terminal", lambda: True)
    run(*keyed(live, spec))
    assert asked == [("API key", True, True)]
    assert live.asked[-1].headers["x-key"] == "plain"


def test_nobody_is_asked_where_nobody_is(live: Served, spec: str):
    done = run(*keyed(live, spec), status=1)
    assert "no credential was given" in done.stderr and "FERRULE_CREDENTIAL" in done.stderr


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("c.yaml", f"key: [{SECRET}\n", "the credential file is not YAML"),
        ("c.json", f'{{"key": "{SECRET}', "the credential file is not JSON"),
        ("c.yaml", f"{SECRET}\n", "the credential file holds no mapping"),
        ("c.yaml", f"kee: {SECRET}\n", "it has no field `kee`; `key` is missing"),
        ("c.yaml", f'key: "{SECRET}\\n"\n', "`key` holds a line break"),
        ("c.json", f'{{"key": ["{SECRET}"]}}', "`key` is not text"),
        ("missing.yaml", None, "the credential file cannot be read: No such file or directory"),
        ("c.json", "[" * 100_000, "the credential file is not JSON"),
    ],
)
def test_a_credential_that_does_not_fit_is_never_shown(live: Served, spec: str, tmp_path: Path, file: str, text: str | None, message: str):
    if text is not None:
        (tmp_path / file).write_text(text, "utf-8")
    for more in ([], ["--json"]):
        done = run(*keyed(live, spec, "-c", tmp_path / file, *more), status=1)
        assert message in done.output.replace("\n", "")
        assert "canary" not in done.output


def test_a_credential_in_the_environment_that_is_no_json(live: Served, spec: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FERRULE_CREDENTIAL", SECRET)
    assert "FERRULE_CREDENTIAL is not JSON" in (done := run(*keyed(live, spec), status=1)).stderr
    assert "canary" not in done.output


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "create_account", "username=ada", "entitlements=[]"],
        ["call", "list_accounts"],
        ["walk", "find_entitlement_associations"],
        ["call", "get_account", "account_id=nobody"],
        ["call", "create_account", "username=ada", "entitlements=[]"],
    ],
    ids=lambda words: "-".join(words[:2]),
)
@pytest.mark.parametrize("secret", [KEY, f"{KEY}-wrong"], ids=["let in", "refused"])
def test_a_secret_is_never_shown(live: Served, spec: str, tmp_path: Path, words: list[str], secret: str):
    """Neither as it is nor encoded, also where the app tells it back."""
    (tmp_path / "c.json").write_text(json.dumps({"key": secret}))
    encoded = base64.b64encode(secret.encode()).decode()
    forms = {secret, quote(secret), quote(secret, safe=""), encoded, encoded.rstrip("="), json.dumps(secret)[1:-1]}
    for more in ([], ["--json"]):
        done = CliRunner().invoke(app, [words[0], spec, *words[1:], "--set", f"address={live.url}", "-c", str(tmp_path / "c.json"), *more])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert [form for form in forms if form in done.output] == []
        assert "canary" not in done.output
    assert words[0] == "plan" or live.asked[-1].headers["x-key"] == secret
