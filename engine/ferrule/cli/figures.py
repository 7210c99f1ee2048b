"""How `ferrule test` shows what the cassettes make run, and what they notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ferrule.cli.output import count, out, table

if TYPE_CHECKING:
    from ferrule.coverage import Coverage
    from ferrule.mutation import Score


def show_coverage(coverages: list[Coverage]) -> None:
    """A line for each spec, and what did not run in any."""
    out.print()
    for coverage in coverages:
        for missed in coverage.missed:
            out.print(str(missed), markup=False)
    table(
        {"app": each.app, "nodes and branches": each.count, "run": each.count - len(each.missed), "coverage": _percent(each.percent)}
        for each in coverages
    )


def coverage_as_json(coverage: Coverage) -> dict[str, Any]:
    """The same for a program."""
    missed = [
        {
            "file": each.node.span.file, "line": each.node.span.line, "column": each.node.span.column,
            "kind": each.node.kind, "where": each.node.where, "branch": each.branch,
        }
        for each in coverage.missed
    ]  # fmt: skip
    return {
        "app": coverage.app,
        "file": coverage.file,
        "count": coverage.count,
        "run": coverage.count - len(missed),
        "percent": round(coverage.percent, 2),
        "missed": missed,
    }


def show_mutation(scores: list[Score]) -> None:
    """Each survivor with its line, how each mutator fared, and a line for each spec."""
    for score in scores:
        out.print()
        for survivor in score.survivors:
            out.print(str(survivor), markup=False)
        fared = score.by_mutator.items()
        table(
            ({"mutator": name, "mutants": of, "killed": killed, "score": _percent(100 * killed / of)} for name, (killed, of) in fared),
            title=f"\n{score.app}: {count(len(score.verdicts), 'mutant')}",
        )  # fmt: skip
    out.print()
    table(
        {
            "app": score.app, "mutants": len(score.verdicts), "killed": len(score.verdicts) - len(score.survivors),
            **{f"by {killer}": sum(verdict.killed == killer for verdict in score.verdicts) for killer in ("compile", "replay", "lint")},
            "score": _percent(score.percent),
        }
        for score in scores
    )  # fmt: skip


def mutation_as_json(score: Score) -> dict[str, Any]:
    """The same for a program."""
    survivors = [
        {"mutator": each.mutator, "file": each.span.file, "line": each.span.line, "column": each.span.column, "change": each.words}
        for each in score.survivors
    ]
    return {
        "app": score.app,
        "file": score.file,
        "mutants": len(score.verdicts),
        "killed": len(score.verdicts) - len(survivors),
        "percent": round(score.percent, 2),
        "by_mutator": {name: {"killed": killed, "mutants": of} for name, (killed, of) in score.by_mutator.items()},
        "survivors": survivors,
    }


def _percent(value: float) -> str:
    """Never rounded up to 100."""
    return f"{int(value * 10) / 10:.1f} %"
