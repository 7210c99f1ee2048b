"""A capability says nothing of the OAuth scopes it needs, or names one that the login does not ask for.

Whoever grants access reads the scopes first. Where some capabilities name theirs, one without any looks as if it needed none.

Reported:

    auth:
      oauth: {kind: oauth2_client_credentials, token_url: /token, scopes: ["users:read"]}
    capabilities:
      list_accounts:
        scopes: ["users:read"]
        request: {get: /users}
        records: body.users
        record: {integration_specific_id: id}
      delete_account:
        scopes: ["users:write"]    # L454
        request: {delete: "/users/{{ inputs.account_id }}"}
      get_account:    # L454
        request: {get: "/users/{{ inputs.account_id }}"}
        record: {integration_specific_id: id}

Fine:

    auth:
      oauth: {kind: oauth2_client_credentials, token_url: /token, scopes: ["users:read"]}
    capabilities:
      list_accounts:
        scopes: ["users:read"]
        request: {get: /users}
        records: body.users
        record: {integration_specific_id: id}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic, did_you_mean
from ferrule.lint.subject import Subject
from ferrule.lint.written import is_filled_in
from ferrule.source import locate

CODE = Code("L454", "undeclared-scope", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Compare the capabilities with each other, and with what every OAuth login asks for."""
    if not any(operation.site.spec.scopes for operation in subject.operations):
        return
    asked = [auth.scopes for _, auth in subject.tokens if auth.scopes]
    known = {str(scope) for scopes in asked for scope in scopes}
    open_ = not asked or any(is_filled_in(scope) for scope in known)
    for operation in subject.operations:
        name, scopes = operation.site.name, operation.site.spec.scopes
        if not scopes and any(True for _ in operation.requests):
            message = f"`{name}` names no scopes, as others do"
            yield Diagnostic(CODE, operation.site.origin, message, "add `scopes:` with those that its requests need")
        for place, scope in enumerate(scopes):
            if not open_ and scope not in known:
                span = locate(subject.tree, ("capabilities", name, "scopes", place))
                message = f"the login does not ask for the scope `{scope}`"
                yield Diagnostic(CODE, span, message, did_you_mean(scope, known) or "add it to `scopes` of the auth")
