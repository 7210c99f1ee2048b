"""The bundled data is found from a wheel, from a checkout, and nowhere else."""

from pathlib import Path

import pytest

from ferrule import bundled

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "engine" / "ferrule"
    folder.mkdir(parents=True)
    return folder


def test_a_checkout_reads_its_own_folders():
    assert bundled.specs() == PROJECT / "specs"
    assert bundled.cassettes() == PROJECT / "cassettes"


def test_a_wheel_reads_what_it_carries(package: Path):
    inside = package / "_bundled" / "specs"
    inside.mkdir(parents=True)
    assert bundled.find("specs", package) == inside


def test_a_folder_that_happens_to_lie_near_an_installation_is_not_ours(package: Path):
    (package.parents[1] / "specs").mkdir()
    with pytest.raises(FileNotFoundError, match="install ferrule again"):
        bundled.find("specs", package)


def test_a_checkout_is_known_by_its_project_file(package: Path):
    (package.parents[1] / "pyproject.toml").touch()
    (package.parents[1] / "specs").mkdir()
    assert bundled.find("specs", package) == package.parents[1] / "specs"
