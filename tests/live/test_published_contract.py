"""The contract's published document, run against a server: whatever is sent, the answer is one that the document has.

schemathesis writes requests for each of the 53 paths, such as the document allows and such as it does not, and judges status,
type and body of every answer. Each goes out as it was written, and then turned step by step into a call that reaches the app of
the referee, the connector that has every capability, so that answers to good calls are judged, too. It needs the extra `contract`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import connector
import hypothesis
import pytest
import yaml

from ferrule.errors import CODES
from referee import ask
from referee.app import BODIES, Served, served
from referee.compare import FOLDER
from served_api import running

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install 'ferrule[contract]'")
requests = pytest.importorskip("requests", reason="schemathesis brings it")

EXAMPLES = {"positive": 29, "negative": 10}
"""Requests written for each path: such as the document allows, and such as it does not. Of each of them a dozen are made."""
TROUBLES = cycle([*BODIES, "cut", "close", "401", "403", "404", "409", "418", "500", "503", *(f"said-{code}" for code in CODES)])
"""What the app does in place of answering well, some of it for each request."""
DOCUMENT = yaml.load((Path(connector.__file__).parent / "spec" / "openapi.yaml").read_text(), yaml.CSafeLoader)
GOOD = yaml.safe_load((FOLDER / "cases.yaml").read_text())["capabilities"]
JUDGES = "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"
SEEN: Counter[str] = Counter()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Served]]:
    """The server's address, and the app of the referee."""
    folder = tmp_path_factory.mktemp("contract")
    auths = yaml.safe_load((FOLDER / "auth.yaml").read_text())["several"]
    (folder / "referee.yaml").write_text((FOLDER / "connector.yaml").read_text().replace("auth: {}", f"auth: {json.dumps(auths)}"))
    with served() as app, running(folder, "referee.yaml", "jupyterhub", "--timeout", "2") as server:
        yield server.url, app
        log = [json.loads(line) for line in server.log.read_text().splitlines()]
        assert not [line for line in log if "logger" in line], "nothing but answers is in the log"


@pytest.fixture(scope="module", autouse=True)
def _figures(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{sum(SEEN.values())} answers: {', '.join(f'{count} {what}' for what, count in SEEN.most_common())}")


def measures(case: Any, app: str) -> Generator[Any, dict[str, Any]]:
    """A request as it was written, and turned by and by into a call that is good: to a connector there is, to the one that has
    every capability, with a credential and settings that open the app, with a request that the app can answer. That one goes
    on through the pages, is sent again with the app's words asked for, and to an app that is in trouble. Is sent the answers."""
    yield case
    if not case.path_parameters:
        return
    for name in ("jupyterhub", "referee"):
        case.path_parameters["connector_id"] = name
        yield case
    if not isinstance(case.body, dict):
        return
    good = ask.filled(GOOD.get(case.operation.path.rpartition("/")[2], {}))
    case.body.pop("auth", None)
    case.body |= {"credentials": good["credentials"], "settings": {"base_url": f"{app}/none"}}
    yield case
    case.body |= {"request": good["request"], "page": {"size": 1}}
    case.body.pop("rate_limit", None)
    while "page" in (got := (yield case)) and "token" in got["page"]:
        case.body["page"] = {"size": 1, "token": got["page"]["token"]}
    case.body.pop("page")
    case.body["include_raw_data"] = True
    yield case
    for trouble in islice(TROUBLES, 6):
        case.body["settings"] = {"base_url": f"{app}/{trouble}"}
        yield case


@pytest.mark.parametrize(
    ("path", "mode"),
    # What takes no body has nothing to get wrong.
    [(path, mode) for path, item in DOCUMENT["paths"].items() for mode in EXAMPLES if mode == "positive" or "requestBody" in item["post"]],
)
def test_every_answer_is_in_the_document(both: tuple[str, Served], path: str, mode: str):
    url, app = both
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    checks = schemathesis.checks
    checks.load_all_checks()
    judges = [checks.CHECKS.get_one(name) for name in JUDGES]
    operation, session = schema[path]["POST"], requests.Session()
    generation = schemathesis.GenerationMode(mode)

    @hypothesis.settings(
        max_examples=EXAMPLES[mode], database=None, derandomize=True, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate],
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy(generation))
    def judged(case: Any) -> None:
        app.fresh()
        following, got = measures(case, f"{app.url}/ours"), None
        with suppress(StopIteration):
            while True:
                request = following.send(got)
                response = request.call(base_url=url, session=session, timeout=30)
                request.validate_response(response, checks=judges)
                got = json.loads(response.content)
                assert "the connector failed" not in got.get("error", {}).get("message", ""), "a slip of ours"
                SEEN[got["error"]["error_code"] if "error" in got else "good"] += 1

    judged()
