"""A client certificate beside client credentials, as ADP wants it, against a server on this machine that asks for one."""

import asyncio
import http.server
import json
import ssl
import stat
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, load_pem_private_key

import ferrule
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.dispatch import dispatch
from ferrule.http import Identity
from ferrule.secret import Secret
from ferrule.wire import live

SPEC = """
ferrule: 1
app: {id: adp, name: ADP, vendor_domain: adp.com}
settings: {base_url: {type: url}}
auth:
  certificate: {kind: mtls}
  client: {kind: oauth2_client_credentials, token_url: /auth/oauth/v2/token, client_auth: basic}
  both: {kind: combined, of: [certificate, client]}
http: {base_url: "{{ settings.base_url }}", retry: {attempts: 1}}
capabilities:
  validate_credentials:
    request: {get: /core/v1/whoami}
    record: {unique_tenant_id: tenant}
  list_accounts:
    request: {get: /hr/v2/workers}
    records: body.workers
    record: {integration_specific_id: associateOID}
"""


@dataclass
class Running:
    """The server: its address, its authority, and whose certificate came with which path."""

    url: str
    authority: trustme.CA
    came: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    authority = trustme.CA()
    came: list[tuple[str, str]] = []

    class Adp(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answered(
                {"workers": [{"associateOID": "G1"}], "tenant": "acme"} if self.headers["authorization"] == "Bearer t0ken" else None
            )

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.answered(
                {"access_token": "t0ken", "expires_in": 3600} if self.headers["authorization"] == "Basic Yy0xOnMzY3JldA==" else None
            )

        def answered(self, body: Any) -> None:
            peer = self.connection.getpeercert()  # type: ignore[attr-defined]
            came.append((self.path, peer["subjectAltName"][0][1]))
            content = json.dumps(body or {"error": "no"}).encode()
            self.send_response(200 if body else 401)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client without a certificate is cut off."""

    server = Quiet(("127.0.0.1", 0), Adp)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    live._trust.cache_clear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Running(f"https://127.0.0.1:{server.server_port}", authority, came)
    server.shutdown()
    server.server_close()
    thread.join()
    live._trust.cache_clear()


def pair(authority: trustme.CA, name: str) -> dict[str, str]:
    """A certificate and its key, in PEM."""
    issued = authority.issue_cert(name)
    return {"certificate": issued.cert_chain_pems[0].bytes().decode(), "private_key": issued.private_key_pem.bytes().decode()}


CLIENT = {"client_id": "c-1", "client_secret": "s3cret"}


def asked(running: Running, credential: Any) -> list[str]:
    connector = Connector(compile_text(SPEC))
    with connector.instance(credential, {"base_url": running.url}) as instance:
        return [account.integration_specific_id for account in instance.call("list_accounts").response]


def test_the_certificate_is_presented_to_the_login_too(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    assert asked(running, {**pair(running.authority, "acme.client"), **CLIENT}) == ["G1"]
    assert running.came == [("/auth/oauth/v2/token", "acme.client"), ("/hr/v2/workers", "acme.client")]
    assert list((tmp_path / "temp").iterdir()) == [], "nothing is left behind"


def test_what_is_written_for_a_moment_is_encrypted_and_nobodys_else(monkeypatch: pytest.MonkeyPatch):
    """Python reads a certificate from a file only."""
    seen: list[tuple[str, int]] = []
    given = pair(trustme.CA(), "acme.client")

    def load(self: ssl.SSLContext, file: Path, keyfile: None = None, password: str | None = None) -> None:
        seen.append((Path(file).read_text(), stat.S_IMODE(Path(file).parent.stat().st_mode)))

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", load)
    live.presenting(Identity(given["certificate"], Secret(given["private_key"])))
    ((text, mode),) = seen
    assert mode == 0o700
    assert "-----BEGIN ENCRYPTED PRIVATE KEY-----" in text
    assert given["private_key"].splitlines()[1] not in text


def test_a_key_with_a_passphrase(running: Running):
    given = pair(running.authority, "acme.client")
    key = load_pem_private_key(given["private_key"].encode(), None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"0pen")).decode()
    assert asked(running, {**given, "private_key": sealed, "passphrase": "0pen", **CLIENT}) == ["G1"]
    with pytest.raises(ferrule.BadInput, match="the client certificate cannot be used"):
        asked(running, {**given, "private_key": sealed, **CLIENT})


def test_a_strangers_certificate_and_anothers_key(running: Running):
    with pytest.raises(ferrule.CallError) as caught:
        asked(running, {**pair(trustme.CA(), "acme.client"), **CLIENT})
    assert caught.value.code.name in ("connection_closed", "connection_rejected")
    mixed = {**pair(running.authority, "a.client"), "private_key": pair(running.authority, "b.client")["private_key"]}
    with pytest.raises(ferrule.BadInput, match="the client certificate cannot be used"):
        asked(running, {**mixed, **CLIENT})


def test_two_tenants_on_one_wire_present_each_their_own(running: Running):
    """The wire is shared, connections are not."""
    connector = Connector(compile_text(SPEC))

    async def main() -> None:
        wire = live.LiveWire(connector.plan.http)
        for name in ("a.client", "b.client", "a.client"):
            given = {**known[name], **CLIENT}
            await connector.instance(given, {"base_url": running.url}, wire=wire).acall("list_accounts")
        await wire.close()

    known = {name: pair(running.authority, name) for name in ("a.client", "b.client")}
    asyncio.run(main())
    assert [name for path, name in running.came if path == "/hr/v2/workers"] == ["a.client", "b.client", "a.client"]


# the contract


def credentials(running: Running) -> list[dict[str, Any]]:
    given = pair(running.authority, "acme.client")
    tokens = [{"id": name, "token": {"token": given[name]}} for name in ("certificate", "private_key")]
    client = {"access_token": "", "client_id": "c-1", "client_secret": "s3cret", "scopes": []}
    return [*tokens, {"id": "client", "oauth_client_credentials": client}]


def test_each_part_is_a_credential_of_the_contract(running: Running):
    connector = Connector(compile_text(SPEC))
    with connector.unauthenticated({"base_url": running.url}) as nobody:
        info = nobody.call("info").response.model_dump(mode="json", by_alias=True)
    ids = [schema["id"] for schema in info["credentials_schema"]]
    assert ids == ["certificate", "private_key", "passphrase", "client"]
    assert [schema["x-optional"] for schema in info["credentials_schema"]] == [False, False, True, False]
    assert all(schema.get("oauth_settings") is None for schema in info["credentials_schema"]), "no flow has the certificate"
    body = {"credentials": credentials(running), "request": {}, "settings": {"base_url": running.url}}
    answered = dispatch(connector, "list_accounts", body)
    assert [account["integration_specific_id"] for account in answered["response"]] == ["G1"]


def test_a_part_is_checked_by_itself_and_not_tried(running: Running):
    connector = Connector(compile_text(SPEC))
    key = credentials(running)[1]
    for given, valid in ((credentials(running)[2], True), (key, True), ({"id": "private_key", "token": {"token": ""}}, False)):
        body = {"request": {"credential": given}, "settings": {"base_url": running.url}}
        answered = dispatch(connector, "validate_credential_config", body)
        assert answered["response"]["valid"] is valid, answered
    assert running.came == []


def test_one_part_alone_lets_nobody_in(running: Running):
    connector = Connector(compile_text(SPEC))
    for given in (credentials(running)[:2], credentials(running)[2:]):
        body = {"credentials": given, "request": {}, "settings": {"base_url": running.url}}
        answered = dispatch(connector, "list_accounts", body)
        assert answered["error"]["error_code"] == "bad_request"
    assert running.came == []
