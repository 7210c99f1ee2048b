"""Coverage names exactly the nodes of a spec that its cassettes did not reach."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ferrule.bundled import cassettes
from ferrule.cli.main import app
from ferrule.coverage import Coverage, cover, lcov
from small_app import DELETE, GET, LIST, MISSING, SPEC, small

RUNNER = CliRunner()


def missed(coverage: Coverage) -> set[tuple[int, int, str, str | None]]:
    return {(each.node.span.line, each.node.span.column, each.node.kind, each.branch) for each in coverage.missed}


def test_each_node_of_the_file_is_there_once(tmp_path: Path):
    coverage, _ = cover(small(tmp_path, GET), "small.yaml")
    assert [(node.span.line, node.span.column, node.kind, node.where) for node in coverage.nodes] == [
        (6, 13, "template", "http.base_url"),
        (8, 14, "error rule", "http.errors.0.when"),
        (8, 59, "expression", "http.errors.0.message"),
        (9, 14, "error rule", "http.errors.1.when"),
        (11, 10, "pagination", "pagers.paged"),
        (11, 73, "expression", "pagers.paged.total"),
        (14, 20, "request", "capabilities.list_accounts.request.get"),
        (16, 14, "expression", "capabilities.list_accounts.records"),
        (17, 13, "predicate", "capabilities.list_accounts.filter"),
        (19, 32, "expression", "capabilities.list_accounts.record.integration_specific_id"),
        (20, 7, "field", "capabilities.list_accounts.record.account_type"),
        (21, 27, "map", "capabilities.list_accounts.record.user_status"),
        (23, 20, "request", "capabilities.get_account.request.get"),
        (24, 39, "expression", "capabilities.get_account.record.integration_specific_id"),
        (24, 53, "expression", "capabilities.get_account.record.username"),
        (26, 23, "request", "capabilities.delete_account.request.delete"),
        (27, 14, "predicate", "capabilities.delete_account.already"),
        (28, 29, "request", "capabilities.delete_account.verify.request.get"),
        (28, 71, "predicate", "capabilities.delete_account.verify.until"),
    ]


def test_what_no_call_reached_is_missed_with_its_branch(tmp_path: Path):
    coverage, reports = cover(small(tmp_path, LIST, GET, DELETE))
    assert [report.passed for report in reports] == [True]
    assert missed(coverage) == {
        (8, 14, "error rule", "matched"),
        (8, 59, "expression", None),
        (9, 14, "error rule", "matched"),
        (17, 13, "predicate", "left out"),
        (21, 27, "map", "took `else`"),
        (27, 14, "predicate", "true"),
    }
    assert coverage.count == 26
    assert coverage.percent == pytest.approx(100 * 20 / 26)
    assert str(coverage.missed[0]).endswith("specs/small.yaml:8:14: error rule `http.errors.0.when` never matched")


def test_more_questions_miss_less(tmp_path: Path):
    coverage, _ = cover(small(tmp_path, LIST, GET, DELETE, DELETE, MISSING))
    assert missed(coverage) == {(9, 14, "error rule", "matched"), (17, 13, "predicate", "left out"), (21, 27, "map", "took `else`")}


def test_a_predicate_that_is_tried_without_the_body_was_not_false(tmp_path: Path):
    """The exchange asks `already` once more without a body; only the answer itself counts."""
    coverage, _ = cover(small(tmp_path, DELETE, DELETE))
    already = next(node for node in coverage.nodes if node.where.endswith(".already"))
    # each call's answer is seen twice, by the exchange and by the step
    assert {branch: coverage.trace.taken[already.span, branch] for branch in already.branches} == {"true": 2, "false": 2}


def test_without_a_cassette_nothing_ran(tmp_path: Path):
    coverage, reports = cover(small(tmp_path))
    assert (reports, coverage.percent, len(coverage.missed)) == ([], 0.0, coverage.count)


OFFSET = "kind: offset, param: skip, size_param: limit, size: 2"


@pytest.mark.parametrize(
    ("pager", "unseen"),
    [
        (OFFSET, []),
        (f"{OFFSET}, total: body.total", []),
        (f"{OFFSET}, more: body.more, total: body.total", []),
        (f"{OFFSET}, short_page_ends: true", []),
        (f"{OFFSET}, total: body.total, empty_page_ends: true", ["ended by an empty page"]),
        ("kind: offset, param: skip, size_param: limit, size: 9, total: body.total", ["went on"]),
        ("kind: cursor, next: body.next, param: skip, size_param: limit, size: 2, total: body.total", []),
        ("kind: cursor, next: body.next, param: skip, size_param: limit, size: 9", ["went on"]),
    ],
)
def test_each_end_that_a_pagination_names_is_a_branch(tmp_path: Path, pager: str, unseen: list[str]):
    spec = SPEC.replace(f"{OFFSET}, total: body.total", pager)
    coverage, reports = cover(small(tmp_path, LIST, spec=spec))
    assert [report.passed for report in reports] == [True]
    assert [each.branch for each in coverage.missed if each.node.kind == "pagination"] == unseen


def test_what_stands_behind_an_anchor_is_one_node(tmp_path: Path):
    spec = SPEC.replace('verify: {request: {get: "/users/{{ inputs.account_id }}"}', "verify: {request: *one").replace(
        'request: {get: "/users/{{ inputs.account_id }}"}', 'request: &one {get: "/users/{{ inputs.account_id }}"}', 1
    )
    coverage, _ = cover(small(tmp_path, DELETE, spec=spec))
    assert [node.where for node in coverage.nodes if node.kind == "request"] == [
        "capabilities.list_accounts.request.get",
        "capabilities.get_account.request.get",
        "capabilities.delete_account.request.delete",
    ]
    assert (23, 25, "request", None) not in missed(coverage)


def test_lcov(tmp_path: Path):
    coverage, _ = cover(small(tmp_path, GET, MISSING), "small.yaml")
    assert lcov([coverage]).splitlines() == [
        "TN:", "SF:small.yaml",
        "BRDA:8,1,0,1", "BRDA:8,1,1,1",
        "BRDA:9,3,0,0", "BRDA:9,3,1,1",
        "BRDA:11,4,0,-", "BRDA:11,4,1,-",
        "BRDA:17,8,0,-", "BRDA:17,8,1,-",
        "BRDA:21,11,0,-", "BRDA:21,11,1,-", "BRDA:21,11,2,-",
        "BRDA:27,16,0,-", "BRDA:27,16,1,-",
        "BRDA:28,18,0,-",
        "BRF:14", "BRH:3",
        "DA:6,2", "DA:8,1", "DA:9,1", "DA:11,0", "DA:14,0", "DA:16,0", "DA:17,0", "DA:19,0", "DA:20,0", "DA:21,0",
        "DA:23,2", "DA:24,1", "DA:26,0", "DA:27,0", "DA:28,0",
        "LF:15", "LH:5",
        "end_of_record",
    ]  # fmt: skip


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in cassettes().rglob("*.yaml")}))
def test_watching_changes_nothing(folder: str):
    coverage, reports = cover(cassettes().parent / "specs" / f"{folder}.yaml")
    assert [slip for report in reports for call in report.calls for slip in (*call.slips, *call.unasked)] == []
    assert all(node.where for node in coverage.nodes), "a node whose place is not in the file"


def test_the_command_says_what_is_missed_and_fails_below_the_wish(tmp_path: Path):
    spec = str(small(tmp_path, LIST, GET, DELETE))
    shown = RUNNER.invoke(app, ["test", spec, "--coverage", "--fail-under", "76"])
    assert shown.exit_code == 0, shown.output
    assert "small.yaml:9:14: error rule `http.errors.1.when` never matched" in shown.output
    assert "76.9 %" in shown.output
    assert RUNNER.invoke(app, ["test", spec, "--fail-under", "77"]).exit_code == 1


def test_the_command_writes_json_and_lcov(tmp_path: Path):
    spec, written = str(small(tmp_path, LIST, GET, DELETE)), tmp_path / "lcov.info"
    told = json.loads(RUNNER.invoke(app, ["test", spec, "--json", "--coverage-lcov", str(written)]).output)
    assert [told["coverage"][0][key] for key in ("app", "count", "run", "percent")] == ["small", 26, 20, 76.92]
    assert told["coverage"][0]["missed"][0]["line"] == 8
    assert "LF:15\nLH:14\n" in written.read_text()
    assert isinstance(json.loads(RUNNER.invoke(app, ["test", spec, "--json"]).output), list)


def test_line_100_is_shown_as_a_number(tmp_path: Path):
    spec = small(tmp_path, GET, spec="\n" * 92 + SPEC)
    assert "small.yaml:100:14: error rule" in RUNNER.invoke(app, ["test", str(spec), "--coverage"]).output
