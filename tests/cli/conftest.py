"""What every test of the command stands on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import SPEC, acme
from served import Served, served


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credential and no folder of this machine, a plain terminal."""
    for name in [name for name in os.environ if name.startswith("FERRULE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FERRULE_CACHE", "")
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    with served(acme) as made:
        yield made


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "acme.yaml").write_text(SPEC)
    (tmp_path / "key.yaml").write_text("key: plain\n")
    return str(tmp_path / "acme.yaml")
