"""What the result codes of LDAP mean (RFC 4511, section 4.1.9 and appendix A), in HTTP's words and in the contract's."""

from __future__ import annotations

from collections.abc import Mapping

_RESULTS: tuple[tuple[int, str, int], ...] = (
    (0, "success", 200),
    (1, "operationsError", 500),
    (2, "protocolError", 400),
    (3, "timeLimitExceeded", 408),
    (4, "sizeLimitExceeded", 413),
    (5, "compareFalse", 200),
    (6, "compareTrue", 200),
    (7, "authMethodNotSupported", 405),
    (8, "strongerAuthRequired", 403),
    (10, "referral", 302),
    (11, "adminLimitExceeded", 413),
    (12, "unavailableCriticalExtension", 501),
    (13, "confidentialityRequired", 403),
    (16, "noSuchAttribute", 409),
    (17, "undefinedAttributeType", 400),
    (18, "inappropriateMatching", 400),
    (19, "constraintViolation", 422),
    (20, "attributeOrValueExists", 409),
    (21, "invalidAttributeSyntax", 422),
    (32, "noSuchObject", 404),
    (33, "aliasProblem", 400),
    (34, "invalidDNSyntax", 400),
    (36, "aliasDereferencingProblem", 400),
    (48, "inappropriateAuthentication", 401),
    (49, "invalidCredentials", 401),
    (50, "insufficientAccessRights", 403),
    (51, "busy", 503),
    (52, "unavailable", 503),
    (53, "unwillingToPerform", 422),
    (54, "loopDetect", 500),
    (64, "namingViolation", 422),
    (65, "objectClassViolation", 422),
    (66, "notAllowedOnNonLeaf", 422),
    (67, "notAllowedOnRDN", 422),
    (68, "entryAlreadyExists", 409),
    (69, "objectClassModsProhibited", 422),
    (71, "affectsMultipleDSAs", 501),
    (80, "other", 500),
)

STATUS: Mapping[int, int] = {code: status for code, _, status in _RESULTS}
"""Result code to the HTTP status that means the same; the contract's own map of statuses then gives the error."""

_NAMES = {code: name for code, name, _ in _RESULTS}


def name_of(code: int) -> str:
    """The name that RFC 4511 gives a result code; the number, where it gives none."""
    return _NAMES.get(code, str(code))


_DATA = "capture(body.message, 'data ([0-9a-f]+)')"

USUAL_ERRORS: dict[str, str] = {
    f"body.code == `49` && contains(['533', '701'], {_DATA} || '')": "creds_revoked",
    f"body.code == `49` && contains(['532', '773'], {_DATA} || '')": "authentication_expired",
    f"body.code == `49` && contains(['530', '531'], {_DATA} || '')": "permission_denied",
}
"""Error rules of every LDAP request, tried last. Active Directory says why a bind is refused in a number within its words
(Win32 error codes): an account that is disabled (533) or past its end (701), a password that is (532) or has to be changed
(773), and logons that are not allowed at this hour (530) or from this machine (531)."""
