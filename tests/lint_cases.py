"""Cases of lint: the keys of a spec that matter, with the findings marked on their lines.

A mark is a comment at the end of a line, `# expect: L401@12 L402@5`: codes, each with its column. In a manual page a mark is the
code alone. A case is completed to a whole spec by plain sections for the keys it leaves out; they stand below it, so that its lines
keep their numbers. One that says `ferrule:` is a whole file already.
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
_MARK = re.compile(r"[ \t]*# (?:expect:((?: \S+)+)|(L\d{3}(?:,? L\d{3})*))$", re.MULTILINE)
_EXAMPLE = re.compile(r"^(Reported|Fine):\n\n((?:    .*\n|\n)+)", re.MULTILINE)


def whole(case: str) -> str:
    """The spec that a case is completed to. `capabilities` is its last key, where it has it; it then can say who it is."""
    keys = _KEY.findall(case)
    if "ferrule" in keys:
        return case
    missing = [name for name in SECTIONS if name not in keys]
    if "capabilities" in keys:
        assert keys[-1] == "capabilities"
        missing.insert(0, "")
    text = case if case.endswith("\n") else f"{case}\n"
    can_say = "  validate_credentials:" in case
    for name in missing:
        text += SECTIONS.get(name, "")
        if name in ("", "capabilities") and not can_say:
            text += VALIDATE
    return text


def unmarked(case: str) -> str:
    """The case without its marks."""
    return _MARK.sub("", case)


def marks(case: str) -> set[tuple[int, str]]:
    """The marked findings: line, and what the mark says."""
    found = set()
    for number, line in enumerate(case.splitlines(), 1):
        mark = _MARK.search(line)
        if mark:
            found |= {(number, word) for word in re.split(r"[\s,]+", (mark[1] or mark[2]).strip())}
    return found


def examples(page: str) -> dict[str, str]:
    """The examples of a manual page: what is `Reported`, and what is `Fine`."""
    return {kind: textwrap.dedent(text) for kind, text in _EXAMPLE.findall(f"{page}\n")}
