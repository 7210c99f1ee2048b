"""Private keys as people give them: text in PEM (RFC 7468) or in OpenSSH's form, with a passphrase or without."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from ferrule.secret import MASK

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def private_key(text: str, passphrase: str | None = None) -> PrivateKeyTypes:
    r"""The key that a text holds. Its lines may be parted by the two characters `\n`, as in an environment variable. Raises
    `ValueError` in words that hold nothing of the key."""
    from cryptography.exceptions import UnsupportedAlgorithm  # loading it takes longer than many a call
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if "OPENSSH" in text else load_pem_private_key
    try:
        return load(text.replace("\\n", "\n").strip().encode(), passphrase.encode() if passphrase else None)
    except TypeError:
        raise ValueError(f"the private key {'has no' if passphrase else 'needs a'} passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(f"the private key cannot be read: it is no PEM text{', or the passphrase is wrong' * bool(passphrase)}") from None


def public_key_fingerprint(text: str, passphrase: str | None = None) -> str:
    """`SHA256:` and the base64 of the hash of the public key that belongs to a private one, in its form SubjectPublicKeyInfo
    (RFC 5280, section 4.1): what Snowflake calls the fingerprint. Raises `ValueError`.

    A key that is masked, as in a cassette, has a masked one.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if text == MASK:
        return MASK
    public = private_key(text, passphrase).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode()
