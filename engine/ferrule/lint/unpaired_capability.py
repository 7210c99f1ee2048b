"""A capability is there without the one it belongs to.

What can be given must be possible to take; who can be locked out must be possible to let in again; and who holds what means
nothing without the list of what there is.

Reported:

    capabilities:
      assign_entitlement:    # L425
        request: {put: "/teams/{{ inputs.resource_integration_specific_id }}/members/{{ inputs.account_integration_specific_id }}"}

Fine:

    capabilities:
      assign_entitlement:
        request: {put: "/teams/{{ inputs.resource_integration_specific_id }}/members/{{ inputs.account_integration_specific_id }}"}
      unassign_entitlement:
        request: {delete: "/teams/{{ inputs.resource_integration_specific_id }}/members/{{ inputs.account_integration_specific_id }}"}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject

CODE = Code("L425", "unpaired-capability", "warning")

_GIVEN = "what is given cannot be taken again"
_UNKNOWN = "what is held is listed nowhere"
PAIRS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("assign_entitlement", ("unassign_entitlement",), _GIVEN),
    ("assign_application", ("unassign_application",), _GIVEN),
    ("assign_application_entitlement", ("unassign_application_entitlement",), _GIVEN),
    ("deactivate_account", ("activate_account",), "who is locked out cannot be let in again"),
    ("create_account", ("delete_account", "deactivate_account"), "who is let in cannot be removed"),
    ("find_entitlement_associations", ("list_entitlements",), _UNKNOWN),
    ("list_entitlements", ("find_entitlement_associations",), "nobody learns who holds the entitlements"),
    ("list_applications_entitlement_associations", ("list_applications_entitlements",), _UNKNOWN),
    ("find_entitlement_assignments", ("find_entitlement_graph",), _UNKNOWN),
    ("get_last_activity", ("list_accounts",), "whose activity it is is listed nowhere"),
    ("get_credential_last_activity", ("list_credentials",), "which credentials there are is listed nowhere"),
    ("get_non_human_account_last_activity", ("list_non_human_accounts",), "which accounts there are is listed nowhere"),
    ("list_accounts", ("validate_credentials",), "a bad credential shows at the first sync only"),
)
"""A capability, those of which it needs one, and what is wrong without."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Compare the capabilities with the table."""
    there = subject.spec.capabilities
    for name, partners, why in PAIRS:
        if name in there and not any(partner in there for partner in partners):
            wanted = " or ".join(f"`{partner}`" for partner in partners)
            yield Diagnostic(CODE, subject.key("capabilities", name), f"`{name}` without {wanted}: {why}", f"add {wanted}")
