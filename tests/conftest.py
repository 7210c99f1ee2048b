"""What every test shares: the options, the live tests kept apart, the material beside the checkout."""

import os
from pathlib import Path

import hypothesis
import pytest

PROJECT = Path(__file__).parents[1]

# A deadline measures how busy the machine is; what takes too long is a matter for the bench.
hypothesis.settings.register_profile("ferrule", deadline=None)
hypothesis.settings.load_profile("ferrule")

os.environ["FERRULE_CACHE"] = ""  # a test sees what this engine says, and leaves nothing behind


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-docs", action="store_true", help="write the real output of commands into the docs, where it differs")
    parser.addoption(
        "--write-cassettes", action="store_true", help="with tests/live/test_recordings.py: write what the applications answer"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in tests/live is live, so that no file there can forget to say so."""
    for item in items:
        if item.path.is_relative_to(PROJECT / "tests" / "live"):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the checkout: the contract's facts, vendors' descriptions, start scripts."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("there is no folder `shared` beside the checkout")
    return folder
