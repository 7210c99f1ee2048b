"""Ferrule's side of the bench harness: one job, through the public API, every record typed and validated.

    python tests/bench/harness.py --job accounts|assoc --base URL [--concurrency N] [--report FILE]

It is called as the other engines of the harness are, and reports what they report. `just bench` puts all of them into one table.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import tempfile
import time
from pathlib import Path

import ferrule

SPEC = Path(ferrule.__file__).with_name("bench") / "bench.yaml"
JOBS = {"accounts": "list_accounts", "assoc": "find_entitlement_associations"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", choices=JOBS, default="accounts")
    parser.add_argument("--base", default="http://127.0.0.1:18080/200", metavar="URL")
    parser.add_argument("--concurrency", type=int, default=1, metavar="COUNT", help="requests under way at once")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where the counts go")
    parser.add_argument("--gc-threshold", type=int, default=0, metavar="COUNT", help="the collector's, as the floor has it")
    asked = parser.parse_args()
    if asked.gc_threshold:
        gc.freeze()
        gc.set_threshold(asked.gc_threshold, 50, 50)
    started = time.perf_counter()
    records, pages = asyncio.run(walk(JOBS[asked.job], asked.base, asked.concurrency))
    found = {"records": records, "requests": pages, "loop_s": time.perf_counter() - started}
    if asked.report:
        asked.report.write_text(json.dumps(found))
    else:
        print(found)


async def walk(capability: str, base: str, concurrency: int) -> tuple[int, int]:
    """How many records and pages there are. It awaits, as the loop by hand does."""
    records = pages = 0
    tenant = connector(concurrency).instance({"token": "bench-token"}, {"base_url": base})
    try:
        async for page in tenant.awalk(capability, page_size=100):
            records, pages = records + len(page.records), pages + 1
    finally:
        await tenant.aclose()
    return records, pages


def connector(concurrency: int) -> ferrule.Connector:
    """The connector with so many requests at once: a spec says how many its app takes."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, SPEC.name)
        spec.write_text(SPEC.read_text("utf-8").replace("concurrency: 10", f"concurrency: {concurrency}"), "utf-8")
        return ferrule.load(spec)


if __name__ == "__main__":
    main()
