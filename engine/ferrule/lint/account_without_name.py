"""An account has neither an e-mail address nor a user name.

An id alone tells nobody whose account it is. Governance matches accounts to people by e-mail address, or by the name they sign
in with.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record: {integration_specific_id: id}    # L402

Fine:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record: {integration_specific_id: id, email: email}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject

CODE = Code("L402", "account-without-name", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the records that are accounts of people: the contract gives those both fields."""
    for record in subject.records:
        is_read = record.operation.capability.level == "read"
        if is_read and "user_status" in record.contract and not {"email", "username"} & record.fields.keys():
            message = f"the accounts of `{record.operation.name}` have neither `email` nor `username`"
            yield Diagnostic(CODE, record.origin, message, "add the one by which the app knows people")
