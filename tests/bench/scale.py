"""What a record costs, and how much memory a walk needs, from a thousand records to a million.

    python tests/bench/scale.py [--write]

Each size is a process of its own: `ferrule bench --json`. `--write` draws docs/performance.svg.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

PLOT = Path(__file__).parents[2] / "docs" / "performance.svg"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
WIDTH, HEIGHT, LEFT, TOP = 340, 200, 60, 40
COLOURS = {"accounts": "#2563eb", "associations": "#d97706"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="draw docs/performance.svg")
    parser.add_argument("--rounds", type=int, default=3, metavar="COUNT", help="the best of so many is shown")
    asked = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in COLOURS}
    for name, rows in found.items():
        for size in SIZES:
            rounds = [measured(name, size) for _ in range(asked.rounds)]
            row = min(rounds, key=lambda each: each["cpu_seconds"])
            rows.append(row)
            print(
                f"{name:12} {size:9,} records  {cost(row):6.2f} µs of CPU per record  {row['peak_memory_mb']:5.1f} MB at most", flush=True
            )
    if asked.write:
        PLOT.write_text(plot(found), "utf-8")


def measured(name: str, size: int) -> dict[str, Any]:
    """One walk in a process of its own."""
    command = [sys.executable, "-c", "from ferrule.cli import main; main()", "bench", "--json", "--list", name, "--records", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (row,) = json.loads(done.stdout)
    return dict(row)


def cost(row: dict[str, Any]) -> float:
    """Microseconds of the processor per record."""
    return 1e6 * float(row["cpu_seconds"]) / int(row["records"])


def plot(found: dict[str, list[dict[str, Any]]]) -> str:
    """Both figures side by side, as SVG."""
    panels = [
        panel("µs of CPU per record", {name: [cost(row) for row in rows] for name, rows in found.items()}, 0),
        panel("peak memory, MB", {name: [row["peak_memory_mb"] for row in rows] for name, rows in found.items()}, WIDTH + LEFT + 20),
    ]
    size = f'width="{2 * (WIDTH + LEFT) + 40}" height="{HEIGHT + TOP + 70}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *panels, "</svg>", ""])


def panel(title: str, lines: dict[str, list[float]], offset: int) -> str:
    """One figure: sizes on a logarithmic axis, values from zero on."""
    top = nice(max(max(values) for values in lines.values()))
    made = [f'<g transform="translate({offset + LEFT},{TOP})">', f'<text y="-16" font-weight="bold">{title}</text>']
    for part in range(5):
        y = HEIGHT - HEIGHT * part / 4
        made.append(f'<line x1="0" x2="{WIDTH}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
        made.append(f'<text x="-8" y="{y + 4:.0f}" text-anchor="end">{top * part / 4:g}</text>')
    places = [WIDTH * (math.log10(size) - 3) / 3 for size in SIZES]
    for size, x in zip(SIZES, places, strict=True):
        made.append(f'<text x="{x:.0f}" y="{HEIGHT + 18}" text-anchor="middle">{size:,}</text>')
    made.append(f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT + 38}" text-anchor="middle">records</text>')
    for place, (name, values) in enumerate(lines.items()):
        points = [(x, HEIGHT - HEIGHT * value / top) for x, value in zip(places, values, strict=True)]
        path = " ".join(f"{x:.0f},{y:.1f}" for x, y in points)
        made.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        made += [f'<circle cx="{x:.0f}" cy="{y:.1f}" r="3" fill="{COLOURS[name]}"/>' for x, y in points]
        made.append(f'<text x="{WIDTH - 90}" y="{HEIGHT - 34 + 16 * place}" fill="{COLOURS[name]}">{name}</text>')
    return "\n".join([*made, "</g>"])


def nice(value: float) -> float:
    """A round number that is not below `value`."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value)


if __name__ == "__main__":
    main()
