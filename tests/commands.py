"""The command for tests: run it, in this process or in one of its own, on a spec of all it may be asked for and the app it fits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from app import Asked, answer
from ferrule.cli.main import app
from ferrule.http import Response
from served import Served
from sessions import ENGINE, FERRULE

KEY = "canary-s3cret/+&=%25"
"""What the app of this file lets in, as well as `plain`."""
SPEC = """ferrule: 1
app: {id: acme, name: "Acme [/]", vendor_domain: acme.example, description: "[/b] teams"}
settings:
  address: {type: url, title: Address, description: Where it is.}
  region: {enum: [us, eu], default: us}
  size: {type: integer, default: 2}
  strict: {type: boolean, default: true}
auth:
  key: {kind: header, name: X-Key, fields: {key: API key}}
  login: {kind: basic}
http:
  base_url: "{{ settings.address }}"
  headers: {X-Region: "{{ settings.region }}", X-Strict: "{{ settings.strict }}"}
  retry: {attempts: 1}
pagers:
  counted: {kind: offset, param: skip, size_param: limit, size: 2, total: body.total}
capabilities:
  list_accounts:
    request: {get: /users}
    pages: counted
    records: body.users
    record: {integration_specific_id: id, username: name}
  get_account:
    request: {get: "/users/{{ inputs.account_id }}"}
    record: {integration_specific_id: id, username: name}
  create_account:
    request: {post: /users, json: {name: "{{ inputs.username }}", password: "{{ credential.key }}"}}
    record: {id: id, status: {value: ACTIVE}}
  delete_account:
    request: {delete: "/users/{{ inputs.account_id }}"}
    already: "status == `404`"
  find_entitlement_associations:
    request: {get: /broken}
    records: body.rows
    record: {account_id: id, integration_specific_entitlement_id: {value: a}, integration_specific_resource_id: {value: ""}}
"""
GOOD = """ferrule: 1
app: {id: good, name: Good, vendor_domain: good.example}
auth: {token: {kind: bearer}}
http: {base_url: "https://api.good.example"}
capabilities:
  validate_credentials:
    request: {get: /me}
    record: {unique_tenant_id: tenant}
"""
"""A spec that nothing is to be said of."""
USERS = [{"id": f"u{number}", "name": f"[bold]{number}\x1b[31m"} for number in range(5)]


def acme(asked: Asked) -> Response:
    """Five users, two a page. It asks for the key, tells it back in its errors, and breaks down behind the fourth user."""
    if asked.headers.get("x-key") not in ("plain", KEY):
        return answer({"message": f"no such key: {asked.headers.get('x-key', asked.headers.get('authorization'))}"}, 401)
    match asked.method, asked.path.split("/")[1:]:
        case "GET", ["users"]:
            skip, limit = int(asked.one("skip", "0")), int(asked.one("limit", "2"))
            if asked.headers["x-region"] == "eu" and skip >= 4:
                return answer("<html><title>Bad gateway</title></html>", 502)
            return answer({"users": USERS[skip : skip + limit], "total": len(USERS)})
        case "GET", ["users", name] if name in {user["id"] for user in USERS}:
            return answer(next(user for user in USERS if user["id"] == name))
        case "POST", ["users"]:
            return answer({"id": "u9"}, 201)
        case "GET", ["broken"]:
            return answer("<html><head><title>Maintenance [/x]</title></head></html>")
    return answer({"message": "there is no such user [/]"}, 404)


def run(*words: object, status: int = 0, stdin: str | None = None) -> Result:
    """What a command prints. A traceback fails the test, whatever the status."""
    done = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return done


def on(live: Served, spec: str, *words: object) -> list[object]:
    """The words of a command on the app that is served."""
    command, *rest = words
    return [command, spec, *rest, "--set", f"address={live.url}", "-c", Path(spec).parent / "key.yaml"]


def printed_json(done: Result) -> Any:
    return json.loads(done.stdout)


def process(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ENGINE), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-P", "-c", FERRULE, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )
