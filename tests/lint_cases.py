"""Cases and manual pages of lint: keys of a spec, completed to a whole one by plain sections for those that are left out.

The sections stand below the case, so that its lines keep their numbers. A case that says `ferrule:` is a whole file already.
"""

from __future__ import annotations

import re
import textwrap

SECTIONS = {
    "ferrule": "ferrule: 1\n",
    "app": "app: {id: acme, name: Acme, vendor_domain: acme.example}\n",
    "auth": "auth: {token: {kind: bearer}}\n",
    "http": "http: {base_url: https://api.acme.example}\n",
    "capabilities": "capabilities:\n",
}
VALIDATE = """\
  validate_credentials:
    request: {get: /me}
    record: {unique_tenant_id: tenant}
"""

_KEY = re.compile(r"^(\w+):", re.MULTILINE)
_MARK = re.compile(r"[ \t]*# expect(?: [+-]\d+)?:.*$", re.MULTILINE)
_SHORT_MARK = re.compile(r"(?<=    )# (L\d{3})$", re.MULTILINE)
_EXAMPLE = re.compile(r"^(Reported|Fine):\n\n((?:    .*\n|\n)+)", re.MULTILINE)


def whole(case: str) -> str:
    """The spec that a case is completed to, without its marks. `capabilities` is the last key of a case that has it."""
    text = _MARK.sub("", case)
    keys = _KEY.findall(text)
    if "ferrule" in keys:
        return text
    assert "capabilities" not in keys[:-1]
    added = [section for name, section in SECTIONS.items() if name not in keys]
    if "capabilities" in keys:
        added.insert(0, "")
    at = added.index("" if "capabilities" in keys else SECTIONS["capabilities"]) + 1
    if "  validate_credentials:" not in text:
        added.insert(at, VALIDATE)
    return "".join([text if text.endswith("\n") else f"{text}\n", *added])


def examples(page: str) -> dict[str, str]:
    """The examples of a manual page, what is `Reported` and what is `Fine`, marked as a case is."""
    return {kind: _SHORT_MARK.sub(r"# expect: \1", textwrap.dedent(text)) for kind, text in _EXAMPLE.findall(f"{page}\n")}
