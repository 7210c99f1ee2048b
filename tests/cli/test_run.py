"""The commands that speak to an app: plan, call, walk; what they are given, and what the app does."""

import json
import re
from pathlib import Path

import pytest

from commands import USERS, acme, on, printed_json, run
from served import Served, served


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
        "acme.yaml:27:21",
    )
    assert run(*on(live, spec, "plan", "info")).stdout == "nothing: the answer follows from the spec\n"
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
    (["call", "SPEC", "reset"], "`acme` has no capability `reset`", "it can app_info, connected_info, create_account, "),
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
    (["plan", "SPEC", "create_account", "entitlements=a"], "`entitlements.0` must be a mapping", ""),
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


def test_an_answer_in_html(live: Served, spec: str):
    done = run(*on(live, spec, "walk", "find_entitlement_associations"), status=1)
    assert done.stderr.startswith("invalid_response ")
    assert "Maintenance [/x]" in done.stderr
    assert "acme.yaml:33:20\n    33 | request: {get: /broken}\n" in done.stderr


def test_the_words_of_the_app(live: Served, spec: str):
    done = run(*on(live, spec, "call", "get_account", "account_id=nobody"), status=1)
    assert done.stderr.startswith("not_found `GET /users/{…}` was refused: 404\n")
    assert "  the app says: there is no such user [/]\n" in done.stderr
    told = printed_json(run(*on(live, spec, "call", "get_account", "account_id=nobody", "--json"), status=1))["error"]
    assert (told["code"], told["status"], told["app_message"]) == ("not_found", 404, "there is no such user [/]")


def test_a_closed_port(spec: str):
    with served(acme) as gone:
        pass
    done = run(*on(gone, spec, "call", "list_accounts"), status=1)
    assert done.stderr.startswith("connection_rejected ")
