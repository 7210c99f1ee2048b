"""The keys that tests sign with, which are the published ones of RFC 7515, and what a signed token says.

A case writes the name of a key for the key, and for a token what it says: its header, a dot, its claims, both as JSON with sorted
keys. The signature is verified on the way. A value that nobody used before stands there as `random`.
"""

import base64
import json
import re
from base64 import urlsafe_b64decode
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat
from signxml import XMLVerifier


def number(text: str) -> int:
    return int.from_bytes(octets(text))


def octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pem(key: PrivateKeyTypes, passphrase: str | None = None) -> str:
    hidden = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden).decode()


HMAC_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
"""Of RFC 7515, appendix A.1, in base64url."""
_N = (
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"
    "YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
    "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
)
_D = (
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTG"
    "oVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQ"
    "UShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"
)


def _rsa() -> rsa.RSAPrivateKey:
    n, e, d = number(_N), number("AQAB"), number(_D)
    p, q = rsa.rsa_recover_prime_factors(n, e, d)
    exponents = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *exponents, rsa.RSAPublicNumbers(e, n)).private_key()


RSA_KEY = _rsa()
"""Of RFC 7515, appendix A.2."""
EC_KEY = ec.derive_private_key(number("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"), ec.SECP256R1())
"""Of RFC 7515, appendix A.3."""
NAMES = {
    "<RSA key>": pem(RSA_KEY),
    "<RSA key with passphrase>": pem(RSA_KEY, "s3cret-passphrase"),
    "<RSA key on a line>": pem(RSA_KEY).replace("\n", "\\n"),
    "<EC key>": pem(EC_KEY),
    "<HMAC key>": HMAC_KEY,
}
_PUBLIC = {"R": RSA_KEY.public_key(), "P": RSA_KEY.public_key(), "E": EC_KEY.public_key(), "H": HMAC_KEY}
_TOKEN = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")


def with_keys(value: Any) -> Any:
    """What a case gives, with the keys that it names."""
    if isinstance(value, dict):
        return {name: with_keys(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_keys(item) for item in value]
    return NAMES.get(value, value) if isinstance(value, str) else value


def readable(value: Any) -> Any:
    """What is sent, with what its tokens say in their place."""
    if isinstance(value, dict):
        return {name: readable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [readable(item) for item in value]
    if isinstance(value, str) and value.startswith(_SAML):
        return _assertion(value)
    return _TOKEN.sub(_said, value) if isinstance(value, str) else value


_SAML = base64.b64encode(b"<saml:Assertion")[:-2].decode()


def _assertion(text: str) -> str:
    """What a signed SAML assertion says, its signature verified: the texts of its elements, and their attributes but for its id."""
    xml = octets(text.replace("+", "-").replace("/", "_"))
    found = XMLVerifier().verify(xml, require_x509=False, id_attribute="ID")
    assert found.signed_xml is not None
    assert found.signature_key == RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said: dict[str, Any] = {}
    for element in found.signed_xml.iter():
        name = element.tag.partition("}")[2]
        if "xmldsig" not in element.tag:
            values = {key: value for key, value in element.attrib.items() if key not in ("ID", "Version")}
            own = {f"{name}.{key}": value for key, value in values.items()} | ({name: element.text} if element.text else {})
            said |= own
    return json.dumps(said, sort_keys=True)


def _said(found: re.Match[str]) -> str:
    header = jwt.get_unverified_header(found[0])
    unbound = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}
    claims = jwt.decode(found[0], _PUBLIC[header["alg"][0]], [header["alg"]], options=unbound)  # type: ignore[arg-type]
    if re.fullmatch(r"[0-9a-f]{32}", str(claims.get("jti", ""))):
        claims["jti"] = "random"
    return ".".join(json.dumps(part, sort_keys=True) for part in (header, claims))
