"""OAuth 1.0a: each request is signed with the secrets of the client and of its token (RFC 5849, section 3).

Known as token-based authentication (TBA) at NetSuite. How texts are encoded, sorted and signed is oauthlib's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ferrule.auth.fields import names
from ferrule.auth.grant import CredentialField, CredentialKind, Grant, Lasting, Scope
from ferrule.auth.signing import Draft, rendered
from ferrule.http import Request
from ferrule.secret import Secret, reveal
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template, TemplateFailure

FIELDS = (
    CredentialField("consumer_key", "Consumer key", secret=False),
    CredentialField("consumer_secret", "Consumer secret"),
    CredentialField("token_id", "Token ID", secret=False),
    CredentialField("token_secret", "Token secret"),
)
Method = Literal["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT"]


class OAuth1Spec(SpecModel):
    """Sign each request with the secrets of a client and a token, in the Authorization header."""

    kind: Literal["oauth1"]
    method: Method = "HMAC-SHA256"
    """How it is signed. `PLAINTEXT` sends both secrets as they are."""
    realm: Text | None = None
    """Template of the realm, where the app wants one: the account's id at NetSuite."""

    def compile(self, compiler: Compiler) -> OAuth1:
        with compiler.within(names(FIELDS)):
            return OAuth1(self.method, compiler.template(self.realm) if self.realm is not None else None)


@dataclass(frozen=True, slots=True)
class OAuth1(Lasting):
    """Compiled OAuth 1."""

    method: Method
    realm: Template | None

    @property
    def kind(self) -> str:
        return "oauth1"

    @property
    def credential_kind(self) -> CredentialKind:
        return "oauth1"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return FIELDS

    def sign(self, draft: Draft, scope: Scope, grant: Grant | None) -> Request:
        """The request with its Authorization header (RFC 5849, section 3.5.1). Signed are the method, the address, and the
        parameters of the query, of a form and of the header itself, realm excepted (section 3.4.1.3)."""
        from oauthlib.oauth1.rfc5849.parameters import prepare_headers  # type: ignore[import-untyped]

        credential = {name: reveal(value) for name, value in scope["credential"].items()}
        parameters = [
            ("oauth_consumer_key", credential["consumer_key"]),
            ("oauth_token", credential["token_id"]),
            ("oauth_signature_method", self.method),
            ("oauth_timestamp", str(int(draft.time))),
            ("oauth_nonce", draft.nonce),
            ("oauth_version", "1.0"),
        ]
        signed = signature(self.method, draft, parameters, credential["consumer_secret"], credential["token_secret"])
        header = prepare_headers([*parameters, ("oauth_signature", signed)], realm=self._realm(scope))
        return draft.request.with_header("Authorization", Secret(header["Authorization"]))

    def _realm(self, scope: Scope) -> str | None:
        """The realm, which stands between quotes (RFC 9110, section 11.5)."""
        if self.realm is None:
            return None
        realm = rendered(self.realm, scope)
        if not realm.isascii() or not realm.isprintable() or '"' in realm or "\\" in realm:
            raise TemplateFailure("the realm holds a character that cannot stand between quotes", self.realm.text)
        return realm


Parameters = list[tuple[str, str]]


def base_string(draft: Draft, parameters: Parameters) -> str:
    """What is signed (RFC 5849, section 3.4.1.1). `parameters` are those of the header, but for the signature."""
    from oauthlib.oauth1.rfc5849 import signature as base  # type: ignore[import-untyped]

    normalized = base.normalize_parameters([*draft.query, *draft.form, *parameters])
    return str(base.signature_base_string(draft.request.method, base.base_string_uri(draft.url), normalized))


def signature(method: Method, draft: Draft, parameters: Parameters, consumer_secret: str, token_secret: str) -> str:
    """The signature of a draft (RFC 5849, sections 3.4.2 and 3.4.4)."""
    from oauthlib.oauth1 import Client  # type: ignore[import-untyped]

    client = Client("", client_secret=consumer_secret, resource_owner_secret=token_secret)
    return str(Client.SIGNATURE_METHODS[method](base_string(draft, parameters), client))
