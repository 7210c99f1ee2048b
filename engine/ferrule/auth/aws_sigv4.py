"""AWS Signature Version 4: each request is signed with a secret access key
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).

How a request is put in its canonical form and signed is botocore's work, which comes with the extra `aws`. S3, which has
rules of its own for paths and bodies, is not among what can be asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from ferrule.auth.fields import credential_kind, names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Lasting, Scope
from ferrule.auth.signing import Draft, rendered
from ferrule.errors import BadInput
from ferrule.http import Request
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template

FIELDS = (
    CredentialField("access_key_id", "Access key ID", secret=False),
    CredentialField("secret_access_key", "Secret access key"),
    CredentialField("session_token", "Session token", required=False),
)


class AwsSigV4Spec(SpecModel):
    """Sign each request as AWS has it, in the Authorization header."""

    kind: Literal["aws_sigv4"]
    service: Text
    """Template of the service's name in signatures: `iam`, `identitystore`, `sso`."""
    region: Text
    """Template of the region. IAM is global, and signed for `us-east-1`."""

    def compile(self, compiler: Compiler) -> AwsSigV4:
        with compiler.within(names(FIELDS)):
            return AwsSigV4(compiler.template(self.service), compiler.template(self.region))


@dataclass(frozen=True, slots=True)
class AwsSigV4(Lasting):
    """Compiled Signature Version 4."""

    service: Template
    region: Template

    @property
    def kind(self) -> str:
        return "aws_sigv4"

    @property
    def credential_kind(self) -> CredentialKind:
        return credential_kind(FIELDS)

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return FIELDS

    def sign(self, draft: Draft, scope: Scope, grant: Grant | None) -> Request:
        """The request with its date, its session token and its signature. Signed are the method, the address, the body and
        all headers that are there."""
        moment = datetime.fromtimestamp(draft.time, UTC).strftime("%Y%m%dT%H%M%SZ")
        request = draft.request.with_header("X-Amz-Date", Secret(moment))
        if token := scope["credential"].get("session_token"):
            request = request.with_header("X-Amz-Security-Token", token)
        key, secret = (reveal(scope["credential"][name]) for name in ("access_key_id", "secret_access_key"))
        new_request, new_signer = _botocore()
        signer = new_signer(key, secret, rendered(self.service, scope), rendered(self.region, scope))
        signed = new_request(request.method, _encoded(draft), _headers(request, draft), draft.content or b"")
        signed.context["timestamp"] = moment
        signature = signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed)
        headers = signer.signed_headers(signer.headers_to_sign(signed))
        value = f"AWS4-HMAC-SHA256 Credential={signer.scope(signed)}, SignedHeaders={headers}, Signature={signature}"
        return request.with_header("Authorization", Secret(value))


def _botocore() -> tuple[Callable[..., Any], Callable[[str, str, str, str], Any]]:
    """What makes a request as botocore has it, and what makes a signer of key, secret, service and region."""
    try:
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
        from botocore.credentials import ReadOnlyCredentials  # type: ignore[import-untyped]
    except ImportError:
        raise BadInput("`aws_sigv4` needs botocore", hint="install the extra: `pip install 'ferrule[aws]'`") from None
    return AWSRequest, lambda key, secret, service, region: SigV4Auth(ReadOnlyCredentials(key, secret, None), service, region)


def _encoded(draft: Draft) -> str:
    """The address, each parameter encoded as the canonical form has it, whatever stands raw in it."""
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in draft.query)
    return draft.url.partition("?")[0] + (f"?{query}" if query else "")


def _headers(request: Request, draft: Draft) -> dict[str, str]:
    """The headers as they go out."""
    headers = {name.lower(): reveal(value) for name, value in request.headers}
    return headers if draft.content_type is None else {"content-type": draft.content_type, **headers}
