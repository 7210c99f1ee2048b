"""An address without encryption.

Everybody on the way reads the credential. Only a server on the same machine is spoken to so, as in a test.

Reported:

    http: {base_url: http://api.acme.example}    # L462

Fine:

    http: {base_url: https://api.acme.example}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.addresses import addresses
from ferrule.lint.subject import Subject
from ferrule.source import Text

CODE = Code("L462", "plain-http", "error")

_ELSEWHERE = re.compile(r"http://(?!localhost\b|127\.|\[::1\]|[\w.-]+\.localhost\b)", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every address, and at those that settings give by default."""
    texts = [address.text for address in addresses(subject)]
    texts += [spec.default for spec in subject.spec.settings.values() if isinstance(spec.default, Text)]
    for text in texts:
        if _ELSEWHERE.match(text):
            yield Diagnostic(CODE, text.at(0, 4), "the credential would travel without encryption", "write `https://`")
