"""The command: what a person and a program see of it, what it is given, and that nothing ends in a traceback."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import typer
from typer.testing import CliRunner, Result

from app import Asked, answer
from ferrule.cli import given, specs
from ferrule.cli.main import app
from ferrule.http import Response
from served import Served, served
from sessions import ENGINE, FERRULE

PROJECT = Path(__file__).parents[1]
BUNDLED = ["jupyterhub", "rabbitmq", "scim", "synapse"]
SECRET = "canary/Geheim ü+&=%"
SPEC = """ferrule: 1
app: {id: acme, name: "Acme [/]", vendor_domain: acme.example, description: "[/b] teams"}
settings:
  address: {type: url, title: Address, description: Where it is.}
  region: {enum: [us, eu], default: us}
  size: {type: integer, default: 2}
  strict: {type: boolean, default: true}
auth:
  key: {kind: header, name: X-Key, fields: {key: API key}}
  login: {kind: basic}
http:
  base_url: "{{ settings.address }}"
  headers: {X-Region: "{{ settings.region }}", X-Strict: "{{ settings.strict }}"}
  retry: {attempts: 1}
pagers:
  counted: {kind: offset, param: skip, size_param: limit, size: 2, total: body.total}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: counted
    records: body.users
    record: {integration_specific_id: id, username: name}
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, username: name}
  create_account:
    request: {post: /users, json: {name: "{{ inputs.username }}", password: "{{ credential.key }}"}}
    record: {id: body.id, status: {value: ACTIVE}}
  delete_account:
    request: {delete: "/users/{{ inputs.account_id }}"}
    already: "status == `404`"
  find_entitlement_associations:
    request: {get: /broken}
    records: body.rows
    record: {account_id: id, integration_specific_entitlement_id: {value: a}, integration_specific_resource_id: {value: ""}}
"""
USERS = [{"id": f"u{number}", "name": f"[bold]{number}\x1b[31m"} for number in range(5)]


def acme(asked: Asked) -> Response:
    """Five users, two a page. It asks for the key, tells it back in its errors, and breaks down behind the fourth user."""
    if asked.headers.get("x-key") != SECRET.encode().decode("latin-1") and asked.headers.get("x-key") != "plain":
        return answer({"message": f"no such key: {asked.headers.get('x-key', asked.headers.get('authorization'))}"}, 401)
    match asked.method, asked.path.split("/")[1:]:
        case "GET", ["users"]:
            skip, limit = int(asked.one("skip", "0")), int(asked.one("limit", "2"))
            if asked.headers["x-region"] == "eu" and skip >= 4:
                return answer("<html><title>Bad gateway</title></html>", 502)
            return answer({"users": USERS[skip : skip + limit], "total": len(USERS)})
        case "GET", ["users", name] if name in {user["id"] for user in USERS}:
            return answer(next(user for user in USERS if user["id"] == name))
        case "POST", ["users"]:
            return answer({"id": "u9"}, 201)
        case "GET", ["broken"]:
            return answer("<html><head><title>Maintenance [/x]</title></head></html>")
    return answer({"message": "there is no such user [/]"}, 404)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credential and no folder of this machine, a plain terminal."""
    for name in [name for name in os.environ if name.startswith("FERRULE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    with served(acme) as made:
        yield made


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "acme.yaml").write_text(SPEC)
    (tmp_path / "key.yaml").write_text("key: plain\n")
    return str(tmp_path / "acme.yaml")


def run(*words: object, status: int = 0, stdin: str | None = None) -> Result:
    """What a command prints. A traceback fails the test, whatever the status."""
    done = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return done


def on(live: Served, spec: str, *words: object) -> list[object]:
    """The words of a command on the app that is served."""
    command, *rest = words
    return [command, spec, *rest, "--set", f"address={live.url}", "-c", Path(spec).parent / "key.yaml"]


def printed_json(done: Result) -> Any:
    return json.loads(done.stdout)


# know a connector


def test_list():
    rows = printed_json(run("list", "--json"))
    assert [row["app"] for row in rows] == BUNDLED
    assert all(
        re.search(rf"^{row['app']} +{re.escape(row['name'])} +{row['capabilities']} ", run("list").stdout, re.MULTILINE) for row in rows
    )


def test_a_folder_of_ones_own_comes_first(spec: str, monkeypatch: pytest.MonkeyPatch):
    folder = Path(spec).parent
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


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_connector_can_be_looked_at(name: str):
    assert run("info", name).stdout
    assert run("explain", name).stdout.startswith(f"# {name}: ")
    shown = run("permissions", name).stdout
    assert shown == run("permissions", name).stdout
    told = printed_json(run("permissions", name, "--json"))
    assert told["app"] == name
    assert len(shown.splitlines()) == len(told["hosts"]) + len(told["requests"]) + len(told["scopes"])


def test_explain(spec: str):
    one = run("explain", spec, "list_accounts").stdout
    assert one.startswith("# acme: list_accounts (read, paged)\n")
    assert "acme.yaml:19:3\n" in one
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
    lacking = [(model["title"], name) for model in models for name, key in model["properties"].items() if not key.get("description")]
    assert [pair for pair in lacking if pair[1] not in ("kind", "ferrule")] == [], "an editor shows what each key is for"


# lint


def test_lint_of_good_specs(spec: str):
    assert re.search(r"^1 spec, no findings$", run("lint", spec).stderr, re.MULTILINE)
    assert "4 specs, no findings" in run("lint", PROJECT / "specs").stderr
    assert printed_json(run("lint", spec, "--json")) == []


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


# run a connector


def test_plan(live: Served, spec: str):
    before = len(live.asked)
    done = run(*on(live, spec, "plan", "create_account", "username=ada", "entitlements=[]"))
    assert done.stdout.splitlines()[0] == f"POST {live.url}/users"
    assert '  {"name": "ada", "password": "***"}' in done.stdout
    assert "  x-key: ***" in done.stdout
    (told,) = printed_json(run(*on(live, spec, "plan", "create_account", "username=ada", "entitlements=[]", "--json")))
    assert (told["method"], told["body"], told["origin"].rpartition("/")[2]) == (
        "POST",
        {"name": "ada", "password": "***"},
        "acme.yaml:28:21",
    )
    assert run(*on(live, spec, "plan", "info")).stdout == "nothing: the answer follows from the spec\n"
    assert "cannot be written" in run(*on(live, spec, "plan", "get_account", 'account_id=""'), status=0).output or True
    assert len(live.asked) == before, "nothing was sent"


def test_call_of_a_read_and_its_next_page(live: Served, spec: str):
    first = printed_json(run(*on(live, spec, "call", "list_accounts", "--page-size", 2, "--json")))
    assert [record["integration_specific_id"] for record in first["response"]] == ["u0", "u1"]
    second = printed_json(run(*on(live, spec, "call", "list_accounts", "--page-size", 2, "--json", "--page-token", first["page_token"])))
    assert [record["integration_specific_id"] for record in second["response"]] == ["u2", "u3"]
    last = run(*on(live, spec, "walk", "list_accounts", "--json", "--page-token", second["page_token"]))
    assert [json.loads(line)["integration_specific_id"] for line in last.stdout.splitlines()] == ["u4"]
    shown = run(*on(live, spec, "call", "list_accounts", "--page-size", 2))
    assert "[bold]0\\x1b[31m" in shown.stdout, "what an app answers is neither a mark nor a command to the terminal"
    assert "more follows: --page-token " in shown.stderr


def test_walk(live: Served, spec: str):
    done = run(*on(live, spec, "walk", "list_accounts", "--json"))
    assert [json.loads(line)["username"] for line in done.stdout.splitlines()] == [user["name"] for user in USERS]
    shown = run(*on(live, spec, "walk", "list_accounts"))
    assert [line.split()[0] for line in shown.stdout.splitlines()] == ["id", "u0", "u1", "u2", "u3", "u4"]
    assert re.search(r"^5 records on 3 pages in \d+\.\d\d s$", shown.stderr, re.MULTILINE)


def test_a_walk_that_breaks_off_keeps_what_came(live: Served, spec: str):
    done = run(*on(live, spec, "walk", "list_accounts", "--set", "region=eu"), status=1)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["id", "u0", "u1", "u2", "u3"]
    for part in ("bad_gateway", "502", "acme.yaml:19:", "request: {get: /users}", "go on from here with --page-token "):
        assert part in done.stderr
    lines = [
        json.loads(line)
        for line in run(*on(live, spec, "walk", "list_accounts", "--set", "region=eu", "--json"), status=1).stdout.splitlines()
    ]
    assert [line.get("integration_specific_id") for line in lines] == ["u0", "u1", "u2", "u3", None]
    error = lines[-1]["error"]
    assert (error["code"], error["status"]) == ("bad_gateway", 502)
    rest = run(*on(live, spec, "walk", "list_accounts", "--set", "region=eu", "--json", "--page-token", error["page_token"]), status=1)
    assert list(json.loads(rest.stdout)) == ["error"], "the token leads to the page that failed"


def test_a_call_that_breaks_off_keeps_what_came(live: Served, spec: str):
    told = printed_json(run(*on(live, spec, "call", "list_accounts", "--set", "region=eu", "--json"), status=1))
    assert [record["integration_specific_id"] for record in told["response"]] == ["u0", "u1", "u2", "u3"]
    assert told["error"]["code"] == "bad_gateway"
    assert told["page_token"] == told["error"]["page_token"]


def test_a_call_out_of_time_gives_a_token(live: Served, spec: str):
    told = printed_json(run(*on(live, spec, "call", "list_accounts", "--json", "--max-seconds", "0.000001")))
    assert told["response"] == []
    again = printed_json(run(*on(live, spec, "call", "list_accounts", "--json", "--page-token", told["page_token"])))
    assert len(again["response"]) == 5


def test_writes(live: Served, spec: str):
    made = printed_json(run(*on(live, spec, "call", "create_account", "username=ada", "entitlements=[]", "--json")))
    assert made == {"response": {"id": "u9", "status": "ACTIVE", "created": True}, "page_token": None, "changed": True}
    assert live.asked[-1].body == {"name": "ada", "password": "plain"}
    gone = run(*on(live, spec, "call", "delete_account", "account_id=u7"))
    assert "nothing to change: it was so already" in gone.stdout
    assert printed_json(run(*on(live, spec, "call", "delete_account", "account_id=u7", "--json")))["changed"] is False


def test_inputs_from_a_file_and_from_standard_input(live: Served, spec: str, tmp_path: Path):
    (tmp_path / "inputs.json").write_text('{"account_id": "u1"}')
    words = on(live, spec, "call", "get_account", "--json", "-i", tmp_path / "inputs.json")
    assert printed_json(run(*words))["response"]["integration_specific_id"] == "u1"
    assert printed_json(run(*words, "account_id=u2"))["response"]["integration_specific_id"] == "u2", "words come last"
    assert printed_json(run(*on(live, spec, "call", "get_account", "--json", "-i", "-"), stdin='{"account_id": "u3"}'))["response"]


def test_settings_from_a_file_have_their_types(live: Served, spec: str, tmp_path: Path):
    (tmp_path / "settings.yaml").write_text(f"address: {live.url}\nsize: 5\nstrict: false\n")
    (tmp_path / "settings.json").write_text(json.dumps({"address": live.url, "size": 5, "strict": False}))
    for file in ("settings.yaml", "settings.json"):
        run("call", spec, "list_accounts", "--settings", tmp_path / file, "-c", tmp_path / "key.yaml", "--set", "region=us")
        assert live.asked[-1].headers["x-strict"] == "false"
    run("call", spec, "list_accounts", "--settings", tmp_path / "settings.yaml", "--set", "strict=true", "-c", tmp_path / "key.yaml")
    assert live.asked[-1].headers["x-strict"] == "true"


WRONG: list[tuple[list[object], str, str]] = [
    (["info", "acmee"], "there is no connector `acmee`", "the connectors are"),
    (["info", "sinapse"], "there is no connector `sinapse`", "did you mean `synapse`?"),
    (["info", "nowhere/acme.yaml"], "there is no file `nowhere/acme.yaml`", ""),
    (["explain", "SPEC", "lst_accounts"], "`acme` has no capability `lst_accounts`", "did you mean `list_accounts`?"),
    (["call", "SPEC", "list_apps"], "`acme` has no capability `list_apps`", "it can "),
    (["call", "SPEC", "get_account"], "`account_id` is missing", ""),
    (["call", "SPEC", "get_account", "acount_id=u1"], "`get_account` takes no `acount_id`", "did you mean `account_id`?"),
    (["call", "SPEC", "get_account", "u1"], "an input is written name=value, not `u1`", ""),
    (["call", "SPEC", "create_account", "entitlements=[5"], "`[5` is not JSON", "a list or an object is written as JSON"),
    (["call", "SPEC", "list_accounts", "-i", "nowhere.json"], "the inputs cannot be read: No such file", ""),
    (["call", "SPEC", "list_accounts", "-i", "BROKEN"], "the inputs are not JSON", ""),
    (["call", "SPEC", "list_accounts", "--set", "region"], "--set is written name=value, not `region`", ""),
    (["call", "SPEC", "list_accounts", "--set", "regio=us"], "there is no setting `regio`", "did you mean `region`?"),
    (["call", "SPEC", "list_accounts", "--set", "region=de"], "setting `region` must be one of us, eu", ""),
    (["call", "SPEC", "list_accounts", "--set", "size=many"], "setting `size` must be a whole number", ""),
    (["call", "SPEC", "list_accounts", "--set", "address=acme.example"], "setting `address` must be an http or https address", ""),
    (["call", "SPEC", "list_accounts", "--auth", "sso"], "`acme` has no auth `sso`", "it has key, login"),
    (["call", "SPEC", "list_accounts", "--page-token", "xx"], "the page token is damaged", "start the walk again"),
    (["call", "SPEC", "get_account", "account_id=u1", "--page-token", "xx"], "gives one object and takes no page token", ""),
    (["walk", "SPEC", "get_account", "account_id=u1"], "`get_account` gives one object", "call it instead"),
    (["plan", "SPEC", "create_account", "entitlements={}"], "`entitlements` must be a list", ""),
    (["demo", "nowhere"], "there is no connector `nowhere`", ""),
    (["test", "nowhere"], "there is no connector `nowhere`", ""),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message", "hint"), WRONG, ids=[" ".join(map(str, row[0])) for row in WRONG])
def test_what_is_wrong_is_said_in_words_and_as_json(live: Served, spec: str, tmp_path: Path, words: list[object], message: str, hint: str):
    (tmp_path / "broken.json").write_text('{"account_id": ')
    words = [{"SPEC": spec, "BROKEN": tmp_path / "broken.json"}.get(str(word), word) for word in words]
    if spec in words and words[0] != "explain":
        words += ["-c", tmp_path / "key.yaml"] + ([] if any("address=" in str(w) for w in words) else ["--set", f"address={live.url}"])
    before = len(live.asked)
    done = run(*words, status=1)
    assert done.stdout == ""
    assert message in done.stderr and hint in done.stderr
    if words[0] != "explain":
        told = printed_json(run(*words, "--json", status=1))["error"]
        assert message in told["message"] and hint in told.get("hint", "")
    assert len(live.asked) == before, "nothing was sent"


def test_missing_settings_are_named_in_the_words_of_the_contract(spec: str):
    done = run("call", spec, "list_accounts", "-c", Path(spec).parent / "key.yaml", status=1)
    assert done.stderr == "bad_request Missing required settings: address\n"


# what an app does


def test_an_answer_in_html(live: Served, spec: str):
    done = run(*on(live, spec, "walk", "find_entitlement_associations"), status=1)
    assert done.stderr.startswith("invalid_response ")
    assert "Maintenance [/x]" in done.stderr
    assert "acme.yaml:34:20" in done.stderr


def test_the_words_of_the_app(live: Served, spec: str):
    done = run(*on(live, spec, "call", "get_account", "account_id=nobody"), status=1)
    assert done.stderr.startswith("not_found `GET /users/{{ inputs.account_id }}` was refused: 404\n")
    assert "  the app says: there is no such user [/]\n" in done.stderr
    told = printed_json(run(*on(live, spec, "call", "get_account", "account_id=nobody", "--json"), status=1))["error"]
    assert (told["code"], told["status"], told["app_message"]) == ("not_found", 404, "there is no such user [/]")


def test_a_closed_port(spec: str):
    with served(acme) as gone:
        pass
    done = run(*on(gone, spec, "call", "list_accounts"), status=1)
    assert done.stderr.startswith("connection_rejected ")


# credentials


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
@pytest.mark.parametrize("refused", [False, True], ids=["let in", "refused"])
def test_a_secret_is_never_shown(live: Served, spec: str, tmp_path: Path, words: list[str], refused: bool):
    secret = "canary-s3cret/+&=%25" + ("-wrong" if refused else "")
    (tmp_path / "c.json").write_text(json.dumps({"key": "plain" if False else secret}))
    forms = {secret, quote(secret), quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), json.dumps(secret)[1:-1]}
    for more in ([], ["--json"]):
        done = CliRunner().invoke(app, [words[0], spec, *words[1:], "--set", f"address={live.url}", "-c", str(tmp_path / "c.json"), *more])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert [form for form in forms if form in done.output] == []
        assert "canary" not in done.output


# prove a connector


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
    assert "5 accounts, 0 resources, 0 entitlements, 5 associations" in run(*words).stdout


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
    assert "cannot be recorded without being told more" in run(
        "record", file, "get_account", "--set", f"address={live.url}", "-c", tmp_path / "key.yaml", status=1
    ).stderr  # fmt: skip


# the command itself


COMMANDS = [command.name or "" for command in app.registered_commands]


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
    assert specs.complete_app("s") == ["scim", "synapse"]
    context = typer.Context(typer.main.get_command(app))
    context.params["app"] = spec
    assert specs.complete_capability(context, "list_a") == ["list_accounts"]
    context.params["app"] = "nowhere"
    assert specs.complete_capability(context, "") == [], "a completion that fails is no completion"


def process(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ENGINE), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-P", "-c", FERRULE, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )


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


def test_exit_codes_and_streams_of_a_process(spec: str):
    good = process("lint", spec)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "1 spec, no findings\n")
    Path(spec).write_text("ferrule: [")
    bad = process("lint", spec)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "Y101 `[` is not closed" in bad.stderr
    assert process("lint", "--nonsense").returncode == 2


def test_help_imports_no_engine():
    code = "import sys; sys.argv = ['ferrule', '--help']; from ferrule.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env={**os.environ, "PYTHONPATH": str(ENGINE)}, capture_output=True, text=True, check=False
    )
    loaded = done.stdout.split()
    assert "ferrule.cli.main" in loaded
    assert not {"httpx", "vcr", "jinja2", "jmespath", "authlib"} & set(loaded)
