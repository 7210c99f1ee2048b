"""SAML assertions that the connector signs. What is in them, and that signxml verifies it, is in cases/auth/oauth2_saml_bearer."""

import builtins
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import InvalidSignature, XMLVerifier

from app import AppWire, Asked, answer
from ferrule.auth.oauth2_saml_bearer import encoded, signed
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.errors import BadInput
from ferrule.http import Response
from jose import NAMES, RSA_KEY, octets

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SPEC = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
settings: {user: {default: ann}}
auth:
  saml:
    kind: oauth2_saml_bearer
    token_url: https://login.acme.example/token
    client_auth: none
    assertion:
      issuer: me
      audience: acme
      subject: "{{ settings.user }}"
      certificate: "{{ credential.certificate }}"
      passphrase: "{{ credential.passphrase }}"
      attributes: {role: admin, team: "{{ settings.user }}"}
    fields: {private_key: Key, certificate: Certificate, passphrase: Passphrase}
http: {base_url: "https://api.acme.example"}
capabilities:
  get_account: {request: {get: /me}, record: {integration_specific_id: id}}
"""
CONNECTOR = Connector(compile_text(SPEC))
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acme")])
CERTIFICATE = (
    x509.CertificateBuilder(NAME, NAME, RSA_KEY.public_key(), 1, datetime.now(UTC), datetime.now(UTC) + timedelta(days=9))
    .sign(RSA_KEY, SHA256())
    .public_bytes(Encoding.PEM)
    .decode()
)
GOOD = {"private_key": NAMES["<RSA key with passphrase>"], "certificate": CERTIFICATE, "passphrase": "s3cret-passphrase"}


def sent(settings: dict[str, Any] | None = None, **credential: str) -> bytes:
    """The assertion that is sent with this credential."""
    found: list[bytes] = []

    def app(asked: Asked) -> Response:
        if asked.path == "/token":
            found.append(octets(asked.body.decode().rpartition("assertion=")[2]))
            return answer({"access_token": "t0ken-1"})
        return answer({"id": "u1"})

    with CONNECTOR.instance({**GOOD, **credential}, settings, wire=AppWire(app)) as tenant:
        tenant.call("get_account", {"account_id": "u1"})
    return found[0]


def test_it_holds_its_certificate_and_every_attribute():
    found = XMLVerifier().verify(sent(), x509_cert=CERTIFICATE, id_attribute="ID").signed_xml
    assert found is not None
    said = {element.get("Name"): element.findtext(f"{SAML}AttributeValue") for element in found.iter(f"{SAML}Attribute")}
    assert said == {"role": "admin", "team": "ann"}
    assert [child.tag.partition("}")[2] for child in etree.fromstring(sent())] == [
        "Issuer", "Signature", "Subject", "Conditions", "AuthnStatement", "AttributeStatement",
    ]  # fmt: skip


def test_an_assertion_that_was_changed_is_not_verified():
    with pytest.raises(InvalidSignature):
        XMLVerifier().verify(sent().replace(b"admin", b"owner"), x509_cert=CERTIFICATE, id_attribute="ID")


def test_a_value_stays_a_value():
    user = "</saml:NameID><saml:NameID>root</saml:NameID> & <!-- x -->"
    found = XMLVerifier().verify(sent({"user": user}), x509_cert=CERTIFICATE, id_attribute="ID").signed_xml
    assert found is not None
    assert [element.text for element in found.iter(f"{SAML}NameID")] == [user]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"private_key": "s3cret"}, "the private key cannot be read"),
        ({"certificate": "s3cret"}, "the certificate cannot be read"),
    ],
)
def test_what_signs_nothing_is_told(wrong: dict[str, str], words: str):
    with pytest.raises(BadInput, match=words) as caught:
        sent(**wrong)
    assert "s3cret" not in str(caught.value)


def test_a_value_that_xml_cannot_hold_is_told():
    with pytest.raises(BadInput, match="XML compatible"):
        sent({"user": "a\x01b"})


def test_without_the_extra_it_is_said(monkeypatch: pytest.MonkeyPatch):
    usual = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("signxml"):
            raise ImportError(name)
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadInput, match="signed by signxml") as caught:
        sent()
    assert caught.value.hint == "install the extra: `pip install 'ferrule[saml]'`"


def test_an_assertion_is_encoded_as_the_app_wants_it():
    assert encoded("<a>??></a>", "base64url").reveal() == "PGE-Pz8-PC9hPg"
    assert encoded("<a>??></a>", "base64").reveal() == "PGE+Pz8+PC9hPg=="
    assert encoded("PGE-", "base64").reveal() == "PGE-"


def test_only_rsa_signs():
    with pytest.raises(ValueError, match="RSA key"):
        signed(etree.Element("a", ID="x"), NAMES["<EC key>"])
