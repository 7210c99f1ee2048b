"""A call that a cassette answers instead of the app: for tests of whatever calls the connector."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from ferrule.connector import Connector
from ferrule.contract.envelope import RequestEnvelope
from ferrule.dispatch import dispatch, opened
from ferrule.envelopes import Envelope
from ferrule.errors import BadInput
from ferrule.replay import ReplayClock
from ferrule.wire.cassette import CassetteWire
from ferrule.wire.cassette_file import Cassette, load_cassette
from ferrule.wire.kept import Redaction


def replayed(connector: Connector, capability: str, envelope: str, cassette: Path) -> Envelope:
    """`dispatch`, with the exchanges that the cassette has of the same call.

    The envelope is what it would be in earnest: the settings that were recorded, and any credential, since a cassette holds
    none. Raises `ValueError` where the cassette has no such call, `SpecError` where it is broken, `OSError` where there is none.
    """
    loaded = load_cassette(cassette)
    wire = CassetteWire(loaded)
    if connector.plan.operation(capability).derive is None:
        with suppress(BadInput):  # the call itself says so, before it asks
            wire.turn_to(_call(loaded, capability, opened(envelope)))
    return dispatch(connector, capability, envelope, wire=wire, clock=ReplayClock(loaded.ferrule.date))


def _call(cassette: Cassette, capability: str, asked: RequestEnvelope) -> int:
    """The number of the first call with these inputs; of several, the first with this size of a page."""
    calls = [(number, call) for number, call in enumerate(cassette.ferrule.calls) if call.capability == capability]
    inputs = _said(Redaction().value(dict(asked.request)))
    size = asked.page.size if asked.page else None
    fitting = sorted((call.page_size != size, number) for number, call in calls if _said(call.inputs) == inputs)
    if fitting:
        return fitting[0][1]
    held = [json.dumps(call.inputs, ensure_ascii=False) for _, call in calls]
    others = f"; it has it of {', '.join(dict.fromkeys(held))}" if held else ""
    raise ValueError(f"the cassette has no `{capability}` of {json.dumps(inputs, ensure_ascii=False)}{others}")


def _said(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if value is not None}
