"""What TLS connections are opened with: whom is trusted, and what is presented."""

from __future__ import annotations

import os
import secrets
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

import certifi
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, load_pem_private_key

from ferrule.errors import BadInput
from ferrule.http import Identity


def trusting() -> ssl.SSLContext:
    """The authorities that are trusted, and nothing that is presented to them."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file or None, capath=None if file else folder)
    return ssl.create_default_context(cafile=certifi.where())


def presenting(identity: Identity) -> ssl.SSLContext:
    """What presents a client certificate. Python reads one from a file only: the key goes there encrypted, by a password that is
    made for it, into a folder that nobody else can read, and the file is gone at once. Raises `BadInput`."""
    passphrase = identity.passphrase.reveal().encode() if identity.passphrase is not None else None
    once = secrets.token_hex(32)
    context = trusting()
    try:
        key = load_pem_private_key(identity.private_key.reveal().encode(), passphrase)
        sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(once.encode()))
        with TemporaryDirectory(prefix="ferrule-") as folder:
            file = Path(folder, "identity.pem")
            file.write_bytes(identity.certificate.encode() + b"\n" + sealed)
            context.load_cert_chain(file, password=once)
        return context
    except (ValueError, TypeError, ssl.SSLError, UnsupportedAlgorithm):
        pass
    message = "the client certificate cannot be used"
    hint = "certificate and key are PEM and belong together; a key that is encrypted needs its passphrase, and no other has one"
    raise BadInput(message, code="invalid_value", hint=hint)  # outside of `except`: what was caught may quote a value
