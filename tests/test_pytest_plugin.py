"""`pytest --ferrule specs/`: which items there are, that each comes to the same however it is run, and what a failure says.

Each test starts a pytest of its own, with warnings as errors and whatever other plugins are installed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ferrule.record import save
from sessions import ENGINE
from small_app import DELETE, GET, LIST, MISSING, SPEC, small
from tape import ACCOUNTS, Question, recorded
from tape import SPEC as LOGIN_SPEC

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """The command in the folder of the test, as somebody would call it who knows nothing of this project's settings. Of the
    plugins that are installed, ours is loaded, and those that are named."""
    monkeypatch.setenv("PYTHONPATH", str(ENGINE))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return lambda *options: pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "ferrule", *options)


CLEAN = """\
ferrule: 1
app: {id: small, name: Small, vendor_domain: small.example}
settings: {base_url: {type: url}}
auth: {token: {kind: bearer}}
http: {base_url: "{{ settings.base_url }}"}
capabilities:
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, username: name}
"""


def test_there_is_an_item_for_lint_and_for_each_call(pytester: pytest.Pytester, run):
    small(pytester.path, GET, MISSING, GET, spec=CLEAN)
    shown = run("--ferrule", "specs/", "-v")
    shown.assert_outcomes(passed=4)
    shown.stdout.fnmatch_lines(
        [
            "specs/small.yaml::lint PASSED*",
            "specs/small.yaml::reads::1 get_account PASSED*",
            "specs/small.yaml::reads::2 get_account PASSED*",
            "specs/small.yaml::reads::3 get_account PASSED*",
        ]
    )


def test_it_is_there_with_every_other_plugin_that_is_installed(pytester: pytest.Pytester, run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    small(pytester.path, GET, spec=CLEAN)
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:asyncio", "--ferrule", "specs/").assert_outcomes(passed=2)


def test_without_the_option_there_is_nothing(pytester: pytest.Pytester, run):
    small(pytester.path, GET, spec=CLEAN)
    assert run("specs/").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_without_the_option_the_engine_is_not_imported():
    code = "import sys, ferrule.pytest_plugin; print(sorted(n for n in sys.modules if n.startswith('ferrule') or n in HEAVY))"
    heavy = "HEAVY = {'pydantic', 'aiohttp', 'yaml', 'jinja2', 'jmespath', 'orjson', 'typer', 'rich'}; "
    done = subprocess.run([sys.executable, "-c", heavy + code], env={"PYTHONPATH": str(ENGINE)}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ferrule', 'ferrule.pytest_plugin']"


@pytest.mark.parametrize(
    "options",
    [
        ["-p", "xdist", "-n", "2"],
        ["-p", "randomly", "--randomly-seed=1"],
        ["-p", "randomly", "--randomly-seed=2", "-p", "xdist", "-n", "2", "--dist", "worksteal"],
    ],
    ids=" ".join,
)
def test_the_order_and_the_process_change_nothing(pytester: pytest.Pytester, run, options: list[str]):
    """A later call needs the session that the first one logged in to."""
    login(pytester.path)
    run("--ferrule", "specs/", "-k", "tape", *options).assert_outcomes(passed=5)


def login(folder: Path) -> None:
    """A spec whose cassette has a login in the first call, and then none any more."""
    (folder / "specs").mkdir()
    (folder / "specs" / "acme.yaml").write_text(LOGIN_SPEC)
    one = Question("get_account", {"account_id": "u1"})
    cassette = recorded(one, one, ACCOUNTS, one, one, auth="login")
    assert [call.requests for call in cassette.ferrule.calls] == [2, 1, 3, 1, 1]
    save(cassette, folder / "cassettes" / "acme" / "tape.yaml")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_call_is_chosen_by_its_node_id_and_works_alone(pytester: pytest.Pytester, run, number: int):
    login(pytester.path)
    name = "list_accounts" if number == 3 else "get_account"
    run("--ferrule", f"specs/acme.yaml::tape::{number} {name}").assert_outcomes(passed=1)


def test_a_failure_says_what_differs_and_where(pytester: pytest.Pytester, run):
    spec = small(pytester.path, LIST, GET, DELETE)
    spec.write_text(SPEC.replace("size: 2", "size: 3").replace("username: name", "username: id"))
    shown = run("--ferrule", "specs/", "-k", "reads")
    shown.assert_outcomes(failed=2, passed=1)
    shown.stdout.fnmatch_lines(
        [
            "*small.yaml reads 1 list_accounts*",
            "specs/small.yaml:13: `list_accounts` is not as recorded in cassettes/small/reads.yaml",
            "  `GET */users?limit=3&skip=0` is not recorded; nearest is `GET */users?limit=2&skip=0`:",
            "    query parameter `limit`: asked `3`, recorded `2`",
            "  recorded, but not asked any more: GET */users?limit=2&skip=0",
            "*small.yaml reads 2 get_account*",
            "specs/small.yaml:22: `get_account` is not as recorded in cassettes/small/reads.yaml",
            '  $.record.username: came "u1", expected "ann"',
            "FAILED specs/small.yaml::reads::1 list_accounts*",
        ]
    )
    assert "Traceback" not in shown.stdout.str()
    assert "pytest_plugin" not in shown.stdout.str()


def test_lint_fails_for_an_error_and_for_a_warning(pytester: pytest.Pytester, run):
    spec = small(pytester.path, spec=CLEAN.replace("username: name", "username: name, email: name == 'a'"))
    shown = run("--ferrule", str(spec))
    shown.assert_outcomes(failed=1)
    shown.stdout.fnmatch_lines(["specs/small.yaml:9:* L408 * [[]unfit-expression[]]", "    9 |     record:*", "*^~~~*"])
    spec.write_text(CLEAN.replace("settings: {base_url: {type: url}}", "settings: {base_url: {type: url}, region: {}}"))
    shown = run("--ferrule", "specs")
    shown.assert_outcomes(failed=1)
    shown.stdout.fnmatch_lines(["specs/small.yaml:3:* L* [[]unused-setting[]]"])
    assert "pytest_plugin" not in shown.stdout.str()


def test_the_line_of_a_secret_is_not_shown(pytester: pytest.Pytester, run):
    secret = "ghp_" + "a1B2" * 9
    small(pytester.path, spec=CLEAN.replace("http: {", "http: {headers: {X-Key: " + secret + "}, "))
    shown = run("--ferrule", "specs/")
    shown.assert_outcomes(failed=1)
    shown.stdout.fnmatch_lines(["*[[]secret-in-spec[]]"])
    assert secret not in shown.stdout.str()


def test_a_spec_that_does_not_compile_fails_its_calls_too(pytester: pytest.Pytester, run):
    small(pytester.path, GET, spec=CLEAN).write_text(CLEAN.replace("username: name", "usernam: name"))
    shown = run("--ferrule", "specs/")
    shown.assert_outcomes(failed=2)
    shown.stdout.fnmatch_lines(["specs/small.yaml:9:*usernam*", "the spec does not compile: specs/small.yaml:9:*usernam*"])


def test_a_spec_that_is_no_yaml_fails_too(pytester: pytest.Pytester, run):
    small(pytester.path, GET, spec=CLEAN).write_text(CLEAN + "  : [")
    shown = run("--ferrule", "specs/")
    shown.assert_outcomes(failed=2)
    assert "pytest_plugin" not in shown.stdout.str()


def test_a_cassette_that_is_broken_is_an_error_of_collection(pytester: pytest.Pytester, run):
    small(pytester.path, GET, spec=CLEAN)
    (pytester.path / "cassettes" / "small" / "torn.yaml").write_text("ferrule: 1\n")
    shown = run("--ferrule", "specs/")
    assert shown.ret == pytest.ExitCode.INTERRUPTED
    shown.stdout.fnmatch_lines(["*ERROR collecting*", "*torn.yaml:1:1: S290*", "ERROR specs/small.yaml::torn*"])
    assert "pytest_plugin" not in shown.stdout.str()


def test_settings_that_do_not_fit_the_spec_any_more_fail_each_call(pytester: pytest.Pytester, run):
    small(pytester.path, GET, GET, spec=CLEAN).write_text(CLEAN.replace("settings: {", "settings: {realm: {}, "))
    shown = run("--ferrule", "specs/", "-k", "reads")
    shown.assert_outcomes(failed=2)
    shown.stdout.fnmatch_lines(["Missing required settings: realm"])


def test_of_a_folder_only_specs_are_taken_and_a_file_that_is_named_always(pytester: pytest.Pytester, run):
    small(pytester.path, GET, spec=CLEAN)
    (pytester.path / "specs" / "compose.yaml").write_text("services: {db: {image: postgres}}\n")
    (pytester.path / "test_more.py").write_text("def test_more(): pass\n")
    run("--ferrule").assert_outcomes(passed=3)
    run("--ferrule", "specs/compose.yaml").assert_outcomes(failed=1)
