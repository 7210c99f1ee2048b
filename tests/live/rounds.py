"""What every application's tests do alike: read a whole list, break it off and go on elsewhere, be refused."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import ferrule

MOST_PROCESSES = 6
"""Processes that share one walk; each reads on from where the one before was killed."""
MOST_BOUNDARIES = 12
"""Page boundaries of one walk from which it is read to its end once more."""


def walked(
    tenant: ferrule.Instance, capability: str, inputs: dict[str, Any] | None = None, *, size: int | None = None, token: str | None = None
) -> list[dict[str, Any]]:
    """All records of a read, as plain values."""
    pages = tenant.walk(capability, inputs, page_size=size, page_token=token)
    return [plain(record) for page in pages for record in page.records]


def plain(record: Any) -> dict[str, Any]:
    """A record without the fields that are null."""
    values: dict[str, Any] = record.model_dump(mode="json", exclude_none=True)
    return values


def refused(tenant: ferrule.Instance, capability: str, inputs: dict[str, Any] | None = None) -> ferrule.FerruleError:
    """The error that a call ends with."""
    with pytest.raises(ferrule.FerruleError) as caught:
        tenant.call(capability, inputs)
    return caught.value


def refusal(tenant: ferrule.Instance, capability: str, inputs: dict[str, Any] | None = None) -> tuple[str, str | None]:
    """The code that a call ends with, and the app's own words."""
    error = refused(tenant, capability, inputs)
    return error.code.name, error.app_message if isinstance(error, ferrule.CallError) else None


def breaks_off_and_goes_on(
    app: str, credential: dict[str, Any], settings: dict[str, Any], capability: str, inputs: dict[str, Any] | None = None, *, size: int = 1
) -> int:
    """Assert that a walk that is broken off at a page boundary and goes on from the token has the same records as one that
    is not: once as a relay of processes, each killed behind its last page, and from many boundaries with a tenant that has
    seen nothing before. Gives the number of pages."""
    connector = ferrule.load(app)
    with connector.instance(credential, settings) as tenant:
        pages = list(tenant.walk(capability, inputs, page_size=size))
    whole = [[plain(record) for record in page.records] for page in pages]
    assert [page.token is None for page in pages] == [False] * (len(pages) - 1) + [True]
    boundaries = range(0, len(pages) - 1, -(-len(pages) // MOST_BOUNDARIES))
    for index in boundaries:
        with connector.instance(credential, settings) as tenant:
            rest = walked(tenant, capability, inputs, size=size, token=pages[index].token)
        assert _same([*chain(*whole[: index + 1]), *rest], [*chain(*whole)]), f"from page {index + 1} of {len(pages)}"
    if len(pages) > 1:
        leg = {"app": app, "credential": credential, "settings": settings, "capability": capability, "inputs": inputs, "size": size}
        assert _same(_relay({**leg, "pages": -(-len(pages) // MOST_PROCESSES)}), [*chain(*whole)]), "through a relay of processes"
    return len(pages)


def _same(some: list[dict[str, Any]], others: list[dict[str, Any]]) -> bool:
    """Whether both hold the same records, each as often."""
    return sorted(map(_text, some)) == sorted(map(_text, others))


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, sort_keys=True)


_LEG = """
import json, os, sys
import ferrule
given = json.load(sys.stdin)
tenant = ferrule.load(given["app"]).instance(given["credential"], given["settings"])
records, token = [], given["token"]
pages = tenant.walk(given["capability"], given["inputs"], page_size=given["size"], page_token=token)
for _ in range(given["pages"]):
    page = next(pages, None)
    if page is None:
        token = None
        break
    records += [record.model_dump(mode="json", exclude_none=True) for record in page.records]
    token = page.token
print(json.dumps([records, token]), flush=True)
os._exit(0)
"""


def _relay(leg: dict[str, Any]) -> list[dict[str, Any]]:
    """A walk by one process after the other. None of them ends its walk in order."""
    records: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        done = subprocess.run(
            [sys.executable, "-c", _LEG], input=json.dumps({**leg, "token": token}), capture_output=True, text=True, timeout=60, check=True,
            env={"PYTHONPATH": str(Path(ferrule.__file__).parents[1])},
        )  # fmt: skip
        found, token = json.loads(done.stdout)
        records += found
        if token is None:
            return records
