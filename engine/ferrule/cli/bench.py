"""`ferrule bench`: how fast the engine reads on this machine, and where the time goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ferrule.cli.output import err, failures, out, print_json, progress, table
from ferrule.cli.specs import AsJson

if TYPE_CHECKING:
    from ferrule.bench.measure import Figures


def bench(
    records: Annotated[int, typer.Option("--records", "-n", min=1, max=10_000_000, metavar="COUNT", help="How many to read.")] = 100_000,
    what: Annotated[
        Literal["accounts", "associations", "both"], typer.Option("--list", help="A plain list, a fan-out over groups, or both.")
    ] = "both",
    latency: Annotated[
        float, typer.Option("--latency", min=0, max=10_000, metavar="MS", help="What the application waits before each answer.")
    ] = 0,
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, max=64, metavar="COUNT", help="Requests at once.")] = 10,
    as_json: AsJson = False,
) -> None:
    """How fast this machine reads: a made-up application on loopback, and where the time of a page goes.

    The application runs in a process of its own. Nothing but this machine is asked.

        ferrule bench
        ferrule bench --list associations --latency 20 --concurrency 50
    """
    with failures(as_json=as_json):
        from ferrule.bench.measure import LISTS, measure

        found = []
        with progress("bench") as tell:
            for each in LISTS if what == "both" else (what,):
                found.append(measure(each, records, latency=latency / 1000, concurrency=concurrency, tell=tell))
    print_json([_as_json(each) for each in found]) if as_json else _show(found)


def _show(found: list[Figures]) -> None:
    table(
        {
            "list": each.what,
            "records": f"{each.records:,}",
            "pages": f"{each.pages:,}",
            "seconds": f"{each.wall:.2f}",
            "records/s": f"{each.records_per_second:,.0f}",
            "pages/s": f"{each.pages_per_second:,.0f}",
            "CPU µs/record": f"{1e6 * each.cpu / each.records:.2f}",
            "peak MB": f"{each.peak_memory:.0f}",
        }
        for each in found
    )
    out.print()
    table({"µs of CPU per page": name, **{each.what: _share(each, name) for each in found}} for name in [*found[0].stages, "in all"])
    err.print("[dim]wire, decode, map and validate are timed on one page, again and again; the rest is the engine around them[/dim]")


def _share(figures: Figures, stage: str) -> str:
    whole = sum(figures.stages.values())
    return f"{1e6 * figures.stages.get(stage, whole):,.0f} ({100 * figures.stages.get(stage, whole) / whole:.0f} %)"


def _as_json(figures: Figures) -> dict[str, Any]:
    return {
        "list": figures.what,
        "records": figures.records,
        "pages": figures.pages,
        "requests": figures.requests,
        "seconds": round(figures.wall, 4),
        "cpu_seconds": round(figures.cpu, 4),
        "records_per_second": round(figures.records_per_second),
        "pages_per_second": round(figures.pages_per_second, 1),
        "peak_memory_mb": round(figures.peak_memory, 1),
        "cpu_us_per_page": {name: round(1e6 * seconds, 1) for name, seconds in figures.stages.items()},
    }
