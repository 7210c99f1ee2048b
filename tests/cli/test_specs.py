"""The commands that look at specs: list, info, explain, permissions, schema, lint."""

import json
import re
from pathlib import Path

import pytest

from commands import GOOD, SPEC, printed_json, run
from ferrule.bundled import specs

BUNDLED = sorted(path.stem for path in specs().glob("*.yaml"))


def test_list():
    rows = printed_json(run("list", "--json"))
    assert [row["app"] for row in rows] == BUNDLED
    shown = run("list").stdout
    assert all(re.search(rf"^{row['app']} +{row['name']} +{row['capabilities']} ", shown, re.MULTILINE) for row in rows)


def test_a_folder_of_ones_own_comes_first(spec: str, monkeypatch: pytest.MonkeyPatch):
    folder = Path(spec).parent
    (folder / "key.yaml").unlink()
    assert [row["app"] for row in printed_json(run("--specs", folder, "list", "--json"))] == ["acme", *BUNDLED]
    monkeypatch.setenv("FERRULE_SPECS", str(folder))
    assert "acme" in run("list").stdout
    (folder / "scim.yaml").write_text(SPEC)
    assert "Acme [/]" in run("info", "scim").stdout


def test_info(spec: str):
    shown = run("info", spec).stdout
    for line in ("Acme [/] (acme 1.0.0, acme.example)", "[/b] teams", "credential by key (header)", "  key  API key", "  region [us]"):
        assert line in shown
    assert "  address  Where it is.\n" in shown
    told = printed_json(run("info", "jupyterhub", "--json"))
    assert (told["app_id"], told["request_settings_schema"]["required"]) == ("jupyterhub", ["base_url"])


def test_a_broken_spec_does_not_hide_the_others(spec: str):
    folder = Path(spec).parent
    (folder / "key.yaml").unlink()
    (folder / "broken.yaml").write_text("ferrule: 1\napp: {id: broken}\n")
    done = run("--specs", folder, "list", status=1)
    assert all(re.search(rf"^{app} ", done.stdout, re.MULTILINE) for app in ("acme", *BUNDLED))
    assert "broken.yaml:2:1: S202" in done.stderr and "1 spec broken" in done.stderr
    told = run("--specs", folder, "list", "--json", status=1)
    assert [row["app"] for row in json.loads(told.stdout)] == ["acme", *BUNDLED]


def test_what_was_told_is_told_again_of_the_same_text_alone(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("FERRULE_CACHE", str(cache))
    first, as_json = run("info", spec).stdout, run("info", spec, "--json").stdout
    kept = sorted(cache.iterdir())
    assert [file.name.rpartition("-")[0] for file in kept] == ["acme-about", "acme-info"]
    with monkeypatch.context() as without:
        without.setattr("ferrule.compile.compile_file", lambda file: pytest.fail("the engine is asked again"))
        assert (run("info", spec).stdout, run("info", spec, "--json").stdout) == (first, as_json)
    Path(spec).write_text(SPEC.replace("[/b] teams", "now others"))
    assert "now others" in run("info", spec).stdout
    Path(spec).write_text("ferrule: 1\n")
    assert "S202" in run("info", spec, status=1).stderr
    assert sorted(cache.iterdir()) == kept, "one file for each spec and question"


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"of": "another"}'])
def test_what_is_kept_may_be_spoiled(kept: str, spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FERRULE_CACHE", str(tmp_path / "cache"))
    shown = run("info", spec).stdout
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text(kept)
    assert run("info", spec).stdout == shown


def test_a_cache_that_cannot_be_written_is_no_failure(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FERRULE_CACHE", str(tmp_path / "file"))
    assert "Acme" in run("info", spec).stdout


def test_another_engine_tells_anew(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FERRULE_CACHE", str(tmp_path / "cache"))
    run("info", spec)
    (file,) = (tmp_path / "cache").iterdir()
    before = file.read_text()
    monkeypatch.setattr("ferrule.cli.remembered._engine", lambda: b"another")
    run("info", spec)
    assert file.read_text() != before
    monkeypatch.setattr("ferrule.cli.remembered._engine", lambda: None)
    file.unlink()
    run("info", spec)
    assert not file.exists(), "of an engine that cannot be told apart nothing is kept"


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_connector_can_be_looked_at(name: str):
    assert run("info", name).stdout
    assert run("explain", name).stdout.startswith(f"# {name}: ")
    told = printed_json(run("permissions", name, "--json"))
    assert told["app"] == name
    assert len(run("permissions", name).stdout.splitlines()) == sum(len(told[key]) for key in ("hosts", "requests", "scopes", "visits"))


def test_explain(spec: str):
    one = run("explain", spec, "list_accounts").stdout
    assert one.startswith("# acme: list_accounts (read, paged)\n")
    assert "acme.yaml:18:3\n" in one
    assert "kind: offset" in one, "the pager that is only named is written out"
    assert one in run("explain", spec).stdout


def test_permissions(spec: str):
    assert run("permissions", spec).stdout.splitlines() == [
        "host {{ settings.address }}",
        "create_account: POST /users",
        "delete_account: DELETE /users/{{ inputs.account_id }}",
        "find_entitlement_associations: GET /broken",
        "get_account: GET /users/{{ inputs.account_id }}",
        "list_accounts: GET /users",
    ]
    first = printed_json(run("permissions", spec, "--json"))["requests"][0]
    assert first == {"capability": "create_account", "method": "POST", "host": "{{ settings.address }}", "path": "/users", "purpose": ""}


def test_schema():
    made = printed_json(run("schema"))
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"ferrule", "app", "auth", "http", "capabilities"} == set(made["required"])
    used = {found.removeprefix("#/$defs/") for found in re.findall(r'"\$ref": "(.*?)"', json.dumps(made))}
    assert used == made["$defs"].keys(), "every definition is there, and is used"
    models = [model for model in (made, *made["$defs"].values()) if model.get("additionalProperties") is False]
    assert len(models) > 30
    said = {name: model.get("description") for name, model in made["$defs"].items()}
    for model in models:
        for name, key in model["properties"].items():
            about = key.get("description") or said.get(key.get("$ref", "").removeprefix("#/$defs/"))
            assert about or name == "kind", f"an editor shows nothing about `{name}` of {model['title']}"


def test_lint_of_good_specs(tmp_path: Path):
    (tmp_path / "good.yaml").write_text(GOOD)
    done = run("lint", tmp_path / "good.yaml")
    assert (done.stdout, done.stderr) == ("", "1 spec, no findings\n")
    (tmp_path / "better.yaml").write_text(GOOD)
    assert run("lint", tmp_path).stderr == "2 specs, no findings\n"
    assert printed_json(run("lint", tmp_path / "good.yaml", "--json")) == []


def test_lint_of_a_broken_spec(spec: str, monkeypatch: pytest.MonkeyPatch):
    Path(spec).write_text(SPEC.replace("pages: counted", "pages: countd").replace("body.users", "users"))
    monkeypatch.chdir(Path(spec).parent)
    done = run("lint", "acme.yaml", status=1)
    assert done.stdout == ""
    assert done.stderr == (
        "acme.yaml:20:12: C340 there is no pager `countd` [unknown-reference]\n"
        "   20 |     pages: countd\n"
        "      |            ^~~~~~\n"
        "   hint: did you mean `counted`?\n"
        "acme.yaml:21:14: C313 an answer has no `users`; it has `status`, `headers` and `body` [not-in-answer]\n"
        "   21 |     records: users\n"
        "      |              ^~~~~\n"
        "   hint: write `body.users`\n"
        "1 spec, 2 findings\n"
    )
    first, second = printed_json(run("lint", "acme.yaml", "--json", status=1))
    assert first == {
        "code": "C340", "name": "unknown-reference", "severity": "error", "file": "acme.yaml", "line": 20, "column": 12,
        "message": "there is no pager `countd`", "hint": "did you mean `counted`?",
    }  # fmt: skip
    assert second["code"] == "C313"


def test_lint_of_what_is_not_there(tmp_path: Path):
    assert "Y106 the file cannot be read" in run("lint", tmp_path / "nothing.yaml", status=1).stderr
    assert "Y106 there is no spec in this folder" in run("lint", tmp_path, status=1).stderr
    run("lint", "--no-such-option", status=2)


@pytest.mark.parametrize(
    "command", [["info"], ["explain"], ["permissions"], ["call", "list_accounts"], ["walk", "list_accounts"], ["plan", "list_accounts"]]
)
def test_a_broken_spec_is_told_of_by_every_command(spec: str, command: list[str]):
    Path(spec).write_text(SPEC.replace("id: acme", "id: Acme"))
    name, *rest = command
    done = run(name, spec, *rest, status=1)
    assert "acme.yaml:2:11: S205 `id` must be lower-case letters" in done.stderr
    assert "1 finding\n" in done.stderr
    if name != "explain":
        assert printed_json(run(name, spec, *rest, "--json", status=1))["diagnostics"][0]["code"] == "S205"
