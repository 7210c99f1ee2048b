"""Something in the spec looks like a secret.

A spec is read by many, and copied. A secret belongs into the credential, which the tenant gives and which is kept apart. Known are
the forms of vendors' tokens and private keys, and long texts without order under a name such as `token` or `password`. The finding
shows nothing of the value.

Reported:

    http:
      base_url: https://api.acme.example
      headers: {X-Api-Key: 9fQ2mZ7xK4vT1bN8cR5wY3sL6dH0jP}    # L461

Fine:

    auth:
      key: {kind: header, name: X-Api-Key}
    http: {base_url: https://api.acme.example}
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject
from ferrule.lint.written import literals

CODE = Code("L461", "secret-in-spec", "error")

# The forms that vendors give their tokens; the public rules of gitleaks list them.
_FORMS = re.compile(
    r"""\b(?: gh[opusr]_[0-9A-Za-z]{36} | github_pat_\w{60,} | glpat-[\w-]{20} | xox[abeoprs]-[0-9A-Za-z-]{10,} | xapp-\d-\w+
    | AKIA[0-9A-Z]{16}\b | ASIA[0-9A-Z]{16}\b | AIza[\w-]{35} | [sr]k_(?:live|test|prod)_\w{10,} | sk-(?:ant|proj)-[\w-]{20,}
    | npm_[0-9A-Za-z]{36} | pypi-AgEIcHlwaS5vcmc[\w-]{50,} | SG\.[\w.-]{60,} | shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}
    | SK[0-9a-f]{32}\b | do[op]_v1_[0-9a-f]{64} | sq0atp-[\w-]{22} | hvs\.[\w-]{90,} | lin_api_[0-9A-Za-z]{40}
    | ATATT3[\w=-]{100,} | ey[0-9A-Za-z]{17,}\.ey[\w/-]{17,}\. ) | -----BEGIN[ A-Z0-9]*PRIVATE[ ]KEY""",
    re.VERBOSE,
)
_NAMES = re.compile(r"(?i)(token|secret|passw|api[-_]?key|access[-_]?key|private[-_]?key|authorization|credential|session[-_]?id|cookie)")
_RUN = re.compile(r"[A-Za-z0-9+/_=.-]{16,}")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every text of the file, with the key it stands under."""
    has_form = _FORMS.search(subject.writing) is not None
    for key, text in subject.texts:
        if (has_form or _is_named(key)) and _is_secret(key, text) and _is_secret(key, literals(text)):
            yield Diagnostic(CODE, text.span, f"what stands under `{key}` looks like a secret", "make it a field of the credential")


def _is_secret(key: str, text: str) -> bool:
    """By its form; or by its key."""
    return _FORMS.search(text) is not None or (_is_named(key) and any(map(_is_random, _RUN.findall(text))))


@lru_cache(maxsize=1024)
def _is_named(key: str) -> bool:
    """The key is one of a secret, and not of an address, as `token_url` is."""
    return _NAMES.search(key) is not None and not key.endswith("_url")


def _is_random(run: str) -> bool:
    """Letters and digits mixed, with more information in each than words have."""
    bits = -sum(count / len(run) * math.log2(count / len(run)) for count in Counter(run).values())
    return bits >= 3.5 and re.search(r"\d", run) is not None and re.search(r"[A-Za-z]", run) is not None and "." not in run[1:-1]
