"""The cassettes that come from vendors' descriptions, made once more: the descriptions still say what the committed ones hold.

`pytest tests/test_described.py --write-cassettes` writes them. What is asked stands in `described/<app>.py`, and how an answer is made of
a description in `described/description.py`. Replaying the cassettes needs no description.
"""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import ferrule
from app import AppWire
from described.asked import App, Recording
from described.aws_iam import AWS_IAM
from described.datadog import DATADOG
from described.entra_id import ENTRA_ID
from described.github import GITHUB
from described.google_workspace import GOOGLE_WORKSPACE
from described.jira import JIRA
from described.netsuite import NETSUITE
from described.okta import OKTA
from described.pagerduty import PAGERDUTY
from described.salesforce import SALESFORCE
from described.slack import SLACK
from described.snowflake import SNOWFLAKE
from described.zendesk import ZENDESK
from described.zoom import ZOOM
from ferrule.bundled import cassettes, specs
from ferrule.cli.main import app as command
from ferrule.connector import Connector
from ferrule.instance import Instance
from ferrule.record import record, save
from ferrule.replay import ReplayClock
from ferrule.wire.cassette_file import Cassette, load_cassette

COMMAND = "pytest tests/test_described.py --write-cassettes"
APPS = [AWS_IAM, DATADOG, ENTRA_ID, GITHUB, GOOGLE_WORKSPACE, JIRA, NETSUITE, OKTA, PAGERDUTY, SALESFORCE, SLACK, SNOWFLAKE, ZENDESK, ZOOM]


@pytest.mark.parametrize(
    ("app", "recording"), [pytest.param(app, recording, id=f"{app.app}/{recording.name}") for app in APPS for recording in app.recordings]
)
def test_the_description_still_says_so(app: App, recording: Recording, shared: Path, request: pytest.FixtureRequest) -> None:
    path = cassettes() / app.app / f"{recording.name}.yaml"
    cassette = made(app, recording, app.reader(*descriptions(app, shared)) if app.file else None)
    if request.config.getoption("--write-cassettes"):
        save(cassette, path)
    committed = load_cassette(path)
    header = cassette.ferrule.model_copy(update={"date": committed.ferrule.date})
    assert cassette.model_copy(update={"ferrule": header}) == committed, f"`{COMMAND}` writes what is described now"


@pytest.mark.parametrize("app", [app for app in APPS if app.file and app.folder == "specs"], ids=lambda app: app.app)
def test_the_description_has_what_the_spec_asks(app: App, shared: Path) -> None:
    against = [f"--against={each}" for each in descriptions(app, shared)]
    ran = CliRunner().invoke(command, ["lint", str(specs() / f"{app.app}.yaml"), *against])
    assert ran.exit_code == 0, ran.output


def descriptions(app: App, shared: Path) -> list[Path]:
    """The files of the descriptions; without one of them the test is skipped."""
    files = [shared / "openapi" / app.folder / str(name) for name in (app.file, *app.besides)]
    for each in files:
        if not each.is_file():
            pytest.skip(f"the shared material has no openapi/{app.folder}/{each.name}")
    return files


class Hasty(Connector):
    """A connector for which waiting takes no time."""

    def instance(self, *args: Any, **more: Any) -> Instance:
        return super().instance(*args, **more, clock=ReplayClock(datetime.date.today()))


def made(app: App, recording: Recording, description: Any) -> Cassette:
    """The cassette, made without waiting. Whoever is in the examples was made up by the vendor, and stays."""
    return asyncio.run(
        record(
            Hasty(ferrule.load(app.app).plan),
            recording.questions,
            application=app.name,
            application_version=description.version if description else app.version,
            command=COMMAND,
            provenance=recording.provenance,
            source=recording.page or app.source,
            credential=recording.credential,
            auth=recording.auth,
            settings={**app.settings, **recording.settings},
            wire=AppWire(app.answers(description, recording.turns)),
            people="kept",
        )
    )
