"""The bundled cassettes, recorded once more: the applications still answer as the committed ones say.

`pytest -m live tests/live/test_recordings.py --write-cassettes` writes them. Each application is started for this alone, and
what is asked of one leaves it as it was, or has one of its own, so that any of the cassettes can be recorded by itself and in
any order. What is asked stands in `recordings/<app>.py`.
"""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import Any

import pytest

import ferrule
from ferrule.bundled import cassettes
from ferrule.record import record, save
from ferrule.wire.cassette_file import Cassette, CassetteCall, load_cassette
from ferrule.wire.network import network
from live.recordings import activedirectory, aws_iam, jupyterhub, rabbitmq, scim, synapse
from live.recordings.asked import Application, Recording
from live.recordings.meanwhile import Meanwhile

pytestmark = pytest.mark.live

COMMAND = "pytest -m live tests/live/test_recordings.py --write-cassettes"
APPLICATIONS = [
    activedirectory.APPLICATION,
    *aws_iam.APPLICATIONS,
    jupyterhub.APPLICATION,
    *scim.APPLICATIONS,
    rabbitmq.APPLICATION,
    synapse.APPLICATION,
]


@pytest.mark.parametrize(
    ("application", "recording"),
    [pytest.param(each, recording, id=f"{each.app}/{recording.name}") for each in APPLICATIONS for recording in each.recordings],
)
def test_it_can_be_recorded_again(application: Application, recording: Recording, target: Any, request: pytest.FixtureRequest) -> None:
    path = cassettes() / application.app / f"{recording.name}.yaml"
    started = target(application.target, application.port + recording.apart, **application.environment)
    url, administrator = started["base_url"], started["credential"]
    connector = ferrule.load(application.app)
    with recording.setting(url, administrator) as deeds:
        cassette = asyncio.run(
            record(
                connector,
                recording.questions,
                application=application.name,
                application_version=application.version,
                command=COMMAND,
                people=application.people,
                credential=recording.credential or {field: administrator[field] for field in application.fields},
                settings={**application.given(started, recording.path), **recording.settings},
                wire=Meanwhile(network(connector.plan.http), deeds) if deeds else None,
            )
        )
    if request.config.getoption("--write-cassettes"):
        save(cassette, path)
    assert outline(cassette) == outline(load_cassette(path)), f"`{COMMAND}` writes what is answered now"


def outline(cassette: Cassette) -> list[dict[str, Any]]:
    """What the calls come to, without what differs each time: the ids and times that an application makes up, and how often it
    has to be asked whether it is done."""
    return [told(call, steps(cassette, number)) for number, call in enumerate(cassette.ferrule.calls)]


def steps(cassette: Cassette, call: int) -> int:
    """How many requests belong to a call. One that is repeated on the spot counts once."""
    requests = [cassette.interactions[number].request for number in cassette.belonging(call)]
    return len(list(groupby(requests)))


def told(call: CassetteCall, requests: int) -> dict[str, Any]:
    expect = call.expect
    fields = [sorted(record) for record in expect.records or []]
    error = expect.error and (expect.error.code, expect.error.status, expect.error.app_code)
    return {
        "capability": call.capability,
        "inputs": sorted(call.inputs),
        "requests": requests,
        "changed": expect.changed,
        "error": error,
        "fields": sorted(fields) or sorted(expect.record or {}),
    }
