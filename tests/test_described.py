"""The cassettes that come from vendors' descriptions, made once more: the descriptions still say what the committed ones hold.

`pytest tests/test_described.py --write-cassettes` writes them. What is asked stands in `described/<app>.py`, and how an answer is made of
a description in `described/description.py`. Replaying the cassettes needs no description.
"""

from __future__ import annotations

import pytest

import ferrule
import virtual_time
from app import AppWire
from described.asked import App, Recording
from described.description import Described, Description
from described.pagerduty import PAGERDUTY
from ferrule.bundled import cassettes
from ferrule.record import record, save
from ferrule.wire.cassette_file import Cassette, load_cassette

COMMAND = "pytest tests/test_described.py --write-cassettes"
APPS = [PAGERDUTY]


@pytest.mark.parametrize(
    ("app", "recording"), [pytest.param(app, recording, id=f"{app.app}/{recording.name}") for app in APPS for recording in app.recordings]
)
def test_the_description_still_says_so(app: App, recording: Recording, shared: Path, request: pytest.FixtureRequest) -> None:
    description = shared / "openapi" / "specs" / app.file
    if not description.is_file():
        pytest.skip(f"the shared material has no openapi/specs/{app.file}")
    path = cassettes() / app.app / f"{recording.name}.yaml"
    cassette = made(app, recording, Description(description))
    if request.config.getoption("--write-cassettes"):
        save(cassette, path)
    committed = load_cassette(path)
    header = cassette.ferrule.model_copy(update={"date": committed.ferrule.date})
    assert cassette.model_copy(update={"ferrule": header}) == committed, f"`{COMMAND}` writes what is described now"


def made(app: App, recording: Recording, description: Description) -> Cassette:
    """The cassette, made without waiting. Whoever is in the examples was made up by the vendor, and stays."""
    return virtual_time.run(
        record(
            ferrule.load(app.app),
            recording.questions,
            application=app.name,
            command=COMMAND,
            provenance=recording.provenance,
            source=recording.page or app.source,
            credential=recording.credential,
            auth=recording.auth,
            settings={**app.settings, **recording.settings},
            wire=AppWire(Described(description, recording.turns)),
            people="kept",
        )
    )
