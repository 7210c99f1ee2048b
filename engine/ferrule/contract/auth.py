"""Credentials as a caller hands them over: one of nine kinds, named by the field that is set.

Every secret becomes a `Secret` on the way in. The hints (`x-secret`, `x-hidden`, `x-field_type`) tell a form what to
mask and what not to ask a person for, because a login flow fills it in.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from ferrule.contract.base import Integer, Model, Private, SecretMap, SecretString, String

SECRET = Field(json_schema_extra={"x-field_type": "SECRET", "x-secret": True})
HIDDEN = Field(json_schema_extra={"x-field_type": "HIDDEN", "x-hidden": True})
HIDDEN_SECRET = Field(json_schema_extra={"x-field_type": "HIDDEN", "x-secret": True, "x-hidden": True})

ServiceType = Literal["google_cloud", "google_drive", "aws", "aws_role"]


def kind(name: str, **more: str) -> dict[str, Any]:
    """The mark that says which kind of credential a schema describes."""
    return {"x-credential-type": name, **more}


class OAuthCredential(Private, json_schema_extra=kind("oauth")):
    """An access token from a login the user took part in."""

    access_token: Annotated[SecretString, HIDDEN_SECRET]
    """The access token."""


class OAuthClientCredential(Private, json_schema_extra=kind("oauth_client_credentials")):
    """An access token a client got in its own name, and what it takes to get another."""

    access_token: Annotated[SecretString, HIDDEN_SECRET]
    """The access token."""
    client_id: String
    """The client's id."""
    client_secret: Annotated[SecretString, SECRET]
    """The client's secret."""
    scopes: list[String]
    """The scopes to ask for."""


class OAuth1Credential(Private, json_schema_extra=kind("oauth1")):
    """The two key pairs that sign an OAuth 1.0a request."""

    consumer_key: String
    """The id of the calling program."""
    consumer_secret: Annotated[SecretString, SECRET]
    """The secret of the calling program."""
    token_id: String
    """The id of the user's token."""
    token_secret: Annotated[SecretString, SECRET]
    """The secret of the user's token."""


class BasicCredential(Private, json_schema_extra=kind("basic")):
    """A name and a password."""

    username: String
    """The user's name."""
    password: Annotated[SecretString, SECRET]
    """The user's password."""


class TokenCredential(Private, json_schema_extra=kind("token")):
    """An API key or token."""

    token: Annotated[SecretString, SECRET]
    """The token."""


class JWTHeaders(Model):
    """The header of a JSON Web Token (RFC 7515, section 4.1)."""

    alg: String
    """Signature algorithm."""
    jku: String
    """Address of the key set."""
    jwk: String
    """The public key."""
    typ: String
    """Type of the token."""
    kid: String
    """Id of the key."""
    x5u: String
    """Address of the certificate."""
    x5c: String
    """Certificate chain."""
    x5t: String
    """SHA-1 thumbprint of the certificate."""
    x5t_s256: String = Field(alias="x5t#S256")
    """SHA-256 thumbprint of the certificate."""
    cty: String
    """Content type of the token."""
    crit: list[String]
    """Headers that must be understood."""


class JWTClaims(Model):
    """The claims of a JSON Web Token (RFC 7519, section 4.1; RFC 8693, section 4)."""

    iss: String
    """Who issued it."""
    sub: String
    """Whom it is about."""
    aud: String
    """Whom it is for."""
    exp: Integer
    """When it expires, in seconds since 1970."""
    nbf: Integer
    """When it becomes valid, in seconds since 1970."""
    iat: Integer
    """When it was issued, in seconds since 1970."""
    jti: String
    """The token's own id."""
    act: String
    """Who acts in the subject's name."""
    scope: list[String]
    """What it allows."""
    client_id: String
    """The client that asked for it."""
    may_act: String
    """Who is allowed to act in the subject's name."""


class JWTCredential(Private, json_schema_extra=kind("jwt")):
    """What a signed token is made of."""

    headers: JWTHeaders
    """The token's header."""
    claims: JWTClaims
    """The token's claims."""
    secret: SecretString
    """The key that signs it."""


class ServiceAccountCredential(Private, json_schema_extra=kind("service_account")):
    """A machine's account at a cloud provider."""

    service_type: Annotated[ServiceType | None, HIDDEN] = None
    """Which provider's form the key has; Google Cloud's where nothing is said."""
    key: Annotated[SecretMap, HIDDEN_SECRET]
    """The key file, as the provider gives it out."""
    impersonation_email: String
    """The user in whose name the account acts."""
    tenant_id: String
    """The tenant the account belongs to."""
    scopes: Annotated[list[String], HIDDEN]
    """The scopes to ask for."""


class KeyPairCredential(Private, json_schema_extra=kind("key_pair", **{"x-keygen-type": "SSH", "x-semantic": "key-pair"})):
    """A private key whose public half the app knows."""

    key_identifier: Annotated[String, HIDDEN]
    """The name under which the app knows the key."""
    private_key: Annotated[SecretString, HIDDEN_SECRET]
    """The private key."""


class EmptyCredential(Model, json_schema_extra=kind("empty")):
    """Nothing: the machine that runs the connector is trusted as it is."""


class AuthCredential(Private):
    """One credential: its id, where a connector knows several, and one of the kinds."""

    id: String | None = None
    """Which of the connector's credentials this is."""
    oauth: OAuthCredential | None = None
    """A user's OAuth login."""
    oauth_client_credentials: OAuthClientCredential | None = None
    """A client's own OAuth login."""
    oauth1: OAuth1Credential | None = None
    """OAuth 1.0a keys."""
    basic: BasicCredential | None = None
    """A name and a password."""
    token: TokenCredential | None = None
    """An API key or token."""
    jwt: JWTCredential | None = None
    """The makings of a signed token."""
    service_account: ServiceAccountCredential | None = None
    """A machine's account."""
    key_pair: Annotated[KeyPairCredential | None, Field(json_schema_extra={"x-semantic": "key-pair"})] = None
    """A private key."""
    empty: EmptyCredential | None = None
    """No credential at all."""
