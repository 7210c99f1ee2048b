"""A setting is declared, and nothing reads it.

Everybody who connects a tenant is asked for it in vain.

Reported:

    settings:
      region: {enum: [us, eu]}    # L451
    http: {base_url: https://api.acme.example}

Fine:

    settings:
      region: {enum: [us, eu]}
    http: {base_url: "https://{{ settings.region }}.acme.example"}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject

CODE = Code("L451", "unused-setting", "warning")

_READ = re.compile(r"""\bsettings\s*(?:\.\s*|\[\s*['"])["']?(\w+)""")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look for the name in all texts of the file."""
    read = {name for _, text in subject.texts if "settings" in text for name in _READ.findall(text)}
    for name in subject.spec.settings:
        if name not in read:
            yield Diagnostic(CODE, subject.key("settings", name), f"nothing reads the setting `{name}`", "use it, or remove it")
