"""A field of the credential is declared, and nothing sends it.

Everybody who connects a tenant hands out a secret in vain.

Reported:

    auth:
      keys:
        kind: headers
        headers: {X-Api-Key: "{{ credential.key }}"}
        fields:
          key: API key
          secret: API secret    # L452

Fine:

    auth:
      keys:
        kind: headers
        headers: {X-Api-Key: "{{ credential.key }}", X-Api-Secret: "{{ credential.secret }}"}
        fields:
          key: API key
          secret: API secret
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel

from ferrule.auth.place import ValueSpec
from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject

CODE = Code("L452", "unused-credential-field", "warning")

_READ = re.compile(r"""\bcredential\s*(?:\.\s*|\[\s*['"])(\w+)""")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look for the name in all texts of the file, and in what the kinds send by default."""
    written = {name for _, text in subject.texts if "credential" in text for name in _READ.findall(text)}
    for name, auth in subject.spec.auth.items():
        fields = getattr(auth, "fields", {})
        read = written | {found for default in _defaults(auth) for found in _READ.findall(default)}
        if isinstance(auth, ValueSpec) and auth.value is None:
            read = read | set(fields)
        for field in fields:
            if field not in read:
                span = subject.key("auth", name, "fields", field)
                yield Diagnostic(CODE, span, f"nothing sends `credential.{field}`", "send it, or remove it")


def _defaults(model: BaseModel) -> Iterator[str]:
    """The texts of a model, and of the models below it, that nobody wrote."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name in model.model_fields_set:
            if isinstance(value, BaseModel):
                yield from _defaults(value)
        else:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str):
                    yield item
                elif isinstance(item, BaseModel):
                    yield from (text for text in item.model_dump().values() if isinstance(text, str))
