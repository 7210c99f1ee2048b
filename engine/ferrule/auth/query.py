"""A query parameter that carries the credential.

Addresses end up in logs on every machine they pass, which is why RFC 6750 (section 2.3) advises against it: only for
apps that know nothing else. Ferrule masks the parameter wherever it shows an address.
"""

from __future__ import annotations

from typing import Literal

from ferrule.auth.place import Key, ParamName, ValueSpec
from ferrule.shape import Compiler


class QuerySpec(ValueSpec):
    """Write the credential into a query parameter."""

    kind: Literal["query"]
    name: ParamName
    """Name of the parameter: `api_key`."""

    def compile(self, compiler: Compiler) -> Key:
        return self.key("query", "query", self.name, compiler)
