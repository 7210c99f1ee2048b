"""Mutation breaks a spec as a person would, and names exactly the slips that nobody noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ferrule.bundled import specs
from ferrule.cli.main import app
from ferrule.compile import compile_text
from ferrule.diagnostics import Code, Diagnostic
from ferrule.errors import BadInput
from ferrule.mutation import MUTATORS, Court, Verdict, court, judge, mutants, score
from ferrule.mutation.tree import applied
from ferrule.mutation.witness import Reach, reach_of
from ferrule.plan import Plan
from ferrule.record import Question, save
from ferrule.source import Table, plain, read
from small_app import DELETE, GET, LIST, MISSING, SPEC, small
from tape import recorded

RUNNER = CliRunner()
HEAD = "ferrule: 1\napp: {id: x}\n"
"""Mutators see the tree alone; what does not compile is killed for it."""


def broken(mutator: str, yaml: str) -> list[str]:
    """What a mutator does to the YAML below a head of two lines, line and words of each."""
    return [f"{each.span.line - 2} {each.change.words}" for each in mutants(read(HEAD + yaml, "x.yaml")) if each.mutator == mutator]


RECORD = "records: {a: {id: id, kind: {value: user}, on: {from: on, map: {true: ACTIVE, no: OFF}, else: GONE}, n: {f: f, l: l}, x: true}}"
DIRECTORY = """\
capabilities:
  move:
    steps:
      - {request: {ldap: {search: "ou=people,{{ base }}", filter: "(&(uid={{ x }})(!(off=1)))"}}}
      - {request: {ldap: {compare: "{{ x }}", attribute: mail, value: a}}}
      - {request: {ldap: {rename: "{{ x }}", new_rdn: "cn={{ y }}", new_superior: "{{ z }}", delete_old_rdn: true}}}
"""
LISTING = """\
capabilities:
  list_accounts:
    request: {get: "/v1/users/{{ x }}", query: {a: 1, b: "{{ x }}"}, headers: {A: b}, absent: "status == `404`", authenticated: false}
    pages: paged
    records: body.items
    filter: a == 'b' && !(c)
    dedupe: id
    explode: {as: it, list: items}
    when: inputs.x
"""
WRITING = """\
capabilities:
  create_account:
    steps:
      - {request: {post: /users, json: {a: 1, b: {c: "{{ x }}", d: [x, {value: y, when: z}]}}}, save: {id: body.id}, undo: {delete: /users}}
      - {request: {get: /jobs}, repeat: {until: body.done}, already: body.there}
    verify: {request: {get: /users}, until: body.ok}
"""
RULES = """\
http:
  error_message: body.why
  errors:
    - {when: "status == `403`", code: not_found}
    - {when: "status == `403` && body.x", code: conflict, message: body.m, retry: false}
    - {when: "status == `404`", code: not_found}
"""
PAGED = "pagers: {p: {kind: offset, param: skip, size_param: limit, max_size: 9, total: body.total, in: body, empty_page_ends: false}}"

LDAP = """\
capabilities:
  x:
    steps:
      - request: {ldap: {search: "ou=a,{{ b | dn }}", filter: "(&(a=b)(!(c={{ d }})))", attributes: [e, f]}}
      - request: {ldap: {compare: "<GUID={{ d }}>", attribute: a, value: "{{ d }}"}}
      - request: {ldap: {modify_dn: "{{ d | dn }}", new_rdn: "cn={{ d }}", new_superior: "{{ b | dn }}", delete_old_rdn: false}}
      - request: {ldap: {modify: "{{ d | dn }}", changes: {delete: {a: "1"}, add: {a: "{{ d }}"}}}}
"""

CASES = [
    ("drop-field", RECORD, [*(f"1 the field `{name}` was dropped" for name in ("id", "kind", "on", "n", "x", "f", "l"))]),
    ("swap-fields", RECORD, ["1 `f` and `l` were swapped"]),
    ("wrong-constant", RECORD, ["1 `x` became its opposite", "1 `user` became `service`"]),
    ("wrong-mapped-value", RECORD, ["1 `true` gives `OFF`, not `ACTIVE`", "1 `no` gives `ACTIVE`, not `OFF`"]),
    ("drop-mapped-value", RECORD, ["1 `true` was dropped from the map", "1 `no` was dropped from the map"]),
    ("drop-else", RECORD, ["1 `else` was dropped"]),
    ("drop-filter", LISTING, ["6 `filter` was dropped"]),
    ("drop-dedupe", LISTING, ["7 `dedupe` was dropped"]),
    ("drop-explode", LISTING, ["8 `explode` was dropped"]),
    ("drop-when", LISTING, ["9 `when` was dropped"]),
    ("drop-pages", LISTING, ["4 `pages` was dropped"]),
    ("drop-part", "capabilities: {x: {parts: [{rows: []}, {rows: []}]}}", ["1 part 1 was dropped", "1 part 2 was dropped"]),
    ("drop-already", WRITING, ["5 `already` was dropped"]),
    ("drop-verify", WRITING, ["6 `verify` was dropped"]),
    ("drop-undo", WRITING, ["4 `undo` was dropped"]),
    ("drop-repeat", WRITING, ["5 `repeat` was dropped"]),
    ("drop-save", WRITING, ["4 `id` was not saved"]),
    ("drop-step", WRITING, ["4 step 1 was dropped", "5 step 2 was dropped"]),
    ("swap-steps", WRITING, ["4 steps 1 and 2 were swapped"]),
    (
        "wrong-member",
        LISTING,
        ["5 `records: body.items` became `body.items_`", "9 `when: inputs.x` became `inputs.x_`", "8 `list: items` became `items_`"],
    ),
    (
        "negate",
        LISTING,
        [
            "6 `filter: a == 'b' && !(c)` became `!(a == 'b' && !(c))`",
            "9 `when: inputs.x` became `!(inputs.x)`",
            "3 `absent: status == `404`` became `!(status == `404`)`",
        ],
    ),
    (
        "wrong-base",
        LDAP,
        [
            "4 `ou=a,{{ b | dn }}` became `ou_=a,{{ b | dn }}`",
            "5 `<GUID={{ d }}>` became `<GUID_={{ d }}>`",
            "6 `cn={{ d }}` became `cn_={{ d }}`",
        ],
    ),
    ("wrong-scope", LDAP, ["4 `scope: sub` became `one`"]),
    ("drop-assertion", LDAP, ["4 `(a=b)` was dropped"]),
    ("wrong-assertion", LDAP, ["4 `(a=b)` asks for another attribute", "4 `(c={{ d }})` asks for another attribute"]),
    (
        "wrong-attribute",
        LDAP,
        ["5 `attribute: a` became `a_`", "6 `new_superior` was dropped", "6 `delete_old_rdn` became its opposite"],
    ),
    (
        "drop-leaf",
        LDAP,
        [
            *("4 an item was dropped from the body",) * 2,
            *("7 `delete` was dropped from the body", "7 `add` was dropped from the body", *("7 `a` was dropped from the body",) * 2),
        ],
    ),
    ("wrong-operator", LISTING, ["6 `==` became `!=`", "6 `&&` became `||`", "3 `==` became `!=`"]),
    ("wrong-literal", LISTING, ["6 'b' became 'b_'", "3 `404` became `405`"]),
    ("wrong-literal", "capabilities: {x: {when: \"contains(a || '', 'b')\"}}", ["1 'b' became 'b_'"]),
    ("wrong-method", LISTING, ["3 `get` became `post`"]),
    (
        "wrong-segment",
        LISTING,
        ["3 `/v1/users/{{ x }}` became `/v1_/users/{{ x }}`", "3 `/v1/users/{{ x }}` became `/v1/users_/{{ x }}`"],
    ),
    (
        "drop-pair",
        LISTING,
        ["3 the query parameter `a` was dropped", "3 the query parameter `b` was dropped", "3 the header `A` was dropped"],
    ),
    ("wrong-pair", LISTING, ["3 `a: 1` became `2`", "3 `A: b` became `b_`"]),
    ("drop-absent", LISTING, ["3 `absent` was dropped"]),
    ("wrong-retry", LISTING, ["3 `authenticated` became its opposite"]),
    (
        "drop-leaf",
        WRITING,
        [*(f"4 `{name}` was dropped from the body" for name in "abcd"), *["4 an item was dropped from the body"] * 2],
    ),
    ("wrong-leaf", WRITING, ["4 `a: 1` became `2`"]),
    ("drop-condition", WRITING, ["4 `when` was dropped from the value"]),
    (
        "drop-rule",
        RULES,
        [
            "4 the rule `status == `403`` was dropped",
            "5 the rule `status == `403` && body.x` was dropped",
            "6 the rule `status == `404`` was dropped",
        ],
    ),
    ("swap-rules", RULES, ["4 a rule and the one behind it were swapped"]),
    (
        "loosen-rule",
        RULES,
        [
            "4 `status == `403`` became `status >= `400``",
            "5 `status == `403` && body.x` became `status == `403``",
            "6 `status == `404`` became `status >= `400``",
        ],
    ),
    (
        "wrong-code",
        RULES,
        [
            "4 `code: not_found` became `permission_denied`",
            "5 `code: conflict` became `not_found`",
            "6 `code: not_found` became `permission_denied`",
        ],
    ),
    ("drop-detail", RULES, ["2 `error_message` was dropped", "5 `message` was dropped"]),
    ("wrong-retry", RULES, ["5 `retry` became its opposite"]),
    ("off-by-one", PAGED, ["1 `base: 0` became `1`"]),
    ("wrong-base", DIRECTORY, ["4 `ou=people,{{ base }}` became `ou_=people,{{ base }}`", "6 `cn={{ y }}` became `cn_={{ y }}`"]),
    ("wrong-scope", DIRECTORY, ["4 `scope: sub` became `one`"]),
    ("drop-assertion", DIRECTORY, ["4 `(uid={{ x }})` was dropped"]),
    ("wrong-assertion", DIRECTORY, ["4 `(off=1)` asks for another attribute", "4 `(uid={{ x }})` asks for another attribute"]),
    ("wrong-attribute", DIRECTORY, [
        "5 `attribute: mail` became `mail_`", "6 `delete_old_rdn` became its opposite", "6 `new_superior` was dropped"]),
    ("off-by-one", "pagers: {p: {kind: page, base: 1}}", ["1 `base: 1` became `0`"]),
    ("off-by-one", "pagers: {p: {kind: cursor, next: body.next}}", []),
    ("drop-end-signal", PAGED, ["1 `total` was dropped"]),
    ("wrong-param", PAGED, ["1 `param: skip` became `skip_`", "1 `size_param: limit` became `limit_`"]),
    ("drop-size", PAGED, ["1 `size_param` was dropped", "1 `max_size` was dropped"]),
    ("wrong-advance", PAGED, ["1 `advance_by: rows` became `limit`"]),
    ("wrong-flag", PAGED, ["1 `empty_page_ends` became its opposite"]),
    ("wrong-place", PAGED, ["1 `in: body` was dropped"]),
]  # fmt: skip


STEPS = "capabilities: {x: {steps: [%s]}}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("inputs.a == 'x'", "inputs.a == 'y'"),
        ("'x' == inputs.a && b", "c && inputs.a == 'y'"),
        ("inputs.a == 'x'", "inputs.a != 'x'"),
        ("inputs.a", "!(inputs.a)"),
        ("inputs.a && b", "inputs.a == ''"),
        ("inputs.a", "inputs.a == `null`"),
    ],
)
def test_steps_that_exclude_each_other_have_no_order(first: str, second: str):
    for one, other in ((first, second), (second, first)):
        steps = STEPS % f'{{when: "{one}", request: {{get: /a}}}}, {{when: "{other}", request: {{get: /b}}}}'
        assert broken("swap-steps", steps) == []
        assert len(broken("drop-step", steps)) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("inputs.a == 'x'", "inputs.b == 'y'"),
        ("inputs.a == 'x' || b", "inputs.a == 'y'"),
        ("inputs.a != 'x'", "inputs.a != 'y'"),
        ("inputs.a == 'x'", "inputs.a == 'x'"),
        ("inputs.a == '1'", "inputs.a != `1`"),
        ("inputs.a", "inputs.a == `0`"),  # which counts as true
        ("inputs.a == 'x'", "inputs.a == inputs.b"),
        ("saved == 'x'", "saved == 'y'"),  # what the first step saves, the second one sees
    ],
)
def test_steps_that_may_both_be_taken_have_an_order(first: str, second: str):
    steps = STEPS % f'{{when: "{first}", request: {{get: /a}}, save: {{saved: body.x}}}}, {{when: "{second}", request: {{get: /b}}}}'
    assert len(broken("swap-steps", steps)) == 1


def test_a_name_asks_what_the_step_asks_that_saves_it():
    """The value of `saved` is there only where the first step was taken."""
    giver = "{when: inputs.a, request: {get: /a}, save: {saved: body.x}}"
    steps = f"{giver}, {{when: saved, request: {{get: /b}}}}, {{when: \"inputs.a == ''\", request: {{get: /c}}}}"
    assert broken("swap-steps", STEPS % steps) == ["1 steps 1 and 2 were swapped"]
    twice = f"{giver}, {{request: {{get: /d}}, save: {{saved: body.x}}}}, {steps.removeprefix(giver + ', ')}"
    assert len(broken("swap-steps", STEPS % twice)) == 3


@pytest.mark.parametrize(("mutator", "yaml", "expected"), CASES, ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(CASES)])
def test_a_mutator_breaks_just_this(mutator: str, yaml: str, expected: list[str]):
    assert sorted(broken(mutator, yaml)) == sorted(expected)


def test_every_mutator_has_a_case():
    assert {name for name, _, _ in CASES} == MUTATORS.keys()


def test_every_mutant_is_another_spec_and_leaves_the_first_alone():
    for path in sorted(specs().glob("*.yaml")):
        tree = read(path.read_text(), path.name)
        before = plain(tree)
        for mutant in mutants(tree):
            change = mutant.change
            after = applied(tree, mutant.site.value if change.text is None else change.text, change.value)
            assert [*after] != [*tree] or plain(after) != before, mutant
        assert plain(tree) == before


def test_what_stands_behind_an_anchor_is_broken_at_once():
    tree = read(HEAD + "capabilities: {a: {when: &w inputs.x, records: b}, c: {when: *w}}", "x.yaml")
    found = [each for each in mutants(tree) if each.mutator == "negate"]
    assert len(found) == 1
    assert found[0].change.text is not None
    after = applied(tree, found[0].change.text, found[0].change.value)
    assert plain(after["capabilities"]) == {"a": {"when": "!(inputs.x)", "records": "b"}, "c": {"when": "!(inputs.x)"}}


# Survivors


def survivors(path: Path, **more: object) -> set[str]:
    made = score(path, **{"lint": None, **more})  # type: ignore[arg-type]
    return {f"{each.span.line}:{each.span.column} {each.mutator}" for each in made.survivors}


NOBODY_ASKED_FOR_A_REFUSAL = {
    "8:7 drop-rule", "8:14 loosen-rule", "8:25 wrong-literal", "8:33 wrong-code", "8:50 drop-detail", "8:59 wrong-member",
}  # fmt: skip
NOBODY_DELETED_TWICE = {"27:5 drop-already", "27:29 wrong-literal"}
ALWAYS = {
    *("9:7 drop-rule", "9:14 loosen-rule", "9:25 wrong-literal", "9:33 wrong-code"),  # no 409 ever came
    *("17:5 drop-filter", "21:74 drop-else"),  # nobody is without an id, nobody neither active nor not
    "11:11 wrong-advance",  # all pages but the last are full
}


def test_survivors_are_what_no_cassette_shows(tmp_path: Path):
    assert survivors(small(tmp_path, LIST, GET, DELETE)) == ALWAYS | NOBODY_ASKED_FOR_A_REFUSAL | NOBODY_DELETED_TWICE


def test_more_questions_leave_fewer(tmp_path: Path):
    """A rule that takes every refusal for a 404 is not noticed: no other refusal came."""
    left = survivors(small(tmp_path, LIST, GET, DELETE, DELETE, MISSING))
    assert left == ALWAYS | {"8:14 loosen-rule"}


def test_the_score(tmp_path: Path):
    made = score(small(tmp_path, LIST, GET, DELETE), lint=None)
    assert (len(made.verdicts), len(made.survivors)) == (59, 15)
    assert made.percent == pytest.approx(100 * 44 / 59)
    assert made.by_mutator["wrong-literal"] == (1, 4)
    assert "drop-undo" not in made.by_mutator
    assert {verdict.killed for verdict in made.verdicts} == {"compile", "replay", None}


def test_several_processes_come_to_the_same(tmp_path: Path):
    path = small(tmp_path, LIST, DELETE)
    assert score(path, jobs=2) == score(path)


def test_a_linter_kills_too(tmp_path: Path):
    """A finding that the spec itself has does not count."""
    code = Code("L499", "no-filter")

    def lint(plan: Plan, tree: Table, text: str) -> Iterator[Diagnostic]:
        assert (text, tree.keys()) == (SPEC, plain(tree).keys())
        listing = plan.spec.capabilities["list_accounts"]
        assert listing.records is not None
        yield Diagnostic(code, listing.span, "there always")
        if listing.filter is None:
            yield Diagnostic(code, listing.records.span, "no filter")

    assert survivors(small(tmp_path, LIST, GET, DELETE), lint=lint) == (ALWAYS | NOBODY_ASKED_FOR_A_REFUSAL | NOBODY_DELETED_TWICE) - {
        "17:5 drop-filter"
    }


# Only what a change can reach is made again


def judged_twice(opened: Court, step: int, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Verdict, Verdict]]:
    """Every so many mutants, judged as usual and by all calls of all cassettes of the whole spec."""
    chosen = opened.mutants[::step]
    quick = [opened.judge(mutant) for mutant in chosen]
    with monkeypatch.context() as patch:
        patch.setattr(judge, "reach_of", lambda before, after: Reach())
        whole = [opened.judge(mutant) for mutant in chosen]
    return [*zip(quick, whole, strict=True)]


def test_what_is_out_of_reach_is_left_out_and_the_verdict_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    spec = SPEC.replace("record: {integration_specific_id: id, username: name}", "record: one").replace(
        "capabilities:", "records: {one: {integration_specific_id: id, username: name}}\ncapabilities:"
    )
    opened = court(small(tmp_path, LIST, GET, MISSING, DELETE, DELETE, spec=spec))
    pairs = judged_twice(opened, 1, monkeypatch)
    assert [quick for quick, _ in pairs] == [whole for _, whole in pairs]
    assert {quick.killed for quick, _ in pairs} == {"compile", "replay", "lint", None}


@pytest.mark.parametrize("name", ["scim", "jupyterhub", "rabbitmq", "synapse"])
def test_the_verdicts_on_a_real_spec_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch):
    opened = court(specs() / f"{name}.yaml")
    pairs = judged_twice(opened, 29, monkeypatch)
    assert len(pairs) > 15
    assert [quick for quick, _ in pairs] == [whole for _, whole in pairs]


def reached(opened: Court, mutator: str, line: int) -> list[list[int]]:
    mutant = next(each for each in opened.mutants if (each.mutator, each.span.line) == (mutator, line))
    change = mutant.change
    tree = applied(opened.tree, mutant.site.value if change.text is None else change.text, change.value)
    return [witness.calls(reach_of(opened.tree, tree)) for witness in opened.witnesses]


def test_which_calls_a_change_reaches(tmp_path: Path):
    opened = court(small(tmp_path, LIST, GET, MISSING, DELETE, DELETE))
    assert reached(opened, "drop-filter", 17) == [[0]], "the capability"
    assert reached(opened, "drop-already", 27) == [[3, 4]]
    assert reached(opened, "drop-end-signal", 11) == [[0]], "the capability that names the pagination"
    assert reached(opened, "drop-detail", 8) == [[0, 1, 2, 3]], "every answer is held against the rules but the one that `already` knows"
    assert reached(opened, "drop-rule", 9) == [[0, 1, 3]], "and an answer that the first rule takes is not held against the second"


SESSION = """\
ferrule: 1
app: {id: small, name: Small, vendor_domain: small.example}
settings: {base_url: {type: url}}
auth:
  login:
    kind: session
    login: {post: /login, json: {user: "{{ credential.username }}", password: "{{ credential.password }}"}}
    token: body.session
    apply: {header: X-Session}
http: {base_url: "{{ settings.base_url }}"}
capabilities:
  list_accounts:
    request: {get: /users, query: {limit: 9}}
    records: body.items
    record: {integration_specific_id: id}
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, email: email}
"""


def test_a_call_that_leaves_a_session_behind_is_made_in_any_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "specs").mkdir()
    path = tmp_path / "specs" / "small.yaml"
    path.write_text(SESSION)
    listing, one = Question("list_accounts", {}), Question("get_account", {"account_id": "u1"})
    cassette = recorded(listing, listing, one, plan=compile_text(SESSION), auth="login")
    assert [call.requests for call in cassette.ferrule.calls] == [2, 1, 1]
    save(cassette, tmp_path / "cassettes" / "small" / "reads.yaml")
    opened = court(path)
    assert reached(opened, "wrong-segment", 17) == [[0, 2]]
    pairs = judged_twice(opened, 1, monkeypatch)
    assert [quick for quick, _ in pairs] == [whole for _, whole in pairs]


def test_a_cassette_that_does_not_fit_is_no_witness(tmp_path: Path):
    path = small(tmp_path, GET)
    path.write_text(SPEC.replace("username: name", "username: id"))
    with pytest.raises(BadInput, match=r"the cassettes of `small` do not fit the spec: get_account: "):
        score(path)


def test_the_command_names_survivors_and_fails_below_the_wish(tmp_path: Path):
    spec = str(small(tmp_path, LIST, GET, DELETE, DELETE, MISSING))
    shown = RUNNER.invoke(app, ["test", spec, "--mutate"])
    assert shown.exit_code == 0, shown.output
    assert "small.yaml:17:5: drop-filter: `filter` was dropped" in shown.output
    told = json.loads(RUNNER.invoke(app, ["test", spec, "--mutate", "--json"]).output)["mutation"][0]
    assert told["killed"] + len(told["survivors"]) == told["mutants"] == 59
    wish = ["test", spec, "--fail-under-mutation"]
    assert RUNNER.invoke(app, [*wish, str(told["percent"] - 1)]).exit_code == 0
    assert RUNNER.invoke(app, [*wish, str(told["percent"] + 1)]).exit_code == 1


def test_the_manual_names_every_mutator():
    page = (Path(__file__).parents[1] / "docs" / "testing.md").read_text()
    assert [name for name in MUTATORS if f"`{name}`" not in page] == []
